/* schema_read.c - a schema's text becomes a graph: references are edges, also backwards.
 *
 * Each node of the document is made at most once, so recursive schemas end. Types come after, when
 * the graph is whole; a schema inside its own type is Unknown there. */
#include "scenario/schema_room.h"
#include "value/decimal.h"

struct reader {
    struct document document;
    struct schema **made; /* by document node */
    struct arena *arena;
    struct slice message; /* set with STATUS_INVALID */
    enum status status;
    uint32_t depth;
};

static struct schema *make(struct reader *reader, uint32_t at);

static void refuse(struct reader *reader, enum status status, struct slice message)
{
    if (reader->status != STATUS_OK) return;
    reader->status = status;
    reader->message = message;
}

static void *allocate(struct reader *reader, uint32_t count, size_t size)
{
    void *memory = arena_zalloc(reader->arena, count, size);

    if (memory == NULL) refuse(reader, STATUS_LIMIT, SLICE("out of memory"));
    return memory;
}

static uint32_t kind_of(const struct reader *reader, uint32_t at)
{
    return reader->document.nodes[at].kind;
}

static uint32_t member(const struct reader *reader, uint32_t at, struct slice name)
{
    return kind_of(reader, at) == DOCUMENT_OBJECT ? document_member(&reader->document, at, name)
                                                  : 0;
}

static uint32_t member_of(struct reader *reader, uint32_t at, struct slice name,
                          enum document_kind kind)
{
    uint32_t found = member(reader, at, name);

    if (found == 0 || kind_of(reader, found) == (uint32_t)kind) return found;
    refuse(
        reader, STATUS_INVALID,
        TEXT(reader->arena, SLICE("`"), name,
             kind == DOCUMENT_ARRAY ? SLICE("` must be an array") : SLICE("` must be an object")));
    return 0;
}

static struct slice text_of(struct reader *reader, uint32_t at)
{
    struct slice text = {0};

    if (kind_of(reader, at) != DOCUMENT_STRING && kind_of(reader, at) != DOCUMENT_ESCAPED_STRING) {
        refuse(reader, STATUS_INVALID, SLICE("a text is expected"));
    } else if (document_string(&reader->document, at, reader->arena, &text) != STATUS_OK) {
        refuse(reader, STATUS_LIMIT, SLICE("out of memory"));
    }
    return text;
}

static struct value value_of(struct reader *reader, uint32_t at)
{
    struct value lazy;
    struct value value = value_null();

    if (document_value(&reader->document, at, reader->arena, &lazy) != STATUS_OK ||
        value_copy(lazy, reader->arena, &value) != STATUS_OK)
        refuse(reader, STATUS_LIMIT, SLICE("out of memory"));
    return value;
}

/* --- references ----------------------------------------------------------------------------------- */

/* The next step of a JSON pointer: array places are not needed in schemas. */
static uint32_t follow(struct reader *reader, struct slice pointer)
{
    uint32_t at = 0;
    size_t from = 0;

    while (from < pointer.len) {
        const uint8_t *slash = memchr(pointer.data + from, '/', pointer.len - from);
        size_t len = slash == NULL ? pointer.len - from : (size_t)(slash - (pointer.data + from));

        at = member(reader, at, (struct slice){pointer.data + from, len});
        if (at == 0) return 0;
        from += len + 1;
    }
    return at;
}

static struct schema *make_reference(struct reader *reader, uint32_t reference)
{
    struct slice text = text_of(reader, reference);

    if (slice_equal(text, SLICE("#"))) return make(reader, 0);
    if (text.len > 2 && slice_starts_with(text, SLICE("#/"))) {
        uint32_t target = follow(reader, (struct slice){text.data + 2, text.len - 2});

        if (target != 0) return make(reader, target);
    }
    refuse(reader, STATUS_INVALID,
           TEXT(reader->arena, SLICE("$ref leads nowhere inside the schema: "), text));
    return NULL;
}

/* --- kinds ------------------------------------------------------------------------------------------ */

static bool is_required(struct reader *reader, uint32_t required, struct slice name)
{
    const struct document_node *nodes = reader->document.nodes;

    for (uint32_t at = required + 1; required != 0 && at < nodes[required].next;
         at = nodes[at].next) {
        if (slice_equal(text_of(reader, at), name)) return true;
    }
    return false;
}

static void make_object(struct reader *reader, uint32_t at, struct schema *schema)
{
    const struct document_node *nodes = reader->document.nodes;
    uint32_t properties = member_of(reader, at, SLICE("properties"), DOCUMENT_OBJECT);
    uint32_t required = member_of(reader, at, SLICE("required"), DOCUMENT_ARRAY);
    uint32_t additional = member(reader, at, SLICE("additionalProperties"));

    schema->kind = SCHEMA_OBJECT;
    if (additional == 0) {
        schema->additional = allocate(reader, 1, sizeof(*schema));
    } else if (kind_of(reader, additional) != DOCUMENT_FALSE) {
        schema->additional = make(reader, additional);
    }
    if (properties == 0) return;
    schema->properties = allocate(reader, nodes[properties].count, sizeof(*schema->properties));
    for (uint32_t key = properties + 1; key < nodes[properties].next && reader->status == STATUS_OK;
         key = nodes[nodes[key].next].next) {
        struct slice name = text_of(reader, key);

        schema->properties[schema->count++] = (struct schema_property){
            .name = name,
            .schema = make(reader, nodes[key].next),
            .required = is_required(reader, required, name),
        };
    }
}

/* A bound of a length; false: there is none. */
static bool read_count(struct reader *reader, uint32_t at, struct slice name, uint32_t *count)
{
    uint32_t found = member(reader, at, name);
    int64_t number = 0;

    if (found == 0) return false;
    if (kind_of(reader, found) != DOCUMENT_NUMBER ||
        slice_to_i64(document_text(&reader->document, found), &number) != STATUS_OK || number < 0 ||
        number > UINT32_MAX) {
        refuse(reader, STATUS_INVALID,
               TEXT(reader->arena, SLICE("`"), name, SLICE("` must be a whole number from 0 on")));
        return false;
    }
    *count = (uint32_t)number;
    return true;
}

static void make_array(struct reader *reader, uint32_t at, struct schema *schema)
{
    uint32_t items = member(reader, at, SLICE("items"));

    schema->kind = SCHEMA_ARRAY;
    (void)read_count(reader, at, SLICE("minItems"), &schema->limits.count_min);
    schema->limits.has_count_max =
        read_count(reader, at, SLICE("maxItems"), &schema->limits.count_max);
    /* a tuple's items have no common schema we could use: anything */
    schema->items = items == 0 || kind_of(reader, items) == DOCUMENT_ARRAY
                        ? allocate(reader, 1, sizeof(*schema))
                        : make(reader, items);
}

static void make_enum(struct reader *reader, uint32_t values, struct schema *schema)
{
    const struct document_node *nodes = reader->document.nodes;

    schema->kind = SCHEMA_ENUM;
    schema->values = allocate(reader, nodes[values].count, sizeof(*schema->values));
    if (schema->values == NULL) return;
    for (uint32_t at = values + 1; at < nodes[values].next; at = nodes[at].next)
        schema->values[schema->count++] = value_of(reader, at);
}

/* `minimum` and its like; draft 4 says `exclusiveMinimum: true` beside it, later ones a number. */
static const struct value *read_bound(struct reader *reader, uint32_t at, struct slice name,
                                      struct slice exclusive, bool *excluded)
{
    uint32_t plain = member(reader, at, name);
    uint32_t strict = member(reader, at, exclusive);
    struct value *made = NULL;

    *excluded = strict != 0 && kind_of(reader, strict) != DOCUMENT_FALSE;
    if (strict != 0 && kind_of(reader, strict) == DOCUMENT_NUMBER) plain = strict;
    if (plain == 0) return NULL;
    if (kind_of(reader, plain) != DOCUMENT_NUMBER) {
        refuse(reader, STATUS_INVALID,
               TEXT(reader->arena, SLICE("`"), name, SLICE("` must be a number")));
        return NULL;
    }
    made = allocate(reader, 1, sizeof(*made));
    if (made != NULL &&
        decimal_parse(document_text(&reader->document, plain), reader->arena, made) != STATUS_OK) {
        refuse(reader, STATUS_INVALID,
               TEXT(reader->arena, SLICE("`"), name, SLICE("` is too large")));
    }
    return made;
}

static void read_bounds(struct reader *reader, uint32_t at, struct schema_limits *limits)
{
    limits->minimum =
        read_bound(reader, at, SLICE("minimum"), SLICE("exclusiveMinimum"), &limits->above_minimum);
    limits->maximum =
        read_bound(reader, at, SLICE("maximum"), SLICE("exclusiveMaximum"), &limits->below_maximum);
}

/* A text whose format is one of a date or time becomes one; other formats are text. */
static void make_string(struct reader *reader, uint32_t at, struct schema *schema)
{
    uint32_t format = member(reader, at, SLICE("format"));
    const struct schema_format *known = NULL;

    if (format != 0) known = schema_format_named(text_of(reader, format));
    if (known != NULL) {
        schema->kind = SCHEMA_TEMPORAL;
        schema->class_id = known->class_id;
        return;
    }
    (void)read_count(reader, at, SLICE("minLength"), &schema->limits.count_min);
    schema->limits.has_count_max =
        read_count(reader, at, SLICE("maxLength"), &schema->limits.count_max);
}

static void make_kind(struct reader *reader, uint32_t at, struct slice kind, struct schema *schema)
{
    static const struct {
        const char *name;
        enum schema_kind kind;
    } scalars[] = {
        {"null", SCHEMA_NULL},     {"boolean", SCHEMA_BOOLEAN}, {"integer", SCHEMA_INTEGER},
        {"number", SCHEMA_NUMBER}, {"string", SCHEMA_STRING},
    };

    if (slice_equal(kind, SLICE("object"))) {
        make_object(reader, at, schema);
        return;
    }
    if (slice_equal(kind, SLICE("array"))) {
        make_array(reader, at, schema);
        return;
    }
    for (size_t row = 0; row < COUNT_OF(scalars); row++) {
        if (!slice_equal(kind, slice_of(scalars[row].name))) continue;
        schema->kind = scalars[row].kind;
        if (schema->kind == SCHEMA_STRING) make_string(reader, at, schema);
        if (schema->kind == SCHEMA_INTEGER || schema->kind == SCHEMA_NUMBER)
            read_bounds(reader, at, &schema->limits);
        if (schema->kind == SCHEMA_INTEGER && reader->status == STATUS_OK)
            schema->class_id = schema_integer_class(&schema->limits);
        return;
    }
    refuse(reader, STATUS_INVALID, TEXT(reader->arena, SLICE("unknown type: "), kind));
}

static struct schema **new_members(struct reader *reader, uint32_t array, struct schema *schema)
{
    schema->kind = SCHEMA_UNION;
    schema->members = allocate(reader, reader->document.nodes[array].count, sizeof(void *));
    return schema->members;
}

/* ["string", "null"]: one member a type. */
static void make_types(struct reader *reader, uint32_t at, uint32_t types, struct schema *schema)
{
    const struct document_node *nodes = reader->document.nodes;
    struct schema **members = new_members(reader, types, schema);

    for (uint32_t type = types + 1; type < nodes[types].next && reader->status == STATUS_OK;
         type = nodes[type].next) {
        struct schema *one = allocate(reader, 1, sizeof(*one));

        if (one == NULL) return;
        make_kind(reader, at, text_of(reader, type), one);
        members[schema->count++] = one;
    }
}

static void make_choice(struct reader *reader, uint32_t choice, struct schema *schema)
{
    const struct document_node *nodes = reader->document.nodes;
    struct schema **members = new_members(reader, choice, schema);

    for (uint32_t at = choice + 1; at < nodes[choice].next && reader->status == STATUS_OK;
         at = nodes[at].next)
        members[schema->count++] = make(reader, at);
}

static void fill(struct reader *reader, uint32_t at, struct schema *schema)
{
    uint32_t type = member(reader, at, SLICE("type"));
    uint32_t choice = member_of(reader, at, SLICE("oneOf"), DOCUMENT_ARRAY);
    uint32_t values = member_of(reader, at, SLICE("enum"), DOCUMENT_ARRAY);
    uint32_t initial = member(reader, at, SLICE("default"));

    if (choice == 0) choice = member_of(reader, at, SLICE("anyOf"), DOCUMENT_ARRAY);
    if (initial != 0) {
        schema->has_default = true;
        schema->initial = value_of(reader, initial);
    }
    if (values != 0) {
        make_enum(reader, values, schema);
    } else if (choice != 0) {
        make_choice(reader, choice, schema);
    } else if (type != 0 && kind_of(reader, type) == DOCUMENT_ARRAY) {
        make_types(reader, at, type, schema);
    } else if (type != 0) {
        make_kind(reader, at, text_of(reader, type), schema);
    } else if (member(reader, at, SLICE("properties")) != 0) {
        make_object(reader, at, schema);
    } else if (member(reader, at, SLICE("items")) != 0) {
        make_array(reader, at, schema);
    }
}

static struct schema *make(struct reader *reader, uint32_t at)
{
    uint32_t reference = member(reader, at, SLICE("$ref"));
    struct schema *schema = reader->made[at];

    if (schema != NULL || reader->status != STATUS_OK) return schema;
    if (reader->depth == SCHEMA_DEPTH_MAX) {
        refuse(reader, STATUS_INVALID, SLICE("the schema is nested too deeply"));
        return NULL;
    }
    reader->depth++;
    if (reference != 0) {
        schema = make_reference(reader, reference);
    } else {
        schema = allocate(reader, 1, sizeof(*schema));
        reader->made[at] = schema;
        if (kind_of(reader, at) == DOCUMENT_FALSE) {
            schema->kind = SCHEMA_NOTHING;
        } else if (kind_of(reader, at) == DOCUMENT_OBJECT && schema != NULL) {
            fill(reader, at, schema);
        } else if (kind_of(reader, at) != DOCUMENT_TRUE) {
            refuse(reader, STATUS_INVALID, SLICE("a schema is an object, true or false"));
        }
    }
    reader->depth--;
    return schema;
}

/* --- reading ---------------------------------------------------------------------------------------- */

enum status schema_read(struct slice text, struct arena *arena, const struct schema **schema,
                        struct slice *message)
{
    struct reader reader = {.arena = arena};
    struct json_limits limits = json_limits_default;
    struct json_error error = {0};

    *schema = NULL;
    *message = (struct slice){0};
    limits.nodes_max = SCHEMA_NODES_MAX;
    enum status status = json_parse(text, &limits, arena, &reader.document, &error);
    if (status != STATUS_OK) {
        *message = TEXT(arena, SLICE("it is no JSON: "),
                        slice_of(error.message == NULL ? "too large" : error.message));
        return status;
    }
    reader.made = allocate(&reader, reader.document.node_count, sizeof(void *));
    struct schema *root = reader.made == NULL ? NULL : make(&reader, 0);
    *message = reader.message;
    if (reader.status != STATUS_OK) return reader.status;
    ASSERT(root != NULL);
    if (schema_make_type(root, arena) == NULL) return STATUS_LIMIT;
    *schema = root;
    return STATUS_OK;
}
