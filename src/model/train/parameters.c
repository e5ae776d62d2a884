/* train_parameters.c - layouts from the two tables, and the linear map between them. */
#include "model/train/parameters.h"

struct block {
    enum train_matrix packed;
    uint32_t row, column;
    enum train_parameter parameter;
    uint32_t from_row, from_column, rows, columns;
    int sign;
};

/* Number `index` of the table for this shape; the table ends where it returns false. */
static bool block_at(const struct train_shape *s, size_t index, struct block *block)
{
    const uint32_t w = train_width(s);
    const uint32_t W = train_pad(w); /* NOLINT(readability-identifier-naming): the table's word */
    const struct block blocks[] = {
#define PACKED(symbol, rows, columns)
#define BLOCK(packed, row, column, parameter, from_row, from_column, rows, columns, sign) \
    {PACKED_##packed, (row),     (column), TRAIN_##parameter, (from_row), (from_column),  \
     (rows),          (columns), (sign)},
#include "model/train/blocks.def"
#undef PACKED
#undef BLOCK
    };

    if (index >= COUNT_OF(blocks)) return false;
    *block = blocks[index];
    return true;
}

static size_t whole_units(size_t count)
{
    return (count + TRAIN_UNIT - 1) / TRAIN_UNIT * TRAIN_UNIT;
}

static void tensors_init(const struct train_shape *s, struct train_layout *layout)
{
    const uint32_t w = train_width(s);
    const struct train_tensor tensors[] = {
#define PARAMETER(symbol, name, rows, columns, kind) {name, (rows), (columns), TRAIN_##kind, 0, 0},
#include "model/train/parameters.def"
#undef PARAMETER
    };

    memcpy(layout->tensors, tensors, sizeof(tensors));
    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        struct train_tensor *tensor = &layout->tensors[i];

        tensor->at = layout->count;
        tensor->count = (size_t)tensor->rows * (tensor->columns > 0 ? tensor->columns : 1);
        layout->count += whole_units(tensor->count);
    }
}

static void places_init(const struct train_shape *s, struct train_layout *layout)
{
    const uint32_t w = train_width(s);
    const uint32_t W = train_pad(w); /* NOLINT(readability-identifier-naming): the table's word */
    const struct train_place places[] = {
#define PACKED(symbol, rows, columns) {0, 0, (rows), (columns)},
#define BLOCK(packed, row, column, parameter, from_row, from_column, rows, columns, sign)
#include "model/train/blocks.def"
#undef PACKED
#undef BLOCK
    };

    memcpy(layout->places, places, sizeof(places));
    for (size_t i = 0; i < TRAIN_MATRICES; i++) {
        struct train_place *place = &layout->places[i];

        place->at = layout->packed_count;
        place->flipped_at = layout->flipped_count;
        layout->packed_count += (size_t)place->rows * place->width;
        layout->flipped_count += (size_t)place->width * train_pad(place->rows);
    }
}

void train_layout_init(const struct train_shape *shape, struct train_layout *layout)
{
    *layout = (struct train_layout){.shape = *shape};
    tensors_init(shape, layout);
    places_init(shape, layout);
}

static size_t packed_index(const struct train_layout *layout, const struct block *block, uint32_t r)
{
    const struct train_place *place = &layout->places[block->packed];

    return place->at + (size_t)(block->row + r) * place->width + block->column;
}

static size_t value_index(const struct train_layout *layout, const struct block *block, uint32_t r)
{
    const struct train_tensor *tensor = &layout->tensors[block->parameter];

    return tensor->at + (size_t)(block->from_row + r) * tensor->columns + block->from_column;
}

static void flip(const struct train_place *place, const real *packed, real *flipped)
{
    size_t stride = train_pad(place->rows);

    for (size_t r = 0; r < place->rows; r++) {
        for (size_t j = 0; j < place->width; j++)
            flipped[place->flipped_at + j * stride + r] = packed[place->at + r * place->width + j];
    }
}

void train_pack(const struct train_layout *layout, const real *value, real *packed, real *flipped)
{
    struct block block;

    memset(packed, 0, layout->packed_count * sizeof(real));
    memset(flipped, 0, layout->flipped_count * sizeof(real));
    for (size_t i = 0; block_at(&layout->shape, i, &block); i++) {
        for (uint32_t r = 0; r < block.rows; r++) {
            real *to = packed + packed_index(layout, &block, r);
            const real *from = value + value_index(layout, &block, r);

            for (uint32_t j = 0; j < block.columns; j++)
                to[j] += (real)block.sign * from[j];
        }
    }
    for (size_t i = 0; i < TRAIN_MATRICES; i++)
        flip(&layout->places[i], packed, flipped);
}

void train_unpack(const struct train_layout *layout, const real *packed, real *gradient)
{
    struct block block;

    for (size_t i = 0; block_at(&layout->shape, i, &block); i++) {
        for (uint32_t r = 0; r < block.rows; r++) {
            const real *from = packed + packed_index(layout, &block, r);
            real *to = gradient + value_index(layout, &block, r);

            for (uint32_t j = 0; j < block.columns; j++)
                to[j] += (real)block.sign * from[j];
        }
    }
}
