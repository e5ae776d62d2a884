/* fuzz_snowplow.c - tracker payloads. Events lie inside the text and are JSON; what is kept, spliced
 * into a payload of its own, is read as the same events; every bad row is JSON. */
#include <stdlib.h>

#include "codec/json.h"
#include "codec/snowplow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data,
                           size_t size); /* NOLINT(readability-identifier-naming) */

static void check_json(struct slice text, struct arena *arena)
{
    struct document document;
    struct json_error error;

    ASSERT(json_parse(text, &json_limits_default, arena, &document, &error) == STATUS_OK);
}

static void check_bad_row(const struct snowplow_payload *payload, struct slice body,
                          struct arena *arena)
{
    struct buffer row;

    buffer_init(&row, 4 << 20);
    snowplow_write_violations(payload, body, 1766000000123, &row);
    ASSERT(!row.failed);
    check_json(buffer_slice(&row), arena);
    buffer_clear(&row);
    snowplow_write_size_violation(body, 1000, 1766000000123, "smaller", &row);
    check_json(buffer_slice(&row), arena);
    buffer_deinit(&row);
}

static void check_splice(const struct snowplow_payload *payload, struct arena *arena)
{
    struct snowplow_payload again;
    struct buffer text;
    uint32_t kept = 0;

    buffer_init(&text, 8 << 20);
    buffer_append_text(&text, "{\"schema\":\"");
    buffer_append(&text, payload->schema);
    buffer_append_text(&text, "\",\"data\":[");
    for (uint32_t i = 0; i < payload->event_count; i++) {
        if (payload->events[i].problem.field != NULL) continue;
        if (kept++ > 0) buffer_append_byte(&text, ',');
        buffer_append(&text, payload->events[i].bytes);
    }
    buffer_append_text(&text, "]}");
    if (kept > 0) {
        ASSERT(snowplow_read_post(buffer_slice(&text), arena, &again) == STATUS_OK);
        ASSERT(again.event_count == kept && again.refused_count == 0);
        ASSERT(again.warning_count == payload->warning_count);
    }
    buffer_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snowplow_payload payload;
    struct arena arena;
    struct buffer text;

    if (size == 0) return 0;
    struct slice input = {data + 1, size - 1};
    arena_init(&arena, 256 << 20);
    buffer_init(&text, 16 << 20);
    enum status status = data[0] % 2 == 0 ? snowplow_read_post(input, &arena, &payload)
                                          : snowplow_read_get(input, &arena, &text, &payload);
    ASSERT(status == STATUS_OK || status == STATUS_INVALID);
    ASSERT((status == STATUS_INVALID) == (payload.problem.field != NULL));
    check_bad_row(&payload, input, &arena);
    if (status == STATUS_OK) {
        check_json(payload.text, &arena);
        check_splice(&payload, &arena);
    }
    buffer_deinit(&text);
    arena_deinit(&arena);
    return 0;
}
