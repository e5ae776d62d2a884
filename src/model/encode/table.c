/* table.c - products by blocks. Each block's scores are lowered by its own largest before exp; at the
 * end one factor a row and block makes probabilities of them. */
#include "model/encode/table.h"

#include <math.h>

void encode_table_pack(const struct encode_table *table, uint32_t thread, uint32_t threads)
{
    for (uint32_t b = thread; b < encode_blocks(table->count); b += threads) {
        real *to = table->packed + (size_t)b * table->width * ENCODE_BLOCK;
        const real *from = table->rows + (size_t)b * ENCODE_BLOCK * table->width;
        uint32_t columns = encode_block_width(table, b);

        for (uint32_t d = 0; d < table->width; d++) {
            for (uint32_t j = 0; j < columns; j++)
                to[(size_t)d * ENCODE_BLOCK + j] = from[(size_t)j * table->width + d];
        }
    }
}

enum status encode_tile_init(uint32_t items, struct arena *arena, struct encode_tile *tile)
{
    size_t rows = (size_t)encode_blocks(items) * ENCODE_TILE;

    tile->scores = arena_zalloc(arena, rows * ENCODE_BLOCK, sizeof(real));
    tile->most = arena_zalloc(arena, rows, sizeof(real));
    return tile->scores != NULL && tile->most != NULL ? STATUS_OK : STATUS_LIMIT;
}

static void block_score(const struct encode_table *table, const real *vectors, uint32_t rows,
                        uint32_t block, const struct encode_tile *tile)
{
    uint32_t first = block * ENCODE_BLOCK;
    uint32_t columns = encode_block_width(table, block);

    table->products->product(&(struct train_product){
        .factor = vectors,
        .row_stride = table->width,
        .k_stride = 1,
        .lanes = table->packed + (size_t)block * table->width * ENCODE_BLOCK,
        .lane_stride = ENCODE_BLOCK,
        .rows = rows,
        .depth = table->width,
        .width = columns,
        .initial = table->bias != NULL ? table->bias + first : NULL,
        .out = encode_tile_row(tile, block, 0),
        .out_stride = ENCODE_BLOCK,
    });
    for (uint32_t r = 0; r < rows; r++) {
        for (uint32_t j = table->count - first; j < columns; j++)
            encode_tile_row(tile, block, r)[j] = (real)-1e30;
    }
}

void encode_tile_score(const struct encode_table *table, const real *vectors, uint32_t rows,
                       struct encode_tile *tile)
{
    ASSERT(rows <= ENCODE_TILE);
    for (uint32_t b = 0; b < encode_blocks(table->count); b++)
        block_score(table, vectors, rows, b, tile);
}

/* Of the rows of a tile, block by block. */
struct sums {
    real most[ENCODE_TILE];
    double total[ENCODE_TILE]; /* of exp(score - most) */
    real right[ENCODE_TILE];   /* score of the target */
};

static void row_soften(const struct encode_table *table, uint32_t block, uint32_t r,
                       struct encode_tile *tile, struct sums *sums)
{
    real *scores = encode_tile_row(tile, block, r);
    uint32_t columns = encode_block_width(table, block);
    real most = table->kernels->lower(scores, columns);

    table->products->exponentials(scores, columns);
    double total = (double)table->kernels->total(scores, columns);
    tile->most[(size_t)block * ENCODE_TILE + r] = most;
    if (block == 0 || most > sums->most[r]) {
        double before = block == 0 ? 0.0 : sums->total[r] * exp((double)(sums->most[r] - most));

        sums->total[r] = before + total;
        sums->most[r] = most;
    } else {
        sums->total[r] += total * exp((double)(most - sums->most[r]));
    }
}

/* A block's scores of a row's own items without their bias. */
static void own_unbias(const struct encode_table *table, const struct encode_own *own,
                       uint32_t block, real *scores)
{
    for (uint32_t i = 0; i < own->count; i++) {
        uint32_t item = own->items[i];

        if (item / ENCODE_BLOCK == block) scores[item % ENCODE_BLOCK] -= table->bias[item];
    }
}

static void block_soften(const struct encode_table *table, const struct encode_answers *answers,
                         uint32_t block, struct encode_tile *tile, struct sums *sums)
{
    for (uint32_t r = 0; r < answers->rows; r++) {
        uint32_t target = answers->targets[r];
        real *scores = encode_tile_row(tile, block, r);

        if (table->bias != NULL) own_unbias(table, &answers->own[r], block, scores);
        if (target / ENCODE_BLOCK == block) sums->right[r] = scores[target % ENCODE_BLOCK];
        row_soften(table, block, r, tile, sums);
    }
}

static void block_back(const struct encode_table *table, const struct encode_answers *answers,
                       uint32_t block, struct encode_tile *tile, const struct sums *sums)
{
    uint32_t columns = encode_block_width(table, block);
    size_t first = (size_t)block * ENCODE_BLOCK;

    for (uint32_t r = 0; r < answers->rows; r++) {
        real *scores = encode_tile_row(tile, block, r);
        double below = (double)(tile->most[(size_t)block * ENCODE_TILE + r] - sums->most[r]);
        real share = (real)((double)answers->weight * exp(below) / sums->total[r]);

        table->kernels->scale(scores, share, columns);
        if (answers->targets[r] / ENCODE_BLOCK == block)
            scores[answers->targets[r] % ENCODE_BLOCK] -= answers->weight;
    }
    struct train_product product = {
        .factor = encode_tile_row(tile, block, 0),
        .row_stride = ENCODE_BLOCK,
        .k_stride = 1,
        .lanes = table->rows + first * table->width,
        .lane_stride = table->width,
        .rows = answers->rows,
        .depth = columns,
        .width = table->width,
        .out = answers->d_vectors,
        .out_stride = table->width,
        .add = block > 0,
    };
    table->products->product(&product);
    product.row_stride = 1;
    product.k_stride = ENCODE_BLOCK;
    product.lanes = answers->vectors;
    product.rows = columns;
    product.depth = answers->rows;
    product.out = answers->d_items + first * table->width;
    product.add = true;
    table->products->product(&product);
}

static double tile_learn(const struct encode_table *table, const struct encode_answers *answers,
                         struct encode_tile *tile)
{
    struct sums sums = {0};
    double loss = 0.0;

    for (uint32_t b = 0; b < encode_blocks(table->count); b++) {
        block_score(table, answers->vectors, answers->rows, b, tile);
        block_soften(table, answers, b, tile, &sums);
    }
    for (uint32_t r = 0; r < answers->rows; r++)
        loss += (double)(sums.most[r] - sums.right[r]) + log(sums.total[r]);
    for (uint32_t b = 0; b < encode_blocks(table->count); b++)
        block_back(table, answers, b, tile, &sums);
    return loss;
}

double encode_table_learn(const struct encode_table *table, const struct encode_answers *answers,
                          struct encode_tile *tile)
{
    double loss = 0.0;

    for (uint32_t first = 0; first < answers->rows; first += ENCODE_TILE) {
        struct encode_answers part = *answers;
        uint32_t left = answers->rows - first;

        part.vectors += (size_t)first * table->width;
        part.d_vectors += (size_t)first * table->width;
        part.targets += first;
        part.own += table->bias != NULL ? first : 0;
        part.rows = left < ENCODE_TILE ? left : ENCODE_TILE;
        loss += tile_learn(table, &part, tile);
    }
    return loss;
}
