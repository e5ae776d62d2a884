/* type.c - types: making them, reading a display text back, showing them. */
#include "value/type_room.h"

const struct type type_unknown = {.kind = TYPE_UNKNOWN};
const struct type type_null = {.kind = TYPE_NULL, .known = true};

static const struct type *const unknown_parameters[2] = {&type_unknown, &type_unknown};

static const struct type plain_classes[CLASS_COUNT] = {
#define CLASS(name, java_name, parameter_count, meaning) \
    [CLASS_##name] = {.kind = TYPE_CLASS,                \
                      .class_id = CLASS_##name,          \
                      .count = (parameter_count),        \
                      .parameters = unknown_parameters},
#include "value/classes.def"
#undef CLASS
};

const struct type *type_of_class(enum class_id class_id)
{
    ASSERT(class_id < CLASS_COUNT);
    return class_id == CLASS_Object ? &type_unknown : &plain_classes[class_id];
}

/* --- making ------------------------------------------------------------------------------------- */

const struct type *type_class(enum class_id class_id, const struct type *first,
                              const struct type *second, struct arena *arena)
{
    struct type *type = arena_alloc(arena, 1, sizeof(*type));
    uint32_t count = class_infos[class_id].parameter_count;
    const struct type **parameters = arena_alloc(arena, 2, sizeof(struct type *));

    if (type == NULL || parameters == NULL) return NULL;
    parameters[0] = first != NULL ? first : &type_unknown;
    parameters[1] = second != NULL ? second : &type_unknown;
    *type = (struct type){
        .kind = TYPE_CLASS, .class_id = class_id, .count = count, .parameters = parameters};
    return type;
}

const struct type *type_list(const struct type *item, struct arena *arena)
{
    return type_class(CLASS_List, item, NULL, arena);
}

const struct type *type_map(const struct type *key, const struct type *value, struct arena *arena)
{
    return type_class(CLASS_Map, key, value, arena);
}

const struct type *type_record(const struct type_field *fields, uint32_t count, struct arena *arena)
{
    struct type *type = arena_alloc(arena, 1, sizeof(*type));
    struct type_field *copy = arena_alloc(arena, count, sizeof(*copy));

    if (type == NULL || copy == NULL) return NULL;
    if (count > 0) memcpy(copy, fields, count * sizeof(*copy));
    *type =
        (struct type){.kind = TYPE_RECORD, .class_id = CLASS_Map, .count = count, .fields = copy};
    return type;
}

const struct type *type_dict(struct slice id, struct arena *arena)
{
    struct type *type = arena_alloc(arena, 1, sizeof(*type));

    if (type == NULL) return NULL;
    *type = (struct type){.kind = TYPE_DICT, .value = value_string(id)};
    return type;
}

const struct type *type_with_value(const struct type *type, struct value value, struct arena *arena)
{
    struct type *known = arena_alloc(arena, 1, sizeof(*known));

    if (known == NULL) return NULL;
    *known = *type;
    known->known = true;
    known->value = value;
    return known;
}

static const struct type *fields_without_value(const struct type *type, struct arena *arena)
{
    struct type_field *fields = arena_alloc(arena, type->count, sizeof(*fields));

    if (fields == NULL) return NULL;
    for (uint32_t i = 0; i < type->count; i++) {
        fields[i].name = type->fields[i].name;
        fields[i].type = type_without_value(type->fields[i].type, arena);
        if (fields[i].type == NULL) return NULL;
    }
    return type_record(fields, type->count, arena);
}

static const struct type *union_without_value(const struct type *type, struct arena *arena)
{
    const struct type **members = arena_alloc(arena, type->count, sizeof(struct type *));

    if (members == NULL) return NULL;
    for (uint32_t i = 0; i < type->count; i++) {
        members[i] = type_without_value(type->parameters[i], arena);
        if (members[i] == NULL) return NULL;
    }
    return type_union(members, type->count, arena);
}

static const struct type *class_without_value(const struct type *type, struct arena *arena)
{
    if (!type->known && type->count == 0) return type;
    struct type *plain = arena_alloc(arena, 1, sizeof(*plain));
    const struct type **parameters = arena_alloc(arena, type->count, sizeof(struct type *));
    if (plain == NULL || parameters == NULL) return NULL;
    for (uint32_t i = 0; i < type->count; i++) {
        parameters[i] = type_without_value(type->parameters[i], arena);
        if (parameters[i] == NULL) return NULL;
    }
    *plain = *type;
    plain->parameters = parameters;
    plain->known = false;
    return plain;
}

const struct type *type_without_value(const struct type *type, struct arena *arena)
{
    switch (type->kind) {
    case TYPE_UNKNOWN:
    case TYPE_NULL:
    case TYPE_DICT: return type;
    case TYPE_CLASS: return class_without_value(type, arena);
    case TYPE_RECORD: return fields_without_value(type, arena);
    case TYPE_UNION: return union_without_value(type, arena);
    }
    UNREACHABLE("type kind outside the enum");
}

static const struct type *type_of_items(struct value value, struct arena *arena)
{
    const struct type *item = NULL;
    struct value_cursor cursor = value_cursor(value);
    struct value_entry entry;
    enum status status = STATUS_OK;

    while (cursor_next(&cursor, arena, &entry, &status)) {
        const struct type *next = type_of_value(entry.value, arena);
        if (next == NULL) return NULL;
        item = item == NULL ? next : type_common(item, next, arena);
        if (item == NULL) return NULL;
    }
    return status == STATUS_OK ? (item != NULL ? item : &type_unknown) : NULL;
}

static const struct type *type_of_map(struct value value, struct arena *arena)
{
    uint32_t count = map_count(value);
    struct type_field *fields = arena_alloc(arena, count, sizeof(*fields));
    struct value_cursor cursor = value_cursor(value);
    struct value_entry entry;
    enum status status = STATUS_OK;
    uint32_t filled = 0;

    if (fields == NULL) return NULL;
    while (filled < count && cursor_next(&cursor, arena, &entry, &status)) {
        if (entry.key.kind != VALUE_STRING) return type_of_class(CLASS_Map);
        fields[filled].name = value_text(entry.key);
        fields[filled].type = type_of_value(entry.value, arena);
        if (fields[filled].type == NULL) return NULL;
        filled++;
    }
    return status == STATUS_OK ? type_record(fields, filled, arena) : NULL;
}

const struct type *type_of_value(struct value value, struct arena *arena)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_NULL: return &type_null;
    case VALUE_LIST: return type_class(CLASS_List, type_of_items(value, arena), NULL, arena);
    case VALUE_SET: return type_class(CLASS_Set, type_of_items(value, arena), NULL, arena);
    case VALUE_MAP: return type_of_map(value, arena);
    case VALUE_FLOAT:
    case VALUE_DOUBLE:
        if (value.f64 - value.f64 != 0) return type_of_class(class_of_value(value));
        return type_with_value(type_of_class(class_of_value(value)), value, arena);
    case VALUE_CLASS: return type_of_class(CLASS_Class);
    case VALUE_OBJECT: return type_of_class((enum class_id)value.class_id);
    case VALUE_BOOLEAN:
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_BIG_INTEGER:
    case VALUE_BIG_DECIMAL:
    case VALUE_CHARACTER:
    case VALUE_STRING:
    case VALUE_TEMPORAL:
    case VALUE_FORMATTER:
    case VALUE_DURATION: return type_with_value(type_of_class(class_of_value(value)), value, arena);
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

bool type_known(const struct type *type, struct arena *arena, struct value *value)
{
    if (type->kind == TYPE_NULL) {
        *value = value_null();
        return true;
    }
    if (type->kind == TYPE_CLASS) {
        *value = type->value;
        return type->known;
    }
    if (type->kind != TYPE_RECORD) return false;

    struct value_entry *entries = arena_alloc(arena, type->count, sizeof(*entries));
    if (entries == NULL) return false;
    for (uint32_t i = 0; i < type->count; i++) {
        entries[i].key = value_string(type->fields[i].name);
        if (!type_known(type->fields[i].type, arena, &entries[i].value)) return false;
    }
    *value = value_map(entries, type->count);
    return true;
}

const struct type *const *type_members(const struct type *const *type, uint32_t *count)
{
    *count = (*type)->kind == TYPE_UNION ? (*type)->count : 1;
    return (*type)->kind == TYPE_UNION ? (*type)->parameters : type;
}

const struct type *type_union(const struct type *const *members, uint32_t count,
                              struct arena *arena)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (members[i]->kind == TYPE_UNKNOWN) return &type_unknown;
        total += members[i]->kind == TYPE_UNION ? members[i]->count : 1;
    }
    const struct type **flat = arena_alloc(arena, total, sizeof(struct type *));
    struct type *type = arena_alloc(arena, 1, sizeof(*type));
    if (flat == NULL || type == NULL) return NULL;

    uint32_t filled = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t inner_count;
        const struct type *const *inner = type_members(&members[i], &inner_count);
        for (uint32_t j = 0; j < inner_count; j++) {
            bool seen = inner[j]->kind == TYPE_NULL;
            for (uint32_t k = 0; k < filled && !seen; k++)
                seen = type_equal(flat[k], inner[j]);
            if (!seen) flat[filled++] = inner[j];
        }
    }
    if (filled == 0) return &type_null;
    if (filled == 1) return flat[0];
    *type = (struct type){.kind = TYPE_UNION, .count = filled, .parameters = flat};
    return type;
}

/* --- looking in --------------------------------------------------------------------------------- */

const struct type *type_field(const struct type *record, struct slice name)
{
    ASSERT(record->kind == TYPE_RECORD);
    for (uint32_t i = 0; i < record->count; i++) {
        if (slice_equal(record->fields[i].name, name)) return record->fields[i].type;
    }
    return NULL;
}

enum class_id type_class_id(const struct type *type)
{
    if (type->kind == TYPE_CLASS) return type->class_id;
    return type->kind == TYPE_RECORD ? CLASS_Map : CLASS_Object;
}

const struct type *type_parameter(const struct type *type, uint32_t index, struct arena *arena)
{
    if (type->kind == TYPE_CLASS) {
        return index < type->count ? type->parameters[index] : &type_unknown;
    }
    if (type->kind != TYPE_RECORD) return &type_unknown;
    if (index == 0) return type_of_class(CLASS_String);

    const struct type *common = NULL;
    for (uint32_t i = 0; i < type->count; i++) {
        common = common == NULL ? type->fields[i].type
                                : type_common(common, type->fields[i].type, arena);
        if (common == NULL) return &type_unknown;
    }
    return common != NULL ? common : &type_unknown;
}
