/* view_members.c - members of a scenario file: texts, expressions, parameters and components by their present names. */
#include "scenario/view_room.h"

void builder_complain(struct builder *builder, struct slice message)
{
    scenario_problem_add(builder->problems, builder->document, builder->at,
                         (struct scenario_problem){
                             .severity = PROBLEM_ERROR, .node = builder->node, .message = message});
}

bool builder_is_string(const struct document *document, uint32_t at)
{
    uint32_t kind = document->nodes[at].kind;

    return kind == DOCUMENT_STRING || kind == DOCUMENT_ESCAPED_STRING;
}

uint32_t builder_member(const struct builder *builder, uint32_t object, struct slice name)
{
    const struct document_node *nodes = builder->document->nodes;

    if (nodes[object].kind != DOCUMENT_OBJECT) return 0;
    uint32_t at = document_member(builder->document, object, name);
    return at != 0 && nodes[at].kind == DOCUMENT_NULL ? 0 : at;
}

uint32_t builder_member_of(struct builder *builder, uint32_t object, struct slice name,
                           enum document_kind kind)
{
    uint32_t at = builder_member(builder, object, name);

    if (at == 0 || builder->document->nodes[at].kind == (uint32_t)kind) return at;
    builder_complain(builder,
                     TEXT(builder->arena, SLICE("`"), name, SLICE("` must be "),
                          kind == DOCUMENT_ARRAY ? SLICE("an array") : SLICE("an object")));
    return 0;
}

struct slice builder_decode(struct builder *builder, uint32_t at)
{
    struct slice text = {0};

    if (document_string(builder->document, at, builder->arena, &text) != STATUS_OK) {
        builder->status = STATUS_LIMIT;
        return (struct slice){0};
    }
    return text;
}

struct slice builder_text(struct builder *builder, uint32_t object, struct slice name)
{
    uint32_t at = builder_member(builder, object, name);

    if (at == 0) return (struct slice){0};
    if (builder_is_string(builder->document, at)) return builder_decode(builder, at);
    builder_complain(builder, TEXT(builder->arena, SLICE("`"), name, SLICE("` must be a text")));
    return (struct slice){0};
}

bool builder_true(const struct builder *builder, uint32_t object, struct slice name)
{
    uint32_t at = builder_member(builder, object, name);

    return at != 0 && builder->document->nodes[at].kind == DOCUMENT_TRUE;
}

void *builder_alloc(struct builder *builder, uint32_t count, size_t size)
{
    void *memory = arena_zalloc(builder->arena, count, size);

    if (memory == NULL) builder->status = STATUS_LIMIT;
    return memory;
}

struct view_expression builder_expression(struct builder *builder, uint32_t object,
                                          struct slice name)
{
    struct view_expression expression = {0};
    uint32_t at = builder_member_of(builder, object, name, DOCUMENT_OBJECT);

    if (at == 0) return expression;
    expression.language = builder_text(builder, at, SLICE("language"));
    expression.text = builder_text(builder, at, SLICE("expression"));
    return expression;
}

struct view_expression *builder_parameters(struct builder *builder, uint32_t object,
                                           struct slice key, uint32_t *count)
{
    uint32_t array = object == 0 ? 0 : builder_member_of(builder, object, key, DOCUMENT_ARRAY);
    const struct document_node *nodes = builder->document->nodes;

    *count = 0;
    if (array == 0) return builder_alloc(builder, 1, sizeof(struct view_expression));
    struct view_expression *parameters =
        builder_alloc(builder, nodes[array].count + 1, sizeof(struct view_expression));
    if (parameters == NULL) return NULL;
    for (uint32_t at = array + 1; at < nodes[array].next; at = nodes[at].next) {
        if (nodes[at].kind != DOCUMENT_OBJECT) {
            builder_complain(builder, SLICE("a parameter must be an object {name, expression}"));
            continue;
        }
        struct view_expression parameter = builder_expression(builder, at, SLICE("expression"));

        parameter.name = builder_text(builder, at, SLICE("name"));
        parameters[(*count)++] = parameter;
    }
    return parameters;
}

/* Renamed parameters and components of older files. */
static const struct {
    const char *component; /* a final * stands for anything */
    const char *old_name;
    const char *name;
} renamed_parameters[] = {
    {"aggregate-*", "keyBy", "groupBy"},
    {"decision-table", "Basic Decision Table", "Decision Table"},
    {"decision-table", "Expression", "Match condition"},
    {"event-generator", "period", "schedule"},
};

static const struct {
    const char *old_id;
    const char *id;
} renamed_components[] = {
    {"periodic", "event-generator"},
    {"sample-generator", "event-generator"},
};

static bool component_matches(const char *pattern, struct slice id)
{
    struct slice text = slice_of(pattern);

    if (text.len > 0 && text.data[text.len - 1] == '*') {
        text.len--;
        return slice_starts_with(id, text);
    }
    return slice_equal(text, id);
}

static const struct view_expression *find(const struct view_expression *parameters, uint32_t count,
                                          struct slice name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(parameters[i].name, name)) return &parameters[i];
    }
    return NULL;
}

const struct view_expression *view_parameter(const struct view_node *node, struct slice name)
{
    return find(node->parameters, node->parameter_count, name);
}

/* An old name counts only where the new one is not given. */
static void rename_parameters(struct slice component, struct view_expression *parameters,
                              uint32_t count)
{
    for (size_t row = 0; row < COUNT_OF(renamed_parameters); row++) {
        struct slice name = slice_of(renamed_parameters[row].name);

        if (!component_matches(renamed_parameters[row].component, component)) continue;
        if (find(parameters, count, name) != NULL) continue;
        for (uint32_t i = 0; i < count; i++) {
            if (slice_equal(parameters[i].name, slice_of(renamed_parameters[row].old_name)))
                parameters[i].name = name;
        }
    }
}

static struct slice rename_component(struct slice id)
{
    for (size_t row = 0; row < COUNT_OF(renamed_components); row++) {
        if (slice_equal(id, slice_of(renamed_components[row].old_id)))
            return slice_of(renamed_components[row].id);
    }
    return id;
}

void builder_component(struct builder *builder, uint32_t owner, struct slice id_key,
                       struct view_node *node)
{
    uint32_t count = 0;

    if (owner != 0) node->component = rename_component(builder_text(builder, owner, id_key));
    struct view_expression *parameters =
        builder_parameters(builder, owner, SLICE("parameters"), &count);
    if (parameters == NULL) return;
    rename_parameters(node->component, parameters, count);
    /* before 1.10 a sink's value stood in `endResult` */
    if (node->type == NODE_SINK && find(parameters, count, SLICE("Value")) == NULL &&
        builder_member(builder, node->at, SLICE("endResult")) != 0) {
        parameters[count] = builder_expression(builder, node->at, SLICE("endResult"));
        parameters[count++].name = SLICE("Value");
    }
    node->parameters = parameters;
    node->parameter_count = count;
}
