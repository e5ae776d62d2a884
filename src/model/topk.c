/* topk.c - a heap of the best so far with the worst of them on top. */
#include "model/topk.h"

#include <math.h>

static bool worse(const struct best *best, struct ranked left, struct ranked right)
{
    if (left.score < right.score) return true;
    if (left.score > right.score) return false;
    return best->higher_first ? left.item < right.item : left.item > right.item;
}

static void sift_down(const struct best *best, uint32_t count, uint32_t at)
{
    struct ranked *heap = best->heap;
    struct ranked moved = heap[at];

    for (;;) {
        uint32_t child = 2 * at + 1;

        if (child >= count) break;
        if (child + 1 < count && worse(best, heap[child + 1], heap[child])) child++;
        if (!worse(best, heap[child], moved)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

void best_add(struct best *best, double score, uint32_t item)
{
    struct ranked next = {score == score ? score : -INFINITY, item};

    if (best->held < best->wanted) {
        best->heap[best->held++] = next;
        if (best->held < best->wanted) return;
        for (uint32_t i = best->held / 2; i-- > 0;)
            sift_down(best, best->held, i);
    } else if (best->wanted > 0 && worse(best, best->heap[0], next)) {
        best->heap[0] = next;
        sift_down(best, best->held, 0);
    }
}

uint32_t best_sort(struct best *best)
{
    struct ranked *heap = best->heap;

    if (best->held < best->wanted) { /* not yet in a heap's order */
        for (uint32_t i = best->held / 2; i-- > 0;)
            sift_down(best, best->held, i);
    }
    for (uint32_t last = best->held; last-- > 1;) { /* the worst goes to the end */
        struct ranked top = heap[0];

        heap[0] = heap[last];
        heap[last] = top;
        sift_down(best, last, 0);
    }
    return best->held;
}

uint32_t topk_select(const float *scores, uint32_t count, uint32_t wanted, struct ranked *out)
{
    struct best best = {.heap = out, .wanted = wanted, .higher_first = true};

    for (uint32_t i = 0; i < count; i++) {
        if (best.held == wanted && wanted > 0 && (double)scores[i] < out[0].score) continue;
        best_add(&best, (double)scores[i], i);
    }
    return best_sort(&best);
}
