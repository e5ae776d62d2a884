/* kernels.h - the arithmetic of scoring, in float32, with equal bits on every machine.
 *
 * Every output element is one chain of fused multiply-adds in ascending order of its inner index;
 * lanes run across outputs (items or columns), never across a sum. So the width of a vector, the
 * size of a tile and the instruction set change the speed and nothing else. exp, sigmoid and tanh
 * are ours (kernels_body.h), the C library's differ between machines.
 *
 * A block is BLOCK = 48 items side by side: row-major [row][48]. 48 is three AVX-512 vectors, six
 * of AVX2, twelve of four floats.
 */
#pragma once
#include "base/base.h"

#define KERNEL_INLINE static inline __attribute__((always_inline))

enum { BLOCK = 48, COLUMN_UNIT = 16 };

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

    /* logit [len][BLOCK] becomes its softmax over len, lane by lane. */
    void (*softmax_block)(float *logit, uint32_t len);

    /* mix [len + 1][BLOCK] from weight [len][BLOCK] and alpha's logit: (1 - alpha) * weight,
     * and alpha itself in the last row. */
    void (*mix_block)(const float *weight, uint32_t len, const float *alpha_logit, float *mix);

    void (*lstm_step)(const struct lstm_step *step);
    void (*tanh_affine)(float x, const float *weight, const float *bias, float *out); /* [BLOCK] */
    void (*exp_block)(float *x);                                                      /* [BLOCK] */
};

extern const struct kernels kernels_portable;
extern const struct kernels kernels_avx2;   /* x86-64 only */
extern const struct kernels kernels_avx512; /* x86-64 only */

/* Those this processor can run, the fastest first; NULL ends the list. */
enum { KERNELS_MAX = 3 };
void kernels_available(const struct kernels *list[KERNELS_MAX + 1]);
