/* accept.c - from a request to records: what is accepted, what was seen before, what is refused.
 *
 * A body that is accepted whole is stored as it came. Otherwise `data` is spliced from the original
 * bytes of the events that are kept; records hold at most COLLECT_EVENTS_PER_RECORD events (one header
 * each) and payload_bytes_max bytes. */
#include "codec/json.h"
#include "collect/inside.h"

/* Events that go into one record. */
struct chunk {
    struct slice visitor;
    struct record_header headers[RECORD_HEADERS_MAX];
    uint32_t header_count;
    uint32_t event_count;
};

static enum status write_record(struct collect *collect, struct arrival *arrival, uint32_t topic_id,
                                const struct chunk *chunk)
{
    struct record record = {
        .time_ms = arrival->time_ms,
        .key = chunk == NULL || chunk->visitor.len == 0 ? (struct slice){0} : chunk->visitor,
        .value = buffer_slice(&collect->value),
        .headers = chunk == NULL ? NULL : chunk->headers,
        .header_count = chunk == NULL ? 0 : chunk->header_count,
    };

    if (collect->value.failed) return STATUS_LIMIT;
    enum status status = gather_record(collect, topic_id, &record);
    if (status == STATUS_OK) arrival->records++;
    return status;
}

static enum status write_bad_row(struct collect *collect, struct arrival *arrival)
{
    collect_count(&collect->counters.bad_rows, 1);
    return write_record(collect, arrival, collect->options.bad_topic_id, NULL);
}

static enum status write_size_violation(struct collect *collect, struct arrival *arrival,
                                        struct slice payload, const char *expectation)
{
    buffer_clear(&collect->value);
    snowplow_write_size_violation(payload, collect->options.payload_bytes_max, arrival->time_ms,
                                  expectation, &collect->value);
    return write_bad_row(collect, arrival);
}

static void chunk_add(struct chunk *chunk, const struct snowplow_event *event)
{
    if (chunk->event_count++ == 0) chunk->visitor = event->visitor;
    if (event->event_id.len == 0) return;
    chunk->headers[chunk->header_count++] =
        (struct record_header){SLICE(RECORD_HEADER_EVENT_ID), event->event_id};
}

/* A record whose message is `message` as it stands. */
static enum status write_verbatim(struct collect *collect, struct arrival *arrival,
                                  uint32_t topic_id, struct slice message,
                                  const struct chunk *chunk)
{
    uint8_t id[UUID_BYTES];

    collect_uuid(collect, id);
    envelope_begin(collect, arrival, id);
    buffer_append(&collect->value, message);
    envelope_end(collect);
    return write_record(collect, arrival, topic_id, chunk);
}

/* A record with the events spliced so far. */
static enum status write_spliced(struct collect *collect, struct arrival *arrival,
                                 const struct snowplow_payload *payload, struct chunk *chunk)
{
    uint8_t id[UUID_BYTES];

    if (chunk->event_count == 0) return STATUS_OK;
    collect_uuid(collect, id);
    envelope_begin(collect, arrival, id);
    buffer_append(&collect->value, SLICE("{\"schema\":\""));
    buffer_append(&collect->value, payload->schema);
    buffer_append(&collect->value, SLICE("\",\"data\":["));
    buffer_append(&collect->value, buffer_slice(&collect->data));
    buffer_append(&collect->value, SLICE("]}"));
    envelope_end(collect);
    enum status status = write_record(collect, arrival, collect->options.topic_id, chunk);
    chunk->event_count = 0;
    chunk->header_count = 0;
    buffer_clear(&collect->data);
    return status;
}

static enum status splice_events(struct collect *collect, struct arrival *arrival,
                                 const struct snowplow_payload *payload)
{
    size_t room = collect_data_max(collect);
    struct chunk chunk = {0};
    enum status status = STATUS_OK;

    buffer_clear(&collect->data);
    for (uint32_t i = 0; i < payload->event_count && status == STATUS_OK; i++) {
        const struct snowplow_event *event = &payload->events[i];

        if (event->bytes.len == 0) continue; /* refused, or seen before */
        if (event->bytes.len > room) {
            status =
                write_size_violation(collect, arrival, event->bytes,
                                     "oversized collector payload: this event alone is too big");
            continue;
        }
        if (chunk.event_count == COLLECT_EVENTS_PER_RECORD ||
            collect->data.len + 1 + event->bytes.len > room)
            status = write_spliced(collect, arrival, payload, &chunk);
        if (chunk.event_count > 0) buffer_append_byte(&collect->data, ',');
        buffer_append(&collect->data, event->bytes);
        chunk_add(&chunk, event);
    }
    return status == STATUS_OK ? write_spliced(collect, arrival, payload, &chunk) : status;
}

/* Was the event seen before? If its first arrival is not durable yet, this request must not be
 * acknowledged earlier than that one. */
static bool is_repeat(struct collect *collect, struct arrival *arrival,
                      const struct snowplow_event *event, uint64_t own_begin)
{
    uint64_t position;

    if (event->event_id.len == 0 || collect->options.prove_no_event_id_check) return false;
    if (event_ids_add(&collect->ids, event->event_id, &position)) return false;
    if (position < own_begin && position >= collect->ids_durable && position < arrival->depends_on)
        arrival->depends_on = position;
    collect_count(&collect->counters.duplicates, 1);
    return true;
}

/* Takes refused and repeated events out (their bytes become empty); returns how many are kept. */
static uint32_t sift_events(struct collect *collect, struct arrival *arrival,
                            struct snowplow_payload *payload)
{
    uint64_t own_begin = collect->ids.next;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < payload->event_count; i++) {
        struct snowplow_event *event = &payload->events[i];

        if (event->problem.field != NULL || is_repeat(collect, arrival, event, own_begin)) {
            event->bytes.len = 0;
        } else {
            kept++;
        }
    }
    return kept;
}

static enum status store_events(struct collect *collect, struct arrival *arrival,
                                struct snowplow_payload *payload)
{
    uint32_t kept = sift_events(collect, arrival, payload);
    bool whole = kept == payload->event_count && kept <= COLLECT_EVENTS_PER_RECORD &&
                 payload->text.len <= collect_data_max(collect);
    struct chunk chunk = {0};

    if (kept == 0) return STATUS_OK;
    collect_count(&collect->counters.events, kept);
    if (!whole) return splice_events(collect, arrival, payload);
    for (uint32_t i = 0; i < kept; i++)
        chunk_add(&chunk, &payload->events[i]);
    return write_verbatim(collect, arrival, collect->options.topic_id, payload->text, &chunk);
}

enum status accept_events(struct collect *collect, struct arrival *arrival)
{
    const struct http_request *request = arrival->request;
    struct snowplow_payload payload;
    uint64_t own_begin = collect->ids.next;
    enum status status;

    arena_reset(&collect->arena);
    status = arrival->post
                 ? snowplow_read_post(request->body, &collect->arena, &payload)
                 : snowplow_read_get(request->query, &collect->arena, &collect->text, &payload);
    if (status == STATUS_LIMIT) return status;
    bool bad =
        payload.problem.field != NULL || payload.refused_count > 0 || payload.warning_count > 0;
    status = STATUS_OK;
    if (bad) { /* before sifting: it needs the bytes of what is refused */
        buffer_clear(&collect->value);
        snowplow_write_violations(&payload, arrival->post ? request->body : request->query,
                                  arrival->time_ms, &collect->value);
        status = write_bad_row(collect, arrival);
    }
    if (status == STATUS_OK && payload.problem.field == NULL)
        status = store_events(collect, arrival, &payload);
    if (status != STATUS_OK) event_ids_forget(&collect->ids, own_begin, collect->ids.next);
    return status;
}

static bool is_json(struct collect *collect, struct slice text)
{
    struct document document;
    struct json_error error;

    arena_reset(&collect->arena);
    return json_parse(text, &json_limits_default, &collect->arena, &document, &error) == STATUS_OK;
}

enum status accept_webhook(struct collect *collect, struct arrival *arrival)
{
    struct slice body = arrival->request->body;

    if (!arrival->post) {
        arena_reset(&collect->arena);
        buffer_clear(&collect->text);
        if (snowplow_query_to_json(arrival->request->query, &collect->arena, &collect->text) !=
            STATUS_OK) {
            return write_size_violation(collect, arrival, arrival->request->query,
                                        "oversized collector payload: too many parameters");
        }
        body = buffer_slice(&collect->text);
    } else if (!is_json(collect, body)) {
        buffer_clear(&collect->text);
        snowplow_write_text(body, &collect->text);
        body = buffer_slice(&collect->text);
        if (collect->text.failed) return STATUS_LIMIT;
    }
    if (body.len > collect_data_max(collect)) {
        return write_size_violation(collect, arrival, arrival->request->body,
                                    "oversized collector payload: this body cannot be split");
    }
    collect_count(&collect->counters.events, 1);
    return write_verbatim(collect, arrival, collect->options.topic_id, body, NULL);
}

enum status accept_message(struct collect *collect, struct arrival *arrival,
                           const struct collect_topic *topic)
{
    if (!is_json(collect, arrival->request->body)) return STATUS_INVALID;
    collect_uuid(collect, arrival->reply.id);
    if (topic->plain) {
        buffer_clear(&collect->value);
    } else {
        envelope_begin(collect, arrival, arrival->reply.id);
    }
    buffer_append(&collect->value, arrival->request->body);
    if (!topic->plain) envelope_end(collect);
    collect_count(&collect->counters.events, 1);
    return write_record(collect, arrival, topic->topic_id, NULL);
}
