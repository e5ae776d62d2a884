/* reader.c - batches in the order of their commit, from memory when they are recent.
 *
 * Batches from the disk are copied: 64 KiB cost less than the checksum that follows, and no read
 * transaction outlives the call, so pages are never kept from reuse by a reader that has paused. */
#include <stdlib.h>

#include "log/inside.h"

enum { TOPIC_WORD_BITS = 64, TOPIC_WORDS = TOPICS_MAX / TOPIC_WORD_BITS + 1 };

struct log_reader {
    struct log *log;
    bool one_topic;               /* log_read_topic: by offset, durable only */
    uint32_t topic_id;            /* one_topic */
    uint64_t offset;              /* one_topic: next to give */
    uint64_t topics[TOPIC_WORDS]; /* which ids */
    uint64_t position;            /* everything up to this lsn was given or is not ours */
    struct log_batch *held[READER_HELD_MAX];
    uint32_t held_count;
    uint32_t held_next;
    struct log_batch *current; /* the view points into it */
    MDB_txn *txn;              /* reset between calls */
    MDB_cursor *sequence;
    MDB_cursor *records;
};

static bool reader_wants(const struct log_reader *reader, uint32_t topic_id)
{
    ASSERT(topic_id <= TOPICS_MAX);
    return (reader->topics[topic_id / TOPIC_WORD_BITS] >> (topic_id % TOPIC_WORD_BITS) & 1U) != 0;
}

static enum status reader_create(struct log *log, struct log_reader **out)
{
    struct log_reader *reader = calloc(1, sizeof(*reader));

    if (reader == NULL) return STATUS_LIMIT;
    reader->log = log;
    int code = mdb_txn_begin(log->environment.env, NULL, MDB_RDONLY, &reader->txn);
    if (code == 0)
        code = mdb_cursor_open(reader->txn, log->tables[TABLE_SEQUENCE], &reader->sequence);
    if (code == 0)
        code = mdb_cursor_open(reader->txn, log->tables[TABLE_RECORDS], &reader->records);
    if (code == 0) {
        mdb_txn_reset(reader->txn);
        *out = reader;
        return STATUS_OK;
    }
    log_reader_close(reader);
    return environment_status(code);
}

enum status log_reader_open(struct log *log, const uint32_t *topic_ids, uint32_t topic_count,
                            uint64_t after_lsn, struct log_reader **reader)
{
    /* A position behind the log's end would silently skip what comes there next. */
    if (after_lsn > atomic_load(&log->assigned_lsn)) return STATUS_CORRUPT;
    enum status status = reader_create(log, reader);
    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < topic_count; i++) {
        ASSERT(topic_by_id(log, topic_ids[i]) != NULL);
        (*reader)->topics[topic_ids[i] / TOPIC_WORD_BITS] |= 1ULL
                                                             << (topic_ids[i] % TOPIC_WORD_BITS);
    }
    (*reader)->position = after_lsn;
    return STATUS_OK;
}

enum status log_read_topic(struct log *log, uint32_t topic_id, uint64_t offset,
                           struct log_reader **reader)
{
    ASSERT(topic_by_id(log, topic_id) != NULL);
    enum status status = reader_create(log, reader);
    if (status != STATUS_OK) return status;
    (*reader)->one_topic = true;
    (*reader)->topic_id = topic_id;
    (*reader)->offset = offset;
    return STATUS_OK;
}

void log_reader_close(struct log_reader *reader)
{
    if (reader == NULL) return;
    if (reader->current != NULL) batch_release(reader->current);
    while (reader->held_next < reader->held_count)
        batch_release(reader->held[reader->held_next++]);
    if (reader->sequence != NULL) mdb_cursor_close(reader->sequence);
    if (reader->records != NULL) mdb_cursor_close(reader->records);
    if (reader->txn != NULL) mdb_txn_abort(reader->txn);
    free(reader);
}

/* --- from memory --------------------------------------------------------------------------------- */

/* Takes what is there; NOT_FOUND if the next number is older than the tail: *first_lsn says where the
 * tail begins. */
static enum status fill_from_tail(struct log_reader *reader, uint64_t *first_lsn)
{
    struct log_tail *tail = &reader->log->tail;
    enum status status = STATUS_NOT_FOUND;

    (void)pthread_mutex_lock(&tail->lock);
    *first_lsn = tail->first_lsn;
    if (reader->position + 1 >= tail->first_lsn) {
        status = STATUS_OK;
        while (reader->position + 1 < tail->next_lsn && reader->held_count < READER_HELD_MAX) {
            struct log_batch *batch = tail->ring[++reader->position & (tail->capacity - 1)];

            if (reader_wants(reader, batch->topic_id))
                reader->held[reader->held_count++] = batch_hold(batch);
        }
    }
    (void)pthread_mutex_unlock(&tail->lock);
    return status;
}

/* --- from the disk ------------------------------------------------------------------------------- */

/* lsn 0: any. */
static enum status hold_copy(struct log_reader *reader, uint32_t topic_id, uint64_t first_offset,
                             uint64_t lsn, MDB_val data)
{
    const uint8_t *bytes = data.mv_data;

    if (data.mv_size < RECORD_BATCH_HEADER_BYTES) return STATUS_CORRUPT;
    if (get_le64(bytes + BATCH_FIRST_OFFSET_AT) != first_offset) return STATUS_CORRUPT;
    if (lsn != 0 && get_le64(bytes + BATCH_LSN_AT) != lsn) return STATUS_CORRUPT;
    struct log_batch *batch = batch_create(topic_id, slice_of_val(data));
    if (batch == NULL) return STATUS_AGAIN;
    batch->lsn = get_le64(bytes + BATCH_LSN_AT);
    batch->first_offset = first_offset;
    batch->count = record_batch_count((struct slice){bytes, data.mv_size});
    reader->held[reader->held_count++] = batch;
    return STATUS_OK;
}

static enum status hold_by_sequence(struct log_reader *reader, uint64_t lsn,
                                    const struct sequence_row *sequence)
{
    uint8_t bytes[RECORDS_KEY_BYTES];
    MDB_val key = {sizeof(bytes), bytes};
    MDB_val data;

    records_key(sequence->topic_id, sequence->first_offset, bytes);
    int code = mdb_cursor_get(reader->records, &key, &data, MDB_SET_KEY);
    if (code == MDB_NOTFOUND) return STATUS_CORRUPT; /* both rows come and go in one transaction */
    if (code != 0) return environment_status(code);
    if (data.mv_size != sequence->bytes) return STATUS_CORRUPT;
    return hold_copy(reader, sequence->topic_id, sequence->first_offset, lsn, data);
}

/* Walks the sequence from position + 1; moves the position over everything it has looked at. */
static enum status scan_sequence(struct log_reader *reader, uint64_t tail_first_lsn)
{
    uint8_t from[8];
    MDB_val key = {sizeof(from), from};
    MDB_val data;
    size_t bytes = 0;
    enum status status = STATUS_OK;

    put_be64(from, reader->position + 1);
    int code = mdb_cursor_get(reader->sequence, &key, &data, MDB_SET_RANGE);
    for (uint32_t rows = 0; code == 0 && rows < READER_SCAN_MAX; rows++) {
        struct sequence_row sequence;

        if (key.mv_size != sizeof(from)) return STATUS_CORRUPT;
        uint64_t lsn = get_be64(key.mv_data);
        status = sequence_read(key, data, &sequence);
        if (status != STATUS_OK) return status;
        if (sequence.topic_id > TOPICS_MAX) return STATUS_CORRUPT;
        if (reader_wants(reader, sequence.topic_id)) {
            status = hold_by_sequence(reader, lsn, &sequence);
            if (status != STATUS_OK) return status;
            bytes += sequence.bytes;
        }
        reader->position = lsn;
        if (reader->held_count == READER_HELD_MAX || bytes >= READER_HELD_BYTES_MAX)
            return STATUS_OK;
        code = mdb_cursor_get(reader->sequence, &key, &data, MDB_NEXT);
    }
    if (code == MDB_NOTFOUND) { /* what lies before the tail and is not on the disk was retired */
        if (reader->position + 1 < tail_first_lsn) reader->position = tail_first_lsn - 1;
        return STATUS_OK;
    }
    return environment_status(code);
}

/* The batch that holds `offset`, or the first after it; then those that follow. */
static enum status scan_topic(struct log_reader *reader)
{
    uint8_t from[RECORDS_KEY_BYTES];
    MDB_val key = {sizeof(from), from};
    MDB_val data;
    size_t bytes = 0;

    records_key(reader->topic_id, reader->offset, from);
    int code = mdb_cursor_get(reader->records, &key, &data, MDB_SET_RANGE);
    bool exact =
        code == 0 && key.mv_size == sizeof(from) && memcmp(key.mv_data, from, sizeof(from)) == 0;
    if (!exact) { /* the batch before may reach over the offset; if not, it is skipped below */
        int before = mdb_cursor_get(reader->records, &key, &data, code == 0 ? MDB_PREV : MDB_LAST);
        if (before == 0) code = 0;
        if (before == MDB_NOTFOUND && code == 0)
            code = mdb_cursor_get(reader->records, &key, &data, MDB_FIRST);
    }
    for (uint32_t rows = 0; code == 0 && rows < READER_HELD_MAX; rows++) {
        if (key.mv_size != sizeof(from)) return STATUS_CORRUPT;
        uint32_t topic_id = get_be32(key.mv_data);
        uint64_t first = get_be64((const uint8_t *)key.mv_data + 4);
        uint32_t count = record_batch_count((struct slice){data.mv_data, data.mv_size});

        if (topic_id > reader->topic_id) return STATUS_OK;
        if (topic_id == reader->topic_id && first + count > reader->offset) {
            enum status status = hold_copy(reader, topic_id, first, 0, data);
            if (status != STATUS_OK) return status;
            reader->offset = first + count;
            bytes += data.mv_size;
            if (bytes >= READER_HELD_BYTES_MAX) return STATUS_OK;
        }
        code = mdb_cursor_get(reader->records, &key, &data, MDB_NEXT);
    }
    return code == MDB_NOTFOUND ? STATUS_OK : environment_status(code);
}

static enum status fill_from_disk(struct log_reader *reader, uint64_t tail_first_lsn)
{
    int code = mdb_txn_renew(reader->txn);

    if (code == 0) code = mdb_cursor_renew(reader->txn, reader->sequence);
    if (code == 0) code = mdb_cursor_renew(reader->txn, reader->records);
    enum status status = environment_status(code);
    if (status == STATUS_OK)
        status = reader->one_topic ? scan_topic(reader) : scan_sequence(reader, tail_first_lsn);
    mdb_txn_reset(reader->txn);
    return status;
}

static enum status reader_fill(struct log_reader *reader)
{
    uint64_t tail_first_lsn;

    reader->held_count = 0;
    reader->held_next = 0;
    if (reader->one_topic) return fill_from_disk(reader, 0);
    for (;;) {
        enum status status = fill_from_tail(reader, &tail_first_lsn);
        if (status == STATUS_OK) return STATUS_OK;
        status = fill_from_disk(reader, tail_first_lsn);
        if (status != STATUS_OK || reader->held_count > 0) return status;
    }
}

enum status log_reader_next(struct log_reader *reader, struct log_view *view)
{
    if (reader->current != NULL) batch_release(reader->current);
    reader->current = NULL;
    if (reader->held_next == reader->held_count) {
        enum status status = reader_fill(reader);

        if (status != STATUS_OK && reader->held_count == 0) return status;
        if (reader->held_count == 0) return STATUS_AGAIN;
    }
    reader->current = reader->held[reader->held_next++];
    *view = (struct log_view){reader->current->topic_id, reader->current->lsn,
                              (struct slice){reader->current->bytes, reader->current->len}};
    return STATUS_OK;
}
