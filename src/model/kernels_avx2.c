/* kernels_avx2.c - the kernels over 8 lanes; compiled for AVX2 and FMA, run only where they are.
 * 4 x 3 accumulators, three columns and a factor: all 16 registers. */
#if defined(__x86_64__)
#include <immintrin.h>

enum { LANES = 8, TILE_ROWS = 4 };
typedef __m256 vec;

#define vec_load(from)   _mm256_loadu_ps(from)
#define vec_store(to, x) _mm256_storeu_ps(to, x)
#define vec_set(x)       _mm256_set1_ps(x)
#define vec_add(x, y)    _mm256_add_ps(x, y)
#define vec_sub(x, y)    _mm256_sub_ps(x, y)
#define vec_mul(x, y)    _mm256_mul_ps(x, y)
#define vec_div(x, y)    _mm256_div_ps(x, y)
#define vec_fma(x, y, z) _mm256_fmadd_ps(x, y, z)
#define vec_max(x, y)    _mm256_max_ps(x, y)
#define vec_min(x, y)    _mm256_min_ps(x, y)
#define vec_if_less(x, y, then, other) \
    _mm256_blendv_ps(other, then, _mm256_cmp_ps(x, y, _CMP_LT_OQ))
#define vec_shift(x, bits)                                       \
    _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), \
                                         _mm256_slli_epi32(_mm256_castps_si256(bits), 23)))

#include "model/kernels_body.h"

const struct kernels kernels_avx2 = KERNELS("avx2");
#endif
