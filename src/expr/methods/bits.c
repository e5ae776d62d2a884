/* bits.c - the statics of Byte, Short, Integer and Long that look at bits, or take them
 * as unsigned.
 */
#include "expr/methods/methods.h"
#include "value/big_bits.h"

static uint32_t width_of(const struct call *call)
{
    switch ((int)call_receiver_kind(call)) {
    case VALUE_BYTE: return 8;
    case VALUE_SHORT: return 16;
    case VALUE_INTEGER: return 32;
    default: return 64;
    }
}

static uint64_t mask_of(uint32_t width)
{
    return width == 64 ? ~UINT64_C(0) : (UINT64_C(1) << width) - 1;
}

/* Argument `index` as the receiver's class would hold it, without a sign. */
static enum status unsigned_argument(struct call *call, uint32_t index, uint64_t *bits)
{
    int64_t number = 0;
    enum status status = call_integer(call, index, &number);

    *bits = (uint64_t)number & mask_of(width_of(call));
    return status;
}

/* Bits as a number of the receiver's class. */
static enum status give_bits(struct call *call, uint64_t bits)
{
    uint32_t spare = 64 - width_of(call);
    int64_t number = (int64_t)(bits << spare) >> spare;

    return call_return(call,
                       (struct value){.kind = (uint8_t)call_receiver_kind(call), .i64 = number});
}

static enum status give_integer(struct call *call, enum status status, int64_t number)
{
    return status == STATUS_OK ? call_return(call, value_integer((int32_t)number)) : status;
}

/* --- constants and comparing -------------------------------------------------------------------------- */

enum status method_number_size(struct call *call)
{
    enum value_kind kind = call_receiver_kind(call);
    uint32_t width = kind == VALUE_FLOAT ? 32 : width_of(call);

    return call_return(call, value_integer((int32_t)width));
}

enum status method_number_bytes(struct call *call)
{
    enum status status = method_number_size(call);

    call->result->i64 /= 8;
    return status;
}

/* Bytes and shorts are told apart by their difference, as Java does. */
static int64_t difference(const struct call *call, int64_t left, int64_t right)
{
    return width_of(call) < 32 ? left - right : (left > right) - (left < right);
}

enum status method_bits_compare(struct call *call)
{
    int64_t left = 0;
    int64_t right = 0;
    enum status status = call_integer(call, 1, &left);

    if (status == STATUS_OK) status = call_integer(call, 2, &right);
    return give_integer(call, status, difference(call, left, right));
}

enum status method_bits_compare_unsigned(struct call *call)
{
    uint64_t left = 0;
    uint64_t right = 0;
    enum status status = unsigned_argument(call, 1, &left);

    if (status == STATUS_OK) status = unsigned_argument(call, 2, &right);
    if (width_of(call) < 32) return give_integer(call, status, (int64_t)left - (int64_t)right);
    return give_integer(call, status, (left > right) - (left < right));
}

enum status method_bits_signum(struct call *call)
{
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    return give_integer(call, status, (number > 0) - (number < 0));
}

enum status method_bits_to_unsigned_int(struct call *call)
{
    uint64_t bits = 0;
    enum status status = unsigned_argument(call, 1, &bits);

    return give_integer(call, status, (int64_t)bits);
}

enum status method_bits_to_unsigned_long(struct call *call)
{
    uint64_t bits = 0;
    enum status status = unsigned_argument(call, 1, &bits);

    return status == STATUS_OK ? call_return(call, value_long((int64_t)bits)) : status;
}

/* --- unsigned division -------------------------------------------------------------------------------- */

static enum status divide(struct call *call, bool rest)
{
    uint64_t left = 0;
    uint64_t right = 0;
    enum status status = unsigned_argument(call, 1, &left);

    if (status == STATUS_OK) status = unsigned_argument(call, 2, &right);
    if (status != STATUS_OK) return status;
    if (right == 0) return call_fail(call, "/ by zero", (struct slice){0});
    return give_bits(call, rest ? left % right : left / right);
}

enum status method_bits_divide_unsigned(struct call *call)
{
    return divide(call, false);
}

enum status method_bits_remainder_unsigned(struct call *call)
{
    return divide(call, true);
}

/* --- counting and moving bits ------------------------------------------------------------------------- */

enum status method_bits_count(struct call *call)
{
    uint64_t bits = 0;
    enum status status = unsigned_argument(call, 1, &bits);

    return give_integer(call, status, bits_set(bits));
}

enum status method_bits_leading_zeros(struct call *call)
{
    uint64_t bits = 0;
    uint32_t width = width_of(call);
    enum status status = unsigned_argument(call, 1, &bits);
    int64_t zeros = bits == 0 ? (int64_t)width : __builtin_clzll(bits) - (int64_t)(64 - width);

    return give_integer(call, status, zeros);
}

enum status method_bits_trailing_zeros(struct call *call)
{
    uint64_t bits = 0;
    enum status status = unsigned_argument(call, 1, &bits);

    return give_integer(call, status, bits == 0 ? (int64_t)width_of(call) : __builtin_ctzll(bits));
}

enum status method_bits_highest_one(struct call *call)
{
    uint64_t bits = 0;
    enum status status = unsigned_argument(call, 1, &bits);

    if (status != STATUS_OK) return status;
    return give_bits(call, bits == 0 ? 0 : UINT64_C(1) << (63 - __builtin_clzll(bits)));
}

enum status method_bits_lowest_one(struct call *call)
{
    uint64_t bits = 0;
    enum status status = unsigned_argument(call, 1, &bits);

    return status == STATUS_OK ? give_bits(call, bits & (0 - bits)) : status;
}

enum status method_bits_reverse(struct call *call)
{
    uint64_t bits = 0;
    uint64_t turned = 0;
    enum status status = unsigned_argument(call, 1, &bits);

    for (uint32_t i = width_of(call); i > 0; i--, bits >>= 1)
        turned = turned << 1 | (bits & 1);
    return status == STATUS_OK ? give_bits(call, turned) : status;
}

enum status method_bits_reverse_bytes(struct call *call)
{
    uint64_t bits = 0;
    enum status status = unsigned_argument(call, 1, &bits);

    if (status != STATUS_OK) return status;
    return give_bits(call, __builtin_bswap64(bits) >> (64 - width_of(call)));
}

static enum status rotate(struct call *call, int sign)
{
    uint64_t bits = 0;
    int64_t distance = 0;
    uint32_t width = width_of(call);
    enum status status = unsigned_argument(call, 1, &bits);

    if (status == STATUS_OK) status = call_integer(call, 2, &distance);
    if (status != STATUS_OK) return status;
    uint32_t left = (uint32_t)((uint64_t)(sign * distance) & (width - 1));
    return give_bits(call, left == 0 ? bits : bits << left | bits >> (width - left));
}

enum status method_bits_rotate_left(struct call *call)
{
    return rotate(call, 1);
}

enum status method_bits_rotate_right(struct call *call)
{
    return rotate(call, -1);
}
