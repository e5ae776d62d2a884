/* server_input.c - read buffers and exchanges. An idle connection holds neither; both come from free
 * lists, so a warmed-up loop allocates nothing per request. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <errno.h>
#include <stdlib.h>

#include "sys/server_internal.h"

struct exchange *exchange_take(struct server *server, struct connection *connection)
{
    struct exchange *exchange = server->free_exchanges;

    ASSERT(connection->exchange == NULL);
    if (exchange != NULL) {
        server->free_exchanges = exchange->next_free;
        server->free_exchange_count--;
    } else {
        exchange = malloc(sizeof(*exchange));
        if (exchange == NULL) return NULL;
    }
    exchange->server = server;
    exchange->connection = connection;
    exchange->deferred = false;
    exchange->gone = NULL;
    exchange->gone_context = NULL;
    exchange->head_len = 0;
    exchange->end = 0;
    exchange->base = NULL;
    exchange->chunked = (struct http_chunked){0};
    exchange->request.header_count = 0;
    connection->exchange = exchange;
    return exchange;
}

void exchange_free(struct server *server, struct exchange *exchange)
{
    exchange->connection->exchange = NULL;
    exchange->connection = NULL;
    if (server->free_exchange_count == SERVER_EXCHANGES_KEPT) {
        free(exchange);
        return;
    }
    exchange->next_free = server->free_exchanges;
    server->free_exchanges = exchange;
    server->free_exchange_count++;
}

static uint8_t *buffer_take(struct server *server)
{
    uint8_t *bytes = server->free_buffers;

    if (bytes == NULL) return malloc(SERVER_BUFFER_BYTES);
    memcpy(&server->free_buffers, bytes, sizeof(void *));
    server->free_buffer_count--;
    return bytes;
}

static void buffer_give(struct server *server, uint8_t *bytes, size_t capacity)
{
    if (capacity != SERVER_BUFFER_BYTES || server->free_buffer_count == SERVER_BUFFERS_KEPT) {
        free(bytes);
        return;
    }
    memcpy(bytes, &server->free_buffers, sizeof(void *));
    server->free_buffers = bytes;
    server->free_buffer_count++;
}

enum status input_reserve(struct server *server, struct connection *connection, size_t capacity)
{
    if (capacity <= connection->input_capacity) return STATUS_OK;
    if (capacity < SERVER_BUFFER_BYTES) capacity = SERVER_BUFFER_BYTES;
    if (server->input_bytes + capacity > server->options.memory_bytes_max) return STATUS_FULL;
    uint8_t *bytes = capacity == SERVER_BUFFER_BYTES ? buffer_take(server) : malloc(capacity);
    if (bytes == NULL) return STATUS_FULL;

    size_t len = connection->input_len;
    if (len > 0) memcpy(bytes, connection->input, len);
    input_release(server, connection);
    connection->input = bytes;
    connection->input_capacity = capacity;
    connection->input_len = len;
    server->input_bytes += capacity;
    return STATUS_OK;
}

void input_release(struct server *server, struct connection *connection)
{
    if (connection->input == NULL) return;
    ASSERT(server->input_bytes >= connection->input_capacity);
    server->input_bytes -= connection->input_capacity;
    buffer_give(server, connection->input, connection->input_capacity);
    connection->input = NULL;
    connection->input_capacity = 0;
    connection->input_len = 0;
}

/* A short read has emptied an edge-triggered socket: the next byte makes a new edge. */
static ssize_t read_some(struct connection *connection, uint8_t *target, size_t room)
{
    ssize_t got;

    do {
        got = recv(connection->fd, target, room, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0 || (size_t)got < room) connection->readable = false;
    return got;
}

enum status input_read(struct connection *connection)
{
    size_t room = connection->input_capacity - connection->input_len;

    if (!connection->readable) return STATUS_AGAIN;
    if (room == 0) return STATUS_LIMIT;
    ssize_t got = read_some(connection, connection->input + connection->input_len, room);
    if (got == 0) return STATUS_NOT_FOUND;
    if (got < 0) return errno == EAGAIN ? STATUS_AGAIN : STATUS_IO;
    connection->input_len += (size_t)got;
    return STATUS_OK;
}

/* Streams and lingering connections: what still comes is read and forgotten, a bounded amount per
 * call so that no peer can keep the loop busy. */
void input_discard(struct server *server, struct connection *connection)
{
    enum { READS_MAX = 16 };

    for (int reads = 0; connection->readable && reads < READS_MAX; reads++) {
        ssize_t got = read_some(connection, server->scratch, SERVER_BUFFER_BYTES);

        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            connection->over = true;
            connection->readable = false;
        }
    }
    if (connection->readable || connection->over) connection_make_ready(server, connection);
}
