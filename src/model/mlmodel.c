/* mlmodel.c - libyaml's events with a stack of keys; only the few members we need are kept.
 *
 * Aliases are refused: MLflow never writes them, and they are how a small file becomes a large one.
 */
#include "model/mlmodel.h"

#include <yaml.h>

#include "codec/json.h"

enum member { MODEL_ID, MODEL_UUID, RUN_ID, INPUTS, OUTPUTS, MEMBER_COUNT };

static const struct {
    const char *parent; /* NULL: at the top */
    const char *name;
} members[MEMBER_COUNT] = {
    [MODEL_ID] = {NULL, "model_id"},      [MODEL_UUID] = {NULL, "model_uuid"},
    [RUN_ID] = {NULL, "run_id"},          [INPUTS] = {"signature", "inputs"},
    [OUTPUTS] = {"signature", "outputs"},
};

struct level {
    bool mapping;
    bool has_key; /* the next node is its value */
    struct slice key;
};

struct reader {
    struct arena *arena;
    struct buffer *message;
    struct slice found[MEMBER_COUNT];
    struct level levels[MLMODEL_DEPTH_MAX];
    uint32_t depth;
};

static enum status refuse_at(struct reader *reader, const yaml_mark_t *mark, const char *what)
{
    buffer_append_text(reader->message, "line ");
    buffer_append_u64(reader->message, mark->line + 1);
    buffer_append_text(reader->message, ", column ");
    buffer_append_u64(reader->message, mark->column + 1);
    buffer_append_text(reader->message, ": ");
    buffer_append_text(reader->message, what);
    return STATUS_INVALID;
}

static enum member member_here(const struct reader *reader)
{
    struct slice key = reader->levels[reader->depth - 1].key;

    for (enum member i = 0; i < MEMBER_COUNT; i++) {
        uint32_t depth = members[i].parent == NULL ? 1 : 2;

        if (reader->depth != depth || !slice_equal(key, slice_of(members[i].name))) continue;
        if (depth == 1 || slice_equal(reader->levels[0].key, slice_of(members[i].parent))) return i;
    }
    return MEMBER_COUNT;
}

static bool is_null(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;

    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static enum status take_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct slice text = {event->data.scalar.value, event->data.scalar.length};
    struct level *level = reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;

    if (level == NULL) return refuse_at(reader, &event->start_mark, "a mapping is expected here");
    if (!level->mapping) return STATUS_OK;
    if (!level->has_key) {
        level->has_key = true;
        return arena_copy(reader->arena, text, &level->key);
    }
    level->has_key = false;
    enum member member = member_here(reader);
    if (member == MEMBER_COUNT || is_null(event)) return STATUS_OK;
    return arena_copy(reader->arena, text, &reader->found[member]);
}

static enum status enter(struct reader *reader, const yaml_event_t *event, bool mapping)
{
    if (reader->depth == 0 && !mapping)
        return refuse_at(reader, &event->start_mark, "a mapping is expected here");
    if (reader->depth == MLMODEL_DEPTH_MAX)
        return refuse_at(reader, &event->start_mark, "nested more than 32 deep");
    if (reader->depth > 0) {
        struct level *parent = &reader->levels[reader->depth - 1];

        if (parent->mapping && !parent->has_key)
            return refuse_at(reader, &event->start_mark, "a key must be a text");
        parent->has_key = false;
    }
    reader->levels[reader->depth++] = (struct level){.mapping = mapping};
    return STATUS_OK;
}

static enum status take_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT: return take_scalar(reader, event);
    case YAML_MAPPING_START_EVENT: return enter(reader, event, true);
    case YAML_SEQUENCE_START_EVENT: return enter(reader, event, false);
    case YAML_ALIAS_EVENT:
        return refuse_at(reader, &event->start_mark, "aliases are not supported");
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT: reader->depth--; return STATUS_OK;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT: return STATUS_OK;
    }
    UNREACHABLE("an event libyaml does not have");
}

static enum status read_events(struct reader *reader, yaml_parser_t *parser)
{
    enum status status = STATUS_OK;

    for (bool more = true; more && status == STATUS_OK;) {
        yaml_event_t event;

        if (!yaml_parser_parse(parser, &event)) {
            return refuse_at(reader, &parser->problem_mark,
                             parser->problem != NULL ? parser->problem : "this is no YAML");
        }
        status = take_event(reader, &event);
        more = event.type != YAML_DOCUMENT_END_EVENT && event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    return status;
}

/* --- signature ---------------------------------------------------------------------------------- */

struct columns {
    const struct document *document;
    struct arena *arena;
    const char *problem; /* what is wrong, at `node` */
    uint32_t node;
};

static const struct {
    const char *name;
    enum class_id class_id;
} scalar_types[] = {
    {"string", CLASS_String}, {"double", CLASS_Double},   {"float", CLASS_Float},
    {"long", CLASS_Long},     {"integer", CLASS_Integer}, {"boolean", CLASS_Boolean},
    {"binary", CLASS_String}, {"datetime", CLASS_String}, {"any", CLASS_Object},
};

static const struct type *wrong(struct columns *columns, uint32_t node, const char *problem)
{
    if (columns->problem == NULL) {
        columns->problem = problem;
        columns->node = node;
    }
    return NULL;
}

static const struct type *column_type(struct columns *columns, uint32_t node, uint32_t depth);

/* {"name": {type...}, ...} */
static const struct type *properties_type(struct columns *columns, uint32_t node, uint32_t depth)
{
    const struct document *document = columns->document;
    struct type_field *fields;
    uint32_t count = document->nodes[node].count;

    if (document->nodes[node].kind != DOCUMENT_OBJECT || count > MLMODEL_COLUMNS_MAX)
        return wrong(columns, node, "properties must be an object of at most 256 members");
    fields = arena_zalloc(columns->arena, count + 1, sizeof(*fields));
    if (fields == NULL) return wrong(columns, node, "no memory left");
    for (uint32_t i = 0, key = node + 1; i < count; i++) {
        uint32_t value = document->nodes[key].next;

        if (document_string(document, key, columns->arena, &fields[i].name) != STATUS_OK)
            return wrong(columns, key, "no memory left");
        fields[i].type = column_type(columns, value, depth);
        if (fields[i].type == NULL) return NULL;
        key = document->nodes[value].next;
    }
    return type_record(fields, count, columns->arena);
}

static const struct type *named_type(struct columns *columns, uint32_t node, struct slice name,
                                     uint32_t depth)
{
    const struct document *document = columns->document;

    for (size_t i = 0; i < COUNT_OF(scalar_types); i++) {
        if (slice_equal(name, slice_of(scalar_types[i].name)))
            return type_of_class(scalar_types[i].class_id);
    }
    uint32_t items = document_member(document, node, SLICE("items"));
    uint32_t values = document_member(document, node, SLICE("values"));
    uint32_t properties = document_member(document, node, SLICE("properties"));
    if (slice_equal(name, SLICE("array")) && items != 0) {
        const struct type *item = column_type(columns, items, depth + 1);

        return item == NULL ? NULL : type_list(item, columns->arena);
    }
    if (slice_equal(name, SLICE("map")) && values != 0) {
        const struct type *value = column_type(columns, values, depth + 1);

        return value == NULL ? NULL : type_map(type_of_class(CLASS_String), value, columns->arena);
    }
    if (slice_equal(name, SLICE("object")) && properties != 0)
        return properties_type(columns, properties, depth + 1);
    return wrong(columns, node, "this type of column is not supported");
}

/* Recursion ends at the depth MLMODEL_DEPTH_MAX. */
static const struct type *column_type(struct columns *columns, uint32_t node, uint32_t depth)
{
    const struct document *document = columns->document;

    if (depth > MLMODEL_DEPTH_MAX) return wrong(columns, node, "nested more than 32 deep");
    if (document->nodes[node].kind != DOCUMENT_OBJECT)
        return wrong(columns, node, "a column must be an object");
    uint32_t type = document_member(document, node, SLICE("type"));
    if (type == 0 || document->nodes[type].kind != DOCUMENT_STRING)
        return wrong(columns, node, "a column needs a type");
    return named_type(columns, node, document_text(document, type), depth);
}

static const struct type *columns_type(struct columns *columns)
{
    const struct document *document = columns->document;
    uint32_t count = document->nodes[0].count;

    if (document->nodes[0].kind != DOCUMENT_ARRAY || count > MLMODEL_COLUMNS_MAX)
        return wrong(columns, 0, "columns must be a list of at most 256");
    struct type_field *fields = arena_zalloc(columns->arena, count + 1, sizeof(*fields));
    if (fields == NULL) return wrong(columns, 0, "no memory left");
    for (uint32_t i = 0, node = 1; i < count; i++) {
        fields[i].type = column_type(columns, node, 0);
        if (fields[i].type == NULL) return NULL;
        uint32_t name = document_member(document, node, SLICE("name"));
        if (name == 0 || (document->nodes[name].kind != DOCUMENT_STRING &&
                          document->nodes[name].kind != DOCUMENT_ESCAPED_STRING)) {
            return wrong(columns, node, "a column without a name is not supported");
        }
        if (document_string(document, name, columns->arena, &fields[i].name) != STATUS_OK)
            return wrong(columns, node, "no memory left");
        node = document->nodes[node].next;
    }
    const struct type *record = type_record(fields, count, columns->arena);
    return record != NULL ? record : wrong(columns, 0, "no memory left");
}

static enum status parse_columns(struct reader *reader, enum member member,
                                 const struct type **record)
{
    struct json_error error = {0};
    struct document document;
    struct columns columns = {.document = &document, .arena = reader->arena};
    struct slice text = reader->found[member];

    if (text.len == 0) return STATUS_OK;
    enum status status = json_parse(text, &json_limits_default, reader->arena, &document, &error);
    if (status == STATUS_OK) {
        *record = columns_type(&columns);
        if (*record != NULL) return STATUS_OK;
        error = (struct json_error){document.nodes[columns.node].start, columns.problem};
    }
    buffer_append_text(reader->message, "signature.");
    buffer_append_text(reader->message, members[member].name);
    buffer_append_text(reader->message, ": byte ");
    buffer_append_u64(reader->message, error.at);
    buffer_append_text(reader->message, ": ");
    buffer_append_text(reader->message, error.message);
    return status == STATUS_LIMIT ? STATUS_LIMIT : STATUS_INVALID;
}

enum status mlmodel_parse(struct slice yaml, struct arena *arena, struct mlmodel *mlmodel,
                          struct buffer *message)
{
    struct reader reader = {.arena = arena, .message = message};
    yaml_parser_t parser;

    *mlmodel = (struct mlmodel){0};
    if (yaml.len > MLMODEL_BYTES_MAX || !yaml_parser_initialize(&parser)) {
        buffer_append_text(message, "larger than 1 MiB, or no memory left");
        return STATUS_LIMIT;
    }
    yaml_parser_set_input_string(&parser, yaml.data, yaml.len);
    enum status status = read_events(&reader, &parser);
    yaml_parser_delete(&parser);
    if (status == STATUS_OK) status = parse_columns(&reader, INPUTS, &mlmodel->inputs);
    if (status == STATUS_OK) status = parse_columns(&reader, OUTPUTS, &mlmodel->outputs);
    for (enum member i = MODEL_ID; i <= RUN_ID; i++) {
        if (mlmodel->model_id.len == 0) mlmodel->model_id = reader.found[i];
    }
    return status;
}
