/* reader.c - batches in the order of their commit, from memory when they are recent.
 *
 * LMDB's own pages have no checksum: a damaged tree may hide entries. So a reader holds each topic's
 * offsets against each other: what is missing must have been retired, as the topic's row says.
 *
 * Batches from the disk are copied: 64 KiB cost less than the checksum that follows, and no read
 * transaction outlives the call, so pages are never kept from reuse by a reader that has paused. */
#include <stdlib.h>

#include "log/inside.h"

enum { TOPIC_WORD_BITS = 64, TOPIC_WORDS = TOPICS_MAX / TOPIC_WORD_BITS + 1 };

struct log_reader {
    struct log *log;
    bool one_topic;                /* log_read_topic: by offset, durable only */
    uint32_t topic_id;             /* one_topic */
    uint64_t offset;               /* one_topic: next to give */
    uint64_t topics[TOPIC_WORDS];  /* which ids */
    uint64_t position;             /* everything up to this lsn was given or is not ours */
    uint64_t ends[TOPICS_MAX + 1]; /* by topic id: offset behind the batch taken last; 0: none */
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

/* --- completeness -------------------------------------------------------------------------------- */

static bool batch_follows(const struct log_reader *reader, uint32_t topic_id, uint64_t first_offset)
{
    uint64_t end = reader->ends[topic_id];

    return end == 0 || end == first_offset;
}

static void reader_hold(struct log_reader *reader, struct log_batch *batch)
{
    reader->held[reader->held_count++] = batch;
    reader->ends[batch->topic_id] = batch->first_offset + batch->count;
}

static enum status topic_row_read(const struct log_reader *reader, uint32_t topic_id,
                                  struct topic_row *row)
{
    struct slice name = slice_of(topic_by_id(reader->log, topic_id)->name);
    MDB_val key = val_of(name);
    MDB_val data;
    int code = mdb_get(reader->txn, reader->log->tables[TABLE_TOPICS], &key, &data);

    return code == 0 ? topic_read(name, data, row) : environment_status(code);
}

/* Offsets before first_offset are missing. Inside the reader's transaction.
 * fails    CORRUPT: they are not all retired */
static enum status gap_check(const struct log_reader *reader, uint32_t topic_id,
                             uint64_t first_offset)
{
    struct topic_row row = {0};
    enum status status = topic_row_read(reader, topic_id, &row);

    if (status != STATUS_OK) return status;
    uint64_t kept_from = first_offset < row.next_offset ? first_offset : row.next_offset;
    return row.first_offset >= kept_from ? STATUS_OK : STATUS_CORRUPT;
}

static enum status reader_renew(struct log_reader *reader)
{
    int code = mdb_txn_renew(reader->txn);

    if (code == 0) code = mdb_cursor_renew(reader->txn, reader->sequence);
    if (code == 0) code = mdb_cursor_renew(reader->txn, reader->records);
    return environment_status(code);
}

/* --- from memory --------------------------------------------------------------------------------- */

/* Takes what is there, up to a batch that does not follow: that is left in *gap, held.
 * fails    NOT_FOUND: the next number is older than the tail; *first_lsn says where that begins */
static enum status take_from_tail(struct log_reader *reader, uint64_t *first_lsn,
                                  struct log_batch **gap)
{
    struct log_tail *tail = &reader->log->tail;
    enum status status = STATUS_NOT_FOUND;

    (void)pthread_mutex_lock(&tail->lock);
    *first_lsn = tail->first_lsn;
    if (reader->position + 1 >= tail->first_lsn) status = STATUS_OK;
    while (status == STATUS_OK && reader->position + 1 < tail->next_lsn &&
           reader->held_count < READER_HELD_MAX && *gap == NULL) {
        struct log_batch *batch = tail->ring[(reader->position + 1) & (tail->capacity - 1)];

        if (reader_wants(reader, batch->topic_id) &&
            !batch_follows(reader, batch->topic_id, batch->first_offset)) {
            *gap = batch_hold(batch);
            break;
        }
        if (reader_wants(reader, batch->topic_id)) reader_hold(reader, batch_hold(batch));
        reader->position++;
    }
    (void)pthread_mutex_unlock(&tail->lock);
    return status;
}

/* The log was complete so far, or it is not: then the reader ends here. */
static enum status gap_settle(struct log_reader *reader, const struct log_batch *gap)
{
    enum status status = reader_renew(reader);

    if (status == STATUS_OK) status = gap_check(reader, gap->topic_id, gap->first_offset);
    mdb_txn_reset(reader->txn);
    if (status == STATUS_OK) reader->ends[gap->topic_id] = 0;
    return status;
}

static enum status fill_from_tail(struct log_reader *reader, uint64_t *first_lsn)
{
    for (;;) {
        struct log_batch *gap = NULL;
        enum status status = take_from_tail(reader, first_lsn, &gap);

        if (gap == NULL) return status;
        status = gap_settle(reader, gap);
        batch_release(gap);
        if (status != STATUS_OK || reader->held_count > 0) return status;
    }
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
    if (!batch_follows(reader, topic_id, first_offset)) {
        enum status status = gap_check(reader, topic_id, first_offset);
        if (status != STATUS_OK) return status;
    }
    struct log_batch *batch = batch_create(topic_id, slice_of_val(data));
    if (batch == NULL) return STATUS_AGAIN;
    batch->lsn = get_le64(bytes + BATCH_LSN_AT);
    batch->first_offset = first_offset;
    batch->count = record_batch_count((struct slice){bytes, data.mv_size});
    reader_hold(reader, batch);
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

/* To the batch before the offset, which may reach over it, or to the first there is. */
static int topic_seek(struct log_reader *reader, MDB_val *key, MDB_val *data)
{
    uint8_t from[RECORDS_KEY_BYTES];

    records_key(reader->topic_id, reader->offset, from);
    *key = (MDB_val){sizeof(from), from};
    int code = mdb_cursor_get(reader->records, key, data, MDB_SET_RANGE);
    if (code == 0 && slice_equal(slice_of_val(*key), (struct slice){from, sizeof(from)})) return 0;
    if (code != 0 && code != MDB_NOTFOUND) return code;
    code = mdb_cursor_get(reader->records, key, data, code == 0 ? MDB_PREV : MDB_LAST);
    return code == MDB_NOTFOUND ? mdb_cursor_get(reader->records, key, data, MDB_FIRST) : code;
}

/* Takes one batch if it holds the offset or what follows it. NOT_FOUND: the topic ends before it. */
static enum status topic_take(struct log_reader *reader, MDB_val key, MDB_val data)
{
    if (key.mv_size != RECORDS_KEY_BYTES) return STATUS_CORRUPT;
    uint32_t topic_id = get_be32(key.mv_data);
    uint64_t first = get_be64((const uint8_t *)key.mv_data + 4);
    uint64_t end = first + record_batch_count(slice_of_val(data));

    if (topic_id > reader->topic_id) return STATUS_NOT_FOUND;
    if (topic_id < reader->topic_id || end <= reader->offset) return STATUS_OK;
    enum status status = STATUS_OK;
    if (first > reader->offset) status = gap_check(reader, topic_id, first);
    if (status == STATUS_OK) status = hold_copy(reader, topic_id, first, 0, data);
    if (status == STATUS_OK) reader->offset = end;
    return status;
}

/* Nothing was found behind the offset: that must be what the topic's row says. */
static enum status topic_end_check(const struct log_reader *reader)
{
    struct topic_row row = {0};
    enum status status = topic_row_read(reader, reader->topic_id, &row);

    if (status != STATUS_OK) return status;
    bool ended = reader->offset >= row.next_offset || row.first_offset == row.next_offset;
    return ended ? STATUS_OK : STATUS_CORRUPT;
}

static enum status scan_topic(struct log_reader *reader)
{
    MDB_val key;
    MDB_val data;
    size_t bytes = 0;
    int code = topic_seek(reader, &key, &data);

    while (code == 0 && reader->held_count < READER_HELD_MAX && bytes < READER_HELD_BYTES_MAX) {
        uint32_t held = reader->held_count;
        enum status status = topic_take(reader, key, data);

        if (status == STATUS_NOT_FOUND) break;
        if (status != STATUS_OK) return status;
        if (reader->held_count > held) bytes += data.mv_size;
        code = mdb_cursor_get(reader->records, &key, &data, MDB_NEXT);
    }
    if (code != 0 && code != MDB_NOTFOUND) return environment_status(code);
    return reader->held_count == 0 ? topic_end_check(reader) : STATUS_OK;
}

static enum status fill_from_disk(struct log_reader *reader, uint64_t tail_first_lsn)
{
    enum status status = reader_renew(reader);

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
        if (status != STATUS_NOT_FOUND) return status;
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
