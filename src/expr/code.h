/* code.h - compiled expressions: bytecode, its constants, and what the machine needs to know.
 *
 * Fixed-width instructions; spans stand beside them for messages. The compiler proves the depth of
 * the stack, so the machine does not check it.
 */
#pragma once
#include "expr/method.h"

enum opcode {
#define OPCODE(name, effect, meaning) OP_##name,
#define FUSED(name, plain, meaning)   OP_##name,
#include "expr/opcodes.def"
#undef OPCODE
#undef FUSED
    OP_COUNT
};

struct instruction {
    uint16_t opcode;
    uint16_t small;
    uint32_t operand;
};

struct span {
    uint32_t start;
    uint32_t end;
};

enum {
    CODE_STACK_MAX = 4096, /* values: a literal list of that many variables is refused */
    CODE_LOOPS_MAX = 16,   /* selections and projections inside one another */
    CODE_COUNT_MAX = 65536
};

/* The opcode a fused one stands for; itself for others. */
enum opcode opcode_plain(enum opcode opcode);

static inline bool opcode_is_fused(uint16_t opcode)
{
    return opcode > OP_RETURN; /* the last plain one */
}

/* Puts fused opcodes where usual sequences begin. */
void code_fuse(struct instruction *code, uint32_t count, const struct value *constants,
               const struct method *const *methods);

/* Is it a variable, perhaps its members, perhaps their text or a comparison, of members perhaps the
 * number, and nothing else? */
bool code_is_short(const struct instruction *code, uint32_t count);

enum { STACK_INLINE = 32, LOOPS_INLINE = 2 }; /* values and loops of a small expression */

struct expr {
    struct slice text;
    const struct type *type;
    const struct instruction *code;
    const struct span *spans;
    const struct value *constants;
    const struct method *const *methods;
    const uint32_t *slots;
    uint32_t slot_count;
    uint32_t code_count;
    uint32_t constant_count;
    uint32_t stack_max;
    uint32_t loops_max;
    bool is_short; /* code_is_short() */
    bool is_small; /* fits STACK_INLINE and LOOPS_INLINE */
    const struct zones *zones;
};

/* Compiles a typed tree. `expected` NULL: any result.
 * fails    LIMIT: CODE_* or the arena */
enum status compiler_run(const struct node *root, struct slice text, const struct expr_scope *scope,
                         const struct type *expected, struct arena *plan,
                         struct expr *expr) MUST_USE;

/* A template: texts[i] stands before holes[i]; one text more than holes. */
struct template_part {
    struct slice text;       /* literal */
    const struct node *hole; /* NULL: literal */
};
enum status compiler_run_template(const struct template_part *parts, uint32_t part_count,
                                  struct slice text, const struct expr_scope *scope,
                                  struct arena *plan, struct expr *expr) MUST_USE;
