/* keyed.c - the sliding window as a node: evaluating, handing over, applying, timers. */
#include "base/bytes.h"
#include "base/hash.h"
#include "engine/instance.h"

static const struct sliding_plan *sliding_of(const struct engine *engine,
                                             const struct plan_node *node)
{
    return &engine->sliding[node->index];
}

static struct cell_key window_key(const struct event *event, const struct plan_node *node)
{
    return (struct cell_key){node->index, event->key, {0}};
}

static enum status evaluate_key(struct engine *engine, struct event *event,
                                const struct plan_node *node)
{
    struct plan_field group_by = {SLICE("groupBy"), node->sliding.group_by};
    struct value value;
    struct slice key;
    enum status status = engine_evaluate(engine, event, node, &group_by, &value);

    if (status == STATUS_OK) status = engine_text(engine, value, &key);
    if (status != STATUS_OK) return status;
    if (key.len > CELL_KEY_BYTES_MAX) {
        return engine_fail(engine, STATUS_LIMIT, SLICE("the key is longer than 32 KiB"),
                           SLICE("groupBy"));
    }
    event->key = key.data == NULL ? SLICE("") : key;
    return STATUS_OK;
}

static enum status hand_over(struct engine *engine, const struct event *event,
                             const struct plan_node *node, struct value element)
{
    struct effect *effect;
    struct slice bytes;
    enum status status = live_encode(engine, event, node, element, &bytes);

    if (status == STATUS_OK) status = engine_effect(engine, event, node, EFFECT_HANDOVER, &effect);
    if (status != STATUS_OK) return status;
    effect->identity = event->identity; /* goes on as the same event */
    status = arena_copy(&engine->out, bytes, &effect->value);
    if (status == STATUS_OK) status = arena_copy(&engine->out, event->key, &effect->key);
    return status == STATUS_OK ? STATUS_AGAIN : status;
}

enum status keyed_enter(struct engine *engine, struct event *event, const struct plan_node *node)
{
    struct plan_field aggregate_by = {SLICE("aggregateBy"), node->sliding.aggregate_by};
    struct value element;
    enum status status = evaluate_key(engine, event, node);

    if (status == STATUS_OK) {
        status = engine_evaluate(engine, event, node, &aggregate_by, &element);
    }
    if (status != STATUS_OK) return status;
    if (engine->limits.cut_at_rekey) return hand_over(engine, event, node, element);
    return keyed_apply(engine, event, node, element);
}

/* Makes sure a timer is in the heap for when the state wants to be woken. */
static enum status arm(struct engine *engine, struct cell *cell, const struct sliding_plan *plan)
{
    int64_t next_ms = sliding_next_ms(&cell->sliding, plan);
    struct cell_key key = cell_key_of(cell);

    if (next_ms >= cell->armed_ms) return STATUS_OK;
    enum status status = timers_add(&engine->timers, &engine->pool, &key, next_ms);

    if (status == STATUS_OK) cell->armed_ms = next_ms;
    return status;
}

static void set_outputs(struct engine *engine, const struct event *event,
                        const struct plan_node *node, struct value result)
{
    engine->slots[node->sliding.key_slot] = value_string(event->key);
    if (node->output_slot != PLAN_END) engine->slots[node->output_slot] = result;
}

enum status keyed_apply(struct engine *engine, struct event *event, const struct plan_node *node,
                        struct value element)
{
    const struct sliding_plan *plan = sliding_of(engine, node);
    struct cell_key key = window_key(event, node);
    const struct sliding_room room = {&engine->pool, &engine->scratch, engine->limits.elements_max};
    struct slice message = SLICE("no memory for the window");
    struct value result;
    struct cell *cell;
    enum status status = cells_get(&engine->cells, &key, true, &cell);

    if (status == STATUS_CORRUPT || status == STATUS_IO) return status;
    if (status != STATUS_OK) return engine_fail(engine, status, message, SLICE("groupBy"));
    bool fresh = cell->sliding.eviction_ms == INT64_MIN;

    status = sliding_add(&cell->sliding, plan, event->time_ms, element, &room, &message);
    if (status == STATUS_OK) {
        cell->dirty = true;
        status = arm(engine, cell, plan);
    } else if (fresh) {
        cells_remove(&engine->cells, cell);
    }
    if (status == STATUS_OK) {
        status = sliding_result(&cell->sliding, plan, event->time_ms, &engine->scratch, &message,
                                &result);
    }
    if (status != STATUS_OK) return engine_fail(engine, status, message, SLICE("aggregateBy"));
    set_outputs(engine, event, node, result);
    return STATUS_OK;
}

/* --- timers ------------------------------------------------------------------------------------ */

/* Which timer this is, wherever it fires: a hash of (time, node, key). */
static uint64_t timer_hash(const struct timer *timer)
{
    struct cell_key key = timer_cell_key(timer);

    return hash_bytes(key.key, (uint64_t)timer->time_ms * 31 + timer->node);
}

static enum status timer_identity(struct identity *identity, uint64_t hash)
{
    if (identity->path_len + 9 > IDENTITY_PATH_MAX) return STATUS_LIMIT;
    identity->path[identity->path_len++] = IDENTITY_TIMER;
    put_be64(identity->path + identity->path_len, hash);
    identity->path_len = (uint8_t)(identity->path_len + 8);
    return STATUS_OK;
}

static enum status emit_left(struct engine *engine, struct event *event,
                             const struct plan_node *node, const struct cell *cell)
{
    struct slice message = SLICE("");
    struct value result;
    enum status status = sliding_result(&cell->sliding, sliding_of(engine, node), event->time_ms,
                                        &engine->scratch, &message, &result);

    memset(engine->slots, 0, engine->plan->slot_count * sizeof(*engine->slots));
    engine->slots[engine->plan->meta_slot] = engine->plan->meta;
    if (status != STATUS_OK) {
        engine->failure = (struct failure){message, SLICE("aggregateBy")};
        return engine_report(engine, event, node);
    }
    set_outputs(engine, event, node, result);
    return event_walk(engine, event, node->next_count > 0 ? node->next[0] : PLAN_END);
}

static enum status fire(struct engine *engine, struct event *event, struct timer timer,
                        struct cell *cell)
{
    const struct plan_node *node = &engine->plan->nodes[timer.node];
    const struct sliding_plan *plan = sliding_of(engine, node);
    enum status status = STATUS_OK;
    bool emit;
    bool ended;

    sliding_fire(&cell->sliding, plan, timer.time_ms, &emit, &ended);
    cell->dirty = true;
    if (emit) status = emit_left(engine, event, node, cell);
    if (ended) {
        cells_remove(&engine->cells, cell);
        timer_release(&engine->pool, timer);
        return status;
    }
    cell->armed_ms = sliding_next_ms(&cell->sliding, plan);
    timers_put_back(&engine->timers, timer, cell->armed_ms);
    return status;
}

/* One entry of the heap: stale ones vanish, early ones are put back. */
static enum status wake(struct engine *engine, struct event *event, struct timer timer)
{
    struct cell_key key = timer_cell_key(&timer);
    struct cell *cell;
    enum status status = cells_get(&engine->cells, &key, false, &cell);

    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && cell->armed_ms != timer.time_ms)) {
        timer_release(&engine->pool, timer);
        return STATUS_OK;
    }
    if (status != STATUS_OK) return status;
    int64_t next_ms =
        sliding_next_ms(&cell->sliding, sliding_of(engine, &engine->plan->nodes[timer.node]));

    if (next_ms <= timer.time_ms) return fire(engine, event, timer, cell);
    cell->armed_ms = next_ms;
    cell->dirty = true;
    timers_put_back(&engine->timers, timer, next_ms);
    return STATUS_OK;
}

enum status keyed_fire(struct engine *engine, const struct identity *identity, int64_t until_ms,
                       int64_t now_ms)
{
    struct timer timer;

    while (timers_take(&engine->timers, until_ms, &timer)) {
        struct cell_key key = timer_cell_key(&timer);
        struct event event = {.identity = *identity, .time_ms = timer.time_ms, .now_ms = now_ms};

        arena_reset(&engine->scratch);
        event.origin = timer_hash(&timer);
        if (timer_identity(&event.identity, event.origin) != STATUS_OK)
            UNREACHABLE("an input's own path is short");
        event_reseed(&event);
        enum status status = arena_copy(&engine->scratch, key.key, &event.key);

        if (status == STATUS_OK) status = wake(engine, &event, timer);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}
