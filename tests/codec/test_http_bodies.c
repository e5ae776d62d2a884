/* test_http_bodies.c - chunks, queries and answers of HTTP. */
#include "http_text.h"

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
        cmocka_unit_test(chunks_are_decoded_however_they_come),
        cmocka_unit_test(chunk_framing_is_bounded),
        cmocka_unit_test(queries_are_walked),
        cmocka_unit_test(percent_escapes_are_decoded),
        cmocka_unit_test(answers_are_written),
        cmocka_unit_test(dates_are_those_of_rfc_9110),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
