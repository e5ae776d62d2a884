/* view.c - three generations of files into one shape.
 *
 * Members are found by name, never by place. What is missing or null has its default; what has the
 * wrong kind is a problem and counts as missing, so that one damaged node does not hide the others.
 */
#include "scenario/view.h"

struct builder {
    const struct document *document;
    struct arena *arena;
    struct scenario_problems *problems;
    struct slice node; /* name of the node being read, for problems */
    uint32_t at;       /* its place */
    uint32_t node_count;
    enum status status; /* LIMIT sticks */
};

/* --- members -------------------------------------------------------------------------------------- */

static void complain(struct builder *builder, struct slice message)
{
    scenario_problem_add(builder->problems, builder->document, builder->at,
                         (struct scenario_problem){
                             .severity = PROBLEM_ERROR, .node = builder->node, .message = message});
}

static bool is_string(const struct document *document, uint32_t at)
{
    uint32_t kind = document->nodes[at].kind;

    return kind == DOCUMENT_STRING || kind == DOCUMENT_ESCAPED_STRING;
}

/* The member, 0 when absent or null. */
static uint32_t member(const struct builder *builder, uint32_t object, struct slice name)
{
    const struct document_node *nodes = builder->document->nodes;

    if (nodes[object].kind != DOCUMENT_OBJECT) return 0;
    uint32_t at = document_member(builder->document, object, name);
    return at != 0 && nodes[at].kind == DOCUMENT_NULL ? 0 : at;
}

/* The member if it is of the kind; 0 with a problem when it is something else. */
static uint32_t member_of(struct builder *builder, uint32_t object, struct slice name,
                          enum document_kind kind)
{
    uint32_t at = member(builder, object, name);

    if (at == 0 || builder->document->nodes[at].kind == (uint32_t)kind) return at;
    complain(builder, TEXT(builder->arena, SLICE("`"), name, SLICE("` must be "),
                           kind == DOCUMENT_ARRAY ? SLICE("an array") : SLICE("an object")));
    return 0;
}

static struct slice decode(struct builder *builder, uint32_t at)
{
    struct slice text = {0};

    if (document_string(builder->document, at, builder->arena, &text) != STATUS_OK) {
        builder->status = STATUS_LIMIT;
        return (struct slice){0};
    }
    return text;
}

/* The member's text; empty when absent, with a problem when it is no text. */
static struct slice member_text(struct builder *builder, uint32_t object, struct slice name)
{
    uint32_t at = member(builder, object, name);

    if (at == 0) return (struct slice){0};
    if (is_string(builder->document, at)) return decode(builder, at);
    complain(builder, TEXT(builder->arena, SLICE("`"), name, SLICE("` must be a text")));
    return (struct slice){0};
}

static bool member_true(const struct builder *builder, uint32_t object, struct slice name)
{
    uint32_t at = member(builder, object, name);

    return at != 0 && builder->document->nodes[at].kind == DOCUMENT_TRUE;
}

static void *allocate(struct builder *builder, uint32_t count, size_t size)
{
    void *memory = arena_zalloc(builder->arena, count, size);

    if (memory == NULL) builder->status = STATUS_LIMIT;
    return memory;
}

/* --- expressions and parameters ------------------------------------------------------------------- */

/* {language, expression} of `object`'s member `name`. */
static struct view_expression read_expression(struct builder *builder, uint32_t object,
                                              struct slice name)
{
    struct view_expression expression = {0};
    uint32_t at = member_of(builder, object, name, DOCUMENT_OBJECT);

    if (at == 0) return expression;
    expression.language = member_text(builder, at, SLICE("language"));
    expression.text = member_text(builder, at, SLICE("expression"));
    return expression;
}

/* `[{name, expression}]` under `key`, with room for one more. */
static struct view_expression *read_parameters(struct builder *builder, uint32_t object,
                                               struct slice key, uint32_t *count)
{
    uint32_t array = object == 0 ? 0 : member_of(builder, object, key, DOCUMENT_ARRAY);
    const struct document_node *nodes = builder->document->nodes;

    *count = 0;
    if (array == 0) return allocate(builder, 1, sizeof(struct view_expression));
    struct view_expression *parameters =
        allocate(builder, nodes[array].count + 1, sizeof(struct view_expression));
    if (parameters == NULL) return NULL;
    for (uint32_t at = array + 1; at < nodes[array].next; at = nodes[at].next) {
        if (nodes[at].kind != DOCUMENT_OBJECT) {
            complain(builder, SLICE("a parameter must be an object {name, expression}"));
            continue;
        }
        struct view_expression parameter = read_expression(builder, at, SLICE("expression"));

        parameter.name = member_text(builder, at, SLICE("name"));
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

/* Component and parameters out of `owner` ({typ|id, parameters} or the node itself). */
static void read_component(struct builder *builder, uint32_t owner, struct slice id_key,
                           struct view_node *node)
{
    uint32_t count = 0;

    if (owner != 0) node->component = rename_component(member_text(builder, owner, id_key));
    struct view_expression *parameters =
        read_parameters(builder, owner, SLICE("parameters"), &count);
    if (parameters == NULL) return;
    rename_parameters(node->component, parameters, count);
    /* before 1.10 a sink's value stood in `endResult` */
    if (node->type == NODE_SINK && find(parameters, count, SLICE("Value")) == NULL &&
        member(builder, node->at, SLICE("endResult")) != 0) {
        parameters[count] = read_expression(builder, node->at, SLICE("endResult"));
        parameters[count++].name = SLICE("Value");
    }
    node->parameters = parameters;
    node->parameter_count = count;
}

/* --- nodes ---------------------------------------------------------------------------------------- */

/* Depth of the recursion read_list -> read_node -> read_branches is that of the JSON text. */
static struct view_list read_list(struct builder *builder, uint32_t array);

static struct view_branch *new_branches(struct builder *builder, struct view_node *node,
                                        uint32_t count)
{
    struct view_branch *branches = allocate(builder, count, sizeof(struct view_branch));

    node->branch_count = branches == NULL ? 0 : count;
    node->branches = branches;
    return branches;
}

static void read_filter(struct builder *builder, struct view_node *node)
{
    struct view_branch *branches = new_branches(builder, node, 1);

    node->expression = read_expression(builder, node->at, SLICE("expression"));
    if (branches == NULL) return;
    branches[0].list =
        read_list(builder, member_of(builder, node->at, SLICE("nextFalse"), DOCUMENT_ARRAY));
}

static void read_switch(struct builder *builder, struct view_node *node)
{
    const struct document_node *nodes = builder->document->nodes;
    uint32_t cases = member_of(builder, node->at, SLICE("nexts"), DOCUMENT_ARRAY);
    uint32_t count = 0;
    struct view_branch *branches =
        new_branches(builder, node, (cases == 0 ? 0 : nodes[cases].count) + 1);

    node->expression = read_expression(builder, node->at, SLICE("expression"));
    node->variable = member_text(builder, node->at, SLICE("exprVal"));
    if (branches == NULL) return;
    for (uint32_t at = cases + 1; cases != 0 && at < nodes[cases].next; at = nodes[at].next) {
        if (nodes[at].kind != DOCUMENT_OBJECT) {
            complain(builder, SLICE("a case must be an object {expression, nodes}"));
            continue;
        }
        branches[count].condition = read_expression(builder, at, SLICE("expression"));
        branches[count++].list =
            read_list(builder, member_of(builder, at, SLICE("nodes"), DOCUMENT_ARRAY));
    }
    branches[count++].list =
        read_list(builder, member_of(builder, node->at, SLICE("defaultNext"), DOCUMENT_ARRAY));
    node->branch_count = count;
}

static void read_split(struct builder *builder, struct view_node *node)
{
    const struct document_node *nodes = builder->document->nodes;
    uint32_t lists = member_of(builder, node->at, SLICE("nexts"), DOCUMENT_ARRAY);
    uint32_t count = 0;

    if (lists == 0) return;
    struct view_branch *branches = new_branches(builder, node, nodes[lists].count);
    if (branches == NULL) return;
    for (uint32_t at = lists + 1; at < nodes[lists].next; at = nodes[at].next) {
        if (nodes[at].kind != DOCUMENT_ARRAY) {
            complain(builder, SLICE("a branch of a split must be an array of nodes"));
            continue;
        }
        branches[count++].list = read_list(builder, at);
    }
    node->branch_count = count;
}

static void read_by_type(struct builder *builder, struct view_node *node)
{
    uint32_t at = node->at;

    switch (node->type) {
    case NODE_SOURCE:
    case NODE_SINK:
        read_component(builder, member_of(builder, at, SLICE("ref"), DOCUMENT_OBJECT), SLICE("typ"),
                       node);
        return;
    case NODE_FILTER: read_filter(builder, node); return;
    case NODE_SWITCH: read_switch(builder, node); return;
    case NODE_SPLIT: read_split(builder, node); return;
    case NODE_VARIABLE:
        node->variable = member_text(builder, at, SLICE("varName"));
        node->expression = read_expression(builder, at, SLICE("value"));
        return;
    case NODE_RECORD:
        node->variable = member_text(builder, at, SLICE("varName"));
        node->parameters = read_parameters(builder, at, SLICE("fields"), &node->parameter_count);
        return;
    case NODE_ENRICHER:
        node->variable = member_text(builder, at, SLICE("output"));
        node->expression = read_expression(builder, at, SLICE("mockExpression"));
        read_component(builder, member_of(builder, at, SLICE("service"), DOCUMENT_OBJECT),
                       SLICE("id"), node);
        return;
    case NODE_PROCESSOR:
        read_component(builder, member_of(builder, at, SLICE("service"), DOCUMENT_OBJECT),
                       SLICE("id"), node);
        return;
    case NODE_CUSTOM:
    case NODE_JOIN:
        node->variable = member_text(builder, at, SLICE("outputVar"));
        read_component(builder, at, SLICE("nodeType"), node);
        return;
    case NODE_FRAGMENT_INPUT:
        read_component(builder, member_of(builder, at, SLICE("ref"), DOCUMENT_OBJECT), SLICE("id"),
                       node);
        return;
    case NODE_BRANCH_END:
    case NODE_FRAGMENT_START:
    case NODE_FRAGMENT_END:
    case NODE_UNKNOWN: return;
    }
    UNREACHABLE("node type outside the enum");
}

static enum node_type type_find(struct slice type)
{
    static const struct {
        const char *type;
        enum node_type value;
    } rows[] = {
#define NODE(symbol, type, meaning) {type, NODE_##symbol},
        NODE_TABLE
#undef NODE
        /* names before 1.11 */
        {"SubprocessInput", NODE_FRAGMENT_INPUT},
        {"SubprocessInputDefinition", NODE_FRAGMENT_START},
        {"SubprocessOutputDefinition", NODE_FRAGMENT_END},
    };

    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        if (slice_equal(type, slice_of(rows[row].type))) return rows[row].value;
    }
    return NODE_UNKNOWN;
}

/* Id, name and UUID by the rules of generation 3, which the older ones follow by derivation. */
static void read_identity(struct builder *builder, struct view_node *node)
{
    bool named = member(builder, node->at, SLICE("name")) != 0;

    node->id = member_text(builder, node->at, SLICE("id"));
    node->name = named ? member_text(builder, node->at, SLICE("name")) : node->id;
    builder->node = node->name;
    if (named && uuid_is(node->id)) {
        ASSERT(node->id.data != NULL);
        memcpy(node->uuid, node->id.data, UUID_TEXT_BYTES);
    } else {
        uuid_of_name(node->id, node->uuid);
    }
}

/* The edge into a Join has no id of its own. */
static void read_branch_end(struct builder *builder, struct view_node *node)
{
    uint32_t edge = member_of(builder, node->at, SLICE("definition"), DOCUMENT_OBJECT);

    if (edge == 0) return;
    struct slice from = member_text(builder, edge, SLICE("id"));
    struct slice to = member_text(builder, edge, SLICE("joinId"));
    node->id = TEXT(builder->arena, SLICE("$edge-"), from, SLICE("-"), to);
    node->name = node->id;
    uuid_of_name(node->id, node->uuid);
}

/* Elsewhere `isDisabled` is a member nobody knows. */
static bool can_be_disabled(enum node_type type)
{
    return type == NODE_FILTER || type == NODE_SINK || type == NODE_PROCESSOR ||
           type == NODE_FRAGMENT_INPUT;
}

static void read_node(struct builder *builder, uint32_t at, struct view_node *node)
{
    struct slice outer = builder->node;
    uint32_t outer_at = builder->at;

    node->at = at;
    builder->at = at;
    builder->node = (struct slice){0};
    read_identity(builder, node);
    struct slice type = member_text(builder, at, SLICE("type"));
    node->type = type_find(type);
    if (node->type == NODE_UNKNOWN) {
        complain(builder, type.len == 0 ? SLICE("The node has no `type`")
                                        : TEXT(builder->arena, SLICE("Unknown node type: "), type));
    }
    if (node->type == NODE_BRANCH_END) read_branch_end(builder, node);
    node->disabled = can_be_disabled(node->type) && member_true(builder, at, SLICE("isDisabled"));
    read_by_type(builder, node);
    builder->node = outer;
    builder->at = outer_at;
}

static struct view_list read_list(struct builder *builder, uint32_t array)
{
    const struct document_node *document = builder->document->nodes;
    struct view_list list = {0};

    if (array == 0 || document[array].count == 0) return list;
    if (document[array].count > PLAN_NODES_MAX - builder->node_count) {
        complain(builder, SLICE("A scenario has at most 1000 nodes"));
        builder->status = STATUS_LIMIT;
        return list;
    }
    struct view_node *nodes = allocate(builder, document[array].count, sizeof(*nodes));
    if (nodes == NULL) return list;
    builder->node_count += document[array].count;
    for (uint32_t at = array + 1; at < document[array].next; at = document[at].next) {
        if (document[at].kind == DOCUMENT_OBJECT) {
            read_node(builder, at, &nodes[list.count++]);
        } else {
            complain(builder, SLICE("a node must be an object"));
        }
    }
    list.nodes = nodes;
    return list;
}

/* --- the file ------------------------------------------------------------------------------------- */

/* Properties are texts; numbers and booleans of legacy files become their texts. */
static void read_properties(struct builder *builder, struct view *view)
{
    const struct document_node *nodes = builder->document->nodes;
    uint32_t meta = member_of(builder, 0, SLICE("metaData"), DOCUMENT_OBJECT);
    uint32_t count = 0;

    view->properties = value_map(NULL, 0);
    if (meta == 0) return;
    uint32_t fields = member_of(builder, meta, SLICE("additionalFields"), DOCUMENT_OBJECT);
    uint32_t legacy = member_of(builder, meta, SLICE("typeSpecificData"), DOCUMENT_OBJECT);
    uint32_t properties =
        fields == 0 ? 0 : member_of(builder, fields, SLICE("properties"), DOCUMENT_OBJECT);
    if (legacy != 0) properties = legacy;
    if (properties == 0) return;
    struct value_entry *entries = allocate(builder, nodes[properties].count, sizeof(*entries));
    if (entries == NULL) return;
    for (uint32_t at = properties + 1; at < nodes[properties].next;) {
        uint32_t value = nodes[at].next;
        struct slice name = decode(builder, at);
        struct slice text = is_string(builder->document, value)
                                ? decode(builder, value)
                                : document_text(builder->document, value);
        bool kept = nodes[value].kind != DOCUMENT_NULL && nodes[value].kind != DOCUMENT_OBJECT &&
                    nodes[value].kind != DOCUMENT_ARRAY &&
                    !(legacy != 0 && slice_equal(name, SLICE("type")));

        if (kept) entries[count++] = (struct value_entry){value_string(name), value_string(text)};
        at = nodes[value].next;
    }
    view->properties = value_map(entries, count);
}

enum status view_build(const struct scenario *scenario, struct arena *arena,
                       struct scenario_problems *problems, struct view *view)
{
    struct builder builder = {
        .document = &scenario->document, .arena = arena, .problems = problems};
    const struct document_node *nodes = scenario->document.nodes;
    uint32_t first = document_member(&scenario->document, 0, SLICE("nodes"));
    uint32_t others = member_of(&builder, 0, SLICE("additionalBranches"), DOCUMENT_ARRAY);
    struct view_list *lists =
        allocate(&builder, 1 + (others == 0 ? 0 : nodes[others].count), sizeof(*lists));

    ASSERT(first != 0);
    *view = (struct view){.scenario = scenario, .lists = lists};
    if (lists == NULL) return STATUS_LIMIT;
    read_properties(&builder, view);
    lists[view->list_count++] = read_list(&builder, first);
    for (uint32_t at = others + 1; others != 0 && at < nodes[others].next; at = nodes[at].next) {
        if (nodes[at].kind == DOCUMENT_ARRAY) {
            lists[view->list_count++] = read_list(&builder, at);
        } else {
            complain(&builder, SLICE("an additional branch must be an array of nodes"));
        }
    }
    view->node_count = builder.node_count;
    return builder.status;
}

bool view_blank(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] > ' ') return false;
    }
    return true;
}
