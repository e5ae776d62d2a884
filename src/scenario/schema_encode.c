/* schema_encode.c - a value as the schema wants it written, or the first thing wrong. */
#include "scenario/schema_room.h"
#include "value/temporal.h"

struct encoder {
    struct arena *arena;
    struct buffer *out;
    bool strict;
    struct slice message;
    uint32_t steps;
    uint32_t depth;
};

static enum status encode(struct encoder *encoder, const struct schema *schema, struct value value,
                          const struct schema_path *path);

static enum status refuse(struct encoder *encoder, const struct schema_path *path,
                          struct slice what)
{
    encoder->message =
        TEXT(encoder->arena, schema_path_text(path, encoder->arena), SLICE(": "), what);
    return STATUS_INVALID;
}

static bool is_integer(struct value value)
{
    return (value.kind >= VALUE_BYTE && value.kind <= VALUE_LONG) ||
           value.kind == VALUE_BIG_INTEGER;
}

static bool is_number(struct value value)
{
    return is_integer(value) || value.kind == VALUE_FLOAT || value.kind == VALUE_DOUBLE ||
           value.kind == VALUE_BIG_DECIMAL;
}

static bool kind_fits(enum schema_kind wanted, struct value value)
{
    switch (wanted) {
    case SCHEMA_NOTHING: return false;
    case SCHEMA_NULL: return value.kind == VALUE_NULL;
    case SCHEMA_BOOLEAN: return value.kind == VALUE_BOOLEAN;
    case SCHEMA_INTEGER: return is_integer(value);
    case SCHEMA_NUMBER: return is_number(value);
    case SCHEMA_TEMPORAL: return value.kind == VALUE_STRING || value.kind == VALUE_TEMPORAL;
    case SCHEMA_STRING: return value.kind == VALUE_STRING || value.kind == VALUE_CHARACTER;
    case SCHEMA_ARRAY: return value.kind == VALUE_LIST || value.kind == VALUE_SET;
    case SCHEMA_OBJECT: return value.kind == VALUE_MAP;
    case SCHEMA_ANY:
    case SCHEMA_UNION:
    case SCHEMA_ENUM: return true;
    }
    UNREACHABLE("schema kind outside the enum");
}

static enum status encode_array(struct encoder *encoder, const struct schema *schema,
                                struct value value, const struct schema_path *path)
{
    struct value_cursor cursor = value_cursor(value);
    struct schema_path inner = {path, SLICE("*")};
    struct value_entry entry;
    enum status status = STATUS_OK;
    bool first = true;

    buffer_append_byte(encoder->out, '[');
    while (cursor_next(&cursor, encoder->arena, &entry, &status)) {
        if (!first) buffer_append_byte(encoder->out, ',');
        first = false;
        status = encode(encoder, schema->items, entry.value, &inner);
        if (status != STATUS_OK) return status;
    }
    buffer_append_byte(encoder->out, ']');
    return status;
}

/* --- objects ---------------------------------------------------------------------------------------- */

static const struct schema_property *find_property(const struct schema *schema, struct slice name)
{
    for (uint32_t i = 0; i < schema->count; i++) {
        if (slice_equal(schema->properties[i].name, name)) return &schema->properties[i];
    }
    return NULL;
}

static enum status write_member(struct encoder *encoder, const struct schema *schema,
                                struct value value, const struct schema_path *path, bool *first)
{
    if (!*first) buffer_append_byte(encoder->out, ',');
    *first = false;
    json_write_string(path->name, encoder->out);
    buffer_append_byte(encoder->out, ':');
    return encode(encoder, schema, value, path);
}

/* Keys that are no text are written as their text, as without a schema. */
static enum status key_text(struct encoder *encoder, struct value key, struct slice *text)
{
    struct buffer buffer;

    if (key.kind == VALUE_STRING) {
        *text = value_text(key);
        return STATUS_OK;
    }
    buffer_init(&buffer, SCHEMA_MEMBERS_MAX);
    value_to_text(key, &buffer);
    enum status status =
        buffer.failed ? STATUS_LIMIT : arena_copy(encoder->arena, buffer_slice(&buffer), text);
    buffer_deinit(&buffer);
    return status;
}

/* What a null or missing member of a declared name becomes: nothing, null or the default. */
static enum status encode_absent(struct encoder *encoder, const struct schema_property *property,
                                 const struct schema_path *path, bool *first)
{
    if (!property->required) return STATUS_OK;
    if (property->schema->has_default)
        return write_member(encoder, property->schema, property->schema->initial, path, first);
    if (schema_takes_null(property->schema))
        return write_member(encoder, property->schema, value_null(), path, first);
    return refuse(
        encoder, path->outer,
        TEXT(encoder->arena, SLICE("required key ["), property->name, SLICE("] not found")));
}

static enum status encode_entry(struct encoder *encoder, const struct schema *schema,
                                const struct value_entry *entry, const struct schema_path *path,
                                bool *first)
{
    struct schema_path inner = {path, {0}};
    enum status status = key_text(encoder, entry->key, &inner.name);

    if (status != STATUS_OK) return status;
    const struct schema_property *property = find_property(schema, inner.name);
    if (property != NULL) {
        if (entry->value.kind == VALUE_NULL) return encode_absent(encoder, property, &inner, first);
        return write_member(encoder, property->schema, entry->value, &inner, first);
    }
    if (schema->additional != NULL)
        return write_member(encoder, schema->additional, entry->value, &inner, first);
    if (!encoder->strict) return STATUS_OK;
    return refuse(
        encoder, path,
        TEXT(encoder->arena, SLICE("extraneous key ["), inner.name, SLICE("] is not permitted")));
}

static enum status encode_object(struct encoder *encoder, const struct schema *schema,
                                 struct value value, const struct schema_path *path)
{
    struct value_cursor cursor = value_cursor(value);
    struct value_entry entry;
    enum status status = STATUS_OK;
    bool first = true;

    buffer_append_byte(encoder->out, '{');
    while (cursor_next(&cursor, encoder->arena, &entry, &status)) {
        status = encode_entry(encoder, schema, &entry, path, &first);
        if (status != STATUS_OK) return status;
    }
    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < schema->count; i++) {
        struct schema_path inner = {path, schema->properties[i].name};
        struct value found;

        status = map_get(value, inner.name, encoder->arena, &found);
        if (status == STATUS_NOT_FOUND)
            status = encode_absent(encoder, &schema->properties[i], &inner, &first);
        if (status != STATUS_OK) return status;
    }
    buffer_append_byte(encoder->out, '}');
    return STATUS_OK;
}

/* --- alternatives ----------------------------------------------------------------------------------- */

static enum status encode_union(struct encoder *encoder, const struct schema *schema,
                                struct value value, const struct schema_path *path)
{
    size_t before = encoder->out->len;

    for (uint32_t i = 0; i < schema->count; i++) {
        enum status status = encode(encoder, schema->members[i], value, path);

        if (status != STATUS_INVALID) return status;
        if (!encoder->out->failed) encoder->out->len = before;
    }
    return refuse(encoder, path, SLICE("no alternative of the schema matches"));
}

static bool same_constant(struct value left, struct value right)
{
    if (is_integer(left) && is_integer(right) && left.kind != VALUE_BIG_INTEGER &&
        right.kind != VALUE_BIG_INTEGER)
        return left.i64 == right.i64;
    return value_equals(left, right);
}

static enum status encode_enum(struct encoder *encoder, const struct schema *schema,
                               struct value value, const struct schema_path *path)
{
    for (uint32_t i = 0; i < schema->count; i++) {
        if (!same_constant(schema->values[i], value)) continue;
        json_write(value, encoder->out);
        return STATUS_OK;
    }
    return refuse(encoder, path, SLICE("the value is not a valid enum value"));
}

/* A time of the format's class, or a text that says one. */
static enum status encode_temporal(struct encoder *encoder, const struct schema *schema,
                                   struct value value, const struct schema_path *path)
{
    uint8_t bytes[256];
    struct buffer shown = {.data = bytes, .capacity = sizeof(bytes), .bytes_max = sizeof(bytes)};
    struct slice text = {0};
    struct value parsed;
    enum status status = STATUS_OK;

    if (value.kind == VALUE_STRING) {
        text = value_text(value);
        status = temporal_from_text(text, schema->class_id, NULL, encoder->arena, &parsed);
    } else if (!schema_format_takes(schema->class_id, (enum class_id)value.temporal)) {
        temporal_to_text(value, &shown);
        text = buffer_slice(&shown);
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK) json_write(value, encoder->out);
    if (status == STATUS_OK || status == STATUS_LIMIT) return status;
    return refuse(encoder, path, schema_format_refusal(schema->class_id, text, encoder->arena));
}

static enum status encode(struct encoder *encoder, const struct schema *schema, struct value value,
                          const struct schema_path *path)
{
    enum status status = STATUS_OK;

    if (++encoder->steps > SCHEMA_STEPS_MAX || encoder->depth == SCHEMA_WORK_DEPTH_MAX) {
        encoder->message = SLICE("the value is too large or too deep to write");
        return STATUS_LIMIT;
    }
    if (!kind_fits(schema->kind, value)) {
        return refuse(encoder, path,
                      TEXT(encoder->arena, SLICE("expected type: "), schema_kind_name(schema->kind),
                           SLICE(", found: "), slice_of(value_kind_name(value.kind))));
    }
    encoder->depth++;
    if (schema->kind == SCHEMA_ARRAY) {
        status = encode_array(encoder, schema, value, path);
    } else if (schema->kind == SCHEMA_OBJECT) {
        status = encode_object(encoder, schema, value, path);
    } else if (schema->kind == SCHEMA_UNION) {
        status = encode_union(encoder, schema, value, path);
    } else if (schema->kind == SCHEMA_ENUM) {
        status = encode_enum(encoder, schema, value, path);
    } else if (schema->kind == SCHEMA_TEMPORAL) {
        status = encode_temporal(encoder, schema, value, path);
    } else {
        json_write(value, encoder->out);
    }
    encoder->depth--;
    return status;
}

enum status schema_encode(const struct schema *schema, struct value value, bool strict,
                          struct arena *arena, struct buffer *out, struct slice *message)
{
    struct encoder encoder = {.arena = arena, .out = out, .strict = strict};
    enum status status = encode(&encoder, schema, value, NULL);

    *message = encoder.message;
    if (status == STATUS_OK && out->failed) return STATUS_LIMIT;
    return status;
}
