/* test_dictionary.c - dictionaries in expressions: types, values, what is said of a wrong key. */
#include "test.h"

#include "base/buffer.h"
#include "expr/sample.h"

static const char variables[] = "[{\"name\":\"code\",\"type\":\"String\",\"value\":\"pl\"},"
                                "{\"name\":\"any\",\"type\":\"Unknown\",\"value\":\"pl\"},"
                                "{\"name\":\"taken\",\"type\":\"Integer\",\"value\":5}]";

static const struct {
    const char *id;
    enum class_id keys;
    const char *table;
} tables[] = {
    {"countries", CLASS_String,
     "{\"pl\":\"Poland\",\"de\":\"Germany\",\"fr\":\"France\",\"Poland\":\"a key wins\"}"},
    {"codes", CLASS_Long, "{\"7\":\"seven\",\"8\":\"eight\"}"},
    {"flags", CLASS_Boolean, "{\"true\":\"on\",\"false\":\"off\"}"},
    {"empty", CLASS_String, "{}"},
    {"taken", CLASS_String, "{\"a\":\"b\"}"},
};

struct fixture {
    struct arena arena;
    struct dictionary items[COUNT_OF(tables)];
    struct dictionaries dictionaries;
    struct sample sample;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct slice why;

    assert_non_null(fixture);
    arena_init(&fixture->arena, 64 << 20);
    assert_ok(sample_read(SLICE(variables), NULL, &fixture->arena, &fixture->sample, &why));
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        struct dictionary_fault fault;
        assert_ok(dictionary_read(slice_of(tables[i].id), tables[i].keys, slice_of(tables[i].table),
                                  &fixture->arena, &fixture->items[i], &fault));
    }
    fixture->dictionaries = (struct dictionaries){fixture->items, COUNT_OF(tables)};
    fixture->sample.dictionaries = &fixture->dictionaries;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    arena_deinit(&fixture->arena);
    free(fixture);
    return 0;
}

static const struct {
    const char *text;
    const char *type;    /* NULL: a problem */
    const char *printed; /* the value, or the message of the problem */
} rows[] = {
    {"#countries['pl']", "String", "pl"},
    {"#countries[\"pl\"]", "String", "pl"},
    {"#countries.de", "String", "de"},
    {"#countries[de]", "String", "de"},
    {"#countries['Germany']", "String", "de"}, /* a label is as good */
    {"#countries.France", "String", "fr"},
    {"#countries['Poland']", "String", "Poland"}, /* but keys are looked at first */
    {"#countries?.pl", "String", "pl"},
    {"#countries['p' + 'l']", "String", "pl"},
    {"#code == #countries['pl']", "Boolean", "true"},
    {"#any == #countries['pl']", "Boolean", "true"},
    {"{#countries.pl, #countries.de}", "List[String]({})", "[pl, de]"},
    {"#code == 'pl' ? #countries.de : #countries.pl", "String", "de"},
    {"{'a'}.![#countries.pl + #this]", "List[String]", "[pla]"},
    {"#codes['7'] + 1", "Long", "8"},
    {"#codes.seven", "Long", "7"},
    {"#flags.on ? 1 : 2", "Integer", "1"},
    {"#countries.pl.length", "Integer", "2"},
    {"#countries['pl'].toUpperCase()", "String", "PL"},
    {"#codes", "Dict(id=codes)", "{7=seven, 8=eight}"},
    {"#empty", "Dict(id=empty)", "{}"},
    {"#taken", "Integer", "5"}, /* a variable hides it */
    {"#countries['uk']", NULL,
     "10..16 Illegal key: 'uk' for Dict(id=countries). Possible keys are: 'pl', 'de', 'fr', ...."},
    {"#codes.nine", NULL,
     "7..11 Illegal key: 'nine' for Dict(id=codes). Possible keys are: '7', '8'."},
    {"#empty['x']", NULL, "6..11 Illegal key: 'x' for Dict(id=empty). Possible keys are: ."},
    {"#countries[#code]", NULL,
     "10..17 Illegal spel construction: [#code]. Dict should be indexed by a single key"},
    {"#codes[7]", NULL,
     "6..9 Illegal spel construction: [7]. Dict should be indexed by a single key"},
    {"#countries.![#this]", NULL, "11..19 Cannot do projection/selection on Dict(id=countries)"},
    {"#countries.get('pl')", NULL, "11..20 Unknown method 'get' in Dict(id=countries)"},
    {"#countries == 'pl'", NULL,
     "0..18 Operator '==' used with not comparable types: Dict(id=countries) and String(pl)"},
    {"#countries + 1", NULL,
     "0..14 Operator '+' used with mismatch types: Dict(id=countries) and Integer(1)"},
    {"#nations.pl", NULL, "0..8 Unresolved reference 'nations'"},
};

static struct slice shown_result(const struct sample_result *result, struct buffer *out)
{
    buffer_clear(out);
    if (result->valid) {
        if (result->failed) {
            buffer_append(out, result->message);
        } else {
            value_to_text(result->value, out);
        }
        return buffer_slice(out);
    }
    buffer_append_u64(out, result->problems.items[0].start);
    buffer_append_text(out, "..");
    buffer_append_u64(out, result->problems.items[0].end);
    buffer_append_byte(out, ' ');
    buffer_append(out, result->problems.items[0].message);
    return buffer_slice(out);
}

static void check(const struct sample_result *result, const char *text, const char *type,
                  const char *printed, struct buffer *shown)
{
    struct slice ours = shown_result(result, shown);

    if (result->valid != (type != NULL) || !slice_equal(ours, slice_of(printed)))
        fail_msg("%s: %.*s", text, (int)ours.len, (const char *)ours.data);
    if (!result->valid) return;
    buffer_clear(shown);
    type_to_text(result->type, true, shown);
    assert_slice_equal(buffer_slice(shown), slice_of(type));
}

static void keys_are_checked_and_typed(void **state)
{
    struct fixture *fixture = *state;
    struct buffer shown;

    buffer_init(&shown, 4096);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct expr_source source = {.text = slice_of(rows[i].text)};
        struct sample_result result;
        assert_ok(sample_run(&fixture->sample, &source, 0, &fixture->arena, &result));
        check(&result, rows[i].text, rows[i].type, rows[i].printed, &shown);
    }
    buffer_deinit(&shown);
}

#define POLAND "{\"key\":\"pl\",\"label\":\"Poland\"}"
#define SEVEN  "{\"key\":\"7\",\"label\":\"seven\"}"

static const struct {
    const char *text;
    const char *dictionary;
    const char *expected; /* "": anything */
    const char *type;
    const char *printed;
} parameters[] = {
    {POLAND, "countries", "String", "String(pl)", "pl"},
    {POLAND, "countries", "", "String(pl)", "pl"},
    {"{\"key\":\"pl\",\"label\":\"an old name\"}", "countries", "", "String(pl)", "pl"},
    {"{\"key\":\"pl\"}", "countries", "", "String(pl)", "pl"},
    {SEVEN, "codes", "Long", "Long(7)", "7"},
    {SEVEN, "codes", "", "Long(7)", "7"},
    {"{\"key\":\"false\"}", "flags", "Boolean", "Boolean(false)", "false"},
    {SEVEN, "", "Long", "Long(7)", "7"},
    {"", "countries", "", "Null", "null"},
    {"{\"key\":\"uk\"}", "countries", "", NULL,
     "0..12 Dictionary countries doesn't contain entry with key: uk"},
    {"{\"key\":\"Germany\"}", "countries", "", NULL,
     "0..17 Dictionary countries doesn't contain entry with key: Germany"},
    {POLAND, "nations", "", NULL, "0..29 Dictionary not declared: nations"},
    {POLAND, "countries", "Long", NULL,
     "0..29 Dictionary 'countries' contains values of invalid type"},
    {POLAND, "", "Long", NULL, "0..1 The dictionary key is no such value"},
    {"{\"label\":\"Poland\"}", "countries", "", NULL,
     "0..1 A dictionary key is JSON with the texts \"key\" and \"label\""},
};

static void parameters_hold_one_key(void **state)
{
    struct fixture *fixture = *state;
    struct buffer shown;

    buffer_init(&shown, 4096);
    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        struct expr_source source = {.text = slice_of(parameters[i].text),
                                     .language = EXPR_DICT_KEY,
                                     .dictionary = slice_of(parameters[i].dictionary)};
        struct sample_result result;
        if (parameters[i].expected[0] != '\0') {
            assert_ok(type_from_text(slice_of(parameters[i].expected), &fixture->arena,
                                     &source.expected));
        }
        assert_ok(sample_run(&fixture->sample, &source, 0, &fixture->arena, &result));
        check(&result, parameters[i].text, parameters[i].type, parameters[i].printed, &shown);
    }
    buffer_deinit(&shown);
}

static void a_dictionary_fits_only_itself(void **state)
{
    struct fixture *fixture = *state;
    struct arena *arena = &fixture->arena;
    const struct type *one = type_dict(SLICE("countries"), arena);
    const struct type *two = type_dict(SLICE("codes"), arena);
    const struct type *text = type_of_class(CLASS_String);

    assert_true(type_assignable(one, type_dict(SLICE("countries"), arena)));
    assert_false(type_assignable(one, two));
    assert_false(type_assignable(one, text));
    assert_false(type_assignable(text, one));
    assert_true(type_assignable(one, &type_unknown));
    assert_ptr_equal(type_common(one, two, arena), &type_unknown);
    assert_false(type_comparable(one, text, arena));
    assert_true(type_comparable(one, type_dict(SLICE("countries"), arena), arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_are_checked_and_typed, setup, teardown),
        cmocka_unit_test_setup_teardown(parameters_hold_one_key, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dictionary_fits_only_itself, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
