/* layout.c - the table of tensors, and the numbers to start from. */
#include "model/encode/layout.h"

#include <math.h>
#include <stdio.h>

struct row {
    const char *name;
    uint32_t rows, columns;
};

static void tensor_add(struct encode_layout *layout, struct row row, const char *prefix)
{
    struct encode_tensor *tensor = &layout->tensors[layout->tensor_count++];
    size_t units;

    *tensor = (struct encode_tensor){.rows = row.rows, .columns = row.columns};
    int len = snprintf(tensor->name, sizeof(tensor->name), "%s%s", prefix, row.name);
    ASSERT(len > 0 && (size_t)len < sizeof(tensor->name));
    tensor->at = layout->count;
    tensor->count = (size_t)row.rows * (row.columns > 0 ? row.columns : 1);
    units = (tensor->count + TRAIN_UNIT - 1) / TRAIN_UNIT;
    layout->count += units * TRAIN_UNIT;
}

static void layer_add(struct encode_layout *layout, uint32_t layer)
{
    const struct encode_shape *s = &layout->shape;
    const struct row rows[ENCODE_PARTS] = {
        [ENCODE_NORM1_GAIN] = {"norm1.gain", s->width, 0},
        [ENCODE_NORM1_SHIFT] = {"norm1.shift", s->width, 0},
        [ENCODE_MIX] = {"mix.weight", s->width, 3 * s->width},
        [ENCODE_MIX_BIAS] = {"mix.bias", 3 * s->width, 0},
        [ENCODE_JOIN] = {"join.weight", s->width, s->width},
        [ENCODE_JOIN_BIAS] = {"join.bias", s->width, 0},
        [ENCODE_NORM2_GAIN] = {"norm2.gain", s->width, 0},
        [ENCODE_NORM2_SHIFT] = {"norm2.shift", s->width, 0},
        [ENCODE_WIDEN] = {"widen.weight", s->width, s->inner},
        [ENCODE_WIDEN_BIAS] = {"widen.bias", s->inner, 0},
        [ENCODE_NARROW] = {"narrow.weight", s->inner, s->width},
        [ENCODE_NARROW_BIAS] = {"narrow.bias", s->width, 0},
    };
    char prefix[24];

    (void)snprintf(prefix, sizeof(prefix), "layers.%u.", layer);
    for (uint32_t part = 0; part < ENCODE_PARTS; part++)
        tensor_add(layout, rows[part], prefix);
}

void encode_layout_init(const struct encode_shape *shape, struct encode_layout *layout)
{
    ASSERT(encode_shape_trouble(shape) == NULL);
    *layout = (struct encode_layout){.shape = *shape};
    tensor_add(layout, (struct row){"positions", shape->steps, shape->width}, "");
    tensor_add(layout, (struct row){"norm.gain", shape->width, 0}, "");
    tensor_add(layout, (struct row){"norm.shift", shape->width, 0}, "");
    for (uint32_t layer = 0; layer < shape->layers; layer++)
        layer_add(layout, layer);
    layout->body = layout->count;
    tensor_add(layout, (struct row){"items", shape->items, shape->width}, "");
}

const char *encode_shape_trouble(const struct encode_shape *shape)
{
    if (shape->items < 2) return "fewer than two items";
    if (shape->heads < 1 || shape->heads > ENCODE_HEADS_MAX) return "heads are 1 to 8";
    if (shape->width < TRAIN_UNIT || shape->width > ENCODE_WIDTH_MAX ||
        shape->width % (TRAIN_UNIT * shape->heads) != 0)
        return "the width is a multiple of 16 times the heads, at most 512";
    if (shape->layers < 1 || shape->layers > ENCODE_LAYERS_MAX) return "layers are 1 to 4";
    if (shape->inner < TRAIN_UNIT || shape->inner > 4 * ENCODE_WIDTH_MAX ||
        shape->inner % TRAIN_UNIT != 0)
        return "the inner width is a multiple of 16, at most 2048";
    if (shape->steps < 1 || shape->steps > ENCODE_STEPS_MAX) return "steps are 1 to 200";
    return NULL;
}

/* source  SplitMix64 */
static double draw(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double draw_normal(uint64_t *state)
{
    const double turn = 6.283185307179586;
    double far = sqrt(-2.0 * log(draw(state)));

    return far * cos(turn * draw(state));
}

/* Embeddings small, so that the first scores are near each other; matrices by their two sides. */
static double spread(const struct encode_layout *layout, uint32_t tensor)
{
    const struct encode_tensor *row = &layout->tensors[tensor];

    if (tensor == ENCODE_POSITIONS || tensor + 1 == layout->tensor_count) return 0.02;
    return sqrt(2.0 / (row->rows + row->columns));
}

static bool is_gain(uint32_t tensor)
{
    if (tensor < ENCODE_COMMON) return tensor == ENCODE_OUT_GAIN;
    uint32_t part = (tensor - ENCODE_COMMON) % ENCODE_PARTS;
    return part == ENCODE_NORM1_GAIN || part == ENCODE_NORM2_GAIN;
}

void encode_values_init(const struct encode_layout *layout, uint64_t seed, real *value)
{
    memset(value, 0, layout->count * sizeof(*value));
    for (uint32_t i = 0; i < layout->tensor_count; i++) {
        const struct encode_tensor *tensor = &layout->tensors[i];
        uint64_t state = seed + (uint64_t)i * 0xD1B54A32D192ED03U;
        bool matrix = tensor->columns > 0;

        if (!matrix && !is_gain(i)) continue;
        for (size_t j = 0; j < tensor->count; j++)
            value[tensor->at + j] = matrix ? (real)(spread(layout, i) * draw_normal(&state)) : 1;
    }
}
