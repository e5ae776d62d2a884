/* parser_nodes.c - what every rule of the parser uses: tokens taken and missed, nodes made and grown. */
#include "expr/parser.h"

const struct token *parser_peek(const struct parser *parser)
{
    return &parser->tokens[parser->at];
}

/* Words like `div` are names wherever a name may stand. */
static bool is_operator_word(const struct token *token)
{
    return token->kind >= TOKEN_EQ && token->kind <= TOKEN_LT && token->text.len > 1 &&
           ((token->text.data[0] | 0x20) >= 'a' && (token->text.data[0] | 0x20) <= 'z');
}

bool parser_at(const struct parser *parser, enum token_kind kind)
{
    const struct token *token = parser_peek(parser);

    return token->kind == kind || (kind == TOKEN_IDENTIFIER && is_operator_word(token));
}

bool parser_at_word(const struct parser *parser, const char *word)
{
    const struct token *token = parser_peek(parser);

    return token->kind == TOKEN_IDENTIFIER &&
           slice_equal_ignoring_case(token->text, slice_of(word));
}

const struct token *parser_take(struct parser *parser)
{
    const struct token *token = parser_peek(parser);

    if (token->kind != TOKEN_END) parser->at++;
    return token;
}

bool parser_try(struct parser *parser, enum token_kind kind)
{
    if (!parser_at(parser, kind)) return false;
    parser_take(parser);
    return true;
}

void parser_fail(struct parser *parser, uint32_t at, const char *code, struct slice first)
{
    if (parser->problem->code != NULL || parser->status != STATUS_OK) return;
    *parser->problem = (struct syntax_problem){.at = at, .code = code, .first = first};
}

void parser_fail_bare(struct parser *parser, uint32_t at, const char *code, struct slice first)
{
    if (parser->problem->code != NULL || parser->status != STATUS_OK) return;
    *parser->problem =
        (struct syntax_problem){.at = at, .code = code, .first = first, .bare = true};
}

void parser_fail_expected(struct parser *parser, const struct token *token, struct slice expected)
{
    if (parser->problem->code != NULL || parser->status != STATUS_OK) return;
    if (token->kind == TOKEN_END) {
        parser_fail(parser, token->start, "EL1044E: Unexpectedly ran out of input",
                    (struct slice){0});
        return;
    }
    *parser->problem =
        (struct syntax_problem){.at = token->start,
                                .code = "EL1043E: Unexpected token. Expected '%' but was '%'",
                                .first = expected,
                                .second = slice_of(token_name(token->kind))};
}

void parser_eat(struct parser *parser, enum token_kind kind)
{
    if (parser_try(parser, kind)) return;
    parser_fail_expected(parser, parser_peek(parser), slice_of(token_name(kind)));
}

void parser_limit(struct parser *parser, const char *limit)
{
    if (parser->status != STATUS_OK) return;
    parser->status = STATUS_LIMIT;
    parser->problem->limit = limit;
    parser->problem->at = parser_peek(parser)->start;
}

struct node *parser_node(struct parser *parser, enum node_kind kind, uint32_t start)
{
    struct node *node = arena_zalloc(parser->arena, 1, sizeof(*node));

    if (node == NULL) {
        parser->status = STATUS_LIMIT;
        return &parser->none;
    }
    node->kind = kind;
    node->start = start;
    node->end = start;
    return node;
}

struct node *parser_error(struct parser *parser)
{
    return parser_node(parser, NODE_ERROR, parser_peek(parser)->start);
}

struct node *parser_close(struct parser *parser, struct node *node)
{
    if (parser->at > 0 && parser->tokens[parser->at - 1].end > node->start) {
        node->end = parser->tokens[parser->at - 1].end;
    }
    return node;
}

/* Children grow in powers of two; their array moves. */
static bool grow_children(struct parser *parser, struct node *node)
{
    uint32_t count = node->child_count;

    if ((count & (count - 1)) != 0) return true;
    uint32_t capacity = count == 0 ? 1 : count * 2;
    struct node **children = arena_alloc(parser->arena, capacity, sizeof(struct node *));
    if (count >= AST_CHILDREN_MAX) {
        parser_limit(parser, "A list, a map or a call has more than 4096 parts; make it of shorter "
                             "ones with #COLLECTION.concat or merge");
        return false;
    }
    if (children == NULL) {
        parser->status = STATUS_LIMIT;
        return false;
    }
    if (count > 0) memcpy(children, node->children, count * sizeof(struct node *));
    node->children = children;
    return true;
}

void parser_add(struct parser *parser, struct node *node, struct node *child)
{
    if (child == NULL) {
        parser_fail_bare(parser, node->start, "Operand must not be null", (struct slice){0});
        child = parser_error(parser);
    }
    if (parser->status != STATUS_OK || !grow_children(parser, node)) return;
    node->children[node->child_count++] = child;
    if (child->depth >= node->depth) node->depth = child->depth + 1;
    if (node->depth > AST_DEPTH_MAX) {
        parser_limit(parser,
                     "A chain of operators has more than 1000 parts; give parts of it names "
                     "with variables");
    }
}
