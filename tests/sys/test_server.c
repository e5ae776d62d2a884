/* test_server.c - the server on a real socket: framing, order, deadlines, streams, endings. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <pthread.h>
#include <stdatomic.h>

#include "http_client.h"
#include "sys/server.h"

/* Answers with what it saw; a few paths behave in a special way. */
struct bench {
    struct server *server;
    pthread_t thread;
    struct exchange *held;
    struct exchange *stream;
    atomic_int gone;
    atomic_int held_now;
    atomic_int rounds;
    atomic_int ticks;
    struct buffer big;
    struct buffer in;
    struct buffer answer;
    int fd;
};

static void bench_gone(void *context)
{
    struct bench *bench = context;

    bench->held = NULL;
    bench->stream = NULL;
    atomic_fetch_add(&bench->gone, 1);
}

static void release_held(void *context)
{
    struct bench *bench = context;
    struct http_response response = {.status = 200, .body = SLICE("later")};

    if (bench->held != NULL) exchange_respond(bench->held, &response);
    bench->held = NULL;
}

static void *post_later(void *context)
{
    struct bench *bench = context;

    (void)usleep(20000);
    assert_ok(server_post(bench->server, release_held, bench));
    return NULL;
}

static void flood_stream(void *context)
{
    struct bench *bench = context;
    struct slice piece = {bench->big.data, 65536};

    for (int i = 0; i < 1000 && bench->stream != NULL; i++)
        if (exchange_stream_write(bench->stream, piece) != STATUS_OK) return;
}

static void stream_some(void *context)
{
    struct bench *bench = context;

    assert_ok(exchange_stream_write(bench->stream, SLICE("data: one\n\n")));
    assert_ok(exchange_stream_write(bench->stream, SLICE("data: two\n\n")));
    exchange_stream_end(bench->stream);
    bench->stream = NULL;
}

static void bench_handler(void *context, struct exchange *exchange,
                          const struct http_request *request)
{
    struct bench *bench = context;
    struct http_response response = {.status = 200, .body = request->body};
    struct http_response head = {.status = 200};

    http_response_add(&head, "Content-Type", SLICE("text/event-stream"));
    if (slice_equal(request->path, SLICE("/hold"))) {
        bench->held = exchange;
        exchange_defer(exchange, bench_gone, bench);
        atomic_fetch_add(&bench->held_now, 1);
        return;
    }
    if (slice_equal(request->path, SLICE("/later"))) {
        pthread_t poster;

        bench->held = exchange;
        exchange_defer(exchange, bench_gone, bench);
        assert_int_equal(pthread_create(&poster, NULL, post_later, bench), 0);
        assert_int_equal(pthread_detach(poster), 0);
        return;
    }
    if (slice_starts_with(request->path, SLICE("/stream"))) {
        bench->stream = exchange;
        exchange_stream_begin(exchange, &head, bench_gone, bench);
        if (slice_equal(request->path, SLICE("/stream/flood")))
            assert_ok(server_post(bench->server, flood_stream, bench));
        if (slice_equal(request->path, SLICE("/stream/two")))
            assert_ok(server_post(bench->server, stream_some, bench));
        return;
    }
    if (slice_equal(request->path, SLICE("/big"))) response.body = buffer_slice(&bench->big);
    if (slice_equal(request->path, SLICE("/peer"))) response.body = exchange_peer(exchange);
    if (slice_starts_with(request->path, SLICE("/echo"))) response.body = request->path;
    exchange_respond(exchange, &response);
}

static void bench_refusal(void *context, const struct http_request *request,
                          struct http_response *response)
{
    const struct http_header *origin = http_find(request, "Origin");

    (void)context;
    if (origin != NULL) http_response_add(response, "Access-Control-Allow-Origin", origin->value);
}

static void bench_round(void *context)
{
    atomic_fetch_add(&((struct bench *)context)->rounds, 1);
}

static void bench_tick(void *context)
{
    atomic_fetch_add(&((struct bench *)context)->ticks, 1);
}

static void *bench_run(void *context)
{
    struct bench *bench = context;

    assert_ok(server_run(bench->server));
    return NULL;
}

static void bench_open(struct bench *bench, const struct server_options *options)
{
    struct buffer message;
    struct server_listener listener = {"127.0.0.1:0", bench_handler, bench_refusal, bench};

    memset(bench, 0, sizeof(*bench));
    buffer_init(&message, 1000);
    buffer_init(&bench->big, 32 << 20);
    buffer_init(&bench->in, CLIENT_BYTES_MAX);
    buffer_init(&bench->answer, CLIENT_BYTES_MAX);
    for (int i = 0; i < 1 << 22; i++)
        buffer_append(&bench->big, SLICE("big "));
    assert_ok(server_create(options, &bench->server));
    assert_ok(server_listen(bench->server, &listener, &message));
    server_on_round(bench->server, bench_round, bench);
    server_every(bench->server, 5, bench_tick, bench);
    assert_int_equal(pthread_create(&bench->thread, NULL, bench_run, bench), 0);
    bench->fd = client_connect(server_port(bench->server, 0));
    buffer_deinit(&message);
}

static void bench_close(struct bench *bench)
{
    (void)close(bench->fd);
    server_stop(bench->server);
    assert_int_equal(pthread_join(bench->thread, NULL), 0);
    server_destroy(bench->server);
    buffer_deinit(&bench->big);
    buffer_deinit(&bench->in);
    buffer_deinit(&bench->answer);
}

static int bench_answer(struct bench *bench)
{
    return client_answer(bench->fd, &bench->in, false, &bench->answer);
}

#define assert_answer(bench, status, text)                               \
    do {                                                                 \
        assert_int_equal(bench_answer(bench), status);                   \
        if (client_find(&(bench)->answer, 0, text) == NULL)              \
            fail_msg("no \"%s\" in \"%s\"", text, (bench)->answer.data); \
    } while (0)

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

static void a_peer_that_leaves_is_reported_once(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    while (atomic_load(&bench.held_now) == 0)
        (void)usleep(1000);
    client_reset(bench.fd);
    for (int waited = 0; waited < CLIENT_WAIT_MS && atomic_load(&bench.gone) == 0; waited++)
        (void)usleep(1000);
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

static void a_stream_too_far_behind_is_closed(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, &server_options_default);
    client_say(bench.fd, "GET /stream/flood HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int waited = 0; waited < CLIENT_WAIT_MS && atomic_load(&bench.gone) == 0; waited++)
        (void)usleep(1000);
    assert_int_equal(atomic_load(&bench.gone), 1);
    assert_true(client_ends(bench.fd, &bench.in));
    (void)close(bench.fd);

    bench.fd = client_connect(server_port(bench.server, 0));
    buffer_clear(&bench.in);
    client_say(bench.fd, "GET /stream/quiet HTTP/1.1\r\nHost: a\r\n\r\n");
    while (client_find(&bench.in, 0, "\r\n\r\n") == NULL)
        assert_true(client_read(bench.fd, &bench.in, CLIENT_WAIT_MS) > 0);
    (void)close(bench.fd); /* the peer leaves in the ordinary way */
    for (int waited = 0; waited < CLIENT_WAIT_MS && atomic_load(&bench.gone) == 1; waited++)
        (void)usleep(1000);
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
    while (atomic_load(&bench.held_now) == 0)
        (void)usleep(1000);
    server_stop(bench.server);
    assert_ok(server_post(bench.server, release_held, &bench));
    assert_answer(&bench, 200, "later");
    assert_non_null(client_find(&bench.answer, 0, "Connection: close\r\n"));
    assert_true(atomic_load(&bench.ticks) >= 0);
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
        cmocka_unit_test(requests_are_answered_in_order_on_one_connection),
        cmocka_unit_test(a_request_may_come_byte_by_byte),
        cmocka_unit_test(head_has_the_length_but_no_body),
        cmocka_unit_test(expect_continue_is_told_to_go_on),
        cmocka_unit_test(bodies_of_every_size_come_through),
        cmocka_unit_test(a_body_over_the_limit_is_refused_so_that_a_page_sees_it),
        cmocka_unit_test(a_large_answer_waits_for_a_slow_reader),
        cmocka_unit_test(every_phase_has_a_deadline),
        cmocka_unit_test(one_byte_now_and_then_does_not_extend_the_deadline),
        cmocka_unit_test(a_reader_that_does_not_read_is_dropped),
        cmocka_unit_test(one_connection_too_many_takes_the_place_of_an_idle_one),
        cmocka_unit_test(a_peer_that_leaves_is_reported_once),
        cmocka_unit_test(a_half_closed_peer_still_gets_its_answer),
        cmocka_unit_test(a_stream_brings_pieces_and_ends),
        cmocka_unit_test(a_stream_too_far_behind_is_closed),
        cmocka_unit_test(stopping_lets_answers_out_first),
        cmocka_unit_test(a_taken_address_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
