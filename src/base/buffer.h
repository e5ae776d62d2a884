/* buffer.h - bytes that grow, up to a declared maximum; kept and cleared by long-lived owners.
 *
 * A failed append leaves the buffer as it was and marks it `failed`; appends after that do nothing,
 * so a writer may append many times and look at the mark once. */
#pragma once
#include "base/base.h"

struct buffer {
    uint8_t *data;
    size_t len;
    size_t capacity;
    size_t bytes_max;
    bool failed;
};

void buffer_init(struct buffer *buffer, size_t bytes_max);
void buffer_deinit(struct buffer *buffer);

/* Empties it and forgets the failure; keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Makes room for `bytes` more; returns where they begin (len is not moved), or NULL. */
uint8_t *buffer_reserve(struct buffer *buffer, size_t bytes);

void buffer_append(struct buffer *buffer, struct slice bytes);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_byte(struct buffer *buffer, uint8_t byte);
void buffer_append_le32(struct buffer *buffer, uint32_t value);
void buffer_append_le64(struct buffer *buffer, uint64_t value);
void buffer_append_varint(struct buffer *buffer, uint64_t value);
void buffer_append_sized(struct buffer *buffer, struct slice bytes); /* pair: read_sized */

/* Decimal text. */
void buffer_append_i64(struct buffer *buffer, int64_t value);
void buffer_append_u64(struct buffer *buffer, uint64_t value);
/* At least `width` digits, up to 20, with zeros in front. */
void buffer_append_padded(struct buffer *buffer, uint64_t value, uint32_t width);

/* lives    until the next append, clear or deinit */
static inline struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->data, buffer->len};
}
