/* flight.c - one try of one call: load, send, judge, and what becomes of the call. */
#include <stdlib.h>

#include "deliver/inside.h"
#include "sys/clock.h"
#include "sys/killpoint.h"

enum { POSTPONED_MS = 1000, WAIT_MS_MAX = 3600 * 1000, THROTTLE_JITTER = 10 };

struct flight *flight_free(struct deliver *deliver)
{
    for (uint32_t i = 0; i < TRANSFERS_MAX; i++) {
        struct flight *flight = &deliver->flights[i];

        if (flight->call != 0) continue;
        if (flight->transfer == NULL) {
            if (transfer_create(&deliver->transfer_counters, &flight->transfer) != STATUS_OK)
                return NULL;
            arena_init(&flight->arena, CALL_ARENA_BYTES_MAX);
        }
        return flight;
    }
    return NULL;
}

static void flight_clear(struct deliver *deliver, struct flight *flight)
{
    flight->call = 0;
    arena_reset(&flight->arena);
    deliver->flight_count--;
}

/* --- the outcome ----------------------------------------------------------------------------------- */

struct outcome {
    enum status status;
    struct slice error; /* not delivered; empty: delivered */
    struct slice payload;
};

static void call_set_error(struct call *call, struct slice error)
{
    if (error.len == 0) return;
    call->error = malloc(error.len + 1);
    ASSERT(call->error != NULL);
    memcpy(call->error, error.data, error.len);
    call->error[error.len] = '\0';
}

/* What the call itself keeps of its outcome; true: nobody is to be told. */
static bool settle(struct deliver *deliver, const struct flight *flight,
                   const struct outcome *outcome, bool replayed)
{
    (void)pthread_mutex_lock(&deliver->lock);
    struct call *call = calls_at(&deliver->calls, flight->call);
    call_set_error(call, outcome->error);
    call->delivered = outcome->error.len == 0;
    call->has_letter = !call->delivered && !replayed;
    if (call->delivered) deliver->counters.delivered++;
    bool ends = call->replayed || call->acknowledged;
    call->state = CALL_ANSWERED;
    if (ends) {
        ending_push(deliver, flight->call);
    } else {
        deliver->unacknowledged++;
    }
    (void)pthread_mutex_unlock(&deliver->lock);
    return ends;
}

/* The outcome cannot be kept (a full disk): it is not told, the call is made again. */
static void postpone(struct deliver *deliver, const struct flight *flight, enum status status)
{
    (void)pthread_mutex_lock(&deliver->lock);
    struct call *call = calls_at(&deliver->calls, flight->call);
    call->due_ms = clock_monotonic_ms() + POSTPONED_MS;
    call->state = CALL_RETRYING;
    retry_push(&deliver->calls, flight->call);
    if (status != STATUS_FULL) deliver_fail(deliver, status);
    (void)pthread_mutex_unlock(&deliver->lock);
}

/* The call is over: its receiver is told, once, without the lock. */
static void conclude(struct deliver *deliver, struct flight *flight, const struct outcome *outcome)
{
    struct deliver_call told = {
        .identity = flight->entry.identity,
        .node = flight->entry.node,
        .scenario = flight->entry.scenario,
        .coalescing_key = flight->entry.coalescing_key,
        .request = flight->entry.request,
    };
    bool replayed = (flight->entry.flags & ENTRY_REPLAYED) != 0;

    if (!replayed && (outcome->error.len > 0 || flight->has_letter)) {
        enum status status =
            letter_settle(deliver, &flight->entry, flight->attempts, outcome->error);
        if (status != STATUS_OK) {
            postpone(deliver, flight, status);
            return;
        }
        KILLPOINT(dead_letter_stored_before_reply);
    }
    if (settle(deliver, flight, outcome, replayed)) return;
    KILLPOINT(reply_received_before_log);
    deliver->reply(deliver->context, &told, outcome->status, outcome->payload);
}

/* --- starting -------------------------------------------------------------------------------------- */

static enum status load(struct deliver *deliver, struct flight *flight)
{
    (void)pthread_mutex_lock(&deliver->lock);
    const struct call *call = calls_at(&deliver->calls, flight->call);
    struct slice scenario = deliver->scenarios[call->scenario];
    struct identity identity = call->identity;
    flight->endpoint = call->endpoint;
    flight->sent = deliver->endpoints[call->endpoint].pace.sent;
    flight->attempts = call->attempts + 1;
    flight->has_letter = call->has_letter;
    (void)pthread_mutex_unlock(&deliver->lock);
    return outbox_get(deliver->state, scenario, &identity, &flight->arena, &flight->entry);
}

/* Makes the curl handle ready; `why` says what is wrong with the request. */
static enum status prepare(struct deliver *deliver, struct flight *flight, const char **why)
{
    const struct endpoint *endpoint = &deliver->endpoints[flight->endpoint];
    uint8_t text[IDENTITY_TEXT_MAX];
    struct buffer key = {.data = text, .capacity = sizeof(text), .bytes_max = sizeof(text)};
    enum status status =
        outgoing_read(flight->entry.request, &flight->arena, &flight->outgoing, why);

    if (status != STATUS_OK) return status;
    identity_to_text(&flight->entry.identity, &key);
    flight->reads = slice_equal(flight->outgoing.method, SLICE("GET")) ||
                    slice_equal(flight->outgoing.method, SLICE("HEAD"));
    return transfer_begin(flight->transfer, &flight->outgoing, &endpoint->target, &deliver->limits,
                          buffer_slice(&key), why);
}

static void refuse(struct deliver *deliver, struct flight *flight, enum status status,
                   const char *why)
{
    struct outcome outcome = {.status = status == STATUS_LIMIT ? STATUS_LIMIT : STATUS_INVALID,
                              .error = slice_of(why)};

    buffer_clear(&deliver->payload);
    answer_write_error(outcome.error, &deliver->payload);
    outcome.payload = buffer_slice(&deliver->payload);
    (void)pthread_mutex_lock(&deliver->lock);
    pace_answered(&deliver->endpoints[flight->endpoint].pace);
    (void)pthread_mutex_unlock(&deliver->lock);
    conclude(deliver, flight, &outcome);
    flight_clear(deliver, flight);
}

void flight_start(struct deliver *deliver, struct flight *flight, uint32_t number)
{
    const char *why = "";

    flight->call = number;
    deliver->flight_count++;
    enum status status = load(deliver, flight);
    if (status != STATUS_OK) { /* stored bytes are gone or damaged: nothing can go on */
        (void)pthread_mutex_lock(&deliver->lock);
        deliver_fail(deliver, status == STATUS_NOT_FOUND ? STATUS_CORRUPT : status);
        (void)pthread_mutex_unlock(&deliver->lock);
        flight_clear(deliver, flight);
        return;
    }
    status = prepare(deliver, flight, &why);
    if (status != STATUS_OK) {
        refuse(deliver, flight, status, why);
        return;
    }
    CURLMcode code = curl_multi_add_handle(deliver->multi, transfer_handle(flight->transfer));
    ASSERT(code == CURLM_OK);
}

void flight_drop(struct deliver *deliver, struct flight *flight)
{
    (void)curl_multi_remove_handle(deliver->multi, transfer_handle(flight->transfer));
    flight_clear(deliver, flight);
}

/* --- ending ---------------------------------------------------------------------------------------- */

static int64_t clamp_wait(int64_t wait_ms)
{
    return wait_ms > WAIT_MS_MAX ? WAIT_MS_MAX : wait_ms;
}

/* Tells the endpoint's pace what happened. */
static void pace_learn(struct deliver *deliver, struct endpoint *endpoint, uint64_t sent,
                       const struct verdict *verdict, int64_t now_ms)
{
    struct pace *pace = &endpoint->pace;
    const struct shopify_cost *cost = &verdict->cost;
    int64_t wait_ms = clamp_wait(verdict->wait_ms);

    if (verdict->endpoint_failed) {
        pace_failed(pace, &deliver->pace_limits, now_ms);
        if (now_ms + wait_ms > pace->paused_until_ms) pace->paused_until_ms = now_ms + wait_ms;
    } else if (verdict->kind == VERDICT_THROTTLED) {
        wait_ms += (int64_t)jitter_below(&deliver->jitter, (uint64_t)wait_ms / THROTTLE_JITTER + 1);
        pace_throttled(pace, now_ms + wait_ms);
    } else {
        pace_answered(pace);
    }
    if (cost->known) {
        const struct pace_meter meter = {cost->requested, cost->available, cost->maximum,
                                         cost->restore_rate};

        pace_metered(pace, sent, &meter, now_ms);
    }
}

/* True: the call goes on; it has a new place. */
static bool try_again(struct deliver *deliver, uint32_t number, const struct verdict *verdict,
                      int64_t now_ms)
{
    struct call *call = calls_at(&deliver->calls, number);
    const struct deliver_options *options = &deliver->options;

    if (verdict->kind == VERDICT_THROTTLED) {
        deliver->counters.throttled++;
        if (++call->throttles >= options->throttles_max) return false;
        endpoint_push(deliver, number);
        return true;
    }
    call->attempts++;
    if (verdict->kind != VERDICT_RETRY || call->attempts >= options->attempts_max) return false;
    int64_t wait_ms = backoff_ms(&deliver->jitter, call->attempts, options->backoff_first_ms,
                                 options->backoff_max_ms);
    call->due_ms = now_ms + wait_ms + clamp_wait(verdict->wait_ms);
    call->state = CALL_RETRYING;
    retry_push(&deliver->calls, number);
    deliver->counters.retried++;
    return true;
}

static enum status status_of(const struct answer *answer)
{
    switch (answer->kind) {
    case ANSWER_RESPONSE: return STATUS_OK;
    case ANSWER_BROKEN: return STATUS_AGAIN;
    case ANSWER_REFUSED: return STATUS_INVALID;
    case ANSWER_TOO_LARGE: return STATUS_LIMIT;
    }
    UNREACHABLE("answer kind outside the enum");
}

static void tell(struct deliver *deliver, struct flight *flight, const struct answer *answer,
                 const struct verdict *verdict)
{
    struct outcome outcome = {.status = status_of(answer)};

    if (verdict->kind != VERDICT_DELIVERED) outcome.error = verdict->reason;
    buffer_clear(&deliver->payload);
    if (answer->kind == ANSWER_RESPONSE) answer_write(answer, &flight->arena, &deliver->payload);
    if (deliver->payload
            .failed) { /* far over the response limit: an escape makes six bytes of one */
        outcome.status = STATUS_LIMIT;
        buffer_clear(&deliver->payload);
    }
    if (outcome.status != STATUS_OK) {
        answer_write_error(verdict->reason.len > 0 ? verdict->reason
                                                   : SLICE("the reply is too large"),
                           &deliver->payload);
    }
    outcome.payload = buffer_slice(&deliver->payload);
    conclude(deliver, flight, &outcome);
}

void flight_end(struct deliver *deliver, struct flight *flight, CURLcode code)
{
    struct answer answer;
    struct verdict verdict;
    uint8_t text[REASON_BYTES_MAX * 2];
    struct buffer reason = {.data = text, .capacity = sizeof(text), .bytes_max = sizeof(text)};
    struct endpoint *endpoint = &deliver->endpoints[flight->endpoint];
    int64_t now_ms = clock_monotonic_ms();

    (void)curl_multi_remove_handle(deliver->multi, transfer_handle(flight->transfer));
    if (transfer_end(flight->transfer, code, &answer)) {
        CURLMcode added = curl_multi_add_handle(deliver->multi, transfer_handle(flight->transfer));
        ASSERT(added == CURLM_OK);
        return;
    }
    verdict_of(&answer, endpoint->shopify, flight->reads, &flight->arena, &reason, &verdict);
    (void)pthread_mutex_lock(&deliver->lock);
    pace_learn(deliver, endpoint, flight->sent, &verdict, now_ms);
    bool goes_on = try_again(deliver, flight->call, &verdict, now_ms);
    (void)pthread_mutex_unlock(&deliver->lock);
    if (!goes_on) tell(deliver, flight, &answer, &verdict);
    flight_clear(deliver, flight);
}
