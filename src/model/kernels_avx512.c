/* kernels_avx512.c - the kernels over 16 lanes; compiled for AVX-512F, run only where it is. */
#if defined(__x86_64__)
#include "model/vec_avx512.h"

KERNEL_INLINE vec vec_low(vec pairs)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(pairs), 16));
}

KERNEL_INLINE vec vec_high(vec pairs)
{
    return _mm512_castsi512_ps(
        _mm512_and_si512(_mm512_castps_si512(pairs), _mm512_set1_epi32((int)0xFFFF0000U)));
}

/* The upper half is x in bf16. */
KERNEL_INLINE __m512i rounded(vec x)
{
    __m512i bits = _mm512_castps_si512(x);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __mmask16 normal = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(0x7F800000));
    __m512i sum = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7FFF)), odd);

    return _mm512_mask_mov_epi32(_mm512_and_si512(bits, _mm512_set1_epi32((int)0x80000000U)),
                                 normal, sum);
}

KERNEL_INLINE vec vec_pair(vec even, vec odd)
{
    __m512i high = _mm512_and_si512(rounded(odd), _mm512_set1_epi32((int)0xFFFF0000U));

    return _mm512_castsi512_ps(_mm512_or_si512(_mm512_srli_epi32(rounded(even), 16), high));
}

#include "model/kernels_body.h"
#include "model/kernels_half.h"

const struct kernels kernels_avx512 = KERNELS("avx512");
#endif
