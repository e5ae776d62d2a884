/* live.c - entries in a table by visitor and in a list by age; pages in a stack of free ones. */
#include "model/live.h"

#include <stdlib.h>

enum { NONE = UINT32_MAX, STEPS_EXPECTED = 8, ENTRIES_MAX = 1 << 24 };

struct entry {
    uint64_t visitor;
    uint32_t next; /* of its bucket, or of the free ones */
    uint32_t newer, older;
    struct slirec_history history; /* its len pages are filled */
    uint32_t page_count;
    uint32_t pages[SLIREC_STEPS_MAX];
};

struct live {
    size_t row_floats;
    float *rows;
    uint32_t page_count, pages_used; /* memory never used is never touched */
    uint32_t *free_pages;            /* of those used */
    uint32_t free_count;
    struct entry *entries;
    uint32_t *buckets; /* as many as entries */
    uint32_t entry_count, entries_used;
    uint32_t free_entries; /* of those used, by their `next` */
    uint32_t newest, oldest;
    struct live_counts counts;
};

static void list_remove(struct live *live, uint32_t index)
{
    struct entry *entry = &live->entries[index];

    if (entry->newer == NONE) live->newest = entry->older;
    if (entry->newer != NONE) live->entries[entry->newer].older = entry->older;
    if (entry->older == NONE) live->oldest = entry->newer;
    if (entry->older != NONE) live->entries[entry->older].newer = entry->newer;
}

static void list_add(struct live *live, uint32_t index)
{
    struct entry *entry = &live->entries[index];

    entry->newer = NONE;
    entry->older = live->newest;
    if (live->newest != NONE) live->entries[live->newest].newer = index;
    live->newest = index;
    if (live->oldest == NONE) live->oldest = index;
}

/* How many entries and pages the bytes hold; false: not one long history. */
static bool live_sizes(size_t row_bytes, size_t bytes_max, size_t *entries, size_t *pages)
{
    size_t entry_bytes = sizeof(struct entry) + sizeof(uint32_t);
    size_t page_bytes = row_bytes + sizeof(uint32_t);

    *entries = bytes_max / (entry_bytes + STEPS_EXPECTED * page_bytes) + 1;
    if (*entries > ENTRIES_MAX) *entries = ENTRIES_MAX;
    if (row_bytes == 0 || bytes_max < *entries * entry_bytes) return false;
    *pages = (bytes_max - *entries * entry_bytes) / page_bytes;
    if (*pages > UINT32_MAX / 2) *pages = UINT32_MAX / 2;
    return *pages >= SLIREC_STEPS_MAX;
}

struct live *live_create(size_t row_floats, size_t bytes_max)
{
    size_t row_bytes = row_floats * sizeof(float);
    size_t entries;
    size_t pages;

    if (!live_sizes(row_bytes, bytes_max, &entries, &pages)) return NULL;
    struct live *live = calloc(1, sizeof(*live));
    if (live == NULL) return NULL;
    *live = (struct live){
        .row_floats = row_floats,
        .rows = aligned_alloc(64, (pages * row_bytes + 63) / 64 * 64),
        .page_count = (uint32_t)pages,
        .free_pages = malloc(pages * sizeof(uint32_t)),
        .entries = calloc(entries, sizeof(struct entry)),
        .buckets = malloc(entries * sizeof(uint32_t)),
        .entry_count = (uint32_t)entries,
        .free_entries = NONE,
        .newest = NONE,
        .oldest = NONE,
    };
    if (live->rows == NULL || live->free_pages == NULL || live->entries == NULL ||
        live->buckets == NULL) {
        live_destroy(live);
        return NULL;
    }
    for (uint32_t i = 0; i < live->entry_count; i++)
        live->buckets[i] = NONE;
    return live;
}

void live_destroy(struct live *live)
{
    if (live == NULL) return;
    free(live->rows);
    free(live->free_pages);
    free(live->entries);
    free(live->buckets);
    free(live);
}

static uint32_t *bucket_of(struct live *live, uint64_t visitor)
{
    return &live->buckets[(visitor ^ visitor >> 32) % live->entry_count];
}

static void pages_release(struct live *live, struct entry *entry, uint32_t kept)
{
    while (entry->page_count > kept)
        live->free_pages[live->free_count++] = entry->pages[--entry->page_count];
    if (entry->history.len > kept) entry->history.len = kept;
}

/* The visitor seen longest ago gives up entry and pages. */
static void evict(struct live *live)
{
    uint32_t index = live->oldest;
    struct entry *entry = &live->entries[index];
    uint32_t *at = bucket_of(live, entry->visitor);

    while (*at != index)
        at = &live->entries[*at].next;
    *at = entry->next;
    pages_release(live, entry, 0);
    list_remove(live, index);
    entry->next = live->free_entries;
    live->free_entries = index;
}

static uint32_t entry_take(struct live *live)
{
    if (live->free_entries == NONE && live->entries_used < live->entry_count)
        return live->entries_used++;
    if (live->free_entries == NONE) evict(live);
    uint32_t index = live->free_entries;

    live->free_entries = live->entries[index].next;
    return index;
}

/* Evicts all but the newest if need be: the pages hold one long history. */
static uint32_t page_take(struct live *live)
{
    if (live->free_count == 0 && live->pages_used < live->page_count) return live->pages_used++;
    while (live->free_count == 0)
        evict(live);
    return live->free_pages[--live->free_count];
}

/* The visitor's entry, the newest from now on. */
static uint32_t entry_of(struct live *live, uint64_t visitor)
{
    uint32_t *bucket = bucket_of(live, visitor);
    uint32_t index = *bucket;

    while (index != NONE && live->entries[index].visitor != visitor)
        index = live->entries[index].next;
    if (index != NONE) {
        list_remove(live, index);
    } else {
        index = entry_take(live);
        live->entries[index].visitor = visitor;
        live->entries[index].next = *bucket;
        *bucket = index;
    }
    list_add(live, index);
    return index;
}

static bool same_bits(float left, float right)
{
    uint32_t bits[2];

    memcpy(&bits[0], &left, sizeof(left));
    memcpy(&bits[1], &right, sizeof(right));
    return bits[0] == bits[1];
}

/* Steps for which both say the same. */
static uint32_t common_steps(const struct slirec_history *kept, const struct slirec_history *now)
{
    uint32_t len = kept->len < now->len ? kept->len : now->len;
    uint32_t t = 0;

    while (t < len && kept->items[t] == now->items[t] && kept->cates[t] == now->cates[t] &&
           same_bits(kept->from_first[t], now->from_first[t]) &&
           same_bits(kept->to_now[t], now->to_now[t])) {
        t++;
    }
    return t;
}

void live_begin(struct live *live, uint64_t visitor, const struct slirec_history *history,
                struct live_visit *visit)
{
    uint32_t index = entry_of(live, visitor);
    struct entry *entry = &live->entries[index];

    visit->entry = index;
    visit->known = common_steps(&entry->history, history);
    pages_release(live, entry, visit->known);
    while (entry->page_count < history->len) {
        uint32_t page = page_take(live);

        entry->pages[entry->page_count++] = page;
    }
    for (uint32_t t = 0; t < history->len; t++)
        visit->rows[t] = live->rows + (size_t)entry->pages[t] * live->row_floats;
    live->counts.steps += history->len;
    live->counts.known += visit->known;
}

void live_keep(struct live *live, const struct live_visit *visit,
               const struct slirec_history *history)
{
    struct entry *entry = &live->entries[visit->entry];

    ASSERT(entry->page_count == history->len);
    entry->history = *history;
}

struct live_counts live_counts(const struct live *live)
{
    return live->counts;
}
