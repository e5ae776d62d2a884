/* json_scan.h - finds the end of a JSON string by blocks of 32 bytes, one bit a byte.
 *
 * SSE2 where there is such a thing (every x86-64 has it, so nothing is dispatched), the same masks
 * from 64-bit words elsewhere. Most strings of an event end in their first block, without a
 * backslash: that much is inline.
 */
#pragma once
#include "base/bytes.h"

enum { JSON_BLOCK_BYTES = 32 };

#ifdef __SSE2__
#include <emmintrin.h>

typedef __m128i json_half_block;

static inline json_half_block json_half_load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline uint32_t json_half_equal(json_half_block bytes, char byte)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
}

/* Quotes, backslashes and control characters. */
static inline uint32_t json_half_special(json_half_block bytes)
{
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control));
}
#else
typedef struct {
    uint64_t words[2];
} json_half_block;

static inline json_half_block json_half_load(const uint8_t *at)
{
    return (json_half_block){{get_le64(at), get_le64(at + 8)}};
}

/* One bit for each byte that is zero, exactly. */
static inline uint32_t json_zero_bytes(uint64_t word)
{
    const uint64_t low = UINT64_C(0x7F7F7F7F7F7F7F7F);
    uint64_t tops = ~(((word & low) + low) | word | low);

    return (uint32_t)((tops >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

static inline uint32_t json_half_equal(json_half_block bytes, char byte)
{
    uint64_t pattern = UINT64_C(0x0101010101010101) * (uint8_t)byte;

    return json_zero_bytes(bytes.words[0] ^ pattern) | json_zero_bytes(bytes.words[1] ^ pattern)
                                                           << 8;
}

static inline uint32_t json_half_special(json_half_block bytes)
{
    const uint64_t not_control = UINT64_C(0xE0E0E0E0E0E0E0E0);

    return json_half_equal(bytes, '"') | json_half_equal(bytes, '\\') |
           json_zero_bytes(bytes.words[0] & not_control) |
           json_zero_bytes(bytes.words[1] & not_control) << 8;
}
#endif

static inline uint32_t json_block_special(const uint8_t *at)
{
    return json_half_special(json_half_load(at)) | json_half_special(json_half_load(at + 16)) << 16;
}

static inline uint32_t json_block_equal(const uint8_t *at, char byte)
{
    return json_half_equal(json_half_load(at), byte) |
           json_half_equal(json_half_load(at + 16), byte) << 16;
}

/* The general case of json_scan_string(). */
const uint8_t *json_scan_long_string(const uint8_t *at, const uint8_t *end, bool *escaped);

/* From `at` (inside a string) to its closing quote, checking escapes on the way. Returns the quote;
 * the first control character or broken escape; or `end`. Sets *escaped if there is any escape. */
static inline const uint8_t *json_scan_string(const uint8_t *at, const uint8_t *end, bool *escaped)
{
    *escaped = false;
    if (end - at >= JSON_BLOCK_BYTES) {
        uint32_t special = json_block_special(at);

        if (special != 0 && at[__builtin_ctz(special)] == '"') return at + __builtin_ctz(special);
    }
    return json_scan_long_string(at, end, escaped);
}
