/* train_kernels.h - the arithmetic of training: products of small matrices and the element-wise
 * parts of SLi-Rec's layers, forward and backward.
 *
 * Rows are filled up to whole TRAIN_UNITs of columns, so that no kernel has a tail. Every sum runs in a
 * fixed order: the same numbers go in, the same bits come out, on one instruction set. Between
 * instruction sets the last bits differ, since lanes take part in sums here (in scoring they
 * never do).
 *
 * `real` is float. Tests compile the same files once more with TRAIN_DOUBLE, where finite
 * differences can tell a right gradient from a wrong one.
 */
#pragma once
#include "base/base.h"

#ifdef TRAIN_DOUBLE
typedef double real;
#else
typedef float real;
#endif

enum { TRAIN_UNIT = 16 };

static inline uint32_t train_pad(uint32_t columns)
{
    return (columns + TRAIN_UNIT - 1) / TRAIN_UNIT * TRAIN_UNIT;
}

/* out[r][j] = (add ? out[r][j] : initial[j]) + sum over k of factor[r, k] * lanes[k][j].
 * With row_stride = a row and k_stride = 1 that is A B; with row_stride = 1 and k_stride = a row it is
 * A^T B, the gradient of a weight. */
struct train_product {
    const real *factor;
    size_t row_stride, k_stride;
    const real *lanes;
    size_t lane_stride;
    uint32_t rows, depth, width; /* width: a multiple of TRAIN_UNIT */
    const real *initial;         /* [width]; NULL: zeros */
    real *out;
    size_t out_stride;
    bool add;
};

/* Batch norm, dropout, relu of one layer: h = max(0, keep * keep_scale * (z * scale + shift)). */
struct train_norm {
    uint32_t width;
    real keep_scale;           /* 1 / (1 - dropout) */
    const real *scale, *shift; /* gamma / deviation, beta - mean * scale */
    const real *mean, *inverse;
    const real *mean_dy, *mean_dyx; /* column means of dy and of dy times normalised z */
};

/* One step of the cell; `gates` is six vectors of `width`: i j f l o n (l: the "last" gate, n: "now"). */
struct train_cell {
    uint32_t width;
    real *gates; /* forward: sums in, activations out; backward: activations in, gradients out */
    const real *cell_before; /* c_{t-1} */
    real *cell;              /* c_t */
    real *output;            /* m_t */
    const real *d_output;    /* backward: of m_t, in */
    real *d_cell;            /* backward: of c_t in, of c_{t-1} out */
};

struct train_adam {
    real rate, beta1, beta2, epsilon;
};

struct train_kernels {
    const char *name;
    void (*product)(const struct train_product *product);

    /* Column means and sums of squared distances from them. */
    void (*moments)(const real *z, uint32_t rows, uint32_t width, real *mean, real *squares);
    /* keep [rows][width] of 0 and 1; NULL: all kept. */
    void (*activate)(const struct train_norm *norm, const real *z, const uint8_t *keep,
                     uint32_t rows, real *h);
    /* d [rows][width]: gradient of h in, of batch norm's output out; its sums of dy and of
     * dy times normalised z are added to sums [2][width]. */
    void (*deactivate)(const struct train_norm *norm, const real *z, const uint8_t *keep,
                       uint32_t rows, real *d, real *sums);
    /* d: gradient of batch norm's output in, of z out. */
    void (*denormalise)(const struct train_norm *norm, const real *z, uint32_t rows, real *d);

    /* out[r] = row r times weight. */
    void (*dots)(const real *in, size_t stride, uint32_t rows, uint32_t width, const real *weight,
                 real *out);
    /* out[j] += scale * in[j] */
    void (*add_scaled)(real *out, const real *in, real scale, uint32_t width);
    /* out[j] += a[j] * b[j] */
    void (*add_products)(real *out, const real *a, const real *b, uint32_t width);
    void (*tanh_affine)(real x, const real *weight, const real *bias, uint32_t width, real *out);
    /* d: gradient of tanh's output in, of its argument out. */
    void (*tanh_back)(const real *out, uint32_t width, real *d);
    void (*exponentials)(real *x, uint32_t width);
    void (*cell_forward)(const struct train_cell *cell);
    void (*cell_backward)(const struct train_cell *cell);

    void (*adam)(const struct train_adam *adam, const real *gradient, real *m, real *v, real *value,
                 size_t count);
    /* 1 with probability 1 - dropout (in 65536ths), 0 otherwise; count a multiple of TRAIN_UNIT. */
    void (*keep_fill)(uint64_t seed, uint32_t kept_of_65536, uint8_t *keep, size_t count);
};

extern const struct train_kernels train_kernels_portable;
extern const struct train_kernels train_kernels_avx2;   /* x86-64 only */
extern const struct train_kernels train_kernels_avx512; /* x86-64 only */

/* The fastest this processor can run. */
const struct train_kernels *train_kernels_best(void);
