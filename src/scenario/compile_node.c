/* compile_node.c - nodes of the language itself: variables, records, filters, choices, splits. */
#include "scenario/compile.h"

struct plan_node *compile_node_new(struct compiler *compiler, const struct view_node *node,
                                   enum plan_kind kind, uint32_t next_count, uint32_t **next)
{
    struct plan_node *made;

    *next = compile_alloc(compiler, next_count + 1, sizeof(**next));
    if (*next == NULL) return NULL;
    for (uint32_t i = 0; i <= next_count; i++)
        (*next)[i] = PLAN_END;
    if (compiler->dry > 0) {
        made = compile_alloc(compiler, 1, sizeof(*made));
        if (made == NULL) return NULL;
        made->index = PLAN_END;
    } else {
        ASSERT(compiler->node_count < compiler->nodes_max);
        made = &compiler->nodes[compiler->node_count];
        made->index = compiler->node_count++;
    }
    made->kind = kind;
    made->id = node->id;
    made->name = node->name;
    made->uuid = (struct slice){(const uint8_t *)node->uuid, UUID_TEXT_BYTES};
    made->next = *next;
    made->next_count = next_count;
    made->output_slot = PLAN_END;
    return made;
}

static void one_field(struct compiler *compiler, struct plan_node *made, struct slice name,
                      const struct expr *expr)
{
    struct plan_field *field = compile_alloc(compiler, 1, sizeof(*field));

    if (field == NULL) return;
    *field = (struct plan_field){.name = name, .expr = expr};
    made->fields = field;
    made->field_count = 1;
}

static const struct type *type_or_unknown(const struct expr *expr)
{
    return expr == NULL ? &type_unknown : expr_type(expr);
}

uint32_t *compile_variable(struct compiler *compiler, const struct view_node *node, uint32_t *link)
{
    uint32_t *next;
    struct plan_node *made = compile_node_new(compiler, node, PLAN_VARIABLE, 1, &next);

    if (made == NULL) return NULL;
    *link = made->index;
    const struct expr *expr = compile_expression(
        compiler, node, &node->expression,
        (struct field_rule){.field = SLICE("$expression"), .need = FIELD_MANDATORY});
    one_field(compiler, made, node->variable, expr);
    made->output_slot =
        scope_define(compiler, node, SLICE("varName"), node->variable, type_or_unknown(expr));
    return next;
}

static struct slice field_label(struct compiler *compiler, uint32_t index)
{
    struct buffer digits;

    buffer_init(&digits, 16);
    buffer_append_u64(&digits, index);
    struct slice label =
        COMPILE_TEXT(compiler, SLICE("$fields-"), buffer_slice(&digits), SLICE("-$value"));
    buffer_deinit(&digits);
    return label;
}

uint32_t *compile_record(struct compiler *compiler, const struct view_node *node, uint32_t *link)
{
    uint32_t count = node->parameter_count;
    uint32_t *next;
    struct plan_node *made = compile_node_new(compiler, node, PLAN_RECORD, 1, &next);
    struct plan_field *fields = compile_alloc(compiler, count, sizeof(*fields));
    struct type_field *types = compile_alloc(compiler, count, sizeof(*types));

    if (made == NULL || fields == NULL || types == NULL) return NULL;
    *link = made->index;
    for (uint32_t i = 0; i < count; i++) {
        const struct view_expression *field = &node->parameters[i];
        const struct expr *expr = compile_expression(
            compiler, node, field,
            (struct field_rule){.field = field_label(compiler, i), .need = FIELD_MANDATORY});

        fields[i] = (struct plan_field){.name = field->name, .expr = expr};
        types[i] = (struct type_field){.name = field->name, .type = type_or_unknown(expr)};
    }
    made->fields = fields;
    made->field_count = count;
    const struct type *type = type_record(types, count, compiler->arena);
    if (type == NULL) compiler->status = STATUS_LIMIT;
    made->output_slot = scope_define(compiler, node, SLICE("varName"), node->variable,
                                     type == NULL ? &type_unknown : type);
    return next;
}

uint32_t *compile_filter(struct compiler *compiler, const struct view_node *node, uint32_t *link)
{
    uint32_t *next;
    struct plan_node *made = compile_node_new(compiler, node, PLAN_FILTER, 2, &next);

    if (made == NULL) return NULL;
    *link = made->index;
    one_field(compiler, made, SLICE("$expression"),
              compile_expression(compiler, node, &node->expression,
                                 (struct field_rule){.field = SLICE("$expression"),
                                                     .expected = type_of_class(CLASS_Boolean),
                                                     .need = FIELD_CONDITION}));
    if (node->branch_count > 0) compile_list(compiler, node->branches[0].list, &next[1]);
    return next;
}

/* Deprecated: a choice may name its subject, which its cases then test. */
static uint32_t *walk_switch_subject(struct compiler *compiler, const struct view_node *node,
                                     uint32_t *link)
{
    uint32_t *next;

    if (view_blank(node->variable) || view_blank(node->expression.text)) return link;
    struct plan_node *made = compile_node_new(compiler, node, PLAN_VARIABLE, 1, &next);
    if (made == NULL) return NULL;
    *link = made->index;
    made->id = COMPILE_TEXT(compiler, SLICE("$exprVal-"), node->id);
    const struct expr *expr = compile_expression(
        compiler, node, &node->expression, (struct field_rule){.field = SLICE("$expression")});
    one_field(compiler, made, node->variable, expr);
    made->output_slot =
        scope_define(compiler, node, SLICE("exprVal"), node->variable, type_or_unknown(expr));
    return next;
}

/* The original calls a case by the node it leads to. */
static struct slice case_label(const struct view_branch *branch)
{
    return branch->list.count == 0 ? SLICE("$expression") : branch->list.nodes[0].name;
}

void compile_switch(struct compiler *compiler, const struct view_node *node, uint32_t *link)
{
    uint32_t *next;
    uint32_t count = 0;

    ASSERT(node->branch_count > 0);
    uint32_t case_count = node->branch_count - 1;
    link = walk_switch_subject(compiler, node, link);
    if (link == NULL) return;
    struct plan_node *made =
        compile_node_new(compiler, node, PLAN_CHOICE, node->branch_count, &next);
    struct plan_field *fields = compile_alloc(compiler, case_count, sizeof(*fields));
    if (made == NULL || fields == NULL) return;
    *link = made->index;
    for (uint32_t i = 0; i < case_count; i++) {
        const struct view_branch *branch = &node->branches[i];
        struct slice label = case_label(branch);

        fields[count] = (struct plan_field){
            .name = label,
            .expr = compile_expression(compiler, node, &branch->condition,
                                       (struct field_rule){.field = label,
                                                           .expected = type_of_class(CLASS_Boolean),
                                                           .need = FIELD_CONDITION}),
        };
        compile_list(compiler, branch->list, &next[count]);
        if (next[count] != PLAN_END) count++;
    }
    compile_list(compiler, node->branches[case_count].list, &next[count]);
    made->fields = fields;
    made->field_count = count;
    made->next_count = count + 1;
}

void compile_split(struct compiler *compiler, const struct view_node *node, uint32_t *link)
{
    uint32_t *next;
    uint32_t count = 0;
    struct plan_node *made =
        compile_node_new(compiler, node, PLAN_SPLIT, node->branch_count, &next);

    if (made == NULL) return;
    *link = made->index;
    for (uint32_t i = 0; i < node->branch_count; i++) {
        compile_list(compiler, node->branches[i].list, &next[count]);
        if (next[count] != PLAN_END) count++;
    }
    made->next_count = count;
}
