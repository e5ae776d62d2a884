/* timers.c - the heap. */
#include "engine/timers.h"

#include <stdlib.h>

enum { TIMERS_FIRST = 256 };

static struct slice key_bytes(const struct timer *timer)
{
    return (struct slice){timer->key->bytes, timer->key->key_len};
}

struct cell_key timer_cell_key(const struct timer *timer)
{
    return (struct cell_key){timer->node,
                             key_bytes(timer),
                             {timer->key->bytes + timer->key->key_len, timer->key->space_len}};
}

static bool before(const struct timer *left, const struct timer *right)
{
    if (left->time_ms != right->time_ms) return left->time_ms < right->time_ms;
    if (left->node != right->node) return left->node < right->node;
    int order = slice_compare(key_bytes(left), key_bytes(right));

    if (order != 0) return order < 0;
    return slice_compare(timer_cell_key(left).name_space, timer_cell_key(right).name_space) < 0;
}

void timers_deinit(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){0};
}

static void rise(struct timers *timers, uint32_t at, struct timer timer)
{
    while (at > 0 && before(&timer, &timers->heap[(at - 1) / 2])) {
        timers->heap[at] = timers->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    timers->heap[at] = timer;
}

static void sink(struct timers *timers, struct timer timer)
{
    uint32_t at = 0;

    for (;;) {
        uint32_t child = at * 2 + 1;

        if (child >= timers->count) break;
        if (child + 1 < timers->count && before(&timers->heap[child + 1], &timers->heap[child]))
            child++;
        if (!before(&timers->heap[child], &timer)) break;
        timers->heap[at] = timers->heap[child];
        at = child;
    }
    timers->heap[at] = timer;
}

static bool reserve(struct timers *timers)
{
    if (timers->count < timers->capacity) return true;
    uint32_t capacity = timers->capacity == 0 ? TIMERS_FIRST : timers->capacity * 2;
    struct timer *heap = realloc(timers->heap, capacity * sizeof(*heap));

    if (heap == NULL) return false;
    timers->heap = heap;
    timers->capacity = capacity;
    return true;
}

enum status timers_add(struct timers *timers, struct pool *pool, const struct cell_key *key,
                       int64_t time_ms)
{
    size_t len = key->key.len + key->name_space.len;

    if (len > UINT32_MAX || !reserve(timers)) return STATUS_LIMIT;
    struct timer_key *copy = pool_alloc(pool, sizeof(*copy) + len);

    if (copy == NULL) return STATUS_LIMIT;
    copy->key_len = (uint32_t)key->key.len;
    copy->space_len = (uint32_t)key->name_space.len;
    if (key->key.len > 0) memcpy(copy->bytes, key->key.data, key->key.len);
    if (key->name_space.len > 0)
        memcpy(copy->bytes + key->key.len, key->name_space.data, key->name_space.len);
    rise(timers, timers->count++, (struct timer){time_ms, copy, key->node});
    return STATUS_OK;
}

bool timers_take(struct timers *timers, int64_t until_ms, struct timer *timer)
{
    if (timers->count == 0 || timers->heap[0].time_ms > until_ms) return false;
    *timer = timers->heap[0];
    timers->count--;
    if (timers->count > 0) sink(timers, timers->heap[timers->count]);
    return true;
}

void timers_put_back(struct timers *timers, struct timer timer, int64_t time_ms)
{
    ASSERT(timers->count < timers->capacity); /* it was taken out just now */
    timer.time_ms = time_ms;
    rise(timers, timers->count++, timer);
}

void timer_release(struct pool *pool, struct timer timer)
{
    pool_free(pool, timer.key);
}
