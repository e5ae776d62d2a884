/* state.c - tables with checksums on LMDB.
 *
 *   stored key    a key of at most 510 bytes: itself. A longer one: its first 478 bytes, an FF, and the
 *                 first 32 bytes of its SHA-256: 511 in all, which no short key has
 *   stored value  | version u8 = 1 | 0 u8 | key_len u16 | crc32c u32 | key if long | bytes |
 *                 key_len 0: the key is short; crc over (table u8, key, bytes)
 */
#include "store/state.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "sys/clock.h"
#include "sys/environment.h"
#include "sys/file.h"

enum {
    STORED_KEY_BYTES = 511, /* the most LMDB takes */
    SHORT_KEY_BYTES_MAX = 510,
    LONG_KEY_PREFIX_BYTES = 478,
    VALUE_VERSION = 1,
    VALUE_HEADER_BYTES = 8,
    SCAN_MS = 50,
    RESERVE_BYTES = 4 * 1024 * 1024, /* room looked for before a transaction is begun */
    PATH_BYTES_MAX = 4096,
};
_Static_assert(LONG_KEY_PREFIX_BYTES + 1 + crypto_hash_sha256_BYTES == STORED_KEY_BYTES,
               "a long key's parts fill it");

static const char *const table_names[STATE_TABLE_COUNT] = {
    [STATE_CELLS] = "cells",
    [STATE_TIMERS] = "timers",
    [STATE_RESULTS] = "results",
    [STATE_OUTBOX] = "outbox",
    [STATE_DEAD_LETTERS] = "dead_letters",
    [STATE_VIEWS] = "views",
    [STATE_TAGS] = "tags",
    [STATE_BOUGHT] = "bought",
};

struct state {
    struct environment environment;
    MDB_dbi tables[STATE_TABLE_COUNT];
    pthread_mutex_t writer_lock;
};

struct state_txn {
    struct state *state;
    MDB_txn *txn;
};

/* --- opening ------------------------------------------------------------------------------------- */

static enum status tables_open(struct state *state)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(state->environment.env, NULL, 0, &txn);

    if (code != 0) return environment_status(code);
    for (int i = 0; i < STATE_TABLE_COUNT && code == 0; i++)
        code = mdb_dbi_open(txn, table_names[i], MDB_CREATE, &state->tables[i]);
    if (code == 0) return environment_status(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return environment_status(code);
}

enum status state_open(const char *directory, uint64_t map_bytes, struct state **state,
                       struct buffer *message)
{
    struct state *made = calloc(1, sizeof(*made));
    struct buffer path;

    if (made == NULL) return STATUS_LIMIT;
    int failed = pthread_mutex_init(&made->writer_lock, NULL);
    ASSERT(failed == 0);
    buffer_init(&path, PATH_BYTES_MAX);
    /* Keys are read one by one in no order: read-ahead would only push other pages out. */
    enum status status =
        environment_open(file_join(&path, directory, "state"), map_bytes, STATE_TABLE_COUNT,
                         MDB_NORDAHEAD, &made->environment, message);
    buffer_deinit(&path);
    if (status == STATUS_OK) {
        status = tables_open(made);
        if (status != STATUS_OK) {
            buffer_append_text(message, directory);
            buffer_append_text(message, "/state: cannot open its tables: ");
            buffer_append_text(message, status_meaning(status));
        }
    }
    if (status == STATUS_OK) {
        *state = made;
    } else {
        state_close(made);
    }
    return status;
}

void state_close(struct state *state)
{
    if (state == NULL) return;
    environment_close(&state->environment);
    (void)pthread_mutex_destroy(&state->writer_lock);
    free(state);
}

/* --- keys and values ----------------------------------------------------------------------------- */

struct stored_key {
    uint8_t bytes[STORED_KEY_BYTES];
    size_t len;
};

static enum status key_store(struct slice key, struct stored_key *stored)
{
    if (key.len == 0 || key.len >= STATE_KEY_BYTES_MAX) return STATUS_LIMIT;
    stored->len = key.len;
    if (key.len <= SHORT_KEY_BYTES_MAX) {
        memcpy(stored->bytes, key.data, key.len);
        return STATUS_OK;
    }
    memcpy(stored->bytes, key.data, LONG_KEY_PREFIX_BYTES);
    stored->bytes[LONG_KEY_PREFIX_BYTES] = 0xFF;
    (void)crypto_hash_sha256(stored->bytes + LONG_KEY_PREFIX_BYTES + 1, key.data, key.len);
    stored->len = STORED_KEY_BYTES;
    return STATUS_OK;
}

static uint32_t value_crc(enum state_table table, struct slice key, struct slice bytes)
{
    uint8_t number = (uint8_t)table;

    return crc32c(crc32c(crc32c(0, (struct slice){&number, 1}), key), bytes);
}

/* What a stored pair says, whatever key was asked for. */
static enum status value_open(enum state_table table, MDB_val stored_key, MDB_val stored,
                              struct slice *key, struct slice *bytes)
{
    const uint8_t *value = stored.mv_data;

    if (stored.mv_size < VALUE_HEADER_BYTES) return STATUS_CORRUPT;
    if (value[0] != VALUE_VERSION || value[1] != 0) return STATUS_CORRUPT;
    size_t key_len = get_le16(value + 2);
    if (key_len > stored.mv_size - VALUE_HEADER_BYTES) return STATUS_CORRUPT;
    if ((key_len > 0) != (stored_key.mv_size == STORED_KEY_BYTES)) return STATUS_CORRUPT;
    *key = key_len > 0 ? (struct slice){value + VALUE_HEADER_BYTES, key_len}
                       : (struct slice){stored_key.mv_data, stored_key.mv_size};
    *bytes = (struct slice){value + VALUE_HEADER_BYTES + key_len,
                            stored.mv_size - VALUE_HEADER_BYTES - key_len};
    return get_le32(value + 4) == value_crc(table, *key, *bytes) ? STATUS_OK : STATUS_CORRUPT;
}

/* --- writing ------------------------------------------------------------------------------------- */

enum status state_begin(struct state *state, struct state_txn **txn)
{
    struct state_txn *made = calloc(1, sizeof(*made));

    if (made == NULL) return STATUS_LIMIT;
    made->state = state;
    (void)pthread_mutex_lock(&state->writer_lock);
    enum status status = environment_reserve(&state->environment, RESERVE_BYTES);
    if (status == STATUS_OK)
        status = environment_status(mdb_txn_begin(state->environment.env, NULL, 0, &made->txn));
    if (status == STATUS_OK) {
        *txn = made;
        return STATUS_OK;
    }
    (void)pthread_mutex_unlock(&state->writer_lock);
    free(made);
    return status;
}

static void txn_end(struct state_txn *txn)
{
    (void)pthread_mutex_unlock(&txn->state->writer_lock);
    free(txn);
}

enum status state_put(struct state_txn *txn, enum state_table table, struct slice key,
                      struct slice bytes)
{
    struct stored_key stored;
    enum status status = key_store(key, &stored);
    size_t key_len = key.len > SHORT_KEY_BYTES_MAX ? key.len : 0;
    MDB_val name = {stored.len, stored.bytes};
    MDB_val data = {VALUE_HEADER_BYTES + key_len + bytes.len, NULL};

    if (status != STATUS_OK) return status;
    int code = mdb_put(txn->txn, txn->state->tables[table], &name, &data, MDB_RESERVE);
    if (code != 0) return environment_status(code);
    uint8_t *value = data.mv_data;
    value[0] = VALUE_VERSION;
    value[1] = 0;
    put_le16(value + 2, (uint16_t)key_len);
    put_le32(value + 4, value_crc(table, key, bytes));
    if (key_len > 0) memcpy(value + VALUE_HEADER_BYTES, key.data, key_len);
    if (bytes.len > 0) memcpy(value + VALUE_HEADER_BYTES + key_len, bytes.data, bytes.len);
    return STATUS_OK;
}

enum status state_remove(struct state_txn *txn, enum state_table table, struct slice key)
{
    struct stored_key stored;
    enum status status = key_store(key, &stored);
    MDB_val name = {stored.len, stored.bytes};

    if (status != STATUS_OK) return status;
    int code = mdb_del(txn->txn, txn->state->tables[table], &name, NULL);
    return code == MDB_NOTFOUND ? STATUS_OK : environment_status(code);
}

enum status state_set_tag(struct state_txn *txn, struct slice name, uint64_t lsn)
{
    uint8_t bytes[8];

    put_le64(bytes, lsn);
    return state_put(txn, STATE_TAGS, name, (struct slice){bytes, sizeof(bytes)});
}

enum status state_commit(struct state_txn *txn)
{
    enum status status = environment_status(mdb_txn_commit(txn->txn));
    txn_end(txn);
    return status;
}

void state_abort(struct state_txn *txn)
{
    mdb_txn_abort(txn->txn);
    txn_end(txn);
}

/* --- reading ------------------------------------------------------------------------------------- */

/* Slices point into the map: valid while the transaction is. */
static enum status txn_get(const struct state *state, MDB_txn *txn, enum state_table table,
                           struct slice key, struct slice *bytes)
{
    struct stored_key stored;
    struct slice found;
    MDB_val data;
    enum status status = key_store(key, &stored);
    MDB_val name = {stored.len, stored.bytes};

    if (status != STATUS_OK) return status;
    status = environment_status(mdb_get(txn, state->tables[table], &name, &data));
    if (status == STATUS_OK) status = value_open(table, name, data, &found, bytes);
    if (status == STATUS_OK && !slice_equal(found, key)) status = STATUS_CORRUPT;
    return status;
}

static enum status tag_read(struct slice bytes, uint64_t *lsn)
{
    if (bytes.len != sizeof(*lsn)) return STATUS_CORRUPT;
    *lsn = get_le64(bytes.data);
    return STATUS_OK;
}

enum status state_txn_get(struct state_txn *txn, enum state_table table, struct slice key,
                          struct arena *arena, struct slice *bytes)
{
    struct slice found;
    enum status status = txn_get(txn->state, txn->txn, table, key, &found);

    return status == STATUS_OK ? arena_copy(arena, found, bytes) : status;
}

enum status state_txn_tag(struct state_txn *txn, struct slice name, uint64_t *lsn)
{
    struct slice bytes;
    enum status status = txn_get(txn->state, txn->txn, STATE_TAGS, name, &bytes);

    return status == STATUS_OK ? tag_read(bytes, lsn) : status;
}

enum status state_get(struct state *state, enum state_table table, struct slice key,
                      struct arena *arena, struct slice *bytes)
{
    struct slice found;
    MDB_txn *txn;
    enum status status =
        environment_status(mdb_txn_begin(state->environment.env, NULL, MDB_RDONLY, &txn));

    if (status != STATUS_OK) return status;
    status = txn_get(state, txn, table, key, &found);
    if (status == STATUS_OK) status = arena_copy(arena, found, bytes);
    mdb_txn_abort(txn);
    return status;
}

enum status state_tag(struct state *state, struct slice name, uint64_t *lsn)
{
    struct slice bytes;
    MDB_txn *txn;
    enum status status =
        environment_status(mdb_txn_begin(state->environment.env, NULL, MDB_RDONLY, &txn));

    if (status != STATUS_OK) return status;
    status = txn_get(state, txn, STATE_TAGS, name, &bytes);
    if (status == STATUS_OK) status = tag_read(bytes, lsn);
    mdb_txn_abort(txn);
    return status;
}

/* --- scanning ------------------------------------------------------------------------------------ */

struct scan {
    struct state *state;
    enum state_table table;
    struct slice prefix;
    void *context;
    enum status (*visit)(void *context, struct slice key, struct slice bytes);
    struct stored_key last; /* len 0: nothing visited yet */
    bool ended;             /* no entry behind this one can have the prefix */
};

/* To the first entry not visited yet. */
static int scan_seek(const struct scan *scan, MDB_cursor *cursor, MDB_val *key, MDB_val *data)
{
    struct stored_key from = scan->last;

    if (from.len == 0) {
        from.len =
            scan->prefix.len < LONG_KEY_PREFIX_BYTES ? scan->prefix.len : LONG_KEY_PREFIX_BYTES;
        if (from.len > 0) memcpy(from.bytes, scan->prefix.data, from.len);
    }
    if (from.len == 0) return mdb_cursor_get(cursor, key, data, MDB_FIRST);
    *key = (MDB_val){from.len, from.bytes};
    int code = mdb_cursor_get(cursor, key, data, MDB_SET_RANGE);
    if (code == 0 && scan->last.len > 0 &&
        slice_equal(slice_of_val(*key), (struct slice){scan->last.bytes, scan->last.len}))
        code = mdb_cursor_get(cursor, key, data, MDB_NEXT);
    return code;
}

static enum status scan_visit(struct scan *scan, MDB_val key, MDB_val data)
{
    struct slice stored = slice_of_val(key);
    struct slice near = {scan->prefix.data, scan->prefix.len < LONG_KEY_PREFIX_BYTES
                                                ? scan->prefix.len
                                                : LONG_KEY_PREFIX_BYTES};
    struct slice whole;
    struct slice bytes;

    if (!slice_starts_with(stored, near)) {
        scan->ended = true;
        return STATUS_OK;
    }
    enum status status = value_open(scan->table, key, data, &whole, &bytes);
    if (status != STATUS_OK) return status;
    memcpy(scan->last.bytes, stored.data, stored.len);
    scan->last.len = stored.len;
    return slice_starts_with(whole, scan->prefix) ? scan->visit(scan->context, whole, bytes)
                                                  : STATUS_OK;
}

/* What one read transaction of at most SCAN_MS sees. */
static enum status scan_piece(struct scan *scan)
{
    int64_t until_ms = clock_monotonic_ms() + SCAN_MS;
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val data;
    enum status status = STATUS_OK;
    int code = mdb_txn_begin(scan->state->environment.env, NULL, MDB_RDONLY, &txn);

    if (code != 0) return environment_status(code);
    code = mdb_cursor_open(txn, scan->state->tables[scan->table], &cursor);
    if (code == 0) {
        code = scan_seek(scan, cursor, &key, &data);
        while (code == 0) {
            status = scan_visit(scan, key, data);
            if (status != STATUS_OK || scan->ended || clock_monotonic_ms() > until_ms) break;
            code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT);
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    if (code == MDB_NOTFOUND) scan->ended = true;
    return code == 0 || code == MDB_NOTFOUND ? status : environment_status(code);
}

enum status state_scan(struct state *state, enum state_table table, struct slice prefix,
                       void *context,
                       enum status (*visit)(void *context, struct slice key, struct slice bytes))
{
    struct scan scan = {
        .state = state, .table = table, .prefix = prefix, .context = context, .visit = visit};
    enum status status = STATUS_OK;

    while (status == STATUS_OK && !scan.ended)
        status = scan_piece(&scan);
    return status;
}
