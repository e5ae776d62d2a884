/* helpers_numeric.c - #NUMERIC: arithmetic as functions, rounding, text to numbers. */
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/decimal.h"
#include "value/number.h"
#include <math.h>

static bool missing(const struct call *call, uint32_t index)
{
    return call->arguments[index].kind == VALUE_NULL;
}

static enum status fail_missing(struct call *call, uint32_t index)
{
    return call_fail(call, "Cannot invoke \"java.lang.Number.getClass()\" because \"%\" is null",
                     index == 1 ? SLICE("n1") : SLICE("n2"));
}

static enum status operate(struct call *call, enum operator op)
{
    struct value left;
    struct value right;
    struct value result;
    const char *why = "";
    enum status status = call_number(call, 1, &left);

    if (status == STATUS_OK) status = call_number(call, 2, &right);
    if (status != STATUS_OK) return status;
    status = arithmetic_apply(op, left, right, call_arena(call), &result, &why);
    return status == STATUS_OK ? call_return(call, result) : call_status(call, status, why);
}

static enum status operate_strictly(struct call *call, enum operator op)
{
    if (missing(call, 1)) return fail_missing(call, 1);
    return missing(call, 2) ? fail_missing(call, 2) : operate(call, op);
}

/* A null beside a number gives the number. */
static bool other_is_missing(struct call *call, enum status *status)
{
    if (!missing(call, 1) && !missing(call, 2)) return false;
    *status = call_return(call, missing(call, 1) ? call->arguments[2] : call->arguments[1]);
    return true;
}

enum status method_numeric_plus(struct call *call)
{
    enum status status;

    return other_is_missing(call, &status) ? status : operate(call, OPERATOR_ADD);
}

enum status method_numeric_sum(struct call *call)
{
    return method_numeric_plus(call);
}

enum status method_numeric_large_sum(struct call *call)
{
    struct value *first = &call->arguments[1];
    enum status status;

    for (uint32_t i = 0; i < 2; i++) {
        if (first[i].kind >= VALUE_BYTE && first[i].kind <= VALUE_INTEGER) {
            first[i].kind = VALUE_LONG;
        }
        if (first[i].kind == VALUE_FLOAT) first[i].kind = VALUE_DOUBLE;
    }
    return other_is_missing(call, &status) ? status : operate(call, OPERATOR_ADD);
}

enum status method_numeric_minus(struct call *call)
{
    return operate_strictly(call, OPERATOR_SUBTRACT);
}

enum status method_numeric_multiply(struct call *call)
{
    return operate_strictly(call, OPERATOR_MULTIPLY);
}

enum status method_numeric_divide(struct call *call)
{
    return operate_strictly(call, OPERATOR_DIVIDE);
}

enum status method_numeric_remainder(struct call *call)
{
    return operate_strictly(call, OPERATOR_REMAINDER);
}

/* The kind both become when the wider wins; bytes and shorts stay what they are. */
static enum value_kind wider(struct value left, struct value right)
{
    static const uint8_t widest_first[] = {VALUE_BIG_DECIMAL, VALUE_DOUBLE, VALUE_FLOAT,
                                           VALUE_BIG_INTEGER, VALUE_LONG,   VALUE_INTEGER,
                                           VALUE_SHORT};

    for (size_t i = 0; i < COUNT_OF(widest_first); i++) {
        if (left.kind == widest_first[i] || right.kind == widest_first[i]) {
            return (enum value_kind)widest_first[i];
        }
    }
    return VALUE_BYTE;
}

static enum status extreme(struct call *call, int sign)
{
    struct value left;
    struct value right;
    struct value result;
    int order = 0;
    enum status status;

    if (other_is_missing(call, &status)) return status;
    status = call_number(call, 1, &left);
    if (status == STATUS_OK) status = call_number(call, 2, &right);
    if (status == STATUS_OK) status = arithmetic_compare(left, right, call_arena(call), &order);
    if (status != STATUS_OK) return status;
    status = number_convert(order * sign >= 0 ? left : right, wider(left, right), call_arena(call),
                            &result);
    return status == STATUS_OK ? call_return(call, result)
                               : call_status(call, status, "The number is out of range");
}

enum status method_numeric_max(struct call *call)
{
    return extreme(call, 1);
}

enum status method_numeric_min(struct call *call)
{
    return extreme(call, -1);
}

/* --- one number --------------------------------------------------------------------------------------- */

enum status method_numeric_negate(struct call *call)
{
    struct value result;

    if (missing(call, 1)) return call_fail(call, "null", (struct slice){0});
    enum status status = arithmetic_negate(call->arguments[1], call_arena(call), &result);
    return status == STATUS_OK ? call_return(call, result)
                               : call_status(call, status, "This is no number");
}

enum status method_numeric_abs(struct call *call)
{
    struct value result;

    if (missing(call, 1)) return call_fail(call, "null", (struct slice){0});
    enum status status = call_number(call, 1, &result);
    if (status == STATUS_OK) status = arithmetic_absolute(result, call_arena(call), &result);
    return status == STATUS_OK ? call_return(call, result) : status;
}

enum status method_numeric_floor(struct call *call)
{
    double number = 0;
    enum status status = call_double(call, 1, &number);

    return status == STATUS_OK ? call_return(call, value_double(floor(number))) : status;
}

enum status method_numeric_ceil(struct call *call)
{
    double number = 0;
    enum status status = call_double(call, 1, &number);

    return status == STATUS_OK ? call_return(call, value_double(ceil(number))) : status;
}

/* Java's Math.round: halves up, to a long, so it saturates and NaN gives 0. */
enum status method_numeric_round(struct call *call)
{
    double number = 0;
    enum status status = call_double(call, 1, &number);

    if (status != STATUS_OK) return status;
    double below = floor(number);
    struct value rounded = value_double(number - below >= 0.5 ? below + 1 : below);
    return call_return(call, value_double((double)number_to_i64(rounded, call_arena(call))));
}

enum status method_numeric_pow(struct call *call)
{
    double base = 0;
    double exponent = 0;
    enum status status = call_double(call, 1, &base);

    if (status == STATUS_OK) status = call_double(call, 2, &exponent);
    return status == STATUS_OK ? call_return(call, value_double(arithmetic_pow(base, exponent)))
                               : status;
}

/* --- comparing ---------------------------------------------------------------------------------------- */

static enum status compare(struct call *call, int *order)
{
    struct value left;
    struct value right;
    enum status status = call_number(call, 1, &left);

    if (status == STATUS_OK) status = call_number(call, 2, &right);
    return status == STATUS_OK ? arithmetic_compare(left, right, call_arena(call), order) : status;
}

enum status method_numeric_greater(struct call *call)
{
    int order = 0;
    enum status status = compare(call, &order);

    return status == STATUS_OK ? call_return(call, value_boolean(order == 1)) : status;
}

enum status method_numeric_greater_or_equal(struct call *call)
{
    int order = 0;
    enum status status = compare(call, &order);

    return status == STATUS_OK ? call_return(call, value_boolean(order == 0 || order == 1))
                               : status;
}

enum status method_numeric_lesser(struct call *call)
{
    int order = 0;
    enum status status = compare(call, &order);

    return status == STATUS_OK ? call_return(call, value_boolean(order == -1)) : status;
}

enum status method_numeric_lesser_or_equal(struct call *call)
{
    int order = 0;
    enum status status = compare(call, &order);

    return status == STATUS_OK ? call_return(call, value_boolean(order <= 0)) : status;
}

enum status method_numeric_equal(struct call *call)
{
    int order = 0;
    enum status status = compare(call, &order);

    return status == STATUS_OK ? call_return(call, value_boolean(order == 0)) : status;
}

enum status method_numeric_not_equal(struct call *call)
{
    int order = 0;
    enum status status = compare(call, &order);

    return status == STATUS_OK ? call_return(call, value_boolean(order != 0)) : status;
}

/* --- text --------------------------------------------------------------------------------------------- */

enum status method_numeric_to_number(struct call *call)
{
    struct value given = call->arguments[1];
    struct value text;
    struct value number;

    if (value_is_number(given)) return call_return(call, given);
    if (given.kind == VALUE_NULL) return call_fail(call, "null", (struct slice){0});
    enum status status = call_string(call, 1, &text);
    if (status != STATUS_OK) return status;
    status = text_number(value_text(text), call_arena(call), &number);
    if (status == STATUS_OK) return call_return(call, number);
    if (status == STATUS_LIMIT) return machine_limit_number(call->machine, value_text(text));
    struct slice first = {text.text, text.len > 0 ? 1 : 0};
    return call_fail(call,
                     "Character % is neither a decimal digit number, decimal point, nor \"e\" "
                     "notation exponential mark.",
                     first);
}

enum status method_conversion_to_number(struct call *call)
{
    return method_numeric_to_number(call);
}
