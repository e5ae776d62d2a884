/* kernels.c - which of the encoder's kernels this processor can run. */
#include "model/encode/kernels.h"

const struct encode_kernels *encode_kernels_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return &encode_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &encode_kernels_avx2;
#endif
    return &encode_kernels_portable;
}
