/* test_http.c - heads, chunks, queries and answers, also those that two parsers may read in two ways. */
#include "codec/http.h"
#include "test.h"

/* --- heads that are accepted -------------------------------------------------------------------- */

static const struct {
    const char *about;
    const char *text;
    enum http_method method;
    const char *path;
    const char *query; /* NULL: none */
    const char *host;
    bool keep_alive;
} accepted[] = {
    {"the least there is", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_GET, "/", NULL, "a", true},
    {"a query is not decoded", "GET /i?e=pv&x=%20 HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_GET, "/i",
     "e=pv&x=%20", "a", true},
    {"an empty query is a query", "GET /i? HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_GET, "/i", "", "a",
     true},
    {"HTTP/1.0 needs no Host and closes", "HEAD /x HTTP/1.0\r\n\r\n", HTTP_HEAD, "/x", NULL, NULL,
     false},
    {"close among other tokens", "GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n",
     HTTP_GET, "/", NULL, "a", false},
    {"one empty line before the request is skipped", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
     HTTP_GET, "/", NULL, "a", true},
    {"the absolute form names the host", "PUT http://b:8/p?q HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_PUT,
     "/p", "q", "b:8", true},
    {"the absolute form without a path", "GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_GET, "/",
     NULL, "b", true},
    {"the asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_OPTIONS, "*", NULL, "a",
     true},
    {"methods are case-sensitive", "get / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_OTHER, "/", NULL, "a",
     true},
    {"an empty Host is one", "DELETE / HTTP/1.1\r\nhOsT:\r\n\r\n", HTTP_DELETE, "/", NULL, "",
     true},
    {"bytes above ASCII may stand in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\r\n\r\n",
     HTTP_GET, "/", NULL, "a", true},
    {"tabs and spaces around a value are trimmed", "GET / HTTP/1.1\r\nHost: \t a\t \r\n\r\n",
     HTTP_GET, "/", NULL, "a", true},
};

static void assert_text(const char *about, struct slice got, const char *wanted)
{
    if (wanted == NULL ? got.data != NULL : got.data == NULL || !slice_equal(got, slice_of(wanted)))
        fail_msg("%s: got \"%.*s\"", about, (int)got.len, (const char *)got.data);
}

static void heads_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        struct http_request request;
        struct http_refusal refusal = {0};
        size_t head_len = 0;
        struct slice text = slice_of(accepted[i].text);

        if (http_parse_head(text, &request, &head_len, &refusal) != STATUS_OK)
            fail_msg("%s: refused (%s)", accepted[i].about, refusal.message);
        assert_int_equal(head_len, text.len);
        assert_int_equal(request.method, accepted[i].method);
        assert_text(accepted[i].about, request.path, accepted[i].path);
        assert_text(accepted[i].about, request.query, accepted[i].query);
        assert_text(accepted[i].about, request.host, accepted[i].host);
        assert_int_equal(request.keep_alive, accepted[i].keep_alive);
        for (size_t len = 0; len < text.len; len++) { /* every beginning of it is incomplete */
            assert_int_equal(
                http_parse_head((struct slice){text.data, len}, &request, &head_len, &refusal),
                STATUS_AGAIN);
        }
    }
}

/* --- heads that are refused --------------------------------------------------------------------- */

#define LINE "POST /a/b HTTP/1.1\r\nHost: a\r\n"

static const struct {
    const char *about;
    struct slice text;
    uint16_t status;
} refused[] = {
    {"two equal lengths", SLICE(LINE "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"), 400},
    {"two different lengths", SLICE(LINE "Content-Length: 5\r\nContent-length: 6\r\n\r\n"), 400},
    {"a list of lengths", SLICE(LINE "Content-Length: 5, 5\r\n\r\n"), 400},
    {"a length with a plus", SLICE(LINE "Content-Length: +5\r\n\r\n"), 400},
    {"a negative length", SLICE(LINE "Content-Length: -5\r\n\r\n"), 400},
    {"a length in hexadecimal", SLICE(LINE "Content-Length: 0x5\r\n\r\n"), 400},
    {"a length of 20 digits", SLICE(LINE "Content-Length: 18446744073709551617\r\n\r\n"), 400},
    {"an empty length", SLICE(LINE "Content-Length:\r\n\r\n"), 400},
    {"length, then chunked", SLICE(LINE "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
     400},
    {"chunked, then length", SLICE(LINE "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
     400},
    {"chunked twice",
     SLICE(LINE "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
    {"chunked, then identity",
     SLICE(LINE "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"), 400},
    {"chunked in a list", SLICE(LINE "Transfer-Encoding: chunked, chunked\r\n\r\n"), 501},
    {"another coding first", SLICE(LINE "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501},
    {"identity", SLICE(LINE "Transfer-Encoding: identity\r\n\r\n"), 501},
    {"a coding that only looks like it", SLICE(LINE "Transfer-Encoding: xchunked\r\n\r\n"), 501},
    {"an empty coding", SLICE(LINE "Transfer-Encoding:\r\n\r\n"), 501},
    {"a quoted coding", SLICE(LINE "Transfer-Encoding: \"chunked\"\r\n\r\n"), 501},
    {"a coding behind a vertical tab",
     SLICE(LINE "Transfer-Encoding: \x0b"
                "chunked\r\n\r\n"),
     400},
    {"a space before the colon", SLICE(LINE "Transfer-Encoding : chunked\r\n\r\n"), 400},
    {"a tab before the colon", SLICE(LINE "Content-Length\t: 5\r\n\r\n"), 400},
    {"a folded header", SLICE(LINE "X: a\r\n b\r\n\r\n"), 400},
    {"a fold with a tab", SLICE(LINE "X: a\r\n\tTransfer-Encoding: chunked\r\n\r\n"), 400},
    {"a space before the first header", SLICE("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400},
    {"bare LF after the request line", SLICE("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400},
    {"bare LF after a header", SLICE(LINE "X: a\nY: b\r\n\r\n"), 400},
    {"bare LF at the end", SLICE(LINE "\n"), 400},
    {"bare LF before the request", SLICE("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"bare CR in a value", SLICE(LINE "X: a\rb\r\n\r\n"), 400},
    {"CR CR LF", SLICE(LINE "X: a\r\r\n\r\n"), 400},
    {"NUL in a value", SLICE(LINE "X: a\0b\r\n\r\n"), 400},
    {"NUL in a name", SLICE(LINE "X\0: a\r\n\r\n"), 400},
    {"NUL in the target", SLICE("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"DEL in a value", SLICE(LINE "X: a\x7f\r\n\r\n"), 400},
    {"a name with a comma", SLICE(LINE "X,Y: a\r\n\r\n"), 400},
    {"a header without a colon", SLICE(LINE "Transfer-Encoding\r\n\r\n"), 400},
    {"a header without a name", SLICE(LINE ": chunked\r\n\r\n"), 400},
    {"no Host", SLICE("GET / HTTP/1.1\r\n\r\n"), 400},
    {"two Hosts", SLICE(LINE "Host: b\r\n\r\n"), 400},
    {"a Host with a path", SLICE("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400},
    {"a Host with a user", SLICE("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400},
    {"a list of Hosts", SLICE("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400},
    {"chunked in HTTP/1.0", SLICE("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
    {"an unknown expectation", SLICE(LINE "Expect: 200-ok\r\n\r\n"), 417},
    {"HTTP/2", SLICE("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505},
    {"HTTP/1.2", SLICE("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505},
    {"http in small letters", SLICE("GET / http/1.1\r\nHost: a\r\n\r\n"), 400},
    {"a version with more digits", SLICE("GET / HTTP/1.10\r\nHost: a\r\n\r\n"), 400},
    {"no version", SLICE("GET /\r\nHost: a\r\n\r\n"), 400},
    {"two spaces before the target", SLICE("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"two spaces before the version", SLICE("GET /  HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"a space behind the version", SLICE("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400},
    {"a tab in the request line", SLICE("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"a fragment in the target", SLICE("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"raw bytes above ASCII in the target", SLICE("GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"),
     400},
    {"a target that is no path", SLICE("GET a HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"the authority form", SLICE("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"the asterisk for GET", SLICE("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"another scheme", SLICE("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"an absolute form with a user", SLICE("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
    {"a TLS hello", SLICE("\x16\x03\x01\x02\x00\x01\x00\x01"), 400},
    {"a method with a colon", SLICE("GET: / HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
};

static void ambiguous_heads_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct http_request request;
        struct http_refusal refusal = {0};
        size_t head_len;

        if (http_parse_head(refused[i].text, &request, &head_len, &refusal) != STATUS_INVALID)
            fail_msg("%s: not refused", refused[i].about);
        if (refusal.status != refused[i].status || refusal.message == NULL)
            fail_msg("%s: %d %s", refused[i].about, refusal.status, refusal.message);
    }
}

static void assert_long(const char *about, struct buffer *text, uint16_t status)
{
    struct http_request request;
    struct http_refusal refusal = {0};
    size_t head_len;

    assert_false(text->failed);
    enum status got = http_parse_head(buffer_slice(text), &request, &head_len, &refusal);
    if (status == 0 ? got != STATUS_OK : got != STATUS_INVALID || refusal.status != status)
        fail_msg("%s: %s %d", about, status_name(got), refusal.status);
    buffer_clear(text);
}

static void append_many(struct buffer *text, const char *piece, int times)
{
    for (int i = 0; i < times; i++)
        buffer_append_text(text, piece);
}

static void lengths_have_limits(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, 1 << 20);
    append_many(&text, "GET /", 1);
    append_many(&text, "a", HTTP_REQUEST_LINE_MAX - 14);
    append_many(&text, " HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    assert_long("a request line of 20480 bytes", &text, 0);
    append_many(&text, "GET /", 1);
    append_many(&text, "a", HTTP_REQUEST_LINE_MAX - 13);
    append_many(&text, " HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    assert_long("one more", &text, 414);
    append_many(&text, "GET /", 1);
    append_many(&text, "a", HTTP_REQUEST_LINE_MAX);
    assert_long("a request line without end", &text, 414);
    append_many(&text, LINE "X: ", 1);
    append_many(&text, "a", HTTP_HEAD_MAX);
    assert_long("a header without end", &text, 431);
    append_many(&text, "GET / HTTP/1.1\r\nHost: a\r\n", 1);
    append_many(&text, "X: 1\r\n", HTTP_HEADERS_MAX - 1);
    append_many(&text, "\r\n", 1);
    assert_long("100 headers", &text, 0);
    append_many(&text, "GET / HTTP/1.1\r\nHost: a\r\n", 1);
    append_many(&text, "X: 1\r\n", HTTP_HEADERS_MAX);
    append_many(&text, "\r\n", 1);
    assert_long("101 headers", &text, 431);
    buffer_deinit(&text);
}

static void headers_are_found_in_any_case(void **state)
{
    struct http_request request;
    struct http_refusal refusal;
    size_t head_len;

    (void)state;
    assert_ok(http_parse_head(SLICE(LINE "SP-Anonymous: *\r\nx-a:\r\nX-A: 2\r\n\r\n"), &request,
                              &head_len, &refusal));
    assert_slice_equal(http_find(&request, "sp-anonymous")->value, SLICE("*"));
    assert_slice_equal(http_find(&request, "X-A")->value, SLICE(""));
    assert_null(http_find(&request, "X"));
    assert_true(http_list_has(SLICE("a, B ,c"), "b"));
    assert_false(http_list_has(SLICE("ab, bc"), "b"));
    assert_false(http_list_has(SLICE(""), "b"));
}

/* --- chunks ------------------------------------------------------------------------------------- */

static const struct {
    const char *about;
    struct slice text;
    enum status status;
    const char *body;
    size_t rest; /* bytes behind it */
} chunks[] = {
    {"one chunk", SLICE("3\r\nabc\r\n0\r\n\r\n"), STATUS_OK, "abc", 0},
    {"sizes in both cases", SLICE("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), STATUS_OK,
     "01234567890123456789", 0},
    {"no chunk at all", SLICE("0\r\n\r\n"), STATUS_OK, "", 0},
    {"leading zeros", SLICE("003\r\nabc\r\n000\r\n\r\n"), STATUS_OK, "abc", 0},
    {"extensions are dropped", SLICE("3;a=\"b;c\";d\r\nabc\r\n0;x\r\n\r\n"), STATUS_OK, "abc", 0},
    {"trailers are dropped", SLICE("1\r\na\r\n0\r\nX: 1\r\nContent-Length: 9\r\n\r\nGET"),
     STATUS_OK, "a", 3},
    {"the next request is left alone", SLICE("0\r\n\r\nGET /"), STATUS_OK, "", 5},
    {"data may look like framing", SLICE("5\r\n0\r\n\r\n\r\n0\r\n\r\n"), STATUS_OK, "0\r\n\r\n", 0},
    {"no size", SLICE("\r\nabc"), STATUS_INVALID, NULL, 0},
    {"a size that is no number", SLICE("zz\r\nabc"), STATUS_INVALID, NULL, 0},
    {"a size with 0x", SLICE("0x3\r\nabc\r\n"), STATUS_INVALID, NULL, 0},
    {"a size with a sign", SLICE("+3\r\nabc\r\n"), STATUS_INVALID, NULL, 0},
    {"a space before the size", SLICE(" 3\r\nabc\r\n"), STATUS_INVALID, NULL, 0},
    {"a space behind the size", SLICE("3 \r\nabc\r\n"), STATUS_INVALID, NULL, 0},
    {"a size that overflows 64 bits", SLICE("10000000000000003\r\nabc\r\n"), STATUS_LIMIT, NULL, 0},
    {"the largest of 64 bits", SLICE("ffffffffffffffff\r\nabc"), STATUS_LIMIT, NULL, 0},
    {"more than the limit", SLICE("65\r\n"), STATUS_LIMIT, NULL, 0},
    {"bare LF behind the size", SLICE("3\nabc\r\n"), STATUS_INVALID, NULL, 0},
    {"bare CR behind the size", SLICE("3\rabc\r\n"), STATUS_INVALID, NULL, 0},
    {"bare LF in an extension", SLICE("3;a\nb\r\nabc\r\n"), STATUS_INVALID, NULL, 0},
    {"NUL in an extension", SLICE("3;a\0b\r\nabc\r\n"), STATUS_INVALID, NULL, 0},
    {"a chunk longer than its size", SLICE("3\r\nabcd\r\n0\r\n\r\n"), STATUS_INVALID, NULL, 0},
    {"bare LF behind the data", SLICE("3\r\nabc\n0\r\n\r\n"), STATUS_INVALID, NULL, 0},
    {"bare LF behind a trailer", SLICE("0\r\nX: 1\n\r\n"), STATUS_INVALID, NULL, 0},
    {"bare LF at the end", SLICE("0\r\n\n"), STATUS_INVALID, NULL, 0},
};

/* Gives the decoder `step` more bytes at a time, compacting in between as the server does. */
static enum status decode(struct slice text, size_t step, uint8_t *body,
                          struct http_chunked *chunked, size_t *rest)
{
    struct http_refusal refusal;
    enum status status = STATUS_AGAIN;
    size_t given = 0;
    size_t len = 0;

    *chunked = (struct http_chunked){0};
    while (status == STATUS_AGAIN && given < text.len) {
        size_t more = text.len - given < step ? text.len - given : step;

        memcpy(body + len, text.data + given, more);
        given += more;
        len += more;
        status = http_chunked_decode(chunked, body, len, 100, &refusal);
        *rest = text.len - given + (len - chunked->consumed);
        if (status != STATUS_AGAIN) break;
        chunked->consumed = chunked->body_len;
        len = chunked->body_len;
    }
    return status;
}

static void chunks_are_decoded_however_they_come(void **state)
{
    uint8_t body[1000];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(chunks); i++) {
        for (size_t step = 1; step <= chunks[i].text.len; step++) {
            struct http_chunked chunked;
            size_t rest = 0;
            enum status status = decode(chunks[i].text, step, body, &chunked, &rest);

            if (status != chunks[i].status)
                fail_msg("%s (by %zu): %s", chunks[i].about, step, status_name(status));
            if (status != STATUS_OK) continue;
            assert_text(chunks[i].about, (struct slice){body, chunked.body_len}, chunks[i].body);
            assert_int_equal(rest, chunks[i].rest);
        }
    }
}

static void chunk_framing_is_bounded(void **state)
{
    struct buffer text;
    struct http_chunked chunked = {0};
    struct http_refusal refusal;

    (void)state;
    buffer_init(&text, 1 << 20);
    append_many(&text, "1;", 1);
    append_many(&text, "x", HTTP_CHUNK_LINE_MAX);
    assert_int_equal(http_chunked_decode(&chunked, text.data, text.len, 100, &refusal),
                     STATUS_INVALID);
    buffer_clear(&text);
    chunked = (struct http_chunked){0};
    append_many(&text, "0\r\n", 1);
    append_many(&text, "X: 1\r\n", HTTP_TRAILER_BYTES_MAX / 6 + 1);
    assert_int_equal(http_chunked_decode(&chunked, text.data, text.len, 100, &refusal),
                     STATUS_INVALID);
    buffer_deinit(&text);
}

/* --- queries ------------------------------------------------------------------------------------ */

static void queries_are_walked(void **state)
{
    struct slice query = SLICE("&a=1&&b&=c&d=e=f&");
    static const char *const pairs[][2] = {{"a", "1"}, {"b", ""}, {"", "c"}, {"d", "e=f"}};
    struct slice name;
    struct slice value;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        assert_true(http_query_next(&query, &name, &value));
        assert_slice_equal(name, slice_of(pairs[i][0]));
        assert_slice_equal(value, slice_of(pairs[i][1]));
    }
    assert_false(http_query_next(&query, &name, &value));
}

static void percent_escapes_are_decoded(void **state)
{
    static const struct {
        const char *text;
        bool form;
        enum status status;
        const char *decoded;
    } rows[] = {
        {"a%20b%2Bc", false, STATUS_OK, "a b+c"},
        {"a+b", true, STATUS_OK, "a b"},
        {"", false, STATUS_OK, ""},
        {"a+b", false, STATUS_OK, "a+b"},
        {"%c3%A9", false, STATUS_OK, "\xc3\xa9"},
        {"%", false, STATUS_INVALID, NULL},
        {"%4", false, STATUS_INVALID, NULL},
        {"%g0", false, STATUS_INVALID, NULL},
        {"%0g", false, STATUS_INVALID, NULL},
    };
    struct buffer out;

    (void)state;
    buffer_init(&out, 100);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buffer_clear(&out);
        assert_int_equal(http_percent_decode(slice_of(rows[i].text), rows[i].form, &out),
                         rows[i].status);
        if (rows[i].status == STATUS_OK)
            assert_slice_equal(buffer_slice(&out), slice_of(rows[i].decoded));
    }
    buffer_deinit(&out);
}

/* --- answers ------------------------------------------------------------------------------------ */

static void answers_are_written(void **state)
{
    struct http_response response = {.status = 200, .body = SLICE("ok")};
    struct http_response empty = {.status = 304, .body = SLICE("ignored")};
    struct http_response stream = {.status = 200, .stream = true};
    struct buffer out;

    (void)state;
    buffer_init(&out, 10000);
    http_response_add(&response, "X-A", SLICE("1"));
    http_response_add(&response, "X-Evil", SLICE("a\r\nSet-Cookie: b"));
    http_response_add(&response, "X-Nul", SLICE("a\0b"));
    response.close = true;
    http_write_response(&response, &out);
    assert_slice_equal(buffer_slice(&out),
                       SLICE("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n"
                             "Connection: close\r\n\r\nok"));
    buffer_clear(&out);
    response.no_body = true;
    http_write_response(&response, &out);
    assert_true(slice_ends_with(buffer_slice(&out), SLICE("Connection: close\r\n\r\n")));
    buffer_clear(&out);
    http_write_response(&empty, &out);
    assert_slice_equal(buffer_slice(&out), SLICE("HTTP/1.1 304 Not Modified\r\n\r\n"));
    buffer_clear(&out);
    http_write_response(&stream, &out);
    assert_slice_equal(buffer_slice(&out), SLICE("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
    buffer_deinit(&out);
}

static void dates_are_those_of_rfc_9110(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT"},
        {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
        {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
    };
    uint8_t date[HTTP_DATE_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        http_write_date(rows[i].seconds, date);
        assert_slice_equal(((struct slice){date, HTTP_DATE_BYTES}), slice_of(rows[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read),
        cmocka_unit_test(ambiguous_heads_are_refused),
        cmocka_unit_test(lengths_have_limits),
        cmocka_unit_test(headers_are_found_in_any_case),
        cmocka_unit_test(chunks_are_decoded_however_they_come),
        cmocka_unit_test(chunk_framing_is_bounded),
        cmocka_unit_test(queries_are_walked),
        cmocka_unit_test(percent_escapes_are_decoded),
        cmocka_unit_test(answers_are_written),
        cmocka_unit_test(dates_are_those_of_rfc_9110),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
