/* fit_room.h - what a training consists of; for the fit*.c files. */
#pragma once
#include "model/encode/fit.h"

/* How far it is. */
struct encode_course {
    uint32_t epoch; /* epochs done */
    uint32_t batch; /* batches of this one done */
    double loss;    /* sum over its clicks */
    uint64_t clicks;
    uint32_t stale; /* epochs since the best */
    uint32_t best_epoch;
    struct encode_quality best;
};

struct encode_fit {
    const struct dataset *dataset;
    struct encode_plan plan;
    struct arena arena;
    struct encode_trainer *trainer;
    struct encode_body body;
    struct encode_validation *validation; /* NULL: nothing to judge by */
    struct encode_sequence *windows;
    uint32_t *order;
    uint32_t window_count;
    struct encode_sequence *batch;
    uint64_t epoch_clicks;
    uint64_t clicks;
    struct encode_course course;
    struct encode_quality quality; /* of the last epoch */
    real *best;
};

double encode_measure(const struct encode_fit *fit, const struct encode_quality *quality);
