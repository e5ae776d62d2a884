/* scan_kernels_avx2.c - the pass over codes, for AVX2: pairs of 16-bit products are added by the
 * processor; in 8 bits they would not fit. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "model/encode/scan.h"

/* Four codes of eight items times four of the query, summed by item. */
static __m256i add_quads(__m256i sum, __m256i codes, __m256i query)
{
    __m256i low = _mm256_madd_epi16(_mm256_cvtepi8_epi16(_mm256_castsi256_si128(codes)), query);
    __m256i high =
        _mm256_madd_epi16(_mm256_cvtepi8_epi16(_mm256_extracti128_si256(codes, 1)), query);

    /* hadd works within halves: put the quarters back in order */
    return _mm256_add_epi32(
        sum, _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), _MM_SHUFFLE(3, 1, 2, 0)));
}

static void products(const int8_t *codes, uint32_t count, uint32_t width, const uint8_t *query,
                     const int32_t *offsets, int32_t *sums)
{
    for (uint32_t first = 0; first < count; first += SCAN_GROUP) {
        __m256i left = _mm256_setzero_si256();
        __m256i right = _mm256_setzero_si256();

        for (uint32_t d = 0; d < width; d += 4) {
            int32_t quad;

            memcpy(&quad, query + d, sizeof(quad));
            __m256i four = _mm256_cvtepu8_epi16(_mm_set1_epi32(quad));
            left = add_quads(left, _mm256_loadu_si256((const void *)codes), four);
            right = add_quads(right, _mm256_loadu_si256((const void *)(codes + 32)), four);
            codes += (size_t)SCAN_GROUP * 4;
        }
        __m256i add = _mm256_loadu_si256((const void *)(offsets + first));
        _mm256_storeu_si256((void *)(sums + first), _mm256_sub_epi32(left, add));
        add = _mm256_loadu_si256((const void *)(offsets + first + 8));
        _mm256_storeu_si256((void *)(sums + first + 8), _mm256_sub_epi32(right, add));
    }
}

const struct scan_kernels scan_kernels_avx2 = {"avx2", products};
#endif
