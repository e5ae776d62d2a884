/* schema_type.c - the types and names a schema has. A schema inside its own type is Unknown there. */
#include "scenario/schema_room.h"

static const struct type *record_type(struct schema *schema, struct arena *arena)
{
    if (schema->count == 0) {
        const struct type *value = schema->additional == NULL
                                       ? &type_unknown
                                       : schema_make_type(schema->additional, arena);

        return value == NULL ? NULL : type_map(type_of_class(CLASS_String), value, arena);
    }
    struct type_field *fields = arena_alloc(arena, schema->count, sizeof(*fields));
    if (fields == NULL) return NULL;
    if (schema->additional != NULL && schema_make_type(schema->additional, arena) == NULL)
        return NULL;
    for (uint32_t i = 0; i < schema->count; i++) {
        struct schema *property = schema->properties[i].schema;

        fields[i] =
            (struct type_field){schema->properties[i].name, schema_make_type(property, arena)};
        if (fields[i].type == NULL) return NULL;
    }
    return type_record(fields, schema->count, arena);
}

/* "or null" is no type of its own: every value may be null. */
static const struct type *union_type(struct schema *schema, struct arena *arena)
{
    const struct type **members = arena_alloc(arena, (size_t)schema->count + 1, sizeof(void *));
    uint32_t count = 0;

    if (members == NULL) return NULL;
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct type *type = schema->kind == SCHEMA_ENUM
                                      ? type_of_value(schema->values[i], arena)
                                      : schema_make_type(schema->members[i], arena);

        if (type == NULL) return NULL;
        if (type->kind != TYPE_NULL) members[count++] = type;
    }
    if (count == 0) return schema->count == 0 ? &type_unknown : &type_null;
    return type_union(members, count, arena);
}

static const struct type *list_type(struct schema *schema, struct arena *arena)
{
    const struct type *item = schema_make_type(schema->items, arena);

    return item == NULL ? NULL : type_list(item, arena);
}

static const struct type *type_by_kind(struct schema *schema, struct arena *arena)
{
    switch (schema->kind) {
    case SCHEMA_ANY:
    case SCHEMA_NOTHING: return &type_unknown;
    case SCHEMA_NULL: return &type_null;
    case SCHEMA_BOOLEAN: return type_of_class(CLASS_Boolean);
    case SCHEMA_INTEGER:
    case SCHEMA_TEMPORAL: return type_of_class(schema->class_id);
    case SCHEMA_NUMBER: return type_of_class(CLASS_BigDecimal);
    case SCHEMA_STRING: return type_of_class(CLASS_String);
    case SCHEMA_ARRAY: return list_type(schema, arena);
    case SCHEMA_OBJECT: return record_type(schema, arena);
    case SCHEMA_UNION:
    case SCHEMA_ENUM: return union_type(schema, arena);
    }
    UNREACHABLE("schema kind outside the enum");
}

const struct type *schema_make_type(struct schema *schema, struct arena *arena)
{
    ASSERT(schema != NULL);
    if (schema->type != NULL) return schema->type;
    if (schema->typing) return &type_unknown;
    schema->typing = true;
    schema->type = type_by_kind(schema, arena);
    schema->typing = false;
    return schema->type;
}

const struct type *schema_type(const struct schema *schema)
{
    ASSERT(schema->type != NULL);
    return schema->type;
}

bool schema_takes_null(const struct schema *schema)
{
    if (schema->kind == SCHEMA_ANY || schema->kind == SCHEMA_NULL) return true;
    for (uint32_t i = 0; i < schema->count; i++) {
        if (schema->kind == SCHEMA_UNION && schema->members[i]->kind == SCHEMA_NULL) return true;
        if (schema->kind == SCHEMA_ENUM && schema->values[i].kind == VALUE_NULL) return true;
    }
    return false;
}

struct slice schema_kind_name(enum schema_kind kind)
{
    switch (kind) {
    case SCHEMA_ANY: return SLICE("anything");
    case SCHEMA_NOTHING: return SLICE("nothing");
    case SCHEMA_NULL: return SLICE("Null");
    case SCHEMA_BOOLEAN: return SLICE("Boolean");
    case SCHEMA_INTEGER: return SLICE("Integer");
    case SCHEMA_NUMBER: return SLICE("Number");
    case SCHEMA_STRING:
    case SCHEMA_TEMPORAL: return SLICE("String");
    case SCHEMA_ARRAY: return SLICE("JSONArray");
    case SCHEMA_OBJECT: return SLICE("JSONObject");
    case SCHEMA_UNION: return SLICE("one of the alternatives");
    case SCHEMA_ENUM: return SLICE("a value of the enum");
    }
    UNREACHABLE("schema kind outside the enum");
}

struct slice schema_path_text(const struct schema_path *path, struct arena *arena)
{
    struct slice text = {0};

    for (; path != NULL; path = path->outer)
        text = TEXT(arena, SLICE("/"), path->name, text);
    return TEXT(arena, SLICE("#"), text);
}
