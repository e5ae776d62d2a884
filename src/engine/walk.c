/* walk.c - an event's way through the plan: one step a node, no recursion.
 *
 * Variables are never changed once set and every slot is set on one path only, so branches of a
 * split share the slots and run one after the other, first branch first.
 */
#include "base/hash.h"
#include "engine/instance.h"

void event_reseed(struct event *event)
{
    const struct identity *identity = &event->identity;
    struct slice path = {identity->path, identity->path_len};

    event->random_key = hash_bytes(path, event->origin);
}

enum status engine_fail(struct engine *engine, enum status status, struct slice message,
                        struct slice input)
{
    ASSERT(status != STATUS_OK);
    engine->failure = (struct failure){message, input};
    return status;
}

/* Each expression of an event draws random numbers of its own. */
static uint64_t random_key(const struct event *event, const struct plan_node *node,
                           const struct plan_field *field)
{
    uintptr_t offset = (uintptr_t)field - (uintptr_t)node->fields;
    uint64_t ordinal = offset / sizeof(*field);

    if (ordinal >= node->field_count) ordinal = PLAN_SLOTS_MAX + field->name.len;

    return event->random_key + ((uint64_t)node->index << 32U) + ordinal;
}

enum status engine_evaluate(struct engine *engine, const struct event *event,
                            const struct plan_node *node, const struct plan_field *field,
                            struct value *value)
{
    struct expr_frame frame = {
        .slots = engine->slots,
        .arena = &engine->scratch,
        .limits = &engine->limits.expr,
        .now_ms = event->now_ms,
        .random_key = random_key(event, node, field),
    };
    enum status status = expr_run(field->expr, &frame, value);

    return status == STATUS_OK ? STATUS_OK
                               : engine_fail(engine, status, frame.message, field->name);
}

/* --- operators ----------------------------------------------------------------------------------
 * Each gives the index of the next node, PLAN_END if the way ends, or fails. */

static uint32_t next_of(const struct plan_node *node, uint32_t index)
{
    return index < node->next_count ? node->next[index] : PLAN_END;
}

static enum status condition(struct engine *engine, const struct event *event,
                             const struct plan_node *node, uint32_t index, bool *holds)
{
    const struct plan_field *field = &node->fields[index];
    struct value value;
    enum status status = engine_evaluate(engine, event, node, field, &value);

    if (status != STATUS_OK) return status;
    if (value.kind != VALUE_BOOLEAN) {
        return engine_fail(engine, STATUS_TYPE, SLICE("the condition is neither true nor false"),
                           field->name);
    }
    *holds = value.boolean;
    return STATUS_OK;
}

static enum status run_filter(struct engine *engine, const struct event *event,
                              const struct plan_node *node, uint32_t *next)
{
    bool holds = false;
    enum status status = condition(engine, event, node, 0, &holds);

    *next = next_of(node, holds ? 0 : 1);
    return status;
}

static enum status run_choice(struct engine *engine, const struct event *event,
                              const struct plan_node *node, uint32_t *next)
{
    for (uint32_t i = 0; i < node->field_count; i++) {
        bool holds = false;
        enum status status = condition(engine, event, node, i, &holds);

        *next = next_of(node, i);
        if (status != STATUS_OK || holds) return status;
    }
    *next = next_of(node, node->field_count);
    return STATUS_OK;
}

static enum status run_variable(struct engine *engine, const struct event *event,
                                const struct plan_node *node)
{
    const struct plan_field *field = &node->fields[0];

    return engine_evaluate(engine, event, node, field, &engine->slots[node->output_slot]);
}

static enum status run_record(struct engine *engine, const struct event *event,
                              const struct plan_node *node)
{
    struct value_entry *entries =
        arena_alloc(&engine->scratch, node->field_count, sizeof(*entries));

    if (entries == NULL)
        return engine_fail(engine, STATUS_LIMIT, SLICE("the record is too large"), SLICE(""));
    for (uint32_t i = 0; i < node->field_count; i++) {
        const struct plan_field *field = &node->fields[i];
        enum status status = engine_evaluate(engine, event, node, field, &entries[i].value);

        if (status != STATUS_OK) return status;
        entries[i].key = value_string(field->name);
    }
    engine->slots[node->output_slot] = value_map(entries, node->field_count);
    return STATUS_OK;
}

/* Branches wait on the stack, last first; each is an event of its own by its identity. */
static enum status run_split(struct engine *engine, const struct event *event,
                             const struct plan_node *node)
{
    for (uint32_t i = node->next_count; i > 0; i--) {
        struct hop *hop = &engine->hops[engine->hop_count];

        ASSERT(engine->hop_count < engine->plan->node_count);
        hop->node = node->next[i - 1];
        hop->identity = event->identity;
        hop->key = event->key;
        if (identity_push(&hop->identity, i - 1) != STATUS_OK) {
            return engine_fail(engine, STATUS_LIMIT, SLICE("splits are nested too deeply"),
                               SLICE(""));
        }
        engine->hop_count++;
    }
    return STATUS_OK;
}

static enum status run_node(struct engine *engine, struct event *event,
                            const struct plan_node *node, uint32_t *next)
{
    *next = next_of(node, 0);
    switch (node->kind) {
    case PLAN_SOURCE: return STATUS_OK;
    case PLAN_FILTER: return run_filter(engine, event, node, next);
    case PLAN_VARIABLE: return run_variable(engine, event, node);
    case PLAN_RECORD: return run_record(engine, event, node);
    case PLAN_CHOICE: return run_choice(engine, event, node, next);
    case PLAN_SPLIT: *next = PLAN_END; return run_split(engine, event, node);
    case PLAN_SLIDING: return keyed_enter(engine, event, node);
    case PLAN_CALL: return call_enter(engine, event, node);
    case PLAN_SINK: return sink_emit(engine, event, node);
    case PLAN_DEBUG: return sink_debug(engine, event, node);
    case PLAN_DEAD_END: *next = PLAN_END; return STATUS_OK;
    }
    UNREACHABLE("plan kind outside the enum");
}

static bool is_ending(const struct plan_node *node)
{
    return node->kind == PLAN_SINK || node->kind == PLAN_SPLIT || node->ends_ok;
}

/* One branch until it ends. AGAIN: it goes on elsewhere or later. */
static enum status walk_branch(struct engine *engine, struct event *event, uint32_t index)
{
    while (index != PLAN_END) {
        ASSERT(index < engine->plan->node_count);
        const struct plan_node *node = &engine->plan->nodes[index];
        struct node_counters *counters = &engine->counters[index];
        uint32_t next;
        enum status status = run_node(engine, event, node, &next);

        counters->events++;
        if (status == STATUS_AGAIN) return STATUS_OK;
        if (status == STATUS_CORRUPT || status == STATUS_IO) return status;
        if (status != STATUS_OK) {
            /* what a failing split had put on the stack stays: those branches are fine */
            return engine_report(engine, event, node);
        }
        if (next == PLAN_END && !is_ending(node)) counters->filtered++;
        index = next;
    }
    return STATUS_OK;
}

enum status event_walk(struct engine *engine, struct event *event, uint32_t node)
{
    engine->hop_count = 0;
    enum status status = walk_branch(engine, event, node);

    while (status == STATUS_OK && engine->hop_count > 0) {
        struct hop hop = engine->hops[--engine->hop_count];

        event->identity = hop.identity;
        event->key = hop.key;
        event_reseed(event);
        status = walk_branch(engine, event, hop.node);
    }
    return status;
}
