/* topk.h - the best of a list of scores. */
#pragma once
#include "base/base.h"

struct scored {
    float score;
    uint32_t index;
};

/* Best first; among equal scores the later index first, as numpy's argsort()[::-1] orders them. A NaN
 * counts as the worst. out [min(count, wanted)]; returns how many. */
uint32_t topk_select(const float *scores, uint32_t count, uint32_t wanted, struct scored *out);
