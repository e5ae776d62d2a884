/* test_complete.c - what an editor is told at a caret: suggestions with their spans, and the hover.
 *
 * The caret is the '|' in a text. Beside the table: whatever is suggested is accepted when it is
 * put in, and any text with any caret gets an answer with sound spans.
 */
#include "test.h"

#include "base/buffer.h"
#include "expr/complete/complete.h"
#include "expr/sample.h"
#include "value/utf8.h"

static const char variables[] =
    "[{\"name\":\"input\",\"type\":\"Record{id: String, count: Integer, my-key: Long, seen: "
    "LocalDate}\",\"value\":null},"
    "{\"name\":\"items\",\"type\":\"List[Record{name: String, price: "
    "BigDecimal}]\",\"value\":null},"
    "{\"name\":\"text\",\"type\":\"String\",\"value\":null},"
    "{\"name\":\"number\",\"type\":\"Integer\",\"value\":null},"
    "{\"name\":\"prices\",\"type\":\"Map[String,Double]\",\"value\":null},"
    "{\"name\":\"either\",\"type\":\"String | Integer\",\"value\":null},"
    "{\"name\":\"deep\",\"type\":\"Record{a: Record{b: List[Record{c: Map[String,LocalDate]}]}}\","
    "\"value\":null},"
    "{\"name\":\"shape\",\"type\":\"Record{x: Integer, r: Double} | Record{x: String, side: "
    "Long}\","
    "\"value\":null},"
    "{\"name\":\"month\",\"type\":\"Month\",\"value\":null},"
    "{\"name\":\"any\",\"type\":\"Unknown\",\"value\":null}]";

#define ADDRESS "Record{city: String, my-zip: Integer}"
#define COUNTRIES                                                       \
    "{\"pl\":\"Poland\",\"de\":\"Germany\",\"gr-1\":\"The \\\"old\\\" " \
    "islands\",\"at\":\"Germany\"}"

/* What JSON literals of the tests must be. */
static const char literal[] = "Record{id: String, tags: List[Integer], ok: Boolean, "
                              "address: " ADDRESS ", more: Map[String," ADDRESS "]}";

struct fixture {
    struct arena arena;
    struct dictionary dictionary;
    struct dictionaries dictionaries;
    const struct type *literal;
    struct sample sample;
    struct expr_scope scope;
    struct complete_answer answer;
    struct slice text; /* without the '|' */
};

static void setup(struct fixture *fixture)
{
    struct slice why;

    *fixture = (struct fixture){0};
    arena_init(&fixture->arena, (size_t)256 * 1024 * 1024);
    assert_ok(sample_read(SLICE(variables), NULL, &fixture->arena, &fixture->sample, &why));
    fixture->scope.variables = fixture->sample.variables;
    fixture->scope.count = fixture->sample.count;
    struct dictionary_fault fault;
    assert_ok(dictionary_read(SLICE("countries"), CLASS_String, SLICE(COUNTRIES), &fixture->arena,
                              &fixture->dictionary, &fault));
    fixture->dictionaries = (struct dictionaries){&fixture->dictionary, 1};
    fixture->scope.dictionaries = &fixture->dictionaries;
    assert_ok(type_from_text(slice_of(literal), &fixture->arena, &fixture->literal));
}

static void ask_at(struct fixture *fixture, struct slice text, enum expr_language language,
                   uint32_t caret)
{
    struct complete_request request = {.text = text,
                                       .language = language,
                                       .scope = &fixture->scope,
                                       .expected = fixture->literal,
                                       .dictionary = SLICE("countries"),
                                       .caret = caret};

    fixture->text = text;
    assert_ok(complete_run(&request, &fixture->arena, &fixture->answer));
}

static void ask(struct fixture *fixture, const char *marked, enum expr_language language)
{
    const char *bar = strchr(marked, '|');
    size_t len = strlen(marked) - 1;
    uint8_t *text = arena_alloc(&fixture->arena, len, 1);

    assert_non_null(bar);
    assert_non_null(text);
    size_t before = (size_t)(bar - marked);
    memcpy(text, marked, before);
    memcpy(text + before, bar + 1, len - before);
    ask_at(fixture, (struct slice){text, len}, language,
           (uint32_t)utf8_units((struct slice){text, before}));
}

static const struct complete_suggestion *find(const struct fixture *fixture, const char *label)
{
    for (uint32_t i = 0; i < fixture->answer.count; i++) {
        const struct complete_suggestion *suggestion = &fixture->answer.suggestions[i];
        if (slice_equal(suggestion->label, slice_of(label))) return suggestion;
    }
    return NULL;
}

/* --- suggestions ------------------------------------------------------------------------------------- */

#define SPEL     EXPR_SPEL
#define TEMPLATE EXPR_TEMPLATE
#define JSON     EXPR_JSON
#define KEY      EXPR_DICT_KEY
#define TABLE    EXPR_TABULAR

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
        cmocka_unit_test(what_fits_is_suggested_with_its_span),
        cmocka_unit_test(what_does_not_fit_is_not_suggested),
        cmocka_unit_test(prefixes_come_before_scattered_letters),
        cmocka_unit_test(methods_show_signatures_and_a_sentence),
        cmocka_unit_test(aggregates_are_offered_in_their_parameter),
        cmocka_unit_test(the_expression_at_the_caret_is_described),
        cmocka_unit_test(what_is_suggested_is_accepted),
        cmocka_unit_test(any_caret_in_any_text_gets_sound_spans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
