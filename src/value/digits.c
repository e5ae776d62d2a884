/* digits.c - binary to decimal as Java 17 does it; digits_text.c lays the digits out.
 *
 * Before JDK 19 Double.toString did not always give the shortest text that reads back: 2E23 prints as
 * 1.9999999999999998E23. Its digit generation is of Steele and White's kind, with peculiarities that
 * decide the last digits and are kept, because printed numbers become keys:
 *   - an integer below 2^63 prints all digits that 53 bits determine, the last ones rounded half up;
 *   - a number that will be printed with an exponent gets at least two digits;
 *   - the upper bound is exclusive when all terms fit 63 bits, inclusive otherwise; in 63 bits the
 *     sum compared with it may wrap around, which some floats near 1E25 show.
 * B / S is the number, M / S half of its last place; digits are taken off B until what is left is
 * smaller than M (low) or nearer than M to the next digit (high).
 * source  Steele, White: How to print floating-point numbers accurately (1990); output compared
 *         with OpenJDK 17
 */
#include <gmp.h>

#include "value/number.h"

enum {
    LIMBS_MAX = 64,
    LONG_BITS = 63,
    POWERS_OF_FIVE = 27, /* those that fit 63 bits */
    DOUBLE_BITS = 53,
    FLOAT_BITS = 24,
    EXPONENT_BIAS = 1023,
    FLOAT_BIAS = 127,
};

/* significand * 2^(exponent - 52); the significand has bit 52 set. */
struct binary {
    uint64_t significand;
    int exponent;
    int precision; /* how many of its bits are known */
};

struct decimal_digits {
    uint8_t *digits;
    size_t count;
    int exponent; /* the point stands before the first digit, times 10^exponent */
};

static void digits_init(struct decimal_digits *out, uint8_t *digits)
{
    out->digits = digits;
    out->count = 0;
    out->exponent = 0;
}

/* Powers of two and five in the three terms; B also has the significand. */
struct terms {
    uint64_t significand;
    int b2;
    int b5;
    int s2;
    int s5;
    int m2;
    int m5;
};

static int bits_of_power_of_five(int power)
{
    if (power == 0) return 0;
    return power < POWERS_OF_FIVE ? power * 2321929 / 1000000 + 1 : power * 3;
}

/* floor(log10) of the number, at most one too high; the line through log10 at 1.5 is the
 * original's, the estimate decides where the two paths part. */
static int estimate_exponent(const struct binary *binary)
{
    uint64_t bits =
        (uint64_t)EXPONENT_BIAS << 52 | (binary->significand & ((UINT64_C(1) << 52) - 1));
    double fraction;

    memcpy(&fraction, &bits, sizeof(fraction));
    double log =
        (fraction - 1.5) * 0.289529654 + 0.176091259 + (double)binary->exponent * 0.301029995663981;
    int whole = (int)log;
    return (double)whole > log ? whole - 1 : whole;
}

static void round_up(struct decimal_digits *out)
{
    size_t at = out->count;

    while (at > 0 && out->digits[at - 1] == '9')
        out->digits[--at] = '0';
    if (at > 0) {
        out->digits[at - 1]++;
        return;
    }
    out->digits[0] = '1';
    out->exponent++;
}

/* --- integers --------------------------------------------------------------------------------- */

static void integer_digits(uint64_t number, int insignificant, struct decimal_digits *out)
{
    uint8_t backwards[NUMBER_DIGITS_MAX];
    uint64_t power = 1;
    size_t count = 0;

    for (int i = 0; i < insignificant; i++)
        power *= 10;
    if (power > 1) number = number / power + (number % power >= power / 2);
    out->exponent = insignificant;
    for (; number % 10 == 0; number /= 10)
        out->exponent++;
    for (; number > 0; number /= 10)
        backwards[count++] = (uint8_t)('0' + number % 10);
    for (size_t i = 0; i < count; i++)
        out->digits[i] = backwards[count - 1 - i];
    out->count = count;
    out->exponent += (int)count;
}

/* How many decimal digits 2^power leaves undetermined. */
static int insignificant_digits(int power)
{
    return power > 1 ? power * 30103 / 100000 : 0;
}

/* --- fractions, all terms in 63 bits ------------------------------------------------------------ */

static uint64_t small_power(int fives, int twos)
{
    uint64_t power = UINT64_C(1) << twos;

    for (int i = 0; i < fives; i++)
        power *= 5;
    return power;
}

/* Whether digit generation stops, and how the rest compares with one half when both bounds hold. */
struct stop {
    bool low;
    bool high;
    int half;
};

/* Takes the first digit; a leading zero only lowers the exponent. Two digits are asked for where
 * the text will have an exponent. */
static void first_digit(unsigned digit, struct stop *stop, struct decimal_digits *out)
{
    if (digit == 0 && !stop->high) {
        out->exponent--;
    } else {
        out->digits[out->count++] = (uint8_t)('0' + digit);
    }
    if (out->exponent < -3 || out->exponent >= 8) stop->low = stop->high = false;
}

static void small_digits(const struct terms *terms, struct decimal_digits *out, struct stop *stop)
{
    uint64_t s = small_power(terms->s5, terms->s2);
    uint64_t b = terms->significand * small_power(terms->b5, terms->b2);
    uint64_t m = small_power(terms->m5, terms->m2);
    uint64_t tens = s * 10;
    bool first = true;

    do {
        unsigned digit = (unsigned)(b / s);

        b = b % s * 10;
        m *= 10;
        stop->low = (int64_t)m <= 0 || b < m;
        stop->high = (int64_t)m <= 0 || (int64_t)(b + m) > (int64_t)tens;
        if (first) {
            first_digit(digit, stop, out);
        } else {
            out->digits[out->count++] = (uint8_t)('0' + digit);
        }
        first = false;
    } while (!stop->low && !stop->high);
    stop->half = (2 * b > tens) - (2 * b < tens);
}

/* --- fractions in limbs ------------------------------------------------------------------------- */

struct big_term {
    mp_limb_t limbs[LIMBS_MAX];
    mp_size_t count;
};

static void term_multiply(struct big_term *term, mp_limb_t factor)
{
    mp_limb_t carry = mpn_mul_1(term->limbs, term->limbs, term->count, factor);

    if (carry == 0) return;
    ASSERT(term->count < LIMBS_MAX);
    term->limbs[term->count++] = carry;
}

static void term_init(struct big_term *term, uint64_t factor, int fives, int twos)
{
    int whole = twos / 64;

    ASSERT(whole < LIMBS_MAX / 2);
    mpn_zero(term->limbs, whole + 1);
    term->limbs[whole] = 1;
    term->count = whole + 1;
    term_multiply(term, factor);
    term_multiply(term, UINT64_C(1) << twos % 64);
    for (; fives >= POWERS_OF_FIVE; fives -= POWERS_OF_FIVE - 1)
        term_multiply(term, small_power(POWERS_OF_FIVE - 1, 0));
    term_multiply(term, small_power(fives, 0));
}

static int term_compare(const struct big_term *left, const struct big_term *right)
{
    if (left->count != right->count) return left->count < right->count ? -1 : 1;
    return left->count == 0 ? 0 : mpn_cmp(left->limbs, right->limbs, left->count);
}

static void term_subtract(struct big_term *left, const struct big_term *right)
{
    mpn_sub(left->limbs, left->limbs, left->count, right->limbs, right->count);
    while (left->count > 0 && left->limbs[left->count - 1] == 0)
        left->count--;
}

/* Is left + right at least total? */
static bool sum_reaches(const struct big_term *left, const struct big_term *right,
                        const struct big_term *total)
{
    struct big_term sum = left->count >= right->count ? *left : *right;
    const struct big_term *other = left->count >= right->count ? right : left;
    mp_limb_t carry = mpn_add(sum.limbs, sum.limbs, sum.count, other->limbs, other->count);

    if (carry != 0) sum.limbs[sum.count++] = carry;
    return term_compare(&sum, total) >= 0;
}

static void big_digits(const struct terms *terms, struct decimal_digits *out, struct stop *stop)
{
    struct big_term b;
    struct big_term s;
    struct big_term m;
    struct big_term tens;
    bool first = true;

    term_init(&b, terms->significand, terms->b5, terms->b2);
    term_init(&s, 1, terms->s5, terms->s2);
    term_init(&m, 1, terms->m5, terms->m2);
    tens = s;
    term_multiply(&tens, 10);
    do {
        unsigned digit = 0;

        for (; term_compare(&b, &s) >= 0; digit++)
            term_subtract(&b, &s);
        if (b.count > 0) term_multiply(&b, 10);
        term_multiply(&m, 10);
        stop->low = term_compare(&b, &m) < 0;
        stop->high = sum_reaches(&b, &m, &tens);
        if (first) {
            first_digit(digit, stop, out);
        } else {
            out->digits[out->count++] = (uint8_t)('0' + digit);
        }
        first = false;
    } while (!stop->low && !stop->high);
    if (b.count > 0) term_multiply(&b, 2);
    stop->half = term_compare(&b, &tens);
}

/* --- together ----------------------------------------------------------------------------------- */

/* Scales number and half place to integers over one denominator. */
static struct terms terms_of(const struct binary *binary, int fraction_bits, int decimal_exponent)
{
    int tiny_bits = fraction_bits - binary->exponent - 1;
    int tiny = tiny_bits > 0 ? tiny_bits : 0;
    struct terms terms = {.significand = binary->significand >> (DOUBLE_BITS - fraction_bits)};

    terms.b5 = decimal_exponent < 0 ? -decimal_exponent : 0;
    terms.s5 = decimal_exponent > 0 ? decimal_exponent : 0;
    terms.m5 = terms.b5;
    terms.b2 = terms.b5 + tiny + binary->exponent;
    terms.s2 = terms.s5 + tiny;
    terms.m2 = terms.b2 - binary->precision;
    terms.b2 -= fraction_bits - 1;
    int common = terms.b2 < terms.s2 ? terms.b2 : terms.s2;
    terms.b2 -= common;
    terms.s2 -= common;
    terms.m2 -= common;
    if (fraction_bits == 1) terms.m2--; /* below a power of two the places are half as wide */
    if (terms.m2 < 0) {
        terms.b2 -= terms.m2;
        terms.s2 -= terms.m2;
        terms.m2 = 0;
    }
    return terms;
}

static void fraction_digits(const struct binary *binary, int fraction_bits,
                            struct decimal_digits *out)
{
    struct stop stop = {0};

    out->exponent = estimate_exponent(binary);
    struct terms terms = terms_of(binary, fraction_bits, out->exponent);
    int b_bits = fraction_bits + terms.b2 + bits_of_power_of_five(terms.b5);
    int tens_bits = terms.s2 + 1 + bits_of_power_of_five(terms.s5 + 1);
    if (b_bits <= LONG_BITS && tens_bits <= LONG_BITS) {
        small_digits(&terms, out, &stop);
    } else {
        big_digits(&terms, out, &stop);
    }
    out->exponent++;
    if (!stop.high) return;
    bool odd = (out->digits[out->count - 1] & 1) != 0;
    if (!stop.low || stop.half > 0 || (stop.half == 0 && odd)) round_up(out);
}

static void find_digits(const struct binary *binary, struct decimal_digits *out)
{
    int fraction_bits = DOUBLE_BITS - __builtin_ctzll(binary->significand);
    int exponent = binary->exponent;

    if (exponent >= 0 && exponent < LONG_BITS && fraction_bits <= exponent + 1) {
        int shift = exponent - (DOUBLE_BITS - 1);
        uint64_t number = shift >= 0 ? binary->significand << shift : binary->significand >> -shift;
        int spare = exponent > binary->precision ? exponent - binary->precision - 1 : 0;

        integer_digits(number, insignificant_digits(spare), out);
        return;
    }
    fraction_digits(binary, fraction_bits, out);
}

/* An IEEE number above 0 of so many significant bits, the first of which is not written. */
static size_t binary_digits(uint64_t bits, int precision, int bias, uint8_t *digits, int *exponent)
{
    struct decimal_digits out;
    uint64_t first = UINT64_C(1) << (precision - 1);
    uint64_t fraction = bits & (first - 1);
    int power = (int)(bits >> (precision - 1));
    struct binary binary = {(fraction | first) << (DOUBLE_BITS - precision), power - bias,
                            precision};

    digits_init(&out, digits);
    ASSERT(bits != 0 && power <= 2 * bias);
    if (power == 0) {
        int shift = __builtin_clzll(fraction) - (64 - precision);

        binary.significand = fraction << (shift + DOUBLE_BITS - precision);
        binary.exponent = 1 - shift - bias;
        binary.precision = precision - shift;
    }
    find_digits(&binary, &out);
    *exponent = out.exponent;
    return out.count;
}

size_t number_digits(double number, uint8_t digits[NUMBER_DIGITS_MAX], int *exponent)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    return binary_digits(bits, DOUBLE_BITS, EXPONENT_BIAS, digits, exponent);
}

size_t number_digits_float(float number, uint8_t digits[NUMBER_DIGITS_MAX], int *exponent)
{
    uint32_t bits;

    memcpy(&bits, &number, sizeof(bits));
    return binary_digits(bits, FLOAT_BITS, FLOAT_BIAS, digits, exponent);
}
