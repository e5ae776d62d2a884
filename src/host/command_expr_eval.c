/* command_expr_eval.c - `headrace expr eval`: one case a line in, one answer a line out.
 *
 * For comparing implementations and for trying expressions by hand.
 */
#include "host/expr_lines.h"
#include "sys/clock.h"

static void evaluate(const struct sample *sample, struct slice line, struct arena *arena,
                     struct buffer *answer)
{
    sample_answer(sample, line, clock_wall_ms(), arena, answer);
}

static enum exit_code expr_eval_run(const struct command_arguments *arguments)
{
    return expr_lines_run(
        &(struct expr_lines){"expr eval", arguments->values[0], arguments->values[1]}, evaluate);
}

static const struct command_option expr_eval_options[] = {EXPR_LINES_OPTIONS, {0}};

const struct command command_expr_eval = {
    "expr eval",
    "answer expressions: a JSON case a line on standard input (expr, language, expected, "
    "dictionary), an answer a line out; spans count UTF-16 units",
    expr_eval_options,
    expr_eval_run,
};
