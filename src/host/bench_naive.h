/* bench_naive.h - SLi-Rec scoring as one would write it first: what `bench score` compares with.
 *
 * The user side once, then for every candidate and real step the attention network on
 * [A, q, A - q, A * q], layer by layer, batch norm in its place, float32, plain loops. It skips the
 * padding the original computes, so it is not a straw man: the original does ten times this work. */
#pragma once
#include "model/slirec.h"

/* out [count] logits. in  m [len][BLOCK], att1 [40]: from slirec_user_init */
void naive_score(const struct slirec_weights *weights, const struct slirec_user *user,
                 const uint32_t *items, const uint32_t *cates, uint32_t count, float *out);
