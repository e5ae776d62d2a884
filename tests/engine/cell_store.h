/* cell_store.h - a store of cells and timers, in memory. */
#pragma once
#include "engine/engine.h"
#include "test.h"

struct stored {
    struct cell_key key;
    uint64_t hash;
    uint8_t *bytes;
    size_t len;
    int64_t time_ms; /* timers */
};

struct store {
    struct stored *cells;
    uint32_t cell_count;
    struct stored *timers;
    uint32_t timer_count;
};

enum { STORE_MAX = 4096 };

static inline struct slice keep(struct slice bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);

    assert_non_null(copy);
    if (bytes.len > 0) memcpy(copy, bytes.data, bytes.len);
    return (struct slice){copy, bytes.len};
}

static inline bool same_key(const struct cell_key *left, const struct cell_key *right)
{
    return left->node == right->node && slice_equal(left->key, right->key) &&
           slice_equal(left->name_space, right->name_space);
}

static inline struct stored *store_find(struct store *store, const struct cell_key *key)
{
    for (uint32_t i = 0; i < store->cell_count; i++) {
        if (same_key(&store->cells[i].key, key)) return &store->cells[i];
    }
    return NULL;
}

static inline struct cell_key keep_key(const struct cell_key *key)
{
    return (struct cell_key){key->node, keep(key->key), keep(key->name_space)};
}

static inline enum status store_write(void *context, const struct cell_key *key, struct slice bytes)
{
    struct store *store = context;
    struct stored *stored = store_find(store, key);

    if (stored == NULL) {
        assert_true(store->cell_count < STORE_MAX);
        stored = &store->cells[store->cell_count++];
        stored->key = keep_key(key);
    } else {
        free(stored->bytes);
    }
    struct slice copy = keep(bytes);

    stored->bytes = (uint8_t *)(uintptr_t)copy.data;
    stored->len = copy.len;
    return STATUS_OK;
}

static inline enum status store_write_timer(void *context, const struct cell_key *key,
                                            int64_t time_ms, bool removed)
{
    struct store *store = context;

    if (!removed) {
        assert_true(store->timer_count < STORE_MAX);
        store->timers[store->timer_count++] =
            (struct stored){.key = keep_key(key), .time_ms = time_ms};
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < store->timer_count; i++) {
        struct stored *timer = &store->timers[i];

        if (timer->time_ms != time_ms || !same_key(&timer->key, key)) continue;
        free((void *)(uintptr_t)timer->key.key.data);
        free((void *)(uintptr_t)timer->key.name_space.data);
        *timer = store->timers[--store->timer_count];
        return STATUS_OK;
    }
    fail_msg("a timer is removed that was never stored");
    return STATUS_OK;
}

static inline enum status store_load(void *context, const struct cell_key *key, struct arena *arena,
                                     struct slice *bytes)
{
    struct stored *stored = store_find(context, key);

    *bytes = (struct slice){0};
    if (stored == NULL || stored->len == 0) return STATUS_OK;
    return arena_copy(arena, (struct slice){stored->bytes, stored->len}, bytes);
}

static inline void store_init(struct store *store)
{
    *store = (struct store){.cells = calloc(STORE_MAX, sizeof(struct stored)),
                            .timers = calloc(STORE_MAX, sizeof(struct stored))};
}

static inline void store_deinit(struct store *store)
{
    for (uint32_t i = 0; i < store->cell_count; i++) {
        free((void *)(uintptr_t)store->cells[i].key.key.data);
        free((void *)(uintptr_t)store->cells[i].key.name_space.data);
        free(store->cells[i].bytes);
    }
    for (uint32_t i = 0; i < store->timer_count; i++) {
        free((void *)(uintptr_t)store->timers[i].key.key.data);
        free((void *)(uintptr_t)store->timers[i].key.name_space.data);
    }
    free(store->cells);
    free(store->timers);
}
