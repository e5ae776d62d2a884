/* sums.c - open addressing from items to places; everything else lies by place, dense. */
#include "model/retrieve/sums.h"

enum status sums_init(struct sums *sums, uint32_t capacity, struct arena *arena)
{
    uint32_t slots = 16;

    while (slots < 2 * (size_t)capacity)
        slots *= 2;
    *sums = (struct sums){
        .slots = arena_zalloc(arena, slots, sizeof(*sums->slots)),
        .slot_mask = slots - 1,
        .items = arena_alloc(arena, capacity, sizeof(*sums->items)),
        .parts = arena_alloc(arena, capacity, sizeof(*sums->parts)),
        .totals = arena_alloc(arena, capacity, sizeof(*sums->totals)),
        .touched = arena_alloc(arena, capacity, sizeof(*sums->touched)),
        .capacity = capacity,
    };
    return sums->slots != NULL && sums->items != NULL && sums->parts != NULL &&
                   sums->totals != NULL && sums->touched != NULL
               ? STATUS_OK
               : STATUS_LIMIT;
}

/* The slot of an item, or the free one it would take. */
static uint32_t *slot_of(const struct sums *sums, uint32_t item)
{
    uint32_t slot = (uint32_t)(item * UINT64_C(0x9E3779B97F4A7C15) >> 32) & sums->slot_mask;

    while (sums->slots[slot] != 0 && sums->items[sums->slots[slot] - 1] != item)
        slot = (slot + 1) & sums->slot_mask;
    return &sums->slots[slot];
}

void sums_add(struct sums *sums, uint32_t item, double amount)
{
    uint32_t *slot = slot_of(sums, item);

    if (*slot == 0) {
        if (sums->count == sums->capacity) return;
        sums->items[sums->count] = item;
        sums->parts[sums->count] = 0.0;
        sums->totals[sums->count] = 0.0;
        *slot = ++sums->count;
    }
    uint32_t place = *slot - 1;
    if (!(sums->parts[place] > 0.0)) sums->touched[sums->touched_count++] = place;
    sums->parts[place] += amount;
}

void sums_remove(struct sums *sums, uint32_t item)
{
    uint32_t *slot = slot_of(sums, item);

    if (*slot == 0 || !(sums->parts[*slot - 1] > 0.0)) return;
    for (uint32_t i = 0; i < sums->touched_count; i++) {
        if (sums->touched[i] != *slot - 1) continue;
        sums->touched[i] = sums->touched[--sums->touched_count];
        break;
    }
    sums->parts[*slot - 1] = 0.0;
}

uint32_t sums_part_best(const struct sums *sums, uint32_t wanted, struct ranked *out)
{
    struct best best = {.heap = out, .wanted = wanted};

    for (uint32_t i = 0; i < sums->touched_count; i++) {
        uint32_t place = sums->touched[i];

        best_add(&best, sums->parts[place], sums->items[place]);
    }
    return best_sort(&best);
}

double sums_fold(struct sums *sums, double weight)
{
    double largest = 0.0;

    for (uint32_t i = 0; i < sums->touched_count; i++) {
        double part = sums->parts[sums->touched[i]];

        if (part > largest) largest = part;
    }
    for (uint32_t i = 0; i < sums->touched_count; i++) {
        uint32_t place = sums->touched[i];

        if (largest > 0.0) sums->totals[place] += weight * sums->parts[place] / largest;
        sums->parts[place] = 0.0;
    }
    sums->touched_count = 0;
    return largest;
}

double sums_total(const struct sums *sums, uint32_t item)
{
    uint32_t slot = *slot_of(sums, item);

    return slot == 0 ? 0.0 : sums->totals[slot - 1];
}

uint32_t sums_best(const struct sums *sums, uint32_t wanted, struct ranked *out)
{
    struct best best = {.heap = out, .wanted = wanted};

    for (uint32_t i = 0; i < sums->count; i++) {
        if (sums->totals[i] > 0.0) best_add(&best, sums->totals[i], sums->items[i]);
    }
    return best_sort(&best);
}
