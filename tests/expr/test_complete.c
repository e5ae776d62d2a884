/* test_complete.c - what an editor is offered at a caret, with its span, and what it is not. */
#include "carets.h"

static const struct complete_suggestion *find(const struct fixture *fixture, const char *label)
{
    for (uint32_t i = 0; i < fixture->answer.count; i++) {
        const struct complete_suggestion *suggestion = &fixture->answer.suggestions[i];
        if (slice_equal(suggestion->label, slice_of(label))) return suggestion;
    }
    return NULL;
}

static const struct {
    const char *says;
    const char *text;
    enum expr_language language;
    const char *label;
    const char *type;
    const char *insert;
    uint32_t from;
    uint32_t to;
} offered[] = {
    {"variables behind #", "#|", SPEL, "#input", NULL, "input", 1, 1},
    {"variables where a value may begin", "1 + |", SPEL, "#number", "Integer", "#number", 4, 4},
    {"helper objects are variables", "#COLL|", SPEL, "#COLLECTION", "collection", "COLLECTION", 1,
     5},
    {"the word around the caret is replaced", "#nu|mb + 1", SPEL, "#number", "Integer", "number", 1,
     5},
    {"letters of a name in order are enough", "#pcs|", SPEL, "#prices", NULL, "prices", 1, 4},
    {"case does not matter", "#INP|", SPEL, "#input", NULL, "input", 1, 4},
    {"fields of a record", "#input.|", SPEL, "count", "Integer", "count", 7, 7},
    {"fields behind the null-safe dot", "#input?.co|", SPEL, "count", "Integer", "count", 8, 10},
    {"a field no dot can reach gets brackets", "#input.my|", SPEL, "my-key", "Long", "['my-key']",
     6, 9},
    {"methods of a record's own class", "#input.contains|", SPEL, "containsKey", "Boolean",
     "containsKey()", 7, 15},
    {"methods of a text", "#text.upp|", SPEL, "toUpperCase", "String", "toUpperCase()", 6, 9},
    {"no second pair of parentheses", "#text.tr|()", SPEL, "trim", "String", "trim", 6, 8},
    {"properties without parentheses", "#input.seen.ye|", SPEL, "year", "Integer", "year", 12, 14},
    {"conversions that apply", "#text.toL|", SPEL, "toLong", "Long", "toLong()", 6, 9},
    {"conversions of an Unknown", "#any.toInt|", SPEL, "toInteger", "Integer", "toInteger()", 5,
     10},
    {"members of one of the types of a union", "#either.tri|", SPEL, "trim", "String", "trim()", 8,
     11},
    {"a step on the result of a call", "#text.split(',').|", SPEL, "size", "Integer", "size()", 17,
     17},
    {"an item by its index", "#items[0].pr|", SPEL, "price", "BigDecimal", "price", 10, 12},
    {"a value of a map", "#prices['a'].|", SPEL, "intValue", "Integer", "intValue()", 13, 13},
    {"#this in a projection", "#items.![#th|]", SPEL, "#this", NULL, "this", 10, 12},
    {"fields of #this", "#items.![#this.na|]", SPEL, "name", "String", "name", 15, 17},
    {"bare fields in a selection", "#items.?[pri| > 1]", SPEL, "price", "BigDecimal", "price", 9,
     12},
    {"fields in the first of a selection", "#items.^[true].n|", SPEL, "name", "String", "name", 15,
     16},
    {"entries of a map", "#prices.![#this.v|]", SPEL, "value", "Double", "value", 16, 17},
    {"record keys in quotes", "#input['c|']", SPEL, "count", "Integer", "count", 8, 9},
    {"record keys that close the quote", "#input['|", SPEL, "count", "Integer", "count']", 8, 8},
    {"an open quote does not take what follows", "#input['| + 'x'", SPEL, "count", "Integer",
     "count']", 8, 8},
    {"record keys in double quotes", "#input[\"|\"]", SPEL, "my-key", "Long", "my-key", 8, 8},
    {"record keys in bare brackets", "#input[|]", SPEL, "id", "String", "'id'", 7, 7},
    {"functions of a helper object", "#NUMERIC.ro|", SPEL, "round", "Double", "round()", 9, 11},
    {"class names by their full name", "T(java.time.LocalDa|)", SPEL, "java.time.LocalDate",
     "LocalDate", "java.time.LocalDate", 2, 19},
    {"class names by their simple name", "T(bigdec|)", SPEL, "java.math.BigDecimal", "BigDecimal",
     "java.math.BigDecimal", 2, 8},
    {"class names behind a dot", "T(java.math.|", SPEL, "java.math.BigInteger", "BigInteger",
     "java.math.BigInteger", 2, 12},
    {"constants of an enum", "T(java.time.DayOfWeek).FR|", SPEL, "FRIDAY", "DayOfWeek", "FRIDAY",
     23, 25},
    {"static methods of a class", "T(java.time.LocalDate).pa|", SPEL, "parse", "LocalDate",
     "parse()", 23, 25},
    {"classes to make values of", "new java.math.Big|", SPEL, "java.math.BigDecimal", "BigDecimal",
     "java.math.BigDecimal", 4, 17},
    {"words that are values", "fal|", SPEL, "false", "", "false", 0, 3},
    {"words between values", "#number > 1 an|", SPEL, "and", "", "and ", 12, 14},
    {"arguments see the variables, not the receiver", "#text.concat(#te|)", SPEL, "#text", "String",
     "text", 14, 16},
    {"a list that is not closed", "{1, #nu|", SPEL, "#number", "Integer", "number", 5, 7},
    {"a call that is not closed", "#text.concat(#input.i|", SPEL, "id", "String", "id", 20, 21},
    {"a projection that is not closed", "#items.![#this.|", SPEL, "name", "String", "name", 15, 15},
    {"brackets that close nothing", "#text.le|)) + ]", SPEL, "length", "Integer", "length()", 6, 8},
    {"an operand that is missing before", "* + #input.c|", SPEL, "count", "Integer", "count", 11,
     12},
    {"carets count UTF-16 units", "'\xF0\x9F\x98\x80\xC5\xBC' + #nu|", SPEL, "#number", "Integer",
     "number", 9, 11},
    {"a hole of a template", "Dear #{#input.i|}, hello", TEMPLATE, "id", "String", "id", 14, 15},
    {"the second hole of a template", "#{#text} #{#te|}", TEMPLATE, "#text", "String", "text", 12,
     14},
    {"records in records", "#deep.a.|", SPEL, "b", "List[Record{c: Map[String,LocalDate]}]", "b", 8,
     8},
    {"through lists and maps of records", "#deep.a.b[0].c['x'].ye|", SPEL, "year", "Integer",
     "year", 20, 22},
    {"in projections inside of projections", "#deep.a.b.![#this.c.![#this.val|]]", SPEL, "value",
     "LocalDate", "value", 28, 31},
    {"a projection of a projection", "#items.![{n: name}].![#this.|]", SPEL, "n", "String", "n", 28,
     28},
    {"fields of one record of a union", "#shape.|", SPEL, "side", "Long", "side", 7, 7},
    {"keys of one record of a union", "#shape['|']", SPEL, "r", "Double", "r", 8, 8},
    {"a method on an enum", "#month.get|", SPEL, "getValue", "Integer", "getValue()", 7, 10},
    {"helper constants", "#DATE.SUN|", SPEL, "SUNDAY", "DayOfWeek", "SUNDAY", 6, 9},
    {"keys of a literal map", "{'a b': 1, c: 2}['|']", SPEL, "a b", "Integer", "a b", 18, 18},
    {"fields of a literal map", "{'a b': 1, c: 2}.|", SPEL, "c", "Integer", "c", 17, 17},
    {"what a ternary may give", "(true ? {a: 1} : {b: 2}).|", SPEL, "b", "Integer", "b", 25, 25},
    {"after elvis what either side gives", "(#text ?: 'x').tri|", SPEL, "trim", "String", "trim()",
     15, 18},
    {"dictionaries are variables", "#coun|", SPEL, "#countries", "Dict(id=countries)", "countries",
     1, 5},
    {"keys of a dictionary", "#countries['|']", SPEL, "pl", "String", "pl", 12, 12},
    {"keys found by their label", "#countries['Pol|']", SPEL, "pl", "String", "pl", 12, 15},
    {"keys of a dictionary behind a dot", "#countries.d|", SPEL, "de", "String", "de", 11, 12},
    {"a key no dot can reach", "#countries.g|", SPEL, "gr-1", "String", "['gr-1']", 10, 12},
    {"an entry by its label", "Pol|", KEY, "Poland", "String",
     "{\"key\":\"pl\",\"label\":\"Poland\"}", 0, 3},
    {"an entry by its key", "{\"key\":\"p|\",\"label\":\"x\"}", KEY, "Poland", "String",
     "{\"key\":\"pl\",\"label\":\"Poland\"}", 0, 23},
    {"all entries of an empty text", "|", KEY, "The \"old\" islands", "String",
     "{\"key\":\"gr-1\",\"label\":\"The \\\"old\\\" islands\"}", 0, 0},
    {"all entries where nothing is written", "{|", KEY, "Poland", "String",
     "{\"key\":\"pl\",\"label\":\"Poland\"}", 0, 1},
    {"keys of a JSON record", "{|", JSON, "id", "String", "\"id\": ", 1, 1},
    {"in quotes", "{\"i|\"", JSON, "id", "String", "\"id\": ", 1, 4},
    {"the next key", "{\"id\": \"x,{\", |}", JSON, "ok", "Boolean", "\"ok\": ", 14, 14},
    {"no second colon", "{\"o|\": 1}", JSON, "ok", "Boolean", "\"ok\"", 1, 4},
    {"keys of a record inside", "{\"address\": {\"ci|", JSON, "city", "String", "\"city\": ", 13,
     16},
    {"keys of a record in a map", "{\"more\": {\"a\": {\"z|", JSON, "my-zip", "Integer",
     "\"my-zip\": ", 16, 18},
    {"values of a Boolean", "{\"ok\": t|}", JSON, "true", "", "true", 7, 8},
    {"values of a text", "{\"id\": |}", JSON, "\"\"", "", "\"\"", 7, 7},
    {"values of a record", "{\"address\":|", JSON, "{}", "", "{}", 11, 11},
    {"values of a list", "{\"tags\": [1, n|]}", JSON, "null", "", "null", 13, 14},
    {"keys of a table", "{|}", TABLE, "columns", "List[Record{name: String, type: String}]",
     "\"columns\": ", 1, 1},
    {"keys of a column", "{\"columns\": [{\"name\": \"a\", |}]}", TABLE, "type", "String",
     "\"type\": ", 27, 27},
    {"classes of cells", "{\"columns\": [{\"name\": \"a\", \"type\": \"Int|\"}]}", TABLE,
     "java.lang.Integer", "Integer", "\"java.lang.Integer\"", 35, 40},
    {"classes of cells where nothing is", "{\"columns\": [{\"type\": |}]}", TABLE,
     "java.time.LocalDate", "LocalDate", "\"java.time.LocalDate\"", 22, 22},
    {"behind text of two units a letter", "{\"id\": \"\xF0\x9F\x98\x80\", |", JSON, "ok", "Boolean",
     "\"ok\": ", 13, 13},
    {"a hole behind a hole with quotes and braces", "#{ {a: '}'}.a } #{#te|}", TEMPLATE, "#text",
     "String", "text", 19, 21},
    {"a hole that is not closed", "Dear #{#input.|", TEMPLATE, "id", "String", "id", 14, 14},
};

static void what_fits_is_suggested_with_its_span(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(offered); i++) {
        struct fixture fixture;
        setup(&fixture);
        ask(&fixture, offered[i].text, offered[i].language);
        const struct complete_suggestion *found = find(&fixture, offered[i].label);
        if (found == NULL) {
            fail_msg("%s: nothing", offered[i].says);
            return;
        }
        if (!slice_equal(found->insert, slice_of(offered[i].insert))) {
            fail_msg("%s: inserts %.*s", offered[i].says, (int)found->insert.len,
                     (const char *)found->insert.data);
        }
        if (offered[i].type != NULL && !slice_equal(found->type, slice_of(offered[i].type))) {
            fail_msg("%s: is a %.*s", offered[i].says, (int)found->type.len,
                     (const char *)found->type.data);
        }
        if (found->from != offered[i].from || found->to != offered[i].to) {
            fail_msg("%s: at %u..%u", offered[i].says, found->from, found->to);
        }
        arena_deinit(&fixture.arena);
    }
}

static const struct {
    const char *says;
    const char *text;
    enum expr_language language;
    const char *label; /* NULL: nothing at all is suggested */
} withheld[] = {
    {"nothing inside a text", "'#in|put'", SPEL, NULL},
    {"nothing inside a number", "12|3", SPEL, NULL},
    {"nothing on null", "null.|", SPEL, NULL},
    {"nothing outside the holes of a template", "Dear #in| #{#text}", TEMPLATE, NULL},
    {"nothing in a text of a JSON literal", "{\"id\": \"tr|\"}", JSON, NULL},
    {"no value where a comma is missing", "[1 |", JSON, NULL},
    {"no key where one has ended", "{\"id\" |", JSON, NULL},
    {"no key that is there already", "{\"id\": 1, |", JSON, "id"},
    {"no text where a Boolean is", "{\"ok\": |", JSON, "\"\""},
    {"no keys of another record", "{\"address\": {|", JSON, "id"},
    {"no classes for the name of a column", "{\"columns\": [{\"name\": \"Int|\"}]}", TABLE,
     "java.lang.Integer"},
    {"no entry of another name", "Fra|", KEY, NULL},
    {"no methods on a dictionary", "#countries.|", SPEL, "toString"},
    {"no variables inside of a template's text in a hole", "#{'#in|'}", TEMPLATE, NULL},
    {"no #this outside of projections", "#th|", SPEL, "#this"},
    {"no variables behind a dot", "#input.|", SPEL, "#text"},
    {"no methods of an instance on its class", "T(java.time.LocalDate).|", SPEL, "plusDays"},
    {"no conversion to the class it is", "#number.to|", SPEL, "toInteger"},
    {"no reflection", "#text.get|", SPEL, "getClass"},
    {"no class that is not allowed", "T(java.lang.|", SPEL, "java.lang.System"},
    {"no helper object as a class", "T(|", SPEL,
     "pl.touk.nussknacker.engine.util.functions.collection$"},
    {"no aggregates outside their parameter", "#A|", SPEL, "#AGG"},
    {"no key of a record on a list", "#items['|", SPEL, "name"},
};

static void what_does_not_fit_is_not_suggested(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(withheld); i++) {
        struct fixture fixture;
        setup(&fixture);
        ask(&fixture, withheld[i].text, withheld[i].language);
        const char *label = withheld[i].label;
        bool suggested = label != NULL ? find(&fixture, label) != NULL : fixture.answer.count > 0;
        if (suggested) fail_msg("%s", withheld[i].says);
        arena_deinit(&fixture.arena);
    }
}

static void prefixes_come_before_scattered_letters(void **state)
{
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    ask(&fixture, "#text.tr|", EXPR_SPEL);
    assert_true(fixture.answer.count > 2);
    assert_slice_equal(fixture.answer.suggestions[0].label, SLICE("trim"));
    ask(&fixture, "#input.|", EXPR_SPEL);
    assert_slice_equal(fixture.answer.suggestions[0].label, SLICE("count"));
    assert_int_equal(fixture.answer.suggestions[0].kind, COMPLETE_KIND_field);
    arena_deinit(&fixture.arena);
}

static void methods_show_signatures_and_a_sentence(void **state)
{
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    ask(&fixture, "#text.contai|", EXPR_SPEL);
    const struct complete_suggestion *found = find(&fixture, "contains");
    assert_non_null(found);
    assert_slice_equal(found->signature, SLICE("contains(CharSequence): Boolean"));
    assert_true(found->doc.len > 0);
    ask(&fixture, "#text.startsW|", EXPR_SPEL);
    found = find(&fixture, "startsWith");
    assert_non_null(found);
    assert_slice_equal(found->signature, SLICE("startsWith(String): Boolean or "
                                               "startsWith(String, Integer): Boolean"));
    arena_deinit(&fixture.arena);
}

static void aggregates_are_offered_in_their_parameter(void **state)
{
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    fixture.scope.aggregators = true;
    ask(&fixture, "#A|", EXPR_SPEL);
    assert_non_null(find(&fixture, "#AGG"));
    ask(&fixture, "#AGG.map({a: #AGG.su|})", EXPR_SPEL);
    assert_non_null(find(&fixture, "sum"));
    arena_deinit(&fixture.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_suggested_with_its_span),
        cmocka_unit_test(what_does_not_fit_is_not_suggested),
        cmocka_unit_test(prefixes_come_before_scattered_letters),
        cmocka_unit_test(methods_show_signatures_and_a_sentence),
        cmocka_unit_test(aggregates_are_offered_in_their_parameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
