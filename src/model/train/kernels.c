/* train_kernels.c - which of training's kernels this processor can run. */
#include "model/train/kernels.h"

const struct train_kernels *train_kernels_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return &train_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &train_kernels_avx2;
#endif
    return &train_kernels_portable;
}
