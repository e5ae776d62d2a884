/* test_fused.c - the machine's shorter ways say what the plain instructions say: value, message and
 * place, for values usual and not, at every amount of fuel. */
#include "test.h"

#include "codec/json.h"
#include "plain.h"

enum { FUEL_MAX = 40, VARIABLES = 4 };

static const char *const inputs[] = {
    "{\"m\":{\"s\":\"iglu:x\",\"d\":[{\"e\":\"pp\"},{\"e\":\"pv\",\"aid\":1}]},\"n\":7}",
    "{\"m\":{\"s\":12.5,\"d\":[]},\"n\":null}",
    "{\"m\":{\"s\":null,\"d\":{\"k\":{\"e\":\"pv\"}}}}",
    "{\"m\":null,\"n\":\"\\u0041\"}",
    "{\"m\":[1,2],\"n\":[\"x\"]}",
    "{\"m\":{\"\\u0073\":\"pv\",\"s \":\"\",\"d\":\"text\"},\"n\":{\"n\":true}}",
    "{\"m\":{\"s\":\"12\",\"d\":[{\"e\":\"-3\"},{\"e\":\"1e2\"}]},\"n\":\" +7 \"}",
    "{\"m\":{\"s\":\"2147483648\"},\"n\":\"9223372036854775808\"}",
    "null",
    "\"text\"",
    "[]",
};

static const char *const texts[] = {
    "#input",
    "#input['m']",
    "#input['m']['s']",
    "#input['m']['s'].toString()",
    "#input['m']['s']?.toString()",
    "#input['n']?.toString()",
    "#input['m']?.toString()?.startsWith('i') ? #input['m']['s']?.toString()?.substring(1) : null",
    "#input['m']['s'] == 'iglu:x'",
    "#input['m']['s'] != null",
    "#input['n'] == null",
    "#input['n'] == 7",
    "#input['n'] == 'A'",
    "#input['m']['d'].^[#this['e'] == 'pv']",
    "#input['m']['d'].?[#this['e'] != null]",
    "#input['m']['d'].![#this['e']?.toString()]",
    "#input['m']['d'].$[#this['e'] == 'pv']['aid']",
    "#input['m'] != null && #input['m']['s'] == 'pv' || #input['n'] == null",
    "#input['m']['s'].toLong()",
    "#input['m']['s']?.toLong()",
    "#input['m']['s'].toInteger()",
    "#input['n']?.toInteger()",
    "#input['n']?.toLong() == 7",
    "#input['m']['d'].![#this['e'].toLong()]",
    "#input.toLong()",
    "#word?.toLong()",
    "#rec.a",
    "#rec.a == 'x'",
    "#rec.b.c + #rec.a",
    "{#rec.a}.toString",
    "{#rec.a, #input['n']}.toString()",
    "{p: #rec.a, q: #rec.b.c}.q != null",
    "#rec.b.c ?: #input['n']",
    "!(#rec.a == 'y')",
    "'customer-' + #rec.a",
    "#input['n']?.toString()?.length() > 1 ? #input['n']?.toString()?.substring(1) : #input['n']",
    "#input['m']['s'] == null || #input['m']['s'] == 'iglu:x' || #input['m']['s'] != null",
    "#input['m']['d'].![#this['e'] == #input['m']['s'] ? 1 : #input['m']['s']]",
    "#input['n'] == 7 ? #input['m']['s'] : #input['n']['n'] == null ? 2 : #input['n']['n']",
    "#rec.b.c + #rec.b.c + #rec.b.d",
    "null == #input['n']",
    "#word == null ? #rec.b : #rec.a",
    "#word.toString()",
    "#word?.toString()",
    "#word?.length()",
    "#number.toString()",
    "#number == 5",
    "#number?.toString() == '5'",
};

struct fixture {
    struct arena plan;
    struct arena call;
    struct value slots[VARIABLES];
    struct expr_variable variables[VARIABLES];
};

static struct value json(struct fixture *fixture, const char *text)
{
    struct document *document = arena_alloc(&fixture->plan, 1, sizeof(*document));
    struct json_error error;
    struct value value;

    assert_non_null(document);
    assert_int_equal(
        json_parse(slice_of(text), &json_limits_default, &fixture->plan, document, &error),
        STATUS_OK);
    assert_int_equal(document_value(document, 0, &fixture->plan, &value), STATUS_OK);
    return value;
}

static const struct expr *compile(struct fixture *fixture, const char *text,
                                  const struct type *expected)
{
    struct expr_problems problems;
    struct expr_scope scope = {.variables = fixture->variables, .count = VARIABLES};
    struct expr_source source = {.text = slice_of(text), .expected = expected};
    const struct expr *expr = NULL;
    enum status status = expr_compile(&source, &scope, &fixture->plan, &problems, &expr);

    if (status != STATUS_OK) {
        fail_msg("%s: %.*s", text, (int)problems.items[0].message.len,
                 (const char *)problems.items[0].message.data);
    }
    return expr;
}

static void define(struct fixture *fixture, uint32_t at, const char *name, const struct type *type)
{
    fixture->variables[at] = (struct expr_variable){slice_of(name), type, at};
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct expr_frame frame = {.limits = &expr_limits_default};

    assert_non_null(fixture);
    arena_init(&fixture->plan, 64 << 20);
    arena_init(&fixture->call, 1 << 20);
    for (uint32_t i = 0; i < VARIABLES; i++)
        define(fixture, i, "none", &type_unknown);
    const struct expr *record = compile(fixture, "{a: 'x', b: {c: 'y', d: 5}}", NULL);
    frame.arena = &fixture->plan;
    assert_int_equal(expr_run(record, &frame, &fixture->slots[1]), STATUS_OK);
    define(fixture, 0, "input", &type_unknown);
    define(fixture, 1, "rec", type_without_value(expr_type(record), &fixture->plan));
    define(fixture, 2, "word", type_of_class(CLASS_String));
    define(fixture, 3, "number", type_of_class(CLASS_Integer));
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    arena_deinit(&fixture->plan);
    arena_deinit(&fixture->call);
    free(fixture);
    return 0;
}

struct outcome {
    enum status status;
    struct slice message;
    uint32_t start;
    uint32_t end;
    struct slice shown;
};

static struct outcome run(struct fixture *fixture, const struct expr *expr,
                          const struct expr_limits *limits)
{
    struct expr_frame frame = {.slots = fixture->slots, .arena = &fixture->call, .limits = limits};
    struct value value = value_null();
    struct buffer shown;
    struct outcome outcome = {.status = expr_run(expr, &frame, &value)};

    buffer_init(&shown, 4096);
    value_to_text(value, &shown);
    buffer_append_text(&shown, value_kind_name(value.kind));
    assert_int_equal(arena_copy(&fixture->call, buffer_slice(&shown), &outcome.shown), STATUS_OK);
    buffer_deinit(&shown);
    outcome.message = frame.message;
    outcome.start = frame.start;
    outcome.end = frame.end;
    return outcome;
}

static void compare(struct fixture *fixture, const char *text, const struct type *expected)
{
    const struct expr *fused = compile(fixture, text, expected);
    const struct expr *plain = plain_copy(fused, &fixture->plan);

    assert_non_null(plain);
    for (uint32_t fuel = 0; fuel <= FUEL_MAX; fuel++) {
        struct expr_limits limits = {fuel, fuel % 2 == 0 ? 4096 : fuel * 8};
        struct outcome left = run(fixture, fused, &limits);
        struct outcome right = run(fixture, plain, &limits);
        bool same = left.status == right.status && slice_equal(left.message, right.message) &&
                    left.start == right.start && left.end == right.end &&
                    slice_equal(left.shown, right.shown);
        if (!same) {
            fail_msg("%s with fuel %u: %.*s %.*s, plain: %.*s %.*s", text, fuel,
                     (int)left.shown.len, (const char *)left.shown.data, (int)left.message.len,
                     (const char *)left.message.data, (int)right.shown.len,
                     (const char *)right.shown.data, (int)right.message.len,
                     (const char *)right.message.data);
        }
        arena_reset(&fixture->call);
    }
}

static void shorter_ways_say_the_same(void **state)
{
    /* What a variable's type promises is not always what is in it. */
    static const struct value words[] = {
        {.kind = VALUE_NULL},
        {.kind = VALUE_STRING, .flags = VALUE_ASCII, .len = 2, .text = (const uint8_t *)"pv"},
        {.kind = VALUE_INTEGER, .i64 = 5},
    };
    struct fixture *fixture = *state;

    for (uint32_t i = 0; i < COUNT_OF(inputs); i++) {
        fixture->slots[0] = json(fixture, inputs[i]);
        fixture->slots[2] = words[i % COUNT_OF(words)];
        fixture->slots[3] = words[(i + i / 3) % COUNT_OF(words)];
        for (uint32_t j = 0; j < COUNT_OF(texts); j++)
            compare(fixture, texts[j], NULL);
        compare(fixture, "#input['m']['s']", type_of_class(CLASS_String));
        compare(fixture, "#input['n']", type_of_class(CLASS_Long));
        compare(fixture, "#input['m']['s'] == 'pv'", type_of_class(CLASS_Boolean));
        compare(fixture, "#number", type_of_class(CLASS_Double));
    }
}

/* The table above would prove nothing if nothing were fused. */
static void usual_sequences_are_fused(void **state)
{
    struct fixture *fixture = *state;
    uint32_t fused = 0;
    uint32_t kept = 0;
    uint32_t short_ones = 0;

    for (uint32_t i = 0; i < COUNT_OF(texts); i++) {
        const struct expr *expr = compile(fixture, texts[i], NULL);
        for (uint32_t j = 0; j < expr->code_count; j++) {
            fused += opcode_is_fused(expr->code[j].opcode);
            kept += expr->code[j].opcode == OP_KEPT_PATH;
        }
        short_ones += expr->is_short;
    }
    assert_true(fused > COUNT_OF(texts));
    assert_true(kept >= 8);
    assert_true(short_ones > COUNT_OF(texts) / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shorter_ways_say_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(usual_sequences_are_fused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
