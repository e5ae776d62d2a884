/* test_json_oracle.c - our JSON reader and simdjson on the same texts, good and mutated, must agree
 * on what is JSON and on every value in it.
 *
 * Where they differ on purpose: we accept lone surrogates in escapes and numbers of any size, and
 * stop at depth 64 instead of 1024.
 */
#include "codec/json.h"
#include "oracle_simdjson.h"
#include "test.h"
#include "value/decimal.h"
#include "value/number.h"

enum { RENDERING_MAX = 1 << 18, TEXT_MAX = 1 << 14, SEEDS_MAX = 64, MUTATIONS = 60000 };

static struct arena arena;
static struct buffer out;
static char rendering[RENDERING_MAX];

/* --- our rendering, as the oracle's ------------------------------------------------------------- */

static double as_double(struct value number)
{
    if (number.kind == VALUE_BIG_DECIMAL) return decimal_to_double(number);
    return (double)number.i64;
}

static void render_number(const struct document *document, uint32_t node)
{
    struct value number;
    char digits[24];
    uint64_t bits;

    double nearest;
    enum status status = document_value(document, node, &arena, &number);
    if (status == STATUS_LIMIT) { /* an absurd exponent */
        assert_ok(number_parse_double(document_text(document, node), &nearest));
    } else {
        assert_ok(status);
        nearest = as_double(number);
    }
    if (nearest == 0) nearest = 0; /* minus zero is an Integer to us */
    memcpy(&bits, &nearest, sizeof(bits));
    (void)snprintf(digits, sizeof(digits), "#%llx", (unsigned long long)bits);
    buffer_append_text(&out, digits);
}

static void render_string(const struct document *document, uint32_t node)
{
    struct slice text;

    assert_ok(document_string(document, node, &arena, &text));
    buffer_append_u64(&out, text.len);
    buffer_append_byte(&out, ':');
    buffer_append(&out, text);
}

static void render(const struct document *document, uint32_t node)
{
    const struct document_node *at = &document->nodes[node];
    bool object = at->kind == DOCUMENT_OBJECT;
    uint32_t child = node + 1;

    switch ((enum document_kind)at->kind) {
    case DOCUMENT_NULL: buffer_append_byte(&out, 'n'); return;
    case DOCUMENT_FALSE: buffer_append_byte(&out, 'f'); return;
    case DOCUMENT_TRUE: buffer_append_byte(&out, 't'); return;
    case DOCUMENT_NUMBER: render_number(document, node); return;
    case DOCUMENT_STRING:
    case DOCUMENT_ESCAPED_STRING: render_string(document, node); return;
    case DOCUMENT_ARRAY:
    case DOCUMENT_OBJECT: break;
    }
    buffer_append_byte(&out, object ? '{' : '[');
    for (uint32_t i = 0; i < at->count; i++) {
        if (object) render_string(document, child++);
        render(document, child);
        buffer_append_byte(&out, ',');
        child = document->nodes[child].next;
    }
    buffer_append_byte(&out, object ? '}' : ']');
}

/* --- the comparison ------------------------------------------------------------------------------- */

static uint32_t accepted_count;
static uint32_t refused_count;

static bool has(struct slice text, const char *part)
{
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.data + i, part, len) == 0) return true;
    return false;
}

static void compare(struct slice text)
{
    struct document document;
    struct json_error error;
    size_t len = 0;
    enum oracle_verdict verdict =
        oracle_read(text.data, text.len, rendering, sizeof(rendering), &len);
    enum status status = json_parse(text, &json_limits_default, &arena, &document, &error);
    bool explained = verdict == ORACLE_REFUSES_NUMBER || verdict == ORACLE_REFUSES_DEPTH ||
                     (verdict == ORACLE_REFUSES_STRING && (has(text, "\\ud") || has(text, "\\uD")));

    if (status == STATUS_LIMIT) return; /* ours: depth */
    if (status == STATUS_OK && verdict != ORACLE_ACCEPTS && !explained)
        fail_msg("only we accept: %.*s", (int)text.len, (const char *)text.data);
    if (status != STATUS_OK && verdict == ORACLE_ACCEPTS)
        fail_msg("only we refuse: %.*s", (int)text.len, (const char *)text.data);
    if (status != STATUS_OK || verdict != ORACLE_ACCEPTS) {
        refused_count++;
        return;
    }
    accepted_count++;
    buffer_clear(&out);
    render(&document, 0);
    assert_false(out.failed);
    assert_true(len <= sizeof(rendering));
    assert_slice_equal(buffer_slice(&out), ((struct slice){(const uint8_t *)rendering, len}));
}

/* --- texts ---------------------------------------------------------------------------------------- */

static struct slice seeds[SEEDS_MAX];
static size_t seed_count;

static void add_seeds(void)
{
    static char line[TEXT_MAX];
    static const char *const small[] = {
        "[0,-1,1.5,1e5,2.5E-3,12345678901,9223372036854775807,18446744073709551615,0.1,1e-320]",
        "{\"a\":{\"b\":[[],{},\"\"]},\"\\u00e9\":\"\\ud83d\\ude00\\n\\\"\\\\\\/"
        "\",\"z\":[true,false,null]}",
        "[\"0123456789012345678901234567890\\\"\",\"\\\\\\\\\\\\\\\"\","
        "\"\xc5\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"]",
        " { \"k\" : [ 1 , 2 ] ,\n\t\"l\" : \"m\" } ",
        "[[[[[[[[1.7976931348623157e308,5e-324,4.9406564584124654e-324,2.2250738585072011e-308]]]]]"
        "]]]",
    };
    FILE *file = fopen(TEST_DATA_DIR "/codec/snowplow_bodies.jsonl", "r");

    assert_non_null(file);
    for (size_t i = 0; i < COUNT_OF(small); i++)
        seeds[seed_count++] = slice_of(small[i]);
    while (seed_count < SEEDS_MAX && fgets(line, sizeof(line), file) != NULL) {
        struct slice text = {(const uint8_t *)line, strcspn(line, "\n")};

        assert_ok(arena_copy(&arena, text, &seeds[seed_count++]));
    }
    (void)fclose(file);
    assert_true(seed_count > COUNT_OF(small));
}

static uint64_t random_state = 20240229;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 33) % bound);
}

/* One to three small changes: a byte replaced, removed or inserted, a stretch repeated or cut. */
static size_t mutate(uint8_t *text, size_t len)
{
    static const char bytes[] = "\"\\{}[],:0123456789.eE+-tfnu/ \n\x01\x7f\x80\xc3\xed\xf0";

    for (uint32_t changes = 1 + random_below(3); changes > 0 && len > 1; changes--) {
        size_t at = random_below((uint32_t)len);
        uint8_t byte = (uint8_t)bytes[random_below(sizeof(bytes) - 1)];
        size_t span = 1 + random_below(8);

        switch (random_below(4)) {
        case 0: text[at] = byte; break;
        case 1:
            memmove(text + at, text + at + 1, len - at - 1);
            len--;
            break;
        case 2:
            if (len + 1 > TEXT_MAX) break;
            memmove(text + at + 1, text + at, len - at);
            text[at] = byte;
            len++;
            break;
        default:
            if (at + span > len || len + span > TEXT_MAX) break;
            memmove(text + at + span, text + at, len - at);
            len += span;
            break;
        }
    }
    return len;
}

static void both_readers_agree(void **state)
{
    static uint8_t text[TEXT_MAX];
    struct arena_mark mark;

    (void)state;
    add_seeds();
    mark = arena_mark(&arena);
    for (size_t i = 0; i < seed_count; i++)
        compare(seeds[i]);
    assert_true(refused_count <= 1); /* one tracker body has a lone surrogate */
    for (uint32_t i = 0; i < MUTATIONS; i++) {
        struct slice seed = seeds[i % seed_count];

        memcpy(text, seed.data, seed.len);
        compare((struct slice){text, mutate(text, seed.len)});
        arena_rewind(&arena, mark);
    }
    assert_true(accepted_count > MUTATIONS / 10 && refused_count > MUTATIONS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_readers_agree)};

    arena_init(&arena, 64 << 20);
    buffer_init(&out, 1 << 20);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
