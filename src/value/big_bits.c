/* big_bits.c - bits of big integers as Java shows them: two's complement with endless sign.
 *
 * A number is stored as sign and magnitude; its word `i` in two's complement is that of the
 * magnitude, or ~(magnitude - 1). Results are written in two's complement and turned back.
 */
#include "value/big_bits.h"

#include "value/big_room.h"

enum { WORD_BITS = 64, PRIME_BASES = 24 };

/* --- words ------------------------------------------------------------------------------------ */

static mp_limb_t word_at(const struct big_operand *number, mp_size_t index)
{
    mp_limb_t word = index < number->count ? number->limbs[index] : 0;
    mp_size_t low = 0;

    if (!number->negative) return word;
    while (low < number->count && number->limbs[low] == 0)
        low++;
    if (index < low) return 0;
    return index == low ? 0 - word : ~word;
}

/* From two's complement; the highest word says the sign. */
static enum status give_words(struct big *words, mp_size_t count, struct value *result)
{
    bool negative = (words->limbs[count - 1] >> (WORD_BITS - 1)) != 0;

    if (negative) mpn_neg(words->limbs, words->limbs, count);
    return big_settle(words, count, negative, result);
}

static mp_limb_t combine(enum big_bitwise op, mp_limb_t left, mp_limb_t right)
{
    switch (op) {
    case BIG_AND: return left & right;
    case BIG_OR: return left | right;
    case BIG_XOR: return left ^ right;
    case BIG_AND_NOT: return left & ~right;
    }
    UNREACHABLE("operation outside the enum");
}

enum status big_bitwise(enum big_bitwise op, struct value left, struct value right,
                        struct arena *arena, struct value *result)
{
    struct big_operand a;
    struct big_operand b;

    big_operand_init(&a, left);
    big_operand_init(&b, right);
    mp_size_t count = (a.count > b.count ? a.count : b.count) + 1;
    struct big *words = big_alloc(arena, (size_t)count);
    if (words == NULL) return STATUS_LIMIT;
    for (mp_size_t i = 0; i < count; i++)
        words->limbs[i] = combine(op, word_at(&a, i), word_at(&b, i));
    return give_words(words, count, result);
}

static enum status shift_right(struct value number, int64_t shift, struct arena *arena,
                               struct value *result)
{
    struct big_operand a;
    unsigned bits = (unsigned)(shift % WORD_BITS);

    big_operand_init(&a, number);
    if (shift / WORD_BITS > a.count) {
        *result = big_from_i64(a.negative ? -1 : 0);
        return STATUS_OK;
    }
    mp_size_t from = (mp_size_t)(shift / WORD_BITS);
    mp_size_t count = a.count - from + 1;
    struct big *words = big_alloc(arena, (size_t)count);
    if (words == NULL) return STATUS_LIMIT;
    for (mp_size_t i = 0; i < count; i++) {
        mp_limb_t high = bits == 0 ? 0 : word_at(&a, from + i + 1) << (WORD_BITS - bits);
        words->limbs[i] = (word_at(&a, from + i) >> bits) | high;
    }
    return give_words(words, count, result);
}

enum status big_shift(struct value number, int64_t shift, struct arena *arena, struct value *result)
{
    if (shift < 0) return shift_right(number, -shift, arena, result);
    if (shift > (int64_t)BIG_LIMBS_MAX * WORD_BITS && big_sign(number) != 0) return STATUS_LIMIT;
    return big_shift_left(number, big_sign(number) == 0 ? 0 : (uint32_t)shift, arena, result);
}

/* --- asking ------------------------------------------------------------------------------------- */

bool big_bit(struct value number, uint32_t index)
{
    struct big_operand a;

    big_operand_init(&a, number);
    return (word_at(&a, (mp_size_t)(index / WORD_BITS)) >> (index % WORD_BITS) & 1) != 0;
}

uint8_t big_byte(struct value number, uint32_t index)
{
    struct big_operand a;

    big_operand_init(&a, number);
    return (uint8_t)(word_at(&a, (mp_size_t)(index / 8)) >> (index % 8 * 8));
}

uint32_t big_bit_length(struct value number)
{
    struct big_operand a;

    big_operand_init(&a, number);
    for (mp_size_t i = a.count; i > 0; i--) {
        mp_limb_t word = word_at(&a, i - 1) ^ (a.negative ? ~(mp_limb_t)0 : 0);
        if (word != 0) return (uint32_t)i * WORD_BITS - (uint32_t)__builtin_clzll(word);
    }
    return 0;
}

uint32_t big_bit_count(struct value number)
{
    struct big_operand a;
    uint32_t bits = 0;

    big_operand_init(&a, number);
    for (mp_size_t i = 0; i < a.count; i++) {
        mp_limb_t word = word_at(&a, i) ^ (a.negative ? ~(mp_limb_t)0 : 0);
        bits += bits_set(word);
    }
    return bits;
}

int32_t big_lowest_bit(struct value number)
{
    struct big_operand a;

    big_operand_init(&a, number);
    for (mp_size_t i = 0; i < a.count; i++) {
        if (a.limbs[i] != 0) return (int32_t)i * WORD_BITS + __builtin_ctzll(a.limbs[i]);
    }
    return -1;
}

/* --- roots and residues --------------------------------------------------------------------------- */

enum status big_root(struct value number, struct arena *arena, struct value *root,
                     struct value *rest)
{
    struct big_operand a;

    ASSERT(big_sign(number) >= 0);
    big_operand_init(&a, number);
    *root = number;
    *rest = number;
    if (a.count == 0) return STATUS_OK;
    struct big *half = big_alloc(arena, (size_t)(a.count + 1) / 2);
    struct big *left = big_alloc(arena, (size_t)a.count);
    if (half == NULL || left == NULL) return STATUS_LIMIT;
    mp_size_t left_count = mpn_sqrtrem(half->limbs, left->limbs, a.limbs, a.count);
    enum status status = big_settle(half, (a.count + 1) / 2, false, root);
    return status == STATUS_OK ? big_settle(left, left_count, false, rest) : status;
}

/* A residue in the making: limbs below the modulus, least significant first. */
struct residue {
    mp_limb_t limbs[BIG_LIMBS_MAX];
};

/* residue = left * right modulo */
static void residue_multiply(struct residue *residue, const struct residue *left,
                             const struct residue *right, const struct big_operand *modulus)
{
    mp_limb_t product[2 * BIG_LIMBS_MAX];
    mp_limb_t quotient[BIG_LIMBS_MAX + 1];
    mp_size_t count = modulus->count;

    mpn_mul_n(product, left->limbs, right->limbs, count);
    mpn_tdiv_qr(quotient, residue->limbs, 0, product, 2 * count, modulus->limbs, count);
}

enum status big_power_mod(struct value base, struct value exponent, struct value modulus,
                          struct arena *arena, struct value *result)
{
    struct big_operand m;
    struct big_operand b;
    struct value quotient;
    struct value rest;
    struct residue factor = {{0}};
    struct residue power = {{1}};
    enum status status = big_divide(base, modulus, arena, &quotient, &rest);

    ASSERT(big_sign(modulus) > 0 && big_sign(exponent) >= 0);
    if (status == STATUS_OK && big_sign(rest) < 0) status = big_add(rest, modulus, arena, &rest);
    if (status != STATUS_OK) return status;
    big_operand_init(&m, modulus);
    big_operand_init(&b, rest);
    if (m.count == 1 && m.limbs[0] == 1) {
        *result = big_from_i64(0);
        return STATUS_OK;
    }
    if (b.count > 0) mpn_copyi(factor.limbs, b.limbs, b.count);
    for (uint32_t bit = big_bit_length(exponent); bit > 0; bit--) {
        residue_multiply(&power, &power, &power, &m);
        if (big_bit(exponent, bit - 1)) residue_multiply(&power, &power, &factor, &m);
    }
    struct big *wide = big_alloc(arena, (size_t)m.count);
    if (wide == NULL) return STATUS_LIMIT;
    mpn_copyi(wide->limbs, power.limbs, m.count);
    return big_settle(wide, m.count, false, result);
}

/* Euclid's steps with the factor of `number` carried along. */
enum status big_inverse_mod(struct value number, struct value modulus, struct arena *arena,
                            struct value *result)
{
    struct value rests[2] = {modulus, number};
    struct value factors[2] = {big_from_i64(0), big_from_i64(1)};
    struct value quotient;
    struct value next;
    enum status status = big_divide(number, modulus, arena, &quotient, &rests[1]);

    if (status == STATUS_OK && big_sign(rests[1]) < 0) {
        status = big_add(rests[1], modulus, arena, &rests[1]);
    }
    while (status == STATUS_OK && big_sign(rests[1]) != 0) {
        status = big_divide(rests[0], rests[1], arena, &quotient, &next);
        rests[0] = rests[1];
        rests[1] = next;
        if (status == STATUS_OK) status = big_multiply(quotient, factors[1], arena, &next);
        if (status == STATUS_OK) status = big_subtract(factors[0], next, arena, &next);
        factors[0] = factors[1];
        factors[1] = next;
    }
    if (status != STATUS_OK) return status;
    if (big_compare(rests[0], big_from_i64(1)) != 0) return STATUS_INVALID;
    *result = factors[0];
    return big_sign(*result) < 0 ? big_add(*result, modulus, arena, result) : STATUS_OK;
}

/* --- primes ------------------------------------------------------------------------------------- */

static const uint8_t small_primes[PRIME_BASES] = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37,
                                                  41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89};

/* Miller and Rabin: does `base` fail to show that the odd number is composite? */
static enum status passes(struct value number, struct value base, struct arena *arena, bool *passed)
{
    struct value one = big_from_i64(1);
    struct value less;
    struct value odd;
    struct value power;
    enum status status = big_subtract(number, one, arena, &less);
    int32_t twos = status == STATUS_OK ? big_lowest_bit(less) : 0;

    if (status == STATUS_OK) status = big_shift(less, -(int64_t)twos, arena, &odd);
    if (status == STATUS_OK) status = big_power_mod(base, odd, number, arena, &power);
    *passed = status == STATUS_OK && big_compare(power, one) == 0;
    for (int32_t i = 0; i < twos && status == STATUS_OK && !*passed; i++) {
        *passed = big_compare(power, less) == 0;
        status = big_power_mod(power, big_from_i64(2), number, arena, &power);
    }
    return status;
}

enum status big_is_prime(struct value number, struct arena *arena, bool *prime)
{
    enum status status = STATUS_OK;

    *prime = true;
    for (size_t i = 0; i < PRIME_BASES; i++) {
        struct value base = big_from_i64(small_primes[i]);
        struct value quotient;
        struct value rest;
        if (big_compare(number, base) == 0) return STATUS_OK;
        status = big_divide(number, base, arena, &quotient, &rest);
        if (status != STATUS_OK) return status;
        if (big_sign(rest) != 0) continue;
        *prime = false;
        return STATUS_OK;
    }
    for (size_t i = 0; i < PRIME_BASES && status == STATUS_OK && *prime; i++)
        status = passes(number, big_from_i64(small_primes[i]), arena, prime);
    return status;
}

/* --- text ----------------------------------------------------------------------------------------- */

void big_to_radix(struct value number, uint32_t radix, struct buffer *out)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    mp_limb_t limbs[BIG_LIMBS_MAX + 1]; /* mpn_get_str destroys its input */
    uint8_t values[BIG_LIMBS_MAX * WORD_BITS];
    struct big_operand a;

    ASSERT(radix >= 2 && radix <= 36);
    big_operand_init(&a, number);
    if (a.count == 0) {
        buffer_append_byte(out, '0');
        return;
    }
    mpn_copyi(limbs, a.limbs, a.count);
    size_t count = mpn_get_str(values, (int)radix, limbs, a.count);
    size_t zeros = 0;
    while (zeros + 1 < count && values[zeros] == 0)
        zeros++;
    if (a.negative) buffer_append_byte(out, '-');
    for (size_t i = zeros; i < count; i++)
        buffer_append_byte(out, (uint8_t)digits[values[i]]);
}
