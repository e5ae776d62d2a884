/* expr_lines.c - the loop of `headrace expr eval` and `headrace expr complete`. */
#include "host/expr_lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "sys/file.h"
#include "sys/zoneinfo.h"

enum {
    VARIABLES_BYTES_MAX = 16 * 1024 * 1024,
    ANSWER_BYTES_MAX = 64 * 1024 * 1024,
    ARENA_BYTES_MAX = 256 * 1024 * 1024
};

static void answer_line(const struct sample *sample, struct slice line, expr_line_answer answer,
                        struct arena *arena, struct buffer *out)
{
    struct slice why;

    arena_reset(arena);
    buffer_clear(out);
    if (answer(sample, line, arena, out, &why) == STATUS_OK) return;
    buffer_clear(out);
    buffer_append_text(out, "{\"id\":\"\",\"error\":");
    json_write_string(why, out);
    buffer_append_byte(out, '}');
}

static enum exit_code answer_all(const struct sample *sample, expr_line_answer answer)
{
    struct arena arena;
    struct buffer out;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;

    arena_init(&arena, ARENA_BYTES_MAX);
    buffer_init(&out, ANSWER_BYTES_MAX);
    while ((len = getline(&line, &capacity, stdin)) >= 0) {
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            len--;
        if (len == 0) continue;
        struct slice text = {(const uint8_t *)line, (size_t)len};
        answer_line(sample, text, answer, &arena, &out);
        buffer_append_byte(&out, '\n');
        if (fwrite(out.data, 1, out.len, stdout) != out.len) break;
    }
    bool failed = ferror(stdout) != 0 || fflush(stdout) != 0;
    free(line);
    buffer_deinit(&out);
    arena_deinit(&arena);
    return failed ? EXIT_RUNTIME : EXIT_OK;
}

enum exit_code expr_lines_run(const char *command, const char *variables, expr_line_answer answer)
{
    struct buffer text;
    struct arena arena;
    struct sample sample;
    struct zones zones;
    struct slice why = {0};
    enum exit_code code = EXIT_INPUT;

    buffer_init(&text, VARIABLES_BYTES_MAX);
    arena_init(&arena, ARENA_BYTES_MAX);
    if (variables == NULL) buffer_append_text(&text, "[]");
    /* Without tables there are fixed offsets only. */
    enum status status = zoneinfo_load(ZONEINFO_DIRECTORY, &arena, &zones);
    if (status == STATUS_NOT_FOUND) status = STATUS_OK;
    if (status != STATUS_OK) why = slice_of(file_trouble(ZONEINFO_DIRECTORY, status));
    if (status == STATUS_OK && variables != NULL) {
        status = file_read(variables, &text);
        if (status != STATUS_OK) why = slice_of(file_trouble(variables, status));
    }
    if (status == STATUS_OK)
        status = sample_read(buffer_slice(&text), &zones, &arena, &sample, &why);
    if (status == STATUS_OK) {
        code = answer_all(&sample, answer);
    } else {
        (void)fprintf(stderr, "headrace %s: %s: %.*s\n", command,
                      variables != NULL ? variables : "-", (int)why.len, (const char *)why.data);
    }
    arena_deinit(&arena);
    buffer_deinit(&text);
    return code;
}
