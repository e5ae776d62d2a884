/* measure.h - a model in training, judged on held-back events against drawn negatives.
 *
 * The original's metrics over groups of a positive and `negatives` others: distinct items, not the
 * positive's, drawn as often as they occur in all events, each with its own category; the user's own
 * history is not left out. Draws depend on the data alone, so that seeds and settings are compared on
 * the same groups. They say whether training goes on well; what a catalogue's ranking is worth, only
 * `headrace model evaluate` says.
 *
 * source   recommenders deeprec_utils.py (cal_metric), amazon_reviews.py
 */
#pragma once
#include "model/train/sample.h"

struct train_metrics {
    double auc;       /* over all rows of all groups */
    double group_auc; /* mean over groups */
    double logloss;
    double mrr;     /* of equal scores the positive's is last */
    double ndcg[3]; /* at 2, 4, 6 */
    uint32_t groups;
};

/* scores [groups][width], positive first; room [2 * groups * width] is scratch */
void train_measure(const float *scores, uint32_t groups, uint32_t width,
                   struct train_metrics *metrics);

struct train_judge {
    struct train_sampler *sampler; /* its memory of examples is used */
    struct train_instances instances;
    uint32_t negatives;
    uint32_t group;  /* of the trainer */
    uint32_t *items; /* [groups][1 + negatives] */
    uint32_t *cates;
    uint32_t groups;
    float *scores;
};

/* At most so many groups, spread evenly over the instances.
 * lives  in the arena. fails  LIMIT */
enum { TRAIN_GROUPS_MAX = 10000 };
enum status train_judge_init(struct train_judge *judge, struct train_sampler *sampler,
                             const struct train_instances *instances, uint32_t negatives,
                             uint64_t stream, struct arena *arena) MUST_USE;

void train_judge_run(struct train_judge *judge, struct trainer *trainer,
                     struct train_metrics *metrics);
