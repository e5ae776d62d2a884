/* test_snowplow.c - payloads: which events are kept, which refused, and bad rows that are JSON. */
#include "codec/json.h"
#include "codec/snowplow.h"
#include "test.h"

#define SCHEMA \
    "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4\",\"data\":"
#define GOOD      "{\"e\":\"pv\",\"p\":\"web\",\"tv\":\"js-4\",\"eid\":\"1\",\"duid\":\"d\"}"
#define UE(inner) "{\"e\":\"ue\",\"p\":\"web\",\"tv\":\"x\"," inner "}"
#define PV(inner) "{\"e\":\"pv\",\"p\":\"web\",\"tv\":\"x\"," inner "}"

static const struct {
    const char *about;
    const char *body;
    int events;  /* -1: the payload is refused */
    int refused; /* of the events */
    int warned;
} posts[] = {
    {"a page view", SCHEMA "[" GOOD "]}", 1, 0, 0},
    {"members in any order",
     "{\"data\":[" GOOD "],\"x\":1,\"schema\":\"iglu:com.snowplowanalytics.snowplow/"
     "payload_data/jsonschema/1-0-0\"}",
     1, 0, 0},
    {"a schema with escaped slashes",
     "{\"schema\":\"iglu:com.snowplowanalytics.snowplow\\/payload_data\\/"
     "jsonschema\\/1-0-4\",\"data\":[" GOOD "]}",
     1, 0, 0},
    {"a byte order mark", "\xEF\xBB\xBF" SCHEMA "[" GOOD "]}", 1, 0, 0},
    {"keys may be escaped", SCHEMA "[{\"\\u0065\":\"pv\",\"p\":\"web\",\"tv\":\"x\"}]}", 1, 0, 0},
    {"the last of equal keys counts",
     SCHEMA "[{\"e\":\"zz\",\"p\":\"web\",\"tv\":\"x\",\"e\":\"pv\"}]}", 1, 0, 0},
    {"scalars of any kind are texts enough", SCHEMA "[" PV("\"a\":1,\"b\":true,\"c\":null") "]}", 1,
     0, 0},
    {"an array is no text", SCHEMA "[" PV("\"a\":[]") "]}", 1, 1, 0},
    {"neighbours of a bad item are kept", SCHEMA "[" GOOD ",7,{}," GOOD "]}", 4, 2, 0},
    {"e must be text", SCHEMA "[{\"e\":1,\"p\":\"web\",\"tv\":\"x\"}]}", 1, 1, 0},
    {"p must not be empty", SCHEMA "[{\"e\":\"pv\",\"p\":\"\",\"tv\":\"x\"}]}", 1, 1, 0},
    {"tv is required", SCHEMA "[{\"e\":\"pv\",\"p\":\"web\"}]}", 1, 1, 0},
    {"an event document in base64",
     SCHEMA "[" UE("\"ue_px\":\"eyJzY2hlbWEiOiJpZ2x1OmEvYi9jLzEtMC0wIiwiZGF0"
                   "YSI6eyJzY2hlbWEiOiJpZ2x1OmEvYi9jLzEtMC0wIiwiZGF0YSI6e319fQ\"") "]}",
     1, 0, 0},
    {"an event document that is none", SCHEMA "[" UE("\"ue_pr\":\"{}\"") "]}", 1, 1, 0},
    {"an event document that is a number", SCHEMA "[" UE("\"ue_pr\":7") "]}", 1, 1, 0},
    {"an empty event document", SCHEMA "[" UE("\"ue_px\":\"\"") "]}", 1, 1, 0},
    {"contexts that are none", SCHEMA "[" PV("\"co\":\"[\"") "]}", 1, 0, 1},
    {"contexts without entities",
     SCHEMA "[" PV("\"co\":\"{\\\"schema\\\":\\\"iglu:a/b/c/1-0-0\\\",\\\"data\\\":[]}\"") "]}", 1,
     0, 0},
    {"an entity without schema",
     SCHEMA "[" PV("\"co\":\"{\\\"schema\\\":\\\"iglu:a/b/c/1-0-0\\\",\\\"data\\\":[{}]}\"") "]}",
     1, 0, 1},
    {"no events", SCHEMA "[]}", -1, 0, 0},
    {"nothing", "", -1, 0, 0},
    {"another schema", "{\"schema\":\"iglu:a/b/c/1-0-0\",\"data\":[" GOOD "]}", -1, 0, 0},
    {"a schema that goes on",
     "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/"
     "1-0-4-5\",\"data\":[" GOOD "]}",
     -1, 0, 0},
    {"a schema without numbers",
     "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/"
     "1--\",\"data\":[" GOOD "]}",
     -1, 0, 0},
};

static void check_row(struct snowplow_payload *payload, const char *about, int events, int refused,
                      int warned)
{
    if (events < 0 ? payload->problem.field == NULL
                   : payload->problem.field != NULL || payload->event_count != (uint32_t)events ||
                         payload->refused_count != (uint32_t)refused ||
                         payload->warning_count != (uint32_t)warned) {
        fail_msg("%s: %s, %u events, %u refused, %u warned", about,
                 payload->problem.field == NULL ? "read" : payload->problem.expectation,
                 payload->event_count, payload->refused_count, payload->warning_count);
    }
}

/* Whatever the row is about, it is one JSON object with a schema. */
static void check_bad_row(const struct snowplow_payload *payload, struct slice body,
                          struct arena *arena)
{
    struct buffer out;
    struct document document;
    struct json_error error;

    buffer_init(&out, 1 << 20);
    snowplow_write_violations(payload, body, 1766000000123, &out);
    assert_false(out.failed);
    assert_ok(json_parse(buffer_slice(&out), &json_limits_default, arena, &document, &error));
    uint32_t failure =
        document_member(&document, document_member(&document, 0, SLICE("data")), SLICE("failure"));
    assert_slice_equal(
        document_text(&document, document_member(&document, failure, SLICE("timestamp"))),
        SLICE("2025-12-17T19:33:20.123Z"));
    assert_true(document.nodes[document_member(&document, failure, SLICE("messages"))].count > 0);
    buffer_deinit(&out);
}

static void posts_are_judged_event_by_event(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 64 << 20);
    for (size_t i = 0; i < COUNT_OF(posts); i++) {
        struct snowplow_payload payload;
        struct slice body = slice_of(posts[i].body);

        arena_reset(&arena);
        enum status status = snowplow_read_post(body, &arena, &payload);
        assert_int_equal(status, posts[i].events < 0 ? STATUS_INVALID : STATUS_OK);
        check_row(&payload, posts[i].about, posts[i].events, posts[i].refused, posts[i].warned);
        if (posts[i].events < 0 || posts[i].refused > 0 || posts[i].warned > 0)
            check_bad_row(&payload, body, &arena);
    }
    arena_deinit(&arena);
}

static void an_event_keeps_its_bytes_and_names(void **state)
{
    struct arena arena;
    struct snowplow_payload payload;

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_ok(snowplow_read_post(
        SLICE(SCHEMA
              "[ {\"e\" : \"pv\", \"p\":\"web\",\"tv\":\"x\",\"eid\":\"\\u0041b\",\"duid\":7} ]}"),
        &arena, &payload));
    assert_slice_equal(
        payload.events[0].bytes,
        SLICE("{\"e\" : \"pv\", \"p\":\"web\",\"tv\":\"x\",\"eid\":\"\\u0041b\",\"duid\":7}"));
    assert_slice_equal(payload.events[0].event_id, SLICE("Ab"));
    assert_slice_equal(payload.events[0].visitor, SLICE("7"));
    arena_deinit(&arena);
}

static const struct {
    const char *about;
    const char *query;
    const char *item; /* NULL: refused */
} gets[] = {
    {"escapes and plus signs", "e=pv&p=web&tv=x&page=a%20b+c%C3%A9",
     "{\"e\":\"pv\",\"p\":\"web\",\"tv\":\"x\",\"page\":\"a b c\xc3\xa9\"}"},
    {"the first of equal names counts", "e=pv&e=se&p=web&tv=x",
     "{\"e\":\"pv\",\"p\":\"web\",\"tv\":\"x\"}"},
    {"broken escapes stand for themselves", "e=pv&p=web&tv=%zz%",
     "{\"e\":\"pv\",\"p\":\"web\",\"tv\":\"%zz%\"}"},
    {"bytes that are no UTF-8 are replaced", "e=pv&p=web&tv=%E0%A4%A",
     "{\"e\":\"pv\",\"p\":\"web\",\"tv\":\"\xEF\xBF\xBD\xEF\xBF\xBD%A\"}"},
    {"controls and quotes are escaped", "e=pv&p=web&tv=%00%22",
     "{\"e\":\"pv\",\"p\":\"web\",\"tv\":\"\\u0000\\\"\"}"},
    {"nothing", "", NULL},
    {"no e", "p=web&tv=x", NULL},
};

static void queries_become_the_same_text(void **state)
{
    struct arena arena;
    struct buffer text;

    (void)state;
    arena_init(&arena, 1 << 20);
    buffer_init(&text, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(gets); i++) {
        struct snowplow_payload payload;

        arena_reset(&arena);
        assert_ok(snowplow_read_get(slice_of(gets[i].query), &arena, &text, &payload));
        assert_int_equal(payload.event_count, 1);
        if ((payload.refused_count > 0) != (gets[i].item == NULL)) fail_msg("%s", gets[i].about);
        if (gets[i].item != NULL)
            assert_slice_equal(payload.events[0].bytes, slice_of(gets[i].item));
    }
    buffer_deinit(&text);
    arena_deinit(&arena);
}

static void work_per_request_is_bounded(void **state)
{
    struct arena arena;
    struct buffer text;
    struct buffer body;
    struct snowplow_payload payload;

    (void)state;
    arena_init(&arena, 64 << 20);
    buffer_init(&text, 1 << 20);
    buffer_init(&body, 4 << 20);
    buffer_append_text(&body, SCHEMA "[");
    for (int i = 0; i < SNOWPLOW_EVENTS_MAX; i++)
        buffer_append_text(&body, "{},");
    buffer_append_text(&body, "{}]}");
    assert_int_equal(snowplow_read_post(buffer_slice(&body), &arena, &payload), STATUS_INVALID);
    check_bad_row(&payload, buffer_slice(&body), &arena);
    buffer_clear(&body);
    for (int i = 0; i < 100 * 100; i++) {
        buffer_append_byte(&body, (uint8_t)('a' + i / 100 % 26));
        buffer_append_u64(&body, (uint64_t)i);
        buffer_append_byte(&body, '&');
    }
    assert_int_equal(snowplow_read_get(buffer_slice(&body), &arena, &text, &payload),
                     STATUS_INVALID);
    buffer_deinit(&body);
    buffer_deinit(&text);
    arena_deinit(&arena);
}

static void a_size_violation_keeps_the_beginning(void **state)
{
    struct arena arena;
    struct buffer out;
    struct buffer big;
    struct document document;
    struct json_error error;

    (void)state;
    arena_init(&arena, 1 << 20);
    buffer_init(&out, 1 << 20);
    buffer_init(&big, 1 << 20);
    for (int i = 0; i < 100000; i++)
        buffer_append(&big, SLICE("\xc3\xa9"));
    snowplow_write_size_violation(buffer_slice(&big), 1000, 0, "smaller", &out);
    assert_ok(json_parse(buffer_slice(&out), &json_limits_default, &arena, &document, &error));
    uint32_t data = document_member(&document, 0, SLICE("data"));
    assert_true(document.nodes[document_member(&document, data, SLICE("payload"))].len <=
                SNOWPLOW_BAD_PAYLOAD_MAX + 3);
    buffer_deinit(&big);
    buffer_deinit(&out);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_are_judged_event_by_event),
        cmocka_unit_test(an_event_keeps_its_bytes_and_names),
        cmocka_unit_test(queries_become_the_same_text),
        cmocka_unit_test(work_per_request_is_bounded),
        cmocka_unit_test(a_size_violation_keeps_the_beginning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
