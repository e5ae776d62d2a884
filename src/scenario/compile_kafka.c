/* compile_kafka.c - sources and sinks: topics with and without a schema, and the plain rows.
 *
 * A topic's content is what the file says as far as it says something; otherwise the schema decides
 * if there is one. So a file made for a schemaless topic keeps its meaning when a schema comes. */
#include "scenario/compile.h"
#include "scenario/schema.h"

/* --- topics ----------------------------------------------------------------------------------------- */

struct topic_choice {
    bool known; /* false: a problem was told */
    bool by_schema_version;
    struct slice schema_text;
};

static struct topic_choice find_topic(struct compiler *compiler, const struct view_node *node,
                                      const struct component *component, struct plan_topic *topic)
{
    const struct scenario_environment *environment = compiler->environment;
    struct topic_choice choice = {.by_schema_version = parameter_given(node, "Schema version")};

    if (!compile_eager_text(compiler, node, component, "Topic", &topic->name)) return choice;
    choice.known = environment == NULL || environment->topic == NULL ||
                   environment->topic(environment->context, topic->name, &choice.schema_text);
    if (!choice.known) {
        compile_error(compiler, node, SLICE("Topic"),
                      COMPILE_TEXT(compiler, SLICE("There is no topic '"), topic->name,
                                   SLICE("', or its schema cannot be read: see `topics` in the "
                                         "configuration")));
    }
    return choice;
}

static void read_schema(struct compiler *compiler, const struct view_node *node,
                        struct slice schema_text, struct plan_topic *topic)
{
    struct slice message = {0};
    struct slice version;

    if (parameter_given(node, "Schema version")) {
        const struct component *rows = component_find(NULL, COMPONENT_SOURCE, SLICE("kafka"));

        if (!compile_eager_text(compiler, node, rows, "Schema version", &version)) return;
    }
    enum status status = schema_read(schema_text, compiler->arena, &topic->schema, &message);
    if (status == STATUS_OK) {
        topic->content = PLAN_CONTENT_SCHEMA;
    } else {
        compile_error(compiler, node, SLICE("Topic"),
                      COMPILE_TEXT(compiler, SLICE("The schema of topic '"), topic->name,
                                   SLICE("' cannot be used: "),
                                   status == STATUS_LIMIT ? SLICE("it is too large") : message));
    }
}

/* Fills topic: name, content, schema. Returns whether values are objects of unknown fields: a file
 * that counts on a schema which is not known here. */
static bool choose_content(struct compiler *compiler, const struct view_node *node,
                           const struct component *component, struct plan_topic *topic)
{
    struct topic_choice choice = find_topic(compiler, node, component, topic);
    struct slice content;

    topic->content = PLAN_CONTENT_JSON;
    if (!choice.known) return false;
    bool by_content = parameter_given(node, "Content type") && !choice.by_schema_version;
    if (choice.schema_text.len > 0 && !by_content) {
        read_schema(compiler, node, choice.schema_text, topic);
        return false;
    }
    if (choice.by_schema_version) {
        compile_warning(compiler, node, SLICE("Schema version"),
                        COMPILE_TEXT(compiler, SLICE("No schema of topic '"), topic->name,
                                     SLICE("' is known: values are taken as records of unknown "
                                           "fields")));
        return true;
    }
    if (compile_eager_text(compiler, node, component, "Content type", &content) &&
        slice_equal(content, SLICE("PLAIN")))
        topic->content = PLAN_CONTENT_PLAIN;
    return false;
}

/* --- sources ---------------------------------------------------------------------------------------- */

static const struct type *input_meta_type(struct compiler *compiler)
{
    const struct type *text = type_of_class(CLASS_String);
    const struct type_field rows[] = {
        {SLICE("key"), text},
        {SLICE("topic"), text},
        {SLICE("partition"), type_of_class(CLASS_Integer)},
        {SLICE("offset"), type_of_class(CLASS_Long)},
        {SLICE("timestamp"), type_of_class(CLASS_Long)},
        {SLICE("timestampType"), text},
        {SLICE("headers"), type_map(text, text, compiler->arena)},
        {SLICE("leaderEpoch"), type_of_class(CLASS_Integer)},
    };
    struct type_field *fields = compile_alloc(compiler, COUNT_OF(rows), sizeof(rows[0]));

    if (fields == NULL || rows[6].type == NULL) return NULL;
    memcpy(fields, rows, sizeof(rows));
    return type_record(fields, COUNT_OF(rows), compiler->arena);
}

/* All sources share the two slots; a tap sees the common type. */
static void show_input(struct compiler *compiler, const struct type *input)
{
    struct plan_variable *slot = &compiler->slots[SLOT_INPUT];
    const struct type *meta = input_meta_type(compiler);

    if (meta == NULL || input == NULL) {
        compiler->status = STATUS_LIMIT;
        return;
    }
    slot->type = slot->type == NULL || slot->type == input ? input : &type_unknown;
    compiler->slots[SLOT_INPUT_META].type = meta;
    scope_show(compiler, SLICE("input"), input, SLOT_INPUT);
    scope_show(compiler, SLICE("inputMeta"), meta, SLOT_INPUT_META);
}

static const struct type *kafka_input(struct compiler *compiler, const struct view_node *node,
                                      const struct component *component, struct plan_node *made)
{
    bool record = choose_content(compiler, node, component, &made->topic);

    if (record) return type_map(type_of_class(CLASS_String), &type_unknown, compiler->arena);
    switch (made->topic.content) {
    case PLAN_CONTENT_JSON: return &type_unknown;
    case PLAN_CONTENT_PLAIN: return type_of_class(CLASS_String);
    case PLAN_CONTENT_SCHEMA: return schema_type(made->topic.schema);
    }
    UNREACHABLE("content outside the enum");
}

void compile_rows(struct compiler *compiler, const struct view_node *node,
                  const struct component *component, struct plan_node *made)
{
    uint32_t count = 0;
    struct value value;

    bool complete = check_static_parameters(compiler, node, component);
    for (const struct component_parameter *row = component->parameters; row->name != NULL; row++)
        count++;
    struct plan_field *fields = compile_alloc(compiler, count, sizeof(*fields));
    if (fields == NULL) return;
    count = 0;
    for (const struct component_parameter *row = component->parameters; row->name != NULL; row++) {
        if (!complete && view_parameter(node, slice_of(row->name)) == NULL) continue;
        if ((row->flags & PARAMETER_EAGER) != 0 &&
            !compile_eager(compiler, node, component, row->name, &value))
            continue;
        fields[count++] =
            (struct plan_field){.name = slice_of(row->name),
                                .expr = compile_lazy(compiler, node, component, row->name)};
    }
    made->fields = fields;
    made->field_count = count;
}

void compile_source(struct compiler *compiler, const struct view_node *node,
                    const struct component *component, struct plan_node *made)
{
    if (component == NULL) {
        show_input(compiler, &type_unknown);
    } else if (component->output != NULL) {
        compile_rows(compiler, node, component, made);
        made->topic.name = node->component;
        show_input(compiler, component->output);
    } else {
        show_input(compiler, kafka_input(compiler, node, component, made));
    }
}

/* --- sinks ------------------------------------------------------------------------------------------ */

static struct plan_field *sink_fields(struct compiler *compiler, const struct view_node *node,
                                      const struct component *component, struct plan_node *made,
                                      uint32_t value_count)
{
    struct plan_field *fields = compile_alloc(compiler, value_count + 1, sizeof(*fields));

    if (fields == NULL) return NULL;
    fields[0] = (struct plan_field){.name = SLICE("Key"),
                                    .expr = compile_lazy(compiler, node, component, "Key")};
    made->fields = fields;
    made->field_count = 1;
    return fields;
}

static void compile_value(struct compiler *compiler, const struct view_node *node,
                          const struct component *component, struct plan_node *made)
{
    struct plan_field *fields = sink_fields(compiler, node, component, made, 1);
    struct slice message;

    if (fields == NULL) return;
    const struct expr *expr = compile_lazy(compiler, node, component, "Value");
    fields[made->field_count++] = (struct plan_field){.name = SLICE("Value"), .expr = expr};
    if (expr == NULL || made->topic.content != PLAN_CONTENT_SCHEMA) return;
    if (!schema_accepts(made->topic.schema, expr_type(expr), made->topic.strict, compiler->arena,
                        &message))
        compile_error(compiler, node, SLICE("Value"), message);
}

/* One parameter a column; those that are blank and may be are not written. */
static void compile_columns(struct compiler *compiler, const struct view_node *node,
                            const struct component *component, struct plan_node *made,
                            const struct schema_column *columns, uint32_t count)
{
    struct plan_field *fields = sink_fields(compiler, node, component, made, count);

    if (fields == NULL) return;
    for (uint32_t i = 0; i < count; i++) {
        bool must = columns[i].required && !columns[i].has_default;
        const struct expr *expr =
            compile_expression(compiler, node, view_parameter(node, columns[i].name),
                               (struct field_rule){
                                   .field = columns[i].name,
                                   .expected = schema_type(columns[i].schema),
                                   .need = must ? FIELD_MANDATORY : FIELD_OPTIONAL,
                               });

        if (expr == NULL) continue;
        fields[made->field_count++] = (struct plan_field){.name = columns[i].name, .expr = expr};
    }
}

/* Older files leave `Raw editor` out and still give one `Value`. */
static bool wants_columns(const struct view_node *node, const struct schema_column *columns,
                          uint32_t count)
{
    bool given = false;

    for (uint32_t i = 0; i < count; i++) {
        if (view_parameter(node, columns[i].name) != NULL) given = true;
    }
    return count > 0 && (given || parameter_given(node, "Raw editor") ||
                         view_parameter(node, SLICE("Value")) == NULL);
}

static void compile_kafka_sink(struct compiler *compiler, const struct view_node *node,
                               const struct component *component, struct plan_node *made)
{
    const struct schema_column *columns = NULL;
    uint32_t count = 0;
    bool raw;
    struct slice mode = {0};

    (void)choose_content(compiler, node, component, &made->topic);
    if (!compile_eager_flag(compiler, node, component, "Raw editor", &raw)) raw = true;
    if (!compile_eager_text(compiler, node, component, "Value validation mode", &mode)) return;
    made->topic.strict = slice_equal(mode, SLICE("strict"));
    if (made->topic.content == PLAN_CONTENT_SCHEMA && !raw &&
        schema_columns(made->topic.schema, compiler->arena, &columns, &count) != STATUS_OK) {
        compile_error(compiler, node, SLICE("Raw editor"),
                      SLICE("The schema has too many fields: use the raw editor"));
        return;
    }
    if (wants_columns(node, columns, count)) {
        compile_columns(compiler, node, component, made, columns, count);
    } else {
        compile_value(compiler, node, component, made);
    }
}

/* --- the debugging sink --------------------------------------------------------------------------- */

/* Is there a later variable of this one's name, which hides it? */
static bool is_hidden(const struct expr_scope *scope, uint32_t index)
{
    for (uint32_t i = index + 1; i < scope->count; i++) {
        if (slice_equal(scope->variables[i].name, scope->variables[index].name)) return true;
    }
    return false;
}

/* Every variable in sight but #meta, as the record somebody would write by hand. */
static struct slice every_variable(struct compiler *compiler)
{
    struct expr_scope scope = scope_now(compiler);
    struct slice text = SLICE("{");

    for (uint32_t i = 0; i < scope.count; i++) {
        struct slice name = scope.variables[i].name;

        if (scope.variables[i].slot == SLOT_META || is_hidden(&scope, i)) continue;
        text = COMPILE_TEXT(compiler, text, text.len > 1 ? SLICE(", '") : SLICE("'"), name,
                            SLICE("': #"), name);
    }
    return COMPILE_TEXT(compiler, text, SLICE("}"));
}

static void compile_debug(struct compiler *compiler, const struct view_node *node,
                          struct plan_node *made)
{
    struct plan_field *fields = compile_alloc(compiler, 1, sizeof(*fields));
    const struct view_expression every = {.name = SLICE("Value"), .text = every_variable(compiler)};

    if (fields == NULL) return;
    fields->name = every.name;
    fields->expr = compile_expression(compiler, node, &every,
                                      (struct field_rule){every.name, NULL, FIELD_MANDATORY});
    made->fields = fields;
    made->field_count = 1;
}

void compile_sink(struct compiler *compiler, const struct view_node *node,
                  const struct component *component, struct plan_node *made)
{
    if (made->kind == PLAN_SINK) {
        compile_kafka_sink(compiler, node, component, made);
    } else if (slice_equal(node->component, SLICE("debug")) && !parameter_given(node, "Value")) {
        compile_debug(compiler, node, made);
    } else {
        compile_rows(compiler, node, component, made);
    }
}
