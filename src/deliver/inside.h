/* inside.h - what deliver's files share.
 *
 * `lock` guards everything here but the marked members; it is held for short steps only, never over a
 * commit, a curl call or the receiver's callback. `submit_lock` keeps submitters in line, it is taken
 * first. Members marked `thread` belong to deliver's thread while it runs.
 */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "connect/http/transfer.h"
#include "deliver/backoff.h"
#include "deliver/calls.h"
#include "deliver/deliver.h"
#include "deliver/outbox.h"
#include "deliver/pace.h"
#include "deliver/verdict.h"

enum {
    ENDPOINTS_MAX = 1024,  /* origins with a pace of their own; the rest share one */
    SCENARIOS_MAX = 65536, /* names ever seen by one process */
    TRANSFERS_MAX = 128,   /* calls on their way, all endpoints together */
    ENDING_MAX = 512,      /* calls leaving the outbox in one commit */
    NAMES_BYTES_MAX = 64 * 1024 * 1024,
    CALL_ARENA_BYTES_MAX = 128 * 1024 * 1024,
    REASON_BYTES_MAX = 512,
    CONNECT_TIMEOUT_MS = 5000,
};

/* One origin that scenarios call. Number 0 is that of calls that cannot be called at all. */
struct endpoint {
    struct slice origin;
    struct transfer_target target;
    struct buffer secret_bytes; /* in deliver's arena; wiped at the end */
    bool shopify;
    struct pace pace;
    uint32_t ready_first; /* list by call.next */
    uint32_t ready_last;
};

/* A call on its way. thread */
struct flight {
    struct transfer *transfer;
    struct arena arena; /* `call`: entry, request, answer */
    struct entry entry;
    struct outgoing outgoing;
    uint32_t call;
    uint32_t endpoint;
    uint64_t sent;     /* of the endpoint's calls, this one counted */
    uint32_t attempts; /* this one counted */
    bool has_letter;   /* it failed before a restart */
    bool reads;        /* GET or HEAD */
};

struct deliver {
    struct deliver_options options;
    struct transfer_limits limits;
    struct pace_limits pace_limits;
    struct state *state;
    deliver_reply reply;
    void *context;

    pthread_mutex_t submit_lock;
    pthread_mutex_t lock;
    struct calls calls;
    struct endpoint *endpoints;
    uint32_t endpoint_count;
    uint32_t endpoint_configured;
    struct arena names;      /* `process`: origins, scenarios, secrets */
    struct slice *scenarios; /* by number */
    uint32_t scenario_count;
    uint32_t ending_first; /* list by call.next */
    uint32_t ending_last;
    uint64_t sequence; /* of the newest call */
    uint64_t seed;
    struct jitter jitter;
    struct table dead_lanes; /* lanes that have dead letters */
    enum status failed;      /* the outbox cannot be used any more */
    struct deliver_counters counters;

    pthread_t thread;
    bool started;
    atomic_bool stopping;
    struct transfer_counters transfer_counters;
    CURLM *multi;                         /* thread, but for wake-ups */
    struct flight flights[TRANSFERS_MAX]; /* thread */
    uint32_t flight_count;                /* thread: in use */
    uint32_t unacknowledged;              /* told, not acknowledged */
    struct buffer scratch;                /* thread */
    struct buffer payload;                /* thread */
    int64_t end_due_ms;                   /* thread: no commit of endings before */
};

/* endpoints.c */
enum status endpoints_init(struct deliver *deliver, const struct deliver_endpoint *endpoints,
                           uint32_t count, struct buffer *message) MUST_USE;
void endpoints_deinit(struct deliver *deliver);
uint32_t endpoint_find(struct deliver *deliver, struct slice origin); /* makes it if it is new */
void endpoint_push(struct deliver *deliver, uint32_t number);         /* call becomes READY */
uint32_t endpoint_pop(struct deliver *deliver, struct endpoint *endpoint);

/* deliver.c */
enum status scenario_number(struct deliver *deliver, struct slice name, uint32_t *number) MUST_USE;
uint64_t lane_of(const struct deliver *deliver, const struct entry *entry);
uint64_t name_of(const struct deliver *deliver, struct slice scenario,
                 const struct identity *identity);
uint32_t call_find(struct deliver *deliver, struct slice scenario,
                   const struct identity *identity); /* under the lock; 0: none */
bool is_known(struct deliver *deliver, struct slice scenario,
              const struct identity *identity); /* takes the lock */
/* What may be admitted, and the first of its sequences. fails  AGAIN: full; LIMIT: memory */
enum status admission(struct deliver *deliver, uint32_t count, uint64_t *sequence) MUST_USE;
enum status admit_all(struct deliver *deliver, const struct entry *entries,
                      uint32_t count) MUST_USE; /* stored entries take their places */
void deliver_fail(struct deliver *deliver, enum status status);

/* load.c */
enum status outbox_load(struct deliver *deliver, struct buffer *message) MUST_USE;

/* ending.c: calls that leave the outbox */
void ending_push(struct deliver *deliver, uint32_t number);
void ending_commit(struct deliver *deliver);
enum status letter_settle(struct deliver *deliver, const struct entry *entry, uint32_t attempts,
                          struct slice error) MUST_USE; /* empty: there shall be none */

/* flight.c: one try */
struct flight *flight_free(struct deliver *deliver); /* NULL: all are in use */
void flight_start(struct deliver *deliver, struct flight *flight, uint32_t number);
void flight_end(struct deliver *deliver, struct flight *flight, CURLcode code);
void flight_drop(struct deliver *deliver, struct flight *flight); /* stopping: it stays stored */

/* loop.c */
void *deliver_loop(void *context);
