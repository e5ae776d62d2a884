/* server_internal.h - what the rooms of the server share: the loop, a connection, an exchange.
 *
 * A connection is always in one phase:
 *
 *   IDLE -> HEAD -> BODY -> ANSWER -> (WRITE) -> IDLE ...      keep-alive
 *                     \        \-> STREAM
 *                      \-> WRITE -> LINGER -> closed          refused, or told to close
 *
 * Sockets are watched edge-triggered for everything from accept to close: no epoll_ctl per request.
 * `readable` and `writable` remember the last edge until the kernel says "again". A connection that
 * can go on without a new edge (input already buffered) stands in the ready queue. Every phase that
 * waits for the peer has a deadline; all deadlines of one kind have the same length, so a list in
 * order of arrival is sorted, and arming or clearing one costs two pointers.
 */
#pragma once
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "sys/server.h"

enum {
    SERVER_BUFFER_BYTES = 8192,         /* read buffer of a connection with a request under way */
    SERVER_BUFFERS_KEPT = 1024,         /* free ones kept for reuse */
    SERVER_EXCHANGES_KEPT = 1024,       /* likewise */
    SERVER_EVENTS_PER_ROUND = 256,      /* of one epoll_wait */
    SERVER_ACCEPTS_PER_ROUND = 64,      /* of one listener */
    SERVER_COPY_BYTES_MAX = 16 * 1024,  /* bodies above are sent from where they lie */
    SERVER_LINGER_MS = 2000,            /* after a refusal: time to read what was sent in vain */
    SERVER_STOP_MS = 10000,             /* for answers under way when told to stop */
    SERVER_ACCEPT_PAUSE_MS = 100,       /* when the system has no descriptors left */
    SERVER_HEAD_BYTES_MAX = 64 * 1024,  /* an answer's head */
    SERVER_ANSWER_BYTES_MAX = 64 << 20, /* of one answer that the socket did not take at once */
};

enum phase {
    PHASE_IDLE,
    PHASE_HEAD,
    PHASE_BODY,
    PHASE_ANSWER,
    PHASE_WRITE,
    PHASE_STREAM,
    PHASE_LINGER
};

enum deadline {
    DEADLINE_IDLE,
    DEADLINE_HEAD,
    DEADLINE_BODY,
    DEADLINE_WRITE,
    DEADLINE_LINGER,
    DEADLINE_COUNT,
    DEADLINE_NONE = DEADLINE_COUNT
};

struct exchange {
    struct server *server;
    struct connection *connection;
    struct exchange *next_free;
    bool deferred; /* the handler has returned and will answer later, or it is a stream */
    void (*gone)(void *context);
    void *gone_context;
    size_t head_len;
    size_t end;          /* where the next request begins in the input; 0: this one is incomplete */
    const uint8_t *base; /* where the head lay when it was parsed */
    struct http_chunked chunked;
    struct http_request request;
};

union peer_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct connection {
    int fd; /* -1: dead, freed when the round ends */
    uint8_t phase;
    uint8_t deadline;
    bool readable;
    bool writable;
    bool peer_closed; /* it sends nothing more */
    bool over;        /* to be ended by the loop: reset, a write failed, or all is said */
    bool close_after; /* once what is pending has left */
    bool unread;      /* closing before the request had arrived whole */
    bool in_ready;
    struct listener *listener;
    struct exchange *exchange;
    uint8_t *input; /* NULL while idle */
    size_t input_capacity;
    size_t input_len;
    struct buffer pending; /* of the answer: what the socket did not take at once */
    size_t pending_sent;
    int64_t deadline_ms;
    struct connection *deadline_previous;
    struct connection *deadline_next;
    struct connection *ready_next;
    struct connection *all_previous;
    struct connection *all_next; /* also links the dead and the free */
    union peer_address peer;
    char peer_text[INET6_ADDRSTRLEN];
};

struct listener {
    int fd;
    struct server_listener row;
    uint16_t port;
    bool armed;
};

struct deadline_list {
    struct connection *first;
    struct connection *last;
    uint32_t timeout_ms;
};

struct task {
    void (*run)(void *context);
    void *context;
};

struct timer {
    void (*run)(void *context);
    void *context;
    uint32_t interval_ms;
    int64_t due_ms;
};

struct server {
    struct server_options options;
    int epoll;
    int wake;
    atomic_bool stop;
    bool handled;       /* a handler ran in this round */
    bool accept_full;   /* accepting paused until a connection ends */
    int64_t stop_by_ms; /* 0: not stopping */
    int64_t now_ms;
    struct listener listeners[SERVER_LISTENERS_MAX];
    uint32_t listener_count;
    int64_t accept_again_ms; /* 0: accepting */

    struct connection *all; /* open ones */
    struct connection *ready_first;
    struct connection *ready_last;
    struct connection *dead;
    struct connection *free_connections;
    struct deadline_list deadlines[DEADLINE_COUNT];

    struct exchange *free_exchanges;
    uint32_t free_exchange_count;
    uint8_t *free_buffers; /* linked through their first bytes */
    uint32_t free_buffer_count;
    uint64_t input_bytes; /* held by connections */

    struct buffer out; /* the answer being written */
    uint8_t *scratch;  /* input nobody wants, SERVER_BUFFER_BYTES */
    int64_t date_second;
    uint8_t date[HTTP_DATE_BYTES];

    void (*round)(void *context);
    void *round_context;
    struct timer timers[SERVER_TIMERS_MAX];
    uint32_t timer_count;

    pthread_mutex_t tasks_lock;
    struct task tasks[SERVER_TASKS_MAX];
    uint32_t task_first;
    uint32_t task_count;

    struct server_counters counters;
};

/* Counters have one writer, the loop, and readers anywhere. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the builtin writes it */
static inline void counter_add(uint64_t *counter, int64_t delta)
{
    uint64_t now = __atomic_load_n(counter, __ATOMIC_RELAXED);

    __atomic_store_n(counter, now + (uint64_t)delta, __ATOMIC_RELAXED);
}

/* --- server_deadline.c */
void deadline_arm(struct server *server, struct connection *connection, enum deadline kind);
void deadline_clear(struct server *server, struct connection *connection);
/* When the next one is due; INT64_MAX: none. */
int64_t deadline_next_ms(const struct server *server);
/* The first connection whose time has come; NULL: none. */
struct connection *deadline_expired(const struct server *server);

/* --- server_listen.c */
void listener_accept(struct server *server, struct listener *listener);
void listeners_arm(struct server *server);
void listeners_disarm(struct server *server);

/* --- server_connection.c: from edge to handler */
void connection_open(struct server *server, struct listener *listener, int fd,
                     const union peer_address *peer);
void connection_event(struct server *server, struct connection *connection, uint32_t events);
void connection_advance(struct server *server, struct connection *connection);
void connection_timeout(struct server *server, struct connection *connection);
/* Ends it now and calls `gone` of a deferred exchange; only from the loop itself. */
void connection_kill(struct server *server, struct connection *connection);
void connection_make_ready(struct server *server, struct connection *connection);
/* The exchange has its answer (sent, or pending): on to the next request or the end. */
void connection_answered(struct server *server, struct connection *connection, bool close);
void connections_bury(struct server *server);

/* --- server_input.c: read buffers and exchanges, from pools */
struct exchange *exchange_take(struct server *server, struct connection *connection);
void exchange_free(struct server *server, struct exchange *exchange);
/* Makes the read buffer at least that large; what was read is kept. fails  FULL: memory_bytes_max */
enum status input_reserve(struct server *server, struct connection *connection,
                          size_t capacity) MUST_USE;
void input_release(struct server *server, struct connection *connection);
/* Reads once. AGAIN: nothing there; LIMIT: no room; NOT_FOUND: the peer has closed; IO: it broke */
enum status input_read(struct connection *connection) MUST_USE;
void input_discard(struct server *server, struct connection *connection);

/* --- server_answer.c */
void answer_refuse(struct exchange *exchange, const struct http_refusal *refusal);
void answer_continue(struct connection *connection);
/* Sends what is pending. AGAIN: the socket is full; IO: it broke */
enum status answer_flush(struct connection *connection) MUST_USE;
