/* index_products.c - what the index needs of a catalogue: id, handle, category. */
#include "model/retrieve/index_products.h"

#include "codec/json.h"
#include "model/name_text.h"
#include "sys/file.h"

enum { PRODUCTS_BYTES_MAX = 1 << 30, PRODUCTS_NODES_MAX = 200000000 };

static enum status refuse(const char *path, struct slice text, size_t at, const char *what,
                          struct buffer *message)
{
    uint32_t line = 0;
    uint32_t column;

    if (text.len > 0) json_position(text, at, &line, &column);
    buffer_append_text(message, path);
    if (line > 0) {
        buffer_append_byte(message, ':');
        buffer_append_u64(message, line);
        buffer_append_byte(message, ':');
        buffer_append_u64(message, column);
    }
    buffer_append_text(message, ": ");
    buffer_append_text(message, what);
    return STATUS_INVALID;
}

/* A text member; len 0: there is none. */
static enum status text_of(const struct document *document, uint32_t object, const char *name,
                           struct arena *arena, struct slice *text)
{
    uint32_t node = document_member(document, object, slice_of(name));

    *text = (struct slice){0};
    if (node == 0 || (document->nodes[node].kind != DOCUMENT_STRING &&
                      document->nodes[node].kind != DOCUMENT_ESCAPED_STRING))
        return STATUS_OK;
    return document_string(document, node, arena, text);
}

static enum status list_read(const char *path, const struct document *document, struct arena *arena,
                             struct buffer *message, struct index_product **products,
                             uint32_t *count)
{
    struct index_product *made =
        arena_zalloc(arena, document->nodes[0].count, sizeof(struct index_product));
    enum status status = made == NULL ? STATUS_LIMIT : STATUS_OK;

    *count = 0;
    *products = made;
    for (uint32_t node = 1; status == STATUS_OK && node < document->node_count;
         node = document->nodes[node].next) {
        struct index_product *product = &made[*count];

        if (document->nodes[node].kind == DOCUMENT_OBJECT) {
            status = text_of(document, node, "id", arena, &product->id);
            if (status == STATUS_OK)
                status = text_of(document, node, "handle", arena, &product->handle);
            if (status == STATUS_OK)
                status = text_of(document, node, "category", arena, &product->category);
        }
        if (status == STATUS_OK && (product->id.len == 0 || product->handle.len == 0)) {
            return refuse(path, document->text, document->nodes[node].start,
                          "a product needs the texts \"id\" and \"handle\"", message);
        }
        if (status == STATUS_OK &&
            (name_trouble(product->id) != NULL || name_trouble(product->handle) != NULL ||
             name_trouble(product->category) != NULL)) {
            return refuse(path, document->text, document->nodes[node].start,
                          "\"id\", \"handle\" and \"category\" have at most 4096 bytes", message);
        }
        (*count)++;
    }
    return status;
}

enum status index_products_read(const char *path, struct arena *arena, struct buffer *message,
                                struct index_product **products, uint32_t *count)
{
    struct json_limits limits = json_limits_default;
    struct json_error error = {0};
    struct document document;
    struct buffer bytes;
    struct slice text = {0};

    buffer_init(&bytes, PRODUCTS_BYTES_MAX);
    enum status status = file_read(path, &bytes);
    if (status != STATUS_OK) {
        (void)refuse(path, text, 0, file_trouble(path, status), message);
    } else {
        status = arena_copy(arena, buffer_slice(&bytes), &text);
        limits.bytes_max = PRODUCTS_BYTES_MAX;
        limits.nodes_max = PRODUCTS_NODES_MAX;
        if (status == STATUS_OK) status = json_parse(text, &limits, arena, &document, &error);
        if (status == STATUS_INVALID) (void)refuse(path, text, error.at, error.message, message);
    }
    buffer_deinit(&bytes);
    if (status != STATUS_OK) return status;
    if (document.nodes[0].kind != DOCUMENT_ARRAY)
        return refuse(path, text, 0, "must be a JSON list of products", message);
    return list_read(path, &document, arena, message, products, count);
}
