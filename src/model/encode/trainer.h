/* trainer.h - the encoder learns: a batch of sequences changes its numbers by one step.
 *
 * Every click of a sequence but the first is asked for, from those before it, by a softmax over the
 * catalogue; the loss is the mean over the clicks asked for. With `sampled` the softmax is over the
 * batch's own items and so many others drawn evenly, each weighed by 1 / the probability that it is
 * among them; then Adam moves the items concerned only.
 *
 * Threads share a batch and meet at the end of a step; sums are put together in their order: same
 * seed, same threads, same instruction set, same bits.
 */
#pragma once
#include "model/encode/table.h"
#include "model/encode/team.h"

struct encode_settings {
    double learning_rate;
    double dropout;   /* 0 <= dropout < 1 */
    uint32_t batch;   /* sequences of a step, at most */
    uint32_t sampled; /* items drawn for a softmax; 0: over all items */
    uint32_t threads;
    uint64_t seed;
    const struct encode_kernels *kernels;
    const struct train_kernels *products;
};

/* Clicks: all but the last are looked at, all but the first asked for; 2 <= len <= steps + 1. */
struct encode_sequence {
    const uint32_t *items;
    uint32_t len;
};

struct encode_trainer;

/* clicks   [items] in training, for the weights of sampled items; NULL unless sampled
 * fails    LIMIT: memory or threads */
enum status encode_trainer_create(const struct encode_shape *shape,
                                  const struct encode_settings *settings, const uint32_t *clicks,
                                  struct encode_trainer **out) MUST_USE;
void encode_trainer_destroy(struct encode_trainer *trainer);

const struct encode_layout *encode_trainer_layout(const struct encode_trainer *trainer);
struct team *encode_trainer_team(const struct encode_trainer *trainer);

/* What a step reads and writes, [layout count]; the number of steps done. */
struct encode_state {
    real *value, *m, *v;
    uint64_t *step;
};
struct encode_state encode_trainer_state(struct encode_trainer *trainer);

/* Mean loss over the clicks asked for. The first changes no value. */
double encode_trainer_differentiate(struct encode_trainer *trainer,
                                    const struct encode_sequence *sequences, uint32_t count);
double encode_trainer_step(struct encode_trainer *trainer, const struct encode_sequence *sequences,
                           uint32_t count);

/* Of the last call, laid out as the values; not when sampled. */
const real *encode_trainer_gradient(const struct encode_trainer *trainer);
