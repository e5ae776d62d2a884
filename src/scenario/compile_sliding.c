/* compile_sliding.c - aggregate-sliding: key, element, how to aggregate, how far back. */
#include "scenario/compile.h"

#define NO_FIELD ((struct slice){0})

/* What has to do with the aggregator as a whole, in the original's words. */
static void report_unfit(struct compiler *compiler, const struct view_node *node,
                         const struct expr_problems *found)
{
    for (uint32_t i = 0; i < found->count; i++) {
        compile_error(compiler, node, NO_FIELD,
                      COMPILE_TEXT(compiler, SLICE("Could not create "), node->name, SLICE(": "),
                                   found->items[i].message));
    }
}

static bool compile_aggregator(struct compiler *compiler, const struct view_node *node,
                               struct aggregator *aggregator)
{
    const struct view_expression *given = view_parameter(node, SLICE("aggregator"));
    struct expr_scope scope = scope_global(compiler);
    struct expr_problems found = {0};

    if (given == NULL) return false; /* told as a missing parameter */
    if (view_blank(given->text)) {
        compile_error(compiler, node, SLICE("aggregator"),
                      SLICE("This field is mandatory and can not be empty"));
        return false;
    }
    scope.aggregators = true;
    enum status status =
        expr_compile_aggregator(given->text, &scope, compiler->arena, &found, aggregator);
    if (status == STATUS_OK) return true;
    compile_expression_problems(compiler, node, SLICE("aggregator"), given->text, &found);
    return false;
}

static bool compile_length(struct compiler *compiler, const struct view_node *node,
                           const struct component *component, int64_t *length_ms)
{
    struct value length;

    if (view_parameter(node, SLICE("windowLength")) == NULL) return false;
    if (!compile_eager(compiler, node, component, "windowLength", &length)) return false;
    if (length.kind == VALUE_DURATION && length.i64 >= 0 && length.i64 <= INT64_MAX / 4000) {
        *length_ms = length.i64 * 1000 + length.nanos / 1000000;
        if (*length_ms > 0) return true;
    }
    compile_error(compiler, node, SLICE("windowLength"),
                  SLICE("The window length must be a positive duration"));
    return false;
}

/* --- #AGG.map: the aggregator's names and the element's are the same ------------------------------ */

static struct slice append_name(struct compiler *compiler, struct slice names, struct slice name)
{
    return COMPILE_TEXT(compiler, names, names.len == 0 ? SLICE("") : SLICE(", "), name);
}

static bool same_names(const struct aggregator *aggregator, const struct type *element)
{
    if (aggregator->field_count != element->count) return false;
    for (uint32_t i = 0; i < aggregator->field_count; i++) {
        if (type_field(element, aggregator->fields[i].name) == NULL) return false;
    }
    return true;
}

/* In the original's words; false: a problem says so. */
static bool check_map(struct compiler *compiler, const struct view_node *node,
                      const struct aggregator *aggregator, const struct type *element)
{
    struct slice message = SLICE("aggregateBy should be declared as fixed map");
    struct slice wanted = {0};
    struct slice given = {0};

    if (aggregator->kind != AGGREGATOR_map) return true;
    if (element->kind == TYPE_RECORD) {
        if (same_names(aggregator, element)) return true;
        for (uint32_t i = 0; i < aggregator->field_count; i++)
            wanted = append_name(compiler, wanted, aggregator->fields[i].name);
        for (uint32_t i = 0; i < element->count; i++)
            given = append_name(compiler, given, element->fields[i].name);
        message = COMPILE_TEXT(compiler, SLICE("Fields do not match, aggregateBy: "), given,
                               SLICE(", aggregator: "), wanted);
    }
    compile_error(
        compiler, node, NO_FIELD,
        COMPILE_TEXT(compiler, SLICE("Could not create "), node->name, SLICE(": "), message));
    return false;
}

/* The type of the result; Unknown when something is wrong. */
static const struct type *result_type(struct compiler *compiler, const struct view_node *node,
                                      const struct plan_sliding *sliding)
{
    const struct type *element = expr_type(sliding->aggregate_by);
    struct expr_problems found = {0};

    if (!check_map(compiler, node, &sliding->aggregator, element)) return &type_unknown;
    const struct type *type =
        aggregator_type(&sliding->aggregator, element, compiler->arena, &found);
    if (type != NULL) return type;
    report_unfit(compiler, node, &found);
    if (found.count == 0) compiler->status = STATUS_LIMIT;
    return &type_unknown;
}

/* --- the node ---------------------------------------------------------------------------------------- */

static const struct expr *lazy_if_given(struct compiler *compiler, const struct view_node *node,
                                        const struct component *component, const char *name)
{
    if (view_parameter(node, slice_of(name)) == NULL) return NULL;
    return compile_lazy(compiler, node, component, name);
}

/* Behind the node: the result and #key; with emitWhenEventLeft nothing else, because a timer's
 * event has no variables. */
static void show_result(struct compiler *compiler, const struct view_node *node,
                        struct plan_node *made, const struct type *type)
{
    if (made->sliding.emit_when_left) scope_clear(compiler);
    if (node->variable.len > 0)
        made->output_slot = scope_define(compiler, node, SLICE("outputVar"), node->variable, type);
    made->sliding.key_slot =
        scope_redefine(compiler, node, SLICE("key"), type_of_class(CLASS_String));
}

void compile_sliding(struct compiler *compiler, const struct view_node *node,
                     const struct component *component, struct plan_node *made)
{
    struct plan_sliding *sliding = &made->sliding;
    const struct type *type = &type_unknown;

    (void)check_static_parameters(compiler, node, component);
    sliding->group_by = lazy_if_given(compiler, node, component, "groupBy");
    bool aggregates = compile_aggregator(compiler, node, &sliding->aggregator);
    sliding->aggregate_by = lazy_if_given(compiler, node, component, "aggregateBy");
    (void)compile_length(compiler, node, component, &sliding->length_ms);
    (void)compile_eager_flag(compiler, node, component, "emitWhenEventLeft",
                             &sliding->emit_when_left);
    if (aggregates && sliding->aggregate_by != NULL) type = result_type(compiler, node, sliding);
    show_result(compiler, node, made, type);
}
