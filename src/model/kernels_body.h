/* kernels_body.h - the kernels, written once over a vector type; a file for each instruction set includes it.
 *
 * The including file defines: LANES, TILE_ROWS, `vec`, and vec_load vec_store vec_set vec_add
 * vec_sub vec_mul vec_div vec_fma (x * y + z, one rounding), vec_max (x > y ? x : y),
 * vec_min, vec_if_less (x < y ? then : else, lane by lane), vec_shift (x's exponent plus the
 * integer in the low bits of y).
 * A tile of TILE_ROWS x 3 accumulators stays in registers; 3 * LANES divides BLOCK.
 */
#include "model/kernels.h"

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

enum { TILE_VECS = 3, TILE_LANES = TILE_VECS * LANES, BLOCK_VECS = BLOCK / LANES };
_Static_assert(BLOCK % TILE_LANES == 0, "a block is whole tiles");

/* e^x to about 1 ulp in [-86, 88], which it is cut to: x = n ln 2 + r, a polynomial for e^r, and n
 * added to the exponent. source  coefficients of S. Moshier's Cephes expf */
KERNEL_INLINE vec vec_exp(vec x)
{
    const vec magic = vec_set(12582912.0F); /* 1.5 * 2^23: adding it rounds to an integer */

    x = vec_min(vec_max(x, vec_set(-86.0F)), vec_set(88.0F));
    vec shifted = vec_fma(x, vec_set(1.44269504F), magic);
    vec n = vec_sub(shifted, magic);
    vec r = vec_fma(n, vec_set(-0.693359375F), x);
    r = vec_fma(n, vec_set(2.12194440e-4F), r);
    vec p = vec_set(1.9875691500e-4F);
    p = vec_fma(p, r, vec_set(1.3981999507e-3F));
    p = vec_fma(p, r, vec_set(8.3334519073e-3F));
    p = vec_fma(p, r, vec_set(4.1665795894e-2F));
    p = vec_fma(p, r, vec_set(1.6666665459e-1F));
    p = vec_fma(p, r, vec_set(5.0000001201e-1F));
    p = vec_fma(p, vec_mul(r, r), r);
    return vec_shift(vec_add(p, vec_set(1.0F)), shifted);
}

KERNEL_INLINE vec vec_sigmoid(vec x)
{
    const vec one = vec_set(1.0F);

    return vec_div(one, vec_add(one, vec_exp(vec_sub(vec_set(0.0F), x))));
}

/* Near 0 a polynomial, since 1 - 2 / (e^2x + 1) loses what the recurrence then adds up over 50 steps.
 * source  coefficients of Cephes tanhf */
KERNEL_INLINE vec vec_tanh(vec x)
{
    const vec one = vec_set(1.0F);
    vec square = vec_mul(x, x);
    vec p = vec_set(-5.70498872745e-3F);
    vec far = vec_sub(one, vec_div(vec_set(2.0F), vec_add(one, vec_exp(vec_add(x, x)))));

    p = vec_fma(p, square, vec_set(2.06390887954e-2F));
    p = vec_fma(p, square, vec_set(-5.37397155531e-2F));
    p = vec_fma(p, square, vec_set(1.33314422036e-1F));
    p = vec_fma(p, square, vec_set(-3.33332819422e-1F));
    return vec_if_less(square, vec_set(0.390625F), vec_fma(vec_mul(p, square), x, x), far);
}

/* What a tile multiplies: scale[r * row_stride + k * k_stride] with lanes[k * lane_stride + v]. */
struct tile_source {
    const float *scale;
    const float *lanes;
    uint32_t row_stride;
    uint32_t k_stride;
    uint32_t lane_stride;
    uint32_t depth;
};

/* acc + factor * column: vec_fma, or vec_dot of pairs. */
typedef vec vec_more(vec factor, vec column, vec acc);

/* acc[r][v] += sum over k ascending, `step` of them at a time; what stands before the source is a
 * constant where it is inlined. */
KERNEL_INLINE void tile_sum(vec acc[][TILE_VECS], uint32_t rows, uint32_t vecs, uint32_t step,
                            vec_more *more, struct tile_source source)
{
    for (uint32_t k = 0; k < source.depth; k += step) {
        vec column[TILE_VECS];

        UNROLL
        for (size_t v = 0; v < vecs; v++)
            column[v] = vec_load(source.lanes + v * LANES);
        UNROLL
        for (size_t r = 0; r < rows; r++) {
            vec factor = vec_set(source.scale[r * source.row_stride]);

            UNROLL
            for (size_t v = 0; v < vecs; v++)
                acc[r][v] = more(factor, column[v], acc[r][v]);
        }
        source.scale += source.k_stride;
        source.lanes += source.lane_stride;
    }
}

KERNEL_INLINE void tile_multiply(vec acc[][TILE_VECS], uint32_t rows, uint32_t vecs,
                                 struct tile_source source)
{
    tile_sum(acc, rows, vecs, 1, vec_fma, source);
}

/* --- rows --------------------------------------------------------------------------------------- */

KERNEL_INLINE void rows_tile(const struct rows_job *job, uint32_t t, uint32_t j, uint32_t rows,
                             uint32_t vecs, float *out)
{
    vec acc[TILE_ROWS][TILE_VECS];
    struct tile_source source = {
        .scale = job->in + (size_t)t * job->in_stride,
        .lanes = job->weight + j,
        .row_stride = job->in_stride,
        .k_stride = 1,
        .lane_stride = job->width,
        .depth = job->depth,
    };

    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t v = 0; v < vecs; v++) {
            acc[r][v] =
                job->initial != NULL ? vec_load(job->initial + j + v * LANES) : vec_set(0.0F);
        }
    }
    tile_multiply(acc, rows, vecs, source);
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t v = 0; v < vecs; v++)
            vec_store(out + (size_t)(t + r) * job->width + j + v * LANES, acc[r][v]);
    }
}

static void rows_columns(const struct rows_job *job, uint32_t j, float *out)
{
    uint32_t t = 0;

    for (; t + TILE_ROWS <= job->count; t += TILE_ROWS)
        rows_tile(job, t, j, TILE_ROWS, TILE_VECS, out);
    for (; t < job->count; t++)
        rows_tile(job, t, j, 1, TILE_VECS, out);
}

static void rows_column(const struct rows_job *job, uint32_t j, float *out)
{
    uint32_t t = 0;

    for (; t + TILE_ROWS <= job->count; t += TILE_ROWS)
        rows_tile(job, t, j, TILE_ROWS, 1, out);
    for (; t < job->count; t++)
        rows_tile(job, t, j, 1, 1, out);
}

static void rows(const struct rows_job *job, float *out)
{
    uint32_t j = 0;

    for (; j + TILE_LANES <= job->width; j += TILE_LANES)
        rows_columns(job, j, out);
    for (; j < job->width; j += LANES)
        rows_column(job, j, out);
}

/* --- networks ------------------------------------------------------------------------------------ */

KERNEL_INLINE void hidden1_begin(const struct mlp_input *input, uint32_t r0, size_t n,
                                 vec acc[][TILE_VECS])
{
    UNROLL
    for (size_t r = 0; r < TILE_ROWS; r++) {
        vec shift = vec_set(input->shift[r0 + r]);

        UNROLL
        for (size_t v = 0; v < TILE_VECS; v++) {
            acc[r][v] =
                vec_add(vec_load(input->base + (size_t)(r0 + r) * BLOCK + n + v * LANES), shift);
        }
    }
}

/* TILE_ROWS rows of the first hidden layer. */
KERNEL_INLINE void hidden1_tile(const struct mlp_input *input, uint32_t r0, size_t n, float *hidden)
{
    vec acc[TILE_ROWS][TILE_VECS];
    struct tile_source source = {
        .scale = input->scale + r0,
        .lanes = input->lanes + n,
        .row_stride = 1,
        .k_stride = input->scale_stride,
        .lane_stride = BLOCK,
        .depth = input->depth,
    };

    hidden1_begin(input, r0, n, acc);
    tile_multiply(acc, TILE_ROWS, TILE_VECS, source);
    UNROLL
    for (size_t r = 0; r < TILE_ROWS; r++) {
        UNROLL
        for (size_t v = 0; v < TILE_VECS; v++) {
            vec_store(hidden + (size_t)(r0 + r) * BLOCK + n + v * LANES,
                      vec_max(acc[r][v], vec_set(0.0F)));
        }
    }
}

KERNEL_INLINE void hidden2_begin(const struct mlp *mlp, uint32_t r0, vec acc[][TILE_VECS])
{
    UNROLL
    for (size_t r = 0; r < TILE_ROWS; r++) {
        UNROLL
        for (size_t v = 0; v < TILE_VECS; v++)
            acc[r][v] = vec_set(mlp->bias2[r0 + r]);
    }
}

/* Multiplied into the output, which waits in memory: the registers are all taken. */
KERNEL_INLINE void hidden2_end(const struct mlp *mlp, uint32_t r0, vec acc[][TILE_VECS], float *out)
{
    UNROLL
    for (size_t v = 0; v < TILE_VECS; v++) {
        vec sum = vec_load(out + v * LANES);

        UNROLL
        for (size_t r = 0; r < TILE_ROWS; r++)
            sum = vec_fma(vec_max(acc[r][v], vec_set(0.0F)), vec_set(mlp->weight3[r0 + r]), sum);
        vec_store(out + v * LANES, sum);
    }
}

/* TILE_ROWS rows of the second hidden layer, at once multiplied into the output. */
KERNEL_INLINE void hidden2_tile(const struct mlp *mlp, uint32_t r0, const float *hidden, float *out)
{
    vec acc[TILE_ROWS][TILE_VECS];
    struct tile_source source = {
        .scale = mlp->weight2 + r0,
        .lanes = hidden,
        .row_stride = 1,
        .k_stride = mlp->rows2,
        .lane_stride = BLOCK,
        .depth = mlp->rows1,
    };

    hidden2_begin(mlp, r0, acc);
    tile_multiply(acc, TILE_ROWS, TILE_VECS, source);
    hidden2_end(mlp, r0, acc, out);
}

typedef void hidden1_of_tile(const struct mlp_input *input, uint32_t r0, size_t n, float *hidden);
typedef void hidden2_of_tile(const struct mlp *mlp, uint32_t r0, const float *hidden, float *out);

/* Tile by tile; a hidden layer has the rows of two in one where they are pairs. */
KERNEL_INLINE void mlp_tiles(const struct mlp *mlp, const struct mlp_input *input,
                             hidden1_of_tile *hidden1, hidden2_of_tile *hidden2, float *hidden,
                             float *out)
{
    for (size_t n = 0; n < BLOCK; n += TILE_LANES) {
        for (uint32_t r = 0; r < mlp->rows1; r += TILE_ROWS)
            hidden1(input, r, n, hidden);
        UNROLL
        for (size_t v = 0; v < TILE_VECS; v++)
            vec_store(out + n + v * LANES, vec_set(mlp->bias3));
        for (uint32_t r = 0; r < mlp->rows2; r += TILE_ROWS)
            hidden2(mlp, r, hidden + n, out + n);
    }
}

static void mlp_block(const struct mlp *mlp, const struct mlp_input *input, float *hidden,
                      float *out)
{
    mlp_tiles(mlp, input, hidden1_tile, hidden2_tile, hidden, out);
}

static void scale(const struct scale_job *job, float *out)
{
    for (uint32_t k = 0; k < job->depth; k++) {
        vec factor = vec_set(job->factor[k]);
        const float *weight = job->weight + (size_t)k * job->width;

        for (uint32_t j = 0; j < job->width; j += LANES)
            vec_store(out + (size_t)k * job->width + j, vec_mul(factor, vec_load(weight + j)));
    }
}

/* --- lane by lane -------------------------------------------------------------------------------- */

static void softmax_block(float *logit, uint32_t len)
{
    for (size_t n = 0; n < BLOCK; n += LANES) {
        vec top = vec_load(logit + n);
        vec sum = vec_set(0.0F);

        for (uint32_t t = 1; t < len; t++)
            top = vec_max(vec_load(logit + (size_t)t * BLOCK + n), top);
        for (uint32_t t = 0; t < len; t++) {
            float *at = logit + (size_t)t * BLOCK + n;
            vec power = vec_exp(vec_sub(vec_load(at), top));

            vec_store(at, power);
            sum = vec_add(sum, power);
        }
        vec scale = vec_div(vec_set(1.0F), sum);
        for (uint32_t t = 0; t < len; t++) {
            float *at = logit + (size_t)t * BLOCK + n;

            vec_store(at, vec_mul(vec_load(at), scale));
        }
    }
}

static void mix_block(const float *weight, uint32_t len, const float *alpha_logit, float *mix)
{
    for (size_t n = 0; n < BLOCK; n += LANES) {
        vec alpha = vec_sigmoid(vec_load(alpha_logit + n));
        vec rest = vec_sub(vec_set(1.0F), alpha);

        for (uint32_t t = 0; t < len; t++) {
            vec_store(mix + (size_t)t * BLOCK + n,
                      vec_mul(rest, vec_load(weight + (size_t)t * BLOCK + n)));
        }
        vec_store(mix + (size_t)len * BLOCK + n, alpha);
    }
}

static void cause_block(const float *mix, uint32_t len, const float *long_share, float *step,
                        float *share)
{
    for (size_t n = 0; n < BLOCK; n += LANES) {
        vec alpha = vec_load(mix + (size_t)len * BLOCK + n);
        vec most = vec_set(0.0F);
        vec which = vec_set(-1.0F);

        for (uint32_t t = 0; t < len; t++) {
            vec here =
                vec_fma(alpha, vec_set(long_share[t]), vec_load(mix + (size_t)t * BLOCK + n));

            which = vec_if_less(here, most, which, vec_set((float)t));
            most = vec_max(here, most);
        }
        vec_store(step + n, which);
        vec_store(share + n, most);
    }
}

/* c = sigma(f + 1) * Tl * c + sigma(i) * Tn * tanh(j);  m = sigma(o) * tanh(c) */
static void lstm_step(const struct lstm_step *step)
{
    for (size_t n = 0; n < BLOCK; n += LANES) {
        const float *gate = step->gates + n;
        vec i = vec_sigmoid(vec_load(gate));
        vec j = vec_tanh(vec_load(gate + BLOCK));
        vec f = vec_sigmoid(vec_add(vec_load(gate + (size_t)2 * BLOCK), vec_set(1.0F)));
        vec o = vec_add(vec_load(gate + (size_t)3 * BLOCK), vec_load(step->now + BLOCK + n));
        vec time_now = vec_add(vec_load(gate + (size_t)4 * BLOCK), vec_load(step->now + n));
        vec time_last = vec_add(vec_load(gate + (size_t)5 * BLOCK), vec_load(step->last + n));
        vec keep = vec_mul(vec_mul(f, vec_sigmoid(time_last)), vec_load(step->cell + n));
        vec take = vec_mul(vec_mul(i, vec_sigmoid(time_now)), j);
        vec cell = vec_add(keep, take);

        o = vec_sigmoid(vec_add(o, vec_load(step->last + BLOCK + n)));
        vec_store(step->cell + n, cell);
        vec_store(step->output + n, vec_mul(o, vec_tanh(cell)));
    }
}

static void tanh_affine(float x, const float *weight, const float *bias, float *out)
{
    for (size_t n = 0; n < BLOCK; n += LANES)
        vec_store(out + n, vec_tanh(vec_fma(vec_set(x), vec_load(weight + n), vec_load(bias + n))));
}

static void exp_block(float *x)
{
    for (size_t n = 0; n < BLOCK; n += LANES)
        vec_store(x + n, vec_exp(vec_load(x + n)));
}

#define KERNELS(label)                                                                           \
    {                                                                                            \
        .name = (label), .rows = rows, .mlp_block = mlp_block, .mlp_block_half = mlp_block_half, \
        .scale = scale, .scale_pairs = scale_pairs, .softmax_block = softmax_block,              \
        .mix_block = mix_block, .cause_block = cause_block, .lstm_step = lstm_step,              \
        .tanh_affine = tanh_affine, .exp_block = exp_block,                                      \
    }
