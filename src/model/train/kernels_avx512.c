/* train_kernels_avx512.c - training's kernels over vectors of 64 bytes.
 * Compiled for AVX-512F. */
#if defined(__x86_64__)
#define VECTOR_BYTES 64
#define TILE_ROWS    8
#include "model/train/kernels_body.h"

const struct train_kernels train_kernels_avx512 = TRAIN_KERNELS("avx512");
#endif
