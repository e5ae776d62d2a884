/* expr.h - the expression language: text -> checked bytecode -> value.
 *
 * A subset of SpEL with Nussknacker's typing (docs/expressions.md). One parser gives one AST for any
 * text, with error nodes; the typer and the compiler walk it. The VM has fuel and memory limits,
 * no reflection, no host access, no clock but the one handed in.
 */
#pragma once
#include "expr/dictionary.h"
#include "value/zone.h"

enum expr_language {
    EXPR_SPEL,     /* "spel"; blank = null */
    EXPR_TEMPLATE, /* "spelTemplate": text with #{...} holes */
    EXPR_JSON,     /* "json": a literal document */
    EXPR_DICT_KEY, /* "dictKeyWithLabel" */
    EXPR_TABULAR,  /* "tabularDataDefinition" */
    EXPR_LANGUAGE_COUNT
};

/* Language by the name used in scenario files. fails  NOT_FOUND */
enum status expr_language_find(struct slice name, enum expr_language *language) MUST_USE;

/* --- scope: the variables an expression may see, each with a type and a slot ------------------- */

struct expr_variable {
    struct slice name; /* without '#' */
    const struct type *type;
    uint32_t slot; /* index into expr_frame.slots */
};

struct expr_scope {
    const struct expr_variable *variables;
    uint32_t count;
    bool aggregators; /* #AGG may be used: only in the aggregator parameter */
    /* What the host has; outlive the expression. */
    const struct zones *zones;               /* NULL: fixed offsets only */
    const struct dictionaries *dictionaries; /* each a global variable; NULL: none */
};

/* --- problems ----------------------------------------------------------------------------------- */

/* One thing wrong with a text. Positions are byte offsets [start, end) into it. */
struct expr_problem {
    uint32_t start;
    uint32_t end;
    struct slice message; /* as the original words it, without "Failed to parse expression: " */
};

enum { EXPR_PROBLEMS_MAX = 16, EXPR_TEXT_BYTES_MAX = 64 * 1024, EXPR_DEPTH_MAX = 64 };

struct expr_problems {
    struct expr_problem items[EXPR_PROBLEMS_MAX];
    uint32_t count;
};

/* --- compiling ---------------------------------------------------------------------------------- */

struct expr_source {
    struct slice text;
    enum expr_language language;
    const struct type *expected; /* NULL: anything */
    struct slice dictionary;     /* DICT_KEY: the one the key must be of; empty: any key will do */
};

struct expr; /* immutable; lives in the arena it was compiled into; shared by threads */

/* Compiles a text; the expression lives in `plan`.
 * fails    INVALID: problems say what and where (at least one); LIMIT: text, depth or arena */
enum status expr_compile(const struct expr_source *source, const struct expr_scope *scope,
                         struct arena *plan, struct expr_problems *problems,
                         const struct expr **expr) MUST_USE;

const struct type *expr_type(const struct expr *expr);

/* Slots the expression reads, ascending; for liveness across cuts. */
uint32_t expr_slots_read(const struct expr *expr, const uint32_t **slots);

/* --- running ------------------------------------------------------------------------------------ */

struct expr_limits {
    uint32_t fuel; /* instructions and items touched */
    uint32_t result_bytes_max;
};
extern const struct expr_limits expr_limits_default; /* 1,000,000 steps; 4 MiB */

/* What an evaluation sees. Results are borrowed from `arena`, slots, or the expression's constants. */
struct expr_frame {
    const struct value *slots;
    struct arena *arena; /* `batch` or `call` lifetime */
    const struct expr_limits *limits;
    int64_t now_ms;      /* #DATE.now: the logged time of the input */
    uint64_t random_key; /* counter-based #RANDOM: from the record's identity */
    uint64_t random_counter;
    /* On failure: the message for people, and the span of the part that failed. */
    struct slice message;
    uint32_t start;
    uint32_t end;
};

/* fails    INVALID or TYPE (frame->message says what), LIMIT (fuel or memory, likewise) */
enum status expr_run(const struct expr *expr, struct expr_frame *frame,
                     struct value *result) MUST_USE;

/* --- aggregators: the value of `#AGG.map({...})` is known when the plan is made ------------------- */

enum aggregator_kind {
#define AGGREGATOR(name, meaning) AGGREGATOR_##name,
#include "expr/aggregators.def"
#undef AGGREGATOR
    AGGREGATOR_COUNT
};

struct aggregator {
    enum aggregator_kind kind;
    uint32_t field_count; /* AGGREGATOR_map */
    const struct aggregator_field *fields;
};
struct aggregator_field {
    struct slice name;
    struct aggregator aggregator;
};

/* Compiles an aggregator parameter. fails  as expr_compile */
enum status expr_compile_aggregator(struct slice text, const struct expr_scope *scope,
                                    struct arena *plan, struct expr_problems *problems,
                                    struct aggregator *aggregator) MUST_USE;

/* The type of an aggregator's result for elements of `element`; NULL with a problem if they do not
 * fit (sum of text, map with other keys). */
const struct type *aggregator_type(const struct aggregator *aggregator, const struct type *element,
                                   struct arena *plan, struct expr_problems *problems);
