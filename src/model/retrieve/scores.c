/* scores.c - sparse sums and the best of them. */
#include "model/retrieve/recommender.h"

enum status scores_init(struct scores *scores, uint32_t capacity, struct arena *arena)
{
    *scores = (struct scores){
        .values = arena_zalloc(arena, capacity, sizeof(*scores->values)),
        .touched = arena_alloc(arena, capacity, sizeof(*scores->touched)),
        .capacity = capacity,
    };
    return scores->values != NULL && scores->touched != NULL ? STATUS_OK : STATUS_LIMIT;
}

void scores_clear(struct scores *scores)
{
    for (uint32_t i = 0; i < scores->count; i++)
        scores->values[scores->touched[i]] = 0.0;
    scores->count = 0;
}

void scores_remove(struct scores *scores, uint32_t item)
{
    if (item >= scores->capacity || !(scores->values[item] > 0.0)) return;
    for (uint32_t i = 0; i < scores->count; i++) {
        if (scores->touched[i] != item) continue;
        scores->touched[i] = scores->touched[--scores->count];
        break;
    }
    scores->values[item] = 0.0;
}

uint32_t scores_best(const struct scores *scores, uint32_t wanted, struct ranked *out)
{
    struct best best = {.heap = out, .wanted = wanted};

    for (uint32_t i = 0; i < scores->count; i++)
        best_add(&best, scores->values[scores->touched[i]], scores->touched[i]);
    return best_sort(&best);
}
