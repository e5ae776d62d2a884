/* expr_lines.c - the loop of `headrace expr eval` and `headrace expr complete`. */
#include "host/expr_lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "expr/request.h"
#include "host/expression_tables.h"
#include "sys/file.h"

enum {
    MESSAGE_BYTES_MAX = 64 * 1024,
    VARIABLES_BYTES_MAX = 16 * 1024 * 1024,
    ANSWER_BYTES_MAX = 64 * 1024 * 1024,
    ARENA_BYTES_MAX = 256 * 1024 * 1024
};

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
        arena_reset(&arena);
        buffer_clear(&out);
        answer(sample, text, &arena, &out);
        if (out.failed) {
            buffer_clear(&out);
            request_refuse((struct slice){0}, SLICE("the answer is too large"), &out);
        }
        buffer_append_byte(&out, '\n');
        if (fwrite(out.data, 1, out.len, stdout) != out.len) break;
    }
    bool failed = ferror(stdout) != 0 || fflush(stdout) != 0;
    free(line);
    buffer_deinit(&out);
    arena_deinit(&arena);
    return failed ? EXIT_RUNTIME : EXIT_OK;
}

/* What lives as long as the answering. */
struct lines_room {
    struct config config;
    struct expression_tables tables;
    struct arena arena;
    struct buffer text;
    struct buffer message; /* what is wrong, when something is */
    struct sample sample;
};

static enum status read_variables(struct lines_room *room, const char *path)
{
    struct slice why = {0};
    enum status status = STATUS_OK;

    if (path == NULL) {
        buffer_append_text(&room->text, "[]");
    } else {
        status = file_read(path, &room->text);
        if (status != STATUS_OK) why = slice_of(file_trouble(path, status));
    }
    if (status == STATUS_OK) {
        status = sample_read(buffer_slice(&room->text), &room->tables.zones, &room->arena,
                             &room->sample, &why);
    }
    room->sample.dictionaries = &room->tables.dictionaries;
    if (status == STATUS_OK) return status;
    buffer_append_text(&room->message, path != NULL ? path : "-");
    buffer_append_text(&room->message, ": ");
    buffer_append(&room->message, why);
    return status;
}

static enum exit_code answer_with(struct lines_room *room, const struct expr_lines *lines,
                                  expr_line_answer answer)
{
    enum exit_code code = EXIT_INPUT;
    enum status status = config_load(lines->config, &room->config, &room->message);

    if (status == STATUS_OK) {
        status = expression_tables_load(&room->config, &room->arena, &room->tables, &room->message);
        if (status == STATUS_OK) status = read_variables(room, lines->variables);
        if (status == STATUS_OK) code = answer_all(&room->sample, answer);
        config_deinit(&room->config);
    }
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "headrace %s: %.*s\n", lines->command, (int)room->message.len,
                      (const char *)room->message.data);
    }
    return code;
}

enum exit_code expr_lines_run(const struct expr_lines *lines, expr_line_answer answer)
{
    struct lines_room room = {0};

    buffer_init(&room.message, MESSAGE_BYTES_MAX);
    buffer_init(&room.text, VARIABLES_BYTES_MAX);
    arena_init(&room.arena, ARENA_BYTES_MAX);
    enum exit_code code = answer_with(&room, lines, answer);
    arena_deinit(&room.arena);
    buffer_deinit(&room.text);
    buffer_deinit(&room.message);
    return code;
}
