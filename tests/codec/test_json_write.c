/* test_json_write.c - values as JSON: numbers, times, what was read lazily, documents with indents. */
#include "json_values.h"

#include "value/decimal.h"
#include "value/temporal.h"

static void values_are_written_as_the_original_does(void **state)
{
    struct value number = {.kind = VALUE_BIG_DECIMAL, .scale = -3, .i64 = 25};
    struct value small = {.kind = VALUE_BIG_DECIMAL, .scale = 9, .i64 = 1};
    struct value far = {.kind = VALUE_BIG_DECIMAL, .scale = -100000, .i64 = 1};
    struct value half = {.kind = VALUE_FLOAT, .f64 = 0.5};
    struct value duration = {.kind = VALUE_DURATION, .i64 = 60};
    struct value surrogate = {.kind = VALUE_CHARACTER, .i64 = 0xD800};
    struct value text = value_string(SLICE("a\"b\\c/\x01\x7f\xc2\x80\xc3\xa9\xed\xa0\x80\n"));
    struct value_entry entries[] = {
        {value_integer(1), value_null()},
        {value_string(SLICE("k")), value_double(1e21)},
        {value_null(), value_double(__builtin_nan(""))},
    };

    (void)state;
    assert_slice_equal(written(number), SLICE("25000"));
    assert_slice_equal(written(small), SLICE("0.000000001"));
    assert_slice_equal(written(far), SLICE("1E+100000"));
    assert_slice_equal(written(half), SLICE("0.5"));
    assert_slice_equal(written(duration), SLICE("\"PT1M\""));
    assert_slice_equal(written(surrogate), SLICE("\"\\ud800\""));
    assert_slice_equal(written(text),
                       SLICE("\"a\\\"b\\\\c/\\u0001\\u007f\\u0080\xc3\xa9\\ud800\\n\""));
    assert_slice_equal(written(value_map(entries, COUNT_OF(entries))),
                       SLICE("{\"1\":null,\"k\":1.0E21,\"null\":null}"));
}

static void times_have_seconds_and_no_zeros_behind(void **state)
{
    static const struct {
        enum class_id class_id;
        const char *text;
        const char *json;
    } rows[] = {
        {CLASS_LocalDate, "2024-02-29", "\"2024-02-29\""},
        {CLASS_LocalTime, "10:30", "\"10:30:00\""},
        {CLASS_LocalTime, "10:30:05", "\"10:30:05\""},
        {CLASS_LocalTime, "10:30:05.100", "\"10:30:05.1\""},
        {CLASS_LocalDateTime, "2024-01-01T00:00", "\"2024-01-01T00:00:00\""},
        {CLASS_LocalDateTime, "2024-02-29T12:30:15.123", "\"2024-02-29T12:30:15.123\""},
        {CLASS_OffsetDateTime, "2024-01-01T00:00+05:30", "\"2024-01-01T00:00:00+05:30\""},
        {CLASS_OffsetDateTime, "2024-01-01T00:00Z", "\"2024-01-01T00:00:00Z\""},
        {CLASS_ZonedDateTime, "2024-01-01T10:00:00.500+01:00", "\"2024-01-01T10:00:00.5+01:00\""},
        {CLASS_OffsetTime, "10:00-03:00", "\"10:00:00-03:00\""},
        {CLASS_Instant, "2024-01-01T00:00:00Z", "\"2024-01-01T00:00:00Z\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct value time;

        assert_ok(
            temporal_from_text(slice_of(rows[i].text), rows[i].class_id, NULL, &arena, &time));
        assert_slice_equal(written(time), slice_of(rows[i].json));
    }
}

static void zeros_of_a_conversion_are_not_written(void **state)
{
    struct value number;

    (void)state;
    assert_ok(decimal_parse(SLICE("1.500"), &arena, &number));
    assert_slice_equal(written(number), SLICE("1.500"));
    assert_ok(decimal_rescale(number, 1074, ROUND_DOWN, &arena, &number));
    assert_slice_equal(written(number), SLICE("1.5"));
}

static void lazy_parts_keep_their_spelling(void **state)
{
    struct value map = json(SLICE("{ \"a\" : [ 1.0 , 1e2, \"\\u0041\\/\" ] , \"b\":{} }"));
    struct value entry_value;

    (void)state;
    assert_slice_equal(written(map), SLICE("{\"a\":[1.0,1e2,\"\\u0041\\/\"],\"b\":{}}"));
    assert_ok(map_get(map, SLICE("a"), &arena, &entry_value));
    struct value_entry around = {value_string(SLICE("x")), entry_value};
    assert_slice_equal(written(value_map(&around, 1)), SLICE("{\"x\":[1.0,1e2,\"\\u0041\\/\"]}"));
    struct value copy;
    assert_ok(value_copy(map, &arena, &copy));
    assert_slice_equal(written(copy), SLICE("{\"a\":[1,100,\"A/\"],\"b\":{}}"));
}

static void documents_are_indented(void **state)
{
    struct document document;
    struct json_error error;

    (void)state;
    assert_ok(parse(SLICE("{\"a\":[1,{\"b\\u0062\":[]}],\"c\":{},\"a\":2}"), &document, &error));
    buffer_clear(&out);
    json_write_document(&document, 0, 2, &out);
    assert_slice_equal(buffer_slice(&out), SLICE("{\n"
                                                 "  \"a\" : [\n"
                                                 "    1,\n"
                                                 "    {\n"
                                                 "      \"b\\u0062\" : []\n"
                                                 "    }\n"
                                                 "  ],\n"
                                                 "  \"c\" : {},\n"
                                                 "  \"a\" : 2\n"
                                                 "}"));
    buffer_clear(&out);
    json_write_document(&document, 0, 0, &out);
    assert_slice_equal(buffer_slice(&out), document.text);
}

static void too_deep_a_value_marks_the_buffer(void **state)
{
    struct value lists[VALUE_DEPTH_MAX + 1];

    (void)state;
    lists[0] = value_list(NULL, 0);
    for (size_t i = 1; i < COUNT_OF(lists); i++)
        lists[i] = value_list(&lists[i - 1], 1);
    buffer_clear(&out);
    json_write(lists[VALUE_DEPTH_MAX - 1], &out);
    assert_false(out.failed);
    json_write(lists[VALUE_DEPTH_MAX], &out);
    assert_true(out.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_as_the_original_does),
        cmocka_unit_test(times_have_seconds_and_no_zeros_behind),
        cmocka_unit_test(zeros_of_a_conversion_are_not_written),
        cmocka_unit_test(lazy_parts_keep_their_spelling),
        cmocka_unit_test(documents_are_indented),
        cmocka_unit_test(too_deep_a_value_marks_the_buffer),
    };

    return cmocka_run_group_tests(tests, values_open, values_close);
}
