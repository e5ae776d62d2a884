/* test_server_limits.c - the server on a real socket: deadlines, bounds, its end. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include "bench.h"

static void a_body_over_the_limit_is_refused_so_that_a_page_sees_it(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "POST /x HTTP/1.1\r\nHost: a\r\nOrigin: https://s.example\r\n"
                         "Content-Length: 4194304\r\n\r\n");
    (void)client_send(bench.fd,
                      (struct slice){bench.big.data, 4 << 20}); /* sent in vain, must not reset */
    assert_answer(&bench, 413, "Access-Control-Allow-Origin: https://s.example\r\n");
    assert_true(client_ends(bench.fd, &bench.in));
    (void)close(bench.fd);

    bench.fd = client_connect(server_port(bench.server, 0));
    client_say(bench.fd, "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 40; i++) {
        client_say(bench.fd, "10000\r\n");
        (void)client_send(bench.fd, (struct slice){bench.big.data, 65536});
        client_say(bench.fd, "\r\n");
    }
    assert_answer(&bench, 413, "Connection: close");
    bench_close(&bench);
}

static const struct server_options impatient = {
    .connections_max = 4,
    .body_bytes_max = 1 << 20,
    .header_timeout_ms = 150,
    .body_timeout_ms = 150,
    .idle_timeout_ms = 150,
    .write_timeout_ms = 150,
    .stream_buffer_bytes_max = 1 << 20,
    .memory_bytes_max = 64 << 20,
};

static void every_phase_has_a_deadline(void **state)
{
    static const struct {
        const char *about;
        const char *text;
        int status; /* 0: closed without an answer */
    } rows[] = {
        {"an idle connection is closed", "", 0},
        {"half a head", "GET / HTTP/1.1\r\nHost: a\r\nOrigin: https://s.example\r\n", 408},
        {"half a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", 408},
        {"half a chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
         408},
    };
    struct bench bench;

    (void)state;
    bench_open(&bench, &impatient);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int fd = client_connect(server_port(bench.server, 0));

        buffer_clear(&bench.in);
        client_say(fd, rows[i].text);
        if (client_answer(fd, &bench.in, false, &bench.answer) != rows[i].status)
            fail_msg("%s", rows[i].about);
        assert_true(client_ends(fd, &bench.in));
        (void)close(fd);
    }
    bench_close(&bench);
}

static void one_byte_now_and_then_does_not_extend_the_deadline(void **state)
{
    struct bench bench;
    bool open = true;

    (void)state;
    bench_open(&bench, &impatient);
    for (int i = 0; i < 1000 && open; i++) {
        struct pollfd poller = {.fd = bench.fd, .events = POLLIN};

        open = client_say(bench.fd, i == 0 ? "GET / HTTP/1.1\r\nX: " : "a") &&
               poll(&poller, 1, 20) == 0;
    }
    assert_false(open);
    bench_close(&bench);
}

static void a_reader_that_does_not_read_is_dropped(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &impatient);
    client_say(bench.fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int waited = 0; waited < CLIENT_WAIT_MS; waited += 10) {
        struct server_counters counters;

        server_counters(bench.server, &counters);
        if (counters.connections_total == 1 && counters.connections_open == 0) break;
        (void)usleep(10000);
    }
    assert_true(client_ends(bench.fd, &bench.in));
    assert_true(bench.in.len < bench.big.len);
    bench_close(&bench);
}

static void one_connection_too_many_takes_the_place_of_an_idle_one(void **state)
{
    struct server_options options = impatient;
    struct bench bench;
    int fds[8];

    (void)state;
    options.idle_timeout_ms = 60000;
    bench_open(&bench, &options);
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = client_connect(server_port(bench.server, 0));
        client_say(fds[i], "GET /echo/hi HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_int_equal(client_answer(fds[i], &bench.in, false, NULL), 200);
    }
    struct server_counters counters;
    server_counters(bench.server, &counters);
    assert_true(counters.connections_open <= options.connections_max);
    assert_true(client_ends(bench.fd, &bench.in)); /* the first of all */
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        (void)close(fds[i]);
    bench_close(&bench);
}

static void a_stream_too_far_behind_is_closed(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "GET /stream/flood HTTP/1.1\r\nHost: a\r\n\r\n");
    bench_wait(&bench.gone, 1);
    assert_int_equal(atomic_load(&bench.gone), 1);
    assert_true(client_ends(bench.fd, &bench.in));
    (void)close(bench.fd);

    bench.fd = client_connect(server_port(bench.server, 0));
    buffer_clear(&bench.in);
    client_say(bench.fd, "GET /stream/quiet HTTP/1.1\r\nHost: a\r\n\r\n");
    while (client_find(&bench.in, 0, "\r\n\r\n") == NULL)
        assert_true(client_read(bench.fd, &bench.in, CLIENT_WAIT_MS) > 0);
    (void)close(bench.fd); /* the peer leaves in the ordinary way */
    bench_wait(&bench.gone, 2);
    assert_int_equal(atomic_load(&bench.gone), 2);
    bench.fd = client_connect(server_port(bench.server, 0));
    bench_close(&bench);
}

static void stopping_lets_answers_out_first(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    bench_wait(&bench.held_now, 1);
    server_stop(bench.server);
    assert_ok(server_post(bench.server, release_held, &bench));
    assert_answer(&bench, 200, "later");
    assert_non_null(client_find(&bench.answer, 0, "Connection: close\r\n"));
    bench_close(&bench);
}

static void what_is_to_be_done_again_and_again_is(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    bench_wait(&bench.ticks, 3);
    bench_close(&bench);
}

static void a_taken_address_is_explained(void **state)
{
    struct bench bench;
    struct server *other;
    struct buffer message;
    char address[40];
    struct server_listener listener = {address, bench_handler, NULL, NULL};

    (void)state;
    bench_open(&bench, &server_options_default);
    buffer_init(&message, 1000);
    assert_ok(server_create(&server_options_default, &other));
    (void)snprintf(address, sizeof(address), "127.0.0.1:%d", server_port(bench.server, 0));
    assert_int_equal(server_listen(other, &listener, &message), STATUS_IO);
    buffer_append_byte(&message, '\0');
    assert_non_null(strstr((char *)message.data, "another program listens there"));
    buffer_clear(&message);
    static const char *const nonsense[] = {"nonsense",        "127.0.0.1:",   "127.0.0.1:-1",
                                           "127.0.0.1:65536", "127.0.0.1:8x", "shop.example:80"};
    for (size_t i = 0; i < COUNT_OF(nonsense); i++) {
        listener.address = nonsense[i];
        assert_int_equal(server_listen(other, &listener, &message), STATUS_IO);
    }
    listener.address = "[::1]:0";
    assert_ok(server_listen(other, &listener, &message));
    server_destroy(other);
    buffer_deinit(&message);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_over_the_limit_is_refused_so_that_a_page_sees_it),
        cmocka_unit_test(every_phase_has_a_deadline),
        cmocka_unit_test(one_byte_now_and_then_does_not_extend_the_deadline),
        cmocka_unit_test(a_reader_that_does_not_read_is_dropped),
        cmocka_unit_test(one_connection_too_many_takes_the_place_of_an_idle_one),
        cmocka_unit_test(a_stream_too_far_behind_is_closed),
        cmocka_unit_test(stopping_lets_answers_out_first),
        cmocka_unit_test(what_is_to_be_done_again_and_again_is),
        cmocka_unit_test(a_taken_address_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
