/* evaluate_tune.h - `headrace model evaluate --tune`: settings tried on the valid part. */
#pragma once
#include "host/evaluate_models.h"

/* Tries every combination of NAME=A/B/C,... (or --trials of them, drawn by the seed) and prints each
 * and the best of each model, by NDCG at the first k (leave-one-out) or MRR at the last (next-click).
 * out      code: USAGE or INPUT, and said why
 * fails    LIMIT; AGAIN: interrupted, after the best so far; those of making a model */
enum status evaluate_tune(struct evaluate_models *models, enum exit_code *code) MUST_USE;
