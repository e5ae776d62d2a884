/* snowplow_bad_row.c - what could not be used, in the form Snowplow's tools recover from. */
#include "codec/civil.h"
#include "codec/json.h"
#include "codec/snowplow.h"

#define BADROWS   "{\"schema\":\"iglu:com.snowplowanalytics.snowplow.badrows/"
#define PROCESSOR "\"processor\":{\"artifact\":\"headrace\",\"version\":\"" HEADRACE_VERSION "\"}"

enum { VALUE_MAX = 512 };

static void append_digits(struct buffer *out, int64_t number, int digits)
{
    int64_t unit = 1;

    while (--digits > 0)
        unit *= 10;
    for (; unit > 0; unit /= 10)
        buffer_append_byte(out, (uint8_t)('0' + number / unit % 10));
}

/* "timestamp":"2026-01-31T23:59:59.999Z" */
static void append_timestamp(struct buffer *out, int64_t time_ms)
{
    struct civil civil = civil_of(time_ms < 0 ? 0 : time_ms / 1000);

    buffer_append(out, SLICE("\"timestamp\":\""));
    append_digits(out, civil.year, 4);
    buffer_append_byte(out, '-');
    append_digits(out, civil.month, 2);
    buffer_append_byte(out, '-');
    append_digits(out, civil.day, 2);
    buffer_append_byte(out, 'T');
    append_digits(out, civil.second / 3600, 2);
    buffer_append_byte(out, ':');
    append_digits(out, civil.second / 60 % 60, 2);
    buffer_append_byte(out, ':');
    append_digits(out, civil.second % 60, 2);
    buffer_append_byte(out, '.');
    append_digits(out, time_ms < 0 ? 0 : time_ms % 1000, 3);
    buffer_append(out, SLICE("Z\""));
}

static struct slice shortened(struct slice text, size_t len)
{
    return (struct slice){text.data, text.len < len ? text.len : len};
}

static void append_problem(struct buffer *out, const struct snowplow_problem *problem,
                           uint32_t *count)
{
    if (problem->field == NULL || *count == SNOWPLOW_MESSAGES_MAX) return;
    if ((*count)++ > 0) buffer_append_byte(out, ',');
    buffer_append(out, SLICE("{\"field\":"));
    json_write_string(slice_of(problem->field), out);
    buffer_append(out, SLICE(",\"value\":"));
    if (problem->value.data == NULL) {
        buffer_append(out, SLICE("null"));
    } else {
        snowplow_write_text(shortened(problem->value, VALUE_MAX), out);
    }
    buffer_append(out, SLICE(",\"expectation\":"));
    json_write_string(slice_of(problem->expectation), out);
    buffer_append_byte(out, '}');
}

static void append_messages(struct buffer *out, const struct snowplow_payload *payload)
{
    uint32_t count = 0;

    append_problem(out, &payload->problem, &count);
    for (uint32_t i = 0; i < payload->event_count; i++) {
        append_problem(out, &payload->events[i].problem, &count);
        append_problem(out, &payload->events[i].warning, &count);
    }
}

/* The payload with nothing but the events this row is about. */
static void append_refused(struct buffer *out, const struct snowplow_payload *payload)
{
    struct buffer text;
    uint32_t count = 0;

    buffer_init(&text, (size_t)2 * SNOWPLOW_BAD_PAYLOAD_MAX);
    buffer_append(&text, SLICE("{\"schema\":\""));
    buffer_append(&text, payload->schema);
    buffer_append(&text, SLICE("\",\"data\":["));
    for (uint32_t i = 0; i < payload->event_count && text.len < SNOWPLOW_BAD_PAYLOAD_MAX; i++) {
        const struct snowplow_event *event = &payload->events[i];

        if (event->problem.field == NULL && event->warning.field == NULL) continue;
        if (count++ > 0) buffer_append_byte(&text, ',');
        buffer_append(&text, shortened(event->bytes, SNOWPLOW_BAD_PAYLOAD_MAX));
    }
    buffer_append(&text, SLICE("]}"));
    snowplow_write_text(buffer_slice(&text), out);
    buffer_deinit(&text);
}

void snowplow_write_violations(const struct snowplow_payload *payload, struct slice body,
                               int64_t time_ms, struct buffer *out)
{
    buffer_append(out, SLICE(BADROWS
                             "tracker_protocol_violations/jsonschema/1-0-0\",\"data\":{" PROCESSOR
                             ",\"failure\":{"));
    append_timestamp(out, time_ms);
    buffer_append(out, SLICE(",\"vendor\":\"com.snowplowanalytics.snowplow\",\"version\":\"tp2\","
                             "\"messages\":["));
    append_messages(out, payload);
    buffer_append(out, SLICE("]},\"payload\":{\"vendor\":\"com.snowplowanalytics.snowplow\","
                             "\"version\":\"tp2\",\"querystring\":null,\"body\":"));
    if (payload->problem.field != NULL) {
        snowplow_write_text(shortened(body, SNOWPLOW_BAD_PAYLOAD_MAX), out);
    } else {
        append_refused(out, payload);
    }
    buffer_append(
        out, SLICE(",\"collector\":\"headrace-" HEADRACE_VERSION "\",\"encoding\":\"UTF-8\","));
    append_timestamp(out, time_ms);
    buffer_append(out, SLICE("}}}"));
}

void snowplow_write_size_violation(struct slice payload, uint64_t bytes_max, int64_t time_ms,
                                   const char *expectation, struct buffer *out)
{
    buffer_append(out, SLICE(BADROWS "size_violation/jsonschema/1-0-0\",\"data\":{" PROCESSOR
                                     ",\"failure\":{"));
    append_timestamp(out, time_ms);
    buffer_append(out, SLICE(",\"maximumAllowedSizeBytes\":"));
    buffer_append_u64(out, bytes_max);
    buffer_append(out, SLICE(",\"actualSizeBytes\":"));
    buffer_append_u64(out, payload.len);
    buffer_append(out, SLICE(",\"expectation\":"));
    json_write_string(slice_of(expectation), out);
    buffer_append(out, SLICE("},\"payload\":"));
    snowplow_write_text(shortened(payload, SNOWPLOW_BAD_PAYLOAD_MAX), out);
    buffer_append(out, SLICE("}}"));
}
