/* installation.h - scenarios compiled for an installation of topics, a model and a setting; and the ones of a few
 * nodes, written by macros.
 */
#pragma once
#include "plan_text.h"
#include "test.h"

static struct arena arena;
static struct scenario_problems problems;

static inline int setup(void **state)
{
    (void)state;
    arena_init(&arena, 512 << 20);
    problems = (struct scenario_problems){0};
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

/* context: TEST_DATA; topics of the transactions have a schema. */
static inline bool test_topic(void *context, struct slice name, struct slice *schema_text)
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

static inline bool test_model(void *context, const struct scenario_model *wanted,
                              struct arena *plan, const struct type **inputs,
                              const struct type **outputs)
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

static inline struct slice test_setting(void *context, struct slice node, const char *setting)
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

static inline void print_problems(void)
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

static inline struct slice plan_lines(const struct plan *plan)
{
    struct buffer text;
    struct slice kept;

    buffer_init(&text, 1 << 20);
    plan_to_text(plan, &text);
    assert_ok(arena_copy(&arena, buffer_slice(&text), &kept));
    buffer_deinit(&text);
    return kept;
}

/* --- small scenarios: a source, the nodes of the row, nothing else -------------------------------------- */

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
