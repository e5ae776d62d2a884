/* vm_short.c - expressions that need no machine: code_is_short() says what they are. What is not usual
 * about their values is run in full.
 *
 * The result is put down when nothing can fail any more.
 */
#include "expr/vm_usual.h"

/* What stands behind the members. */
ALWAYS_INLINE bool short_end(const struct expr *expr, const struct instruction *at,
                             struct value *value)
{
    bool equal;

    if (at->opcode == OP_SAFE_TEXT || at->opcode == OP_TEXT) {
        if (value->kind != VALUE_STRING) return false;
        at += at->small + 1;
    } else if (at->opcode == OP_COMPARE) {
        if (!simply_equal(value, &expr->constants[at->operand], &equal)) return false;
        value_put_boolean(value, equal == (at[1].opcode == OP_EQUAL));
        at += at->small + 1;
    } else if (at->opcode == OP_COMPARE_NULL) {
        value_put_boolean(value, (value->kind == VALUE_NULL) == (at[1].opcode == OP_EQUAL));
        at += at->small + 1;
    }
    return at->opcode == OP_RETURN || is_expected(value, at->operand);
}

static inline bool is_digits(const struct instruction *at)
{
    return at->opcode == OP_SAFE_DIGITS || at->opcode == OP_DIGITS;
}

ALWAYS_INLINE bool digits_end(const struct expr *expr, const struct instruction *at,
                              struct value *value)
{
    const struct method *row = expr->methods[at[at->small].operand];

    if (value->kind != VALUE_STRING || !text_whole(value_text(*value), row->receiver, value)) {
        return false;
    }
    at += at->small + 1;
    return at->opcode == OP_RETURN || is_expected(value, at->operand);
}

enum status expr_run_path(const struct expr *expr, struct expr_frame *frame, struct value *result)
{
    const struct instruction *at = expr->code;
    const struct value *from = &frame->slots[at->operand];
    struct value value;

    if (frame->limits->fuel <= expr->code_count) return expr_run_machine(expr, frame, result);
    uint32_t members = at->small;
    ASSERT(members > 0);
    do {
        at++;
        if (!take_member(expr, at->operand, frame->arena, from, &value)) {
            return expr_run_machine(expr, frame, result);
        }
        from = &value;
    } while (--members > 0);
    at++;
    bool usual = is_digits(at) ? digits_end(expr, at, &value) : short_end(expr, at, &value);
    if (!usual) return expr_run_machine(expr, frame, result);
    value_take(&value, result);
    return STATUS_OK;
}

enum status expr_run_slot(const struct expr *expr, struct expr_frame *frame, struct value *result)
{
    const struct instruction *at = expr->code;
    struct value value = frame->slots[at->operand];

    if (frame->limits->fuel <= expr->code_count || !short_end(expr, at + 1, &value)) {
        return expr_run_machine(expr, frame, result);
    }
    *result = value;
    return STATUS_OK;
}
