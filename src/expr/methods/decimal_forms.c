/* decimal_forms.c - BigDecimal's other forms: its text, exact whole numbers, moved points, and
 * how it is made.
 */
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/decimal.h"
#include "value/utf8.h"

static enum status fail(struct call *call, const char *message)
{
    return call_fail(call, message, (struct slice){0});
}

/* --- text --------------------------------------------------------------------------------------------- */

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

enum status method_decimal_to_engineering_string(struct call *call)
{
    return give_text(call, decimal_to_engineering);
}

/* --- making ------------------------------------------------------------------------------------------- */

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
        return call_give(call, status, result);
    }
    status = machine_text(call->machine, number, &text);
    if (status != STATUS_OK) return status;
    status = decimal_parse(text, call_arena(call), &result);
    return status == STATUS_INVALID
               ? call_fail(call,
                           "Character % is neither a decimal digit number, decimal point, "
                           "nor \"e\" notation exponential mark.",
                           number.f64 != number.f64 ? SLICE("N") : SLICE("I"))
               : call_give(call, status, result);
}

/* What Java stumbles over in a text that is no number. */
static enum status fail_text(struct call *call, struct slice text)
{
    size_t at = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+');
    bool point = false;

    for (; at < text.len && text.data[at] != 'e' && text.data[at] != 'E'; at++) {
        uint8_t byte = text.data[at];
        if (byte == '.' && point) {
            return fail(call, "Character array contains more than one decimal point.");
        }
        point = point || byte == '.';
        if (byte == '.' || (byte >= '0' && byte <= '9')) continue;
        const uint8_t *next = text.data + at;
        (void)utf8_next(&next, text.data + text.len);
        return call_fail(call,
                         "Character % is neither a decimal digit number, decimal point, nor "
                         "\"e\" notation exponential mark.",
                         (struct slice){text.data + at, (size_t)(next - text.data) - at});
    }
    return fail(call, text.len == 0 ? "Index 0 out of bounds for length 0"
                                    : "No digits following exponential mark.");
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
                                        : call_give(call, status, result);
    }
    if (value_is_number(given)) {
        status = number_convert(given, VALUE_BIG_INTEGER, call_arena(call), &given);
        if (status == STATUS_OK) status = decimal_make(given, 0, &result);
        return call_give(call, status, result);
    }
    status = call_string(call, 1, &text);
    if (status != STATUS_OK) return status;
    status = decimal_parse(value_text(text), call_arena(call), &result);
    return status == STATUS_INVALID ? fail_text(call, value_text(text))
                                    : call_give(call, status, result);
}

/* --- moving the point --------------------------------------------------------------------------------- */

static enum status rescaled(struct call *call, int64_t scale, bool whole)
{
    struct value moved;
    struct value number = call->arguments[0];
    enum status status;

    if (decimal_sign(number) == 0 && whole && scale < 0) {
        return call_return(call, decimal_of(0, 0));
    }
    if (scale > INT32_MAX) return fail(call, "Underflow");
    if (scale < INT32_MIN) return fail(call, "Overflow");
    status = decimal_make(decimal_unscaled(number), scale, &moved);
    if (status == STATUS_OK && whole && scale < 0) {
        status = decimal_rescale(moved, 0, ROUND_DOWN, call_arena(call), &moved);
    }
    return call_give(call, status, moved);
}

static enum status move_point(struct call *call, int sign)
{
    int64_t places = 0;
    enum status status = call_integer(call, 1, &places);

    if (status != STATUS_OK) return status;
    if (places == 0) return call_return(call, call->arguments[0]);
    return rescaled(call, call->arguments[0].scale + sign * places, true);
}

enum status method_decimal_move_point_left(struct call *call)
{
    return move_point(call, 1);
}

enum status method_decimal_move_point_right(struct call *call)
{
    return move_point(call, -1);
}

enum status method_decimal_scale_by_power_of_ten(struct call *call)
{
    int64_t places = 0;
    enum status status = call_integer(call, 1, &places);

    return status == STATUS_OK ? rescaled(call, call->arguments[0].scale - places, false) : status;
}

enum status method_decimal_ulp(struct call *call)
{
    return call_return(call, decimal_of(1, call->arguments[0].scale));
}

/* --- contexts, which no expression can make ----------------------------------------------------------- */

enum status method_decimal_plus(struct call *call)
{
    if (call->count == 0) return call_return(call, call->arguments[0]);
    return call_fail_null(call, 1, "Cannot read field \"precision\" because \"mc\" is null");
}

enum status method_decimal_round(struct call *call)
{
    return method_decimal_plus(call);
}

enum status method_decimal_sqrt(struct call *call)
{
    if (decimal_sign(call->arguments[0]) < 0) {
        return fail(call, "Attempted square root of negative BigDecimal");
    }
    return call_fail_null(
        call, 1, "Cannot invoke \"java.math.MathContext.getPrecision()\" because \"mc\" is null");
}

/* BigDecimal's old numbers for roundings, in their order. */
enum status method_decimal_rounding(struct call *call)
{
    static const char *const names[] = {"ROUND_UP",       "ROUND_DOWN",    "ROUND_CEILING",
                                        "ROUND_FLOOR",    "ROUND_HALF_UP", "ROUND_HALF_DOWN",
                                        "ROUND_HALF_EVEN"};
    int32_t number = 0;

    while (number < (int32_t)COUNT_OF(names) && strcmp(call->method->name, names[number]) != 0)
        number++;
    return call_return(call, value_integer(number));
}

/* --- exact whole numbers ------------------------------------------------------------------------------ */

static enum status whole(struct call *call, struct value *big)
{
    struct value given = call->arguments[0];
    struct value back;
    enum status status = decimal_to_big(given, call_arena(call), big);

    if (status == STATUS_OK) status = decimal_make(*big, 0, &back);
    if (status != STATUS_OK) return call_status(call, status, "The number is too large");
    return decimal_compare(back, given) == 0 ? STATUS_OK : fail(call, "Rounding necessary");
}

enum status method_decimal_to_big_integer_exact(struct call *call)
{
    struct value big;
    enum status status = whole(call, &big);

    return status == STATUS_OK ? call_return(call, big) : status;
}

static enum status narrow(struct call *call, enum value_kind kind)
{
    enum { LONG_DIGITS = 19 };
    struct value number = call->arguments[0];
    struct value big;
    struct value result;

    if (decimal_sign(number) != 0 &&
        (int64_t)decimal_precision(number) - number.scale > LONG_DIGITS) {
        return fail(call, "Overflow");
    }
    enum status status = whole(call, &big);
    if (status != STATUS_OK) return status;
    if ((big.flags & VALUE_WIDE) != 0) return fail(call, "Overflow");
    if (number_convert(big, kind, call_arena(call), &result) != STATUS_OK) {
        return fail(call, "Overflow");
    }
    return call_return(call, result);
}

enum status method_decimal_long_value_exact(struct call *call)
{
    return narrow(call, VALUE_LONG);
}

enum status method_decimal_int_value_exact(struct call *call)
{
    return narrow(call, VALUE_INTEGER);
}

enum status method_decimal_short_value_exact(struct call *call)
{
    return narrow(call, VALUE_SHORT);
}

enum status method_decimal_byte_value_exact(struct call *call)
{
    return narrow(call, VALUE_BYTE);
}
