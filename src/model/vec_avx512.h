/* vec_avx512.h - what kernels_body.h needs, over 16 lanes. 8 x 3 accumulators, three columns and a
 * factor: 28 of 32 registers. */
#pragma once
#include <immintrin.h>

#include "model/kernels.h"

enum { LANES = 16, TILE_ROWS = 8 };
typedef __m512 vec;

KERNEL_INLINE vec vec_load(const float *from)
{
    return _mm512_loadu_ps(from);
}

KERNEL_INLINE void vec_store(float *to, vec x)
{
    _mm512_storeu_ps(to, x);
}

KERNEL_INLINE vec vec_set(float x)
{
    return _mm512_set1_ps(x);
}

KERNEL_INLINE vec vec_add(vec x, vec y)
{
    return _mm512_add_ps(x, y);
}

KERNEL_INLINE vec vec_sub(vec x, vec y)
{
    return _mm512_sub_ps(x, y);
}

KERNEL_INLINE vec vec_mul(vec x, vec y)
{
    return _mm512_mul_ps(x, y);
}

KERNEL_INLINE vec vec_div(vec x, vec y)
{
    return _mm512_div_ps(x, y);
}

KERNEL_INLINE vec vec_max(vec x, vec y)
{
    return _mm512_max_ps(x, y);
}

KERNEL_INLINE vec vec_min(vec x, vec y)
{
    return _mm512_min_ps(x, y);
}

KERNEL_INLINE vec vec_fma(vec x, vec y, vec z)
{
    return _mm512_fmadd_ps(x, y, z);
}

KERNEL_INLINE vec vec_if_less(vec x, vec y, vec then, vec other)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, y, _CMP_LT_OQ), other, then);
}

KERNEL_INLINE vec vec_shift(vec x, vec bits)
{
    __m512i n = _mm512_slli_epi32(_mm512_castps_si512(bits), 23);

    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(x), n));
}
