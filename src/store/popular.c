/* popular.c - an open-addressing table of items with weights, at most half full. */
#include "store/popular.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"

enum {
    POPULAR_VERSION = 1,
    POPULAR_ITEMS_MIN = 2,
    RESCALE_HALF_LIVES = 500, /* weights up to 2^500: far from infinity */
};

struct item {
    uint8_t *id; /* NULL: free */
    size_t id_len;
    double weight;
};

struct popular {
    uint32_t items_max;
    uint32_t count;
    uint32_t slot_count; /* a power of two, >= 2 * items_max */
    double half_life_ms;
    bool started;
    int64_t landmark_ms; /* a view at that time weighs 1 */
    struct item *slots;
};

struct popular *popular_create(uint32_t items_max, int64_t half_life_ms)
{
    struct popular *popular = calloc(1, sizeof(*popular));

    ASSERT(items_max <= UINT32_MAX / 4);
    if (popular == NULL) return NULL;
    popular->items_max = items_max < POPULAR_ITEMS_MIN ? POPULAR_ITEMS_MIN : items_max;
    popular->half_life_ms = half_life_ms > 0 ? (double)half_life_ms : 1;
    popular->slot_count = POPULAR_ITEMS_MIN;
    while (popular->slot_count < 2 * popular->items_max)
        popular->slot_count *= 2;
    popular->slots = calloc(popular->slot_count, sizeof(struct item));
    if (popular->slots != NULL) return popular;
    free(popular);
    return NULL;
}

static void popular_clear(struct popular *popular)
{
    for (uint32_t i = 0; i < popular->slot_count; i++) {
        free(popular->slots[i].id);
        popular->slots[i] = (struct item){0};
    }
    popular->count = 0;
}

void popular_destroy(struct popular *popular)
{
    if (popular == NULL) return;
    popular_clear(popular);
    free(popular->slots);
    free(popular);
}

static struct item *slot_find(const struct popular *popular, struct slice id)
{
    uint32_t at = (uint32_t)hash_bytes(id, 0) & (popular->slot_count - 1);

    for (;;) {
        struct item *item = &popular->slots[at];

        if (item->id == NULL || slice_equal((struct slice){item->id, item->id_len}, id))
            return item;
        at = (at + 1) & (popular->slot_count - 1);
    }
}

/* Heavier first; equal weights by id, so that the order is the same on every run. */
static int by_weight(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;

    if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
    return slice_compare((struct slice){a->id, a->id_len}, (struct slice){b->id, b->id_len});
}

/* Keeps the heavier half. */
static enum status popular_halve(struct popular *popular)
{
    struct item *items = calloc((size_t)popular->count + 1, sizeof(*items));
    uint32_t count = 0;

    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < popular->slot_count; i++) {
        if (popular->slots[i].id != NULL) items[count++] = popular->slots[i];
        popular->slots[i] = (struct item){0};
    }
    ASSERT(count == popular->count);
    qsort(items, count, sizeof(*items), by_weight);
    popular->count = count / 2;
    for (uint32_t i = 0; i < count; i++) {
        if (i < popular->count) {
            *slot_find(popular, (struct slice){items[i].id, items[i].id_len}) = items[i];
        } else {
            free(items[i].id);
        }
    }
    free(items);
    return STATUS_OK;
}

static enum status item_add(struct popular *popular, struct slice id, double weight)
{
    struct item *item = slot_find(popular, id);

    if (item->id == NULL) {
        if (popular->count == popular->items_max) {
            enum status status = popular_halve(popular);

            if (status != STATUS_OK) return status;
            item = slot_find(popular, id);
        }
        uint8_t *copy = malloc(id.len);
        if (copy == NULL) return STATUS_LIMIT;
        memcpy(copy, id.data, id.len);
        *item = (struct item){copy, id.len, 0};
        popular->count++;
    }
    item->weight += weight;
    return STATUS_OK;
}

/* Half lives from the landmark to a time; far away is far enough. */
static double half_lives(const struct popular *popular, int64_t time_ms)
{
    return ((double)time_ms - (double)popular->landmark_ms) / popular->half_life_ms;
}

static void popular_rescale(struct popular *popular, int64_t landmark_ms)
{
    double factor = exp2(-half_lives(popular, landmark_ms));

    for (uint32_t i = 0; i < popular->slot_count; i++)
        popular->slots[i].weight *= factor;
    popular->landmark_ms = landmark_ms;
}

enum status popular_add(struct popular *popular, struct slice item, int64_t time_ms)
{
    if (item.len == 0 || item.len > POPULAR_ITEM_BYTES_MAX) return STATUS_OK;
    if (!popular->started) {
        popular->started = true;
        popular->landmark_ms = time_ms;
    }
    if (half_lives(popular, time_ms) > RESCALE_HALF_LIVES) popular_rescale(popular, time_ms);
    return item_add(popular, item, exp2(half_lives(popular, time_ms)));
}

/* Puts one item into the sorted best so far; returns how many there are. */
static uint32_t best_insert(struct item *best, uint32_t count, uint32_t capacity,
                            const struct item *item)
{
    uint32_t at = count;

    while (at > 0 && by_weight(item, &best[at - 1]) < 0)
        at--;
    if (at == capacity) return count;
    if (count < capacity) count++;
    memmove(&best[at + 1], &best[at], (count - 1 - at) * sizeof(*best));
    best[at] = *item;
    return count;
}

uint32_t popular_best(const struct popular *popular, int64_t now_ms, struct arena *arena,
                      struct candidate *items, uint32_t capacity)
{
    struct item *best = capacity == 0 ? NULL : arena_alloc(arena, capacity, sizeof(*best));
    double factor = exp2(-half_lives(popular, now_ms));
    uint32_t count = 0;

    if (best == NULL) return 0;
    for (uint32_t i = 0; i < popular->slot_count; i++) {
        if (popular->slots[i].id != NULL)
            count = best_insert(best, count, capacity, &popular->slots[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct slice id = {best[i].id, best[i].id_len};

        items[i] = (struct candidate){.score = (float)(best[i].weight * factor)};
        if (arena_copy(arena, id, &items[i].item) != STATUS_OK) return i;
    }
    return count;
}

/* --- stored form --------------------------------------------------------------------------------- */

void popular_write(const struct popular *popular, struct buffer *out)
{
    buffer_append_byte(out, POPULAR_VERSION);
    buffer_append_le64(out, (uint64_t)popular->landmark_ms);
    buffer_append_le32(out, popular->count);
    for (uint32_t i = 0; i < popular->slot_count; i++) {
        const struct item *item = &popular->slots[i];
        uint64_t bits;

        if (item->id == NULL) continue;
        memcpy(&bits, &item->weight, sizeof(bits));
        buffer_append_sized(out, (struct slice){item->id, item->id_len});
        buffer_append_le64(out, bits);
    }
}

enum status popular_read(struct popular *popular, struct slice bytes)
{
    struct byte_reader reader = byte_reader(bytes);

    if (read_u8(&reader) != POPULAR_VERSION) return STATUS_CORRUPT;
    popular_clear(popular);
    popular->landmark_ms = (int64_t)read_le64(&reader);
    uint32_t count = read_le32(&reader);
    popular->started = count > 0;
    for (uint32_t i = 0; i < count && !reader.bad; i++) {
        struct slice id = read_sized(&reader);
        uint64_t bits = read_le64(&reader);
        double weight;

        memcpy(&weight, &bits, sizeof(weight));
        if (reader.bad || id.len == 0 || !(weight >= 0) || isinf(weight)) return STATUS_CORRUPT;
        enum status status = item_add(popular, id, weight);
        if (status != STATUS_OK) return status;
    }
    return reader.bad || reader.next != reader.end ? STATUS_CORRUPT : STATUS_OK;
}
