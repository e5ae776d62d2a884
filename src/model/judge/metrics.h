/* metrics.h - how good an answer is, and how sure of that one can be. */
#pragma once
#include "base/arena.h"

enum metric {
#define METRIC(symbol, name, meaning) METRIC_##symbol,
#include "model/judge/metrics.def"
#undef METRIC
    METRIC_COUNT
};

/* Where the item asked for stands: behind `above` others, at one score with `tied`, itself included.
 * tied 0: it has no score, so it is nowhere. */
struct placing {
    uint32_t above;
    uint32_t tied;
};

/* A metric of one question at k: the mean over all orders of those at one score, so that no order
 * among them is rewarded. */
double metric_at(enum metric metric, struct placing placing, uint32_t k);

/* A mean over questions and its 95 % interval. */
struct estimate {
    double mean;
    double low;
    double high;
};

/* Sums of `width` values over the questions of each unit (session or user), and how many questions. */
struct unit_sums {
    const double *sums; /* [count][width] */
    const uint32_t *questions;
    uint32_t count;
    uint32_t width;
};

/* Percentile bootstrap: units are drawn with replacement `resamples` times, since questions of one
 * session are not independent. The same seed draws the same units whatever the values, so intervals
 * of two models are over the same draws.
 * out      [width]; all 0 where there is no question
 * fails    LIMIT: the arena is full */
enum status estimate_bootstrap(const struct unit_sums *units, uint32_t resamples, uint64_t seed,
                               struct arena *scratch, struct estimate *out) MUST_USE;
