/* big.h - Java's BigInteger: an int64 while it fits, limbs in an arena when it does not.
 *
 * All functions take and give values of kind BIG_INTEGER in their one canonical form: narrow
 * whenever 64 bits hold it, else VALUE_WIDE. Results live in the arena given.
 * fails    LIMIT: a result above BIG_LIMBS_MAX, or the arena is full
 * source   GMP, low-level functions (mpn)
 */
#pragma once
#include "value/value.h"

enum {
    BIG_LIMBS_MAX = 1024,   /* 64 bits each */
    BIG_DIGITS_MAX = 19000, /* decimal digits that always fit */
};

/* Sign and magnitude, least significant limb first; the highest limb is not 0. */
struct big {
    uint32_t limb_count;
    bool negative;
    uint64_t limbs[];
};

static inline struct value big_from_i64(int64_t number)
{
    return (struct value){.kind = VALUE_BIG_INTEGER, .i64 = number};
}

/* Optional sign and decimal digits. fails  INVALID, LIMIT */
enum status big_parse(struct slice text, struct arena *arena, struct value *big) MUST_USE;
void big_to_text(struct value big, struct buffer *out);

int big_sign(struct value big); /* -1, 0, 1 */
int big_compare(struct value left, struct value right);

enum status big_negate(struct value big, struct arena *arena, struct value *result) MUST_USE;
enum status big_add(struct value left, struct value right, struct arena *arena,
                    struct value *result) MUST_USE;
enum status big_subtract(struct value left, struct value right, struct arena *arena,
                         struct value *result) MUST_USE;
enum status big_multiply(struct value left, struct value right, struct arena *arena,
                         struct value *result) MUST_USE;

/* Truncates towards zero; the remainder has the dividend's sign. fails  INVALID: divisor 0 */
enum status big_divide(struct value dividend, struct value divisor, struct arena *arena,
                       struct value *quotient, struct value *remainder) MUST_USE;
enum status big_power(struct value base, uint32_t exponent, struct arena *arena,
                      struct value *result) MUST_USE;

/* Greatest common divisor, never negative; gcd(0, 0) is 0. */
enum status big_gcd(struct value left, struct value right, struct arena *arena,
                    struct value *result) MUST_USE;

/* number * 2^shift. */
enum status big_shift_left(struct value number, uint32_t shift, struct arena *arena,
                           struct value *result) MUST_USE;

/* Java's longValue(): the low 64 bits, two's complement. */
int64_t big_to_i64_wrapped(struct value big);

/* Nearest double, ties to even; infinite beyond the range. */
double big_to_double(struct value big);

/* Decimal digits without sign, most significant first; 0 is "0". Returns how many. */
enum { BIG_TEXT_MAX = BIG_LIMBS_MAX * 20 };
size_t big_digits(struct value big, uint8_t digits[BIG_TEXT_MAX]);

/* Checks of stored bytes: is this the canonical form? */
bool big_is_canonical(struct value big);
