/* method.h - what can be called in an expression: rows of one table, for typing, running, docs.
 *
 * Rows stand in the tables of methods/. Parameter and result types are
 * display texts; a result may name the receiver's parameters ($0, $1) or a rule (@name) that
 * computes it from the arguments (typer_results.def).
 */
#pragma once
#include "expr/ast.h"

struct machine;

/* One call while it runs. */
struct call {
    struct machine *machine;
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

/* Runs a row on converted arguments behind the receiver in [0], where the result will stand. */
static inline enum status method_run_row(struct machine *machine, const struct method *row,
                                         struct value *arguments, uint32_t count)
{
    struct call call = {.machine = machine,
                        .method = row,
                        .arguments = arguments,
                        .count = count,
                        .result = arguments};

    return row->run(&call);
}

/* The `index`-th row callable as `name` on the class (or, for place STATIC and NEW, on the class
 * itself); NULL behind the last. CLASS_Object asks for what Unknown offers. */
const struct method *method_find(enum class_id receiver, enum method_place place, struct slice name,
                                 uint32_t index);

/* Is the row callable on a value of the class (or, for STATIC and NEW, on the class)? */
bool method_offered(const struct method *row, enum class_id receiver, enum method_place place);

/* Has the class any rows at all? Values of other classes can be passed around, not asked. */
bool method_class_known(enum class_id receiver);

/* Is it the class of a helper object, whose methods are called on the object? */
bool class_is_helper(enum class_id class_id);

/* Can the row take that many arguments? */
bool method_takes(const struct method *row, uint32_t count);

/* Class of parameter `index`; Object when anything goes. */
enum class_id method_parameter(const struct method *row, uint32_t index);

/* Do the call's arguments fit `row` better than `other`? */
bool method_closer(const struct method *row, const struct method *other, const struct node *call,
                   struct arena *arena);

/* All rows, for documentation and completion. */
const struct method *method_row(uint32_t index); /* NULL behind the last */
