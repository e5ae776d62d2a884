/* pool.c - size classes 32, 48, 64, 96, 128, 192 ...: 8 bytes of each block say which it is. */
#include "engine/pool.h"

#include <stdlib.h>

enum { POOL_HEADER_BYTES = 8, POOL_SMALLEST_BITS = 5 };

struct pool_block {
    struct pool_block *next;
};

struct pool_chunk {
    struct pool_chunk *next;
};

static uint32_t class_of(size_t bytes)
{
    size_t whole = bytes + POOL_HEADER_BYTES;
    uint32_t bits = POOL_SMALLEST_BITS;

    if (whole <= (size_t)1 << POOL_SMALLEST_BITS) return 0;
    bits = 63U - (uint32_t)__builtin_clzll(whole - 1); /* 2^bits < whole <= 2^(bits + 1) */
    uint32_t below = (bits - POOL_SMALLEST_BITS) * 2;

    return whole <= (size_t)3 << (bits - 1) ? below + 1 : below + 2;
}

static size_t class_bytes(uint32_t class)
{
    uint32_t bits = class / 2 + POOL_SMALLEST_BITS;

    return class % 2 == 0 ? (size_t)1 << bits : (size_t)3 << (bits - 1);
}

void pool_init(struct pool *pool)
{
    *pool = (struct pool){0};
}

void pool_deinit(struct pool *pool)
{
    while (pool->chunks != NULL) {
        struct pool_chunk *next = pool->chunks->next;

        free(pool->chunks);
        pool->chunks = next;
    }
    pool_init(pool);
}

static uint8_t *chunk_add(struct pool *pool, size_t bytes)
{
    struct pool_chunk *chunk = malloc(sizeof(*chunk) + bytes);

    if (chunk == NULL) return NULL;
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    pool->bytes_held += bytes;
    return (uint8_t *)(chunk + 1);
}

/* Fresh bytes: from the newest chunk, or a chunk of its own if the block is large. What is left of
 * the old chunk is given up: at most an eighth. */
static uint8_t *fresh(struct pool *pool, size_t bytes)
{
    if (bytes > POOL_CHUNK_BYTES / 8) return chunk_add(pool, bytes);
    if ((size_t)(pool->end - pool->next) < bytes) {
        uint8_t *chunk = chunk_add(pool, POOL_CHUNK_BYTES);

        if (chunk == NULL) return NULL;
        pool->next = chunk;
        pool->end = chunk + POOL_CHUNK_BYTES;
    }
    uint8_t *memory = pool->next;

    pool->next += bytes;
    return memory;
}

void *pool_alloc(struct pool *pool, size_t bytes)
{
    if (bytes > SIZE_MAX / 4) return NULL;
    uint32_t class = class_of(bytes);

    ASSERT(class < POOL_CLASSES * 2);
    if (class >= POOL_CLASSES) return NULL;
    struct pool_block *block = pool->free[class];

    if (block != NULL) {
        pool->free[class] = block->next;
        return block;
    }
    uint8_t *memory = fresh(pool, class_bytes(class));

    if (memory == NULL) return NULL;
    memcpy(memory, &class, sizeof(class));
    return memory + POOL_HEADER_BYTES;
}

static uint32_t class_read(const void *block)
{
    uint32_t class;

    memcpy(&class, (const uint8_t *)block - POOL_HEADER_BYTES, sizeof(class));
    ASSERT(class < POOL_CLASSES);
    return class;
}

void pool_free(struct pool *pool, void *block)
{
    if (block == NULL) return;
    uint32_t class = class_read(block);
    struct pool_block *given = block;

    given->next = pool->free[class];
    pool->free[class] = given;
}

size_t pool_capacity(const void *block)
{
    return class_bytes(class_read(block)) - POOL_HEADER_BYTES;
}

void *pool_grow(struct pool *pool, void *block, size_t bytes)
{
    if (block != NULL && pool_capacity(block) >= bytes) return block;
    void *larger = pool_alloc(pool, bytes);

    if (larger == NULL || block == NULL) return larger;
    memcpy(larger, block, pool_capacity(block));
    pool_free(pool, block);
    return larger;
}
