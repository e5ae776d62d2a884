/* complete.h - what could stand at the caret, and what stands there: for editors.
 *
 * Works on the same tree as validation and execution, so a suggestion is what the typer would
 * accept. Any text will do, however broken; what no type is known of gets no suggestions.
 * units    UTF-16 code units, as editors count, for the caret and all spans
 */
#pragma once
#include "expr/expr.h"

enum complete_kind {
#define COMPLETE_KIND(name) COMPLETE_KIND_##name,
#include "expr/complete/complete.def"
#undef COMPLETE_KIND
    COMPLETE_KIND_COUNT
};

/* "field", "variable", "method"... */
const char *complete_kind_name(enum complete_kind kind);

enum { COMPLETE_SUGGESTIONS_MAX = 200, COMPLETE_OVERLOADS_MAX = 4 };

/* One thing that could stand there: `insert` takes the place of [from, to). */
struct complete_suggestion {
    enum complete_kind kind;
    struct slice label;
    struct slice insert;
    struct slice type;      /* of the result, as displayed; empty: keywords */
    struct slice signature; /* methods: "name(A, B): R", overloads joined by " or " */
    struct slice doc;       /* one line; may be empty */
    uint32_t from;
    uint32_t to;
};

/* The smallest expression around the caret. */
struct complete_hover {
    bool found;
    struct slice type; /* with the value, where it is known before running */
    struct slice doc;
    uint32_t from;
    uint32_t to;
};

struct complete_request {
    struct slice text;
    enum expr_language language;
    const struct expr_scope *scope;
    const struct type *expected; /* JSON: what the literal must be; NULL: anything */
    struct slice dictionary;     /* DICT_KEY: whose keys are asked for; empty: not known */
    uint32_t caret;              /* behind the end: at the end */
};

struct complete_answer {
    const struct complete_suggestion *suggestions; /* best first */
    uint32_t count;
    struct complete_hover hover;
};

/* lives    the answer in `arena` and in the scope's names
 * fails    LIMIT: the arena is full */
enum status complete_run(const struct complete_request *request, struct arena *arena,
                         struct complete_answer *answer) MUST_USE;

/* Answers one request as JSON: {id, vars, expr, language, expected, dictionary,
 * caret}, of which only "expr"
 * must be there: `vars` names the variables in scope (all of `scope`), the caret stands at the end. A
 * request that is not usable is answered with its id and the reason in "error". */
void complete_answer_line(const struct expr_scope *scope, struct slice line, struct arena *arena,
                          struct buffer *out);
