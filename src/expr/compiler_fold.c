/* compiler_fold.c - constant parts are run once, when the plan is made. */
#include "expr/compiler.h"

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
bool compiler_fold(struct compiler *compiler, const struct node *node)
{
    struct expr part;
    struct value value;
    struct value copy;
    struct expr_limits limits = {.fuel = 10000, .result_bytes_max = 64 * 1024};
    struct expr_frame frame = {.arena = compiler->scratch, .limits = &limits};

    if (!is_foldable(node) || compiler->folding || has_bare_names(node)) return false;
    struct compiler inner = {.scope = compiler->scope,
                             .plan = compiler->scratch,
                             .scratch = compiler->scratch,
                             .folding = true};
    compiler_tree(&inner, node);
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
    compiler_value(compiler, node, copy);
    return true;
}
