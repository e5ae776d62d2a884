/* test_server.c - the server on a real socket: framing, order, streams, peers that leave. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include "bench.h"

static void requests_are_answered_in_order_on_one_connection(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "GET /echo/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                         "GET /later HTTP/1.1\r\nHost: a\r\n\r\n"
                         "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nthree"
                         "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "2\r\nfo\r\n2;x=y\r\nur\r\n0\r\nT: x\r\n\r\n"
                         "GET /echo/5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_answer(&bench, 200, "\r\n\r\n/echo/1");
    assert_answer(&bench, 200, "\r\n\r\nlater");
    assert_answer(&bench, 200, "\r\n\r\nthree");
    assert_answer(&bench, 200, "\r\n\r\nfour");
    assert_answer(&bench, 200, "Connection: close\r\n");
    assert_non_null(client_find(&bench.answer, 0, "\r\nDate: "));
    assert_true(client_ends(bench.fd, &bench.in));
    assert_true(atomic_load(&bench.rounds) > 0);
    bench_close(&bench);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    static const char text[] = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3\r\nabc\r\n0\r\n\r\nGET /peer HTTP/1.1\r\nHost: a\r\n\r\n";
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        assert_true(client_send(bench.fd, (struct slice){(const uint8_t *)text + i, 1}));
    assert_answer(&bench, 200, "\r\n\r\nabc");
    assert_answer(&bench, 200, "\r\n\r\n127.0.0.1");
    bench_close(&bench);
}

static void head_has_the_length_but_no_body(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "HEAD /echo/me HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(bench.fd, &bench.in, true, &bench.answer), 200);
    assert_non_null(client_find(&bench.answer, 0, "Content-Length: 8\r\n\r\n"));
    client_say(bench.fd, "GET /echo/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_answer(&bench, 200, "\r\n\r\n/echo/2");
    bench_close(&bench);
}

static void expect_continue_is_told_to_go_on(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                         "Content-Length: 4\r\n\r\n");
    assert_int_equal(bench_answer(&bench), 100);
    client_say(bench.fd, "body");
    assert_answer(&bench, 200, "\r\n\r\nbody");
    client_say(bench.fd, "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                         "Content-Length: 3000000\r\n\r\n");
    assert_answer(&bench, 413, "Connection: close");
    assert_true(client_ends(bench.fd, &bench.in));
    bench_close(&bench);
}

static void bodies_of_every_size_come_through(void **state)
{
    static const size_t sizes[] = {0, 1, 8000, 8191, 8192, 8193, 65536, 1 << 20, 2 << 20};
    struct bench bench;
    char head[200];

    (void)state;
    bench_open(&bench, &server_options_default);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        (void)snprintf(head, sizeof(head),
                       "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", sizes[i]);
        client_say(bench.fd, head);
        assert_true(client_send(bench.fd, (struct slice){bench.big.data, sizes[i]}));
        assert_int_equal(bench_answer(&bench), 200);
        assert_true(bench.answer.len > sizes[i]);
        assert_memory_equal(bench.answer.data + bench.answer.len - sizes[i], bench.big.data,
                            sizes[i]);
    }
    bench_close(&bench);
}

static void a_large_answer_waits_for_a_slow_reader(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd,
               "GET /big HTTP/1.1\r\nHost: a\r\n\r\nGET /echo/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)usleep(50000);
    assert_int_equal(bench_answer(&bench), 200);
    assert_memory_equal(bench.answer.data + bench.answer.len - bench.big.len, bench.big.data,
                        bench.big.len);
    assert_answer(&bench, 200, "\r\n\r\n/echo/2");
    bench_close(&bench);
}

static void a_peer_that_leaves_is_reported_once(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    bench_wait(&bench.held_now, 1);
    client_reset(bench.fd);
    bench_wait(&bench.gone, 1);
    assert_int_equal(atomic_load(&bench.gone), 1);
    bench.fd = client_connect(server_port(bench.server, 0));
    client_say(bench.fd, "GET /echo/alive HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_answer(&bench, 200, "/echo/alive");
    bench_close(&bench);
    assert_int_equal(atomic_load(&bench.gone), 1);
}

static void a_half_closed_peer_still_gets_its_answer(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(shutdown(bench.fd, SHUT_WR), 0);
    assert_answer(&bench, 200, "later");
    assert_true(client_ends(bench.fd, &bench.in));
    bench_close(&bench);
}

static void a_stream_brings_pieces_and_ends(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "GET /stream/two HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(client_ends(bench.fd, &bench.in));
    assert_non_null(client_find(&bench.in, 0, "text/event-stream\r\n"));
    assert_null(client_find(&bench.in, 0, "Content-Length"));
    assert_non_null(client_find(&bench.in, 0, "\r\n\r\ndata: one\n\ndata: two\n\n"));
    bench_close(&bench);
    assert_int_equal(atomic_load(&bench.gone), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_answered_in_order_on_one_connection),
        cmocka_unit_test(a_request_may_come_byte_by_byte),
        cmocka_unit_test(head_has_the_length_but_no_body),
        cmocka_unit_test(expect_continue_is_told_to_go_on),
        cmocka_unit_test(bodies_of_every_size_come_through),
        cmocka_unit_test(a_large_answer_waits_for_a_slow_reader),
        cmocka_unit_test(a_peer_that_leaves_is_reported_once),
        cmocka_unit_test(a_half_closed_peer_still_gets_its_answer),
        cmocka_unit_test(a_stream_brings_pieces_and_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
