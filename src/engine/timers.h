/* timers.h - event-time timers in a binary heap ordered by (time, node, key): that order is part of
 * what an engine promises, so equal times fire alike on every machine.
 *
 * A cell has at most one entry; an entry may be early (the operator moved on): when it comes out the
 * operator says when to come again. Keys are owned copies, so cells may leave memory meanwhile.
 */
#pragma once
#include "engine/engine.h"
#include "engine/pool.h"

struct timer_key {
    uint32_t key_len;
    uint32_t space_len;
    uint8_t bytes[]; /* key, then name space */
};

struct timer {
    int64_t time_ms;
    struct timer_key *key;
    uint32_t node;
};

struct timers {
    struct timer *heap;
    uint32_t count;
    uint32_t capacity;
};

void timers_deinit(struct timers *timers);

/* fails    LIMIT: memory */
enum status timers_add(struct timers *timers, struct pool *pool, const struct cell_key *key,
                       int64_t time_ms) MUST_USE;

/* The first timer at or before the time leaves the heap; false if there is none. Its key belongs to
 * the caller: timer_release(), or timers_put_back() at a later time. */
bool timers_take(struct timers *timers, int64_t until_ms, struct timer *timer);
void timers_put_back(struct timers *timers, struct timer timer, int64_t time_ms);
void timer_release(struct pool *pool, struct timer timer);

struct cell_key timer_cell_key(const struct timer *timer);
