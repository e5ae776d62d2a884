/* client.c - epoll, blocking-free reads, whole-request writes. */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/clock.h"

enum { EVENTS_MAX = 256, ANSWER_BYTES_MAX = 1 << 20 };

struct client_connection {
    struct client *client;
    struct client_connection *next_free;
    int fd;
    void *tag;
    uint64_t sent_at_ns;
    struct buffer in;
};

struct client {
    int epoll;
    uint16_t port;
    client_answer answer;
    void *context;
    struct client_connection *free;
    uint32_t count;
    struct client_connection connections[];
};

static enum status connect_one(struct client_connection *connection)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(connection->client->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    int one = 1;

    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) return STATUS_IO;
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        return STATUS_IO;
    if (setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
        return STATUS_IO;
    if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) != 0) return STATUS_IO;
    return epoll_ctl(connection->client->epoll, EPOLL_CTL_ADD, connection->fd, &event) == 0
               ? STATUS_OK
               : STATUS_IO;
}

enum status client_open(uint16_t port, uint32_t connections, client_answer answer, void *context,
                        struct client **client)
{
    struct client *opened =
        calloc(1, sizeof(*opened) + connections * sizeof(opened->connections[0]));

    ASSERT(connections > 0 && connections <= CLIENT_CONNECTIONS_MAX);
    if (opened == NULL) return STATUS_LIMIT;
    *opened = (struct client){
        .epoll = epoll_create1(EPOLL_CLOEXEC), .port = port, .answer = answer, .context = context};
    for (uint32_t i = 0; i < connections; i++) {
        struct client_connection *connection = &opened->connections[i];

        connection->client = opened;
        buffer_init(&connection->in, ANSWER_BYTES_MAX);
        if (connect_one(connection) != STATUS_OK) {
            client_close(opened);
            return STATUS_IO;
        }
        connection->next_free = opened->free;
        opened->free = connection;
        opened->count++;
    }
    *client = opened;
    return STATUS_OK;
}

void client_close(struct client *client)
{
    for (uint32_t i = 0; i < client->count; i++) {
        if (client->connections[i].fd >= 0) (void)close(client->connections[i].fd);
        buffer_deinit(&client->connections[i].in);
    }
    (void)close(client->epoll);
    free(client);
}

struct client_connection *client_free(struct client *client)
{
    return client->free;
}

void *client_tag(const struct client_connection *connection)
{
    return connection->tag;
}

uint64_t client_sent_at_ns(const struct client_connection *connection)
{
    return connection->sent_at_ns;
}

static void finish(struct client_connection *connection, int status, struct slice body)
{
    struct client *client = connection->client;

    connection->next_free = client->free;
    client->free = connection;
    client->answer(client->context, connection, status, body);
}

/* Requests are small: a loopback socket takes them whole, or the connection is taken as broken. */
void client_send(struct client_connection *connection, struct slice request, void *tag)
{
    struct client *client = connection->client;

    ASSERT(client->free == connection);
    client->free = connection->next_free;
    connection->tag = tag;
    buffer_clear(&connection->in);
    ssize_t sent = send(connection->fd, request.data, request.len, MSG_NOSIGNAL);
    connection->sent_at_ns = clock_monotonic_ns();
    if (sent != (ssize_t)request.len) finish(connection, 0, (struct slice){0});
}

/* "content-length: N" in the head, any case; -1 without one. */
static int64_t content_length(const char *head, size_t len)
{
    static const char name[] = "\ncontent-length:";

    for (size_t i = 0; i + sizeof(name) < len; i++) {
        size_t k = 0;

        while (k < sizeof(name) - 1 && (head[i + k] | (k > 0 ? 0x20 : 0)) == name[k])
            k++;
        if (k == sizeof(name) - 1) return strtoll(head + i + k, NULL, 10);
    }
    return -1;
}

/* Whether `in` holds a whole answer; then its status and body. */
static bool answer_complete(const struct buffer *in, int *status, struct slice *body)
{
    const char *text = (const char *)in->data;

    for (size_t i = 0; i + 4 <= in->len; i++) {
        if (memcmp(text + i, "\r\n\r\n", 4) != 0) continue;
        int64_t length = content_length(text, i + 2);
        size_t head = i + 4;

        *status = (int)strtol(text + 9, NULL, 10);
        if (length < 0) length = 0;
        if (in->len < head + (size_t)length) return false;
        *body = (struct slice){in->data + head, (size_t)length};
        return true;
    }
    return false;
}

static void receive(struct client_connection *connection)
{
    int status = 0;
    struct slice body = {0};

    for (;;) {
        uint8_t *target = buffer_reserve(&connection->in, 4096);
        ssize_t got = target == NULL ? -1 : recv(connection->fd, target, 4096, 0);

        if (got < 0 && target != NULL && (errno == EAGAIN || errno == EINTR)) break;
        if (got <= 0) {
            (void)epoll_ctl(connection->client->epoll, EPOLL_CTL_DEL, connection->fd, NULL);
            (void)close(connection->fd);
            if (connect_one(connection) != STATUS_OK)
                return; /* the server is gone: never free again */
            finish(connection, 0, (struct slice){0});
            return;
        }
        connection->in.len += (size_t)got;
        if (got < 4096) break;
    }
    if (answer_complete(&connection->in, &status, &body)) finish(connection, status, body);
}

void client_poll(struct client *client, int64_t timeout_us)
{
    struct epoll_event events[EVENTS_MAX];
    int timeout_ms = (int)(timeout_us / 1000);
    int count = epoll_wait(client->epoll, events, EVENTS_MAX, timeout_ms);

    for (int i = 0; i < count; i++)
        receive(events[i].data.ptr);
}
