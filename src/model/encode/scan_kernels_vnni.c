/* scan_kernels_vnni.c - the pass over codes, for AVX-512 VNNI: one instruction multiplies four codes of
 * sixteen items and adds them up. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "model/encode/scan.h"

static void products(const int8_t *codes, uint32_t count, uint32_t width, const uint8_t *query,
                     const int32_t *offsets, int32_t *sums)
{
    for (uint32_t first = 0; first < count; first += SCAN_GROUP) {
        __m512i even = _mm512_setzero_si512();
        __m512i odd = _mm512_setzero_si512();

        for (uint32_t d = 0; d < width; d += 8) {
            int32_t quads[2];

            memcpy(quads, query + d, sizeof(quads));
            even = _mm512_dpbusd_epi32(even, _mm512_set1_epi32(quads[0]),
                                       _mm512_loadu_si512((const void *)codes));
            odd = _mm512_dpbusd_epi32(odd, _mm512_set1_epi32(quads[1]),
                                      _mm512_loadu_si512((const void *)(codes + 64)));
            codes += (size_t)SCAN_GROUP * 8;
        }
        __m512i add = _mm512_loadu_si512((const void *)(offsets + first));
        _mm512_storeu_si512((void *)(sums + first),
                            _mm512_sub_epi32(_mm512_add_epi32(even, odd), add));
    }
}

const struct scan_kernels scan_kernels_vnni = {"vnni", products};
#endif
