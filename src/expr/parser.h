/* parser.h - shared by parser.c and parser_primary.c: where the parser stands, and how it fails. */
#pragma once
#include "expr/ast.h"

struct parser {
    struct slice text;
    const struct token *tokens; /* the last one is END */
    uint32_t at;
    uint32_t depth;
    struct arena *arena;
    struct syntax_problem *problem; /* the first one wins */
    enum status status;             /* LIMIT ends the work */
    struct node none;               /* stands for a node there was no memory for */
};

/* Ends the work where the parser is: `limit` names the limit and what to do. */
void parser_limit(struct parser *parser, const char *limit);

/* NULL when there is no expression here; never NULL from parse_required. */
struct node *parse_expression(struct parser *parser);
struct node *parse_primary(struct parser *parser);

const struct token *parser_peek(const struct parser *parser);
bool parser_at(const struct parser *parser, enum token_kind kind);
bool parser_at_word(const struct parser *parser, const char *word);
const struct token *parser_take(struct parser *parser);

/* Takes a token of that kind if it is there. */
bool parser_try(struct parser *parser, enum token_kind kind);

/* Takes a token of that kind, or notes the problem and takes nothing. */
void parser_eat(struct parser *parser, enum token_kind kind);

/* Notes a problem if it is the first one. A bare message stands without text and position. */
void parser_fail(struct parser *parser, uint32_t at, const char *code, struct slice first);
void parser_fail_bare(struct parser *parser, uint32_t at, const char *code, struct slice first);
void parser_fail_expected(struct parser *parser, const struct token *token, struct slice expected);

struct node *parser_node(struct parser *parser, enum node_kind kind, uint32_t start);
struct node *parser_error(struct parser *parser);

/* Ends a node where the last taken token ended. */
struct node *parser_close(struct parser *parser, struct node *node);

/* A missing child becomes an ERROR node and a problem. */
void parser_add(struct parser *parser, struct node *node, struct node *child);
