/* http_call.c - the http enricher: parameters to a request, a reply to a record. */
#include "codec/json.h"
#include "engine/calls.h"

static enum status refuse(struct engine *engine, struct slice message, const char *parameter)
{
    return engine_fail(engine, STATUS_INVALID, message, slice_of(parameter));
}

static enum status parameter(struct engine *engine, struct value parameters, const char *name,
                             struct value *value)
{
    enum status status = map_get(parameters, slice_of(name), &engine->scratch, value);

    if (status == STATUS_NOT_FOUND) {
        *value = value_null();
        return STATUS_OK;
    }
    return status == STATUS_OK
               ? STATUS_OK
               : engine_fail(engine, status, SLICE("the parameter is too large"), slice_of(name));
}

static enum status text_parameter(struct engine *engine, struct value parameters, const char *name,
                                  struct slice *text)
{
    struct value value;
    enum status status = parameter(engine, parameters, name, &value);

    return status == STATUS_OK ? engine_text(engine, value, text) : status;
}

/* --- url ------------------------------------------------------------------------------------------ */

static bool is_unreserved(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

static void append_encoded(struct buffer *out, struct slice text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];

        if (is_unreserved(byte)) {
            buffer_append_byte(out, byte);
            continue;
        }
        buffer_append_byte(out, '%');
        buffer_append_byte(out, (uint8_t)digits[byte >> 4U]);
        buffer_append_byte(out, (uint8_t)digits[byte & 15U]);
    }
}

/* engine_text() uses the json buffer, so urls are made in `one`. */
static enum status append_segments(struct engine *engine, struct value segments)
{
    struct value_cursor cursor;
    struct value_entry entry;
    struct slice text;
    enum status status = STATUS_OK;

    if (segments.kind == VALUE_NULL) return STATUS_OK;
    if (segments.kind != VALUE_LIST)
        return refuse(engine, SLICE("path segments must be a list"), "Path Segments");
    cursor = value_cursor(segments);
    while (cursor_next(&cursor, &engine->scratch, &entry, &status)) {
        status = engine_text(engine, entry.value, &text);
        if (status != STATUS_OK) return status;
        if (engine->one.len == 0 || engine->one.data[engine->one.len - 1] != '/')
            buffer_append_byte(&engine->one, '/');
        append_encoded(&engine->one, text);
    }
    return status;
}

/* A {name, value} record of a list. */
static enum status read_pair(struct engine *engine, struct value pair, const char *parameter_name,
                             struct slice *name, struct slice *value)
{
    struct value part;
    enum status status;

    *name = (struct slice){0};
    *value = (struct slice){0};
    if (pair.kind != VALUE_MAP)
        return refuse(engine, SLICE("every item must be a record {name, value}"), parameter_name);
    status = text_parameter(engine, pair, "name", name);
    if (status == STATUS_OK) status = parameter(engine, pair, "value", &part);
    if (status == STATUS_OK) status = engine_text(engine, part, value);
    if (status == STATUS_OK && name->len == 0)
        return refuse(engine, SLICE("every item needs a name"), parameter_name);
    return status;
}

static enum status append_query(struct engine *engine, struct value query)
{
    struct value_cursor cursor;
    struct value_entry entry;
    struct slice name;
    struct slice value;
    enum status status = STATUS_OK;
    bool marked = engine->one.len > 0 && memchr(engine->one.data, '?', engine->one.len) != NULL;

    if (query.kind == VALUE_NULL) return STATUS_OK;
    if (query.kind != VALUE_LIST)
        return refuse(engine, SLICE("query parameters must be a list"), "Query Parameters");
    cursor = value_cursor(query);
    while (cursor_next(&cursor, &engine->scratch, &entry, &status)) {
        status = read_pair(engine, entry.value, "Query Parameters", &name, &value);
        if (status != STATUS_OK) return status;
        if (value.data == NULL) continue; /* null: not asked */
        buffer_append_byte(&engine->one, marked ? '&' : '?');
        append_encoded(&engine->one, name);
        buffer_append_byte(&engine->one, '=');
        append_encoded(&engine->one, value);
        marked = true;
    }
    return status;
}

static enum status make_url(struct engine *engine, struct value parameters, struct slice *url)
{
    struct value segments;
    struct value query;
    enum status status = text_parameter(engine, parameters, "URL", url);

    if (status == STATUS_OK) status = parameter(engine, parameters, "Path Segments", &segments);
    if (status == STATUS_OK) status = parameter(engine, parameters, "Query Parameters", &query);
    if (status != STATUS_OK) return status;
    if (url->len == 0) return refuse(engine, SLICE("the URL is empty"), "URL");
    buffer_clear(&engine->one);
    buffer_append(&engine->one, *url);
    status = append_segments(engine, segments);
    if (status == STATUS_OK) status = append_query(engine, query);
    if (status != STATUS_OK) return status;
    if (engine->one.failed ||
        arena_copy(&engine->scratch, buffer_slice(&engine->one), url) != STATUS_OK)
        return engine_fail(engine, STATUS_LIMIT, SLICE("the URL is too long"), SLICE("URL"));
    return STATUS_OK;
}

/* --- headers and body ------------------------------------------------------------------------------ */

struct headers {
    struct slice names[HEADERS_MAX];
    struct slice values[HEADERS_MAX];
    uint32_t count;
};

/* A line break in a header would be another header. */
static bool is_header_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == 0) return false;
    }
    return true;
}

static enum status make_headers(struct engine *engine, struct value parameters,
                                struct headers *headers)
{
    struct value list;
    struct value_cursor cursor;
    struct value_entry entry;
    enum status status = parameter(engine, parameters, "Headers", &list);

    headers->count = 0;
    if (status != STATUS_OK || list.kind == VALUE_NULL) return status;
    if (list.kind != VALUE_LIST) return refuse(engine, SLICE("headers must be a list"), "Headers");
    cursor = value_cursor(list);
    while (cursor_next(&cursor, &engine->scratch, &entry, &status)) {
        if (headers->count == HEADERS_MAX)
            return refuse(engine, SLICE("there are more than 64 headers"), "Headers");
        struct slice *name = &headers->names[headers->count];
        struct slice *value = &headers->values[headers->count];

        status = read_pair(engine, entry.value, "Headers", name, value);
        if (status != STATUS_OK) return status;
        if (!is_header_text(*name) || !is_header_text(*value))
            return refuse(engine, SLICE("a header has a line break"), "Headers");
        if (value->data != NULL) headers->count++;
    }
    return status;
}

struct body {
    struct slice text; /* data NULL: none */
    const char *content_type;
};

static enum status make_body(struct engine *engine, struct value parameters, struct body *body)
{
    struct slice kind;
    struct value value;
    enum status status = text_parameter(engine, parameters, "Body Type", &kind);

    *body = (struct body){0};
    if (status == STATUS_OK) status = parameter(engine, parameters, "Body", &value);
    if (status != STATUS_OK || kind.len == 0 || slice_equal(kind, SLICE("None"))) return status;
    if (slice_equal(kind, SLICE("JSON"))) {
        body->content_type = "application/json";
        status = engine_json(engine, value, &body->text);
    } else {
        body->content_type = "text/plain; charset=utf-8";
        status = engine_text(engine, value, &body->text);
    }
    if (body->text.data == NULL && status == STATUS_OK) body->text = SLICE("");
    return status;
}

/* --- the request ----------------------------------------------------------------------------------- */

static void write_member(struct buffer *out, const char *name, struct slice text)
{
    if (out->data[out->len - 1] != '{') buffer_append_byte(out, ',');
    json_write_string(slice_of(name), out);
    buffer_append_byte(out, ':');
    json_write_string(text, out);
}

static void write_headers(struct buffer *out, const struct headers *headers)
{
    buffer_append_text(out, ",\"headers\":[");
    for (uint32_t i = 0; i < headers->count; i++) {
        buffer_append_text(out, i == 0 ? "[" : ",[");
        json_write_string(headers->names[i], out);
        buffer_append_byte(out, ',');
        json_write_string(headers->values[i], out);
        buffer_append_byte(out, ']');
    }
    buffer_append_byte(out, ']');
}

static enum status write_request(struct engine *engine, struct slice url, struct slice method,
                                 const struct headers *headers, const struct body *body,
                                 struct slice *request)
{
    struct buffer *out = &engine->json;

    buffer_clear(out);
    buffer_append_byte(out, '{');
    if (out->failed) return engine_fail(engine, STATUS_LIMIT, SLICE("no memory"), SLICE("URL"));
    write_member(out, "url", url);
    write_member(out, "method", method);
    write_headers(out, headers);
    if (body->text.data != NULL) {
        write_member(out, "body", body->text);
        write_member(out, "contentType", slice_of(body->content_type));
    }
    buffer_append_byte(out, '}');
    if (out->failed || arena_copy(&engine->out, buffer_slice(out), request) != STATUS_OK)
        return engine_fail(engine, STATUS_LIMIT, SLICE("the request is too large"), SLICE("Body"));
    return STATUS_OK;
}

static struct value text_or_null(struct slice text)
{
    return text.data == NULL ? value_null() : value_string(text);
}

/* The `request` part of the output, secrets masked. */
static enum status show_request(struct engine *engine, struct slice url, struct slice method,
                                const struct headers *headers, const struct body *body,
                                struct value *shown)
{
    struct value_entry *entries = arena_alloc(&engine->scratch, 4, sizeof(*entries));
    struct value_entry *masked = arena_alloc(&engine->scratch, headers->count, sizeof(*masked));

    if (entries == NULL || masked == NULL)
        return engine_fail(engine, STATUS_LIMIT, SLICE("the request is too large"), SLICE("Body"));
    for (uint32_t i = 0; i < headers->count; i++) {
        masked[i].key = value_string(headers->names[i]);
        masked[i].value = value_string(SLICE("***"));
    }
    entries[0] = (struct value_entry){value_string(SLICE("url")), value_string(url)};
    entries[1] = (struct value_entry){value_string(SLICE("method")), value_string(method)};
    entries[2] =
        (struct value_entry){value_string(SLICE("headers")), value_map(masked, headers->count)};
    entries[3] = (struct value_entry){value_string(SLICE("body")), text_or_null(body->text)};
    *shown = value_map(entries, 4);
    return STATUS_OK;
}

enum status call_request(struct engine *engine, struct value parameters, struct slice *request,
                         struct value *shown)
{
    struct slice url;
    struct slice method;
    struct headers headers;
    struct body body;
    enum status status = make_url(engine, parameters, &url);

    if (status == STATUS_OK) status = text_parameter(engine, parameters, "HTTP Method", &method);
    if (status == STATUS_OK) status = make_headers(engine, parameters, &headers);
    if (status == STATUS_OK) status = make_body(engine, parameters, &body);
    if (status != STATUS_OK) return status;
    if (method.len == 0) method = SLICE("GET");
    status = write_request(engine, url, method, &headers, &body, request);
    return status == STATUS_OK ? show_request(engine, url, method, &headers, &body, shown) : status;
}
