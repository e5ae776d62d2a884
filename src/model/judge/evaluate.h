/* evaluate.h - asks recommenders for the clicks that came next and judges the answers.
 *
 * The whole catalogue is ranked, never a sample of it. A question is a session's clicks so far; the
 * item clicked last is no answer (next-click), nor is anything clicked before (leave-one-out). An
 * item that is not in training counts as missed.
 */
#pragma once
#include "model/judge/metrics.h"
#include "model/judge/sampled.h"
#include "model/judge/seen.h"
#include "model/retrieve/recommender.h"

enum segment {
#define SEGMENT(symbol, name, meaning) SEGMENT_##symbol,
#include "model/judge/segments.def"
#undef SEGMENT
    SEGMENT_COUNT
};

enum { EVALUATE_KS_MAX = 4, EVALUATE_K_MAX = 1000, COLD_CLICKS_MAX = 5, SHORT_CLICKS_MAX = 3 };

struct evaluate_settings {
    uint32_t ks[EVALUATE_KS_MAX]; /* ascending, each 1 .. EVALUATE_K_MAX */
    uint32_t k_count;
    uint32_t resamples;
    uint64_t seed;
    uint32_t negatives; /* of a group for sampled metrics; 0: none */
    /* May be NULL; called every so often and at the end; false: stop. */
    bool (*progress)(void *context, const char *model, uint32_t done, uint32_t questions);
    void *progress_context;
};

struct segment_result {
    uint32_t questions;
    uint32_t units;                                         /* sessions or users with any */
    struct estimate metrics[EVALUATE_KS_MAX][METRIC_COUNT]; /* in the order of ks */
};

struct model_result {
    const char *name;
    enum seen_verdict
        seen; /* whether it has learned the answers: the caller's, evaluate() says no */
    struct segment_result segments[SEGMENT_COUNT];
    struct segment_result difference; /* to the model compared with, over all questions */
    double coverage[EVALUATE_KS_MAX]; /* share of the catalogue that was in any answer's k best */
    double
        novelty[EVALUATE_KS_MAX]; /* mean of log2(all clicks / the item's clicks) over the k best */
    struct sampled_result sampled; /* where there are negatives */
    double answered;               /* share of questions with any answer */
};

/* Which models are asked what. */
struct evaluation {
    const struct dataset *dataset;
    const struct dataset_part *part; /* of the dataset: the questions */
    const struct recommender *recommenders;
    uint32_t count;   /* of recommenders */
    uint32_t against; /* which of them all are compared with, question by question */
    const struct evaluate_settings *settings;
};

/* out      [count]
 * fails    LIMIT: the arena is full; AGAIN: progress said to stop */
enum status evaluate(const struct evaluation *evaluation, struct arena *arena,
                     struct model_result *results) MUST_USE;

const char *segment_name(enum segment segment);
const char *metric_name(enum metric metric);

/* One part's results as text for people, and as the members of a JSON list (flat rows: one for each
 * model, segment and k). */
void evaluate_table(const char *part, const struct evaluation *evaluation,
                    const struct model_result *results, struct buffer *out);
void evaluate_json(const char *part, const struct evaluation *evaluation,
                   const struct model_result *results, struct buffer *out);
