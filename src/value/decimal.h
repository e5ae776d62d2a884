/* decimal.h - Java's BigDecimal: an unscaled integer and a scale, value = unscaled * 10^-scale.
 *
 * Values are of kind BIG_DECIMAL; 2.50 and 2.5 are different values that compare as equal.
 * fails    LIMIT: more than BIG_LIMBS_MAX, |scale| above DECIMAL_SCALE_MAX, or the arena is full
 * source   documentation of java.math.BigDecimal (JDK 17)
 */
#pragma once
#include "value/big.h"

enum { DECIMAL_SCALE_MAX = 1000000 };

enum rounding {
    ROUND_DOWN, /* towards zero */
    ROUND_UP,   /* away from zero */
    ROUND_FLOOR,
    ROUND_CEILING,
    ROUND_HALF_UP,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
};

static inline struct value decimal_of(int64_t unscaled, int32_t scale)
{
    return (struct value){.kind = VALUE_BIG_DECIMAL, .scale = scale, .i64 = unscaled};
}

/* From and to its parts; `unscaled` is a BIG_INTEGER. */
enum status decimal_make(struct value unscaled, int64_t scale, struct value *decimal) MUST_USE;
struct value decimal_unscaled(struct value decimal);

/* What `new BigDecimal(text)` reads: sign, digits, point, exponent. fails  INVALID, LIMIT */
enum status decimal_parse(struct slice text, struct arena *arena, struct value *decimal) MUST_USE;

/* toString(): "12.340", "1E+400", "0E-7". */
void decimal_to_text(struct value decimal, struct buffer *out);

/* toEngineeringString(): an exponent is a multiple of three, "120E+3". */
void decimal_to_engineering(struct value decimal, struct buffer *out);

/* toPlainString(), but toString() when that would pass DECIMAL_PLAIN_MAX characters. */
enum { DECIMAL_PLAIN_MAX = 2000 };
void decimal_to_plain(struct value decimal, struct buffer *out);

int decimal_sign(struct value decimal);

/* By value: 2.50 and 2.5 are 0. */
int decimal_compare(struct value left, struct value right);

/* Number of digits of the unscaled value; 1 for 0. */
uint32_t decimal_precision(struct value decimal);

enum status decimal_negate(struct value decimal, struct arena *arena,
                           struct value *result) MUST_USE;
enum status decimal_add(struct value left, struct value right, struct arena *arena,
                        struct value *result) MUST_USE;
enum status decimal_subtract(struct value left, struct value right, struct arena *arena,
                             struct value *result) MUST_USE;
enum status decimal_multiply(struct value left, struct value right, struct arena *arena,
                             struct value *result) MUST_USE;

/* left / right with the scale asked for. fails  INVALID: divisor 0 */
enum status decimal_divide(struct value left, struct value right, int32_t scale,
                           enum rounding rounding, struct arena *arena,
                           struct value *result) MUST_USE;

/* left - right * truncated(left / right). fails  INVALID: divisor 0 */
enum status decimal_remainder(struct value left, struct value right, struct arena *arena,
                              struct value *result) MUST_USE;
enum status decimal_rescale(struct value decimal, int32_t scale, enum rounding rounding,
                            struct arena *arena, struct value *result) MUST_USE;

/* stripTrailingZeros(); a zero becomes 0 with scale 0. */
enum status decimal_strip(struct value decimal, struct arena *arena, struct value *result) MUST_USE;

/* toBigInteger(): truncated. */
enum status decimal_to_big(struct value decimal, struct arena *arena, struct value *big) MUST_USE;

/* Every digit of the binary number, as `new BigDecimal(double)`. fails  INVALID: not finite */
enum status decimal_from_double(double number, struct arena *arena, struct value *decimal) MUST_USE;
double decimal_to_double(struct value decimal);
