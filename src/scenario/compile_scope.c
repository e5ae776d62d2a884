/* compile_scope.c - names: of the scenario, of nodes, of variables. */
#include <utf8proc.h>

#include "scenario/compile.h"

/* Names the expression language takes for itself. */
static const char *const global_names[] = {
    "meta", "GEO",         "NUMERIC", "CONV",   "COLLECTION",
    "DATE", "DATE_FORMAT", "UTIL",    "RANDOM", "BASE64",
};

/* --- the scenario's name -------------------------------------------------------------------------- */

static bool plain_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');

        if (!letter && !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-' && byte != ' ')
            return false;
    }
    return name.len > 0 && name.data[0] != ' ' && name.data[name.len - 1] != ' ';
}

void check_scenario_name(struct compiler *compiler)
{
    struct slice name = compiler->scenario->id;
    struct slice field = SLICE("$id");

    if (name.len == 0) {
        compile_error(compiler, NULL, field,
                      SLICE("Scenario name is mandatory and cannot be empty"));
        return;
    }
    if (view_blank(name)) {
        compile_error(compiler, NULL, field, SLICE("Scenario name cannot be blank"));
    } else if (name.data[0] == ' ') {
        compile_error(compiler, NULL, field, SLICE("Scenario name cannot have leading spaces"));
    } else if (name.data[name.len - 1] == ' ') {
        compile_error(compiler, NULL, field, SLICE("Scenario name cannot have trailing spaces"));
    }
    if (plain_name(name)) return;
    compile_error(compiler, NULL, field,
                  COMPILE_TEXT(compiler, SLICE("Invalid scenario name "), name,
                               SLICE(". Only digits, letters, underscore (_), hyphen (-) and space "
                                     "in the middle are allowed")));
}

/* --- names of nodes ------------------------------------------------------------------------------- */

static void check_node_name(struct compiler *compiler, const struct view_node *node)
{
    struct slice name = node->name;
    struct slice message = {0};

    if (name.len == 0) {
        message = SLICE("Node name is mandatory and cannot be empty");
    } else if (view_blank(name)) {
        message = SLICE("Node name cannot be blank");
    } else if (name.data[0] == ' ') {
        message = SLICE("Node name cannot have leading spaces");
    } else if (name.data[name.len - 1] == ' ') {
        message = SLICE("Node name cannot have trailing spaces");
    }
    if (message.len > 0) compile_error(compiler, node, SLICE("$id"), message);
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] != '"' && name.data[i] != '.' && name.data[i] != '\'') continue;
        compile_error(compiler, node, SLICE("$id"),
                      SLICE("Node name contains invalid characters. Quotation mark (\"), dot (.) "
                            "and apostrophe (') are not allowed"));
        return;
    }
}

struct node_names {
    const struct view_node **nodes;
    uint32_t count;
};

static void collect(struct node_names *names, struct view_list list)
{
    for (uint32_t i = 0; i < list.count; i++) {
        const struct view_node *node = &list.nodes[i];

        if (node->type != NODE_BRANCH_END) names->nodes[names->count++] = node;
        for (uint32_t branch = 0; branch < node->branch_count; branch++)
            collect(names, node->branches[branch].list);
    }
}

/* At most PLAN_NODES_MAX names: comparing all pairs is cheap enough. Each name is told once, at its
 * second node. */
static void check_duplicate(struct compiler *compiler, const struct node_names *names, uint32_t at)
{
    uint32_t before = 0;

    for (uint32_t i = 0; i < at; i++) {
        if (slice_equal(names->nodes[i]->name, names->nodes[at]->name)) before++;
    }
    if (before == 1) {
        compile_error(compiler, names->nodes[at], (struct slice){0},
                      SLICE("Two nodes cannot have same id"));
    }
}

void check_node_names(struct compiler *compiler, const struct view *view)
{
    struct node_names names = {
        .nodes = compile_alloc(compiler, view->node_count + 1, sizeof(struct view_node *))};

    if (names.nodes == NULL) return;
    for (uint32_t i = 0; i < view->list_count; i++)
        collect(&names, view->lists[i]);
    ASSERT(names.count <= view->node_count);
    for (uint32_t i = 0; i < names.count; i++) {
        check_node_name(compiler, names.nodes[i]);
        check_duplicate(compiler, &names, i);
    }
}

/* --- variables ------------------------------------------------------------------------------------ */

static bool identifier_char(utf8proc_int32_t code, bool first)
{
    if (code < 0x80) {
        bool letter = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || code == '_';

        return letter || (!first && code >= '0' && code <= '9');
    }
    utf8proc_category_t category = utf8proc_category(code);
    bool letter = category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
                  category == UTF8PROC_CATEGORY_LT || category == UTF8PROC_CATEGORY_LM ||
                  category == UTF8PROC_CATEGORY_LO || category == UTF8PROC_CATEGORY_NL;
    return letter || (!first && category == UTF8PROC_CATEGORY_ND);
}

static bool is_identifier(struct slice name)
{
    size_t at = 0;

    while (at < name.len) {
        utf8proc_int32_t code;
        utf8proc_ssize_t len =
            utf8proc_iterate(name.data + at, (utf8proc_ssize_t)(name.len - at), &code);

        if (len <= 0 || !identifier_char(code, at == 0)) return false;
        at += (size_t)len;
    }
    return name.len > 0;
}

static const struct dictionaries *dictionaries_of(const struct compiler *compiler)
{
    return compiler->environment == NULL ? NULL : compiler->environment->dictionaries;
}

static bool name_taken(const struct compiler *compiler, struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(global_names); i++) {
        if (slice_equal(name, slice_of(global_names[i]))) return true;
    }
    for (uint32_t i = compiler->scope.start; i < compiler->scope.end; i++) {
        if (slice_equal(name, compiler->variables[i].name)) return true;
    }
    return dictionary_find(dictionaries_of(compiler), name) != NULL;
}

void scope_show(struct compiler *compiler, struct slice name, const struct type *type,
                uint32_t slot)
{
    if (compiler->scope.end == SCOPE_VARIABLES_MAX) {
        compiler->status = STATUS_LIMIT;
        return;
    }
    compiler->variables[compiler->scope.end++] =
        (struct expr_variable){.name = name, .type = type, .slot = slot};
}

uint32_t scope_define(struct compiler *compiler, const struct view_node *node, struct slice field,
                      struct slice name, const struct type *type)
{
    if (!is_identifier(name)) {
        compile_error(compiler, node, field,
                      COMPILE_TEXT(compiler, SLICE("Variable name '"), name,
                                   SLICE("' is not a valid identifier (only letters, numbers or "
                                         "'_', cannot be empty)")));
        return PLAN_END;
    }
    if (name_taken(compiler, name)) {
        compile_error(
            compiler, node, field,
            COMPILE_TEXT(compiler, SLICE("Variable name '"), name, SLICE("' is already defined.")));
        return PLAN_END;
    }
    if (compiler->slot_count == PLAN_SLOTS_MAX) {
        compile_error(compiler, node, field, SLICE("A scenario has at most 509 variables"));
        compiler->status = STATUS_LIMIT;
        return PLAN_END;
    }
    uint32_t slot = compiler->slot_count++;
    compiler->slots[slot] = (struct plan_variable){.name = name, .type = type};
    scope_show(compiler, name, type, slot);
    return slot;
}

uint32_t scope_redefine(struct compiler *compiler, const struct view_node *node, struct slice name,
                        const struct type *type)
{
    struct scope_mark seen = compiler->scope;

    if (name_taken(compiler, name)) {
        compiler->scope.start = seen.end;
        for (uint32_t i = seen.start; i < seen.end; i++) {
            const struct expr_variable *variable = &compiler->variables[i];

            if (!slice_equal(variable->name, name))
                scope_show(compiler, variable->name, variable->type, variable->slot);
        }
    }
    return scope_define(compiler, node, (struct slice){0}, name, type);
}

void scope_clear(struct compiler *compiler)
{
    compiler->scope.start = compiler->scope.end;
    scope_show(compiler, SLICE("meta"), compiler->meta_type, SLOT_META);
}

static const struct zones *zones_of(const struct compiler *compiler)
{
    return compiler->environment == NULL ? NULL : compiler->environment->zones;
}

struct expr_scope scope_now(const struct compiler *compiler)
{
    return (struct expr_scope){
        .variables = compiler->variables + compiler->scope.start,
        .count = compiler->scope.end - compiler->scope.start,
        .zones = zones_of(compiler),
        .dictionaries = dictionaries_of(compiler),
    };
}

struct expr_scope scope_global(const struct compiler *compiler)
{
    ASSERT(compiler->variables[0].slot == SLOT_META);
    return (struct expr_scope){
        .variables = compiler->variables,
        .count = 1,
        .zones = zones_of(compiler),
        .dictionaries = dictionaries_of(compiler),
    };
}
