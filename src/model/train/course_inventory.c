/* course_inventory.c - the inventory's handles as names, among which those of the catalogue are looked for. */
#include "model/train/course_inventory.h"

#include "model/inventory.h"
#include "model/judge/dataset_room.h"

static enum status names_take(const struct document *document, uint32_t handles,
                              struct arena *arena, struct names *names)
{
    enum status status = names_init(names, arena);

    for (uint32_t i = 0, key = handles + 1; i < document->nodes[handles].count; i++) {
        struct slice handle;
        uint32_t ignored;

        if (status == STATUS_OK) status = document_string(document, key, arena, &handle);
        if (status == STATUS_OK) status = names_number(names, handle, &ignored);
        if (status != STATUS_OK) return status;
        key = document->nodes[document->nodes[key].next].next;
    }
    return status;
}

enum status course_inventory_check(const char *path, const struct slice *handles, uint32_t count,
                                   struct arena *arena, struct buffer *message)
{
    struct document document;
    struct names names;
    uint32_t object = 0;

    if (path == NULL) return STATUS_OK;
    enum status status = inventory_read(path, arena, &document, &object, message);
    if (status == STATUS_OK) status = names_take(&document, object, arena, &names);
    if (status != STATUS_OK) return status;
    uint32_t known = names.count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number;

        status = names_number(&names, handles[i], &number);
        if (status != STATUS_OK) return status;
        if (number < known) return STATUS_OK;
    }
    buffer_append_text(message, path);
    buffer_append_text(message,
                       ": has none of the items that are learned from: it is of another shop, "
                       "or the data's items are no handles");
    return STATUS_INVALID;
}
