/* pace.h - when the next call to one endpoint may go: connections, pauses, a points bucket, a breaker.
 *
 * Time is an argument (monotonic ms). The breaker: closed ─ failures_max in a row ─▶ open ─ rest_ms ─▶
 * one probe ─▶ closed if it ends well, else open again. The bucket mirrors the server's: it starts when
 * the first answer tells its state, and every answer corrects it.
 */
#pragma once
#include "base/base.h"

struct pace_limits {
    uint32_t in_flight_max;
    uint32_t failures_max;
    uint32_t rest_ms;
};

enum breaker { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_PROBING };

struct pace {
    uint32_t in_flight;
    uint32_t failures; /* in a row */
    enum breaker breaker;
    int64_t open_until_ms;
    int64_t paused_until_ms;
    uint64_t opened; /* times */
    uint64_t sent;   /* calls, ever */
    bool metered;
    uint64_t metered_call; /* the last one sent of those whose answers told of the bucket */
    double cost;           /* points of one call, as last told */
    double available;      /* points at metered_ms, calls in flight taken off */
    double maximum;
    double restored_per_ms;
    int64_t metered_ms;
};

/* A server's bucket as an answer tells of it. */
struct pace_meter {
    double cost; /* points of the call; 0: not told */
    double available;
    double maximum;
    double restored_per_second; /* above 0 */
};

enum { PACE_AFTER_ONE_ENDS = -1 };

/* 0: now; PACE_AFTER_ONE_ENDS; else the time to ask again. */
int64_t pace_next_ms(const struct pace *pace, const struct pace_limits *limits, int64_t now_ms);

void pace_sent(struct pace *pace, int64_t now_ms);

/* The ends of a call that was sent: one of the three. */
void pace_answered(struct pace *pace); /* whatever the answer: the endpoint works */
void pace_failed(struct pace *pace, const struct pace_limits *limits, int64_t now_ms);
void pace_throttled(struct pace *pace, int64_t until_ms);

/* After one of them: what the answer told of the bucket; call: `sent` as it was when the call went. What an
 * earlier call tells behind a later one is left aside: its bucket is one before that call was counted. */
void pace_metered(struct pace *pace, uint64_t call, const struct pace_meter *meter, int64_t now_ms);
