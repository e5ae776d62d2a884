/* test_deliver_addresses.c - what a scenario may not reach (D10), proven before any socket is opened.
 *
 * No row leaves the loopback: a row that were not refused would be a connection to one of our own
 * addresses, or is counted by the open-socket callback, which these tests hold at zero. */
#include <pthread.h>

#include "deliver/harness.h"

static const char *const refused_urls[] = {
    "http://127.0.0.1:PORT/x",
    "http://127.0.0.2:PORT/x",
    "http://127.1:PORT/x",
    "http://2130706433:PORT/x",
    "http://0x7f000001:PORT/x",
    "http://0x7f.0.0.1:PORT/x",
    "http://0177.0.0.1:PORT/x",
    "http://017700000001:PORT/x",
    "http://localhost:PORT/x",
    "http://LOCALHOST:PORT/x",
    "http://[::1]:PORT/x",
    "http://[::ffff:127.0.0.1]:PORT/x",
    "http://[::ffff:7f00:1]:PORT/x",
    "http://[0:0:0:0:0:ffff:169.254.169.254]:PORT/x",
    "http://0.0.0.0:PORT/x",
    "http://0:PORT/x",
    "http://[::]:PORT/x",
    "http://169.254.169.254:PORT/latest/meta-data/",
    "http://2852039166:PORT/x",
    "http://[fd00:ec2::254]:PORT/x",
    "http://168.63.129.16:PORT/x",
    "http://100.100.100.200:PORT/x",
    "http://10.0.0.1:PORT/x",
    "http://172.16.0.1:PORT/x",
    "http://192.168.0.1:PORT/x",
    "http://224.0.0.1:PORT/x",
    "http://255.255.255.255:PORT/x",
    "http://[fe80::1]:PORT/x",
    "http://[fc00::1]:PORT/x",
    "http://[ff02::1]:PORT/x",
    "http://[64:ff9b::7f00:1]:PORT/x",
    "http://[2002:7f00:1::]:PORT/x",
    "file:///etc/passwd?PORT",
    "gopher://127.0.0.1:PORT/_x",
    "dict://127.0.0.1:PORT/x",
    "ftp://127.0.0.1:PORT/x",
    "ldap://127.0.0.1:PORT/x",
    "http://user:pass@127.0.0.1:PORT/x",
    "http://127.0.0.1:PORT@10.0.0.1/x",
    "http://127.0.0.1\\\\@example.com:PORT/x",
};

/* The row with the port of the server that listens on the loopback. */
static void url_write(const char *row, uint16_t port, char *out, size_t size)
{
    const char *mark = strstr(row, "PORT");

    assert_non_null(mark);
    (void)snprintf(out, size, "%.*s%u%s", (int)(mark - row), row, (unsigned)port, mark + 4);
}

static void private_and_reserved_addresses_are_refused_before_a_socket_exists(void **state)
{
    struct place *place = *state;
    struct running running;

    running_open(&running, place);
    for (uint64_t i = 0; i < COUNT_OF(refused_urls); i++) {
        char url[256];

        url_write(refused_urls[i], place->server.port, url, sizeof(url));
        assert_ok(submit(&running, i, "", url, "x"));
    }
    drain(&running);
    for (uint64_t i = 0; i < COUNT_OF(refused_urls); i++) {
        const struct reply *reply = replies_find(&running.replies, i);

        if (reply->status != STATUS_INVALID)
            fail_msg("%s: %s %s", refused_urls[i], status_name(reply->status), reply->payload);
    }
    assert_int_equal(counters_of(&running).sockets_opened, 0);
    assert_true(counters_of(&running).address_refused >= 25);
    assert_int_equal(counters_of(&running).dead, COUNT_OF(refused_urls));
    assert_int_equal(log_count(place, "\n"), 0);
    running_close(&running);
}

/* The configured endpoint may call the loopback; the address itself, written by a scenario, may not,
 * although a connection to it lies ready. */
static void a_permission_does_not_leak_through_a_connection_that_is_used_again(void **state)
{
    struct place *place = *state;
    struct running running;
    char url[128];

    running_open(&running, place);
    assert_ok(submit(&running, 1, "v", SHOP "/allowed", "x"));
    drain(&running);
    (void)snprintf(url, sizeof(url), "%s/stolen", place->origin);
    assert_ok(submit(&running, 2, "v", url, "x"));
    drain(&running);
    assert_int_equal(replies_find(&running.replies, 2)->status, STATUS_INVALID);
    assert_int_equal(log_count(place, "/stolen"), 0);
    assert_int_equal(counters_of(&running).sockets_opened, 1);
    running_close(&running);
}

/* An allowed endpoint sends us on to another origin: its address is judged, and no header goes with us. */
static void a_redirect_is_judged_and_takes_no_secret_along(void **state)
{
    struct place *place = *state;
    struct place *other;
    struct running running;
    char url[256];

    assert_int_equal(place_make((void **)&other), 0);
    running_open(&running, place);
    (void)snprintf(url, sizeof(url), SHOP "/go?status=307&to=%s/came", other->origin);
    assert_ok(submit(&running, 1, "v", url, "x"));
    assert_ok(submit(&running, 2, "v", SHOP "/go?status=307&to=http://169.254.169.254/meta", "x"));
    assert_ok(submit(&running, 3, "v", SHOP "/go?status=307&to=file:///etc/passwd", "x"));
    assert_ok(submit(&running, 4, "v", SHOP "/go?status=302&to=/came", "x"));
    assert_ok(submit(&running, 5, "v", SHOP "/go?status=307&to=/came", "x"));
    drain(&running);
    assert_int_equal(replies_find(&running.replies, 1)->status, STATUS_OK);
    assert_int_equal(log_count(other, "\t/came\t\tx\n"), 1); /* X-Token is empty */
    assert_int_equal(replies_find(&running.replies, 2)->status, STATUS_INVALID);
    assert_non_null(strstr(replies_find(&running.replies, 3)->payload, "\"statusCode\":307"));
    assert_non_null(strstr(replies_find(&running.replies, 4)->payload, "\"statusCode\":302"));
    assert_int_equal(log_count(place, "\t/came\t" SECRET "\tx\n"), 1);
    running_close(&running);
    (void)place_remove((void **)&other);
}

static void redirects_are_not_followed_unless_allowed(void **state)
{
    struct place *place = *state;
    struct running running;
    const struct deliver_endpoint endpoint = {
        .match = SLICE(SHOP), .url = slice_of(place->origin), .allow_private = true};
    struct buffer message;

    running_open(&running, place);
    deliver_destroy(running.deliver);
    buffer_init(&message, 4096);
    assert_ok(deliver_create(&quick, &endpoint, 1, running.state, replies_take, &running.replies,
                             &running.deliver, &message));
    running.replies.deliver = running.deliver;
    assert_ok(deliver_start(running.deliver));
    assert_ok(submit(&running, 1, "v", SHOP "/go?status=307&to=/came", "x"));
    drain(&running);
    assert_int_equal(log_count(place, "/came"), 0);
    assert_non_null(strstr(replies_find(&running.replies, 1)->payload, "\"statusCode\":307"));
    buffer_deinit(&message);
    running_close(&running);
}

static void proxies_of_the_environment_are_not_used(void **state)
{
    struct place *place = *state;
    struct running running;

    assert_int_equal(setenv("http_proxy", place->origin, 1), 0);
    assert_int_equal(setenv("https_proxy", place->origin, 1), 0);
    assert_int_equal(setenv("ALL_PROXY", place->origin, 1), 0);
    running_open(&running, place);
    assert_ok(submit(&running, 1, "v", "http://10.1.2.3/x", "x"));
    drain(&running);
    assert_int_equal(replies_find(&running.replies, 1)->status, STATUS_INVALID);
    assert_int_equal(counters_of(&running).sockets_opened, 0);
    assert_int_equal(log_count(place, "\n"), 0);
    running_close(&running);
    (void)unsetenv("http_proxy");
    (void)unsetenv("https_proxy");
    (void)unsetenv("ALL_PROXY");
}

static const struct {
    const char *match;
    const char *url;
    const char *header;
    const char *value;
    const char *says;
} endpoint_rows[] = {
    {"shop.example", "", "X", "v", "no absolute http or https URL"},
    {"https://shop.example/path", "", "X", "v", "an origin is matched, no path"},
    {"https://shop.example", "ftp://a/", "X", "v", "only http and https"},
    {"https://shop.example", "http://a/?q=1", "X", "v", "a query cannot be part"},
    {"https://shop.example", "http://u:p@a/", "X", "v", "credentials in the URL"},
    {"https://shop.example", "", "X-Token", SECRET "\n", "X-Token: the secret's value has a line"},
    {"https://shop.example", "", "", "v", "no usable name"},
};

static void a_wrong_endpoint_is_told_without_its_secret(void **state)
{
    struct place *place = *state;
    struct state *store;
    struct buffer message;

    buffer_init(&message, 4096);
    assert_ok(state_open(place->path, MAP_BYTES, &store, &message));
    for (size_t i = 0; i < COUNT_OF(endpoint_rows); i++) {
        const struct deliver_secret secret = {slice_of(endpoint_rows[i].header),
                                              slice_of(endpoint_rows[i].value)};
        const struct deliver_endpoint endpoint = {.match = slice_of(endpoint_rows[i].match),
                                                  .url = slice_of(endpoint_rows[i].url),
                                                  .secrets = &secret,
                                                  .secret_count = 1};
        struct deliver *deliver;

        buffer_clear(&message);
        assert_int_equal(
            deliver_create(&quick, &endpoint, 1, store, replies_take, NULL, &deliver, &message),
            STATUS_INVALID);
        buffer_append_byte(&message, '\0');
        if (strstr((const char *)message.data, endpoint_rows[i].says) == NULL)
            fail_msg("%s: %s", endpoint_rows[i].says, (const char *)message.data);
        assert_null(strstr((const char *)message.data, SECRET));
    }
    state_close(store);
    buffer_deinit(&message);
}

int main(void)
{
#define TEST_ROW(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)
    const struct CMUnitTest tests[] = {
        TEST_ROW(private_and_reserved_addresses_are_refused_before_a_socket_exists),
        TEST_ROW(a_permission_does_not_leak_through_a_connection_that_is_used_again),
        TEST_ROW(a_redirect_is_judged_and_takes_no_secret_along),
        TEST_ROW(redirects_are_not_followed_unless_allowed),
        TEST_ROW(proxies_of_the_environment_are_not_used),
        TEST_ROW(a_wrong_endpoint_is_told_without_its_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
