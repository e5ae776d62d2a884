/* kernels_body.h - training's kernels, written once; three files include it.
 *
 * The including file defines VECTOR_BYTES and TILE_ROWS.
 */
#include "model/train/kernels_cell.h"
#include "model/train/kernels_norm.h"
#include "model/train/kernels_vector.h"

enum { TILE_VECTORS = 3 };

/* --- products ----------------------------------------------------------------------------------- */

TRAIN_INLINE void product_tile(const struct train_product *p, uint32_t r0, uint32_t j,
                               uint32_t rows, uint32_t vectors)
{
    vector sum[TILE_ROWS][TILE_VECTORS];
    const real *factor = p->factor + r0 * p->row_stride;
    const real *lanes = p->lanes + j;
    real *out = p->out + r0 * p->out_stride + j;

    TRAIN_UNROLL
    for (size_t r = 0; r < rows; r++) {
        TRAIN_UNROLL
        for (size_t v = 0; v < vectors; v++) {
            if (p->add) {
                sum[r][v] = load(out + r * p->out_stride + v * LANES);
            } else {
                sum[r][v] = p->initial != NULL ? load(p->initial + j + v * LANES) : (vector){0};
            }
        }
    }
    for (uint32_t k = 0; k < p->depth; k++) {
        vector column[TILE_VECTORS];

        TRAIN_UNROLL
        for (size_t v = 0; v < vectors; v++)
            column[v] = load(lanes + v * LANES);
        TRAIN_UNROLL
        for (size_t r = 0; r < rows; r++) {
            vector scale = all(factor[r * p->row_stride]);

            TRAIN_UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[r][v] += scale * column[v];
        }
        factor += p->k_stride;
        lanes += p->lane_stride;
    }
    TRAIN_UNROLL
    for (size_t r = 0; r < rows; r++) {
        TRAIN_UNROLL
        for (size_t v = 0; v < vectors; v++)
            store(out + r * p->out_stride + v * LANES, sum[r][v]);
    }
}

TRAIN_INLINE void product_columns(const struct train_product *p, uint32_t j, uint32_t vectors)
{
    uint32_t r = 0;

    for (; r + TILE_ROWS <= p->rows; r += TILE_ROWS)
        product_tile(p, r, j, TILE_ROWS, vectors);
    if (r + TILE_ROWS / 2 <= p->rows) {
        product_tile(p, r, j, TILE_ROWS / 2, vectors);
        r += TILE_ROWS / 2;
    }
    if (r + 2 <= p->rows) {
        product_tile(p, r, j, 2, vectors);
        r += 2;
    }
    for (; r < p->rows; r++)
        product_tile(p, r, j, 1, vectors);
}

static void product(const struct train_product *p)
{
    uint32_t j = 0;

    for (; j + TILE_VECTORS * LANES <= p->width; j += TILE_VECTORS * LANES)
        product_columns(p, j, TILE_VECTORS);
    if (j + 2 * LANES <= p->width) {
        product_columns(p, j, 2);
        j += 2 * LANES;
    }
    for (; j < p->width; j += LANES)
        product_columns(p, j, 1);
}

/* --- vectors ------------------------------------------------------------------------------------ */

static void dots(const real *in, size_t stride, uint32_t rows, uint32_t width, const real *weight,
                 real *out)
{
    for (uint32_t r = 0; r < rows; r++) {
        vector sum = {0};

        for (uint32_t j = 0; j < width; j += LANES)
            sum += load(in + r * stride + j) * load(weight + j);
        out[r] = sum_lanes(sum);
    }
}

static void add_scaled(real *out, const real *in, real scale, uint32_t width)
{
    for (uint32_t j = 0; j < width; j += LANES)
        store(out + j, load(out + j) + load(in + j) * scale);
}

static void add_products(real *out, const real *a, const real *b, uint32_t width)
{
    for (uint32_t j = 0; j < width; j += LANES)
        store(out + j, load(out + j) + load(a + j) * load(b + j));
}

static void tanh_affine(real x, const real *weight, const real *bias, uint32_t width, real *out)
{
    for (uint32_t j = 0; j < width; j += LANES)
        store(out + j, vector_tanh(load(weight + j) * x + load(bias + j)));
}

static void tanh_back(const real *out, uint32_t width, real *d)
{
    for (uint32_t j = 0; j < width; j += LANES) {
        vector y = load(out + j);

        store(d + j, load(d + j) * ((real)1 - y * y));
    }
}

static void exponentials(real *x, uint32_t width)
{
    for (uint32_t j = 0; j < width; j += LANES)
        store(x + j, vector_exp(load(x + j)));
}

/* --- optimiser and dropout ---------------------------------------------------------------------- */

static void adam(const struct train_adam *adam, const real *gradient, real *m, real *v, real *value,
                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        real g = gradient[i];

        m[i] += (g - m[i]) * ((real)1 - adam->beta1);
        v[i] += (g * g - v[i]) * ((real)1 - adam->beta2);
#ifdef TRAIN_DOUBLE
        value[i] -= adam->rate * m[i] / (sqrt(v[i]) + adam->epsilon);
#else
        value[i] -= adam->rate * m[i] / (sqrtf(v[i]) + adam->epsilon);
#endif
    }
}

/* Thirty-two xorshift generators side by side; each word gives two decisions.
 * source  Marsaglia, Xorshift RNGs (2003), the (13, 17, 5) triple; seeds by splitmix64 */
static void keep_fill(uint64_t seed, uint32_t kept_of_65536, uint8_t *keep, size_t count)
{
    enum { STREAMS = 32 };
    uint32_t state[STREAMS];
    uint8_t drawn[2 * STREAMS];

    for (size_t s = 0; s < STREAMS; s++) {
        uint64_t z = seed += 0x9E3779B97F4A7C15ULL;

        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        state[s] = (uint32_t)(z >> 32) | 1U;
    }
    while (count > 0) {
        size_t take = count < sizeof(drawn) ? count : sizeof(drawn);

        for (size_t s = 0; s < STREAMS; s++) {
            uint32_t x = state[s];

            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            state[s] = x;
            drawn[s] = (x & 0xFFFFU) < kept_of_65536;
            drawn[STREAMS + s] = (x >> 16) < kept_of_65536;
        }
        memcpy(keep, drawn, take);
        keep += take;
        count -= take;
    }
}

#define TRAIN_KERNELS(label)                                                                       \
    {                                                                                              \
        label, product, moments, activate, deactivate, denormalise, dots, add_scaled,              \
            add_products, tanh_affine, tanh_back, exponentials, cell_forward, cell_backward, adam, \
            keep_fill,                                                                             \
    }
