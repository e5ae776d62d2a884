/* effects.c - what leaves the instance: outputs, calls, errors, each with its identity. */
#include <stdlib.h>

#include "engine/instance.h"

static struct effect *effect_new(struct engine *engine)
{
    if (engine->effect_count == engine->effect_capacity) {
        uint32_t capacity =
            engine->effect_capacity == 0 ? EFFECTS_FIRST : engine->effect_capacity * 2;
        struct effect *effects = realloc(engine->effects, capacity * sizeof(*effects));

        if (effects == NULL) return NULL;
        engine->effects = effects;
        engine->effect_capacity = capacity;
    }
    return &engine->effects[engine->effect_count++];
}

enum status engine_effect(struct engine *engine, const struct event *event,
                          const struct plan_node *node, enum effect_kind kind,
                          struct effect **effect)
{
    struct identity identity = event->identity;

    if (identity_push(&identity, node->index) != STATUS_OK)
        return engine_fail(engine, STATUS_LIMIT, SLICE("the event's way is too long"), SLICE(""));
    *effect = effect_new(engine);
    if (*effect == NULL)
        return engine_fail(engine, STATUS_LIMIT, SLICE("no memory for effects"), SLICE(""));
    **effect = (struct effect){
        .kind = kind, .node = node->index, .identity = identity, .time_ms = event->time_ms};
    return STATUS_OK;
}

/* A path that is full is cut: an error must always get out. */
static struct identity error_identity(const struct event *event, const struct plan_node *node)
{
    struct identity identity = event->identity;

    while (identity_push(&identity, node->index) != STATUS_OK)
        identity.path_len--;
    return identity;
}

enum status engine_report(struct engine *engine, const struct event *event,
                          const struct plan_node *node)
{
    struct effect *effect = effect_new(engine);
    enum status status = STATUS_OK;

    engine->counters[node->index].errors++;
    if (effect == NULL) return STATUS_IO;
    *effect = (struct effect){.kind = EFFECT_ERROR,
                              .node = node->index,
                              .identity = error_identity(event, node),
                              .time_ms = event->time_ms};
    status = arena_copy(&engine->out, engine->failure.message, &effect->message);
    if (status == STATUS_OK)
        status = arena_copy(&engine->out, engine->failure.input, &effect->input);
    if (status == STATUS_OK && event->source.data != NULL)
        status = arena_copy(&engine->out, event->source, &effect->value);
    return status == STATUS_OK ? STATUS_OK : STATUS_IO;
}
