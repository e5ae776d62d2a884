/* kernels.c - which kernels this processor can run. */
#include "model/kernels.h"

void kernels_available(const struct kernels *list[KERNELS_MAX + 1])
{
    uint32_t count = 0;

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512f"))
        list[count++] = &kernels_avx512bf16;
    if (__builtin_cpu_supports("avx512f")) list[count++] = &kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        list[count++] = &kernels_avx2;
    }
#elif defined(__aarch64__)
    list[count++] = &kernels_neon;
#endif
    list[count++] = &kernels_portable;
    list[count] = NULL;
}
