/* committer.c - the one thread that orders and commits.
 *
 * It takes everything that waits, so the cost of a commit is shared by what arrived during the one
 * before. Space is made sure of before anything is numbered: what was numbered has been seen by
 * readers and is never taken back. Should the disk fill up all the same in the middle of a commit, the
 * same transaction is tried again until space returns; a transaction rewrites every page it needs, so
 * trying again is honest. A failed sync is something else: nobody knows what is on the disk then, and
 * acknowledging ends for good.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "log/inside.h"
#include "sys/clock.h"
#include "sys/killpoint.h"
#include "sys/thread.h"

struct log_item {
    struct log_item *next;
    log_done done;
    void *context;
    uint64_t progress_lsn;
    const uint8_t *consumer; /* behind the parts */
    size_t consumer_len;     /* 0: none */
    size_t bytes;
    uint32_t part_count;
    struct log_batch *parts[];
};

/* What one transaction takes. */
struct group {
    struct log_item *first;
    struct log_item *last;
    size_t bytes;
    uint32_t batch_count;
};

/* --- submitting ---------------------------------------------------------------------------------- */

static void item_destroy(struct log_item *item)
{
    for (uint32_t i = 0; i < item->part_count; i++)
        batch_release(item->parts[i]);
    free(item);
}

static struct log_item *item_create(const struct log *log, const struct log_append *append)
{
    size_t parts_bytes = append->part_count * sizeof(struct log_batch *);
    struct log_item *item = malloc(sizeof(*item) + parts_bytes + append->consumer.len);

    if (item == NULL) return NULL;
    uint8_t *consumer = (uint8_t *)item + sizeof(*item) + parts_bytes;
    if (append->consumer.len > 0) memcpy(consumer, append->consumer.data, append->consumer.len);
    *item = (struct log_item){.done = append->done,
                              .context = append->context,
                              .progress_lsn = append->progress_lsn,
                              .consumer = consumer,
                              .consumer_len = append->consumer.len};
    for (uint32_t i = 0; i < append->part_count; i++) {
        const struct log_part *part = &append->parts[i];

        ASSERT(topic_by_id(log, part->topic_id) != NULL);
        ASSERT(part->batch.len > RECORD_BATCH_HEADER_BYTES); /* pair: record_batch_open() */
        item->parts[i] = batch_create(part->topic_id, part->batch);
        if (item->parts[i] == NULL) {
            item_destroy(item);
            return NULL;
        }
        item->part_count++;
        item->bytes += part->batch.len;
    }
    return item;
}

enum status log_submit(struct log *log, const struct log_append *append)
{
    ASSERT(append->consumer.len <= LOG_CONSUMER_MAX);
    if (log_health(log) != STATUS_OK) return log_health(log);
    struct log_item *item = item_create(log, append);
    if (item == NULL) return STATUS_AGAIN;

    (void)pthread_mutex_lock(&log->queue_lock);
    size_t waiting = atomic_load(&log->queue_bytes);
    enum status status = log->closing ? STATUS_IO : log_health(log);
    if (status == STATUS_OK && waiting > 0 && waiting + item->bytes > log->options.queue_bytes_max)
        status = STATUS_AGAIN;
    if (status == STATUS_OK) {
        *(log->queue_last == NULL ? &log->queue_first : &log->queue_last->next) = item;
        log->queue_last = item;
        atomic_store(&log->queue_bytes, waiting + item->bytes);
        (void)pthread_cond_signal(&log->queue_changed);
    }
    (void)pthread_mutex_unlock(&log->queue_lock);
    if (status != STATUS_OK) item_destroy(item);
    return status;
}

/* --- taking, answering --------------------------------------------------------------------------- */

static void wait_ms(struct log *log, int64_t timeout_ms)
{
    struct timespec until;
    int failed = clock_gettime(CLOCK_MONOTONIC, &until);

    ASSERT(failed == 0);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    failed = pthread_cond_timedwait(&log->queue_changed, &log->queue_lock, &until);
    ASSERT(failed == 0 || failed == ETIMEDOUT);
}

/* Takes what waits, in order, up to COMMIT_BYTES_MAX; waits at most timeout_ms for something.
 * Returns false when there is nothing and never will be. */
static bool group_take(struct log *log, int64_t timeout_ms, struct group *group)
{
    *group = (struct group){0};
    (void)pthread_mutex_lock(&log->queue_lock);
    if (log->queue_first == NULL && !log->closing && timeout_ms > 0) wait_ms(log, timeout_ms);
    while (log->queue_first != NULL) {
        struct log_item *item = log->queue_first;

        if (group->first != NULL && group->bytes + item->bytes > COMMIT_BYTES_MAX) break;
        log->queue_first = item->next;
        if (log->queue_first == NULL) log->queue_last = NULL;
        item->next = NULL;
        *(group->last == NULL ? &group->first : &group->last->next) = item;
        group->last = item;
        group->bytes += item->bytes;
        group->batch_count += item->part_count;
    }
    atomic_store(&log->queue_bytes, atomic_load(&log->queue_bytes) - group->bytes);
    bool more = group->first != NULL || !log->closing;
    (void)pthread_mutex_unlock(&log->queue_lock);
    return more;
}

static void item_answer(const struct log *log, const struct log_item *item, enum status status)
{
    uint64_t first_offset = 0;
    uint64_t lsn = 0;

    if (item->done == NULL) return;
    if (status == STATUS_OK && item->part_count > 0) {
        first_offset = item->parts[0]->first_offset;
        lsn = item->parts[item->part_count - 1]->lsn;
    } else if (status == STATUS_OK) {
        lsn = atomic_load(&log->durable_lsn);
    }
    item->done(item->context, status, first_offset, lsn);
}

static void group_answer(const struct log *log, const struct group *group, enum status status)
{
    for (const struct log_item *item = group->first; item != NULL; item = item->next)
        item_answer(log, item, status);
}

static void group_free(struct group *group)
{
    while (group->first != NULL) {
        struct log_item *next = group->first->next;

        item_destroy(group->first);
        group->first = next;
    }
}

static void wake_all(struct log *log)
{
    (void)pthread_mutex_lock(&log->wakers_lock);
    for (uint32_t i = 0; i < log->waker_count; i++)
        log->wakers[i].wake(log->wakers[i].context);
    (void)pthread_mutex_unlock(&log->wakers_lock);
}

/* IO is for good. */
static void health_set(struct log *log, enum status health)
{
    if (log_health(log) == STATUS_IO || log_health(log) == health) return;
    (void)pthread_mutex_lock(&log->queue_lock);
    atomic_store(&log->health, (int)health);
    (void)pthread_cond_broadcast(&log->durable_changed);
    (void)pthread_mutex_unlock(&log->queue_lock);
}

static void durable_set(struct log *log, uint64_t lsn)
{
    (void)pthread_mutex_lock(&log->queue_lock);
    atomic_store(&log->durable_lsn, lsn);
    (void)pthread_cond_broadcast(&log->durable_changed);
    (void)pthread_mutex_unlock(&log->queue_lock);
}

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

static void group_publish(struct log *log, const struct group *group)
{
    for (const struct log_item *item = group->first; item != NULL; item = item->next) {
        for (uint32_t i = 0; i < item->part_count; i++) {
            batch_number(log, item->parts[i]);
            tail_push(&log->tail, item->parts[i]);
        }
    }
    atomic_store(&log->assigned_lsn, log->last_lsn);
    KILLPOINT(tail_published);
    wake_all(log);
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

static enum status group_put(struct log *log, MDB_txn *txn, const struct group *group)
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

static enum status group_write(struct log *log, const struct group *group)
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
    struct group waiting;

    while (group_take(log, 0, &waiting) && waiting.first != NULL) {
        group_answer(log, &waiting, STATUS_FULL);
        group_free(&waiting);
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
    health_set(log, STATUS_FULL);
    queue_refuse(log);
    (void)pthread_mutex_lock(&log->queue_lock);
    if (!log_stopped_waiting(log)) wait_ms(log, FULL_RETRY_MS);
    (void)pthread_mutex_unlock(&log->queue_lock);
    retain(log, clock_wall_ms());
}

/* Readers have seen it: it is written, or nothing is any more. */
static enum status group_settle(struct log *log, const struct group *group)
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

static uint64_t group_records(const struct group *group)
{
    uint64_t count = 0;

    for (const struct log_item *item = group->first; item != NULL; item = item->next) {
        for (uint32_t i = 0; i < item->part_count; i++)
            count += item->parts[i]->count;
    }
    return count;
}

static enum status group_admit(struct log *log, const struct group *group)
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
static void acknowledge_too_early(struct log *log, const struct group *group)
{
    static const struct timespec pause = {.tv_nsec = 5000000};

    durable_set(log, log->last_lsn);
    group_answer(log, group, STATUS_OK);
    wake_all(log);
    (void)nanosleep(&pause, NULL);
}

static void group_commit(struct log *log, const struct group *group)
{
    enum status status = group_admit(log, group);
    bool answered = false;

    if (status == STATUS_OK) {
        health_set(log, STATUS_OK);
        group_publish(log, group);
        if (log->options.prove_ack_before_sync) acknowledge_too_early(log, group);
        answered = log->options.prove_ack_before_sync;
        status = group_settle(log, group);
        if (status == STATUS_OK) {
            KILLPOINT(log_after_commit_before_ack);
            atomic_fetch_add(&log->records, group_records(group));
            health_set(log, STATUS_OK);
            durable_set(log, log->last_lsn);
        } else if (status == STATUS_FULL) {
            log->given_up = true; /* nothing may be stored behind what is not */
            health_set(log, STATUS_FULL);
        } else {
            health_set(log, STATUS_IO); /* also what could not be read while writing: stop */
        }
    } else {
        health_set(log, status == STATUS_FULL ? STATUS_FULL : STATUS_IO);
        if (status != STATUS_FULL) status = STATUS_IO;
    }
    if (!answered) group_answer(log, group, status);
    wake_all(log);
    tail_trim(&log->tail, atomic_load(&log->durable_lsn));
}

/* Nothing to commit: look after retention, and whether space has returned. */
static void idle(struct log *log)
{
    int64_t now_ms = clock_wall_ms();
    struct group nothing = {0};

    if (log_health(log) == STATUS_IO) return;
    if (retention_due(log, now_ms)) retain(log, now_ms);
    if (log_health(log) == STATUS_FULL && group_admit(log, &nothing) == STATUS_OK) {
        health_set(log, STATUS_OK);
        wake_all(log);
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
    struct group group;

    thread_name("committer");
    while (group_take(log, idle_timeout_ms(log), &group)) {
        if (group.first == NULL) {
            idle(log);
        } else {
            group_commit(log, &group);
            group_free(&group);
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
