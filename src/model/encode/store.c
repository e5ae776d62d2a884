/* store.c - writing a model directory, and reading it with nothing taken on trust. */
#include "model/encode/store_room.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "codec/json.h"
#include "codec/safetensors.h"
#include "model/parts.h"
#include "model/seals.h"
#include "sys/file.h"

#define WEIGHTS_BYTES_MAX ((size_t)2 << 30)

/* Numbers of the shape, as headrace.json has them. */
struct shape_row {
    const char *name;
    size_t at;
};
static const struct shape_row shape_rows[] = {
    {"items", offsetof(struct encode_shape, items)},
    {"width", offsetof(struct encode_shape, width)},
    {"heads", offsetof(struct encode_shape, heads)},
    {"layers", offsetof(struct encode_shape, layers)},
    {"inner", offsetof(struct encode_shape, inner)},
    {"steps", offsetof(struct encode_shape, steps)},
};

/* --- writing ------------------------------------------------------------------------------------- */

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
    for (size_t i = 0; i < COUNT_OF(shape_rows); i++) {
        uint32_t number;

        memcpy(&number, (const char *)shape + shape_rows[i].at, sizeof(number));
        (void)snprintf(text, sizeof(text), "%s\"%s\": %u", i == 0 ? "" : ", ", shape_rows[i].name,
                       number);
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

/* --- reading ------------------------------------------------------------------------------------- */

static enum status refuse(const char *name, const char *subject, const char *what,
                          struct buffer *message)
{
    buffer_append_text(message, name);
    buffer_append_text(message, ": ");
    buffer_append_text(message, subject);
    buffer_append_text(message, what);
    return STATUS_INVALID;
}

static bool member_number(const struct document *document, uint32_t object, const char *name,
                          uint32_t *number)
{
    uint32_t node = document->nodes[object].kind == DOCUMENT_OBJECT
                        ? document_member(document, object, slice_of(name))
                        : 0;
    int64_t wide;

    if (node == 0 || document->nodes[node].kind != DOCUMENT_NUMBER) return false;
    if (slice_to_i64(document_text(document, node), &wide) != STATUS_OK) return false;
    *number = (uint32_t)wide;
    return wide >= 0 && wide <= UINT32_MAX;
}

static bool kind_is(const struct document *document)
{
    uint32_t kind = document_member(document, 0, SLICE("kind"));

    return kind != 0 && slice_equal(document_text(document, kind), SLICE("sasrec"));
}

static enum status version_read(struct encoder_model *model, const struct document *document,
                                struct buffer *message)
{
    uint32_t node = document_member(document, 0, SLICE("version"));

    if (node == 0 || document->nodes[node].kind != DOCUMENT_STRING)
        return refuse("headrace.json", "\"version\"", " is missing, or no text", message);
    struct slice text = document_text(document, node);
    char *copy = arena_zalloc(&model->arena, text.len + 1, 1);
    if (copy == NULL) return STATUS_LIMIT;
    memcpy(copy, text.data, text.len);
    model->version = copy;
    return STATUS_OK;
}

static enum status settings_read(struct encoder_model *model, const char *directory,
                                 struct encode_shape *shape, struct buffer *message)
{
    static const char name[] = "headrace.json";
    struct document document;
    uint32_t format = 0;

    enum status status = part_read_object(directory, name, &model->arena, &document, message);
    if (status != STATUS_OK) return status;
    if (!kind_is(&document))
        return refuse(name, "\"kind\"", " is not \"sasrec\": this is no encoder", message);
    if (!member_number(&document, 0, "format", &format) || format != 1)
        return refuse(name, "\"format\"", " must be 1, what this build reads", message);
    uint32_t numbers = document_member(&document, 0, SLICE("shape"));
    for (size_t i = 0; i < COUNT_OF(shape_rows); i++) {
        uint32_t number;

        if (numbers == 0 || !member_number(&document, numbers, shape_rows[i].name, &number)) {
            return refuse(name, shape_rows[i].name, " is missing in \"shape\", or no whole number",
                          message);
        }
        memcpy((char *)shape + shape_rows[i].at, &number, sizeof(number));
    }
    status = version_read(model, &document, message);
    if (status != STATUS_OK) return status;
    const char *trouble = encode_shape_trouble(shape);
    return trouble == NULL ? STATUS_OK : refuse(name, "\"shape\": ", trouble, message);
}

static enum status tensor_read(const struct encode_tensor *wanted,
                               const struct safetensors *tensors, real *value,
                               struct buffer *message)
{
    static const char name[] = "weights.safetensors";
    const struct safetensor *tensor = safetensors_find(tensors, slice_of(wanted->name));
    uint32_t rank = wanted->columns > 0 ? 2 : 1;

    if (tensor == NULL)
        return refuse(name, wanted->name, " is missing; train the model again", message);
    if (tensor->dtype != SAFETENSORS_F32)
        return refuse(name, wanted->name, " is not of type F32", message);
    if (tensor->rank != rank || tensor->shape[0] != wanted->rows ||
        (rank == 2 && tensor->shape[1] != wanted->columns)) {
        return refuse(
            name, wanted->name,
            " has another form than \"shape\" in headrace.json says; the files are of two "
            "models",
            message);
    }
    memcpy(value, tensor->data.data, wanted->count * sizeof(real));
    for (size_t i = 0; i < wanted->count; i++) {
        if (!isfinite(value[i])) {
            return refuse(name, wanted->name, " has a number that is not finite; train again",
                          message);
        }
    }
    return STATUS_OK;
}

static enum status weights_read(struct encoder_model *model, const char *directory,
                                const struct encode_layout *layout, real **out,
                                struct buffer *message)
{
    struct safetensors_error error = {0};
    struct safetensors tensors;
    struct buffer bytes;
    size_t count = layout->body + (size_t)train_pad(layout->shape.items) * layout->shape.width;

    buffer_init(&bytes, WEIGHTS_BYTES_MAX);
    enum status status = part_read(directory, "weights.safetensors", &bytes, message);
    if (status == STATUS_OK) {
        status = safetensors_parse(buffer_slice(&bytes), &model->arena, &tensors, &error);
        if (status != STATUS_OK) (void)refuse("weights.safetensors", "", error.message, message);
    }
    if (status == STATUS_OK && count * sizeof(real) > bytes.len + (1 << 16)) {
        status =
            refuse("weights.safetensors", "", "has fewer numbers than \"shape\" says", message);
    }
    real *value = status == STATUS_OK ? arena_zalloc(&model->arena, count, sizeof(real)) : NULL;
    if (status == STATUS_OK && value == NULL) status = STATUS_LIMIT;
    for (uint32_t i = 0; status == STATUS_OK && i < layout->tensor_count; i++)
        status = tensor_read(&layout->tensors[i], &tensors, value + layout->tensors[i].at, message);
    buffer_deinit(&bytes);
    *out = value;
    return status;
}

static uint32_t slot_of(const struct encoder_model *model, struct slice name)
{
    uint32_t slot = (uint32_t)hash_bytes(name, 0) & model->slot_mask;

    while (model->slots[slot] != 0 && !slice_equal(model->names[model->slots[slot] - 1], name))
        slot = (slot + 1) & model->slot_mask;
    return slot;
}

static enum status name_add(struct encoder_model *model, const struct document *document,
                            uint32_t node, uint32_t item, struct buffer *message)
{
    bool text = document->nodes[node].kind == DOCUMENT_STRING ||
                document->nodes[node].kind == DOCUMENT_ESCAPED_STRING;

    if (!text) return part_refuse("items.json", document, node, "is no text", message);
    enum status status = document_string(document, node, &model->arena, &model->names[item]);
    if (status != STATUS_OK) return status;
    uint32_t slot = slot_of(model, model->names[item]);
    if (model->slots[slot] != 0)
        return part_refuse("items.json", document, node, "stands there twice", message);
    model->slots[slot] = item + 1;
    return STATUS_OK;
}

static enum status names_read(struct encoder_model *model, const char *directory, uint32_t count,
                              struct buffer *message)
{
    struct buffer bytes;
    struct document document;
    struct json_error error = {0};
    struct slice text = {0};
    uint32_t slots = 16;

    buffer_init(&bytes, PART_JSON_BYTES_MAX);
    enum status status = part_read(directory, "items.json", &bytes, message);
    if (status == STATUS_OK) status = arena_copy(&model->arena, buffer_slice(&bytes), &text);
    buffer_deinit(&bytes);
    if (status != STATUS_OK) return status;
    if (json_parse(text, &part_json_limits, &model->arena, &document, &error) != STATUS_OK)
        return refuse("items.json", "", error.message, message);
    if (document.nodes[0].kind != DOCUMENT_ARRAY || document.nodes[0].count != count) {
        return refuse("items.json", "", "is not a list of as many names as \"shape\" says",
                      message);
    }
    while (slots < 2 * count)
        slots *= 2;
    model->names = arena_alloc(&model->arena, count, sizeof(*model->names));
    model->slots = arena_zalloc(&model->arena, slots, sizeof(*model->slots));
    model->slot_mask = slots - 1;
    if (model->names == NULL || model->slots == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0, node = 1; status == STATUS_OK && i < count; i++) {
        status = name_add(model, &document, node, i, message);
        node = document.nodes[node].next;
    }
    return status;
}

enum status encoder_model_open(const char *directory, struct encoder_model **out,
                               struct buffer *message)
{
    struct encoder_model *model = calloc(1, sizeof(*model));
    struct encode_shape shape = {0};
    struct encode_layout layout;
    real *value = NULL;

    if (model == NULL) return STATUS_LIMIT;
    arena_init(&model->arena, (size_t)8 << 30);
    enum status status = settings_read(model, directory, &shape, message);
    if (status == STATUS_OK) {
        encode_layout_init(&shape, &layout);
        status = weights_read(model, directory, &layout, &value, message);
    }
    if (status == STATUS_OK) status = names_read(model, directory, shape.items, message);
    if (status == STATUS_OK) {
        encoder_init(&shape, value, &model->encoder);
        status = encode_scan_init(value + layout.body, shape.items, shape.width,
                                  scan_kernels_best(), &model->arena, &model->scan);
    }
    if (status == STATUS_OK) {
        *out = model;
        return STATUS_OK;
    }
    encoder_model_close(model);
    return status;
}

bool encoder_model_is(const char *directory)
{
    struct document document;
    struct buffer ignored;
    struct arena arena;
    bool is = false;

    arena_init(&arena, (size_t)PART_JSON_BYTES_MAX);
    buffer_init(&ignored, 4096);
    if (part_read_object(directory, "headrace.json", &arena, &document, &ignored) == STATUS_OK)
        is = kind_is(&document);
    buffer_deinit(&ignored);
    arena_deinit(&arena);
    return is;
}

void encoder_model_close(struct encoder_model *model)
{
    if (model == NULL) return;
    arena_deinit(&model->arena);
    free(model);
}

const struct encoder *encoder_model_encoder(const struct encoder_model *model)
{
    return &model->encoder;
}

uint32_t encoder_model_find(const struct encoder_model *model, struct slice name)
{
    uint32_t slot = slot_of(model, name);

    return model->slots[slot] == 0 ? UINT32_MAX : model->slots[slot] - 1;
}

struct slice encoder_model_name(const struct encoder_model *model, uint32_t item)
{
    return model->names[item];
}
