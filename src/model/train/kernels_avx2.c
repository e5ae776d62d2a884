/* train_kernels_avx2.c - training's kernels over vectors of 32 bytes.
 * Compiled for AVX2 and FMA. */
#if defined(__x86_64__)
#define VECTOR_BYTES 32
#define TILE_ROWS    4
#include "model/train/kernels_body.h"

const struct train_kernels train_kernels_avx2 = TRAIN_KERNELS("avx2");
#endif
