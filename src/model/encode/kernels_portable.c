/* kernels_portable.c - the encoder's kernels over vectors of 16 bytes. */
#define VECTOR_BYTES 16
#include "model/encode/kernels_body.h"

const struct encode_kernels encode_kernels_portable = ENCODE_KERNELS("portable");
