/* sink.c - events leave: records for topics, and what a debugging sink shows. */
#include "codec/json.h"
#include "engine/instance.h"
#include "scenario/schema.h"

static enum status too_large(struct engine *engine, struct slice input)
{
    return engine_fail(engine, STATUS_LIMIT, SLICE("the value is too large"), input);
}

enum status engine_text(struct engine *engine, struct value value, struct slice *text)
{
    *text = (struct slice){0};
    if (value.kind == VALUE_NULL) return STATUS_OK;
    if (value.kind == VALUE_STRING) {
        *text = value_text(value);
        if (text->data == NULL) *text = SLICE("");
        return STATUS_OK;
    }
    buffer_clear(&engine->json);
    value_to_text(value, &engine->json);
    if (engine->json.failed ||
        arena_copy(&engine->scratch, buffer_slice(&engine->json), text) != STATUS_OK)
        return too_large(engine, SLICE(""));
    return STATUS_OK;
}

enum status engine_json(struct engine *engine, struct value value, struct slice *json)
{
    buffer_clear(&engine->json);
    json_write(value, &engine->json);
    if (engine->json.failed ||
        arena_copy(&engine->out, buffer_slice(&engine->json), json) != STATUS_OK)
        return too_large(engine, SLICE("Value"));
    return STATUS_OK;
}

/* --- columns: "address.city" := x makes {"address": {"city": x}} ---------------------------------- */

enum { COLUMN_DEPTH_MAX = 16 };

struct column {
    struct slice path; /* what is left of it at this depth */
    struct value value;
};

static struct slice path_head(struct slice path)
{
    const uint8_t *dot = path.len == 0 ? NULL : memchr(path.data, '.', path.len);

    return dot == NULL ? path : (struct slice){path.data, (size_t)(dot - path.data)};
}

static bool is_earlier(const struct column *columns, uint32_t index, struct slice head)
{
    for (uint32_t i = 0; i < index; i++) {
        if (slice_equal(path_head(columns[i].path), head)) return true;
    }
    return false;
}

/* Columns below one head, in order; 0 if the head is a column itself. */
static uint32_t below(const struct column *columns, uint32_t count, struct slice head,
                      struct column *found)
{
    uint32_t found_count = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct slice path = columns[i].path;

        if (path.len <= head.len || !slice_equal(path_head(path), head)) continue;
        found[found_count] = columns[i];
        found[found_count++].path =
            (struct slice){path.data + head.len + 1, path.len - head.len - 1};
    }
    return found_count;
}

static enum status nest(struct engine *engine, const struct column *columns, uint32_t count,
                        uint32_t depth, struct value *record)
{
    struct value_entry *entries = arena_alloc(&engine->scratch, count, sizeof(*entries));
    struct column *inner = arena_alloc(&engine->scratch, count, sizeof(*inner));
    uint32_t entry_count = 0;

    if (entries == NULL || inner == NULL || depth == COLUMN_DEPTH_MAX)
        return too_large(engine, SLICE("Value"));
    for (uint32_t i = 0; i < count; i++) {
        struct slice head = path_head(columns[i].path);

        if (is_earlier(columns, i, head)) continue;
        struct value_entry *entry = &entries[entry_count++];
        uint32_t inner_count = below(columns, count, head, inner);

        *entry = (struct value_entry){value_string(head), columns[i].value};
        if (inner_count == 0) continue;
        enum status status = nest(engine, inner, inner_count, depth + 1, &entry->value);

        if (status != STATUS_OK) return status;
    }
    *record = value_map(entries, entry_count);
    return STATUS_OK;
}

/* --- the kafka sink ------------------------------------------------------------------------------- */

static enum status evaluate_field(struct engine *engine, const struct event *event,
                                  const struct plan_node *node, uint32_t index, struct value *value)
{
    const struct plan_field *field = &node->fields[index];

    *value = value_null();
    if (field->expr == NULL) return STATUS_OK;
    return engine_evaluate(engine, event, node, field, value);
}

static bool is_key(const struct plan_field *field)
{
    return slice_equal(field->name, SLICE("Key"));
}

/* The record's value: the one field "Value", or a record of the columns. */
static enum status sink_value(struct engine *engine, const struct event *event,
                              const struct plan_node *node, struct value *value)
{
    uint32_t first = node->field_count > 0 && is_key(&node->fields[0]) ? 1 : 0;
    uint32_t count = node->field_count - first;

    *value = value_null();
    if (count == 1 && slice_equal(node->fields[first].name, SLICE("Value")))
        return evaluate_field(engine, event, node, first, value);
    if (count == 0) return STATUS_OK;
    struct column *columns = arena_alloc(&engine->scratch, count, sizeof(*columns));

    if (columns == NULL) return too_large(engine, SLICE("Value"));
    for (uint32_t i = 0; i < count; i++) {
        enum status status = evaluate_field(engine, event, node, first + i, &columns[i].value);

        if (status != STATUS_OK) return status;
        columns[i].path = node->fields[first + i].name;
    }
    return nest(engine, columns, count, 0, value);
}

static enum status sink_key(struct engine *engine, const struct event *event,
                            const struct plan_node *node, struct slice *key)
{
    struct value value = value_null();
    enum status status = STATUS_OK;

    if (node->field_count > 0 && is_key(&node->fields[0]))
        status = evaluate_field(engine, event, node, 0, &value);
    return status == STATUS_OK ? engine_text(engine, value, key) : status;
}

static enum status encode_plain(struct engine *engine, struct value value, struct slice *bytes)
{
    struct slice text;
    enum status status = engine_text(engine, value, &text);

    if (status == STATUS_OK && arena_copy(&engine->out, text, bytes) != STATUS_OK)
        return too_large(engine, SLICE("Value"));
    return status;
}

static enum status encode_schema(struct engine *engine, const struct plan_node *node,
                                 struct value value, struct slice *bytes)
{
    struct slice message = {0};

    buffer_clear(&engine->json);
    enum status status = schema_encode(node->topic.schema, value, node->topic.strict,
                                       &engine->scratch, &engine->json, &message);

    if (status == STATUS_OK) status = engine->json.failed ? STATUS_LIMIT : STATUS_OK;
    if (status == STATUS_OK) status = arena_copy(&engine->out, buffer_slice(&engine->json), bytes);
    if (status == STATUS_OK) return STATUS_OK;
    if (message.data == NULL) return too_large(engine, SLICE("Value"));
    return engine_fail(engine, status, message, SLICE("Value"));
}

static enum status encode(struct engine *engine, const struct plan_node *node, struct value value,
                          struct slice *bytes)
{
    switch (node->topic.content) {
    case PLAN_CONTENT_JSON: return engine_json(engine, value, bytes);
    case PLAN_CONTENT_PLAIN: return encode_plain(engine, value, bytes);
    case PLAN_CONTENT_SCHEMA: return encode_schema(engine, node, value, bytes);
    }
    UNREACHABLE("content outside the enum");
}

/* Key and value are evaluated before anything leaves, so a failing sink emits nothing. */
enum status sink_emit(struct engine *engine, const struct event *event,
                      const struct plan_node *node)
{
    struct effect *effect;
    struct value value;
    struct slice key;
    struct slice bytes;
    enum status status = sink_key(engine, event, node, &key);

    if (status == STATUS_OK) status = sink_value(engine, event, node, &value);
    if (status != STATUS_OK || value.kind == VALUE_NULL) return status;
    status = encode(engine, node, value, &bytes);
    if (status == STATUS_OK && key.data != NULL && arena_copy(&engine->out, key, &key) != STATUS_OK)
        return too_large(engine, SLICE("Key"));
    if (status == STATUS_OK) status = engine_effect(engine, event, node, EFFECT_EMIT, &effect);
    if (status != STATUS_OK) return status;
    effect->topic = node->topic.name;
    effect->key = key;
    effect->value = bytes;
    return STATUS_OK;
}

/* --- the debugging sink --------------------------------------------------------------------------- */

enum status sink_debug(struct engine *engine, const struct event *event,
                       const struct plan_node *node)
{
    struct effect *effect;
    struct value value = value_null();
    struct slice json;
    enum status status = sink_value(engine, event, node, &value);

    if (status == STATUS_OK) status = engine_json(engine, value, &json);
    if (status == STATUS_OK) status = engine_effect(engine, event, node, EFFECT_DEBUG, &effect);
    if (status == STATUS_OK) effect->value = json;
    return status;
}
