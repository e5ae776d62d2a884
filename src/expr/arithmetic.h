/* arithmetic.h - numbers as Java and the original compute with them.
 *
 * Either operand's kind decides: BigDecimal, Double, Float, BigInteger, Long, else Integer; whole
 * numbers wrap around. What becomes a BigDecimal gets at least 18 decimal places.
 * fails    TYPE: an operand is no number; INVALID: *why says what (division by zero); LIMIT
 */
#pragma once
#include "expr/ast.h"

static inline bool value_is_number(struct value value)
{
    return value.kind >= VALUE_BYTE && value.kind <= VALUE_BIG_DECIMAL;
}

/* ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, POWER. */
enum status arithmetic_apply(enum operator op, struct value left, struct value right,
                             struct arena *arena, struct value *result, const char **why) MUST_USE;
enum status arithmetic_negate(struct value number, struct arena *arena,
                              struct value *result) MUST_USE;
enum status arithmetic_absolute(struct value number, struct arena *arena,
                                struct value *result) MUST_USE;

/* -1, 0, 1 by value, across kinds; 2 when one is NaN. Both are numbers. */
enum { UNORDERED = 2 };
enum status arithmetic_compare(struct value left, struct value right, struct arena *arena,
                               int *order) MUST_USE;

/* The language's `==`: numbers by value, text by content, everything else by equals(). */
enum status values_equal(struct value left, struct value right, struct arena *arena,
                         bool *equal) MUST_USE;

/* Java's compareTo within a class. fails  TYPE: the classes differ or have no order */
enum status values_compare(struct value left, struct value right, struct arena *arena,
                           int *order) MUST_USE;

/* What Java says when the first decimal is divided by the second, a zero, to that scale. */
const char *arithmetic_zero_divisor(struct value left, struct value right, int64_t scale);

/* Java's Math.pow: where C says 1 to the power of NaN or of an infinity is 1, Java has NaN. */
double arithmetic_pow(double base, double exponent);

double number_to_double(struct value number);

/* Low bits of the number truncated towards zero; floats saturate: Java's (long) and intValue(). */
int64_t number_to_i64(struct value number, struct arena *arena);
int32_t number_to_i32(struct value number, struct arena *arena);

/* To a numeric class as the original converts arguments and results; `kind` is BYTE..BIG_DECIMAL.
 * fails    INVALID: does not fit (whole numbers only) */
enum status number_convert(struct value number, enum value_kind kind, struct arena *arena,
                           struct value *result) MUST_USE;
