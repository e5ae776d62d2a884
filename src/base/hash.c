/* hash.c - CRC32C and the table hash. */
#include "base/hash.h"

#include "base/bytes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static uint32_t crc32c_portable(uint32_t crc, const uint8_t *data, size_t len)
{
    static const uint32_t nibbles[16] = {
        0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3,
        0x61C69362, 0x7198540D, 0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
        0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
    };

    for (size_t i = 0; i < len; i++) {
        crc = nibbles[(crc ^ data[i]) & 15U] ^ (crc >> 4U);
        crc = nibbles[(crc ^ (data[i] >> 4U)) & 15U] ^ (crc >> 4U);
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const uint8_t *data,
                                                               size_t len)
{
    uint64_t wide = crc;

    while (len >= 8) {
        wide = _mm_crc32_u64(wide, get_le64(data));
        data += 8;
        len -= 8;
    }
    crc = (uint32_t)wide;
    while (len > 0) {
        crc = _mm_crc32_u8(crc, *data++);
        len--;
    }
    return crc;
}
#endif

uint32_t crc32c(uint32_t crc, struct slice bytes)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~crc32c_sse42(~crc, bytes.data, bytes.len);
#endif
    return ~crc32c_portable(~crc, bytes.data, bytes.len);
}

static uint64_t fold(uint64_t left, uint64_t right)
{
    __uint128_t product = (__uint128_t)left * right;

    return (uint64_t)product ^ (uint64_t)(product >> 64U);
}

uint64_t hash_bytes(struct slice bytes, uint64_t seed)
{
    const uint64_t key0 = 0xA0761D6478BD642FU;
    const uint64_t key1 = 0xE7037ED1A0B428DBU;
    uint64_t state = seed ^ key0;
    const uint8_t *data = bytes.data;
    size_t left = bytes.len;

    while (left >= 16) {
        state = fold(get_le64(data) ^ key1, get_le64(data + 8) ^ state);
        data += 16;
        left -= 16;
    }
    uint8_t tail[16] = {0};
    if (left > 0) memcpy(tail, data, left);
    state = fold(get_le64(tail) ^ key1, get_le64(tail + 8) ^ state);
    return fold(state ^ key0, bytes.len ^ key1);
}
