/* arithmetic_order.c - which of two values is larger, and which are equal. */
#include "expr/arithmetic_room.h"
#include "value/decimal.h"
#include "value/temporal.h"

#include <math.h>

static int order_i64(int64_t left, int64_t right)
{
    return left < right ? -1 : left > right;
}

static int order_double(double left, double right)
{
    if (left != left || right != right) return UNORDERED;
    return left < right ? -1 : left > right;
}

enum status arithmetic_compare(struct value left, struct value right, struct arena *arena,
                               int *order)
{
    struct value a;
    struct value b;
    enum status status = STATUS_OK;

    switch (number_common_rank(left, right)) {
    case RANK_INTEGER:
    case RANK_LONG: *order = order_i64(left.i64, right.i64); return STATUS_OK;
    case RANK_FLOAT:
    case RANK_DOUBLE:
        *order = order_double(number_to_double(left), number_to_double(right));
        return STATUS_OK;
    case RANK_BIG:
        status = number_to_big(left, arena, &a);
        if (status == STATUS_OK) status = number_to_big(right, arena, &b);
        if (status == STATUS_OK) *order = big_compare(a, b);
        return status;
    case RANK_DECIMAL:
        /* A NaN or an infinity has no decimal; Java fails there too. */
        status = number_to_decimal(left, arena, &a);
        if (status == STATUS_OK) status = number_to_decimal(right, arena, &b);
        if (status == STATUS_OK) *order = decimal_compare(a, b);
        return status;
    }
    UNREACHABLE("rank outside the enum");
}

enum status values_equal(struct value left, struct value right, struct arena *arena, bool *equal)
{
    int order = 0;

    if (value_is_number(left) && value_is_number(right)) {
        enum status status = arithmetic_compare(left, right, arena, &order);
        *equal = order == 0;
        return status;
    }
    if (left.kind == VALUE_STRING && right.kind == VALUE_STRING) {
        *equal = left.len == right.len && memcmp(left.text, right.text, left.len) == 0;
        return STATUS_OK;
    }
    *equal = value_equals(left, right);
    return STATUS_OK;
}

/* Surrogates sort below U+E000..U+FFFF in UTF-16, above in UTF-8. */
static int order_text(struct slice left, struct slice right)
{
    size_t common = left.len < right.len ? left.len : right.len;
    size_t at = 0;

    while (at < common && left.data[at] == right.data[at])
        at++;
    if (at == common) return order_i64((int64_t)left.len, (int64_t)right.len);
    uint8_t a = left.data[at];
    uint8_t b = right.data[at];
    bool a_pair = a >= 0xF0;
    bool b_pair = b >= 0xF0;
    if (a_pair != b_pair && (a_pair ? b : a) >= 0xEE) return a_pair ? -1 : 1;
    return order_i64(a, b);
}

static bool is_binary_zero(struct value number)
{
    return (number.kind == VALUE_DOUBLE || number.kind == VALUE_FLOAT) && number.f64 == 0;
}

static int sign_bit(struct value number)
{
    return signbit(number.f64) != 0;
}

enum status values_compare(struct value left, struct value right, struct arena *arena, int *order)
{
    if (left.kind != right.kind) return STATUS_TYPE;
    if (value_is_number(left)) {
        enum status status = arithmetic_compare(left, right, arena, order);
        /* Double.compareTo: NaN is above everything and equal to itself, -0.0 below 0.0. */
        if (*order == UNORDERED) *order = (left.f64 != left.f64) - (right.f64 != right.f64);
        if (*order == 0 && is_binary_zero(left)) *order = sign_bit(right) - sign_bit(left);
        return status;
    }
    switch ((int)left.kind) {
    case VALUE_STRING: *order = order_text(value_text(left), value_text(right)); return STATUS_OK;
    case VALUE_BOOLEAN: *order = (int)left.boolean - (int)right.boolean; return STATUS_OK;
    case VALUE_CHARACTER: *order = order_i64(left.i64, right.i64); return STATUS_OK;
    case VALUE_TEMPORAL:
        if (left.temporal != right.temporal) return STATUS_TYPE;
        *order = temporal_order(left, right);
        return STATUS_OK;
    case VALUE_OBJECT:
        if (left.class_id != CLASS_UUID || right.class_id != CLASS_UUID) return STATUS_TYPE;
        *order = order_i64(left.items[0].i64, right.items[0].i64);
        if (*order == 0) *order = order_i64(left.items[1].i64, right.items[1].i64);
        return STATUS_OK;
    case VALUE_DURATION:
        *order = order_i64(left.i64, right.i64);
        if (*order == 0) *order = order_i64(left.nanos, right.nanos);
        return STATUS_OK;
    default: return STATUS_TYPE;
    }
}
