/* test_scenario_problems.c - what is said about broken scenarios, and where; what is only warned of; limits. */
#include "installation.h"

static const struct {
    const char *what;
    const char *text;
    const char *node;
    const char *field;
    uint32_t line; /* SCENARIO's first node stands in line 3 */
    uint32_t start;
    uint32_t end;
    const char *message;
} broken[] = {
    {"an expression's place",
     SCENARIO(SOURCE ",\n" FILTER("f", "true and #nope", "null", "") ",\n" END("e")), "f",
     "$expression", 4, 9, 14, "Failed to parse expression: Unresolved reference 'nope'"},
    {"a topic that is not there", SCENARIO(SOURCE_WITH(P("Topic", "'gone'")) ",\n" END("e")), "in",
     "Topic", 3, 0, 0, "There is no topic 'gone'"},
    {"a schema that cannot be used", SCENARIO(SOURCE_WITH(P("Topic", "'damaged'")) ",\n" END("e")),
     "in", "Topic", 3, 0, 0, "The schema of topic 'damaged' cannot be used: unknown type: text"},
    {"no topic at all", SCENARIO(SOURCE_WITH("") ",\n" END("e")), "in", "Topic", 3, 0, 0,
     "This field is mandatory and can not be empty"},
    {"a topic known only later", SCENARIO(SOURCE_WITH(P("Topic", "#input")) ",\n" END("e")), "in",
     "Topic", 3, 0, 6, "Failed to parse expression: Unresolved reference 'input'"},
    {"a content type nobody knows",
     SCENARIO(SOURCE_WITH(P("Topic", "'a'") "," P("Content type", "'XML'")) ",\n" END("e")), "in",
     "Content type", 3, 0, 0, "Property Content type has invalid value: XML"},
    {"an unknown language",
     SCENARIO(SOURCE ",\n{\"type\":\"Variable\",\"id\":\"v\",\"varName\":\"x\",\"value\":"
                     "{\"language\":\"js\",\"expression\":\"1\"}},\n" END("e")),
     "v", "$expression", 4, 0, 0, "Unknown expression language: js"},
    {"a node without type", SCENARIO(SOURCE ",\n{\"id\":\"x\"},\n" END("e")), "x", "", 4, 0, 0,
     "The node has no `type`"},
    {"an unknown type", SCENARIO(SOURCE ",\n{\"id\":\"x\",\"type\":\"Loop\"},\n" END("e")), "x", "",
     4, 0, 0, "Unknown node type: Loop"},
    {"a node that is no object", SCENARIO(SOURCE ",\n7,\n" END("e")), "", "", 1, 0, 0,
     "a node must be an object"},
    {"parameters that are no array",
     SCENARIO("{\"type\":\"Source\",\"id\":\"in\",\"ref\":{\"typ\":\"kafka\",\"parameters\":{}}"
              "},\n" END("e")),
     "in", "", 3, 0, 0, "`parameters` must be an array"},
    {"an id that is no text",
     SCENARIO(SOURCE ",\n{\"type\":\"Sink\",\"id\":7,\"ref\":{\"typ\":\"dead-end\"}}"), "", "", 4,
     0, 0, "`id` must be a text"},
    {"nothing", "{\"metaData\":{\"id\":\"t\"},\"nodes\":[]}", "", "", 1, 0, 0, "Empty scenario"},
    {"no name", "{\"nodes\":[" SOURCE "," END("e") "]}", "", "$id", 1, 0, 0,
     "Scenario name is mandatory and cannot be empty"},
    {"a fragment", SCENARIO("{\"type\":\"FragmentInputDefinition\",\"id\":\"f\"}"), "f", "", 3, 0,
     0, "This file is a fragment: it cannot run by itself"},
    {"a join",
     SCENARIO(
         "{\"type\":\"Join\",\"id\":\"j\",\"nodeType\":\"union\",\"parameters\":[]},\n" END("e")),
     "j", "", 3, 0, 0, "Missing custom executor: union"},
    {"a model that is not there",
     SCENARIO(SOURCE ",\n" MODEL(P("Model", "'m'") "," P("Version", "'1'")) ",\n" END("e")), "ask",
     "Model", 4, 0, 0, "There is no model 'm' of version '1'"},
    {"an argument of another type",
     SCENARIO(SOURCE ",\n" MODEL(P("Model", "'slirec_shopify_model'") "," P("Version", "'1'") "," P(
         "userId", "'u'") "," P("items", "'i'") "," P("timestamps", "{}")) ",\n" END("e")),
     "ask", "items", 4, 0, 3,
     "Failed to parse expression: Bad expression type, expected: List[String], found: "
     "String(i)"},
    {"an argument that is not there",
     SCENARIO(SOURCE ",\n" MODEL(P("Model", "'slirec_shopify_model'") "," P("Version", "'1'") "," P(
         "userId", "'u'") "," P("items", "{}")) ",\n" END("e")),
     "ask", "timestamps", 4, 0, 0, "This field is mandatory and can not be empty"},
    {"a value that does not fit the schema",
     SCENARIO(SOURCE ",\n" KAFKA(P("Topic", "'people'") "," P("Schema version", "'latest'") "," P(
         "Raw editor", "true") "," P("Value", "{name: 'n'}"))),
     "out", "Value", 4, 0, 0,
     "Provided value does not match scenario output - errors:\nMissing fields: address."},
    {"a required column",
     SCENARIO(SOURCE ",\n" KAFKA(P("Topic", "'people'") "," P("Schema version", "'latest'") "," P(
         "name", "'n'") "," P("address.city", ""))),
     "out", "address.city", 4, 0, 0, "This field is mandatory and can not be empty"},
    {"a window of no length",
     SCENARIO(SOURCE ",\n" SLIDING(
         "s", "x",
         P("groupBy", "'k'") "," P("aggregator", "#AGG.list") "," P("aggregateBy", "1") "," P(
             "windowLength", "T(java.time.Duration).parse('PT0S')") "," P("emitWhenEventLeft",
                                                                          "false")) ",\n" END("e")),
     "s", "windowLength", 4, 0, 0, "The window length must be a positive duration"},
    {"a required parameter",
     SCENARIO(SOURCE ",\n" SLIDING(
         "s", "x", P("groupBy", "'k'") "," P("aggregator", "#AGG.list") "," WINDOW) ",\n" END("e")),
     "s", "", 4, 0, 0,
     "Node parameters not filled: ParameterName(aggregateBy), "
     "ParameterName(emitWhenEventLeft)"},
    {"a name the language takes", SCENARIO(SOURCE ",\n" VARIABLE("v", "UTIL", "1") ",\n" END("e")),
     "v", "varName", 4, 0, 0, "Variable name 'UTIL' is already defined."},
    {"what stands behind an end", SCENARIO(SOURCE ",\n" END("e") ",\n" END("f")), "e", "", 4, 0, 0,
     "Scenario must end with a sink, processor or fragment"},
};

/* Is the problem of this row of `broken` among those found? */
static bool told(size_t row)
{
    for (uint32_t at = 0; at < problems.count; at++) {
        const struct scenario_problem *problem = &problems.items[at];

        if (slice_equal(problem->node, slice_of(broken[row].node)) &&
            slice_equal(problem->field, slice_of(broken[row].field)) &&
            slice_starts_with(problem->message, slice_of(broken[row].message)) &&
            problem->line == broken[row].line && problem->start == broken[row].start &&
            problem->end == broken[row].end && problem->severity == PROBLEM_ERROR) {
            return true;
        }
    }
    return false;
}

static void test_problems(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        assert_null(compile_with(slice_of(broken[i].text), &environment));
        if (told(i)) continue;
        print_problems();
        fail_msg("%s: not told", broken[i].what);
    }
}

static void test_warnings_make_a_plan(void **state)
{
    static const struct {
        const char *what;
        const char *text;
        const char *message;
    } rows[] = {
        {"a parameter with a default",
         SCENARIO(SOURCE "," SLIDING("s", "x",
                                     P("groupBy", "'k'") "," P("aggregator", "#AGG.list") "," P(
                                         "aggregateBy", "1") "," WINDOW) "," END("e")),
         "Node parameters not filled: ParameterName(emitWhenEventLeft)"},
        {"a parameter nobody knows",
         SCENARIO(SOURCE
                  ",{\"type\":\"Sink\",\"id\":\"d\",\"ref\":{\"typ\":\"debug\",\"parameters\":[" P(
                      "Value", "1") "," P("Colour", "1") "]}}"),
         "Redundant parameters: ParameterName(Colour)"},
        {"a schema the file counts on",
         SCENARIO(SOURCE_WITH(P("Topic", "'a'") "," P("Schema version", "'latest'")) "," DEBUG(
             "d", "#input.anything")),
         "No schema of topic 'a' is known"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)compile(slice_of(rows[i].text));
        assert_int_equal(problems.count, 1);
        assert_int_equal(problems.items[0].severity, PROBLEM_WARNING);
        assert_true(slice_starts_with(problems.items[0].message, slice_of(rows[i].message)));
    }
}

static void test_limits(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, SCENARIO_BYTES_MAX);
    buffer_append_text(&text, "{\"metaData\":{\"id\":\"t\"},\"nodes\":[" SOURCE);
    for (uint32_t i = 0; i < PLAN_NODES_MAX; i++)
        buffer_append_text(&text, "," FILTER("f", "true", "null", ""));
    buffer_append_text(&text, "," END("e") "]}");
    assert_null(compile_with(buffer_slice(&text), &environment));
    assert_slice_equal(problems.items[0].message, SLICE("A scenario has at most 1000 nodes"));

    buffer_clear(&text);
    buffer_append_text(&text, "{\"metaData\":{\"id\":\"t\"},\"nodes\":[" SOURCE);
    for (uint32_t i = 0; i < PLAN_SLOTS_MAX; i++) {
        buffer_append_text(&text, ",{\"type\":\"Variable\",\"id\":\"v");
        buffer_append_u64(&text, i);
        buffer_append_text(&text, "\",\"varName\":\"v");
        buffer_append_u64(&text, i);
        buffer_append_text(&text, "\",\"value\":" E("1") "}");
    }
    buffer_append_text(&text, "," END("e") "]}");
    assert_null(compile_with(buffer_slice(&text), &environment));
    assert_slice_equal(problems.items[0].message, SLICE("A scenario has at most 509 variables"));
    assert_slice_equal(problems.items[0].node, SLICE("v509"));
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_problems, setup, teardown),
        cmocka_unit_test_setup_teardown(test_warnings_make_a_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
