/* parser.c - tokens -> tree: operators, by recursive descent, weakest first.
 *
 * Grammar, precedence and messages are those of Spring's expression parser. Unlike it this one goes
 * on after a problem: what is missing becomes an ERROR node, so that completion and checks have a
 * tree to work on. Only the first problem is shown, since later ones mostly follow from it.
 */
#include "expr/parser.h"

static const char *const operator_spellings[OPERATOR_COUNT] = {
#define OPERATOR(name, spelling) spelling,
#include "expr/operators.def"
#undef OPERATOR
};

const char *operator_spelling(enum operator op)
{
    ASSERT(op < OPERATOR_COUNT);
    return operator_spellings[op];
}

/* --- operators ----------------------------------------------------------------------------------- */

static struct node *make_binary(struct parser *parser, enum operator op, struct node *left,
                                struct node *right)
{
    struct node *node =
        parser_node(parser, NODE_BINARY, left != NULL ? left->start : parser_peek(parser)->start);

    node->op = op;
    parser_add(parser, node, left);
    parser_add(parser, node, right);
    return parser_close(parser, node);
}

static void check_operands(struct parser *parser, const struct token *token,
                           const struct node *left, const struct node *right)
{
    if (left == NULL) {
        parser_fail(parser, token->start, "EL1070E: Problem parsing left operand",
                    (struct slice){0});
    }
    if (right == NULL) {
        parser_fail(parser, token->start, "EL1042E: Problem parsing right operand",
                    (struct slice){0});
    }
}

static struct node *make_unary(struct parser *parser, enum operator op, uint32_t start,
                               struct node *child)
{
    struct node *node = parser_node(parser, NODE_UNARY, start);

    node->op = op;
    parser_add(parser, node, child);
    return parser_close(parser, node);
}

static struct node *parse_unary(struct parser *parser)
{
    static const struct {
        enum token_kind token;
        enum operator op;
    } prefixes[] = {{TOKEN_PLUS, OPERATOR_ADD},
                    {TOKEN_MINUS, OPERATOR_SUBTRACT},
                    {TOKEN_NOT, OPERATOR_NOT},
                    {TOKEN_INC, OPERATOR_INCREMENT},
                    {TOKEN_DEC, OPERATOR_DECREMENT}};

    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        if (!parser_at(parser, prefixes[i].token)) continue;
        uint32_t start = parser_take(parser)->start;
        if (parser->depth >= EXPR_DEPTH_MAX * 4) {
            parser_limit(parser, "More than 256 signs stand in a row; take some away");
            return NULL;
        }
        parser->depth++;
        struct node *child = parse_unary(parser);
        parser->depth--;
        if (child == NULL) {
            parser_fail_bare(parser, start, "No node", (struct slice){0});
            child = parser_error(parser);
        }
        return make_unary(parser, prefixes[i].op, start, child);
    }
    return parse_primary(parser);
}

static struct node *parse_power(struct parser *parser)
{
    struct node *left = parse_unary(parser);

    if (parser_at(parser, TOKEN_POWER)) {
        const struct token *token = parser_take(parser);
        struct node *right = parse_unary(parser);
        if (right == NULL) check_operands(parser, token, parser_error(parser), right);
        return make_binary(parser, OPERATOR_POWER, left, right);
    }
    if (left != NULL && (parser_at(parser, TOKEN_INC) || parser_at(parser, TOKEN_DEC))) {
        bool up = parser_take(parser)->kind == TOKEN_INC;
        return make_unary(parser, up ? OPERATOR_INCREMENT : OPERATOR_DECREMENT, left->start, left);
    }
    return left;
}

static struct node *parse_product(struct parser *parser)
{
    struct node *left = parse_power(parser);

    while (parser_at(parser, TOKEN_STAR) || parser_at(parser, TOKEN_DIV) ||
           parser_at(parser, TOKEN_MOD)) {
        const struct token *token = parser_take(parser);
        struct node *right = parse_power(parser);
        check_operands(parser, token, left, right);
        left = make_binary(parser,
                           token->kind == TOKEN_STAR  ? OPERATOR_MULTIPLY
                           : token->kind == TOKEN_DIV ? OPERATOR_DIVIDE
                                                      : OPERATOR_REMAINDER,
                           left, right);
        if (parser->status != STATUS_OK) break;
    }
    return left;
}

static struct node *parse_sum(struct parser *parser)
{
    struct node *left = parse_product(parser);

    while (parser_at(parser, TOKEN_PLUS) || parser_at(parser, TOKEN_MINUS) ||
           parser_at(parser, TOKEN_INC)) {
        const struct token *token = parser_take(parser);
        struct node *right = parse_product(parser);
        check_operands(parser, token, left, right);
        left = make_binary(parser, token->kind == TOKEN_MINUS ? OPERATOR_SUBTRACT : OPERATOR_ADD,
                           left, right);
        if (parser->status != STATUS_OK) break;
    }
    return left;
}

static enum operator relational_at(const struct parser *parser)
{
    switch ((int)parser_peek(parser)->kind) {
    case TOKEN_EQ: return OPERATOR_EQ;
    case TOKEN_NE: return OPERATOR_NE;
    case TOKEN_LT: return OPERATOR_LT;
    case TOKEN_LE: return OPERATOR_LE;
    case TOKEN_GT: return OPERATOR_GT;
    case TOKEN_GE: return OPERATOR_GE;
    default: break;
    }
    if (parser_at_word(parser, "instanceof")) return OPERATOR_INSTANCEOF;
    if (parser_at_word(parser, "matches")) return OPERATOR_MATCHES;
    return parser_at_word(parser, "between") ? OPERATOR_BETWEEN : OPERATOR_NONE;
}

/* Relations do not chain: `1 < 2 < 3` leaves its rest behind. */
static struct node *parse_relation(struct parser *parser)
{
    struct node *left = parse_sum(parser);
    enum operator op = relational_at(parser);

    if (op == OPERATOR_NONE) return left;
    const struct token *token = parser_take(parser);
    struct node *right = parse_sum(parser);
    check_operands(parser, token, left, right);
    return make_binary(parser, op, left, right);
}

static struct node *parse_and(struct parser *parser)
{
    struct node *left = parse_relation(parser);

    while (parser_at(parser, TOKEN_SYMBOLIC_AND) || parser_at_word(parser, "and")) {
        const struct token *token = parser_take(parser);
        struct node *right = parse_relation(parser);
        check_operands(parser, token, left, right);
        left = make_binary(parser, OPERATOR_AND, left, right);
        if (parser->status != STATUS_OK) break;
    }
    return left;
}

static struct node *parse_or(struct parser *parser)
{
    struct node *left = parse_and(parser);

    while (parser_at(parser, TOKEN_SYMBOLIC_OR) || parser_at_word(parser, "or")) {
        const struct token *token = parser_take(parser);
        struct node *right = parse_and(parser);
        check_operands(parser, token, left, right);
        left = make_binary(parser, OPERATOR_OR, left, right);
        if (parser->status != STATUS_OK) break;
    }
    return left;
}

/* Where the original puts a null for what is missing. */
static struct node *or_null(struct parser *parser, struct node *node)
{
    return node != NULL ? node : parser_node(parser, NODE_LITERAL, parser_peek(parser)->start);
}

static struct node *parse_choice(struct parser *parser)
{
    struct node *left = parse_or(parser);

    if (parser_try(parser, TOKEN_ASSIGN)) {
        left = or_null(parser, left);
        struct node *node = parser_node(parser, NODE_ASSIGN, left->start);
        parser_add(parser, node, left);
        parser_add(parser, node, parse_or(parser));
        return parser_close(parser, node);
    }
    if (parser_try(parser, TOKEN_ELVIS)) {
        left = or_null(parser, left);
        struct node *node = parser_node(parser, NODE_ELVIS, left->start);
        parser_add(parser, node, left);
        parser_add(parser, node, or_null(parser, parse_expression(parser)));
        return parser_close(parser, node);
    }
    if (parser_try(parser, TOKEN_QMARK)) {
        left = or_null(parser, left);
        struct node *node = parser_node(parser, NODE_TERNARY, left->start);
        parser_add(parser, node, left);
        struct node *on_true = parse_expression(parser);
        parser_eat(parser, TOKEN_COLON);
        struct node *on_false = parse_expression(parser);
        parser_add(parser, node, on_true);
        parser_add(parser, node, on_false);
        return parser_close(parser, node);
    }
    return left;
}

struct node *parse_expression(struct parser *parser)
{
    if (parser->depth >= EXPR_DEPTH_MAX) {
        parser_limit(parser, "The expression is nested more than 64 levels deep; give parts of it "
                             "names with variables");
    }
    if (parser->status != STATUS_OK) return NULL;
    parser->depth++;
    struct node *node = parse_choice(parser);
    parser->depth--;
    return node;
}

/* What is left behind a whole expression is read too, so that completion sees it. */
static struct node *parse_rest(struct parser *parser, struct node *first)
{
    struct node *node = parser_node(parser, NODE_ERROR, 0);

    if (first != NULL) parser_add(parser, node, first);
    while (!parser_at(parser, TOKEN_END) && parser->status == STATUS_OK) {
        uint32_t before = parser->at;
        struct node *next = parse_expression(parser);
        if (next != NULL) parser_add(parser, node, next);
        if (parser->at == before) parser_take(parser);
    }
    return parser_close(parser, node);
}

static struct node *parse_all(struct parser *parser)
{
    struct node *node = parse_expression(parser);

    if (node == NULL) {
        parser_fail_bare(parser, 0, "No node", (struct slice){0});
    } else if (!parser_at(parser, TOKEN_END) && parser->problem->code == NULL) {
        parser_fail_bare(
            parser, parser_peek(parser)->start,
            "EL1041E: After parsing a valid expression, there is still more data in the "
            "expression: '%'",
            token_shown(parser_peek(parser)));
    }
    bool clean = node != NULL && parser_at(parser, TOKEN_END);
    return clean ? node : parse_rest(parser, node);
}

enum status parser_run(struct slice text, struct arena *arena, struct node **root,
                       struct syntax_problem *problem)
{
    struct parser parser = {.text = text, .arena = arena, .problem = problem};
    struct arena scratch;
    struct token *tokens;
    uint32_t token_count;

    *problem = (struct syntax_problem){0};
    if (text.len > EXPR_TEXT_BYTES_MAX) return STATUS_LIMIT;
    arena_init(&scratch, (EXPR_TEXT_BYTES_MAX + 1) * sizeof(struct token) + ARENA_CHUNK_BYTES);
    parser.status = lexer_run(text, &scratch, &tokens, &token_count, problem);
    if (parser.status == STATUS_OK) {
        parser.tokens = tokens;
        *root = parse_all(&parser);
    }
    arena_deinit(&scratch);
    return parser.status;
}
