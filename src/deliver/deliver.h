/* deliver.h - outside effects, performed: a durable outbox, pacing, retries, dead letters.
 *
 * A call's payload is stored before its first send. One call per (scenario, node, coalescing key) is on
 * its way, the others of the key wait in the order they were submitted, and the next one goes only when
 * its predecessor has left the outbox for good: an old retry never overwrites a newer list, also not over
 * a crash. What cannot be delivered becomes a dead letter that can be listed and replayed; nothing is
 * dropped. Runs its own thread around curl_multi. At least once: the identity is the Idempotency-Key.
 */
#pragma once
#include "base/arena.h"
#include "base/identity.h"

struct deliver;
struct state;

/* A zero means the default. */
struct deliver_options {
    uint32_t outbox_calls_max; /* over it: STATUS_AGAIN, the shard waits */
    uint32_t connections_max;  /* to one host */
    uint32_t timeout_ms;       /* of one try */
    uint32_t attempts_max;
    uint32_t backoff_first_ms; /* doubles, with full jitter, to: */
    uint32_t backoff_max_ms;
    uint32_t response_bytes_max;
    uint32_t throttles_max;        /* times one call may be told to wait; these are no attempts */
    uint32_t breaker_failures_max; /* failed tries in a row after which an endpoint rests */
    uint32_t breaker_rest_ms;      /* then one call tries it */
    uint32_t stop_ms;              /* what deliver_stop() grants calls on their way */
    uint64_t seed;                 /* of jitter and tables; 0: from the clock */
};
extern const struct deliver_options deliver_options_default;

/* What the configuration says of an endpoint that scenarios name (D10). */
struct deliver_endpoint {
    struct slice match;     /* origin a scenario writes: "https://shop.example" */
    struct slice url;       /* origin really called; empty: the same */
    bool allow_private;     /* private and loopback addresses may be called */
    struct slice ca_file;   /* additional trust; empty: the system's */
    uint32_t redirects_max; /* 0: none is followed */
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
    struct slice scenario;       /* whose reply it is */
    struct slice coalescing_key; /* empty: waits for no other */
    struct slice request;        /* connect/http/outgoing.h: JSON {url, method, headers, body} */
};

/* The outcome, once per call, on deliver's thread, which holds no lock: status OK and payload = JSON
 * {statusCode, statusText, headers, body} for any answer, whatever its code; else {error} and AGAIN (no
 * answer after all attempts), INVALID (may not be called) or LIMIT (answer too large). The receiver makes
 * it durable, then calls deliver_acknowledge(), from any thread, this one too. */
typedef void (*deliver_reply)(void *context, const struct deliver_call *call, enum status status,
                              struct slice payload);

/* Loads what the outbox holds; sends nothing yet. Options, endpoints and secrets are copied.
 * fails    INVALID: an endpoint's match or url (message), IO, CORRUPT, LIMIT */
enum status deliver_create(const struct deliver_options *options,
                           const struct deliver_endpoint *endpoints, uint32_t endpoint_count,
                           struct state *state, deliver_reply reply, void *context,
                           struct deliver **deliver, struct buffer *message) MUST_USE;

/* Starts the thread. Acknowledge before it what the log already holds replies for. */
enum status deliver_start(struct deliver *deliver) MUST_USE;

/* Sends nothing new, gives calls on their way options.stop_ms to end, ends the thread. Replies may come
 * until it returns, none after that; what is left stays in the outbox. */
void deliver_stop(struct deliver *deliver);
void deliver_destroy(struct deliver *deliver); /* stops first */

/* Stores calls (one commit, tagged `tag` = lsn) and sends them. Identities already in the outbox are
 * kept as they are. fails  AGAIN: outbox full; FULL; IO */
enum status deliver_submit(struct deliver *deliver, const struct deliver_call *calls,
                           uint32_t count, struct slice tag, uint64_t lsn) MUST_USE;

/* The reply is durable: the call leaves the outbox, soon; if it had failed it is a dead letter then.
 * fails    NOT_FOUND: it is not in the outbox (any more); IO: the outbox cannot be written */
enum status deliver_acknowledge(struct deliver *deliver, const struct identity *identity,
                                struct slice scenario) MUST_USE;

/* Dead letters, oldest first: a JSON array of {id, scenario, node, url, attempts, error, time,
 * superseded}; url without query, time in Unix ms; superseded: a newer call of its key was delivered. */
enum status deliver_dead_letters(struct deliver *deliver, uint32_t limit,
                                 struct buffer *json) MUST_USE;

/* Puts a dead letter back in its place of the order; its reply is told to nobody, the event is over.
 * fails    NOT_FOUND; INVALID: superseded, it would overwrite a newer list; AGAIN: outbox full */
enum status deliver_replay(struct deliver *deliver, struct slice id) MUST_USE;

struct deliver_counters {
    uint64_t waiting;   /* calls in the outbox */
    uint64_t sent;      /* tries */
    uint64_t delivered; /* calls that ended well */
    uint64_t retried;
    uint64_t throttled;
    uint64_t dead;            /* calls that became dead letters */
    uint64_t breaker_opened;  /* times an endpoint was put to rest */
    uint64_t breakers_open;   /* endpoints resting now */
    uint64_t sockets_opened;  /* connections begun */
    uint64_t address_refused; /* tries refused by the address policy */
};
void deliver_counters(struct deliver *deliver, struct deliver_counters *counters);
