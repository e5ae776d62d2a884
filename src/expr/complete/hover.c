/* hover.c - the smallest expression around the caret: its type and what it is. */
#include "expr/complete/room.h"

struct search {
    uint32_t caret;
    const struct node *node;
    struct stand stand;
};

/* Between two that touch at the caret the one behind it counts only if it is smaller. */
static void visit(void *context, const struct node *node, const struct stand *stand)
{
    struct search *search = context;
    const struct node *found = search->node;

    /* A path as a whole is what its last step is. */
    if (node->kind == NODE_ERROR || node->kind == NODE_PATH) return;
    if (node->type == NULL || node->end == node->start) return;
    if (node->start > search->caret || node->end < search->caret) return;
    if (found != NULL && found->end - found->start < node->end - node->start) return;
    search->node = node;
    search->stand = *stand;
}

static const char *member_doc(const struct node *node, const struct stand *stand)
{
    const struct type *receiver = stand->receiver != NULL ? stand->receiver : stand->element;

    if (receiver == NULL) return NULL;
    if (receiver->kind == TYPE_RECORD && type_field(receiver, node->name) != NULL) return NULL;
    if (receiver->kind == TYPE_UNION) receiver = receiver->parameters[0];
    const struct method *row =
        method_find(type_class_id(receiver), stand->static_context ? PLACE_STATIC : PLACE_INSTANCE,
                    node->name, 0);
    return row != NULL ? row->meaning : NULL;
}

/* A key of a dictionary is explained by its label. */
static struct slice entry_doc(const struct completing *work, const struct node *node,
                              const struct stand *stand)
{
    const struct type *type = stand->receiver != NULL ? stand->receiver : stand->keyed;
    bool step =
        stand->receiver != NULL && (node->kind == NODE_PROPERTY || node->kind == NODE_INDEX);
    bool key = stand->receiver == NULL && node->kind == NODE_LITERAL;

    if (type == NULL || type->kind != TYPE_DICT || (!step && !key)) return (struct slice){0};
    const struct dictionary *dictionary =
        dictionary_find(work->request->scope->dictionaries, value_text(type->value));
    for (uint32_t i = 0; dictionary != NULL && i < dictionary->count; i++) {
        const struct dictionary_entry *entry = &dictionary->entries[i];
        bool meant = step ? value_equals(entry->value, node->value)
                          : node->value.kind == VALUE_STRING &&
                                slice_equal(entry->key, value_text(node->value));
        if (meant) return entry->label;
    }
    return (struct slice){0};
}

static const char *variable_doc(struct slice name)
{
    static const struct {
        const char *name;
        const char *meaning;
    } helpers[] = {
#define HELPER(name, class_name, meaning) {#name, meaning},
#include "expr/methods/helper_objects.def"
#undef HELPER
    };

    for (size_t i = 0; i < COUNT_OF(helpers); i++) {
        if (slice_equal(name, slice_of(helpers[i].name))) return helpers[i].meaning;
    }
    return slice_equal(name, SLICE("this")) ? "the item at hand" : NULL;
}

/* What could not be resolved has a type only so that the work goes on. */
static bool is_wrong(const struct completing *work, const struct node *node)
{
    if (node->kind == NODE_VARIABLE && node->name.len == 0) return true;
    for (uint32_t i = 0; i < work->problems.count; i++) {
        const struct expr_problem *problem = &work->problems.items[i];
        if (problem->start == node->start && problem->end == node->end) return true;
    }
    return false;
}

void hover_find(struct completing *work, const struct node *root, struct complete_hover *hover)
{
    struct search search = {.caret = work->caret};
    const char *doc = NULL;

    stand_walk(work, root, visit, &search);
    const struct node *node = search.node;
    if (node == NULL || is_wrong(work, node)) return;
    if (node->kind == NODE_METHOD || node->kind == NODE_PROPERTY) {
        doc = member_doc(node, &search.stand);
    }
    if (node->kind == NODE_VARIABLE) doc = variable_doc(node->name);
    if (doc == NULL) doc = complete_type_doc(node->type);
    struct slice label = entry_doc(work, node, &search.stand);
    *hover = (struct complete_hover){.found = true,
                                     .type = complete_display(work, node->type, true),
                                     .doc = label.len > 0 ? label : slice_of(doc),
                                     .from = node->start,
                                     .to = node->end};
}
