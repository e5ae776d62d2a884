/* ast.h - the tree of an expression: made by the parser, typed by the typer, walked by the compiler.
 *
 * Every text gives a tree; what could not be read is an ERROR node. Spans are byte offsets.
 * Chains like `#a.b[c]` are flat: a PATH with the start and the steps as children, each step
 * working on what the one before gave.
 */
#pragma once
#include "expr/lexer.h"

enum node_kind {
    NODE_ERROR,     /* children: what could be read */
    NODE_LITERAL,   /* value */
    NODE_VARIABLE,  /* name, without '#' */
    NODE_FUNCTION,  /* #name(children) */
    NODE_PROPERTY,  /* name; alone it means a member of the element at hand */
    NODE_METHOD,    /* name(children) */
    NODE_INDEX,     /* [child] */
    NODE_SELECT,    /* select[child] */
    NODE_PROJECT,   /* ![child] */
    NODE_PATH,      /* start, steps... */
    NODE_LIST,      /* {children} */
    NODE_MAP,       /* {key: value, ...}: children alternate */
    NODE_UNARY,     /* op child */
    NODE_BINARY,    /* child op child */
    NODE_TERNARY,   /* child ? child : child */
    NODE_ELVIS,     /* child ?: child */
    NODE_ASSIGN,    /* child = child */
    NODE_TYPE,      /* T(name), with `dimensions` pairs of brackets */
    NODE_NEW,       /* new name(children) */
    NODE_NEW_ARRAY, /* new name[...] */
    NODE_BEAN       /* @name */
};

enum operator{
#define OPERATOR(name, spelling) OPERATOR_##name,
#include "expr/operators.def"
#undef OPERATOR
    OPERATOR_COUNT
};

enum select_kind { SELECT_ALL, SELECT_FIRST, SELECT_LAST };

struct node {
    enum node_kind kind;
    uint32_t start;
    uint32_t end;
    enum operator op;
    enum select_kind select;
    bool null_safe;      /* ?. before a step */
    bool static_context; /* the typer: a class, not an instance of it */
    uint32_t dimensions;
    uint32_t depth; /* height of the tree below, for the limit */
    struct slice name;
    struct value value;
    struct node **children;
    uint32_t child_count;
    const struct type *type; /* the typer's */
};

enum {
    AST_DEPTH_MAX = 1000,   /* height of a tree: long chains of the same operator */
    AST_CHILDREN_MAX = 4096 /* items of one list, arguments of one call */
};

/* Parses `text`, which must live as long as the tree. `problem->code` tells whether it is clean.
 * fails    LIMIT: the arena is full, or EXPR_DEPTH_MAX, AST_DEPTH_MAX, AST_CHILDREN_MAX */
enum status parser_run(struct slice text, struct arena *arena, struct node **root,
                       struct syntax_problem *problem) MUST_USE;

/* Appends the original's canonical text of a tree, for messages that quote a part. */
void ast_to_text(const struct node *node, struct buffer *out);

const char *operator_spelling(enum operator op);
