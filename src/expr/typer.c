/* typer.c - types of names, lists, maps and choices; the dispatch over all nodes. */
#include "expr/typer.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024 };

/* --- problems ------------------------------------------------------------------------------------ */

void typer_fail(struct typer *typer, const struct node *node, const char *message,
                const struct slice *parts, uint32_t part_count)
{
    struct expr_problems *problems = typer->problems;
    struct buffer text;
    uint32_t filled = 0;

    if (problems->count == EXPR_PROBLEMS_MAX) return;
    buffer_init(&text, MESSAGE_BYTES_MAX);
    for (const char *at = message; *at != '\0'; at++) {
        if (*at == '%' && filled < part_count) {
            buffer_append(&text, parts[filled++]);
        } else {
            buffer_append_byte(&text, (uint8_t)*at);
        }
    }
    struct expr_problem *problem = &problems->items[problems->count++];
    *problem = (struct expr_problem){.start = node->start, .end = node->end};
    if (arena_copy(typer->arena, buffer_slice(&text), &problem->message) != STATUS_OK) {
        typer->failed = true;
    }
    buffer_deinit(&text);
}

void typer_fail_plain(struct typer *typer, const struct node *node, const char *message)
{
    typer_fail(typer, node, message, NULL, 0);
}

void typer_fail_type(struct typer *typer, const struct node *node, const char *message,
                     const struct type *type)
{
    struct slice part = typer_display(typer, type);

    typer_fail(typer, node, message, &part, 1);
}

void typer_fail_named(struct typer *typer, const struct node *node, const char *message,
                      struct slice name, const struct type *type)
{
    struct slice parts[] = {name, typer_display(typer, type)};

    typer_fail(typer, node, message, parts, COUNT_OF(parts));
}

struct slice typer_display(struct typer *typer, const struct type *type)
{
    struct slice display = {0};
    struct buffer text;

    buffer_init(&text, MESSAGE_BYTES_MAX);
    type_to_text(type, true, &text);
    if (arena_copy(typer->arena, buffer_slice(&text), &display) != STATUS_OK) {
        typer->failed = true;
    }
    buffer_deinit(&text);
    return display;
}

const struct type *typer_need(struct typer *typer, const struct type *type)
{
    if (type != NULL) return type;
    typer->failed = true;
    return &type_unknown;
}

const struct type *typer_common(struct typer *typer, const struct type *left,
                                const struct type *right)
{
    return typer_need(typer, type_common(left, right, typer->arena));
}

/* --- names --------------------------------------------------------------------------------------- */

enum status helper_find(struct slice name, enum class_id *class_id)
{
    static const struct {
        const char *name;
        enum class_id class_id;
    } helpers[] = {
#define HELPER(name, class_name, meaning) {#name, CLASS_##class_name},
#include "expr/methods/helper_objects.def"
#undef HELPER
    };

    for (size_t i = 0; i < COUNT_OF(helpers); i++) {
        if (!slice_equal(name, slice_of(helpers[i].name))) continue;
        *class_id = helpers[i].class_id;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

static const struct type *type_variable(struct typer *typer, struct node *node,
                                        const struct typer_scope *scope)
{
    enum class_id helper;

    for (uint32_t i = 0; i < typer->variables->count; i++) {
        if (slice_equal(typer->variables->variables[i].name, node->name)) {
            return typer->variables->variables[i].type;
        }
    }
    if (scope != NULL && slice_equal(node->name, SLICE("this"))) return scope->type;
    if (helper_find(node->name, &helper) == STATUS_OK) return type_of_class(helper);
    if (dictionary_find(typer->variables->dictionaries, node->name) != NULL)
        return typer_need(typer, type_dict(node->name, typer->arena));
    typer_fail(typer, node, "Unresolved reference '%'", &node->name, 1);
    return &type_unknown;
}

static const struct type *type_class_reference(struct typer *typer, struct node *node)
{
    struct slice java_name = node->name;
    enum class_id class_id;
    enum class_exists exists = class_lookup(typer->arena, &java_name, &class_id);

    node->static_context = true;
    if (exists == CLASS_ALLOWED && node->dimensions == 0) return type_of_class(class_id);
    if (exists == CLASS_MISSING) {
        typer_fail(typer, node, "Class % does not exist", &node->name, 1);
    } else {
        const char *message =
            node->dimensions > 0        ? "class [L%; is not allowed to be passed as TypeReference"
            : exists == CLASS_PRIMITIVE ? "% is not allowed to be passed as TypeReference"
                                        : "class % is not allowed to be passed as TypeReference";
        typer_fail(typer, node, message, &java_name, 1);
    }
    return &type_unknown;
}

/* --- literals, lists, maps ------------------------------------------------------------------------ */

/* A list knows the values of the items that are known; its item type forgets them. */
static const struct type *type_list_literal(struct typer *typer, struct node *node,
                                            const struct typer_scope *scope)
{
    struct value *items = arena_alloc(typer->arena, node->child_count, sizeof(*items));
    const struct type *item = NULL;
    uint32_t known = 0;

    type_children(typer, node, scope);
    if (items == NULL) return typer_need(typer, NULL);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct type *child = node->children[i]->type;
        item = item == NULL ? child : typer_common(typer, item, child);
        if (type_known(child, typer->arena, &items[known])) known++;
    }
    item = item == NULL ? &type_unknown : typer_need(typer, type_without_value(item, typer->arena));
    const struct type *list = typer_need(typer, type_list(item, typer->arena));
    return typer_need(typer, type_with_value(list, value_list(items, known), typer->arena));
}

/* Keys are words or constant texts. */
static bool map_key(const struct node *key, struct slice *name)
{
    if (key->kind == NODE_PROPERTY && key->child_count == 0) {
        *name = key->name;
        return true;
    }
    if (key->type == NULL || key->type->kind != TYPE_CLASS || !key->type->known ||
        key->type->value.kind != VALUE_STRING) {
        return false;
    }
    *name = value_text(key->type->value);
    return true;
}

static void set_field(struct type_field *fields, uint32_t *count, struct slice name,
                      const struct type *type)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (!slice_equal(fields[i].name, name)) continue;
        fields[i].type = type;
        return;
    }
    fields[(*count)++] = (struct type_field){name, type};
}

static const struct type *type_map_literal(struct typer *typer, struct node *node,
                                           const struct typer_scope *scope)
{
    struct type_field *fields = arena_alloc(typer->arena, node->child_count / 2, sizeof(*fields));
    uint32_t count = 0;
    bool keys_are_texts = true;

    if (fields == NULL) return typer_need(typer, NULL);
    for (uint32_t i = 0; i + 1 < node->child_count; i += 2) {
        struct node *key = node->children[i];
        if (key->kind == NODE_LITERAL || key->kind == NODE_BINARY) type_node(typer, key, NULL);
        const struct type *type = type_node(typer, node->children[i + 1], scope);
        struct slice name;
        if (map_key(key, &name)) {
            set_field(fields, &count, name, type);
        } else {
            keys_are_texts = false;
        }
    }
    if (!keys_are_texts) {
        typer_fail_plain(typer, node, "Currently only string keys for inline maps are supported");
        return &type_unknown;
    }
    return typer_need(typer, type_record(fields, count, typer->arena));
}

/* --- choices -------------------------------------------------------------------------------------- */

static const struct type *type_ternary(struct typer *typer, struct node *node,
                                       const struct typer_scope *scope)
{
    type_children(typer, node, scope);
    if (!type_assignable(node->children[0]->type, type_of_class(CLASS_Boolean))) {
        typer_fail_type(typer, node,
                        "Not a boolean expression used in ternary operator (expr ? onTrue : "
                        "onFalse). Computed expression type: %",
                        node->children[0]->type);
    }
    return typer_common(typer, node->children[1]->type, node->children[2]->type);
}

static const struct type *type_elvis(struct typer *typer, struct node *node,
                                     const struct typer_scope *scope)
{
    type_children(typer, node, scope);
    const struct type *either[] = {node->children[0]->type, node->children[1]->type};
    return typer_need(typer, type_union(either, COUNT_OF(either), typer->arena));
}

/* Each step stands on what the steps before gave. */
static const struct type *type_path(struct typer *typer, struct node *node,
                                    const struct typer_scope *scope)
{
    const struct type *type = type_node(typer, node->children[0], scope);
    bool static_context = node->children[0]->static_context;

    for (uint32_t i = 1; i < node->child_count; i++) {
        struct typer_scope inner = {type, static_context, scope};
        type = type_node(typer, node->children[i], &inner);
        static_context = node->children[i]->static_context;
    }
    return type;
}

/* --- dispatch ------------------------------------------------------------------------------------- */

void type_children(struct typer *typer, struct node *node, const struct typer_scope *scope)
{
    for (uint32_t i = 0; i < node->child_count; i++)
        type_node(typer, node->children[i], scope);
}

static const struct type *type_refused(struct typer *typer, struct node *node, const char *message)
{
    typer_fail_plain(typer, node, message);
    return &type_unknown;
}

static const struct type *type_by_kind(struct typer *typer, struct node *node,
                                       const struct typer_scope *scope)
{
    switch (node->kind) {
    case NODE_ERROR: type_children(typer, node, scope); return &type_unknown;
    case NODE_LITERAL: return typer_need(typer, type_of_value(node->value, typer->arena));
    case NODE_VARIABLE: return type_variable(typer, node, scope);
    case NODE_FUNCTION: return &type_unknown;
    case NODE_PROPERTY: return type_property(typer, node, scope);
    case NODE_METHOD: return type_method(typer, node, scope);
    case NODE_INDEX: return type_index(typer, node, scope);
    case NODE_SELECT: return type_selection(typer, node, scope);
    case NODE_PROJECT: return type_projection(typer, node, scope);
    case NODE_PATH: return type_path(typer, node, scope);
    case NODE_LIST: return type_list_literal(typer, node, scope);
    case NODE_MAP: return type_map_literal(typer, node, scope);
    case NODE_UNARY:
    case NODE_BINARY: return type_operator(typer, node, scope);
    case NODE_TERNARY: return type_ternary(typer, node, scope);
    case NODE_ELVIS: return type_elvis(typer, node, scope);
    case NODE_ASSIGN: return type_refused(typer, node, "Value modifications are not supported");
    case NODE_TYPE: return type_class_reference(typer, node);
    case NODE_NEW:
    case NODE_NEW_ARRAY: return type_construction(typer, node, scope);
    case NODE_BEAN: return type_refused(typer, node, "Bean reference is not supported");
    }
    UNREACHABLE("node kind outside the enum");
}

const struct type *type_node(struct typer *typer, struct node *node,
                             const struct typer_scope *scope)
{
    node->type = type_by_kind(typer, node, scope);
    return node->type;
}

enum status typer_run(struct node *root, const struct expr_scope *variables, struct arena *arena,
                      struct expr_problems *problems)
{
    struct typer typer = {.arena = arena, .variables = variables, .problems = problems};

    type_node(&typer, root, NULL);
    return typer.failed ? STATUS_LIMIT : STATUS_OK;
}
