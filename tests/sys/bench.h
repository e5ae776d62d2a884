/* bench.h - a server on a real socket that answers with what it saw; a few paths behave in a special way. The including
 * file defines _GNU_SOURCE.
 */
#pragma once
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

static inline void bench_gone(void *context)
{
    struct bench *bench = context;

    bench->held = NULL;
    bench->stream = NULL;
    atomic_fetch_add(&bench->gone, 1);
}

static inline void release_held(void *context)
{
    struct bench *bench = context;
    struct http_response response = {.status = 200, .body = SLICE("later")};

    if (bench->held != NULL) exchange_respond(bench->held, &response);
    bench->held = NULL;
}

static inline void *post_later(void *context)
{
    struct bench *bench = context;

    (void)usleep(20000);
    assert_ok(server_post(bench->server, release_held, bench));
    return NULL;
}

static inline void flood_stream(void *context)
{
    struct bench *bench = context;
    struct slice piece = {bench->big.data, 65536};

    for (int i = 0; i < 1000 && bench->stream != NULL; i++)
        if (exchange_stream_write(bench->stream, piece) != STATUS_OK) return;
}

static inline void stream_some(void *context)
{
    struct bench *bench = context;

    assert_ok(exchange_stream_write(bench->stream, SLICE("data: one\n\n")));
    assert_ok(exchange_stream_write(bench->stream, SLICE("data: two\n\n")));
    exchange_stream_end(bench->stream);
    bench->stream = NULL;
}

static inline void bench_handler(void *context, struct exchange *exchange,
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

static inline void bench_refusal(void *context, const struct http_request *request,
                                 struct http_response *response)
{
    const struct http_header *origin = http_find(request, "Origin");

    (void)context;
    if (origin != NULL) http_response_add(response, "Access-Control-Allow-Origin", origin->value);
}

/* Until a count is what it should become; fails when it never is. */
static inline void bench_wait(atomic_int *count, int wanted)
{
    for (int waited = 0; waited < CLIENT_WAIT_MS && atomic_load(count) < wanted; waited++)
        (void)usleep(1000);
    assert_true(atomic_load(count) >= wanted);
}

static inline void bench_round(void *context)
{
    atomic_fetch_add(&((struct bench *)context)->rounds, 1);
}

static inline void bench_tick(void *context)
{
    atomic_fetch_add(&((struct bench *)context)->ticks, 1);
}

static inline void *bench_run(void *context)
{
    struct bench *bench = context;

    assert_ok(server_run(bench->server));
    return NULL;
}

static inline void bench_open(struct bench *bench, const struct server_options *options)
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

static inline void bench_close(struct bench *bench)
{
    (void)close(bench->fd);
    server_stop(bench->server);
    assert_int_equal(pthread_join(bench->thread, NULL), 0);
    server_destroy(bench->server);
    buffer_deinit(&bench->big);
    buffer_deinit(&bench->in);
    buffer_deinit(&bench->answer);
}

static inline int bench_answer(struct bench *bench)
{
    return client_answer(bench->fd, &bench->in, false, &bench->answer);
}

#define assert_answer(bench, status, text)                               \
    do {                                                                 \
        assert_int_equal(bench_answer(bench), status);                   \
        if (client_find(&(bench)->answer, 0, text) == NULL)              \
            fail_msg("no \"%s\" in \"%s\"", text, (bench)->answer.data); \
    } while (0)
