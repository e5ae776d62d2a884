/* test_tabular.c - tables of a node: what their cells become, and what is said of wrong ones, where. */
#include "test.h"

#include "base/buffer.h"
#include "expr/sample.h"

#define TABLE(columns, rows) "{\"columns\":[" columns "],\"rows\":[" rows "]}"
#define COLUMN(name, type)   "{\"name\":\"" name "\",\"type\":\"" type "\"}"
#define ONE(type, cell)      TABLE(COLUMN("a", type), "[\"" cell "\"]")

static const struct {
    const char *text;
    const char *type;
    const char *printed;
} tables[] = {
    {TABLE("", ""), "List[Record{}]", "[]"},
    {TABLE(COLUMN("a", "java.lang.String"), ""), "List[Record{a: String}]", "[]"},
    {ONE("java.lang.String", ""), "List[Record{a: String}]", "[{a=}]"},
    {ONE("java.lang.String", "z\\u0142oty \\\""), "List[Record{a: String}]",
     "[{a=z\xC5\x82oty \"}]"},
    {ONE("java.lang.Boolean", "true"), "List[Record{a: Boolean}]", "[{a=true}]"},
    {ONE("java.lang.Integer", "-7"), "List[Record{a: Integer}]", "[{a=-7}]"},
    {ONE("java.lang.Long", "10000000000"), "List[Record{a: Long}]", "[{a=10000000000}]"},
    {ONE("java.lang.Float", "1.5"), "List[Record{a: Float}]", "[{a=1.5}]"},
    {ONE("java.lang.Double", "1e3"), "List[Record{a: Double}]", "[{a=1000.0}]"},
    {ONE("java.math.BigInteger", "123456789012345678901234567890"), "List[Record{a: BigInteger}]",
     "[{a=123456789012345678901234567890}]"},
    {ONE("java.math.BigDecimal", "2.50"), "List[Record{a: BigDecimal}]", "[{a=2.50}]"},
    {ONE("java.time.LocalDate", "2024-02-29"), "List[Record{a: LocalDate}]", "[{a=2024-02-29}]"},
    {ONE("java.time.LocalDateTime", "2024-02-29T10:00"), "List[Record{a: LocalDateTime}]",
     "[{a=2024-02-29T10:00}]"},
    {TABLE(COLUMN("a b", "java.lang.String") "," COLUMN("c", "java.lang.Integer"),
           "[\"x\",\"1\"],[null,null]"),
     "List[Record{a b: String, c: Integer}]", "[{a b=x, c=1}, {a b=null, c=null}]"},
};

static const struct {
    const char *text;
    const char *told; /* every problem with its bytes */
} wrong[] = {
    {"{\"columns\":[]", "13..13 the text ends too early\n"},
    {"[]", "0..2 A table is JSON with the lists \"columns\" and \"rows\"\n"},
    {"{\"columns\":[]}", "0..14 A table is JSON with the lists \"columns\" and \"rows\"\n"},
    {TABLE("5", ""), "12..13 A column has the texts \"name\" and \"type\"\n"},
    {TABLE("{\"name\":\"a\"}", ""), "12..24 A column has the texts \"name\" and \"type\"\n"},
    {TABLE(COLUMN("a", "Integer"), ""),
     "31..40 Integer is no class of cells; java.lang.String, Integer, Boolean, "
     "java.math.BigDecimal, java.time.LocalDate and the like are\n"},
    {TABLE(COLUMN("a", "java.util.List"), "[\"x\"]"),
     "31..47 java.util.List is no class of cells; java.lang.String, Integer, Boolean, "
     "java.math.BigDecimal, java.time.LocalDate and the like are\n"},
    {TABLE(COLUMN("a", "java.lang.Long") "," COLUMN("a", "java.lang.Long"), "[\"1\",\"2\"]"),
     "57..60 There is a column \"a\" already\n"},
    {TABLE(COLUMN("a", "java.lang.Long"), "[\"1\"],[],7,[\"1\",\"2\"]"),
     "64..66 A row is a list of as many cells as there are columns\n"
     "67..68 A row is a list of as many cells as there are columns\n"
     "69..78 A row is a list of as many cells as there are columns\n"},
    {TABLE(COLUMN("a", "java.lang.Integer") "," COLUMN("b", "java.time.LocalDate"),
           "[\"one\",\"2024-02-30\"],[1,null]"),
     "104..109 \"one\" is no Integer, which the column \"a\" asks for\n"
     "110..122 \"2024-02-30\" is no LocalDate, which the column \"b\" asks for\n"
     "125..126 A cell is a text or null\n"},
};

static void run(const char *text, struct arena *arena, struct sample_result *result)
{
    struct expr_source source = {.text = slice_of(text), .language = EXPR_TABULAR};
    struct sample sample = {0};

    assert_ok(sample_run(&sample, &source, 0, arena, result));
}

static void cells_become_what_their_column_says(void **state)
{
    struct arena arena;
    struct buffer shown;

    (void)state;
    arena_init(&arena, 16 << 20);
    buffer_init(&shown, 4096);
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        struct sample_result result;
        run(tables[i].text, &arena, &result);
        if (!result.valid) fail_msg("%s", tables[i].text);
        buffer_clear(&shown);
        type_to_text(result.type, true, &shown);
        assert_slice_equal(buffer_slice(&shown), slice_of(tables[i].type));
        buffer_clear(&shown);
        value_to_text(result.value, &shown);
        assert_slice_equal(buffer_slice(&shown), slice_of(tables[i].printed));
    }
    buffer_deinit(&shown);
    arena_deinit(&arena);
}

static void everything_wrong_is_told_at_its_place(void **state)
{
    struct arena arena;
    struct buffer told;

    (void)state;
    arena_init(&arena, 16 << 20);
    buffer_init(&told, 65536);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct sample_result result;
        run(wrong[i].text, &arena, &result);
        buffer_clear(&told);
        for (uint32_t at = 0; at < result.problems.count; at++) {
            const struct expr_problem *problem = &result.problems.items[at];
            buffer_append_u64(&told, problem->start);
            buffer_append_text(&told, "..");
            buffer_append_u64(&told, problem->end);
            buffer_append_byte(&told, ' ');
            buffer_append(&told, problem->message);
            buffer_append_byte(&told, '\n');
        }
        if (!slice_equal(buffer_slice(&told), slice_of(wrong[i].told)))
            fail_msg("%s\n%.*s", wrong[i].text, (int)told.len, (const char *)told.data);
    }
    buffer_deinit(&told);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_become_what_their_column_says),
        cmocka_unit_test(everything_wrong_is_told_at_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
