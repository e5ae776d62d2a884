/* expr_lines.h - what the commands on expressions share: a variables file, a configuration with time
 * zone and dictionaries, a JSON request a line on standard input, an answer a line on standard output.
 */
#pragma once
#include "expr/sample.h"
#include "host/command.h"

struct expr_lines {
    const char *command;
    const char *variables; /* a file; NULL: none */
    const char *config;    /* likewise */
};

/* Answers one line, into `answer`. What is no request is answered too, with what is wrong with it in
 * "error", so that lines stay in step. */
typedef void (*expr_line_answer)(const struct sample *sample, struct slice line,
                                 struct arena *arena, struct buffer *answer);

enum exit_code expr_lines_run(const struct expr_lines *lines, expr_line_answer answer);

/* The options of both commands, in the order of struct expr_lines. */
#define EXPR_LINES_OPTIONS                                                                     \
    {"--variables", "FILE", NULL, false, "JSON array of variables: name, type, value, shape"}, \
    {                                                                                          \
        "--config", "FILE", NULL, false,                                                       \
            "the time zone and the dictionaries of a configuration; without it UTC and none"   \
    }
