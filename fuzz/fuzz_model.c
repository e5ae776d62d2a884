/* fuzz_model.c - what a model directory is read with: the first byte says which parser gets the rest.
 *
 *   'y'  MLmodel     's'  safetensors     'n'  a timestamp
 */
#include "codec/safetensors.h"
#include "model/mlmodel.h"
#include "model/number_text.h"
#include "model/slirec.h"

enum { FUZZ_ARENA_BYTES = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_safetensors(struct slice file, struct arena *arena)
{
    struct safetensors_error error = {0};
    struct safetensors safetensors;
    struct slirec_weights weights = {0};
    struct buffer message;

    if (safetensors_parse(file, arena, &safetensors, &error) != STATUS_OK) {
        ASSERT(error.message != NULL && error.at <= file.len);
        return;
    }
    for (uint32_t i = 0; i < safetensors.count; i++) {
        const struct slice *tensor = &safetensors.tensors[i].data;

        ASSERT(tensor->data >= file.data && tensor->data + tensor->len <= file.data + file.len);
    }
    buffer_init(&message, 4096);
    if (slirec_weights_read(file, arena, &weights, &message) != STATUS_OK) ASSERT(message.len > 0);
    buffer_deinit(&message);
}

static void check_mlmodel(struct slice yaml, struct arena *arena)
{
    struct mlmodel mlmodel;
    struct buffer message;
    struct buffer text;

    buffer_init(&message, 1 << 20);
    buffer_init(&text, 1 << 20);
    if (mlmodel_parse(yaml, arena, &mlmodel, &message) == STATUS_OK) {
        if (mlmodel.inputs != NULL) type_to_text(mlmodel.inputs, false, &text);
        if (mlmodel.outputs != NULL) type_to_text(mlmodel.outputs, false, &text);
    } else {
        ASSERT(message.len > 0);
    }
    buffer_deinit(&message);
    buffer_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    double number = 0.0;

    if (size == 0) return 0;
    struct slice rest = {data + 1, size - 1};
    arena_init(&arena, FUZZ_ARENA_BYTES);
    if (data[0] == 's') check_safetensors(rest, &arena);
    if (data[0] == 'y') check_mlmodel(rest, &arena);
    if (data[0] == 'n' && number_text(rest, &number)) ASSERT(number >= -1e15 && number <= 1e15);
    arena_deinit(&arena);
    return 0;
}
