/* sampled.h - metrics over the item asked for and a few others, as published tables have them.
 *
 * A group is a question's item and `negatives` others, different ones, drawn by their clicks in training;
 * all models get the same. For parity only: such metrics may order models wrongly (Krichene, Rendle,
 * KDD 2020), the whole catalogue is what counts.
 *
 *   auc   over all groups' rows together, ties counting half    gauc  the mean of the groups' own
 *   mrr, ndcg, hr   within groups; among equal scores the item asked for comes last
 *
 * source   recommenders deeprec_utils.py, cal_metric
 */
#pragma once
#include "model/retrieve/recommender.h"

enum { SAMPLED_KS_MAX = 4, SAMPLED_NEGATIVES_MAX = 1000 };

struct sampled_result {
    double auc, gauc, mrr;
    double ndcg[SAMPLED_KS_MAX], hr[SAMPLED_KS_MAX];
};

struct sampled {
    uint32_t negatives;
    uint32_t groups;
    double *scores; /* [groups][1 + negatives], the item asked for first */
};

/* fails  LIMIT: the arena is full */
enum status sampled_init(struct sampled *sampled, uint32_t negatives, uint32_t questions,
                         struct arena *arena) MUST_USE;

/* The scores of one question's group, by the question's number and the seed. */
void sampled_take(struct sampled *sampled, const struct dataset *dataset,
                  const struct scores *scores, uint32_t target, uint64_t seed);

/* fails  LIMIT: scratch is full */
enum status sampled_judge(const struct sampled *sampled, const uint32_t *ks, uint32_t k_count,
                          struct arena *scratch, struct sampled_result *result) MUST_USE;
