/* batches.h - making and reading batches in tests. */
#pragma once
#include <pthread.h>
#include <time.h>

#include "log/log.h"

static inline void pause_ms(int64_t ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&pause, NULL);
}

static inline struct log *log_must_open(const char *directory, const struct log_options *options)
{
    struct buffer message;
    struct log *log = NULL;

    buffer_init(&message, 4096);
    enum status status = log_open(directory, options, &log, &message);
    if (status != STATUS_OK)
        fail_msg("%s: %.*s", status_name(status), (int)message.len, (char *)message.data);
    buffer_deinit(&message);
    return log;
}

static inline uint32_t topic_must(struct log *log, const char *name)
{
    struct topic_options options = {-1, -1};
    uint32_t id = 0;

    assert_ok(log_topic_declare(log, slice_of(name), &options, &id));
    return id;
}

/* A batch of `count` records whose values are the numbers first, first + 1 ... and `padding` bytes. */
static inline void batch_fill(struct buffer *batch, uint64_t first, uint32_t count, size_t padding)
{
    uint8_t value[8 + 8192] = {0};

    assert_true(padding <= 8192);
    record_batch_begin(batch, 1000);
    for (uint32_t i = 0; i < count; i++) {
        put_le64(value, first + i);
        struct record record = {.time_ms = (int64_t)(1000 + i), .value = {value, 8 + padding}};
        assert_ok(record_batch_add(batch, &record));
    }
}

struct waited {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
    enum status status;
    uint64_t first_offset;
    uint64_t lsn;
};

static inline void waited_done(void *context, enum status status, uint64_t first_offset,
                               uint64_t lsn)
{
    struct waited *waited = context;

    (void)pthread_mutex_lock(&waited->lock);
    waited->done = true;
    waited->status = status;
    waited->first_offset = first_offset;
    waited->lsn = lsn;
    (void)pthread_cond_signal(&waited->changed);
    (void)pthread_mutex_unlock(&waited->lock);
}

/* Submits and waits for the answer. */
static inline struct waited append_and_wait(struct log *log, const struct log_append *append)
{
    struct waited waited = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct log_append copy = *append;

    copy.done = waited_done;
    copy.context = &waited;
    enum status status = log_submit(log, &copy); /* the answer may come before this returns */
    if (status != STATUS_OK) {
        waited.status = status;
        return waited;
    }
    (void)pthread_mutex_lock(&waited.lock);
    while (!waited.done)
        (void)pthread_cond_wait(&waited.changed, &waited.lock);
    (void)pthread_mutex_unlock(&waited.lock);
    return waited;
}

static inline struct waited append_numbers(struct log *log, uint32_t topic_id, uint64_t first,
                                           uint32_t count, size_t padding)
{
    struct buffer batch;

    buffer_init(&batch, 1 << 20);
    batch_fill(&batch, first, count, padding);
    struct log_part part = {topic_id, buffer_slice(&batch)};
    struct waited waited =
        append_and_wait(log, &(struct log_append){.parts = &part, .part_count = 1});
    buffer_deinit(&batch);
    return waited;
}

/* The numbers a view holds, checked to be sound; returns how many. */
static inline uint32_t view_numbers(const struct log_view *view, uint64_t *numbers,
                                    uint32_t capacity)
{
    struct record_header headers[RECORD_HEADERS_MAX];
    struct record_batch batch;
    struct record record;
    uint32_t count = 0;

    assert_ok(record_batch_open(view->bytes, view->topic_id, &batch));
    assert_true(batch.lsn == view->lsn);
    while (record_batch_next(&batch, headers, &record) == STATUS_OK) {
        assert_true(count < capacity);
        assert_true(record.offset == batch.first_offset + count);
        numbers[count++] = get_le64(record.value.data);
    }
    return count;
}
