/* store.c - writing a model directory. */
#include "model/encode/store_room.h"

#include <stdio.h>

#include "base/hash.h"
#include "codec/json.h"
#include "model/seals.h"
#include "sys/file.h"

#define WEIGHTS_BYTES_MAX ((size_t)2 << 30)

const struct encode_shape_row encode_shape_rows[ENCODE_SHAPE_ROWS] = {
    {"items", offsetof(struct encode_shape, items)},
    {"width", offsetof(struct encode_shape, width)},
    {"heads", offsetof(struct encode_shape, heads)},
    {"layers", offsetof(struct encode_shape, layers)},
    {"inner", offsetof(struct encode_shape, inner)},
    {"steps", offsetof(struct encode_shape, steps)},
};

static enum status part_write(const char *directory, const char *name, const struct buffer *bytes,
                              struct buffer *message)
{
    struct buffer path;
    enum status status = STATUS_LIMIT;

    buffer_init(&path, 4096);
    const char *text = file_join(&path, directory, name);
    if (!path.failed && !bytes->failed) status = file_write(text, buffer_slice(bytes));
    if (status != STATUS_OK) {
        buffer_append_text(message, directory);
        buffer_append_text(message, "/");
        buffer_append_text(message, name);
        buffer_append_text(message, status == STATUS_LIMIT
                                        ? ": would be larger than this build allows"
                                        : ": cannot be written; is there room, and permission?");
    }
    buffer_deinit(&path);
    return status;
}

static void weights_write(const struct encode_layout *layout, const real *value, struct buffer *out)
{
    struct tensor_part parts[ENCODE_TENSORS_MAX];

    for (uint32_t i = 0; i < layout->tensor_count; i++) {
        const struct encode_tensor *tensor = &layout->tensors[i];

        parts[i] = (struct tensor_part){
            .dtype = "F32",
            .rows = tensor->rows,
            .columns = tensor->columns,
            .data = {(const uint8_t *)(value + tensor->at), tensor->count * sizeof(real)},
        };
        (void)snprintf(parts[i].name, sizeof(parts[i].name), "%s", tensor->name);
    }
    tensors_write(parts, layout->tensor_count, out);
}

static void settings_write(const struct encode_shape *shape, const struct learned *learned,
                           uint64_t version, const struct seals *seals, struct buffer *out)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%016llx", (unsigned long long)version);
    buffer_append_text(out, "{\n \"format\": 1,\n \"kind\": \"sasrec\",\n \"version\": \"");
    buffer_append_text(out, text);
    buffer_append_text(out, "\",\n \"shape\": {");
    for (size_t i = 0; i < ENCODE_SHAPE_ROWS; i++) {
        uint32_t number;

        memcpy(&number, (const char *)shape + encode_shape_rows[i].at, sizeof(number));
        (void)snprintf(text, sizeof(text), "%s\"%s\": %u", i == 0 ? "" : ", ",
                       encode_shape_rows[i].name, number);
        buffer_append_text(out, text);
    }
    buffer_append_text(out, "},\n ");
    learned_write(learned, out);
    buffer_append_text(out, ",\n ");
    seals_write(seals, out);
    buffer_append_text(out, "\n}\n");
}

static void names_write(const struct slice *names, uint32_t count, struct buffer *out)
{
    for (uint32_t i = 0; i < count; i++) {
        buffer_append_text(out, i == 0 ? "[\n" : ",\n");
        json_write_string(names[i], out);
    }
    buffer_append_text(out, "\n]\n");
}

enum status encoder_model_write(const char *directory, const struct encode_layout *layout,
                                const real *value, const struct slice *names,
                                const struct learned *learned, struct buffer *message)
{
    struct buffer bytes;
    struct seals seals = {0};
    enum status status = file_make_directory(directory, FILE_DIRECTORY);

    if (status != STATUS_OK) {
        buffer_append_text(message, directory);
        buffer_append_text(message, ": ");
        buffer_append_text(message, file_make_trouble(status));
        return status;
    }
    buffer_init(&bytes, WEIGHTS_BYTES_MAX);
    weights_write(layout, value, &bytes);
    uint64_t version = hash_bytes(buffer_slice(&bytes), 0);
    seals_add(&seals, "weights.safetensors", buffer_slice(&bytes));
    status = part_write(directory, "weights.safetensors", &bytes, message);
    buffer_clear(&bytes);
    names_write(names, layout->shape.items, &bytes);
    version = hash_bytes(buffer_slice(&bytes), version);
    seals_add(&seals, "items.json", buffer_slice(&bytes));
    if (status == STATUS_OK) status = part_write(directory, "items.json", &bytes, message);
    buffer_clear(&bytes);
    settings_write(&layout->shape, learned, version, &seals, &bytes);
    if (status == STATUS_OK) status = part_write(directory, "headrace.json", &bytes, message);
    buffer_deinit(&bytes);
    return status;
}
