/* event_ids.h - which events were seen lately: a set of the newest event ids, oldest evicted first.
 *
 *   ring    16-byte keys in order of arrival; position p lies in slot p mod capacity
 *   table   open addressing, slot + 1 (0: empty), twice as large as the ring
 *
 * Positions only grow, so a range of positions names what one batch has added: an id is in flight
 * while its position is not yet behind the last durable batch, and a failed batch takes its range
 * out again. A UUID is its 16 bytes whatever its case; any other text its seeded 128-bit hash.
 */
#pragma once
#include "base/base.h"

struct event_id_key {
    uint64_t high;
    uint64_t low;
};

struct event_ids {
    struct event_id_key *ring;
    uint32_t *table;
    uint32_t capacity;
    uint32_t table_mask;
    uint64_t next; /* position of the next id */
    uint64_t seed;
};

/* capacity 0: remembers nothing. fails  LIMIT: no memory */
enum status event_ids_init(struct event_ids *ids, uint32_t capacity, uint64_t seed) MUST_USE;
void event_ids_deinit(struct event_ids *ids);

/* Adds the id, evicting the oldest; false: it is there already, at *position. */
bool event_ids_add(struct event_ids *ids, struct slice text, uint64_t *position);

/* Forgets what was added from `begin` up to `end` (positions), as far as it is still there. */
void event_ids_forget(struct event_ids *ids, uint64_t begin, uint64_t end);
