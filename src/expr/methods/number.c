/* number.c - numbers: Java's methods on the boxed classes, and Boolean's. */
#include "value/number.h"
#include "expr/methods/methods.h"
#include "expr/text.h"
#include <math.h>

/* --- narrowing ---------------------------------------------------------------------------------------- */

static enum status give_whole(struct call *call, enum value_kind kind, int64_t number)
{
    return call_return(call, (struct value){.kind = (uint8_t)kind, .i64 = number});
}

enum status method_number_int_value(struct call *call)
{
    return give_whole(call, VALUE_INTEGER, number_to_i32(call->arguments[0], call_arena(call)));
}

enum status method_number_long_value(struct call *call)
{
    return give_whole(call, VALUE_LONG, number_to_i64(call->arguments[0], call_arena(call)));
}

enum status method_number_short_value(struct call *call)
{
    int32_t wide = number_to_i32(call->arguments[0], call_arena(call));

    return give_whole(call, VALUE_SHORT, (int16_t)(uint16_t)(uint32_t)wide);
}

enum status method_number_byte_value(struct call *call)
{
    int32_t wide = number_to_i32(call->arguments[0], call_arena(call));

    return give_whole(call, VALUE_BYTE, (int8_t)(uint8_t)(uint32_t)wide);
}

enum status method_number_double_value(struct call *call)
{
    return call_return(call, value_double(number_to_double(call->arguments[0])));
}

enum status method_number_float_value(struct call *call)
{
    float narrow = (float)number_to_double(call->arguments[0]);

    return call_return(call, (struct value){.kind = VALUE_FLOAT, .f64 = (double)narrow});
}

/* --- asking ------------------------------------------------------------------------------------------- */

/* What Java says about null: the field it would have read, and the parameter's name. */
static enum status fail_compare_null(struct call *call)
{
    switch ((int)call_receiver_kind(call)) {
    case VALUE_BIG_INTEGER:
        return call_fail_null(call, 1, "Cannot read field \"signum\" because \"val\" is null");
    case VALUE_BIG_DECIMAL:
        return call_fail_null(call, 1, "Cannot read field \"scale\" because \"val\" is null");
    default:
        return call_fail(call, "Cannot read field \"value\" because \"another%\" is null",
                         slice_of(class_infos[call->method->receiver].name));
    }
}

/* The argument as a number of the receiver's kind. fails  INVALID: it does not fit there */
static enum status argument_to_compare(struct call *call, struct value *other)
{
    enum value_kind kind = (enum value_kind)call->arguments[0].kind;
    struct value given;

    if (call->arguments[1].kind == VALUE_NULL) return fail_compare_null(call);
    enum status status = call_number(call, 1, &given);
    if (status != STATUS_OK) return status;
    *other = given;
    if (given.kind != kind) status = number_convert(given, kind, call_arena(call), other);
    if (status == STATUS_LIMIT) return machine_limit_number(call->machine, (struct slice){0});
    return status == STATUS_OK ? STATUS_OK
                               : machine_fail_conversion(call->machine, given,
                                                         machine_class_name(call->arguments[0]));
}

enum status method_bits_compare_to(struct call *call)
{
    struct value other = value_null();
    enum status status = argument_to_compare(call, &other);

    if (status != STATUS_OK) return status;
    return call_return(call, value_integer((int32_t)(call->arguments[0].i64 - other.i64)));
}

enum status method_number_compare_to(struct call *call)
{
    struct value other = value_null();
    int order = 0;
    enum status status = argument_to_compare(call, &other);

    if (status != STATUS_OK) return status;
    status = values_compare(call->arguments[0], other, call_arena(call), &order);
    if (status != STATUS_OK) return call_status(call, status, "The numbers do not compare");
    return call_return(call, value_integer(order));
}

static bool is_nan(double number)
{
    return number != number;
}

enum status method_number_is_nan(struct call *call)
{
    return call_return(call, value_boolean(is_nan(number_to_double(call->arguments[0]))));
}

enum status method_number_is_infinite(struct call *call)
{
    double number = number_to_double(call->arguments[0]);

    return call_return(call, value_boolean(!is_nan(number) && is_nan(number - number)));
}

/* --- statics ------------------------------------------------------------------------------------------ */

enum value_kind call_receiver_kind(const struct call *call)
{
    enum value_kind kind = number_kind_of_class(call->method->receiver);

    return kind == VALUE_NULL ? VALUE_BIG_DECIMAL : kind;
}

enum status method_number_max_value(struct call *call)
{
    switch ((int)call_receiver_kind(call)) {
    case VALUE_BYTE: return give_whole(call, VALUE_BYTE, INT8_MAX);
    case VALUE_SHORT: return give_whole(call, VALUE_SHORT, INT16_MAX);
    case VALUE_INTEGER: return give_whole(call, VALUE_INTEGER, INT32_MAX);
    case VALUE_LONG: return give_whole(call, VALUE_LONG, INT64_MAX);
    case VALUE_FLOAT:
        return call_return(call, (struct value){.kind = VALUE_FLOAT, .f64 = 0x1.fffffep+127});
    default: return call_return(call, value_double(0x1.fffffffffffffp+1023));
    }
}

enum status method_number_min_value(struct call *call)
{
    switch ((int)call_receiver_kind(call)) {
    case VALUE_BYTE: return give_whole(call, VALUE_BYTE, INT8_MIN);
    case VALUE_SHORT: return give_whole(call, VALUE_SHORT, INT16_MIN);
    case VALUE_INTEGER: return give_whole(call, VALUE_INTEGER, INT32_MIN);
    case VALUE_LONG: return give_whole(call, VALUE_LONG, INT64_MIN);
    case VALUE_FLOAT:
        return call_return(call, (struct value){.kind = VALUE_FLOAT, .f64 = 0x1p-149});
    default: return call_return(call, value_double(0x1p-1074));
    }
}

enum status method_number_nan(struct call *call)
{
    struct value nan = value_double((double)NAN);

    nan.kind = (uint8_t)call_receiver_kind(call);
    return call_return(call, nan);
}

enum status call_fail_format(struct call *call, struct value text)
{
    return call_fail(call, "For input string: \"%\"", value_text(text));
}

/* valueOf: of a number itself, of a text what Java reads. */
enum status method_number_value_of(struct call *call)
{
    struct value number = call->arguments[1];
    enum value_kind kind = call_receiver_kind(call);

    if (!value_is_number(number)) {
        return kind <= VALUE_LONG ? method_radix_parse(call) : method_floating_parse(call);
    }
    enum status status = number_convert(number, kind, call_arena(call), &number);
    return status == STATUS_OK ? call_return(call, number)
                               : call_status(call, status, "Value out of range");
}

static enum status two_numbers(struct call *call, struct value *left, struct value *right)
{
    enum status status = call_number(call, 1, left);

    return status == STATUS_OK ? call_number(call, 2, right) : status;
}

static enum status give_as_receiver(struct call *call, struct value number)
{
    struct value converted;
    enum status status =
        number_convert(number, call_receiver_kind(call), call_arena(call), &converted);

    return status == STATUS_OK ? call_return(call, converted)
                               : call_status(call, status, "Value out of range");
}

static enum status choose(struct call *call, int sign)
{
    struct value left;
    struct value right;
    int order = 0;
    enum status status = two_numbers(call, &left, &right);

    if (status == STATUS_OK) status = arithmetic_compare(left, right, call_arena(call), &order);
    if (status != STATUS_OK) return status;
    return give_as_receiver(call, order * sign >= 0 ? left : right);
}

enum status method_number_static_max(struct call *call)
{
    return choose(call, 1);
}

enum status method_number_static_min(struct call *call)
{
    return choose(call, -1);
}

enum status method_number_static_sum(struct call *call)
{
    struct value left;
    struct value right;
    struct value sum;
    const char *why = "";
    enum status status = two_numbers(call, &left, &right);

    if (status != STATUS_OK) return status;
    status = arithmetic_apply(OPERATOR_ADD, left, right, call_arena(call), &sum, &why);
    return status == STATUS_OK ? give_as_receiver(call, sum) : call_status(call, status, why);
}

enum status method_number_static_is_nan(struct call *call)
{
    double number = 0;
    enum status status = call_double(call, 1, &number);

    return status == STATUS_OK ? call_return(call, value_boolean(is_nan(number))) : status;
}

/* --- Boolean ------------------------------------------------------------------------------------------ */

enum status method_boolean_true(struct call *call)
{
    return call_return(call, value_boolean(true));
}

enum status method_boolean_false(struct call *call)
{
    return call_return(call, value_boolean(false));
}

enum status method_boolean_parse(struct call *call)
{
    struct value given = call->arguments[1];

    if (given.kind == VALUE_BOOLEAN) return call_return(call, given);
    bool is_true =
        given.kind == VALUE_STRING && slice_equal_ignoring_case(value_text(given), SLICE("true"));
    return call_return(call, value_boolean(is_true));
}

/* The argument, or the receiver when there is none behind it, as a Boolean. */
static enum status boolean_argument(struct call *call, uint32_t index, bool *given)
{
    struct value value = call->arguments[index];
    struct value ignored;

    if (value.kind != VALUE_BOOLEAN) {
        return value.kind == VALUE_MAP ? call_collection(call, index, &ignored)
                                       : call_map(call, index, &ignored);
    }
    *given = value.boolean;
    return STATUS_OK;
}

static enum status two_booleans(struct call *call, bool *left, bool *right)
{
    enum status status = boolean_argument(call, 1, left);

    return status == STATUS_OK ? boolean_argument(call, 2, right) : status;
}

enum status method_boolean_compare(struct call *call)
{
    bool left = false;
    bool right = false;
    enum status status = two_booleans(call, &left, &right);

    return status == STATUS_OK ? call_return(call, value_integer((int)left - (int)right)) : status;
}

enum status method_boolean_compare_to(struct call *call)
{
    bool other = false;
    enum status status = boolean_argument(call, 1, &other);

    if (status != STATUS_OK) return status;
    return call_return(call, value_integer((int)call->arguments[0].boolean - (int)other));
}

enum status method_boolean_and(struct call *call)
{
    bool left = false;
    bool right = false;
    enum status status = two_booleans(call, &left, &right);

    return status == STATUS_OK ? call_return(call, value_boolean(left && right)) : status;
}

enum status method_boolean_or(struct call *call)
{
    bool left = false;
    bool right = false;
    enum status status = two_booleans(call, &left, &right);

    return status == STATUS_OK ? call_return(call, value_boolean(left || right)) : status;
}

enum status method_boolean_xor(struct call *call)
{
    bool left = false;
    bool right = false;
    enum status status = two_booleans(call, &left, &right);

    return status == STATUS_OK ? call_return(call, value_boolean(left != right)) : status;
}

/* getBoolean(name): there are no such properties here. */
enum status method_boolean_property(struct call *call)
{
    return call_return(call, value_boolean(false));
}
