/* model_ranking.h - a call on its way from what the visitor did to the best items. */
#pragma once
#include "codec/candidates.h"
#include "model/live.h"
#include "model/model_room.h"

struct ranking {
    const struct model *model;
    struct live *live; /* NULL: nothing is kept between calls */
    uint64_t visitor;
    const struct past *past;
    double now;
    struct arena *arena;
    struct candidate *out; /* [MODEL_CANDIDATES] */
    uint32_t count;
};

/* --- model_hybrid.c ------------------------------------------------------------------------------ */

/* An encoder with an index beside it. fails  LIMIT: arena */
enum status model_rank_hybrid(struct ranking *ranking) MUST_USE;

/* Which item of the index is which of the encoder, both ways. fails  INVALID: none is; LIMIT; message */
enum status model_match_items(struct model *model, struct buffer *message) MUST_USE;
