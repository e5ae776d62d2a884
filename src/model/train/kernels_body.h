/* train_kernels_body.h - training's kernels, written once; three files include it.
 *
 * The including file defines VECTOR_BYTES and TILE_ROWS. Vectors are the compilers' own (gcc, clang);
 * fused multiply-adds come from -ffp-contract=fast where the processor has them.
 */
#include <math.h>

#include "model/train/kernels.h"

#define TRAIN_INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define TRAIN_UNROLL _Pragma("unroll")
#else
#define TRAIN_UNROLL _Pragma("GCC unroll 16")
#endif

enum { LANES = VECTOR_BYTES / sizeof(real), TILE_VECTORS = 3 };
_Static_assert(TRAIN_UNIT % LANES == 0, "a unit is whole vectors");

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
typedef real vector_anywhere
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));
typedef uint8_t keeps __attribute__((vector_size(LANES)));

TRAIN_INLINE vector load(const real *at)
{
    return *(const vector_anywhere *)(const void *)at;
}

TRAIN_INLINE void store(real *at, vector x)
{
    *(vector_anywhere *)(void *)at = x;
}

TRAIN_INLINE vector all(real x)
{
    return x - (vector){0};
}

#ifdef TRAIN_DOUBLE
typedef int64_t mask __attribute__((vector_size(VECTOR_BYTES)));
#else
typedef int32_t mask __attribute__((vector_size(VECTOR_BYTES)));
#endif

TRAIN_INLINE vector choose(mask which, vector yes, vector no)
{
    return (vector)(((mask)yes & which) | ((mask)no & ~which));
}

TRAIN_INLINE vector positive_part(vector x)
{
    return (vector)((mask)x & (x > (vector){0}));
}

TRAIN_INLINE vector load_keep(const uint8_t *at)
{
    keeps bytes;

    memcpy(&bytes, at, sizeof(bytes));
    return __builtin_convertvector(__builtin_convertvector(bytes, mask), vector);
}

TRAIN_INLINE real sum_lanes(vector x)
{
    real sum = 0;

    for (int i = 0; i < LANES; i++)
        sum += x[i];
    return sum;
}

#ifdef TRAIN_DOUBLE
TRAIN_INLINE vector vector_exp(vector x)
{
    for (int i = 0; i < LANES; i++)
        x[i] = exp(x[i]);
    return x;
}

TRAIN_INLINE vector vector_tanh(vector x)
{
    for (int i = 0; i < LANES; i++)
        x[i] = tanh(x[i]);
    return x;
}
#else
/* As in scoring (kernels_body.h): x = n ln 2 + r, a polynomial for e^r, n added to the exponent.
 * source  coefficients of S. Moshier's Cephes expf */
TRAIN_INLINE vector vector_exp(vector x)
{
    const vector magic = all(12582912.0F); /* 1.5 * 2^23: adding it rounds to an integer */

    x = choose(x > all(-86.0F), x, all(-86.0F));
    x = choose(x < all(88.0F), x, all(88.0F));
    vector shifted = x * 1.44269504F + magic;
    vector n = shifted - magic;
    vector r = n * -0.693359375F + x;
    r = n * 2.12194440e-4F + r;
    vector p = r * 1.9875691500e-4F + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * (r * r) + r;
    return (vector)((mask)(p + 1.0F) + ((mask)shifted << 23));
}

/* source  coefficients of Cephes tanhf */
TRAIN_INLINE vector vector_tanh(vector x)
{
    vector square = x * x;
    vector far = 1.0F - 2.0F / (1.0F + vector_exp(x + x));
    vector p = square * -5.70498872745e-3F + 2.06390887954e-2F;

    p = p * square + -5.37397155531e-2F;
    p = p * square + 1.33314422036e-1F;
    p = p * square + -3.33332819422e-1F;
    return choose(square < all(0.390625F), p * square * x + x, far);
}
#endif

TRAIN_INLINE vector vector_sigmoid(vector x)
{
    return (real)1 / ((real)1 + vector_exp(-x));
}

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

/* --- batch norm, dropout, relu ------------------------------------------------------------------ */

static void moments(const real *z, uint32_t rows, uint32_t width, real *mean, real *squares)
{
    for (uint32_t j = 0; j < width; j += LANES) {
        vector sum = {0};
        vector square = {0};

        for (uint32_t r = 0; r < rows; r++)
            sum += load(z + (size_t)r * width + j);
        sum /= all((real)rows);
        for (uint32_t r = 0; r < rows; r++) {
            vector distance = load(z + (size_t)r * width + j) - sum;

            square += distance * distance;
        }
        store(mean + j, sum);
        store(squares + j, square);
    }
}

static void activate(const struct train_norm *norm, const real *z, const uint8_t *keep,
                     uint32_t rows, real *h)
{
    for (uint32_t j = 0; j < norm->width; j += LANES) {
        vector scale = load(norm->scale + j) * norm->keep_scale;
        vector shift = load(norm->shift + j) * norm->keep_scale;

        for (uint32_t r = 0; r < rows; r++) {
            size_t at = (size_t)r * norm->width + j;
            vector y = positive_part(load(z + at) * scale + shift);

            store(h + at, keep != NULL ? y * load_keep(keep + at) : y);
        }
    }
}

static void deactivate(const struct train_norm *norm, const real *z, const uint8_t *keep,
                       uint32_t rows, real *d, real *sums)
{
    for (uint32_t j = 0; j < norm->width; j += LANES) {
        vector scale = load(norm->scale + j);
        vector shift = load(norm->shift + j);
        vector mean = load(norm->mean + j);
        vector inverse = load(norm->inverse + j);
        vector dy_sum = load(sums + j);
        vector dyx_sum = load(sums + norm->width + j);

        for (uint32_t r = 0; r < rows; r++) {
            size_t at = (size_t)r * norm->width + j;
            vector x = load(z + at);
            vector dy = (vector)((mask)load(d + at) & (x * scale + shift > (vector){0}));

            if (keep != NULL) dy *= load_keep(keep + at) * norm->keep_scale;
            dy_sum += dy;
            dyx_sum += dy * ((x - mean) * inverse);
            store(d + at, dy);
        }
        store(sums + j, dy_sum);
        store(sums + norm->width + j, dyx_sum);
    }
}

static void denormalise(const struct train_norm *norm, const real *z, uint32_t rows, real *d)
{
    for (uint32_t j = 0; j < norm->width; j += LANES) {
        vector scale = load(norm->scale + j);
        vector mean = load(norm->mean + j);
        vector inverse = load(norm->inverse + j);
        vector mean_dy = load(norm->mean_dy + j);
        vector mean_dyx = load(norm->mean_dyx + j);

        for (uint32_t r = 0; r < rows; r++) {
            size_t at = (size_t)r * norm->width + j;
            vector x = (load(z + at) - mean) * inverse;

            store(d + at, scale * (load(d + at) - mean_dy - x * mean_dyx));
        }
    }
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

/* --- the cell ----------------------------------------------------------------------------------- */

static void cell_forward(const struct train_cell *cell)
{
    size_t w = cell->width;

    for (size_t at = 0; at < w; at += LANES) {
        real *gate = cell->gates + at;
        vector i = vector_sigmoid(load(gate));
        vector j = vector_tanh(load(gate + w));
        vector f = vector_sigmoid(load(gate + 2 * w) + (real)1);
        vector l = vector_sigmoid(load(gate + 3 * w));
        vector o = vector_sigmoid(load(gate + 4 * w));
        vector n = vector_sigmoid(load(gate + 5 * w));
        vector c = f * l * load(cell->cell_before + at) + i * n * j;

        store(gate, i);
        store(gate + w, j);
        store(gate + 2 * w, f);
        store(gate + 3 * w, l);
        store(gate + 4 * w, o);
        store(gate + 5 * w, n);
        store(cell->cell + at, c);
        store(cell->output + at, o * vector_tanh(c));
    }
}

static void cell_backward(const struct train_cell *cell)
{
    size_t w = cell->width;

    for (size_t at = 0; at < w; at += LANES) {
        real *gate = cell->gates + at;
        vector i = load(gate);
        vector j = load(gate + w);
        vector f = load(gate + 2 * w);
        vector l = load(gate + 3 * w);
        vector o = load(gate + 4 * w);
        vector n = load(gate + 5 * w);
        vector before = load(cell->cell_before + at);
        vector squashed = vector_tanh(load(cell->cell + at));
        vector dm = load(cell->d_output + at);
        vector dc = load(cell->d_cell + at) + dm * o * ((real)1 - squashed * squashed);

        store(gate, dc * n * j * i * ((real)1 - i));
        store(gate + w, dc * i * n * ((real)1 - j * j));
        store(gate + 2 * w, dc * l * before * f * ((real)1 - f));
        store(gate + 3 * w, dc * f * before * l * ((real)1 - l));
        store(gate + 4 * w, dm * squashed * o * ((real)1 - o));
        store(gate + 5 * w, dc * i * j * n * ((real)1 - n));
        store(cell->d_cell + at, dc * f * l);
    }
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
