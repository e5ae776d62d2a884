/* answer.c - the reply scenarios see.
 * source  the http enricher's output record of the original: statusCode, statusText, headers, body */
#include "connect/http/answer.h"

#include "value/utf8.h"

const struct http_header *answer_find(const struct answer *answer, struct slice name)
{
    for (uint32_t i = 0; i < answer->header_count; i++) {
        if (slice_equal_ignoring_case(answer->headers[i].name, name)) return &answer->headers[i];
    }
    return NULL;
}

int64_t answer_retry_after_ms(const struct answer *answer)
{
    const struct http_header *header = answer_find(answer, SLICE("Retry-After"));
    struct slice seconds;
    int64_t value;

    if (header == NULL) return -1;
    seconds = header->value;
    const uint8_t *point = seconds.len > 0 ? memchr(seconds.data, '.', seconds.len) : NULL;
    if (point != NULL) seconds.len = (size_t)(point - seconds.data);
    if (slice_to_i64(seconds, &value) != STATUS_OK || value < 0 || value > INT32_MAX) return -1;
    return (value + (point != NULL ? 1 : 0)) * 1000; /* a fraction is rounded up */
}

static bool is_json(struct slice content_type)
{
    for (size_t i = 0; i < content_type.len; i++) {
        if (content_type.data[i] == ';' || content_type.data[i] == ' ') content_type.len = i;
    }
    return slice_equal_ignoring_case(content_type, SLICE("application/json")) ||
           slice_ends_with(content_type, SLICE("+json"));
}

enum status answer_body_read(const struct answer *answer, struct arena *arena,
                             enum answer_body *kind, struct document *document)
{
    const struct http_header *type = answer_find(answer, SLICE("Content-Type"));
    struct json_error error = {0};

    *kind = type == NULL ? ANSWER_BODY_NONE : ANSWER_BODY_TEXT;
    if (type == NULL || !is_json(type->value)) return STATUS_OK;
    if (answer->body.len == 0) {
        *kind = ANSWER_BODY_NONE;
        return STATUS_OK;
    }
    enum status status = json_parse(answer->body, &json_limits_default, arena, document, &error);
    if (status == STATUS_OK) *kind = ANSWER_BODY_JSON;
    return status;
}

/* A JSON string of bytes from outside. */
static void write_text(struct slice text, struct arena *arena, struct buffer *out)
{
    if (text.len == 0 || utf8_invalid_at(text) == text.len) {
        json_write_string(text, out);
        return;
    }
    uint8_t *latin = arena_alloc(arena, text.len, 2);
    size_t len = 0;
    if (latin == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < 0x80) {
            latin[len++] = text.data[i];
        } else {
            latin[len++] = (uint8_t)(0xC0U | (text.data[i] >> 6U));
            latin[len++] = (uint8_t)(0x80U | (text.data[i] & 0x3FU));
        }
    }
    json_write_string((struct slice){latin, len}, out);
}

static void write_headers(const struct answer *answer, struct arena *arena, struct buffer *out)
{
    for (uint32_t i = 0; i < answer->header_count; i++) {
        if (i > 0) buffer_append_byte(out, ',');
        write_text(answer->headers[i].name, arena, out);
        buffer_append_byte(out, ':');
        write_text(answer->headers[i].value, arena, out);
    }
}

static void write_body(const struct answer *answer, struct arena *arena, struct buffer *out)
{
    struct document document;
    enum answer_body kind;

    if (answer_body_read(answer, arena, &kind, &document) != STATUS_OK) kind = ANSWER_BODY_TEXT;
    switch (kind) {
    case ANSWER_BODY_NONE: buffer_append_text(out, "null"); return;
    case ANSWER_BODY_TEXT: write_text(answer->body, arena, out); return;
    case ANSWER_BODY_JSON: json_write_document(&document, 0, 0, out); return;
    }
    UNREACHABLE("body kind outside the enum");
}

void answer_write(const struct answer *answer, struct arena *arena, struct buffer *out)
{
    buffer_append_text(out, "{\"statusCode\":");
    buffer_append_u64(out, answer->status);
    buffer_append_text(out, ",\"statusText\":");
    write_text(answer->text, arena, out);
    buffer_append_text(out, ",\"headers\":{");
    write_headers(answer, arena, out);
    buffer_append_text(out, "},\"body\":");
    write_body(answer, arena, out);
    buffer_append_byte(out, '}');
}

void answer_write_error(struct slice problem, struct buffer *out)
{
    buffer_append_text(out, "{\"error\":");
    json_write_string(problem, out);
    buffer_append_byte(out, '}');
}
