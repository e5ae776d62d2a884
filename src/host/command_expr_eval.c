/* command_expr_eval.c - `headrace expr eval`: one case a line in, one answer a line out.
 *
 * For comparing implementations and for trying expressions by hand. A line that is no case gets an
 * answer too, with its id empty and the reason in "error", so that lines stay in step.
 */
#include <stdio.h>
#include <stdlib.h>

#include "expr/sample.h"
#include "host/command.h"
#include "sys/clock.h"
#include "sys/file.h"

enum {
    OPTION_VARIABLES,
    VARIABLES_BYTES_MAX = 16 * 1024 * 1024,
    ANSWER_BYTES_MAX = 64 * 1024 * 1024,
    ARENA_BYTES_MAX = 256 * 1024 * 1024
};

static void answer_line(const struct sample *sample, struct slice line, struct arena *arena,
                        struct buffer *answer)
{
    struct slice why;

    arena_reset(arena);
    buffer_clear(answer);
    if (sample_answer(sample, line, clock_wall_ms(), arena, answer, &why) == STATUS_OK) return;
    buffer_clear(answer);
    buffer_append_text(answer, "{\"id\":\"\",\"error\":");
    json_write_string(why, answer);
    buffer_append_byte(answer, '}');
}

static enum exit_code answer_all(const struct sample *sample)
{
    struct arena arena;
    struct buffer answer;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;

    arena_init(&arena, ARENA_BYTES_MAX);
    buffer_init(&answer, ANSWER_BYTES_MAX);
    while ((len = getline(&line, &capacity, stdin)) >= 0) {
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            len--;
        if (len == 0) continue;
        answer_line(sample, (struct slice){(const uint8_t *)line, (size_t)len}, &arena, &answer);
        buffer_append_byte(&answer, '\n');
        if (fwrite(answer.data, 1, answer.len, stdout) != answer.len) break;
    }
    bool failed = ferror(stdout) != 0 || fflush(stdout) != 0;
    free(line);
    buffer_deinit(&answer);
    arena_deinit(&arena);
    return failed ? EXIT_RUNTIME : EXIT_OK;
}

static enum exit_code expr_eval_run(const struct command_arguments *arguments)
{
    const char *path = arguments->values[OPTION_VARIABLES];
    struct buffer text;
    struct arena arena;
    struct sample sample;
    struct slice why = SLICE("cannot be read");
    enum exit_code code = EXIT_INPUT;

    buffer_init(&text, VARIABLES_BYTES_MAX);
    arena_init(&arena, ARENA_BYTES_MAX);
    if (path == NULL) buffer_append_text(&text, "[]");
    enum status status = path == NULL ? STATUS_OK : file_read(path, &text);
    if (status == STATUS_OK) status = sample_read(buffer_slice(&text), NULL, &arena, &sample, &why);
    if (status == STATUS_OK) {
        code = answer_all(&sample);
    } else {
        (void)fprintf(stderr, "headrace expr eval: %s: %.*s\n", path != NULL ? path : "-",
                      (int)why.len, (const char *)why.data);
    }
    arena_deinit(&arena);
    buffer_deinit(&text);
    return code;
}

static const struct command_option expr_eval_options[] = {
    [OPTION_VARIABLES] = {"--variables", "FILE", NULL, false,
                          "JSON array of variables: name, type, value, shape"},
    {0},
};

const struct command command_expr_eval = {
    "expr eval",
    "answer expressions: a JSON case a line on standard input, an answer a line out",
    expr_eval_options,
    expr_eval_run,
};
