/* method.h - what can be called in an expression: rows of one table, for typing, running, docs.
 *
 * Rows stand in methods_*.def, helpers.def and conversions.def. Parameter and result types are
 * display texts; a result may name the receiver's parameters ($0, $1) or a rule (@name) that
 * computes it from the arguments (typer_results.def).
 */
#pragma once
#include "expr/ast.h"

/* One call while it runs. */
struct call {
    struct expr_frame *frame;
    uint32_t *fuel;
    const struct method *method;
    struct value *arguments; /* [0] is the receiver */
    uint32_t count;          /* arguments behind the receiver */
    struct value *result;
};

/* fails    INVALID, TYPE or LIMIT; call_fail() has set the message */
typedef enum status (*method_run)(struct call *call);

enum method_place {
    PLACE_INSTANCE,   /* on a value of the receiver's class */
    PLACE_STATIC,     /* on T(receiver) */
    PLACE_NEW,        /* new receiver(...) */
    PLACE_TEXT,       /* conversions: on String and Unknown */
    PLACE_NUMBER,     /* conversions: on numbers but the result's own class, String and Unknown */
    PLACE_COLLECTION, /* conversions: on collections but the result's own class, and Unknown */
    PLACE_CONVERT,    /* conversions: wherever there is any */
    PLACE_UNKNOWN     /* on Unknown only */
};

struct method {
    enum class_id receiver;
    enum method_place place;
    const char *name;
    const char *parameters; /* "Integer, List[Unknown]" */
    const char *variable;   /* type of further parameters; NULL: none */
    const char *result;
    method_run run;
    const char *meaning;
};

/* The `index`-th row callable as `name` on the class (or, for place STATIC and NEW, on the class
 * itself); NULL behind the last. CLASS_Object asks for what Unknown offers. */
const struct method *method_find(enum class_id receiver, enum method_place place,
                                 struct slice name, uint32_t index);

/* Has the class any rows at all? Values of other classes can be passed around, not asked. */
bool method_class_known(enum class_id receiver);

/* Can the row take that many arguments? */
bool method_takes(const struct method *row, uint32_t count);

/* Class of parameter `index`; Object when anything goes. */
enum class_id method_parameter(const struct method *row, uint32_t index);

/* Do the call's arguments fit `row` better than `other`? */
bool method_closer(const struct method *row, const struct method *other, const struct node *call,
                   struct arena *arena);

/* All rows, for documentation and completion. */
const struct method *method_row(uint32_t index); /* NULL behind the last */

/* --- for the functions of the rows ---------------------------------------------------------------- */

/* Sets the message of the failure; returns INVALID. `%` in the message stands for the detail. */
enum status call_fail(struct call *call, const char *message, struct slice detail);

/* Memory for the result, counted against the limits; NULL with the failure set. */
void *call_alloc(struct call *call, size_t count, size_t size);

/* Counts work against the fuel. fails  LIMIT */
enum status call_spend(struct call *call, uint64_t steps) MUST_USE;

/* The message of a failure that is none of the language's own. */
enum status call_limit(struct call *call);

/* Text of a value as a slice in the frame's arena. */
enum status call_text(struct call *call, struct value value, struct slice *text) MUST_USE;
