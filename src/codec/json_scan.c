/* json_scan.c - string scanning by blocks of 32 bytes, SSE2 where there is such a thing (every
 * x86-64 has it, so nothing is dispatched), the same masks from 64-bit words elsewhere.
 */
#include "codec/json_scan.h"

#include "base/bytes.h"

enum { BLOCK_BYTES = 32 };

#ifdef __SSE2__
#include <emmintrin.h>

static inline uint32_t half_mask(const uint8_t *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    __m128i any = _mm_or_si128(_mm_or_si128(quote, backslash), control);

    return (uint32_t)_mm_movemask_epi8(any);
}

/* One bit per byte that is a quote, a backslash or a control character. */
static inline uint32_t block_mask(const uint8_t *at)
{
    return half_mask(at) | half_mask(at + 16) << 16;
}
#else
/* Top bit of each byte that is zero, exactly. */
static uint64_t zero_bytes(uint64_t word)
{
    const uint64_t low = UINT64_C(0x7F7F7F7F7F7F7F7F);

    return ~(((word & low) + low) | word | low);
}

static uint32_t word_mask(const uint8_t *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word = get_le64(at);
    uint64_t any = zero_bytes(word ^ ones * '"') | zero_bytes(word ^ ones * '\\') |
                   zero_bytes(word & ones * 0xE0);

    return (uint32_t)((any >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

static inline uint32_t block_mask(const uint8_t *at)
{
    return word_mask(at) | word_mask(at + 8) << 8 | word_mask(at + 16) << 16 |
           word_mask(at + 24) << 24;
}
#endif

static inline bool is_hex(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10 || (uint8_t)((byte | 0x20) - 'a') < 6;
}

/* Bytes of the escape at `at` (a backslash), 0 if it is none. */
static inline size_t escape_len(const uint8_t *at, const uint8_t *end)
{
    if (end - at < 2) return 0;
    switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return 2;
    case 'u':
        if (end - at < 6) return 0;
        return is_hex(at[2]) && is_hex(at[3]) && is_hex(at[4]) && is_hex(at[5]) ? 6 : 0;
    default: return 0;
    }
}

static const uint8_t *scan_tail(const uint8_t *at, const uint8_t *end, bool *escaped)
{
    while (at < end) {
        if (*at == '"' || *at < 0x20) return at;
        size_t len = 1;

        if (*at == '\\') {
            *escaped = true;
            len = escape_len(at, end);
            if (len == 0) return at;
        }
        at += len;
    }
    return at;
}

const uint8_t *json_scan_string(const uint8_t *at, const uint8_t *end, bool *escaped)
{
    while (end - at >= BLOCK_BYTES) {
        uint32_t mask = block_mask(at);
        size_t passed = BLOCK_BYTES;

        while (mask != 0) {
            size_t offset = (size_t)__builtin_ctz(mask);

            if (at[offset] != '\\') return at + offset;
            *escaped = true;
            size_t len = escape_len(at + offset, end);
            if (len == 0) return at + offset;
            size_t next = offset + len;
            if (next >= BLOCK_BYTES) {
                passed = next;
                break;
            }
            mask &= ~UINT32_C(0) << next;
        }
        at += passed;
    }
    return scan_tail(at, end, escaped);
}
