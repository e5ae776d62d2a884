/* inventory.c - every handle and id is looked at, since training may have gone on for hours when they are needed. */
#include "model/inventory.h"

#include "model/name_text.h"
#include "model/parts.h"
#include "sys/file.h"

static bool is_name(const struct document *document, uint32_t node, struct arena *arena,
                    enum status *status)
{
    struct slice text = {0};

    if (document->nodes[node].kind != DOCUMENT_STRING &&
        document->nodes[node].kind != DOCUMENT_ESCAPED_STRING)
        return false;
    *status = document_string(document, node, arena, &text);
    return *status != STATUS_OK || (text.len > 0 && name_trouble(text) == NULL);
}

static enum status handles_check(const char *path, const struct document *document,
                                 uint32_t handles, struct arena *arena, struct buffer *message)
{
    enum status status = STATUS_OK;

    for (uint32_t i = 0, key = handles + 1; i < document->nodes[handles].count; i++) {
        uint32_t id = document->nodes[key].next;

        if (!is_name(document, key, arena, &status))
            return part_refuse(path, document, key, "is no handle", message);
        if (status == STATUS_OK && !is_name(document, id, arena, &status))
            return part_refuse(path, document, id, "a product id must be a text", message);
        if (status != STATUS_OK) return status;
        key = document->nodes[id].next;
    }
    return STATUS_OK;
}

enum status inventory_read(const char *path, struct arena *arena, struct document *document,
                           uint32_t *handles, struct buffer *message)
{
    struct json_error error = {0};
    struct buffer bytes;
    struct slice text = {0};

    buffer_init(&bytes, PART_JSON_BYTES_MAX);
    enum status status = file_read_regular(path, &bytes);
    if (status == STATUS_OK) {
        status = arena_copy(arena, buffer_slice(&bytes), &text);
    } else {
        status = part_refuse_file(path, status, message);
    }
    buffer_deinit(&bytes);
    if (status != STATUS_OK) return status;
    status = json_parse(text, &part_json_limits, arena, document, &error);
    if (status == STATUS_INVALID) {
        part_position(path, text, error.at, message);
        buffer_append_text(message, error.message);
    }
    if (status != STATUS_OK) return status;
    *handles = document->nodes[0].kind == DOCUMENT_OBJECT
                   ? document_member(document, 0, SLICE("handle_to_id_dict"))
                   : 0;
    if (*handles == 0 || document->nodes[*handles].kind != DOCUMENT_OBJECT) {
        return part_refuse(path, document, *handles,
                           "must be a JSON file with an object \"handle_to_id_dict\"", message);
    }
    return handles_check(path, document, *handles, arena, message);
}
