/* topics.c - the table of topics: in memory for everybody, in LMDB for the next start.
 *
 * A row says what is durable: it is rewritten by the transaction that moves it. */
#include <stdlib.h>

#include "log/inside.h"

static bool name_is_valid(struct slice name)
{
    if (name.len == 0 || name.len > TOPIC_NAME_MAX) return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool digit = byte >= '0' && byte <= '9';

        if (!letter && !digit && byte != '.' && byte != '_' && byte != '-') return false;
    }
    return true;
}

struct log_topic *topic_by_id(const struct log *log, uint32_t id)
{
    if (id == 0 || id > atomic_load(&log->topic_count)) return NULL;
    return log->topics[id - 1];
}

static struct log_topic *topic_by_name(const struct log *log, struct slice name)
{
    uint32_t count = atomic_load(&log->topic_count);

    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(slice_of(log->topics[i]->name), name)) return log->topics[i];
    }
    return NULL;
}

static struct log_topic *topic_create(struct slice name, const struct topic_row *row)
{
    struct log_topic *topic = calloc(1, sizeof(*topic));

    if (topic == NULL) return NULL;
    memcpy(topic->name, name.data, name.len);
    topic->stored = *row;
    topic->pending = *row;
    topic->next_offset = row->next_offset;
    return topic;
}

static enum status topic_put(struct log *log, MDB_txn *txn, struct slice name,
                             const struct topic_row *row)
{
    uint8_t bytes[ROW_BYTES_MAX];
    MDB_val key = val_of(name);
    MDB_val data = {topic_write(name, row, bytes), bytes};

    return environment_status(mdb_put(txn, log->tables[TABLE_TOPICS], &key, &data, 0));
}

/* --- loading ------------------------------------------------------------------------------------- */

/* The newest batch of a topic must end where its row says. */
static enum status topic_check(struct log *log, MDB_txn *txn, const struct topic_row *row)
{
    uint8_t after[RECORDS_KEY_BYTES];
    MDB_cursor *cursor;
    MDB_val key = {sizeof(after), after};
    MDB_val data;
    int code = mdb_cursor_open(txn, log->tables[TABLE_RECORDS], &cursor);

    if (code != 0) return environment_status(code);
    records_key(row->id + 1, 0, after);
    code = mdb_cursor_get(cursor, &key, &data, MDB_SET_RANGE);
    code = mdb_cursor_get(cursor, &key, &data, code == 0 ? MDB_PREV : MDB_LAST);
    mdb_cursor_close(cursor);
    if (code == MDB_NOTFOUND) return STATUS_OK;
    if (code != 0) return environment_status(code);
    if (key.mv_size != RECORDS_KEY_BYTES || data.mv_size < RECORD_BATCH_HEADER_BYTES)
        return STATUS_CORRUPT;
    if (get_be32(key.mv_data) != row->id) return STATUS_OK;
    uint64_t end = get_be64((const uint8_t *)key.mv_data + 4) +
                   record_batch_count((struct slice){data.mv_data, data.mv_size});
    return end == row->next_offset ? STATUS_OK : STATUS_CORRUPT;
}

static enum status topic_load(struct log *log, MDB_txn *txn, struct slice name, MDB_val data)
{
    struct topic_row row;
    enum status status = topic_read(name, data, &row);

    if (status != STATUS_OK) return status;
    if (!name_is_valid(name) || row.id == 0 || row.id > TOPICS_MAX) return STATUS_CORRUPT;
    if (log->topics[row.id - 1] != NULL) return STATUS_CORRUPT;
    status = topic_check(log, txn, &row);
    if (status != STATUS_OK) return status;
    log->topics[row.id - 1] = topic_create(name, &row);
    return log->topics[row.id - 1] == NULL ? STATUS_LIMIT : STATUS_OK;
}

enum status topics_load(struct log *log, MDB_txn *txn)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val data;
    uint32_t count = 0;
    int code = mdb_cursor_open(txn, log->tables[TABLE_TOPICS], &cursor);
    enum status status = environment_status(code);

    if (status != STATUS_OK) return status;
    while (status == STATUS_OK && (code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) == 0) {
        if (slice_equal(slice_of_val(key), SLICE("*"))) continue;
        status = topic_load(log, txn, slice_of_val(key), data);
        count++;
    }
    mdb_cursor_close(cursor);
    if (status != STATUS_OK) return status;
    if (code != MDB_NOTFOUND) return environment_status(code);
    for (uint32_t i = 0; i < count; i++) {
        if (log->topics[i] == NULL) return STATUS_CORRUPT; /* ids are without gaps */
    }
    atomic_store(&log->topic_count, count);
    return STATUS_OK;
}

void topics_free(struct log *log)
{
    for (uint32_t i = 0; i < TOPICS_MAX; i++)
        free(log->topics[i]);
}

/* --- the committer's side ------------------------------------------------------------------------ */

enum status topics_write(struct log *log, MDB_txn *txn)
{
    uint32_t count = atomic_load(&log->topic_count);
    enum status status = STATUS_OK;

    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct log_topic *topic = log->topics[i];

        if (topic->touched) status = topic_put(log, txn, slice_of(topic->name), &topic->pending);
    }
    return status;
}

void topics_end(struct log *log, bool committed)
{
    uint32_t count = atomic_load(&log->topic_count);

    (void)pthread_mutex_lock(&log->topics_lock);
    for (uint32_t i = 0; i < count; i++) {
        struct log_topic *topic = log->topics[i];

        if (!topic->touched) continue;
        if (committed) {
            topic->stored = topic->pending;
        } else {
            topic->pending = topic->stored;
            topic->oldest_ms = 0;
        }
        topic->touched = false;
    }
    (void)pthread_mutex_unlock(&log->topics_lock);
}

/* --- declaring and asking ------------------------------------------------------------------------ */

static bool options_equal(const struct topic_options *left, const struct topic_options *right)
{
    return left->retention_ms == right->retention_ms &&
           left->retention_bytes == right->retention_bytes;
}

static enum status topic_change(struct log *log, struct log_topic *topic,
                                const struct topic_options *options)
{
    MDB_txn *txn;

    if (options_equal(&topic->stored.options, options)) return STATUS_OK;
    enum status status = writer_begin(log, &txn);
    if (status != STATUS_OK) return status;
    topic->pending.options = *options;
    topic->touched = true;
    return writer_end(log, txn, STATUS_OK);
}

static enum status topic_add(struct log *log, struct slice name,
                             const struct topic_options *options)
{
    struct topic_row row = {.id = atomic_load(&log->topic_count) + 1, .options = *options};
    struct log_topic *topic = row.id > TOPICS_MAX ? NULL : topic_create(name, &row);
    MDB_txn *txn;

    if (topic == NULL) return STATUS_LIMIT;
    enum status status = writer_begin(log, &txn);
    if (status == STATUS_OK) status = writer_end(log, txn, topic_put(log, txn, name, &row));
    if (status != STATUS_OK) {
        free(topic);
        return status;
    }
    (void)pthread_mutex_lock(&log->topics_lock);
    log->topics[row.id - 1] = topic;
    atomic_store(&log->topic_count, row.id);
    (void)pthread_mutex_unlock(&log->topics_lock);
    return STATUS_OK;
}

enum status log_topic_declare(struct log *log, struct slice name,
                              const struct topic_options *options, uint32_t *topic_id)
{
    if (!name_is_valid(name)) return STATUS_INVALID;
    if (log_health(log) == STATUS_IO) return STATUS_IO;
    (void)pthread_mutex_lock(&log->writer_lock);
    struct log_topic *known = topic_by_name(log, name);
    enum status status =
        known == NULL ? topic_add(log, name, options) : topic_change(log, known, options);
    if (status == STATUS_OK) *topic_id = topic_by_name(log, name)->stored.id;
    (void)pthread_mutex_unlock(&log->writer_lock);
    return status;
}

static void topic_describe(const struct log_topic *topic, struct topic_info *info)
{
    *info = (struct topic_info){.id = topic->stored.id,
                                .first_offset = topic->stored.first_offset,
                                .next_offset = topic->stored.next_offset,
                                .bytes = topic->stored.bytes,
                                .options = topic->stored.options};
    memcpy(info->name, topic->name, sizeof(info->name));
}

enum status log_topic_find(struct log *log, struct slice name, struct topic_info *info)
{
    (void)pthread_mutex_lock(&log->topics_lock);
    const struct log_topic *topic = topic_by_name(log, name);
    if (topic != NULL) topic_describe(topic, info);
    (void)pthread_mutex_unlock(&log->topics_lock);
    return topic == NULL ? STATUS_NOT_FOUND : STATUS_OK;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct topic_info *)left)->name,
                  ((const struct topic_info *)right)->name);
}

uint32_t log_topic_list(struct log *log, struct topic_info *infos, uint32_t capacity)
{
    struct topic_info *all = calloc(TOPICS_MAX, sizeof(*all));

    if (all == NULL) return 0;
    (void)pthread_mutex_lock(&log->topics_lock);
    uint32_t count = atomic_load(&log->topic_count);
    for (uint32_t i = 0; i < count; i++)
        topic_describe(log->topics[i], &all[i]);
    (void)pthread_mutex_unlock(&log->topics_lock);
    qsort(all, count, sizeof(*all), by_name);
    uint32_t given = count < capacity ? count : capacity;
    if (given > 0) memcpy(infos, all, given * sizeof(*all));
    free(all);
    return count;
}
