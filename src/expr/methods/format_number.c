/* format_number.c - numbers in T(String).format.
 *
 * A fraction is its decimal digits and where the point stands; they are rounded half up, as Java rounds what a
 * Double prints as.
 */
#include "expr/methods/format.h"
#include "value/big_bits.h"
#include "value/decimal.h"
#include "value/number.h"

/* --- signs, groups ------------------------------------------------------------------------------------ */

static void append_sign(struct format *format, const struct directive *directive, bool negative)
{
    uint8_t flags = directive->flags;

    if (negative) {
        buffer_append_byte(&format->out, (flags & FLAG_PARENTHESES) != 0 ? '(' : '-');
    } else if ((flags & FLAG_PLUS) != 0) {
        buffer_append_byte(&format->out, '+');
    } else if ((flags & FLAG_SPACE) != 0) {
        buffer_append_byte(&format->out, ' ');
    }
}

static void append_end(struct format *format, const struct directive *directive, bool negative)
{
    if (negative && (directive->flags & FLAG_PARENTHESES) != 0)
        buffer_append_byte(&format->out, ')');
}

/* Letters of numbers are those of ASCII. */
static void make_upper(struct format *format, size_t start)
{
    for (size_t i = start; !format->out.failed && i < format->out.len; i++) {
        uint8_t *byte = &format->out.data[i];
        if (*byte >= 'a' && *byte <= 'z') *byte = (uint8_t)(*byte - 'a' + 'A');
    }
}

/* A digit with `behind` more of the whole number to come. */
static void append_digit(struct format *format, const struct directive *directive, uint8_t digit,
                         int64_t behind)
{
    buffer_append_byte(&format->out, digit);
    if ((directive->flags & FLAG_GROUP) != 0 && behind > 0 && behind % 3 == 0)
        buffer_append_byte(&format->out, ',');
}

/* --- whole numbers ------------------------------------------------------------------------------------ */

enum { RADIX_TEXT_MAX = 24 };

/* Two's complement in the number's own width. */
static struct slice unsigned_text(struct value value, uint32_t shift,
                                  uint8_t memory[RADIX_TEXT_MAX])
{
    uint64_t number = (uint64_t)value.i64;
    size_t at = RADIX_TEXT_MAX;

    if (value.kind == VALUE_BYTE) number = (uint8_t)number;
    if (value.kind == VALUE_SHORT) number = (uint16_t)number;
    if (value.kind == VALUE_INTEGER) number = (uint32_t)number;
    do {
        memory[--at] = (uint8_t) "0123456789abcdef"[number & ((1U << shift) - 1)];
        number >>= shift;
    } while (number > 0);
    return (struct slice){memory + at, RADIX_TEXT_MAX - at};
}

static enum status radix_text(struct format *format, const struct directive *directive,
                              struct value value, uint8_t memory[RADIX_TEXT_MAX],
                              struct slice *text)
{
    static const uint8_t signs[] = {FLAG_PARENTHESES, FLAG_SPACE, FLAG_PLUS};
    bool octal = directive->conversion == 'o';

    if (value.kind != VALUE_BIG_INTEGER) {
        for (size_t i = 0; i < COUNT_OF(signs); i++) {
            if ((directive->flags & signs[i]) != 0)
                return format_fail_mismatch(format, directive->conversion, signs[i]);
        }
        *text = unsigned_text(value, octal ? 3 : 4, memory);
        return STATUS_OK;
    }
    uint32_t bytes_max = big_bit_length(value) + 2;
    uint8_t *room = machine_alloc(format->call->machine, bytes_max, 1);
    if (room == NULL) return machine_limit(format->call->machine);
    struct buffer out = {.data = room, .capacity = bytes_max, .bytes_max = bytes_max};
    big_to_radix(value, octal ? 8 : 16, &out);
    *text = buffer_slice(&out);
    return STATUS_OK;
}

enum status format_whole(struct format *format, const struct directive *directive,
                         struct value value)
{
    uint8_t memory[RADIX_TEXT_MAX];
    size_t start = format->out.len;
    struct slice text = {0};
    enum status status = directive->conversion == 'd'
                             ? machine_text(format->call->machine, value, &text)
                             : radix_text(format, directive, value, memory, &text);

    if (status != STATUS_OK) return status;
    bool negative = text.len > 0 && text.data[0] == '-';
    append_sign(format, directive, negative);
    if ((directive->flags & FLAG_ALTERNATE) != 0)
        buffer_append_text(&format->out, directive->conversion == 'o' ? "0" : "0x");
    size_t body = format->out.len;
    for (size_t i = negative; i < text.len; i++)
        append_digit(format, directive, text.data[i], (int64_t)(text.len - i - 1));
    append_end(format, directive, negative);
    if (directive->upper) make_upper(format, start);
    format_pad(format, directive, start, body, (directive->flags & FLAG_ZERO) != 0);
    return STATUS_OK;
}

/* --- fractions ---------------------------------------------------------------------------------------- */

/* 0.d1d2d3... * 10^exponent; digits that are not there are 0. */
struct digits {
    uint8_t *digits;
    size_t count;
    int64_t exponent;
};

static uint8_t digit_at(const struct digits *number, int64_t index)
{
    return index >= 0 && (uint64_t)index < number->count ? number->digits[index] : '0';
}

/* Keeps so many digits, halves up. */
static void round_digits(struct digits *number, int64_t keep)
{
    if (keep >= (int64_t)number->count) return;
    bool up = digit_at(number, keep) >= '5';
    size_t at = keep > 0 ? (size_t)keep : 0;

    while (up && at > 0 && number->digits[at - 1] == '9')
        at--;
    if (up && at > 0) number->digits[at - 1]++;
    if (up && at == 0) {
        number->digits[at++] = '1';
        number->exponent++;
    }
    number->count = at;
}

static void append_point(struct format *format, const struct directive *directive,
                         int64_t precision)
{
    if (precision > 0 || (directive->flags & FLAG_ALTERNATE) != 0)
        buffer_append_byte(&format->out, '.');
}

static void append_fixed(struct format *format, const struct directive *directive,
                         struct digits number, int64_t precision)
{
    if (digit_at(&number, 0) == '0') number.count = 0;
    round_digits(&number, number.exponent + precision);
    int64_t whole = number.count > 0 ? number.exponent : 0;
    if (whole <= 0) buffer_append_byte(&format->out, '0');
    for (int64_t i = 0; i < whole && !format->out.failed; i++)
        append_digit(format, directive, digit_at(&number, i), whole - i - 1);
    append_point(format, directive, precision);
    for (int64_t i = 0; i < precision; i++)
        buffer_append_byte(&format->out, digit_at(&number, number.exponent + i));
}

static void append_scientific(struct format *format, const struct directive *directive,
                              struct digits number, int64_t precision)
{
    round_digits(&number, precision + 1);
    buffer_append_byte(&format->out, digit_at(&number, 0));
    append_point(format, directive, precision);
    for (int64_t i = 1; i <= precision; i++)
        buffer_append_byte(&format->out, digit_at(&number, i));
    int64_t exponent = number.exponent - 1;
    buffer_append_text(&format->out, exponent < 0 ? "e-" : "e+");
    if (exponent < 0) exponent = -exponent;
    if (exponent < 10) buffer_append_byte(&format->out, '0');
    buffer_append_i64(&format->out, exponent);
}

/* Fixed from 0.0001 up to what has more whole digits than asked for. */
static void append_general(struct format *format, const struct directive *directive,
                           struct digits number, int64_t precision)
{
    enum { LEAST_EXPONENT = -3 };
    if (precision == 0) precision = 1;
    round_digits(&number, precision);
    bool zero = digit_at(&number, 0) == '0';
    bool fixed = zero ? number.exponent == 1
                      : number.exponent >= LEAST_EXPONENT && number.exponent <= precision;
    if (fixed) {
        append_fixed(format, directive, number, precision - number.exponent);
    } else {
        append_scientific(format, directive, number, precision - 1);
    }
}

static enum status decimal_digits(struct machine *machine, struct value decimal,
                                  struct digits *number, bool *negative)
{
    struct slice text;
    enum status status = machine_text(machine, decimal_unscaled(decimal), &text);

    if (status == STATUS_OK) status = machine_spend(machine, text.len);
    if (status != STATUS_OK) return status;
    *negative = text.data[0] == '-';
    number->count = text.len - *negative;
    number->digits = machine_alloc(machine, number->count, 1);
    if (number->digits == NULL) return machine_limit(machine);
    memcpy(number->digits, text.data + *negative, number->count);
    number->exponent = (int64_t)number->count - decimal.scale;
    return number->exponent > 0 ? machine_spend(machine, (uint64_t)number->exponent) : STATUS_OK;
}

static void append_infinite(struct format *format, const struct directive *directive, double number)
{
    size_t start = format->out.len;
    bool nan = number != number;

    if (!nan) append_sign(format, directive, number < 0);
    buffer_append_text(&format->out, nan ? "NaN" : "Infinity");
    if (!nan) append_end(format, directive, number < 0);
    if (directive->upper) make_upper(format, start);
    format_pad(format, directive, start, start, false);
}

static void append_fraction(struct format *format, const struct directive *directive,
                            struct digits number, bool negative)
{
    size_t start = format->out.len;
    int64_t precision = directive->precision < 0 ? 6 : directive->precision;

    append_sign(format, directive, negative);
    size_t body = format->out.len;
    switch (directive->conversion) {
    case 'e': append_scientific(format, directive, number, precision); break;
    case 'g': append_general(format, directive, number, precision); break;
    default: append_fixed(format, directive, number, precision); break;
    }
    append_end(format, directive, negative);
    if (directive->upper) make_upper(format, start);
    format_pad(format, directive, start, body, (directive->flags & FLAG_ZERO) != 0);
}

enum status format_fraction(struct format *format, const struct directive *directive,
                            struct value value)
{
    uint8_t memory[NUMBER_DIGITS_MAX] = {'0'};
    struct digits number = {.digits = memory, .count = 1, .exponent = 1};
    bool negative = false;

    if (value.kind == VALUE_BIG_DECIMAL) {
        enum status status = decimal_digits(format->call->machine, value, &number, &negative);
        if (status != STATUS_OK) return status;
        ASSERT(number.digits != NULL);
        append_fraction(format, directive, number, negative);
        return STATUS_OK;
    }
    if (!__builtin_isfinite(value.f64)) {
        append_infinite(format, directive, value.f64);
        return STATUS_OK;
    }
    if (value.f64 != 0) {
        int exponent = 0;
        number.count = number_digits(value.f64 < 0 ? -value.f64 : value.f64, memory, &exponent);
        number.exponent = exponent;
    }
    append_fraction(format, directive, number, __builtin_signbit(value.f64) != 0);
    return STATUS_OK;
}
