/* retention.c - a few deletions beside every commit, so that the file grows no larger than what is
 * kept and no commit has to wait for a big cleaning up.
 *
 * Age is the time of the append (sequence row), not the records' own timestamps: history written today
 * is kept from today on. */
#include "log/inside.h"
#include "sys/killpoint.h"

static bool topic_over(const struct log_topic *topic, int64_t now_ms)
{
    const struct topic_row *row = &topic->pending;
    const struct topic_options *options = &row->options;

    if (topic->damaged || row->first_offset == row->next_offset) return false;
    if (options->retention_bytes >= 0 && row->bytes > (uint64_t)options->retention_bytes)
        return true;
    return options->retention_ms >= 0 && topic->oldest_ms < now_ms - options->retention_ms;
}

bool retention_due(struct log *log, int64_t now_ms)
{
    uint32_t count = atomic_load(&log->topic_count);
    bool due = false;

    (void)pthread_mutex_lock(&log->writer_lock);
    for (uint32_t i = 0; i < count && !due; i++)
        due = topic_over(log->topics[i], now_ms);
    (void)pthread_mutex_unlock(&log->writer_lock);
    return due;
}

struct oldest {
    MDB_val key;
    MDB_val data;
    uint8_t lsn_key[8];
    struct sequence_row sequence;
};

/* Finds a topic's oldest batch and its sequence row; each must point at the other.
 * fails    NOT_FOUND: the topic holds nothing; CORRUPT */
static enum status oldest_find(struct log *log, MDB_cursor *records, const struct topic_row *row,
                               struct oldest *oldest)
{
    uint8_t from[RECORDS_KEY_BYTES];
    MDB_val data;

    records_key(row->id, row->first_offset, from);
    oldest->key = (MDB_val){sizeof(from), from};
    int code = mdb_cursor_get(records, &oldest->key, &oldest->data, MDB_SET_RANGE);
    if (code != 0) return environment_status(code);
    const uint8_t *key = oldest->key.mv_data;
    const uint8_t *bytes = oldest->data.mv_data;
    if (get_be32(key) != row->id) return STATUS_NOT_FOUND;
    if (oldest->data.mv_size < RECORD_BATCH_HEADER_BYTES) return STATUS_CORRUPT;
    uint64_t lsn = get_le64(bytes + BATCH_LSN_AT);
    put_be64(oldest->lsn_key, lsn);
    MDB_val lsn_key = {sizeof(oldest->lsn_key), oldest->lsn_key};
    code = mdb_get(mdb_cursor_txn(records), log->tables[TABLE_SEQUENCE], &lsn_key, &data);
    if (code == MDB_NOTFOUND) return STATUS_CORRUPT;
    if (code != 0) return environment_status(code);
    enum status status = sequence_read(lsn_key, data, &oldest->sequence);
    if (status != STATUS_OK) return status;
    bool matches = oldest->sequence.topic_id == row->id &&
                   oldest->sequence.first_offset == get_be64(key + 4) &&
                   oldest->sequence.bytes == oldest->data.mv_size;
    return matches ? STATUS_OK : STATUS_CORRUPT;
}

static enum status oldest_delete(struct log *log, MDB_cursor *records, struct topic_row *row,
                                 struct oldest *oldest)
{
    MDB_val lsn_key = {sizeof(oldest->lsn_key), oldest->lsn_key};
    uint64_t bytes = oldest->data.mv_size;
    uint64_t end = oldest->sequence.first_offset +
                   record_batch_count((struct slice){oldest->data.mv_data, oldest->data.mv_size});
    int code = mdb_cursor_del(records, 0);

    if (code == 0)
        code = mdb_del(mdb_cursor_txn(records), log->tables[TABLE_SEQUENCE], &lsn_key, NULL);
    row->bytes = row->bytes > bytes ? row->bytes - bytes : 0;
    row->first_offset = end < row->next_offset ? end : row->next_offset;
    return environment_status(code);
}

/* Deletes from one topic; lowers the budget by what it did. */
static enum status topic_retain(struct log *log, MDB_cursor *records, struct log_topic *topic,
                                int64_t now_ms, uint32_t *budget)
{
    while (*budget > 0 && topic_over(topic, now_ms)) {
        struct oldest oldest;
        enum status status = oldest_find(log, records, &topic->pending, &oldest);

        if (status == STATUS_NOT_FOUND) { /* nothing left: the row only has to say so */
            topic->touched = true;
            topic->pending.first_offset = topic->pending.next_offset;
            topic->pending.bytes = 0;
            return STATUS_OK;
        }
        if (status == STATUS_CORRUPT) {
            topic->damaged = true; /* one bad batch must not stop the log */
            return STATUS_OK;
        }
        if (status != STATUS_OK) return status;
        topic->oldest_ms = oldest.sequence.appended_ms;
        if (!topic_over(topic, now_ms)) return STATUS_OK;
        topic->touched = true;
        status = oldest_delete(log, records, &topic->pending, &oldest);
        if (status != STATUS_OK) return status;
        topic->oldest_ms = 0;
        (*budget)--;
        KILLPOINT(retention_deleted);
    }
    return STATUS_OK;
}

enum status retention_step(struct log *log, MDB_txn *txn, int64_t now_ms, uint32_t budget)
{
    uint32_t count = atomic_load(&log->topic_count);
    enum status status = STATUS_OK;
    MDB_cursor *records;

    int code = mdb_cursor_open(txn, log->tables[TABLE_RECORDS], &records);
    if (code != 0) return environment_status(code);
    for (uint32_t i = 0; i < count && budget > 0 && status == STATUS_OK; i++) {
        log->retain_next = log->retain_next % count;
        status = topic_retain(log, records, log->topics[log->retain_next], now_ms, &budget);
        log->retain_next++;
    }
    mdb_cursor_close(records);
    return status;
}

enum status log_retain(struct log *log, int64_t now_ms)
{
    MDB_txn *txn;

    if (log_health(log) == STATUS_IO) return STATUS_IO;
    (void)pthread_mutex_lock(&log->writer_lock);
    enum status status = writer_begin(log, &txn);
    if (status == STATUS_OK)
        status = writer_end(log, txn, retention_step(log, txn, now_ms, RETAIN_IDLE_BUDGET));
    (void)pthread_mutex_unlock(&log->writer_lock);
    return status;
}
