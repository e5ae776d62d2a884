/* test_collect_durable.c - what is acknowledged is durable: repeats, failures, a full log, who leaves. */
#include "posting.h"

static bool silent(void)
{
    struct pollfd poller = {.fd = desk.fd, .events = POLLIN};

    return poll(&poller, 1, 50) == 0;
}

/* A desk whose commits land when the test says so. */
static void desk_open_manual(void)
{
    desk_init(&desk);
    desk.manual = true;
    desk_open(&desk, NULL);
}

static void nothing_is_acknowledged_before_it_is_durable(void **state)
{
    (void)state;
    desk_open_manual();
    post(SCHEMA "[" EVENT("a", "v") "]}");
    desk_wait_flights(&desk, 1);
    assert_true(silent());
    desk_land(&desk, STATUS_OK);
    assert_status(200);
    desk_close(&desk);
}

static void a_repeat_waits_for_the_first_arrival(void **state)
{
    (void)state;
    desk_open_manual();
    int first = desk.fd;
    post(SCHEMA "[" EVENT("a", "v") "]}");
    desk_wait_flights(&desk, 1);
    desk.fd = client_connect(server_port(desk.server, 0));
    post(SCHEMA "[" EVENT("a", "v") "]}"); /* nothing of its own */
    assert_true(silent());
    int second = desk.fd;
    desk.fd = client_connect(server_port(desk.server, 0));
    post(SCHEMA "[" EVENT("a", "v") "," EVENT("b", "v") "]}"); /* and one that is new */
    desk_wait_flights(&desk, 2);
    /* the younger flight lands first: it must wait for the older */
    struct desk_flight older = desk.flights[0];
    desk.flights[0] = desk.flights[1];
    desk.flights[1] = older;
    desk_land(&desk, STATUS_OK);
    assert_true(silent());
    desk_land(&desk, STATUS_OK);
    assert_status(200);
    (void)close(desk.fd);
    desk.fd = second;
    assert_status(200);
    (void)close(desk.fd);
    desk.fd = first;
    assert_status(200);
    assert_int_equal(desk.record_count, 2);
    assert_record(1, SCHEMA "[" EVENT("b", "v") "]}", "v", " b");
    desk_close(&desk);
}

static void a_failed_commit_is_told_to_all_who_rely_on_it(void **state)
{
    (void)state;
    desk_open_manual();
    int first = desk.fd;
    post(SCHEMA "[" EVENT("a", "v") "]}");
    desk_wait_flights(&desk, 1);
    desk.fd = client_connect(server_port(desk.server, 0));
    post(SCHEMA "[" EVENT("a", "v") "," EVENT("b", "v") "]}");
    desk_wait_flights(&desk, 2);
    desk_land(&desk, STATUS_FULL);
    desk_land(&desk, STATUS_OK);
    assert_status(503); /* its b is stored, its a is not */
    assert_slice_equal(desk_header(&desk.answer, "Retry-After"), SLICE("1"));
    post(SCHEMA "[" EVENT("a", "v") "," EVENT("b", "v") "]}"); /* so it is sent again */
    desk_wait_flights(&desk, 1);
    desk_land(&desk, STATUS_OK);
    assert_status(200);
    assert_record(2, SCHEMA "[" EVENT("a", "v") "]}", "v", " a");
    (void)close(desk.fd);
    desk.fd = first;
    assert_status(503);
    desk_close(&desk);
}

static void a_full_log_is_503_until_it_is_not(void **state)
{
    (void)state;
    desk_init(&desk);
    desk.submit_status = STATUS_FULL;
    desk_open(&desk, NULL);
    post(SCHEMA "[" EVENT("a", "v") "]}");
    assert_status(503);
    client_say(desk.fd, "GET /sink-health HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_status(503);
    client_say(desk.fd, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_status(200);
    (void)pthread_mutex_lock(&desk.lock);
    desk.submit_status = STATUS_OK;
    (void)pthread_mutex_unlock(&desk.lock);
    post(SCHEMA "[" EVENT("a", "v") "]}"); /* not taken for a repeat */
    assert_status(200);
    assert_int_equal(desk.record_count, 1);
    client_say(desk.fd, "GET /sink-health HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_status(200);
    desk_close(&desk);
}

static void too_many_waiting_are_turned_away(void **state)
{
    int fds[4];

    (void)state;
    desk_init(&desk);
    desk.manual = true;
    desk.options.pending_max = 3;
    desk_open(&desk, NULL);
    (void)close(desk.fd);
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = desk.fd = client_connect(server_port(desk.server, 0));
        desk_post(&desk, "/a/b", "", SLICE("1"));
        if (i < 3) desk_wait_flights(&desk, (uint32_t)i + 1);
    }
    assert_status(503);
    for (size_t i = 0; i < 3; i++) {
        desk_land(&desk, STATUS_OK);
        desk.fd = fds[i];
        assert_status(200);
        (void)close(desk.fd);
    }
    desk.fd = fds[3];
    desk_close(&desk);
}

static void a_visitor_who_leaves_is_stored_all_the_same(void **state)
{
    struct collect_counters counters;

    (void)state;
    desk_open_manual();
    post(SCHEMA "[" EVENT("a", "v") "]}");
    desk_wait_flights(&desk, 1);
    client_reset(desk.fd);
    for (int waited = 0; waited < CLIENT_WAIT_MS; waited++) {
        struct server_counters open;

        server_counters(desk.server, &open);
        if (open.connections_open == 0) break;
        (void)usleep(1000);
    }
    desk_land(&desk, STATUS_OK);
    desk.fd = client_connect(server_port(desk.server, 0));
    client_say(desk.fd, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_status(200);
    assert_int_equal(desk.record_count, 1);
    collect_counters(desk.collect, &counters);
    assert_int_equal(counters.requests, 1);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_acknowledged_before_it_is_durable),
        cmocka_unit_test(a_repeat_waits_for_the_first_arrival),
        cmocka_unit_test(a_failed_commit_is_told_to_all_who_rely_on_it),
        cmocka_unit_test(a_full_log_is_503_until_it_is_not),
        cmocka_unit_test(too_many_waiting_are_turned_away),
        cmocka_unit_test(a_visitor_who_leaves_is_stored_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
