/* compiler.c - typed tree -> bytecode. Constant parts are run once here and become constants; what
 * fails when run stays code, so that it fails at run time as the original does. */
#include "expr/compiler.h"
#include "expr/typer.h"

/* --- names ------------------------------------------------------------------------------------------ */

static void note_slot(struct compiler *compiler, uint32_t slot)
{
    uint32_t at = 0;

    while (at < compiler->slot_count && compiler->slots[at] < slot)
        at++;
    if (at < compiler->slot_count && compiler->slots[at] == slot) return;
    if (compiler->slot_count == COUNT_OF(compiler->slots)) {
        compiler->status = STATUS_LIMIT;
        return;
    }
    memmove(compiler->slots + at + 1, compiler->slots + at,
            (compiler->slot_count - at) * sizeof(uint32_t));
    compiler->slots[at] = slot;
    compiler->slot_count++;
}

void compiler_value(struct compiler *compiler, const struct node *node, struct value value)
{
    compiler_emit(compiler, node, OP_CONSTANT, compiler_add_constant(compiler, value));
}

static void emit_failure(struct compiler *compiler, const struct node *node, const char *before,
                         struct slice name, const char *after)
{
    struct buffer text;
    struct slice copy = {0};

    buffer_init(&text, 1024);
    buffer_append_text(&text, before);
    buffer_append(&text, name);
    buffer_append_text(&text, after);
    if (arena_copy(compiler->plan, buffer_slice(&text), &copy) != STATUS_OK) {
        compiler->status = STATUS_LIMIT;
    }
    buffer_deinit(&text);
    compiler_emit(compiler, node, OP_FAIL, compiler_add_text(compiler, copy));
    compiler_value(compiler, node, value_null());
}

/* The element of the loop around; in an index outside of loops a text may ask for one in vain. */
void compiler_this(struct compiler *compiler, const struct node *node)
{
    if (compiler->loops > 0) {
        compiler_emit(compiler, node, OP_THIS, 0);
    } else {
        emit_failure(compiler, node, "There is no element that '", node->name, "' could mean here");
    }
}

/* A dictionary that no key is taken from is the map of its labels. */
static void compile_dictionary(struct compiler *compiler, const struct node *node)
{
    const struct dictionary *dictionary =
        dictionary_find(compiler->scope->dictionaries, value_text(node->type->value));
    struct value_entry *entries;

    ASSERT(dictionary != NULL);
    entries = arena_alloc(compiler->plan, dictionary->count, sizeof(*entries));
    if (entries == NULL) {
        compiler->status = STATUS_LIMIT;
        return;
    }
    for (uint32_t i = 0; i < dictionary->count; i++) {
        entries[i] = (struct value_entry){dictionary->entries[i].value,
                                          value_string(dictionary->entries[i].label)};
    }
    compiler_value(compiler, node, value_map(entries, dictionary->count));
}

static void compile_variable(struct compiler *compiler, const struct node *node)
{
    enum class_id helper;

    if (node->type->kind == TYPE_DICT) {
        compile_dictionary(compiler, node);
        return;
    }
    for (uint32_t i = 0; i < compiler->scope->count; i++) {
        const struct expr_variable *variable = &compiler->scope->variables[i];
        if (!slice_equal(variable->name, node->name)) continue;
        note_slot(compiler, variable->slot);
        compiler_emit(compiler, node, OP_SLOT, variable->slot);
        return;
    }
    if (helper_find(node->name, &helper) == STATUS_OK) {
        compiler_value(compiler, node, (struct value){.kind = VALUE_CLASS, .i64 = helper});
        return;
    }
    compiler_this(compiler, node);
}

void compiler_class(struct compiler *compiler, const struct node *node)
{
    compiler_value(compiler, node,
                   (struct value){.kind = VALUE_CLASS, .i64 = type_class_id(node->type)});
}

/* --- lists, maps, choices --------------------------------------------------------------------------- */

static void compile_list(struct compiler *compiler, const struct node *node)
{
    for (uint32_t i = 0; i < node->child_count; i++)
        compiler_tree(compiler, node->children[i]);
    compiler_emit_varying(compiler, node,
                          (struct instruction){.opcode = OP_LIST, .operand = node->child_count},
                          1 - (int32_t)node->child_count);
}

static struct slice key_text(const struct node *key)
{
    return key->kind == NODE_PROPERTY ? key->name : value_text(key->type->value);
}

/* Of a key written twice the last value counts, at the first one's place. */
static void compile_map(struct compiler *compiler, const struct node *node)
{
    uint32_t pairs = node->child_count / 2;
    uint32_t count = 0;
    uint32_t first = compiler->constant_count;

    for (uint32_t i = 0; i < pairs; i++) {
        struct slice key = key_text(node->children[2 * (size_t)i]);
        bool repeated = false;
        for (uint32_t j = 0; j < i; j++) {
            repeated = repeated || slice_equal(key, key_text(node->children[2 * (size_t)j]));
        }
        if (!repeated) {
            compiler_add_text(compiler, key);
            count++;
        }
    }
    for (uint32_t i = 0; i < pairs; i++) {
        struct slice key = key_text(node->children[2 * (size_t)i]);
        const struct node *value = node->children[2 * (size_t)i + 1];
        bool repeated = false;
        for (uint32_t j = 0; j < i; j++) {
            repeated = repeated || slice_equal(key, key_text(node->children[2 * (size_t)j]));
        }
        for (uint32_t j = i + 1; j < pairs; j++) {
            if (slice_equal(key, key_text(node->children[2 * (size_t)j]))) {
                value = node->children[2 * (size_t)j + 1];
            }
        }
        if (!repeated) compiler_tree(compiler, value);
    }
    compiler_emit_varying(
        compiler, node,
        (struct instruction){.opcode = OP_MAP, .small = (uint16_t)count, .operand = first},
        1 - (int32_t)count);
}

static void compile_ternary(struct compiler *compiler, const struct node *node)
{
    compiler_tree(compiler, node->children[0]);
    uint32_t otherwise = compiler_emit(compiler, node->children[0], OP_JUMP_UNLESS, 0);
    compiler_tree(compiler, node->children[1]);
    uint32_t end = compiler_emit(compiler, node, OP_JUMP, 0);
    compiler_land(compiler, otherwise);
    compiler_adjust(compiler, -1);
    compiler_tree(compiler, node->children[2]);
    compiler_land(compiler, end);
}

/* Both arms of a short circuit end with one value on the stack. */
static void compile_short(struct compiler *compiler, const struct node *node, enum opcode opcode)
{
    compiler_tree(compiler, node->children[0]);
    uint32_t end = compiler_emit(compiler, node->children[0], opcode, 0);
    compiler_tree(compiler, node->children[1]);
    if (opcode != OP_ELVIS) compiler_emit(compiler, node->children[1], OP_TO_BOOLEAN, 0);
    compiler_land(compiler, end);
}

/* --- operators -------------------------------------------------------------------------------------- */

static enum opcode binary_opcode(enum operator op)
{
    switch (op) {
    case OPERATOR_EQ: return OP_EQUAL;
    case OPERATOR_NE: return OP_NOT_EQUAL;
    case OPERATOR_LT: return OP_LESS;
    case OPERATOR_LE: return OP_LESS_EQUAL;
    case OPERATOR_GT: return OP_GREATER;
    case OPERATOR_GE: return OP_GREATER_EQUAL;
    case OPERATOR_INSTANCEOF: return OP_INSTANCE_OF;
    case OPERATOR_MATCHES: return OP_MATCHES;
    case OPERATOR_BETWEEN: return OP_BETWEEN;
    case OPERATOR_ADD: return OP_ADD;
    case OPERATOR_SUBTRACT: return OP_SUBTRACT;
    case OPERATOR_MULTIPLY: return OP_MULTIPLY;
    case OPERATOR_DIVIDE: return OP_DIVIDE;
    case OPERATOR_REMAINDER: return OP_REMAINDER;
    case OPERATOR_POWER: return OP_POWER;
    case OPERATOR_NONE:
    case OPERATOR_OR:
    case OPERATOR_AND:
    case OPERATOR_NOT:
    case OPERATOR_INCREMENT:
    case OPERATOR_DECREMENT:
    case OPERATOR_COUNT: break;
    }
    UNREACHABLE("no binary operator");
}

static void compile_unary(struct compiler *compiler, const struct node *node)
{
    const struct node *child = node->children[0];

    if (node->op == OPERATOR_INCREMENT || node->op == OPERATOR_DECREMENT) {
        emit_failure(compiler, node, "Cannot set variable: ", child->name, "");
        return;
    }
    compiler_tree(compiler, child);
    compiler_emit(compiler, node,
                  node->op == OPERATOR_NOT        ? OP_NOT
                  : node->op == OPERATOR_SUBTRACT ? OP_NEGATE
                                                  : OP_PLUS,
                  0);
}

static void compile_binary(struct compiler *compiler, const struct node *node)
{
    if (node->op == OPERATOR_AND || node->op == OPERATOR_OR) {
        compile_short(compiler, node, node->op == OPERATOR_AND ? OP_AND : OP_OR);
        return;
    }
    compiler_tree(compiler, node->children[0]);
    compiler_tree(compiler, node->children[1]);
    compiler_emit(compiler, node, binary_opcode(node->op), 0);
}

/* --- dispatch --------------------------------------------------------------------------------------- */

void compiler_tree(struct compiler *compiler, const struct node *node)
{
    if (compiler->status != STATUS_OK) return;
    if (compiler_fold(compiler, node)) return;
    switch (node->kind) {
    case NODE_LITERAL: compiler_value(compiler, node, node->value); return;
    case NODE_VARIABLE: compile_variable(compiler, node); return;
    case NODE_FUNCTION:
        emit_failure(compiler, node, "EL1006E: Function '", node->name, "' could not be found");
        return;
    case NODE_PROPERTY:
    case NODE_METHOD: compiler_implied(compiler, node); return;
    case NODE_PATH: compiler_path(compiler, node); return;
    case NODE_LIST: compile_list(compiler, node); return;
    case NODE_MAP: compile_map(compiler, node); return;
    case NODE_UNARY: compile_unary(compiler, node); return;
    case NODE_BINARY: compile_binary(compiler, node); return;
    case NODE_TERNARY: compile_ternary(compiler, node); return;
    case NODE_ELVIS: compile_short(compiler, node, OP_ELVIS); return;
    case NODE_TYPE: compiler_class(compiler, node); return;
    case NODE_NEW: compiler_new(compiler, node); return;
    case NODE_ERROR:
    case NODE_INDEX:
    case NODE_SELECT:
    case NODE_PROJECT:
    case NODE_ASSIGN:
    case NODE_NEW_ARRAY:
    case NODE_BEAN: break;
    }
    UNREACHABLE("the typer lets no such node through");
}

/* What was made in the scratch arena moves to the plan at its final size. */
static const void *keep(struct compiler *compiler, const void *items, size_t count, size_t size)
{
    void *copy = arena_alloc(compiler->plan, count + 1, size);

    if (copy == NULL) {
        compiler->status = STATUS_LIMIT;
    } else if (count > 0) {
        memcpy(copy, items, count * size);
    }
    return copy;
}

static enum status finish(struct compiler *compiler, const struct type *expected, struct slice text,
                          struct expr *expr)
{
    if (expected != NULL && type_class_id(expected) != CLASS_Object) {
        compiler_emit(compiler, NULL, OP_EXPECT, type_class_id(expected));
    }
    compiler_emit(compiler, NULL, OP_RETURN, 0);
    if (compiler->status != STATUS_OK) return compiler->status;
    for (uint32_t i = 0; i < compiler->constant_count; i++) {
        struct value copy;
        enum status status = value_copy(compiler->constants[i], compiler->plan, &copy);
        if (status != STATUS_OK) return status;
        compiler->constants[i] = copy;
    }
    code_fuse(compiler->code, compiler->code_count, compiler->constants, compiler->methods);
    *expr = (struct expr){
        .text = text,
        .type = expr->type,
        .code = keep(compiler, compiler->code, compiler->code_count, sizeof(struct instruction)),
        .spans = keep(compiler, compiler->spans, compiler->code_count, sizeof(struct span)),
        .constants =
            keep(compiler, compiler->constants, compiler->constant_count, sizeof(struct value)),
        .methods =
            keep(compiler, compiler->methods, compiler->method_count, sizeof(struct method *)),
        .slots = keep(compiler, compiler->slots, compiler->slot_count, sizeof(uint32_t)),
        .slot_count = compiler->slot_count,
        .code_count = compiler->code_count,
        .constant_count = compiler->constant_count,
        .stack_max = compiler->stack_max,
        .loops_max = compiler->loops_max,
        .is_short = code_is_short(compiler->code, compiler->code_count),
        .is_small = compiler->stack_max <= STACK_INLINE && compiler->loops_max <= LOOPS_INLINE};
    return compiler->status;
}

enum { SCRATCH_BYTES_MAX = 16 * 1024 * 1024 };

enum status compiler_run(const struct node *root, struct slice text, const struct expr_scope *scope,
                         const struct type *expected, struct arena *plan, struct expr *expr)
{
    struct arena scratch;

    arena_init(&scratch, SCRATCH_BYTES_MAX);
    struct compiler compiler = {.scope = scope, .plan = plan, .scratch = &scratch};
    compiler_tree(&compiler, root);
    enum status status = finish(&compiler, expected, text, expr);
    arena_deinit(&scratch);
    return status;
}

enum status compiler_run_template(const struct template_part *parts, uint32_t part_count,
                                  struct slice text, const struct expr_scope *scope,
                                  struct arena *plan, struct expr *expr)
{
    struct arena scratch;

    arena_init(&scratch, SCRATCH_BYTES_MAX);
    struct compiler compiler = {.scope = scope, .plan = plan, .scratch = &scratch};
    for (uint32_t i = 0; i < part_count; i++) {
        if (parts[i].hole == NULL) {
            compiler_value(&compiler, NULL, value_string(parts[i].text));
        } else {
            compiler_tree(&compiler, parts[i].hole);
            compiler_emit(&compiler, parts[i].hole, OP_HOLE, 0);
        }
    }
    compiler_emit_varying(&compiler, NULL,
                          (struct instruction){.opcode = OP_JOIN, .operand = part_count},
                          1 - (int32_t)part_count);
    enum status status = finish(&compiler, NULL, text, expr);
    arena_deinit(&scratch);
    return status;
}
