/* popular.c - most clicked first, whoever asks. Items are numbered by their clicks, so these are the
 * first numbers; nobody looks at more of them than POPULAR_MAX. */
#include "model/retrieve/retrieval.h"

enum { POPULAR_MAX = 2048 };

static enum status score(const void *model, struct context context, struct arena *scratch,
                         struct scores *scores)
{
    const struct dataset *dataset = model;

    (void)scratch;
    for (uint32_t item = 0; item < dataset->catalogue_count && item < POPULAR_MAX; item++) {
        if (dataset->clicks[item] > 0) scores_add(scores, item, dataset->clicks[item]);
    }
    scores_remove(scores, context.items[context.len - 1]);
    return STATUS_OK;
}

struct recommender popular_recommender(const struct dataset *dataset)
{
    return (struct recommender){"popular", dataset, score};
}
