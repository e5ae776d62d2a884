/* fuzz_schema.c - any bytes as a schema and, behind a NUL, a document: what is decoded is written
 * again, strictly, and what is written is decoded again. */
#include "scenario/schema.h"

static void check_value(const struct schema *schema, struct value value, struct arena *arena)
{
    struct buffer text;
    struct slice message;

    buffer_init(&text, 16 << 20);
    if (schema_encode(schema, value, true, arena, &text, &message) == STATUS_OK) {
        struct document document;
        struct json_error error;
        struct value again;
        enum status status =
            json_parse(buffer_slice(&text), &json_limits_default, arena, &document, &error);

        ASSERT(status == STATUS_OK || status == STATUS_LIMIT);
        if (status == STATUS_OK) {
            status = schema_decode(schema, &document, 0, arena, &again, &message);
            ASSERT(status == STATUS_OK || message.len > 0 || status == STATUS_LIMIT);
        }
    } else {
        ASSERT(message.len > 0 || text.failed || arena->bytes_held > 0);
    }
    buffer_deinit(&text);
}

static void check_document(const struct schema *schema, struct slice text, struct arena *arena)
{
    struct document document;
    struct json_error error;
    struct value value;
    struct slice message;

    if (json_parse(text, &json_limits_default, arena, &document, &error) != STATUS_OK) return;
    enum status status = schema_decode(schema, &document, 0, arena, &value, &message);
    if (status == STATUS_OK)
        check_value(schema, value, arena);
    else
        ASSERT(status == STATUS_LIMIT || message.len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, 0, size);
    size_t schema_len = nul == NULL ? size : (size_t)(nul - data);
    const struct schema_column *columns;
    const struct schema *schema;
    struct slice message;
    uint32_t count;
    struct arena arena;

    arena_init(&arena, 64 << 20);
    if (schema_read((struct slice){data, schema_len}, &arena, &schema, &message) == STATUS_OK) {
        const struct type *type = schema_type(schema);

        (void)schema_accepts(schema, type, true, &arena, &message);
        (void)schema_accepts(schema, type, false, &arena, &message);
        if (schema_columns(schema, &arena, &columns, &count) == STATUS_OK)
            ASSERT(count <= SCHEMA_COLUMNS_MAX);
        if (nul != NULL)
            check_document(schema, (struct slice){nul + 1, size - schema_len - 1}, &arena);
    } else {
        ASSERT(schema == NULL);
    }
    arena_deinit(&arena);
    return 0;
}
