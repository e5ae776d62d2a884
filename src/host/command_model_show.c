/* command_model_show.c - `headrace model show`: opens a model directory and tells what is in it. */
#include <stdio.h>

#include "codec/civil.h"
#include "host/command.h"
#include "model/learned.h"
#include "model/model_room.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024 };

static void show_signature(void)
{
    const struct type *inputs;
    const struct type *outputs;
    struct arena arena;
    struct buffer text;

    arena_init(&arena, ARENA_CHUNK_BYTES);
    buffer_init(&text, MESSAGE_BYTES_MAX);
    if (model_signature(&arena, &inputs, &outputs) == STATUS_OK) {
        type_to_text(inputs, false, &text);
        buffer_append_text(&text, "\n            -> ");
        type_to_text(outputs, false, &text);
        (void)printf("signature   %.*s\n", (int)text.len, (const char *)text.data);
    }
    buffer_deinit(&text);
    arena_deinit(&arena);
}

static void show_index(const struct index_model *index)
{
    const struct index_counts *counts = &index->index.counts;

    (void)printf("index       %.*s: %u items, %u categories, %u sessions, %.1f MB\n",
                 (int)index->version.len, (const char *)index->version.data, counts->items,
                 counts->categories - 1, counts->sessions, (double)index->bytes.len / 1e6);
    for (const struct index_setting *row = index_setting_rows; row->name != NULL; row++)
        (void)printf("  %-28s %g\n", row->name, index_setting_get(row, &index->settings));
}

static void show_trained(const struct model *model)
{
    const struct slirec_weights *weights = &model->slirec.weights;

    (void)printf("model       SLi-Rec, arithmetic %s, precision %s\n",
                 model->manner.fixed ? "fixed" : "compat", model->half ? "bf16" : "float32");
    (void)printf("version     %s\n", model_version_label(model));
    show_signature();
    (void)printf("items       %u known, %u candidates; %u categories\n", weights->item_count - 1,
                 model->vocabulary.catalogue_count, weights->cate_count - 1);
    (void)printf("history     the last %d events, %s\n", SLIREC_STEPS_MAX,
                 model->manner.by_time ? "by time" : "in the order given");
    (void)printf("kernels     %s\n", model->slirec.kernels->name);
    (void)printf("memory      %.1f MiB\n", (double)arena_used(&model->arena) / (1 << 20));
}

static void show(const struct model *model)
{
    if (model->trained) {
        show_trained(model);
    } else {
        (void)printf("model       %s\n", model->encoder != NULL
                                             ? "a sequence encoder"
                                             : "retrieval from an index of clicks");
        (void)printf("version     %s\n", model_version_label(model));
        show_signature();
    }
    if (model->trained && model->index != NULL) {
        (void)printf("answers     from %s\n", model_two_stages(model)
                                                  ? "what the index finds, scored by the model"
                                                  : "the whole catalogue, scored by the model");
    }
    if (model->encoder != NULL && model->index != NULL) {
        (void)printf("answers     from the index's blend and the encoder's probabilities "
                     "(hybrid.sasrec)\n");
    }
    if (model->index != NULL) show_index(model->index);
}

static void show_learned(const char *directory)
{
    struct learned learned;

    if (!learned_open(directory, &learned)) return;
    (void)printf("learned     %llu clicks", (unsigned long long)learned.clicks);
    if (learned.until > 0.0 && learned.until < 1e11) {
        const struct civil last = civil_of((int64_t)learned.until);

        (void)printf(", until %04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ", (long long)last.year,
                     (long long)last.month, (long long)last.day, (long long)last.second / 3600,
                     (long long)last.second / 60 % 60, (long long)last.second % 60);
    }
    (void)puts("");
}

/* What an import would refuse, or have said. */
static void show_odd(const struct model *model)
{
    struct buffer notes;
    struct buffer message;

    buffer_init(&notes, MESSAGE_BYTES_MAX);
    buffer_init(&message, MESSAGE_BYTES_MAX);
    if (model_suits(model, &notes, &message) != STATUS_OK) buffer_append_byte(&message, '\n');
    buffer_append(&notes, buffer_slice(&message));
    if (notes.len > 0) (void)printf("but         %.*s", (int)notes.len, (const char *)notes.data);
    buffer_deinit(&message);
    buffer_deinit(&notes);
}

static enum exit_code model_show_run(const struct command_arguments *arguments)
{
    struct model *model;
    struct buffer message;

    buffer_init(&message, MESSAGE_BYTES_MAX);
    enum status status = model_open(arguments->values[0], &model, &message);
    if (status == STATUS_OK) {
        show(model);
        show_learned(arguments->values[0]);
        show_odd(model);
        model_close(model);
    } else {
        (void)fprintf(stderr, "headrace model show: %.*s\n", (int)message.len,
                      (const char *)message.data);
    }
    buffer_deinit(&message);
    return status == STATUS_OK ? EXIT_OK : EXIT_INPUT;
}

static const struct command_option model_show_options[] = {
    {"DIR", NULL, NULL, true, "model directory"},
    {0},
};

const struct command command_model_show = {
    "model show",
    "check a model directory and tell what is in it",
    model_show_options,
    model_show_run,
};
