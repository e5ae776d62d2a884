/* http_client.h - a client for tests: plain blocking sockets on the loopback, every wait bounded. */
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "test.h"

enum { CLIENT_WAIT_MS = 20000, CLIENT_BYTES_MAX = 64 << 20 };

static inline int client_connect(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

/* Sends all of it; false when the peer has closed. */
static inline bool client_send(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);

        if (sent < 0) return false;
        bytes = (struct slice){bytes.data + sent, bytes.len - (size_t)sent};
    }
    return true;
}

static inline bool client_say(int fd, const char *text)
{
    return client_send(fd, slice_of(text));
}

/* Reads once into the buffer; 0 at the end or when the peer reset, -1 after the wait. */
static inline int client_read(int fd, struct buffer *in, int wait_ms)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};

    if (poll(&poller, 1, wait_ms) <= 0) return -1;
    uint8_t *target = buffer_reserve(in, 65536);
    assert_non_null(target);
    ssize_t got = recv(fd, target, 65536, 0);
    if (got <= 0) return 0;
    in->len += (size_t)got;
    return 1;
}

static inline const char *client_find(const struct buffer *in, size_t from, const char *text)
{
    return in->len <= from ? NULL : memmem(in->data + from, in->len - from, text, strlen(text));
}

/* Length of the first whole answer in the buffer from `from` on; 0: not whole yet. */
static inline size_t client_answer_len(const struct buffer *in, size_t from, bool head)
{
    const char *end = client_find(in, from, "\r\n\r\n");
    if (end == NULL) return 0;
    size_t head_len = (size_t)((const uint8_t *)end - in->data) + 4 - from;
    const char *length = client_find(in, from, "Content-Length: ");
    size_t body = 0;
    if (!head && length != NULL && length < end) body = strtoul(length + 16, NULL, 10);
    return in->len - from >= head_len + body ? head_len + body : 0;
}

/* Status of the next answer (removed from the front of `in`, kept in `answer` if not NULL), 0 if the
 * connection ended first, -1 after the wait. */
static inline int client_answer(int fd, struct buffer *in, bool head, struct buffer *answer)
{
    size_t len;

    while ((len = client_answer_len(in, 0, head)) == 0) {
        int got = client_read(fd, in, CLIENT_WAIT_MS);

        if (got <= 0) return got;
    }
    int status = atoi((const char *)in->data + 9);
    if (answer != NULL) {
        buffer_clear(answer);
        buffer_append(answer, (struct slice){in->data, len});
        buffer_append_byte(answer, '\0');
        answer->len--;
    }
    memmove(in->data, in->data + len, in->len - len);
    in->len -= len;
    return status;
}

/* Reads until the peer closes; false after the wait. */
static inline bool client_ends(int fd, struct buffer *in)
{
    int got;

    while ((got = client_read(fd, in, CLIENT_WAIT_MS)) > 0) {}
    return got == 0;
}

static inline void client_reset(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    (void)close(fd);
}
