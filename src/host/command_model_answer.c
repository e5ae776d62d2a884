/* command_model_answer.c - `headrace model answer`: one call of a model, outside of any scenario. */
#include <stdio.h>

#include "codec/json.h"
#include "host/command.h"
#include "model/model.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { REQUEST_BYTES_MAX = 1 << 20, ANSWER_ARENA_BYTES = 64 << 20 };

static enum status answer_request(const struct model *model, struct slice text, int64_t now_ms,
                                  struct buffer *out, const char **problem)
{
    struct arena arena;
    struct document document;
    struct json_error error = {0};
    struct value arguments;
    struct model_answer answer = {0};

    arena_init(&arena, ANSWER_ARENA_BYTES);
    enum status status = json_parse(text, &json_limits_default, &arena, &document, &error);
    *problem = error.message;
    if (status == STATUS_OK) status = document_value(&document, 0, &arena, &arguments);
    if (status == STATUS_OK && arguments.kind != VALUE_MAP) {
        status = STATUS_TYPE;
        *problem = "must be an object with the model's inputs";
    } else if (status == STATUS_OK) {
        status = model_call(model, arguments, now_ms, &arena, &answer);
        if (status == STATUS_OK) json_write(answer.value, out);
        if (answer.message.len > 0) {
            buffer_clear(out);
            buffer_append(out, answer.message);
            buffer_append_byte(out, '\0');
            *problem = (const char *)out->data;
        }
    }
    arena_deinit(&arena);
    return status;
}

static enum exit_code model_answer_run(const struct command_arguments *arguments)
{
    struct model *model;
    struct buffer text;
    struct buffer out;
    const char *problem = NULL;
    int64_t now_ms = clock_wall_ms();

    if (arguments->values[1] != NULL &&
        slice_to_i64(slice_of(arguments->values[1]), &now_ms) != STATUS_OK) {
        (void)fprintf(stderr, "headrace model answer: --now must be milliseconds since 1970\n");
        return EXIT_USAGE;
    }
    buffer_init(&text, REQUEST_BYTES_MAX);
    buffer_init(&out, REQUEST_BYTES_MAX);
    enum status status = model_open(arguments->values[0], &model, &out);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "headrace model answer: %.*s\n", (int)out.len,
                      (const char *)out.data);
    } else {
        status = file_read("-", &text);
        buffer_clear(&out);
        if (status == STATUS_OK)
            status = answer_request(model, buffer_slice(&text), now_ms, &out, &problem);
        if (status == STATUS_OK) {
            (void)printf("%.*s\n", (int)out.len, (const char *)out.data);
        } else {
            (void)fprintf(stderr, "standard input: %s\n",
                          problem != NULL ? problem : status_meaning(status));
        }
        model_close(model);
    }
    buffer_deinit(&text);
    buffer_deinit(&out);
    return status == STATUS_OK ? EXIT_OK : EXIT_INPUT;
}

static const struct command_option model_answer_options[] = {
    {"MODEL", NULL, NULL, true, "model directory"},
    {"--now", "MS", NULL, false,
     "the call's time, milliseconds since 1970; the clock's if not given"},
    {0},
};

const struct command command_model_answer = {
    "model answer",
    "answer one request (a JSON object on standard input) with a model",
    model_answer_options,
    model_answer_run,
};
