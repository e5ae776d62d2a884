/* kernels.h - the arithmetic of scoring, in float32, with equal bits on every machine.
 *
 * Every output element is one chain of fused multiply-adds in ascending order of its inner index;
 * lanes run across outputs (items or columns), never across a sum. So the width of a vector, the
 * size of a tile and the instruction set change the speed and nothing else. exp, sigmoid and tanh
 * are ours (kernels_body.h), the C library's differ between machines.
 *
 * In bf16 (the upper 16 bits of a float, rounded to nearest even) two factors lie in the 32 bits of one:
 * the even k below, the odd one above. Such pairs are kept in arrays of float, which no arithmetic
 * ever touches. A pair's products are added as AVX-512-BF16 adds them, each a fused multiply-add in
 * float32, the odd one first; so the bits are equal here, too, as long as no sum is below 1e-37, which
 * that instruction takes for 0.
 *
 * A block is BLOCK = 48 items side by side: row-major [row][48]. 48 is three AVX-512 vectors, six
 * of AVX2, twelve of four floats.
 */
#pragma once
#include "base/base.h"

#define KERNEL_INLINE static inline __attribute__((always_inline))

enum { BLOCK = 48, COLUMN_UNIT = 16 };

/* x as bf16 in the upper half; what is below the least normal number becomes 0. */
static inline uint32_t half_bits(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    if ((bits & 0x7F800000U) == 0) return bits & 0x80000000U;
    return (bits + 0x7FFFU + (bits >> 16 & 1)) & 0xFFFF0000U;
}

static inline float half_pair(float even, float odd)
{
    uint32_t bits = half_bits(even) >> 16 | half_bits(odd);
    float pair;

    memcpy(&pair, &bits, sizeof(pair));
    return pair;
}

/* One row per step: out[t][j] = initial[j] + sum over k ascending of in[t][k] * weight[k][j].
 * width is a multiple of COLUMN_UNIT; rows of weight and out are `width` apart. */
struct rows_job {
    const float *in; /* [count][in_stride], the first `depth` of each are read */
    uint32_t in_stride;
    uint32_t count;
    uint32_t depth;
    const float *weight;  /* [depth][width] */
    const float *initial; /* [width]; NULL: zeros */
    uint32_t width;
};

/* The two upper layers of one of the model's three networks, batch norm folded in. */
struct mlp {
    uint32_t rows1;       /* width of the first hidden layer; a multiple of 8 */
    uint32_t rows2;       /* of the second; a multiple of 8 */
    const float *weight2; /* [rows1][rows2] */
    const float *bias2;   /* [rows2] */
    const float *weight3; /* [rows2] */
    float bias3;
    const float *weight2_pairs; /* [rows1 / 2][rows2] */
};

/* First layer of a block: hidden[r][n] = relu(base[r][n] + shift[r]
 *                                             + sum over k of scale[k][r] * lanes[k][n]) */
struct mlp_input {
    const float *base;  /* [rows1][BLOCK], of the items */
    const float *shift; /* [rows1], of the user */
    const float *scale; /* [depth][scale_stride] */
    uint32_t scale_stride;
    uint32_t depth;
    const float *lanes; /* [depth][BLOCK] */
    const float
        *scale_pairs; /* [depth / 2][scale_stride]; mlp_block_half only: NULL: the two above */
    const float *lane_pairs; /* [depth / 2][BLOCK] */
};

/* The user's factors of a first layer: out[k][j] = factor[k] * weight[k][j] */
struct scale_job {
    const float *factor; /* [depth] */
    const float *weight; /* [depth][width] */
    uint32_t depth;      /* even */
    uint32_t width;      /* a multiple of COLUMN_UNIT */
};

/* One step of the recurrence; every vector is padded from 40 to BLOCK floats. */
struct lstm_step {
    const float *gates; /* [6][BLOCK]: i j f o of x and m together; x's part of both time gates */
    const float *now;   /* [2][BLOCK]: n T1, n O1 */
    const float *last;  /* [2][BLOCK]: l T2, l O2 */
    float *cell;        /* [BLOCK] in and out */
    float *output;      /* [BLOCK] m_t */
};

struct kernels {
    const char *name;
    void (*rows)(const struct rows_job *job, float *out);

    /* hidden [rows1][BLOCK] is scratch; out [BLOCK] gets the network's output before any sigmoid. */
    void (*mlp_block)(const struct mlp *mlp, const struct mlp_input *input, float *hidden,
                      float *out);

    /* The same with the second layer in bf16, and the first where the input has pairs.
     * hidden [rows1 / 2][BLOCK] */
    void (*mlp_block_half)(const struct mlp *mlp, const struct mlp_input *input, float *hidden,
                           float *out);

    void (*scale)(const struct scale_job *job, float *out);       /* [depth][width] */
    void (*scale_pairs)(const struct scale_job *job, float *out); /* [depth / 2][width] */

    /* logit [len][BLOCK] becomes its softmax over len, lane by lane. */
    void (*softmax_block)(float *logit, uint32_t len);

    /* mix [len + 1][BLOCK] from weight [len][BLOCK] and alpha's logit: (1 - alpha) * weight,
     * and alpha itself in the last row. */
    void (*mix_block)(const float *weight, uint32_t len, const float *alpha_logit, float *mix);

    /* Which step weighed most in each item's score: share of step t is mix[t] + alpha * long_share[t],
     * alpha being mix's last row. step [BLOCK]: its number as a float, the later of equals, -1
     * when len is 0; share [BLOCK] its share, 0 then. */
    void (*cause_block)(const float *mix, uint32_t len, const float *long_share, float *step,
                        float *share);

    void (*lstm_step)(const struct lstm_step *step);
    void (*tanh_affine)(float x, const float *weight, const float *bias, float *out); /* [BLOCK] */
    void (*exp_block)(float *x);                                                      /* [BLOCK] */
};

extern const struct kernels kernels_portable;
extern const struct kernels kernels_avx2;   /* x86-64 only */
extern const struct kernels kernels_avx512; /* x86-64 only */
extern const struct kernels kernels_avx512bf16;
extern const struct kernels kernels_neon; /* AArch64 only */

/* Those this processor can run, the fastest first; NULL ends the list. */
enum { KERNELS_MAX = 4 };
void kernels_available(const struct kernels *list[KERNELS_MAX + 1]);
