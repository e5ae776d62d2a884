/* test_scenario_compile.c - plans of real files, the same plan from every form of a file, and what
 * is said about broken ones. */
#include "mutation.h"
#include "plan_text.h"
#include "test.h"

static struct arena arena;
static struct scenario_problems problems;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 512 << 20);
    problems = (struct scenario_problems){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

/* --- the installation of these tests --------------------------------------------------------------- */

/* context: TEST_DATA; topics of the transactions have a schema. */
static bool test_topic(void *context, struct slice name, struct slice *schema_text)
{
    (void)context;
    *schema_text = (struct slice){0};
    if (slice_equal(name, SLICE("Transactions")))
        *schema_text = data_file("Transactions.schema.json", &arena);
    if (slice_equal(name, SLICE("ProcessedTransactions")))
        *schema_text = data_file("ProcessedTransactions.schema.json", &arena);
    if (slice_equal(name, SLICE("people"))) {
        *schema_text = SLICE("{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"
                             "\"address\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":"
                             "\"string\"},\"zip\":{\"type\":\"string\"}},\"required\":[\"city\"]}},"
                             "\"required\":[\"name\",\"address\"]}");
    }
    if (slice_equal(name, SLICE("damaged"))) *schema_text = SLICE("{\"type\":\"text\"}");
    return !slice_equal(name, SLICE("gone"));
}

static bool test_model(void *context, const struct scenario_model *wanted, struct arena *plan,
                       const struct type **inputs, const struct type **outputs)
{
    (void)context;
    if (!slice_equal(wanted->name, SLICE("slirec_shopify_model")) ||
        !slice_equal(wanted->version, SLICE("1")))
        return false;
    assert_ok(type_from_text(
        SLICE("Record{userId: String, items: List[String], timestamps: List[String]}"), plan,
        inputs));
    assert_ok(
        type_from_text(SLICE("Record{itemIds: List[String], preds: List[Double]}"), plan, outputs));
    return true;
}

static struct slice test_setting(void *context, struct slice node, const char *setting)
{
    (void)context;
    if (!slice_equal(node, SLICE("Infer Recommendations"))) return (struct slice){0};
    if (strcmp(setting, "visitor") == 0) return SLICE("#anonymousUserId");
    return (struct slice){0};
}

static const struct scenario_environment environment = {
    .topic = test_topic,
    .model = test_model,
    .node_setting = test_setting,
};

static const struct plan *compile_with(struct slice text, const struct scenario_environment *offer)
{
    struct scenario *scenario;
    const struct plan *plan = NULL;

    problems = (struct scenario_problems){0};
    assert_ok(scenario_read(text, &arena, &problems, &scenario));
    enum status status = scenario_compile(scenario, offer, &arena, &problems, &plan);
    assert_int_equal(status == STATUS_OK, plan != NULL);
    assert_int_equal(status == STATUS_OK, problems.error_count == 0);
    return plan;
}

static void print_problems(void)
{
    for (uint32_t at = 0; at < problems.count; at++) {
        const struct scenario_problem *problem = &problems.items[at];

        print_error("  %.*s / %.*s: %.*s at line %u, %u..%u\n", (int)problem->node.len,
                    (const char *)problem->node.data, (int)problem->field.len,
                    (const char *)problem->field.data, (int)problem->message.len,
                    (const char *)problem->message.data, problem->line, problem->start,
                    problem->end);
    }
}

static const struct plan *compile(struct slice text)
{
    const struct plan *plan = compile_with(text, &environment);

    if (plan == NULL) print_problems();
    assert_non_null(plan);
    return plan;
}

static struct slice plan_lines(const struct plan *plan)
{
    struct buffer text;
    struct slice kept;

    buffer_init(&text, 1 << 20);
    plan_to_text(plan, &text);
    assert_ok(arena_copy(&arena, buffer_slice(&text), &kept));
    buffer_deinit(&text);
    return kept;
}

/* --- plans of real files --------------------------------------------------------------------------- */

static const char shopify_plan[] =
    "0 source \"Shopify Snowplow Events\" http.shopify-events json -> 1\n"
    "1 variable \"Extract Message Schema\" messageSchema:String[3] -> 2\n"
    "    messageSchema: String reads 1\n"
    "2 filter \"Validate Message Schema\" -> 3 end\n"
    "    $expression: Boolean reads 3\n"
    "3 variable \"Extract Viewed Product Event\" viewedProductEvent:Unknown[4] -> 4\n"
    "    viewedProductEvent: Unknown reads 1\n"
    "4 filter \"Validate Viewed Product Event\" -> 5 end\n"
    "    $expression: Boolean reads 4\n"
    "5 variable \"Extract App ID\" snowplowTrackerAppId:String[5] -> 6\n"
    "    snowplowTrackerAppId: String reads 4\n"
    "6 filter \"Validate App ID\" -> 7 end\n"
    "    $expression: Boolean reads 5\n"
    "7 variable \"Extract Anonymous User ID\" anonymousUserId:String[6] -> 8\n"
    "    anonymousUserId: String reads 4\n"
    "8 record \"Extract Product Details\" product:Record{slug: String, viewTimestamp: Long}[7] -> "
    "9\n"
    "    slug: String reads 4\n"
    "    viewTimestamp: Long reads 4\n"
    "9 filter \"Validate Product Details\" -> 10 end\n"
    "    $expression: Boolean reads 6 7\n"
    "10 sliding \"Aggregate Products for a Given User\" aggregatedProducts:Record{slugs: "
    "List[String], "
    "viewTimestamps: List[Long]}[8] key:String[9] live 6 7 -> 11\n"
    "    groupBy: String reads 6\n"
    "    aggregateBy: Record{slugs: String, viewTimestamps: Long} reads 7\n"
    "    length 300000\n"
    "11 call \"Infer Recommendations\" pure azuredatabricks-mlflow "
    "recommendationsModelOutput:Record{itemIds: List[String], preds: List[Double]}[10] live 6 7 8 "
    "-> 12\n"
    "    userId: String reads 6\n"
    "    items: List[String] reads 8\n"
    "    timestamps: List[String] reads 8\n"
    "12 variable \"Limit Recommendations\" recommendationIds:List[String][11] -> 13\n"
    "    recommendationIds: List[String] reads 10\n"
    "13 call \"Send Recommendations to Shopify\" outside http sendRecommendationsResult:"
    "Record{request: Record{body: Unknown, headers: Map[String,String], method: String, url: "
    "String}, "
    "response: Record{body: Unknown, headers: Map[String,String], statusCode: Integer, statusText: "
    "String}}[12] live 6 7 8 10 -> 14\n"
    "    URL: String\n"
    "    Path Segments: -\n"
    "    Query Parameters: -\n"
    "    HTTP Method: String\n"
    "    Headers: List[Record{name: String, value: String}]\n"
    "    Body Type: String\n"
    "    Body: Record{query: String, variables: Record{handle: Record{handle: String, type: "
    "String}, "
    "metaobject: Record{fields: List[Record{key: String, value: String}]}}} reads 6 11\n"
    "    Error Strategy: String\n"
    "14 sink \"Log Recommendations\" http.shopify-found-recommendations json strict\n"
    "    Key: -\n"
    "    Value: Record{aggregatedProducts: Record{slugs: List[String], viewTimestamps: "
    "List[Long]}, "
    "product: Record{slug: String, viewTimestamp: Long}, recommendationsOutput: Record{itemIds: "
    "List[String], preds: List[Double]}, sendResult: Record{request: Record{body: Unknown, "
    "headers: "
    "Map[String,String], method: String, url: String}, response: Record{body: Unknown, headers: "
    "Map[String,String], statusCode: Integer, statusText: String}}, userId: String} reads 6 7 8 10 "
    "12\n";

static void test_shopify_scenario(void **state)
{
    const struct plan *plan =
        compile(data_file("shopify-realtime-recommendations-scenario.json", &arena));

    (void)state;
    assert_slice_equal(plan_lines(plan), SLICE(shopify_plan));
    assert_int_equal(problems.count, 0);
    assert_slice_equal(plan->scenario_id, SLICE("shopify-realtime-recommendations"));
    assert_int_equal(plan->source_count, 1);
    assert_non_null(plan->nodes[11].call.visitor);
    assert_null(plan->nodes[11].call.event_id);
    assert_slice_equal(plan->nodes[11].call.model, SLICE("slirec_shopify_model"));
    assert_int_equal(plan->nodes[10].sliding.aggregator.kind, AGGREGATOR_map);
    assert_false(plan->nodes[10].sliding.emit_when_left);
}

static const char transactions_plan[] =
    "0 source \"transactions\" Transactions schema -> 1\n"
    "1 filter \"only large ones\" -> 2 end\n"
    "    $expression: Boolean reads 1\n"
    "2 sink \"send for audit\" ProcessedTransactions schema strict\n"
    "    Key: -\n"
    "    Value: Record{amount: Long, clientId: String, eventDate: Long, isLast: Boolean} reads 1\n";

static void test_transactions_scenario(void **state)
{
    const struct plan *plan = compile(data_file("DetectLargeTransactions.json", &arena));

    (void)state;
    assert_slice_equal(plan_lines(plan), SLICE(transactions_plan));
    assert_int_equal(problems.count, 0);
}

/* Without a configuration both files still have no errors: topics are schemaless, models unknown. */
static void test_real_files_without_an_installation(void **state)
{
    (void)state;
    assert_non_null(
        compile_with(data_file("shopify-realtime-recommendations-scenario.json", &arena), NULL));
    assert_int_equal(problems.count, 0);
    assert_non_null(compile_with(data_file("DetectLargeTransactions.json", &arena), NULL));
    assert_int_equal(problems.count, 2);
    for (uint32_t i = 0; i < problems.count; i++)
        assert_int_equal(problems.items[i].severity, PROBLEM_WARNING);
}

/* --- one plan from every form ----------------------------------------------------------------------- */

static void assert_same(struct slice left, struct slice right)
{
    assert_slice_equal(left, right);
}

static void test_three_generations_make_one_plan(void **state)
{
    const struct plan *first = compile(data_file("generation1.json", &arena));
    const struct plan *second = compile(data_file("generation2.json", &arena));
    const struct plan *third = compile(data_file("generation3.json", &arena));

    (void)state;
    assert_int_equal(problems.count, 0);
    assert_slice_equal(plan_lines(first), plan_lines(second));
    assert_slice_equal(plan_lines(second), plan_lines(third));
    for (uint32_t i = 0; i < second->node_count; i++) {
        assert_same(first->nodes[i].uuid, third->nodes[i].uuid);
        assert_same(second->nodes[i].uuid, third->nodes[i].uuid);
        assert_same(third->nodes[i].uuid, third->nodes[i].id);
    }
    assert_true(value_equals(first->meta, second->meta));
    assert_true(value_equals(second->meta, third->meta));
}

/* Members nobody knows, spacing, order, null or absent optional members: the same plan. */
static void test_mutated_files_make_the_same_plan(void **state)
{
    static const char *const files[] = {"shopify-realtime-recommendations-scenario.json",
                                        "DetectLargeTransactions.json", "generation2.json",
                                        "generation3.json"};
    struct buffer variant;

    (void)state;
    buffer_init(&variant, SCENARIO_BYTES_MAX);
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct document document;
        struct json_error error;

        arena_reset(&arena);
        buffer_clear(&variant);
        struct slice file = data_file(files[seed % COUNT_OF(files)], &arena);
        struct slice expected = plan_lines(compile(file));
        assert_ok(json_parse(file, &json_limits_default, &arena, &document, &error));
        mutation_write(
            &(struct mutation){.document = &document, .out = &variant, .random = seed * 77});
        assert_same(plan_lines(compile(buffer_slice(&variant))), expected);
    }
    buffer_deinit(&variant);
}

/* --- small scenarios: a source, the nodes of the row, nothing else ------------------------------------ */

#define E(text)       "{\"language\":\"spel\",\"expression\":\"" text "\"}"
#define P(name, text) "{\"name\":\"" name "\",\"expression\":" E(text) "}"
#define SOURCE                                                                          \
    "{\"type\":\"Source\",\"id\":\"in\",\"ref\":{\"typ\":\"kafka\",\"parameters\":[" P( \
        "Topic", "'a'") "," P("Content type", "'JSON'") "]}}"
#define SOURCE_WITH(parameters)                                                                 \
    "{\"type\":\"Source\",\"id\":\"in\",\"ref\":{\"typ\":\"kafka\",\"parameters\":[" parameters \
    "]}}"
#define END(id) \
    "{\"type\":\"Sink\",\"id\":\"" id "\",\"ref\":{\"typ\":\"dead-end\",\"parameters\":[]}}"
#define OFF(id)                       \
    "{\"type\":\"Sink\",\"id\":\"" id \
    "\",\"isDisabled\":true,\"ref\":{\"typ\":\"dead-end\",\"parameters\":[]}}"
#define DEBUG(id, text)               \
    "{\"type\":\"Sink\",\"id\":\"" id \
    "\",\"ref\":{\"typ\":\"debug\",\"parameters\":[" P("Value", text) "]}}"
#define LOOK(id) \
    "{\"type\":\"Sink\",\"id\":\"" id "\",\"ref\":{\"typ\":\"debug\",\"parameters\":[]}}"
#define VARIABLE(id, name, text) \
    "{\"type\":\"Variable\",\"id\":\"" id "\",\"varName\":\"" name "\",\"value\":" E(text) "}"
#define FILTER(id, text, disabled, otherwise) \
    "{\"type\":\"Filter\",\"id\":\"" id       \
    "\",\"expression\":" E(text) ",\"isDisabled\":" disabled ",\"nextFalse\":[" otherwise "]}"
#define CASE(text, nodes) "{\"expression\":" E(text) ",\"nodes\":[" nodes "]}"
#define SWITCH(cases, otherwise) \
    "{\"type\":\"Switch\",\"id\":\"sw\",\"nexts\":[" cases "],\"defaultNext\":[" otherwise "]}"
#define SPLIT(branches) "{\"type\":\"Split\",\"id\":\"sp\",\"nexts\":[" branches "]}"
#define SLIDING(id, name, parameters)                                                              \
    "{\"type\":\"CustomNode\",\"id\":\"" id                                                        \
    "\",\"nodeType\":\"aggregate-sliding\",\"outputVar\":\"" name "\",\"parameters\":[" parameters \
    "]}"
#define WINDOW P("windowLength", "T(java.time.Duration).parse('PT5M')")
#define KAFKA(parameters)                                                                          \
    "{\"type\":\"Sink\",\"id\":\"out\",\"ref\":{\"typ\":\"kafka\",\"parameters\":[" parameters "]" \
    "}"                                                                                            \
    "}"
#define MODEL(parameters)                                                                  \
    "{\"type\":\"Enricher\",\"id\":\"ask\",\"output\":\"answer\",\"service\":{\"id\":\"x-" \
    "mlflow\",\"parameters\":[" parameters "]}}"
#define SCENARIO(nodes) "{\"metaData\":{\"id\":\"t\"},\n\"nodes\":[\n" nodes "]}"

static const struct {
    const char *what;
    const char *text;
    const char *plan;
} shapes[] = {
    {"a disabled filter goes with its false branch",
     SCENARIO(SOURCE "," FILTER("f", "true", "true", END("no")) "," END("yes")),
     "0 source \"in\" a json -> 1\n1 dead-end \"yes\"\n"},
    {"a filter with a false branch only",
     SCENARIO(SOURCE "," FILTER("f", "true", "null", END("no"))),
     "0 source \"in\" a json -> 1\n1 filter \"f\" -> end 2\n    $expression: Boolean\n"
     "2 dead-end \"no\"\n"},
    {"a disabled sink", SCENARIO(SOURCE "," OFF("x")), "0 source \"in\" a json -> end\n"},
    {"cases that lead nowhere are taken out",
     SCENARIO(SOURCE "," SWITCH(
         CASE("true", "") "," CASE("false", OFF("x")) "," CASE("#input == 1", END("a")), END("b"))),
     "0 source \"in\" a json -> 1\n1 choice \"sw\" -> 2 3\n    a: Boolean reads 1\n"
     "2 dead-end \"a\"\n3 dead-end \"b\"\n"},
    {"a choice without default", SCENARIO(SOURCE "," SWITCH(CASE("true", END("a")), "")),
     "0 source \"in\" a json -> 1\n1 choice \"sw\" -> 2 end\n    a: Boolean\n2 dead-end "
     "\"a\"\n"},
    {"branches of a split may name variables alike",
     SCENARIO(SOURCE "," SPLIT("[" VARIABLE("v", "x", "1") "," DEBUG("a", "#x") "],[" VARIABLE(
         "w", "x", "'t'") "," DEBUG("b", "#x") "],[" OFF("c") "]")),
     "0 source \"in\" a json -> 1\n1 split \"sp\" -> 2 4\n"
     "2 variable \"v\" x:Integer(1)[3] -> 3\n    x: Integer\n"
     "3 debug \"a\"\n    Value: Integer reads 3\n"
     "4 variable \"w\" x:String(t)[4] -> 5\n    x: String\n"
     "5 debug \"b\"\n    Value: String reads 4\n"},
    {"each aggregate has its own #key; only what is read behind it crosses",
     SCENARIO(SOURCE "," VARIABLE("v", "x", "#input.toString()") "," SLIDING(
         "s", "one",
         P("groupBy", "#x") "," P("aggregator", "#AGG.list") "," P("aggregateBy", "#input") "," P(
             "emitWhenEventLeft",
             "false") "," WINDOW) "," SLIDING("t", "two",
                                              P("groupBy", "#key") "," P(
                                                  "aggregator",
                                                  "#AGG."
                                                  "set") "," P("aggregateBy",
                                                               "#one") "," P("emitWhenEventLef"
                                                                             "t",
                                                                             "false") "," WINDOW) "," DEBUG("d",
                                                                                                            "{#key, #two, #meta.processName}")),
     "0 source \"in\" a json -> 1\n"
     "1 variable \"v\" x:String[3] -> 2\n    x: String reads 1\n"
     "2 sliding \"s\" one:List[Unknown][4] key:String[5] -> 3\n"
     "    groupBy: String reads 3\n    aggregateBy: Unknown reads 1\n    length 300000\n"
     "3 sliding \"t\" two:Set[List[Unknown]][6] key:String[7] -> 4\n"
     "    groupBy: String reads 5\n    aggregateBy: List[Unknown] reads 4\n    length 300000\n"
     "4 debug \"d\"\n    Value: List[Unknown] reads 0 6 7\n"},
    {"a debugging sink without a value shows what its own branch sees, and it crosses cuts",
     SCENARIO(SOURCE "," SPLIT("[" VARIABLE("v", "x", "1") "," END("a") "],[" SLIDING(
         "s", "y",
         P("groupBy", "'k'") "," P("aggregator", "#AGG.list") "," P("aggregateBy", "1") "," P(
             "emitWhenEventLeft",
             "false") "," WINDOW) "," SLIDING("t", "z",
                                              P("groupBy", "'k'") "," P("aggregator", "#AGG.list") "," P(
                                                  "aggregateBy",
                                                  "1") "," P("emitWhenEventLef"
                                                             "t",
                                                             "false") "," WINDOW) "," LOOK("d") "]")),
     "0 source \"in\" a json -> 1\n1 split \"sp\" -> 2 4\n"
     "2 variable \"v\" x:Integer(1)[3] -> 3\n    x: Integer\n3 dead-end \"a\"\n"
     "4 sliding \"s\" y:List[Integer][4] key:String[5] live 1 2 -> 5\n"
     "    groupBy: String\n    aggregateBy: Integer\n    length 300000\n"
     "5 sliding \"t\" z:List[Integer][6] key:String[7] live 1 2 4 -> 6\n"
     "    groupBy: String\n    aggregateBy: Integer\n    length 300000\n"
     "6 debug \"d\"\n    Value: Record{input: Unknown, inputMeta: Record{headers: "
     "Map[String,String], "
     "key: String, leaderEpoch: Integer, offset: Long, partition: Integer, timestamp: Long, "
     "timestampType: String, topic: String}, key: String, y: List[Integer], z: List[Integer]} "
     "reads "
     "1 2 4 6 7\n"},
    {"a sink's columns by dots; blank optional ones are not written",
     SCENARIO(SOURCE "," KAFKA(P("Topic", "'people'") "," P("Schema version", "'latest'") "," P(
         "address.zip", "") "," P("address.city", "'c'") "," P("name", "#input.toString()"))),
     "0 source \"in\" a json -> 1\n1 sink \"out\" people schema strict\n    Key: -\n"
     "    name: String reads 1\n    address.city: String\n"},
    {"a Value where columns could be, as older files have it",
     SCENARIO(SOURCE "," KAFKA(P("Topic", "'people'") "," P("Schema version", "'latest'") "," P(
         "Value", "{name: 'n', address: {city: 'c'}}"))),
     "0 source \"in\" a json -> 1\n1 sink \"out\" people schema strict\n    Key: -\n"
     "    Value: Record{address: Record{city: String}, name: String}\n"},
    {"plain text",
     SCENARIO(SOURCE_WITH(P("Topic", "'a'") "," P("Content type", "'PLAIN'")) "," DEBUG(
         "d", "#input.length")),
     "0 source \"in\" a plain -> 1\n1 debug \"d\"\n    Value: Integer reads 1\n"},
};

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct slice plan = plan_lines(compile(slice_of(shapes[i].text)));

        if (!slice_equal(plan, slice_of(shapes[i].plan)))
            fail_msg("%s:\n%.*s", shapes[i].what, (int)plan.len, (const char *)plan.data);
    }
}

/* --- what is said about broken ones ------------------------------------------------------------------ */

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
        cmocka_unit_test_setup_teardown(test_shopify_scenario, setup, teardown),
        cmocka_unit_test_setup_teardown(test_transactions_scenario, setup, teardown),
        cmocka_unit_test_setup_teardown(test_real_files_without_an_installation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_three_generations_make_one_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mutated_files_make_the_same_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shapes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_problems, setup, teardown),
        cmocka_unit_test_setup_teardown(test_warnings_make_a_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
