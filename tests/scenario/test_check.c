/* test_check.c - what `headrace check` prints and returns. */
#include "host/command_check.h"
#include "test.h"

static char printed[4096];

static enum exit_code check(const char *path)
{
    FILE *out = tmpfile();

    assert_non_null(out);
    enum exit_code code = check_scenario(path, NULL, out);
    rewind(out);
    printed[fread(printed, 1, sizeof(printed) - 1, out)] = '\0';
    assert_int_equal(fclose(out), 0);
    return code;
}

static void test_a_good_file_prints_nothing(void **state)
{
    (void)state;
    assert_int_equal(
        check(TEST_DATA_DIR "/scenario/shopify-realtime-recommendations-scenario.json"), EXIT_OK);
    assert_string_equal(printed, "");
}

static void test_warnings_are_no_failure(void **state)
{
    (void)state;
    assert_int_equal(check(TEST_DATA_DIR "/scenario/DetectLargeTransactions.json"), EXIT_OK);
    assert_non_null(strstr(printed, "\"severity\":\"warning\"}\n"));
    assert_null(strstr(printed, "\"severity\":\"error\""));
}

static void test_a_problem_is_one_json_line(void **state)
{
    (void)state;
    assert_int_equal(check(TEST_DATA_DIR "/scenario/broken.json"), EXIT_PROBLEMS);
    assert_string_equal(
        printed,
        "{\"node\":\"only \\\\ large\",\"field\":\"$expression\",\"message\":\"Failed to parse "
        "expression: Unresolved reference 'inptu'\",\"position\":{\"start\":0,\"end\":6,"
        "\"line\":5,\"column\":5},\"severity\":\"error\"}\n");
}

static void test_no_file(void **state)
{
    (void)state;
    assert_int_equal(check(TEST_DATA_DIR "/scenario/nowhere.json"), EXIT_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_file_prints_nothing),
        cmocka_unit_test(test_warnings_are_no_failure),
        cmocka_unit_test(test_a_problem_is_one_json_line),
        cmocka_unit_test(test_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
