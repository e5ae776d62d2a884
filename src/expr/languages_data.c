/* languages_data.c - the languages that are JSON: literal documents, dictionary keys, tables. */
#include "codec/json.h"
#include "expr/languages.h"
#include "expr/machine.h"
#include "expr/text.h"
#include "value/decimal.h"
#include "value/temporal.h"

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

/* --- tabularDataDefinition ----------------------------------------------------------------------------- */

struct table {
    struct value *names;
    enum class_id *classes;
    uint32_t column_count;
};

static enum status read_columns(struct value columns, struct arena *plan, struct table *table)
{
    table->column_count = list_count(columns);
    table->names = arena_alloc(plan, table->column_count, sizeof(*table->names));
    table->classes = arena_alloc(plan, table->column_count, sizeof(*table->classes));
    if (table->names == NULL || table->classes == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < table->column_count; i++) {
        struct value column = columns.items[i];
        struct value type;
        if (column.kind != VALUE_MAP ||
            map_get(column, SLICE("name"), plan, &table->names[i]) != STATUS_OK ||
            map_get(column, SLICE("type"), plan, &type) != STATUS_OK ||
            table->names[i].kind != VALUE_STRING || type.kind != VALUE_STRING ||
            class_find(value_text(type), &table->classes[i]) != STATUS_OK) {
            return STATUS_INVALID;
        }
    }
    return STATUS_OK;
}

/* A price keeps the places it is written with. */
static enum status read_cell(struct slice text, enum class_id class_id, struct arena *plan,
                             struct value *cell)
{
    switch ((int)class_id) {
    case CLASS_BigDecimal: return decimal_parse(text, plan, cell);
    case CLASS_LocalDate:
    case CLASS_LocalDateTime: return temporal_from_text(text, class_id, NULL, plan, cell);
    default: return text_scalar(text, class_id, plan, cell);
    }
}

static enum status read_row(struct value row, const struct table *table, struct arena *plan,
                            struct value *record)
{
    struct value_entry *entries = arena_alloc(plan, table->column_count, sizeof(*entries));

    if (entries == NULL) return STATUS_LIMIT;
    if (row.kind != VALUE_LIST || list_count(row) != table->column_count) return STATUS_INVALID;
    for (uint32_t i = 0; i < table->column_count; i++) {
        struct value cell = row.items[i];
        if (cell.kind == VALUE_STRING) {
            enum status status = read_cell(value_text(cell), table->classes[i], plan, &cell);
            if (status != STATUS_OK) return status;
        } else if (cell.kind != VALUE_NULL) {
            return STATUS_INVALID;
        }
        entries[i] = (struct value_entry){table->names[i], cell};
    }
    *record = value_map(entries, table->column_count);
    return STATUS_OK;
}

static const struct type *table_type(const struct table *table, struct arena *plan)
{
    struct type_field *fields = arena_alloc(plan, table->column_count, sizeof(*fields));

    if (fields == NULL) return NULL;
    for (uint32_t i = 0; i < table->column_count; i++) {
        fields[i].name = value_text(table->names[i]);
        fields[i].type = type_of_class(table->classes[i]);
    }
    const struct type *record = type_record(fields, table->column_count, plan);
    return record != NULL ? type_list(record, plan) : NULL;
}

enum status compile_tabular(struct slice text, struct arena *plan, struct expr_problems *problems,
                            struct expr *expr)
{
    static const char message[] = "A table is JSON with \"columns\" of name and type, and \"rows\" "
                                  "of as many texts or nulls that fit them";
    struct table table;
    struct value document = value_null();
    struct value columns;
    struct value rows;

    enum status status = read_json(text, plan, problems, &document);
    if (status != STATUS_OK) return status;
    if (document.kind != VALUE_MAP ||
        map_get(document, SLICE("columns"), plan, &columns) != STATUS_OK ||
        map_get(document, SLICE("rows"), plan, &rows) != STATUS_OK || columns.kind != VALUE_LIST ||
        rows.kind != VALUE_LIST) {
        return fail(text, 0, message, plan, problems);
    }
    uint32_t count = list_count(rows);
    struct value *records = arena_alloc(plan, count, sizeof(*records));
    status = records == NULL ? STATUS_LIMIT : read_columns(columns, plan, &table);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        status = read_row(rows.items[i], &table, plan, &records[i]);
    }
    if (status == STATUS_INVALID) return fail(text, 0, message, plan, problems);
    const struct type *type = status == STATUS_OK ? table_type(&table, plan) : NULL;
    if (type == NULL) return problem_add_limit(problems, plan, text);
    return constant_make(value_list(records, count), type, text, plan, expr);
}
