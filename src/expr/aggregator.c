/* aggregator.c - the aggregator parameter: `#AGG.list`, `#AGG.map({a: #AGG.sum})`, known when the plan
 * is made. It is parsed like any expression and read off the tree; nothing of it runs.
 */
#include "expr/languages.h"
#include "expr/typer.h"

enum { AGGREGATOR_DEPTH_MAX = 4 };

static const char *const aggregator_names[AGGREGATOR_COUNT] = {
#define AGGREGATOR(name, meaning) #name,
#include "expr/aggregators.def"
#undef AGGREGATOR
};

static enum status fail(const struct node *node, struct arena *plan,
                        struct expr_problems *problems, const char *message, struct slice name)
{
    uint8_t memory[256];
    struct buffer text = {.data = memory, .capacity = sizeof(memory), .bytes_max = sizeof(memory)};

    for (const char *at = message; *at != '\0'; at++) {
        if (*at == '%') buffer_append(&text, name);
        else buffer_append_byte(&text, (uint8_t)*at);
    }
    enum status status =
        problem_add(problems, plan, (struct span){node->start, node->end}, buffer_slice(&text));
    return status == STATUS_OK ? STATUS_INVALID : status;
}

static bool find_kind(struct slice name, enum aggregator_kind *kind)
{
    for (uint32_t i = 0; i < AGGREGATOR_COUNT; i++) {
        if (!slice_equal(name, slice_of(aggregator_names[i]))) continue;
        *kind = (enum aggregator_kind)i;
        return true;
    }
    return false;
}

static enum status read_aggregator(const struct node *node, uint32_t depth, struct arena *plan,
                                   struct expr_problems *problems, struct aggregator *aggregator);

static bool field_name(const struct node *key, struct slice *name)
{
    if (key->kind == NODE_PROPERTY) *name = key->name;
    else if (key->kind == NODE_LITERAL && key->value.kind == VALUE_STRING) {
        *name = value_text(key->value);
    } else {
        return false;
    }
    return true;
}

static enum status read_map(const struct node *map, uint32_t depth, struct arena *plan,
                            struct expr_problems *problems, struct aggregator *aggregator)
{
    uint32_t count = map->child_count / 2;
    struct aggregator_field *fields = arena_alloc(plan, count, sizeof(*fields));
    enum status result = STATUS_OK;

    if (fields == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        const struct node *key = map->children[2 * i];
        if (!field_name(key, &fields[i].name)) {
            return fail(key, plan, problems,
                        "Currently only string keys for inline maps are supported",
                        (struct slice){0});
        }
        enum status status = read_aggregator(map->children[2 * i + 1], depth + 1, plan, problems,
                                             &fields[i].aggregator);
        if (status == STATUS_LIMIT) return status;
        if (status != STATUS_OK) result = status;
    }
    aggregator->kind = AGGREGATOR_map;
    aggregator->fields = fields;
    aggregator->field_count = count;
    return result;
}

/* `#AGG.name`, `#AGG.name()` or `#AGG.map({...})`. */
static enum status read_aggregator(const struct node *node, uint32_t depth, struct arena *plan,
                                   struct expr_problems *problems, struct aggregator *aggregator)
{
    *aggregator = (struct aggregator){0};
    bool shaped = node->kind == NODE_PATH && node->child_count == 2 &&
                  node->children[0]->kind == NODE_VARIABLE &&
                  slice_equal(node->children[0]->name, SLICE("AGG"));
    if (!shaped || depth > AGGREGATOR_DEPTH_MAX) {
        return fail(node, plan, problems,
                    "An aggregator is #AGG.sum, #AGG.list and the like, or #AGG.map({...}) of them",
                    (struct slice){0});
    }
    const struct node *step = node->children[1];
    bool named = step->kind == NODE_PROPERTY || step->kind == NODE_METHOD;
    if (!named || !find_kind(step->name, &aggregator->kind)) {
        return fail(step, plan, problems, "There is no property '%' in type: AggregateHelper",
                    step->name);
    }
    if (aggregator->kind != AGGREGATOR_map) {
        if (step->child_count == 0) return STATUS_OK;
        return fail(step, plan, problems, "The aggregator % takes no arguments", step->name);
    }
    if (step->child_count != 1 || step->children[0]->kind != NODE_MAP) {
        return fail(step, plan, problems,
                    "The aggregator map takes one record of aggregators: {name: #AGG.sum}",
                    (struct slice){0});
    }
    return read_map(step->children[0], depth, plan, problems, aggregator);
}

enum status expr_compile_aggregator(struct slice text, const struct expr_scope *scope,
                                    struct arena *plan, struct expr_problems *problems,
                                    struct aggregator *aggregator)
{
    struct syntax_problem syntax;
    struct node *root = NULL;
    struct slice copy;

    problems->count = 0;
    if (text.len > EXPR_TEXT_BYTES_MAX) return problem_add_limit(problems, plan, text);
    enum status status = arena_copy(plan, text, &copy);
    if (status != STATUS_OK) return status;
    status = parser_run(copy, plan, &root, &syntax);
    if (status != STATUS_OK) return problem_add_limit(problems, plan, text);
    if (syntax.code != NULL) {
        status = problem_add_syntax(problems, plan, copy, &syntax, 0);
        return status == STATUS_OK ? STATUS_INVALID : status;
    }
    if (!scope->aggregators) {
        return fail(root, plan, problems, "Unresolved reference 'AGG'", (struct slice){0});
    }
    return read_aggregator(root, 0, plan, problems, aggregator);
}

/* --- types ------------------------------------------------------------------------------------------ */

static const struct type *refuse(const struct type *element, const struct type *wanted,
                                 struct arena *plan, struct expr_problems *problems)
{
    struct buffer text;

    buffer_init(&text, 64 * 1024);
    buffer_append_text(&text, "Invalid aggregate type: ");
    type_to_text(element, true, &text);
    buffer_append_text(&text, ", should be: ");
    type_to_text(wanted, true, &text);
    enum status status =
        problem_add(problems, plan, (struct span){0, 0}, buffer_slice(&text));
    buffer_deinit(&text);
    (void)status; /* the caller sees NULL either way */
    return NULL;
}

static const struct type *type_of_numbers(const struct type *element, enum promotion promotion,
                                          struct arena *plan, struct expr_problems *problems)
{
    const struct type *number = type_of_class(CLASS_Number);

    if (!type_assignable(element, number)) return refuse(element, number, plan, problems);
    return type_promote(element, element, promotion, plan);
}

static const struct type *type_of_map(const struct aggregator *aggregator,
                                      const struct type *element, struct arena *plan,
                                      struct expr_problems *problems)
{
    struct type_field *fields = arena_alloc(plan, aggregator->field_count, sizeof(*fields));

    if (fields == NULL) return NULL;
    if (element->kind == TYPE_RECORD && element->count != aggregator->field_count) {
        element = type_of_class(CLASS_Boolean); /* refused below, with what was found */
    }
    for (uint32_t i = 0; i < aggregator->field_count; i++) {
        struct slice name = aggregator->fields[i].name;
        const struct type *field = element->kind == TYPE_RECORD ? type_field(element, name) : NULL;
        if (field == NULL) {
            struct expr_problem problem = {
                .message = SLICE("Fields do not match: the aggregated record and the aggregator's "
                                 "map need the same names")};
            if (problems->count < EXPR_PROBLEMS_MAX) problems->items[problems->count++] = problem;
            return NULL;
        }
        fields[i].name = name;
        fields[i].type = aggregator_type(&aggregator->fields[i].aggregator, field, plan, problems);
        if (fields[i].type == NULL) return NULL;
    }
    return type_record(fields, aggregator->field_count, plan);
}

const struct type *aggregator_type(const struct aggregator *aggregator, const struct type *element,
                                   struct arena *plan, struct expr_problems *problems)
{
    const struct type *plain = type_without_value(element, plan);

    if (plain == NULL) return NULL;
    switch (aggregator->kind) {
    case AGGREGATOR_sum: return type_of_numbers(plain, PROMOTION_LARGE_SUM, plan, problems);
    case AGGREGATOR_min:
    case AGGREGATOR_max: return type_of_numbers(plain, PROMOTION_MIN_MAX, plan, problems);
    case AGGREGATOR_first:
    case AGGREGATOR_last: return plain;
    case AGGREGATOR_list: return type_list(plain, plan);
    case AGGREGATOR_set: return type_class(CLASS_Set, plain, NULL, plan);
    case AGGREGATOR_approxCardinality: return type_of_class(CLASS_Long);
    case AGGREGATOR_countWhen:
        if (type_assignable(plain, type_of_class(CLASS_Boolean))) return type_of_class(CLASS_Long);
        return refuse(plain, type_of_class(CLASS_Boolean), plan, problems);
    case AGGREGATOR_average:
    case AGGREGATOR_stddevPop:
    case AGGREGATOR_stddevSamp:
    case AGGREGATOR_varPop:
    case AGGREGATOR_varSamp:
    case AGGREGATOR_median:
        return type_of_numbers(plain, PROMOTION_LARGE_FLOAT, plan, problems);
    case AGGREGATOR_map: return type_of_map(aggregator, plain, plan, problems);
    case AGGREGATOR_COUNT: break;
    }
    UNREACHABLE("aggregator outside the enum");
}
