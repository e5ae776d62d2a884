/* error_record.c - see error_record.h. There is no stack: the trace is the node's name. */
#include "engine/error_record.h"

#include "codec/json.h"

static void member(struct buffer *out, const char *name)
{
    buffer_append_byte(out, out->len == 0 ? '{' : ',');
    json_write_string(slice_of(name), out);
    buffer_append_byte(out, ':');
}

static void text_or_null(struct buffer *out, struct slice text)
{
    if (text.len == 0) {
        buffer_append_text(out, "null");
    } else {
        json_write_string(text, out);
    }
}

enum status error_record_write(const struct plan *plan, const struct effect *effect,
                               struct slice host, struct buffer *key, struct buffer *value)
{
    const struct plan_node *node = &plan->nodes[effect->node];

    ASSERT(effect->kind == EFFECT_ERROR && effect->node < plan->node_count);
    buffer_clear(key);
    buffer_append(key, plan->scenario_id);
    buffer_append_byte(key, '-');
    buffer_append(key, node->id);
    buffer_clear(value);
    member(value, "processName");
    json_write_string(plan->scenario_id, value);
    member(value, "nodeId");
    json_write_string(node->id, value);
    member(value, "message");
    json_write_string(effect->message, value);
    member(value, "exceptionInput");
    text_or_null(value, effect->input);
    member(value, "inputEvent");
    if (effect->value.len + value->len > ERROR_RECORD_BYTES_MAX - 4096) {
        buffer_append_text(value, "null");
    } else {
        buffer_append(value, effect->value.len == 0 ? SLICE("null") : effect->value);
    }
    member(value, "stackTrace");
    json_write_string(node->name, value);
    member(value, "timestamp");
    buffer_append_i64(value, effect->time_ms);
    member(value, "host");
    text_or_null(value, host);
    member(value, "additionalData");
    buffer_append_text(value, "{}}");
    return key->failed || value->failed ? STATUS_LIMIT : STATUS_OK;
}
