/* test_numbers.c - numbers that do not fit where they are asked for. */
#include "test.h"

#include "expr/sample.h"

#define CONVERSION(from, to) \
    "EL1001E: Type conversion problem, cannot convert from java." from " to java.lang." to

/* What a text gives, or how the message of its failure ends. */
static const struct {
    const char *text;
    const char *says;
} rows[] = {
    {"T(Byte).valueOf('4').compareTo(5L)", "-1"},
    {"T(Byte).valueOf('4').compareTo(500L)", CONVERSION("lang.Long", "Byte")},
    {"T(Short).valueOf('4').compareTo(100000)", CONVERSION("lang.Integer", "Short")},
    {"4.compareTo(10000000000L)", CONVERSION("lang.Long", "Integer")},
    {"4L.compareTo(new java.math.BigInteger('123456789012345678901'))",
     CONVERSION("math.BigInteger", "Long")},
    {"'1e99999999999'.toBigDecimal()",
     "Cannot cast or convert value: 1e99999999999 to: 'BigDecimal'"},
    {"'1e99999999999'.toBigDecimalOrNull()", "null"},
    {"'1e-99999999999'.canBeBigDecimal()", "false"},
    {"'-1E+99999999999999999999'.canBeBigDecimal()", "false"},
    {"'1e20'.canBeBigDecimal()", "true"},
    {"'1e2000000'.canBeBigDecimal()", /* Java has it */
     "The number 1e2000000 is beyond a limit: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
};

enum { ARENA_BYTES_MAX = 16 * 1024 * 1024 };

static bool ends_with(struct slice text, struct slice end)
{
    return text.len >= end.len && memcmp(text.data + text.len - end.len, end.data, end.len) == 0;
}

static void numbers_that_do_not_fit_say_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct expr_source source = {.text = slice_of(rows[i].text), .language = EXPR_SPEL};
        struct sample sample = {.count = 0};
        struct sample_result result;
        struct buffer shown;
        struct arena arena;
        arena_init(&arena, ARENA_BYTES_MAX);
        buffer_init(&shown, 4096);
        assert_ok(sample_run(&sample, &source, 0, &arena, &result));
        assert_true(result.valid);
        if (!result.failed) value_to_text(result.value, &shown);
        struct slice answer = result.failed ? result.message : buffer_slice(&shown);
        if (!ends_with(answer, slice_of(rows[i].says)))
            fail_msg("%s: %.*s", rows[i].text, (int)answer.len, (const char *)answer.data);
        buffer_deinit(&shown);
        arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_that_do_not_fit_say_so)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
