/* backoff.c - seeded, so that a test sees the same waits again. */
#include "deliver/backoff.h"

uint64_t jitter_below(struct jitter *jitter, uint64_t bound)
{
    ASSERT(bound > 0);
    uint64_t z = (jitter->state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return (z ^ (z >> 31U)) % bound;
}

int64_t backoff_ms(struct jitter *jitter, uint32_t attempt, uint32_t first_ms, uint32_t max_ms)
{
    uint64_t ceiling = first_ms;

    ASSERT(attempt >= 1);
    for (uint32_t i = 1; i < attempt && ceiling < max_ms; i++)
        ceiling *= 2;
    if (ceiling > max_ms) ceiling = max_ms;
    return (int64_t)jitter_below(jitter, ceiling + 1);
}
