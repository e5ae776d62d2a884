/* collect.h - stage 1: HTTP requests become 0..n durable records, then the tracker gets its 200.
 *
 * Routes: the Snowplow collector contract (tracker protocol POST, GET pixel, /health ...), and
 * POST /topics/<name>. A page's retry is recognised by its event id. Runs on a server loop's thread;
 * the log is reached through `submit`, so that stages do not know each other.
 */
#pragma once
#include "codec/record.h"
#include "sys/server.h"

struct collect;

struct collect_path { /* custom path: both two segments, "/a/b" */
    struct slice from;
    struct slice to;
};

struct collect_topic { /* a topic POST /topics/<name> may write to */
    struct slice name;
    uint32_t topic_id;
    struct slice basic_user; /* empty: nobody needs to sign in */
    struct slice basic_password;
    bool plain; /* store the body as it is, without the envelope: topics with a schema */
};

/* Slices and arrays must outlive the collect. */
struct collect_options {
    uint32_t topic_id;     /* where Snowplow requests go */
    uint32_t bad_topic_id; /* bad rows */
    uint32_t body_bytes_max;
    uint32_t payload_bytes_max; /* value of one stored record; a larger request is split between its
                                   events, a larger event is a size_violation bad row */
    bool cookie_enabled;
    struct slice cookie_name;
    uint32_t cookie_days;
    struct slice cookie_domain; /* empty: none */
    bool cookie_secure;         /* false: without Secure and SameSite=None, for plain http */
    const struct collect_path *paths;
    uint32_t path_count;
    const struct collect_topic *topics;
    uint32_t topic_count;
    uint32_t event_ids_max;   /* dedupe window: how many eids are remembered; 0: none */
    uint32_t pending_max;     /* requests waiting for durability; over it 503 */
    bool trust_forwarded_for; /* take the visitor's address from X-Forwarded-For */
    bool store_headers;       /* IP, network user id, headers go to metadata.externalMetadata; not
                                     stored unless asked (D12) */
    bool prove_no_event_id_check; /* known bug, for --prove only */
};
extern const struct collect_options collect_options_default;

struct collect_part {
    uint32_t topic_id;
    struct slice batch;
};

/* Submits a round's records in one commit; `done` comes once, on any thread, also before submit has
 * returned. The parts are copied before it returns; several may be of one topic, in their order.
 * fails    AGAIN, FULL, IO: every request of the round gets 503 with CORS, and done does not come */
struct collect_host {
    void *context;
    int64_t (*now_ms)(void *context);
    enum status (*submit)(void *context, const struct collect_part *parts, uint32_t part_count,
                          void (*done)(void *context, enum status status), void *done_context);
};

enum status collect_create(struct server *server, const struct collect_options *options,
                           const struct collect_host *host, struct collect **created) MUST_USE;
/* After the server has stopped and every `done` has come. */
void collect_destroy(struct collect *collect);

/* Rebuilds the dedupe window: one eid of a stored record, oldest first, before the server runs. */
void collect_remember(struct collect *collect, struct slice event_id);

/* The listener's handler and refusal, context: the collect; `other` gets requests no collect route
 * knows (may be NULL): anything but two segments, and everything below /v1. */
void collect_handle(void *context, struct exchange *exchange, const struct http_request *request);
void collect_refuse(void *context, const struct http_request *request,
                    struct http_response *response);
void collect_set_fallback(struct collect *collect, server_handler other, void *context);

struct collect_counters {
    uint64_t requests;
    uint64_t events; /* accepted */
    uint64_t bad_rows;
    uint64_t duplicates; /* eids seen before */
    uint64_t overloaded; /* answered 503 */
    uint64_t pending;    /* waiting for durability now */
};
void collect_counters(const struct collect *collect, struct collect_counters *counters);
