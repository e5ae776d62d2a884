/* popular.c - most clicked first, whoever asks. Items are numbered by their clicks, so these are the
 * first numbers. A list of the best never needs more of them than POPULAR_MAX, and a million items scored
 * for each question cost more than all other models together; where any item's score is asked for (AUC),
 * all have theirs. */
#include "model/retrieve/retrieval.h"

enum { POPULAR_MAX = 2048 };

static void score_first(const struct dataset *dataset, uint32_t count, struct context context,
                        struct scores *scores)
{
    for (uint32_t item = 0; item < dataset->catalogue_count && item < count; item++) {
        if (dataset->clicks[item] > 0) scores_add(scores, item, dataset->clicks[item]);
    }
    scores_remove(scores, context.items[context.len - 1]);
}

static enum status score_best(const void *model, struct context context, struct arena *scratch,
                              struct scores *scores)
{
    (void)scratch;
    score_first(model, POPULAR_MAX, context, scores);
    return STATUS_OK;
}

static enum status score_all(const void *model, struct context context, struct arena *scratch,
                             struct scores *scores)
{
    (void)scratch;
    score_first(model, UINT32_MAX, context, scores);
    return STATUS_OK;
}

struct recommender popular_recommender(const struct dataset *dataset, bool whole)
{
    return (struct recommender){"popular", dataset, whole ? score_all : score_best};
}
