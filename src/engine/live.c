/* live.c - an event with its live variables as bytes. They are read back by whoever runs the same
 * plan: another instance, or this one after the reply to a call. */
#include "base/bytes.h"
#include "engine/instance.h"

static void append_optional(struct buffer *out, struct slice bytes)
{
    buffer_append_varint(out, bytes.data == NULL ? 0 : (uint64_t)bytes.len + 1);
    if (bytes.data != NULL) buffer_append(out, bytes);
}

static struct slice read_optional(struct byte_reader *reader)
{
    uint64_t len = read_varint(reader);

    if (len == 0 || reader->bad) return (struct slice){0};
    return read_bytes(reader, len - 1);
}

static void append_value(struct engine *engine, struct value value)
{
    buffer_clear(&engine->one);
    value_encode(value, &engine->one);
    if (engine->one.failed) engine->live.failed = true;
    buffer_append_sized(&engine->live, buffer_slice(&engine->one));
}

enum status live_encode(struct engine *engine, const struct event *event,
                        const struct plan_node *node, struct value extra, struct slice *bytes)
{
    struct buffer *out = &engine->live;

    buffer_clear(out);
    buffer_append_byte(out, LIVE_VERSION);
    buffer_append_le64(out, event->origin);
    buffer_append_le64(out, (uint64_t)event->time_ms);
    buffer_append_le64(out, (uint64_t)event->now_ms);
    append_optional(out, event->key);
    append_optional(out, event->event_id);
    append_optional(out, event->source);
    append_value(engine, extra);
    buffer_append_varint(out, node->live_count);
    for (uint32_t i = 0; i < node->live_count; i++) {
        buffer_append_varint(out, node->live[i]);
        append_value(engine, engine->slots[node->live[i]]);
    }
    if (out->failed) {
        return engine_fail(engine, STATUS_LIMIT, SLICE("the event's variables are too large"),
                           SLICE(""));
    }
    *bytes = buffer_slice(out);
    return STATUS_OK;
}

static enum status read_value(struct engine *engine, struct byte_reader *reader,
                              struct value *value)
{
    struct slice bytes = read_sized(reader);

    if (reader->bad) return STATUS_CORRUPT;
    enum status status = value_decode(bytes, &engine->scratch, value);

    return status == STATUS_OK || status == STATUS_LIMIT ? status : STATUS_CORRUPT;
}

enum status live_decode(struct engine *engine, struct slice bytes, struct event *event,
                        struct value *extra)
{
    struct byte_reader reader = byte_reader(bytes);

    uint8_t version = read_u8(&reader);

    if (version == 0 || version > LIVE_VERSION) return STATUS_CORRUPT;
    event->origin = version < 2 ? 0 : read_le64(&reader);
    event->time_ms = (int64_t)read_le64(&reader);
    event->now_ms = (int64_t)read_le64(&reader);
    event->key = read_optional(&reader);
    event->event_id = read_optional(&reader);
    event->source = read_optional(&reader);
    enum status status = read_value(engine, &reader, extra);
    uint64_t count = read_varint(&reader);

    for (uint64_t i = 0; i < count && status == STATUS_OK; i++) {
        uint64_t slot = read_varint(&reader);

        if (reader.bad || slot >= engine->plan->slot_count) return STATUS_CORRUPT;
        status = read_value(engine, &reader, &engine->slots[slot]);
    }
    if (status == STATUS_OK && (reader.bad || reader.next != reader.end)) return STATUS_CORRUPT;
    return status;
}
