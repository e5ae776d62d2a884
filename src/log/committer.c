/* committer.c - the one thread that orders and commits.
 *
 * It takes everything that waits, so the cost of a commit is shared by what arrived during the one
 * before. Space is made sure of before anything is numbered: what was numbered has been seen by
 * readers and is never taken back. Should the disk fill up all the same in the middle of a commit, the
 * same transaction is tried again until space returns; a transaction rewrites every page it needs, so
 * trying again is honest. A failed sync is something else: nobody knows what is on the disk then, and
 * acknowledging ends for good.
 */
#include <time.h>

#include "log/inside.h"
#include "sys/clock.h"
#include "sys/killpoint.h"
#include "sys/thread.h"

/* --- numbering and showing ----------------------------------------------------------------------- */

static void batch_number(struct log *log, struct log_batch *batch)
{
    struct log_topic *topic = topic_by_id(log, batch->topic_id);

    batch->lsn = ++log->last_lsn;
    batch->count = record_batch_count((struct slice){batch->bytes, batch->len});
    ASSERT(batch->count > 0);
    batch->first_offset = topic->next_offset;
    topic->next_offset += batch->count;
    record_batch_seal(batch->bytes, batch->len, batch->topic_id, batch->first_offset, batch->lsn);
}

static void group_publish(struct log *log, const struct log_group *group)
{
    for (const struct log_item *item = group->first; item != NULL; item = item->next) {
        for (uint32_t i = 0; i < item->part_count; i++) {
            batch_number(log, item->parts[i]);
            tail_push(&log->tail, item->parts[i]);
        }
    }
    atomic_store(&log->assigned_lsn, log->last_lsn);
    KILLPOINT(tail_published);
    log_wake_all(log);
}

/* --- writing ------------------------------------------------------------------------------------- */

static int batch_put(struct log *log, MDB_txn *txn, const struct log_batch *batch, int64_t now_ms)
{
    struct sequence_row sequence = {batch->topic_id, (uint32_t)batch->len, batch->first_offset,
                                    now_ms};
    uint8_t key[RECORDS_KEY_BYTES];
    uint8_t lsn[8];
    uint8_t row[ROW_BYTES_MAX];
    MDB_val records = {sizeof(key), key};
    MDB_val bytes = val_of((struct slice){batch->bytes, batch->len});
    MDB_val sequence_key = {sizeof(lsn), lsn};
    MDB_val sequence_data = {sequence_write(batch->lsn, &sequence, row), row};

    records_key(batch->topic_id, batch->first_offset, key);
    put_be64(lsn, batch->lsn);
    int code = mdb_put(txn, log->tables[TABLE_RECORDS], &records, &bytes, MDB_NOOVERWRITE);
    if (code == 0)
        code = mdb_put(txn, log->tables[TABLE_SEQUENCE], &sequence_key, &sequence_data, MDB_APPEND);
    return code;
}

static int lsn_put(struct log *log, MDB_txn *txn, enum log_table table, struct slice name,
                   uint64_t lsn)
{
    uint8_t body[LSN_BODY_BYTES];
    uint8_t row[ROW_BYTES_MAX];
    MDB_val key = val_of(name);

    put_le64(body, lsn);
    MDB_val data = {row_write(table, name, (struct slice){body, sizeof(body)}, row), row};
    return mdb_put(txn, log->tables[table], &key, &data, 0);
}

static int item_put(struct log *log, MDB_txn *txn, const struct log_item *item, int64_t now_ms)
{
    int code = 0;

    for (uint32_t i = 0; i < item->part_count && code == 0; i++) {
        const struct log_batch *batch = item->parts[i];
        struct log_topic *topic = topic_by_id(log, batch->topic_id);

        code = batch_put(log, txn, batch, now_ms);
        topic->touched = true;
        topic->pending.next_offset = batch->first_offset + batch->count;
        topic->pending.bytes += batch->len;
    }
    if (code != 0 || item->consumer_len == 0) return code;
    struct slice consumer = {item->consumer, item->consumer_len};
    return lsn_put(log, txn, TABLE_PROGRESS, consumer, item->progress_lsn);
}

static enum status group_put(struct log *log, MDB_txn *txn, const struct log_group *group)
{
    int64_t now_ms = clock_wall_ms();
    int code = 0;

    for (const struct log_item *item = group->first; item != NULL && code == 0; item = item->next) {
        code = item_put(log, txn, item, now_ms);
    }
    if (code == 0) code = lsn_put(log, txn, TABLE_TOPICS, SLICE("*"), log->last_lsn);
    if (code != 0) return environment_status(code);
    return retention_step(log, txn, now_ms, RETAIN_PER_COMMIT + 2 * group->batch_count);
}

static enum status group_write(struct log *log, const struct log_group *group)
{
    MDB_txn *txn;

    (void)pthread_mutex_lock(&log->writer_lock);
    enum status status = writer_begin(log, &txn);
    if (status == STATUS_OK) {
        status = group_put(log, txn, group);
        KILLPOINT(log_before_commit);
        status = writer_end(log, txn, status);
    }
    (void)pthread_mutex_unlock(&log->writer_lock);
    return status;
}

/* Answers everything that waits, not yet numbered, with FULL. */
static void queue_refuse(struct log *log)
{
    struct log_group waiting;

    while (queue_take(log, 0, &waiting) && waiting.first != NULL) {
        queue_answer(log, &waiting, STATUS_FULL);
        queue_group_free(&waiting);
    }
}

/* A failure is what the next commit will meet, too; it answers for it. */
static void retain(struct log *log, int64_t now_ms)
{
    enum status status = log_retain(log, now_ms);

    (void)status;
}

static void wait_for_space(struct log *log)
{
    log_health_set(log, STATUS_FULL);
    queue_refuse(log);
    (void)pthread_mutex_lock(&log->queue_lock);
    if (!log_stopped_waiting(log)) queue_wait_ms(log, FULL_RETRY_MS);
    (void)pthread_mutex_unlock(&log->queue_lock);
    retain(log, clock_wall_ms());
}

/* Readers have seen it: it is written, or nothing is any more. */
static enum status group_settle(struct log *log, const struct log_group *group)
{
    uint64_t began_ns = clock_monotonic_ns();
    enum status status = group_write(log, group);

    while (status == STATUS_FULL && !log_stopped_waiting(log)) {
        wait_for_space(log);
        status = group_write(log, group);
    }
    uint64_t took_ns = clock_monotonic_ns() - began_ns;
    atomic_fetch_add(&log->commits, 1);
    atomic_fetch_add(&log->batches, group->batch_count);
    atomic_fetch_add(&log->bytes, group->bytes);
    atomic_fetch_add(&log->commit_ns_total, took_ns);
    if (took_ns > atomic_load(&log->commit_ns_max)) atomic_store(&log->commit_ns_max, took_ns);
    return status;
}

static uint64_t group_records(const struct log_group *group)
{
    uint64_t count = 0;

    for (const struct log_item *item = group->first; item != NULL; item = item->next) {
        for (uint32_t i = 0; i < item->part_count; i++)
            count += item->parts[i]->count;
    }
    return count;
}

static enum status group_admit(struct log *log, const struct log_group *group)
{
    uint64_t pages_bytes = (uint64_t)group->batch_count * 2 * log->environment.page_bytes;

    if (log_health(log) == STATUS_IO) return STATUS_IO;
    if (log->given_up) return STATUS_FULL;
    (void)pthread_mutex_lock(&log->writer_lock);
    enum status status =
        environment_reserve(&log->environment, group->bytes + pages_bytes + RESERVE_SLACK_BYTES);
    (void)pthread_mutex_unlock(&log->writer_lock);
    if (status == STATUS_OK && tail_reserve(&log->tail, group->batch_count) != STATUS_OK)
        status = STATUS_FULL; /* of memory: to the caller it is the same */
    return status;
}

/* The known bug: acknowledged, and only then made durable. The pause makes the kill find it. */
static void acknowledge_too_early(struct log *log, const struct log_group *group)
{
    static const struct timespec pause = {.tv_nsec = 5000000};

    log_durable_set(log, log->last_lsn);
    queue_answer(log, group, STATUS_OK);
    log_wake_all(log);
    (void)nanosleep(&pause, NULL);
}

static void group_commit(struct log *log, const struct log_group *group)
{
    enum status status = group_admit(log, group);
    bool answered = false;

    if (status == STATUS_OK) {
        log_health_set(log, STATUS_OK);
        group_publish(log, group);
        if (log->options.prove_ack_before_sync) acknowledge_too_early(log, group);
        answered = log->options.prove_ack_before_sync;
        status = group_settle(log, group);
        if (status == STATUS_OK) {
            KILLPOINT(log_after_commit_before_ack);
            atomic_fetch_add(&log->records, group_records(group));
            log_health_set(log, STATUS_OK);
            log_durable_set(log, log->last_lsn);
        } else if (status == STATUS_FULL) {
            log->given_up = true; /* nothing may be stored behind what is not */
            log_health_set(log, STATUS_FULL);
        } else {
            log_health_set(log, STATUS_IO); /* also what could not be read while writing: stop */
        }
    } else {
        log_health_set(log, status == STATUS_FULL ? STATUS_FULL : STATUS_IO);
        if (status != STATUS_FULL) status = STATUS_IO;
    }
    if (!answered) queue_answer(log, group, status);
    log_wake_all(log);
    tail_trim(&log->tail, atomic_load(&log->durable_lsn));
}

/* Nothing to commit: look after retention, and whether space has returned. */
static void idle(struct log *log)
{
    int64_t now_ms = clock_wall_ms();
    struct log_group nothing = {0};

    if (log_health(log) == STATUS_IO) return;
    if (retention_due(log, now_ms)) retain(log, now_ms);
    if (log_health(log) == STATUS_FULL && group_admit(log, &nothing) == STATUS_OK) {
        log_health_set(log, STATUS_OK);
        log_wake_all(log);
    }
}

static int64_t idle_timeout_ms(struct log *log)
{
    if (log_health(log) == STATUS_IO) return RETAIN_IDLE_MS;
    if (log_health(log) == STATUS_FULL) return FULL_RETRY_MS;
    return retention_due(log, clock_wall_ms()) ? 0 : RETAIN_IDLE_MS;
}

static void *committer_run(void *context)
{
    struct log *log = context;
    struct log_group group;

    thread_name("committer");
    while (queue_take(log, idle_timeout_ms(log), &group)) {
        if (group.first == NULL) {
            idle(log);
        } else {
            group_commit(log, &group);
            queue_group_free(&group);
        }
    }
    return NULL;
}

enum status committer_start(struct log *log)
{
    int failed = pthread_create(&log->committer, NULL, committer_run, log);

    return failed == 0 ? STATUS_OK : STATUS_IO;
}

void committer_stop(struct log *log)
{
    (void)pthread_mutex_lock(&log->queue_lock);
    log->closing = true;
    atomic_store(&log->stopped_waiting, true);
    (void)pthread_cond_signal(&log->queue_changed);
    (void)pthread_mutex_unlock(&log->queue_lock);
    int failed = pthread_join(log->committer, NULL);
    ASSERT(failed == 0);
}
