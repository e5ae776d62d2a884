/* engine.h - one running instance of a plan: state', effects = step(state, input).
 *
 * No I/O, no clock, no thread, no environment. Everything that happens to it is an input, everything
 * it wants done is an effect. Equal plan, state and inputs give equal effects and digest.
 *
 * Calls: `pure` ones (in-process models) are answered inline through the host's function; `outside`
 * ones become EFFECT_CALL, the event's live variables wait in a state cell, and INPUT_REPLY goes on.
 */
#pragma once
#include "base/identity.h"
#include "codec/record.h"
#include "scenario/plan.h"

struct engine;

/* --- inputs --------------------------------------------------------------------------------------- */

enum input_kind {
    INPUT_RECORD,    /* a record of source `node` */
    INPUT_REPLY,     /* outcome of an outside call */
    INPUT_WATERMARK, /* event time has reached watermark_ms: timers fire */
    INPUT_TICK, /* processing time is now_ms; deliver answers every call, so none expires here */
    INPUT_HANDOVER, /* an event from another instance, past a cut */
};

struct engine_input {
    enum input_kind kind;
    uint32_t node; /* RECORD: source node; REPLY: call node; HANDOVER: node behind the cut */
    uint32_t topic_id;
    uint32_t partition;
    const struct record *record; /* RECORD: with offset; valid during the step */
    struct slice topic_name;     /* RECORD: for #inputMeta */
    int64_t watermark_ms;        /* in force before this input; INT64_MIN: none yet */
    int64_t now_ms;              /* logged time of the input */
    struct identity identity;    /* REPLY: of the call; HANDOVER: of the event; WATERMARK, TICK:
                                    of the input that brought it, for what timers emit */
    enum status reply_status;    /* REPLY: OK or how it failed */
    struct slice bytes;          /* REPLY: payload; HANDOVER: encoded event */
};

/* --- effects -------------------------------------------------------------------------------------- */

enum effect_kind {
    EFFECT_EMIT,     /* a record for topic `topic` */
    EFFECT_CALL,     /* an outside call; payload = request JSON (connect/http request form) */
    EFFECT_RESULT,   /* a model's candidates for a visitor: for the store */
    EFFECT_ERROR,    /* an event that failed: for the error topic */
    EFFECT_HANDOVER, /* only with engine_limits.cut_at_rekey: `key` says to which instance */
    EFFECT_DEBUG,    /* a record that reached a debugging sink */
};

struct effect {
    enum effect_kind kind;
    uint32_t node;
    struct identity identity;
    int64_t time_ms;    /* event time */
    struct slice topic; /* EMIT */
    struct slice
        key; /* EMIT: record key (data NULL: none); CALL: coalescing key; RESULT: visitor; HANDOVER */
    struct slice
        value; /* EMIT, DEBUG: JSON; CALL: request; RESULT: candidates (model/candidates.h); HANDOVER */
    struct slice event_id; /* RESULT: asOf.eid */
    struct slice viewed;   /* RESULT: the item seen last, for popularity */
    struct slice message;  /* ERROR: reason */
    struct slice input;    /* ERROR: the failing expression or parameter; event JSON in `value` */
};

/* Effects and everything they point to live until the next engine_step(). */
struct effect_list {
    const struct effect *items;
    uint32_t count;
};

/* --- the host ------------------------------------------------------------------------------------- */

/* Key of a state cell (D5). A window pane or a waiting call is a namespace. */
struct cell_key {
    uint32_t node;
    struct slice key;
    struct slice name_space;
};

/* What a pure call answers. Everything lives in the arena of the call. */
struct call_answer {
    struct value value;      /* becomes the output variable */
    struct slice candidates; /* for EFFECT_RESULT; empty: none */
    struct slice viewed;
    struct slice message; /* when it fails */
};

struct engine_host {
    void *context;
    /* Answers a pure call now; a function of its arguments and now_ms alone. NULL, or NOT_FOUND
     * as its status: there is no such model here, the node's mock answers (null without one). */
    enum status (*call)(void *context, const struct plan_node *node, struct value arguments,
                        int64_t now_ms, struct arena *arena, struct call_answer *answer);
    /* Stored bytes of a cell that is not in memory; empty if there is none. */
    enum status (*cell_load)(void *context, const struct cell_key *key, struct arena *arena,
                             struct slice *bytes);
};

struct engine_limits {
    uint32_t keys_max;     /* decoded cells kept in memory; changed ones stay until a checkpoint */
    uint32_t elements_max; /* of one aggregate; an event over it fails */
    uint32_t batch_bytes_max;   /* memory one input may use, and the largest single output */
    uint32_t calls_waiting_max; /* outside calls without a reply; more: the event fails */
    struct expr_limits expr;
    bool cut_at_rekey; /* hand over at re-keys instead of going on */
    bool mock_calls;   /* outside calls are answered in place: by the node's mock, else null */
};
extern const struct engine_limits engine_limits_default;

enum status engine_create(const struct plan *plan, const struct engine_host *host,
                          const struct engine_limits *limits, struct engine **engine) MUST_USE;
void engine_destroy(struct engine *engine);

/* Applies inputs in order. Failing events become EFFECT_ERROR; the call itself fails only with
 * CORRUPT or IO (a stored cell cannot be read): the instance is then poisoned. */
enum status engine_step(struct engine *engine, const struct engine_input *inputs,
                        uint32_t input_count, struct effect_list *effects) MUST_USE;

/* --- checkpoints: keyed state as bytes ------------------------------------------------------------- */

/* Receives every cell and timer changed since the last checkpoint; bytes empty: remove. */
struct cell_writer {
    void *context;
    enum status (*write)(void *context, const struct cell_key *key, struct slice bytes);
    enum status (*write_timer)(void *context, const struct cell_key *key, int64_t time_ms,
                               bool removed);
};
/* What changed since the last one. The host may store it later, on another thread, but has stored it
 * before it asks for the next: until then the engine keeps what it wrote, so that `cell_load` is never
 * asked for something older than what the engine knew. */
enum status engine_checkpoint(struct engine *engine, const struct cell_writer *writer) MUST_USE;

/* After a restart, before the first input: every stored timer, once. Cells come on first touch. */
enum status engine_restore_timer(struct engine *engine, const struct cell_key *key,
                                 int64_t time_ms) MUST_USE;

/* A hash of all state, equal for equal state whatever the order of its making. */
uint64_t engine_digest(struct engine *engine);

/* --- counters ------------------------------------------------------------------------------------- */

struct node_counters {
    uint64_t events;
    uint64_t errors;
    uint64_t filtered; /* events whose way ended here without error */
};
const struct node_counters *engine_counters(const struct engine *engine); /* [plan->node_count] */
