/* table.h - 64-bit hashes to numbers above 0; open addressing. Keys are seeded hashes of ours, so they
 * are used as they are. */
#pragma once
#include "base/base.h"

struct table_slot {
    uint64_t key;
    uint32_t value; /* 0: free */
};

struct table {
    struct table_slot *slots;
    uint32_t capacity; /* a power of two, 0 at first */
    uint32_t count;
};

void table_deinit(struct table *table);

/* Makes room so that `count` entries fit without allocation. fails  LIMIT: memory */
enum status table_reserve(struct table *table, uint32_t count) MUST_USE;

/* 0: nothing under that key. */
uint32_t table_get(const struct table *table, uint64_t key);
void table_put(struct table *table, uint64_t key, uint32_t value); /* room is there; value > 0 */
void table_remove(struct table *table, uint64_t key);
