/* view.h - one shape for all three generations of scenario files (private to scenario/).
 *
 * The document stays the truth; the view is what the compiler walks: nodes with their parameters
 * found, renamed as old files need it, and their branches in one list. It is built for every
 * compilation, lives in that arena and is never written back.
 * source  nussknacker-compat §§1.1-1.3, 2.9 in docs/scenarios.md
 */
#pragma once
#include "scenario/problems.h"
#include "scenario/scenario.h"
#include "scenario/uuid.h"

struct scenario {
    struct document document;
    struct slice id;
};

/* NODE(symbol, type, meaning): node types by the `type` of the file. */
#define NODE_TABLE                                                                  \
    NODE(SOURCE, "Source", "starts a branch")                                       \
    NODE(SINK, "Sink", "ends a branch")                                             \
    NODE(FILTER, "Filter", "true: the list goes on; false: nextFalse")              \
    NODE(SWITCH, "Switch", "choice: the first true case, else defaultNext")         \
    NODE(SPLIT, "Split", "every branch gets the event")                             \
    NODE(VARIABLE, "Variable", "one new variable")                                  \
    NODE(RECORD, "VariableBuilder", "one new variable, a record of fields")         \
    NODE(ENRICHER, "Enricher", "asks a service, the answer becomes a variable")     \
    NODE(PROCESSOR, "Processor", "asks a service, the answer is dropped")           \
    NODE(CUSTOM, "CustomNode", "stateful components: windows, delays")              \
    NODE(JOIN, "Join", "starts a branch with what other branches end in")           \
    NODE(BRANCH_END, "BranchEndData", "an edge into a Join")                        \
    NODE(FRAGMENT_INPUT, "FragmentInput", "uses a fragment")                        \
    NODE(FRAGMENT_START, "FragmentInputDefinition", "starts a fragment's own file") \
    NODE(FRAGMENT_END, "FragmentOutputDefinition", "ends a branch of a fragment's own file")

enum node_type {
#define NODE(symbol, type, meaning) NODE_##symbol,
    NODE_TABLE
#undef NODE
        NODE_UNKNOWN
};

/* An expression of the file under its parameter's (or field's) name. */
struct view_expression {
    struct slice name;
    struct slice language; /* as written; empty: "spel" */
    struct slice text;     /* decoded; problem spans are offsets into it */
};

struct view_node;

struct view_list {
    const struct view_node *nodes;
    uint32_t count;
};

struct view_branch {
    struct view_expression condition; /* SWITCH cases */
    struct view_list list;
};

struct view_node {
    enum node_type type;
    struct slice id;
    struct slice name; /* generation 3 says it, else the id */
    char uuid[UUID_TEXT_BYTES];
    uint32_t at;            /* node of the document, for positions */
    struct slice component; /* ref.typ, service.id, nodeType */
    struct slice variable;  /* varName, output, outputVar, exprVal; empty: none */
    bool disabled;
    struct view_expression expression;        /* FILTER, VARIABLE, SWITCH; ENRICHER: mock */
    const struct view_expression *parameters; /* RECORD: fields */
    uint32_t parameter_count;
    /* FILTER: [nextFalse]. SWITCH: cases, then defaultNext. SPLIT: branches. */
    const struct view_branch *branches;
    uint32_t branch_count;
};

struct view {
    const struct scenario *scenario;
    const struct view_list *lists; /* `nodes`, then `additionalBranches` */
    uint32_t list_count;
    uint32_t node_count;     /* all nodes, nested ones too */
    struct value properties; /* record of text: additionalFields.properties or typeSpecificData */
};

/* Builds the view; members of the wrong kind become problems and count as absent.
 * fails  LIMIT: arena full or more than PLAN_NODES_MAX nodes (a problem says so) */
enum status view_build(const struct scenario *scenario, struct arena *arena,
                       struct scenario_problems *problems, struct view *view) MUST_USE;

/* A parameter by name, NULL if the file has none. */
const struct view_expression *view_parameter(const struct view_node *node, struct slice name);

/* Nothing but white space? In "spel" that means null. */
bool view_blank(struct slice text);
