/* deliver.c - making, filling and asking; what other threads call. */
#include <sodium.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "connect/http/url.h"
#include "deliver/inside.h"
#include "sys/clock.h"
#include "sys/killpoint.h"

const struct deliver_options deliver_options_default = {
    .outbox_calls_max = 1000000,
    .connections_max = 8,
    .timeout_ms = 10000,
    .attempts_max = 8,
    .backoff_first_ms = 500,
    .backoff_max_ms = 60000,
    .response_bytes_max = 1 << 20,
    .throttles_max = 10000,
    .breaker_failures_max = 5,
    .breaker_rest_ms = 5000,
    .stop_ms = 3000,
};

/* --- names and numbers ----------------------------------------------------------------------------- */

enum status scenario_number(struct deliver *deliver, struct slice name, uint32_t *number)
{
    for (uint32_t i = 0; i < deliver->scenario_count; i++) {
        if (!slice_equal(deliver->scenarios[i], name)) continue;
        *number = i;
        return STATUS_OK;
    }
    if (deliver->scenario_count == SCENARIOS_MAX) return STATUS_LIMIT;
    struct slice *longer =
        realloc(deliver->scenarios, (deliver->scenario_count + 1U) * sizeof(*deliver->scenarios));
    if (longer == NULL) return STATUS_LIMIT;
    deliver->scenarios = longer;
    enum status status =
        arena_copy(&deliver->names, name, &deliver->scenarios[deliver->scenario_count]);
    if (status == STATUS_OK) *number = deliver->scenario_count++;
    return status;
}

/* Two lanes with one hash only wait for each other without need. */
uint64_t lane_of(const struct deliver *deliver, const struct entry *entry)
{
    uint8_t node[4];

    if (entry->coalescing_key.len == 0) return 0;
    put_le32(node, entry->node);
    uint64_t hash = hash_bytes(entry->scenario, deliver->seed);
    hash = hash_bytes((struct slice){node, sizeof(node)}, hash);
    hash = hash_bytes(entry->coalescing_key, hash);
    return hash != 0 ? hash : 1;
}

uint64_t name_of(const struct deliver *deliver, struct slice scenario,
                 const struct identity *identity)
{
    uint8_t bytes[16];

    put_le32(bytes, identity->topic_id);
    put_le32(bytes + 4, identity->partition);
    put_le64(bytes + 8, identity->offset);
    uint64_t hash = hash_bytes(scenario, deliver->seed);
    hash = hash_bytes((struct slice){bytes, sizeof(bytes)}, hash);
    return hash_bytes((struct slice){identity->path, identity->path_len}, hash);
}

uint32_t call_find(struct deliver *deliver, struct slice scenario, const struct identity *identity)
{
    uint32_t number;

    if (scenario_number(deliver, scenario, &number) != STATUS_OK) return 0;
    return calls_find(&deliver->calls, name_of(deliver, scenario, identity), number, identity);
}

/* An entry that is stored takes its place; nothing happens if it is there already. */
static enum status call_admit(struct deliver *deliver, const struct entry *entry)
{
    struct call call = {
        .identity = entry->identity,
        .sequence = entry->sequence,
        .lane = lane_of(deliver, entry),
        .name = name_of(deliver, entry->scenario, &entry->identity),
        .node = entry->node,
        .replayed = (entry->flags & ENTRY_REPLAYED) != 0,
    };
    bool first;
    enum status status = scenario_number(deliver, entry->scenario, &call.scenario);

    if (status == STATUS_OK) status = calls_reserve(&deliver->calls, 1);
    if (status != STATUS_OK) return status;
    if (calls_find(&deliver->calls, call.name, call.scenario, &call.identity) != 0)
        return STATUS_OK;
    call.endpoint = endpoint_find(deliver, entry->origin);
    uint32_t number = calls_add(&deliver->calls, &call, &first);
    if (first) endpoint_push(deliver, number);
    return STATUS_OK;
}

void deliver_fail(struct deliver *deliver, enum status status)
{
    if (deliver->failed == STATUS_OK) deliver->failed = status;
}

/* --- life ------------------------------------------------------------------------------------------ */

static void fill_options(struct deliver_options *options)
{
    const struct deliver_options *initial = &deliver_options_default;

#define FILL(name) \
    if (options->name == 0) options->name = initial->name
    FILL(outbox_calls_max);
    FILL(connections_max);
    FILL(timeout_ms);
    FILL(attempts_max);
    FILL(backoff_first_ms);
    FILL(backoff_max_ms);
    FILL(response_bytes_max);
    FILL(throttles_max);
    FILL(breaker_failures_max);
    FILL(breaker_rest_ms);
    FILL(stop_ms);
#undef FILL
    if (options->seed == 0) options->seed = clock_monotonic_ns() ^ (uint64_t)clock_wall_ms() << 20U;
}

static enum status init(struct deliver *deliver)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

    if (code != CURLE_OK || sodium_init() < 0) return STATUS_IO;
    deliver->multi = curl_multi_init();
    if (deliver->multi == NULL) return STATUS_LIMIT;
    CURLMcode multi = curl_multi_setopt(deliver->multi, CURLMOPT_MAXCONNECTS, (long)TRANSFERS_MAX);
    return multi == CURLM_OK ? STATUS_OK : STATUS_IO;
}

static void set_limits(struct deliver *deliver)
{
    struct deliver_options *options = &deliver->options;

    fill_options(options);
    uint32_t connect_ms =
        options->timeout_ms < CONNECT_TIMEOUT_MS ? options->timeout_ms : CONNECT_TIMEOUT_MS;
    deliver->limits =
        (struct transfer_limits){options->timeout_ms, connect_ms, options->response_bytes_max};
    deliver->pace_limits = (struct pace_limits){
        options->connections_max, options->breaker_failures_max, options->breaker_rest_ms};
    deliver->seed = options->seed;
    deliver->jitter.state = options->seed;
}

/* NOLINTNEXTLINE(readability-function-size) eight parameters: what it works with, and for whom */
enum status deliver_create(const struct deliver_options *options,
                           const struct deliver_endpoint *endpoints, uint32_t endpoint_count,
                           struct state *state, deliver_reply reply, void *context,
                           struct deliver **deliver, struct buffer *message)
{
    struct deliver *made = calloc(1, sizeof(*made));

    if (made == NULL) return STATUS_LIMIT;
    int failed = pthread_mutex_init(&made->lock, NULL);
    failed |= pthread_mutex_init(&made->submit_lock, NULL);
    ASSERT(failed == 0);
    made->options = *options;
    made->state = state;
    made->reply = reply;
    made->context = context;
    set_limits(made);
    arena_init(&made->names, NAMES_BYTES_MAX);
    buffer_init(&made->scratch, OUTBOX_BYTES_MAX);
    buffer_init(&made->payload, OUTBOX_BYTES_MAX);
    enum status status = init(made);
    if (status == STATUS_OK) status = endpoints_init(made, endpoints, endpoint_count, message);
    if (status == STATUS_OK) status = outbox_load(made, message);
    if (status == STATUS_OK) {
        *deliver = made;
    } else {
        deliver_destroy(made);
    }
    return status;
}

enum status deliver_start(struct deliver *deliver)
{
    ASSERT(!deliver->started);
    if (pthread_create(&deliver->thread, NULL, deliver_loop, deliver) != 0) return STATUS_IO;
    deliver->started = true;
    return STATUS_OK;
}

void deliver_stop(struct deliver *deliver)
{
    atomic_store(&deliver->stopping, true);
    if (!deliver->started) return;
    (void)curl_multi_wakeup(deliver->multi);
    (void)pthread_join(deliver->thread, NULL);
    deliver->started = false;
}

void deliver_destroy(struct deliver *deliver)
{
    if (deliver == NULL) return;
    deliver_stop(deliver);
    for (uint32_t i = 0; i < TRANSFERS_MAX; i++) {
        transfer_destroy(deliver->flights[i].transfer);
        arena_deinit(&deliver->flights[i].arena);
    }
    if (deliver->multi != NULL) (void)curl_multi_cleanup(deliver->multi);
    endpoints_deinit(deliver);
    calls_deinit(&deliver->calls);
    table_deinit(&deliver->dead_lanes);
    free(deliver->scenarios);
    arena_deinit(&deliver->names);
    buffer_deinit(&deliver->scratch);
    buffer_deinit(&deliver->payload);
    (void)pthread_mutex_destroy(&deliver->lock);
    (void)pthread_mutex_destroy(&deliver->submit_lock);
    free(deliver);
    curl_global_cleanup();
}

/* --- submitting ------------------------------------------------------------------------------------ */

/* Origin of a request's URL; empty if it cannot be called: sending it will say why. */
static struct slice origin_of(struct slice request, struct arena *arena)
{
    struct outgoing outgoing;
    struct url url;
    const char *why;

    if (outgoing_read(request, arena, &outgoing, &why) != STATUS_OK ||
        url_read(outgoing.url, arena, &url, &why) != STATUS_OK)
        return (struct slice){0};
    return url.origin;
}

/* `parsing` holds what is only needed to find the origin. */
static enum status entry_of(const struct deliver_call *call, struct arena *arena,
                            struct arena *parsing, struct entry *entry)
{
    *entry = (struct entry){
        .scenario = call->scenario,
        .identity = call->identity,
        .stored_ms = clock_wall_ms(),
        .node = call->node,
        .coalescing_key = call->coalescing_key,
        .request = call->request,
    };
    arena_reset(parsing);
    return arena_copy(arena, origin_of(call->request, parsing), &entry->origin);
}

/* What may be admitted, and from which sequence on; memory for all of it is made sure of. */
enum status admission(struct deliver *deliver, uint32_t count, uint64_t *sequence)
{
    enum status status;

    (void)pthread_mutex_lock(&deliver->lock);
    status = deliver->failed;
    if (status == STATUS_OK && deliver->calls.count > 0 &&
        deliver->calls.count + (uint64_t)count > deliver->options.outbox_calls_max)
        status = STATUS_AGAIN;
    if (status == STATUS_OK) status = calls_reserve(&deliver->calls, count);
    *sequence = deliver->sequence + 1;
    deliver->sequence += count;
    (void)pthread_mutex_unlock(&deliver->lock);
    return status;
}

bool is_known(struct deliver *deliver, struct slice scenario, const struct identity *identity)
{
    (void)pthread_mutex_lock(&deliver->lock);
    bool known = call_find(deliver, scenario, identity) != 0;
    (void)pthread_mutex_unlock(&deliver->lock);
    return known;
}

enum status admit_all(struct deliver *deliver, const struct entry *entries, uint32_t count)
{
    enum status status = STATUS_OK;

    (void)pthread_mutex_lock(&deliver->lock);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++)
        status = call_admit(deliver, &entries[i]);
    (void)pthread_mutex_unlock(&deliver->lock);
    (void)curl_multi_wakeup(deliver->multi);
    return status;
}

/* One commit: new calls and the tag. */
static enum status store_all(struct deliver *deliver, const struct entry *entries, uint32_t count,
                             struct slice tag, uint64_t lsn)
{
    struct state_txn *txn;
    struct buffer scratch;
    enum status status = state_begin(deliver->state, &txn);

    if (status != STATUS_OK) return status;
    buffer_init(&scratch, OUTBOX_BYTES_MAX);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++)
        status = outbox_put(txn, &entries[i], &scratch);
    if (status == STATUS_OK && tag.len > 0) status = state_set_tag(txn, tag, lsn);
    buffer_deinit(&scratch);
    if (status == STATUS_OK) return state_commit(txn);
    state_abort(txn);
    return status;
}

/* Entries of the calls that are not in the outbox yet. */
static enum status make_entries(struct deliver *deliver, const struct deliver_call *calls,
                                uint32_t *count, struct arena *arena, struct entry **entries)
{
    struct arena parsing;
    uint64_t sequence;
    uint32_t fresh = 0;
    enum status status = admission(deliver, *count, &sequence);

    if (status != STATUS_OK) return status;
    *entries = arena_alloc(arena, *count, sizeof(**entries));
    if (*entries == NULL) return STATUS_LIMIT;
    arena_init(&parsing, CALL_ARENA_BYTES_MAX);
    for (uint32_t i = 0; i < *count && status == STATUS_OK; i++) {
        if (is_known(deliver, calls[i].scenario, &calls[i].identity)) continue;
        status = entry_of(&calls[i], arena, &parsing, &(*entries)[fresh]);
        (*entries)[fresh++].sequence = sequence + i;
    }
    arena_deinit(&parsing);
    *count = fresh;
    return status;
}

enum status deliver_submit(struct deliver *deliver, const struct deliver_call *calls,
                           uint32_t count, struct slice tag, uint64_t lsn)
{
    struct arena arena;
    struct entry *entries = NULL;

    arena_init(&arena, CALL_ARENA_BYTES_MAX);
    (void)pthread_mutex_lock(&deliver->submit_lock);
    enum status status = make_entries(deliver, calls, &count, &arena, &entries);
    if (status == STATUS_OK) status = store_all(deliver, entries, count, tag, lsn);
    if (status == STATUS_OK) {
        KILLPOINT(outbox_stored_before_send);
        status = admit_all(deliver, entries, count);
    }
    (void)pthread_mutex_unlock(&deliver->submit_lock);
    arena_deinit(&arena);
    return status;
}

/* --- acknowledging --------------------------------------------------------------------------------- */

enum status deliver_acknowledge(struct deliver *deliver, const struct identity *identity,
                                struct slice scenario)
{
    (void)pthread_mutex_lock(&deliver->lock);
    uint32_t number = call_find(deliver, scenario, identity);
    enum status status = deliver->failed;
    if (status == STATUS_OK && number == 0) status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        struct call *call = calls_at(&deliver->calls, number);

        call->acknowledged = true;
        if (call->state == CALL_ANSWERED) {
            deliver->unacknowledged--;
            ending_push(deliver, number);
        }
    }
    (void)pthread_mutex_unlock(&deliver->lock);
    if (status == STATUS_OK) (void)curl_multi_wakeup(deliver->multi);
    return status;
}

/* --- counting ------------------------------------------------------------------------------------- */

void deliver_counters(struct deliver *deliver, struct deliver_counters *counters)
{
    (void)pthread_mutex_lock(&deliver->lock);
    *counters = deliver->counters;
    counters->waiting = deliver->calls.count;
    for (uint32_t i = 1; i < deliver->endpoint_count; i++) {
        counters->breaker_opened += deliver->endpoints[i].pace.opened;
        counters->breakers_open += deliver->endpoints[i].pace.breaker != BREAKER_CLOSED;
    }
    (void)pthread_mutex_unlock(&deliver->lock);
    counters->sockets_opened = atomic_load(&deliver->transfer_counters.sockets_opened);
    counters->address_refused = atomic_load(&deliver->transfer_counters.addresses_refused);
}
