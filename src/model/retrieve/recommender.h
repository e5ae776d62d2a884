/* recommender.h - a model as the evaluation and the retrieval see it: clicks in, scores out.
 *
 * Scores are sparse: an item that was not touched has none and cannot be recommended. A recommender is
 * immutable once made; everything a question needs lies in the room given to it.
 */
#pragma once
#include "model/judge/dataset.h"
#include "model/topk.h"

/* What was clicked so far, oldest first. */
struct context {
    const uint32_t *items;
    uint32_t len;
    const double *times; /* of each, Unix seconds; NULL: not known */
    double now;
};

/* Sums by item that are cleared in the time it took to fill them. */
struct scores {
    double *values;    /* [capacity], 0 where not touched */
    uint32_t *touched; /* [capacity] */
    uint32_t count;
    uint32_t capacity;
};

enum status scores_init(struct scores *scores, uint32_t capacity, struct arena *arena) MUST_USE;
void scores_clear(struct scores *scores);

/* amount > 0 */
static inline void scores_add(struct scores *scores, uint32_t item, double amount)
{
    if (!(scores->values[item] > 0.0)) scores->touched[scores->count++] = item;
    scores->values[item] += amount;
}

/* An item that must not be recommended. */
void scores_remove(struct scores *scores, uint32_t item);

/* Best first; among equal scores the lower number, which is the more popular item, first. */
uint32_t scores_best(const struct scores *scores, uint32_t wanted, struct ranked *out);

struct recommender {
    const char *name;
    const void *model;
    /* in       scores are empty; context is not
     * lives    scratch: anything, until the next call with the same arena reset */
    enum status (*score)(const void *model, struct context context, struct arena *scratch,
                         struct scores *scores);
};
