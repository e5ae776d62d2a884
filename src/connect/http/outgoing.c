/* outgoing.c - reads the request form and refuses what could bend the message on the wire. */
#include "connect/http/outgoing.h"

/* Headers the connection owns: a scenario that sets them could smuggle or stall. */
static const char *const owned_headers[] = {"connection", "content-length", "expect",
                                            "host",       "keep-alive",     "proxy-connection",
                                            "te",         "trailer",        "transfer-encoding",
                                            "upgrade",    "accept-encoding"};
static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

struct reader {
    const struct document *document;
    struct arena *arena;
    const char **why;
};

static enum status refuse(const struct reader *reader, const char *why)
{
    *reader->why = why;
    return STATUS_INVALID;
}

/* Text of a node that must be a string; `missing` allows null. */
static enum status read_text(const struct reader *reader, uint32_t node, struct slice *text,
                             const char *what)
{
    uint8_t kind = reader->document->nodes[node].kind;

    if (kind != DOCUMENT_STRING && kind != DOCUMENT_ESCAPED_STRING) return refuse(reader, what);
    return document_string(reader->document, node, reader->arena, text);
}

static enum status read_member(const struct reader *reader, struct slice key, struct slice *text,
                               const char *what)
{
    uint32_t node = document_member(reader->document, 0, key);

    if (node == 0 || reader->document->nodes[node].kind == DOCUMENT_NULL) return STATUS_NOT_FOUND;
    return read_text(reader, node, text, what);
}

static bool is_token(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.data[i];
        bool letter = (byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z';

        if (!letter && !(byte >= '0' && byte <= '9') &&
            (byte == '\0' || strchr("!#$%&'*+-.^_`|~", byte) == NULL))
            return false;
    }
    return name.len > 0;
}

static bool is_header_value(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        if ((value.data[i] < 0x20 && value.data[i] != '\t') || value.data[i] == 0x7F) return false;
    }
    return true;
}

static bool is_owned(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(owned_headers); i++) {
        if (slice_equal_ignoring_case(name, slice_of(owned_headers[i]))) return true;
    }
    return false;
}

static enum status header_add(const struct reader *reader, struct outgoing *outgoing,
                              struct http_header header)
{
    if (!is_token(header.name)) return refuse(reader, "a header's name is no token");
    if (!is_header_value(header.value))
        return refuse(reader, "a header's value has a line break or control character");
    if (is_owned(header.name))
        return refuse(reader, "a header of the connection (Host, Content-Length, ...) is set");
    if (outgoing->header_count == OUTGOING_HEADERS_MAX)
        return refuse(reader, "more than 100 headers");
    outgoing->headers[outgoing->header_count++] = header;
    return STATUS_OK;
}

static enum status read_headers(const struct reader *reader, struct outgoing *outgoing)
{
    const struct document_node *nodes = reader->document->nodes;
    uint32_t list = document_member(reader->document, 0, SLICE("headers"));
    enum status status = STATUS_OK;

    if (list == 0 || nodes[list].kind == DOCUMENT_NULL) return STATUS_OK;
    if (nodes[list].kind != DOCUMENT_ARRAY) return refuse(reader, "headers are no list");
    for (uint32_t at = list + 1; at < nodes[list].next && status == STATUS_OK;
         at = nodes[at].next) {
        struct http_header header;

        if (nodes[at].kind != DOCUMENT_ARRAY || nodes[at].count != 2)
            return refuse(reader, "a header is no pair of name and value");
        status = read_text(reader, at + 1, &header.name, "a header's name is no text");
        if (status == STATUS_OK) {
            status =
                read_text(reader, nodes[at + 1].next, &header.value, "a header's value is no text");
        }
        if (status == STATUS_OK) status = header_add(reader, outgoing, header);
    }
    return status;
}

static enum status read_content_type(const struct reader *reader, struct outgoing *outgoing)
{
    struct http_header header = {.name = SLICE("Content-Type")};
    enum status status =
        read_member(reader, SLICE("contentType"), &header.value, "contentType is no text");

    if (status == STATUS_NOT_FOUND || outgoing_find(outgoing, header.name) != NULL)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    return status == STATUS_OK ? header_add(reader, outgoing, header) : status;
}

static enum status read_method(const struct reader *reader, struct outgoing *outgoing)
{
    enum status status =
        read_member(reader, SLICE("method"), &outgoing->method, "the method is no text");

    if (status == STATUS_NOT_FOUND) return refuse(reader, "there is no method");
    for (size_t i = 0; i < COUNT_OF(methods) && status == STATUS_OK; i++) {
        if (slice_equal(outgoing->method, slice_of(methods[i]))) return STATUS_OK;
    }
    return status == STATUS_OK ? refuse(reader, "the method is none that is called") : status;
}

enum status outgoing_read(struct slice json, struct arena *arena, struct outgoing *outgoing,
                          const char **why)
{
    struct document document;
    struct json_error error = {0};
    struct reader reader = {&document, arena, why};

    *outgoing = (struct outgoing){0};
    *why = "the request is too large";
    if (json.len == 0) return refuse(&reader, "the request is empty");
    enum status status = json_parse(json, &json_limits_default, arena, &document, &error);
    if (status == STATUS_INVALID) *why = "the request is no JSON";
    if (status != STATUS_OK) return status;
    if (document.nodes[0].kind != DOCUMENT_OBJECT)
        return refuse(&reader, "the request is no JSON object");
    status = read_member(&reader, SLICE("url"), &outgoing->url, "the URL is no text");
    if (status == STATUS_NOT_FOUND) return refuse(&reader, "there is no URL");
    if (status == STATUS_OK) status = read_method(&reader, outgoing);
    if (status == STATUS_OK) status = read_headers(&reader, outgoing);
    if (status == STATUS_OK) status = read_content_type(&reader, outgoing);
    if (status == STATUS_OK) {
        status = read_member(&reader, SLICE("body"), &outgoing->body, "the body is no text");
        if (status == STATUS_OK && outgoing->body.data == NULL) outgoing->body = SLICE("");
        if (status == STATUS_NOT_FOUND) status = STATUS_OK;
    }
    return status;
}

const struct http_header *outgoing_find(const struct outgoing *outgoing, struct slice name)
{
    for (uint32_t i = 0; i < outgoing->header_count; i++) {
        if (slice_equal_ignoring_case(outgoing->headers[i].name, name))
            return &outgoing->headers[i];
    }
    return NULL;
}
