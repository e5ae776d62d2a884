/* compiler_emit.c - the compiler's growing tables, and instructions with their effect on the stack. */
#include "expr/compiler.h"

enum { VARIES = 127 };
static const int8_t opcode_effects[OP_COUNT] = {
#define OPCODE(name, effect, meaning) effect,
#define FUSED(name, plain, meaning)   VARIES,
#include "expr/opcodes.def"
#undef OPCODE
#undef FUSED
};

/* --- growing tables -------------------------------------------------------------------------------- */

static bool grow(struct compiler *compiler, void **items, uint32_t count, uint32_t *capacity,
                 size_t size)
{
    if (count < *capacity) return true;
    uint32_t wider = *capacity == 0 ? 16 : *capacity * 2;
    void *moved = arena_alloc(compiler->scratch, wider, size);
    if (moved == NULL) {
        compiler->status = STATUS_LIMIT;
        return false;
    }
    if (count > 0) memcpy(moved, *items, count * size);
    *items = moved;
    *capacity = wider;
    return true;
}

uint32_t compiler_add_constant(struct compiler *compiler, struct value value)
{
    void *items = compiler->constants;

    if (!grow(compiler, &items, compiler->constant_count, &compiler->constant_capacity,
              sizeof(struct value))) {
        return 0;
    }
    compiler->constants = items;
    compiler->constants[compiler->constant_count] = value;
    return compiler->constant_count++;
}

uint32_t compiler_add_text(struct compiler *compiler, struct slice text)
{
    return compiler_add_constant(compiler, value_string(text));
}

uint32_t compiler_add_method(struct compiler *compiler, const struct method *method)
{
    void *items = compiler->methods;

    if (!grow(compiler, &items, compiler->method_count, &compiler->method_capacity,
              sizeof(struct method *))) {
        return 0;
    }
    compiler->methods = items;
    compiler->methods[compiler->method_count] = method;
    return compiler->method_count++;
}

void compiler_adjust(struct compiler *compiler, int32_t effect)
{
    if (compiler->status != STATUS_OK) return;
    ASSERT((int32_t)compiler->depth + effect >= 0);
    compiler->depth = (uint32_t)((int32_t)compiler->depth + effect);
    if (compiler->depth > compiler->stack_max) compiler->stack_max = compiler->depth;
    if (compiler->depth > CODE_STACK_MAX) compiler->status = STATUS_LIMIT;
}

uint32_t compiler_emit_varying(struct compiler *compiler, const struct node *node,
                               struct instruction instruction, int32_t effect)
{
    void *code = compiler->code;
    void *spans = compiler->spans;
    uint32_t code_capacity = compiler->code_capacity;
    uint32_t span_capacity = compiler->code_capacity;

    if (compiler->code_count >= CODE_COUNT_MAX) compiler->status = STATUS_LIMIT;
    if (compiler->status != STATUS_OK ||
        !grow(compiler, &code, compiler->code_count, &code_capacity, sizeof(instruction)) ||
        !grow(compiler, &spans, compiler->code_count, &span_capacity, sizeof(struct span))) {
        return 0;
    }
    compiler->code = code;
    compiler->spans = spans;
    compiler->code_capacity = code_capacity;
    compiler->code[compiler->code_count] = instruction;
    compiler->spans[compiler->code_count] =
        node != NULL ? (struct span){node->start, node->end} : (struct span){0};
    compiler_adjust(compiler, effect);
    return compiler->code_count++;
}

uint32_t compiler_emit(struct compiler *compiler, const struct node *node, enum opcode opcode,
                       uint32_t operand)
{
    ASSERT(opcode_effects[opcode] != VARIES);
    return compiler_emit_varying(
        compiler, node, (struct instruction){.opcode = (uint16_t)opcode, .operand = operand},
        opcode_effects[opcode]);
}

void compiler_land(struct compiler *compiler, uint32_t jump)
{
    if (compiler->status == STATUS_OK) compiler->code[jump].operand = compiler->code_count;
}
