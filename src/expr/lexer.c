/* lexer.c - cuts an expression into tokens. One pass, no look-back. */
#include "expr/lexer.h"

struct token_row {
    const char *name;
    const char *spelling;
};

static const struct token_row token_rows[TOKEN_COUNT] = {
#define TOKEN(kind, name, spelling) {name, spelling},
#include "expr/tokens.def"
#undef TOKEN
};

struct lexer {
    struct slice text;
    size_t at;
    struct token *tokens;
    uint32_t count;
    struct syntax_problem *problem;
};

const char *token_name(enum token_kind kind)
{
    ASSERT(kind < TOKEN_COUNT);
    return token_rows[kind].name;
}

struct slice token_shown(const struct token *token)
{
    bool payload = token->kind >= TOKEN_LITERAL_INT && token->kind <= TOKEN_IDENTIFIER;

    return payload ? token->text : slice_of(token_name(token->kind));
}

static void fail(struct lexer *lexer, size_t at, const char *code, struct slice first, bool bare)
{
    if (lexer->problem->code != NULL) return;
    *lexer->problem =
        (struct syntax_problem){.at = (uint32_t)at, .code = code, .first = first, .bare = bare};
}

static int peek(const struct lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;

    return at < lexer->text.len ? lexer->text.data[at] : -1;
}

static bool is_alpha(int byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex(int byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool is_either(int byte, char left, char right)
{
    return byte == left || byte == right;
}

static struct slice span(const struct lexer *lexer, size_t start, size_t end)
{
    return (struct slice){lexer->text.data + start, end - start};
}

static void push(struct lexer *lexer, enum token_kind kind, size_t start, struct slice text)
{
    lexer->tokens[lexer->count++] = (struct token){
        .kind = kind, .start = (uint32_t)start, .end = (uint32_t)lexer->at, .text = text};
}

/* Words that mean operators, in any case. */
static enum token_kind operator_word(struct slice word)
{
    static const struct {
        const char *word;
        enum token_kind kind;
    } words[] = {{"div", TOKEN_DIV}, {"eq", TOKEN_EQ}, {"ge", TOKEN_GE},
                 {"gt", TOKEN_GT},   {"le", TOKEN_LE}, {"lt", TOKEN_LT},
                 {"mod", TOKEN_MOD}, {"ne", TOKEN_NE}, {"not", TOKEN_NOT}};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (slice_equal_ignoring_case(word, slice_of(words[i].word))) return words[i].kind;
    }
    return TOKEN_IDENTIFIER;
}

static void lex_identifier(struct lexer *lexer)
{
    size_t start = lexer->at;

    while (is_alpha(peek(lexer, 0)) || is_digit(peek(lexer, 0)) ||
           is_either(peek(lexer, 0), '_', '$')) {
        lexer->at++;
    }
    struct slice word = span(lexer, start, lexer->at);
    push(lexer, operator_word(word), start, word);
}

/* A quote inside is written twice. */
static void lex_string(struct lexer *lexer, int quote)
{
    size_t start = lexer->at++;

    for (;;) {
        int byte = peek(lexer, 0);
        if (byte < 0) {
            fail(lexer, start,
                 quote == '"' ? "EL1045E: Cannot find terminating \" for string"
                              : "EL1046E: Cannot find terminating ' for string",
                 (struct slice){0}, false);
            push(lexer, TOKEN_LITERAL_STRING, start, span(lexer, start, lexer->at));
            return;
        }
        lexer->at++;
        if (byte != quote) continue;
        if (peek(lexer, 0) != quote) break;
        lexer->at++;
    }
    push(lexer, TOKEN_LITERAL_STRING, start, span(lexer, start, lexer->at));
}

static void lex_hex(struct lexer *lexer)
{
    size_t start = lexer->at;

    lexer->at += 2;
    while (is_hex(peek(lexer, 0)))
        lexer->at++;
    struct slice digits = span(lexer, start + 2, lexer->at);
    bool is_long = is_either(peek(lexer, 0), 'l', 'L');
    if (is_long) lexer->at++;
    if (digits.len == 0) {
        fail(lexer, start,
             is_long ? "EL1036E: The value '%' cannot be parsed as a long"
                     : "EL1035E: The value '%' cannot be parsed as an int",
             span(lexer, start, lexer->at), false);
    }
    push(lexer, is_long ? TOKEN_LITERAL_HEXLONG : TOKEN_LITERAL_HEXINT, start, digits);
}

static void skip_digits(struct lexer *lexer)
{
    while (is_digit(peek(lexer, 0)))
        lexer->at++;
}

/* True when a point with digits behind it, or an exponent, made the number a real one. */
static bool lex_real_part(struct lexer *lexer)
{
    bool real = peek(lexer, 0) == '.' && is_digit(peek(lexer, 1));

    if (real) {
        lexer->at++;
        skip_digits(lexer);
    }
    if (is_either(peek(lexer, 0), 'e', 'E')) {
        lexer->at++;
        if (is_either(peek(lexer, 0), '+', '-')) lexer->at++;
        skip_digits(lexer);
        real = true;
    }
    return real;
}

static void lex_number(struct lexer *lexer)
{
    size_t start = lexer->at;

    if (peek(lexer, 0) == '0' && is_either(peek(lexer, 1), 'x', 'X')) {
        lex_hex(lexer);
        return;
    }
    skip_digits(lexer);
    bool real = lex_real_part(lexer);
    struct slice digits = span(lexer, start, lexer->at);
    int suffix = peek(lexer, 0);
    if (is_either(suffix, 'l', 'L')) {
        if (real) {
            fail(lexer, start, "EL1048E: Real number cannot be suffixed with long",
                 (struct slice){0}, false);
        }
        lexer->at++;
        push(lexer, TOKEN_LITERAL_LONG, start, digits);
    } else if (is_either(suffix, 'f', 'F')) {
        lexer->at++;
        push(lexer, TOKEN_LITERAL_REAL_FLOAT, start, digits);
    } else if (is_either(suffix, 'd', 'D')) {
        lexer->at++;
        push(lexer, TOKEN_LITERAL_REAL, start, digits);
    } else {
        push(lexer, real ? TOKEN_LITERAL_REAL : TOKEN_LITERAL_INT, start, digits);
    }
}

static bool lex_symbol(struct lexer *lexer)
{
    for (uint32_t kind = TOKEN_SELECT_FIRST; kind < TOKEN_COUNT; kind++) {
        struct slice spelling = slice_of(token_rows[kind].spelling);
        size_t start = lexer->at;
        if (lexer->text.len - start < spelling.len ||
            memcmp(lexer->text.data + start, spelling.data, spelling.len) != 0) {
            continue;
        }
        lexer->at += spelling.len;
        push(lexer, (enum token_kind)kind, start, spelling);
        return true;
    }
    return false;
}

/* A character no token starts with: a problem; its bytes are skipped. */
static void lex_stray(struct lexer *lexer)
{
    size_t start = lexer->at++;

    while (lexer->at < lexer->text.len && (lexer->text.data[lexer->at] & 0xC0) == 0x80) {
        lexer->at++;
    }
    struct slice stray = span(lexer, start, lexer->at);
    if (stray.data[0] == '\\') {
        fail(lexer, start, "EL1065E: Unexpected escape character", (struct slice){0}, false);
    } else if (stray.data[0] == '|') {
        fail(lexer, start, "EL1069E: Missing expected character '%'", SLICE("|"), false);
    } else {
        fail(lexer, start, "Cannot handle (@) '%'", stray, true);
    }
}

static void lex_one(struct lexer *lexer)
{
    int byte = peek(lexer, 0);

    if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
        lexer->at++;
    } else if (is_alpha(byte) || byte == '_' || (byte == '$' && peek(lexer, 1) != '[')) {
        lex_identifier(lexer);
    } else if (is_digit(byte)) {
        lex_number(lexer);
    } else if (byte == '\'' || byte == '"') {
        lex_string(lexer, byte);
    } else if (!lex_symbol(lexer)) {
        lex_stray(lexer);
    }
}

enum status lexer_run(struct slice text, struct arena *arena, struct token **tokens,
                      uint32_t *token_count, struct syntax_problem *problem)
{
    struct lexer lexer = {.text = text, .problem = problem};

    ASSERT(text.len <= EXPR_TEXT_BYTES_MAX);
    lexer.tokens = arena_alloc(arena, text.len + 1, sizeof(struct token));
    if (lexer.tokens == NULL) return STATUS_LIMIT;
    while (lexer.at < text.len)
        lex_one(&lexer);
    push(&lexer, TOKEN_END, lexer.at, SLICE(""));
    *tokens = lexer.tokens;
    *token_count = lexer.count;
    return STATUS_OK;
}
