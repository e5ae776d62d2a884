/* methods_decimal.c - BigDecimal and BigInteger: Java's methods on them. */
#include "expr/methods.h"
#include "expr/text.h"
#include "value/decimal.h"

/* ZERO, ONE, TWO, TEN */
enum status method_number_constant(struct call *call)
{
    static const char *const names[] = {"ZERO", "ONE", "TWO"};
    int64_t number = 10;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(call->method->name, names[i]) == 0) number = (int64_t)i;
    }
    return call_return(call, call_receiver_kind(call) == VALUE_BIG_INTEGER ? big_from_i64(number)
                                                                           : decimal_of(number, 0));
}

/* --- BigDecimal and BigInteger ------------------------------------------------------------------------ */

/* The argument as the receiver's kind. */
static enum status other_number(struct call *call, struct value *other)
{
    struct value number;
    enum status status = call_number(call, 1, &number);

    if (status != STATUS_OK) return status;
    status = number_convert(number, call_receiver_kind(call), call_arena(call), other);
    return call_status(call, status, "Value out of range");
}

static enum status operate(struct call *call, enum operator op)
{
    struct value other;
    struct value result;
    const char *why = "";
    enum status status = other_number(call, &other);

    if (status != STATUS_OK) return status;
    status = arithmetic_apply(op, call->arguments[0], other, call_arena(call), &result, &why);
    return status == STATUS_OK ? call_return(call, result) : call_status(call, status, why);
}

enum status method_decimal_add(struct call *call)
{
    return operate(call, OPERATOR_ADD);
}

enum status method_decimal_subtract(struct call *call)
{
    return operate(call, OPERATOR_SUBTRACT);
}

enum status method_decimal_multiply(struct call *call)
{
    return operate(call, OPERATOR_MULTIPLY);
}

enum status method_decimal_remainder(struct call *call)
{
    return operate(call, OPERATOR_REMAINDER);
}

enum status method_big_add(struct call *call)
{
    return operate(call, OPERATOR_ADD);
}

enum status method_big_subtract(struct call *call)
{
    return operate(call, OPERATOR_SUBTRACT);
}

enum status method_big_multiply(struct call *call)
{
    return operate(call, OPERATOR_MULTIPLY);
}

enum status method_big_divide(struct call *call)
{
    return operate(call, OPERATOR_DIVIDE);
}

enum status method_big_remainder(struct call *call)
{
    return operate(call, OPERATOR_REMAINDER);
}

enum status method_big_mod(struct call *call)
{
    struct value other;
    struct value rest;
    enum status status = other_number(call, &other);

    if (status != STATUS_OK) return status;
    if (big_sign(other) <= 0) {
        return call_fail(call, "BigInteger: modulus not positive", (struct slice){0});
    }
    status = operate(call, OPERATOR_REMAINDER);
    if (status != STATUS_OK || big_sign(*call->result) >= 0) return status;
    status = big_add(*call->result, other, call_arena(call), &rest);
    return status == STATUS_OK ? call_return(call, rest) : call_status(call, status, "");
}

/* Exact quotient with the fewest digits, at least the difference of the scales; without one Java
 * refuses. A quotient that ends does so within the bits of the divisor. */
enum status method_decimal_divide(struct call *call)
{
    enum { PLACES_MAX = 400 };
    struct value left = call->arguments[0];
    struct value other;
    struct value quotient;
    struct value product;
    enum status status = other_number(call, &other);

    if (status != STATUS_OK) return status;
    if (call->count > 1) return method_unavailable(call);
    if (decimal_sign(other) == 0) {
        return call_fail(call, decimal_sign(left) == 0 ? "Division undefined" : "Division by zero",
                         (struct slice){0});
    }
    int32_t preferred = left.scale - other.scale;
    int32_t wide = (preferred > 0 ? preferred : 0) + PLACES_MAX;
    status = decimal_divide(left, other, wide, ROUND_DOWN, call_arena(call), &quotient);
    if (status == STATUS_OK) {
        status = decimal_multiply(quotient, other, call_arena(call), &product);
    }
    if (status != STATUS_OK) return call_status(call, status, "Division by zero");
    if (decimal_compare(product, left) != 0) {
        return call_fail(call,
                         "Non-terminating decimal expansion; no exact representable decimal "
                         "result.",
                         (struct slice){0});
    }
    status = decimal_strip(quotient, call_arena(call), &quotient);
    if (status == STATUS_OK && quotient.scale < preferred) {
        status = decimal_rescale(quotient, preferred, ROUND_DOWN, call_arena(call), &quotient);
    }
    return status == STATUS_OK ? call_return(call, quotient) : call_status(call, status, "");
}

static enum status extreme(struct call *call, int sign)
{
    struct value other;
    int order = 0;
    enum status status = other_number(call, &other);

    if (status == STATUS_OK) {
        status = arithmetic_compare(call->arguments[0], other, call_arena(call), &order);
    }
    if (status != STATUS_OK) return status;
    return call_return(call, order * sign >= 0 ? call->arguments[0] : other);
}

enum status method_decimal_max(struct call *call)
{
    return extreme(call, 1);
}

enum status method_decimal_min(struct call *call)
{
    return extreme(call, -1);
}

enum status method_big_max(struct call *call)
{
    return extreme(call, 1);
}

enum status method_big_min(struct call *call)
{
    return extreme(call, -1);
}

static enum status give(struct call *call, enum status status, struct value result)
{
    return status == STATUS_OK ? call_return(call, result)
                               : call_status(call, status, "The number is too large");
}

enum status method_decimal_abs(struct call *call)
{
    struct value result = value_null();
    enum status status = arithmetic_absolute(call->arguments[0], call_arena(call), &result);

    return call->count > 0 ? method_unavailable(call) : give(call, status, result);
}

enum status method_big_abs(struct call *call)
{
    return method_decimal_abs(call);
}

enum status method_decimal_negate(struct call *call)
{
    struct value result = value_null();
    enum status status = arithmetic_negate(call->arguments[0], call_arena(call), &result);

    return call->count > 0 ? method_unavailable(call) : give(call, status, result);
}

enum status method_big_negate(struct call *call)
{
    return method_decimal_negate(call);
}

enum status method_decimal_pow(struct call *call)
{
    int64_t exponent = 0;
    struct value result;
    const char *why = "";
    enum status status = call_integer(call, 1, &exponent);

    if (status != STATUS_OK) return status;
    if (call->count > 1) return method_unavailable(call);
    status = arithmetic_apply(OPERATOR_POWER, call->arguments[0], value_long(exponent),
                              call_arena(call), &result, &why);
    return status == STATUS_OK ? call_return(call, result) : call_status(call, status, why);
}

enum status method_big_pow(struct call *call)
{
    return method_decimal_pow(call);
}

enum status method_decimal_signum(struct call *call)
{
    return call_return(call, value_integer(decimal_sign(call->arguments[0])));
}

enum status method_big_signum(struct call *call)
{
    return call_return(call, value_integer(big_sign(call->arguments[0])));
}

enum status method_decimal_scale(struct call *call)
{
    return call_return(call, value_integer(call->arguments[0].scale));
}

enum status method_decimal_precision(struct call *call)
{
    return call_return(call, value_integer((int32_t)decimal_precision(call->arguments[0])));
}

enum status method_decimal_unscaled_value(struct call *call)
{
    return call_return(call, decimal_unscaled(call->arguments[0]));
}

enum status method_decimal_to_big_integer(struct call *call)
{
    struct value result = value_null();
    enum status status = decimal_to_big(call->arguments[0], call_arena(call), &result);

    return give(call, status, result);
}

enum status method_decimal_strip_trailing_zeros(struct call *call)
{
    struct value result = value_null();
    enum status status = decimal_strip(call->arguments[0], call_arena(call), &result);

    return give(call, status, result);
}

/* setScale(n), with Java's numbers for rounding: 0 up, 1 down, 2 ceiling, 3 floor, 4 half up, 6 half
 * even; without one nothing may be lost. */
enum status method_decimal_set_scale(struct call *call)
{
    static const int roundings[] = {ROUND_UP,      ROUND_DOWN,    ROUND_CEILING,  ROUND_FLOOR,
                                    ROUND_HALF_UP, ROUND_HALF_UP, ROUND_HALF_EVEN};
    int64_t scale = 0;
    int64_t mode = 1;
    struct value result;
    enum status status = call_integer(call, 1, &scale);

    if (status == STATUS_OK && call->count > 1) status = call_integer(call, 2, &mode);
    if (status != STATUS_OK) return status;
    if (mode < 0 || mode >= (int64_t)COUNT_OF(roundings)) {
        return call_fail(call, "Invalid rounding mode", (struct slice){0});
    }
    if (scale < -DECIMAL_SCALE_MAX || scale > DECIMAL_SCALE_MAX) {
        return call_fail(call, "The scale is too large", (struct slice){0});
    }
    status = decimal_rescale(call->arguments[0], (int32_t)scale, (enum rounding)roundings[mode],
                             call_arena(call), &result);
    if (status != STATUS_OK) return call_status(call, status, "The scale is too large");
    if (call->count == 1 && decimal_compare(result, call->arguments[0]) != 0) {
        return call_fail(call, "Rounding necessary", (struct slice){0});
    }
    return call_return(call, result);
}

static enum status give_text(struct call *call, void (*write)(struct value, struct buffer *))
{
    enum { TEXT_BYTES_MAX = 32 * 1024 };
    uint8_t *memory = machine_alloc(call->machine, TEXT_BYTES_MAX, 1);
    struct buffer text = {.data = memory, .capacity = TEXT_BYTES_MAX, .bytes_max = TEXT_BYTES_MAX};

    if (memory == NULL) return machine_limit(call->machine);
    write(call->arguments[0], &text);
    if (text.failed) return machine_limit(call->machine);
    return call_return(call, value_string(buffer_slice(&text)));
}

enum status method_decimal_to_plain_string(struct call *call)
{
    return give_text(call, decimal_to_plain);
}

/* Differs from toString() in the exponent only, which is then a multiple of three. */
enum status method_decimal_to_engineering_string(struct call *call)
{
    return give_text(call, decimal_to_text);
}

enum status method_decimal_value_of(struct call *call)
{
    struct value number;
    struct slice text;
    struct value result = value_null();
    int64_t scale = 0;
    enum status status = call_number(call, 1, &number);

    if (status == STATUS_OK && call->count > 1) status = call_integer(call, 2, &scale);
    if (status != STATUS_OK) return status;
    if (number.kind != VALUE_DOUBLE && number.kind != VALUE_FLOAT) {
        status =
            decimal_make(big_from_i64(number_to_i64(number, call_arena(call))), scale, &result);
        return give(call, status, result);
    }
    status = machine_text(call->machine, number, &text);
    if (status != STATUS_OK) return status;
    status = decimal_parse(text, call_arena(call), &result);
    return status == STATUS_INVALID
               ? call_fail(call,
                           "Character % is neither a decimal digit number, decimal point, "
                           "nor \"e\" notation exponential mark.",
                           SLICE("N"))
               : give(call, status, result);
}

enum status method_decimal_new(struct call *call)
{
    struct value given = call->arguments[1];
    struct value result = value_null();
    struct value text;
    enum status status;

    if (given.kind == VALUE_DOUBLE || given.kind == VALUE_FLOAT) {
        status = decimal_from_double(given.f64, call_arena(call), &result);
        return status == STATUS_INVALID ? call_fail(call, "Infinite or NaN", (struct slice){0})
                                        : give(call, status, result);
    }
    if (value_is_number(given)) {
        status = number_convert(given, VALUE_BIG_INTEGER, call_arena(call), &given);
        if (status == STATUS_OK) status = decimal_make(given, 0, &result);
        return give(call, status, result);
    }
    status = call_string(call, 1, &text);
    if (status != STATUS_OK) return status;
    status = decimal_parse(value_text(text), call_arena(call), &result);
    return status == STATUS_INVALID ? call_fail_format(call, text) : give(call, status, result);
}

enum status method_big_value_of(struct call *call)
{
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    return status == STATUS_OK ? call_return(call, big_from_i64(number)) : status;
}

enum status method_big_new(struct call *call)
{
    struct value text;
    struct value result = value_null();
    enum status status = call_string(call, 1, &text);

    if (status != STATUS_OK) return status;
    status = big_parse(value_text(text), call_arena(call), &result);
    return status == STATUS_INVALID ? call_fail_format(call, text) : give(call, status, result);
}

enum status method_big_gcd(struct call *call)
{
    struct value other;
    struct value result = value_null();
    enum status status = other_number(call, &other);

    if (status == STATUS_OK) {
        status = big_gcd(call->arguments[0], other, call_arena(call), &result);
        return give(call, status, result);
    }
    return status;
}

enum status method_big_bit_length(struct call *call)
{
    struct value number = call->arguments[0];
    uint32_t bits = 0;

    if ((number.flags & VALUE_WIDE) != 0) {
        uint64_t top = number.big->limbs[number.big->limb_count - 1];
        bits = number.big->limb_count * 64 - (uint32_t)__builtin_clzll(top);
    } else {
        uint64_t magnitude = number.i64 < 0 ? ~(uint64_t)number.i64 : (uint64_t)number.i64;
        bits = magnitude == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(magnitude);
    }
    return call_return(call, value_integer((int32_t)bits));
}
