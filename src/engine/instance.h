/* instance.h - what the rooms of the engine share: the instance, and one event on its way.
 *
 * Two memories: `scratch` ends with each input (or timer), so what one event may use does not depend
 * on how inputs are batched; `out` ends with the step and holds what effects point to.
 */
#pragma once
#include "engine/cells.h"

enum {
    LIVE_VERSION = 2, /* 1: without the origin's hash; read as 0 */
    STATE_VERSION = 1,
    EFFECTS_FIRST = 64,
    ENCODING_BYTES_MAX = 64 * 1024 * 1024,
    IDENTITY_TIMER = 254, /* path marker: 8 bytes of hash follow; ordinals use 0..253 and 255 */
};

/* One event on its way through the plan; its variables are engine->slots. */
struct event {
    struct identity identity;
    int64_t time_ms;
    int64_t now_ms;
    uint64_t origin; /* hash of the record's topic name, partition and offset, or of the timer */
    uint64_t random_key;   /* origin and the way taken since: random numbers are drawn from it */
    struct slice key;      /* of the last keyed operator, else the record's; data NULL: none */
    struct slice event_id; /* first eid header */
    struct slice source;   /* the record's value as it came, for errors and replays of errors */
};

/* Why the event cannot go on from a node. */
struct failure {
    struct slice message;
    struct slice input; /* the failing parameter */
};

/* A branch still to be walked. */
struct hop {
    uint32_t node;
    struct identity identity;
    struct slice key; /* of the event when it split */
};

struct engine {
    const struct plan *plan;
    struct engine_host host;
    struct engine_limits limits;
    struct arena plan_memory;
    struct arena scratch;
    struct arena out;
    struct pool pool;
    struct cells cells;
    struct timers timers;
    struct sliding_plan *sliding; /* [node_count] */
    struct node_counters *counters;
    struct value *slots;
    struct hop *hops;
    uint32_t hop_count;
    struct effect *effects;
    uint32_t effect_count;
    uint32_t effect_capacity;
    struct buffer json;
    struct buffer live;
    struct buffer one;
    struct failure failure; /* of the node being run */
    int64_t watermark_ms;
    uint64_t calls_waiting;
    enum status poison; /* OK: healthy */
    bool uses_input_meta;
};

/* Walks the event from a node until every branch has ended. Failures become EFFECT_ERROR.
 * fails    CORRUPT, IO: the instance is beyond repair */
enum status event_walk(struct engine *engine, struct event *event, uint32_t node) MUST_USE;

/* After a change of identity. */
void event_reseed(struct event *event);

/* --- helpers of the operators -------------------------------------------------------------------- */

/* Evaluates one expression of a node; the field's name is told in the error if it fails. `field` is
 * one of the node's, or a named expression it has besides. */
enum status engine_evaluate(struct engine *engine, const struct event *event,
                            const struct plan_node *node, const struct plan_field *field,
                            struct value *value) MUST_USE;

/* Sets the failure and gives the status back. */
enum status engine_fail(struct engine *engine, enum status status, struct slice message,
                        struct slice input) MUST_USE;

/* Text of a value as a key or url part, in scratch; NULL-kind gives data NULL. */
enum status engine_text(struct engine *engine, struct value value, struct slice *text) MUST_USE;

/* JSON of a value in `out`. */
enum status engine_json(struct engine *engine, struct value value, struct slice *json) MUST_USE;

/* A new effect of this node with the event's identity, extended by the node; fields are zero. */
enum status engine_effect(struct engine *engine, const struct event *event,
                          const struct plan_node *node, enum effect_kind kind,
                          struct effect **effect) MUST_USE;

/* EFFECT_ERROR from engine->failure. */
enum status engine_report(struct engine *engine, const struct event *event,
                          const struct plan_node *node) MUST_USE;

/* --- operators with rooms of their own ------------------------------------------------------------ */

/* Evaluates group and element, hands over or applies.
 * fails    AGAIN: handed over, this way ends here; else as operators do */
enum status keyed_enter(struct engine *engine, struct event *event,
                        const struct plan_node *node) MUST_USE;

/* Behind the cut: the key is event->key. */
enum status keyed_apply(struct engine *engine, struct event *event, const struct plan_node *node,
                        struct value element) MUST_USE;

/* Fires every timer up to the watermark. identity: of the input that brought it. */
enum status keyed_fire(struct engine *engine, const struct identity *identity, int64_t until_ms,
                       int64_t now_ms) MUST_USE;

/* fails    AGAIN: the event waits for a reply, this way ends here */
enum status call_enter(struct engine *engine, struct event *event,
                       const struct plan_node *node) MUST_USE;
enum status call_reply(struct engine *engine, const struct engine_input *input) MUST_USE;

enum status sink_emit(struct engine *engine, const struct event *event,
                      const struct plan_node *node) MUST_USE;
enum status sink_debug(struct engine *engine, const struct event *event,
                       const struct plan_node *node) MUST_USE;

/* Decodes the record's value. */
enum status source_decode(struct engine *engine, const struct plan_node *node,
                          const struct engine_input *input, struct value *value) MUST_USE;
enum status source_meta(struct engine *engine, const struct engine_input *input,
                        struct value *value) MUST_USE;

/* --- events as bytes: what crosses a cut ----------------------------------------------------------- */

/* | version u8 | origin u64 | time i64 | now i64 | key, event id, source: varint len + 1 (0: none) bytes
 *   | extra sized | slot_count varint { slot varint, value sized } |            all little-endian
 * `extra` travels with the event: the element of a window, the request of a call. */
enum status live_encode(struct engine *engine, const struct event *event,
                        const struct plan_node *node, struct value extra,
                        struct slice *bytes) MUST_USE;

/* Fills event (not its identity) and the slots; the rest of the slots is null.
 * fails    CORRUPT; LIMIT */
enum status live_decode(struct engine *engine, struct slice bytes, struct event *event,
                        struct value *extra) MUST_USE;
