/* typer_members.c - types of properties, indexes, selections and projections. */
#include "expr/typer.h"

/* --- dictionaries --------------------------------------------------------------------------------- */

/* The keys there are, as messages list them. */
static struct slice keys_shown(struct typer *typer, const struct dictionary *dictionary)
{
    enum { SHOWN = 3 };
    struct slice shown = {0};
    struct buffer text;

    buffer_init(&text, EXPR_TEXT_BYTES_MAX);
    for (uint32_t i = 0; i < dictionary->count && i < SHOWN; i++) {
        buffer_append_text(&text, i > 0 ? ", '" : "'");
        buffer_append(&text, dictionary->entries[i].key);
        buffer_append_byte(&text, '\'');
    }
    if (dictionary->count > SHOWN) buffer_append_text(&text, ", ...");
    if (arena_copy(typer->arena, buffer_slice(&text), &shown) != STATUS_OK) typer->failed = true;
    buffer_deinit(&text);
    return shown;
}

/* A step on a dictionary is a key of it, known now: the compiler takes it from the node. */
static const struct type *type_entry(struct typer *typer, struct node *node, struct slice key,
                                     const struct type *type)
{
    const struct dictionary *dictionary =
        dictionary_find(typer->variables->dictionaries, value_text(type->value));

    ASSERT(dictionary != NULL);
    const struct dictionary_entry *entry = dictionary_entry(dictionary, key);
    if (entry == NULL) {
        struct slice parts[] = {key, typer_display(typer, type), keys_shown(typer, dictionary)};
        typer_fail(typer, node, "Illegal key: '%' for %. Possible keys are: %.", parts,
                   COUNT_OF(parts));
        return &type_unknown;
    }
    node->value = entry->value;
    return type_of_class(dictionary->keys);
}

static const struct type *index_dictionary(struct typer *typer, struct node *node,
                                           const struct type *type)
{
    const struct type *key = node->children[0]->type;
    struct buffer text;

    if (key->kind == TYPE_CLASS && key->known && key->value.kind == VALUE_STRING)
        return type_entry(typer, node, value_text(key->value), type);
    buffer_init(&text, EXPR_TEXT_BYTES_MAX);
    ast_to_text(node, &text);
    struct slice shown = buffer_slice(&text);
    typer_fail(typer, node, "Illegal spel construction: %. Dict should be indexed by a single key",
               &shown, 1);
    buffer_deinit(&text);
    return &type_unknown;
}

/* --- properties ----------------------------------------------------------------------------------- */

/* A member of one type; NULL if there is none. */
static const struct type *member_of(struct typer *typer, const struct node *node,
                                    const struct type *type, bool static_context)
{
    if (type->kind == TYPE_RECORD) {
        const struct type *field = type_field(type, node->name);
        if (field != NULL) return field;
    }
    struct type_call call = {.receiver = type,
                             .static_context = static_context,
                             .name = node->name,
                             .property = true,
                             .node = node};
    const struct type *result = type_call_result(typer, &call);
    if (result != NULL) return result;
    if (type->kind == TYPE_CLASS && type->class_id == CLASS_Map) return type->parameters[1];
    /* The original looks among the methods of objects, and fails when it runs. */
    bool text = static_context && slice_equal(node->name, SLICE("toString"));
    return text ? type_of_class(CLASS_String) : NULL;
}

static const struct type *member_of_union(struct typer *typer, const struct node *node,
                                          const struct type *type)
{
    const struct type **found = arena_alloc(typer->arena, type->count, sizeof(struct type *));
    uint32_t count = 0;

    if (found == NULL) return typer_need(typer, NULL);
    for (uint32_t i = 0; i < type->count; i++) {
        uint32_t before = typer->problems->count;
        const struct type *member = member_of(typer, node, type->parameters[i], false);
        if (member != NULL && typer->problems->count == before) found[count++] = member;
        typer->problems->count = before;
    }
    return count > 0 ? typer_need(typer, type_union(found, count, typer->arena)) : NULL;
}

const struct type *type_property(struct typer *typer, struct node *node,
                                 const struct typer_scope *scope)
{
    if (scope == NULL) {
        typer_fail(typer, node, "Non reference '%' occurred. Maybe you missed '#' in front of it?",
                   &node->name, 1);
        return &type_unknown;
    }
    if (scope->type->kind == TYPE_UNKNOWN || scope->type->kind == TYPE_NULL) {
        /* What every object offers is offered here too. */
        struct type_call call = {
            .receiver = scope->type, .name = node->name, .property = true, .node = node};
        const struct type *result =
            scope->type->kind == TYPE_UNKNOWN ? type_call_result(typer, &call) : NULL;
        if (result != NULL) return result;
        typer_fail_type(typer, node, "Property access on % is not allowed", scope->type);
        return scope->type;
    }
    if (scope->type->kind == TYPE_DICT) return type_entry(typer, node, node->name, scope->type);
    const struct type *member = scope->type->kind == TYPE_UNION
                                    ? member_of_union(typer, node, scope->type)
                                    : member_of(typer, node, scope->type, scope->static_context);
    if (member != NULL) return member;
    const struct type *shown = scope->type;
    if (shown->kind == TYPE_CLASS)
        shown = typer_need(typer, type_without_value(shown, typer->arena));
    typer_fail_named(typer, node, "There is no property '%' in type: %", node->name, shown);
    return &type_unknown;
}

/* --- indexes -------------------------------------------------------------------------------------- */

static const struct type *index_record(struct typer *typer, struct node *node,
                                       const struct type *record)
{
    const struct node *key = node->children[0];
    const struct type *key_type = key->type;
    bool is_text = type_assignable(key_type, type_of_class(CLASS_String));

    if (key->kind == NODE_LITERAL && key->name.data != NULL) return &type_unknown;
    if (key_type->kind == TYPE_CLASS && key_type->known && key_type->value.kind == VALUE_STRING) {
        struct slice name = value_text(key_type->value);
        const struct type *field = type_field(record, name);
        if (field != NULL) return field;
        typer_fail_named(typer, node, "There is no property '%' in type: %", name, record);
        return &type_unknown;
    }
    if (is_text) return &type_unknown;
    typer_fail_named(typer, node, "There is no property of type '%' in type: %",
                     typer_display(typer, key_type), record);
    return &type_unknown;
}

/* A bare word inside the brackets of a record or map is the name itself. */
static void type_key(struct typer *typer, struct node *node, const struct typer_scope *scope)
{
    struct node *key = node->children[0];
    bool names = scope->type->kind == TYPE_RECORD || scope->type->kind == TYPE_DICT ||
                 type_class_id(scope->type) == CLASS_Map;

    if (key->kind == NODE_PROPERTY && names) {
        key->kind = NODE_LITERAL;
        key->value = value_string(key->name);
    }
    type_node(typer, key, scope->outer != NULL ? scope->outer : scope);
}

static const struct type *index_class(struct typer *typer, struct node *node,
                                      const struct type *type)
{
    if (type->class_id == CLASS_List || type->class_id == CLASS_Array) return type->parameters[0];
    if (type->class_id == CLASS_Map) {
        if (type_assignable(node->children[0]->type, type->parameters[0])) {
            return type->parameters[1];
        }
        typer_fail_plain(typer, node, "Cannot do indexing here");
        return &type_unknown;
    }
    typer_fail_plain(typer, node, "Dynamic property access is not allowed");
    return &type_unknown;
}

static const struct type *index_type(struct typer *typer, struct node *node,
                                     const struct type *type)
{
    switch (type->kind) {
    case TYPE_UNKNOWN: return &type_unknown;
    case TYPE_NULL: typer_fail_plain(typer, node, "Cannot do indexing here"); return &type_unknown;
    case TYPE_RECORD: return index_record(typer, node, type);
    case TYPE_CLASS: return index_class(typer, node, type);
    case TYPE_DICT: return index_dictionary(typer, node, type);
    case TYPE_UNION: {
        const struct type **found = arena_alloc(typer->arena, type->count, sizeof(struct type *));
        if (found == NULL) return typer_need(typer, NULL);
        for (uint32_t i = 0; i < type->count; i++) {
            found[i] = index_type(typer, node, type->parameters[i]);
        }
        return typer_need(typer, type_union(found, type->count, typer->arena));
    }
    }
    UNREACHABLE("type kind outside the enum");
}

const struct type *type_index(struct typer *typer, struct node *node,
                              const struct typer_scope *scope)
{
    if (scope == NULL) {
        type_children(typer, node, scope);
        typer_fail_plain(typer, node, "Cannot do indexing here");
        return &type_unknown;
    }
    type_key(typer, node, scope);
    return index_type(typer, node, scope->type);
}

/* --- selections and projections ------------------------------------------------------------------- */

static const struct type *entry_of(struct typer *typer, const struct type *map)
{
    struct type_field fields[] = {{SLICE("key"), type_parameter(map, 0, typer->arena)},
                                  {SLICE("value"), type_parameter(map, 1, typer->arena)}};

    return typer_need(typer, type_record(fields, COUNT_OF(fields), typer->arena));
}

/* What a collection is made of. */
static const struct type *element_of(struct typer *typer, const struct node *node,
                                     const struct type *type)
{
    enum class_id class_id = type_class_id(type);

    if (type->kind == TYPE_DICT) {
        typer_fail_type(typer, node, "Cannot do projection/selection on %", type);
        return &type_unknown;
    }
    if (type->kind != TYPE_CLASS && type->kind != TYPE_RECORD) return &type_unknown;
    if (class_is(class_id, CLASS_Collection) || class_id == CLASS_Array) {
        return type->parameters[0];
    }
    if (class_id == CLASS_Map) return entry_of(typer, type);
    typer_fail_type(typer, node, "Cannot do projection/selection on %", type);
    return &type_unknown;
}

static const struct type *selected_of(struct typer *typer, const struct node *node,
                                      const struct type *type, const struct type *element)
{
    if (node->select != SELECT_ALL) return element;
    if (type_class_id(type) == CLASS_Map) {
        return typer_need(typer, type_record(NULL, 0, typer->arena));
    }
    return typer_need(typer, type_without_value(type, typer->arena));
}

const struct type *type_selection(struct typer *typer, struct node *node,
                                  const struct typer_scope *scope)
{
    if (scope == NULL) {
        typer_fail_plain(typer, node, "Cannot do selection here");
        return &type_unknown;
    }
    const struct type *element = element_of(typer, node, scope->type);
    struct typer_scope inner = {element, false, scope};
    const struct type *condition = type_node(typer, node->children[0], &inner);
    if (!type_assignable(condition, type_of_class(CLASS_Boolean))) {
        struct slice display = typer_display(typer, condition);
        typer_fail(typer, node, "Wrong selection type: List(%)", &display, 1);
    }
    return selected_of(typer, node, scope->type, element);
}

const struct type *type_projection(struct typer *typer, struct node *node,
                                   const struct typer_scope *scope)
{
    if (scope == NULL) {
        typer_fail_plain(typer, node, "Cannot do projection here");
        return &type_unknown;
    }
    const struct type *element = element_of(typer, node, scope->type);
    struct typer_scope inner = {element, false, scope};
    const struct type *result = type_node(typer, node->children[0], &inner);
    return typer_need(typer, type_list(result, typer->arena));
}
