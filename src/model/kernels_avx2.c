/* kernels_avx2.c - the kernels over 8 lanes; compiled for AVX2 and FMA, run only where they are.
 * 4 x 3 accumulators, three columns and a factor: all 16 registers. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "model/kernels.h"

enum { LANES = 8, TILE_ROWS = 4 };
typedef __m256 vec;

KERNEL_INLINE vec vec_load(const float *from)
{
    return _mm256_loadu_ps(from);
}

KERNEL_INLINE void vec_store(float *to, vec x)
{
    _mm256_storeu_ps(to, x);
}

KERNEL_INLINE vec vec_set(float x)
{
    return _mm256_set1_ps(x);
}

KERNEL_INLINE vec vec_add(vec x, vec y)
{
    return _mm256_add_ps(x, y);
}

KERNEL_INLINE vec vec_sub(vec x, vec y)
{
    return _mm256_sub_ps(x, y);
}

KERNEL_INLINE vec vec_mul(vec x, vec y)
{
    return _mm256_mul_ps(x, y);
}

KERNEL_INLINE vec vec_div(vec x, vec y)
{
    return _mm256_div_ps(x, y);
}

KERNEL_INLINE vec vec_max(vec x, vec y)
{
    return _mm256_max_ps(x, y);
}

KERNEL_INLINE vec vec_min(vec x, vec y)
{
    return _mm256_min_ps(x, y);
}

KERNEL_INLINE vec vec_fma(vec x, vec y, vec z)
{
    return _mm256_fmadd_ps(x, y, z);
}

KERNEL_INLINE vec vec_if_less(vec x, vec y, vec then, vec other)
{
    return _mm256_blendv_ps(other, then, _mm256_cmp_ps(x, y, _CMP_LT_OQ));
}

KERNEL_INLINE vec vec_shift(vec x, vec bits)
{
    __m256i n = _mm256_slli_epi32(_mm256_castps_si256(bits), 23);

    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), n));
}

KERNEL_INLINE vec vec_low(vec pairs)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(pairs), 16));
}

KERNEL_INLINE vec vec_high(vec pairs)
{
    return _mm256_castsi256_ps(
        _mm256_and_si256(_mm256_castps_si256(pairs), _mm256_set1_epi32((int)0xFFFF0000U)));
}

/* The upper half is x in bf16. */
KERNEL_INLINE __m256i rounded(vec x)
{
    __m256i bits = _mm256_castps_si256(x);
    __m256i exponent = _mm256_and_si256(bits, _mm256_set1_epi32(0x7F800000));
    __m256i tiny = _mm256_cmpeq_epi32(exponent, _mm256_setzero_si256());
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    __m256i sum = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7FFF)), odd);
    __m256i sign = _mm256_and_si256(bits, _mm256_set1_epi32((int)0x80000000U));

    return _mm256_blendv_epi8(sum, sign, tiny);
}

KERNEL_INLINE vec vec_pair(vec even, vec odd)
{
    __m256i high = _mm256_and_si256(rounded(odd), _mm256_set1_epi32((int)0xFFFF0000U));

    return _mm256_castsi256_ps(_mm256_or_si256(_mm256_srli_epi32(rounded(even), 16), high));
}

#include "model/kernels_body.h"
#include "model/kernels_half.h"

const struct kernels kernels_avx2 = KERNELS("avx2");
#endif
