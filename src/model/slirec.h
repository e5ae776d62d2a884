/* slirec.h - SLi-Rec (Yu et al., IJCAI 2019) as the library `recommenders` computes it.
 *
 *   weights  ->  slirec_prepare: batch norm folded, layers split by what they depend on
 *   history  ->  slirec_user_init: once a call      (recurrence, long term, per-step projections)
 *   items    ->  slirec_catalogue_init: once a load (item parts of the three networks)
 *   user x catalogue -> slirec_score: logits
 *
 * The arithmetic is that of the original graph ("compat"): padding takes part in the long-term
 * attention, alpha reads the last slot of the padded times, masked steps have weight 0.
 * Notation: x is a row vector, x W a product with W [in][out].
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include "model/kernels.h"

enum {
    SLIREC_ITEM_WIDTH = 32,
    SLIREC_CATE_WIDTH = 8,
    SLIREC_WIDTH = 40, /* of an item with its category; of the hidden state; of attention */
    SLIREC_STEPS_MAX = 50,
    SLIREC_ATT_INPUT = 160, /* A, q, A - q, A * q */
    SLIREC_ATT_1 = 80,
    SLIREC_ATT_2 = 40,
    SLIREC_ALPHA_INPUT = 121, /* q, att1, att2, time to now of the last slot */
    SLIREC_ALPHA_1 = 80,
    SLIREC_ALPHA_2 = 40,
    SLIREC_LOGIT_INPUT = 80, /* u, q */
    SLIREC_LOGIT_1 = 100,
    SLIREC_LOGIT_2 = 64,
    SLIREC_LOGIT_ROWS = 104,    /* LOGIT_1 filled up with zeros to whole tiles */
    SLIREC_ITEMS_MAX = 2000000, /* each takes 2.5 KB prepared */
};

/* A vector's floats filled up to a whole block. */
enum { SLIREC_PADDED = BLOCK, SLIREC_GATES = 6 * BLOCK };

/* Columns of what one step (or att1) is projected to: A_t, its share of alpha's and logit's first
 * layers. */
enum {
    STEP_ATT = 0,
    STEP_ALPHA = SLIREC_PADDED,
    STEP_LOGIT = STEP_ALPHA + SLIREC_ALPHA_1,
    STEP_WIDTH = STEP_LOGIT + 112,
};

/* --- the checkpoint ----------------------------------------------------------------------------- */

struct slirec_layer {
    const float *weight, *bias; /* [in][out], [out] */
    const float *gamma, *beta, *mean, *variance;
};

struct slirec_network {
    struct slirec_layer hidden1, hidden2;
    const float *weight3, *bias3;
};

struct slirec_weights {
    uint32_t item_count; /* ids; 0 is unknown and padding */
    uint32_t cate_count;
#define WEIGHT(field, name, rows, columns)           const float *field;
#define NETWORK(field, prefix, input, first, second) struct slirec_network field;
#include "model/slirec_weights.def"
#undef WEIGHT
#undef NETWORK
};

/* Copies the variables out of a safetensors file.
 * lives    in the arena
 * fails    INVALID: not such a file, a variable missing, of another shape, not finite;
 *          LIMIT: arena. message says what, where, what to do */
enum status slirec_weights_read(struct slice file, struct arena *arena,
                                struct slirec_weights *weights, struct buffer *message) MUST_USE;

/* --- prepared ----------------------------------------------------------------------------------- */

struct slirec {
    struct slirec_weights weights;
    const struct kernels *kernels;
    bool half;   /* networks in bf16; false after slirec_prepare */
    bool masked; /* empty slots take no part, alpha reads the newest event's time ("fixed") */

    const float *item_gates;    /* [items][SLIREC_GATES] x K, x K1, x K2 with their biases */
    const float *item_interest; /* [items] e A q, the item's share; */
    const float *cate_interest; /* [cates] and its category's */

    const float *recurrent;                  /* [40][4 * BLOCK] m's rows of K */
    const float *now_weight, *now_bias;      /* [BLOCK] */
    const float *last_weight, *last_bias;    /* [BLOCK] */
    const float *now_project, *last_project; /* [40][2 * BLOCK] T1 O1; T2 O2 */
    const float *now_floor, *last_floor;     /* [2 * BLOCK] of the shortest time, which is usual */

    const float *step_project; /* [40][STEP_WIDTH] */
    const float *att_shift;    /* [40][80] of A_t: Wa + Wd */
    const float *att_product;  /* [40][80] of A_t * q: Wp */
    const float *alpha_long;   /* [40][80] of att1 */
    const float *alpha_time;   /* [80] */

    const double *att_item, *att_bias;     /* [40][80], [80] of q: Wq - Wd; bias of the layer */
    const double *alpha_item, *alpha_bias; /* [40][80], [80] */
    const double *logit_item, *logit_bias; /* [40][100], [100] */
    struct mlp att, alpha, logit;
};

/* Folds and splits. fails  LIMIT: arena */
enum status slirec_prepare(const struct slirec_weights *weights, const struct kernels *kernels,
                           struct arena *arena, struct slirec *slirec) MUST_USE;

/* The candidates' side, in blocks of 48 items; the last block is filled up with zeros. */
struct slirec_catalogue {
    uint32_t count;
    uint32_t block_count;
    const float *lanes; /* [blocks][40][BLOCK] q; in bf16 [blocks][20][BLOCK] pairs */
    const float *att;   /* [blocks][80][BLOCK] q (Wq - Wd) + bias */
    const float *alpha; /* [blocks][80][BLOCK] */
    const float *logit; /* [blocks][104][BLOCK] */
};

/* in  items, cates [count]: ids below the weights' counts. fails  LIMIT: arena */
enum status slirec_catalogue_init(const struct slirec *slirec, const uint32_t *items,
                                  const uint32_t *cates, uint32_t count, struct arena *arena,
                                  struct slirec_catalogue *catalogue) MUST_USE;

/* --- a call ------------------------------------------------------------------------------------- */

/* The last 50 events, in the order given. */
struct slirec_history {
    uint32_t len;
    uint32_t items[SLIREC_STEPS_MAX];
    uint32_t cates[SLIREC_STEPS_MAX];
    float from_first[SLIREC_STEPS_MAX]; /* slirec_time.h */
    float to_now[SLIREC_STEPS_MAX];
};

struct slirec_user {
    uint32_t len;
    const float *output;            /* [len][BLOCK] m_t */
    const float *steps;             /* [len + 1][STEP_WIDTH]; the last row is att1's */
    const float *att_shift;         /* [len][80] A_t (Wa + Wd) */
    const float *att_scale;         /* [len][40][80] diag(A_t) Wp; in bf16 [len][20][80] pairs */
    float long_term[SLIREC_PADDED]; /* att1 */
    float long_share[SLIREC_STEPS_MAX]; /* what each step weighs in it; the rest is padding's */
    float alpha_shift[SLIREC_ALPHA_1];  /* att1's and the time's share of alpha's first layer */
};

/* in     known: so many first steps need no attention, their logits are at hand; usually 0
 * lives  in the arena. fails  LIMIT: arena */
enum status slirec_user_init_known(const struct slirec *slirec,
                                   const struct slirec_history *history, uint32_t known,
                                   struct arena *arena, struct slirec_user *user) MUST_USE;
enum status slirec_user_init(const struct slirec *slirec, const struct slirec_history *history,
                             struct arena *arena, struct slirec_user *user) MUST_USE;

/* What scoring gives besides logits, and takes from one call to the next; all zero: nothing. */
struct slirec_extras {
    /* Some of the catalogue: places in it, in any order and number; NULL: all of it. Gathers 1.2 KB an
     * item into blocks, so few of many are far cheaper than all; the logits have the same bits. */
    const uint32_t *which;
    uint32_t which_count;
    /* out, as long as logit; NULL: not wanted. The step of the history that weighed most, -1: none,
     * and its share (w_t of the target attention and the long term's, mixed by alpha): of 1, less what
     * padding has. */
    float *cause;
    float *cause_share;
    /* [len] rows of block_count * BLOCK: the attention's logits by step, `known` in, the rest out;
     * NULL: none. Not with `which`. */
    float *const *step_logits;
    uint32_t known;
};

/* out  logit [block_count * BLOCK, or which_count rounded up to whole blocks]; what lies beyond the
 *      count means nothing. fails  LIMIT: arena */
enum status slirec_score_extra(const struct slirec *slirec, const struct slirec_user *user,
                               const struct slirec_catalogue *catalogue,
                               const struct slirec_extras *extras, struct arena *arena,
                               float *logit) MUST_USE;
enum status slirec_score(const struct slirec *slirec, const struct slirec_user *user,
                         const struct slirec_catalogue *catalogue, struct arena *arena,
                         float *logit) MUST_USE;

/* `count` floats at a multiple of 64 bytes, zeroed; NULL when the arena is full. */
float *slirec_floats(struct arena *arena, size_t count);
