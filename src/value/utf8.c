/* utf8.c - validity by blocks: 64 ASCII bytes cost one step, others are looked at one by one. */
#include "value/utf8.h"

#include "base/bytes.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static uint64_t or_words(const uint8_t *data)
{
    return get_le64(data) | get_le64(data + 8) | get_le64(data + 16) | get_le64(data + 24);
}

/* Length of the ASCII prefix. */
static size_t ascii_len(const uint8_t *data, size_t len)
{
    size_t at = 0;

    while (len - at >= 64 && ((or_words(data + at) | or_words(data + at + 32)) & HIGH_BITS) == 0)
        at += 64;
    while (len - at >= 8 && (get_le64(data + at) & HIGH_BITS) == 0)
        at += 8;
    while (at < len && data[at] < 0x80)
        at++;
    return at;
}

enum { SHORT_BYTES = 128 }; /* more are looked at in larger steps */

bool utf8_is_ascii(struct slice text)
{
    uint64_t all = 0;
    size_t at = 0;

    if (text.len < 8 || text.len > SHORT_BYTES) return ascii_len(text.data, text.len) == text.len;
    for (; at + 8 < text.len; at += 8)
        all |= get_le64(text.data + at);
    all |= get_le64(text.data + text.len - 8);
    return (all & HIGH_BITS) == 0;
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0U) == 0x80;
}

/* Length of the multi-byte character at the start, 0 if it is none. Only the second byte has a
 * range of its own: it excludes overlong forms, surrogates and what is above U+10FFFF. */
static size_t sequence_len(const uint8_t *data, size_t len)
{
    uint8_t lead = data[0];
    uint8_t low = 0x80;
    uint8_t high = 0xBF;
    size_t need = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    if (lead < 0xC2 || lead > 0xF4 || len < need) return 0;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    if (data[1] < low || data[1] > high) return 0;
    for (size_t i = 2; i < need; i++)
        if (!is_continuation(data[i])) return 0;
    return need;
}

size_t utf8_invalid_at(struct slice text)
{
    size_t at = 0;

    if (text.len == 0) return 0; /* it may have no address */
    for (;;) {
        at += ascii_len(text.data + at, text.len - at);
        while (at < text.len && text.data[at] >= 0x80) {
            size_t len = sequence_len(text.data + at, text.len - at);

            if (len == 0) return at;
            at += len;
        }
        if (at == text.len) return at;
    }
}

size_t utf8_put(uint8_t target[UTF8_BYTES_MAX], uint32_t code)
{
    ASSERT(code <= 0x10FFFF);
    if (code < 0x80) {
        target[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        target[0] = (uint8_t)(0xC0U | code >> 6);
        target[1] = (uint8_t)(0x80U | (code & 0x3FU));
        return 2;
    }
    if (code < 0x10000) {
        target[0] = (uint8_t)(0xE0U | code >> 12);
        target[1] = (uint8_t)(0x80U | (code >> 6 & 0x3FU));
        target[2] = (uint8_t)(0x80U | (code & 0x3FU));
        return 3;
    }
    target[0] = (uint8_t)(0xF0U | code >> 18);
    target[1] = (uint8_t)(0x80U | (code >> 12 & 0x3FU));
    target[2] = (uint8_t)(0x80U | (code >> 6 & 0x3FU));
    target[3] = (uint8_t)(0x80U | (code & 0x3FU));
    return 4;
}

uint32_t utf8_next(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *data = *at;
    uint32_t lead = data[0];
    ptrdiff_t len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    ASSERT(end - data >= len);
    *at = data + len;
    switch (len) {
    case 1: return lead;
    case 2: return (lead & 0x1FU) << 6 | (data[1] & 0x3FU);
    case 3: return (lead & 0x0FU) << 12 | (data[1] & 0x3FU) << 6 | (data[2] & 0x3FU);
    default: break;
    }
    return (lead & 0x07U) << 18 | (data[1] & 0x3FU) << 12 | (data[2] & 0x3FU) << 6 |
           (data[3] & 0x3FU);
}

size_t utf8_units(struct slice text)
{
    size_t units = 0;

    for (size_t i = 0; i < text.len; i++)
        units += (size_t)!is_continuation(text.data[i]) + (size_t)(text.data[i] >= 0xF0);
    return units;
}
