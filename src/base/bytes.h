/* bytes.h - numbers in stored bytes: little-endian, fixed width or varint. Formats are written
 * byte by byte, never as structs. Readers move a cursor and turn bad at the first missing byte. */
#pragma once
#include "base/base.h"

static inline void put_le16(uint8_t *target, uint16_t value)
{
    memcpy(target, &value, sizeof(value));
}

static inline void put_le32(uint8_t *target, uint32_t value)
{
    memcpy(target, &value, sizeof(value));
}

static inline void put_le64(uint8_t *target, uint64_t value)
{
    memcpy(target, &value, sizeof(value));
}

static inline uint16_t get_le16(const uint8_t *source)
{
    uint16_t value;

    memcpy(&value, source, sizeof(value));
    return value;
}

static inline uint32_t get_le32(const uint8_t *source)
{
    uint32_t value;

    memcpy(&value, source, sizeof(value));
    return value;
}

static inline uint64_t get_le64(const uint8_t *source)
{
    uint64_t value;

    memcpy(&value, source, sizeof(value));
    return value;
}

/* Are the bytes equal? Short ones, which names are, are compared here: a call costs more. */
static inline bool bytes_equal(const uint8_t *left, const uint8_t *right, size_t len)
{
    if (len > 16) return memcmp(left, right, len) == 0;
    if (len >= 8) {
        size_t last = len - 8; /* the two halves may overlap */
        return ((get_le64(left) ^ get_le64(right)) |
                (get_le64(left + last) ^ get_le64(right + last))) == 0;
    }
    if (len >= 4) {
        size_t last = len - 4;
        return ((get_le32(left) ^ get_le32(right)) |
                (get_le32(left + last) ^ get_le32(right + last))) == 0;
    }
    if (len == 0) return true;
    return left[0] == right[0] && left[len / 2] == right[len / 2] &&
           left[len - 1] == right[len - 1];
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "stored bytes are copied, not swapped");

/* Big-endian: for keys whose byte order must be number order. */
static inline void put_be32(uint8_t *target, uint32_t value)
{
    put_le32(target, __builtin_bswap32(value));
}

static inline void put_be64(uint8_t *target, uint64_t value)
{
    put_le64(target, __builtin_bswap64(value));
}

static inline uint32_t get_be32(const uint8_t *source)
{
    return __builtin_bswap32(get_le32(source));
}

static inline uint64_t get_be64(const uint8_t *source)
{
    return __builtin_bswap64(get_le64(source));
}

/* Unsigned LEB128, at most 10 bytes; returns how many were written. */
enum { VARINT_BYTES_MAX = 10 };
size_t put_varint(uint8_t *target, uint64_t value);

/* A cursor over bytes that may be short: reading past the end gives zero and sets `bad`. */
struct byte_reader {
    const uint8_t *next;
    const uint8_t *end;
    bool bad;
};
struct byte_reader byte_reader(struct slice bytes);
uint8_t read_u8(struct byte_reader *reader);
uint32_t read_le32(struct byte_reader *reader);
uint64_t read_le64(struct byte_reader *reader);
uint64_t read_varint(struct byte_reader *reader);
struct slice read_bytes(struct byte_reader *reader, size_t len);

/* varint length, then the bytes. */
struct slice read_sized(struct byte_reader *reader);
