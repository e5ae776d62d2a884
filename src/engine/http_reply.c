/* http_reply.c - the reply of the http enricher, as deliver hands it back. */
#include "codec/json.h"
#include "engine/calls.h"

static enum status member(struct engine *engine, struct value map, const char *name,
                          struct value *value)
{
    *value = value_null();
    if (map.kind != VALUE_MAP) return STATUS_OK;
    enum status status = map_get(map, slice_of(name), &engine->scratch, value);

    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status parse(struct engine *engine, struct slice text, struct value *value)
{
    struct document *document = arena_alloc(&engine->scratch, 1, sizeof(*document));
    struct json_error error = {0};

    if (document == NULL) return STATUS_LIMIT;
    enum status status = json_parse(text, &json_limits_default, &engine->scratch, document, &error);

    return status == STATUS_OK ? document_value(document, 0, &engine->scratch, value) : status;
}

/* Reply headers come as a record or as pairs; the output has a record. */
static enum status headers_record(struct engine *engine, struct value headers, struct value *record)
{
    uint32_t count = headers.kind == VALUE_LIST ? list_count(headers) : 0;
    struct value_entry *entries = arena_alloc(&engine->scratch, count, sizeof(*entries));
    enum status status = STATUS_OK;

    *record = headers;
    if (headers.kind != VALUE_LIST) return STATUS_OK;
    if (entries == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        struct value pair;

        status = list_item(headers, i, &engine->scratch, &pair);
        if (status == STATUS_OK && (pair.kind != VALUE_LIST || list_count(pair) != 2))
            status = STATUS_INVALID;
        if (status == STATUS_OK) status = list_item(pair, 0, &engine->scratch, &entries[i].key);
        if (status == STATUS_OK) status = list_item(pair, 1, &engine->scratch, &entries[i].value);
    }
    *record = value_map(entries, count);
    return status;
}

static enum status content_type_of(struct engine *engine, struct value headers,
                                   struct slice *content_type)
{
    struct value_entry entry;
    enum status status = STATUS_OK;

    *content_type = (struct slice){0};
    if (headers.kind != VALUE_MAP) return STATUS_OK;
    struct value_cursor cursor = value_cursor(headers);

    while (cursor_next(&cursor, &engine->scratch, &entry, &status)) {
        if (entry.key.kind == VALUE_STRING && entry.value.kind == VALUE_STRING &&
            slice_equal_ignoring_case(value_text(entry.key), SLICE("content-type")))
            *content_type = value_text(entry.value);
    }
    return status;
}

static bool is_json(struct slice content_type)
{
    struct slice head = content_type;

    for (size_t i = 0; i < head.len; i++) {
        if (head.data[i] == ';' || head.data[i] == ' ') head.len = i;
    }
    return slice_equal_ignoring_case(head, SLICE("application/json")) ||
           slice_ends_with(head, SLICE("+json"));
}

/* JSON bodies become values, others text; a body without a type is null. */
static enum status body_value(struct engine *engine, struct value body, struct value headers,
                              struct value *value)
{
    struct slice content_type;
    enum status status = content_type_of(engine, headers, &content_type);

    *value = body;
    if (status != STATUS_OK || body.kind != VALUE_STRING) return status;
    if (content_type.len == 0) {
        *value = value_null();
        return STATUS_OK;
    }
    if (!is_json(content_type) || parse(engine, value_text(body), value) == STATUS_OK)
        return STATUS_OK;
    *value = body; /* it says JSON and is not: the text */
    return STATUS_OK;
}

static enum status only_2xx(struct engine *engine, const struct plan_node *node, bool *only)
{
    struct event event = {0};

    *only = true;
    for (uint32_t i = 0; i < node->field_count; i++) {
        const struct plan_field *field = &node->fields[i];
        struct value value;

        if (!slice_equal(field->name, SLICE("Error Strategy")) || field->expr == NULL) continue;
        enum status status = engine_evaluate(engine, &event, node, field, &value);

        if (status != STATUS_OK) return status;
        *only = value.kind != VALUE_STRING || value.len == 0 ||
                slice_equal(value_text(value), SLICE("Accept Only 2xx"));
    }
    return STATUS_OK;
}

static enum status explain(struct engine *engine, const char *start, struct slice middle)
{
    struct slice message;

    buffer_clear(&engine->json);
    buffer_append_text(&engine->json, start);
    buffer_append(&engine->json, middle);
    if (engine->json.failed ||
        arena_copy(&engine->scratch, buffer_slice(&engine->json), &message) != STATUS_OK)
        message = slice_of(start);
    return engine_fail(engine, STATUS_INVALID, message, SLICE("URL"));
}

static enum status check_status(struct engine *engine, const struct plan_node *node,
                                struct value code)
{
    uint8_t bytes[32];
    struct buffer text = {.data = bytes, .capacity = sizeof(bytes), .bytes_max = sizeof(bytes)};
    bool only = true;
    enum status status = only_2xx(engine, node, &only);

    if (status != STATUS_OK || !only) return status;
    if (code.kind == VALUE_INTEGER && code.i64 >= 200 && code.i64 <= 299) return STATUS_OK;
    if (code.kind == VALUE_INTEGER) buffer_append_i64(&text, code.i64);
    return explain(engine, "the endpoint answered with status ", buffer_slice(&text));
}

static enum status make_output(struct engine *engine, struct value reply, struct value code,
                               struct value shown, struct value *output)
{
    struct value_entry *outer = arena_alloc(&engine->scratch, 2, sizeof(*outer));
    struct value_entry *inner = arena_alloc(&engine->scratch, 4, sizeof(*inner));
    struct value headers;
    struct value body;
    enum status status = outer == NULL || inner == NULL ? STATUS_LIMIT : STATUS_OK;

    if (status != STATUS_OK) return status;
    inner[0] = (struct value_entry){value_string(SLICE("statusCode")), code};
    inner[1].key = value_string(SLICE("statusText"));
    inner[2].key = value_string(SLICE("headers"));
    inner[3].key = value_string(SLICE("body"));
    status = member(engine, reply, "statusText", &inner[1].value);
    if (status == STATUS_OK) status = member(engine, reply, "headers", &headers);
    if (status == STATUS_OK) status = headers_record(engine, headers, &inner[2].value);
    if (status == STATUS_OK) status = member(engine, reply, "body", &body);
    if (status == STATUS_OK) status = body_value(engine, body, inner[2].value, &inner[3].value);
    outer[0] = (struct value_entry){value_string(SLICE("request")), shown};
    outer[1] = (struct value_entry){value_string(SLICE("response")), value_map(inner, 4)};
    *output = value_map(outer, 2);
    return status;
}

static enum status failed_call(struct engine *engine, struct slice payload)
{
    struct value reply;
    struct value error;

    if (payload.len == 0 || parse(engine, payload, &reply) != STATUS_OK ||
        member(engine, reply, "error", &error) != STATUS_OK || error.kind != VALUE_STRING)
        return explain(engine, "the call failed", (struct slice){0});
    return explain(engine, "the call failed: ", value_text(error));
}

enum status call_output(struct engine *engine, const struct plan_node *node, enum status status,
                        struct slice payload, struct value shown, struct value *output)
{
    struct value reply;
    struct value code;

    if (status != STATUS_OK) return failed_call(engine, payload);
    status = parse(engine, payload, &reply);
    if (status == STATUS_OK) status = member(engine, reply, "statusCode", &code);
    if (status != STATUS_OK) return explain(engine, "the reply is no JSON", (struct slice){0});
    status = check_status(engine, node, code);
    if (status != STATUS_OK) return status;
    status = make_output(engine, reply, code, shown, output);
    if (status == STATUS_OK) return STATUS_OK;
    return explain(engine, "the reply is malformed or too large", (struct slice){0});
}
