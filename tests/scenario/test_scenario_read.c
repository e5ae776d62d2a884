/* test_scenario_read.c - reading keeps everything; what is no scenario is refused with its place. */
#include "mutation.h"
#include "plan_text.h"
#include "scenario/uuid.h"
#include "test.h"

static struct arena arena;
static struct scenario_problems problems;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 256 << 20);
    problems = (struct scenario_problems){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static const char *const files[] = {
    "shopify-realtime-recommendations-scenario.json",
    "DetectLargeTransactions.json",
    "generation1.json",
    "generation2.json",
    "generation3.json",
};

static void check_written(struct slice text)
{
    struct scenario *scenario;
    struct buffer written;

    assert_ok(scenario_read(text, &arena, &problems, &scenario));
    buffer_init(&written, SCENARIO_BYTES_MAX);
    scenario_write(scenario, &written);
    assert_false(written.failed);
    if (!same_tokens(text, buffer_slice(&written))) {
        fail_msg("tokens differ:\n%.*s\n---\n%.*s", (int)text.len, (const char *)text.data,
                 (int)written.len, (const char *)written.data);
    }
    buffer_deinit(&written);
}

static void test_files_are_written_token_for_token(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        check_written(data_file(files[i], &arena));
}

static void test_mutated_files_are_written_token_for_token(void **state)
{
    struct buffer variant;

    (void)state;
    buffer_init(&variant, SCENARIO_BYTES_MAX);
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        struct document document;
        struct json_error error;

        arena_reset(&arena);
        buffer_clear(&variant);
        assert_ok(json_parse(data_file(files[seed % COUNT_OF(files)], &arena), &json_limits_default,
                             &arena, &document, &error));
        mutation_write(
            &(struct mutation){.document = &document, .out = &variant, .random = seed * 77});
        assert_false(variant.failed);
        check_written(buffer_slice(&variant));
    }
    buffer_deinit(&variant);
}

static void test_what_is_no_scenario(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
        uint32_t column;
        const char *message;
    } rows[] = {
        {"", 1, 1, "The file is no JSON: "},
        {"{\n  \"metaData\": {},\n  nodes: []}", 3, 3, "The file is no JSON: "},
        {"{\"nodes\": [}", 1, 12, "The file is no JSON: "},
        {"[]", 1, 1, "A scenario is a JSON object with `metaData` and `nodes`"},
        {"{}", 1, 1, "The file has no array `nodes`: it is no scenario"},
        {"{\n \"nodes\": 3}", 2, 11, "The file has no array `nodes`: it is no scenario"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct scenario *scenario;

        problems = (struct scenario_problems){0};
        assert_int_equal(scenario_read(slice_of(rows[i].text), &arena, &problems, &scenario),
                         STATUS_INVALID);
        assert_int_equal(problems.count, 1);
        assert_true(slice_starts_with(problems.items[0].message, slice_of(rows[i].message)));
        if (problems.items[0].line != rows[i].line || problems.items[0].column != rows[i].column)
            fail_msg("%s: %u:%u", rows[i].text, problems.items[0].line, problems.items[0].column);
    }
}

static void test_id(void **state)
{
    struct scenario *scenario;

    (void)state;
    assert_ok(scenario_read(data_file("DetectLargeTransactions.json", &arena), &arena, &problems,
                            &scenario));
    assert_slice_equal(scenario_id(scenario), SLICE("DetectLargeTransactions"));
    assert_ok(scenario_read(SLICE("{\"metaData\":{\"id\":7},\"nodes\":[]}"), &arena, &problems,
                            &scenario));
    assert_int_equal(scenario_id(scenario).len, 0);
}

/* Expected texts: java.util.UUID.nameUUIDFromBytes. */
static void test_uuid_of_a_name(void **state)
{
    static const struct {
        const char *name;
        const char *uuid;
    } rows[] = {
        {"", "d41d8cd9-8f00-3204-a980-0998ecf8427e"},
        {"test", "098f6bcd-4621-3373-8ade-4e832627b4f6"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "0f5c6c4e-740b-3cc0-8c3c-26ccb2673d46"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char uuid[UUID_TEXT_BYTES];

        uuid_of_name(slice_of(rows[i].name), uuid);
        assert_memory_equal(uuid, rows[i].uuid, sizeof(uuid));
        assert_true(uuid_is(slice_of(rows[i].uuid)));
    }
    assert_false(uuid_is(SLICE("only large ones")));
    assert_false(uuid_is(SLICE("098f6bcd+4621-3373-8ade-4e832627b4f6")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files_are_written_token_for_token, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mutated_files_are_written_token_for_token, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_scenario, setup, teardown),
        cmocka_unit_test_setup_teardown(test_id, setup, teardown),
        cmocka_unit_test_setup_teardown(test_uuid_of_a_name, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
