/* fit.h - the course of a training: epochs over a data set until its validation part stops getting
 * better, kept and taken up again to the bit.
 *
 * Judged after each epoch on dataset->valid: NDCG@10 where only the last click is asked for, MRR@20
 * where every one is. The answer is the numbers of the best epoch. Without a validation part all
 * epochs are run and the last is the answer.
 */
#pragma once
#include "base/buffer.h"
#include "model/encode/validate.h"

struct encode_plan {
    struct encode_shape shape; /* items: 0, taken from the data */
    struct encode_settings settings;
    uint32_t epochs;
    uint32_t patience; /* epochs without a better one before it ends */
};

/* Whether both lead to the same numbers. */
bool encode_plan_equal(const struct encode_plan *left, const struct encode_plan *right);

/* What `--model sasrec` stands for where nothing else is said (docs/models.md). */
extern const struct encode_plan encode_plan_default;

/* Catalogues larger than this are learned with a sampled softmax, unless said otherwise. */
enum { ENCODE_FULL_MAX = 100000, ENCODE_SAMPLED = 8192 };

/* Epochs to run where there is nothing to judge by. */
enum { ENCODE_EPOCHS_UNJUDGED = 20 };

struct encode_progress {
    uint32_t epoch, epochs; /* epoch: 1 .. epochs */
    uint32_t batch, batches;
    uint64_t clicks;       /* learned from since the fit was made or restored */
    uint64_t epoch_clicks; /* of one epoch */
    double loss;           /* mean in this epoch so far */
    bool judged;           /* the epoch is over and quality is its */
    struct encode_quality quality;
    const char *measure; /* "NDCG@10" or "MRR@20"; NULL: nothing to judge by */
    double value, best;  /* of it: the epoch's; the best so far */
};

struct encode_watch {
    /* Called after every batch and every validation; false: stop now. May be NULL. */
    bool (*progress)(void *context, const struct encode_progress *progress);
    void *context;
};

struct encode_fit;

/* dataset: the caller's. fails  LIMIT: memory or threads; INVALID: nothing to learn from */
enum status encode_fit_create(const struct dataset *dataset, const struct encode_plan *plan,
                              struct encode_fit **out) MUST_USE;
void encode_fit_destroy(struct encode_fit *fit);

/* fails    AGAIN: stopped by the watch, it can go on; INVALID: loss or numbers are finite no more, what
 *          is best is of the epochs before */
enum status encode_fit_run(struct encode_fit *fit, const struct encode_watch *watch) MUST_USE;

/* The best numbers so far and what they are numbers of. */
const struct encode_layout *encode_fit_layout(const struct encode_fit *fit);
const real *encode_fit_values(const struct encode_fit *fit);
struct encode_quality encode_fit_quality(const struct encode_fit *fit);
uint32_t encode_fit_best_epoch(const struct encode_fit *fit); /* 0: not judged */
uint32_t encode_fit_epochs(const struct encode_fit *fit);     /* done */

/* All that a later run needs to go on as if it had not been stopped.
 * fails    restore: INVALID with the message: another shape, other settings or other clicks */
void encode_fit_save(const struct encode_fit *fit, struct buffer *out);
enum status encode_fit_restore(struct encode_fit *fit, struct slice saved,
                               struct buffer *message) MUST_USE;
