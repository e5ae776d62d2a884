/* kernels_half.h - the networks in bf16, over the same vectors; included after kernels_body.h.
 *
 * The including file defines besides: vec_pair (two vectors rounded and paired), and either vec_dot
 * (VEC_DOT says so) or vec_low and vec_high, the halves of pairs as floats.
 */
#include "model/kernels.h"

#if !defined(VEC_DOT)
KERNEL_INLINE vec vec_dot(vec factor, vec column, vec acc)
{
    acc = vec_fma(vec_high(factor), vec_high(column), acc);
    return vec_fma(vec_low(factor), vec_low(column), acc);
}
#endif

/* Over pairs of k; as tile_multiply. */
KERNEL_INLINE void tile_dot(vec acc[][TILE_VECS], struct tile_source source)
{
    tile_sum(acc, TILE_ROWS, TILE_VECS, 2, vec_dot, source);
}

KERNEL_INLINE void half_hidden1_tile(const struct mlp_input *input, uint32_t r0, size_t n,
                                     float *hidden)
{
    vec acc[TILE_ROWS][TILE_VECS];
    bool pairs = input->lane_pairs != NULL;
    struct tile_source source = {
        .scale = (pairs ? input->scale_pairs : input->scale) + r0,
        .lanes = (pairs ? input->lane_pairs : input->lanes) + n,
        .row_stride = 1,
        .k_stride = input->scale_stride,
        .lane_stride = BLOCK,
        .depth = input->depth,
    };
    const vec zero = vec_set(0.0F);

    hidden1_begin(input, r0, n, acc);
    if (pairs) {
        tile_dot(acc, source);
    } else {
        tile_multiply(acc, TILE_ROWS, TILE_VECS, source);
    }
    UNROLL
    for (size_t r = 0; r < TILE_ROWS; r += 2) {
        UNROLL
        for (size_t v = 0; v < TILE_VECS; v++) {
            vec_store(hidden + (r0 + r) / 2 * BLOCK + n + v * LANES,
                      vec_pair(vec_max(acc[r][v], zero), vec_max(acc[r + 1][v], zero)));
        }
    }
}

KERNEL_INLINE void half_hidden2_tile(const struct mlp *mlp, uint32_t r0, const float *hidden,
                                     float *out)
{
    vec acc[TILE_ROWS][TILE_VECS];
    struct tile_source source = {
        .scale = mlp->weight2_pairs + r0,
        .lanes = hidden,
        .row_stride = 1,
        .k_stride = mlp->rows2,
        .lane_stride = BLOCK,
        .depth = mlp->rows1,
    };

    hidden2_begin(mlp, r0, acc);
    tile_dot(acc, source);
    hidden2_end(mlp, r0, acc, out);
}

static void mlp_block_half(const struct mlp *mlp, const struct mlp_input *input, float *hidden,
                           float *out)
{
    mlp_tiles(mlp, input, half_hidden1_tile, half_hidden2_tile, hidden, out);
}

static void scale_pairs(const struct scale_job *job, float *out)
{
    for (uint32_t k = 0; k < job->depth; k += 2) {
        vec even = vec_set(job->factor[k]);
        vec odd = vec_set(job->factor[k + 1]);
        const float *weight = job->weight + (size_t)k * job->width;

        for (uint32_t j = 0; j < job->width; j += LANES) {
            vec_store(out + (size_t)(k / 2) * job->width + j,
                      vec_pair(vec_mul(even, vec_load(weight + j)),
                               vec_mul(odd, vec_load(weight + job->width + j))));
        }
    }
}
