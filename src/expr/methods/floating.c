/* floating.c - the statics of Float and Double: constants, bits, hexadecimal text. */
#include "expr/methods/methods.h"
#include "value/number.h"

#include <math.h>

static bool is_float(const struct call *call)
{
    return call_receiver_kind(call) == VALUE_FLOAT;
}

static enum status give(struct call *call, double number)
{
    return call_return(call,
                       (struct value){.kind = (uint8_t)call_receiver_kind(call), .f64 = number});
}

/* --- constants ---------------------------------------------------------------------------------------- */

enum status method_floating_max_exponent(struct call *call)
{
    return call_return(call, value_integer(is_float(call) ? 127 : 1023));
}

enum status method_floating_min_exponent(struct call *call)
{
    return call_return(call, value_integer(is_float(call) ? -126 : -1022));
}

enum status method_floating_min_normal(struct call *call)
{
    return give(call, is_float(call) ? 0x1p-126 : 0x1p-1022);
}

enum status method_floating_positive_infinity(struct call *call)
{
    return give(call, (double)INFINITY);
}

enum status method_floating_negative_infinity(struct call *call)
{
    return give(call, -(double)INFINITY);
}

/* --- asking ------------------------------------------------------------------------------------------- */

enum status method_floating_is_finite(struct call *call)
{
    double number = 0;
    enum status status = call_double(call, 1, &number);

    return status == STATUS_OK ? call_return(call, value_boolean(number - number == 0)) : status;
}

enum status method_floating_is_infinite(struct call *call)
{
    double number = 0;
    enum status status = call_double(call, 1, &number);

    if (status != STATUS_OK) return status;
    return call_return(call, value_boolean(number == number && number - number != 0));
}

/* Java's order: -0.0 before 0.0, and NaN behind everything. */
static int order(double left, double right)
{
    bool left_nan = left != left;
    bool right_nan = right != right;

    if (left_nan || right_nan) return (int)left_nan - (int)right_nan;
    if (left != right) return left < right ? -1 : 1;
    return (signbit(right) != 0) - (signbit(left) != 0);
}

static enum status two(struct call *call, double *left, double *right)
{
    enum status status = call_double(call, 1, left);

    return status == STATUS_OK ? call_double(call, 2, right) : status;
}

enum status method_floating_compare(struct call *call)
{
    double left = 0;
    double right = 0;
    enum status status = two(call, &left, &right);

    return status == STATUS_OK ? call_return(call, value_integer(order(left, right))) : status;
}

/* NaN if either is, as Math.max and Math.min have it. */
static enum status choose(struct call *call, int sign)
{
    double left = 0;
    double right = 0;
    enum status status = two(call, &left, &right);

    if (status != STATUS_OK) return status;
    if (left != left || right != right) return give(call, (double)NAN);
    return give(call, order(left, right) * sign >= 0 ? left : right);
}

enum status method_floating_max(struct call *call)
{
    return choose(call, 1);
}

enum status method_floating_min(struct call *call)
{
    return choose(call, -1);
}

enum status method_floating_sum(struct call *call)
{
    double left = 0;
    double right = 0;
    enum status status = two(call, &left, &right);

    if (status != STATUS_OK) return status;
    return give(call, is_float(call) ? (double)((float)left + (float)right) : left + right);
}

/* --- bits --------------------------------------------------------------------------------------------- */

static uint64_t bits_of(const struct call *call, double number)
{
    float narrow = (float)number;
    uint32_t short_bits;
    uint64_t bits;

    if (number != number) return is_float(call) ? 0x7FC00000 : UINT64_C(0x7FF8000000000000);
    memcpy(&short_bits, &narrow, sizeof(short_bits));
    memcpy(&bits, &number, sizeof(bits));
    return is_float(call) ? short_bits : bits;
}

enum status method_floating_to_bits(struct call *call)
{
    double number = 0;
    enum status status = call_double(call, 1, &number);

    if (status != STATUS_OK) return status;
    uint64_t bits = bits_of(call, number);
    return call_return(call, is_float(call) ? value_integer((int32_t)(uint32_t)bits)
                                            : value_long((int64_t)bits));
}

enum status method_floating_from_bits(struct call *call)
{
    int64_t bits = 0;
    enum status status = call_integer(call, 1, &bits);
    uint32_t short_bits = (uint32_t)(uint64_t)bits;
    float narrow;
    double wide;

    if (status != STATUS_OK) return status;
    memcpy(&narrow, &short_bits, sizeof(narrow));
    memcpy(&wide, &bits, sizeof(wide));
    return give(call, is_float(call) ? (double)narrow : wide);
}

/* --- text --------------------------------------------------------------------------------------------- */

enum { FRACTION_BITS = 52, EXPONENT_BIAS = 1023, FLOAT_EXPONENT_MIN = -126, HEX_BYTES_MAX = 32 };

/* Digits of a fraction, `count` of them, without zeros at the end but one. */
static void append_hex(uint64_t fraction, uint32_t count, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";

    do {
        count--;
        buffer_append_byte(out, (uint8_t)digits[fraction >> (4 * count) & 0xF]);
        fraction &= (UINT64_C(1) << (4 * count)) - 1;
    } while (fraction != 0);
}

/* A float below its normal range is written with its own exponent. */
static void append_hex_number(double number, bool as_float, struct buffer *out)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    uint64_t fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    int64_t exponent = (int64_t)(bits >> FRACTION_BITS & 0x7FF) - EXPONENT_BIAS;
    bool normal = exponent > -EXPONENT_BIAS;
    if (as_float && normal && exponent < FLOAT_EXPONENT_MIN) {
        int64_t shift = FLOAT_EXPONENT_MIN - exponent;
        fraction = (fraction | UINT64_C(1) << FRACTION_BITS) >> shift;
        exponent = FLOAT_EXPONENT_MIN;
        normal = false;
    } else if (!normal) {
        exponent = number == 0 ? 0 : 1 - EXPONENT_BIAS;
    }
    buffer_append_text(out, normal ? "0x1." : "0x0.");
    append_hex(fraction, FRACTION_BITS / 4, out);
    buffer_append_byte(out, 'p');
    buffer_append_i64(out, exponent);
}

enum status method_floating_to_hex_string(struct call *call)
{
    double number = 0;
    enum status status = call_double(call, 1, &number);
    uint8_t *memory = machine_alloc(call->machine, HEX_BYTES_MAX, 1);
    struct buffer out = {.data = memory, .capacity = HEX_BYTES_MAX, .bytes_max = HEX_BYTES_MAX};

    if (status != STATUS_OK) return status;
    if (memory == NULL) return machine_limit(call->machine);
    if (number - number != 0) {
        number_double_to_text(number, &out);
    } else {
        if (signbit(number) != 0) buffer_append_byte(&out, '-');
        append_hex_number(fabs(number), is_float(call), &out);
    }
    return call_return(call, value_string(buffer_slice(&out)));
}

/* valueOf and parse of a text. */
enum status method_floating_parse(struct call *call)
{
    struct value text;
    float narrow = 0;
    double wide = 0;

    if (call->arguments[1].kind == VALUE_NULL) {
        return call_fail(call, "Cannot invoke \"String.trim()\" because \"in\" is null",
                         (struct slice){0});
    }
    enum status status = call_string(call, 1, &text);
    if (status != STATUS_OK) return status;
    status = is_float(call) ? number_parse_float(value_text(text), &narrow)
                            : number_parse_double(value_text(text), &wide);
    if (status == STATUS_OK) return give(call, is_float(call) ? (double)narrow : wide);
    bool blank = true;
    for (uint32_t i = 0; i < text.len; i++)
        blank = blank && text.text[i] <= ' ';
    return blank ? call_fail(call, "empty String", (struct slice){0})
                 : call_fail_format(call, text);
}
