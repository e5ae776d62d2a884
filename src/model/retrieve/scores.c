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

static bool worse(struct ranked left, struct ranked right)
{
    if (left.score < right.score) return true;
    return !(left.score > right.score) && left.item > right.item;
}

static void sift_down(struct ranked *heap, uint32_t count, uint32_t at)
{
    struct ranked moved = heap[at];

    for (;;) {
        uint32_t child = 2 * at + 1;

        if (child >= count) break;
        if (child + 1 < count && worse(heap[child + 1], heap[child])) child++;
        if (!worse(heap[child], moved)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

/* A heap with the worst of the best on top, then sorted where it lies. */
uint32_t scores_best(const struct scores *scores, uint32_t wanted, struct ranked *out)
{
    uint32_t held = scores->count < wanted ? scores->count : wanted;

    if (held == 0) return 0;
    for (uint32_t i = 0; i < held; i++)
        out[i] = (struct ranked){scores->values[scores->touched[i]], scores->touched[i]};
    for (uint32_t i = held / 2; i-- > 0;)
        sift_down(out, held, i);
    for (uint32_t i = held; i < scores->count; i++) {
        struct ranked next = {scores->values[scores->touched[i]], scores->touched[i]};

        if (!worse(out[0], next)) continue;
        out[0] = next;
        sift_down(out, held, 0);
    }
    for (uint32_t last = held - 1; last > 0; last--) {
        struct ranked top = out[0];

        out[0] = out[last];
        sift_down(out, last, 0);
        out[last] = top;
    }
    return held;
}
