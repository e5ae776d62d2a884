/* compiler.c - typed tree -> bytecode. Constant parts are run once here and become constants; what
 * fails when run stays code, so that it fails at run time as the original does. */
#include "expr/compiler.h"
#include "expr/typer.h"

static void compile(struct compiler *compiler, const struct node *node);

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

static void emit_value(struct compiler *compiler, const struct node *node, struct value value)
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
    emit_value(compiler, node, value_null());
}

/* The element of the loop around; in an index outside of loops a text may ask for one in vain. */
static void emit_this(struct compiler *compiler, const struct node *node)
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
    emit_value(compiler, node, value_map(entries, dictionary->count));
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
        emit_value(compiler, node, (struct value){.kind = VALUE_CLASS, .i64 = helper});
        return;
    }
    emit_this(compiler, node);
}

static void compile_class(struct compiler *compiler, const struct node *node)
{
    emit_value(compiler, node,
               (struct value){.kind = VALUE_CLASS, .i64 = type_class_id(node->type)});
}

/* --- calls ------------------------------------------------------------------------------------------ */

static const struct type *step_receiver(const struct node *const *before)
{
    return before != NULL ? (*before)->type : NULL;
}

/* The row to try first: the one whose parameters are closest to the argument types. */
static const struct method *best_row(struct compiler *compiler, const struct node *node,
                                     const struct type *receiver, enum method_place place)
{
    const struct method *best = NULL;
    const struct method *row;

    if (receiver == NULL) return NULL;
    for (uint32_t i = 0; (row = method_find(type_class_id(receiver), place, node->name, i)) != NULL;
         i++) {
        bool fits = method_takes(row, node->child_count);
        if (fits && (best == NULL || method_closer(row, best, node, compiler->scratch))) best = row;
    }
    return best;
}

static void compile_arguments(struct compiler *compiler, const struct node *node,
                              const struct method *row)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct node *argument = node->children[i];
        compile(compiler, argument);
        enum class_id wanted = row != NULL ? method_parameter(row, i) : CLASS_Object;
        bool fits = argument->type->kind != TYPE_UNKNOWN && argument->type->kind != TYPE_UNION &&
                    class_is(type_class_id(argument->type), wanted);
        if (wanted != CLASS_Object && !fits) {
            compiler_emit(compiler, argument, OP_CONVERT, wanted);
        }
    }
}

static void compile_call(struct compiler *compiler, const struct node *node,
                         const struct method *row)
{
    compile_arguments(compiler, node, row);
    struct instruction call = {.opcode = OP_CALL, .small = (uint16_t)node->child_count};
    if (row != NULL) {
        call.operand = compiler_add_method(compiler, row);
    } else {
        call.opcode = OP_CALL_NAMED;
        call.operand = compiler_add_text(compiler, node->name);
    }
    compiler_emit_varying(compiler, node, call, -(int32_t)node->child_count);
}

static void compile_method(struct compiler *compiler, const struct node *node,
                           const struct type *receiver, bool static_context)
{
    compile_call(
        compiler, node,
        best_row(compiler, node, receiver, static_context ? PLACE_STATIC : PLACE_INSTANCE));
}

static void compile_property(struct compiler *compiler, const struct node *node,
                             const struct type *receiver, bool static_context)
{
    bool on_class =
        receiver != NULL && receiver->kind == TYPE_CLASS && receiver->class_id != CLASS_Map;
    const struct method *row =
        on_class || static_context
            ? best_row(compiler, node, receiver, static_context ? PLACE_STATIC : PLACE_INSTANCE)
            : NULL;

    if (row != NULL) {
        compiler_emit(compiler, node, OP_PROPERTY, compiler_add_method(compiler, row));
    } else {
        compiler_emit(compiler, node, OP_MEMBER, compiler_add_text(compiler, node->name));
    }
}

static void compile_new(struct compiler *compiler, const struct node *node)
{
    compile_class(compiler, node);
    const struct method *best = NULL;
    const struct method *row;
    for (uint32_t i = 0;
         (row = method_find(type_class_id(node->type), PLACE_NEW, SLICE("new"), i)) != NULL; i++) {
        bool fits = method_takes(row, node->child_count);
        if (fits && (best == NULL || method_closer(row, best, node, compiler->scratch))) best = row;
    }
    compile_call(compiler, node, best);
}

/* --- paths ------------------------------------------------------------------------------------------ */

static void compile_index(struct compiler *compiler, const struct node *node)
{
    const struct node *key = node->children[0];

    if (key->kind == NODE_LITERAL && key->value.kind == VALUE_STRING) {
        compiler_emit(compiler, node, OP_INDEX_KEY, compiler_add_constant(compiler, key->value));
        return;
    }
    compile(compiler, key);
    compiler_emit(compiler, node, OP_INDEX, 0);
}

static void compile_loop(struct compiler *compiler, const struct node *node)
{
    bool projects = node->kind == NODE_PROJECT;
    struct instruction begin = {.opcode = projects ? OP_LOOP_PROJECT : OP_LOOP_SELECT,
                                .small = (uint16_t)node->select};

    compiler_emit_varying(compiler, node, begin, -1);
    if (++compiler->loops > compiler->loops_max) compiler->loops_max = compiler->loops;
    if (compiler->loops > CODE_LOOPS_MAX) compiler->status = STATUS_LIMIT;
    uint32_t next = compiler_emit(compiler, node, OP_LOOP_NEXT, 0);
    compile(compiler, node->children[0]);
    uint32_t done = compiler_emit(compiler, node, projects ? OP_LOOP_ADD : OP_LOOP_KEEP, 0);
    compiler_emit(compiler, node, OP_JUMP, next);
    compiler_land(compiler, next);
    if (!projects) compiler_land(compiler, done);
    compiler->loops--;
    compiler_emit(compiler, node, OP_LOOP_END, 0);
}

static void compile_step(struct compiler *compiler, const struct node *step,
                         const struct node *before)
{
    uint32_t skip = 0;

    if (step->null_safe) skip = compiler_emit(compiler, step, OP_JUMP_IF_NULL, 0);
    switch ((int)step->kind) {
    case NODE_PROPERTY:
        compile_property(compiler, step, step_receiver(&before), before->static_context);
        break;
    case NODE_METHOD:
        compile_method(compiler, step, step_receiver(&before), before->static_context);
        break;
    case NODE_INDEX: compile_index(compiler, step); break;
    case NODE_SELECT:
    case NODE_PROJECT: compile_loop(compiler, step); break;
    default:
        compiler_emit(compiler, step, OP_POP, 0);
        compile(compiler, step);
        break;
    }
    if (step->null_safe) compiler_land(compiler, skip);
}

/* `#countries['pl']`: the typer has found the key already. */
static bool takes_key(const struct node *path)
{
    return path->children[0]->type->kind == TYPE_DICT && path->child_count > 1 &&
           (path->children[1]->kind == NODE_PROPERTY || path->children[1]->kind == NODE_INDEX);
}

static void compile_path(struct compiler *compiler, const struct node *node)
{
    uint32_t first = 1;

    if (takes_key(node)) {
        emit_value(compiler, node->children[first], node->children[first]->value);
        first++;
    } else {
        compile(compiler, node->children[0]);
    }
    for (uint32_t i = first; i < node->child_count; i++) {
        compile_step(compiler, node->children[i], node->children[i - 1]);
    }
}

/* A bare name means a member of the element at hand. */
static void compile_implied(struct compiler *compiler, const struct node *node)
{
    emit_this(compiler, node);
    if (node->kind == NODE_PROPERTY) {
        compiler_emit(compiler, node, OP_MEMBER, compiler_add_text(compiler, node->name));
    } else {
        compile_call(compiler, node, NULL);
    }
}

/* --- lists, maps, choices --------------------------------------------------------------------------- */

static void compile_list(struct compiler *compiler, const struct node *node)
{
    for (uint32_t i = 0; i < node->child_count; i++)
        compile(compiler, node->children[i]);
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
        if (!repeated) compile(compiler, value);
    }
    compiler_emit_varying(
        compiler, node,
        (struct instruction){.opcode = OP_MAP, .small = (uint16_t)count, .operand = first},
        1 - (int32_t)count);
}

static void compile_ternary(struct compiler *compiler, const struct node *node)
{
    compile(compiler, node->children[0]);
    uint32_t otherwise = compiler_emit(compiler, node->children[0], OP_JUMP_UNLESS, 0);
    compile(compiler, node->children[1]);
    uint32_t end = compiler_emit(compiler, node, OP_JUMP, 0);
    compiler_land(compiler, otherwise);
    compiler_adjust(compiler, -1);
    compile(compiler, node->children[2]);
    compiler_land(compiler, end);
}

/* Both arms of a short circuit end with one value on the stack. */
static void compile_short(struct compiler *compiler, const struct node *node, enum opcode opcode)
{
    compile(compiler, node->children[0]);
    uint32_t end = compiler_emit(compiler, node->children[0], opcode, 0);
    compile(compiler, node->children[1]);
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
    compile(compiler, child);
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
    compile(compiler, node->children[0]);
    compile(compiler, node->children[1]);
    compiler_emit(compiler, node, binary_opcode(node->op), 0);
}

/* --- constants -------------------------------------------------------------------------------------- */

static bool is_constant(const struct node *node)
{
    bool leaf = node->kind == NODE_LITERAL || node->kind == NODE_TYPE;

    if (leaf) return true;
    if (node->kind != NODE_LIST && node->kind != NODE_MAP && node->kind != NODE_UNARY &&
        node->kind != NODE_BINARY && node->kind != NODE_PATH && node->kind != NODE_TERNARY &&
        node->kind != NODE_ELVIS && node->kind != NODE_INDEX && node->kind != NODE_PROPERTY &&
        node->kind != NODE_METHOD) {
        return false;
    }
    for (uint32_t i = 0; i < node->child_count; i++) {
        bool key = node->kind == NODE_MAP && i % 2 == 0;
        if (!key && !is_constant(node->children[i])) return false;
    }
    return true;
}

static bool is_foldable(const struct node *node)
{
    bool inner = node->kind == NODE_LIST || node->kind == NODE_MAP || node->kind == NODE_UNARY ||
                 node->kind == NODE_BINARY || node->kind == NODE_PATH ||
                 node->kind == NODE_TERNARY || node->kind == NODE_ELVIS;

    /* A path that starts with a bare name stands on an element; a clock is not constant. */
    if (node->kind == NODE_PATH && node->children[0]->kind == NODE_TYPE) {
        for (uint32_t i = 1; i < node->child_count; i++) {
            if (slice_starts_with(node->children[i]->name, SLICE("now"))) return false;
        }
    }
    if (node->kind == NODE_PATH &&
        (node->children[0]->kind == NODE_PROPERTY || node->children[0]->kind == NODE_METHOD)) {
        return false;
    }
    return inner && is_constant(node);
}

/* Bare names inside a constant would need an element. */
static bool has_bare_names(const struct node *node)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct node *child = node->children[i];
        bool step = node->kind == NODE_PATH && i > 0;
        bool key = node->kind == NODE_MAP && i % 2 == 0;
        bool name = child->kind == NODE_PROPERTY || child->kind == NODE_METHOD;
        if (name && !step && !key) return true;
        if (!key && has_bare_names(child)) return true;
    }
    return false;
}

/* Runs the part by itself. False: it fails, or its result must not be kept. */
static bool fold(struct compiler *compiler, const struct node *node)
{
    struct expr part;
    struct value value;
    struct value copy;
    struct expr_limits limits = {.fuel = 10000, .result_bytes_max = 64 * 1024};
    struct expr_frame frame = {.arena = compiler->scratch, .limits = &limits};

    if (compiler->folding || has_bare_names(node)) return false;
    struct compiler inner = {.scope = compiler->scope,
                             .plan = compiler->scratch,
                             .scratch = compiler->scratch,
                             .folding = true};
    compile(&inner, node);
    compiler_emit(&inner, node, OP_RETURN, 0);
    if (inner.status != STATUS_OK) return false;
    part = (struct expr){.text = SLICE(""),
                         .code = inner.code,
                         .spans = inner.spans,
                         .constants = inner.constants,
                         .methods = inner.methods,
                         .code_count = inner.code_count,
                         .constant_count = inner.constant_count,
                         .stack_max = inner.stack_max,
                         .loops_max = inner.loops_max,
                         .zones = compiler->scope->zones};
    if (expr_run(&part, &frame, &value) != STATUS_OK) return false;
    if (value_copy(value, compiler->plan, &copy) != STATUS_OK) return false;
    emit_value(compiler, node, copy);
    return true;
}

/* --- dispatch --------------------------------------------------------------------------------------- */

static void compile(struct compiler *compiler, const struct node *node)
{
    if (compiler->status != STATUS_OK) return;
    if (is_foldable(node) && fold(compiler, node)) return;
    switch (node->kind) {
    case NODE_LITERAL: emit_value(compiler, node, node->value); return;
    case NODE_VARIABLE: compile_variable(compiler, node); return;
    case NODE_FUNCTION:
        emit_failure(compiler, node, "EL1006E: Function '", node->name, "' could not be found");
        return;
    case NODE_PROPERTY:
    case NODE_METHOD: compile_implied(compiler, node); return;
    case NODE_PATH: compile_path(compiler, node); return;
    case NODE_LIST: compile_list(compiler, node); return;
    case NODE_MAP: compile_map(compiler, node); return;
    case NODE_UNARY: compile_unary(compiler, node); return;
    case NODE_BINARY: compile_binary(compiler, node); return;
    case NODE_TERNARY: compile_ternary(compiler, node); return;
    case NODE_ELVIS: compile_short(compiler, node, OP_ELVIS); return;
    case NODE_TYPE: compile_class(compiler, node); return;
    case NODE_NEW: compile_new(compiler, node); return;
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
    code_fuse(compiler->code, compiler->code_count, compiler->methods);
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
        .is_short = code_is_short(compiler->code, compiler->code_count)};
    return compiler->status;
}

enum { SCRATCH_BYTES_MAX = 16 * 1024 * 1024 };

enum status compiler_run(const struct node *root, struct slice text, const struct expr_scope *scope,
                         const struct type *expected, struct arena *plan, struct expr *expr)
{
    struct arena scratch;

    arena_init(&scratch, SCRATCH_BYTES_MAX);
    struct compiler compiler = {.scope = scope, .plan = plan, .scratch = &scratch};
    compile(&compiler, root);
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
            emit_value(&compiler, NULL, value_string(parts[i].text));
        } else {
            compile(&compiler, parts[i].hole);
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
