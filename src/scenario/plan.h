/* plan.h - a checked scenario, ready to run: nodes with compiled expressions, variables as slots.
 *
 * The plan is immutable, lives in one arena, and is shared by every engine that runs it. Edges are
 * indices into `nodes`; PLAN_END ends an event's way. A *cut* (re-key, call) is where an event may
 * wait or move to another instance: `live` names the slots that cross it.
 */
#pragma once
#include "expr/expr.h"

enum { PLAN_END = UINT32_MAX, PLAN_NODES_MAX = 1000, PLAN_SLOTS_MAX = 512 };

enum plan_kind {
    PLAN_SOURCE,
    PLAN_FILTER,   /* next[0] true, next[1] false */
    PLAN_VARIABLE, /* output := fields[0] */
    PLAN_RECORD,   /* output := record of fields */
    PLAN_CHOICE,   /* next[i] when fields[i] is the first true one; next[field_count] otherwise */
    PLAN_SPLIT,    /* every next */
    PLAN_SLIDING,  /* aggregate-sliding: cut by key */
    PLAN_CALL,     /* enricher or processor: cut; output := reply */
    PLAN_SINK,     /* kafka sink */
    PLAN_DEBUG,    /* debugging sink */
    PLAN_DEAD_END,
};

struct plan_field {
    struct slice name; /* parameter or field name */
    const struct expr *expr;
};

enum plan_content { PLAN_CONTENT_JSON, PLAN_CONTENT_PLAIN, PLAN_CONTENT_SCHEMA };

struct schema; /* scenario/schema.h: JSON Schema as type, decoder, checker */

struct plan_topic {
    struct slice name;
    enum plan_content content;
    const struct schema *schema; /* CONTENT_SCHEMA */
    bool strict;                 /* sink: 'strict' validation mode */
};

struct plan_sliding {
    const struct expr *group_by;
    const struct expr *aggregate_by;
    struct aggregator aggregator;
    int64_t length_ms;
    bool emit_when_left;
    uint32_t key_slot; /* #key */
};

/* How a call is carried out and what the engine makes of its outcome (D6). */
enum call_class { CALL_PURE, CALL_OUTSIDE };
enum call_kind { CALL_MODEL, CALL_HTTP };
enum call_on_failure { CALL_FAILURE_ERROR, CALL_FAILURE_EMPTY };

struct plan_call {
    enum call_class call_class;
    enum call_kind kind;
    struct slice component; /* "azuredatabricks-mlflow", "http" */
    struct slice model;     /* MODEL: name and version, known at compile time */
    struct slice version;
    enum call_on_failure on_failure;
    const struct expr *mock;     /* mockExpression, NULL if none */
    const struct expr *visitor;  /* MODEL: whom the result is for; NULL: argument `userId` */
    const struct expr *event_id; /* MODEL: asOf.eid; NULL: the record's first eid header */
};

struct plan_node {
    enum plan_kind kind;
    struct slice id;   /* node id of the file: metrics, errors */
    struct slice name; /* what people see: `name`, else the id */
    struct slice uuid; /* text; the same in all generations of a file: stored state goes by it */
    uint32_t index;
    const uint32_t *next;
    uint32_t next_count;
    const struct plan_field *fields; /* expressions evaluated here, in order */
    uint32_t field_count;
    uint32_t output_slot; /* PLAN_END: none */
    bool ends_ok;         /* a processor that ends its branch */
    const uint32_t *live; /* CALL, SLIDING: slots carried over the cut, ascending */
    uint32_t live_count;
    union {
        struct plan_topic
            topic; /* SOURCE, SINK. SINK fields: "Key" (expr NULL: none), then "Value" or one a column */
        struct plan_sliding sliding;
        struct plan_call call;
    };
};

struct plan_variable {
    struct slice name;
    const struct type *type;
};

struct plan {
    struct slice scenario_id; /* metaData.id */
    const struct plan_node *nodes;
    uint32_t node_count;
    const uint32_t *sources; /* indices of SOURCE nodes */
    uint32_t source_count;
    const struct plan_variable *slots; /* what each slot holds; for taps and errors */
    uint32_t slot_count;
    uint32_t input_slot;      /* #input */
    uint32_t input_meta_slot; /* #inputMeta */
    struct value meta;        /* #meta; slot meta_slot is set once */
    uint32_t meta_slot;
};
