/* layout.h - the encoder's numbers by name.
 *
 * All stand in one array, each tensor at a multiple of TRAIN_UNIT, the items' embeddings last;
 * gradients and the optimiser's moments have the same layout. A matrix is [inputs][outputs].
 *
 *   x = drop(items[i] * sqrt(width) + positions[place])
 *   each layer:  x += drop(join(attend(mix(norm1(x)))));  x += drop(narrow(drop(relu(widen(norm2(x))))))
 *   score of an item = its embedding . norm(x)
 *
 * source   Kang, McAuley: "Self-Attentive Sequential Recommendation", ICDM 2018; norms stand in front
 *          of what they feed, as there; trained with a softmax over the catalogue (Klenitskiy, Vasilev,
 *          RecSys 2023)
 */
#pragma once
#include "model/encode/kernels.h"

enum {
    ENCODE_LAYERS_MAX = 4,
    ENCODE_WIDTH_MAX = 512,
    ENCODE_STEPS_MAX = 200,
    ENCODE_HEADS_MAX = 8,
};

struct encode_shape {
    uint32_t items;
    uint32_t width; /* of an embedding: a multiple of 16 * heads */
    uint32_t heads;
    uint32_t layers;
    uint32_t inner; /* of the wide part of a layer: a multiple of 16 */
    uint32_t steps; /* clicks looked at, the latest so many */
};

enum encode_common { ENCODE_POSITIONS, ENCODE_OUT_GAIN, ENCODE_OUT_SHIFT, ENCODE_COMMON };

enum encode_part {
    ENCODE_NORM1_GAIN,
    ENCODE_NORM1_SHIFT,
    ENCODE_MIX, /* query, key and value side by side */
    ENCODE_MIX_BIAS,
    ENCODE_JOIN,
    ENCODE_JOIN_BIAS,
    ENCODE_NORM2_GAIN,
    ENCODE_NORM2_SHIFT,
    ENCODE_WIDEN,
    ENCODE_WIDEN_BIAS,
    ENCODE_NARROW,
    ENCODE_NARROW_BIAS,
    ENCODE_PARTS,
};

enum { ENCODE_TENSORS_MAX = ENCODE_COMMON + ENCODE_LAYERS_MAX * ENCODE_PARTS + 1 };

struct encode_tensor {
    char name[48];
    uint32_t rows, columns; /* columns 0: a vector of `rows` */
    size_t at, count;
};

struct encode_layout {
    struct encode_shape shape;
    struct encode_tensor tensors[ENCODE_TENSORS_MAX];
    uint32_t tensor_count; /* the items are the last of them */
    size_t body;           /* numbers before the items */
    size_t count;          /* of all, whole units */
};

/* NULL if the shape can be had; otherwise what is wrong with it. */
const char *encode_shape_trouble(const struct encode_shape *shape);

void encode_layout_init(const struct encode_shape *shape, struct encode_layout *layout);

static inline size_t encode_at(const struct encode_layout *layout, uint32_t layer,
                               enum encode_part part)
{
    return layout->tensors[ENCODE_COMMON + layer * ENCODE_PARTS + part].at;
}

/* Values to start from: matrices and embeddings normal, gains 1, the rest 0. */
void encode_values_init(const struct encode_layout *layout, uint64_t seed, real *value);
