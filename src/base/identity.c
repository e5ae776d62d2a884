/* identity.c - the path and the text form. */
#include "base/identity.h"

enum { ORDINAL_WIDE = 255, ORDINAL_NARROW_MAX = 253 };

enum status identity_push(struct identity *identity, uint32_t ordinal)
{
    bool wide = ordinal > ORDINAL_NARROW_MAX;

    ASSERT(identity->path_len <= IDENTITY_PATH_MAX);
    if (identity->path_len + (wide ? 3 : 1) > IDENTITY_PATH_MAX || ordinal > UINT16_MAX)
        return STATUS_LIMIT;
    if (!wide) {
        identity->path[identity->path_len++] = (uint8_t)ordinal;
        return STATUS_OK;
    }
    identity->path[identity->path_len++] = ORDINAL_WIDE;
    identity->path[identity->path_len++] = (uint8_t)(ordinal >> 8U);
    identity->path[identity->path_len++] = (uint8_t)ordinal;
    return STATUS_OK;
}

void identity_to_text(const struct identity *identity, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";

    buffer_append_u64(out, identity->topic_id);
    buffer_append_byte(out, ':');
    buffer_append_u64(out, identity->partition);
    buffer_append_byte(out, ':');
    buffer_append_u64(out, identity->offset);
    buffer_append_byte(out, ':');
    for (uint32_t i = 0; i < identity->path_len; i++) {
        buffer_append_byte(out, (uint8_t)digits[identity->path[i] >> 4U]);
        buffer_append_byte(out, (uint8_t)digits[identity->path[i] & 15U]);
    }
}

static bool number_before_colon(struct slice *text, uint64_t max, uint64_t *number)
{
    size_t at = 0;
    uint64_t sum = 0;

    for (; at < text->len && text->data[at] != ':'; at++) {
        uint8_t digit = (uint8_t)(text->data[at] - '0');

        if (digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    if (at == 0 || at == text->len || sum > max) return false;
    *number = sum;
    *text = (struct slice){text->data + at + 1, text->len - at - 1};
    return true;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    return -1;
}

enum status identity_from_text(struct slice text, struct identity *identity)
{
    uint64_t numbers[3];

    *identity = (struct identity){0};
    if (!number_before_colon(&text, UINT32_MAX, &numbers[0])) return STATUS_INVALID;
    if (!number_before_colon(&text, UINT32_MAX, &numbers[1])) return STATUS_INVALID;
    if (!number_before_colon(&text, UINT64_MAX, &numbers[2])) return STATUS_INVALID;
    if (text.len % 2 != 0 || text.len / 2 > IDENTITY_PATH_MAX) return STATUS_INVALID;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_digit(text.data[i]);
        int low = hex_digit(text.data[i + 1]);

        if (high < 0 || low < 0) return STATUS_INVALID;
        identity->path[identity->path_len++] = (uint8_t)(high * 16 + low);
    }
    identity->topic_id = (uint32_t)numbers[0];
    identity->partition = (uint32_t)numbers[1];
    identity->offset = numbers[2];
    return STATUS_OK;
}
