/* test_scenario_golden.c - 150 scenarios and what Nussknacker 1.18.1 says about each.
 *
 * A row counts when all its components are ours or stand-ins below. Then: the same errors (node,
 * field, message), no others, and for valid ones the same types of variables. What the original
 * says twice in the words of its own classes is left out (see `echo`). */
#include "plan_text.h"
#include "scenario/components.h"
#include "test.h"

/* --- the components the rows use, beside ours ------------------------------------------------------ */

#define EVENT                                                                           \
    "Record{id: String, n: Integer, price: Double, flag: Boolean, any: Unknown, tags: " \
    "List[String]}"

static const struct component_parameter none[] = {{0}};
static const struct component_parameter topic_source[] = {
    {"Topic", CLASS_String, PARAMETER_EAGER | PARAMETER_NOT_BLANK, NULL, NULL, ""}, {0}};
static const struct component_parameter out[] = {
    {"Value", CLASS_Object, 0, NULL, NULL, ""},
    {"Key", CLASS_Object, PARAMETER_OPTIONAL, NULL, NULL, ""},
    {0},
};
static const struct component_parameter strict_out[] = {
    {"Topic", CLASS_String, PARAMETER_EAGER | PARAMETER_NOT_BLANK, NULL, NULL, ""},
    {"Value", CLASS_String, 0, NULL, NULL, ""},
    {"Count", CLASS_Long, 0, NULL, NULL, ""},
    {0},
};
static const struct component_parameter customer[] = {
    {"customerId", CLASS_String, 0, NULL, NULL, ""},
    {"limit", CLASS_Integer, PARAMETER_OPTIONAL, NULL, NULL, ""},
    {0},
};
static const struct component_parameter notify[] = {
    {"message", CLASS_String, PARAMETER_NOT_BLANK, NULL, NULL, ""}, {0}};

static struct component stand_ins[] = {
    {"events", COMPONENT_SOURCE, PLAN_SOURCE, "", false, none, NULL, ""},
    {"events-unknown", COMPONENT_SOURCE, PLAN_SOURCE, "", false, none, &type_unknown, ""},
    {"topic-source", COMPONENT_SOURCE, PLAN_SOURCE, "", false, topic_source, NULL, ""},
    {"out", COMPONENT_SINK, PLAN_DEBUG, "", false, out, NULL, ""},
    {"strict-out", COMPONENT_SINK, PLAN_DEBUG, "", false, strict_out, NULL, ""},
    {"customerService", COMPONENT_SERVICE, PLAN_CALL, "", false, customer, NULL, ""},
    {"notify", COMPONENT_SERVICE, PLAN_CALL, "", false, notify, NULL, ""},
};

/* --- rows that do not count ------------------------------------------------------------------------ */

/* Components that later work brings. */
static const char *const absent[] = {
    "\"aggregate-tumbling\"",
    "\"aggregate-session\"",
    "\"previousValue\"",
    "\"delay\"",
    "\"for-each\"",
    "\"decision-table\"",
    "\"union\"",
    "\"union-memo\"",
    "\"single-side-join\"",
    "\"FragmentInput\"",
    "\"FragmentInputDefinition\"",
};

static const struct {
    const char *id;
    const char *why;
} deviations[] = {
    {"scn-61794dbcdc", "limits of numbers are no part of our rows yet"},
    {"scn-2de715ccc6", "keyBy is read as groupBy: files of before 1.12 run"},
    {"scn-3f40df4df0", "#AGG.median exists since 1.19, which is the target"},
};

static bool contains(struct slice text, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, word, len) == 0) return true;
    }
    return false;
}

/* Said a second time, in the original's own terms. */
static bool echo(struct slice message)
{
    return contains(message, ": Missing parameter: ParameterName(") ||
           contains(message, ": Cannot invoke \"");
}

/* --- rows ------------------------------------------------------------------------------------------- */

static struct arena arena;

struct row {
    struct document document;
    struct slice id;
    struct slice title;
    struct slice scenario;
    uint32_t result;
};

static uint32_t need(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, slice_of(name));

    if (at == 0) fail_msg("a row has no %s", name);
    return at;
}

static struct slice text_of(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, slice_of(name));
    struct slice text = {0};

    if (at != 0 && document->nodes[at].kind != DOCUMENT_NULL)
        assert_ok(document_string(document, at, &arena, &text));
    return text;
}

static void read_row(struct slice line, struct row *row)
{
    struct json_error error;

    assert_ok(json_parse(line, &json_limits_default, &arena, &row->document, &error));
    row->id = text_of(&row->document, 0, "id");
    row->title = text_of(&row->document, 0, "title");
    row->scenario = document_text(&row->document, need(&row->document, 0, "scenario"));
    row->result = need(&row->document, 0, "result");
}

static bool counts(const struct row *row)
{
    for (size_t i = 0; i < COUNT_OF(deviations); i++) {
        if (slice_equal(row->id, slice_of(deviations[i].id))) return false;
    }
    for (size_t i = 0; i < COUNT_OF(absent); i++) {
        if (contains(row->scenario, absent[i])) return false;
    }
    return true;
}

/* A message of ours may go on where the original puts the rest into a description. */
static bool same_problem(const struct scenario_problem *problem, struct slice node,
                         struct slice field, struct slice message)
{
    return slice_equal(problem->node, node) && slice_equal(problem->field, field) &&
           slice_starts_with(problem->message, message);
}

struct tally {
    uint32_t rows;
    uint32_t errors;
    uint32_t types;
    uint32_t wrong;
};

static void complain(const struct row *row, const char *what, struct slice detail)
{
    print_error("%.*s %.*s: %s: %.*s\n", (int)row->id.len, (const char *)row->id.data,
                (int)row->title.len, (const char *)row->title.data, what, (int)detail.len,
                (const char *)detail.data);
}

/* Each of the original's errors is among ours; marks ours as expected. */
static void compare_errors(const struct row *row, const struct scenario_problems *problems,
                           struct tally *tally)
{
    const struct document *document = &row->document;
    uint32_t errors = document_member(document, row->result, SLICE("errors"));
    bool expected[SCENARIO_PROBLEMS_MAX] = {false};

    for (uint32_t at = errors + 1; errors != 0 && at < document->nodes[errors].next;
         at = document->nodes[at].next) {
        uint32_t nodes = need(document, at, "nodeIds");
        struct slice node = {0};
        bool found = false;

        if (echo(text_of(document, at, "message"))) continue;
        if (document->nodes[nodes].count > 0)
            assert_ok(document_string(document, nodes + 1, &arena, &node));
        for (uint32_t i = 0; i < problems->count && !found; i++) {
            found = !expected[i] &&
                    same_problem(&problems->items[i], node, text_of(document, at, "fieldName"),
                                 text_of(document, at, "message"));
            if (found) expected[i] = true;
        }
        tally->errors++;
        if (found) continue;
        tally->wrong++;
        complain(row, "not found", text_of(document, at, "message"));
    }
    for (uint32_t i = 0; i < problems->count; i++) {
        if (expected[i] || problems->items[i].severity != PROBLEM_ERROR) continue;
        tally->wrong++;
        complain(row, "too much", problems->items[i].message);
    }
}

static const struct plan_variable *find_slot(const struct plan *plan, struct slice name)
{
    for (uint32_t i = 0; i < plan->slot_count; i++) {
        if (slice_equal(plan->slots[i].name, name)) return &plan->slots[i];
    }
    return NULL;
}

/* Types of the variables that the original sees at each node; a name has one slot in these rows. */
static void compare_types(const struct row *row, const struct plan *plan, struct tally *tally)
{
    const struct document *document = &row->document;
    uint32_t nodes = need(document, row->result, "variablesInNodes");
    uint32_t end = document_member(document, nodes, SLICE("end"));
    struct buffer shown;

    if (end == 0) return;
    buffer_init(&shown, 4096);
    for (uint32_t key = end + 1; key < document->nodes[end].next;
         key = document->nodes[document->nodes[key].next].next) {
        struct slice name;
        struct slice type;

        assert_ok(document_string(document, key, &arena, &name));
        assert_ok(document_string(document, document->nodes[key].next, &arena, &type));
        const struct plan_variable *slot = find_slot(plan, name);
        buffer_clear(&shown);
        if (slot != NULL && slot->type != NULL) type_to_text(slot->type, true, &shown);
        tally->types++;
        if (slice_equal(buffer_slice(&shown), type)) continue;
        tally->wrong++;
        complain(row, "type", type);
        complain(row, "  but", buffer_slice(&shown));
    }
    buffer_deinit(&shown);
}

static void check_row(const struct row *row, struct tally *tally)
{
    static struct scenario_problems problems;
    const struct scenario_environment environment = {.components = stand_ins,
                                                     .component_count = COUNT_OF(stand_ins)};
    struct scenario *scenario;
    const struct plan *plan = NULL;

    problems = (struct scenario_problems){0};
    assert_ok(scenario_read(row->scenario, &arena, &problems, &scenario));
    enum status status = scenario_compile(scenario, &environment, &arena, &problems, &plan);
    assert_int_equal(status == STATUS_OK, problems.error_count == 0);
    tally->rows++;
    compare_errors(row, &problems, tally);
    uint32_t valid = need(&row->document, row->result, "valid");
    if (plan != NULL && row->document.nodes[valid].kind == DOCUMENT_TRUE)
        compare_types(row, plan, tally);
}

static struct slice next_line(struct slice *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->len);
    struct slice line = {text->data, end == NULL ? text->len : (size_t)(end - text->data)};
    size_t passed = line.len + (end == NULL ? 0 : 1);

    text->data += passed;
    text->len -= passed;
    return line;
}

static void test_golden_scenarios(void **state)
{
    struct tally tally = {0};
    uint32_t all = 0;

    (void)state;
    arena_init(&arena, 1U << 30);
    assert_ok(type_from_text(SLICE(EVENT), &arena, &stand_ins[0].output));
    stand_ins[2].output = stand_ins[0].output;
    assert_ok(type_from_text(SLICE("List[String]"), &arena, &stand_ins[5].output));
    struct slice text = data_file("scenario_validation.jsonl", &arena);
    while (text.len > 0) {
        struct row row;

        read_row(next_line(&text), &row);
        all++;
        if (counts(&row)) check_row(&row, &tally);
    }
    print_message("%u of %u rows count: %u errors, %u types; %u differ\n", tally.rows, all,
                  tally.errors, tally.types, tally.wrong);
    assert_int_equal(all, 150);
    assert_true(tally.rows >= 90);
    assert_int_equal(tally.wrong, 0);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden_scenarios)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
