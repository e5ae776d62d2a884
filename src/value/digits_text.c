/* digits_text.c - binary numbers as Java writes them: plain or with an exponent, NaN and infinities by name. */
#include <math.h>

#include "value/number.h"

static void append_digits(const uint8_t *digits, int from, int to, int count, struct buffer *out)
{
    for (int i = from; i < to; i++)
        buffer_append_byte(out, i < count ? digits[i] : '0');
}

static void append_layout(const uint8_t *digits, int count, int exponent, struct buffer *out)
{
    bool plain = exponent > 0 && exponent < 8;
    int whole = plain ? exponent : 1;

    if (exponent <= 0 && exponent > -3) {
        buffer_append(out, SLICE("0."));
        for (int i = exponent; i < 0; i++)
            buffer_append_byte(out, '0');
        append_digits(digits, 0, count, count, out);
        return;
    }
    append_digits(digits, 0, whole, count, out);
    buffer_append_byte(out, '.');
    append_digits(digits, whole, count > whole ? count : whole + 1, count, out);
    if (plain) return;
    buffer_append_byte(out, 'E');
    buffer_append_i64(out, exponent - 1);
}

/* NaN, infinities and zeros; false for the others. */
static bool append_special(double number, struct buffer *out)
{
    if (number != number) {
        buffer_append(out, SLICE("NaN"));
        return true;
    }
    if (signbit(number)) buffer_append_byte(out, '-');
    if (number - number != 0) {
        buffer_append(out, SLICE("Infinity"));
        return true;
    }
    if (number == 0) buffer_append(out, SLICE("0.0"));
    return number == 0;
}

void number_double_to_text(double number, struct buffer *out)
{
    uint8_t digits[NUMBER_DIGITS_MAX];
    int exponent;

    if (append_special(number, out)) return;
    size_t count = number_digits(number < 0 ? -number : number, digits, &exponent);
    append_layout(digits, (int)count, exponent, out);
}

void number_float_to_text(float number, struct buffer *out)
{
    uint8_t digits[NUMBER_DIGITS_MAX];
    int exponent;

    if (append_special(number, out)) return;
    size_t count = number_digits_float(number < 0 ? -number : number, digits, &exponent);
    append_layout(digits, (int)count, exponent, out);
}
