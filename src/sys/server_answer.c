/* server_answer.c - answers and event streams leave: one send for most, the rest waits in `pending`.
 *
 * Nothing here ends a connection: what fails is marked `over` and made ready, and the loop ends it,
 * so that no caller's exchange disappears under its hands. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/uio.h>

#include "sys/clock.h"
#include "sys/server_internal.h"

static void give_up(struct connection *connection, struct server *server)
{
    connection->over = true;
    connection_make_ready(server, connection);
}

/* sendmsg() reads only, but its type does not say so. */
static struct iovec piece_of(struct slice bytes)
{
    struct iovec piece = {.iov_len = bytes.len};

    memcpy(&piece.iov_base, &bytes.data, sizeof(bytes.data));
    return piece;
}

/* Sends what the socket takes; returns how much, or -1 when it broke. */
static ssize_t send_pieces(struct connection *connection, struct slice head, struct slice body)
{
    struct iovec pieces[2] = {piece_of(head), piece_of(body)};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = body.len > 0 ? 2 : 1};
    ssize_t sent;

    if (!connection->writable) return 0;
    do {
        sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN) return -1;
    if (sent < (ssize_t)(head.len + body.len)) connection->writable = false;
    return sent < 0 ? 0 : sent;
}

static void keep_rest(struct connection *connection, struct slice bytes, size_t *sent)
{
    size_t skipped = *sent < bytes.len ? *sent : bytes.len;

    *sent -= skipped;
    buffer_append(&connection->pending, (struct slice){bytes.data + skipped, bytes.len - skipped});
}

static void send_answer(struct server *server, struct connection *connection, struct slice head,
                        struct slice body)
{
    ASSERT(connection->pending.len == 0);
    ssize_t taken = connection->over ? -1 : send_pieces(connection, head, body);

    if (taken < 0) {
        give_up(connection, server);
        return;
    }
    size_t sent = (size_t)taken;
    if (sent == head.len + body.len) return;
    connection->pending.bytes_max = SERVER_ANSWER_BYTES_MAX;
    keep_rest(connection, head, &sent);
    keep_rest(connection, body, &sent);
    if (connection->pending.failed) give_up(connection, server);
}

enum status answer_flush(struct connection *connection)
{
    struct slice rest = {connection->pending.data + connection->pending_sent,
                         connection->pending.len - connection->pending_sent};

    if (rest.len > 0) {
        ssize_t sent = send_pieces(connection, rest, (struct slice){0});

        if (sent < 0) return STATUS_IO;
        connection->pending_sent += (size_t)sent;
        if ((size_t)sent < rest.len) return STATUS_AGAIN;
    }
    buffer_deinit(&connection->pending); /* rare: a kept buffer would cost more than it saves */
    connection->pending_sent = 0;
    return STATUS_OK;
}

static struct slice date_now(struct server *server)
{
    int64_t second = clock_wall_ms() / 1000;

    if (second != server->date_second) {
        http_write_date(second, server->date);
        server->date_second = second;
    }
    return (struct slice){server->date, HTTP_DATE_BYTES};
}

/* Writes the response; a large body is sent from where it lies. */
static void write_answer(struct server *server, struct connection *connection,
                         struct http_response *response)
{
    bool apart = response->body.len > SERVER_COPY_BYTES_MAX && !response->no_body;
    struct slice body = apart ? response->body : (struct slice){0};

    response->no_body = response->no_body || apart;
    response->date = date_now(server);
    buffer_clear(&server->out);
    http_write_response(response, &server->out);
    if (server->out.failed) {
        give_up(connection, server);
    } else {
        send_answer(server, connection, buffer_slice(&server->out), body);
    }
}

void exchange_respond(struct exchange *exchange, const struct http_response *response)
{
    struct server *server = exchange->server;
    struct connection *connection = exchange->connection;
    struct http_response copy = *response;

    ASSERT(connection->exchange == exchange && connection->phase == PHASE_ANSWER);
    ASSERT(!copy.stream);
    copy.no_body = copy.no_body || exchange->request.method == HTTP_HEAD;
    copy.close = copy.close || !exchange->request.keep_alive || server->stop_by_ms != 0;
    write_answer(server, connection, &copy);
    connection_answered(server, connection, copy.close);
}

void answer_refuse(struct exchange *exchange, const struct http_refusal *refusal)
{
    struct server *server = exchange->server;
    struct connection *connection = exchange->connection;
    const struct server_listener *row = &connection->listener->row;
    struct http_response response = {.status = refusal->status, .body = slice_of(refusal->message)};

    http_response_add(&response, "Content-Type", SLICE("text/plain; charset=utf-8"));
    if (row->refusal != NULL) row->refusal(row->context, &exchange->request, &response);
    response.close = true;
    response.no_body = exchange->request.method == HTTP_HEAD;
    counter_add(&server->counters.refused, 1);
    write_answer(server, connection, &response);
    connection_answered(server, connection, true);
}

void answer_continue(struct connection *connection)
{
    struct slice line = SLICE("HTTP/1.1 100 Continue\r\n\r\n");

    if (send_pieces(connection, line, (struct slice){0}) != (ssize_t)line.len)
        connection->over = true;
}

void exchange_defer(struct exchange *exchange, void (*gone)(void *context), void *context)
{
    ASSERT(exchange->connection->phase == PHASE_ANSWER);
    exchange->deferred = true;
    exchange->gone = gone;
    exchange->gone_context = context;
}

void exchange_stream_begin(struct exchange *exchange, const struct http_response *head,
                           void (*gone)(void *context), void *context)
{
    struct server *server = exchange->server;
    struct connection *connection = exchange->connection;
    struct http_response copy = *head;

    ASSERT(connection->phase == PHASE_ANSWER);
    copy.stream = true;
    exchange_defer(exchange, gone, context);
    connection->phase = PHASE_STREAM;
    write_answer(server, connection, &copy);
    connection->pending.bytes_max = server->options.stream_buffer_bytes_max;
    if (connection->pending.len > 0) deadline_arm(server, connection, DEADLINE_WRITE);
    connection_make_ready(server, connection); /* to let go of the request, and read on */
}

enum status exchange_stream_write(struct exchange *exchange, struct slice bytes)
{
    struct server *server = exchange->server;
    struct connection *connection = exchange->connection;
    struct buffer *pending = &connection->pending;
    size_t sent = 0;

    ASSERT(connection->phase == PHASE_STREAM);
    if (connection->over) return STATUS_LIMIT;
    if (pending->len == 0) {
        ssize_t taken = send_pieces(connection, bytes, (struct slice){0});

        if (taken < 0) give_up(connection, server);
        if (taken < 0) return STATUS_LIMIT;
        sent = (size_t)taken;
        if (sent == bytes.len) return STATUS_OK;
        deadline_arm(server, connection, DEADLINE_WRITE);
    }
    if (connection->pending_sent > 0) { /* what has left makes room */
        pending->len -= connection->pending_sent;
        memmove(pending->data, pending->data + connection->pending_sent, pending->len);
        connection->pending_sent = 0;
    }
    buffer_append(pending, (struct slice){bytes.data + sent, bytes.len - sent});
    if (pending->failed) give_up(connection, server);
    return pending->failed ? STATUS_LIMIT : STATUS_OK;
}

void exchange_stream_end(struct exchange *exchange)
{
    struct server *server = exchange->server;
    struct connection *connection = exchange->connection;

    ASSERT(connection->phase == PHASE_STREAM);
    exchange->gone = NULL;
    exchange->end = 0; /* the peer may still be sending */
    connection_answered(server, connection, true);
}

struct slice exchange_peer(const struct exchange *exchange)
{
    const union peer_address *peer = &exchange->connection->peer;
    char *text = exchange->connection->peer_text; /* made when first asked for */
    const void *address = peer->any.sa_family == AF_INET ? (const void *)&peer->v4.sin_addr
                                                         : (const void *)&peer->v6.sin6_addr;
    bool mapped = peer->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&peer->v6.sin6_addr);

    if (text[0] == '\0' &&
        inet_ntop(mapped ? AF_INET : peer->any.sa_family,
                  mapped ? (const uint8_t *)address + 12 : address, text, INET6_ADDRSTRLEN) == NULL)
        return (struct slice){0};
    return slice_of(text);
}
