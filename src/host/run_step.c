/* run_step.c - steps, and lines out. */
#include "host/run_parts.h"

static void member(struct buffer *out, const char *name)
{
    buffer_append_byte(out, out->len == 0 ? '{' : ',');
    json_write_string(slice_of(name), out);
    buffer_append_byte(out, ':');
}

static void text_member(struct buffer *out, const char *name, struct slice text)
{
    member(out, name);
    if (text.data == NULL) {
        buffer_append_text(out, "null");
    } else {
        json_write_string(text, out);
    }
}

static void json_member(struct buffer *out, const char *name, struct slice json)
{
    member(out, name);
    buffer_append(out, json.len == 0 ? SLICE("null") : json);
}

static void time_member(struct buffer *out, int64_t time_ms)
{
    member(out, "timestamp");
    buffer_append_i64(out, time_ms);
}

static void write_output(struct run *run, const struct effect *effect)
{
    const struct plan_node *node = &run->plan->nodes[effect->node];
    struct buffer *out = &run->text;

    buffer_clear(out);
    text_member(out, "node", node->name);
    if (effect->kind == EFFECT_ERROR) {
        text_member(out, "error", effect->message);
        time_member(out, effect->time_ms);
        json_member(out, "event", effect->value);
    } else {
        text_member(out, "topic", effect->topic);
        text_member(out, "key", effect->key);
        time_member(out, effect->time_ms);
        if (node->kind == PLAN_SINK && node->topic.content == PLAN_CONTENT_PLAIN) {
            text_member(out, "value", effect->value);
        } else {
            json_member(out, "value", effect->value);
        }
    }
    buffer_append_text(out, "}\n");
    ASSERT(!out->failed);
    (void)fwrite(out->data, 1, out->len, run->options->out);
}

static enum status make_call(struct run *run, const struct effect *effect)
{
    struct pending *pending;

    if (run->pending_count == RUN_CALLS_MAX) return STATUS_LIMIT;
    pending = &run->pending[run->pending_count++];
    *pending = (struct pending){.node = effect->node, .identity = effect->identity};
    pending->status =
        run->options->outside(run->options->outside_context, &run->installation.config,
                              effect->value, &run->calls, &pending->payload);
    return STATUS_OK;
}

static enum status take_effects(struct run *run, const struct effect_list *effects)
{
    for (uint32_t i = 0; i < effects->count; i++) {
        const struct effect *effect = &effects->items[i];
        enum status status = STATUS_OK;

        switch (effect->kind) {
        case EFFECT_EMIT:
        case EFFECT_DEBUG:
        case EFFECT_ERROR: write_output(run, effect); break;
        case EFFECT_CALL: status = make_call(run, effect); break;
        case EFFECT_RESULT: break; /* there is no page to show it on */
        case EFFECT_HANDOVER: UNREACHABLE("one instance cuts nothing");
        }
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* Steps one input and every reply it leads to. */
enum status run_step(struct run *run, struct engine_input input)
{
    struct effect_list effects;
    enum status status = engine_step(run->engine, &input, 1, &effects);

    run->pending_count = 0;
    arena_reset(&run->calls);
    if (status == STATUS_OK) status = take_effects(run, &effects);
    for (uint32_t i = 0; i < run->pending_count && status == STATUS_OK; i++) {
        const struct pending *pending = &run->pending[i];

        input.kind = INPUT_REPLY;
        input.node = pending->node;
        input.identity = pending->identity;
        input.reply_status = pending->status;
        input.bytes = pending->payload;
        status = engine_step(run->engine, &input, 1, &effects);
        if (status == STATUS_OK) status = take_effects(run, &effects);
    }
    return status;
}
