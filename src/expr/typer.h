/* typer.h - finds the type of every node and everything that is wrong with them.
 *
 * Rooms: typer.c (dispatch, names, lists, maps, choices), typer_operators.c, typer_members.c
 * (properties, indexes, selections, projections), typer_methods.c (calls), typer_results.c (results
 * that follow from arguments). source  nussknacker-compat §3, Appendix F
 */
#pragma once
#include "expr/method.h"

/* What steps of a path and bare names stand on, innermost first. */
struct typer_scope {
    const struct type *type;
    bool static_context;
    const struct typer_scope *outer;
};

struct typer {
    struct arena *arena;
    const struct expr_scope *variables;
    struct expr_problems *problems;
    bool failed; /* out of memory */
};

/* Types the tree; problems are added in the order the original reports them.
 * fails    LIMIT: the arena is full */
enum status typer_run(struct node *root, const struct expr_scope *variables, struct arena *arena,
                      struct expr_problems *problems) MUST_USE;

/* --- between the rooms ---------------------------------------------------------------------------- */

const struct type *type_node(struct typer *typer, struct node *node,
                             const struct typer_scope *scope);

/* Types all children, in order. */
void type_children(struct typer *typer, struct node *node, const struct typer_scope *scope);

const struct type *type_operator(struct typer *typer, struct node *node,
                                 const struct typer_scope *scope);
const struct type *type_property(struct typer *typer, struct node *node,
                                 const struct typer_scope *scope);
const struct type *type_index(struct typer *typer, struct node *node,
                              const struct typer_scope *scope);
const struct type *type_selection(struct typer *typer, struct node *node,
                                  const struct typer_scope *scope);
const struct type *type_projection(struct typer *typer, struct node *node,
                                   const struct typer_scope *scope);
const struct type *type_method(struct typer *typer, struct node *node,
                               const struct typer_scope *scope);
const struct type *type_construction(struct typer *typer, struct node *node,
                                     const struct typer_scope *scope);

/* A call's target, name and argument types, for messages and generic results. */
struct type_call {
    const struct type *receiver;
    bool static_context;
    struct slice name;
    const struct type *const *arguments;
    uint32_t count;
    bool property;           /* no call: without arguments a rule that does not fit is no member */
    const struct node *node; /* where problems point */
};

/* The result of calling a method. NULL: no method of that name (nothing reported). */
const struct type *type_call_result(struct typer *typer, const struct type_call *call);

/* A rule of typer_results.def. NULL: arguments do not fit, *message may say why (NULL: mismatch). */
const struct type *type_rule(struct typer *typer, const char *rule, const struct type_call *call,
                             const char **message);

/* What a row gives on a receiver for arguments of just the types it asks for: for signatures.
 * NULL: a row without parameters that refuses this receiver. */
const struct type *typer_row_result(struct typer *typer, const struct method *row,
                                    const struct type *receiver);

/* Never NULL: out of memory gives Unknown and ends the work. */
const struct type *typer_need(struct typer *typer, const struct type *type);

/* The common type of two, never NULL. */
const struct type *typer_common(struct typer *typer, const struct type *left,
                                const struct type *right);

/* Adds a problem; '%' in the message is filled with the next of the parts. */
void typer_fail(struct typer *typer, const struct node *node, const char *message,
                const struct slice *parts, uint32_t part_count);
void typer_fail_plain(struct typer *typer, const struct node *node, const char *message);
void typer_fail_type(struct typer *typer, const struct node *node, const char *message,
                     const struct type *type);
void typer_fail_named(struct typer *typer, const struct node *node, const char *message,
                      struct slice name, const struct type *type);

/* Display text of a type, in the arena. */
struct slice typer_display(struct typer *typer, const struct type *type);

/* The helper object of a name, as a class. fails  NOT_FOUND */
enum status helper_find(struct slice name, enum class_id *class_id) MUST_USE;

/* A class by the name T(...) and new are given; *name becomes how messages call it. */
enum class_exists {
    CLASS_ALLOWED,
    CLASS_FORBIDDEN, /* there is one on a JVM, but not for expressions */
    CLASS_PRIMITIVE,
    CLASS_MISSING
};
enum class_exists class_lookup(struct arena *arena, struct slice *name, enum class_id *class_id);
