/* big_bits.h - BigInteger's bits (two's complement, endless sign), roots, residues and primes.
 *
 * fails    LIMIT: a result above BIG_LIMBS_MAX, or the arena is full
 * source   documentation of java.math.BigInteger (JDK 17); GMP, low-level functions (mpn)
 */
#pragma once
#include "value/big.h"

/* How many bits of a word are 1. */
static inline uint32_t bits_set(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

enum big_bitwise { BIG_AND, BIG_OR, BIG_XOR, BIG_AND_NOT };
enum status big_bitwise(enum big_bitwise op, struct value left, struct value right,
                        struct arena *arena, struct value *result) MUST_USE;

/* number * 2^shift, rounded down. */
enum status big_shift(struct value number, int64_t shift, struct arena *arena,
                      struct value *result) MUST_USE;

bool big_bit(struct value number, uint32_t index);
uint32_t big_bit_length(struct value number); /* without the sign */
uint32_t big_bit_count(struct value number);  /* bits that differ from the sign */
int32_t big_lowest_bit(struct value number);  /* of the lowest 1; -1: the number is 0 */
uint8_t big_byte(struct value number, uint32_t index);

/* The root rounded down, and what is left over; number >= 0. */
enum status big_root(struct value number, struct arena *arena, struct value *root,
                     struct value *rest) MUST_USE;

/* base^exponent modulo `modulus` (> 0), exponent >= 0. */
enum status big_power_mod(struct value base, struct value exponent, struct value modulus,
                          struct arena *arena, struct value *result) MUST_USE;

/* The inverse modulo `modulus` (> 0). fails  INVALID: there is none */
enum status big_inverse_mod(struct value number, struct value modulus, struct arena *arena,
                            struct value *result) MUST_USE;

/* Is the number (> 1) prime? Beyond 3 * 10^24 only as good as certain. */
enum status big_is_prime(struct value number, struct arena *arena, bool *prime) MUST_USE;

/* Digits in a radix of 2 to 36, with sign. */
void big_to_radix(struct value number, uint32_t radix, struct buffer *out);
