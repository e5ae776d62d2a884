/* buffer.c - growth by doubling. */
#include "base/buffer.h"

#include <stdlib.h>

#include "base/bytes.h"

enum { BUFFER_FIRST_BYTES = 256 };

void buffer_init(struct buffer *buffer, size_t bytes_max)
{
    *buffer = (struct buffer){.bytes_max = bytes_max};
}

void buffer_deinit(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.bytes_max = buffer->bytes_max};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
}

static bool buffer_grow(struct buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity < BUFFER_FIRST_BYTES ? BUFFER_FIRST_BYTES : buffer->capacity;

    while (capacity < needed)
        capacity *= 2; /* needed <= bytes_max, so this ends */
    if (capacity > buffer->bytes_max) capacity = buffer->bytes_max;
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) return false;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t bytes)
{
    ASSERT(buffer->len <= buffer->bytes_max);
    if (buffer->failed) return NULL;
    if (bytes > buffer->bytes_max - buffer->len ||
        (buffer->len + bytes > buffer->capacity && !buffer_grow(buffer, buffer->len + bytes))) {
        buffer->failed = true;
        return NULL;
    }
    return buffer->data + buffer->len;
}

void buffer_append(struct buffer *buffer, struct slice bytes)
{
    if (bytes.len == 0) return;
    uint8_t *target = buffer_reserve(buffer, bytes.len);

    if (target == NULL) return;
    memcpy(target, bytes.data, bytes.len);
    buffer->len += bytes.len;
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, slice_of(text));
}

void buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
    buffer_append(buffer, (struct slice){&byte, 1});
}

void buffer_append_le32(struct buffer *buffer, uint32_t value)
{
    uint8_t bytes[4];

    put_le32(bytes, value);
    buffer_append(buffer, (struct slice){bytes, sizeof(bytes)});
}

void buffer_append_le64(struct buffer *buffer, uint64_t value)
{
    uint8_t bytes[8];

    put_le64(bytes, value);
    buffer_append(buffer, (struct slice){bytes, sizeof(bytes)});
}

void buffer_append_varint(struct buffer *buffer, uint64_t value)
{
    uint8_t bytes[VARINT_BYTES_MAX];

    buffer_append(buffer, (struct slice){bytes, put_varint(bytes, value)});
}

void buffer_append_sized(struct buffer *buffer, struct slice bytes)
{
    buffer_append_varint(buffer, bytes.len);
    buffer_append(buffer, bytes);
}

void buffer_append_u64(struct buffer *buffer, uint64_t value)
{
    buffer_append_padded(buffer, value, 1);
}

void buffer_append_padded(struct buffer *buffer, uint64_t value, uint32_t width)
{
    uint8_t digits[20];
    size_t at = sizeof(digits);
    size_t most = width < sizeof(digits) ? sizeof(digits) - width : 0;

    do {
        digits[--at] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value > 0 || at > most);
    buffer_append(buffer, (struct slice){digits + at, sizeof(digits) - at});
}

void buffer_append_i64(struct buffer *buffer, int64_t value)
{
    if (value < 0) buffer_append_byte(buffer, '-');
    buffer_append_u64(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}
