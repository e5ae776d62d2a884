/* uuid.c - MD5 over a short text, dressed as a version 3 UUID. */
#include "scenario/uuid.h"

#include "base/bytes.h"

/* Sines of 1..64 in fixed point, RFC 1321 section 3.4. */
static const uint32_t md5_sine[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const uint8_t md5_shift[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t rotate(uint32_t word, uint32_t bits)
{
    return word << bits | word >> (32 - bits);
}

static void md5_block(uint32_t state[4], const uint8_t *block)
{
    uint32_t a = state[0];
    uint32_t b = state[1];
    uint32_t c = state[2];
    uint32_t d = state[3];

    for (uint32_t step = 0; step < 64; step++) {
        uint32_t round = step / 16;
        uint32_t mixed = round == 0   ? (b & c) | (~b & d)
                         : round == 1 ? (d & b) | (~d & c)
                         : round == 2 ? b ^ c ^ d
                                      : c ^ (b | ~d);
        uint32_t word = round == 0   ? step
                        : round == 1 ? (5 * step + 1) % 16
                        : round == 2 ? (3 * step + 5) % 16
                                     : (7 * step) % 16;
        uint32_t sum = a + mixed + md5_sine[step] + get_le32(block + (size_t)4 * word);

        a = d;
        d = c;
        c = b;
        b += rotate(sum, md5_shift[round][step % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static void md5(struct slice text, uint8_t digest[16])
{
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    uint8_t tail[128] = {0};
    size_t whole = text.len / 64 * 64;
    size_t rest = text.len - whole;
    size_t tail_len = rest < 56 ? 64 : 128;

    for (size_t at = 0; at < whole; at += 64)
        md5_block(state, text.data + at);
    if (rest > 0) memcpy(tail, text.data + whole, rest);
    tail[rest] = 0x80;
    put_le64(tail + tail_len - 8, (uint64_t)text.len * 8);
    for (size_t at = 0; at < tail_len; at += 64)
        md5_block(state, tail + at);
    for (size_t word = 0; word < 4; word++)
        put_le32(digest + 4 * word, state[word]);
}

static bool hyphen_at(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

void uuid_of_name(struct slice name, char *text)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[16];
    size_t nibble = 0;

    md5(name, digest);
    digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x30);
    digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
    for (size_t at = 0; at < UUID_TEXT_BYTES; at++) {
        if (hyphen_at(at)) {
            text[at] = '-';
            continue;
        }
        uint8_t byte = digest[nibble / 2];
        text[at] = digits[nibble % 2 == 0 ? byte >> 4 : byte & 15];
        nibble++;
    }
    ASSERT(nibble == 32);
}

static bool hex_digit(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
}

bool uuid_is(struct slice text)
{
    if (text.len != UUID_TEXT_BYTES) return false;
    for (size_t at = 0; at < text.len; at++) {
        if (hyphen_at(at) ? text.data[at] != '-' : !hex_digit(text.data[at])) return false;
    }
    return true;
}
