/* bought.c - rows of what visitors bought. */
#include "store/bought.h"

#include <stdlib.h>

#include "base/bytes.h"

enum {
    ROW_VERSION = 1,
    ROW_BYTES_MAX = 1 + BOUGHT_ITEMS_MAX * (1 + 8 + VARINT_BYTES_MAX + BOUGHT_ITEM_BYTES_MAX),
    SWEEP_ROWS = 1000, /* of one transaction: others wait meanwhile */
};

struct item {
    enum bought_how how;
    int64_t time_ms;
    struct slice name;
};

struct row {
    struct item items[BOUGHT_ITEMS_MAX];
    uint32_t count;
};

static enum status row_read(struct slice bytes, struct row *row)
{
    struct byte_reader reader = byte_reader(bytes);

    row->count = 0;
    if (read_u8(&reader) != ROW_VERSION) return STATUS_CORRUPT;
    while (!reader.bad && reader.next < reader.end) {
        if (row->count == BOUGHT_ITEMS_MAX) return STATUS_CORRUPT;
        struct item *item = &row->items[row->count++];
        uint8_t how = read_u8(&reader);

        if (how != BOUGHT_CART && how != BOUGHT_ORDER) return STATUS_CORRUPT;
        item->how = (enum bought_how)how;
        item->time_ms = (int64_t)read_le64(&reader);
        item->name = read_sized(&reader);
    }
    return reader.bad ? STATUS_CORRUPT : STATUS_OK;
}

static enum status row_write(struct state_txn *txn, struct slice token, const struct row *row)
{
    struct buffer bytes;
    enum status status = STATUS_LIMIT;

    if (row->count == 0) return state_remove(txn, STATE_BOUGHT, token);
    buffer_init(&bytes, ROW_BYTES_MAX);
    buffer_append_byte(&bytes, ROW_VERSION);
    for (uint32_t i = 0; i < row->count; i++) {
        buffer_append_byte(&bytes, (uint8_t)row->items[i].how);
        buffer_append_le64(&bytes, (uint64_t)row->items[i].time_ms);
        buffer_append_sized(&bytes, row->items[i].name);
    }
    if (!bytes.failed) status = state_put(txn, STATE_BOUGHT, token, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    return status;
}

/* Without the event's item; but what was ordered stays ordered, whatever becomes of the cart. */
static bool row_drop(struct row *row, const struct bought_event *event)
{
    bool ordered = false;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < row->count; i++) {
        bool same = slice_equal(row->items[i].name, event->item);

        if (same && row->items[i].how == BOUGHT_ORDER && event->how != BOUGHT_ORDER) ordered = true;
        if (!same || (row->items[i].how == BOUGHT_ORDER && event->how != BOUGHT_ORDER))
            row->items[kept++] = row->items[i];
    }
    row->count = kept;
    return ordered;
}

static void row_add(struct row *row, const struct bought_event *event)
{
    if (row->count == BOUGHT_ITEMS_MAX) row->count--;
    memmove(&row->items[1], &row->items[0], row->count * sizeof(row->items[0]));
    row->items[0] = (struct item){event->how, event->time_ms, event->item};
    row->count++;
}

enum status bought_note(struct state_txn *txn, const struct bought_event *event,
                        struct arena *arena, bool *fresh)
{
    const struct slice token = {(const uint8_t *)event->token, VISITOR_TOKEN_BYTES};
    struct row *row = arena_zalloc(arena, 1, sizeof(*row));
    struct slice bytes;

    *fresh = false;
    if (row == NULL) return STATUS_LIMIT;
    if (event->item.len == 0 || event->item.len > BOUGHT_ITEM_BYTES_MAX) return STATUS_OK;
    enum status status = state_txn_get(txn, STATE_BOUGHT, token, arena, &bytes);
    if (status == STATUS_OK) status = row_read(bytes, row);
    *fresh = status == STATUS_NOT_FOUND;
    if (status != STATUS_OK && !*fresh) return status;
    bool ordered = row_drop(row, event);
    if (event->how != BOUGHT_UNCART && !ordered) row_add(row, event);
    return row_write(txn, token, row);
}

enum status bought_get(struct state *state, struct slice token, int64_t since_ms,
                       struct arena *arena, struct slice items[BOUGHT_ITEMS_MAX], uint32_t *count)
{
    struct slice bytes;
    struct row row;
    enum status status = state_get(state, STATE_BOUGHT, token, arena, &bytes);

    *count = 0;
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status == STATUS_OK) status = row_read(bytes, &row);
    for (uint32_t i = 0; status == STATUS_OK && i < row.count; i++) {
        if (row.items[i].time_ms > since_ms) items[(*count)++] = row.items[i].name;
    }
    return status;
}

/* --- sweeping ------------------------------------------------------------------------------------ */

struct swept {
    int64_t newest_ms;
    char token[VISITOR_TOKEN_BYTES];
};

struct sweep {
    struct swept *rows;
    size_t count, capacity;
};

static enum status sweep_take(void *context, struct slice key, struct slice bytes)
{
    struct sweep *sweep = context;
    struct row row;
    enum status status = row_read(bytes, &row);

    if (status != STATUS_OK || key.len != VISITOR_TOKEN_BYTES) return STATUS_CORRUPT;
    if (sweep->count == sweep->capacity) {
        size_t capacity = sweep->capacity == 0 ? SWEEP_ROWS : sweep->capacity * 2;
        struct swept *rows = realloc(sweep->rows, capacity * sizeof(*rows));

        if (rows == NULL) return STATUS_LIMIT;
        sweep->rows = rows;
        sweep->capacity = capacity;
    }
    struct swept *swept = &sweep->rows[sweep->count++];
    swept->newest_ms = INT64_MIN;
    for (uint32_t i = 0; i < row.count; i++) {
        if (row.items[i].time_ms > swept->newest_ms) swept->newest_ms = row.items[i].time_ms;
    }
    memcpy(swept->token, key.data, VISITOR_TOKEN_BYTES);
    return STATUS_OK;
}

/* Newest first. */
static int by_time(const void *left, const void *right)
{
    const struct swept *a = left;
    const struct swept *b = right;

    if (a->newest_ms != b->newest_ms) return a->newest_ms > b->newest_ms ? -1 : 1;
    return memcmp(a->token, b->token, VISITOR_TOKEN_BYTES);
}

static enum status remove_rows(struct state *state, const struct swept *rows, size_t count)
{
    struct state_txn *txn;
    enum status status = state_begin(state, &txn);

    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct slice token = {(const uint8_t *)rows[i].token, VISITOR_TOKEN_BYTES};

        status = state_remove(txn, STATE_BOUGHT, token);
    }
    if (status == STATUS_OK) return state_commit(txn);
    state_abort(txn);
    return status;
}

enum status bought_sweep(struct state *state, int64_t since_ms, uint32_t visitors_max)
{
    struct sweep sweep = {0};
    size_t keep = 0;
    enum status status =
        state_scan(state, STATE_BOUGHT, (struct slice){NULL, 0}, &sweep, sweep_take);

    if (sweep.count > 0) qsort(sweep.rows, sweep.count, sizeof(sweep.rows[0]), by_time);
    while (keep < sweep.count && keep < visitors_max && sweep.rows[keep].newest_ms > since_ms)
        keep++;
    while (status == STATUS_OK && keep < sweep.count) {
        size_t left = sweep.count - keep;
        size_t count = left < SWEEP_ROWS ? left : SWEEP_ROWS;

        status = remove_rows(state, &sweep.rows[keep], count);
        keep += count;
    }
    free(sweep.rows);
    return status;
}
