/* schema_check.c - before anything runs: can values of this type be written under that schema?
 *
 * source  validation modes as nussknacker-compat §2.2; the message's form is the original's */
#include "scenario/schema_room.h"

struct checker {
    struct arena *arena;
    bool strict;
    uint32_t steps;
    uint32_t depth;
    struct slice wrong_types; /* "path 'a' actual: 'X' expected: 'Y', ..." */
    struct slice missing;
    struct slice redundant;
};

static void check(struct checker *checker, const struct schema *schema, const struct type *type,
                  struct slice path);

static struct slice type_text(struct checker *checker, const struct type *type)
{
    struct buffer buffer;
    struct slice text;

    buffer_init(&buffer, SCHEMA_NODES_MAX);
    type_to_text(type, true, &buffer);
    if (arena_copy(checker->arena, buffer_slice(&buffer), &text) != STATUS_OK) text = SLICE("...");
    buffer_deinit(&buffer);
    return text;
}

static void append(struct checker *checker, struct slice *list, struct slice item)
{
    *list = list->len == 0 ? item : TEXT(checker->arena, *list, SLICE(", "), item);
}

static void wrong(struct checker *checker, const struct schema *schema, const struct type *type,
                  struct slice path)
{
    struct slice where =
        path.len == 0 ? path : TEXT(checker->arena, SLICE("path '"), path, SLICE("' "));

    append(checker, &checker->wrong_types,
           TEXT(checker->arena, where, SLICE("actual: '"), type_text(checker, type),
                SLICE("' expected: '"),
                schema->type == NULL ? schema_kind_name(schema->kind)
                                     : type_text(checker, schema->type),
                SLICE("'")));
}

static struct slice inner_path(struct checker *checker, struct slice path, struct slice name)
{
    return path.len == 0 ? name : TEXT(checker->arena, path, SLICE("."), name);
}

static const struct schema_property *find_property(const struct schema *schema, struct slice name)
{
    for (uint32_t i = 0; i < schema->count; i++) {
        if (slice_equal(schema->properties[i].name, name)) return &schema->properties[i];
    }
    return NULL;
}

static void check_record(struct checker *checker, const struct schema *schema,
                         const struct type *type, struct slice path)
{
    for (uint32_t i = 0; i < type->count; i++) {
        const struct type_field *field = &type->fields[i];
        const struct schema_property *property = find_property(schema, field->name);
        struct slice inner = inner_path(checker, path, field->name);

        if (property != NULL && field->type->kind == TYPE_NULL && !property->required) continue;
        if (property != NULL) {
            check(checker, property->schema, field->type, inner);
        } else if (schema->additional != NULL) {
            check(checker, schema->additional, field->type, inner);
        } else if (checker->strict) {
            append(checker, &checker->redundant, inner);
        }
    }
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct schema_property *property = &schema->properties[i];

        if (!property->required || property->schema->has_default) continue;
        if (type_field(type, property->name) == NULL && !schema_takes_null(property->schema))
            append(checker, &checker->missing, inner_path(checker, path, property->name));
    }
}

/* A map's keys are not known: strict asks for a schema that is a map itself. */
static bool check_map(struct checker *checker, const struct schema *schema, const struct type *type,
                      struct slice path)
{
    if (!checker->strict) return true;
    if (schema->count > 0 || schema->additional == NULL) return false;
    const struct type *value = type_parameter(type, 1, checker->arena);
    if (value != NULL)
        check(checker, schema->additional, value, inner_path(checker, path, SLICE("*")));
    return true;
}

static bool enum_fits(const struct schema *schema, const struct type *type)
{
    for (uint32_t i = 0; i < schema->count; i++) {
        if (type->known ? value_equals(schema->values[i], type->value)
                        : class_is(class_of_value(schema->values[i]), type_class_id(type)))
            return true;
    }
    return false;
}

static bool check_class(struct checker *checker, const struct schema *schema,
                        const struct type *type, struct slice path)
{
    enum class_id class_id = type_class_id(type);

    switch (schema->kind) {
    case SCHEMA_BOOLEAN: return class_id == CLASS_Boolean;
    case SCHEMA_INTEGER:
        return class_is_number(class_id) &&
               (!checker->strict || class_id == CLASS_Byte || class_id == CLASS_Short ||
                class_id == CLASS_Integer || class_id == CLASS_Long ||
                class_id == CLASS_BigInteger);
    case SCHEMA_NUMBER: return class_is_number(class_id);
    case SCHEMA_STRING:
        return class_is(class_id, CLASS_CharSequence) || class_id == CLASS_Character;
    case SCHEMA_TEMPORAL:
        return schema_format_takes(schema->class_id, class_id) ||
               (!checker->strict && class_is(class_id, CLASS_CharSequence));
    case SCHEMA_ARRAY:
        if (!class_is(class_id, CLASS_Collection)) return false;
        check(checker, schema->items, type_parameter(type, 0, checker->arena),
              inner_path(checker, path, SLICE("[]")));
        return true;
    case SCHEMA_OBJECT: return class_id == CLASS_Map && check_map(checker, schema, type, path);
    case SCHEMA_ENUM: return enum_fits(schema, type);
    case SCHEMA_NOTHING:
    case SCHEMA_NULL: return false;
    case SCHEMA_ANY:
    case SCHEMA_UNION: return true;
    }
    UNREACHABLE("schema kind outside the enum");
}

/* Does the type pass without a word? */
static bool passes(struct checker *checker, const struct schema *schema, const struct type *type)
{
    struct checker trial = {
        .arena = checker->arena,
        .strict = checker->strict,
        .steps = checker->steps,
        .depth = checker->depth,
    };

    check(&trial, schema, type, (struct slice){0});
    checker->steps = trial.steps;
    return trial.wrong_types.len == 0 && trial.missing.len == 0 && trial.redundant.len == 0;
}

static bool any_member_passes(struct checker *checker, const struct schema *schema,
                              const struct type *type)
{
    for (uint32_t i = 0; i < schema->count; i++) {
        if (passes(checker, schema->members[i], type)) return true;
    }
    return false;
}

/* strict: each of the value's alternatives must pass; lax: one is enough. */
static bool check_alternatives(struct checker *checker, const struct schema *schema,
                               const struct type *type)
{
    uint32_t passed = 0;

    for (uint32_t i = 0; i < type->count; i++) {
        if (passes(checker, schema, type->parameters[i])) passed++;
    }
    return checker->strict ? passed == type->count : passed > 0;
}

static void check(struct checker *checker, const struct schema *schema, const struct type *type,
                  struct slice path)
{
    bool fits = true;

    /* past the limit the rest is left to the encoder */
    if (type == NULL || schema->kind == SCHEMA_ANY || ++checker->steps > SCHEMA_NODES_MAX ||
        checker->depth == SCHEMA_WORK_DEPTH_MAX)
        return;
    checker->depth++;
    if (type->kind == TYPE_UNKNOWN) {
        fits = !checker->strict;
    } else if (type->kind == TYPE_NULL) {
        fits = schema_takes_null(schema);
    } else if (type->kind == TYPE_UNION) {
        fits = check_alternatives(checker, schema, type);
    } else if (schema->kind == SCHEMA_UNION) {
        fits = any_member_passes(checker, schema, type);
    } else if (type->kind == TYPE_RECORD && schema->kind == SCHEMA_OBJECT) {
        check_record(checker, schema, type, path);
    } else {
        fits = check_class(checker, schema, type, path);
    }
    checker->depth--;
    if (!fits) wrong(checker, schema, type, path);
}

static struct slice part(struct checker *checker, struct slice head, struct slice list)
{
    return list.len == 0 ? list : TEXT(checker->arena, SLICE("\n"), head, list, SLICE("."));
}

bool schema_accepts(const struct schema *schema, const struct type *type, bool strict,
                    struct arena *arena, struct slice *message)
{
    struct checker checker = {.arena = arena, .strict = strict};

    check(&checker, schema, type, (struct slice){0});
    *message = TEXT(arena, SLICE("Provided value does not match scenario output - errors:"),
                    part(&checker, SLICE("Incorrect type: "), checker.wrong_types),
                    part(&checker, SLICE("Missing fields: "), checker.missing),
                    part(&checker, SLICE("Redundant fields: "), checker.redundant));
    return checker.wrong_types.len == 0 && checker.missing.len == 0 && checker.redundant.len == 0;
}
