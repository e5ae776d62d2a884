/* topk.c - a heap of the best so far with the worst of them on top. */
#include "model/topk.h"

#include <math.h>

static bool worse(struct scored left, struct scored right)
{
    return left.score < right.score || (left.score == right.score && left.index < right.index);
}

static void sift_down(struct scored *heap, uint32_t count, uint32_t at)
{
    struct scored moved = heap[at];

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

static struct scored scored_at(const float *scores, uint32_t index)
{
    bool number = scores[index] == scores[index];

    return (struct scored){number ? scores[index] : -INFINITY, index};
}

uint32_t topk_select(const float *scores, uint32_t count, uint32_t wanted, struct scored *out)
{
    uint32_t held = count < wanted ? count : wanted;

    if (held == 0) return 0;
    for (uint32_t i = 0; i < held; i++)
        out[i] = scored_at(scores, i);
    for (uint32_t i = held / 2; i-- > 0;)
        sift_down(out, held, i);
    for (uint32_t i = held; i < count; i++) {
        struct scored next = scored_at(scores, i);

        if (!worse(out[0], next)) continue;
        out[0] = next;
        sift_down(out, held, 0);
    }
    for (uint32_t last = held - 1; last > 0; last--) { /* the worst goes to the end */
        struct scored top = out[0];

        out[0] = out[last];
        sift_down(out, last, 0);
        out[last] = top;
    }
    return held;
}
