/* radix_text.c - whole numbers to text in any radix, signed and unsigned. */
#include "expr/methods/methods.h"

enum { DIGITS_MAX = 66 };

static enum status give_digits(struct call *call, uint64_t magnitude, bool negative, uint32_t radix)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint8_t *text = machine_alloc(call->machine, DIGITS_MAX, 1);
    uint32_t at = DIGITS_MAX;

    if (text == NULL) return machine_limit(call->machine);
    do {
        text[--at] = (uint8_t)digits[magnitude % radix];
        magnitude /= radix;
    } while (magnitude > 0);
    if (negative) text[--at] = '-';
    return call_return(call, value_string((struct slice){text + at, DIGITS_MAX - at}));
}

static enum status digits_arguments(struct call *call, int64_t *number, int64_t *radix)
{
    enum status status = call_integer(call, 1, number);

    if (status == STATUS_OK && call->count > 1) status = call_integer(call, 2, radix);
    if (*radix < RADIX_MIN || *radix > RADIX_MAX) *radix = 10;
    return status;
}

enum status method_radix_to_string(struct call *call)
{
    int64_t number = 0;
    int64_t radix = 10;
    enum status status = digits_arguments(call, &number, &radix);

    if (status != STATUS_OK) return status;
    return give_digits(call, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, number < 0,
                       (uint32_t)radix);
}

static enum status give_unsigned_digits(struct call *call, uint32_t fixed_radix)
{
    int64_t number = 0;
    int64_t radix = 10;
    enum status status = digits_arguments(call, &number, &radix);
    uint64_t bits =
        call_receiver_kind(call) == VALUE_LONG ? (uint64_t)number : (uint32_t)(uint64_t)number;

    if (status != STATUS_OK) return status;
    return give_digits(call, bits, false, fixed_radix != 0 ? fixed_radix : (uint32_t)radix);
}

enum status method_radix_to_unsigned_string(struct call *call)
{
    return give_unsigned_digits(call, 0);
}

enum status method_radix_to_hex_string(struct call *call)
{
    return give_unsigned_digits(call, 16);
}

enum status method_radix_to_octal_string(struct call *call)
{
    return give_unsigned_digits(call, 8);
}

enum status method_radix_to_binary_string(struct call *call)
{
    return give_unsigned_digits(call, 2);
}
