/* source.c - a record becomes #input and #inputMeta. JSON stays a lazy document: only what
 * expressions touch is built. */
#include "codec/json.h"
#include "engine/instance.h"
#include "scenario/schema.h"

static enum status undecodable(struct engine *engine, enum status status,
                               const struct json_error *error)
{
    struct buffer *text = &engine->json;
    struct slice message;

    buffer_clear(text);
    buffer_append_text(text, "the record is no JSON: ");
    buffer_append_text(text, error->message == NULL ? "too large" : error->message);
    buffer_append_text(text, " at byte ");
    buffer_append_u64(text, error->at);
    if (text->failed || arena_copy(&engine->scratch, buffer_slice(text), &message) != STATUS_OK)
        message = SLICE("the record is no JSON");
    return engine_fail(engine, status, message, SLICE("Topic"));
}

static enum status decode_document(struct engine *engine, struct slice text,
                                   const struct document **document)
{
    struct document *made = arena_alloc(&engine->scratch, 1, sizeof(*made));
    struct json_error error = {0};

    if (made == NULL) return undecodable(engine, STATUS_LIMIT, &error);
    enum status status = json_parse(text, &json_limits_default, &engine->scratch, made, &error);

    if (status != STATUS_OK) return undecodable(engine, status, &error);
    *document = made;
    return STATUS_OK;
}

enum status source_decode(struct engine *engine, const struct plan_node *node,
                          const struct engine_input *input, struct value *value)
{
    struct slice text = input->record->value;
    const struct document *document = NULL;
    struct slice message = {0};
    enum status status;

    *value = value_null();
    if (text.data == NULL) return STATUS_OK;
    if (node->topic.content == PLAN_CONTENT_PLAIN) {
        *value = value_string(text);
        return STATUS_OK;
    }
    status = decode_document(engine, text, &document);
    if (status != STATUS_OK) return status;
    if (node->topic.content == PLAN_CONTENT_SCHEMA) {
        status = schema_decode(node->topic.schema, document, 0, &engine->scratch, value, &message);
    } else {
        status = document_value(document, 0, &engine->scratch, value);
    }
    if (status == STATUS_OK) return STATUS_OK;
    if (message.data == NULL) message = SLICE("the record is too large for one event's memory");
    return engine_fail(engine, status, message, SLICE("Topic"));
}

static struct value text_or_null(struct slice text)
{
    return text.data == NULL ? value_null() : value_string(text);
}

static struct value headers_map(struct engine *engine, const struct record *record)
{
    struct value_entry *entries =
        arena_alloc(&engine->scratch, record->header_count, sizeof(*entries));
    uint32_t count = 0;

    if (entries == NULL) return value_map(NULL, 0);
    for (uint32_t i = 0; i < record->header_count; i++) {
        uint32_t at = 0;

        while (at < count && !slice_equal(value_text(entries[at].key), record->headers[i].name))
            at++;
        entries[at].key = value_string(record->headers[i].name);
        entries[at].value = value_string(record->headers[i].value);
        if (at == count) count++;
    }
    return value_map(entries, count);
}

enum status source_meta(struct engine *engine, const struct engine_input *input,
                        struct value *value)
{
    const struct record *record = input->record;
    const struct value_entry entries[] = {
        {value_string(SLICE("key")), text_or_null(record->key)},
        {value_string(SLICE("topic")), value_string(input->topic_name)},
        {value_string(SLICE("partition")), value_integer((int32_t)input->partition)},
        {value_string(SLICE("offset")), value_long((int64_t)record->offset)},
        {value_string(SLICE("timestamp")), value_long(record->time_ms)},
        {value_string(SLICE("timestampType")), value_string(SLICE("CREATE_TIME"))},
        {value_string(SLICE("headers")), headers_map(engine, record)},
        {value_string(SLICE("leaderEpoch")), value_integer(-1)},
    };
    struct value_entry *copy = arena_alloc(&engine->scratch, COUNT_OF(entries), sizeof(*copy));

    if (copy == NULL)
        return engine_fail(engine, STATUS_LIMIT, SLICE("no memory for the event"), SLICE("Topic"));
    memcpy(copy, entries, sizeof(entries));
    *value = value_map(copy, COUNT_OF(entries));
    return STATUS_OK;
}
