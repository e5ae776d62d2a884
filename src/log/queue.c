/* queue.c - what waits for the committer: submitted from any thread, taken by it, answered; and who waits for what it
 * does.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "log/inside.h"

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

void queue_wait_ms(struct log *log, int64_t timeout_ms)
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

bool queue_take(struct log *log, int64_t timeout_ms, struct log_group *group)
{
    *group = (struct log_group){0};
    (void)pthread_mutex_lock(&log->queue_lock);
    if (log->queue_first == NULL && !log->closing && timeout_ms > 0) queue_wait_ms(log, timeout_ms);
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

void queue_answer(const struct log *log, const struct log_group *group, enum status status)
{
    for (const struct log_item *item = group->first; item != NULL; item = item->next)
        item_answer(log, item, status);
}

void queue_group_free(struct log_group *group)
{
    while (group->first != NULL) {
        struct log_item *next = group->first->next;

        item_destroy(group->first);
        group->first = next;
    }
}

void log_wake_all(struct log *log)
{
    (void)pthread_mutex_lock(&log->wakers_lock);
    for (uint32_t i = 0; i < log->waker_count; i++)
        log->wakers[i].wake(log->wakers[i].context);
    (void)pthread_mutex_unlock(&log->wakers_lock);
}

void log_health_set(struct log *log, enum status health)
{
    if (log_health(log) == STATUS_IO || log_health(log) == health) return;
    (void)pthread_mutex_lock(&log->queue_lock);
    atomic_store(&log->health, (int)health);
    (void)pthread_cond_broadcast(&log->durable_changed);
    (void)pthread_mutex_unlock(&log->queue_lock);
}

void log_durable_set(struct log *log, uint64_t lsn)
{
    (void)pthread_mutex_lock(&log->queue_lock);
    atomic_store(&log->durable_lsn, lsn);
    (void)pthread_cond_broadcast(&log->durable_changed);
    (void)pthread_mutex_unlock(&log->queue_lock);
}
