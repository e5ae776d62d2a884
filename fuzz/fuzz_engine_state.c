/* fuzz_engine_state.c - bytes from outside an instance: a stored cell (first byte even) or an event
 * handed over (odd). Whatever they are, the step ends with effects or with CORRUPT. */
#include <stdlib.h>

#include "base/hash.h"
#include "engine/engine.h"

static struct plan plan;
static struct plan_node nodes[3];
static struct plan_variable slots[5];
static const char *const slot_names[5] = {"meta", "input", "inputMeta", "out", "key"};
static struct slice given;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct expr *compile(struct arena *arena, struct slice text)
{
    static const struct expr_variable variables[] = {
        {{(const uint8_t *)"input", 5}, &type_unknown, 1}};
    struct expr_scope scope = {.variables = variables, .count = 1};
    struct expr_problems problems = {0};
    const struct expr *expr;

    struct expr_source source = {.text = text};
    if (expr_compile(&source, &scope, arena, &problems, &expr) != STATUS_OK) abort();
    return expr;
}

static void make_plan(void)
{
    static struct arena arena;
    static const uint32_t next[][1] = {{1}, {2}, {PLAN_END}};
    static const uint32_t live[] = {1};
    static const uint32_t sources[] = {0};
    struct expr_scope scope = {.aggregators = true};
    struct expr_problems problems = {0};
    struct aggregator *aggregator = &nodes[1].sliding.aggregator;

    arena_init(&arena, 1 << 24);
    for (uint32_t i = 0; i < 3; i++) {
        nodes[i] = (struct plan_node){.index = i,
                                      .next = next[i],
                                      .next_count = 1,
                                      .id = SLICE("node"),
                                      .name = SLICE("node"),
                                      .output_slot = PLAN_END};
    }
    for (uint32_t i = 0; i < 5; i++)
        slots[i].name = slice_of(slot_names[i]);
    nodes[0].kind = PLAN_SOURCE;
    nodes[0].topic.content = PLAN_CONTENT_JSON;
    nodes[1].kind = PLAN_SLIDING;
    nodes[1].sliding = (struct plan_sliding){
        .group_by = compile(&arena, SLICE("'k'")),
        .aggregate_by = compile(&arena, SLICE("{a: #input, b: #input, c: #input}")),
        .length_ms = 300000,
        .emit_when_left = true,
        .key_slot = 4};
    if (expr_compile_aggregator(
            SLICE("#AGG.map({a: #AGG.list, b: #AGG.last, c: #AGG.approxCardinality})"), &scope,
            &arena, &problems, aggregator) != STATUS_OK)
        abort();
    nodes[1].output_slot = 3;
    nodes[1].live = live;
    nodes[1].live_count = 1;
    nodes[2].kind = PLAN_DEBUG;
    plan = (struct plan){.nodes = nodes,
                         .node_count = 3,
                         .sources = sources,
                         .source_count = 1,
                         .slots = slots,
                         .slot_count = 5,
                         .input_slot = 1,
                         .input_meta_slot = 2};
}

static enum status load(void *context, const struct cell_key *key, struct arena *arena,
                        struct slice *bytes)
{
    (void)context;
    (void)arena;
    *bytes = key->key.len == 0 ? (struct slice){0} : given;
    return STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct record record = {.time_ms = 1704103200000, .value = SLICE("[1,\"x\"]")};
    struct engine_host host = {.cell_load = load};
    struct engine_input inputs[2] = {{.kind = INPUT_RECORD, .record = &record},
                                     {.kind = INPUT_WATERMARK, .watermark_ms = INT64_MAX}};
    struct effect_list effects;
    struct engine *engine;

    if (plan.node_count == 0) make_plan();
    if (len == 0) return 0;
    given = (struct slice){data + 1, len - 1};
    if (data[0] % 2 == 1) {
        inputs[0] = (struct engine_input){.kind = INPUT_HANDOVER, .node = 1, .bytes = given};
        given = (struct slice){0};
    }
    inputs[0].watermark_ms = INT64_MIN;
    if (engine_create(&plan, &host, &engine_limits_default, &engine) != STATUS_OK) abort();
    enum status status = engine_step(engine, inputs, 2, &effects);

    if (status != STATUS_OK && status != STATUS_CORRUPT) abort();
    (void)engine_digest(engine);
    engine_destroy(engine);
    return 0;
}
