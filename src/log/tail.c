/* tail.c - the newest batches in memory: readers that keep up never touch the disk, and see what is
 * not yet durable. Log sequence numbers are without gaps, so the ring is indexed by them. */
#include <stdlib.h>

#include "log/inside.h"

enum { TAIL_SLOTS_FIRST = 1024 };

struct log_batch *batch_create(uint32_t topic_id, struct slice bytes)
{
    struct log_batch *batch = malloc(sizeof(*batch) + bytes.len);

    if (batch == NULL) return NULL;
    *batch = (struct log_batch){.topic_id = topic_id, .len = bytes.len};
    atomic_init(&batch->references, 1);
    memcpy(batch->bytes, bytes.data, bytes.len);
    return batch;
}

struct log_batch *batch_hold(struct log_batch *batch)
{
    (void)atomic_fetch_add_explicit(&batch->references, 1, memory_order_relaxed);
    return batch;
}

void batch_release(struct log_batch *batch)
{
    if (atomic_fetch_sub_explicit(&batch->references, 1, memory_order_acq_rel) == 1) free(batch);
}

enum status tail_init(struct log_tail *tail, uint64_t next_lsn, size_t bytes_max)
{
    *tail = (struct log_tail){.first_lsn = next_lsn,
                              .next_lsn = next_lsn,
                              .capacity = TAIL_SLOTS_FIRST,
                              .bytes_max = bytes_max};
    tail->ring = calloc(tail->capacity, sizeof(struct log_batch *));
    if (tail->ring == NULL) return STATUS_LIMIT;
    int failed = pthread_mutex_init(&tail->lock, NULL);
    ASSERT(failed == 0);
    return STATUS_OK;
}

void tail_deinit(struct log_tail *tail)
{
    if (tail->ring == NULL) return;
    for (uint64_t lsn = tail->first_lsn; lsn < tail->next_lsn; lsn++) {
        batch_release(tail->ring[lsn & (tail->capacity - 1)]);
    }
    free(tail->ring);
    (void)pthread_mutex_destroy(&tail->lock);
    tail->ring = NULL;
}

static enum status tail_grow(struct log_tail *tail, size_t needed)
{
    size_t capacity = tail->capacity;

    while (capacity < needed)
        capacity *= 2;
    struct log_batch **ring = calloc(capacity, sizeof(struct log_batch *));
    if (ring == NULL) return STATUS_LIMIT;
    for (uint64_t lsn = tail->first_lsn; lsn < tail->next_lsn; lsn++) {
        ring[lsn & (capacity - 1)] = tail->ring[lsn & (tail->capacity - 1)];
    }
    free(tail->ring);
    tail->ring = ring;
    tail->capacity = capacity;
    return STATUS_OK;
}

enum status tail_reserve(struct log_tail *tail, uint32_t count)
{
    enum status status = STATUS_OK;

    (void)pthread_mutex_lock(&tail->lock);
    size_t needed = (size_t)(tail->next_lsn - tail->first_lsn) + count;
    if (needed > tail->capacity) status = tail_grow(tail, needed);
    (void)pthread_mutex_unlock(&tail->lock);
    return status;
}

void tail_push(struct log_tail *tail, struct log_batch *batch)
{
    (void)pthread_mutex_lock(&tail->lock);
    ASSERT(batch->lsn == tail->next_lsn);
    ASSERT(tail->next_lsn - tail->first_lsn < tail->capacity);
    tail->ring[batch->lsn & (tail->capacity - 1)] = batch_hold(batch);
    tail->next_lsn++;
    tail->bytes += batch->len;
    (void)pthread_mutex_unlock(&tail->lock);
}

void tail_trim(struct log_tail *tail, uint64_t durable_lsn)
{
    (void)pthread_mutex_lock(&tail->lock);
    while (tail->bytes > tail->bytes_max && tail->first_lsn <= durable_lsn &&
           tail->first_lsn < tail->next_lsn) {
        struct log_batch *batch = tail->ring[tail->first_lsn & (tail->capacity - 1)];

        tail->first_lsn++;
        tail->bytes -= batch->len;
        batch_release(batch);
    }
    (void)pthread_mutex_unlock(&tail->lock);
}
