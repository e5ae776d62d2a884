/* cells.c - the table: pointers, linear probing, backward-shift deletion. */
#include "engine/cells.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/hash.h"

enum { SLOTS_FIRST = 1024, ARMED_BYTES = 8, ENCODED_BYTES_MAX = 256 * 1024 * 1024 };

static const struct cell_key *key_check(const struct cell_key *key)
{
    ASSERT(key->key.len <= CELL_KEY_BYTES_MAX);
    ASSERT(key->name_space.len <= CELL_KEY_BYTES_MAX);
    return key;
}

static uint64_t key_hash(const struct cell_key *key)
{
    return hash_bytes(key->name_space, hash_bytes(key->key, (uint64_t)key->node + 1));
}

struct cell_key cell_key_of(const struct cell *cell)
{
    return (struct cell_key){
        cell->node, {cell->key, cell->key_len}, {cell->key + cell->key_len, cell->space_len}};
}

static bool is_sliding(const struct cells *cells, uint32_t node)
{
    return cells->sliding[node].aggregate.aggregator != NULL;
}

enum status cells_init(struct cells *cells, const struct engine_host *host,
                       const struct sliding_plan *sliding, struct pool *pool, struct arena *scratch)
{
    *cells = (struct cells){.host = host, .sliding = sliding, .pool = pool, .scratch = scratch};
    buffer_init(&cells->encoded, ENCODED_BYTES_MAX);
    buffer_init(&cells->one, ENCODED_BYTES_MAX);
    cells->slots = calloc(SLOTS_FIRST, sizeof(struct cell_slot));
    if (cells->slots == NULL) return STATUS_LIMIT;
    cells->mask = SLOTS_FIRST - 1;
    return STATUS_OK;
}

void cells_deinit(struct cells *cells)
{
    free(cells->slots);
    buffer_deinit(&cells->encoded);
    buffer_deinit(&cells->one);
}

/* --- the table --------------------------------------------------------------------------------- */

static bool is_key(const struct cell *cell, const struct cell_key *key)
{
    struct cell_key own = cell_key_of(cell);

    return own.node == key->node && slice_equal(own.key, key->key) &&
           slice_equal(own.name_space, key->name_space);
}

static struct cell *find(const struct cells *cells, const struct cell_key *key, uint64_t hash)
{
    for (uint32_t slot = (uint32_t)hash & cells->mask; cells->slots[slot].cell != NULL;
         slot = (slot + 1) & cells->mask) {
        const struct cell_slot *at = &cells->slots[slot];

        if (at->hash == hash && is_key(at->cell, key)) return at->cell;
    }
    return NULL;
}

static void place(struct cell_slot *slots, uint32_t mask, struct cell_slot placed)
{
    uint32_t slot = (uint32_t)placed.hash & mask;

    while (slots[slot].cell != NULL)
        slot = (slot + 1) & mask;
    slots[slot] = placed;
}

static bool grow(struct cells *cells)
{
    uint32_t size = (cells->mask + 1) * 2;
    struct cell_slot *slots = size == 0 ? NULL : calloc(size, sizeof(*slots));

    if (slots == NULL) return false;
    for (uint32_t i = 0; i <= cells->mask; i++) {
        if (cells->slots[i].cell != NULL) place(slots, size - 1, cells->slots[i]);
    }
    free(cells->slots);
    cells->slots = slots;
    cells->mask = size - 1;
    return true;
}

/* Empties a slot; followers that would no longer be found move up. */
static void unplace(struct cells *cells, uint32_t slot)
{
    uint32_t mask = cells->mask;
    uint32_t next = (slot + 1) & mask;

    for (; cells->slots[next].cell != NULL; next = (next + 1) & mask) {
        uint32_t home = (uint32_t)cells->slots[next].hash & mask;

        if (((next - home) & mask) < ((next - slot) & mask)) continue;
        cells->slots[slot] = cells->slots[next];
        slot = next;
    }
    cells->slots[slot] = (struct cell_slot){0};
    cells->count--;
}

static uint32_t slot_of(const struct cells *cells, const struct cell *cell)
{
    uint32_t slot = (uint32_t)cell->hash & cells->mask;

    while (cells->slots[slot].cell != cell)
        slot = (slot + 1) & cells->mask;
    return slot;
}

/* --- cells ------------------------------------------------------------------------------------- */

static void content_free(struct cells *cells, struct cell *cell)
{
    if (is_sliding(cells, cell->node)) {
        sliding_free(&cell->sliding, &cells->sliding[cell->node], cells->pool);
        return;
    }
    pool_free(cells->pool, cell->waiting.bytes);
    cell->waiting.bytes = NULL;
    cell->waiting.len = 0;
}

static void cell_free(struct cells *cells, struct cell *cell)
{
    unplace(cells, slot_of(cells, cell));
    content_free(cells, cell);
    pool_free(cells->pool, cell);
}

static struct cell *cell_new(struct cells *cells, const struct cell_key *key, uint64_t hash)
{
    if ((cells->count + 1) * 3ULL > (cells->mask + 1ULL) * 2 && !grow(cells)) return NULL;
    size_t len = key->key.len + key->name_space.len;
    struct cell *cell = pool_alloc(cells->pool, sizeof(*cell) + len);

    if (cell == NULL) return NULL;
    *cell = (struct cell){.hash = hash,
                          .armed_ms = CELL_NOT_ARMED,
                          .stored_armed_ms = CELL_NOT_ARMED,
                          .node = key->node,
                          .key_len = (uint32_t)key->key.len,
                          .space_len = (uint32_t)key->name_space.len};
    if (is_sliding(cells, key->node)) cell->sliding.eviction_ms = INT64_MIN;
    if (key->key.len > 0) memcpy(cell->key, key->key.data, key->key.len);
    if (key->name_space.len > 0)
        memcpy(cell->key + key->key.len, key->name_space.data, key->name_space.len);
    place(cells->slots, cells->mask, (struct cell_slot){cell, hash});
    cells->count++;
    return cell;
}

/* Hash of a stored content; never 0. */
static uint64_t content_hash(const struct cell *cell, struct slice stored)
{
    uint64_t hash = hash_bytes((struct slice){stored.data, stored.len - ARMED_BYTES}, cell->hash);

    return hash == 0 ? 1 : hash;
}

static enum status content_decode(struct cells *cells, struct cell *cell, struct slice stored)
{
    if (stored.len < ARMED_BYTES) return STATUS_CORRUPT;
    struct slice content = {stored.data, stored.len - ARMED_BYTES};

    cell->armed_ms = (int64_t)get_le64(content.data + content.len);
    cell->stored_armed_ms = cell->armed_ms;
    cell->stored_hash = content_hash(cell, stored);
    if (is_sliding(cells, cell->node)) {
        return sliding_decode(content, &cells->sliding[cell->node], cells->pool, cells->scratch,
                              &cell->sliding);
    }
    cell->waiting.bytes = pool_alloc(cells->pool, content.len);
    if (cell->waiting.bytes == NULL) return STATUS_LIMIT;
    memcpy(cell->waiting.bytes, content.data, content.len);
    cell->waiting.len = (uint32_t)content.len;
    return STATUS_OK;
}

static enum status load(struct cells *cells, const struct cell_key *key, uint64_t hash,
                        struct cell **cell)
{
    struct slice stored = {0};

    if (cells->host->cell_load == NULL) return STATUS_NOT_FOUND;
    enum status status = cells->host->cell_load(cells->host->context, key, cells->scratch, &stored);

    if (status != STATUS_OK || stored.len == 0)
        return status == STATUS_OK ? STATUS_NOT_FOUND : status;
    *cell = cell_new(cells, key, hash);
    if (*cell == NULL) return STATUS_LIMIT;
    status = content_decode(cells, *cell, stored);
    if (status != STATUS_OK) {
        cell_free(cells, *cell);
        *cell = NULL;
    }
    return status;
}

enum status cells_get(struct cells *cells, const struct cell_key *key, bool create,
                      struct cell **cell)
{
    uint64_t hash = key_hash(key_check(key));
    struct cell *found = find(cells, key, hash);
    enum status status = STATUS_OK;

    if (found == NULL) {
        status = load(cells, key, hash, &found);
        if (status == STATUS_NOT_FOUND && create) {
            found = cell_new(cells, key, hash);
            status = found == NULL ? STATUS_LIMIT : STATUS_OK;
            if (found != NULL) found->dirty = true;
        }
    } else if (found->gone) {
        if (!create) return STATUS_NOT_FOUND;
        found->gone = false;
        found->dirty = true;
    }
    if (status != STATUS_OK) return status;
    found->touched = true;
    *cell = found;
    return STATUS_OK;
}

/* Written by the newest checkpoint, which the host may still be storing: forgotten now, the cell would
 * be loaded again as it was before. */
static bool is_under_way(const struct cells *cells, const struct cell *cell)
{
    return cell->written_in == cells->checkpoints && cells->checkpoints > 0;
}

void cells_remove(struct cells *cells, struct cell *cell)
{
    if (cell->stored_hash == 0 && cell->stored_armed_ms == CELL_NOT_ARMED &&
        !is_under_way(cells, cell)) {
        cell_free(cells, cell);
        return;
    }
    content_free(cells, cell);
    cell->gone = true;
    cell->dirty = true;
    cell->armed_ms = CELL_NOT_ARMED;
}

void cells_shrink(struct cells *cells, uint32_t keys_max)
{
    uint64_t budget = (cells->mask + 1ULL) * 2; /* two rounds: the first clears `touched` */

    if (cells->count <= keys_max) return;
    uint32_t target = keys_max - keys_max / 8;

    for (; budget > 0 && cells->count > target; budget--) {
        struct cell *cell = cells->slots[cells->sweep & cells->mask].cell;

        if (cell != NULL && !cell->dirty && !cell->touched && !is_under_way(cells, cell)) {
            cell_free(cells, cell); /* another cell may have moved into this slot: look again */
            continue;
        }
        if (cell != NULL) cell->touched = false;
        cells->sweep = (cells->sweep + 1) & cells->mask;
    }
}

/* --- stored form ------------------------------------------------------------------------------- */

static enum status encode(struct cells *cells, const struct cell *cell)
{
    struct buffer *out = &cells->encoded;

    buffer_clear(out);
    if (is_sliding(cells, cell->node)) {
        sliding_encode(&cell->sliding, &cells->sliding[cell->node], &cells->one, out);
    } else {
        buffer_append(out, (struct slice){cell->waiting.bytes, cell->waiting.len});
    }
    buffer_append_le64(out, (uint64_t)cell->armed_ms);
    return out->failed ? STATUS_LIMIT : STATUS_OK;
}

static enum status write_timer(struct cell *cell, const struct cell_writer *writer)
{
    struct cell_key key = cell_key_of(cell);
    enum status status = STATUS_OK;

    if (cell->armed_ms == cell->stored_armed_ms) return STATUS_OK;
    if (cell->stored_armed_ms != CELL_NOT_ARMED)
        status = writer->write_timer(writer->context, &key, cell->stored_armed_ms, true);
    if (status == STATUS_OK && cell->armed_ms != CELL_NOT_ARMED)
        status = writer->write_timer(writer->context, &key, cell->armed_ms, false);
    if (status == STATUS_OK) cell->stored_armed_ms = cell->armed_ms;
    return status;
}

static enum status write_cell(struct cells *cells, struct cell *cell,
                              const struct cell_writer *writer)
{
    struct cell_key key = cell_key_of(cell);
    struct slice bytes = {0};
    uint64_t hash = 0;
    enum status status = STATUS_OK;

    if (!cell->gone) {
        status = encode(cells, cell);
        if (status != STATUS_OK) return status;
        bytes = buffer_slice(&cells->encoded);
        hash = content_hash(cell, bytes);
    }
    if (bytes.len > 0 || cell->stored_hash != 0)
        status = writer->write(writer->context, &key, bytes);
    if (status == STATUS_OK) status = write_timer(cell, writer);
    if (status != STATUS_OK) return status;
    cells->stored_sum += hash - cell->stored_hash;
    cell->stored_hash = hash;
    cell->written_in = cells->checkpoints;
    cell->dirty = false;
    return STATUS_OK;
}

enum status cells_checkpoint(struct cells *cells, const struct cell_writer *writer)
{
    cells->checkpoints++; /* what earlier ones wrote is stored by now */
    for (uint32_t slot = 0; slot <= cells->mask;) {
        struct cell *cell = cells->slots[slot].cell;

        if (cell != NULL && cell->dirty) {
            enum status status = write_cell(cells, cell, writer);

            if (status != STATUS_OK) return status;
        }
        if (cell != NULL && cell->gone && !is_under_way(cells, cell)) {
            cell_free(cells, cell);
        } else {
            slot++;
        }
    }
    return STATUS_OK;
}

uint64_t cells_digest(struct cells *cells)
{
    uint64_t sum = cells->stored_sum;

    for (uint32_t slot = 0; slot <= cells->mask; slot++) {
        const struct cell *cell = cells->slots[slot].cell;

        if (cell == NULL || !cell->dirty) continue;
        sum -= cell->stored_hash;
        if (cell->gone) continue;
        if (encode(cells, cell) != STATUS_OK) UNREACHABLE("a cell larger than the digest's buffer");
        sum += content_hash(cell, buffer_slice(&cells->encoded));
    }
    return sum;
}
