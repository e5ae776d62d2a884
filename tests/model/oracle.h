/* oracle.h - SLi-Rec in double, written as the original graph reads: no folding, no factoring, every
 * slot of the padded history, every layer in its order. Slow and obvious; the fast one is held
 * against it, and it against the original's logits.
 */
#pragma once
#include "model/slirec.h"

struct oracle_case {
    uint32_t items[SLIREC_STEPS_MAX]; /* padded with 0 */
    uint32_t cates[SLIREC_STEPS_MAX];
    double mask[SLIREC_STEPS_MAX];
    double from_first[SLIREC_STEPS_MAX];
    double to_now[SLIREC_STEPS_MAX];
    uint32_t item; /* the candidate */
    uint32_t cate;
};

/* What lies in between, for comparison with the golden inner tensors. */
struct oracle_inner {
    double att1[SLIREC_WIDTH];
    double output[SLIREC_STEPS_MAX][SLIREC_WIDTH];
    double projected[SLIREC_STEPS_MAX][SLIREC_WIDTH];
    double att2_logit[SLIREC_STEPS_MAX]; /* before masking */
    double att2_weight[SLIREC_STEPS_MAX];
    double att2[SLIREC_WIDTH];
    double alpha;
};

double oracle_logit(const struct slirec_weights *weights, const struct oracle_case *one,
                    struct oracle_inner *inner);
