/* inside.h - what the rooms of collect share.
 *
 * A tracker request becomes records (accept.c), which gather in parts, one record batch each, until
 * the loop's round ends; then all parts go to the log in one flight (flight.c). The exchanges of a
 * flight are answered when it is durable, in order of flights:
 *
 *   handle -> read payload -> event ids -> records into parts -> defer        collect.c, accept.c
 *   round  -> submit(parts), flight takes the pending requests                flight.c
 *   done   -> (any thread) flight is landed -> posted once -> answers         flight.c, answer.c
 */
#pragma once
#include <stdatomic.h>

#include "base/arena.h"
#include "codec/snowplow.h"
#include "collect/collect.h"
#include "collect/event_ids.h"

enum {
    COLLECT_PARTS_MAX = 256,        /* record batches gathered in one round */
    COLLECT_PARTS_SOFT = 128,       /* from here on the round is submitted early */
    COLLECT_GATHER_BYTES = 8 << 20, /* likewise */
    COLLECT_FLIGHTS_MAX = 64,       /* submitted, not yet durable; more: the next round waits */
    COLLECT_ARENA_BYTES = 48 << 20, /* of one request's index and decoded texts */
    COLLECT_RANDOM_BYTES = 4096,
    COLLECT_NUID_MAX = 64,
    COLLECT_RETRY_MS = 20, /* looks for landed flights whose post found the loop's queue full */
    COLLECT_EVENTS_PER_RECORD = RECORD_HEADERS_MAX,
    COLLECT_ENVELOPE_ROOM = 512, /* what surrounds a message, without externalMetadata */
    UUID_BYTES = 36,
};

#define COLLECT_TRACKER_PATH "/com.snowplowanalytics.snowplow/tp2"

enum answer_kind { ANSWER_OK, ANSWER_PIXEL, ANSWER_CREATED };

enum cookie_kind { COOKIE_NONE, COOKIE_SET, COOKIE_EXPIRE };

/* What an answer needs besides its outcome; slices point into the request. */
struct reply {
    enum answer_kind kind;
    enum cookie_kind cookie;
    struct slice origin;    /* value of Access-Control-Allow-Origin */
    uint8_t id[UUID_BYTES]; /* ANSWER_CREATED: the message's id */
    uint8_t nuid_len;
    uint8_t nuid[COLLECT_NUID_MAX];
};

/* A request that waits for durability. */
struct pending {
    struct pending *next;
    struct collect *collect;
    struct exchange *exchange; /* NULL: the visitor has left */
    uint64_t depends_on;       /* lowest position of another's id in flight; else POSITION_NEVER */
    struct reply reply;
};

struct pending_list {
    struct pending *first;
    struct pending *last;
};

struct flight {
    struct collect *collect;
    struct pending_list waiting;
    uint64_t ids_begin; /* positions of the event ids it makes durable */
    uint64_t ids_end;
    enum status status;
    atomic_bool landed;
};

struct part {
    uint32_t topic_id;
    struct buffer batch;
};

struct collect {
    struct collect_options options;
    struct collect_host host;
    struct server *server;
    server_handler fallback;
    void *fallback_context;
    struct buffer *topic_secrets; /* expected Authorization of each topic; empty: open */

    struct event_ids ids;
    uint64_t ids_submitted; /* positions below are in a flight or durable */
    uint64_t ids_durable;   /* positions below are durable or forgotten */
    uint64_t ids_failed;    /* the highest position that was forgotten because its flight failed */

    struct pending *pendings;
    struct pending *free_pendings;
    uint32_t pending_count;

    struct part parts[COLLECT_PARTS_MAX];
    uint32_t part_count;
    size_t gathered_bytes;
    struct pending_list gathered;

    struct flight flights[COLLECT_FLIGHTS_MAX];
    uint32_t flight_first;
    uint32_t flight_count;
    atomic_bool landing_posted;
    bool failing; /* the last flight did not become durable */

    struct arena arena;  /* call: one request */
    struct buffer value; /* record value being built */
    struct buffer text;  /* payload of a GET */
    struct buffer data;  /* data spliced from accepted events */
    uint8_t random[COLLECT_RANDOM_BYTES];
    size_t random_left;
    int64_t date_second; /* of `expires` */
    uint8_t expires[HTTP_DATE_BYTES];

    struct collect_counters counters;
};

#define POSITION_NEVER UINT64_MAX

/* NOLINTNEXTLINE(readability-non-const-parameter): the builtin writes it */
static inline void collect_count(uint64_t *counter, uint64_t more)
{
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + more, __ATOMIC_RELAXED);
}

/* Most bytes of a message, or of the events spliced into one. */
static inline size_t collect_data_max(const struct collect *collect)
{
    return collect->options.payload_bytes_max - COLLECT_ENVELOPE_ROOM;
}

/* --- route.c */
enum route {
    ROUTE_PREFLIGHT,
    ROUTE_EVENTS,   /* tracker protocol: payload rules apply */
    ROUTE_WEBHOOK,  /* another two-segment path: stored as it is */
    ROUTE_TOPIC,    /* /topics/<name>; the name in *rest */
    ROUTE_METHOD,   /* the path is ours, the method is not */
    ROUTE_REDIRECT, /* /r/...: disabled */
    ROUTE_HEALTH,
    ROUTE_SINK_HEALTH,
    ROUTE_ROBOTS,
    ROUTE_OTHER,
};
enum route route_of(const struct collect *collect, const struct http_request *request,
                    struct slice *rest);

/* --- cors.c */
struct slice cors_origin(const struct http_request *request);
void cors_add(struct http_response *response, struct slice origin);

/* --- visitor.c: network user id and cookie */
bool visitor_is_anonymous(const struct http_request *request);
void visitor_choose(struct collect *collect, const struct http_request *request,
                    struct reply *reply);
/* The value of Set-Cookie, in collect->text. */
struct slice visitor_cookie(struct collect *collect, const struct reply *reply);
void collect_uuid(struct collect *collect, uint8_t text[UUID_BYTES]);

/* --- answer.c */
void answer_reply(struct collect *collect, struct exchange *exchange, const struct reply *reply);
void answer_text(struct exchange *exchange, uint16_t status, struct slice origin,
                 struct slice text);
void answer_overloaded(struct collect *collect, struct exchange *exchange, struct slice origin);

/* --- envelope.c: the stored value, in collect->value */
struct arrival;
/* Up to where the message goes; its id in id[UUID_BYTES]. */
void envelope_begin(struct collect *collect, const struct arrival *arrival, const uint8_t *id);
void envelope_end(struct collect *collect);

/* --- accept.c: requests into records. AGAIN: no room, nothing was kept */
struct arrival {
    struct exchange *exchange;
    const struct http_request *request;
    struct reply reply;
    int64_t time_ms;
    uint64_t depends_on; /* as in struct pending */
    uint32_t records;    /* written to the parts */
    bool post;
    bool anonymous;
};
enum status accept_events(struct collect *collect, struct arrival *arrival) MUST_USE;
enum status accept_webhook(struct collect *collect, struct arrival *arrival) MUST_USE;
/* INVALID: the body is no JSON */
enum status accept_message(struct collect *collect, struct arrival *arrival,
                           const struct collect_topic *topic) MUST_USE;

/* --- flight.c */
enum status gather_record(struct collect *collect, uint32_t topic_id,
                          const struct record *record) MUST_USE;
bool gather_has_room(struct collect *collect);
void gather_wait(struct collect *collect, const struct arrival *arrival);
void flight_round(void *context);
void flight_timer(void *context);
