/* server_listen.c - addresses, listening sockets and accepting.
 *
 * Listeners are level-triggered and leave the epoll set while there is no room: what waits then waits
 * in the kernel's backlog, which costs us nothing. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "sys/server_internal.h"

enum { HOST_TEXT_MAX = 256 };

/* "127.0.0.1:8080", "[::1]:0", ":8080" (every address) */
static bool split_address(const char *text, char host[HOST_TEXT_MAX], const char **port)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - text);
    int64_t number;

    if (colon == NULL || len >= HOST_TEXT_MAX) return false;
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    memcpy(host, text, len);
    host[len] = '\0';
    *port = colon + 1;
    return slice_to_i64(slice_of(*port), &number) == STATUS_OK && number >= 0 &&
           number <= UINT16_MAX; /* getaddrinfo would cut a larger one down */
}

static int bind_and_listen(const struct addrinfo *address)
{
    int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) return -1;
    /* accepted sockets inherit TCP_NODELAY */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
        int error = errno;

        (void)close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static void explain(struct buffer *message, const char *address, const char *why)
{
    buffer_append_text(message, "cannot listen on ");
    buffer_append_text(message, address);
    buffer_append_text(message, ": ");
    buffer_append_text(message, why);
}

static uint16_t bound_port(int fd)
{
    union peer_address address = {0};
    socklen_t len = sizeof(address);

    if (getsockname(fd, &address.any, &len) != 0) return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static void listener_arm(struct server *server, struct listener *listener)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = listener}};

    if (!listener->armed)
        listener->armed = epoll_ctl(server->epoll, EPOLL_CTL_ADD, listener->fd, &event) == 0;
}

static const char *system_error(char *text, size_t size)
{
    int error = errno;

    if (error == EADDRINUSE) return "another program listens there already";
    if (error == EACCES) return "the system does not allow it (ports below 1024 need a privilege)";
    if (error == EADDRNOTAVAIL) return "this machine does not have that address";
    (void)snprintf(text, size, "system error %d", error);
    return text;
}

enum status server_listen(struct server *server, const struct server_listener *listener,
                          struct buffer *message)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char host[HOST_TEXT_MAX];
    char text[64];
    const char *port;

    ASSERT(server->listener_count < SERVER_LISTENERS_MAX && listener->handler != NULL);
    if (!split_address(listener->address, host, &port) ||
        getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, &found) != 0) {
        explain(message, listener->address, "write it as 127.0.0.1:8080, [::1]:8080 or :8080");
        return STATUS_IO;
    }
    int fd = bind_and_listen(found);
    freeaddrinfo(found);
    if (fd < 0) {
        explain(message, listener->address, system_error(text, sizeof(text)));
        return STATUS_IO;
    }
    struct listener *slot = &server->listeners[server->listener_count++];
    *slot = (struct listener){.fd = fd, .row = *listener, .port = bound_port(fd)};
    listener_arm(server, slot);
    return STATUS_OK;
}

uint16_t server_port(const struct server *server, uint32_t listener_index)
{
    ASSERT(listener_index < server->listener_count);
    return server->listeners[listener_index].port;
}

void listeners_arm(struct server *server)
{
    server->accept_again_ms = 0;
    server->accept_full = false;
    for (uint32_t i = 0; i < server->listener_count; i++)
        listener_arm(server, &server->listeners[i]);
}

void listeners_disarm(struct server *server)
{
    for (uint32_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];

        if (listener->armed) (void)epoll_ctl(server->epoll, EPOLL_CTL_DEL, listener->fd, NULL);
        listener->armed = false;
    }
}

/* Room for one more: the connection that has been idle longest makes it, if there is one. */
static bool make_room(struct server *server)
{
    struct connection *idlest = server->deadlines[DEADLINE_IDLE].first;

    if (server->counters.connections_open < server->options.connections_max) return true;
    if (idlest != NULL) connection_kill(server, idlest);
    return idlest != NULL;
}

void listener_accept(struct server *server, struct listener *listener)
{
    for (int accepted = 0; accepted < SERVER_ACCEPTS_PER_ROUND && listener->armed; accepted++) {
        union peer_address peer = {0};
        socklen_t len = sizeof(peer);

        if (!make_room(server)) {
            listeners_disarm(server);
            server->accept_full = true;
            return;
        }
        int fd = accept4(listener->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            connection_open(server, listener, fd, &peer);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            listeners_disarm(server);
            server->accept_again_ms = server->now_ms + SERVER_ACCEPT_PAUSE_MS;
            return;
        }
        if (errno == EAGAIN) return;
    }
}
