/* request.c - reading what is asked, and the parts of answers that are the same for all. */
#include "expr/request.h"
#include "value/utf8.h"

enum status request_text(const struct request *request, const char *name, struct arena *arena,
                         struct slice *text)
{
    const struct document *document = &request->document;
    uint32_t node = document_member(document, 0, slice_of(name));

    if (node == 0) return STATUS_NOT_FOUND;
    enum document_kind kind = (enum document_kind)document->nodes[node].kind;
    if (kind != DOCUMENT_STRING && kind != DOCUMENT_ESCAPED_STRING) return STATUS_INVALID;
    return document_string(document, node, arena, text);
}

static enum status read_expected(struct arena *arena, struct request *request)
{
    const struct document *document = &request->document;
    uint32_t node = document_member(document, 0, SLICE("expected"));
    struct slice expected;

    if (node == 0 || document->nodes[node].kind == DOCUMENT_NULL) return STATUS_OK;
    enum status status = request_text(request, "expected", arena, &expected);
    if (status != STATUS_OK || expected.len == 0) return status;
    /* A bare Map is a map by text, as records are. */
    if (slice_equal(expected, SLICE("Map"))) expected = SLICE("Map[String,Unknown]");
    return type_from_text(expected, arena, &request->source.expected);
}

static enum status read_members(struct arena *arena, struct request *request, struct slice *why)
{
    struct slice language = SLICE("spel");

    *why = SLICE("\"id\" is a text");
    if (request_text(request, "id", arena, &request->id) == STATUS_INVALID) return STATUS_INVALID;
    *why = SLICE("a request is a JSON object with the text \"expr\"");
    if (request_text(request, "expr", arena, &request->source.text) != STATUS_OK)
        return STATUS_INVALID;
    *why = SLICE("unknown language");
    if (request_text(request, "language", arena, &language) == STATUS_INVALID)
        return STATUS_INVALID;
    if (expr_language_find(language, &request->source.language) != STATUS_OK) return STATUS_INVALID;
    *why = SLICE("\"dictionary\" is the name of one");
    if (request_text(request, "dictionary", arena, &request->source.dictionary) == STATUS_INVALID)
        return STATUS_INVALID;
    *why = SLICE("\"expected\" is no type");
    return read_expected(arena, request);
}

enum status request_read(struct slice line, struct arena *arena, struct request *request,
                         struct slice *why)
{
    struct json_error error = {.message = "too large"};
    struct json_limits limits = json_limits_default;

    *request = (struct request){.id = SLICE("")};
    /* Requests may carry the answers of others, decimals of a thousand places among them. */
    limits.number_bytes_max = 8000;
    enum status status = json_parse(line, &limits, arena, &request->document, &error);
    *why = status == STATUS_OK ? SLICE("a request is a JSON object with the text \"expr\"")
                               : slice_of(error.message);
    if (status != STATUS_OK) return status;
    if (request->document.nodes[0].kind != DOCUMENT_OBJECT) return STATUS_INVALID;
    return read_members(arena, request, why);
}

void request_refuse(struct slice id, struct slice why, struct buffer *out)
{
    buffer_append_text(out, "{\"id\":");
    json_write_string(id.len > 0 ? id : SLICE(""), out);
    buffer_append_text(out, ",\"error\":");
    json_write_string(why.len > 0 ? why : SLICE("out of memory"), out);
    buffer_append_byte(out, '}');
}

void request_write_span(struct slice text, uint32_t start, uint32_t end, struct buffer *out)
{
    size_t from = start < text.len ? start : text.len;
    size_t to = end < text.len ? end : text.len;

    buffer_append_text(out, "\"from\":");
    buffer_append_u64(out, utf8_units((struct slice){text.data, from}));
    buffer_append_text(out, ",\"to\":");
    buffer_append_u64(out, utf8_units((struct slice){text.data, to > from ? to : from}));
}
