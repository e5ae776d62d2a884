/* test_topic_tool.c - records as lines of JSON, and back to the same bytes. */
#include "base/arena.h"
#include "host/topic_tool.h"
#include "test.h"

enum { ARENA_BYTES = 64 << 20, NOW_MS = 777 };

static const struct {
    const char *about;
    const char *key; /* NULL: none */
    const char *value;
    const char *line;
} rows[] = {
    {"an object stays an object", "k", "{\"a\": [1, 2.50]}",
     "{\"topic\":\"t\",\"offset\":7,\"timestamp\":-5,\"key\":\"k\",\"value\":{\"a\":[1,2.50]},"
     "\"headers\":[]}\n"},
    {"no key, no value", NULL, NULL,
     "{\"topic\":\"t\",\"offset\":7,\"timestamp\":-5,\"key\":null,\"value\":null,"
     "\"headers\":[]}\n"},
    {"text is a string", "", "hello \"you\"",
     "{\"topic\":\"t\",\"offset\":7,\"timestamp\":-5,\"key\":\"\",\"value\":\"hello \\\"you\\\"\","
     "\"headers\":[]}\n"},
    {"a JSON string is shown with its quotes, so that it comes back", "k", "\"x\"",
     "{\"topic\":\"t\",\"offset\":7,\"timestamp\":-5,\"key\":\"k\",\"value\":\"\\\"x\\\"\","
     "\"headers\":[]}\n"},
    {"a JSON null is not the absence of a value", "k", "null",
     "{\"topic\":\"t\",\"offset\":7,\"timestamp\":-5,\"key\":\"k\",\"value\":\"null\","
     "\"headers\":[]}\n"},
    {"numbers keep their spelling", "1", "1.00",
     "{\"topic\":\"t\",\"offset\":7,\"timestamp\":-5,\"key\":\"1\",\"value\":1.00,"
     "\"headers\":[]}\n"},
    {"an empty value is not none", "k", "",
     "{\"topic\":\"t\",\"offset\":7,\"timestamp\":-5,\"key\":\"k\",\"value\":\"\","
     "\"headers\":[]}\n"},
};

static struct slice maybe(const char *text)
{
    return text == NULL ? (struct slice){NULL, 0} : slice_of(text);
}

static void records_are_lines_and_lines_are_records(void **state)
{
    struct buffer line;
    struct arena arena;
    struct topic_lines lines = {.now_ms = NOW_MS, .arena = &arena};

    (void)state;
    arena_init(&arena, ARENA_BYTES);
    buffer_init(&line, 1 << 20);
    buffer_init(&lines.message, 1 << 12);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct record again;
        struct record record = {
            .offset = 7, .time_ms = -5, .key = maybe(rows[i].key), .value = maybe(rows[i].value)};

        buffer_clear(&line);
        topic_line_write(SLICE("t"), &record, &arena, &line);
        assert_slice_equal(buffer_slice(&line), slice_of(rows[i].line));
        struct slice text = {line.data, line.len - 1};
        assert_ok(topic_line_read(&lines, text, &again));
        assert_int_equal(again.time_ms, -5);
        assert_slice_equal(again.key, record.key);
        assert_int_equal(again.key.data == NULL, record.key.data == NULL);
        assert_int_equal(again.value.data == NULL, record.value.data == NULL);
        if (i > 0) assert_slice_equal(again.value, record.value); /* 0 had spaces */
    }
    buffer_deinit(&line);
    buffer_deinit(&lines.message);
    arena_deinit(&arena);
}

static void headers_come_back(void **state)
{
    struct record_header headers[RECORD_HEADERS_MAX] = {{SLICE("eid"), SLICE("a")},
                                                        {SLICE("identity"), SLICE("1:0:2:00")}};
    struct record record = {.value = SLICE("1"), .headers = headers, .header_count = 2};
    struct record again;
    struct buffer line;
    struct arena arena;
    struct topic_lines lines = {.now_ms = NOW_MS, .arena = &arena};

    (void)state;
    arena_init(&arena, ARENA_BYTES);
    buffer_init(&line, 1 << 20);
    buffer_init(&lines.message, 1 << 12);
    topic_line_write(SLICE("t"), &record, &arena, &line);
    assert_ok(topic_line_read(&lines, buffer_slice(&line), &again));
    assert_int_equal(again.header_count, 2);
    assert_slice_equal(again.headers[1].name, SLICE("identity"));
    assert_slice_equal(again.headers[1].value, SLICE("1:0:2:00"));
    buffer_deinit(&line);
    buffer_deinit(&lines.message);
    arena_deinit(&arena);
}

static void bytes_that_are_no_text_are_shown_as_unknown(void **state)
{
    struct record record = {.value = SLICE("a\xff\xc3z")};
    struct buffer line;
    struct arena arena;

    (void)state;
    arena_init(&arena, ARENA_BYTES);
    buffer_init(&line, 1 << 20);
    topic_line_write(SLICE("t"), &record, &arena, &line);
    buffer_append_byte(&line, 0);
    assert_non_null(strstr((char *)line.data, "\"a\xef\xbf\xbd\xef\xbf\xbdz\""));
    buffer_deinit(&line);
    arena_deinit(&arena);
}

static const struct {
    const char *line;
    const char *message;
} bad_lines[] = {
    {"{\"value\":1", "column 11"},
    {"[1]", "a line is an object"},
    {"{\"key\":\"k\"}", "\"value\" is missing"},
    {"{\"value\":1,\"timestamp\":\"noon\"}", "\"timestamp\" is no number"},
    {"{\"value\":1,\"timestamp\":1.5}", "\"timestamp\" is no number"},
    {"{\"value\":1,\"headers\":[[\"a\"]]}", "\"headers\" is no list of pairs"},
    {"{\"value\":1,\"headers\":{}}", "\"headers\" is no list of at most 64"},
};

static void bad_lines_are_refused_with_a_reason(void **state)
{
    struct record record;
    struct arena arena;
    struct topic_lines lines = {.now_ms = NOW_MS, .arena = &arena};

    (void)state;
    arena_init(&arena, ARENA_BYTES);
    buffer_init(&lines.message, 1 << 12);
    for (size_t i = 0; i < COUNT_OF(bad_lines); i++) {
        buffer_clear(&lines.message);
        assert_int_equal(topic_line_read(&lines, slice_of(bad_lines[i].line), &record),
                         STATUS_INVALID);
        if (!slice_starts_with(buffer_slice(&lines.message), slice_of(bad_lines[i].message)))
            fail_msg("%s: %.*s", bad_lines[i].line, (int)lines.message.len,
                     (char *)lines.message.data);
    }
    lines.bare = true;
    assert_ok(topic_line_read(&lines, SLICE("no JSON {"), &record));
    assert_slice_equal(record.value, SLICE("no JSON {"));
    assert_int_equal(record.time_ms, NOW_MS);
    buffer_deinit(&lines.message);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_lines_and_lines_are_records),
        cmocka_unit_test(headers_come_back),
        cmocka_unit_test(bytes_that_are_no_text_are_shown_as_unknown),
        cmocka_unit_test(bad_lines_are_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
