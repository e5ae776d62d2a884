/* decimal_read.c - a BigDecimal out of text, as Java's constructor reads it. */
#include "value/decimal.h"

struct decimal_parts {
    uint8_t digits[BIG_DIGITS_MAX + 1]; /* with the sign in front */
    size_t count;
    int64_t scale;
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Exponent after the e; beyond a million it stays there, decimal_make refuses it later. */
static enum status parse_exponent(struct slice text, int64_t *exponent)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    size_t at = negative || (text.len > 0 && text.data[0] == '+');
    int64_t number = 0;

    if (at == text.len) return STATUS_INVALID;
    for (; at < text.len; at++) {
        if (!is_digit(text.data[at])) return STATUS_INVALID;
        if (number < 1000 * (int64_t)DECIMAL_SCALE_MAX) number = number * 10 + text.data[at] - '0';
    }
    *exponent = negative ? -number : number;
    return STATUS_OK;
}

/* Collects the digits before and after the point; returns where they end. */
static enum status parse_digits(struct slice text, struct decimal_parts *parts, size_t *end)
{
    bool point = false;
    size_t seen = 0;
    size_t at = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+');

    if (at == 1) parts->digits[parts->count++] = text.data[0];
    for (; at < text.len; at++) {
        if (text.data[at] == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(text.data[at])) break;
        if (parts->count > BIG_DIGITS_MAX) return STATUS_LIMIT;
        parts->digits[parts->count++] = text.data[at];
        parts->scale += point;
        seen++;
    }
    *end = at;
    return seen == 0 ? STATUS_INVALID : STATUS_OK;
}

enum status decimal_parse(struct slice text, struct arena *arena, struct value *decimal)
{
    struct decimal_parts parts;
    struct value unscaled;
    int64_t exponent = 0;
    size_t end;

    parts.count = 0;
    parts.scale = 0;
    enum status status = parse_digits(text, &parts, &end);
    if (status == STATUS_OK && end < text.len) {
        if (text.data[end] != 'e' && text.data[end] != 'E') return STATUS_INVALID;
        status = parse_exponent((struct slice){text.data + end + 1, text.len - end - 1}, &exponent);
    }
    if (status != STATUS_OK) return status;
    status = big_parse((struct slice){parts.digits, parts.count}, arena, &unscaled);
    if (status != STATUS_OK) return status;
    return decimal_make(unscaled, parts.scale - exponent, decimal);
}
