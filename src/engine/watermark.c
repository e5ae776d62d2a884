/* watermark.c - bounded out-of-orderness over several sources: the slowest that is not idle rules. */
#include "engine/watermark.h"

void watermark_init(struct watermark *watermark, uint32_t source_count)
{
    ASSERT(source_count <= WATERMARK_SOURCES_MAX);
    *watermark = (struct watermark){.source_count = source_count, .current_ms = INT64_MIN};
    for (uint32_t i = 0; i < WATERMARK_SOURCES_MAX; i++) {
        watermark->newest_ms[i] = INT64_MIN;
        watermark->seen_at_ms[i] = INT64_MIN;
    }
}

static int64_t source_watermark(int64_t newest_ms)
{
    int64_t bound_ms;

    if (__builtin_sub_overflow(newest_ms, (int64_t)WATERMARK_BOUND_MS + 1, &bound_ms))
        return INT64_MIN;
    return bound_ms;
}

static bool is_idle(const struct watermark *watermark, uint32_t source, int64_t now_ms)
{
    int64_t seen_at_ms = watermark->seen_at_ms[source];
    int64_t silent_ms;

    if (seen_at_ms == INT64_MIN) return false; /* its silence is counted from the first tick */
    return !__builtin_sub_overflow(now_ms, seen_at_ms, &silent_ms) &&
           silent_ms >= WATERMARK_IDLE_MS;
}

static int64_t combine(struct watermark *watermark, int64_t now_ms)
{
    int64_t lowest_ms = INT64_MAX;
    bool heard = false;

    for (uint32_t i = 0; i < watermark->source_count; i++) {
        if (is_idle(watermark, i, now_ms)) continue;
        int64_t source_ms = source_watermark(watermark->newest_ms[i]);

        heard = true;
        if (source_ms < lowest_ms) lowest_ms = source_ms;
    }
    if (heard && lowest_ms > watermark->current_ms) watermark->current_ms = lowest_ms;
    return watermark->current_ms;
}

int64_t watermark_advance(struct watermark *watermark, uint32_t source, int64_t time_ms,
                          int64_t now_ms)
{
    ASSERT(source < watermark->source_count);
    if (time_ms > watermark->newest_ms[source]) watermark->newest_ms[source] = time_ms;
    watermark->seen_at_ms[source] = now_ms;
    return combine(watermark, now_ms);
}

int64_t watermark_tick(struct watermark *watermark, int64_t now_ms)
{
    for (uint32_t i = 0; i < watermark->source_count; i++) {
        if (watermark->seen_at_ms[i] == INT64_MIN) watermark->seen_at_ms[i] = now_ms;
    }
    return combine(watermark, now_ms);
}
