/* loop.c - deliver's thread: end what was acknowledged, send what may go, drive curl, judge answers. */
#include "deliver/inside.h"
#include "sys/clock.h"
#include "sys/thread.h"

enum { SLEEP_MS_MAX = 1000 };

/* Retries whose time has come are ready again. */
static void retries_due(struct deliver *deliver, int64_t now_ms)
{
    for (uint32_t number; (number = retry_first(&deliver->calls)) != 0;) {
        if (calls_at(&deliver->calls, number)->due_ms > now_ms) return;
        retry_pop(&deliver->calls);
        endpoint_push(deliver, number);
    }
}

/* The next call that may go; 0: none now, and *wake_ms is when to look again at the latest. */
static uint32_t next_call(struct deliver *deliver, int64_t now_ms, int64_t *wake_ms)
{
    for (uint32_t i = 0; i < deliver->endpoint_count; i++) {
        struct endpoint *endpoint = &deliver->endpoints[i];

        while (endpoint->ready_first != 0) {
            struct call *call = calls_at(&deliver->calls, endpoint->ready_first);

            if (call->acknowledged) { /* before a start: its reply was in the log already */
                call->delivered = !call->has_letter;
                ending_push(deliver, endpoint_pop(deliver, endpoint));
                continue;
            }
            int64_t at_ms = pace_next_ms(&endpoint->pace, &deliver->pace_limits, now_ms);
            if (at_ms == 0) {
                call->state = CALL_IN_FLIGHT;
                pace_sent(&endpoint->pace, now_ms);
                deliver->counters.sent++;
                return endpoint_pop(deliver, endpoint);
            }
            if (at_ms > 0 && at_ms < *wake_ms) *wake_ms = at_ms;
            break;
        }
    }
    return 0;
}

/* Sends what may go; returns when to look again. */
static int64_t send_ready(struct deliver *deliver)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t wake_ms = now_ms + SLEEP_MS_MAX;

    for (struct flight *flight; (flight = flight_free(deliver)) != NULL;) {
        (void)pthread_mutex_lock(&deliver->lock);
        bool usable = deliver->failed == STATUS_OK;
        retries_due(deliver, now_ms);
        uint32_t number = usable ? next_call(deliver, now_ms, &wake_ms) : 0;
        uint32_t retry = retry_first(&deliver->calls);
        if (retry != 0 && calls_at(&deliver->calls, retry)->due_ms < wake_ms)
            wake_ms = calls_at(&deliver->calls, retry)->due_ms;
        if (deliver->ending_first != 0 && usable && deliver->end_due_ms < wake_ms)
            wake_ms = deliver->end_due_ms;
        (void)pthread_mutex_unlock(&deliver->lock);
        if (number == 0) break;
        flight_start(deliver, flight, number);
    }
    return wake_ms;
}

static struct flight *flight_of(struct deliver *deliver, const CURL *handle)
{
    for (uint32_t i = 0; i < TRANSFERS_MAX; i++) {
        struct flight *flight = &deliver->flights[i];

        if (flight->call != 0 && transfer_handle(flight->transfer) == handle) return flight;
    }
    UNREACHABLE("curl reports a handle that is not on its way");
}

/* True: something ended, so that what may be sent has to be looked at anew. */
static bool judge_ended(struct deliver *deliver)
{
    int left;
    bool any = false;

    for (CURLMsg *message; (message = curl_multi_info_read(deliver->multi, &left)) != NULL;) {
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code = message->data.result; /* the message ends with the handle's removal */
        flight_end(deliver, flight_of(deliver, message->easy_handle), code);
        any = true;
    }
    return any;
}

/* Moves bytes; sleeps until wake_ms, or until a socket or another thread has something. */
static void drive(struct deliver *deliver, int64_t wake_ms)
{
    int running;
    CURLMcode code = curl_multi_perform(deliver->multi, &running);

    ASSERT(code == CURLM_OK);
    if (judge_ended(deliver)) return;
    int64_t left_ms = wake_ms - clock_monotonic_ms();
    if (left_ms <= 0) return;
    code = curl_multi_poll(deliver->multi, NULL, 0, (int)left_ms, NULL);
    ASSERT(code == CURLM_OK);
}

/* Something is on its way, or its receiver has not yet said that it is safe. */
static bool busy(struct deliver *deliver)
{
    (void)pthread_mutex_lock(&deliver->lock);
    bool is = deliver->flight_count > 0 || deliver->unacknowledged > 0;
    (void)pthread_mutex_unlock(&deliver->lock);
    return is;
}

void *deliver_loop(void *context)
{
    struct deliver *deliver = context;

    thread_name("deliver");
    thread_give_way();
    while (!atomic_load(&deliver->stopping)) {
        ending_commit(deliver);
        drive(deliver, send_ready(deliver));
    }
    int64_t until_ms = clock_monotonic_ms() + deliver->options.stop_ms;
    while (busy(deliver) && clock_monotonic_ms() < until_ms) {
        ending_commit(deliver);
        drive(deliver, until_ms);
    }
    for (uint32_t i = 0; i < TRANSFERS_MAX; i++) {
        if (deliver->flights[i].call != 0) flight_drop(deliver, &deliver->flights[i]);
    }
    deliver->end_due_ms = 0; /* the last ones wait for nobody */
    ending_commit(deliver);
    return NULL;
}
