/* decimal.c - BigDecimal: Java's methods on it. */
#include "value/decimal.h"
#include "expr/methods/methods.h"
#include "expr/text.h"

static enum status fail(struct call *call, const char *message)
{
    return call_fail(call, message, (struct slice){0});
}

/* --- what BigDecimal and BigInteger share ------------------------------------------------------------- */

enum status call_same_kind(struct call *call, uint32_t index, struct value *other)
{
    struct value number;

    *other = value_null();
    if (call->arguments[index].kind == VALUE_NULL) {
        return fail(call, call_receiver_kind(call) == VALUE_BIG_INTEGER
                              ? "Cannot read field \"signum\" because \"val\" is null"
                              : "Cannot read field \"scale\" because \"val\" is null");
    }
    enum status status = call_number(call, index, &number);
    if (status != STATUS_OK) return status;
    status = number_convert(number, call_receiver_kind(call), call_arena(call), other);
    return call_status(call, status, "Value out of range");
}

enum status call_operate(struct call *call, enum operator op)
{
    struct value other;
    struct value result;
    const char *why = "";
    enum status status = call_same_kind(call, 1, &other);

    if (status != STATUS_OK) return status;
    status = arithmetic_apply(op, call->arguments[0], other, call_arena(call), &result, &why);
    return status == STATUS_OK ? call_return(call, result) : call_status(call, status, why);
}

enum status call_extreme(struct call *call, int sign)
{
    struct value other;
    int order = 0;
    enum status status = call_same_kind(call, 1, &other);

    if (status == STATUS_OK) {
        status = arithmetic_compare(call->arguments[0], other, call_arena(call), &order);
    }
    if (status != STATUS_OK) return status;
    return call_return(call, order * sign >= 0 ? call->arguments[0] : other);
}

enum status call_give(struct call *call, enum status status, struct value result)
{
    return status == STATUS_OK ? call_return(call, result)
                               : call_status(call, status, "The number is too large");
}

enum status call_give_array(struct call *call, enum class_id of, const struct value *items,
                            uint32_t count)
{
    struct value *copy = machine_alloc(call->machine, count, sizeof(*copy));

    if (copy == NULL) return machine_limit(call->machine);
    memcpy(copy, items, count * sizeof(*copy));
    struct value array = value_list(copy, count);
    array.flags |= VALUE_ARRAY;
    array.class_id = (uint8_t)of;
    return call_return(call, array);
}

enum status call_fail_null(struct call *call, uint32_t index, const char *message)
{
    struct value given = call->arguments[index];
    struct value ignored;

    if (given.kind == VALUE_NULL) return fail(call, message);
    return given.kind == VALUE_MAP ? call_collection(call, index, &ignored)
                                   : call_map(call, index, &ignored);
}

/* --- arithmetic --------------------------------------------------------------------------------------- */

/* Behind `index` stands a MathContext, which no expression can make. */
static enum status fail_context(struct call *call, uint32_t index)
{
    return call_fail_null(call, index, "Cannot read field \"precision\" because \"mc\" is null");
}

static enum status operate(struct call *call, enum operator op)
{
    return call->count > 1 ? fail_context(call, 2) : call_operate(call, op);
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

/* The exact quotient's digits, at least the difference of the scales; without an end Java refuses. A
 * quotient that ends does so within the bits of the divisor. */
static enum status divide_exactly(struct call *call, struct value left, struct value other)
{
    enum { PLACES_MAX = 400 };
    struct value quotient;
    struct value product;
    int32_t preferred = left.scale - other.scale;
    int32_t wide = (preferred > 0 ? preferred : 0) + PLACES_MAX;
    enum status status = decimal_divide(left, other, wide, ROUND_DOWN, call_arena(call), &quotient);

    if (decimal_sign(left) == 0) {
        return call_give(call, decimal_make(big_from_i64(0), preferred, &quotient), quotient);
    }
    if (status == STATUS_OK) {
        status = decimal_multiply(quotient, other, call_arena(call), &product);
    }
    if (status != STATUS_OK) return call_status(call, status, "Division by zero");
    if (decimal_compare(product, left) != 0) {
        return fail(call, "Non-terminating decimal expansion; no exact representable decimal "
                          "result.");
    }
    status = decimal_strip(quotient, call_arena(call), &quotient);
    if (status == STATUS_OK && quotient.scale < preferred) {
        status = decimal_rescale(quotient, preferred, ROUND_DOWN, call_arena(call), &quotient);
    }
    return call_give(call, status, quotient);
}

static enum status fail_divisor(struct call *call)
{
    return fail(call,
                decimal_sign(call->arguments[0]) == 0 ? "Division undefined" : "Division by zero");
}

/* Java's numbers for rounding, 0 to 7; UNNECESSARY means that nothing may be lost. */
enum { MODE_UNNECESSARY = 7 };

static enum status rounding_of(struct call *call, uint32_t index, enum rounding *rounding,
                               bool *exact)
{
    static const int roundings[] = {ROUND_UP,      ROUND_DOWN,      ROUND_CEILING,   ROUND_FLOOR,
                                    ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_DOWN};
    int64_t mode = 0;

    if (call->arguments[index].kind == VALUE_NULL) {
        return fail(call, "Cannot read field \"oldMode\" because \"roundingMode\" is null");
    }
    enum status status = call_integer(call, index, &mode);
    if (status != STATUS_OK) return status;
    if (mode < 0 || mode >= (int64_t)COUNT_OF(roundings))
        return fail(call, "Invalid rounding mode");
    *rounding = (enum rounding)roundings[mode];
    *exact = mode == MODE_UNNECESSARY;
    return STATUS_OK;
}

static enum status divide_rounded(struct call *call, struct value left, struct value other)
{
    struct value quotient;
    struct value product;
    enum rounding rounding = ROUND_DOWN;
    bool exact = false;
    int64_t scale = left.scale;
    enum status status = rounding_of(call, call->count, &rounding, &exact);

    if (status == STATUS_OK && call->count > 2) status = call_integer(call, 2, &scale);
    if (status != STATUS_OK) return status;
    if (decimal_sign(other) == 0) return fail(call, arithmetic_zero_divisor(left, other, scale));
    if (scale < -DECIMAL_SCALE_MAX || scale > DECIMAL_SCALE_MAX) {
        return fail(call, "The scale is too large");
    }
    status = decimal_divide(left, other, (int32_t)scale, rounding, call_arena(call), &quotient);
    if (status == STATUS_OK && exact) {
        status = decimal_multiply(quotient, other, call_arena(call), &product);
        if (status == STATUS_OK && decimal_compare(product, left) != 0) {
            return fail(call, "Rounding necessary");
        }
    }
    return call_give(call, status, quotient);
}

enum status method_decimal_divide(struct call *call)
{
    struct value left = call->arguments[0];
    struct value other;
    enum status status = call_same_kind(call, 1, &other);

    if (status != STATUS_OK) return status;
    if (call->count > 1) return divide_rounded(call, left, other);
    return decimal_sign(other) == 0 ? fail_divisor(call) : divide_exactly(call, left, other);
}

/* The whole quotient, with as few zeros at the end as the difference of the scales allows. */
static enum status whole_quotient(struct call *call, struct value other, struct value *quotient)
{
    struct value left = call->arguments[0];
    struct value stripped;
    int64_t preferred = (int64_t)left.scale - other.scale;

    if (decimal_sign(other) == 0) return fail_divisor(call);
    enum status status = decimal_divide(left, other, 0, ROUND_DOWN, call_arena(call), quotient);
    if (status == STATUS_OK && decimal_sign(*quotient) == 0) {
        status = decimal_make(big_from_i64(0), preferred, quotient);
    } else if (status == STATUS_OK) {
        status = decimal_strip(*quotient, call_arena(call), &stripped);
        int64_t scale = stripped.scale > preferred ? stripped.scale : preferred;
        if (status == STATUS_OK) {
            status =
                decimal_rescale(*quotient, (int32_t)scale, ROUND_DOWN, call_arena(call), quotient);
        }
    }
    return call_status(call, status, "The number is too large");
}

enum status method_decimal_divide_to_integral_value(struct call *call)
{
    struct value other;
    struct value quotient;
    enum status status = call_same_kind(call, 1, &other);

    if (status == STATUS_OK && call->count > 1) return fail_context(call, 2);
    if (status == STATUS_OK) status = whole_quotient(call, other, &quotient);
    return status == STATUS_OK ? call_return(call, quotient) : status;
}

enum status method_decimal_divide_and_remainder(struct call *call)
{
    struct value other;
    struct value parts[2] = {value_null(), value_null()};
    enum status status = call_same_kind(call, 1, &other);

    if (status == STATUS_OK && call->count > 1) return fail_context(call, 2);
    if (status == STATUS_OK) status = whole_quotient(call, other, &parts[0]);
    if (status != STATUS_OK) return status;
    status = decimal_multiply(parts[0], other, call_arena(call), &parts[1]);
    if (status == STATUS_OK) {
        status = decimal_subtract(call->arguments[0], parts[1], call_arena(call), &parts[1]);
    }
    if (status != STATUS_OK) return call_status(call, status, "");
    return call_give_array(call, CLASS_BigDecimal, parts, 2);
}

enum status method_decimal_max(struct call *call)
{
    return call_extreme(call, 1);
}

enum status method_decimal_min(struct call *call)
{
    return call_extreme(call, -1);
}

enum status method_decimal_abs(struct call *call)
{
    struct value result = value_null();
    enum status status = arithmetic_absolute(call->arguments[0], call_arena(call), &result);

    return call->count > 0 ? fail_context(call, 1) : call_give(call, status, result);
}

enum status method_decimal_negate(struct call *call)
{
    struct value result = value_null();
    enum status status = arithmetic_negate(call->arguments[0], call_arena(call), &result);

    return call->count > 0 ? fail_context(call, 1) : call_give(call, status, result);
}

enum status method_decimal_pow(struct call *call)
{
    int64_t exponent = 0;
    struct value result;
    const char *why = "";
    enum status status = call_integer(call, 1, &exponent);

    if (status != STATUS_OK) return status;
    if (call->count > 1) return fail_context(call, 2);
    status = arithmetic_apply(OPERATOR_POWER, call->arguments[0], value_long(exponent),
                              call_arena(call), &result, &why);
    return status == STATUS_OK ? call_return(call, result) : call_status(call, status, why);
}

enum status method_decimal_signum(struct call *call)
{
    return call_return(call, value_integer(decimal_sign(call->arguments[0])));
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

    return call_give(call, status, result);
}

enum status method_decimal_strip_trailing_zeros(struct call *call)
{
    struct value result = value_null();
    enum status status = decimal_strip(call->arguments[0], call_arena(call), &result);

    return call_give(call, status, result);
}

/* Without a rounding nothing may be lost. */
enum status method_decimal_set_scale(struct call *call)
{
    int64_t scale = 0;
    enum rounding rounding = ROUND_DOWN;
    bool exact = true;
    struct value result;
    enum status status = call_integer(call, 1, &scale);

    if (status == STATUS_OK && call->count > 1) status = rounding_of(call, 2, &rounding, &exact);
    if (status != STATUS_OK) return status;
    if (scale < -DECIMAL_SCALE_MAX || scale > DECIMAL_SCALE_MAX) {
        return fail(call, "The scale is too large");
    }
    status =
        decimal_rescale(call->arguments[0], (int32_t)scale, rounding, call_arena(call), &result);
    if (status != STATUS_OK) return call_status(call, status, "The scale is too large");
    if (exact && decimal_compare(result, call->arguments[0]) != 0) {
        return fail(call, "Rounding necessary");
    }
    return call_return(call, result);
}
