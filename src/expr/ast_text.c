/* ast_text.c - a tree as the original prints it in messages: "1 / 0", "foo(1,2)". */
#include "expr/ast.h"

static void append_children(const struct node *node, uint32_t first, const char *between,
                            struct buffer *out)
{
    for (uint32_t i = first; i < node->child_count; i++) {
        if (i > first) buffer_append_text(out, between);
        ast_to_text(node->children[i], out);
    }
}

static void append_literal(struct value value, struct buffer *out)
{
    if (value.kind != VALUE_STRING) {
        value_to_text(value, out);
        return;
    }
    buffer_append_byte(out, '\'');
    for (uint32_t i = 0; i < value.len; i++) {
        if (value.text[i] == '\'') buffer_append_byte(out, '\'');
        buffer_append_byte(out, value.text[i]);
    }
    buffer_append_byte(out, '\'');
}

static void append_path(const struct node *node, struct buffer *out)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct node *step = node->children[i];
        if (i > 0 && step->kind != NODE_INDEX) {
            buffer_append_text(out, step->null_safe ? "?." : ".");
        }
        ast_to_text(step, out);
    }
}

static void append_operator(const struct node *node, struct buffer *out)
{
    if (node->child_count == 1) {
        buffer_append_text(out, operator_spelling(node->op));
        ast_to_text(node->children[0], out);
        return;
    }
    buffer_append_byte(out, '(');
    ast_to_text(node->children[0], out);
    buffer_append_byte(out, ' ');
    buffer_append_text(out, operator_spelling(node->op));
    buffer_append_byte(out, ' ');
    ast_to_text(node->children[1], out);
    buffer_append_byte(out, ')');
}

static void append_wrapped(const struct node *node, const char *open, const char *close,
                           struct buffer *out)
{
    buffer_append_text(out, open);
    append_children(node, 0, ",", out);
    buffer_append_text(out, close);
}

static void append_map(const struct node *node, struct buffer *out)
{
    buffer_append_byte(out, '{');
    for (uint32_t i = 0; i + 1 < node->child_count; i += 2) {
        if (i > 0) buffer_append_byte(out, ',');
        ast_to_text(node->children[i], out);
        buffer_append_byte(out, ':');
        ast_to_text(node->children[i + 1], out);
    }
    buffer_append_byte(out, '}');
}

static const char *select_prefix(const struct node *node)
{
    if (node->kind == NODE_PROJECT) return "![";
    if (node->select == SELECT_FIRST) return "^[";
    return node->select == SELECT_LAST ? "$[" : "?[";
}

static void append_named(const struct node *node, const char *prefix, struct buffer *out)
{
    buffer_append_text(out, prefix);
    buffer_append(out, node->name);
    if (node->kind == NODE_METHOD || node->kind == NODE_FUNCTION || node->kind == NODE_NEW) {
        append_wrapped(node, "(", ")", out);
    }
}

void ast_to_text(const struct node *node, struct buffer *out)
{
    switch (node->kind) {
    case NODE_ERROR: append_children(node, 0, " ", out); return;
    case NODE_LITERAL: append_literal(node->value, out); return;
    case NODE_VARIABLE:
    case NODE_FUNCTION: append_named(node, "#", out); return;
    case NODE_PROPERTY:
    case NODE_METHOD: append_named(node, "", out); return;
    case NODE_INDEX: append_wrapped(node, "[", "]", out); return;
    case NODE_SELECT:
    case NODE_PROJECT: append_wrapped(node, select_prefix(node), "]", out); return;
    case NODE_PATH: append_path(node, out); return;
    case NODE_LIST: append_wrapped(node, "{", "}", out); return;
    case NODE_MAP: append_map(node, out); return;
    case NODE_UNARY:
    case NODE_BINARY: append_operator(node, out); return;
    case NODE_TERNARY:
        ast_to_text(node->children[0], out);
        buffer_append_text(out, " ? ");
        append_children(node, 1, " : ", out);
        return;
    case NODE_ELVIS: append_children(node, 0, " ?: ", out); return;
    case NODE_ASSIGN: append_children(node, 0, "=", out); return;
    case NODE_TYPE:
        append_named(node, "T(", out);
        buffer_append_byte(out, ')');
        return;
    case NODE_NEW:
    case NODE_NEW_ARRAY: append_named(node, "new ", out); return;
    case NODE_BEAN: append_named(node, "@", out); return;
    }
    UNREACHABLE("node kind outside the enum");
}
