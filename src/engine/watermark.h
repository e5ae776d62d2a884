/* watermark.h - event time of a source by bounded out-of-orderness, per record, so that it is a
 * function of the log alone: watermark = newest timestamp - bound - 1, never going back.
 * source   Flink's BoundedOutOfOrdernessWatermarks; the original emits every 200 ms, we after each record */
#pragma once
#include "base/base.h"

enum { WATERMARK_BOUND_MS = 60000, WATERMARK_IDLE_MS = 180000, WATERMARK_SOURCES_MAX = 16 };

struct watermark {
    int64_t newest_ms[WATERMARK_SOURCES_MAX]; /* INT64_MIN: nothing seen */
    int64_t
        seen_at_ms[WATERMARK_SOURCES_MAX]; /* processing time of the last record, for idleness */
    uint32_t source_count;
    int64_t current_ms; /* INT64_MIN: none yet */
};

void watermark_init(struct watermark *watermark, uint32_t source_count);

/* After a record of `source`; returns the watermark now in force. */
int64_t watermark_advance(struct watermark *watermark, uint32_t source, int64_t time_ms,
                          int64_t now_ms);

/* A tick: sources silent for WATERMARK_IDLE_MS no longer hold the others back. */
int64_t watermark_tick(struct watermark *watermark, int64_t now_ms);
