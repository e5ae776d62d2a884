/* outputs.h - the records a step sends to topics, as batches, submitted in one commit together with
 * the progress that says they are out. */
#pragma once
#include "log/log.h"

enum { OUTPUTS_PARTS_MAX = 1024 };

struct outputs {
    struct buffer batches[OUTPUTS_PARTS_MAX];
    uint32_t topic_ids[OUTPUTS_PARTS_MAX];
    uint32_t count;
    uint32_t initialised; /* buffers that hold memory to use again */
};

void outputs_clear(struct outputs *outputs);
void outputs_deinit(struct outputs *outputs);

/* Adds one record to its topic's batch. LIMIT: the record is too large, or too many batches. */
enum status outputs_add(struct outputs *outputs, uint32_t topic_id,
                        const struct record *record) MUST_USE;

/* Submits everything and the progress of `consumer`; waits while the log is full. `done` as
 * log_submit's. fails  IO; FULL, once log_stop_waiting() was called */
enum status outputs_submit(struct outputs *outputs, struct log *log, struct slice consumer,
                           uint64_t progress_lsn, log_done done, void *context) MUST_USE;
