/* sample_read.c - variables of a sample: JSON values turned into what their type says.
 *
 * Where the type leaves it open (Unknown), the shape names the classes of the value's parts:
 * "Map{a:Integer,b:List[Long]}", "List[Integer,String]"; without one the rule of schemaless input
 * holds.
 */
#include "expr/sample.h"
#include "expr/sample_room.h"
#include "expr/text.h"
#include "value/decimal.h"
#include "value/object.h"

struct reader {
    const struct document *document;
    struct arena *arena;
    const struct zones *zones;
    uint32_t depth;
};

static enum status read_value(struct reader *reader, uint32_t node, const struct type *type,
                              struct slice shape, struct value *value);

/* --- shapes --------------------------------------------------------------------------------------- */

static struct slice shape_head(struct slice shape)
{
    size_t end = 0;

    while (end < shape.len && shape.data[end] != '{' && shape.data[end] != '[')
        end++;
    return (struct slice){shape.data, end};
}

/* The inside of the brackets; empty when there are none. */
static struct slice shape_inside(struct slice shape)
{
    struct slice head = shape_head(shape);

    if (head.len + 2 > shape.len) return (struct slice){0};
    return (struct slice){shape.data + head.len + 1, shape.len - head.len - 2};
}

/* Takes the part up to the next comma outside brackets. */
static struct slice shape_next(struct slice *rest)
{
    uint32_t depth = 0;
    size_t end = 0;

    while (end < rest->len && (depth > 0 || rest->data[end] != ',')) {
        uint8_t byte = rest->data[end];
        if (byte == '{' || byte == '[') depth++;
        if ((byte == '}' || byte == ']') && depth > 0) depth--;
        end++;
    }
    struct slice part = {rest->data, end};
    size_t skip = end < rest->len ? end + 1 : end;
    *rest = (struct slice){rest->data + skip, rest->len - skip};
    return part;
}

static struct slice shape_of_field(struct slice shape, struct slice name)
{
    struct slice rest = shape_inside(shape);

    while (rest.len > 0) {
        struct slice part = shape_next(&rest);
        if (part.len > name.len && part.data[name.len] == ':' && slice_starts_with(part, name)) {
            return (struct slice){part.data + name.len + 1, part.len - name.len - 1};
        }
    }
    return (struct slice){0};
}

static bool shape_suits(struct slice head, const struct document_node *node, struct slice text)
{
    bool fraction = memchr(text.data, '.', text.len) != NULL ||
                    memchr(text.data, 'e', text.len) != NULL ||
                    memchr(text.data, 'E', text.len) != NULL;
    bool floating = slice_equal(head, SLICE("Double")) || slice_equal(head, SLICE("BigDecimal")) ||
                    slice_equal(head, SLICE("Float"));

    switch ((enum document_kind)node->kind) {
    case DOCUMENT_NUMBER: return fraction == floating && !slice_equal(head, SLICE("String"));
    case DOCUMENT_OBJECT: return slice_equal(head, SLICE("Map"));
    case DOCUMENT_ARRAY: return slice_equal(head, SLICE("List"));
    case DOCUMENT_STRING:
    case DOCUMENT_ESCAPED_STRING: return slice_equal(head, SLICE("String"));
    case DOCUMENT_NULL:
    case DOCUMENT_FALSE:
    case DOCUMENT_TRUE: break;
    }
    return false;
}

/* Of the shapes a list lists the one that suits an item. */
static struct slice shape_of_item(struct reader *reader, struct slice shape, uint32_t node)
{
    struct slice rest = shape_inside(shape);

    while (rest.len > 0) {
        struct slice part = shape_next(&rest);
        if (shape_suits(shape_head(part), &reader->document->nodes[node],
                        document_text(reader->document, node))) {
            return part;
        }
    }
    return (struct slice){0};
}

/* --- values --------------------------------------------------------------------------------------- */

static const struct type *field_type(const struct type *type, struct slice name)
{
    if (type->kind == TYPE_RECORD) {
        const struct type *field = type_field(type, name);
        return field != NULL ? field : &type_unknown;
    }
    if (type->kind == TYPE_CLASS && type->class_id == CLASS_Map) return type->parameters[1];
    return &type_unknown;
}

static enum status read_object(struct reader *reader, uint32_t node, const struct type *type,
                               struct slice shape, struct value *value)
{
    const struct document_node *object = &reader->document->nodes[node];
    struct value_entry *entries = arena_alloc(reader->arena, object->count, sizeof(*entries));
    uint32_t at = node + 1;

    if (entries == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < object->count; i++) {
        struct slice name;
        enum status status = document_string(reader->document, at, reader->arena, &name);
        if (status != STATUS_OK) return status;
        entries[i].key = value_string(name);
        status = read_value(reader, at + 1, field_type(type, name), shape_of_field(shape, name),
                            &entries[i].value);
        if (status != STATUS_OK) return status;
        at = reader->document->nodes[at + 1].next;
    }
    *value = value_map(entries, object->count);
    return STATUS_OK;
}

static enum status read_array(struct reader *reader, uint32_t node, const struct type *type,
                              struct slice shape, struct value *value)
{
    const struct document_node *array = &reader->document->nodes[node];
    struct value *items = arena_alloc(reader->arena, array->count, sizeof(*items));
    const struct type *item =
        type->kind == TYPE_CLASS && type->count == 1 ? type->parameters[0] : &type_unknown;
    uint32_t at = node + 1;

    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < array->count; i++) {
        enum status status =
            read_value(reader, at, item, shape_of_item(reader, shape, at), &items[i]);
        if (status != STATUS_OK) return status;
        at = reader->document->nodes[at].next;
    }
    *value = value_list(items, array->count);
    if (type_class_id(type) == CLASS_Set) value->kind = VALUE_SET;
    if (type_class_id(type) == CLASS_Array) {
        value->flags = VALUE_ARRAY;
        value->class_id = (uint8_t)type_class_id(item);
    }
    return STATUS_OK;
}

static bool is_numeric(enum class_id class_id)
{
    return class_is_number(class_id) && class_id != CLASS_Number;
}

/* "Optional[x]": a text that is there. */
static enum status read_optional(struct reader *reader, struct value *value)
{
    static const char head[] = "Optional[";
    struct slice text = value_text(*value);
    struct value *part = arena_alloc(reader->arena, 1, sizeof(*part));
    size_t outside = sizeof head; /* the closing bracket too */

    if (part == NULL) return STATUS_LIMIT;
    if (text.len < outside || !slice_starts_with(text, SLICE(head))) return STATUS_INVALID;
    *part = value_string((struct slice){text.data + sizeof head - 1, text.len - outside});
    *value = value_object(CLASS_Optional, part);
    return STATUS_OK;
}

/* Numbers are read from their spelling, so that decimals keep their scale; "NaN" is a text. */
static enum status read_scalar(struct reader *reader, uint32_t node, enum class_id class_id,
                               struct value *value)
{
    struct slice text = document_text(reader->document, node);
    enum status status;

    if (class_id == CLASS_BigDecimal) {
        return decimal_parse(text, reader->arena, value);
    }
    if (class_id == CLASS_BigInteger) return big_parse(text, reader->arena, value);
    if (is_numeric(class_id)) return text_scalar(text, class_id, reader->arena, value);
    status = document_value(reader->document, node, reader->arena, value);
    if (status != STATUS_OK || value->kind != VALUE_STRING) return status;
    if (class_id == CLASS_String || class_id == CLASS_Object) return STATUS_OK;
    if (class_id == CLASS_Optional) return read_optional(reader, value);
    return sample_scalar(value_text(*value), class_id, reader->zones, reader->arena, value);
}

static enum status read_value(struct reader *reader, uint32_t node, const struct type *type,
                              struct slice shape, struct value *value)
{
    enum document_kind kind = (enum document_kind)reader->document->nodes[node].kind;
    enum class_id class_id = type_class_id(type);
    enum status status;

    if (kind == DOCUMENT_NULL) {
        *value = value_null();
        return STATUS_OK;
    }
    if ((class_id == CLASS_Object || class_id == CLASS_Number) && shape.len > 0 &&
        class_find_simple(shape_head(shape), &class_id) != STATUS_OK) {
        class_id = CLASS_Object;
    }
    if (kind != DOCUMENT_OBJECT && kind != DOCUMENT_ARRAY) {
        return read_scalar(reader, node, class_id, value);
    }
    if (++reader->depth > VALUE_DEPTH_MAX) return STATUS_LIMIT;
    status = kind == DOCUMENT_OBJECT ? read_object(reader, node, type, shape, value)
                                     : read_array(reader, node, type, shape, value);
    reader->depth--;
    return status;
}

/* --- variables ------------------------------------------------------------------------------------ */

static struct slice member_text(const struct document *document, uint32_t object, const char *name,
                                struct arena *arena)
{
    uint32_t node = document_member(document, object, slice_of(name));
    struct slice text = {0};

    if (node == 0) return text;
    enum document_kind kind = (enum document_kind)document->nodes[node].kind;
    if (kind != DOCUMENT_STRING && kind != DOCUMENT_ESCAPED_STRING) return text;
    return document_string(document, node, arena, &text) == STATUS_OK ? text : (struct slice){0};
}

/* A list that is an array is one by its class: it has other methods. */
static const struct type *as_array(const struct type *type, struct slice shape, struct arena *arena)
{
    if (!slice_starts_with(shape, SLICE("Array["))) return type;
    return type_class(CLASS_Array, type->kind == TYPE_CLASS ? type->parameters[0] : NULL, NULL,
                      arena);
}

static enum status read_variable(struct reader *reader, uint32_t node, uint32_t slot,
                                 struct sample *sample, struct slice *why)
{
    const struct document *document = reader->document;
    struct expr_variable *variable = &sample->variables[slot];
    struct slice display = member_text(document, node, "type", reader->arena);
    struct slice shape = member_text(document, node, "shape", reader->arena);
    uint32_t value = document_member(document, node, SLICE("value"));

    variable->name = member_text(document, node, "name", reader->arena);
    variable->slot = slot;
    *why = SLICE("a variable needs \"name\", \"type\" and \"value\"");
    if (variable->name.len == 0 || value == 0) return STATUS_INVALID;
    *why = display;
    enum status status = type_from_text(display, reader->arena, &variable->type);
    if (status != STATUS_OK) return status;
    variable->type = as_array(variable->type, shape, reader->arena);
    if (variable->type == NULL) return STATUS_LIMIT;
    *why = variable->name;
    status = read_value(reader, value, variable->type, shape, &sample->values[slot]);
    bool meta = slice_equal(variable->name, SLICE("meta"));
    if (status == STATUS_OK && meta && sample->values[slot].kind == VALUE_MAP) {
        sample->values[slot].class_id = CLASS_MetaVariables; /* as a scenario has it */
    }
    return status;
}

enum status sample_read(struct slice text, const struct zones *zones, struct arena *arena,
                        struct sample *sample, struct slice *why)
{
    struct document *document = arena_alloc(arena, 1, sizeof(*document));
    struct json_error error = {.message = "too large"};

    *sample = (struct sample){.zones = zones};
    if (document == NULL) return STATUS_LIMIT;
    enum status status = json_parse(text, &json_limits_default, arena, document, &error);
    *why = slice_of(status == STATUS_OK ? "" : error.message);
    if (status != STATUS_OK) return status;
    *why = SLICE("the variables are a JSON array");
    if (document->nodes[0].kind != DOCUMENT_ARRAY) return STATUS_INVALID;
    uint32_t count = document->nodes[0].count;
    if (count > SAMPLE_VARIABLES_MAX) return STATUS_LIMIT;
    sample->variables = arena_zalloc(arena, count + 1, sizeof(*sample->variables));
    sample->values = arena_zalloc(arena, count + 1, sizeof(*sample->values));
    if (sample->variables == NULL || sample->values == NULL) return STATUS_LIMIT;
    struct reader reader = {.document = document, .arena = arena, .zones = zones};
    uint32_t node = 1;
    for (uint32_t i = 0; i < count; i++) {
        status = read_variable(&reader, node, i, sample, why);
        if (status != STATUS_OK) return status;
        node = document->nodes[node].next;
    }
    sample->count = count;
    return STATUS_OK;
}
