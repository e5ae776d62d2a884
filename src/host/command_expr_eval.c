/* command_expr_eval.c - `headrace expr eval`: one case a line in, one answer a line out.
 *
 * For comparing implementations and for trying expressions by hand.
 */
#include "host/expr_lines.h"
#include "sys/clock.h"

enum { OPTION_VARIABLES };

static enum status evaluate(const struct sample *sample, struct slice line, struct arena *arena,
                            struct buffer *answer, struct slice *why)
{
    return sample_answer(sample, line, clock_wall_ms(), arena, answer, why);
}

static enum exit_code expr_eval_run(const struct command_arguments *arguments)
{
    return expr_lines_run("expr eval", arguments->values[OPTION_VARIABLES], evaluate);
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
