/* view.c - three generations of files into one shape.
 *
 * Members are found by name, never by place. What is missing or null has its default; what has the
 * wrong kind is a problem and counts as missing, so that one damaged node does not hide the others.
 */
#include "scenario/view_room.h"

/* --- nodes ---------------------------------------------------------------------------------------- */

/* Depth of the recursion read_list -> read_node -> read_branches is that of the JSON text. */
static struct view_list read_list(struct builder *builder, uint32_t array);

static struct view_branch *new_branches(struct builder *builder, struct view_node *node,
                                        uint32_t count)
{
    struct view_branch *branches = builder_alloc(builder, count, sizeof(struct view_branch));

    node->branch_count = branches == NULL ? 0 : count;
    node->branches = branches;
    return branches;
}

static void read_filter(struct builder *builder, struct view_node *node)
{
    struct view_branch *branches = new_branches(builder, node, 1);

    node->expression = builder_expression(builder, node->at, SLICE("expression"));
    if (branches == NULL) return;
    branches[0].list = read_list(
        builder, builder_member_of(builder, node->at, SLICE("nextFalse"), DOCUMENT_ARRAY));
}

static void read_switch(struct builder *builder, struct view_node *node)
{
    const struct document_node *nodes = builder->document->nodes;
    uint32_t cases = builder_member_of(builder, node->at, SLICE("nexts"), DOCUMENT_ARRAY);
    uint32_t count = 0;
    struct view_branch *branches =
        new_branches(builder, node, (cases == 0 ? 0 : nodes[cases].count) + 1);

    node->expression = builder_expression(builder, node->at, SLICE("expression"));
    node->variable = builder_text(builder, node->at, SLICE("exprVal"));
    if (branches == NULL) return;
    for (uint32_t at = cases + 1; cases != 0 && at < nodes[cases].next; at = nodes[at].next) {
        if (nodes[at].kind != DOCUMENT_OBJECT) {
            builder_complain(builder, SLICE("a case must be an object {expression, nodes}"));
            continue;
        }
        branches[count].condition = builder_expression(builder, at, SLICE("expression"));
        branches[count++].list =
            read_list(builder, builder_member_of(builder, at, SLICE("nodes"), DOCUMENT_ARRAY));
    }
    branches[count++].list = read_list(
        builder, builder_member_of(builder, node->at, SLICE("defaultNext"), DOCUMENT_ARRAY));
    node->branch_count = count;
}

static void read_split(struct builder *builder, struct view_node *node)
{
    const struct document_node *nodes = builder->document->nodes;
    uint32_t lists = builder_member_of(builder, node->at, SLICE("nexts"), DOCUMENT_ARRAY);
    uint32_t count = 0;

    if (lists == 0) return;
    struct view_branch *branches = new_branches(builder, node, nodes[lists].count);
    if (branches == NULL) return;
    for (uint32_t at = lists + 1; at < nodes[lists].next; at = nodes[at].next) {
        if (nodes[at].kind != DOCUMENT_ARRAY) {
            builder_complain(builder, SLICE("a branch of a split must be an array of nodes"));
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
        builder_component(builder, builder_member_of(builder, at, SLICE("ref"), DOCUMENT_OBJECT),
                          SLICE("typ"), node);
        return;
    case NODE_FILTER: read_filter(builder, node); return;
    case NODE_SWITCH: read_switch(builder, node); return;
    case NODE_SPLIT: read_split(builder, node); return;
    case NODE_VARIABLE:
        node->variable = builder_text(builder, at, SLICE("varName"));
        node->expression = builder_expression(builder, at, SLICE("value"));
        return;
    case NODE_RECORD:
        node->variable = builder_text(builder, at, SLICE("varName"));
        node->parameters = builder_parameters(builder, at, SLICE("fields"), &node->parameter_count);
        return;
    case NODE_ENRICHER:
        node->variable = builder_text(builder, at, SLICE("output"));
        node->expression = builder_expression(builder, at, SLICE("mockExpression"));
        builder_component(builder,
                          builder_member_of(builder, at, SLICE("service"), DOCUMENT_OBJECT),
                          SLICE("id"), node);
        return;
    case NODE_PROCESSOR:
        builder_component(builder,
                          builder_member_of(builder, at, SLICE("service"), DOCUMENT_OBJECT),
                          SLICE("id"), node);
        return;
    case NODE_CUSTOM:
    case NODE_JOIN:
        node->variable = builder_text(builder, at, SLICE("outputVar"));
        builder_component(builder, at, SLICE("nodeType"), node);
        return;
    case NODE_FRAGMENT_INPUT:
        builder_component(builder, builder_member_of(builder, at, SLICE("ref"), DOCUMENT_OBJECT),
                          SLICE("id"), node);
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
    bool named = builder_member(builder, node->at, SLICE("name")) != 0;

    node->id = builder_text(builder, node->at, SLICE("id"));
    node->name = named ? builder_text(builder, node->at, SLICE("name")) : node->id;
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
    uint32_t edge = builder_member_of(builder, node->at, SLICE("definition"), DOCUMENT_OBJECT);

    if (edge == 0) return;
    struct slice from = builder_text(builder, edge, SLICE("id"));
    struct slice to = builder_text(builder, edge, SLICE("joinId"));
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
    struct slice type = builder_text(builder, at, SLICE("type"));
    node->type = type_find(type);
    if (node->type == NODE_UNKNOWN) {
        builder_complain(builder, type.len == 0
                                      ? SLICE("The node has no `type`")
                                      : TEXT(builder->arena, SLICE("Unknown node type: "), type));
    }
    if (node->type == NODE_BRANCH_END) read_branch_end(builder, node);
    node->disabled = can_be_disabled(node->type) && builder_true(builder, at, SLICE("isDisabled"));
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
        builder_complain(builder, SLICE("A scenario has at most 1000 nodes"));
        builder->status = STATUS_LIMIT;
        return list;
    }
    struct view_node *nodes = builder_alloc(builder, document[array].count, sizeof(*nodes));
    if (nodes == NULL) return list;
    builder->node_count += document[array].count;
    for (uint32_t at = array + 1; at < document[array].next; at = document[at].next) {
        if (document[at].kind == DOCUMENT_OBJECT) {
            read_node(builder, at, &nodes[list.count++]);
        } else {
            builder_complain(builder, SLICE("a node must be an object"));
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
    uint32_t meta = builder_member_of(builder, 0, SLICE("metaData"), DOCUMENT_OBJECT);
    uint32_t count = 0;

    view->properties = value_map(NULL, 0);
    if (meta == 0) return;
    uint32_t fields = builder_member_of(builder, meta, SLICE("additionalFields"), DOCUMENT_OBJECT);
    uint32_t legacy = builder_member_of(builder, meta, SLICE("typeSpecificData"), DOCUMENT_OBJECT);
    uint32_t properties =
        fields == 0 ? 0 : builder_member_of(builder, fields, SLICE("properties"), DOCUMENT_OBJECT);
    if (legacy != 0) properties = legacy;
    if (properties == 0) return;
    struct value_entry *entries = builder_alloc(builder, nodes[properties].count, sizeof(*entries));
    if (entries == NULL) return;
    for (uint32_t at = properties + 1; at < nodes[properties].next;) {
        uint32_t value = nodes[at].next;
        struct slice name = builder_decode(builder, at);
        struct slice text = builder_is_string(builder->document, value)
                                ? builder_decode(builder, value)
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
    uint32_t others = builder_member_of(&builder, 0, SLICE("additionalBranches"), DOCUMENT_ARRAY);
    struct view_list *lists =
        builder_alloc(&builder, 1 + (others == 0 ? 0 : nodes[others].count), sizeof(*lists));

    ASSERT(first != 0);
    *view = (struct view){.scenario = scenario, .lists = lists};
    if (lists == NULL) return STATUS_LIMIT;
    read_properties(&builder, view);
    lists[view->list_count++] = read_list(&builder, first);
    for (uint32_t at = others + 1; others != 0 && at < nodes[others].next; at = nodes[at].next) {
        if (nodes[at].kind == DOCUMENT_ARRAY) {
            lists[view->list_count++] = read_list(&builder, at);
        } else {
            builder_complain(&builder, SLICE("an additional branch must be an array of nodes"));
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
