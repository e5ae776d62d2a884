/* compile_field.c - parameters become expressions (lazy) or values (eager). */
#include "scenario/compile.h"
#include "value/utf8.h"

#define FAILED_TO_PARSE SLICE("Failed to parse expression: ")

void *compile_alloc(struct compiler *compiler, uint32_t count, size_t size)
{
    void *memory = arena_zalloc(compiler->arena, count, size);

    if (memory == NULL) compiler->status = STATUS_LIMIT;
    return memory;
}

static void add(struct compiler *compiler, const struct view_node *node,
                struct scenario_problem problem)
{
    if (node != NULL) problem.node = node->name;
    scenario_problem_add(compiler->problems, &compiler->scenario->document,
                         node == NULL ? 0 : node->at, problem);
}

void compile_error(struct compiler *compiler, const struct view_node *node, struct slice field,
                   struct slice message)
{
    add(compiler, node,
        (struct scenario_problem){.severity = PROBLEM_ERROR, .field = field, .message = message});
}

void compile_warning(struct compiler *compiler, const struct view_node *node, struct slice field,
                     struct slice message)
{
    add(compiler, node,
        (struct scenario_problem){.severity = PROBLEM_WARNING, .field = field, .message = message});
}

/* --- expressions -------------------------------------------------------------------------------- */

static bool language_of(struct compiler *compiler, const struct view_node *node,
                        const struct view_expression *expression, struct slice field,
                        enum expr_language *language)
{
    struct slice name = expression->language;

    *language = EXPR_SPEL;
    if (name.len == 0 || expr_language_find(name, language) == STATUS_OK) return true;
    compile_error(compiler, node, field,
                  COMPILE_TEXT(compiler, SLICE("Unknown expression language: "), name));
    return false;
}

/* Blank means null in "spel" and in "spelTemplate" the empty text; nothing given is blank too. */
static bool is_blank(const struct view_expression *expression)
{
    return expression == NULL || view_blank(expression->text);
}

static void report_blank(struct compiler *compiler, const struct view_node *node,
                         const struct field_rule *rule)
{
    if (rule->need == FIELD_MANDATORY) {
        compile_error(compiler, node, rule->field,
                      SLICE("This field is mandatory and can not be empty"));
    }
    if (rule->need == FIELD_CONDITION) {
        compile_error(compiler, node, rule->field,
                      SLICE("This field is required and can not be null"));
    }
}

/* What editors count in: a place is bytes inside and UTF-16 units at the door. */
static uint32_t units_at(struct slice text, uint32_t byte)
{
    return (uint32_t)utf8_units((struct slice){text.data, byte < text.len ? byte : text.len});
}

void compile_expression_problems(struct compiler *compiler, const struct view_node *node,
                                 struct slice field, struct slice text,
                                 const struct expr_problems *found)
{
    for (uint32_t i = 0; i < found->count; i++) {
        const struct expr_problem *problem = &found->items[i];
        uint32_t end = problem->end < problem->start ? problem->start : problem->end;

        add(compiler, node,
            (struct scenario_problem){
                .severity = PROBLEM_ERROR,
                .field = field,
                .message = COMPILE_TEXT(compiler, FAILED_TO_PARSE, problem->message),
                .start = units_at(text, problem->start),
                .end = units_at(text, end),
            });
    }
}

static const struct expr *compile_in(struct compiler *compiler, const struct view_node *node,
                                     const struct view_expression *expression,
                                     const struct field_rule *rule, struct expr_scope scope)
{
    struct expr_source source = {.text = expression->text, .expected = rule->expected};
    struct expr_problems found = {0};
    const struct expr *expr = NULL;

    if (!language_of(compiler, node, expression, rule->field, &source.language)) return NULL;
    enum status status = expr_compile(&source, &scope, compiler->arena, &found, &expr);
    if (status == STATUS_OK) {
        ASSERT(expr != NULL);
        if (rule->need == FIELD_CONDITION && expr_type(expr)->kind == TYPE_NULL) {
            report_blank(compiler, node, rule);
            return NULL;
        }
        return expr;
    }
    if (status == STATUS_LIMIT && found.count == 0)
        compile_error(compiler, node, rule->field, SLICE("The expression is too large"));
    compile_expression_problems(compiler, node, rule->field, source.text, &found);
    return NULL;
}

const struct expr *compile_expression(struct compiler *compiler, const struct view_node *node,
                                      const struct view_expression *expression,
                                      struct field_rule rule)
{
    if (is_blank(expression)) {
        report_blank(compiler, node, &rule);
        return NULL;
    }
    return compile_in(compiler, node, expression, &rule, scope_now(compiler));
}

/* --- constants ---------------------------------------------------------------------------------- */

bool compile_constant(struct compiler *compiler, const struct view_node *node,
                      const struct view_expression *expression, struct field_rule rule,
                      struct value *value)
{
    struct expr_frame frame = {
        .slots = &compiler->plan->meta,
        .arena = compiler->arena,
        .limits = &expr_limits_default,
    };

    _Static_assert(SLOT_META == 0, "a frame of one slot holds #meta");
    *value = value_null();
    if (is_blank(expression)) {
        report_blank(compiler, node, &rule);
        return rule.need == FIELD_OPTIONAL;
    }
    const struct expr *expr = compile_in(compiler, node, expression, &rule, scope_global(compiler));
    if (expr == NULL) return false;
    if (expr_run(expr, &frame, value) == STATUS_OK) return true;
    uint32_t end = frame.end < frame.start ? frame.start : frame.end;
    add(compiler, node,
        (struct scenario_problem){
            .severity = PROBLEM_ERROR,
            .field = rule.field,
            .message = frame.message,
            .start = units_at(expression->text, frame.start),
            .end = units_at(expression->text, end),
        });
    return false;
}

/* --- parameters of rows --------------------------------------------------------------------------- */

const struct type *parameter_type(struct compiler *compiler,
                                  const struct component_parameter *parameter)
{
    if (parameter->type == CLASS_Object) return NULL;
    if (parameter->type == CLASS_List) return type_list(&type_unknown, compiler->arena);
    return type_of_class(parameter->type);
}

/* What the file says, or the row's default. */
static const struct view_expression *expression_of(struct compiler *compiler,
                                                   const struct view_node *node,
                                                   const struct component_parameter *row)
{
    const struct view_expression *given = view_parameter(node, slice_of(row->name));

    if (given != NULL || row->initial == NULL) return given;
    struct view_expression *initial = compile_alloc(compiler, 1, sizeof(*initial));
    if (initial != NULL) initial->text = slice_of(row->initial);
    return initial;
}

static struct field_rule rule_of(struct compiler *compiler, const struct component_parameter *row)
{
    return (struct field_rule){
        .field = slice_of(row->name),
        .expected = parameter_type(compiler, row),
        .need = (row->flags & PARAMETER_OPTIONAL) != 0 ? FIELD_OPTIONAL : FIELD_MANDATORY,
    };
}

/* '' where a text must not be blank; also for expressions whose text is known. */
static bool refuse_blank_value(struct compiler *compiler, const struct view_node *node,
                               const struct component_parameter *row, struct value value)
{
    if ((row->flags & PARAMETER_NOT_BLANK) == 0 || value.kind != VALUE_STRING) return false;
    if (!view_blank(value_text(value))) return false;
    compile_error(compiler, node, slice_of(row->name),
                  SLICE("This field value is required and can not be blank"));
    return true;
}

const struct expr *compile_lazy(struct compiler *compiler, const struct view_node *node,
                                const struct component *component, const char *name)
{
    const struct component_parameter *row = component_parameter(component, name);
    const struct expr *expr = compile_expression(compiler, node, expression_of(compiler, node, row),
                                                 rule_of(compiler, row));

    if (expr != NULL && expr_type(expr)->known &&
        refuse_blank_value(compiler, node, row, expr_type(expr)->value)) {
        return NULL;
    }
    return expr;
}

/* Is `text` one of "a|b|c"? */
static bool choice_has(const char *choices, struct slice text)
{
    const char *at = choices;

    for (;;) {
        size_t len = 0;
        while (at[len] != '\0' && at[len] != '|')
            len++;
        if (slice_equal((struct slice){(const uint8_t *)at, len}, text)) return true;
        if (at[len] == '\0') return false;
        at += len + 1;
    }
}

bool compile_eager(struct compiler *compiler, const struct view_node *node,
                   const struct component *component, const char *name, struct value *value)
{
    const struct component_parameter *row = component_parameter(component, name);
    const struct view_expression *expression = expression_of(compiler, node, row);

    ASSERT((row->flags & PARAMETER_EAGER) != 0);
    if (!compile_constant(compiler, node, expression, rule_of(compiler, row), value)) return false;
    if (refuse_blank_value(compiler, node, row, *value)) return false;
    if (row->choices != NULL && value->kind == VALUE_STRING &&
        !choice_has(row->choices, value_text(*value))) {
        compile_error(compiler, node, slice_of(name),
                      COMPILE_TEXT(compiler, SLICE("Property "), slice_of(name),
                                   SLICE(" has invalid value: "), value_text(*value),
                                   SLICE("; expected one of: "), slice_of(row->choices)));
        return false;
    }
    return true;
}

static bool refuse_null(struct compiler *compiler, const struct view_node *node, const char *name)
{
    compile_error(compiler, node, slice_of(name),
                  SLICE("This field is required and can not be null"));
    return false;
}

bool compile_eager_text(struct compiler *compiler, const struct view_node *node,
                        const struct component *component, const char *name, struct slice *text)
{
    struct value value;

    *text = (struct slice){0};
    if (!compile_eager(compiler, node, component, name, &value)) return false;
    if (value.kind != VALUE_STRING) return refuse_null(compiler, node, name);
    *text = value_text(value);
    return true;
}

bool compile_eager_flag(struct compiler *compiler, const struct view_node *node,
                        const struct component *component, const char *name, bool *flag)
{
    struct value value;

    *flag = false;
    if (!compile_eager(compiler, node, component, name, &value)) return false;
    if (value.kind != VALUE_BOOLEAN) return refuse_null(compiler, node, name);
    *flag = value.boolean;
    return true;
}

bool parameter_given(const struct view_node *node, const char *name)
{
    const struct view_expression *given = view_parameter(node, slice_of(name));

    return given != NULL && !view_blank(given->text);
}

/* --- what the rows say is there ------------------------------------------------------------------- */

static bool row_named(const struct component *component, struct slice name)
{
    for (const struct component_parameter *row = component->parameters; row->name != NULL; row++) {
        if (slice_equal(slice_of(row->name), name)) return true;
    }
    return false;
}

static struct slice list_name(struct compiler *compiler, struct slice names, struct slice name)
{
    return COMPILE_TEXT(compiler, names, names.len == 0 ? SLICE("") : SLICE(", "),
                        SLICE("ParameterName("), name, SLICE(")"));
}

bool check_static_parameters(struct compiler *compiler, const struct view_node *node,
                             const struct component *component)
{
    struct slice missing = {0};
    struct slice redundant = {0};
    bool complete = true;

    for (uint32_t i = 0; i < node->parameter_count; i++) {
        if (!row_named(component, node->parameters[i].name))
            redundant = list_name(compiler, redundant, node->parameters[i].name);
    }
    for (const struct component_parameter *row = component->parameters; row->name != NULL; row++) {
        if (view_parameter(node, slice_of(row->name)) != NULL) continue;
        missing = list_name(compiler, missing, slice_of(row->name));
        if (row->initial == NULL) complete = false;
    }
    if (redundant.len > 0) {
        compile_warning(compiler, node, (struct slice){0},
                        COMPILE_TEXT(compiler, SLICE("Redundant parameters: "), redundant));
    }
    if (missing.len == 0) return true;
    missing = COMPILE_TEXT(compiler, SLICE("Node parameters not filled: "), missing);
    if (complete) {
        compile_warning(compiler, node, (struct slice){0}, missing);
    } else {
        compile_error(compiler, node, (struct slice){0}, missing);
    }
    return complete;
}
