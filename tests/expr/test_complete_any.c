/* test_complete_any.c - what the hover says, and what holds at any caret: whatever is suggested is accepted when it
 * is put in, and any text with any caret gets an answer with sound spans.
 */
#include "carets.h"

/* --- hover -------------------------------------------------------------------------------------------- */

static const struct {
    const char *says;
    const char *text;
    enum expr_language language;
    const char *type; /* NULL: nothing to show */
    uint32_t from;
    uint32_t to;
} hovers[] = {
    {"a variable", "1 + #num|ber", SPEL, "Integer", 4, 11},
    {"a field", "#input.co|unt + 1", SPEL, "Integer", 7, 12},
    {"a call is its result", "#text.le|ngth() > 1", SPEL, "Integer", 6, 14},
    {"a literal with its value", "'ab|c'", SPEL, "String(abc)", 0, 5},
    {"an operation that is known before running", "1 |+ 2", SPEL, "Integer(3)", 0, 5},
    {"#this", "#items.![#th|is.name]", SPEL, "Record{name: String, price: BigDecimal}", 9, 14},
    {"a projection as a whole", "#items|.![#this.name]", SPEL,
     "List[Record{name: String, price: BigDecimal}]", 0, 6},
    {"the expression before a broken rest", "#num|ber + + )", SPEL, "Integer", 0, 7},
    {"a hole of a template", "Dear #{#te|xt}!", TEMPLATE, "String", 7, 12},
    {"a class", "T(java.time.Local|Date).parse('x')", SPEL, "LocalDate", 0, 22},
    {"a key of a dictionary", "#countries['pl'|]", SPEL, "String(pl)", 11, 15},
    {"a key of a dictionary behind a dot", "#countries.p|l", SPEL, "String", 11, 13},
    {"a dictionary", "#coun|tries.pl", SPEL, "Dict(id=countries)", 0, 10},
    {"a constant of an enum", "T(java.time.Month).MA|Y", SPEL, "Month", 19, 22},
    {"a union", "#eit|her", SPEL, "Integer | String", 0, 7},
    {"a field of a record in a union", "#shape.si|de", SPEL, "Long", 7, 11},
    {"a value of a JSON literal", "{\"id\": [1, 2|.5]}", JSON, "BigDecimal(2.5)", 11, 14},
    {"a key of a JSON literal is its value", "{\"i|d\": [1, 2]}", JSON, "List[Integer]", 1, 5},
    {"a JSON literal as a whole", "{\"id\":| \"x\"}", JSON, "Record{id: String(x)}", 0, 11},
    {"the text of a dictionary key", "{\"key\": \"p|l\"}", KEY, "String(pl)", 8, 12},
    {"nothing in JSON that is broken", "{\"id\": 1|", JSON, NULL, 0, 0},
    {"nothing in the text around holes", "De|ar #{#text}!", TEMPLATE, NULL, 0, 0},
    {"nothing where nothing is", "|", SPEL, NULL, 0, 0},
    {"nothing for what does not exist", "#nob|ody", SPEL, NULL, 0, 0},
};

static void the_expression_at_the_caret_is_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hovers); i++) {
        struct fixture fixture;
        setup(&fixture);
        ask(&fixture, hovers[i].text, hovers[i].language);
        const struct complete_hover *hover = &fixture.answer.hover;
        const char *type = hovers[i].type;
        if (hover->found != (type != NULL)) fail_msg("%s", hovers[i].says);
        if (type != NULL && !slice_equal(hover->type, slice_of(type))) {
            fail_msg("%s: %.*s", hovers[i].says, (int)hover->type.len,
                     (const char *)hover->type.data);
        }
        if (type != NULL && (hover->from != hovers[i].from || hover->to != hovers[i].to)) {
            fail_msg("%s: at %u..%u", hovers[i].says, hover->from, hover->to);
        }
        if (type != NULL && hover->doc.len == 0) fail_msg("%s: no words", hovers[i].says);
        arena_deinit(&fixture.arena);
    }
}

/* --- what holds for all -------------------------------------------------------------------------------- */

static bool needs_arguments(const struct complete_suggestion *suggestion)
{
    struct buffer name;

    if (suggestion->kind != COMPLETE_KIND_method) return false;
    buffer_init(&name, 4096);
    buffer_append(&name, suggestion->label);
    buffer_append_text(&name, "()");
    bool needs = !slice_starts_with(suggestion->signature, buffer_slice(&name));
    buffer_deinit(&name);
    return needs;
}

/* Puts the suggestion in and compiles. The texts are ASCII: units are bytes. */
static void accept(struct fixture *fixture, const struct complete_suggestion *suggestion)
{
    struct expr_problems problems;
    const struct expr *expr;
    struct buffer text;

    buffer_init(&text, 4096);
    buffer_append(&text, (struct slice){fixture->text.data, suggestion->from});
    buffer_append(&text, suggestion->insert);
    buffer_append(&text, (struct slice){fixture->text.data + suggestion->to,
                                        fixture->text.len - suggestion->to});
    struct expr_source source = {.text = buffer_slice(&text), .language = EXPR_SPEL};
    enum status status = expr_compile(&source, &fixture->scope, &fixture->arena, &problems, &expr);
    if (status != STATUS_OK) {
        fail_msg("%.*s: %.*s", (int)text.len, (const char *)text.data,
                 (int)problems.items[0].message.len, (const char *)problems.items[0].message.data);
    }
    buffer_deinit(&text);
}

static void what_is_suggested_is_accepted(void **state)
{
    static const char *const texts[] = {
        "#|",
        "#input.|",
        "#text.|",
        "#number.|",
        "#prices.|",
        "#items.|",
        "#input['|']",
        "#any.|",
        "#input.seen.|",
        "#items.![#this.|]",
        "#items.![n|]",
        "#DATE.now().|",
        "#either.|",
        "T(java.time.DayOfWeek).|",
        "T(java.time.Month).|",
    };
    uint32_t accepted = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct fixture fixture;
        setup(&fixture);
        ask(&fixture, texts[i], EXPR_SPEL);
        assert_true(fixture.answer.count > 0);
        for (uint32_t at = 0; at < fixture.answer.count; at++) {
            const struct complete_suggestion *suggestion = &fixture.answer.suggestions[at];
            bool opens = suggestion->kind == COMPLETE_KIND_keyword;
            if (opens || needs_arguments(suggestion)) continue;
            accept(&fixture, suggestion);
            accepted++;
        }
        arena_deinit(&fixture.arena);
    }
    assert_true(accepted > 200);
}

static void every_caret(struct slice text, enum expr_language language)
{
    uint32_t units = (uint32_t)utf8_units(text);
    struct fixture fixture;

    setup(&fixture);
    for (uint32_t caret = 0; caret <= units; caret++) {
        ask_at(&fixture, text, language, caret);
        assert_true(fixture.answer.count <= COMPLETE_SUGGESTIONS_MAX);
        for (uint32_t at = 0; at < fixture.answer.count; at++) {
            assert_true(fixture.answer.suggestions[at].from <= caret);
            /* Between the halves of a pair is before it. */
            assert_true(fixture.answer.suggestions[at].to + 1 >= caret);
            assert_true(fixture.answer.suggestions[at].to <= units);
        }
    }
    arena_deinit(&fixture.arena);
}

static void any_caret_in_any_text_gets_sound_spans(void **state)
{
    static const char *const texts[] = {
        "#items.?[#this.price > 1].![{n: name, '\xC5\xBC': #input['id']}]",
        "T(java.time.LocalDate).parse('2020-01-01').plusDays(#number)",
        "#input['my-key] + {1, {a: 2 #text?.trim( ![ ^[ T( new # ' \"",
        "a.b.c ? : ?: && \xF0\x9F\x98\x80 #\xF0\x9F\x98\x80.x[[[",
        "#{#countries['pl'] + '}'} \xF0\x9F\x98\x80 #{#shape.x} #{",
        "{\"id\": \"\xF0\x9F\x98\x80\\\"\", \"tags\": [1, nul, {}], \"address\": {\"city\": \"}\"",
        "{\"columns\":[{\"name\":\"\xC5\xBC\",\"type\":\"Long\"}],\"rows\":[[\"1\",null]]}",
        "]}},,::\"\\",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct slice whole = slice_of(texts[i]);
        for (size_t len = 0; len <= whole.len; len++) {
            struct slice text = {whole.data, len};
            for (uint32_t language = 0; language < EXPR_LANGUAGE_COUNT; language++) {
                if (utf8_invalid_at(text) == len) every_caret(text, (enum expr_language)language);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_expression_at_the_caret_is_described),
        cmocka_unit_test(what_is_suggested_is_accepted),
        cmocka_unit_test(any_caret_in_any_text_gets_sound_spans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
