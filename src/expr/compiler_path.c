/* compiler_path.c - what follows a dot or stands in brackets: members, calls, indexes, loops. */
#include "expr/compiler.h"

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
        compiler_tree(compiler, argument);
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

void compiler_new(struct compiler *compiler, const struct node *node)
{
    compiler_class(compiler, node);
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
    compiler_tree(compiler, key);
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
    compiler_tree(compiler, node->children[0]);
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
        compiler_tree(compiler, step);
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

void compiler_path(struct compiler *compiler, const struct node *node)
{
    uint32_t first = 1;

    if (takes_key(node)) {
        compiler_value(compiler, node->children[first], node->children[first]->value);
        first++;
    } else {
        compiler_tree(compiler, node->children[0]);
    }
    for (uint32_t i = first; i < node->child_count; i++) {
        compile_step(compiler, node->children[i], node->children[i - 1]);
    }
}

/* A bare name means a member of the element at hand. */
void compiler_implied(struct compiler *compiler, const struct node *node)
{
    compiler_this(compiler, node);
    if (node->kind == NODE_PROPERTY) {
        compiler_emit(compiler, node, OP_MEMBER, compiler_add_text(compiler, node->name));
    } else {
        compile_call(compiler, node, NULL);
    }
}
