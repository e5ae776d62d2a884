/* random.h - what training draws, as functions of what it is for: nothing to save, nothing to restore.
 *
 * A stream is named by up to three numbers (seed, epoch, batch); two names are two streams.
 * source   splitmix64 (Steele, Lea, Flood 2014)
 */
#pragma once
#include "base/base.h"

struct train_random {
    uint64_t state;
};

static inline uint64_t random_next(struct train_random *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15ULL;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

static inline struct train_random random_of(uint64_t seed, uint64_t first, uint64_t second)
{
    struct train_random random = {seed};

    random.state = random_next(&random) ^ first;
    random.state = random_next(&random) ^ second;
    return random;
}

/* 0 .. count - 1; the bias of 2^-32 is nobody's concern here. */
static inline uint32_t random_below(struct train_random *random, uint32_t count)
{
    return (uint32_t)(((random_next(random) >> 32) * count) >> 32);
}

/* [0, 1) */
static inline double random_unit(struct train_random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}
