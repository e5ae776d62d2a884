/* calls.c - a pool in chunks that never move, an index, lanes as circular lists, a binary heap. */
#include "deliver/calls.h"

#include <stdlib.h>

enum { CHUNK_CALLS = 1024 };

void calls_deinit(struct calls *calls)
{
    for (uint32_t i = 1; i <= calls->used; i++)
        free(calls_at(calls, i)->error);
    for (uint32_t i = 0; i < calls->chunk_count; i++)
        free(calls->chunks[i]);
    free(calls->chunks);
    free(calls->heap);
    table_deinit(&calls->names);
    table_deinit(&calls->lanes);
    *calls = (struct calls){0};
}

struct call *calls_at(const struct calls *calls, uint32_t number)
{
    ASSERT(number >= 1 && number <= calls->used);
    return &calls->chunks[(number - 1) / CHUNK_CALLS][(number - 1) % CHUNK_CALLS];
}

/* --- room ------------------------------------------------------------------------------------------ */

static enum status chunks_reserve(struct calls *calls, uint32_t count)
{
    uint32_t needed = count / CHUNK_CALLS + 1;

    if (needed <= calls->chunk_count) return STATUS_OK;
    struct call **chunks = realloc(calls->chunks, needed * sizeof(struct call *));
    if (chunks == NULL) return STATUS_LIMIT;
    calls->chunks = chunks;
    while (calls->chunk_count < needed) {
        struct call *chunk = calloc(CHUNK_CALLS, sizeof(*chunk));

        if (chunk == NULL) return STATUS_LIMIT;
        calls->chunks[calls->chunk_count++] = chunk;
    }
    return STATUS_OK;
}

static enum status heap_reserve(struct calls *calls, uint32_t count)
{
    if (count <= calls->heap_capacity) return STATUS_OK;
    uint32_t capacity = calls->heap_capacity < CHUNK_CALLS ? CHUNK_CALLS : calls->heap_capacity;
    while (capacity < count)
        capacity *= 2;
    uint32_t *heap = realloc(calls->heap, capacity * sizeof(*heap));
    if (heap == NULL) return STATUS_LIMIT;
    calls->heap = heap;
    calls->heap_capacity = capacity;
    return STATUS_OK;
}

enum status calls_reserve(struct calls *calls, uint32_t extra)
{
    uint32_t count;

    if (__builtin_add_overflow(calls->count, extra, &count) || count > INT32_MAX)
        return STATUS_LIMIT;
    enum status status = chunks_reserve(calls, count);
    if (status == STATUS_OK) status = heap_reserve(calls, count);
    if (status == STATUS_OK) status = table_reserve(&calls->names, count);
    return status == STATUS_OK ? table_reserve(&calls->lanes, count) : status;
}

/* --- who ------------------------------------------------------------------------------------------- */

static bool same(const struct call *call, uint32_t scenario, const struct identity *identity)
{
    const struct identity *other = &call->identity;

    return call->scenario == scenario && other->topic_id == identity->topic_id &&
           other->partition == identity->partition && other->offset == identity->offset &&
           other->path_len == identity->path_len &&
           memcmp(other->path, identity->path, identity->path_len) == 0;
}

uint32_t calls_find(const struct calls *calls, uint64_t name, uint32_t scenario,
                    const struct identity *identity)
{
    uint32_t at = table_get(&calls->names, name);

    while (at != 0 && !same(calls_at(calls, at), scenario, identity))
        at = calls_at(calls, at)->names_next;
    return at;
}

static void name_add(struct calls *calls, uint32_t number)
{
    struct call *call = calls_at(calls, number);

    call->names_next = table_get(&calls->names, call->name);
    table_put(&calls->names, call->name, number);
}

static void name_remove(struct calls *calls, uint32_t number)
{
    const struct call *call = calls_at(calls, number);
    uint32_t at = table_get(&calls->names, call->name);

    if (at == number) {
        if (call->names_next == 0) table_remove(&calls->names, call->name);
        if (call->names_next != 0) table_put(&calls->names, call->name, call->names_next);
        return;
    }
    while (calls_at(calls, at)->names_next != number)
        at = calls_at(calls, at)->names_next;
    calls_at(calls, at)->names_next = call->names_next;
}

/* --- lanes ----------------------------------------------------------------------------------------- */

/* Never before the first, which may be on its way. */
static bool lane_add(struct calls *calls, uint32_t number)
{
    struct call *call = calls_at(calls, number);
    uint32_t last = table_get(&calls->lanes, call->lane);

    if (last == 0) {
        call->lane_next = number;
        table_put(&calls->lanes, call->lane, number);
        return true;
    }
    uint32_t before = last;
    if (calls_at(calls, last)->sequence > call->sequence) {
        before = calls_at(calls, last)->lane_next;
        while (calls_at(calls, calls_at(calls, before)->lane_next)->sequence < call->sequence)
            before = calls_at(calls, before)->lane_next;
    }
    call->lane_next = calls_at(calls, before)->lane_next;
    calls_at(calls, before)->lane_next = number;
    if (before == last) table_put(&calls->lanes, call->lane, number);
    return false;
}

static uint32_t lane_remove(struct calls *calls, uint32_t number)
{
    const struct call *call = calls_at(calls, number);
    uint32_t last = table_get(&calls->lanes, call->lane);

    ASSERT(last != 0 && calls_at(calls, last)->lane_next == number);
    if (last == number) {
        table_remove(&calls->lanes, call->lane);
        return 0;
    }
    calls_at(calls, last)->lane_next = call->lane_next;
    return call->lane_next;
}

/* --- in and out ------------------------------------------------------------------------------------ */

uint32_t calls_add(struct calls *calls, const struct call *call, bool *first)
{
    uint32_t number = calls->free;

    if (number != 0) {
        calls->free = calls_at(calls, number)->next;
    } else {
        ASSERT(calls->used < calls->chunk_count * CHUNK_CALLS);
        number = ++calls->used;
    }
    *calls_at(calls, number) = *call;
    calls_at(calls, number)->state = CALL_WAITING;
    calls->count++;
    name_add(calls, number);
    *first = call->lane == 0 || lane_add(calls, number);
    return number;
}

uint32_t calls_remove(struct calls *calls, uint32_t number)
{
    struct call *call = calls_at(calls, number);
    uint32_t next = call->lane != 0 ? lane_remove(calls, number) : 0;

    ASSERT(call->state != CALL_FREE && calls->count > 0);
    name_remove(calls, number);
    free(call->error);
    *call = (struct call){.next = calls->free};
    calls->free = number;
    calls->count--;
    return next;
}

/* --- retries --------------------------------------------------------------------------------------- */

static bool earlier(const struct calls *calls, uint32_t left, uint32_t right)
{
    return calls_at(calls, calls->heap[left])->due_ms < calls_at(calls, calls->heap[right])->due_ms;
}

static void heap_swap(struct calls *calls, uint32_t left, uint32_t right)
{
    uint32_t number = calls->heap[left];

    calls->heap[left] = calls->heap[right];
    calls->heap[right] = number;
}

void retry_push(struct calls *calls, uint32_t number)
{
    uint32_t at = calls->heap_count++;

    ASSERT(at < calls->heap_capacity);
    calls->heap[at] = number;
    while (at > 0 && earlier(calls, at, (at - 1) / 2)) {
        heap_swap(calls, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

uint32_t retry_first(const struct calls *calls)
{
    return calls->heap_count > 0 ? calls->heap[0] : 0;
}

void retry_pop(struct calls *calls)
{
    uint32_t at = 0;

    ASSERT(calls->heap_count > 0);
    calls->heap[0] = calls->heap[--calls->heap_count];
    for (;;) {
        uint32_t least = at;

        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < calls->heap_count;
             child++) {
            if (earlier(calls, child, least)) least = child;
        }
        if (least == at) return;
        heap_swap(calls, at, least);
        at = least;
    }
}
