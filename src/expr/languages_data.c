/* languages_data.c - the languages that are JSON: literal documents and dictionary keys; tables are
 * in tabular.c. */
#include "codec/json.h"
#include "expr/languages.h"
#include "expr/machine.h"
#include "expr/text.h"

static enum status fail(struct slice text, size_t at, const char *message, struct arena *plan,
                        struct expr_problems *problems)
{
    size_t end = at < text.len ? at + 1 : at;
    enum status status =
        problem_add(problems, plan, (struct span){(uint32_t)at, (uint32_t)end}, slice_of(message));

    return status == STATUS_OK ? STATUS_INVALID : status;
}

/* A JSON text as an eager value in the plan. */
static enum status read_json(struct slice text, struct arena *plan, struct expr_problems *problems,
                             struct value *value)
{
    struct document document;
    struct json_error error;
    struct value lazy;
    enum status status = json_parse(text, &json_limits_default, plan, &document, &error);

    if (status == STATUS_INVALID) return fail(text, error.at, error.message, plan, problems);
    if (status == STATUS_OK) status = document_value(&document, 0, plan, &lazy);
    if (status == STATUS_OK) status = value_copy(lazy, plan, value);
    return status == STATUS_LIMIT ? problem_add_limit(problems, plan, text) : status;
}

/* --- json ------------------------------------------------------------------------------------------ */

enum status compile_json(struct slice text, const struct type *expected, struct arena *plan,
                         struct expr_problems *problems, struct expr *expr)
{
    struct value value = value_null();

    if (text_is_blank(text)) return constant_make(value_null(), &type_null, text, plan, expr);
    enum status status = read_json(text, plan, problems, &value);
    if (status != STATUS_OK) return status;
    const struct type *type = type_of_value(value, plan);
    if (type == NULL) return problem_add_limit(problems, plan, text);
    status = expected_check(type, expected, text, plan, problems);
    return status == STATUS_OK ? constant_make(value, type, text, plan, expr) : status;
}

/* --- dictKeyWithLabel -------------------------------------------------------------------------------- */

static enum status fail_naming(struct slice text, const struct slice *parts, uint32_t count,
                               struct arena *plan, struct expr_problems *problems)
{
    struct buffer message;

    buffer_init(&message, EXPR_TEXT_BYTES_MAX);
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&message, parts[i]);
    enum status status =
        problem_add(problems, plan, (struct span){0, (uint32_t)text.len}, buffer_slice(&message));
    buffer_deinit(&message);
    return status == STATUS_OK ? STATUS_INVALID : status;
}

/* The key as the dictionary has it. fails  INVALID with a problem */
static enum status find_entry(const struct expr_source *source, const struct expr_scope *scope,
                              struct slice key, struct arena *plan, struct expr_problems *problems,
                              struct value *value)
{
    struct slice id = source->dictionary;
    const struct dictionary *dictionary = dictionary_find(scope->dictionaries, id);

    if (dictionary == NULL) {
        struct slice parts[] = {SLICE("Dictionary not declared: "), id};
        return fail_naming(source->text, parts, COUNT_OF(parts), plan, problems);
    }
    const struct type *type = type_of_class(dictionary->keys);
    if (source->expected != NULL && !type_assignable(type, source->expected)) {
        struct slice parts[] = {SLICE("Dictionary '"), id,
                                SLICE("' contains values of invalid type")};
        return fail_naming(source->text, parts, COUNT_OF(parts), plan, problems);
    }
    const struct dictionary_entry *entry = dictionary_entry(dictionary, key);
    if (entry == NULL || !slice_equal(entry->key, key)) {
        struct slice parts[] = {SLICE("Dictionary "), id,
                                SLICE(" doesn't contain entry with key: "), key};
        return fail_naming(source->text, parts, COUNT_OF(parts), plan, problems);
    }
    *value = entry->value;
    return STATUS_OK;
}

/* Without a dictionary to look in any key will do that the field takes. */
static enum status convert_key(const struct expr_source *source, struct arena *plan,
                               struct expr_problems *problems, struct value *key)
{
    enum class_id wanted =
        source->expected != NULL ? type_class_id(source->expected) : CLASS_String;

    if (wanted != CLASS_Long && wanted != CLASS_Boolean) return STATUS_OK;
    if (text_scalar(value_text(*key), wanted, plan, key) == STATUS_OK) return STATUS_OK;
    return fail(source->text, 0, "The dictionary key is no such value", plan, problems);
}

enum status compile_dict_key(const struct expr_source *source, const struct expr_scope *scope,
                             struct arena *plan, struct expr_problems *problems, struct expr *expr)
{
    struct slice text = source->text;
    struct value document = value_null();
    struct value key;

    if (text_is_blank(text)) return constant_make(value_null(), &type_null, text, plan, expr);
    enum status status = read_json(text, plan, problems, &document);
    if (status != STATUS_OK) return status;
    if (document.kind != VALUE_MAP || map_get(document, SLICE("key"), plan, &key) != STATUS_OK ||
        key.kind != VALUE_STRING) {
        return fail(text, 0, "A dictionary key is JSON with the texts \"key\" and \"label\"", plan,
                    problems);
    }
    status = source->dictionary.len > 0
                 ? find_entry(source, scope, value_text(key), plan, problems, &key)
                 : convert_key(source, plan, problems, &key);
    if (status != STATUS_OK) return status;
    const struct type *type = type_of_value(key, plan);
    if (type == NULL) return problem_add_limit(problems, plan, text);
    return constant_make(key, type, text, plan, expr);
}
