/* big_room.h - the inside of big integers, shared by big.c and big_bits.c only. */
#pragma once
#include "value/big.h"

#include <gmp.h>

/* A number as sign and limbs, whichever form it is stored in. */
struct big_operand {
    const mp_limb_t *limbs;
    mp_size_t count; /* 0: the number is 0 */
    bool negative;
    mp_limb_t small;
};
void big_operand_init(struct big_operand *operand, struct value big);

/* Room for a result; NULL above what an intermediate one may need, or when the arena is full. */
struct big *big_alloc(struct arena *arena, size_t limb_count);

/* Gives a computed magnitude its canonical form. fails  LIMIT */
enum status big_settle(struct big *big, mp_size_t count, bool negative,
                       struct value *result) MUST_USE;
