/* train.h - SLi-Rec learns: one batch of examples changes the model's numbers by one step.
 *
 * The arithmetic is the original's ("compat"): every slot of a history counts in batch norm and in the
 * long-term attention, padding included; batch norm's moving statistics follow each batch; dropout lies
 * between batch norm and relu; the optimiser is Adam with epsilon outside the bias correction, and
 * moves every row of the embeddings in every step, also those the batch does not mention.
 *
 * Where it parts from the original, without effect on any ranking: a bias in front of batch norm or of a
 * softmax has the gradient 0, which is exact; the original gives it the rounding error of that 0.
 *
 * source   recommenders sequential_base_model.py, sli_rec.py, base_model.py; TensorFlow 1 AdamOptimizer
 */
#pragma once
#include "model/train/parameters.h"

struct train_settings {
    double learning_rate;
    double dropout; /* 0: none */
    double binary;  /* weight of the binary cross entropy beside the softmax (loss.c); 0: none */
    double embed_l2, embed_l1, layer_l2, layer_l1;
    double
        clip_norm; /* of each variable's gradient; 0: none. Costs a history per candidate, since the
                       * original's norm counts every look-up of an embedding by itself */
    uint32_t average; /* steps that the variables' average looks back; 0: none, it equals them */
    uint32_t group;   /* candidates of an example, the positive first */
    uint32_t examples_max;
    uint32_t threads;
    uint64_t seed; /* of dropout */
    bool masked;   /* empty slots take no part, and alpha reads the newest event's time ("fixed") */
};

/* A history of `len` <= steps events; the caller's memory. */
struct train_example {
    uint32_t len;
    const uint32_t *items, *cates;
    const float *from_first, *to_now;             /* slirec_time.h */
    const uint32_t *candidates, *candidate_cates; /* [group] */
    const float *shift; /* [group] added to the logits in the loss; NULL: nothing is */
};

/* Dropout decided by the caller, as 0 and 1 without padding: [count * group][steps][width] for the
 * attention's two layers, [count * group][width] for those of alpha and of the last network. */
enum { TRAIN_LAYERS = 6 };
struct train_keep {
    const uint8_t *of[TRAIN_LAYERS];
};

struct train_batch {
    uint32_t count;
    const struct train_example *examples;
    const struct train_keep *keep; /* NULL: drawn */
};

struct train_loss {
    double data;  /* mean over examples of -log p(positive), and the binary part */
    double total; /* with the regulariser */
};

struct trainer;

/* Values are zeros; moving variances are 1. fails  LIMIT: memory or threads */
enum status trainer_create(const struct train_shape *shape, const struct train_settings *settings,
                           const struct train_kernels *kernels, struct trainer **trainer) MUST_USE;
void trainer_destroy(struct trainer *trainer);

const struct train_layout *trainer_layout(const struct trainer *trainer);

/* What a step reads and writes: the variables, Adam's two moments, the variables' moving average, the
 * number of steps done. */
struct train_state {
    real *value, *m, *v, *average;
    uint64_t *step;
};
struct train_state trainer_state(struct trainer *trainer);

/* Variables and average change places: what is evaluated and read is the average, until the next time.
 * No step in between. */
void trainer_exchange(struct trainer *trainer);

/* Of the last batch: gradient of the total loss by variable (after a step: as clipped); logits [count * group]. */
const real *trainer_gradient(const struct trainer *trainer);
void trainer_logits(const struct trainer *trainer, real *logits);

/* Forward and backward; changes no variable but the moving statistics. */
struct train_loss trainer_differentiate(struct trainer *trainer, const struct train_batch *batch);

/* Its forward half alone: the same loss; the gradient stays that of the last time. */
struct train_loss trainer_loss(struct trainer *trainer, const struct train_batch *batch);

/* Forward, backward, and then one step of the optimiser. */
struct train_loss trainer_step(struct trainer *trainer, const struct train_batch *batch);

/* Forward only, with moving statistics and without dropout. */
struct train_loss trainer_evaluate(struct trainer *trainer, const struct train_batch *batch);
