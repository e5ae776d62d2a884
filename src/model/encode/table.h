/* table.h - many items against many vectors: scores by blocks of items, the softmax over them and its
 * gradient.
 *
 * A block of ENCODE_BLOCK items is packed transposed, so that items run along the lanes; with a tile
 * of ENCODE_TILE rows it stays in a core's own cache.
 */
#pragma once
#include "model/encode/body.h"

enum { ENCODE_BLOCK = 240, ENCODE_TILE = 64 };

struct encode_table {
    const struct encode_kernels *kernels;
    const struct train_kernels *products;
    uint32_t count; /* items */
    uint32_t width;
    const real *rows; /* [count to whole units][width]; behind count zeros */
    real *packed;     /* [blocks][width][ENCODE_BLOCK] */
    const real *bias; /* [blocks * ENCODE_BLOCK] added to the scores; NULL: none */
};

static inline uint32_t encode_blocks(uint32_t items)
{
    return (items + ENCODE_BLOCK - 1) / ENCODE_BLOCK;
}

/* Columns of a block: items, filled up to whole units. */
static inline uint32_t encode_block_width(const struct encode_table *table, uint32_t block)
{
    uint32_t left = train_pad(table->count - block * ENCODE_BLOCK);

    return left < ENCODE_BLOCK ? left : ENCODE_BLOCK;
}

/* packed from rows, blocks thread, thread + threads, ... */
void encode_table_pack(const struct encode_table *table, uint32_t thread, uint32_t threads);

/* Room of one thread. */
struct encode_tile {
    real *scores; /* [blocks][ENCODE_TILE][ENCODE_BLOCK] */
    real *most;   /* [blocks][ENCODE_TILE] */
};
enum status encode_tile_init(uint32_t items, struct arena *arena,
                             struct encode_tile *tile) MUST_USE;

/* Scores of rows <= ENCODE_TILE vectors against all blocks; the last block's filling is lower than
 * all. */
void encode_tile_score(const struct encode_table *table, const real *vectors, uint32_t rows,
                       struct encode_tile *tile);

static inline real *encode_tile_row(const struct encode_tile *tile, uint32_t block, uint32_t row)
{
    return tile->scores + ((size_t)block * ENCODE_TILE + row) * ENCODE_BLOCK;
}

/* Items that a row has in the table whatever is drawn, each once. */
struct encode_own {
    const uint32_t *items;
    uint32_t count;
};

/* Rows of vectors, each with the item that is right for it. */
struct encode_answers {
    const real *vectors; /* [rows][width] */
    const uint32_t *targets;
    const struct encode_own
        *own; /* [rows] read if the table has a bias; the target is among them */
    uint32_t rows;
    real weight;     /* of a row in the gradient */
    real *d_vectors; /* [rows][width] out */
    real *d_items;   /* [count to whole units][width] += */
};

/* Sum over rows of -log p(target), and the gradients of weight times it. The bias of a row's own items
 * does not count. */
double encode_table_learn(const struct encode_table *table, const struct encode_answers *answers,
                          struct encode_tile *tile);
