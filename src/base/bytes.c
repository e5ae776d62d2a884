/* bytes.c - varints and the bounded reader. */
#include "base/bytes.h"

size_t put_varint(uint8_t *target, uint64_t value)
{
    size_t len = 0;

    while (value >= 0x80) {
        target[len++] = (uint8_t)(value | 0x80);
        value >>= 7U;
    }
    target[len++] = (uint8_t)value;
    return len;
}

struct byte_reader byte_reader(struct slice bytes)
{
    const uint8_t *end = bytes.len == 0 ? bytes.data : bytes.data + bytes.len; /* may be NULL */

    return (struct byte_reader){bytes.data, end, false};
}

struct slice read_bytes(struct byte_reader *reader, size_t len)
{
    if (reader->bad || len > (size_t)(reader->end - reader->next)) {
        reader->bad = true;
        return (struct slice){NULL, 0};
    }
    struct slice bytes = {reader->next, len};
    reader->next += len;
    return bytes;
}

uint8_t read_u8(struct byte_reader *reader)
{
    struct slice byte = read_bytes(reader, 1);

    return reader->bad ? 0 : byte.data[0];
}

uint32_t read_le32(struct byte_reader *reader)
{
    struct slice bytes = read_bytes(reader, 4);

    return reader->bad ? 0 : get_le32(bytes.data);
}

uint64_t read_le64(struct byte_reader *reader)
{
    struct slice bytes = read_bytes(reader, 8);

    return reader->bad ? 0 : get_le64(bytes.data);
}

uint64_t read_varint(struct byte_reader *reader)
{
    uint64_t value = 0;

    for (uint32_t shift = 0; shift < 64; shift += 7) {
        uint8_t byte = read_u8(reader);

        value |= (uint64_t)(byte & 0x7FU) << shift;
        if ((byte & 0x80U) == 0) {
            if (shift == 63 && byte > 1) reader->bad = true;
            return reader->bad ? 0 : value;
        }
    }
    reader->bad = true;
    return 0;
}

struct slice read_sized(struct byte_reader *reader)
{
    uint64_t len = read_varint(reader);

    if (len > SIZE_MAX) reader->bad = true;
    return read_bytes(reader, (size_t)len);
}
