/* promote.c - the ladders. Doubles and longs take the first branch; big numbers are rare. */
#include "engine/promote.h"

#include <math.h>

#include "base/hash.h"
#include "value/big.h"
#include "value/decimal.h"
#include "value/number.h"

enum { DECIMAL_DIGITS = 34, TEXT_OF_DOUBLE_MAX = 64 };

bool promote_is_number(struct value value)
{
    return value.kind >= VALUE_BYTE && value.kind <= VALUE_BIG_DECIMAL;
}

static bool is_integral(struct value number)
{
    return number.kind >= VALUE_BYTE && number.kind <= VALUE_LONG;
}

static bool is_binary(struct value number)
{
    return number.kind == VALUE_FLOAT || number.kind == VALUE_DOUBLE;
}

static bool is_big(struct value number)
{
    return number.kind == VALUE_BIG_INTEGER || number.kind == VALUE_BIG_DECIMAL;
}

static double to_double(struct value number)
{
    if (is_binary(number)) return number.f64;
    if (number.kind == VALUE_BIG_INTEGER) return big_to_double(number);
    if (number.kind == VALUE_BIG_DECIMAL) return decimal_to_double(number);
    return (double)number.i64;
}

bool promote_is_zero(struct value number)
{
    return to_double(number) == 0.0;
}

static struct value to_big(struct value number)
{
    return number.kind == VALUE_BIG_INTEGER ? number : big_from_i64(number.i64);
}

/* Through the printed form, as the original converts: 0.1 becomes 0.1. */
static enum status binary_to_decimal(struct value number, struct arena *arena, struct value *out)
{
    uint8_t bytes[TEXT_OF_DOUBLE_MAX];
    struct buffer text = {.data = bytes, .capacity = sizeof(bytes), .bytes_max = sizeof(bytes)};

    if (!isfinite(number.f64)) return STATUS_INVALID;
    if (number.kind == VALUE_FLOAT) {
        number_float_to_text((float)number.f64, &text);
    } else {
        number_double_to_text(number.f64, &text);
    }
    ASSERT(!text.failed && text.data == bytes);
    return decimal_parse(buffer_slice(&text), arena, out);
}

static enum status to_decimal(struct value number, struct arena *arena, struct value *out)
{
    if (is_binary(number)) return binary_to_decimal(number, arena, out);
    if (number.kind == VALUE_BIG_DECIMAL) {
        *out = number;
        return STATUS_OK;
    }
    return decimal_make(to_big(number), 0, out);
}

/* --- sum ------------------------------------------------------------------------------------- */

enum status promote_sum_one(struct value number, struct arena *arena, struct value *out)
{
    (void)arena;
    if (!promote_is_number(number)) return STATUS_TYPE;
    *out = number;
    if (is_integral(number)) *out = value_long(number.i64);
    if (number.kind == VALUE_FLOAT) *out = value_double(number.f64);
    return STATUS_OK;
}

enum status promote_sum(struct value left, struct value right, struct arena *arena,
                        struct value *out)
{
    if (!promote_is_number(left) || !promote_is_number(right)) return STATUS_TYPE;
    if (is_integral(left) && is_integral(right)) {
        *out = value_long((int64_t)((uint64_t)left.i64 + (uint64_t)right.i64));
        return STATUS_OK;
    }
    if (left.kind == VALUE_BIG_DECIMAL || right.kind == VALUE_BIG_DECIMAL)
        return promote_add(left, right, arena, out);
    if (is_binary(left) || is_binary(right)) {
        *out = value_double(to_double(left) + to_double(right));
        return STATUS_OK;
    }
    return big_add(to_big(left), to_big(right), arena, out);
}

/* --- order ----------------------------------------------------------------------------------- */

/* Rank on the ladder; kinds stand in almost that order already. */
static uint32_t rank_of(struct value number)
{
    static const uint8_t ranks[VALUE_KIND_COUNT] = {
        [VALUE_BYTE] = 1,        [VALUE_SHORT] = 2, [VALUE_INTEGER] = 3, [VALUE_LONG] = 4,
        [VALUE_BIG_INTEGER] = 5, [VALUE_FLOAT] = 6, [VALUE_DOUBLE] = 7,  [VALUE_BIG_DECIMAL] = 8};

    return ranks[number.kind];
}

static enum status convert(struct value number, uint8_t kind, struct arena *arena,
                           struct value *out)
{
    if (number.kind == kind) {
        *out = number;
        return STATUS_OK;
    }
    if (kind == VALUE_BIG_DECIMAL) return to_decimal(number, arena, out);
    if (kind == VALUE_BIG_INTEGER) {
        *out = to_big(number);
    } else if (kind == VALUE_DOUBLE) {
        *out = value_double(to_double(number));
    } else if (kind == VALUE_FLOAT) {
        *out = (struct value){.kind = VALUE_FLOAT, .f64 = (double)(float)to_double(number)};
    } else {
        *out = (struct value){.kind = kind, .i64 = number.i64};
    }
    return STATUS_OK;
}

/* Both in the higher class of the two. */
static enum status align(struct value *left, struct value *right, struct arena *arena)
{
    if (!promote_is_number(*left) || !promote_is_number(*right)) return STATUS_TYPE;
    uint8_t kind = rank_of(*left) >= rank_of(*right) ? left->kind : right->kind;
    enum status status = convert(*left, kind, arena, left);

    return status != STATUS_OK ? status : convert(*right, kind, arena, right);
}

static int compare_double(double left, double right)
{
    if (left < right) return -1;
    if (left > right) return 1;
    if (left == right && left != 0.0) return 0;
    bool left_nan = isnan(left);
    bool right_nan = isnan(right);

    if (left_nan || right_nan) return (int)left_nan - (int)right_nan;
    return (int)!signbit(left) - (int)!signbit(right);
}

static int compare_aligned(struct value left, struct value right)
{
    if (left.kind == VALUE_BIG_DECIMAL) return decimal_compare(left, right);
    if (left.kind == VALUE_BIG_INTEGER) return big_compare(left, right);
    if (is_binary(left)) return compare_double(left.f64, right.f64);
    return (left.i64 > right.i64) - (left.i64 < right.i64);
}

enum status promote_compare(struct value left, struct value right, struct arena *arena, int *order)
{
    enum status status = align(&left, &right, arena);

    if (status == STATUS_OK) *order = compare_aligned(left, right);
    return status;
}

static bool is_nan(struct value number)
{
    return is_binary(number) && isnan(number.f64);
}

enum status promote_min(struct value left, struct value right, struct arena *arena,
                        struct value *out)
{
    enum status status = align(&left, &right, arena);

    if (status != STATUS_OK) return status;
    if (is_nan(right)) {
        *out = right;
    } else {
        *out = is_nan(left) || compare_aligned(left, right) <= 0 ? left : right;
    }
    return STATUS_OK;
}

enum status promote_max(struct value left, struct value right, struct arena *arena,
                        struct value *out)
{
    enum status status = align(&left, &right, arena);

    if (status == STATUS_OK) *out = compare_aligned(left, right) >= 0 ? left : right;
    return status;
}

/* --- floating -------------------------------------------------------------------------------- */

enum status promote_floating_one(struct value number, struct arena *arena, struct value *out)
{
    if (!promote_is_number(number)) return STATUS_TYPE;
    if (is_big(number)) return to_decimal(number, arena, out);
    *out = value_double(to_double(number));
    return STATUS_OK;
}

typedef enum status (*decimal_operation)(struct value, struct value, struct arena *,
                                         struct value *);

static enum status on_decimals(decimal_operation operation, struct value left, struct value right,
                               struct arena *arena, struct value *out)
{
    enum status status = to_decimal(left, arena, &left);

    if (status == STATUS_OK) status = to_decimal(right, arena, &right);
    return status == STATUS_OK ? operation(left, right, arena, out) : status;
}

/* A BigInteger becomes a Double beside a binary number, a BigDecimal otherwise. */
static bool wants_decimal(struct value left, struct value right)
{
    if (left.kind == VALUE_BIG_DECIMAL || right.kind == VALUE_BIG_DECIMAL) return true;
    return (is_big(left) || is_big(right)) && !is_binary(left) && !is_binary(right);
}

enum status promote_add(struct value left, struct value right, struct arena *arena,
                        struct value *out)
{
    if (!promote_is_number(left) || !promote_is_number(right)) return STATUS_TYPE;
    if (wants_decimal(left, right)) return on_decimals(decimal_add, left, right, arena, out);
    *out = value_double(to_double(left) + to_double(right));
    return STATUS_OK;
}

enum status promote_subtract(struct value left, struct value right, struct arena *arena,
                             struct value *out)
{
    if (!promote_is_number(left) || !promote_is_number(right)) return STATUS_TYPE;
    if (wants_decimal(left, right)) return on_decimals(decimal_subtract, left, right, arena, out);
    *out = value_double(to_double(left) - to_double(right));
    return STATUS_OK;
}

enum status promote_square(struct value number, struct arena *arena, struct value *out)
{
    if (!promote_is_number(number)) return STATUS_TYPE;
    if (is_big(number)) return on_decimals(decimal_multiply, number, number, arena, out);
    double once = to_double(number);

    *out = value_double(once * once);
    return STATUS_OK;
}

enum status promote_scale(struct value number, double factor, struct arena *arena,
                          struct value *out)
{
    if (is_big(number))
        return on_decimals(decimal_multiply, number, value_double(factor), arena, out);
    *out = value_double(factor * to_double(number));
    return STATUS_OK;
}

/* Rounds to DECIMAL_DIGITS significant digits. */
static enum status decimal_round(struct value decimal, struct arena *arena, struct value *out)
{
    uint32_t precision = decimal_precision(decimal);

    *out = decimal;
    if (precision <= DECIMAL_DIGITS) return STATUS_OK;
    return decimal_rescale(decimal, decimal.scale - (int32_t)(precision - DECIMAL_DIGITS),
                           ROUND_HALF_EVEN, arena, out);
}

/* The quotient's leading digit is known to one place, so two digits more are asked for than kept;
 * they are cut off (not rounded) with a sticky digit, and rounding happens once, at the end. */
static enum status decimal_quotient(struct value left, struct value right, struct arena *arena,
                                    struct value *out)
{
    int64_t scale = (int64_t)DECIMAL_DIGITS + 2 + left.scale - right.scale +
                    (int64_t)decimal_precision(right) - (int64_t)decimal_precision(left);
    int64_t preferred = (int64_t)left.scale - right.scale;
    struct value exact;

    if (scale < preferred) scale = preferred;
    if (scale > DECIMAL_SCALE_MAX || scale < -DECIMAL_SCALE_MAX) return STATUS_LIMIT;
    enum status status = decimal_divide(left, right, (int32_t)scale, ROUND_DOWN, arena, out);

    if (status == STATUS_OK) status = decimal_multiply(*out, right, arena, &exact);
    if (status != STATUS_OK) return status;
    if (decimal_compare(exact, left) != 0) { /* inexact: a last digit that is never a tie */
        int64_t sign = (int64_t)decimal_sign(left) * decimal_sign(right);
        struct value sticky = decimal_of(sign, (int32_t)scale + 1);

        status = decimal_add(*out, sticky, arena, out);
        if (status != STATUS_OK) return status;
    }
    return decimal_round(*out, arena, out);
}

enum status promote_divide_count(struct value number, int64_t count, struct arena *arena,
                                 struct value *out)
{
    ASSERT(count > 0);
    if (!is_big(number)) {
        *out = value_double(to_double(number) / (double)count);
        return STATUS_OK;
    }
    enum status status = to_decimal(number, arena, &number);

    if (status != STATUS_OK) return status;
    return decimal_quotient(number, decimal_of(count, 0), arena, out);
}

/* Integer square root by Newton's steps from above. */
static enum status big_root(struct value square, struct arena *arena, struct value *root)
{
    struct value guess = square;
    struct value unused;

    if (big_sign(square) == 0) {
        *root = square;
        return STATUS_OK;
    }
    for (;;) {
        struct value next;
        enum status status = big_divide(square, guess, arena, &next, &unused);

        if (status == STATUS_OK) status = big_add(next, guess, arena, &next);
        if (status == STATUS_OK) status = big_divide(next, big_from_i64(2), arena, &next, &unused);
        if (status != STATUS_OK) return status;
        if (big_compare(next, guess) >= 0) break;
        guess = next;
    }
    *root = guess;
    return STATUS_OK;
}

/* sqrt(u * 10^-s): with u' = u * 10^k, s + k even and u' of at least 2 * (DIGITS + 1) digits, the
 * root is isqrt(u') * 10^-((s + k) / 2). */
static enum status decimal_root(struct value decimal, struct arena *arena, struct value *out)
{
    int64_t wanted = 2 * ((int64_t)DECIMAL_DIGITS + 2) - (int64_t)decimal_precision(decimal);
    int64_t scale = (int64_t)decimal.scale + (wanted > 0 ? wanted : 0);
    struct value wide;
    struct value root;
    struct value back;

    if (decimal_sign(decimal) < 0) return STATUS_INVALID;
    if (scale % 2 != 0) scale++;
    if (scale > DECIMAL_SCALE_MAX) return STATUS_LIMIT;
    enum status status = decimal_rescale(decimal, (int32_t)scale, ROUND_DOWN, arena, &wide);

    if (status == STATUS_OK) status = big_root(decimal_unscaled(wide), arena, &root);
    if (status == STATUS_OK) status = big_multiply(root, root, arena, &back);
    if (status == STATUS_OK) status = decimal_make(root, scale / 2, out);
    if (status != STATUS_OK) return status;
    if (big_compare(back, decimal_unscaled(wide)) != 0) {
        status = decimal_add(*out, decimal_of(1, (int32_t)(scale / 2) + 1), arena, out);
        if (status != STATUS_OK) return status;
    }
    return decimal_round(*out, arena, out);
}

enum status promote_root(struct value number, struct arena *arena, struct value *out)
{
    if (number.kind == VALUE_BIG_DECIMAL) return decimal_root(number, arena, out);
    *out = value_double(sqrt(to_double(number)));
    return STATUS_OK;
}

/* --- members of a set -------------------------------------------------------------------------- */

bool promote_same_member(struct value left, struct value right)
{
    bool small =
        promote_is_number(left) && !is_big(left) && promote_is_number(right) && !is_big(right);

    if (!small) return value_equals(left, right);
    if (is_integral(left) && is_integral(right)) return left.i64 == right.i64;
    return to_double(left) == to_double(right); /* NaN equals nothing */
}

uint64_t promote_member_hash(struct value member)
{
    if (!promote_is_number(member) || is_big(member)) return value_hash(member);
    double number = to_double(member) + 0.0; /* -0.0 and 0.0 are the same member */

    return hash_bytes((struct slice){(const uint8_t *)&number, sizeof(number)}, 0);
}
