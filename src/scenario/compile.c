/* compile.c - walks the view and links a plan.
 *
 * Lists are walked in a loop, branches by recursion (as deep as the JSON text nests, at most 64).
 * `link` is where the index of the node that comes next is written, so that a disabled node leaves
 * no trace: it is walked dry and the link stays where it was. */
#include "scenario/compile.h"

#define NO_FIELD ((struct slice){0})

/* --- components ----------------------------------------------------------------------------------- */

static void report_missing(struct compiler *compiler, const struct view_node *node,
                           struct slice what)
{
    compile_error(compiler, node, NO_FIELD, COMPILE_TEXT(compiler, what, node->component));
}

/* What comes after an unknown component is still checked, with its variable unknown. */
static void show_unknown(struct compiler *compiler, const struct view_node *node,
                         struct slice field)
{
    uint32_t slot = PLAN_END;

    if (node->variable.len > 0)
        slot = scope_define(compiler, node, field, node->variable, &type_unknown);
    (void)slot; /* there will be no plan */
}

static uint32_t *walk_custom(struct compiler *compiler, const struct view_node *node,
                             uint32_t *link)
{
    const struct component *component =
        component_find(compiler->environment, COMPONENT_CUSTOM, node->component);
    uint32_t *next;

    if (component == NULL) {
        report_missing(compiler, node, SLICE("Missing custom executor: "));
        show_unknown(compiler, node, SLICE("outputVar"));
        return link;
    }
    struct plan_node *made = compile_node_new(compiler, node, component->kind, 1, &next);
    if (made == NULL) return NULL;
    *link = made->index;
    compile_sliding(compiler, node, component, made);
    return next;
}

static uint32_t *walk_service(struct compiler *compiler, const struct view_node *node,
                              uint32_t *link)
{
    uint32_t *next;

    if (component_find(compiler->environment, COMPONENT_SERVICE, node->component) == NULL) {
        report_missing(compiler, node, SLICE("Missing processor/enricher: "));
        show_unknown(compiler, node, SLICE("output"));
        return link;
    }
    struct plan_node *made = compile_node_new(compiler, node, PLAN_CALL, 1, &next);
    if (made == NULL) return NULL;
    *link = made->index;
    compile_call(compiler, node, made);
    return next;
}

static void walk_sink(struct compiler *compiler, const struct view_node *node, uint32_t *link)
{
    const struct component *component =
        component_find(compiler->environment, COMPONENT_SINK, node->component);
    uint32_t *next;

    if (component == NULL) {
        report_missing(compiler, node, SLICE("Missing sink: "));
        return;
    }
    struct plan_node *made = compile_node_new(compiler, node, component->kind, 0, &next);
    if (made == NULL) return;
    *link = made->index;
    compile_sink(compiler, node, component, made);
}

/* --- lists ---------------------------------------------------------------------------------------- */

/* Compiles one node; returns where the next one is linked, NULL at an end. */
static uint32_t *walk_enabled(struct compiler *compiler, const struct view_node *node,
                              uint32_t *link)
{
    switch (node->type) {
    case NODE_VARIABLE: return compile_variable(compiler, node, link);
    case NODE_RECORD: return compile_record(compiler, node, link);
    case NODE_FILTER: return compile_filter(compiler, node, link);
    case NODE_CUSTOM: return walk_custom(compiler, node, link);
    case NODE_ENRICHER:
    case NODE_PROCESSOR: return walk_service(compiler, node, link);
    case NODE_SWITCH: compile_switch(compiler, node, link); return NULL;
    case NODE_SPLIT: compile_split(compiler, node, link); return NULL;
    case NODE_SINK: walk_sink(compiler, node, link); return NULL;
    case NODE_FRAGMENT_INPUT:
        compile_error(compiler, node, NO_FIELD, SLICE("Unknown fragment"));
        return NULL;
    case NODE_UNKNOWN: return link; /* reading has told */
    case NODE_BRANCH_END:           /* as the original: an edge to no join ends the way */
    case NODE_FRAGMENT_END:
    case NODE_SOURCE:
    case NODE_JOIN:
    case NODE_FRAGMENT_START: return NULL;
    }
    UNREACHABLE("node type outside the enum");
}

/* Disabled nodes are checked and left out; a filter takes its false branch along. */
static uint32_t *walk_node(struct compiler *compiler, const struct view_node *node, uint32_t *link)
{
    uint32_t slot_count = compiler->slot_count;
    uint32_t nowhere;

    if (!node->disabled) return walk_enabled(compiler, node, link);
    compiler->dry++;
    (void)walk_enabled(compiler, node, &nowhere);
    compiler->dry--;
    compiler->slot_count = slot_count;
    return node->type == NODE_SINK ? NULL : link;
}

/* May this node stand here? Otherwise it is where the branch wrongly ends. */
static bool stands_well(const struct view_node *node, bool last)
{
    switch (node->type) {
    case NODE_SOURCE:
    case NODE_JOIN:
    case NODE_FRAGMENT_START: return false;
    case NODE_SINK:
    case NODE_BRANCH_END:
    case NODE_FRAGMENT_INPUT:
    case NODE_FRAGMENT_END: return last;
    case NODE_SWITCH:
        if (node->branch_count == 1 && node->branches[0].list.count == 0) return false;
        return last;
    case NODE_SPLIT: return last && node->branch_count > 0;
    case NODE_FILTER: return !last || (node->branch_count > 0 && node->branches[0].list.count > 0);
    case NODE_VARIABLE:
    case NODE_RECORD:
    case NODE_ENRICHER:
    case NODE_CUSTOM: return !last;
    case NODE_PROCESSOR:
    case NODE_UNKNOWN: return true;
    }
    UNREACHABLE("node type outside the enum");
}

static void walk_from(struct compiler *compiler, struct view_list list, uint32_t at, uint32_t *link)
{
    for (uint32_t i = at; i < list.count && link != NULL; i++) {
        const struct view_node *node = &list.nodes[i];
        bool well = stands_well(node, i + 1 == list.count);

        if (!well) {
            compile_error(compiler, node, NO_FIELD,
                          SLICE("Scenario must end with a sink, processor or fragment"));
        }
        if (!well && i + 1 < list.count) return;
        link = walk_node(compiler, node, link);
    }
}

void compile_list(struct compiler *compiler, struct view_list list, uint32_t *link)
{
    struct scope_mark mark = compiler->scope;

    *link = PLAN_END;
    walk_from(compiler, list, 0, link);
    compiler->scope = mark;
}

/* --- branches ------------------------------------------------------------------------------------- */

static uint32_t *walk_source(struct compiler *compiler, const struct view_node *node)
{
    const struct component *component =
        component_find(compiler->environment, COMPONENT_SOURCE, node->component);
    uint32_t *next;
    struct plan_node *made = compile_node_new(compiler, node, PLAN_SOURCE, 1, &next);

    if (made == NULL) return NULL;
    if (component == NULL) report_missing(compiler, node, SLICE("Missing source: "));
    compile_source(compiler, node, component, made);
    return next;
}

static void walk_root(struct compiler *compiler, struct view_list list)
{
    const struct view_node *root = &list.nodes[0];
    struct scope_mark mark = compiler->scope;
    uint32_t *link = NULL;
    uint32_t nowhere;

    switch (root->type) {
    case NODE_SOURCE: link = walk_source(compiler, root); break;
    case NODE_JOIN:
        report_missing(compiler, root, SLICE("Missing custom executor: "));
        scope_clear(compiler);
        show_unknown(compiler, root, SLICE("outputVar"));
        link = &nowhere;
        break;
    case NODE_FRAGMENT_START:
        compile_error(compiler, root, NO_FIELD,
                      SLICE("This file is a fragment: it cannot run by itself"));
        break;
    case NODE_UNKNOWN: break;
    case NODE_SINK:
    case NODE_FILTER:
    case NODE_SWITCH:
    case NODE_SPLIT:
    case NODE_VARIABLE:
    case NODE_RECORD:
    case NODE_ENRICHER:
    case NODE_PROCESSOR:
    case NODE_CUSTOM:
    case NODE_BRANCH_END:
    case NODE_FRAGMENT_INPUT:
    case NODE_FRAGMENT_END:
        compile_error(compiler, root, NO_FIELD, SLICE("Invalid root node"));
        break;
    }
    if (link != NULL && list.count == 1) {
        compile_error(compiler, root, NO_FIELD,
                      SLICE("Scenario must end with a sink, processor or fragment"));
    }
    walk_from(compiler, list, 1, link);
    compiler->scope = mark;
}

/* --- the plan ------------------------------------------------------------------------------------- */

/* #meta: what is known of the scenario before any event. */
static void make_meta(struct compiler *compiler, const struct view *view)
{
    struct value properties = view->properties;
    struct value_entry *entries = compile_alloc(compiler, 3, sizeof(*entries));
    struct type_field *fields = compile_alloc(compiler, 3, sizeof(*fields));
    struct type_field *inner = compile_alloc(compiler, map_count(properties), sizeof(*inner));
    const struct type *text = type_of_class(CLASS_String);

    if (entries == NULL || fields == NULL || inner == NULL) return;
    for (uint32_t i = 0; i < properties.count; i++) {
        inner[i] = (struct type_field){value_text(properties.entries[i].key), text};
    }
    fields[0] = (struct type_field){SLICE("processName"), text};
    fields[1] = (struct type_field){SLICE("scenarioLabels"), type_list(text, compiler->arena)};
    fields[2] = (struct type_field){SLICE("properties"),
                                    type_record(inner, properties.count, compiler->arena)};
    entries[0] =
        (struct value_entry){value_string(fields[0].name), value_string(compiler->scenario->id)};
    entries[1] = (struct value_entry){value_string(fields[1].name), value_list(NULL, 0)};
    entries[2] = (struct value_entry){value_string(fields[2].name), properties};
    compiler->plan->meta = value_map(entries, 3);
    compiler->plan->meta.class_id = CLASS_MetaVariables; /* how it prints */
    if (fields[1].type == NULL || fields[2].type == NULL) return;
    const struct type *type = type_record(fields, 3, compiler->arena);
    if (type != NULL) compiler->meta_type = type;
}

static bool prepare(struct compiler *compiler, const struct view *view)
{
    /* a deprecated choice makes two nodes */
    compiler->nodes_max = 2 * view->node_count + 1;
    compiler->plan = compile_alloc(compiler, 1, sizeof(*compiler->plan));
    compiler->nodes = compile_alloc(compiler, compiler->nodes_max, sizeof(*compiler->nodes));
    compiler->slots = compile_alloc(compiler, PLAN_SLOTS_MAX, sizeof(*compiler->slots));
    compiler->variables =
        compile_alloc(compiler, SCOPE_VARIABLES_MAX, sizeof(*compiler->variables));
    compiler->meta_type = &type_unknown;
    if (compiler->status != STATUS_OK) return false;
    make_meta(compiler, view);
    compiler->slots[SLOT_META] = (struct plan_variable){SLICE("meta"), compiler->meta_type};
    compiler->slots[SLOT_INPUT] = (struct plan_variable){SLICE("input"), NULL};
    compiler->slots[SLOT_INPUT_META] = (struct plan_variable){SLICE("inputMeta"), NULL};
    compiler->slot_count = SLOT_FIRST;
    scope_clear(compiler);
    return compiler->status == STATUS_OK;
}

static void finish(struct compiler *compiler)
{
    struct plan *plan = compiler->plan;
    uint32_t *sources = compile_alloc(compiler, compiler->node_count, sizeof(*sources));

    if (sources == NULL) return;
    live_compute(compiler);
    for (uint32_t i = 0; i < compiler->node_count; i++) {
        if (compiler->nodes[i].kind == PLAN_SOURCE) sources[plan->source_count++] = i;
    }
    plan->scenario_id = compiler->scenario->id;
    plan->nodes = compiler->nodes;
    plan->node_count = compiler->node_count;
    plan->sources = sources;
    plan->slots = compiler->slots;
    plan->slot_count = compiler->slot_count;
    plan->meta_slot = SLOT_META;
    plan->input_slot = SLOT_INPUT;
    plan->input_meta_slot = SLOT_INPUT_META;
}

static void compile_view(struct compiler *compiler, const struct view *view)
{
    bool any = false;

    check_scenario_name(compiler);
    check_node_names(compiler, view);
    for (uint32_t i = 0; i < view->list_count; i++) {
        if (view->lists[i].count == 0) continue;
        any = true;
        walk_root(compiler, view->lists[i]);
    }
    if (!any) compile_error(compiler, NULL, NO_FIELD, SLICE("Empty scenario"));
}

enum status scenario_compile(const struct scenario *scenario,
                             const struct scenario_environment *environment, struct arena *arena,
                             struct scenario_problems *problems, const struct plan **plan)
{
    struct compiler compiler = {
        .scenario = scenario,
        .environment = environment,
        .arena = arena,
        .problems = problems,
    };
    uint32_t errors_before = problems->error_count;
    struct view view;

    *plan = NULL;
    compiler.status = view_build(scenario, arena, problems, &view);
    if (compiler.status == STATUS_OK && prepare(&compiler, &view)) {
        compile_view(&compiler, &view);
        if (problems->error_count == errors_before) finish(&compiler);
    }
    if (compiler.status != STATUS_OK && problems->error_count == errors_before)
        compile_error(&compiler, NULL, NO_FIELD, SLICE("The scenario is too large to compile"));
    if (problems->error_count > errors_before) return STATUS_INVALID;
    *plan = compiler.plan;
    return STATUS_OK;
}
