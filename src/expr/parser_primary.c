/* parser_primary.c - tokens -> tree: literals, paths and their steps, lists, maps, T(...), new. */
#include "expr/parser.h"
#include "value/number.h"

/* --- literals ------------------------------------------------------------------------------------ */

static bool parse_digits(struct slice digits, uint32_t base, uint64_t max, int64_t *number)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < digits.len; i++) {
        uint8_t byte = digits.data[i];
        uint32_t digit = byte <= '9'   ? (uint32_t)byte - '0'
                         : byte >= 'a' ? (uint32_t)byte - 'a' + 10
                                       : (uint32_t)byte - 'A' + 10;
        if (sum > (max - digit) / base) return false;
        sum = sum * base + digit;
    }
    *number = (int64_t)sum;
    return true;
}

static struct value whole_literal(struct parser *parser, const struct token *token)
{
    bool hex = token->kind == TOKEN_LITERAL_HEXINT || token->kind == TOKEN_LITERAL_HEXLONG;
    bool is_long = token->kind == TOKEN_LITERAL_LONG || token->kind == TOKEN_LITERAL_HEXLONG;
    int64_t number = 0;

    if (!parse_digits(token->text, hex ? 16 : 10, is_long ? INT64_MAX : INT32_MAX, &number)) {
        parser_fail_bare(parser, token->start,
                         is_long ? "EL1036E: The value '%' cannot be parsed as a long"
                                 : "EL1035E: The value '%' cannot be parsed as an int",
                         token->text);
    }
    return is_long ? value_long(number) : value_integer((int32_t)number);
}

static struct value real_literal(struct parser *parser, const struct token *token)
{
    double number = 0;
    float narrow = 0;
    bool is_float = token->kind == TOKEN_LITERAL_REAL_FLOAT;
    enum status status = is_float ? number_parse_float(token->text, &narrow)
                                  : number_parse_double(token->text, &number);

    if (status != STATUS_OK) {
        parser_fail_bare(parser, token->start,
                         "EL1040E: The value '%' cannot be parsed as a double", token->text);
    }
    if (is_float) return (struct value){.kind = VALUE_FLOAT, .f64 = (double)narrow};
    return value_double(number);
}

static struct value string_literal(struct parser *parser, const struct token *token)
{
    struct slice raw = token->text;
    size_t end = raw.len >= 2 && raw.data[raw.len - 1] == raw.data[0] ? raw.len - 1 : raw.len;
    struct slice inside = {raw.data + 1, end - 1};

    if (memchr(inside.data, raw.data[0], inside.len) == NULL) return value_string(inside);
    uint8_t *copy = arena_alloc(parser->arena, inside.len, 1);
    size_t len = 0;
    if (copy == NULL) {
        parser->status = STATUS_LIMIT;
        return value_null();
    }
    for (size_t i = 0; i < inside.len; i++) {
        copy[len++] = inside.data[i];
        if (inside.data[i] == raw.data[0]) i++;
    }
    return value_string((struct slice){copy, len});
}

static struct node *parse_literal(struct parser *parser)
{
    const struct token *token = parser_peek(parser);
    struct value value;

    switch ((int)token->kind) {
    case TOKEN_LITERAL_INT:
    case TOKEN_LITERAL_LONG:
    case TOKEN_LITERAL_HEXINT:
    case TOKEN_LITERAL_HEXLONG: value = whole_literal(parser, token); break;
    case TOKEN_LITERAL_REAL:
    case TOKEN_LITERAL_REAL_FLOAT: value = real_literal(parser, token); break;
    case TOKEN_LITERAL_STRING: value = string_literal(parser, token); break;
    default:
        if (parser_at_word(parser, "true")) {
            value = value_boolean(true);
        } else if (parser_at_word(parser, "false")) {
            value = value_boolean(false);
        } else {
            return NULL;
        }
    }
    struct node *node = parser_node(parser, NODE_LITERAL, token->start);
    parser_take(parser);
    node->value = value;
    return parser_close(parser, node);
}

/* --- names and arguments ------------------------------------------------------------------------- */

/* The arguments of a call, from '(' to ')'. */
static void parse_arguments(struct parser *parser, struct node *node)
{
    uint32_t start = parser_peek(parser)->start;

    do {
        parser_take(parser);
        if (parser_at(parser, TOKEN_END)) break;
        if (!parser_at(parser, TOKEN_RPAREN)) parser_add(parser, node, parse_expression(parser));
    } while (parser_at(parser, TOKEN_COMMA) && parser->status == STATUS_OK);
    if (parser_at(parser, TOKEN_END)) {
        parser_fail(parser, start, "EL1051E: Unexpectedly ran out of arguments", (struct slice){0});
    }
    parser_eat(parser, TOKEN_RPAREN);
}

static struct node *parse_member(struct parser *parser, bool null_safe)
{
    const struct token *token = parser_take(parser);
    bool call = parser_at(parser, TOKEN_LPAREN);
    struct node *node = parser_node(parser, call ? NODE_METHOD : NODE_PROPERTY, token->start);

    node->name = token->text;
    node->null_safe = null_safe;
    if (call) parse_arguments(parser, node);
    return parser_close(parser, node);
}

static struct node *parse_variable(struct parser *parser)
{
    uint32_t start = parser_take(parser)->start;
    const struct token *token = parser_peek(parser);

    bool name = parser_at(parser, TOKEN_IDENTIFIER);
    parser_eat(parser, TOKEN_IDENTIFIER);
    bool call = parser_at(parser, TOKEN_LPAREN);
    struct node *node = parser_node(parser, call ? NODE_FUNCTION : NODE_VARIABLE, start);
    node->name = name ? token->text : (struct slice){0};
    if (call) parse_arguments(parser, node);
    return parser_close(parser, node);
}

static bool is_name_piece(const struct token *token)
{
    if (token->kind == TOKEN_DOT || token->kind == TOKEN_IDENTIFIER) return true;
    /* Words like `div` are operators elsewhere. */
    return token->text.len > 0 && token->kind != TOKEN_LITERAL_STRING &&
           ((token->text.data[0] >= 'a' && token->text.data[0] <= 'z') ||
            (token->text.data[0] >= '0' && token->text.data[0] <= '9'));
}

/* a.b.C, as one slice of the text. */
static struct slice parse_qualified_name(struct parser *parser)
{
    const struct token *first = parser_peek(parser);
    uint32_t end = first->start;

    while (is_name_piece(parser_peek(parser)))
        end = parser_take(parser)->end;
    if (end == first->start) {
        parser_fail_expected(parser, first, SLICE("qualified ID"));
    }
    return (struct slice){parser->text.data + first->start, end - first->start};
}

static struct node *parse_type(struct parser *parser)
{
    const struct token *token = parser_take(parser);

    if (parser_at(parser, TOKEN_RSQUARE)) {
        struct node *property = parser_node(parser, NODE_PROPERTY, token->start);
        property->name = token->text;
        return parser_close(parser, property);
    }
    struct node *node = parser_node(parser, NODE_TYPE, token->start);
    parser_eat(parser, TOKEN_LPAREN);
    node->name = parse_qualified_name(parser);
    while (parser_try(parser, TOKEN_LSQUARE)) {
        parser_eat(parser, TOKEN_RSQUARE);
        node->dimensions++;
    }
    parser_eat(parser, TOKEN_RPAREN);
    return parser_close(parser, node);
}

static struct node *parse_inline(struct parser *parser);

static void parse_dimensions(struct parser *parser, struct node *node)
{
    while (parser_try(parser, TOKEN_LSQUARE)) {
        if (!parser_at(parser, TOKEN_RSQUARE)) {
            parser_add(parser, node, parse_expression(parser));
        }
        parser_eat(parser, TOKEN_RSQUARE);
    }
    if (parser_at(parser, TOKEN_LCURLY)) parser_add(parser, node, parse_inline(parser));
}

static struct node *parse_new(struct parser *parser)
{
    const struct token *token = parser_take(parser);

    if (parser_at(parser, TOKEN_RSQUARE)) {
        struct node *property = parser_node(parser, NODE_PROPERTY, token->start);
        property->name = token->text;
        return parser_close(parser, property);
    }
    struct node *node = parser_node(parser, NODE_NEW, token->start);
    node->name = parse_qualified_name(parser);
    if (parser_at(parser, TOKEN_LSQUARE)) {
        node->kind = NODE_NEW_ARRAY;
        parse_dimensions(parser, node);
    } else if (parser_at(parser, TOKEN_LPAREN)) {
        parse_arguments(parser, node);
    } else {
        parser_fail(parser, parser_peek(parser)->start,
                    "EL1050E: The arguments '(...)' for the constructor call are missing",
                    (struct slice){0});
    }
    return parser_close(parser, node);
}

static struct node *parse_bean(struct parser *parser)
{
    const struct token *token = parser_take(parser);
    struct node *node = parser_node(parser, NODE_BEAN, token->start);

    if (parser_at(parser, TOKEN_IDENTIFIER) || parser_at(parser, TOKEN_LITERAL_STRING)) {
        node->name = parser_take(parser)->text;
    } else {
        parser_fail(parser, token->start,
                    "EL1059E: @ or & can only be followed by an identifier or a quoted name",
                    (struct slice){0});
    }
    return parser_close(parser, node);
}

/* --- brackets and braces ------------------------------------------------------------------------- */

static struct node *required(struct parser *parser, struct node *node)
{
    if (node != NULL) return node;
    parser_fail_bare(parser, parser_peek(parser)->start, "No node", (struct slice){0});
    return parser_error(parser);
}

/* ![...], ?[...], ^[...], $[...] and [...] */
static struct node *parse_bracketed(struct parser *parser, bool null_safe)
{
    const struct token *token = parser_take(parser);
    struct node *node = parser_node(parser, NODE_SELECT, token->start);

    node->null_safe = null_safe;
    if (token->kind == TOKEN_PROJECT) node->kind = NODE_PROJECT;
    if (token->kind == TOKEN_LSQUARE) node->kind = NODE_INDEX;
    if (token->kind == TOKEN_SELECT_FIRST) node->select = SELECT_FIRST;
    if (token->kind == TOKEN_SELECT_LAST) node->select = SELECT_LAST;
    struct node *inside = parse_expression(parser);
    if (inside == NULL && node->kind == NODE_SELECT) {
        parser_fail(parser, token->start,
                    "EL1071E: A required selection expression has not been specified",
                    (struct slice){0});
        inside = parser_error(parser);
    }
    parser_add(parser, node, required(parser, inside));
    parser_eat(parser, TOKEN_RSQUARE);
    return parser_close(parser, node);
}

static bool at_bracket(const struct parser *parser)
{
    return parser_at(parser, TOKEN_PROJECT) || parser_at(parser, TOKEN_SELECT) ||
           parser_at(parser, TOKEN_SELECT_FIRST) || parser_at(parser, TOKEN_SELECT_LAST);
}

static struct node *parse_parenthesis(struct parser *parser)
{
    parser_take(parser);
    struct node *node = required(parser, parse_expression(parser));
    parser_eat(parser, TOKEN_RPAREN);
    return node;
}

static struct node *parse_map_rest(struct parser *parser, struct node *map)
{
    map->kind = NODE_MAP;
    parser_add(parser, map, parse_expression(parser));
    while (parser_try(parser, TOKEN_COMMA) && parser->status == STATUS_OK) {
        parser_add(parser, map, parse_expression(parser));
        parser_eat(parser, TOKEN_COLON);
        parser_add(parser, map, parse_expression(parser));
    }
    parser_eat(parser, TOKEN_RCURLY);
    return parser_close(parser, map);
}

/* {a, b} is a list, {k: v} a map, {:} an empty map. */
static struct node *parse_inline(struct parser *parser)
{
    uint32_t start = parser_take(parser)->start;
    struct node *node = parser_node(parser, NODE_LIST, start);

    if (parser_try(parser, TOKEN_RCURLY)) return parser_close(parser, node);
    if (parser_try(parser, TOKEN_COLON)) {
        node->kind = NODE_MAP;
        parser_eat(parser, TOKEN_RCURLY);
        return parser_close(parser, node);
    }
    struct node *first = parse_expression(parser);
    if (parser_at(parser, TOKEN_RCURLY) || parser_at(parser, TOKEN_COMMA)) {
        parser_add(parser, node, first);
        while (parser_try(parser, TOKEN_COMMA) && parser->status == STATUS_OK) {
            parser_add(parser, node, parse_expression(parser));
        }
        parser_eat(parser, TOKEN_RCURLY);
        return parser_close(parser, node);
    }
    if (parser_try(parser, TOKEN_COLON)) {
        parser_add(parser, node, first);
        return parse_map_rest(parser, node);
    }
    parser_fail(parser, start, "EL1044E: Unexpectedly ran out of input", (struct slice){0});
    if (first != NULL) parser_add(parser, node, first);
    return parser_close(parser, node);
}

/* --- paths --------------------------------------------------------------------------------------- */

static struct node *parse_start(struct parser *parser)
{
    struct node *literal = parse_literal(parser);
    const struct token *token = parser_peek(parser);

    if (literal != NULL) return literal;
    if (token->kind == TOKEN_LPAREN) return parse_parenthesis(parser);
    if (token->kind == TOKEN_HASH) return parse_variable(parser);
    if (token->kind == TOKEN_LCURLY) return parse_inline(parser);
    if (token->kind == TOKEN_BEAN_REF || token->kind == TOKEN_FACTORY_BEAN_REF) {
        return parse_bean(parser);
    }
    if (at_bracket(parser) || token->kind == TOKEN_LSQUARE) return parse_bracketed(parser, false);
    if (!parser_at(parser, TOKEN_IDENTIFIER)) return NULL;
    if (slice_equal(token->text, SLICE("T"))) return parse_type(parser);
    if (parser_at_word(parser, "null")) {
        parser_take(parser);
        return parser_close(parser, parser_node(parser, NODE_LITERAL, token->start));
    }
    return parser_at_word(parser, "new") ? parse_new(parser) : parse_member(parser, false);
}

static struct node *parse_dotted_step(struct parser *parser)
{
    const struct token *dot = parser_take(parser);
    bool null_safe = dot->kind == TOKEN_SAFE_NAVIGATION;

    if (parser_at(parser, TOKEN_IDENTIFIER)) return parse_member(parser, null_safe);
    if (parser_at(parser, TOKEN_HASH)) return parse_variable(parser);
    if (at_bracket(parser)) return parse_bracketed(parser, null_safe);
    if (parser_at(parser, TOKEN_END)) {
        parser_fail(parser, dot->start, "EL1044E: Unexpectedly ran out of input",
                    (struct slice){0});
    } else {
        parser_fail(parser, dot->start, "EL1049E: Unexpected data after '.': '%'",
                    token_shown(parser_peek(parser)));
    }
    return parser_error(parser);
}

struct node *parse_primary(struct parser *parser)
{
    uint32_t start_at = parser_peek(parser)->start;
    struct node *start = parse_start(parser);
    struct node *path = NULL;

    while (parser_at(parser, TOKEN_DOT) || parser_at(parser, TOKEN_SAFE_NAVIGATION) ||
           parser_at(parser, TOKEN_LSQUARE)) {
        struct node *step = parser_at(parser, TOKEN_LSQUARE) ? parse_bracketed(parser, false)
                                                             : parse_dotted_step(parser);
        if (parser->status != STATUS_OK) return NULL;
        if (start == NULL) continue;
        if (path == NULL) {
            path = parser_node(parser, NODE_PATH, start_at);
            parser_add(parser, path, start);
        }
        parser_add(parser, path, step);
    }
    return path != NULL ? parser_close(parser, path) : start;
}
