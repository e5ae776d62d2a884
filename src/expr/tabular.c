/* tabular.c - "tabularDataDefinition": a table typed by its columns becomes a list of records.
 *
 * {"columns": [{"name", "type": a Java class}...], "rows": [[text or null...]...]}. Everything that is
 * wrong with it is told, each at its place.
 */
#include "codec/json.h"
#include "expr/languages.h"
#include "expr/text.h"
#include "value/big.h"
#include "value/decimal.h"
#include "value/temporal.h"

struct column {
    struct slice name;
    enum class_id class_id;
};

struct table {
    struct document document;
    struct arena *plan;
    struct expr_problems *problems;
    struct column *columns;
    uint32_t column_count;
    bool wrong;
    enum status status; /* LIMIT: the plan is full */
};

/* --- problems ---------------------------------------------------------------------------------------- */

static bool is_text(const struct table *table, uint32_t node)
{
    enum document_kind kind = (enum document_kind)table->document.nodes[node].kind;

    return kind == DOCUMENT_STRING || kind == DOCUMENT_ESCAPED_STRING;
}

static void tell(struct table *table, uint32_t node, const struct slice *parts, uint32_t count)
{
    const struct document_node *at = &table->document.nodes[node];
    uint32_t quote = is_text(table, node);
    struct span span = {at->start - quote, at->start + at->len + quote};
    struct buffer message;

    buffer_init(&message, EXPR_TEXT_BYTES_MAX);
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&message, parts[i]);
    enum status status = problem_add(table->problems, table->plan, span, buffer_slice(&message));
    if (status != STATUS_OK) table->status = status;
    buffer_deinit(&message);
    table->wrong = true;
}

static void tell_plain(struct table *table, uint32_t node, struct slice message)
{
    tell(table, node, &message, 1);
}

/* A member that is a text; false after telling. */
static bool text_of(struct table *table, uint32_t object, const char *name, uint32_t *node,
                    struct slice *text)
{
    *node = document_member(&table->document, object, slice_of(name));
    if (*node == 0 || !is_text(table, *node)) return false;
    enum status status = document_string(&table->document, *node, table->plan, text);
    if (status != STATUS_OK) table->status = status;
    return status == STATUS_OK;
}

/* --- columns ----------------------------------------------------------------------------------------- */

static bool is_cell_class(enum class_id class_id)
{
    return class_id == CLASS_String || class_id == CLASS_Boolean || class_id == CLASS_LocalDate ||
           class_id == CLASS_LocalDateTime ||
           (class_is_number(class_id) && class_id != CLASS_Number);
}

static void read_column(struct table *table, uint32_t node, uint32_t index)
{
    struct column *column = &table->columns[index];
    struct slice class_name;
    uint32_t name_node;
    uint32_t class_node;
    bool whole = table->document.nodes[node].kind == DOCUMENT_OBJECT &&
                 text_of(table, node, "name", &name_node, &column->name) &&
                 text_of(table, node, "type", &class_node, &class_name);

    column->class_id = CLASS_String;
    if (!whole) {
        tell_plain(table, node, SLICE("A column has the texts \"name\" and \"type\""));
        return;
    }
    for (uint32_t i = 0; i < index; i++) {
        struct slice parts[] = {SLICE("There is a column \""), column->name, SLICE("\" already")};
        if (slice_equal(table->columns[i].name, column->name))
            tell(table, name_node, parts, COUNT_OF(parts));
    }
    if (class_find(class_name, &column->class_id) == STATUS_OK && is_cell_class(column->class_id))
        return;
    struct slice parts[] = {class_name, SLICE(" is no class of cells; java.lang.String, Integer, "
                                              "Boolean, java.math.BigDecimal, "
                                              "java.time.LocalDate and the like are")};
    tell(table, class_node, parts, COUNT_OF(parts));
    column->class_id = CLASS_String;
}

static void read_columns(struct table *table, uint32_t columns)
{
    uint32_t at = columns + 1;

    table->column_count = table->document.nodes[columns].count;
    table->columns = arena_zalloc(table->plan, table->column_count, sizeof(*table->columns));
    if (table->columns == NULL) {
        table->status = STATUS_LIMIT;
        return;
    }
    for (uint32_t i = 0; i < table->column_count && table->status == STATUS_OK; i++) {
        read_column(table, at, i);
        at = table->document.nodes[at].next;
    }
}

/* --- rows -------------------------------------------------------------------------------------------- */

/* A price keeps the places it is written with, a large integer its digits. */
static enum status read_scalar(struct slice text, enum class_id class_id, struct arena *plan,
                               struct value *cell)
{
    switch ((int)class_id) {
    case CLASS_BigDecimal: return decimal_parse(text, plan, cell);
    case CLASS_BigInteger: return big_parse(text, plan, cell);
    case CLASS_LocalDate:
    case CLASS_LocalDateTime: return temporal_from_text(text, class_id, NULL, plan, cell);
    default: return text_scalar(text, class_id, plan, cell);
    }
}

static struct value read_cell(struct table *table, uint32_t node, const struct column *column)
{
    struct value cell = value_null();
    struct slice text;

    if (table->document.nodes[node].kind == DOCUMENT_NULL) return cell;
    if (!is_text(table, node)) {
        tell_plain(table, node, SLICE("A cell is a text or null"));
        return cell;
    }
    enum status status = document_string(&table->document, node, table->plan, &text);
    if (status == STATUS_OK) status = read_scalar(text, column->class_id, table->plan, &cell);
    if (status == STATUS_LIMIT) table->status = status;
    if (status == STATUS_OK || status == STATUS_LIMIT) return cell;
    struct slice parts[] = {SLICE("\""),
                            text,
                            SLICE("\" is no "),
                            slice_of(class_infos[column->class_id].name),
                            SLICE(", which the column \""),
                            column->name,
                            SLICE("\" asks for")};
    tell(table, node, parts, COUNT_OF(parts));
    return value_null();
}

static struct value read_row(struct table *table, uint32_t node)
{
    const struct document_node *row = &table->document.nodes[node];
    struct value_entry *entries = arena_alloc(table->plan, table->column_count, sizeof(*entries));
    uint32_t at = node + 1;

    if (entries == NULL) {
        table->status = STATUS_LIMIT;
        return value_null();
    }
    if (row->kind != DOCUMENT_ARRAY || row->count != table->column_count) {
        tell_plain(table, node, SLICE("A row is a list of as many cells as there are columns"));
        return value_null();
    }
    for (uint32_t i = 0; i < table->column_count && table->status == STATUS_OK; i++) {
        entries[i] = (struct value_entry){value_string(table->columns[i].name),
                                          read_cell(table, at, &table->columns[i])};
        at = table->document.nodes[at].next;
    }
    return value_map(entries, table->column_count);
}

static struct value read_rows(struct table *table, uint32_t rows)
{
    uint32_t count = table->document.nodes[rows].count;
    struct value *records = arena_alloc(table->plan, count, sizeof(*records));
    uint32_t at = rows + 1;

    if (records == NULL) {
        table->status = STATUS_LIMIT;
        return value_null();
    }
    for (uint32_t i = 0; i < count && table->status == STATUS_OK; i++) {
        records[i] = read_row(table, at);
        at = table->document.nodes[at].next;
    }
    return value_list(records, count);
}

/* --- the table --------------------------------------------------------------------------------------- */

static const struct type *table_type(const struct table *table)
{
    struct type_field *fields = arena_alloc(table->plan, table->column_count, sizeof(*fields));

    if (fields == NULL) return NULL;
    for (uint32_t i = 0; i < table->column_count; i++) {
        fields[i].name = table->columns[i].name;
        fields[i].type = type_of_class(table->columns[i].class_id);
    }
    const struct type *record = type_record(fields, table->column_count, table->plan);
    return record != NULL ? type_list(record, table->plan) : NULL;
}

static struct value read_table(struct table *table)
{
    const struct document_node *nodes = table->document.nodes;
    bool object = nodes[0].kind == DOCUMENT_OBJECT;
    uint32_t columns = object ? document_member(&table->document, 0, SLICE("columns")) : 0;
    uint32_t rows = object ? document_member(&table->document, 0, SLICE("rows")) : 0;

    if (columns == 0 || rows == 0 || nodes[columns].kind != DOCUMENT_ARRAY ||
        nodes[rows].kind != DOCUMENT_ARRAY) {
        tell_plain(table, 0, SLICE("A table is JSON with the lists \"columns\" and \"rows\""));
        return value_null();
    }
    read_columns(table, columns);
    return table->status == STATUS_OK ? read_rows(table, rows) : value_null();
}

enum status compile_tabular(struct slice text, struct arena *plan, struct expr_problems *problems,
                            struct expr *expr)
{
    struct table table = {.plan = plan, .problems = problems};
    struct json_error error;
    enum status status = json_parse(text, &json_limits_default, plan, &table.document, &error);

    if (status == STATUS_INVALID) {
        struct span span = {(uint32_t)error.at, (uint32_t)error.at + (error.at < text.len)};
        status = problem_add(problems, plan, span, slice_of(error.message));
        return status == STATUS_OK ? STATUS_INVALID : status;
    }
    if (status != STATUS_OK) return problem_add_limit(problems, plan, text);
    struct value rows = read_table(&table);
    if (table.status == STATUS_OK && table.wrong) return STATUS_INVALID;
    const struct type *type = table.status == STATUS_OK ? table_type(&table) : NULL;
    if (type == NULL) return problem_add_limit(problems, plan, text);
    return constant_make(rows, type, text, plan, expr);
}
