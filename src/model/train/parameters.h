/* train_parameters.h - the model's numbers while it learns: as the checkpoint names them, and as the
 * kernels read them.
 *
 *   value [count]      the variables, one behind the other, each at a multiple of TRAIN_UNIT;
 *                      gradients and the optimiser's moments have the same layout
 *   packed [..]        padded matrices made from them before each step (train_blocks.def)
 *   flipped [..]       the same matrices transposed, for the way back
 */
#pragma once
#include "model/train/kernels.h"

struct train_shape {
    uint32_t items, cates; /* ids, 0 included */
    uint32_t item_width, cate_width;
    uint32_t steps;          /* slots of a history */
    uint32_t att1, att2;     /* hidden layers of the attention's and alpha's networks */
    uint32_t logit1, logit2; /* of the last one */
};

static inline uint32_t train_width(const struct train_shape *shape)
{
    return shape->item_width + shape->cate_width;
}

enum train_kind { TRAIN_EMBEDDING, TRAIN_LAYER, TRAIN_STATISTIC };

enum train_parameter {
#define PARAMETER(symbol, name, rows, columns, kind) TRAIN_##symbol,
#include "model/train/parameters.def"
#undef PARAMETER
    TRAIN_PARAMETERS
};

enum train_matrix {
#define PACKED(symbol, rows, columns) PACKED_##symbol,
#define BLOCK(packed, row, column, parameter, from_row, from_column, rows, columns, sign)
#include "model/train/blocks.def"
#undef PACKED
#undef BLOCK
    TRAIN_MATRICES
};

struct train_tensor {
    const char *name;
    uint32_t rows, columns; /* columns 0: a vector */
    enum train_kind kind;
    size_t at;    /* in value */
    size_t count; /* numbers */
};

struct train_place {
    size_t at; /* in packed */
    size_t flipped_at;
    uint32_t rows, width; /* as packed; flipped it is [width][pad(rows)] */
};

struct train_layout {
    struct train_shape shape;
    struct train_tensor tensors[TRAIN_PARAMETERS];
    struct train_place places[TRAIN_MATRICES];
    size_t count; /* of value */
    size_t packed_count;
    size_t flipped_count;
};

void train_layout_init(const struct train_shape *shape, struct train_layout *layout);

/* packed and flipped from value. */
void train_pack(const struct train_layout *layout, const real *value, real *packed, real *flipped);

/* gradient += the packed gradient, by the way back. */
void train_unpack(const struct train_layout *layout, const real *packed, real *gradient);
