/* number.c - text to numbers. Whole numbers and short decimals never leave 64 bits; what must be
 * exact beyond that is computed with mpn_* on the stack: at most 800 digits can influence a double
 * (a midpoint between two doubles has 767), the rest only counts as "there is something".
 */
#include "value/number.h"

#include <gmp.h>
#include <math.h>

#include "value/decimal.h"

enum {
    SIGNIFICANT_DIGITS_MAX = 800,
    EXPONENT_TOP = 310,     /* 0.1 * 10^310 is infinite */
    EXPONENT_BOTTOM = -330, /* 10^-330 rounds to 0 */
    SCRATCH_LIMBS = 96,
    FAST_DIGITS = 15, /* exact in a double, as are the powers of ten up to 22 */
    FAST_EXPONENT = 22,
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* --- JSON's numbers --------------------------------------------------------------------------- */

static struct value integral(int64_t number)
{
    return number == (int32_t)number ? value_integer((int32_t)number) : value_long(number);
}

/* Up to 18 digits without an exponent; false: it is more than that. */
static bool short_decimal(struct slice text, struct value *decimal)
{
    size_t at = text.data[0] == '-';
    int64_t unscaled = 0;
    int32_t scale = 0;
    bool point = false;

    if (text.len - at > 18) return false;
    for (; at < text.len; at++) {
        uint8_t byte = text.data[at];

        if (byte == '.') {
            point = true;
            continue;
        }
        if (!is_digit(byte)) return false;
        unscaled = unscaled * 10 + (byte - '0');
        scale += point;
    }
    *decimal = decimal_of(text.data[0] == '-' ? -unscaled : unscaled, scale);
    return true;
}

/* A decimal whose value is whole and fits 64 bits becomes an integer. */
static enum status settle(struct value decimal, struct arena *arena, struct value *number)
{
    struct value whole;

    *number = decimal;
    if (decimal_sign(decimal) == 0) {
        *number = value_integer(0);
        return STATUS_OK;
    }
    int64_t whole_digits = (int64_t)decimal_precision(decimal) - decimal.scale;
    if (whole_digits < 1 || whole_digits > 19) return STATUS_OK;
    enum status status = decimal_rescale(decimal, 0, ROUND_DOWN, arena, &whole);
    if (status != STATUS_OK) return status;
    if ((whole.flags & VALUE_WIDE) == 0 && decimal_compare(whole, decimal) == 0)
        *number = integral(whole.i64);
    return STATUS_OK;
}

enum status number_from_json(struct slice text, struct arena *arena, struct value *number)
{
    struct value decimal;

    ASSERT(text.len > 0);
    if (short_decimal(text, &decimal)) {
        if (decimal.scale == 0) {
            *number = integral(decimal.i64);
            return STATUS_OK;
        }
        return settle(decimal, arena, number);
    }
    enum status status = decimal_parse(text, arena, &decimal);
    return status == STATUS_OK ? settle(decimal, arena, number) : status;
}

/* --- decimal to binary ------------------------------------------------------------------------ */

struct binary_format {
    int precision; /* bits of the significand */
    int lowest;    /* exponent of the smallest subnormal */
};
static const struct binary_format format_double = {53, -1074};
static const struct binary_format format_float = {24, -149};

static double power_of_two(int exponent)
{
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double power;

    ASSERT(exponent > -1023 && exponent < 1024);
    memcpy(&power, &bits, sizeof(power));
    return power;
}

static bool bit_at(const mp_limb_t *limbs, mp_size_t count, int64_t at)
{
    return at >= 0 && at / 64 < count && (limbs[at / 64] >> (at % 64) & 1) != 0;
}

/* Nearest number of the format to limbs * 2^exponent; sticky: and a little more. */
static double round_binary(const mp_limb_t *limbs, mp_size_t count, int exponent, bool sticky,
                           const struct binary_format *format)
{
    int64_t bits = count * 64 - __builtin_clzll(limbs[count - 1]);
    int64_t lowest = bits + exponent - format->precision;
    uint64_t mantissa = 0;

    if (lowest < format->lowest) lowest = format->lowest;
    int64_t cut = lowest - exponent; /* this many low bits are rounded off */
    for (int64_t i = bits - 1; i >= cut && i >= 0; i--)
        mantissa = mantissa << 1 | (uint64_t)bit_at(limbs, count, i);
    ASSERT(cut > -64); /* fewer bits than the precision are shifted up to it */
    if (cut < 0) mantissa <<= -cut;
    if (cut > 0) {
        for (int64_t i = cut - 2; i >= 0 && !sticky; i--)
            sticky = bit_at(limbs, count, i);
        if (bit_at(limbs, count, cut - 1) && (sticky || (mantissa & 1) != 0)) mantissa++;
    }
    int half = (int)lowest / 2; /* two exact steps reach the subnormals and infinity */
    return (double)mantissa * power_of_two(half) * power_of_two((int)lowest - half);
}

/* The limbs of 10^exponent. */
static mp_size_t power_of_ten(mp_limb_t *limbs, int64_t exponent)
{
    uint8_t digits[SIGNIFICANT_DIGITS_MAX - EXPONENT_BOTTOM + 2] = {1};

    ASSERT(exponent >= 0 && exponent < (int64_t)sizeof(digits));
    return mpn_set_str(limbs, digits, (size_t)exponent + 1, 10);
}

static double exact_product(const mp_limb_t *limbs, mp_size_t count, int64_t exponent,
                            const struct binary_format *format)
{
    mp_limb_t power[SCRATCH_LIMBS];
    mp_limb_t product[2 * SCRATCH_LIMBS];
    mp_size_t power_count = power_of_ten(power, exponent);

    if (power_count > count) {
        mpn_mul(product, power, power_count, limbs, count);
    } else {
        mpn_mul(product, limbs, count, power, power_count);
    }
    count += power_count;
    while (product[count - 1] == 0)
        count--;
    return round_binary(product, count, 0, false, format);
}

/* The dividend is shifted up until the quotient has more bits than any format keeps. */
static double exact_quotient(const mp_limb_t *limbs, mp_size_t count, int64_t exponent,
                             const struct binary_format *format)
{
    mp_limb_t power[SCRATCH_LIMBS];
    mp_limb_t dividend[SCRATCH_LIMBS];
    mp_limb_t quotient[SCRATCH_LIMBS];
    mp_limb_t rest[SCRATCH_LIMBS];
    mp_size_t power_count = power_of_ten(power, exponent);
    mp_size_t shift = power_count > count ? power_count - count + 2 : 2;

    ASSERT(count + shift <= SCRATCH_LIMBS);
    mpn_zero(dividend, shift);
    mpn_copyi(dividend + shift, limbs, count);
    count += shift;
    mpn_tdiv_qr(quotient, rest, 0, dividend, count, power, power_count);
    mp_size_t quotient_count = count - power_count + 1;
    while (quotient[quotient_count - 1] == 0)
        quotient_count--;
    bool sticky = mpn_zero_p(rest, power_count) == 0;
    return round_binary(quotient, quotient_count, (int)(-64 * shift), sticky, format);
}

static double fast_double(struct slice digits, int64_t exponent)
{
    static const double powers[FAST_EXPONENT + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t number = 0;

    for (size_t i = 0; i < digits.len; i++)
        number = number * 10 + (digits.data[i] - '0');
    return exponent < 0 ? (double)number / powers[-exponent] : (double)number * powers[exponent];
}

static double digits_to_binary(struct slice digits, int64_t exponent,
                               const struct binary_format *format)
{
    uint8_t values[SIGNIFICANT_DIGITS_MAX + 1];
    mp_limb_t limbs[SCRATCH_LIMBS];

    while (digits.len > 0 && digits.data[0] == '0')
        digits = (struct slice){digits.data + 1, digits.len - 1};
    if (digits.len == 0) return 0;
    if (exponent > EXPONENT_TOP || exponent < -INT32_MAX) return exponent > 0 ? INFINITY : 0;
    int64_t top = (int64_t)digits.len + exponent;
    if (top > EXPONENT_TOP || top < EXPONENT_BOTTOM) return top > 0 ? INFINITY : 0;
    if (digits.len <= FAST_DIGITS && exponent >= -FAST_EXPONENT && exponent <= FAST_EXPONENT &&
        format == &format_double)
        return fast_double(digits, exponent);

    size_t count = digits.len < SIGNIFICANT_DIGITS_MAX ? digits.len : SIGNIFICANT_DIGITS_MAX;
    for (size_t i = 0; i < count; i++)
        values[i] = (uint8_t)(digits.data[i] - '0');
    exponent += (int64_t)(digits.len - count);
    for (size_t i = count; i < digits.len; i++) {
        if (digits.data[i] == '0') continue;
        values[count++] = 1; /* stands for all that was cut off */
        exponent--;
        break;
    }
    mp_size_t limb_count = mpn_set_str(limbs, values, count, 10);
    return exponent >= 0 ? exact_product(limbs, limb_count, exponent, format)
                         : exact_quotient(limbs, limb_count, -exponent, format);
}

double number_from_digits(struct slice digits, int64_t exponent)
{
    return digits_to_binary(digits, exponent, &format_double);
}

/* --- Java's parseDouble ----------------------------------------------------------------------- */

static struct slice trim(struct slice text)
{
    while (text.len > 0 && text.data[0] <= ' ')
        text = (struct slice){text.data + 1, text.len - 1};
    while (text.len > 0 && text.data[text.len - 1] <= ' ')
        text.len--;
    return text;
}

/* Digits around an optional point, copied without it; of more than 800 the rest is summed up in one
 * digit that is 0 or not. */
struct spelled {
    uint8_t digits[SIGNIFICANT_DIGITS_MAX + 2];
    size_t count;
    int64_t exponent;
};

static enum status spell_digits(struct slice *text, struct spelled *spelled)
{
    bool point = false;
    bool any = false;
    size_t at = 0;

    for (; at < text->len; at++) {
        uint8_t byte = text->data[at];

        if (byte == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(byte)) break;
        any = true;
        spelled->exponent -= point;
        if (spelled->count == 0 && byte == '0') continue;
        if (spelled->count <= SIGNIFICANT_DIGITS_MAX) {
            spelled->digits[spelled->count++] = byte;
            continue;
        }
        spelled->exponent++;
        if (byte != '0') spelled->digits[SIGNIFICANT_DIGITS_MAX] = '1';
    }
    *text = (struct slice){text->data + at, text->len - at};
    return any ? STATUS_OK : STATUS_INVALID;
}

static enum status spell_exponent(struct slice *text, struct spelled *spelled)
{
    enum { EXPONENT_CAP = 1000000000 };
    int64_t exponent = 0;
    size_t at = 1;

    if (text->len == 0 || (text->data[0] | 0x20) != 'e') return STATUS_OK;
    bool negative = text->len > 1 && text->data[1] == '-';
    at += negative || (text->len > 1 && text->data[1] == '+');
    if (at == text->len || !is_digit(text->data[at])) return STATUS_INVALID;
    for (; at < text->len && is_digit(text->data[at]); at++)
        if (exponent < EXPONENT_CAP) exponent = exponent * 10 + (text->data[at] - '0');
    spelled->exponent += negative ? -exponent : exponent;
    *text = (struct slice){text->data + at, text->len - at};
    return STATUS_OK;
}

static enum status parse_binary(struct slice text, const struct binary_format *format,
                                double *number)
{
    struct spelled spelled;

    spelled.count = 0;
    spelled.exponent = 0;
    text = trim(text);
    if (text.len == 0) return STATUS_INVALID;
    bool negative = text.data[0] == '-';
    size_t sign = negative || text.data[0] == '+';
    text = (struct slice){text.data + sign, text.len - sign};
    if (slice_equal(text, SLICE("NaN"))) {
        *number = NAN;
        return STATUS_OK;
    }
    if (slice_equal(text, SLICE("Infinity"))) {
        *number = negative ? -INFINITY : INFINITY;
        return STATUS_OK;
    }
    enum status status = spell_digits(&text, &spelled);
    if (status == STATUS_OK) status = spell_exponent(&text, &spelled);
    if (status != STATUS_OK) return status;
    if (text.len == 1 && (text.data[0] | 0x22) == 'f') text.len = 0; /* d D f F */
    if (text.len != 0) return STATUS_INVALID;
    double magnitude =
        digits_to_binary((struct slice){spelled.digits, spelled.count}, spelled.exponent, format);
    *number = negative ? -magnitude : magnitude;
    return STATUS_OK;
}

enum status number_parse_double(struct slice text, double *number)
{
    return parse_binary(text, &format_double, number);
}

enum status number_parse_float(struct slice text, float *number)
{
    double wide;
    enum status status = parse_binary(text, &format_float, &wide);

    if (status != STATUS_OK) return status;
    if (wide >= 0x1p128 || wide <= -0x1p128) {
        *number = wide > 0 ? INFINITY : -INFINITY;
        return STATUS_OK;
    }
    *number = (float)wide;
    return STATUS_OK;
}
