/* fuzz_scenario.c - any bytes as a scenario file: read, written, read again, compiled. What is
 * accepted is written the same twice; a plan or at least one error, never both. */
#include "scenario/scenario.h"

#define SCHEMA                                                                       \
    "{\"type\":\"object\",\"properties\":{\"amount\":{\"type\":\"integer\"},\"a\":{" \
    "\"$ref\":\"#\"}},\"required\":[\"amount\"],\"additionalProperties\":false}"

static bool fuzz_topic(void *context, struct slice name, struct slice *schema_text)
{
    (void)context;
    *schema_text = (struct slice){0};
    if (slice_starts_with(name, SLICE("T"))) *schema_text = SLICE(SCHEMA);
    return !slice_equal(name, SLICE("gone"));
}

static bool fuzz_model(void *context, const struct scenario_model *wanted, struct arena *arena,
                       const struct type **inputs, const struct type **outputs)
{
    (void)context;
    *inputs = NULL;
    *outputs = NULL;
    if (slice_equal(wanted->version, SLICE("2"))) return false;
    if (!slice_equal(wanted->version, SLICE("1"))) return true;
    return type_from_text(SLICE("Record{userId: String, items: List[String]}"), arena, inputs) ==
               STATUS_OK &&
           type_from_text(SLICE("Record{itemIds: List[String]}"), arena, outputs) == STATUS_OK;
}

static const struct scenario_environment environment = {
    .topic = fuzz_topic,
    .model = fuzz_model,
};

static void check_plan(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->node_count; i++) {
        const struct plan_node *node = &plan->nodes[i];

        ASSERT(node->output_slot == PLAN_END || node->output_slot < plan->slot_count);
        for (uint32_t next = 0; next < node->next_count; next++) {
            ASSERT(node->next[next] == PLAN_END ||
                   (node->next[next] > i && node->next[next] < plan->node_count));
        }
        for (uint32_t live = 0; live < node->live_count; live++) {
            ASSERT(node->live[live] < plan->slot_count &&
                   (live == 0 || node->live[live - 1] < node->live[live]));
        }
    }
}

static void check_written(const struct scenario *scenario, struct arena *arena,
                          struct scenario_problems *problems)
{
    struct buffer once;
    struct buffer twice;
    struct scenario *again;

    buffer_init(&once, 64 << 20);
    buffer_init(&twice, 64 << 20);
    scenario_write(scenario, &once);
    ASSERT(!once.failed);
    if (once.len <= SCENARIO_BYTES_MAX) {
        enum status status = scenario_read(buffer_slice(&once), arena, problems, &again);

        ASSERT(status == STATUS_OK);
        scenario_write(again, &twice);
        ASSERT(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
    }
    buffer_deinit(&once);
    buffer_deinit(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scenario_problems problems;
    struct arena arena;
    struct scenario *scenario;
    const struct plan *plan = NULL;

    problems.count = 0;
    problems.error_count = 0;
    arena_init(&arena, 256 << 20);
    if (scenario_read((struct slice){data, size}, &arena, &problems, &scenario) == STATUS_OK) {
        ASSERT(problems.error_count == 0);
        check_written(scenario, &arena, &problems);
        enum status status = scenario_compile(scenario, &environment, &arena, &problems, &plan);
        ASSERT((status == STATUS_OK) == (plan != NULL));
        ASSERT((plan != NULL) == (problems.error_count == 0));
        if (plan != NULL) check_plan(plan);
    } else {
        ASSERT(problems.error_count > 0);
    }
    arena_deinit(&arena);
    return 0;
}
