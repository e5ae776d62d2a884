/* log.c - opening, closing, and what is asked of a log. */
#include <stdlib.h>

#include "log/inside.h"
#include "sys/file.h"

enum { LOG_PATH_MAX = 4096 };

const struct log_options log_options_default = {
    .map_bytes = 64ULL << 30,
    .queue_bytes_max = 32U << 20,
    .tail_bytes_max = 64U << 20,
};

/* --- transactions -------------------------------------------------------------------------------- */

enum status writer_begin(struct log *log, MDB_txn **txn)
{
    return environment_status(mdb_txn_begin(log->environment.env, NULL, 0, txn));
}

enum status writer_end(struct log *log, MDB_txn *txn, enum status status)
{
    if (status == STATUS_OK) status = topics_write(log, txn);
    if (status == STATUS_OK) {
        status = environment_status(mdb_txn_commit(txn));
    } else {
        mdb_txn_abort(txn);
    }
    topics_end(log, status == STATUS_OK);
    return status;
}

/* --- opening ------------------------------------------------------------------------------------- */

static enum status tables_open(struct log *log)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(log->environment.env, NULL, 0, &txn);

    if (code != 0) return environment_status(code);
    for (int i = 0; i < TABLE_COUNT && code == 0; i++)
        code = mdb_dbi_open(txn, table_names[i], MDB_CREATE, &log->tables[i]);
    if (code == 0) return environment_status(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return environment_status(code);
}

/* The number given out last; its row is written by every commit that gives one out. */
static enum status last_lsn_read(struct log *log, MDB_txn *txn)
{
    struct byte_reader body;
    MDB_val key = val_of(SLICE("*"));
    MDB_val data;
    int code = mdb_get(txn, log->tables[TABLE_TOPICS], &key, &data);

    if (code == MDB_NOTFOUND) return STATUS_OK;
    if (code != 0) return environment_status(code);
    enum status status = row_read(TABLE_TOPICS, SLICE("*"), data, LSN_BODY_BYTES, &body);
    if (status == STATUS_OK) log->last_lsn = read_le64(&body);
    return status;
}

static enum status log_recover(struct log *log)
{
    MDB_txn *txn;
    enum status status =
        environment_status(mdb_txn_begin(log->environment.env, NULL, MDB_RDONLY, &txn));

    if (status != STATUS_OK) return status;
    status = last_lsn_read(log, txn);
    if (status == STATUS_OK) status = topics_load(log, txn);
    mdb_txn_abort(txn);
    atomic_store(&log->durable_lsn, log->last_lsn);
    atomic_store(&log->assigned_lsn, log->last_lsn);
    return status;
}

static void locks_init(struct log *log)
{
    pthread_condattr_t attributes;
    int failed = pthread_condattr_init(&attributes);

    failed |= pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    failed |= pthread_mutex_init(&log->writer_lock, NULL);
    failed |= pthread_mutex_init(&log->queue_lock, NULL);
    failed |= pthread_mutex_init(&log->topics_lock, NULL);
    failed |= pthread_mutex_init(&log->wakers_lock, NULL);
    failed |= pthread_cond_init(&log->queue_changed, &attributes);
    failed |= pthread_cond_init(&log->durable_changed, NULL);
    failed |= pthread_condattr_destroy(&attributes);
    ASSERT(failed == 0);
}

static enum status log_start(struct log *log, const char *directory, struct buffer *message)
{
    struct buffer path;
    enum status status = file_make_directory(directory, FILE_DIRECTORY_PRIVATE);

    if (status != STATUS_OK) {
        buffer_append_text(message, directory);
        buffer_append_text(message, ": cannot make this directory");
        return status;
    }
    status = owner_lock(directory, &log->owner_fd, message);
    if (status != STATUS_OK) return status;
    buffer_init(&path, LOG_PATH_MAX);
    /* Sequential reading gains from read-ahead, so MDB_NORDAHEAD is not asked for. */
    status = environment_open(file_join(&path, directory, "log"), log->options.map_bytes,
                              TABLE_COUNT, 0, &log->environment, message);
    buffer_deinit(&path);
    if (status != STATUS_OK) return status;
    status = tables_open(log);
    if (status == STATUS_OK) status = log_recover(log);
    if (status == STATUS_OK)
        status = tail_init(&log->tail, log->last_lsn + 1, log->options.tail_bytes_max);
    if (status == STATUS_OK) status = committer_start(log);
    if (status != STATUS_OK) {
        buffer_append_text(message, directory);
        buffer_append_text(message, "/log: cannot be read: ");
        buffer_append_text(message, status_meaning(status));
    }
    return status;
}

static void log_free(struct log *log)
{
    tail_deinit(&log->tail);
    environment_close(&log->environment);
    topics_free(log);
    owner_unlock(log->owner_fd);
    (void)pthread_cond_destroy(&log->queue_changed);
    (void)pthread_cond_destroy(&log->durable_changed);
    (void)pthread_mutex_destroy(&log->writer_lock);
    (void)pthread_mutex_destroy(&log->queue_lock);
    (void)pthread_mutex_destroy(&log->topics_lock);
    (void)pthread_mutex_destroy(&log->wakers_lock);
    free(log);
}

enum status log_open(const char *directory, const struct log_options *options, struct log **log,
                     struct buffer *message)
{
    struct log *made = calloc(1, sizeof(*made));

    if (made == NULL) return STATUS_LIMIT;
    made->options = *options;
    made->owner_fd = -1;
    locks_init(made);
    enum status status = log_start(made, directory, message);
    if (status == STATUS_OK) {
        *log = made;
    } else {
        log_free(made);
    }
    return status;
}

void log_close(struct log *log)
{
    if (log == NULL) return;
    committer_stop(log);
    log_free(log);
}

/* --- asking -------------------------------------------------------------------------------------- */

uint64_t log_durable_lsn(const struct log *log)
{
    if (log->options.prove_output_before_commit) return atomic_load(&log->assigned_lsn);
    return atomic_load(&log->durable_lsn);
}

/* What is not durable yet may become so, or not. */
static enum status durable_outlook(const struct log *log)
{
    enum status health = log_health(log);

    return health == STATUS_FULL && !log_stopped_waiting(log) ? STATUS_OK : health;
}

enum status log_wait_durable(struct log *log, uint64_t lsn)
{
    enum status outlook = STATUS_OK;

    (void)pthread_mutex_lock(&log->queue_lock);
    while (log_durable_lsn(log) < lsn && (outlook = durable_outlook(log)) == STATUS_OK)
        (void)pthread_cond_wait(&log->durable_changed, &log->queue_lock);
    (void)pthread_mutex_unlock(&log->queue_lock);
    return log_durable_lsn(log) >= lsn ? STATUS_OK : outlook;
}

void log_stop_waiting(struct log *log)
{
    (void)pthread_mutex_lock(&log->queue_lock);
    atomic_store(&log->stopped_waiting, true);
    (void)pthread_cond_broadcast(&log->durable_changed);
    (void)pthread_cond_signal(&log->queue_changed);
    (void)pthread_mutex_unlock(&log->queue_lock);
}

bool log_stopped_waiting(const struct log *log)
{
    return atomic_load(&log->stopped_waiting);
}

enum status log_progress(struct log *log, struct slice consumer, uint64_t *lsn)
{
    struct byte_reader body;
    MDB_txn *txn;
    MDB_val key = val_of(consumer);
    MDB_val data;
    enum status status =
        environment_status(mdb_txn_begin(log->environment.env, NULL, MDB_RDONLY, &txn));

    if (status != STATUS_OK) return status;
    status = environment_status(mdb_get(txn, log->tables[TABLE_PROGRESS], &key, &data));
    if (status == STATUS_OK)
        status = row_read(TABLE_PROGRESS, consumer, data, LSN_BODY_BYTES, &body);
    if (status == STATUS_OK) *lsn = read_le64(&body);
    mdb_txn_abort(txn);
    return status;
}

enum status log_waker_add(struct log *log, void (*wake)(void *context), void *context)
{
    enum status status = STATUS_LIMIT;

    (void)pthread_mutex_lock(&log->wakers_lock);
    if (log->waker_count < LOG_WAKERS_MAX) {
        log->wakers[log->waker_count++] = (struct log_waker){wake, context};
        status = STATUS_OK;
    }
    (void)pthread_mutex_unlock(&log->wakers_lock);
    return status;
}

void log_waker_remove(struct log *log, void (*wake)(void *context), void *context)
{
    (void)pthread_mutex_lock(&log->wakers_lock);
    for (uint32_t i = 0; i < log->waker_count; i++) {
        if (log->wakers[i].wake != wake || log->wakers[i].context != context) continue;
        log->wakers[i] = log->wakers[--log->waker_count];
        break;
    }
    (void)pthread_mutex_unlock(&log->wakers_lock);
}

void log_counters(const struct log *log, struct log_counters *counters)
{
    *counters = (struct log_counters){
        .commits = atomic_load(&log->commits),
        .batches = atomic_load(&log->batches),
        .records = atomic_load(&log->records),
        .bytes = atomic_load(&log->bytes),
        .commit_ns_total = atomic_load(&log->commit_ns_total),
        .commit_ns_max = atomic_load(&log->commit_ns_max),
        .queue_bytes = atomic_load(&log->queue_bytes),
    };
}
