/* seals.c - see seals.h. Only names a model directory may have are looked at: no path is followed. */
#include "model/seals.h"

#include <stdio.h>

#include "base/hash.h"
#include "model/parts.h"

#define FILE_BYTES_MAX ((size_t)2 << 30)
enum { SEAL_BYTES = sizeof("crc32c:0a1b2c3d") };

static const char *const sealed[] = {"weights.safetensors", "items.json",    "cates.json",
                                     "item_category.json",  "products.json", "MLmodel"};

static void seal_text(uint32_t checksum, char out[SEAL_BYTES])
{
    (void)snprintf(out, SEAL_BYTES, "crc32c:%08x", checksum);
}

void seals_add(struct seals *seals, const char *name, struct slice bytes)
{
    ASSERT(seals->count < SEALS_MAX);
    seals->names[seals->count] = name;
    seals->checksums[seals->count++] = crc32c(0, bytes);
}

void seals_write(const struct seals *seals, struct buffer *out)
{
    buffer_append_text(out, "\"files\": {");
    for (uint32_t i = 0; i < seals->count; i++) {
        char text[SEAL_BYTES];

        seal_text(seals->checksums[i], text);
        buffer_append_text(out, i == 0 ? "\n  \"" : ",\n  \"");
        buffer_append_text(out, seals->names[i]);
        buffer_append_text(out, "\": \"");
        buffer_append_text(out, text);
        buffer_append_text(out, "\"");
    }
    buffer_append_text(out, "\n }");
}

static const char *name_find(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(sealed); i++) {
        if (slice_equal(name, slice_of(sealed[i]))) return sealed[i];
    }
    return NULL;
}

static enum status file_check(const char *directory, const char *name, struct slice wanted,
                              struct buffer *message)
{
    char text[SEAL_BYTES];
    struct buffer bytes;

    buffer_init(&bytes, FILE_BYTES_MAX);
    enum status status = part_read(directory, name, &bytes, message);
    if (status == STATUS_OK) seal_text(crc32c(0, buffer_slice(&bytes)), text);
    buffer_deinit(&bytes);
    if (status != STATUS_OK || slice_equal(slice_of(text), wanted)) return status;
    buffer_append_text(message, name);
    buffer_append_text(
        message, ": is not the file this model was made with (its checksum in headrace.json is "
                 "another's): copy the whole directory of one model, or make it anew; if you "
                 "changed the file yourself, take it out of \"files\" in headrace.json");
    return STATUS_INVALID;
}

enum status seals_check(const char *directory, const struct document *settings,
                        struct buffer *message)
{
    uint32_t files = document_member(settings, 0, SLICE("files"));
    enum status status = STATUS_OK;

    if (files == 0) return STATUS_OK;
    if (settings->nodes[files].kind != DOCUMENT_OBJECT)
        return part_refuse("headrace.json", settings, files, "must be an object", message);
    uint32_t end = settings->nodes[files].next;
    for (uint32_t key = files + 1; status == STATUS_OK && key < end;
         key = settings->nodes[key + 1].next) {
        const char *name = name_find(document_text(settings, key));

        if (name == NULL)
            return part_refuse("headrace.json", settings, key, "is no file of a model", message);
        if (settings->nodes[key + 1].kind != DOCUMENT_STRING) {
            return part_refuse("headrace.json", settings, key + 1,
                               "must be a text like \"crc32c:0a1b2c3d\"", message);
        }
        status = file_check(directory, name, document_text(settings, key + 1), message);
    }
    return status;
}
