/* table.c - linear probing at half load; a removal moves the followers back, no tombstones. */
#include "deliver/table.h"

#include <stdlib.h>

enum { TABLE_FIRST = 64 };

void table_deinit(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}

static uint32_t slot_of(const struct table *table, uint64_t key)
{
    uint32_t mask = table->capacity - 1;
    uint32_t at = (uint32_t)key & mask;

    while (table->slots[at].value != 0 && table->slots[at].key != key)
        at = (at + 1) & mask;
    return at;
}

enum status table_reserve(struct table *table, uint32_t count)
{
    uint32_t capacity = table->capacity == 0 ? TABLE_FIRST : table->capacity;

    while (capacity / 2 < count) {
        if (capacity > UINT32_MAX / 4) return STATUS_LIMIT;
        capacity *= 2;
    }
    if (capacity == table->capacity) return STATUS_OK;
    struct table larger = {calloc(capacity, sizeof(*larger.slots)), capacity, table->count};
    if (larger.slots == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].value != 0)
            larger.slots[slot_of(&larger, table->slots[i].key)] = table->slots[i];
    }
    free(table->slots);
    *table = larger;
    return STATUS_OK;
}

uint32_t table_get(const struct table *table, uint64_t key)
{
    return table->capacity == 0 ? 0 : table->slots[slot_of(table, key)].value;
}

void table_put(struct table *table, uint64_t key, uint32_t value)
{
    ASSERT(value > 0 && table->count < table->capacity / 2 + 1);
    struct table_slot *slot = &table->slots[slot_of(table, key)];

    if (slot->value == 0) table->count++;
    *slot = (struct table_slot){key, value};
}

void table_remove(struct table *table, uint64_t key)
{
    if (table->capacity == 0) return;
    uint32_t mask = table->capacity - 1;
    uint32_t hole = slot_of(table, key);
    if (table->slots[hole].value == 0) return;
    table->count--;
    for (uint32_t at = (hole + 1) & mask; table->slots[at].value != 0; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)table->slots[at].key & mask;

        if (((at - home) & mask) < ((at - hole) & mask)) continue; /* it sits behind its home */
        table->slots[hole] = table->slots[at];
        hole = at;
    }
    table->slots[hole].value = 0;
}
