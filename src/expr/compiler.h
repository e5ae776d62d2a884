/* compiler.h - shared by compiler.c (what a tree means) and its rooms: compiler_path.c, compiler_fold.c,
 * compiler_emit.c (tables, stack, jumps). */
#pragma once
#include "expr/code.h"

struct compiler {
    const struct expr_scope *scope;
    struct arena *plan;
    struct arena *scratch;
    struct instruction *code;
    struct span *spans;
    uint32_t code_count;
    uint32_t code_capacity;
    struct value *constants;
    uint32_t constant_count;
    uint32_t constant_capacity;
    const struct method **methods;
    uint32_t method_count;
    uint32_t method_capacity;
    uint32_t slots[256];
    uint32_t slot_count;
    uint32_t depth;
    uint32_t stack_max;
    uint32_t loops;
    uint32_t loops_max;
    bool folding; /* constants are being run: do not fold inside */
    enum status status;
};

/* Indices of what was added. Running out of memory or room is noted in `status`. */
uint32_t compiler_add_constant(struct compiler *compiler, struct value value);
uint32_t compiler_add_text(struct compiler *compiler, struct slice text);
uint32_t compiler_add_method(struct compiler *compiler, const struct method *method);

/* The stack grows or shrinks by `effect` where two ways meet. */
void compiler_adjust(struct compiler *compiler, int32_t effect);

/* Appends an instruction; returns its place. */
uint32_t compiler_emit(struct compiler *compiler, const struct node *node, enum opcode opcode,
                       uint32_t operand);
uint32_t compiler_emit_varying(struct compiler *compiler, const struct node *node,
                               struct instruction instruction, int32_t effect);

/* Jumps are emitted before their target is known: it is here. */
void compiler_land(struct compiler *compiler, uint32_t jump);

/* --- what a tree means ------------------------------------------------------------------------------ */

/* Each leaves one value more on the stack. */
void compiler_tree(struct compiler *compiler, const struct node *node);
void compiler_value(struct compiler *compiler, const struct node *node, struct value value);
void compiler_this(struct compiler *compiler, const struct node *node);
void compiler_class(struct compiler *compiler, const struct node *node);
void compiler_path(struct compiler *compiler, const struct node *node);
void compiler_implied(struct compiler *compiler, const struct node *node);
void compiler_new(struct compiler *compiler, const struct node *node);

/* A constant part becomes its value. False: it is none, it fails, or it must not be kept. */
bool compiler_fold(struct compiler *compiler, const struct node *node);
