/* compile_call.c - enrichers and processors: models, HTTP, services of the installation. */
#include "scenario/compile.h"

#define NO_FIELD ((struct slice){0})

/* --- settings of the installation ----------------------------------------------------------------- */

static struct slice setting(struct compiler *compiler, const struct view_node *node,
                            const char *name)
{
    const struct scenario_environment *environment = compiler->environment;

    if (environment == NULL || environment->node_setting == NULL) return (struct slice){0};
    return environment->node_setting(environment->context, node->name, name);
}

static const struct expr *setting_expression(struct compiler *compiler,
                                             const struct view_node *node, const char *name)
{
    struct view_expression expression = {.text = setting(compiler, node, name)};

    return compile_expression(compiler, node, &expression,
                              (struct field_rule){.field = slice_of(name), .need = FIELD_OPTIONAL});
}

static void read_settings(struct compiler *compiler, const struct view_node *node,
                          struct plan_call *call)
{
    struct slice on_failure = setting(compiler, node, "on_failure");

    if (slice_equal(on_failure, SLICE("empty"))) {
        call->on_failure = CALL_FAILURE_EMPTY;
    } else if (on_failure.len > 0 && !slice_equal(on_failure, SLICE("error"))) {
        compile_error(compiler, node, SLICE("on_failure"),
                      COMPILE_TEXT(compiler, SLICE("Setting on_failure is error or empty, not "),
                                   on_failure));
    }
}

/* --- models ---------------------------------------------------------------------------------------- */

static bool reserved_parameter(struct slice name)
{
    return slice_equal(name, SLICE("Model")) || slice_equal(name, SLICE("Version")) ||
           slice_equal(name, SLICE("Raw editor"));
}

static void argument(struct compiler *compiler, const struct view_node *node,
                     struct plan_node *made, struct plan_field *fields, struct type_field parameter)
{
    const struct expr *expr = compile_expression(
        compiler, node, view_parameter(node, parameter.name),
        (struct field_rule){
            .field = parameter.name, .expected = parameter.type, .need = FIELD_MANDATORY});

    fields[made->field_count++] = (struct plan_field){.name = parameter.name, .expr = expr};
}

/* One argument a column of the signature; without a signature, what the file gives. */
static void compile_arguments(struct compiler *compiler, const struct view_node *node,
                              struct plan_node *made, const struct type *inputs)
{
    uint32_t count = inputs == NULL ? node->parameter_count : inputs->count;
    struct plan_field *fields = compile_alloc(compiler, count, sizeof(*fields));

    if (fields == NULL) return;
    made->fields = fields;
    for (uint32_t i = 0; i < count; i++) {
        struct type_field parameter = inputs != NULL
                                          ? inputs->fields[i]
                                          : (struct type_field){.name = node->parameters[i].name};

        if (inputs == NULL && reserved_parameter(parameter.name)) continue;
        argument(compiler, node, made, fields, parameter);
    }
}

static const struct type *compile_model(struct compiler *compiler, const struct view_node *node,
                                        const struct component *component, struct plan_node *made)
{
    const struct scenario_environment *environment = compiler->environment;
    struct plan_call *call = &made->call;
    const struct type *inputs = NULL;
    const struct type *outputs = NULL;
    bool raw;

    call->kind = CALL_MODEL;
    call->call_class = CALL_PURE;
    bool named = compile_eager_text(compiler, node, component, "Model", &call->model);
    named = compile_eager_text(compiler, node, component, "Version", &call->version) && named;
    if (compile_eager_flag(compiler, node, component, "Raw editor", &raw) && raw) {
        compile_error(compiler, node, SLICE("Raw editor"),
                      SLICE("Models take one parameter for each input: set this to false"));
    }
    const struct scenario_model wanted = {node->component, call->model, call->version};

    if (named && environment != NULL && environment->model != NULL &&
        !environment->model(environment->context, &wanted, compiler->arena, &inputs, &outputs)) {
        compile_error(compiler, node, SLICE("Model"),
                      COMPILE_TEXT(compiler, SLICE("There is no model '"), call->model,
                                   SLICE("' of version '"), call->version,
                                   SLICE("': see `models` in the configuration")));
    }
    ASSERT(inputs == NULL || inputs->kind == TYPE_RECORD);
    compile_arguments(compiler, node, made, inputs);
    if (outputs != NULL) return outputs;
    return type_map(type_of_class(CLASS_String), &type_unknown, compiler->arena);
}

/* --- HTTP ------------------------------------------------------------------------------------------- */

/* {request: {url, method, headers, body}, response: {statusCode, statusText, headers, body}} */
static const struct type *http_output(struct compiler *compiler)
{
    struct arena *arena = compiler->arena;
    const struct type *text = type_of_class(CLASS_String);
    const struct type *headers = type_map(text, text, arena);
    struct type_field *rows = compile_alloc(compiler, 10, sizeof(*rows));

    if (rows == NULL || headers == NULL) return NULL;
    rows[0] = (struct type_field){SLICE("url"), text};
    rows[1] = (struct type_field){SLICE("method"), text};
    rows[2] = (struct type_field){SLICE("headers"), headers};
    rows[3] = (struct type_field){SLICE("body"), &type_unknown};
    rows[4] = (struct type_field){SLICE("statusCode"), type_of_class(CLASS_Integer)};
    rows[5] = (struct type_field){SLICE("statusText"), text};
    rows[6] = rows[2];
    rows[7] = rows[3];
    rows[8] = (struct type_field){SLICE("request"), type_record(rows, 4, arena)};
    rows[9] = (struct type_field){SLICE("response"), type_record(rows + 4, 4, arena)};
    if (rows[8].type == NULL || rows[9].type == NULL) return NULL;
    return type_record(rows + 8, 2, arena);
}

/* Fields are all rows in their order; blank optional ones have no expression. */
static const struct type *compile_http(struct compiler *compiler, const struct view_node *node,
                                       const struct component *component, struct plan_node *made)
{
    enum { HTTP_FIELDS = 8 };
    struct plan_field *fields = compile_alloc(compiler, HTTP_FIELDS, sizeof(*fields));
    struct value value;

    made->call.kind = CALL_HTTP;
    made->call.call_class = CALL_OUTSIDE;
    if (fields == NULL) return NULL;
    made->fields = fields;
    for (const struct component_parameter *row = component->parameters; row->name != NULL; row++) {
        bool eager = (row->flags & PARAMETER_EAGER) != 0;
        const struct expr *expr = NULL;

        ASSERT(made->field_count < HTTP_FIELDS);
        if (!eager || compile_eager(compiler, node, component, row->name, &value))
            expr = compile_lazy(compiler, node, component, row->name);
        fields[made->field_count++] =
            (struct plan_field){.name = slice_of(row->name), .expr = expr};
    }
    return http_output(compiler);
}

/* --- all services ----------------------------------------------------------------------------------- */

/* A service of the installation: answered inline, like a model. */
static const struct type *compile_own(struct compiler *compiler, const struct view_node *node,
                                      const struct component *component, struct plan_node *made)
{
    made->call.kind = CALL_MODEL;
    made->call.call_class = CALL_PURE;
    compile_rows(compiler, node, component, made);
    if (component->output != NULL) return component->output;
    if (node->type == NODE_ENRICHER) {
        compile_error(compiler, node, NO_FIELD,
                      SLICE("Redundant parameters: ParameterName(OutputVariable)"));
    }
    return &type_unknown;
}

void compile_call(struct compiler *compiler, const struct view_node *node, struct plan_node *made)
{
    const struct component *component =
        component_find(compiler->environment, COMPONENT_SERVICE, node->component);
    const struct type *output;

    ASSERT(component != NULL);
    made->call.component = node->component;
    made->ends_ok = node->type == NODE_PROCESSOR;
    if (!component->dynamic) {
        output = compile_own(compiler, node, component, made);
    } else if (slice_equal(node->component, SLICE("http"))) {
        output = compile_http(compiler, node, component, made);
    } else {
        output = compile_model(compiler, node, component, made);
    }
    read_settings(compiler, node, &made->call);
    made->call.visitor = setting_expression(compiler, node, "visitor");
    made->call.event_id = setting_expression(compiler, node, "event_id");
    if (node->type == NODE_PROCESSOR) return;
    made->call.mock = compile_expression(
        compiler, node, &node->expression,
        (struct field_rule){.field = SLICE("mockExpression"), .expected = output});
    if (output == NULL) compiler->status = STATUS_LIMIT;
    made->output_slot = scope_define(compiler, node, SLICE("output"), node->variable,
                                     output == NULL ? &type_unknown : output);
}
