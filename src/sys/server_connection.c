/* server_connection.c - a connection's way through its phases: edges in, handlers called.
 *
 * connection_advance() handles at most one request and comes back through the ready queue for the
 * next: pipelined requests are answered one after the other, no peer starves the others, and no
 * answer calls the next handler from inside the last. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "sys/server_internal.h"

/* --- birth and death ---------------------------------------------------------------------------- */

static struct connection *connection_take(struct server *server)
{
    struct connection *connection = server->free_connections;

    if (connection == NULL) return malloc(sizeof(*connection));
    server->free_connections = connection->all_next;
    return connection;
}

void connection_open(struct server *server, struct listener *listener, int fd,
                     const union peer_address *peer)
{
    struct connection *connection = connection_take(server);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data = {.ptr = connection}};

    if (connection == NULL || epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        free(connection);
        (void)close(fd);
        return;
    }
    *connection = (struct connection){.fd = fd,
                                      .deadline = DEADLINE_NONE,
                                      .writable = true,
                                      .listener = listener,
                                      .peer = *peer,
                                      .all_next = server->all};
    if (server->all != NULL) server->all->all_previous = connection;
    server->all = connection;
    deadline_arm(server, connection, DEADLINE_IDLE);
    counter_add(&server->counters.connections_open, 1);
    counter_add(&server->counters.connections_total, 1);
}

void connection_kill(struct server *server, struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    ASSERT(connection->fd >= 0);
    deadline_clear(server, connection);
    (void)close(connection->fd);
    connection->fd = -1;
    input_release(server, connection);
    buffer_deinit(&connection->pending);
    if (connection->all_previous != NULL) {
        connection->all_previous->all_next = connection->all_next;
    } else {
        server->all = connection->all_next;
    }
    if (connection->all_next != NULL) connection->all_next->all_previous = connection->all_previous;
    connection->all_next = server->dead;
    server->dead = connection;
    counter_add(&server->counters.connections_open, -1);
    if (server->accept_full) server->accept_again_ms = server->now_ms;
    if (exchange == NULL) return;
    if (exchange->deferred && exchange->gone != NULL) exchange->gone(exchange->gone_context);
    exchange_free(server, exchange);
}

/* The dead are kept until no event of the round and no queue can name them. */
void connections_bury(struct server *server)
{
    struct connection *connection = server->dead;

    server->dead = NULL;
    while (connection != NULL) {
        struct connection *next = connection->all_next;
        struct connection **list = connection->in_ready ? &server->dead : &server->free_connections;

        connection->all_next = *list;
        *list = connection;
        connection = next;
    }
}

void connection_make_ready(struct server *server, struct connection *connection)
{
    if (connection->in_ready) return;
    connection->in_ready = true;
    connection->ready_next = NULL;
    if (server->ready_last != NULL) {
        server->ready_last->ready_next = connection;
    } else {
        server->ready_first = connection;
    }
    server->ready_last = connection;
}

/* --- after the answer --------------------------------------------------------------------------- */

/* Input that was sent in vain must be read before the socket closes, or the reset that its arrival
 * causes destroys the answer on its way. */
static void begin_close(struct server *server, struct connection *connection)
{
    bool in_vain = connection->unread || connection->input_len > 0 || connection->readable;

    if (in_vain && !connection->peer_closed && shutdown(connection->fd, SHUT_WR) == 0) {
        connection->phase = PHASE_LINGER;
        input_release(server, connection);
        deadline_arm(server, connection, DEADLINE_LINGER);
    } else {
        connection->over = true;
    }
    connection_make_ready(server, connection);
}

static void answer_has_left(struct server *server, struct connection *connection)
{
    if (connection->close_after) {
        begin_close(server, connection);
        return;
    }
    connection->phase = PHASE_IDLE;
    if (connection->input_len == 0) input_release(server, connection);
    deadline_arm(server, connection, DEADLINE_IDLE);
    if (connection->input_len > 0 || connection->readable || connection->peer_closed)
        connection_make_ready(server, connection);
}

void connection_answered(struct server *server, struct connection *connection, bool close)
{
    size_t end = connection->exchange->end;

    exchange_free(server, connection->exchange);
    connection->close_after = close;
    connection->unread = end == 0;
    if (connection->over) return; /* ready, and about to end */
    ASSERT(end <= connection->input_len);
    if (end > 0 && end < connection->input_len)
        memmove(connection->input, connection->input + end, connection->input_len - end);
    connection->input_len -= end;
    deadline_clear(server, connection);
    if (connection->pending.len > 0) {
        connection->phase = PHASE_WRITE;
        deadline_arm(server, connection, DEADLINE_WRITE);
        return;
    }
    answer_has_left(server, connection);
}

/* --- towards the handler ------------------------------------------------------------------------ */

/* The buffer may have moved since the head was parsed: its slices are made anew. */
static void exchange_rebind(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    struct http_refusal ignored;

    if (exchange->base == connection->input) return;
    exchange->base = connection->input;
    (void)!http_parse_head((struct slice){connection->input, connection->input_len},
                           &exchange->request, &exchange->head_len, &ignored);
}

static void refuse(struct connection *connection, uint16_t status, const char *message)
{
    struct http_refusal refusal = {status, message};

    exchange_rebind(connection->exchange);
    answer_refuse(connection->exchange, &refusal);
}

static void dispatch(struct server *server, struct connection *connection, size_t body_len)
{
    struct exchange *exchange = connection->exchange;
    const struct server_listener *row = &connection->listener->row;

    exchange_rebind(exchange);
    exchange->request.body = (struct slice){connection->input + exchange->head_len, body_len};
    connection->phase = PHASE_ANSWER;
    deadline_clear(server, connection);
    server->handled = true;
    counter_add(&server->counters.requests, 1);
    row->handler(row->context, exchange, &exchange->request);
    ASSERT(connection->exchange == NULL || exchange->deferred);
}

/* Reads once more into a buffer of at least `capacity`. False: it has to wait, or the connection is
 * over, or the request was refused. */
static bool read_more(struct server *server, struct connection *connection, size_t capacity)
{
    enum status status = STATUS_AGAIN;

    if (connection->readable) {
        status = input_reserve(server, connection, capacity);
        if (status == STATUS_FULL && connection->exchange != NULL) {
            refuse(connection, 503, "no memory for another request");
            return false;
        }
        if (status == STATUS_OK) status = input_read(connection);
    }
    if (status == STATUS_OK) return true;
    if (status != STATUS_AGAIN || connection->peer_closed) connection->over = true;
    return false;
}

static size_t doubled_when_full(const struct connection *connection)
{
    if (connection->input_len < connection->input_capacity) return connection->input_capacity;
    return connection->input == NULL ? SERVER_BUFFER_BYTES : connection->input_capacity * 2;
}

/* Decodes what has come. True: the request was dispatched or refused. */
static bool advance_chunked(struct server *server, struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct http_chunked *chunked = &exchange->chunked;
    struct http_refusal refusal;
    size_t raw_len = connection->input_len - exchange->head_len;
    enum status status = http_chunked_decode(chunked, connection->input + exchange->head_len,
                                             raw_len, server->options.body_bytes_max, &refusal);

    if (status == STATUS_OK) {
        exchange->end = exchange->head_len + chunked->consumed;
        dispatch(server, connection, chunked->body_len);
        return true;
    }
    if (status != STATUS_AGAIN) {
        refuse(connection, refusal.status, refusal.message);
        return true;
    }
    chunked->consumed = chunked->body_len;
    connection->input_len = exchange->head_len + chunked->body_len;
    return false;
}

static bool body_is_dispatched(struct server *server, struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    if (exchange->request.chunked) return advance_chunked(server, connection);
    size_t total = exchange->head_len + exchange->request.content_length;
    if (connection->input_len < total) return false;
    exchange->end = total;
    dispatch(server, connection, exchange->request.content_length);
    return true;
}

static size_t body_capacity(const struct connection *connection)
{
    const struct exchange *exchange = connection->exchange;

    if (exchange->request.chunked) return doubled_when_full(connection);
    return exchange->head_len + exchange->request.content_length;
}

static void advance_body(struct server *server, struct connection *connection)
{
    while (!body_is_dispatched(server, connection))
        if (!read_more(server, connection, body_capacity(connection))) return;
}

static void begin_body(struct server *server, struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    const struct http_request *request = &exchange->request;
    bool waits = request->expect_continue && connection->input_len == exchange->head_len &&
                 (request->chunked || request->content_length > 0);

    if (request->content_length > server->options.body_bytes_max) {
        refuse(connection, 413, "the body is larger than allowed");
        return;
    }
    connection->phase = PHASE_BODY;
    deadline_arm(server, connection, DEADLINE_BODY);
    if (waits) answer_continue(connection);
    advance_body(server, connection);
}

/* AGAIN: more is needed; else the request went on, or was refused. */
static enum status parse_head(struct server *server, struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct http_refusal refusal;

    if (connection->input_len == 0) return STATUS_AGAIN;
    if (exchange == NULL) exchange = exchange_take(server, connection);
    if (exchange == NULL) {
        connection->over = true;
        return STATUS_FULL;
    }
    exchange->base = connection->input;
    enum status status = http_parse_head((struct slice){connection->input, connection->input_len},
                                         &exchange->request, &exchange->head_len, &refusal);
    if (status == STATUS_OK) begin_body(server, connection);
    if (status == STATUS_INVALID) answer_refuse(exchange, &refusal);
    return status;
}

static void advance_head(struct server *server, struct connection *connection)
{
    while (parse_head(server, connection) == STATUS_AGAIN) {
        if (read_more(server, connection, doubled_when_full(connection))) continue;
        if (connection->phase != PHASE_IDLE || connection->over) return;
        if (connection->input_len == 0) {
            input_release(server, connection);
            return;
        }
        connection->phase = PHASE_HEAD;
        deadline_arm(server, connection, DEADLINE_HEAD);
        return;
    }
}

/* --- edges -------------------------------------------------------------------------------------- */

static void advance_write(struct server *server, struct connection *connection)
{
    enum status status = answer_flush(connection);

    if (status == STATUS_IO) connection->over = true;
    if (status != STATUS_OK) return;
    deadline_clear(server, connection);
    if (connection->phase == PHASE_WRITE) answer_has_left(server, connection);
}

void connection_advance(struct server *server, struct connection *connection)
{
    if (connection->over) {
        connection_kill(server, connection);
        return;
    }
    switch ((enum phase)connection->phase) {
    case PHASE_IDLE:
    case PHASE_HEAD: advance_head(server, connection); break;
    case PHASE_BODY: advance_body(server, connection); break;
    case PHASE_ANSWER: /* what the peer sends now waits in the socket */ break;
    case PHASE_WRITE: advance_write(server, connection); break;
    case PHASE_STREAM:
        input_release(server, connection);
        if (connection->pending.len > 0) advance_write(server, connection);
        input_discard(server, connection);
        break;
    case PHASE_LINGER: input_discard(server, connection); break;
    }
    if (connection->over) connection_kill(server, connection);
}

void connection_event(struct server *server, struct connection *connection, uint32_t events)
{
    if (connection->fd < 0) return; /* it ended earlier in this round */
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) connection->readable = true;
    if ((events & EPOLLOUT) != 0) connection->writable = true;
    if ((events & EPOLLRDHUP) != 0) connection->peer_closed = true;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) connection->over = true;
    connection_advance(server, connection);
}

void connection_timeout(struct server *server, struct connection *connection)
{
    enum deadline kind = connection->deadline;

    deadline_clear(server, connection);
    if (kind == DEADLINE_HEAD || kind == DEADLINE_BODY) {
        refuse(connection, 408, "the request did not arrive in time");
        return;
    }
    connection_kill(server, connection);
}
