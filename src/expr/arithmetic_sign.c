/* arithmetic_sign.c - numbers with the opposite sign, or without one. */
#include "expr/arithmetic.h"
#include "value/decimal.h"

#include <math.h>

enum status arithmetic_negate(struct value number, struct arena *arena, struct value *result)
{
    switch ((int)number.kind) {
    case VALUE_FLOAT:
    case VALUE_DOUBLE:
        *result = number;
        result->f64 = -number.f64;
        return STATUS_OK;
    case VALUE_BIG_INTEGER: return big_negate(number, arena, result);
    case VALUE_BIG_DECIMAL: return decimal_negate(number, arena, result);
    case VALUE_LONG: *result = value_long((int64_t)(0 - (uint64_t)number.i64)); return STATUS_OK;
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
        *result = value_integer((int32_t)(uint32_t)(0 - (uint64_t)number.i64));
        return STATUS_OK;
    default: return STATUS_TYPE;
    }
}

enum status arithmetic_absolute(struct value number, struct arena *arena, struct value *result)
{
    bool negative = number.kind == VALUE_BIG_INTEGER   ? big_sign(number) < 0
                    : number.kind == VALUE_BIG_DECIMAL ? decimal_sign(number) < 0
                                                       : number_to_double(number) < 0;
    if (negative) return arithmetic_negate(number, arena, result);
    *result = number;
    if (number.kind == VALUE_DOUBLE || number.kind == VALUE_FLOAT) result->f64 = fabs(number.f64);
    if (number.kind == VALUE_BYTE || number.kind == VALUE_SHORT) result->kind = VALUE_INTEGER;
    return STATUS_OK;
}
