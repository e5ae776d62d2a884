/* backoff.h - how long to wait before trying again: exponential with full jitter.
 * source  Brooker, Exponential Backoff and Jitter (AWS, 2015): the mean halves, collisions vanish */
#pragma once
#include "base/base.h"

struct jitter {
    uint64_t state; /* the seed */
};

/* A number in [0, bound). source  splitmix64 (Steele, Lea, Flood 2014) */
uint64_t jitter_below(struct jitter *jitter, uint64_t bound);

/* Random in [0, min(max_ms, first_ms * 2^(attempt-1))]; attempt counts from 1. */
int64_t backoff_ms(struct jitter *jitter, uint32_t attempt, uint32_t first_ms, uint32_t max_ms);
