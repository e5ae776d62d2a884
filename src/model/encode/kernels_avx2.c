/* kernels_avx2.c - the encoder's kernels over vectors of 32 bytes. */
#if defined(__x86_64__)
#define VECTOR_BYTES 32
#include "model/encode/kernels_body.h"

const struct encode_kernels encode_kernels_avx2 = ENCODE_KERNELS("avx2");
#endif
