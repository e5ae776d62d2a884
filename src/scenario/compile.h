/* compile.h - the compiler's state and its rooms (private to scenario/).
 *
 * compile.c walks the view and links nodes, compile_node.c makes the language's own; compile_field.c
 * turns parameters into expressions and values; compile_kafka.c, compile_sliding.c and compile_call.c
 * know one family of components each; live.c says what crosses a cut. A *dry* walk (disabled nodes) finds problems and makes nothing.
 */
#pragma once
#include "scenario/components.h"
#include "scenario/view.h"

/* Slots every plan has. */
enum { SLOT_META, SLOT_INPUT, SLOT_INPUT_META, SLOT_FIRST };

/* Variables in sight; a stack: leaving a branch takes back what it added. */
enum { SCOPE_VARIABLES_MAX = 3 * PLAN_SLOTS_MAX };

struct scope_mark {
    uint32_t start;
    uint32_t end;
};

struct compiler {
    const struct scenario *scenario;
    const struct scenario_environment *environment;
    struct arena *arena; /* `plan` */
    struct scenario_problems *problems;
    struct plan *plan;
    struct plan_node *nodes;
    uint32_t node_count;
    uint32_t nodes_max;
    struct plan_variable *slots; /* [PLAN_SLOTS_MAX] */
    uint32_t slot_count;
    struct expr_variable *variables; /* [SCOPE_VARIABLES_MAX]; [scope.start, scope.end) are seen */
    struct scope_mark scope;
    const struct type *meta_type;
    uint32_t dry;
    enum status status; /* LIMIT sticks */
};

/* --- problems --------------------------------------------------------------------------------- */

void compile_error(struct compiler *compiler, const struct view_node *node, struct slice field,
                   struct slice message);
void compile_warning(struct compiler *compiler, const struct view_node *node, struct slice field,
                     struct slice message);
#define COMPILE_TEXT(compiler, ...) TEXT((compiler)->arena, __VA_ARGS__)

/* Arena memory, zeroed; NULL marks the compiler LIMIT. */
void *compile_alloc(struct compiler *compiler, uint32_t count, size_t size);

/* --- fields (compile_field.c) ----------------------------------------------------------------- */

enum field_need { FIELD_OPTIONAL, FIELD_MANDATORY, FIELD_CONDITION };

struct field_rule {
    struct slice field;          /* its name in problems */
    const struct type *expected; /* NULL: anything */
    enum field_need need;
};

/* Compiles an expression in the present scope. NULL: blank and optional, or wrong (a problem says
 * so). */
const struct expr *compile_expression(struct compiler *compiler, const struct view_node *node,
                                      const struct view_expression *expression,
                                      struct field_rule rule);

/* What expr_compile() found wrong with a field. */
void compile_expression_problems(struct compiler *compiler, const struct view_node *node,
                                 struct slice field, struct slice text,
                                 const struct expr_problems *found);

/* The value of an expression that sees no event. false: a problem says why. */
bool compile_constant(struct compiler *compiler, const struct view_node *node,
                      const struct view_expression *expression, struct field_rule rule,
                      struct value *value);

/* A parameter of the component's rows by name; its default when the file has none. */
const struct expr *compile_lazy(struct compiler *compiler, const struct view_node *node,
                                const struct component *component, const char *name);
bool compile_eager(struct compiler *compiler, const struct view_node *node,
                   const struct component *component, const char *name, struct value *value);
bool compile_eager_text(struct compiler *compiler, const struct view_node *node,
                        const struct component *component, const char *name, struct slice *text);
bool compile_eager_flag(struct compiler *compiler, const struct view_node *node,
                        const struct component *component, const char *name, bool *flag);

/* Did the file give this parameter, and not blank? */
bool parameter_given(const struct view_node *node, const char *name);

/* Missing and redundant parameters of a component whose rows are all there is.
 * false: one without a default is missing */
bool check_static_parameters(struct compiler *compiler, const struct view_node *node,
                             const struct component *component);

const struct type *parameter_type(struct compiler *compiler,
                                  const struct component_parameter *parameter);

/* --- names and variables (compile_scope.c) ---------------------------------------------------- */

void check_scenario_name(struct compiler *compiler);
void check_node_names(struct compiler *compiler, const struct view *view);

/* A new variable with a slot of its own, in sight from now on. PLAN_END: the name is taken or no
 * name (a problem says so in `field`). */
uint32_t scope_define(struct compiler *compiler, const struct view_node *node, struct slice field,
                      struct slice name, const struct type *type);
/* The same for a name that hides an earlier variable of that name. */
uint32_t scope_redefine(struct compiler *compiler, const struct view_node *node, struct slice name,
                        const struct type *type);
/* Puts an existing slot in sight. */
void scope_show(struct compiler *compiler, struct slice name, const struct type *type,
                uint32_t slot);
/* From here only #meta is seen, until the mark is restored. */
void scope_clear(struct compiler *compiler);
struct expr_scope scope_now(const struct compiler *compiler);
struct expr_scope scope_global(const struct compiler *compiler);

/* --- components: fill a node that has kind, id and name; report what is wrong ------------------ */

/* `component` NULL: unknown, #input is too. */
void compile_source(struct compiler *compiler, const struct view_node *node,
                    const struct component *component, struct plan_node *made);
void compile_sink(struct compiler *compiler, const struct view_node *node,
                  const struct component *component, struct plan_node *made);
/* Fields of the rows in their order: for components that are nothing but parameters. */
void compile_rows(struct compiler *compiler, const struct view_node *node,
                  const struct component *component, struct plan_node *made);
void compile_sliding(struct compiler *compiler, const struct view_node *node,
                     const struct component *component, struct plan_node *made);
void compile_call(struct compiler *compiler, const struct view_node *node, struct plan_node *made);

/* --- the walk (compile.c) and the language's own nodes (compile_node.c) ----------------------- */

/* Links a list of nodes behind `link`. */
void compile_list(struct compiler *compiler, struct view_list list, uint32_t *link);

/* A node with `next_count` ends; NULL when memory is out. */
struct plan_node *compile_node_new(struct compiler *compiler, const struct view_node *node,
                                   enum plan_kind kind, uint32_t next_count, uint32_t **next);

/* Each makes a node and links it; out: where the next one is linked, NULL when memory is out. */
uint32_t *compile_variable(struct compiler *compiler, const struct view_node *node, uint32_t *link);
uint32_t *compile_record(struct compiler *compiler, const struct view_node *node, uint32_t *link);
uint32_t *compile_filter(struct compiler *compiler, const struct view_node *node, uint32_t *link);

/* Cases that lead nowhere (also: to disabled nodes only) are taken out, as the original does. */
void compile_switch(struct compiler *compiler, const struct view_node *node, uint32_t *link);
void compile_split(struct compiler *compiler, const struct view_node *node, uint32_t *link);

/* --- liveness (live.c) ------------------------------------------------------------------------ */

/* Fills live of every cut. Nodes point forward only. */
void live_compute(struct compiler *compiler);
