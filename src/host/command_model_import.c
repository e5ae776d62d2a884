/* command_model_import.c - `headrace model import`: exported parts become a model directory. */
#include <stdio.h>

#include "host/command.h"
#include "model/model.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024 };

static enum exit_code model_import_run(const struct command_arguments *arguments)
{
    enum model_precision precision;
    struct buffer message;

    if (!model_precision_find(arguments->values[3], &precision)) {
        (void)fprintf(stderr, "headrace model import: --precision: \"%s\" is not float32 or bf16\n",
                      arguments->values[3]);
        return EXIT_USAGE;
    }
    buffer_init(&message, MESSAGE_BYTES_MAX);
    enum status status = model_import(arguments->values[0], arguments->values[1],
                                      arguments->values[2], precision, &message);
    if (status == STATUS_OK) {
        (void)fprintf(stderr, "%.*s", (int)message.len, (const char *)message.data);
        (void)printf("%s: ready; `headrace model show %s` tells what it is\n", arguments->values[1],
                     arguments->values[1]);
    } else {
        (void)fprintf(stderr, "headrace model import: %.*s\n", (int)message.len,
                      (const char *)message.data);
    }
    buffer_deinit(&message);
    return status == STATUS_OK ? EXIT_OK : EXIT_INPUT;
}

static const struct command_option model_import_options[] = {
    {"SOURCE", NULL, NULL, true,
     "folder with weights.safetensors, hparams.json, vocab_items.json, vocab_cates.json, "
     "vocab_item_category.json"},
    {"DIR", NULL, NULL, true, "model directory to make, or to replace as a whole"},
    {"--inventory", "FILE", NULL, false,
     "JSON with handle_to_id_dict: the shop's product ids; without it handles are the ids"},
    {"--precision", "PRECISION", "float32", false,
     "of the networks while serving: float32, or bf16 (docs/models.md)"},
    {0},
};

const struct command command_model_import = {
    "model import",
    "make a model directory from an exported SLi-Rec",
    model_import_options,
    model_import_run,
};
