/* plans.h - plans made by hand: for tests of the engine alone. */
#pragma once
#include "engine/engine.h"
#include "test.h"

enum { PLAN_TEST_NODES = 16, PLAN_TEST_SLOTS = 16 };

/* A plan under construction; variables get slots in order of definition. */
struct plan_maker {
    struct arena arena;
    struct plan plan;
    struct plan_node nodes[PLAN_TEST_NODES];
    struct plan_variable slots[PLAN_TEST_SLOTS];
    struct expr_variable variables[PLAN_TEST_SLOTS];
    uint32_t next[PLAN_TEST_NODES][4];
    uint32_t sources[1];
};

static inline uint32_t plan_slot(struct plan_maker *maker, const char *name,
                                 const struct type *type)
{
    uint32_t slot = maker->plan.slot_count++;

    assert_true(slot < PLAN_TEST_SLOTS);
    maker->slots[slot] = (struct plan_variable){slice_of(name), type};
    maker->variables[slot] = (struct expr_variable){slice_of(name), type, slot};
    return slot;
}

static inline void plan_begin(struct plan_maker *maker, const struct type *input)
{
    *maker = (struct plan_maker){0};
    arena_init(&maker->arena, 64 << 20);
    maker->plan.scenario_id = SLICE("test");
    maker->plan.nodes = maker->nodes;
    maker->plan.slots = maker->slots;
    maker->plan.sources = maker->sources;
    maker->plan.source_count = 1;
    maker->plan.meta_slot = plan_slot(maker, "meta", &type_unknown);
    maker->plan.input_slot = plan_slot(maker, "input", input);
    maker->plan.input_meta_slot = plan_slot(maker, "inputMeta", &type_unknown);
}

static inline void plan_end(struct plan_maker *maker)
{
    arena_deinit(&maker->arena);
}

/* A new node that the one before it leads to. */
static inline struct plan_node *plan_node(struct plan_maker *maker, enum plan_kind kind,
                                          const char *id)
{
    uint32_t index = maker->plan.node_count++;
    struct plan_node *node = &maker->nodes[index];

    assert_true(index < PLAN_TEST_NODES);
    *node = (struct plan_node){.kind = kind,
                               .id = slice_of(id),
                               .name = slice_of(id),
                               .index = index,
                               .next = maker->next[index],
                               .next_count = 1,
                               .output_slot = PLAN_END};
    maker->next[index][0] = PLAN_END;
    if (index > 0) maker->next[index - 1][0] = index;
    return node;
}

static inline struct expr_scope plan_scope(struct plan_maker *maker)
{
    return (struct expr_scope){.variables = maker->variables, .count = maker->plan.slot_count};
}

static inline const struct expr *plan_expr(struct plan_maker *maker, const char *text)
{
    struct expr_scope scope = plan_scope(maker);
    struct expr_problems problems = {0};
    const struct expr *expr = NULL;

    struct expr_source source = {.text = slice_of(text)};
    if (expr_compile(&source, &scope, &maker->arena, &problems, &expr) != STATUS_OK)
        fail_msg("%s: %.*s", text, (int)problems.items[0].message.len,
                 (const char *)problems.items[0].message.data);
    return expr;
}

static inline void plan_fields(struct plan_maker *maker, struct plan_node *node, uint32_t count,
                               const char *const names[], const char *const texts[])
{
    struct plan_field *fields = arena_alloc(&maker->arena, count, sizeof(*fields));

    assert_non_null(fields);
    for (uint32_t i = 0; i < count; i++)
        fields[i] = (struct plan_field){slice_of(names[i]), plan_expr(maker, texts[i])};
    node->fields = fields;
    node->field_count = count;
}

/* aggregate-sliding with output `out` and #key; every slot before it is carried over its cut. */
static inline enum status plan_sliding(struct plan_maker *maker, const char *group_by,
                                       struct slice aggregator, const char *aggregate_by,
                                       int64_t length_ms, bool left)
{
    struct expr_scope scope = plan_scope(maker);
    struct expr_problems problems = {0};
    struct plan_node *node = plan_node(maker, PLAN_SLIDING, "node");
    uint32_t *live = arena_alloc(&maker->arena, PLAN_TEST_SLOTS, sizeof(*live));
    struct plan_sliding *sliding = &node->sliding;

    scope.aggregators = true;
    *sliding = (struct plan_sliding){.length_ms = length_ms, .emit_when_left = left};
    sliding->group_by = plan_expr(maker, group_by);
    sliding->aggregate_by = plan_expr(maker, aggregate_by);
    enum status status =
        expr_compile_aggregator(aggregator, &scope, &maker->arena, &problems, &sliding->aggregator);

    if (status != STATUS_OK) return status;
    const struct type *output = aggregator_type(
        &sliding->aggregator, expr_type(sliding->aggregate_by), &maker->arena, &problems);

    if (output == NULL) return STATUS_INVALID;
    node->live = live;
    for (uint32_t slot = 1; slot < maker->plan.slot_count; slot++)
        live[node->live_count++] = slot;
    node->output_slot = plan_slot(maker, "out", output);
    sliding->key_slot = plan_slot(maker, "key", type_of_class(CLASS_String));
    return STATUS_OK;
}
