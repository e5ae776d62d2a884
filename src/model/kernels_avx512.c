/* kernels_avx512.c - the kernels over 16 lanes; compiled for AVX-512F, run only where it is.
 * 8 x 3 accumulators, three columns and a factor: 28 of 32 registers. */
#if defined(__x86_64__)
#include <immintrin.h>

enum { LANES = 16, TILE_ROWS = 8 };
typedef __m512 vec;

#define vec_load(from)   _mm512_loadu_ps(from)
#define vec_store(to, x) _mm512_storeu_ps(to, x)
#define vec_set(x)       _mm512_set1_ps(x)
#define vec_add(x, y)    _mm512_add_ps(x, y)
#define vec_sub(x, y)    _mm512_sub_ps(x, y)
#define vec_mul(x, y)    _mm512_mul_ps(x, y)
#define vec_div(x, y)    _mm512_div_ps(x, y)
#define vec_fma(x, y, z) _mm512_fmadd_ps(x, y, z)
#define vec_max(x, y)    _mm512_max_ps(x, y)
#define vec_min(x, y)    _mm512_min_ps(x, y)
#define vec_if_less(x, y, then, other) \
    _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, y, _CMP_LT_OQ), other, then)
#define vec_shift(x, bits)                                       \
    _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(x), \
                                         _mm512_slli_epi32(_mm512_castps_si512(bits), 23)))

#include "model/kernels_body.h"

const struct kernels kernels_avx512 = KERNELS("avx512");
#endif
