/* arena.c - chunked arenas. A chunk's header lies in front of its bytes. */
#include "base/arena.h"

#include <stdlib.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* bytes after the header */
};

_Static_assert(sizeof(struct arena_chunk) % ARENA_ALIGNMENT == 0, "chunk bytes keep alignment");

static uint8_t *chunk_bytes(struct arena_chunk *chunk)
{
    return (uint8_t *)(chunk + 1);
}

static void chunk_use(struct arena *arena, struct arena_chunk *chunk)
{
    arena->current = chunk;
    arena->next = chunk_bytes(chunk);
    arena->end = arena->next + chunk->size;
}

void arena_init(struct arena *arena, size_t bytes_max)
{
    ASSERT(bytes_max > 0);
    *arena = (struct arena){.bytes_max = bytes_max};
}

void arena_deinit(struct arena *arena)
{
    struct arena_chunk *chunk = arena->first;

    while (chunk != NULL) {
        struct arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    *arena = (struct arena){.bytes_max = arena->bytes_max};
}

void arena_reset(struct arena *arena)
{
    if (arena->first != NULL) chunk_use(arena, arena->first);
}

size_t arena_used(const struct arena *arena)
{
    size_t used = 0;

    for (struct arena_chunk *chunk = arena->first; chunk != NULL; chunk = chunk->next) {
        if (chunk == arena->current) return used + (size_t)(arena->next - chunk_bytes(chunk));
        used += chunk->size;
    }
    return used;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->current, arena->next};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    if (mark.chunk == NULL) {
        arena_reset(arena);
        return;
    }
    chunk_use(arena, mark.chunk);
    ASSERT(mark.next >= arena->next && mark.next <= arena->end);
    arena->next = mark.next;
}

/* Gives back the chunks that are free: calls of growing size would else fill the arena with chunks that
 * are too small for the next. */
static void chunks_drop(struct arena *arena)
{
    struct arena_chunk **free_chunks =
        arena->current == NULL ? &arena->first : &arena->current->next;

    while (*free_chunks != NULL) {
        struct arena_chunk *chunk = *free_chunks;

        *free_chunks = chunk->next;
        arena->bytes_held -= chunk->size;
        free(chunk);
    }
}

/* Inserts a fresh chunk of at least `bytes` behind the current one. */
static struct arena_chunk *chunk_add(struct arena *arena, size_t bytes)
{
    if (bytes > arena->bytes_max - arena->bytes_held) chunks_drop(arena);
    size_t room = arena->bytes_max - arena->bytes_held;
    size_t size = bytes > ARENA_CHUNK_BYTES ? bytes : ARENA_CHUNK_BYTES;

    if (size > room) size = room & ~((size_t)ARENA_ALIGNMENT - 1);
    if (size < bytes) return NULL;
    struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (chunk == NULL) return NULL;
    chunk->size = size;
    arena->bytes_held += size;
    if (arena->current == NULL) {
        chunk->next = arena->first;
        arena->first = chunk;
    } else {
        chunk->next = arena->current->next;
        arena->current->next = chunk;
    }
    return chunk;
}

void *arena_alloc_slow(struct arena *arena, size_t bytes)
{
    struct arena_chunk *chunk = arena->current == NULL ? arena->first : arena->current->next;

    if (chunk == NULL || chunk->size < bytes) chunk = chunk_add(arena, bytes);
    if (chunk == NULL) return NULL;
    chunk_use(arena, chunk);
    arena->next += bytes;
    ASSERT(arena->next <= arena->end);
    return chunk_bytes(chunk);
}

void *arena_zalloc(struct arena *arena, size_t count, size_t size)
{
    void *memory = arena_alloc(arena, count, size);

    return memory == NULL ? NULL : memset(memory, 0, count * size);
}

enum status arena_copy(struct arena *arena, struct slice bytes, struct slice *copy)
{
    uint8_t *memory = arena_alloc(arena, bytes.len, 1);

    if (memory == NULL) return STATUS_LIMIT;
    if (bytes.len > 0) memcpy(memory, bytes.data, bytes.len);
    *copy = (struct slice){memory, bytes.len};
    return STATUS_OK;
}
