/* expr_lines.h - what the commands on expressions share: a variables file, a JSON case a line on
 * standard input, an answer a line on standard output.
 */
#pragma once
#include "expr/sample.h"
#include "host/command.h"

/* Answers one line, into `answer`. fails  any: *why says what is wrong with the line */
typedef enum status (*expr_line_answer)(const struct sample *sample, struct slice line,
                                        struct arena *arena, struct buffer *answer,
                                        struct slice *why);

/* Runs a command; `variables` may be NULL (none). A line that is no case gets an answer too, with
 * its id empty and the reason in "error", so that lines stay in step. */
enum exit_code expr_lines_run(const char *command, const char *variables, expr_line_answer answer);
