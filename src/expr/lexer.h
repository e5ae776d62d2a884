/* lexer.h - text -> tokens, as Spring's tokenizer cuts it (nussknacker-compat §3.1).
 *
 * A byte that starts no token becomes a problem and is skipped, so that any text gives tokens.
 */
#pragma once
#include "expr/expr.h"

enum token_kind {
#define TOKEN(name, text, spelling) TOKEN_##name,
#include "expr/tokens.def"
#undef TOKEN
    TOKEN_COUNT
};

struct token {
    enum token_kind kind;
    uint32_t start; /* byte offsets into the text */
    uint32_t end;
    struct slice text; /* LITERAL_*: the digits, or the string with its quotes */
};

/* A problem of syntax: a static message with one or two places to fill. */
struct syntax_problem {
    uint32_t at;        /* where the parser was */
    const char *code;   /* "EL1044E: ...", with '%' where the details go; NULL: none yet */
    struct slice first; /* what fills the first '%' */
    struct slice second;
    bool bare;         /* the message stands without the text and the position */
    const char *limit; /* the limit that ended the work, with what to do; NULL: memory, or none */
};

/* Cuts the text; the last token is END. The first problem is kept in `problem`.
 * fails    LIMIT: arena */
enum status lexer_run(struct slice text, struct arena *arena, struct token **tokens,
                      uint32_t *token_count, struct syntax_problem *problem) MUST_USE;

/* How messages name a kind: "identifier", "rparen())", "literal_int". */
const char *token_name(enum token_kind kind);

/* How messages show a token: literals and names as written, others by their kind. */
struct slice token_shown(const struct token *token);
