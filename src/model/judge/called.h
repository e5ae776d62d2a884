/* called.h - a model directory as a recommender: called as a scenario would call it.
 *
 * What the directory holds (SLi-Rec, an index) is model_open()'s business. It answers with its best
 * MODEL_CANDIDATES, so metrics at a larger k count nothing beyond them. Scores are made positive by
 * their order: the best has count, the last 1.
 */
#pragma once
#include "model/model.h"
#include "model/retrieve/recommender.h"

struct called;

/* lives    in the arena; model and dataset are the caller's
 * fails    LIMIT: the arena is full */
enum status called_recommender(const struct model *model, const struct dataset *dataset,
                               const char *name, struct arena *arena,
                               struct recommender *recommender) MUST_USE;
