/* plain.h - an expression's code without its shorter ways: the oracle for them. */
#pragma once
#include "expr/code.h"

/* A copy in the arena that runs every instruction by itself. */
static inline const struct expr *plain_copy(const struct expr *expr, struct arena *arena)
{
    struct expr *copy = arena_alloc(arena, 1, sizeof(*copy));
    struct instruction *code = arena_alloc(arena, expr->code_count, sizeof(*code));

    if (copy == NULL || code == NULL) return NULL;
    for (uint32_t i = 0; i < expr->code_count; i++) {
        code[i] = expr->code[i];
        code[i].opcode = (uint16_t)opcode_plain((enum opcode)code[i].opcode);
    }
    *copy = *expr;
    copy->code = code;
    copy->is_short = false;
    return copy;
}
