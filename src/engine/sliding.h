/* sliding.h - aggregate-sliding: partial aggregates of one key in one-minute buckets.
 *
 *   bucket     its start is time / 60000 * 60000, truncating towards zero as Java does
 *   window     buckets whose start is in [t - length + 1, t]: between length - 60 s and length long
 *   late       events are never dropped; they see buckets up to their own time
 *   trimming   an event that changes its bucket drops those before bucket - 2 * length + 1
 *   eviction   a timer at newest bucket + length ends the key's state
 *   leaving    emitWhenEventLeft: a timer at each event's bucket + length emits, if a bucket that
 *              left then was still inside the window of the newest one
 *
 * source   golden/stateful.jsonl (rows sliding/, sliding-left/)
 */
#pragma once
#include "engine/aggregate.h"

enum { SLIDING_BUCKET_MS = 60000, SLIDING_VERSION = 1 };

/* State of one key. Buckets are | start i64 | leaf[leaf_count] |, ascending, in one pool block. */
struct sliding {
    uint8_t *buckets;
    uint32_t bucket_count;
    uint32_t element_count; /* over all leaves */
    int64_t eviction_ms;    /* INT64_MIN: no event yet */
    int64_t *times;         /* emitWhenEventLeft: pending timers, ascending, different */
    uint32_t time_count;
};

/* What the operator needs besides the state. */
struct sliding_plan {
    struct aggregate aggregate;
    int64_t length_ms;
    bool emit_when_left;
};

/* Whose memory a change uses, and how many elements one key may hold. */
struct sliding_room {
    struct pool *pool;
    struct arena *scratch;
    uint32_t elements_max;
};

/* Adds an element; afterwards the state counts the event even if the element was neutral.
 * fails    TYPE, INVALID, LIMIT: message says why, the state is as before */
enum status sliding_add(struct sliding *sliding, const struct sliding_plan *plan, int64_t time_ms,
                        struct value element, const struct sliding_room *room,
                        struct slice *message) MUST_USE;

/* The aggregate of the window that ends at the time; borrowed from the state and the arena. */
enum status sliding_result(const struct sliding *sliding, const struct sliding_plan *plan,
                           int64_t time_ms, struct arena *arena, struct slice *message,
                           struct value *result) MUST_USE;

/* When the state wants to be woken next. */
int64_t sliding_next_ms(const struct sliding *sliding, const struct sliding_plan *plan);

/* The timer at `time_ms` fires: is there something to emit, and does the state end here? */
void sliding_fire(struct sliding *sliding, const struct sliding_plan *plan, int64_t time_ms,
                  bool *emit, bool *ended);

void sliding_free(struct sliding *sliding, const struct sliding_plan *plan, struct pool *pool);

/* Stored form:  | version u8 | eviction i64 | leaf_count varint | time_count varint { i64 }
 * | bucket_count varint { start i64, per leaf: number i64, count varint { value sized } } |
 * `one` is a buffer of the caller for single values. */
void sliding_encode(const struct sliding *sliding, const struct sliding_plan *plan,
                    struct buffer *one, struct buffer *out);

/* fails    CORRUPT: not such bytes, or of an aggregator with other leaves; LIMIT: memory */
enum status sliding_decode(struct slice bytes, const struct sliding_plan *plan, struct pool *pool,
                           struct arena *scratch, struct sliding *sliding) MUST_USE;
