/* fuzz_model.c - what a model directory is read with: the first byte says what gets the rest.
 *
 *   'y'  MLmodel     's'  safetensors     'n'  a timestamp
 *   '0' to '6'       a good model directory with one of its files replaced, opened and called
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "codec/safetensors.h"
#include "model/mlmodel.h"
#include "model/model.h"
#include "model/number_text.h"
#include "model/slirec.h"
#include "sys/file.h"

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

/* --- whole directories --------------------------------------------------------------------------- */

enum { DIRECTORY_BYTES_MAX = 64 };

static const char *const files[] = {"headrace.json", "MLmodel",    "weights.safetensors",
                                    "items.json",    "cates.json", "item_category.json",
                                    "products.json"};

static char directory[DIRECTORY_BYTES_MAX];

static void remove_directory(void)
{
    char path[2 * DIRECTORY_BYTES_MAX];

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", directory, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(directory);
}

/* A good one of this process's own, made once. */
static void make_directory(void)
{
    struct buffer message;

    if (directory[0] != '\0') return;
    (void)snprintf(directory, sizeof(directory), "fuzz_model_%ld", (long)getpid());
    buffer_init(&message, 4096);
    ASSERT(model_import(MODEL_SOURCE, directory, NULL, MODEL_FLOAT32, &message) == STATUS_OK);
    buffer_deinit(&message);
    (void)atexit(remove_directory);
}

static void call_model(const struct model *model)
{
    struct value_entry entries[2] = {{value_string(SLICE("items")), value_list(NULL, 0)},
                                     {value_string(SLICE("timestamps")), value_list(NULL, 0)}};
    struct model_answer answer;
    struct arena arena;

    arena_init(&arena, FUZZ_ARENA_BYTES);
    ASSERT(model_call(model, value_map(entries, 2), 1795000000000, &arena, &answer) == STATUS_OK);
    arena_deinit(&arena);
}

static void write_plainly(const char *path, struct slice bytes)
{
    FILE *file = fopen(path, "wb");

    ASSERT(file != NULL && fwrite(bytes.data, 1, bytes.len, file) == bytes.len);
    ASSERT(fclose(file) == 0);
}

static void check_directory(size_t index, struct slice content)
{
    char path[2 * DIRECTORY_BYTES_MAX];
    struct buffer good;
    struct buffer message;
    struct model *model;

    make_directory();
    (void)snprintf(path, sizeof(path), "%s/%s", directory, files[index]);
    buffer_init(&good, 1 << 20);
    buffer_init(&message, 1 << 20);
    ASSERT(file_read(path, &good) == STATUS_OK);
    write_plainly(path, content);
    if (model_open(directory, &model, &message) == STATUS_OK) {
        call_model(model);
        model_close(model);
    } else {
        ASSERT(model == NULL && message.len > 0);
    }
    write_plainly(path, buffer_slice(&good));
    buffer_deinit(&good);
    buffer_deinit(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    double number = 0.0;

    if (size == 0) return 0;
    struct slice rest = {data + 1, size - 1};
    arena_init(&arena, FUZZ_ARENA_BYTES);
    if (data[0] >= '0' && data[0] < '0' + (int)COUNT_OF(files))
        check_directory((size_t)(data[0] - '0'), rest);
    if (data[0] == 's') check_safetensors(rest, &arena);
    if (data[0] == 'y') check_mlmodel(rest, &arena);
    if (data[0] == 'n' && number_text(rest, &number)) ASSERT(number >= -1e15 && number <= 1e15);
    arena_deinit(&arena);
    return 0;
}
