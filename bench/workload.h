/* workload.h - workload W: seeded clicks of a shop, one event of about 1 KB a request.
 *
 * 200,000 visitors, picked by Zipf's law with exponent 0.5; 80 % of the events pass the scenario's
 * filters (the rest come from another application or are no product page). Bodies are what the
 * browser tracker sends for a page view. Equal seeds, equal events.
 */
#pragma once
#include "base/buffer.h"

enum { WORKLOAD_EVENT_ID_BYTES = 36, WORKLOAD_PRODUCTS_MAX = 10000 };

struct workload {
    uint64_t seed;
    uint64_t state;
    uint64_t count; /* events made */
    uint32_t visitors;
    const char *const *products;
    uint32_t product_count;
};

struct workload_event {
    char event_id[WORKLOAD_EVENT_ID_BYTES + 1];
    char visitor[WORKLOAD_EVENT_ID_BYTES + 1];
    bool passes; /* the scenario's filters */
};

void workload_init(struct workload *workload, uint64_t seed, uint32_t visitors,
                   const char *const *products, uint32_t product_count);

/* Makes the next event: its JSON body (buffer cleared first), stamped with now_ms. */
void workload_next(struct workload *workload, int64_t now_ms, struct buffer *body,
                   struct workload_event *event);
