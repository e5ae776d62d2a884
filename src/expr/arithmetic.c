/* arithmetic.c - promotion and the four operations, remainder and power on Java's numbers. */
#include "expr/arithmetic_room.h"
#include "value/decimal.h"
#include "value/number.h"
#include "value/temporal.h"
#include <math.h>

/* Decimal places a number gets when it becomes a BigDecimal: all a binary one can have. */
enum { SCALE_WHOLE = 18, SCALE_FLOAT = 149, SCALE_DOUBLE = 1074 };

/* --- conversions --------------------------------------------------------------------------------- */

double number_to_double(struct value number)
{
    switch ((int)number.kind) {
    case VALUE_FLOAT:
    case VALUE_DOUBLE: return number.f64;
    case VALUE_BIG_INTEGER: return big_to_double(number);
    case VALUE_BIG_DECIMAL: return decimal_to_double(number);
    default: return (double)number.i64;
    }
}

static int64_t saturate(double number)
{
    if (number != number) return 0;
    if (number >= 9223372036854775808.0) return INT64_MAX;
    if (number <= -9223372036854775808.0) return INT64_MIN;
    return (int64_t)number;
}

int64_t number_to_i64(struct value number, struct arena *arena)
{
    struct value whole = number;

    switch ((int)number.kind) {
    case VALUE_FLOAT:
    case VALUE_DOUBLE: return saturate(number.f64);
    case VALUE_BIG_INTEGER: return big_to_i64_wrapped(number);
    case VALUE_BIG_DECIMAL:
        if (decimal_to_big(number, arena, &whole) != STATUS_OK) return 0;
        return big_to_i64_wrapped(whole);
    default: return number.i64;
    }
}

int32_t number_to_i32(struct value number, struct arena *arena)
{
    if (number.kind == VALUE_FLOAT || number.kind == VALUE_DOUBLE) {
        int64_t wide = saturate(number.f64);
        return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
    }
    return (int32_t)(uint32_t)(uint64_t)number_to_i64(number, arena);
}

enum status number_to_big(struct value number, struct arena *arena, struct value *big)
{
    if (number.kind == VALUE_BIG_INTEGER) {
        *big = number;
        return STATUS_OK;
    }
    if (number.kind == VALUE_BIG_DECIMAL) return decimal_to_big(number, arena, big);
    if (number.kind == VALUE_DOUBLE || number.kind == VALUE_FLOAT) {
        struct value decimal;
        enum status status = decimal_from_double(number.f64, arena, &decimal);
        return status == STATUS_OK ? decimal_to_big(decimal, arena, big) : status;
    }
    *big = big_from_i64(number.i64);
    return STATUS_OK;
}

/* The decimal a floating number is printed as: 0.1 and not the binary number next to it. */
static enum status decimal_of_text(struct value number, struct arena *arena, struct value *decimal)
{
    uint8_t memory[64];
    struct buffer text = {.data = memory, .capacity = sizeof(memory), .bytes_max = sizeof(memory)};

    if (number.kind == VALUE_FLOAT) {
        number_float_to_text((float)number.f64, &text);
    } else {
        number_double_to_text(number.f64, &text);
    }
    return decimal_parse(buffer_slice(&text), arena, decimal);
}

enum status number_to_decimal(struct value number, struct arena *arena, struct value *decimal)
{
    struct value exact;
    int32_t scale = SCALE_WHOLE;
    enum status status;

    if (number.kind == VALUE_BIG_DECIMAL) {
        *decimal = number;
        return STATUS_OK;
    }
    if (number.kind == VALUE_DOUBLE || number.kind == VALUE_FLOAT) {
        scale = number.kind == VALUE_FLOAT ? SCALE_FLOAT : SCALE_DOUBLE;
        status = decimal_of_text(number, arena, &exact);
    } else if (number.kind == VALUE_BIG_INTEGER) {
        status = decimal_make(number, 0, &exact);
    } else {
        exact = decimal_of(number.i64, 0);
        status = STATUS_OK;
    }
    return status == STATUS_OK ? decimal_rescale(exact, scale, ROUND_HALF_EVEN, arena, decimal)
                               : status;
}

static struct value make_whole(int64_t number, enum value_kind kind)
{
    return (struct value){.kind = (uint8_t)kind, .i64 = number};
}

static struct value make_float(double number)
{
    return (struct value){.kind = VALUE_FLOAT, .f64 = (double)(float)number};
}

static bool fits(int64_t number, enum value_kind kind)
{
    switch ((int)kind) {
    case VALUE_BYTE: return number >= INT8_MIN && number <= INT8_MAX;
    case VALUE_SHORT: return number >= INT16_MIN && number <= INT16_MAX;
    case VALUE_INTEGER: return number >= INT32_MIN && number <= INT32_MAX;
    default: return true;
    }
}

/* Whole targets: what is above 64 bits does not fit; fractions are cut off. */
static enum status convert_whole(struct value number, enum value_kind kind, struct arena *arena,
                                 struct value *result)
{
    struct value big;

    if (number.kind == VALUE_DOUBLE || number.kind == VALUE_FLOAT) {
        *result = make_whole(saturate(number.f64), kind);
        return fits(result->i64, kind) ? STATUS_OK : STATUS_INVALID;
    }
    enum status status = number_to_big(number, arena, &big);
    if (status != STATUS_OK) return status;
    if ((big.flags & VALUE_WIDE) != 0) return STATUS_INVALID;
    *result = make_whole(big.i64, kind);
    return fits(big.i64, kind) ? STATUS_OK : STATUS_INVALID;
}

enum status number_convert(struct value number, enum value_kind kind, struct arena *arena,
                           struct value *result)
{
    ASSERT(value_is_number(number));
    if (number.kind == kind) {
        *result = number;
        return STATUS_OK;
    }
    switch ((int)kind) {
    case VALUE_FLOAT: *result = make_float(number_to_double(number)); return STATUS_OK;
    case VALUE_DOUBLE: *result = value_double(number_to_double(number)); return STATUS_OK;
    case VALUE_BIG_INTEGER: return number_to_big(number, arena, result);
    case VALUE_BIG_DECIMAL: return number_to_decimal(number, arena, result);
    default: return convert_whole(number, kind, arena, result);
    }
}

/* --- operations ---------------------------------------------------------------------------------- */

static enum rank rank_of(struct value number)
{
    switch ((int)number.kind) {
    case VALUE_BIG_DECIMAL: return RANK_DECIMAL;
    case VALUE_DOUBLE: return RANK_DOUBLE;
    case VALUE_FLOAT: return RANK_FLOAT;
    case VALUE_BIG_INTEGER: return RANK_BIG;
    case VALUE_LONG: return RANK_LONG;
    default: return RANK_INTEGER;
    }
}

enum rank number_common_rank(struct value left, struct value right)
{
    enum rank a = rank_of(left);
    enum rank b = rank_of(right);

    return a > b ? a : b;
}

static double apply_double(enum operator op, double left, double right)
{
    switch ((int)op) {
    case OPERATOR_ADD: return left + right;
    case OPERATOR_SUBTRACT: return left - right;
    case OPERATOR_MULTIPLY: return left * right;
    case OPERATOR_DIVIDE: return left / right;
    case OPERATOR_REMAINDER: return fmod(left, right);
    default: UNREACHABLE("no operation on doubles");
    }
}

/* Single precision rounds after every operation; these four are exact enough in double. */
static double apply_float(enum operator op, double left, double right)
{
    float a = (float)left;
    float b = (float)right;

    return op == OPERATOR_REMAINDER ? (double)fmodf(a, b)
                                    : (double)(float)apply_double(op, (double)a, (double)b);
}

/* Wraps around as Java does; the divisor is not 0. */
static int64_t apply_i64(enum operator op, int64_t left, int64_t right)
{
    switch ((int)op) {
    case OPERATOR_ADD: return (int64_t)((uint64_t)left + (uint64_t)right);
    case OPERATOR_SUBTRACT: return (int64_t)((uint64_t)left - (uint64_t)right);
    case OPERATOR_MULTIPLY: return (int64_t)((uint64_t)left * (uint64_t)right);
    case OPERATOR_DIVIDE: return right == -1 ? (int64_t)(0 - (uint64_t)left) : left / right;
    case OPERATOR_REMAINDER: return right == -1 ? 0 : left % right;
    default: UNREACHABLE("no operation on whole numbers");
    }
}

static enum status apply_big(enum operator op, struct value left, struct value right,
                             struct arena *arena, struct value *result)
{
    struct value a;
    struct value b;
    struct value other;
    enum status status = number_to_big(left, arena, &a);

    if (status == STATUS_OK) status = number_to_big(right, arena, &b);
    if (status != STATUS_OK) return status;
    switch ((int)op) {
    case OPERATOR_ADD: return big_add(a, b, arena, result);
    case OPERATOR_SUBTRACT: return big_subtract(a, b, arena, result);
    case OPERATOR_MULTIPLY: return big_multiply(a, b, arena, result);
    case OPERATOR_DIVIDE: return big_divide(a, b, arena, result, &other);
    case OPERATOR_REMAINDER: return big_divide(a, b, arena, &other, result);
    default: UNREACHABLE("no operation on big integers");
    }
}

static enum status apply_decimal(enum operator op, struct value left, struct value right,
                                 struct arena *arena, struct value *result)
{
    struct value a;
    struct value b;
    enum status status = number_to_decimal(left, arena, &a);

    if (status == STATUS_OK) status = number_to_decimal(right, arena, &b);
    if (status != STATUS_OK) return status;
    switch ((int)op) {
    case OPERATOR_ADD: return decimal_add(a, b, arena, result);
    case OPERATOR_SUBTRACT: return decimal_subtract(a, b, arena, result);
    case OPERATOR_MULTIPLY: return decimal_multiply(a, b, arena, result);
    case OPERATOR_DIVIDE:
        return decimal_divide(a, b, a.scale > b.scale ? a.scale : b.scale, ROUND_HALF_EVEN, arena,
                              result);
    case OPERATOR_REMAINDER: return decimal_remainder(a, b, arena, result);
    default: UNREACHABLE("no operation on decimals");
    }
}

enum { EXPONENT_MAX = 100000 };

static enum status power_decimal(struct value base, int32_t exponent, struct arena *arena,
                                 struct value *result)
{
    struct value unscaled;
    enum status status = big_power(decimal_unscaled(base), (uint32_t)exponent, arena, &unscaled);

    return status == STATUS_OK ? decimal_make(unscaled, (int64_t)base.scale * exponent, result)
                               : status;
}

double arithmetic_pow(double base, double exponent)
{
    bool nan = exponent != exponent || (fabs(base) == 1 && exponent - exponent != 0);

    return nan ? (double)NAN : pow(base, exponent);
}

/* Exact for BigDecimal and BigInteger to a whole power; through doubles for the rest. */
static enum status apply_power(struct value left, struct value right, struct arena *arena,
                               struct value *result, const char **why)
{
    if (left.kind == VALUE_BIG_DECIMAL || left.kind == VALUE_BIG_INTEGER) {
        int32_t exponent = number_to_i32(right, arena);
        if (exponent < 0) {
            *why = left.kind == VALUE_BIG_DECIMAL ? "Invalid operation" : "Negative exponent";
            return STATUS_INVALID;
        }
        if (exponent > EXPONENT_MAX) return STATUS_LIMIT;
        return left.kind == VALUE_BIG_DECIMAL ? power_decimal(left, exponent, arena, result)
                                              : big_power(left, (uint32_t)exponent, arena, result);
    }
    enum rank rank = number_common_rank(left, right);
    double base = number_to_double(left);
    double exponent = number_to_double(right);
    if (rank == RANK_FLOAT) base = (double)(float)base;
    if (rank == RANK_FLOAT) exponent = (double)(float)exponent;
    double power = arithmetic_pow(base, exponent);
    bool floating = left.kind == VALUE_DOUBLE || left.kind == VALUE_FLOAT ||
                    right.kind == VALUE_DOUBLE || right.kind == VALUE_FLOAT;
    if (floating) {
        *result = value_double(power);
    } else if (power > INT32_MAX || left.kind == VALUE_LONG || right.kind == VALUE_LONG) {
        *result = value_long(saturate(power));
    } else {
        *result = value_integer(number_to_i32(value_double(power), arena));
    }
    return STATUS_OK;
}

static bool divides_by_zero(enum operator op, struct value right, enum rank rank)
{
    if (op != OPERATOR_DIVIDE && op != OPERATOR_REMAINDER) return false;
    if (rank == RANK_FLOAT || rank == RANK_DOUBLE) return false;
    if (right.kind == VALUE_BIG_DECIMAL) return decimal_sign(right) == 0;
    if (right.kind == VALUE_BIG_INTEGER) return big_sign(right) == 0;
    return number_to_double(right) == 0;
}

/* Does Java bring the dividend to the common scale within 64 bits? Else it divides big integers. */
static bool scales_within_long(struct value left, struct value right, int64_t scale)
{
    int64_t raise = scale + right.scale - left.scale;
    int64_t number = left.i64;

    if ((left.flags & VALUE_WIDE) != 0 || raise >= 19) return number == 0;
    for (; raise > 0; raise--)
        if (__builtin_mul_overflow(number, (int64_t)10, &number)) return false;
    return true;
}

const char *arithmetic_zero_divisor(struct value left, struct value right, int64_t scale)
{
    return scales_within_long(left, right, scale) ? "/ by zero" : "BigInteger divide by zero";
}

/* A divisor of zero, in Java's words. */
static enum status refuse_divisor(enum operator op, struct value left, struct value right,
                                  enum rank rank, struct arena *arena, const char **why)
{
    *why = rank == RANK_BIG ? "BigInteger divide by zero" : "/ by zero";
    if (rank != RANK_DECIMAL) return STATUS_INVALID;
    enum status status = number_to_decimal(left, arena, &left);
    if (status == STATUS_OK) status = number_to_decimal(right, arena, &right);
    if (status != STATUS_OK) return status;
    if (op == OPERATOR_REMAINDER) {
        *why = decimal_sign(left) == 0 ? "Division undefined" : "Division by zero";
    } else {
        *why = arithmetic_zero_divisor(left, right,
                                       left.scale > right.scale ? left.scale : right.scale);
    }
    return STATUS_INVALID;
}

enum status arithmetic_apply(enum operator op, struct value left, struct value right,
                             struct arena *arena, struct value *result, const char **why)
{
    if (!value_is_number(left) || !value_is_number(right)) return STATUS_TYPE;
    if (op == OPERATOR_POWER) return apply_power(left, right, arena, result, why);

    enum rank rank = number_common_rank(left, right);
    if (divides_by_zero(op, right, rank)) {
        return refuse_divisor(op, left, right, rank, arena, why);
    }
    switch (rank) {
    case RANK_INTEGER:
        *result = value_integer((int32_t)(uint32_t)(uint64_t)apply_i64(op, left.i64, right.i64));
        return STATUS_OK;
    case RANK_LONG: *result = value_long(apply_i64(op, left.i64, right.i64)); return STATUS_OK;
    case RANK_BIG: return apply_big(op, left, right, arena, result);
    case RANK_FLOAT:
        *result =
            (struct value){.kind = VALUE_FLOAT,
                           .f64 = apply_float(op, number_to_double(left), number_to_double(right))};
        return STATUS_OK;
    case RANK_DOUBLE:
        *result = value_double(apply_double(op, number_to_double(left), number_to_double(right)));
        return STATUS_OK;
    case RANK_DECIMAL: return apply_decimal(op, left, right, arena, result);
    }
    UNREACHABLE("rank outside the enum");
}
