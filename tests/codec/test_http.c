/* test_http.c - heads of requests, also those that two parsers may read in two ways. */
#include "http_text.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read),
        cmocka_unit_test(ambiguous_heads_are_refused),
        cmocka_unit_test(lengths_have_limits),
        cmocka_unit_test(headers_are_found_in_any_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
