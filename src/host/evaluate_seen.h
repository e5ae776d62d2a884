/* evaluate_seen.h - which models of a run know the answers. */
#pragma once
#include "host/evaluate_models.h"

/* Holds what directories have learned against what a part asks, says on standard error what is amiss.
 * in       part: "valid" or "test"
 * out      verdicts [EVALUATE_MODELS_MAX], in the order of the options */
void evaluate_seen(const struct evaluate_models *models, const char *name,
                   enum seen_verdict *verdicts);
