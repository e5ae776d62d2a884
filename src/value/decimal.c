/* decimal.c - BigDecimal arithmetic by bringing operands to a common power of ten. */
#include "value/decimal.h"

#include "value/number.h"

enum { POWERS_NARROW = 19 };

static const int64_t powers_of_ten[POWERS_NARROW] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

enum status decimal_make(struct value unscaled, int64_t scale, struct value *decimal)
{
    ASSERT(unscaled.kind == VALUE_BIG_INTEGER);
    if (scale > DECIMAL_SCALE_MAX || scale < -DECIMAL_SCALE_MAX) return STATUS_LIMIT;
    *decimal = unscaled;
    decimal->kind = VALUE_BIG_DECIMAL;
    decimal->scale = (int32_t)scale;
    return STATUS_OK;
}

struct value decimal_unscaled(struct value decimal)
{
    ASSERT(decimal.kind == VALUE_BIG_DECIMAL);
    decimal.kind = VALUE_BIG_INTEGER;
    decimal.scale = 0;
    return decimal;
}

int decimal_sign(struct value decimal)
{
    return big_sign(decimal_unscaled(decimal));
}

uint32_t decimal_precision(struct value decimal)
{
    uint8_t digits[BIG_TEXT_MAX];

    return (uint32_t)big_digits(decimal_unscaled(decimal), digits);
}

/* --- scaling ---------------------------------------------------------------------------------- */

static enum status power_of_ten(int64_t exponent, struct arena *arena, struct value *power)
{
    ASSERT(exponent >= 0);
    if (exponent < POWERS_NARROW) {
        *power = big_from_i64(powers_of_ten[exponent]);
        return STATUS_OK;
    }
    if (exponent > BIG_TEXT_MAX) return STATUS_LIMIT;
    return big_power(big_from_i64(10), (uint32_t)exponent, arena, power);
}

/* big * 10^exponent */
static enum status scale_up(struct value big, int64_t exponent, struct arena *arena,
                            struct value *result)
{
    struct value power;

    if (exponent == 0 || big_sign(big) == 0) {
        *result = big;
        return STATUS_OK;
    }
    enum status status = power_of_ten(exponent, arena, &power);
    return status == STATUS_OK ? big_multiply(big, power, arena, result) : status;
}

/* Does rounding move a quotient away from zero? half: its cut-off rest against one half. */
static bool rounds_away(enum rounding rounding, bool negative, bool odd, int half)
{
    switch (rounding) {
    case ROUND_DOWN: return false;
    case ROUND_UP: return true;
    case ROUND_FLOOR: return negative;
    case ROUND_CEILING: return !negative;
    case ROUND_HALF_UP: return half >= 0;
    case ROUND_HALF_DOWN: return half > 0;
    case ROUND_HALF_EVEN: return half > 0 || (half == 0 && odd);
    }
    UNREACHABLE("rounding outside the enum");
}

static enum status magnitude(struct value big, struct arena *arena, struct value *result)
{
    if (big_sign(big) < 0) return big_negate(big, arena, result);
    *result = big;
    return STATUS_OK;
}

/* Order of 2 * |rest| and |divisor|. */
static enum status compare_to_half(struct value rest, struct value divisor, struct arena *arena,
                                   int *order)
{
    enum status status = big_add(rest, rest, arena, &rest);

    if (status == STATUS_OK) status = magnitude(rest, arena, &rest);
    if (status == STATUS_OK) status = magnitude(divisor, arena, &divisor);
    if (status == STATUS_OK) *order = big_compare(rest, divisor);
    return status;
}

static enum status divide_rounded(struct value dividend, struct value divisor,
                                  enum rounding rounding, struct arena *arena, struct value *result)
{
    struct value rest;
    int half;
    bool negative = (big_sign(dividend) < 0) != (big_sign(divisor) < 0);
    enum status status = big_divide(dividend, divisor, arena, result, &rest);

    if (status != STATUS_OK || big_sign(rest) == 0) return status;
    status = compare_to_half(rest, divisor, arena, &half);
    if (status != STATUS_OK) return status;
    bool odd = (big_to_i64_wrapped(*result) & 1) != 0;
    if (!rounds_away(rounding, negative, odd, half)) return STATUS_OK;
    return big_add(*result, big_from_i64(negative ? -1 : 1), arena, result);
}

/* big / 10^exponent, rounded. */
static enum status scale_down(struct value big, int64_t exponent, enum rounding rounding,
                              struct arena *arena, struct value *result)
{
    struct value power;
    bool negative = big_sign(big) < 0;

    if (exponent == 0 || big_sign(big) == 0) {
        *result = big;
        return STATUS_OK;
    }
    if (exponent > BIG_TEXT_MAX) { /* any number is below half of that power */
        *result = big_from_i64(!rounds_away(rounding, negative, false, -1) ? 0 : negative ? -1 : 1);
        return STATUS_OK;
    }
    enum status status = power_of_ten(exponent, arena, &power);
    return status == STATUS_OK ? divide_rounded(big, power, rounding, arena, result) : status;
}

enum status decimal_rescale(struct value decimal, int32_t scale, enum rounding rounding,
                            struct arena *arena, struct value *result)
{
    struct value unscaled = decimal_unscaled(decimal);
    int64_t up = (int64_t)scale - decimal.scale;
    enum status status = up >= 0 ? scale_up(unscaled, up, arena, &unscaled)
                                 : scale_down(unscaled, -up, rounding, arena, &unscaled);

    return status == STATUS_OK ? decimal_make(unscaled, scale, result) : status;
}

/* Both unscaled values at the larger scale. */
static enum status align(struct value *left, struct value *right, int32_t *scale,
                         struct arena *arena)
{
    int64_t up = (int64_t)left->scale - right->scale;

    *scale = up > 0 ? left->scale : right->scale;
    *left = decimal_unscaled(*left);
    *right = decimal_unscaled(*right);
    if (up < 0) return scale_up(*left, -up, arena, left);
    return scale_up(*right, up, arena, right);
}

/* --- arithmetic ------------------------------------------------------------------------------- */

enum status decimal_negate(struct value decimal, struct arena *arena, struct value *result)
{
    struct value unscaled;
    enum status status = big_negate(decimal_unscaled(decimal), arena, &unscaled);

    return status == STATUS_OK ? decimal_make(unscaled, decimal.scale, result) : status;
}

enum status decimal_add(struct value left, struct value right, struct arena *arena,
                        struct value *result)
{
    int32_t scale;
    enum status status = align(&left, &right, &scale, arena);

    if (status == STATUS_OK) status = big_add(left, right, arena, &left);
    return status == STATUS_OK ? decimal_make(left, scale, result) : status;
}

enum status decimal_subtract(struct value left, struct value right, struct arena *arena,
                             struct value *result)
{
    int32_t scale;
    enum status status = align(&left, &right, &scale, arena);

    if (status == STATUS_OK) status = big_subtract(left, right, arena, &left);
    return status == STATUS_OK ? decimal_make(left, scale, result) : status;
}

enum status decimal_multiply(struct value left, struct value right, struct arena *arena,
                             struct value *result)
{
    int64_t scale = (int64_t)left.scale + right.scale;
    struct value product;
    enum status status =
        big_multiply(decimal_unscaled(left), decimal_unscaled(right), arena, &product);

    return status == STATUS_OK ? decimal_make(product, scale, result) : status;
}

enum status decimal_divide(struct value left, struct value right, int32_t scale,
                           enum rounding rounding, struct arena *arena, struct value *result)
{
    int64_t up = (int64_t)scale - left.scale + right.scale;
    struct value dividend = decimal_unscaled(left);
    struct value divisor = decimal_unscaled(right);

    if (big_sign(divisor) == 0) return STATUS_INVALID;
    enum status status = up >= 0 ? scale_up(dividend, up, arena, &dividend)
                                 : scale_up(divisor, -up, arena, &divisor);
    if (status == STATUS_OK) status = divide_rounded(dividend, divisor, rounding, arena, &dividend);
    return status == STATUS_OK ? decimal_make(dividend, scale, result) : status;
}

/* Trailing decimal zeros, at most `most`; of 0: `most`. */
static int64_t trailing_zeros(struct value big, int64_t most)
{
    uint8_t digits[BIG_TEXT_MAX];
    int64_t zeros = 0;

    if (big_sign(big) == 0) return most;
    size_t count = big_digits(big, digits);
    while (zeros < most && digits[count - 1 - (size_t)zeros] == '0')
        zeros++;
    return zeros;
}

/* Java computes left - q * right with q stripped towards scale left - right. So when the right
 * side has more places, as many of them go as q has trailing zeros. */
enum status decimal_remainder(struct value left, struct value right, struct arena *arena,
                              struct value *result)
{
    int64_t excess = (int64_t)right.scale - left.scale;
    struct value quotient;
    int32_t scale;
    enum status status = align(&left, &right, &scale, arena);

    if (status == STATUS_OK) status = big_divide(left, right, arena, &quotient, &left);
    if (status == STATUS_OK && excess > 0) {
        int64_t zeros = trailing_zeros(quotient, excess);

        status = scale_down(left, zeros, ROUND_DOWN, arena, &left);
        scale -= (int32_t)zeros;
    }
    return status == STATUS_OK ? decimal_make(left, scale, result) : status;
}

enum status decimal_strip(struct value decimal, struct arena *arena, struct value *result)
{
    struct value unscaled = decimal_unscaled(decimal);

    if (big_sign(unscaled) == 0) {
        *result = decimal_of(0, 0);
        return STATUS_OK;
    }
    int64_t zeros = trailing_zeros(unscaled, BIG_TEXT_MAX);
    enum status status = scale_down(unscaled, zeros, ROUND_DOWN, arena, &unscaled);
    return status == STATUS_OK ? decimal_make(unscaled, decimal.scale - zeros, result) : status;
}

enum status decimal_to_big(struct value decimal, struct arena *arena, struct value *big)
{
    struct value whole;
    enum status status = decimal_rescale(decimal, 0, ROUND_DOWN, arena, &whole);

    if (status == STATUS_OK) *big = decimal_unscaled(whole);
    return status;
}

/* --- order ------------------------------------------------------------------------------------ */

/* Digits of two positive numbers that begin at the same power of ten. */
static int digits_compare(struct slice left, struct slice right)
{
    size_t common = left.len < right.len ? left.len : right.len;
    int order = memcmp(left.data, right.data, common);
    struct slice rest = left.len > common ? left : right;

    if (order != 0) return order < 0 ? -1 : 1;
    for (size_t i = common; i < rest.len; i++)
        if (rest.data[i] != '0') return left.len > common ? 1 : -1;
    return 0;
}

int decimal_compare(struct value left, struct value right)
{
    uint8_t left_digits[BIG_TEXT_MAX];
    uint8_t right_digits[BIG_TEXT_MAX];
    struct value a = decimal_unscaled(left);
    struct value b = decimal_unscaled(right);
    int sign = big_sign(a);

    if (left.scale == right.scale) return big_compare(a, b);
    if (sign != big_sign(b)) return sign < big_sign(b) ? -1 : 1;
    if (sign == 0) return 0;
    size_t left_len = big_digits(a, left_digits);
    size_t right_len = big_digits(b, right_digits);
    int64_t left_top = (int64_t)left_len - left.scale;
    int64_t right_top = (int64_t)right_len - right.scale;
    if (left_top != right_top) return left_top < right_top ? -sign : sign;
    return sign * digits_compare((struct slice){left_digits, left_len},
                                 (struct slice){right_digits, right_len});
}

/* --- text ------------------------------------------------------------------------------------- */

/* --- binary floating point -------------------------------------------------------------------- */

enum status decimal_from_double(double number, struct arena *arena, struct value *decimal)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    int32_t exponent = (int32_t)(bits >> 52 & 0x7FF);
    int64_t mantissa = (int64_t)(bits & ((UINT64_C(1) << 52) - 1));
    if (exponent == 0x7FF) return STATUS_INVALID;
    if (exponent > 0) mantissa |= INT64_C(1) << 52;
    exponent = (exponent == 0 ? 1 : exponent) - 1075;
    if (mantissa == 0) {
        *decimal = decimal_of(0, 0);
        return STATUS_OK;
    }
    int zeros = __builtin_ctzll((uint64_t)mantissa);
    mantissa >>= zeros;
    exponent += zeros;
    struct value unscaled = big_from_i64(bits >> 63 != 0 ? -mantissa : mantissa);
    struct value power;
    if (exponent >= 0) {
        enum status status = big_shift_left(unscaled, (uint32_t)exponent, arena, &unscaled);
        return status == STATUS_OK ? decimal_make(unscaled, 0, decimal) : status;
    }
    /* m / 2^k = m * 5^k / 10^k */
    enum status status = big_power(big_from_i64(5), (uint32_t)-exponent, arena, &power);
    if (status == STATUS_OK) status = big_multiply(unscaled, power, arena, &unscaled);
    return status == STATUS_OK ? decimal_make(unscaled, -exponent, decimal) : status;
}

double decimal_to_double(struct value decimal)
{
    uint8_t bytes[BIG_TEXT_MAX];
    struct slice digits = {bytes, big_digits(decimal_unscaled(decimal), bytes)};
    double number = number_from_digits(digits, -(int64_t)decimal.scale);

    return decimal_sign(decimal) < 0 ? -number : number;
}
