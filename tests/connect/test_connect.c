/* test_connect.c - addresses, URLs, requests, answers and Shopify's words, row by row. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "connect/http/address.h"
#include "connect/http/answer.h"
#include "connect/http/outgoing.h"
#include "connect/http/url.h"
#include "connect/shopify/shopify.h"
#include "test.h"

struct fixture {
    struct arena arena;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    arena_init(&fixture->arena, 64 << 20);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    arena_deinit(&fixture->arena);
    free(fixture);
    return 0;
}

static const struct {
    const char *address;
    enum address_class class;
} address_rows[] = {
    {"8.8.8.8", ADDRESS_PUBLIC},
    {"23.227.38.74", ADDRESS_PUBLIC},
    {"127.0.0.1", ADDRESS_PRIVATE},
    {"127.255.255.254", ADDRESS_PRIVATE},
    {"10.0.0.1", ADDRESS_PRIVATE},
    {"172.16.0.1", ADDRESS_PRIVATE},
    {"172.31.255.255", ADDRESS_PRIVATE},
    {"172.32.0.1", ADDRESS_PUBLIC},
    {"192.168.1.1", ADDRESS_PRIVATE},
    {"100.64.0.1", ADDRESS_PRIVATE},
    {"100.100.100.200", ADDRESS_PRIVATE},
    {"100.128.0.1", ADDRESS_PUBLIC},
    {"0.0.0.0", ADDRESS_NEVER},
    {"0.1.2.3", ADDRESS_NEVER},
    {"169.254.169.254", ADDRESS_NEVER},
    {"168.63.129.16", ADDRESS_NEVER},
    {"192.0.0.192", ADDRESS_NEVER},
    {"192.0.2.1", ADDRESS_NEVER},
    {"198.18.0.1", ADDRESS_NEVER},
    {"198.51.100.7", ADDRESS_NEVER},
    {"203.0.113.7", ADDRESS_NEVER},
    {"224.0.0.1", ADDRESS_NEVER},
    {"239.255.255.255", ADDRESS_NEVER},
    {"255.255.255.255", ADDRESS_NEVER},
    {"2606:4700::1111", ADDRESS_PUBLIC},
    {"::1", ADDRESS_PRIVATE},
    {"fd12:3456::1", ADDRESS_PRIVATE},
    {"fd00:ec2::254", ADDRESS_NEVER},
    {"::", ADDRESS_NEVER},
    {"fe80::1", ADDRESS_NEVER},
    {"fec0::1", ADDRESS_NEVER},
    {"ff02::1", ADDRESS_NEVER},
    {"2001:db8::1", ADDRESS_NEVER},
    {"2001::1", ADDRESS_NEVER},
    {"2002:7f00:1::", ADDRESS_NEVER},
    {"::ffff:127.0.0.1", ADDRESS_PRIVATE},
    {"::ffff:169.254.169.254", ADDRESS_NEVER},
    {"::ffff:8.8.8.8", ADDRESS_PUBLIC},
    {"64:ff9b::10.0.0.1", ADDRESS_PRIVATE},
    {"::7f00:1", ADDRESS_NEVER},
    {"fe80::1%eth0", ADDRESS_NEVER},
    {"localhost", ADDRESS_NEVER},
    {"", ADDRESS_NEVER},
};

static enum address_class classify_binary(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return address_classify((const struct sockaddr *)&in, sizeof(in));
    if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
        return address_classify((const struct sockaddr *)&in6, sizeof(in6));
    return ADDRESS_NEVER;
}

static void addresses_are_judged_by_their_binary_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(address_rows); i++) {
        if (address_classify_text(address_rows[i].address) != address_rows[i].class ||
            classify_binary(address_rows[i].address) != address_rows[i].class)
            fail_msg("%s is judged wrongly", address_rows[i].address);
    }
    struct sockaddr unix_socket = {.sa_family = AF_UNIX};
    assert_int_equal(address_classify(&unix_socket, sizeof(unix_socket)), ADDRESS_NEVER);
}

static const struct {
    const char *text;
    const char *origin; /* NULL: refused */
    const char *path;
} url_rows[] = {
    {"https://Shop.Example/a?b=c#d", "https://shop.example", "/a?b=c"},
    {"https://shop.example:443", "https://shop.example", "/"},
    {"http://shop.example:8080/x/../y", "http://shop.example:8080", "/x/../y"},
    {"HTTP://shop.example:80/", "http://shop.example", "/"},
    {"http://2130706433/", "http://127.0.0.1", "/"},
    {"http://0x7f.1/", "http://127.0.0.1", "/"},
    {"http://0177.0.0.1/", "http://127.0.0.1", "/"},
    {"http://127.1/", "http://127.0.0.1", "/"},
    {"http://[::1]:9/", "http://[::1]:9", "/"},
    {"https://shop.example/a b", "https://shop.example", "/a%20b"},
    {"https://user:secret@shop.example/", NULL, NULL},
    {"https://user@shop.example/", NULL, NULL},
    {"https://shop.example@evil.example/", NULL, NULL},
    {"file:///etc/passwd", NULL, NULL},
    {"gopher://127.0.0.1:6379/_x", NULL, NULL},
    {"ftp://shop.example/", NULL, NULL},
    {"dict://127.0.0.1:11211/", NULL, NULL},
    {"//shop.example/", NULL, NULL},
    {"/path", NULL, NULL},
    {"shop.example", NULL, NULL},
    {"", NULL, NULL},
    {"http://", NULL, NULL},
    {"http://shop.example:99999/", NULL, NULL},
    {"http://shop.example/\r\nX: y", NULL, NULL},
};

static void urls_are_read_as_curl_calls_them(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(url_rows); i++) {
        struct url url;
        const char *why = NULL;
        enum status status = url_read(slice_of(url_rows[i].text), &fixture->arena, &url, &why);

        if ((status == STATUS_OK) != (url_rows[i].origin != NULL))
            fail_msg("%s: %s", url_rows[i].text, status_name(status));
        if (status != STATUS_OK) {
            assert_true(strlen(why) > 0);
            continue;
        }
        assert_slice_equal(url.origin, slice_of(url_rows[i].origin));
        assert_slice_equal(url.path, slice_of(url_rows[i].path));
    }
}

static const struct {
    const char *json;
    const char *why; /* NULL: fine */
} request_rows[] = {
    {"{\"url\":\"http://a/\",\"method\":\"GET\"}", NULL},
    {"{\"url\":\"http://a/\",\"method\":\"POST\",\"headers\":[[\"X-A\",\"1\"]],\"body\":\"{}\","
     "\"contentType\":\"application/json\"}",
     NULL},
    {"{\"url\":\"http://a/\",\"method\":\"POST\",\"headers\":null,\"body\":null}", NULL},
    {"{\"url\":\"http://a/\",\"method\":\"get\"}", "the method is none that is called"},
    {"{\"url\":\"http://a/\",\"method\":\"CONNECT\"}", "the method is none that is called"},
    {"{\"url\":\"http://a/\"}", "there is no method"},
    {"{\"method\":\"GET\"}", "there is no URL"},
    {"{\"url\":1,\"method\":\"GET\"}", "the URL is no text"},
    {"[]", "the request is no JSON object"},
    {"{", "the request is no JSON"},
    {"", "the request is empty"},
    {"{\"url\":\"http://a/\",\"method\":\"GET\",\"headers\":[[\"X-A\"]]}",
     "a header is no pair of name and value"},
    {"{\"url\":\"http://a/\",\"method\":\"GET\",\"headers\":{}}", "headers are no list"},
    {"{\"url\":\"http://a/\",\"method\":\"GET\",\"headers\":[[\"A\",\"b\\r\\nHost: x\"]]}",
     "a header's value has a line break or control character"},
    {"{\"url\":\"http://a/\",\"method\":\"GET\",\"headers\":[[\"A b\",\"c\"]]}",
     "a header's name is no token"},
    {"{\"url\":\"http://a/\",\"method\":\"GET\",\"headers\":[[\"hOST\",\"x\"]]}",
     "a header of the connection (Host, Content-Length, ...) is set"},
    {"{\"url\":\"http://a/\",\"method\":\"GET\",\"headers\":[[\"Transfer-Encoding\",\"chunked\"]]}",
     "a header of the connection (Host, Content-Length, ...) is set"},
};

static void requests_that_bend_the_message_are_refused(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(request_rows); i++) {
        struct outgoing outgoing;
        const char *why = NULL;
        enum status status =
            outgoing_read(slice_of(request_rows[i].json), &fixture->arena, &outgoing, &why);

        if (request_rows[i].why == NULL) {
            if (status != STATUS_OK) fail_msg("%s: %s", request_rows[i].json, why);
            continue;
        }
        assert_int_equal(status, STATUS_INVALID);
        assert_string_equal(why, request_rows[i].why);
    }
}

static void a_content_type_is_a_header_unless_the_scenario_sets_one(void **state)
{
    struct fixture *fixture = *state;
    struct outgoing outgoing;
    const char *why;

    assert_ok(outgoing_read(SLICE("{\"url\":\"http://a/\",\"method\":\"POST\",\"body\":\"x\","
                                  "\"contentType\":\"text/plain\"}"),
                            &fixture->arena, &outgoing, &why));
    assert_slice_equal(outgoing_find(&outgoing, SLICE("content-type"))->value, SLICE("text/plain"));
    assert_ok(
        outgoing_read(SLICE("{\"url\":\"http://a/\",\"method\":\"POST\",\"contentType\":\"a/b\","
                            "\"headers\":[[\"content-type\",\"c/d\"]]}"),
                      &fixture->arena, &outgoing, &why));
    assert_int_equal(outgoing.header_count, 1);
    assert_slice_equal(outgoing.headers[0].value, SLICE("c/d"));
}

static const struct {
    const char *name;
    const char *type; /* NULL: none */
    const char *body;
    const char *json; /* value of "body" */
} answer_rows[] = {
    {"JSON is JSON, spelling kept", "application/json; charset=utf-8", "{ \"a\": 1.50 }",
     "{\"a\":1.50}"},
    {"without a type there is no body", NULL, "hello", "null"},
    {"text is a string", "text/plain", "a\"b", "\"a\\\"b\""},
    {"bytes that are no UTF-8 are Latin-1", "text/plain", "caf\xE9", "\"caf\xC3\xA9\""},
    {"JSON in name only is a string", "application/json", "{\"a", "\"{\\\"a\""},
    {"empty JSON is null", "application/json", "", "null"},
    {"empty text is empty", "text/plain", "", "\"\""},
    {"no body at all is empty, too", "text/plain", NULL, "\"\""},
    {"problem details are JSON", "application/problem+json", "[]", "[]"},
};

static void answers_become_the_reply_of_the_original(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(answer_rows); i++) {
        struct answer answer = {.kind = ANSWER_RESPONSE, .status = 200, .text = SLICE("OK")};
        struct buffer out;
        char expected[256];

        if (answer_rows[i].type != NULL)
            answer.headers[answer.header_count++] =
                (struct http_header){SLICE("Content-Type"), slice_of(answer_rows[i].type)};
        if (answer_rows[i].body != NULL) answer.body = slice_of(answer_rows[i].body);
        buffer_init(&out, 1 << 16);
        answer_write(&answer, &fixture->arena, &out);
        (void)snprintf(
            expected, sizeof(expected),
            "{\"statusCode\":200,\"statusText\":\"OK\",\"headers\":{%s%s%s},\"body\":%s}",
            answer_rows[i].type != NULL ? "\"Content-Type\":\"" : "",
            answer_rows[i].type != NULL ? answer_rows[i].type : "",
            answer_rows[i].type != NULL ? "\"" : "", answer_rows[i].json);
        assert_slice_equal(buffer_slice(&out), slice_of(expected));
        buffer_deinit(&out);
    }
}

static void retry_after_is_read_as_seconds(void **state)
{
    static const struct {
        const char *value;
        int64_t wait_ms;
    } rows[] = {{"2", 2000},
                {"2.0", 3000},
                {"0", 0},
                {"-1", -1},
                {"", -1},
                {"soon", -1},
                {"Wed, 21 Oct 2026 07:28:00 GMT", -1},
                {"99999999999999999999", -1}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct answer answer = {.header_count = 1};

        answer.headers[0] = (struct http_header){SLICE("retry-after"), slice_of(rows[i].value)};
        assert_int_equal(answer_retry_after_ms(&answer), rows[i].wait_ms);
    }
}

#define COST(requested, available)                                                             \
    "\"extensions\":{\"cost\":{\"requestedQueryCost\":" requested ",\"actualQueryCost\":null," \
    "\"throttleStatus\":{\"maximumAvailable\":1000.0,\"currentlyAvailable\":" available        \
    ",\"restoreRate\":50.0}}}"

static const struct {
    const char *name;
    const char *json;
    enum shopify_outcome outcome;
    const char *code;
    int64_t wait_ms; /* of the cost; -2: not looked at */
} shopify_rows[] = {
    {"an upsert that worked",
     "{\"data\":{\"m\":{\"id\":\"1\",\"userErrors\":[]}}," COST("10", "990") "}", SHOPIFY_DONE, "",
     -2},
    {"throttled: the missing points decide",
     "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{\"code\":\"THROTTLED\"}}]," COST(
         "70", "10") "}",
     SHOPIFY_THROTTLED, "THROTTLED", 2000},
    {"dearer than the bucket: never",
     "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{\"code\":\"THROTTLED\"}}]," COST(
         "1001", "10") "}",
     SHOPIFY_THROTTLED, "THROTTLED", -1},
    {"throttled without numbers: a second",
     "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{\"code\":\"THROTTLED\"}}]}",
     SHOPIFY_THROTTLED, "THROTTLED", 1000},
    {"Shopify's own failure",
     "{\"errors\":[{\"message\":\"x\",\"extensions\":{\"code\":\"INTERNAL_SERVER_ERROR\"}}]}",
     SHOPIFY_INTERNAL, "INTERNAL_SERVER_ERROR", -2},
    {"errors may be a text", "{\"errors\":\"[API] Invalid API key\"}", SHOPIFY_REFUSED, "", -2},
    {"access denied",
     "{\"errors\":[{\"message\":\"x\",\"extensions\":{\"code\":\"ACCESS_DENIED\"}}],\"data\":null}",
     SHOPIFY_REFUSED, "ACCESS_DENIED", -2},
    {"a user error is a refusal",
     "{\"data\":{\"m\":{\"userErrors\":[{\"field\":[\"metaobject\",\"fields\",\"0\"],"
     "\"message\":\"Value is invalid\",\"code\":\"INVALID_VALUE\"}]}}}",
     SHOPIFY_REFUSED, "INVALID_VALUE", -2},
    {"an internal user error may pass",
     "{\"data\":{\"m\":{\"userErrors\":[{\"message\":\"x\",\"code\":\"INTERNAL_ERROR\"}]}}}",
     SHOPIFY_INTERNAL, "INTERNAL_ERROR", -2},
    {"the second of two aliased mutations counts",
     "{\"data\":{\"a\":{\"userErrors\":[]},\"b\":{\"userErrors\":[{\"message\":\"x\",\"code\":"
     "\"TAKEN\"}]}}}",
     SHOPIFY_REFUSED, "TAKEN", -2},
    {"null data without errors is done", "{\"data\":null}", SHOPIFY_DONE, "", -2},
};

static void shopify_answers_say_what_they_mean(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(shopify_rows); i++) {
        struct document document;
        struct json_error error;
        struct shopify_reading reading;

        assert_ok(json_parse(slice_of(shopify_rows[i].json), &json_limits_default, &fixture->arena,
                             &document, &error));
        assert_ok(shopify_read(&document, &fixture->arena, &reading));
        if (reading.outcome != shopify_rows[i].outcome) fail_msg("%s", shopify_rows[i].name);
        assert_slice_equal(reading.code, slice_of(shopify_rows[i].code));
        if (shopify_rows[i].wait_ms != -2)
            assert_int_equal(shopify_wait_ms(&reading.cost), shopify_rows[i].wait_ms);
    }
}

static void what_is_no_graphql_answer_is_invalid(void **state)
{
    static const char *const rows[] = {"[]", "{}", "{\"message\":\"hi\"}", "3"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct document document;
        struct json_error error;
        struct shopify_reading reading;

        assert_ok(json_parse(slice_of(rows[i]), &json_limits_default, &fixture->arena, &document,
                             &error));
        assert_int_equal(shopify_read(&document, &fixture->arena, &reading), STATUS_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_judged_by_their_binary_form),
        cmocka_unit_test_setup_teardown(urls_are_read_as_curl_calls_them, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_that_bend_the_message_are_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_content_type_is_a_header_unless_the_scenario_sets_one,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(answers_become_the_reply_of_the_original, setup, teardown),
        cmocka_unit_test(retry_after_is_read_as_seconds),
        cmocka_unit_test_setup_teardown(shopify_answers_say_what_they_mean, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_graphql_answer_is_invalid, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
