/* shopify.h - what an Admin API answer really says: HTTP 200 may be a refusal.
 *
 *   {"errors": [{"message", "extensions": {"code": "THROTTLED"}}]  or  "errors": "text",
 *    "data": {"<alias>": {"userErrors": [{"field", "message", "code"}]}},
 *    "extensions": {"cost": {"requestedQueryCost", "throttleStatus":
 *                            {"maximumAvailable", "currentlyAvailable", "restoreRate"}}}}
 */
#pragma once
#include "value/document.h"

enum shopify_outcome {
    SHOPIFY_DONE,
    SHOPIFY_THROTTLED, /* not done; points come back at the restore rate */
    SHOPIFY_INTERNAL,  /* Shopify's own failure; the same call may succeed later */
    SHOPIFY_REFUSED,   /* the call itself is wrong: errors or userErrors */
};

struct shopify_cost {
    bool known;
    double requested;
    double maximum; /* points of the bucket */
    double available;
    double restore_rate; /* points a second */
};

struct shopify_reading {
    enum shopify_outcome outcome;
    struct slice code;    /* "THROTTLED", "INVALID_VALUE"; empty: none given */
    struct slice message; /* Shopify's words; in the arena or the document */
    struct slice field;   /* userErrors: last step of the path; empty: none */
    struct shopify_cost cost;
};

/* Reads a parsed answer. fails  INVALID: no GraphQL answer at all; LIMIT: arena */
enum status shopify_read(const struct document *document, struct arena *arena,
                         struct shopify_reading *reading) MUST_USE;

/* Milliseconds until the bucket has what was asked for; -1: it never will. */
int64_t shopify_wait_ms(const struct shopify_cost *cost);
