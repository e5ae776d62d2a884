/* train_kernels_portable.c - training's kernels over vectors of 16 bytes. */
#define VECTOR_BYTES 16
#define TILE_ROWS    4
#include "model/train/kernels_body.h"

const struct train_kernels train_kernels_portable = TRAIN_KERNELS("portable");
