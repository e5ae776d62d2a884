/* big_bits.c - BigInteger: its bits, as two's complement of any length. */
#include "value/big_bits.h"
#include "expr/methods/methods.h"
#include "value/big.h"

static enum status bitwise(struct call *call, enum big_bitwise op)
{
    struct value other;
    struct value result;
    enum status status = call_same_kind(call, 1, &other);

    if (status != STATUS_OK) return status;
    status = big_bitwise(op, call->arguments[0], other, call_arena(call), &result);
    return call_give(call, status, result);
}

enum status method_big_and(struct call *call)
{
    return bitwise(call, BIG_AND);
}

enum status method_big_or(struct call *call)
{
    return bitwise(call, BIG_OR);
}

enum status method_big_xor(struct call *call)
{
    return bitwise(call, BIG_XOR);
}

enum status method_big_and_not(struct call *call)
{
    return bitwise(call, BIG_AND_NOT);
}

enum status method_big_not(struct call *call)
{
    struct value result;

    return call_give(
        call, big_bitwise(BIG_XOR, call->arguments[0], big_from_i64(-1), call_arena(call), &result),
        result);
}

static enum status shift(struct call *call, int sign)
{
    int64_t bits = 0;
    struct value result;
    enum status status = call_integer(call, 1, &bits);

    if (status != STATUS_OK) return status;
    return call_give(call, big_shift(call->arguments[0], sign * bits, call_arena(call), &result),
                     result);
}

enum status method_big_shift_left(struct call *call)
{
    return shift(call, 1);
}

enum status method_big_shift_right(struct call *call)
{
    return shift(call, -1);
}

static enum status bit_index(struct call *call, int64_t *index)
{
    enum status status = call_integer(call, 1, index);

    if (status != STATUS_OK) return status;
    return *index < 0 ? call_fail(call, "Negative bit address", (struct slice){0}) : STATUS_OK;
}

enum status method_big_test_bit(struct call *call)
{
    int64_t index = 0;
    enum status status = bit_index(call, &index);

    if (status != STATUS_OK) return status;
    return call_return(call, value_boolean(big_bit(call->arguments[0], (uint32_t)index)));
}

static enum status change_bit(struct call *call, enum big_bitwise op)
{
    int64_t index = 0;
    struct value bit;
    struct value result = value_null();
    enum status status = bit_index(call, &index);

    if (status != STATUS_OK) return status;
    bool set = big_bit(call->arguments[0], (uint32_t)index);
    if ((op == BIG_OR && set) || (op == BIG_AND_NOT && !set)) {
        return call_return(call, call->arguments[0]);
    }
    status = big_shift(big_from_i64(1), index, call_arena(call), &bit);
    if (status == STATUS_OK) {
        status = big_bitwise(op, call->arguments[0], bit, call_arena(call), &result);
    }
    return call_give(call, status, result);
}

enum status method_big_set_bit(struct call *call)
{
    return change_bit(call, BIG_OR);
}

enum status method_big_clear_bit(struct call *call)
{
    return change_bit(call, BIG_AND_NOT);
}

enum status method_big_flip_bit(struct call *call)
{
    return change_bit(call, BIG_XOR);
}

enum status method_big_bit_length(struct call *call)
{
    return call_return(call, value_integer((int32_t)big_bit_length(call->arguments[0])));
}

enum status method_big_bit_count(struct call *call)
{
    return call_return(call, value_integer((int32_t)big_bit_count(call->arguments[0])));
}

enum status method_big_lowest_set_bit(struct call *call)
{
    return call_return(call, value_integer(big_lowest_bit(call->arguments[0])));
}

/* Two's complement, the highest byte first, with room for the sign. */
enum status method_big_to_byte_array(struct call *call)
{
    struct value number = call->arguments[0];
    uint32_t count = big_bit_length(number) / 8 + 1;
    struct value *bytes = machine_alloc(call->machine, count, sizeof(*bytes));

    if (bytes == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++) {
        bytes[i] =
            (struct value){.kind = VALUE_BYTE, .i64 = (int8_t)big_byte(number, count - 1 - i)};
    }
    return call_give_array(call, CLASS_Byte, bytes, count);
}
