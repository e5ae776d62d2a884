/* test_expr.c - what the golden rows do not ask: positions, limits, the other languages. */
#include "test.h"

#include "base/buffer.h"
#include "expr/sample.h"

static const char variables[] =
    "[{\"name\":\"int\",\"type\":\"Integer\",\"value\":7},"
    "{\"name\":\"str\",\"type\":\"String\",\"value\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"},"
    "{\"name\":\"list\",\"type\":\"List[Integer]\",\"value\":[3,1,2]},"
    "{\"name\":\"rec\",\"type\":\"Record{a: Integer, b: String}\",\"value\":{\"a\":1,\"b\":\"x\"}},"
    "{\"name\":\"unk\",\"type\":\"Unknown\",\"value\":{\"k\":[1,{\"z\":true}],\"n\":null}}]";

struct fixture {
    struct arena arena;
    struct sample sample;
    struct sample_result result;
};

static void setup(struct fixture *fixture)
{
    struct slice why;

    arena_init(&fixture->arena, 256 * 1024 * 1024);
    assert_ok(sample_read(SLICE(variables), NULL, &fixture->arena, &fixture->sample, &why));
}

static void run(struct fixture *fixture, struct slice text, enum expr_language language)
{
    struct expr_source source = {.text = text, .language = language};

    assert_ok(sample_run(&fixture->sample, &source, 0, &fixture->arena, &fixture->result));
}

static bool contains(struct slice text, const char *part)
{
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, part, len) == 0) return true;
    }
    return false;
}

/* --- limits ------------------------------------------------------------------------------------------ */

static void repeat(struct buffer *text, const char *piece, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        buffer_append_text(text, piece);
}

#define TOO_LARGE "too large to be compiled: at most 16 selections"
#define TOO_DEEP  "nested more than 64 levels deep; give parts of it names"
#define TOO_MANY  "more than 4096 parts; make it of shorter ones"
#define CHAIN     "A chain of operators has more than 1000 parts; give parts of it names"

static const struct {
    const char *says;
    const char *open;
    const char *middle;
    const char *close;
    uint32_t count;
    const char *message; /* what the limit says; NULL: within it */
} deep[] = {
    {"parentheses within the limit", "(", "1", ")", 50, NULL},
    {"parentheses beyond it", "(", "1", ")", 5000, TOO_DEEP},
    {"lists in lists", "{", "1", "}", 5000, TOO_DEEP},
    {"indexes in indexes", "#list[", "0", "]", 5000, TOO_DEEP},
    {"arguments of arguments", "#NUMERIC.abs(", "0", ")", 70, TOO_DEEP},
    {"nots", "!", "true", "", 5000, "More than 256 signs stand in a row; take some away"},
    {"minus signs", "-", "1", "", 5000, "More than 256 signs stand in a row; take some away"},
    {"projections in projections", "#list.![", "1", "]", 16, NULL},
    {"too many of them", "#list.![", "1", "]", 17, TOO_LARGE},
    {"a long sum is wide, not deep", "1 + ", "1", "", 500, NULL},
    {"but not endless", "1 + ", "1", "", 5000, CHAIN},
    {"a long chain of ternaries", "true ? 1 : ", "2", "", 5000, TOO_DEEP},
    {"a text too long", "          ", "1", "", 7000,
     "The expression is longer than 65536 bytes; cut it into several variables"},
};

static void check_nesting(const char *says, struct slice text, const char *message)
{
    struct fixture fixture;

    setup(&fixture);
    run(&fixture, text, EXPR_SPEL);
    if (fixture.result.valid != (message == NULL)) fail_msg("%s", says);
    struct slice said = fixture.result.valid ? SLICE("") : fixture.result.problems.items[0].message;
    if (message != NULL && !contains(said, message))
        fail_msg("%s: %.*s", says, (int)said.len, (const char *)said.data);
    arena_deinit(&fixture.arena);
}

static void nesting_has_a_limit_with_a_name(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(deep); i++) {
        buffer_clear(&text);
        repeat(&text, deep[i].open, deep[i].count);
        buffer_append_text(&text, deep[i].middle);
        repeat(&text, deep[i].close, deep[i].count);
        check_nesting(deep[i].says, buffer_slice(&text), deep[i].message);
    }
    buffer_clear(&text);
    buffer_append_text(&text, "{1");
    repeat(&text, ", 1", 4095);
    buffer_append_text(&text, "}");
    check_nesting("as many items as there may be", buffer_slice(&text), NULL);
    buffer_clear(&text);
    buffer_append_text(&text, "{1");
    repeat(&text, ", 1", 4096);
    buffer_append_text(&text, "}");
    check_nesting("one more", buffer_slice(&text), TOO_MANY);
    buffer_deinit(&text);
}

static void fuel_and_memory_end_a_run(void **state)
{
    static const struct expr_limits little[] = {{.fuel = 20, .result_bytes_max = 1 << 20},
                                                {.fuel = 100000, .result_bytes_max = 200}};
    struct fixture fixture;
    struct expr_problems problems;
    const struct expr *expr;
    struct value value;

    (void)state;
    setup(&fixture);
    struct expr_scope scope = {.variables = fixture.sample.variables,
                               .count = fixture.sample.count};
    struct expr_source source = {.text = SLICE("#list.![#list.![{#this, #str}]].toString()")};
    assert_ok(expr_compile(&source, &scope, &fixture.arena, &problems, &expr));
    for (size_t i = 0; i < COUNT_OF(little); i++) {
        struct expr_frame frame = {
            .slots = fixture.sample.values, .arena = &fixture.arena, .limits = &little[i]};
        assert_int_equal(expr_run(expr, &frame, &value), STATUS_LIMIT);
        assert_true(contains(frame.message,
                             i == 0 ? "too many steps, the limit is 20; walk shorter lists"
                                    : "too much memory, the limit is 200 bytes; build shorter"));
    }
    arena_deinit(&fixture.arena);
}

/* --- positions ---------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    uint32_t count;
    uint32_t start;
    uint32_t end;
} spans[] = {
    {"#int + #nope", 1, 7, 12},
    {"{#a, #b, #c}", 3, 1, 3},
    {"'\xC5\xBC\xC3\xB3' + #nope", 1, 9, 14},
    {"#rec.nope", 1, 5, 9},
    {"#list.![#this.x]", 1, 14, 15},
    {"(1 + 2", 1, 6, 6},
    {"#int >", 1, 5, 6},
};

static void problems_point_at_the_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        struct fixture fixture;
        setup(&fixture);
        run(&fixture, slice_of(spans[i].text), EXPR_SPEL);
        const struct expr_problems *problems = &fixture.result.problems;
        if (problems->count != spans[i].count || problems->items[0].start != spans[i].start ||
            problems->items[0].end != spans[i].end) {
            fail_msg("%s: %u problems, the first at %u..%u", spans[i].text, problems->count,
                     problems->items[0].start, problems->items[0].end);
        }
        arena_deinit(&fixture.arena);
    }
}

static void slots_read_are_known(void **state)
{
    struct fixture fixture;
    struct expr_problems problems;
    const struct expr *expr;
    const uint32_t *slots;

    (void)state;
    setup(&fixture);
    struct expr_scope scope = {.variables = fixture.sample.variables,
                               .count = fixture.sample.count};
    struct expr_source source = {.text = SLICE("#list.![#this + #int] + #unk['k'] + #int")};
    assert_ok(expr_compile(&source, &scope, &fixture.arena, &problems, &expr));
    assert_int_equal(expr_slots_read(expr, &slots), 3);
    assert_int_equal(slots[0], 0);
    assert_int_equal(slots[1], 2);
    assert_int_equal(slots[2], 4);
    arena_deinit(&fixture.arena);
}

/* --- languages ---------------------------------------------------------------------------------------- */

static const struct {
    enum expr_language language;
    const char *text;
    const char *printed; /* NULL: a problem */
} texts[] = {
    {EXPR_TEMPLATE, "a #{#int + 1} b", "a 8 b"},
    {EXPR_TEMPLATE, "a #{#int", NULL},
    {EXPR_JSON, "{\"a\":[1,2.50,null]}", "{a=[1, 2.50, null]}"},
    {EXPR_JSON, "{\"a\":", NULL},
    {EXPR_JSON, " ", "null"},
    {EXPR_DICT_KEY, "{\"key\":\"de\",\"label\":\"Germany\"}", "de"},
    {EXPR_DICT_KEY, "", "null"},
    {EXPR_DICT_KEY, "{\"label\":\"Germany\"}", NULL},
    {EXPR_TABULAR,
     "{\"columns\":[{\"name\":\"n\",\"type\":\"java.lang.Integer\"},"
     "{\"name\":\"s\",\"type\":\"java.lang.String\"}],\"rows\":[[\"1\",\"x\"],[null,null]]}",
     "[{n=1, s=x}, {n=null, s=null}]"},
    {EXPR_TABULAR,
     "{\"columns\":[{\"name\":\"p\",\"type\":\"java.math.BigDecimal\"},"
     "{\"name\":\"d\",\"type\":\"java.time.LocalDate\"}],\"rows\":[[\"2.50\",\"2024-02-29\"]]}",
     "[{p=2.50, d=2024-02-29}]"},
    {EXPR_TABULAR,
     "{\"columns\":[{\"name\":\"n\",\"type\":\"java.lang.Integer\"}],\"rows\":[[\"one\"]]}", NULL},
    {EXPR_TABULAR, "{\"columns\":[{\"name\":\"n\",\"type\":\"java.lang.Integer\"}],\"rows\":[[]]}",
     NULL},
};

static void other_languages_give_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct fixture fixture;
        struct buffer printed;
        setup(&fixture);
        buffer_init(&printed, 4096);
        run(&fixture, slice_of(texts[i].text), texts[i].language);
        if (fixture.result.valid != (texts[i].printed != NULL)) fail_msg("%s", texts[i].text);
        if (fixture.result.valid) {
            value_to_text(fixture.result.value, &printed);
            assert_slice_equal(buffer_slice(&printed), slice_of(texts[i].printed));
        }
        buffer_deinit(&printed);
        arena_deinit(&fixture.arena);
    }
}

/* --- aggregators --------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    const char *element;
    const char *type; /* or the message */
} aggregates[] = {
    {"#AGG.list", "String", "List[String]"},
    {"#AGG.sum", "Integer", "Long"},
    {"#AGG.sum", "String", "Invalid aggregate type: String, should be: Number"},
    {"#AGG.average", "BigInteger", "BigDecimal"},
    {"#AGG.countWhen", "Integer", "Invalid aggregate type: Integer, should be: Boolean"},
    {"#AGG.map({slugs: #AGG.list, viewTimestamps: #AGG.list})",
     "Record{slugs: String, viewTimestamps: Long}",
     "Record{slugs: List[String], viewTimestamps: List[Long]}"},
    {"#AGG.map({a: #AGG.sum, b: #AGG.set})", "Record{a: Integer}",
     "Fields do not match, aggregateBy: a, aggregator: a, b"},
    {"#AGG.map({a: #AGG.sum})", "Record{a: String}",
     "Invalid fields: a - Invalid aggregate type: String, should be: Number"},
    {"#AGG.map({a: #AGG.sum})", "Unknown", "aggregateBy should be declared as fixed map"},
    {"#AGG.nope", "Integer", "There is no property 'nope' in type: AggregateHelper"},
    {"1 +", "Integer", "Expression [1 +] @2: EL1042E: Problem parsing right operand"},
};

static void aggregators_are_known_when_planned(void **state)
{
    const struct expr_scope scope = {.aggregators = true};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(aggregates); i++) {
        struct arena arena;
        struct expr_problems problems = {0};
        struct aggregator aggregator;
        const struct type *element;
        const struct type *type = NULL;
        struct buffer shown;
        arena_init(&arena, 16 * 1024 * 1024);
        buffer_init(&shown, 4096);
        assert_ok(type_from_text(slice_of(aggregates[i].element), &arena, &element));
        if (expr_compile_aggregator(slice_of(aggregates[i].text), &scope, &arena, &problems,
                                    &aggregator) == STATUS_OK) {
            type = aggregator_type(&aggregator, element, &arena, &problems);
        }
        if (type != NULL)
            type_to_text(type, true, &shown);
        else
            buffer_append(&shown, problems.items[0].message);
        assert_slice_equal(buffer_slice(&shown), slice_of(aggregates[i].type));
        buffer_deinit(&shown);
        arena_deinit(&arena);
    }
}

/* --- lazy documents ------------------------------------------------------------------------------------ */

static void lazy_documents_answer_like_eager_values(void **state)
{
    static const char *const paths[] = {
        "#doc['m']['s'] + #doc['m']['d'].^[#this['e'] == 'pv']['u']",
        "#doc['m']['d'].![#this['n'].toLong()].toString()",
        "#doc['m']['d'].?[#this['n'] > 1].toString()", "#doc.toString() + #doc['m']['zz']"};
    struct slice text = SLICE("{\"m\":{\"s\":\"x\\u00e9\",\"d\":[{\"e\":\"pp\",\"n\":1},"
                              "{\"e\":\"pv\",\"n\":2.0,\"u\":\"y\"}]}}");
    struct arena arena;
    struct document document;
    struct json_error error;
    struct value values[2];

    (void)state;
    arena_init(&arena, 16 * 1024 * 1024);
    assert_ok(json_parse(text, &json_limits_default, &arena, &document, &error));
    assert_ok(document_value(&document, 0, &arena, &values[0]));
    assert_ok(value_copy(values[0], &arena, &values[1]));
    struct expr_variable variable = {.name = SLICE("doc"), .type = &type_unknown};
    struct expr_scope scope = {.variables = &variable, .count = 1};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct expr_problems problems;
        const struct expr *expr;
        struct value results[2];
        struct expr_source source = {.text = slice_of(paths[i])};
        assert_ok(expr_compile(&source, &scope, &arena, &problems, &expr));
        for (size_t j = 0; j < 2; j++) {
            struct expr_frame frame = {
                .slots = &values[j], .arena = &arena, .limits = &expr_limits_default};
            assert_ok(expr_run(expr, &frame, &results[j]));
        }
        assert_true(value_equals(results[0], results[1]));
    }
    arena_deinit(&arena);
}

/* --- dates and times ----------------------------------------------------------------------------------- */

static const char *const temporals[] = {
    "T(java.time.LocalDate).of(2024, 2, 29).plusYears(1).minusDays(60)",
    "T(java.time.LocalDate).MIN",
    "T(java.time.LocalTime).of(23, 59, 59, 999999999).plusSeconds(2)",
    "T(java.time.LocalDateTime).parse('1969-12-31T23:59:59.5').plusMonths(2)",
    "T(java.time.OffsetDateTime).parse('2024-02-29T12:30:15-05:30')",
    "T(java.time.Instant).ofEpochMilli(-1)",
    "T(java.time.Period).parse('-P1Y2M3W4D')",
    "T(java.time.ZoneOffset).of('-03:45')",
    "T(java.time.DayOfWeek).FRIDAY.plus(-12)",
};

static void temporal_values_survive_storage(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(temporals); i++) {
        struct fixture fixture;
        struct buffer stored;
        struct value back;
        setup(&fixture);
        buffer_init(&stored, 4096);
        run(&fixture, slice_of(temporals[i]), EXPR_SPEL);
        if (!fixture.result.valid || fixture.result.failed) fail_msg("%s", temporals[i]);
        value_encode(fixture.result.value, &stored);
        assert_ok(value_decode(buffer_slice(&stored), &fixture.arena, &back));
        assert_true(value_equals(fixture.result.value, back));
        assert_true(value_hash(fixture.result.value) == value_hash(back));
        buffer_deinit(&stored);
        arena_deinit(&fixture.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_has_a_limit_with_a_name),
        cmocka_unit_test(fuel_and_memory_end_a_run),
        cmocka_unit_test(problems_point_at_the_bytes),
        cmocka_unit_test(slots_read_are_known),
        cmocka_unit_test(other_languages_give_values),
        cmocka_unit_test(aggregators_are_known_when_planned),
        cmocka_unit_test(lazy_documents_answer_like_eager_values),
        cmocka_unit_test(temporal_values_survive_storage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
