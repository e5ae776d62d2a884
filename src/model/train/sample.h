/* sample.h - instances become batches: which ones, in which order, against which negatives.
 *
 * Every draw is a function of seed, epoch and batch, so a training can go on from any batch.
 * `crop` and `unknown` change what an instance shows, in learning alone, never in judging.
 *
 *   in the batch   (the original's) a negative is the target of another instance of the batch, drawn
 *                  with replacement, never the positive's item; its category is that instance's
 *   many           distinct items, not the positive's, drawn as often as they are targets; a logit is lowered
 *                  by `correction` times the log of how likely its item was drawn: with 1 it learns how likely
 *                  an item is to come next, with 0 how much likelier than by its popularity. No more items than
 *                  that: all of them, and nothing is lowered (full softmax). Each instance draws its own: were
 *                  they one set for the batch, batch norm's means would give away which candidates all
 *                  instances share
 */
#pragma once
#include "model/train/data.h"
#include "model/train/train.h"

struct train_sample_settings {
    uint32_t batch;     /* instances */
    uint32_t negatives; /* of an instance */
    uint32_t steps;     /* slots of a history */
    bool many;
    double
        unknown; /* share of a history's events shown as unknown, so that id 0 learns what that means */
    double crop;       /* share of the histories of which only the newest events are shown, few more
                          often than many: what a new visitor has, and where what is newest is plain */
    double correction; /* 0 to 1: share of the log that logits are lowered by */
    uint64_t seed;
    enum slirec_clock clock;
};

struct train_sampler {
    const struct train_data *data;
    struct train_sample_settings settings;
    uint32_t batches; /* of an epoch */

    uint32_t *order; /* [train.count] of this epoch */
    uint32_t epoch;  /* of `order`; UINT32_MAX: none */
    struct train_example *examples;
    uint32_t *items, *cates;                /* [batch][steps] */
    float *to_now;                          /* [batch][steps] */
    uint32_t *candidates, *candidate_cates; /* [batch][group] */
    float *shift;                           /* [batch][group] */
    uint32_t *pool;                         /* [negatives] ids */
    uint32_t *taken;                        /* [items] == mark: in the pool */
    uint32_t mark;
    double *share; /* [items] of the targets */
    struct train_batch out;
};

/* lives  in the arena. fails  LIMIT */
enum status train_sampler_init(struct train_sampler *sampler, const struct train_data *data,
                               const struct train_sample_settings *settings,
                               struct arena *arena) MUST_USE;

/* lives  until the next call */
const struct train_batch *train_sampler_batch(struct train_sampler *sampler, uint32_t epoch,
                                              uint32_t batch);

/* Example `at` of the sampler's memory becomes that instance with its history; its candidates are the
 * caller's to fill. */
struct train_example *train_sampler_history(struct train_sampler *sampler, uint32_t at,
                                            const struct train_instance *instance);
