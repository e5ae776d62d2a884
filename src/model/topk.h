/* topk.h - the best of many scores in a heap of as many as are wanted. */
#pragma once
#include "base/base.h"

struct ranked {
    double score;
    uint32_t item;
};

/* The best so far, the worst of them on top, so that most others cost one comparison. */
struct best {
    struct ranked *heap; /* [wanted] */
    uint32_t wanted;
    uint32_t held;
    bool higher_first; /* among equal scores the higher number first; else the lower */
};

/* A NaN counts as -infinity. */
void best_add(struct best *best, double score, uint32_t item);

/* Sorts the heap where it lies, best first; it is none afterwards. Returns how many there are. */
uint32_t best_sort(struct best *best);

/* Best first; among equal scores the later item first, as numpy's argsort()[::-1] orders them. A NaN
 * counts as the worst. out [min(count, wanted)]; returns how many. */
uint32_t topk_select(const float *scores, uint32_t count, uint32_t wanted, struct ranked *out);
