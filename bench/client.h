/* client.h - a small HTTP/1.1 client for load: keep-alive connections on one epoll, one request at a
 * time on each, no pipelining. Talks to loopback only. */
#pragma once
#include "base/buffer.h"

struct client;
struct client_connection;

/* An answer is there, or (status 0) the connection broke. The connection is free again. */
typedef void (*client_answer)(void *context, struct client_connection *connection, int status,
                              struct slice body);

enum { CLIENT_CONNECTIONS_MAX = 4096 };

/* fails    IO: nobody listens there; INVALID: not a loopback address */
enum status client_open(uint16_t port, uint32_t connections, client_answer answer, void *context,
                        struct client **client) MUST_USE;
void client_close(struct client *client);

/* A free connection, NULL if all are busy. */
struct client_connection *client_free(struct client *client);

/* Sends a request on a free connection; `tag` comes back with client_tag(). */
void client_send(struct client_connection *connection, struct slice request, void *tag);
void *client_tag(const struct client_connection *connection);
uint64_t client_sent_at_ns(const struct client_connection *connection); /* last byte handed over */

/* Handles what has arrived; waits at most timeout_us for something. */
void client_poll(struct client *client, int64_t timeout_us);
