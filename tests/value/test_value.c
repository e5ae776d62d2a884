/* test_value.c - Java's texts, equality, UTF-8. */
#include "values.h"

#include "value/decimal.h"
#include "value/number.h"
#include "value/object.h"
#include "value/temporal.h"
#include "value/type.h"
#include "value/utf8.h"

/* --- texts ----------------------------------------------------------------------------------------- */

/* The value as its Java class, where JSON's own rule gives another. */
static struct value as_class(struct value value, struct slice name)
{
    static const struct {
        const char *name;
        enum value_kind kind;
    } whole[] = {{"Long", VALUE_LONG}, {"Short", VALUE_SHORT}, {"Byte", VALUE_BYTE}};
    struct value decimal = value;

    for (size_t i = 0; i < COUNT_OF(whole); i++)
        if (slice_equal(name, slice_of(whole[i].name))) value.kind = (uint8_t)whole[i].kind;
    if (value.kind == VALUE_INTEGER) decimal = decimal_of(value.i64, 0);
    if (slice_equal(name, SLICE("BigDecimal"))) return decimal;
    if (slice_equal(name, SLICE("BigInteger"))) return decimal_unscaled(decimal);
    if (slice_equal(name, SLICE("Float")))
        return (struct value){.kind = VALUE_FLOAT, .f64 = decimal_to_double(decimal)};
    if (!slice_equal(name, SLICE("Double"))) return value;
    if (value.kind == VALUE_STRING) return value_double(__builtin_nan(""));
    return value_double(decimal_to_double(decimal));
}

/* The variables of the original's golden files, printed by the original. Decimals inside containers
 * are Doubles there and BigDecimals here; those used print alike, but for 1.0. */
static void texts_are_those_of_the_original(void **state)
{
    static char line[1 << 16];
    FILE *file = fopen(TEST_DATA_DIR "/value/texts.jsonl", "r");
    size_t rows = 0;

    (void)state;
    assert_non_null(file);
    for (; fgets(line, sizeof(line), file) != NULL; rows++) {
        struct value row = json(slice_of(line));
        struct slice name = value_text(member(row, "class"));
        struct value value = as_class(member(row, "value"), name);

        if (slice_equal(value_text(member(row, "name")), SLICE("recommendationsModelOutput")))
            continue;
        if (slice_equal(name, SLICE("Duration"))) continue; /* a text in JSON; see below */
        assert_slice_equal(printed(value), value_text(member(row, "text")));
        assert_slice_equal(printed(copied(value)), value_text(member(row, "text")));
        arena_reset(&arena);
    }
    (void)fclose(file);
    assert_true(rows > 60);
}

static const struct {
    int64_t seconds;
    int32_t nanos;
    const char *text;
} durations[] = {
    {0, 0, "PT0S"},
    {300, 0, "PT5M"},
    {5400, 0, "PT1H30M"},
    {8 * 3600 + 6 * 60 + 12, 345000000, "PT8H6M12.345S"},
    {-1800, 0, "PT-30M"},
    {-1, 877000000, "PT-0.123S"},
    {-2, 500000000, "PT-1.5S"},
    {-61, 999999999, "PT-1M-0.000000001S"},
    {0, 1, "PT0.000000001S"},
    {474780 * 3600LL + 30 * 60 + 15, 123000000, "PT474780H30M15.123S"},
    {INT64_MIN, 0, "PT-2562047788015215H-30M-8S"},
    {INT64_MAX, 999999999, "PT2562047788015215H30M7.999999999S"},
};

static void an_empty_text_has_an_address(void **state)
{
    (void)state;
    assert_non_null(value_string((struct slice){0}).text);
    assert_int_equal(value_string((struct slice){0}).len, 0);
}

static void durations_print_as_iso_8601(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(durations); i++) {
        struct value value = {
            .kind = VALUE_DURATION, .i64 = durations[i].seconds, .nanos = durations[i].nanos};

        assert_slice_equal(printed(value), slice_of(durations[i].text));
    }
}

static void other_kinds_print_as_java(void **state)
{
    struct value character = {.kind = VALUE_CHARACTER, .i64 = 0x17C};
    struct value class = {.kind = VALUE_CLASS, .i64 = CLASS_String};

    (void)state;
    assert_slice_equal(printed(value_null()), SLICE("null"));
    assert_slice_equal(printed(character), SLICE("\xc5\xbc"));
    assert_slice_equal(printed(class), SLICE("class java.lang.String"));
    assert_slice_equal(printed(value_double(-0.0)), SLICE("-0.0"));
    assert_slice_equal(printed(value_double(-__builtin_inf())), SLICE("-Infinity"));
}

/* --- equality ------------------------------------------------------------------------------------------ */

static const struct {
    const char *about;
    const char *left;
    const char *right;
    bool equal;
} pairs[] = {
    {"maps regardless of order", "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
    {"lists by order", "[1,2]", "[2,1]", false},
    {"Integer is not Long", "[1]", "[4294967297]", false},
    {"scale counts", "[1.5]", "[1.50]", false},
    {"whole values do not know how they were spelled", "[1.0,1e2]", "[1,100]", true},
    {"text by characters, not spelling", "[\"\\u00e9\\/\"]", "[\"\xc3\xa9/\"]", true},
    {"a pair of escapes is one character", "[\"\\ud83d\\ude00\"]", "[\"\xf0\x9f\x98\x80\"]", true},
    {"a missing key is not null", "{\"a\":null}", "{}", false},
    {"null is null", "[null]", "[null]", true},
    {"prefixes differ", "[1]", "[1,2]", false},
    {"wide decimals", "[12345678901234567890.5]", "[12345678901234567890.50]", false},
    {"ten members and more",
     "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10}",
     "{\"j\":10,\"i\":9,\"h\":8,\"g\":7,\"f\":6,\"e\":5,\"d\":4,\"c\":3,\"b\":2,\"a\":1}", true},
    {"one of ten differs",
     "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10}",
     "{\"j\":10,\"i\":9,\"h\":8,\"g\":7,\"f\":6,\"e\":5,\"d\":4,\"c\":3,\"b\":2,\"a\":2}", false},
};

static void equality_is_javas(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct value left = json(slice_of(pairs[i].left));
        struct value right = json(slice_of(pairs[i].right));

        assert_int_equal(value_equals(left, right), pairs[i].equal);
        assert_int_equal(value_equals(copied(right), left), pairs[i].equal);
        if (pairs[i].equal) assert_true(value_hash(left) == value_hash(right));
    }
    assert_true(value_equals(value_double(__builtin_nan("")), value_double(-__builtin_nan(""))));
    assert_false(value_equals(value_double(0.0), value_double(-0.0)));
    assert_false(value_equals(value_integer(1), value_long(1)));
}

/* --- UTF-8 ------------------------------------------------------------------------------------------ */

static const struct {
    const char *about;
    struct slice text;
    size_t invalid_at;
} utf8_rows[] = {
    {"nothing", SLICE(""), 0},
    {"all lengths", SLICE("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 10},
    {"a lone continuation byte", SLICE("ab\x80"), 2},
    {"an overlong slash", SLICE("\xc0\xaf"), 0},
    {"an overlong three-byte form", SLICE("x\xe0\x80\xaf"), 1},
    {"an overlong four-byte form", SLICE("x\xf0\x80\x80\xaf"), 1},
    {"a raw surrogate", SLICE("\xed\xa0\x80"), 0},
    {"the last character before the surrogates", SLICE("\xed\x9f\xbf"), 3},
    {"above the last code point", SLICE("\xf4\x90\x80\x80"), 0},
    {"cut off", SLICE("\xe2\x82"), 0},
    {"after a long stretch of ASCII",
     SLICE("0123456789012345678901234567890123456789012345678901234567890123456789\xff"), 70},
};

static void invalid_utf8_is_found_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(utf8_rows); i++)
        assert_int_equal(utf8_invalid_at(utf8_rows[i].text), utf8_rows[i].invalid_at);
    assert_int_equal(utf8_units(SLICE("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80")), 6);
    for (uint32_t code = 0; code <= 0x10FFFF; code += 37) {
        uint8_t bytes[UTF8_BYTES_MAX];
        const uint8_t *at = bytes;
        size_t len = utf8_put(bytes, code);

        assert_int_equal(utf8_next(&at, bytes + len), code);
        assert_ptr_equal(at, bytes + len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_those_of_the_original),
        cmocka_unit_test(an_empty_text_has_an_address),
        cmocka_unit_test(durations_print_as_iso_8601),
        cmocka_unit_test(other_kinds_print_as_java),
        cmocka_unit_test(equality_is_javas),
        cmocka_unit_test(invalid_utf8_is_found_where_it_is),
    };

    return cmocka_run_group_tests(tests, values_open, values_close);
}
