/* test_json.c - JSON in and out: what is accepted, where errors are, what values it has. */
#include "codec/json.h"
#include "test.h"

static struct arena arena;
static struct buffer out;

static enum status parse(struct slice text, struct document *document, struct json_error *error)
{
    return json_parse(text, &json_limits_default, &arena, document, error);
}

/* The value of a text that must be good. */
static struct value value_of(struct slice text)
{
    struct document *document = arena_alloc(&arena, 1, sizeof(*document));
    struct json_error error;
    struct value value;

    assert_non_null(document);
    assert_ok(parse(text, document, &error));
    assert_ok(document_value(document, 0, &arena, &value));
    return value;
}

static struct slice written(struct value value)
{
    buffer_clear(&out);
    json_write(value, &out);
    assert_false(out.failed);
    return buffer_slice(&out);
}

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
        struct value value = value_of(accepted[i].text);
        if ((value.flags & VALUE_LAZY) != 0) assert_slice_equal(written(value), expected);
        arena_reset(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_are_accepted),
    };

    arena_init(&arena, 64 << 20);
    buffer_init(&out, 1 << 20);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
