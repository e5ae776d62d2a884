/* validate.h - how well the numbers foretell the questions of a part, over the whole catalogue. */
#pragma once
#include "model/encode/trainer.h"
#include "model/judge/dataset.h"

struct encode_quality {
    uint32_t questions; /* those whose item is in training */
    double hr10, ndcg10, hr20, mrr20;
};

/* What each thread needs of room, kept from one time to the next. */
struct encode_validation;

/* Clicks on items that are not among the shape's are passed over.
 * lives    in the arena; body and part: the caller's
 * fails    LIMIT: the arena is full */
enum status encode_validation_create(const struct encode_body *body,
                                     const struct dataset_part *part, struct team *team,
                                     struct arena *arena, struct encode_validation **out) MUST_USE;

struct encode_quality encode_validate(struct encode_validation *validation);
