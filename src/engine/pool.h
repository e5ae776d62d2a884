/* pool.h - memory of keyed state: blocks that live longer than a batch and are given back one by one.
 *
 * Sizes are rounded to two classes a doubling; free blocks of a class wait in a list, so that an
 * engine whose state no longer grows asks the system allocator for nothing.
 */
#pragma once
#include "base/base.h"

enum { POOL_CHUNK_BYTES = 256 * 1024, POOL_CLASSES = 64 };

struct pool_block;
struct pool_chunk;

struct pool {
    uint8_t *next; /* fresh bytes of the newest chunk */
    uint8_t *end;
    struct pool_chunk *chunks;
    struct pool_block *free[POOL_CLASSES];
    size_t bytes_held;
};

void pool_init(struct pool *pool);
void pool_deinit(struct pool *pool);

/* At least `bytes` uninitialised bytes, aligned to 8; NULL when memory is out. */
void *pool_alloc(struct pool *pool, size_t bytes);
void pool_free(struct pool *pool, void *block); /* NULL is fine */

/* How many bytes a block really has. */
size_t pool_capacity(const void *block);

/* A block of at least `bytes` with the old content; the old block is given back if it moved.
 * NULL: memory is out, the old block stays. */
void *pool_grow(struct pool *pool, void *block, size_t bytes);
