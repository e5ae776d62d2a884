/* deliver.h - outside effects, performed: a durable outbox, pacing, retries, dead letters.
 *
 * A call's payload is stored before its first send. One call per (sink, coalescing key) is in flight,
 * so an old retry never overwrites a newer list. What cannot be delivered becomes a dead letter that
 * can be listed and replayed; nothing is dropped. Runs its own thread around curl_multi.
 */
#pragma once
#include "base/arena.h"
#include "base/identity.h"

struct deliver;
struct state;

struct deliver_options {
    uint32_t outbox_calls_max; /* over it: STATUS_AGAIN, the shard waits */
    uint32_t connections_max;  /* to one host */
    uint32_t timeout_ms;       /* of one try */
    uint32_t attempts_max;
    uint32_t backoff_first_ms; /* doubles, with full jitter, to: */
    uint32_t backoff_max_ms;
    uint32_t response_bytes_max;
};
extern const struct deliver_options deliver_options_default;

/* What the configuration says of an endpoint that scenarios name (D10). */
struct deliver_endpoint {
    struct slice match;   /* origin a scenario writes: "https://shop.example" */
    struct slice url;     /* origin really called; empty: the same */
    bool allow_private;   /* private and loopback addresses may be called */
    struct slice ca_file; /* additional trust; empty: the system's */
    const struct deliver_secret *secrets;
    uint32_t secret_count;
    bool shopify; /* understand THROTTLED, cost and userErrors */
};
struct deliver_secret {
    struct slice header; /* replaced (or added) in every request to that endpoint */
    struct slice value;  /* never logged */
};

/* One call as the engine asked for it. */
struct deliver_call {
    struct identity identity;
    uint32_t node;
    struct slice scenario; /* whose reply it is */
    struct slice coalescing_key;
    struct slice request; /* connect/http_request.h: JSON {url, method, headers, body} */
};

/* The outcome, once per call, on deliver's thread: payload = JSON {statusCode, statusText, headers,
 * body} or, failed, {error}. The receiver makes it durable, then calls deliver_acknowledge(). */
typedef void (*deliver_reply)(void *context, const struct deliver_call *call, enum status status,
                              struct slice payload);

enum status deliver_create(const struct deliver_options *options,
                           const struct deliver_endpoint *endpoints, uint32_t endpoint_count,
                           struct state *state, deliver_reply reply, void *context,
                           struct deliver **deliver, struct buffer *message) MUST_USE;

/* Loads what the outbox holds and starts the thread. */
enum status deliver_start(struct deliver *deliver) MUST_USE;
void deliver_destroy(struct deliver *deliver); /* stops; unsent calls stay in the outbox */

/* Stores calls (one commit, tagged `tag` = lsn) and sends them. Identities already in the outbox are
 * kept as they are. fails  AGAIN: outbox full; IO */
enum status deliver_submit(struct deliver *deliver, const struct deliver_call *calls,
                           uint32_t count, struct slice tag, uint64_t lsn) MUST_USE;

/* The reply is durable: the call leaves the outbox. */
enum status deliver_acknowledge(struct deliver *deliver, const struct identity *identity,
                                struct slice scenario) MUST_USE;

/* Dead letters, oldest first: JSON objects {id, scenario, node, url, attempts, error, time}. */
enum status deliver_dead_letters(struct deliver *deliver, uint32_t limit,
                                 struct buffer *json) MUST_USE;
enum status deliver_replay(struct deliver *deliver, struct slice id) MUST_USE; /* NOT_FOUND */

struct deliver_counters {
    uint64_t waiting;
    uint64_t sent;
    uint64_t delivered;
    uint64_t retried;
    uint64_t throttled;
    uint64_t dead;
};
void deliver_counters(const struct deliver *deliver, struct deliver_counters *counters);
