/* decimal_text.c - BigDecimal as text, in the three ways of Java. */
#include "value/decimal.h"

static void append_zeros(struct buffer *out, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        buffer_append_byte(out, '0');
}

/* Digits with a point `places` from the right, zeros in front where needed. places > 0 */
static void append_pointed(struct slice digits, int64_t places, struct buffer *out)
{
    int64_t whole = (int64_t)digits.len - places;

    if (whole > 0) {
        buffer_append(out, (struct slice){digits.data, (size_t)whole});
        buffer_append_byte(out, '.');
        buffer_append(out, (struct slice){digits.data + whole, (size_t)places});
        return;
    }
    buffer_append(out, SLICE("0."));
    append_zeros(out, -whole);
    buffer_append(out, digits);
}

static void append_exponent(int64_t exponent, struct buffer *out)
{
    if (exponent == 0) return;
    buffer_append_byte(out, 'E');
    if (exponent > 0) buffer_append_byte(out, '+');
    buffer_append_i64(out, exponent);
}

static void append_scientific(struct slice digits, int64_t adjusted, struct buffer *out)
{
    buffer_append_byte(out, digits.data[0]);
    if (digits.len > 1) {
        buffer_append_byte(out, '.');
        buffer_append(out, (struct slice){digits.data + 1, digits.len - 1});
    }
    append_exponent(adjusted, out);
}

void decimal_to_text(struct value decimal, struct buffer *out)
{
    uint8_t bytes[BIG_TEXT_MAX];
    struct slice digits = {bytes, big_digits(decimal_unscaled(decimal), bytes)};
    int64_t adjusted = (int64_t)digits.len - 1 - decimal.scale;

    if (decimal_sign(decimal) < 0) buffer_append_byte(out, '-');
    if (decimal.scale == 0) {
        buffer_append(out, digits);
    } else if (decimal.scale > 0 && adjusted >= -6) {
        append_pointed(digits, decimal.scale, out);
    } else {
        append_scientific(digits, adjusted, out);
    }
}

/* Zeros keep their scale by decimals: 0.00E+6. */
static void append_engineering_zero(int64_t whole, int64_t exponent, struct buffer *out)
{
    buffer_append_text(out, whole == 1 ? "0" : whole == 2 ? "0.00" : "0.0");
    append_exponent(whole == 1 ? exponent : exponent + 3, out);
}

void decimal_to_engineering(struct value decimal, struct buffer *out)
{
    uint8_t bytes[BIG_TEXT_MAX];
    struct slice digits = {bytes, big_digits(decimal_unscaled(decimal), bytes)};
    int64_t adjusted = (int64_t)digits.len - 1 - decimal.scale;
    int64_t whole = (adjusted % 3 + 3) % 3 + 1; /* digits before the point */

    if (decimal.scale == 0 || (decimal.scale > 0 && adjusted >= -6)) {
        decimal_to_text(decimal, out);
        return;
    }
    adjusted -= whole - 1;
    if (decimal_sign(decimal) == 0) {
        append_engineering_zero(whole, adjusted, out);
        return;
    }
    if (decimal_sign(decimal) < 0) buffer_append_byte(out, '-');
    if (whole >= (int64_t)digits.len) {
        buffer_append(out, digits);
        append_zeros(out, whole - (int64_t)digits.len);
    } else {
        append_pointed(digits, (int64_t)digits.len - whole, out);
    }
    append_exponent(adjusted, out);
}

void decimal_to_plain(struct value decimal, struct buffer *out)
{
    uint8_t bytes[BIG_TEXT_MAX];
    struct slice digits = {bytes, big_digits(decimal_unscaled(decimal), bytes)};

    if (decimal.scale > DECIMAL_PLAIN_MAX || decimal.scale < -DECIMAL_PLAIN_MAX) {
        decimal_to_text(decimal, out);
        return;
    }
    if (decimal_sign(decimal) < 0) buffer_append_byte(out, '-');
    if (decimal.scale > 0) {
        append_pointed(digits, decimal.scale, out);
        return;
    }
    buffer_append(out, digits);
    if (decimal_sign(decimal) != 0) append_zeros(out, -(int64_t)decimal.scale);
}
