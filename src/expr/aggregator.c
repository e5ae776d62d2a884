/* aggregator.c - the aggregator parameter: `#AGG.list`, `#AGG.map({a: #AGG.sum})`, known when the plan
 * is made. It is parsed like any expression and read off the tree; nothing of it runs.
 */
#include "expr/languages.h"
#include "expr/typer.h"
#include "value/utf8.h"

enum { AGGREGATOR_DEPTH_MAX = 4 };

static const char *const aggregator_names[AGGREGATOR_COUNT] = {
#define AGGREGATOR(name, meaning) #name,
#include "expr/aggregators.def"
#undef AGGREGATOR
};

static enum status fail(const struct node *node, struct arena *plan, struct expr_problems *problems,
                        const char *message, struct slice name)
{
    uint8_t memory[256];
    struct buffer text = {.data = memory, .capacity = sizeof(memory), .bytes_max = sizeof(memory)};

    for (const char *at = message; *at != '\0'; at++) {
        if (*at == '%') {
            buffer_append(&text, name);
        } else {
            buffer_append_byte(&text, (uint8_t)*at);
        }
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
    if (key->kind == NODE_PROPERTY) {
        *name = key->name;
    } else if (key->kind == NODE_LITERAL && key->value.kind == VALUE_STRING) {
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
        const struct node *key = map->children[2 * (size_t)i];
        if (!field_name(key, &fields[i].name)) {
            return fail(key, plan, problems,
                        "Currently only string keys for inline maps are supported",
                        (struct slice){0});
        }
        enum status status = read_aggregator(map->children[2 * (size_t)i + 1], depth + 1, plan,
                                             problems, &fields[i].aggregator);
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
    if (utf8_invalid_at(text) != text.len) {
        enum status added = problem_add(problems, plan, (struct span){0, 0},
                                        SLICE("The expression is not valid UTF-8"));
        return added == STATUS_OK ? STATUS_INVALID : added;
    }
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

static void note(struct expr_problems *problems, struct arena *plan, struct buffer *text)
{
    enum status status = problem_add(problems, plan, (struct span){0, 0}, buffer_slice(text));

    (void)status; /* the caller sees NULL either way */
    buffer_deinit(text);
}

static const struct type *refuse(const struct type *element, const struct type *wanted,
                                 struct arena *plan, struct expr_problems *problems)
{
    struct buffer text;

    buffer_init(&text, (size_t)64 * 1024);
    buffer_append_text(&text, "Invalid aggregate type: ");
    type_to_text(element, true, &text);
    buffer_append_text(&text, ", should be: ");
    type_to_text(wanted, true, &text);
    note(problems, plan, &text);
    return NULL;
}

static const struct type *type_of_numbers(const struct type *element, enum promotion promotion,
                                          struct arena *plan, struct expr_problems *problems)
{
    const struct type *number = type_of_class(CLASS_Number);

    if (!type_assignable(element, number)) return refuse(element, number, plan, problems);
    return type_promote(element, element, promotion, plan);
}

/* Appends names in order: the `rank`-th smallest first. */
static void append_names(const struct slice *names, uint32_t count, struct buffer *text)
{
    for (uint32_t rank = 0; rank < count; rank++) {
        for (uint32_t i = 0; i < count; i++) {
            uint32_t below = 0;
            for (uint32_t j = 0; j < count; j++)
                below += slice_compare(names[j], names[i]) < 0;
            if (below != rank) continue;
            if (rank > 0) buffer_append_text(text, ", ");
            buffer_append(text, names[i]);
        }
    }
}

static bool same_names(const struct aggregator *aggregator, const struct type *element)
{
    bool same = aggregator->field_count == element->count;

    for (uint32_t i = 0; i < aggregator->field_count && same; i++) {
        same = type_field(element, aggregator->fields[i].name) != NULL;
    }
    return same;
}

static void fail_names(const struct aggregator *aggregator, const struct type *element,
                       struct arena *plan, struct expr_problems *problems)
{
    uint32_t most = aggregator->field_count + element->count;
    struct slice *names = arena_alloc(plan, most + 1, sizeof(*names));
    struct buffer text;

    if (names == NULL) return;
    buffer_init(&text, (size_t)64 * 1024);
    buffer_append_text(&text, "Fields do not match, aggregateBy: ");
    for (uint32_t i = 0; i < element->count; i++)
        names[i] = element->fields[i].name;
    append_names(names, element->count, &text);
    buffer_append_text(&text, ", aggregator: ");
    for (uint32_t i = 0; i < aggregator->field_count; i++)
        names[i] = aggregator->fields[i].name;
    append_names(names, aggregator->field_count, &text);
    note(problems, plan, &text);
}

/* The field's problem becomes the whole's: "Invalid fields: a - ...". */
static void fail_field(struct slice name, struct arena *plan, struct expr_problems *problems)
{
    struct buffer text;

    if (problems->count == 0) return;
    buffer_init(&text, (size_t)64 * 1024);
    buffer_append_text(&text, "Invalid fields: ");
    buffer_append(&text, name);
    buffer_append_text(&text, " - ");
    buffer_append(&text, problems->items[--problems->count].message);
    note(problems, plan, &text);
}

static const struct type *type_of_map(const struct aggregator *aggregator,
                                      const struct type *element, struct arena *plan,
                                      struct expr_problems *problems)
{
    struct type_field *fields = arena_alloc(plan, aggregator->field_count + 1, sizeof(*fields));
    struct buffer text;

    if (fields == NULL) return NULL;
    if (element->kind != TYPE_RECORD) {
        buffer_init(&text, 256);
        buffer_append_text(&text, "aggregateBy should be declared as fixed map");
        note(problems, plan, &text);
        return NULL;
    }
    if (!same_names(aggregator, element)) {
        fail_names(aggregator, element, plan, problems);
        return NULL;
    }
    for (uint32_t i = 0; i < aggregator->field_count; i++) {
        fields[i].name = aggregator->fields[i].name;
        fields[i].type = aggregator_type(&aggregator->fields[i].aggregator,
                                         type_field(element, fields[i].name), plan, problems);
        if (fields[i].type == NULL) {
            fail_field(fields[i].name, plan, problems);
            return NULL;
        }
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
    case AGGREGATOR_median: return type_of_numbers(plain, PROMOTION_LARGE_FLOAT, plan, problems);
    case AGGREGATOR_map: return type_of_map(aggregator, plain, plan, problems);
    case AGGREGATOR_COUNT: break;
    }
    UNREACHABLE("aggregator outside the enum");
}
