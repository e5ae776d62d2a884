/* outputs.c - one open batch a topic; a full one is closed and another opened. */
#include "host/serve/outputs.h"

#include <time.h>

enum { QUEUE_PAUSE_NS = 500000 };

void outputs_clear(struct outputs *outputs)
{
    outputs->count = 0;
}

void outputs_deinit(struct outputs *outputs)
{
    for (uint32_t i = 0; i < outputs->initialised; i++)
        buffer_deinit(&outputs->batches[i]);
    outputs->initialised = 0;
    outputs->count = 0;
}

static struct buffer *batch_open(struct outputs *outputs, uint32_t topic_id, int64_t base_time_ms)
{
    if (outputs->count == OUTPUTS_PARTS_MAX) return NULL;
    struct buffer *batch = &outputs->batches[outputs->count];
    if (outputs->count == outputs->initialised) {
        buffer_init(batch, RECORD_BATCH_BYTES_MAX + RECORD_BYTES_MAX + RECORD_BATCH_HEADER_BYTES);
        outputs->initialised++;
    }
    outputs->topic_ids[outputs->count++] = topic_id;
    record_batch_begin(batch, base_time_ms);
    return batch;
}

/* The newest batch of a topic: older ones are full. */
static struct buffer *batch_find(struct outputs *outputs, uint32_t topic_id)
{
    for (uint32_t i = outputs->count; i > 0; i--) {
        if (outputs->topic_ids[i - 1] == topic_id) return &outputs->batches[i - 1];
    }
    return NULL;
}

enum status outputs_add(struct outputs *outputs, uint32_t topic_id, const struct record *record)
{
    struct buffer *batch = batch_find(outputs, topic_id);
    enum status status = batch == NULL ? STATUS_AGAIN : record_batch_add(batch, record);

    if (status != STATUS_AGAIN) return status;
    batch = batch_open(outputs, topic_id, record->time_ms);
    return batch == NULL ? STATUS_LIMIT : record_batch_add(batch, record);
}

enum status outputs_submit(struct outputs *outputs, struct log *log, struct slice consumer,
                           uint64_t progress_lsn, log_done done, void *context)
{
    struct log_part parts[OUTPUTS_PARTS_MAX];
    struct log_append append = {parts, outputs->count, consumer, progress_lsn, done, context};
    const struct timespec pause = {0, QUEUE_PAUSE_NS};

    for (uint32_t i = 0; i < outputs->count; i++) {
        parts[i] = (struct log_part){outputs->topic_ids[i], buffer_slice(&outputs->batches[i])};
    }
    for (;;) {
        enum status status = log_submit(log, &append);

        if (status != STATUS_AGAIN && status != STATUS_FULL) return status;
        if (status == STATUS_FULL && log_stopped_waiting(log)) return status;
        (void)nanosleep(&pause, NULL); /* back-pressure: the scenario waits for the disk */
    }
}
