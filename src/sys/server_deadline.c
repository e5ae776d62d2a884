/* server_deadline.c - who has waited too long: one list per kind, sorted because each kind has one
 * length of time. */
#include "sys/server_internal.h"

void deadline_clear(struct server *server, struct connection *connection)
{
    if (connection->deadline == DEADLINE_NONE) return;
    struct deadline_list *list = &server->deadlines[connection->deadline];

    if (connection->deadline_previous != NULL) {
        connection->deadline_previous->deadline_next = connection->deadline_next;
    } else {
        list->first = connection->deadline_next;
    }
    if (connection->deadline_next != NULL) {
        connection->deadline_next->deadline_previous = connection->deadline_previous;
    } else {
        list->last = connection->deadline_previous;
    }
    connection->deadline_previous = NULL;
    connection->deadline_next = NULL;
    connection->deadline = DEADLINE_NONE;
}

void deadline_arm(struct server *server, struct connection *connection, enum deadline kind)
{
    struct deadline_list *list = &server->deadlines[kind];

    ASSERT(kind < DEADLINE_COUNT);
    deadline_clear(server, connection);
    connection->deadline = (uint8_t)kind;
    connection->deadline_ms = server->now_ms + list->timeout_ms;
    connection->deadline_previous = list->last;
    if (list->last != NULL) {
        list->last->deadline_next = connection;
    } else {
        list->first = connection;
    }
    list->last = connection;
}

int64_t deadline_next_ms(const struct server *server)
{
    int64_t next = INT64_MAX;

    for (int kind = 0; kind < DEADLINE_COUNT; kind++) {
        const struct connection *first = server->deadlines[kind].first;

        if (first != NULL && first->deadline_ms < next) next = first->deadline_ms;
    }
    return next;
}

struct connection *deadline_expired(const struct server *server)
{
    for (int kind = 0; kind < DEADLINE_COUNT; kind++) {
        struct connection *first = server->deadlines[kind].first;

        if (first != NULL && first->deadline_ms <= server->now_ms) return first;
    }
    return NULL;
}
