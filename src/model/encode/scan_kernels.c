/* scan_kernels.c - the pass over codes as any compiler has it, and which one this processor can run.
 * All give the same sums: they are whole numbers. */
#include "model/encode/scan.h"

#define SCAN_NAME "portable"
#define SCAN_ROW  scan_kernels_portable
#include "model/encode/scan_kernels_body.h"

const struct scan_kernels *scan_kernels_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vnni")) return &scan_kernels_vnni;
    if (__builtin_cpu_supports("avx2")) return &scan_kernels_avx2;
#endif
    return &scan_kernels_portable;
}
