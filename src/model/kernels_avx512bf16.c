/* kernels_avx512bf16.c - the kernels over 16 lanes where the processor multiplies pairs of bf16. */
#if defined(__x86_64__)
#include "model/vec_avx512.h"

#define VEC_DOT
KERNEL_INLINE vec vec_dot(vec factor, vec column, vec acc)
{
    return _mm512_dpbf16_ps(acc, (__m512bh)factor, (__m512bh)column);
}

/* Rounded side by side, even ones below odd ones, then dealt out in turn. */
KERNEL_INLINE vec vec_pair(vec even, vec odd)
{
    const __m512i turns =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                         21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    __m512i both = (__m512i)_mm512_cvtne2ps_pbh(odd, even);

    return _mm512_castsi512_ps(_mm512_permutexvar_epi16(turns, both));
}

#include "model/kernels_body.h"
#include "model/kernels_half.h"

const struct kernels kernels_avx512bf16 = KERNELS("avx512bf16");
#endif
