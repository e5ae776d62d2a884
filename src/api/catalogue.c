/* catalogue.c - an open-addressing table with two keys a product. */
#include "api/catalogue.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "codec/json.h"
#include "sys/file.h"

struct catalogue {
    struct arena arena;
    struct product *products;
    uint32_t count;
    uint32_t *slots; /* product index + 1; 0: empty */
    uint32_t slot_mask;
};

static const char *const shown[] = {"id", "handle", "title", "url", "image", "price"};

static enum status complain(struct buffer *message, const char *path, const char *what)
{
    buffer_append_text(message, path);
    buffer_append_text(message, ": ");
    buffer_append_text(message, what);
    return STATUS_INVALID;
}

static enum status complain_at(struct buffer *message, const char *path, struct slice text,
                               size_t at, const char *what)
{
    char place[32];
    uint32_t line;
    uint32_t column;

    json_position(text, at, &line, &column);
    (void)snprintf(place, sizeof(place), ":%u:%u: ", line, column);
    buffer_append_text(message, path);
    buffer_append_text(message, place);
    buffer_append_text(message, what);
    return STATUS_INVALID;
}

static void slot_add(struct catalogue *catalogue, struct slice key, uint32_t index)
{
    uint32_t slot = (uint32_t)hash_bytes(key, 0) & catalogue->slot_mask;

    while (catalogue->slots[slot] != 0)
        slot = (slot + 1) & catalogue->slot_mask;
    catalogue->slots[slot] = index + 1;
}

/* One member as JSON text; strings are copied as spelled, so nothing is decoded and encoded again. */
static void append_member(const struct document *document, uint32_t node, const char *name,
                          struct buffer *out)
{
    if (out->len > 0) buffer_append_byte(out, ',');
    buffer_append_byte(out, '"');
    buffer_append_text(out, name);
    buffer_append_text(out, "\":");
    json_write_document(document, node, 0, out);
}

/* A text member, copied: the document's bytes do not outlive the reading. */
static enum status keep_text(struct catalogue *catalogue, const struct document *document,
                             uint32_t product, struct slice name, struct slice *text)
{
    uint32_t member = document_member(document, product, name);
    struct slice borrowed;

    if (member == 0 || (document->nodes[member].kind != DOCUMENT_STRING &&
                        document->nodes[member].kind != DOCUMENT_ESCAPED_STRING))
        return STATUS_INVALID;
    enum status status = document_string(document, member, &catalogue->arena, &borrowed);
    return status == STATUS_OK ? arena_copy(&catalogue->arena, borrowed, text) : status;
}

static enum status read_product(struct catalogue *catalogue, const struct document *document,
                                uint32_t node, struct buffer *scratch)
{
    struct product *product = &catalogue->products[catalogue->count];
    uint32_t available = document_member(document, node, SLICE("available"));

    enum status status = keep_text(catalogue, document, node, SLICE("id"), &product->id);
    if (status == STATUS_OK)
        status = keep_text(catalogue, document, node, SLICE("handle"), &product->handle);
    if (status != STATUS_OK) return status;
    status = keep_text(catalogue, document, node, SLICE("category"), &product->category);
    if (status == STATUS_LIMIT) return status; /* one that is no text is none */
    buffer_clear(scratch);
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        uint32_t member = document_member(document, node, slice_of(shown[i]));

        if (member != 0) append_member(document, member, shown[i], scratch);
    }
    product->available = available == 0 || document->nodes[available].kind != DOCUMENT_FALSE;
    catalogue->count++;
    return arena_copy(&catalogue->arena, buffer_slice(scratch), &product->json);
}

static enum status read_products(struct catalogue *catalogue, const struct document *document,
                                 const char *path, struct buffer *message)
{
    const struct document_node *root = &document->nodes[0];
    struct buffer scratch;
    enum status status = STATUS_OK;
    uint32_t slots = 16;

    if (root->kind != DOCUMENT_ARRAY)
        return complain(message, path, "must be a JSON list of products");
    if (root->count > CATALOGUE_PRODUCTS_MAX) return complain(message, path, "too many products");
    while (slots < root->count * 4)
        slots *= 2;
    catalogue->slot_mask = slots - 1;
    catalogue->slots = arena_zalloc(&catalogue->arena, slots, sizeof(*catalogue->slots));
    catalogue->products =
        arena_zalloc(&catalogue->arena, root->count, sizeof(*catalogue->products));
    if (catalogue->slots == NULL || catalogue->products == NULL) return STATUS_LIMIT;
    buffer_init(&scratch, 1 << 20);
    for (uint32_t node = 1; node < document->node_count && status == STATUS_OK;
         node = document->nodes[node].next) {
        bool object = document->nodes[node].kind == DOCUMENT_OBJECT;

        status = object ? read_product(catalogue, document, node, &scratch) : STATUS_INVALID;
        if (status != STATUS_OK) {
            status = complain_at(message, path, document->text, document->nodes[node].start,
                                 "a product needs the texts \"id\" and \"handle\"");
        }
    }
    buffer_deinit(&scratch);
    for (uint32_t i = 0; i < catalogue->count && status == STATUS_OK; i++) {
        slot_add(catalogue, catalogue->products[i].id, i);
        slot_add(catalogue, catalogue->products[i].handle, i);
    }
    return status;
}

static enum status read_text(struct catalogue *catalogue, struct slice text, const char *path,
                             struct buffer *message)
{
    struct json_limits limits = json_limits_default;
    struct document document;
    struct json_error error = {0};
    struct arena arena; /* `call`: the document's nodes */

    limits.bytes_max = CATALOGUE_BYTES_MAX;
    limits.nodes_max = CATALOGUE_PRODUCTS_MAX * 20U;
    arena_init(&arena, (size_t)1 << 30);
    enum status status = json_parse(text, &limits, &arena, &document, &error);
    if (status == STATUS_OK) {
        status = read_products(catalogue, &document, path, message);
    } else {
        (void)complain_at(message, path, text, error.at,
                          error.message == NULL ? "too large" : error.message);
    }
    arena_deinit(&arena);
    return status;
}

enum status catalogue_open(const char *path, struct catalogue **catalogue, struct buffer *message)
{
    struct catalogue *opened = calloc(1, sizeof(*opened));
    struct buffer text;

    if (opened == NULL) return STATUS_LIMIT;
    arena_init(&opened->arena, (size_t)2 << 30);
    buffer_init(&text, CATALOGUE_BYTES_MAX);
    enum status status = file_read(path, &text);
    if (status == STATUS_OK) {
        status = read_text(opened, buffer_slice(&text), path, message);
    } else {
        (void)complain(message, path, file_trouble(path, status));
    }
    buffer_deinit(&text);
    if (status != STATUS_OK) {
        catalogue_close(opened);
        return status;
    }
    *catalogue = opened;
    return STATUS_OK;
}

void catalogue_close(struct catalogue *catalogue)
{
    if (catalogue == NULL) return;
    arena_deinit(&catalogue->arena);
    free(catalogue);
}

const struct product *catalogue_find(const struct catalogue *catalogue, struct slice id_or_handle)
{
    uint32_t slot = (uint32_t)hash_bytes(id_or_handle, 0) & catalogue->slot_mask;

    while (catalogue->slots[slot] != 0) {
        const struct product *product = &catalogue->products[catalogue->slots[slot] - 1];

        if (slice_equal(product->id, id_or_handle) || slice_equal(product->handle, id_or_handle)) {
            return product;
        }
        slot = (slot + 1) & catalogue->slot_mask;
    }
    return NULL;
}

uint32_t catalogue_count(const struct catalogue *catalogue)
{
    return catalogue->count;
}

const struct product *catalogue_product(const struct catalogue *catalogue, uint32_t index)
{
    ASSERT(index < catalogue->count);
    return &catalogue->products[index];
}
