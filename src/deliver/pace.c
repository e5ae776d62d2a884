/* pace.c - all of it is arithmetic on one struct. */
#include "deliver/pace.h"

#include <math.h>

static double points_at(const struct pace *pace, int64_t now_ms)
{
    double points = pace->available + (double)(now_ms - pace->metered_ms) * pace->restored_per_ms;

    return points > pace->maximum ? pace->maximum : points;
}

/* When the bucket has a call's points; a call dearer than the bucket goes when it is full. */
static int64_t bucket_ms(const struct pace *pace, int64_t now_ms)
{
    double needed = pace->cost > pace->maximum ? pace->maximum : pace->cost;
    double missing = needed - points_at(pace, now_ms);

    return missing <= 0 ? 0 : now_ms + 1 + (int64_t)ceil(missing / pace->restored_per_ms);
}

int64_t pace_next_ms(const struct pace *pace, const struct pace_limits *limits, int64_t now_ms)
{
    if (pace->in_flight >= limits->in_flight_max) return PACE_AFTER_ONE_ENDS;
    if (pace->breaker == BREAKER_PROBING) return PACE_AFTER_ONE_ENDS;
    if (pace->breaker == BREAKER_OPEN) {
        if (pace->in_flight > 0) return PACE_AFTER_ONE_ENDS;
        if (now_ms < pace->open_until_ms) return pace->open_until_ms;
    }
    if (now_ms < pace->paused_until_ms) return pace->paused_until_ms;
    return pace->metered ? bucket_ms(pace, now_ms) : 0;
}

void pace_sent(struct pace *pace, int64_t now_ms)
{
    pace->in_flight++;
    pace->sent++;
    if (pace->breaker == BREAKER_OPEN) pace->breaker = BREAKER_PROBING;
    if (!pace->metered) return;
    pace->available = points_at(pace, now_ms) - pace->cost;
    pace->metered_ms = now_ms;
}

static void ended(struct pace *pace)
{
    ASSERT(pace->in_flight > 0);
    pace->in_flight--;
}

void pace_answered(struct pace *pace)
{
    ended(pace);
    pace->failures = 0;
    pace->breaker = BREAKER_CLOSED;
}

void pace_failed(struct pace *pace, const struct pace_limits *limits, int64_t now_ms)
{
    bool probing = pace->breaker == BREAKER_PROBING;

    ended(pace);
    pace->failures++;
    if (!probing && (pace->breaker == BREAKER_OPEN || pace->failures < limits->failures_max))
        return;
    pace->breaker = BREAKER_OPEN;
    pace->open_until_ms = now_ms + limits->rest_ms;
    pace->opened++;
}

void pace_throttled(struct pace *pace, int64_t until_ms)
{
    pace_answered(pace);
    if (until_ms > pace->paused_until_ms) pace->paused_until_ms = until_ms;
}

void pace_metered(struct pace *pace, uint64_t call, const struct pace_meter *meter, int64_t now_ms)
{
    ASSERT(meter->restored_per_second > 0);
    if (call < pace->metered_call) return;
    pace->metered_call = call;
    pace->metered = true;
    if (meter->cost > 0) pace->cost = meter->cost;
    pace->maximum = meter->maximum;
    pace->restored_per_ms = meter->restored_per_second / 1000;
    /* Calls still on their way may not be counted yet: they are taken off in any case. */
    pace->available = meter->available - pace->in_flight * pace->cost;
    pace->metered_ms = now_ms;
}
