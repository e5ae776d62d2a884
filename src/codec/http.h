/* http.h - HTTP/1.1 heads and bodies, bytes in, structure out; no I/O (RFC 9112).
 *
 * Strict on purpose: two lengths, a length with chunked, folded headers, a bare LF, NUL, space
 * before a colon are refused: what two parsers may read in two ways is an attack.
 */
#pragma once
#include "base/base.h"
#include "base/buffer.h"

enum {
    HTTP_REQUEST_LINE_MAX = 20480, /* as Snowplow's collector; over it 414 */
    HTTP_HEAD_MAX = 40960,         /* request line and headers; over it 431 */
    HTTP_HEADERS_MAX = 100,
    HTTP_CHUNK_LINE_MAX = 1024,    /* size, extensions, CRLF of one chunk */
    HTTP_TRAILER_BYTES_MAX = 8192, /* read and dropped */
    HTTP_DATE_BYTES = 29,
};

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER
};

struct http_header {
    struct slice name;
    struct slice value; /* trimmed */
};

struct http_request {
    enum http_method method;
    struct slice method_text;
    struct slice target; /* as sent */
    struct slice path;   /* before '?', as sent */
    struct slice query;  /* after '?', raw; data NULL: none */
    struct slice host;   /* authority of an absolute-form target, else the Host header */
    uint8_t minor_version;
    bool keep_alive;
    bool expect_continue;
    bool chunked;
    bool has_length;
    uint64_t content_length;
    struct http_header headers[HTTP_HEADERS_MAX];
    uint32_t header_count;
    struct slice body;
};

/* What to answer and why parsing stopped; message is for people. */
struct http_refusal {
    uint16_t status; /* 400, 413, 414, 417, 431, 501, 505 */
    const char *message;
};

/* Reads a head from the start of `bytes`; slices point into them. head_len: where the body begins.
 * One empty line before it is skipped. Nothing is remembered between calls: call it again with more
 * bytes, best when a new line end is among them.
 * fails    AGAIN: incomplete; INVALID: refusal says why (both: fields read so far are filled in) */
enum status http_parse_head(struct slice bytes, struct http_request *request, size_t *head_len,
                            struct http_refusal *refusal) MUST_USE;

/* Decodes chunked coding in place: consumed bytes and decoded body length so far. Start zeroed; `len`
 * counts all raw bytes from `body` on. Bytes from `consumed` on may be moved down to `body_len` (set
 * consumed = body_len then), so that a buffer never holds more than the body and one read.
 * fails    AGAIN: more needed; INVALID; LIMIT: the body passes body_bytes_max */
struct http_chunked {
    uint64_t body_len; /* decoded bytes, at the start of the buffer */
    uint64_t consumed; /* raw bytes used up */
    uint8_t phase;
    uint32_t line_bytes; /* of the chunk line or the trailer being read */
    uint64_t chunk_left;
};
enum status http_chunked_decode(struct http_chunked *chunked, uint8_t *body, size_t len,
                                uint64_t body_bytes_max, struct http_refusal *refusal) MUST_USE;

/* First header of that name (any case); NULL if there is none. */
const struct http_header *http_find(const struct http_request *request, const char *name);

/* A comma-separated list holds this token (any case)? */
bool http_list_has(struct slice list, const char *token);

/* Appends the percent-decoded text ('+' as space if form); INVALID on a broken escape, LIMIT. */
enum status http_percent_decode(struct slice text, bool form, struct buffer *out) MUST_USE;

/* Walks a query string: next name=value pair, raw; false at the end. */
bool http_query_next(struct slice *query, struct slice *name, struct slice *value);

/* --- answers --------------------------------------------------------------------------------------- */

enum { HTTP_RESPONSE_HEADERS_MAX = 24 };

struct http_response {
    uint16_t status;
    struct http_header
        headers[HTTP_RESPONSE_HEADERS_MAX]; /* not Content-Length, Connection, Date */
    uint32_t header_count;
    struct slice body;
    struct slice date; /* text of http_write_date; the server sets it; empty: no Date */
    bool close;        /* end the connection after it */
    bool no_body;      /* HEAD: length of `body` is told, bytes are not sent */
    bool stream;       /* no length: an event stream follows until the connection ends */
};

/* Adds a header; name and value must live until the answer is given. A value with CR, LF or NUL is
 * left out: nothing that came from a request can end a header. */
void http_response_add(struct http_response *response, const char *name, struct slice value);

/* Appends the answer's bytes; failure is the buffer's mark. 204 and 304 have no body. */
void http_write_response(const struct http_response *response, struct buffer *out);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7); years 1970 to 9999. */
void http_write_date(int64_t unix_seconds, uint8_t date[HTTP_DATE_BYTES]);

/* "Not Found"; "Status" for numbers nobody registered. */
const char *http_reason(uint16_t status);
