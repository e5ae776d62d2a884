/* evaluate_models.h - the models of `headrace model evaluate`: made, trained or opened. */
#pragma once
#include "host/evaluate_options.h"
#include "model/encode/encoder.h"
#include "model/encode/store.h"
#include "model/judge/seen.h"
#include "model/model.h"

struct evaluate_models {
    const struct evaluate_options *options;
    const struct dataset *dataset;
    struct arena *arena;
    struct buffer *message;
    bool shows_progress;
    struct recommender recommenders[EVALUATE_MODELS_MAX];

    /* the rest is evaluate_models.c's */
    const struct cooccurrence *cooccurrence;
    struct encode_fit *fit;    /* NULL: not trained */
    struct encode_plan fitted; /* what it was trained by */
    struct encoder encoder;
    struct encoder_setting setting;
    struct model *called[EVALUATE_MODELS_MAX];
    struct encoder_model *encoders[EVALUATE_MODELS_MAX];
    const struct encoder_setting *opened; /* the first encoder from a directory, */
    uint32_t opened_place;                /* and its place; a hybrid takes it */
    uint64_t started_ns;
    int64_t shown_ms;
};

/* May be called again with other options: the encoder is trained anew only if its plan is another.
 * in       the first five members set, the rest 0
 * out      recommenders, in the order of the options; what they stand on lives until _deinit
 * fails    LIMIT; AGAIN: interrupted; those of model_open(), message says why */
enum status evaluate_models_make(struct evaluate_models *models) MUST_USE;
/* What models are chosen by on the valid part: MRR at the last k, NDCG at the first where only the last
 * item is asked for. */
double evaluate_models_measure(const struct evaluate_models *models,
                               const struct model_result *result);

/* A progress of judging that nobody is shown: goes on until it is interrupted. */
bool evaluate_goes_on(void *context, const char *model, uint32_t done, uint32_t questions);

/* Closes directories; what is trained stays for the next time. */
void evaluate_models_close(struct evaluate_models *models);
void evaluate_models_deinit(struct evaluate_models *models);
