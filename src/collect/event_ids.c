/* event_ids.c - the set of event ids: one probe chain and one key comparison per event. */
#include "collect/event_ids.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/hash.h"

enum status event_ids_init(struct event_ids *ids, uint32_t capacity, uint64_t seed)
{
    uint32_t table_size = 16;

    *ids = (struct event_ids){.capacity = capacity, .seed = seed};
    if (capacity == 0) return STATUS_OK;
    ASSERT(capacity <= 1U << 30U);
    while (table_size < 2 * capacity)
        table_size *= 2;
    ids->table_mask = table_size - 1;
    ids->ring = calloc(capacity, sizeof(*ids->ring)); /* calloc: pages are only touched when used */
    ids->table = calloc(table_size, sizeof(*ids->table));
    if (ids->ring != NULL && ids->table != NULL) return STATUS_OK;
    event_ids_deinit(ids);
    return STATUS_LIMIT;
}

void event_ids_deinit(struct event_ids *ids)
{
    free(ids->ring);
    free(ids->table);
    *ids = (struct event_ids){0};
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

static bool read_uuid(struct slice text, struct event_id_key *key)
{
    uint64_t words[2] = {0, 0};
    uint32_t digits = 0;

    if (text.len != 36) return false;
    for (size_t i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text.data[i] != '-') return false;
            continue;
        }
        int digit = hex_digit(text.data[i]);
        if (digit < 0) return false;
        words[digits / 16] = words[digits / 16] << 4U | (uint64_t)digit;
        digits++;
    }
    *key = (struct event_id_key){words[0], words[1]};
    return true;
}

static struct event_id_key key_of(const struct event_ids *ids, struct slice text)
{
    struct event_id_key key;

    if (!read_uuid(text, &key)) {
        key.high = hash_bytes(text, ids->seed);
        key.low = hash_bytes(text, ~ids->seed);
    }
    return key;
}

/* Seeded, because the ids come from anyone. */
static uint32_t home_of(const struct event_ids *ids, struct event_id_key key)
{
    uint8_t bytes[16];

    put_le64(bytes, key.high);
    put_le64(bytes + 8, key.low);
    return (uint32_t)hash_bytes((struct slice){bytes, sizeof(bytes)}, ids->seed) & ids->table_mask;
}

static bool key_equal(struct event_id_key left, struct event_id_key right)
{
    return left.high == right.high && left.low == right.low;
}

/* Index of the table cell that holds the key, or of the empty one where it would go. */
static uint32_t find_cell(const struct event_ids *ids, struct event_id_key key)
{
    uint32_t cell = home_of(ids, key);

    while (ids->table[cell] != 0 && !key_equal(ids->ring[ids->table[cell] - 1], key))
        cell = (cell + 1) & ids->table_mask;
    return cell;
}

/* Empties a cell and moves later ones of the chain back, so that no chain is ever broken. */
static void empty_cell(struct event_ids *ids, uint32_t hole)
{
    uint32_t cell = hole;

    for (;;) {
        cell = (cell + 1) & ids->table_mask;
        if (ids->table[cell] == 0) break;
        uint32_t home = home_of(ids, ids->ring[ids->table[cell] - 1]);
        if (((cell - home) & ids->table_mask) < ((cell - hole) & ids->table_mask)) continue;
        ids->table[hole] = ids->table[cell];
        hole = cell;
    }
    ids->table[hole] = 0;
}

/* The id in a slot leaves, if it is still the slot's: one forgotten may have come again elsewhere. */
static void forget_slot(struct event_ids *ids, uint32_t slot)
{
    uint32_t cell = find_cell(ids, ids->ring[slot]);

    if (ids->table[cell] == slot + 1) empty_cell(ids, cell);
}

bool event_ids_add(struct event_ids *ids, struct slice text, uint64_t *position)
{
    if (ids->capacity == 0) return true;
    struct event_id_key key = key_of(ids, text);
    uint32_t cell = find_cell(ids, key);
    uint32_t slot = (uint32_t)(ids->next % ids->capacity);

    if (ids->table[cell] != 0) {
        uint64_t back = (slot + ids->capacity - (ids->table[cell] - 1)) % ids->capacity;

        *position = ids->next - (back == 0 ? ids->capacity : back);
        return false;
    }
    if (ids->next >= ids->capacity) {
        forget_slot(ids, slot);
        cell = find_cell(ids, key); /* chains may have moved */
    }
    ids->ring[slot] = key;
    ids->table[cell] = slot + 1;
    *position = ids->next++;
    return true;
}

void event_ids_forget(struct event_ids *ids, uint64_t begin, uint64_t end)
{
    if (ids->capacity == 0) return;
    ASSERT(begin <= end && end <= ids->next);
    if (end - begin > ids->capacity) begin = end - ids->capacity;
    if (ids->next > ids->capacity && begin < ids->next - ids->capacity)
        begin = ids->next - ids->capacity;
    for (uint64_t position = begin; position < end; position++)
        forget_slot(ids, (uint32_t)(position % ids->capacity));
}
