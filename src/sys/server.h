/* server.h - HTTP/1.1 on epoll: listeners, connections, deadlines, deferred answers, event streams.
 *
 * One loop is one thread. Handlers run on it and answer at once or later (exchange_defer); other
 * threads reach it by server_post(). Parsing is codec/http.h's; every phase has a deadline.
 */
#pragma once
#include "codec/http.h"

struct server;
struct exchange; /* one request being answered; valid until it is answered or its connection ends */

struct server_options {
    uint32_t connections_max;   /* one more: the longest idle one is closed, or it has to wait */
    uint32_t body_bytes_max;    /* larger: 413 */
    uint32_t header_timeout_ms; /* first byte of a request to the end of its head; then 408 */
    uint32_t body_timeout_ms;   /* end of the head to the end of the body; then 408 */
    uint32_t idle_timeout_ms;   /* between requests */
    uint32_t write_timeout_ms;  /* for one answer to leave; a peer that does not read */
    uint32_t stream_buffer_bytes_max; /* an event stream further behind is closed */
    uint64_t memory_bytes_max;        /* read buffers of all connections; over it 503 */
};
extern const struct server_options server_options_default;

enum { SERVER_LISTENERS_MAX = 8, SERVER_TASKS_MAX = 1024, SERVER_TIMERS_MAX = 16 };

/* A request whose bytes live until it is answered; of a stream until the handler returns. The handler answers, defers or
 * begins a stream before it returns. */
typedef void (*server_handler)(void *context, struct exchange *exchange,
                               const struct http_request *request);

/* Makes the answer for a request that never reached a handler (400, 408, 413, 431 ...): may add
 * headers such as CORS. `request` may be partly filled; NULL if nothing could be read. */
typedef void (*server_refusal)(void *context, const struct http_request *request,
                               struct http_response *response);

struct server_listener {
    const char *address; /* "127.0.0.1:8080", "[::1]:0" */
    server_handler handler;
    server_refusal refusal; /* NULL: plain */
    void *context;
};

/* Also raises the soft limit of open files as far as connections_max needs and the hard one allows. */
enum status server_create(const struct server_options *options, struct server **created) MUST_USE;
void server_destroy(struct server *server); /* after server_run() has returned */

/* Binds and listens. fails  IO with a message (address in use ...); port 0: see server_port */
enum status server_listen(struct server *server, const struct server_listener *listener,
                          struct buffer *message) MUST_USE;
uint16_t server_port(const struct server *server, uint32_t listener_index);

/* Runs on the calling thread until server_stop(); then finishes what is being answered (<= 10 s). */
enum status server_run(struct server *server) MUST_USE;
void server_stop(struct server *server); /* from any thread or a signal handler */

/* After each round of events that ran handlers: lets a stage submit what the round gathered. */
void server_on_round(struct server *server, void (*round)(void *context), void *context);

/* A function to run on the loop's thread; from any thread. fails  AGAIN: too many wait */
enum status server_post(struct server *server, void (*run)(void *context), void *context) MUST_USE;

/* Calls `run` about every interval on the loop's thread. */
void server_every(struct server *server, uint32_t interval_ms, void (*run)(void *context),
                  void *context);

/* --- answering -------------------------------------------------------------------------------------- */

/* Answers now; the response is copied. Exactly once for each exchange. HEAD, Date, keep-alive and
 * peers that left are the server's business. */
void exchange_respond(struct exchange *exchange, const struct http_response *response);

/* Keeps the exchange for a later exchange_respond() on the loop's thread. `gone` is called if the
 * connection ends first: the exchange must not be touched after that. It is never called from inside
 * another function of this header. */
void exchange_defer(struct exchange *exchange, void (*gone)(void *context), void *context);

/* Turns the exchange into a stream (server-sent events): head now, pieces later, until the peer
 * leaves (`gone`) or exchange_stream_end(). write fails  LIMIT: too far behind or broken; the stream
 * is over, and `gone` comes soon, from the loop. */
void exchange_stream_begin(struct exchange *exchange, const struct http_response *head,
                           void (*gone)(void *context), void *context);
enum status exchange_stream_write(struct exchange *exchange, struct slice bytes) MUST_USE;
void exchange_stream_end(struct exchange *exchange);

/* Peer address as text ("127.0.0.1"), for the record; lives as long as the exchange. */
struct slice exchange_peer(const struct exchange *exchange);

struct server_counters {
    uint64_t connections_open;
    uint64_t connections_total;
    uint64_t requests;
    uint64_t refused; /* answered before a handler saw them */
};
void server_counters(const struct server *server, struct server_counters *counters);
