/* test_json.c - JSON in: what is accepted, where errors are, what values it has. */
#include "json_values.h"

#include "value/decimal.h"
#include "value/temporal.h"

/* --- accepted ------------------------------------------------------------------------------------ */

static const struct {
    const char *about;
    struct slice text;
    const char *compact; /* NULL: as it is */
} accepted[] = {
    {"an empty array", SLICE("[]"), NULL},
    {"an empty object", SLICE("{}"), NULL},
    {"space inside empty ones", SLICE(" [ { } , [ ] ] "), "[{},[]]"},
    {"all four kinds of space", SLICE("\t\r\n [1 ,\n2]\n"), "[1,2]"},
    {"scalars at the root", SLICE("null"), NULL},
    {"a lonely string", SLICE("\"a\""), NULL},
    {"a lonely number", SLICE("-0"), NULL},
    {"numbers in all forms", SLICE("[0,-1,1.5,1e5,1E+5,1e-5,-0.0e0,10.25E02]"), NULL},
    {"a key twice is still JSON", SLICE("{\"a\":1,\"b\":2,\"a\":3}"), "{\"a\":3,\"b\":2}"},
    {"an escaped key twice", SLICE("{\"a\":1,\"\\u0061\":3}"), "{\"a\":3}"},
    {"an empty key", SLICE("{\"\":0}"), NULL},
    {"every escape", SLICE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""), NULL},
    {"a surrogate pair", SLICE("\"\\ud83d\\ude00\""), NULL},
    {"a lone high surrogate", SLICE("\"\\ud83d\""), NULL},
    {"a lone low surrogate", SLICE("\"\\ude00x\""), NULL},
    {"surrogates the wrong way round", SLICE("\"\\ude00\\ud83d\""), NULL},
    {"an escaped NUL", SLICE("\"\\u0000\""), NULL},
    {"raw UTF-8 of all lengths", SLICE("\"\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""), NULL},
    {"the last code point", SLICE("\"\xf4\x8f\xbf\xbf\""), NULL},
    {"noncharacters", SLICE("\"\xef\xbf\xbf\xef\xb7\x90\""), NULL},
    {"a huge exponent is text until somebody asks", SLICE("[1e400,1e999999999999]"), NULL},
    {"quotes at the edge of a block", SLICE("[\"012345678901234567890123456789\",\"\",\"\\\"\"]"),
     NULL},
    {"an escape across two blocks",
     SLICE("\"0123456789012345678901234567890\\\"45678901234567890\""), NULL},
    {"a long escape across two blocks",
     SLICE("\"0123456789012345678901234567\\u0041 and some more text to fill a block\""), NULL},
};

static void good_texts_are_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        struct slice expected = accepted[i].text;

        if (accepted[i].compact != NULL) expected = slice_of(accepted[i].compact);
        struct value value = json(accepted[i].text);
        if ((value.flags & VALUE_LAZY) != 0) assert_slice_equal(written(value), expected);
        arena_reset(&arena);
    }
}

/* --- refused ------------------------------------------------------------------------------------- */

static const struct {
    const char *about;
    struct slice text;
    size_t at;
} refused[] = {
    {"nothing", SLICE(""), 0},
    {"only space", SLICE("  "), 2},
    {"an open array", SLICE("["), 1},
    {"an open object", SLICE("{\"a\":1"), 6},
    {"closed by the other bracket", SLICE("[1}"), 2},
    {"closed twice", SLICE("[]]"), 2},
    {"two values", SLICE("1 2"), 2},
    {"a comma too many", SLICE("[1,]"), 3},
    {"a comma too many in an object", SLICE("{\"a\":1,}"), 7},
    {"a comma too early", SLICE("[,1]"), 1},
    {"two commas", SLICE("[1,,2]"), 3},
    {"no comma", SLICE("[1 2]"), 3},
    {"no colon", SLICE("{\"a\" 1}"), 5},
    {"two colons", SLICE("{\"a\"::1}"), 5},
    {"no value", SLICE("{\"a\":}"), 5},
    {"a key without quotes", SLICE("{a:1}"), 1},
    {"a number as key", SLICE("{1:1}"), 1},
    {"single quotes", SLICE("['a']"), 1},
    {"a comment", SLICE("[1/*x*/]"), 2},
    {"a comma for a colon", SLICE("{\"a\",1}"), 4},
    {"only a key", SLICE("{\"a\"}"), 4},
    {"a word", SLICE("[nope]"), 1},
    {"a capital", SLICE("[True]"), 1},
    {"a word cut off", SLICE("[nul"), 1},
    {"a word too long", SLICE("[nulll]"), 5},
    {"NaN", SLICE("[NaN]"), 1},
    {"infinity", SLICE("[-Infinity]"), 2},
    {"a leading zero", SLICE("[01]"), 1},
    {"a leading zero after a minus", SLICE("[-01]"), 2},
    {"a plus", SLICE("[+1]"), 1},
    {"only a minus", SLICE("[-]"), 2},
    {"a point without digits", SLICE("[1.]"), 3},
    {"a point first", SLICE("[.5]"), 1},
    {"an exponent without digits", SLICE("[1e]"), 3},
    {"an exponent with only a sign", SLICE("[1e+]"), 4},
    {"a fraction in the exponent", SLICE("[1e2.5]"), 4},
    {"hexadecimal", SLICE("[0x10]"), 2},
    {"a number cut off at the end", SLICE("-"), 1},
    {"a string cut off", SLICE("[\"abc"), 5},
    {"an escape cut off", SLICE("[\"abc\\"), 5},
    {"an unknown escape", SLICE("[\"ab\\x\"]"), 4},
    {"an escaped newline", SLICE("[\"ab\\\n\"]"), 4},
    {"\\u with three digits", SLICE("[\"\\u12\"]"), 2},
    {"\\u with a letter beyond f", SLICE("[\"\\u00g0\"]"), 2},
    {"\\U", SLICE("[\"\\U0041\"]"), 2},
    {"a raw newline in a string", SLICE("[\"a\nb\"]"), 3},
    {"a raw tab in a string", SLICE("[\"\t\"]"), 2},
    {"a raw NUL in a string", SLICE("[\"\0\"]"), 2},
    {"a NUL after the value", SLICE("1\0"), 1},
    {"a raw newline in a long string",
     SLICE("[\"0123456789012345678901234567890123456789\n0123456789012345678901234567890\"]"), 42},
    {"an unknown escape in a long string",
     SLICE("[\"0123456789012345678901234567890123\\q456789012345678901234567890123456789\"]"), 36},
    {"an unknown escape across two blocks",
     SLICE("[\"0123456789012345678901234567890\\q45678901234567890123456789012345678901\"]"), 33},
    {"a broken \\u across two blocks",
     SLICE("[\"01234567890123456789012345678\\u00zz901234567890123456789012345678901\"]"), 31},
    {"form feed is no space", SLICE("[\f1]"), 1},
    {"a no-break space", SLICE("[\xc2\xa0]"), 1},
    {"a byte order mark", SLICE("\xef\xbb\xbf[]"), 0},
    {"an overlong form", SLICE("[\"\xc0\xaf\"]"), 2},
    {"a raw surrogate", SLICE("[\"\xed\xa0\x80\"]"), 2},
    {"a lone continuation byte", SLICE("[\"\x81\"]"), 2},
    {"UTF-8 cut off by the quote", SLICE("[\"\xe2\x82\"]"), 2},
    {"above the last code point", SLICE("[\"\xf4\x90\x80\x80\"]"), 2},
    {"UTF-16", SLICE("[\0]\0"), 1},
};

static void bad_texts_are_refused_where_they_are_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct document document;
        struct json_error error;

        if (parse(refused[i].text, &document, &error) != STATUS_INVALID)
            fail_msg("accepted: %s", refused[i].about);
        if (error.at != refused[i].at)
            fail_msg("%s: at %zu (%s)", refused[i].about, error.at, error.message);
        assert_non_null(error.message);
    }
}

/* A member in every length and place of a block, so that each edge of the scanner is met: good ones
 * are read back, and each byte turned bad is found. */
static void every_alignment_is_scanned(void **state)
{
    (void)state;
    for (size_t len = 0; len < 100; len++) {
        for (size_t front = 0; front < 33; front += 8) {
            uint8_t text[256];
            struct json_error error;
            struct document document;
            size_t at = front;

            memset(text, ' ', front);
            text[at++] = '"';
            memset(text + at, 'x', len);
            at += len;
            text[at++] = '"';
            assert_ok(parse((struct slice){text, at}, &document, &error));
            assert_int_equal(document_text(&document, 0).len, len);
            for (size_t bad = front + 1; bad <= front + len; bad++) {
                text[bad] = '\n';
                assert_int_equal(parse((struct slice){text, at}, &document, &error),
                                 STATUS_INVALID);
                assert_int_equal(error.at, bad);
                text[bad] = '\\'; /* \x, or \" and the end is missing */
                assert_int_equal(parse((struct slice){text, at}, &document, &error),
                                 STATUS_INVALID);
                text[bad] = 'x';
            }
            arena_reset(&arena);
        }
    }
}

static void limits_are_kept(void **state)
{
    struct json_limits limits = {
        .bytes_max = 100, .depth_max = 3, .nodes_max = 5, .number_bytes_max = 4};
    struct document document;
    struct json_error error;
    static const struct {
        const char *text;
        enum status status;
        size_t at;
    } rows[] = {
        {"[[[1]]]", STATUS_OK, 0},
        {"[[[[1]]]]", STATUS_LIMIT, 3},
        {"[1,2,3,4]", STATUS_OK, 0},
        {"[1,2,3,4,5]", STATUS_LIMIT, 9},
        {"1234", STATUS_OK, 0},
        {"[12345]", STATUS_LIMIT, 1},
        {"{\"a\":1,\"b\":1}", STATUS_OK, 0},
        {"{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\"}", STATUS_LIMIT, 18},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(json_parse(slice_of(rows[i].text), &limits, &arena, &document, &error),
                         rows[i].status);
        assert_int_equal(error.at, rows[i].at);
    }
    static uint8_t spaces[101];
    memset(spaces, ' ', sizeof(spaces));
    assert_int_equal(json_parse((struct slice){spaces, 101}, &limits, &arena, &document, &error),
                     STATUS_LIMIT);
    struct arena small;
    arena_init(&small, 64);
    assert_int_equal(json_parse(SLICE("[1,2,3]"), &json_limits_default, &small, &document, &error),
                     STATUS_LIMIT);
    arena_deinit(&small);
}

/* An index that grows many times, in an arena that others use in between. */
static void a_large_array_is_indexed(void **state)
{
    enum { ITEMS = 200000 };
    struct buffer text;
    struct document document;
    struct json_error error;

    (void)state;
    buffer_init(&text, 4 << 20);
    for (int i = 0; i < ITEMS; i++)
        buffer_append_text(&text, i == 0 ? "[1" : ",1");
    buffer_append_byte(&text, ']');
    assert_ok(parse(buffer_slice(&text), &document, &error));
    assert_int_equal(document.node_count, ITEMS + 1);
    assert_int_equal(document.nodes[0].count, ITEMS);
    assert_int_equal(document.nodes[0].next, ITEMS + 1);
    assert_int_equal(document.nodes[ITEMS].start, 2 * ITEMS - 1);
    buffer_deinit(&text);
    arena_reset(&arena);
}

static void positions_count_lines_and_bytes(void **state)
{
    uint32_t line;
    uint32_t column;

    (void)state;
    json_position(SLICE("{\n \"a\"\n}"), 4, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 3);
    json_position(SLICE(""), 0, &line, &column);
    assert_int_equal(line, 1);
    assert_int_equal(column, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_are_accepted),
        cmocka_unit_test(bad_texts_are_refused_where_they_are_bad),
        cmocka_unit_test(every_alignment_is_scanned),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(a_large_array_is_indexed),
        cmocka_unit_test(positions_count_lines_and_bytes),
    };

    return cmocka_run_group_tests(tests, values_open, values_close);
}
