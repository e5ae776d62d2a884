/* kernels_avx512.c - the encoder's kernels over vectors of 64 bytes. */
#if defined(__x86_64__)
#define VECTOR_BYTES 64
#include "model/encode/kernels_body.h"

const struct encode_kernels encode_kernels_avx512 = ENCODE_KERNELS("avx512");
#endif
