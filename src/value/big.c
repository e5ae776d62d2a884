/* big.c - BigInteger: 64-bit arithmetic with overflow checks, mpn_* behind it.
 *
 * A result is computed into a struct big of the arena and then settled: leading zeros go, and what
 * fits 64 bits becomes narrow. So every value has one form, and equality is comparison of bytes.
 */
#include "value/big_room.h"

#include <math.h>

_Static_assert(sizeof(mp_limb_t) == 8 && GMP_NAIL_BITS == 0, "limbs are full 64-bit words");
_Static_assert(BIG_DIGITS_MAX < BIG_LIMBS_MAX * 19, "a limb holds 19 digits and a bit");

void big_operand_init(struct big_operand *operand, struct value big)
{
    ASSERT(big.kind == VALUE_BIG_INTEGER);
    if ((big.flags & VALUE_WIDE) != 0) {
        operand->limbs = big.big->limbs;
        operand->count = big.big->limb_count;
        operand->negative = big.big->negative;
        return;
    }
    operand->negative = big.i64 < 0;
    operand->small = operand->negative ? 0 - (uint64_t)big.i64 : (uint64_t)big.i64;
    operand->limbs = &operand->small;
    operand->count = operand->small != 0;
}

static bool is_wide(struct value big)
{
    return (big.flags & VALUE_WIDE) != 0;
}

struct big *big_alloc(struct arena *arena, size_t limb_count)
{
    if (limb_count > 2 * BIG_LIMBS_MAX + 1) return NULL;
    return arena_alloc(arena, sizeof(struct big) + limb_count * sizeof(mp_limb_t), 1);
}

/* Gives a computed magnitude its canonical form. */
enum status big_settle(struct big *big, mp_size_t count, bool negative, struct value *result)
{
    while (count > 0 && big->limbs[count - 1] == 0)
        count--;
    if (count > BIG_LIMBS_MAX) return STATUS_LIMIT;
    if (count == 0) {
        *result = big_from_i64(0);
        return STATUS_OK;
    }
    uint64_t low = big->limbs[0];
    if (count == 1 && low <= (uint64_t)INT64_MAX + (uint64_t)negative) {
        *result = big_from_i64((int64_t)(negative ? 0 - low : low));
        return STATUS_OK;
    }
    big->limb_count = (uint32_t)count;
    big->negative = negative;
    *result = (struct value){.kind = VALUE_BIG_INTEGER, .flags = VALUE_WIDE, .big = big};
    return STATUS_OK;
}

bool big_is_canonical(struct value big)
{
    if (!is_wide(big)) return true;
    const struct big *wide = big.big;
    if (wide->limb_count == 0 || wide->limb_count > BIG_LIMBS_MAX) return false;
    if (wide->limbs[wide->limb_count - 1] == 0) return false;
    return wide->limb_count > 1 || wide->limbs[0] > (uint64_t)INT64_MAX + (uint64_t)wide->negative;
}

int big_sign(struct value big)
{
    if (is_wide(big)) return big.big->negative ? -1 : 1;
    return (big.i64 > 0) - (big.i64 < 0);
}

static int magnitude_compare(const struct big_operand *left, const struct big_operand *right)
{
    if (left->count != right->count) return left->count < right->count ? -1 : 1;
    return left->count == 0 ? 0 : mpn_cmp(left->limbs, right->limbs, left->count);
}

int big_compare(struct value left, struct value right)
{
    struct big_operand a;
    struct big_operand b;

    if (!is_wide(left) && !is_wide(right)) return (left.i64 > right.i64) - (left.i64 < right.i64);
    big_operand_init(&a, left);
    big_operand_init(&b, right);
    if (a.negative != b.negative) return a.negative ? -1 : 1;
    return a.negative ? magnitude_compare(&b, &a) : magnitude_compare(&a, &b);
}

/* left + right, where the right side's sign may have been turned for a subtraction. */
static enum status add_operands(const struct big_operand *left, const struct big_operand *right,
                                struct arena *arena, struct value *result)
{
    bool swap = magnitude_compare(left, right) < 0;
    const struct big_operand *large = swap ? right : left;
    const struct big_operand *small = swap ? left : right;
    struct big *sum = big_alloc(arena, (size_t)large->count + 1);

    if (sum == NULL) return STATUS_LIMIT;
    if (small->count == 0) {
        if (large->count > 0) mpn_copyi(sum->limbs, large->limbs, large->count);
        return big_settle(sum, large->count, large->negative, result);
    }
    if (large->negative != small->negative) {
        mpn_sub(sum->limbs, large->limbs, large->count, small->limbs, small->count);
        return big_settle(sum, large->count, large->negative, result);
    }
    sum->limbs[large->count] =
        mpn_add(sum->limbs, large->limbs, large->count, small->limbs, small->count);
    return big_settle(sum, large->count + 1, large->negative, result);
}

enum status big_add(struct value left, struct value right, struct arena *arena,
                    struct value *result)
{
    struct big_operand a;
    struct big_operand b;
    int64_t sum;

    if (!is_wide(left) && !is_wide(right) && !__builtin_add_overflow(left.i64, right.i64, &sum)) {
        *result = big_from_i64(sum);
        return STATUS_OK;
    }
    big_operand_init(&a, left);
    big_operand_init(&b, right);
    return add_operands(&a, &b, arena, result);
}

enum status big_subtract(struct value left, struct value right, struct arena *arena,
                         struct value *result)
{
    struct big_operand a;
    struct big_operand b;
    int64_t difference;

    if (!is_wide(left) && !is_wide(right) &&
        !__builtin_sub_overflow(left.i64, right.i64, &difference)) {
        *result = big_from_i64(difference);
        return STATUS_OK;
    }
    big_operand_init(&a, left);
    big_operand_init(&b, right);
    b.negative = !b.negative;
    return add_operands(&a, &b, arena, result);
}

enum status big_negate(struct value big, struct arena *arena, struct value *result)
{
    return big_subtract(big_from_i64(0), big, arena, result);
}

enum status big_multiply(struct value left, struct value right, struct arena *arena,
                         struct value *result)
{
    struct big_operand a;
    struct big_operand b;
    int64_t product;

    if (!is_wide(left) && !is_wide(right) &&
        !__builtin_mul_overflow(left.i64, right.i64, &product)) {
        *result = big_from_i64(product);
        return STATUS_OK;
    }
    big_operand_init(&a, left);
    big_operand_init(&b, right);
    if (a.count == 0 || b.count == 0) {
        *result = big_from_i64(0);
        return STATUS_OK;
    }
    const struct big_operand *large = a.count < b.count ? &b : &a;
    const struct big_operand *small = a.count < b.count ? &a : &b;
    struct big *wide = big_alloc(arena, (size_t)(a.count + b.count));
    if (wide == NULL) return STATUS_LIMIT;
    mpn_mul(wide->limbs, large->limbs, large->count, small->limbs, small->count);
    return big_settle(wide, a.count + b.count, a.negative != b.negative, result);
}

enum status big_divide(struct value dividend, struct value divisor, struct arena *arena,
                       struct value *quotient, struct value *remainder)
{
    struct big_operand a;
    struct big_operand b;

    if (big_sign(divisor) == 0) return STATUS_INVALID;
    if (!is_wide(dividend) && !is_wide(divisor) &&
        !(dividend.i64 == INT64_MIN && divisor.i64 == -1)) {
        *quotient = big_from_i64(dividend.i64 / divisor.i64);
        *remainder = big_from_i64(dividend.i64 % divisor.i64);
        return STATUS_OK;
    }
    big_operand_init(&a, dividend);
    big_operand_init(&b, divisor);
    if (magnitude_compare(&a, &b) < 0) {
        *quotient = big_from_i64(0);
        *remainder = dividend;
        return STATUS_OK;
    }
    struct big *q = big_alloc(arena, (size_t)(a.count - b.count) + 1);
    struct big *r = big_alloc(arena, (size_t)b.count);
    if (q == NULL || r == NULL) return STATUS_LIMIT;
    mpn_tdiv_qr(q->limbs, r->limbs, 0, a.limbs, a.count, b.limbs, b.count);
    enum status status = big_settle(q, a.count - b.count + 1, a.negative != b.negative, quotient);
    return status == STATUS_OK ? big_settle(r, b.count, a.negative, remainder) : status;
}

enum status big_power(struct value base, uint32_t exponent, struct arena *arena,
                      struct value *result)
{
    struct value power = big_from_i64(1);

    for (uint32_t bit = UINT32_C(1) << 31; bit != 0; bit >>= 1) {
        enum status status = big_multiply(power, power, arena, &power);

        if (status == STATUS_OK && (exponent & bit) != 0)
            status = big_multiply(power, base, arena, &power);
        if (status != STATUS_OK) return status;
    }
    *result = power;
    return STATUS_OK;
}

/* Euclid's steps on the general division: as simple as it gets, and gcd is rare. */
enum status big_gcd(struct value left, struct value right, struct arena *arena,
                    struct value *result)
{
    while (big_sign(right) != 0) {
        struct value quotient;
        struct value remainder;
        enum status status = big_divide(left, right, arena, &quotient, &remainder);

        if (status != STATUS_OK) return status;
        left = right;
        right = remainder;
    }
    if (big_sign(left) < 0) return big_negate(left, arena, result);
    *result = left;
    return STATUS_OK;
}

enum status big_shift_left(struct value number, uint32_t shift, struct arena *arena,
                           struct value *result)
{
    struct big_operand a;
    mp_size_t whole = (mp_size_t)(shift / 64);

    big_operand_init(&a, number);
    if (a.count == 0) {
        *result = number;
        return STATUS_OK;
    }
    struct big *wide = big_alloc(arena, (size_t)(a.count + whole) + 1);
    if (wide == NULL) return STATUS_LIMIT;
    if (whole > 0) mpn_zero(wide->limbs, whole);
    mp_limb_t *target = wide->limbs + whole;
    target[a.count] = 0;
    if (shift % 64 == 0) {
        mpn_copyi(target, a.limbs, a.count);
    } else {
        target[a.count] = mpn_lshift(target, a.limbs, a.count, shift % 64);
    }
    return big_settle(wide, a.count + whole + 1, a.negative, result);
}

int64_t big_to_i64_wrapped(struct value big)
{
    if (!is_wide(big)) return big.i64;
    uint64_t low = big.big->limbs[0];
    return (int64_t)(big.big->negative ? 0 - low : low);
}

/* --- text ------------------------------------------------------------------------------------- */

static enum status parse_wide(struct slice digits, bool negative, struct arena *arena,
                              struct value *big)
{
    size_t limb_count = digits.len / 19 + 1;
    struct big *wide = big_alloc(arena, limb_count);
    uint8_t *values = arena_alloc(arena, digits.len, 1);

    if (wide == NULL || values == NULL) return STATUS_LIMIT;
    for (size_t i = 0; i < digits.len; i++)
        values[i] = (uint8_t)(digits.data[i] - '0');
    mp_size_t count = mpn_set_str(wide->limbs, values, digits.len, 10);
    ASSERT((size_t)count <= limb_count);
    return big_settle(wide, count, negative, big);
}

enum status big_parse(struct slice text, struct arena *arena, struct value *big)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    size_t sign = negative || (text.len > 0 && text.data[0] == '+');
    struct slice digits = {text.data + sign, text.len - sign};
    int64_t narrow = 0;

    if (digits.len == 0) return STATUS_INVALID;
    for (size_t i = 0; i < digits.len; i++)
        if (digits.data[i] < '0' || digits.data[i] > '9') return STATUS_INVALID;
    while (digits.len > 1 && digits.data[0] == '0')
        digits = (struct slice){digits.data + 1, digits.len - 1};
    if (digits.len > BIG_DIGITS_MAX) return STATUS_LIMIT;
    if (digits.len > 18) return parse_wide(digits, negative, arena, big);
    for (size_t i = 0; i < digits.len; i++)
        narrow = narrow * 10 + (digits.data[i] - '0');
    *big = big_from_i64(negative ? -narrow : narrow);
    return STATUS_OK;
}

static size_t u64_digits(uint64_t number, uint8_t *digits)
{
    uint8_t backwards[20];
    size_t count = 0;

    do {
        backwards[count++] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < count; i++)
        digits[i] = backwards[count - 1 - i];
    return count;
}

size_t big_digits(struct value big, uint8_t digits[BIG_TEXT_MAX])
{
    mp_limb_t limbs[BIG_LIMBS_MAX + 1]; /* mpn_get_str destroys its input */
    struct big_operand a;

    big_operand_init(&a, big);
    if (!is_wide(big)) return u64_digits(a.count == 0 ? 0 : a.small, digits);
    mpn_copyi(limbs, a.limbs, a.count);
    size_t count = mpn_get_str(digits, 10, limbs, a.count);
    size_t zeros = 0;
    while (zeros + 1 < count && digits[zeros] == 0)
        zeros++;
    for (size_t i = zeros; i < count; i++)
        digits[i - zeros] = (uint8_t)(digits[i] + '0');
    return count - zeros;
}

void big_to_text(struct value big, struct buffer *out)
{
    uint8_t digits[BIG_TEXT_MAX];

    if (!is_wide(big)) {
        buffer_append_i64(out, big.i64);
        return;
    }
    size_t count = big_digits(big, digits);
    if (big.big->negative) buffer_append_byte(out, '-');
    buffer_append(out, (struct slice){digits, count});
}

enum { BIG_EXPONENT_MAX = 960 }; /* 2^63 * 2^961 is beyond every double */

double big_to_double(struct value big)
{
    if (!is_wide(big)) return (double)big.i64;
    const struct big *wide = big.big;
    uint32_t count = wide->limb_count;
    int shift = __builtin_clzll(wide->limbs[count - 1]);
    uint64_t top = wide->limbs[count - 1] << shift;
    bool sticky = false;

    if (shift > 0 && count > 1) {
        top |= wide->limbs[count - 2] >> (64 - shift);
        sticky = wide->limbs[count - 2] << shift != 0;
    } else if (count > 1) {
        sticky = wide->limbs[count - 2] != 0;
    }
    for (uint32_t i = 0; i + 2 < count && !sticky; i++)
        sticky = wide->limbs[i] != 0;
    int64_t exponent = ((int64_t)count - 1) * 64 - shift;
    if (exponent > BIG_EXPONENT_MAX) return wide->negative ? -INFINITY : INFINITY;
    /* 64 bits with a sticky lowest one round to 53 as the whole number would. */
    double number = (double)(top | (uint64_t)sticky);
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof(power));
    return wide->negative ? -(number * power) : number * power;
}
