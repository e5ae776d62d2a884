/* collect.c - birth, routes to answers, and counters. */
#include "collect/collect.h"

#include <stdlib.h>

#include "collect/inside.h"
#include "sys/entropy.h"

const struct collect_options collect_options_default = {
    .body_bytes_max = 2 << 20,
    .payload_bytes_max = 1 << 20,
    .cookie_enabled = true,
    .cookie_name = {(const uint8_t *)"sp", 2},
    .cookie_days = 365,
    .cookie_secure = true,
    .event_ids_max = 1 << 20,
    .pending_max = 20000,
};

/* --- birth -------------------------------------------------------------------------------------- */

static void append_base64(struct buffer *out, struct slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t group = (uint32_t)bytes.data[i] << 16U |
                         (left > 1 ? (uint32_t)bytes.data[i + 1] << 8U : 0) |
                         (left > 2 ? bytes.data[i + 2] : 0);

        buffer_append_byte(out, (uint8_t)digits[group >> 18U]);
        buffer_append_byte(out, (uint8_t)digits[group >> 12U & 63U]);
        buffer_append_byte(out, left > 1 ? (uint8_t)digits[group >> 6U & 63U] : '=');
        buffer_append_byte(out, left > 2 ? (uint8_t)digits[group & 63U] : '=');
    }
}

/* "user:password" in base64, as it stands behind "Basic ". */
static enum status make_secret(const struct collect_topic *topic, struct buffer *secret)
{
    struct buffer plain;

    buffer_init(secret, 8192);
    if (topic->basic_user.len == 0 && topic->basic_password.len == 0) return STATUS_OK;
    buffer_init(&plain, 4096);
    buffer_append(&plain, topic->basic_user);
    buffer_append_byte(&plain, ':');
    buffer_append(&plain, topic->basic_password);
    append_base64(secret, buffer_slice(&plain));
    enum status status = plain.failed || secret->failed ? STATUS_LIMIT : STATUS_OK;
    buffer_deinit(&plain);
    return status;
}

static enum status make_secrets(struct collect *collect)
{
    collect->topic_secrets = calloc(collect->options.topic_count + 1, sizeof(struct buffer));
    if (collect->topic_secrets == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < collect->options.topic_count; i++) {
        enum status status = make_secret(&collect->options.topics[i], &collect->topic_secrets[i]);

        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static enum status make_pendings(struct collect *collect)
{
    uint32_t count = collect->options.pending_max;

    collect->pendings = calloc(count, sizeof(*collect->pendings));
    if (collect->pendings == NULL) return STATUS_LIMIT;
    for (uint32_t i = count; i > 0; i--) {
        collect->pendings[i - 1].next = collect->free_pendings;
        collect->free_pendings = &collect->pendings[i - 1];
    }
    return STATUS_OK;
}

static void init_buffers(struct collect *collect)
{
    size_t value_max = RECORD_BYTES_MAX;

    arena_init(&collect->arena, COLLECT_ARENA_BYTES);
    buffer_init(&collect->value, value_max);
    buffer_init(&collect->text, 8 * (size_t)collect->options.body_bytes_max + 4096);
    buffer_init(&collect->data, value_max);
    for (uint32_t i = 0; i < COLLECT_PARTS_MAX; i++)
        buffer_init(&collect->parts[i].batch, RECORD_BYTES_MAX + RECORD_BATCH_BYTES_MAX);
}

enum status collect_create(struct server *server, const struct collect_options *options,
                           const struct collect_host *host, struct collect **created)
{
    struct collect *collect = calloc(1, sizeof(*collect));
    uint64_t seed;

    if (collect == NULL) return STATUS_LIMIT;
    ASSERT(options->pending_max > 0 && options->payload_bytes_max >= 4096 &&
           options->payload_bytes_max <= RECORD_BYTES_MAX / 2);
    collect->server = server;
    collect->options = *options;
    collect->host = *host;
    collect->date_second = -1;
    init_buffers(collect);
    entropy_fill((uint8_t *)&seed, sizeof(seed));
    enum status status = event_ids_init(&collect->ids, options->event_ids_max, seed);
    if (status == STATUS_OK) status = make_pendings(collect);
    if (status == STATUS_OK) status = make_secrets(collect);
    if (status != STATUS_OK) {
        collect_destroy(collect);
        return status;
    }
    server_on_round(server, flight_round, collect);
    server_every(server, COLLECT_RETRY_MS, flight_timer, collect);
    *created = collect;
    return STATUS_OK;
}

void collect_destroy(struct collect *collect)
{
    if (collect == NULL) return;
    for (uint32_t i = 0; collect->topic_secrets != NULL && i < collect->options.topic_count; i++)
        buffer_deinit(&collect->topic_secrets[i]);
    free(collect->topic_secrets);
    free(collect->pendings);
    event_ids_deinit(&collect->ids);
    arena_deinit(&collect->arena);
    buffer_deinit(&collect->value);
    buffer_deinit(&collect->text);
    buffer_deinit(&collect->data);
    for (uint32_t i = 0; i < COLLECT_PARTS_MAX; i++)
        buffer_deinit(&collect->parts[i].batch);
    free(collect);
}

void collect_remember(struct collect *collect, struct slice event_id)
{
    uint64_t position;

    if (event_id.len > 0) (void)event_ids_add(&collect->ids, event_id, &position);
    collect->ids_submitted = collect->ids.next;
    collect->ids_durable = collect->ids.next;
}

void collect_set_fallback(struct collect *collect, server_handler other, void *context)
{
    collect->fallback = other;
    collect->fallback_context = context;
}

/* --- events ------------------------------------------------------------------------------------- */

/* Answers now or waits, as the outcome of accept_...() asks. */
static void settle(struct collect *collect, const struct arrival *arrival, enum status status)
{
    if (status == STATUS_INVALID) {
        answer_text(arrival->exchange, 400, arrival->reply.origin, SLICE("the body is no JSON"));
    } else if (status != STATUS_OK) {
        answer_overloaded(collect, arrival->exchange, arrival->reply.origin);
    } else if (arrival->records == 0 && arrival->depends_on == POSITION_NEVER) {
        answer_reply(collect, arrival->exchange, &arrival->reply);
    } else {
        gather_wait(collect, arrival);
    }
}

/* True: the request was answered already. */
static bool turned_away(struct collect *collect, const struct arrival *arrival)
{
    const struct http_request *request = arrival->request;

    if (arrival->post && !request->has_length && !request->chunked) {
        answer_text(arrival->exchange, 411, arrival->reply.origin, SLICE("a POST needs a length"));
        return true;
    }
    if (request->body.len > collect->options.body_bytes_max) {
        answer_text(arrival->exchange, 413, arrival->reply.origin,
                    SLICE("the body is larger than allowed"));
        return true;
    }
    if (gather_has_room(collect)) return false;
    answer_overloaded(collect, arrival->exchange, arrival->reply.origin);
    return true;
}

static struct arrival arrival_of(struct collect *collect, struct exchange *exchange,
                                 const struct http_request *request)
{
    collect_count(&collect->counters.requests, 1);
    return (struct arrival){
        .exchange = exchange,
        .request = request,
        .reply = {.origin = cors_origin(request)},
        .time_ms = collect->host.now_ms(collect->host.context),
        .depends_on = POSITION_NEVER,
        .post = request->method == HTTP_POST,
        .anonymous = visitor_is_anonymous(request),
    };
}

static void take_events(struct collect *collect, struct exchange *exchange,
                        const struct http_request *request, enum route route)
{
    struct arrival arrival = arrival_of(collect, exchange, request);

    if (turned_away(collect, &arrival)) return;
    arrival.reply.kind = arrival.post ? ANSWER_OK : ANSWER_PIXEL;
    visitor_choose(collect, request, &arrival.reply);
    settle(collect, &arrival,
           route == ROUTE_EVENTS ? accept_events(collect, &arrival)
                                 : accept_webhook(collect, &arrival));
}

/* --- topics ------------------------------------------------------------------------------------- */

/* Takes the same time wherever the first difference is. */
static bool equal_in_constant_time(struct slice left, struct slice right)
{
    uint8_t difference = left.len == right.len ? 0 : 1;

    for (size_t i = 0; i < left.len && i < right.len; i++)
        difference |= left.data[i] ^ right.data[i];
    return difference == 0;
}

static bool may_write(struct slice secret, const struct http_request *request)
{
    const struct http_header *header = http_find(request, "Authorization");
    struct slice scheme = SLICE("basic ");

    if (secret.len == 0) return true;
    if (header == NULL || header->value.len < scheme.len ||
        !slice_equal_ignoring_case((struct slice){header->value.data, scheme.len}, scheme))
        return false;
    return equal_in_constant_time(
        (struct slice){header->value.data + scheme.len, header->value.len - scheme.len}, secret);
}

static void take_message(struct collect *collect, struct exchange *exchange,
                         const struct http_request *request, struct slice name)
{
    struct arrival arrival = arrival_of(collect, exchange, request);
    uint32_t i = 0;

    while (i < collect->options.topic_count && !slice_equal(collect->options.topics[i].name, name))
        i++;
    if (i == collect->options.topic_count) {
        answer_text(exchange, 404, arrival.reply.origin, SLICE("no such topic is open to senders"));
        return;
    }
    if (!may_write(buffer_slice(&collect->topic_secrets[i]), request)) {
        answer_text(exchange, 401, arrival.reply.origin, SLICE("sign in to write to this topic"));
        return;
    }
    if (turned_away(collect, &arrival)) return;
    if (request->body.len > collect_data_max(collect)) {
        answer_text(exchange, 413, arrival.reply.origin, SLICE("the body is larger than allowed"));
        return;
    }
    arrival.reply.kind = ANSWER_CREATED;
    settle(collect, &arrival, accept_message(collect, &arrival, &collect->options.topics[i]));
}

/* --- everything else ---------------------------------------------------------------------------- */

static void answer_preflight(struct exchange *exchange, const struct http_request *request)
{
    struct http_response response = {.status = 200};
    bool topic = slice_starts_with(request->path, SLICE("/topics/"));

    cors_add(&response, cors_origin(request));
    http_response_add(&response, "Access-Control-Allow-Headers",
                      topic ? SLICE("Content-Type, SP-Anonymous, Authorization")
                            : SLICE("Content-Type, SP-Anonymous"));
    http_response_add(&response, "Access-Control-Max-Age", SLICE("3600"));
    exchange_respond(exchange, &response);
}

static const char robots[] = "User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nDisallow: /\n\n"
                             "User-agent: AdsBot-Google\nDisallow: /";

static void answer_other(struct collect *collect, struct exchange *exchange,
                         const struct http_request *request)
{
    if (collect->fallback != NULL) {
        collect->fallback(collect->fallback_context, exchange, request);
    } else {
        answer_text(exchange, 404, cors_origin(request), SLICE("not found"));
    }
}

void collect_handle(void *context, struct exchange *exchange, const struct http_request *request)
{
    struct collect *collect = context;
    struct slice rest;
    enum route route = route_of(collect, request, &rest);
    struct slice origin;

    switch (route) {
    case ROUTE_EVENTS:
    case ROUTE_WEBHOOK: take_events(collect, exchange, request, route); return;
    case ROUTE_TOPIC: take_message(collect, exchange, request, rest); return;
    case ROUTE_PREFLIGHT: answer_preflight(exchange, request); return;
    case ROUTE_OTHER: answer_other(collect, exchange, request); return;
    case ROUTE_METHOD:
    case ROUTE_REDIRECT:
    case ROUTE_HEALTH:
    case ROUTE_SINK_HEALTH:
    case ROUTE_ROBOTS: break;
    }
    origin = cors_origin(request);
    if (route == ROUTE_METHOD) answer_text(exchange, 405, origin, SLICE("not with this method"));
    if (route == ROUTE_REDIRECT) answer_text(exchange, 404, origin, SLICE("redirects disabled"));
    if (route == ROUTE_HEALTH) answer_text(exchange, 200, origin, SLICE("ok"));
    if (route == ROUTE_ROBOTS) answer_text(exchange, 200, origin, slice_of(robots));
    if (route != ROUTE_SINK_HEALTH) return;
    if (collect->failing) {
        answer_text(exchange, 503, origin, SLICE("Service Unavailable"));
    } else {
        answer_text(exchange, 200, origin, SLICE("ok"));
    }
}

void collect_counters(const struct collect *collect, struct collect_counters *counters)
{
    const struct collect_counters *own = &collect->counters;

    counters->requests = __atomic_load_n(&own->requests, __ATOMIC_RELAXED);
    counters->events = __atomic_load_n(&own->events, __ATOMIC_RELAXED);
    counters->bad_rows = __atomic_load_n(&own->bad_rows, __ATOMIC_RELAXED);
    counters->duplicates = __atomic_load_n(&own->duplicates, __ATOMIC_RELAXED);
    counters->overloaded = __atomic_load_n(&own->overloaded, __ATOMIC_RELAXED);
    counters->pending = __atomic_load_n(&own->pending, __ATOMIC_RELAXED);
}
