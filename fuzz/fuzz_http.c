/* fuzz_http.c - heads and chunked bodies. A head that is accepted, written again from what was read,
 * is read as the same; chunks decode to the same bytes however they come. */
#include <stdlib.h>

#include "codec/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data,
                           size_t size); /* NOLINT(readability-identifier-naming) */

enum { BODY_MAX = 4096 };

static bool inside(struct slice part, struct slice whole)
{
    return part.len == 0 ||
           (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void write_head(const struct http_request *request, struct buffer *out)
{
    buffer_append(out, request->method_text);
    buffer_append_byte(out, ' ');
    buffer_append(out, request->target);
    buffer_append_text(out, request->minor_version == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    for (uint32_t i = 0; i < request->header_count; i++) {
        buffer_append(out, request->headers[i].name);
        buffer_append_byte(out, ':');
        buffer_append(out, request->headers[i].value);
        buffer_append_text(out, "\r\n");
    }
    buffer_append_text(out, "\r\n");
}

static void check_again(const struct http_request *first)
{
    static struct http_request again;
    struct http_refusal refusal;
    struct buffer text;
    size_t head_len;

    buffer_init(&text, 1 << 20);
    write_head(first, &text);
    ASSERT(http_parse_head(buffer_slice(&text), &again, &head_len, &refusal) == STATUS_OK);
    ASSERT(head_len == text.len && again.header_count == first->header_count);
    ASSERT(slice_equal(again.path, first->path) && slice_equal(again.query, first->query));
    ASSERT(slice_equal(again.host, first->host) && again.method == first->method);
    ASSERT(again.keep_alive == first->keep_alive && again.chunked == first->chunked);
    ASSERT(again.has_length == first->has_length && again.content_length == first->content_length);
    buffer_deinit(&text);
}

static void fuzz_head(struct slice text)
{
    static struct http_request request;
    struct http_refusal refusal = {0};
    size_t head_len = 0;
    enum status status = http_parse_head(text, &request, &head_len, &refusal);

    ASSERT(status == STATUS_OK || status == STATUS_AGAIN || status == STATUS_INVALID);
    ASSERT((status == STATUS_INVALID) == (refusal.message != NULL));
    for (uint32_t i = 0; i < request.header_count; i++)
        ASSERT(inside(request.headers[i].name, text) && inside(request.headers[i].value, text));
    if (status != STATUS_OK) return;
    ASSERT(head_len <= text.len && !(request.chunked && request.has_length));
    check_again(&request);
}

static enum status decode(struct slice text, size_t step, uint8_t *body,
                          struct http_chunked *chunked)
{
    struct http_refusal refusal;
    enum status status = STATUS_AGAIN;
    size_t len = 0;

    *chunked = (struct http_chunked){0};
    for (size_t given = 0; given < text.len && status == STATUS_AGAIN;) {
        size_t more = text.len - given < step ? text.len - given : step;

        memcpy(body + len, text.data + given, more);
        given += more;
        len += more;
        status = http_chunked_decode(chunked, body, len, BODY_MAX, &refusal);
        if (status != STATUS_AGAIN) break;
        chunked->consumed = chunked->body_len;
        len = chunked->body_len;
    }
    return status;
}

static void fuzz_chunked(struct slice text)
{
    uint8_t *whole = malloc(text.len + 1);
    uint8_t *pieces = malloc(text.len + 1);
    struct http_chunked first;
    struct http_chunked second;

    ASSERT(whole != NULL && pieces != NULL);
    enum status at_once = decode(text, text.len, whole, &first);
    enum status in_bytes = decode(text, 1, pieces, &second);
    ASSERT(at_once == in_bytes);
    ASSERT(first.body_len <= BODY_MAX);
    if (at_once == STATUS_OK) {
        ASSERT(slice_equal((struct slice){whole, first.body_len},
                           (struct slice){pieces, second.body_len}));
    }
    free(whole);
    free(pieces);
}

static void fuzz_query(struct slice query)
{
    struct slice name;
    struct slice value;
    struct buffer out;

    buffer_init(&out, query.len);
    while (http_query_next(&query, &name, &value)) {
        buffer_clear(&out);
        if (http_percent_decode(value, true, &out) == STATUS_OK) ASSERT(out.len <= value.len);
    }
    buffer_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    struct slice text = {data + 1, size - 1};

    if (data[0] % 4 == 0) {
        fuzz_chunked(text);
    } else if (data[0] % 4 == 1) {
        fuzz_query(text);
    } else {
        fuzz_head(text);
    }
    return 0;
}
