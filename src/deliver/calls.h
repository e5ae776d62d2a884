/* calls.h - the calls of the outbox in memory: who they are and where each of them stands. Payloads stay
 * in the state environment and are read when a call is sent.
 *
 *   waiting ─▶ ready ─▶ in flight ─▶ answered ─▶ ending ─▶ gone
 *                 ▲         │
 *                 └ retrying ◀┘
 *
 * A lane is the calls of one (scenario, node, coalescing key) in order of their sequence; only its first
 * is ever past `waiting`. A call without a coalescing key (lane 0) is in no lane.
 */
#pragma once
#include "base/identity.h"
#include "deliver/table.h"

enum call_state {
    CALL_FREE,
    CALL_WAITING,
    CALL_READY,
    CALL_RETRYING,
    CALL_IN_FLIGHT,
    CALL_ANSWERED, /* the outcome was told */
    CALL_ENDING,   /* acknowledged: leaves the outbox with the next commit */
};

struct call {
    struct identity identity;
    uint64_t sequence;
    uint64_t lane; /* 0: none */
    uint64_t name; /* hash of scenario and identity */
    int64_t due_ms;
    uint32_t scenario; /* index of its name */
    uint32_t node;
    uint32_t endpoint;
    uint32_t next;       /* in a ready or ending list */
    uint32_t lane_next;  /* circular: the last one's is the first */
    uint32_t names_next; /* equal hashes */
    uint32_t attempts;
    uint32_t throttles;
    char *error; /* failed: why; owned */
    enum call_state state;
    bool acknowledged;
    bool replayed; /* its outcome is told to nobody */
    bool delivered;
    bool has_letter; /* a dead letter of it is stored: it failed, perhaps before a restart */
};

/* Calls are named by their number, from 1; 0 is none. */
struct calls {
    struct call **chunks;
    uint32_t chunk_count;
    uint32_t used;
    uint32_t free; /* list by `next` */
    uint32_t count;
    struct table names;
    struct table lanes; /* to the last call */
    uint32_t *heap;     /* retrying calls, the earliest first */
    uint32_t heap_count;
    uint32_t heap_capacity;
};

void calls_deinit(struct calls *calls);
struct call *calls_at(const struct calls *calls, uint32_t number);

/* Room for `extra` more, so that nothing below can fail. fails  LIMIT: memory */
enum status calls_reserve(struct calls *calls, uint32_t extra) MUST_USE;

/* `name` is the hash, which may collide: identity and scenario are compared. 0: none */
uint32_t calls_find(const struct calls *calls, uint64_t name, uint32_t scenario,
                    const struct identity *identity);

/* Adds a copy, WAITING, at its place in its lane. True in `first`: it is the lane's first. */
uint32_t calls_add(struct calls *calls, const struct call *call, bool *first);

/* Takes a lane's first call (or one without lane) out; returns the call that is first now, or 0. */
uint32_t calls_remove(struct calls *calls, uint32_t number);

void retry_push(struct calls *calls, uint32_t number); /* by due_ms */
uint32_t retry_first(const struct calls *calls);       /* 0: none */
void retry_pop(struct calls *calls);
