/* test_scenario_compile.c - plans of real files, the same plan from every form of a file, plans of small ones. */
#include "installation.h"
#include "mutation.h"

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

/* --- small scenarios ----------------------------------------------------------------------------------- */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shopify_scenario, setup, teardown),
        cmocka_unit_test_setup_teardown(test_transactions_scenario, setup, teardown),
        cmocka_unit_test_setup_teardown(test_real_files_without_an_installation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_three_generations_make_one_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mutated_files_make_the_same_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shapes, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
