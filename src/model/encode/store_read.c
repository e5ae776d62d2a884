/* store_read.c - a model directory is read with nothing taken on trust. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "codec/json.h"
#include "codec/safetensors.h"
#include "model/encode/store_room.h"
#include "model/name_text.h"
#include "model/parts.h"

#define WEIGHTS_BYTES_MAX ((size_t)2 << 30)
#define TRY_BYTES_MAX     ((size_t)1 << 30)

static enum status refuse(const char *name, const char *subject, const char *what,
                          struct buffer *message)
{
    buffer_append_text(message, name);
    buffer_append_text(message, ": ");
    buffer_append_text(message, subject);
    buffer_append_text(message, what);
    return STATUS_INVALID;
}

/* A member, or the object where there is none; for messages. */
static uint32_t place_of(const struct document *document, uint32_t object, const char *name)
{
    uint32_t node = document->nodes[object].kind == DOCUMENT_OBJECT
                        ? document_member(document, object, slice_of(name))
                        : 0;

    return node == 0 ? object : node;
}

static bool member_number(const struct document *document, uint32_t object, const char *name,
                          uint32_t *number)
{
    uint32_t node = place_of(document, object, name);
    int64_t wide;

    if (document->nodes[node].kind != DOCUMENT_NUMBER) return false;
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
    uint32_t node = place_of(document, 0, "version");

    if (document->nodes[node].kind != DOCUMENT_STRING) {
        return part_refuse("headrace.json", document, node, "\"version\" is missing, or no text",
                           message);
    }
    struct slice text = document_text(document, node);
    char *copy = arena_zalloc(&model->arena, text.len + 1, 1);
    if (copy == NULL) return STATUS_LIMIT;
    memcpy(copy, text.data, text.len);
    model->version = copy;
    return STATUS_OK;
}

static enum status shape_read(const struct document *document, struct encode_shape *shape,
                              struct buffer *message)
{
    uint32_t numbers = place_of(document, 0, "shape");
    char what[100];

    for (size_t i = 0; i < ENCODE_SHAPE_ROWS; i++) {
        const char *name = encode_shape_rows[i].name;
        uint32_t number;

        if (numbers == 0 || !member_number(document, numbers, name, &number)) {
            (void)snprintf(what, sizeof(what), "%s is missing in \"shape\", or no whole number",
                           name);
            return part_refuse("headrace.json", document, place_of(document, numbers, name), what,
                               message);
        }
        memcpy((char *)shape + encode_shape_rows[i].at, &number, sizeof(number));
    }
    const char *trouble = encode_shape_trouble(shape);
    if (trouble == NULL) return STATUS_OK;
    (void)snprintf(what, sizeof(what), "\"shape\": %s", trouble);
    return part_refuse("headrace.json", document, numbers, what, message);
}

static enum status settings_read(struct encoder_model *model, const char *directory,
                                 struct encode_shape *shape, struct buffer *message)
{
    static const char name[] = "headrace.json";
    static const char *const members[] = {"format",  "kind",  "version", "shape",
                                          "learned", "files", NULL};
    struct document document;
    uint32_t format = 0;

    enum status status = part_read_object(directory, name, &model->arena, &document, message);
    if (status != STATUS_OK) return status;
    if (!kind_is(&document)) {
        return part_refuse(name, &document, place_of(&document, 0, "kind"),
                           "\"kind\" is not \"sasrec\": this is no encoder", message);
    }
    if (!member_number(&document, 0, "format", &format) || format != 1) {
        return part_refuse(name, &document, place_of(&document, 0, "format"),
                           "\"format\" must be 1, what this build reads", message);
    }
    status = part_members_check(name, &document, members, message);
    if (status == STATUS_OK) status = shape_read(&document, shape, message);
    return status == STATUS_OK ? version_read(model, &document, message) : status;
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
        if (status != STATUS_OK) {
            (void)refuse("weights.safetensors", "byte ", "", message);
            buffer_append_u64(message, error.at);
            buffer_append_text(message, ": ");
            buffer_append_text(message, error.message);
        }
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
    struct slice *name = &model->names[item];
    enum status status = document_string(document, node, &model->arena, name);
    if (status != STATUS_OK) return status;
    if (name_trouble(*name) != NULL) {
        return part_refuse("items.json", document, node, "is longer than 4096 bytes: no name",
                           message);
    }
    uint32_t slot = slot_of(model, *name);
    if (model->slots[slot] != 0)
        return part_refuse("items.json", document, node, "stands there twice", message);
    model->slots[slot] = item + 1;
    return STATUS_OK;
}

static enum status names_read(struct encoder_model *model, const char *directory, uint32_t count,
                              struct buffer *message)
{
    struct document document;
    uint32_t slots = 16;
    enum status status = part_read_json(directory, "items.json", &model->arena, &document, message);

    if (status != STATUS_OK) return status;
    if (document.nodes[0].kind != DOCUMENT_ARRAY || document.nodes[0].count != count) {
        return part_refuse("items.json", &document, 0,
                           "must be a list of as many names as \"shape\" says", message);
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

/* Finite numbers may still be too large for what is made of them. */
static enum status answer_try(const struct encoder_model *model, struct buffer *message)
{
    uint32_t last = model->encoder.layout.shape.items - 1;
    const uint32_t clicks[] = {0, last};
    struct ranked best = {0};
    struct encoder_visit visit;
    struct arena arena;
    uint32_t count = 0;

    arena_init(&arena, TRY_BYTES_MAX);
    enum status status = encoder_model_encode(
        model, (struct context){.items = clicks, .len = COUNT_OF(clicks)}, false, &arena, &visit);
    if (status == STATUS_OK)
        status = encoder_model_scan(model, visit.vector, 1, &arena, &best, &count);
    arena_deinit(&arena);
    if (status == STATUS_LIMIT) return status;
    if (status == STATUS_OK && count > 0) return STATUS_OK;
    return refuse("weights.safetensors", "",
                  "the numbers are too large to compute with; train again with a smaller rate",
                  message);
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
    if (status == STATUS_OK) status = answer_try(model, message);
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
