/* index_ranking.h - what an index has worked out for a context: everybody's score, and what it came from. */
#pragma once
#include "model/retrieve/index.h"
#include "model/retrieve/sums.h"
#include "model/retrieve/vmis_knn_nearest.h"

struct index_ranking {
    const struct index *index; /* given, as the next three */
    const struct index_settings *settings;
    struct context context;
    struct arena *scratch;
    struct sums sums;                     /* in `totals` the score of every item that has one */
    const struct vmis_neighbour *nearest; /* of VMIS-kNN */
    uint32_t nearest_count, different;
    const struct ranked *branches; /* of the walk */
    uint32_t branch_count;
    uint32_t category, category_at; /* of the click at that place; 0: no click has one */
    double factors[INDEX_PARTS];    /* weight / the part's largest; 0: it said nothing */
};

/* in       the first four; the rest zero
 * lives    as long as scratch
 * fails    LIMIT: scratch */
enum status index_ranking_make(struct index_ranking *ranking) MUST_USE;

/* What each click of the context gave to the scores of these items; what is popular in the shop is due to none.
 * out      shares [count][context.len]
 * fails    LIMIT: scratch */
enum status index_shares(const struct index_ranking *ranking, const uint32_t *items, uint32_t count,
                         double *shares) MUST_USE;

/* The click that gave most, the later of equals; UINT32_MAX: none gave anything. */
uint32_t index_cause(const double *shares, uint32_t len);

static inline bool index_clicked_later(struct context context, uint32_t at)
{
    for (uint32_t i = at + 1; i < context.len; i++) {
        if (context.items[i] == context.items[at]) return true;
    }
    return false;
}

/* Items that nobody clicked yet have no trend but a place on the shelf. */
static inline double index_trend(const struct index *index, uint32_t item)
{
    return (double)index->trends[item] + 1e-30;
}
