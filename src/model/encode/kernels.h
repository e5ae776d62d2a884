/* kernels.h - the element-wise arithmetic of the encoder, beside the products of train/kernels.h.
 *
 * Widths are whole TRAIN_UNITs. `real` is float; tests compile the same files once more with doubles.
 */
#pragma once
#include "model/train/kernels.h"

/* Layer norm of rows: out = normal * gain + shift, normal = (x - mean) / deviation. */
struct encode_norm {
    uint32_t rows, width;
    const real *gain, *shift;
    real *normal;  /* [rows][width] */
    real *inverse; /* [rows] 1 / deviation */
};

/* Dropout's decisions of 0 and 1; keep NULL: all kept, scale is not looked at. */
struct encode_drop {
    const uint8_t *keep;
    real scale; /* 1 / share kept */
};

struct encode_kernels {
    const char *name;
    /* x -= its largest, which is returned. */
    real (*lower)(real *x, uint32_t width);
    real (*total)(const real *x, uint32_t width);
    void (*scale)(real *x, real factor, uint32_t width);

    void (*norm)(const struct encode_norm *norm, const real *x, real *out);
    /* d_x += the gradient by way of d_out; sums [2][width] += those of gain and shift. */
    void (*norm_back)(const struct encode_norm *norm, const real *d_out, real *d_x, real *sums);

    /* out = dropped(in) + base; base NULL: nothing is added */
    void (*drop)(struct encode_drop drop, const real *in, const real *base, size_t count,
                 real *out);
    /* out = dropped(max(0, in)) */
    void (*rectify)(struct encode_drop drop, const real *in, size_t count, real *out);
    /* d: gradient of out in, of in out */
    void (*rectify_back)(struct encode_drop drop, const real *in, size_t count, real *d);
};

extern const struct encode_kernels encode_kernels_portable;
extern const struct encode_kernels encode_kernels_avx2;   /* x86-64 only */
extern const struct encode_kernels encode_kernels_avx512; /* x86-64 only */

/* The fastest this processor can run. */
const struct encode_kernels *encode_kernels_best(void);
