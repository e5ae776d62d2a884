/* schema_decode.c - a document against a schema: either a typed value or the first thing wrong.
 *
 * Members keep the order of the document; defaults come behind. Messages are those of the checker
 * that the original uses, with the path in front. Depth is bounded by the document's. */
#include "scenario/schema_room.h"
#include "value/decimal.h"
#include "value/temporal.h"
#include "value/utf8.h"

struct decoder {
    const struct document *document;
    struct arena *arena;
    struct slice message;
    uint32_t steps;
    uint32_t depth;
};

static enum status decode(struct decoder *decoder, const struct schema *schema, uint32_t at,
                          const struct schema_path *path, struct value *value);

static enum status refuse(struct decoder *decoder, const struct schema_path *path,
                          struct slice what)
{
    decoder->message =
        TEXT(decoder->arena, schema_path_text(path, decoder->arena), SLICE(": "), what);
    return STATUS_INVALID;
}

static struct slice found_name(enum document_kind kind)
{
    switch (kind) {
    case DOCUMENT_NULL: return SLICE("Null");
    case DOCUMENT_FALSE:
    case DOCUMENT_TRUE: return SLICE("Boolean");
    case DOCUMENT_NUMBER: return SLICE("Number");
    case DOCUMENT_STRING:
    case DOCUMENT_ESCAPED_STRING: return SLICE("String");
    case DOCUMENT_ARRAY: return SLICE("JSONArray");
    case DOCUMENT_OBJECT: return SLICE("JSONObject");
    }
    UNREACHABLE("document kind outside the enum");
}

static enum status refuse_kind(struct decoder *decoder, const struct schema *schema, uint32_t at,
                               const struct schema_path *path)
{
    return refuse(decoder, path,
                  TEXT(decoder->arena, SLICE("expected type: "), schema_kind_name(schema->kind),
                       SLICE(", found: "), found_name(decoder->document->nodes[at].kind)));
}

/* --- scalars ---------------------------------------------------------------------------------------- */

static enum status decode_number(struct decoder *decoder, const struct schema *schema, uint32_t at,
                                 const struct schema_path *path, struct value *value)
{
    enum status status = decimal_parse(document_text(decoder->document, at), decoder->arena, value);

    if (status != STATUS_OK) return refuse(decoder, path, SLICE("the number is too large"));
    struct slice wrong = schema_limits_number(&schema->limits, *value, decoder->arena);

    return wrong.len == 0 ? STATUS_OK : refuse(decoder, path, wrong);
}

/* A whole number as BigInteger, whatever its size. */
static enum status decode_big(struct decoder *decoder, const struct schema *schema, uint32_t at,
                              const struct schema_path *path, struct value *value)
{
    struct value decimal;
    struct value whole = value_null();
    enum status status = decode_number(decoder, schema, at, path, &decimal);

    if (status != STATUS_OK) return status;
    status = decimal_to_big(decimal, decoder->arena, value);
    if (status == STATUS_OK) status = decimal_make(*value, 0, &whole);
    if (status != STATUS_OK) return refuse(decoder, path, SLICE("the number is too large"));
    return decimal_compare(whole, decimal) == 0 ? STATUS_OK
                                                : refuse_kind(decoder, schema, at, path);
}

static enum status decode_integer(struct decoder *decoder, const struct schema *schema, uint32_t at,
                                  const struct schema_path *path, struct value *value)
{
    struct value decimal;
    enum status status = document_value(decoder->document, at, decoder->arena, value);

    if (schema->class_id == CLASS_BigInteger) return decode_big(decoder, schema, at, path, value);
    if (status != STATUS_OK) return status;
    if (value->kind != VALUE_INTEGER && value->kind != VALUE_LONG)
        return refuse_kind(decoder, schema, at, path);
    if (schema->limits.minimum != NULL || schema->limits.maximum != NULL)
        status = decode_number(decoder, schema, at, path, &decimal);
    value->kind = schema->class_id == CLASS_Integer ? VALUE_INTEGER : VALUE_LONG;
    return status;
}

static enum status decode_string(struct decoder *decoder, const struct schema *schema, uint32_t at,
                                 const struct schema_path *path, struct value *value)
{
    enum status status = document_value(decoder->document, at, decoder->arena, value);

    if (status != STATUS_OK) return status;
    struct slice wrong = schema_limits_count(&schema->limits, SCHEMA_STRING,
                                             utf8_units(value_text(*value)), decoder->arena);

    return wrong.len == 0 ? STATUS_OK : refuse(decoder, path, wrong);
}

static enum status decode_temporal(struct decoder *decoder, const struct schema *schema,
                                   uint32_t at, const struct schema_path *path, struct value *value)
{
    struct slice text;
    enum status status = document_string(decoder->document, at, decoder->arena, &text);

    if (status == STATUS_OK)
        status = temporal_from_text(text, schema->class_id, NULL, decoder->arena, value);
    if (status == STATUS_OK || status == STATUS_LIMIT) return status;
    return refuse(decoder, path, schema_format_refusal(schema->class_id, text, decoder->arena));
}

static enum status decode_enum(struct decoder *decoder, const struct schema *schema, uint32_t at,
                               const struct schema_path *path, struct value *value)
{
    enum status status = document_value(decoder->document, at, decoder->arena, value);

    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < schema->count; i++) {
        if (value_equals(schema->values[i], *value)) return STATUS_OK;
    }
    return refuse(decoder, path,
                  TEXT(decoder->arena, document_text(decoder->document, at),
                       SLICE(" is not a valid enum value")));
}

/* --- containers ------------------------------------------------------------------------------------- */

static enum status decode_array(struct decoder *decoder, const struct schema *schema, uint32_t at,
                                const struct schema_path *path, struct value *value)
{
    const struct document_node *nodes = decoder->document->nodes;
    struct value *items = arena_alloc(decoder->arena, nodes[at].count, sizeof(*items));
    struct schema_path inner = {path, SLICE("*")};
    struct slice wrong =
        schema_limits_count(&schema->limits, SCHEMA_ARRAY, nodes[at].count, decoder->arena);
    uint32_t count = 0;

    if (wrong.len > 0) return refuse(decoder, path, wrong);
    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t item = at + 1; item < nodes[at].next; item = nodes[item].next) {
        enum status status = decode(decoder, schema->items, item, &inner, &items[count++]);

        if (status != STATUS_OK) return status;
    }
    *value = value_list(items, count);
    return STATUS_OK;
}

static const struct schema_property *find_property(const struct schema *schema, struct slice name)
{
    for (uint32_t i = 0; i < schema->count; i++) {
        if (slice_equal(schema->properties[i].name, name)) return &schema->properties[i];
    }
    return NULL;
}

struct members {
    struct value_entry *entries;
    uint32_t count;
    uint32_t undeclared;
};

/* A member given twice keeps its first place and its last value. */
static struct value *place_of(struct members *members, struct slice name)
{
    for (uint32_t i = 0; i < members->count; i++) {
        if (slice_equal(value_text(members->entries[i].key), name))
            return &members->entries[i].value;
    }
    members->entries[members->count].key = value_string(name);
    return &members->entries[members->count++].value;
}

static enum status decode_member(struct decoder *decoder, const struct schema *schema,
                                 struct members *members, uint32_t key,
                                 const struct schema_path *path)
{
    uint32_t at = decoder->document->nodes[key].next;
    struct schema_path inner = {path, {0}};
    enum status status = document_string(decoder->document, key, decoder->arena, &inner.name);

    if (status != STATUS_OK) return status;
    const struct schema_property *property = find_property(schema, inner.name);
    const struct schema *type = property == NULL ? schema->additional : property->schema;
    if (type == NULL) {
        return refuse(decoder, path,
                      TEXT(decoder->arena, SLICE("extraneous key ["), inner.name,
                           SLICE("] is not permitted")));
    }
    if (property == NULL && ++members->undeclared > SCHEMA_MEMBERS_MAX)
        return refuse(decoder, path, SLICE("too many members"));
    return decode(decoder, type, at, &inner, place_of(members, inner.name));
}

static bool given(const struct members *members, struct slice name)
{
    for (uint32_t i = 0; i < members->count; i++) {
        if (slice_equal(value_text(members->entries[i].key), name)) return true;
    }
    return false;
}

static enum status fill_defaults(struct decoder *decoder, const struct schema *schema,
                                 struct members *members, const struct schema_path *path)
{
    uint32_t document_count = members->count;

    for (uint32_t i = 0; i < schema->count; i++) {
        const struct schema_property *property = &schema->properties[i];
        struct members from_document = {members->entries, document_count, 0};

        if (given(&from_document, property->name)) continue;
        if (property->schema->has_default) {
            members->entries[members->count++] =
                (struct value_entry){value_string(property->name), property->schema->initial};
        } else if (property->required) {
            return refuse(decoder, path,
                          TEXT(decoder->arena, SLICE("required key ["), property->name,
                               SLICE("] not found")));
        }
    }
    return STATUS_OK;
}

static enum status decode_object(struct decoder *decoder, const struct schema *schema, uint32_t at,
                                 const struct schema_path *path, struct value *value)
{
    const struct document_node *nodes = decoder->document->nodes;
    struct members members = {.entries = arena_alloc(decoder->arena,
                                                     (size_t)nodes[at].count + schema->count,
                                                     sizeof(struct value_entry))};

    if (members.entries == NULL) return STATUS_LIMIT;
    for (uint32_t key = at + 1; key < nodes[at].next; key = nodes[nodes[key].next].next) {
        enum status status = decode_member(decoder, schema, &members, key, path);

        if (status != STATUS_OK) return status;
    }
    enum status status = fill_defaults(decoder, schema, &members, path);
    *value = value_map(members.entries, members.count);
    return status;
}

static enum status decode_union(struct decoder *decoder, const struct schema *schema, uint32_t at,
                                const struct schema_path *path, struct value *value)
{
    for (uint32_t i = 0; i < schema->count; i++) {
        struct arena_mark mark = arena_mark(decoder->arena);
        enum status status = decode(decoder, schema->members[i], at, path, value);

        if (status != STATUS_INVALID) return status;
        arena_rewind(decoder->arena, mark);
    }
    return refuse(decoder, path, SLICE("no alternative of the schema matches"));
}

static bool kind_fits(enum schema_kind wanted, enum document_kind found)
{
    switch (wanted) {
    case SCHEMA_NOTHING: return false;
    case SCHEMA_NULL: return found == DOCUMENT_NULL;
    case SCHEMA_BOOLEAN: return found == DOCUMENT_FALSE || found == DOCUMENT_TRUE;
    case SCHEMA_INTEGER:
    case SCHEMA_NUMBER: return found == DOCUMENT_NUMBER;
    case SCHEMA_STRING:
    case SCHEMA_TEMPORAL: return found == DOCUMENT_STRING || found == DOCUMENT_ESCAPED_STRING;
    case SCHEMA_ARRAY: return found == DOCUMENT_ARRAY;
    case SCHEMA_OBJECT: return found == DOCUMENT_OBJECT;
    case SCHEMA_ANY:
    case SCHEMA_UNION:
    case SCHEMA_ENUM: return true;
    }
    UNREACHABLE("schema kind outside the enum");
}

static enum status decode_kind(struct decoder *decoder, const struct schema *schema, uint32_t at,
                               const struct schema_path *path, struct value *value)
{
    switch (schema->kind) {
    case SCHEMA_INTEGER: return decode_integer(decoder, schema, at, path, value);
    case SCHEMA_NUMBER: return decode_number(decoder, schema, at, path, value);
    case SCHEMA_STRING: return decode_string(decoder, schema, at, path, value);
    case SCHEMA_TEMPORAL: return decode_temporal(decoder, schema, at, path, value);
    case SCHEMA_ARRAY: return decode_array(decoder, schema, at, path, value);
    case SCHEMA_OBJECT: return decode_object(decoder, schema, at, path, value);
    case SCHEMA_UNION: return decode_union(decoder, schema, at, path, value);
    case SCHEMA_ENUM: return decode_enum(decoder, schema, at, path, value);
    case SCHEMA_ANY:
    case SCHEMA_NOTHING:
    case SCHEMA_NULL:
    case SCHEMA_BOOLEAN: return document_value(decoder->document, at, decoder->arena, value);
    }
    UNREACHABLE("schema kind outside the enum");
}

static enum status decode(struct decoder *decoder, const struct schema *schema, uint32_t at,
                          const struct schema_path *path, struct value *value)
{
    if (++decoder->steps > SCHEMA_STEPS_MAX || decoder->depth == SCHEMA_WORK_DEPTH_MAX) {
        decoder->message = SLICE("the document takes too many steps to check");
        return STATUS_LIMIT;
    }
    if (!kind_fits(schema->kind, (enum document_kind)decoder->document->nodes[at].kind))
        return refuse_kind(decoder, schema, at, path);
    decoder->depth++;
    enum status status = decode_kind(decoder, schema, at, path, value);
    decoder->depth--;
    return status;
}

enum status schema_decode(const struct schema *schema, const struct document *document,
                          uint32_t node, struct arena *arena, struct value *value,
                          struct slice *message)
{
    struct decoder decoder = {.document = document, .arena = arena};

    ASSERT(node < document->node_count);
    *value = value_null();
    enum status status = decode(&decoder, schema, node, NULL, value);
    *message = decoder.message;
    return status;
}
