/* arena.h - memory with a named lifetime.
 *
 * An arena hands out bytes that all end together: at arena_reset() (call, batch) or
 * arena_deinit() (plan, process). It grows by chunks up to a declared maximum and keeps its chunks
 * over a reset, so that a warmed-up data path asks the system allocator for nothing; free ones are given
 * back only where they leave no room for a larger one.
 */
#pragma once
#include "base/base.h"

enum { ARENA_ALIGNMENT = 16, ARENA_CHUNK_BYTES = 64 * 1024 };

struct arena_chunk;

/* Fields are private to arena.c, but for the inline fast path. */
struct arena {
    uint8_t *next;               /* first free byte of the current chunk */
    uint8_t *end;                /* one past the current chunk */
    struct arena_chunk *first;   /* chunks in the order of use */
    struct arena_chunk *current; /* chunks after it are free */
    size_t bytes_held;           /* sum of chunk sizes; never above bytes_max */
    size_t bytes_max;
};

/* Prepares an empty arena; allocates nothing yet. bytes_max bounds what it may ever hold. */
void arena_init(struct arena *arena, size_t bytes_max);
void arena_deinit(struct arena *arena);

/* Ends the life of everything allocated; keeps the chunks. */
void arena_reset(struct arena *arena);

/* Bytes handed out since the last reset, rounding included. */
size_t arena_used(const struct arena *arena);

/* A mark and the return to it: what was allocated in between ends. */
struct arena_mark {
    struct arena_chunk *chunk;
    uint8_t *next;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

void *arena_alloc_slow(struct arena *arena, size_t bytes);

/* count * size uninitialised bytes aligned to 16, or NULL when bytes_max (or memory) is reached.
 * lives    until the next arena_reset, or a rewind to before it */
static inline void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    if (bytes == 0) bytes = 1; /* nothing is not "no memory" */
    if (__builtin_add_overflow(bytes, (size_t)ARENA_ALIGNMENT - 1, &bytes)) return NULL;
    bytes &= ~((size_t)ARENA_ALIGNMENT - 1);
    if (bytes > (size_t)(arena->end - arena->next)) return arena_alloc_slow(arena, bytes);

    void *memory = arena->next;
    arena->next += bytes;
    return memory;
}

/* The same, zeroed. */
void *arena_zalloc(struct arena *arena, size_t count, size_t size);

/* A copy of the bytes in the arena. fails  LIMIT when the arena is full */
enum status arena_copy(struct arena *arena, struct slice bytes, struct slice *copy) MUST_USE;
