/* command_expr_complete.c - `headrace expr complete`: a text and a caret a line in; what could
 * stand at the caret, and what stands there, a line out. What an editor asks, by hand.
 */
#include "expr/complete/complete.h"
#include "host/expr_lines.h"

static void complete(const struct sample *sample, struct slice line, struct arena *arena,
                     struct buffer *answer)
{
    struct expr_scope scope = {.variables = sample->variables,
                               .count = sample->count,
                               .zones = sample->zones,
                               .dictionaries = sample->dictionaries};

    complete_answer_line(&scope, line, arena, answer);
}

static enum exit_code expr_complete_run(const struct command_arguments *arguments)
{
    return expr_lines_run(
        &(struct expr_lines){"expr complete", arguments->values[0], arguments->values[1]},
        complete);
}

static const struct command_option expr_complete_options[] = {EXPR_LINES_OPTIONS, {0}};

const struct command command_expr_complete = {
    "expr complete",
    "suggest at a caret: a JSON request a line on standard input (expr, caret, language, vars, "
    "expected, dictionary); caret, from and to count UTF-16 units",
    expr_complete_options,
    expr_complete_run,
};
