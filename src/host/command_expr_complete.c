/* command_expr_complete.c - `headrace expr complete`: a text and a caret a line in; what could
 * stand at the caret, and what stands there, a line out. What an editor asks, by hand.
 */
#include "expr/complete.h"
#include "host/expr_lines.h"

enum { OPTION_VARIABLES };

static enum status complete(const struct sample *sample, struct slice line, struct arena *arena,
                            struct buffer *answer, struct slice *why)
{
    struct expr_scope scope = {.variables = sample->variables, .count = sample->count};

    return complete_answer_line(&scope, line, arena, answer, why);
}

static enum exit_code expr_complete_run(const struct command_arguments *arguments)
{
    return expr_lines_run("expr complete", arguments->values[OPTION_VARIABLES], complete);
}

static const struct command_option expr_complete_options[] = {
    [OPTION_VARIABLES] = {"--variables", "FILE", NULL, false,
                          "JSON array of variables: name, type, value, shape"},
    {0},
};

const struct command command_expr_complete = {
    "expr complete",
    "suggest at a caret: a JSON request a line on standard input (expr, caret, language, vars)",
    expr_complete_options,
    expr_complete_run,
};
