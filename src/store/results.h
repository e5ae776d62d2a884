/* results.h - the latest recommendations by visitor, and what is popular for those without.
 *
 * Written by shards, read by the front door's thread: stripes with a lock each, entries immutable
 * and replaced whole. Checkpointed into the state environment with the tag of the shard that made
 * them; results made after the last checkpoint come back by replay.
 */
#pragma once
#include "base/arena.h"
#include "codec/candidates.h"

struct results;
struct state;

enum { VISITOR_TOKEN_BYTES = 22 };

/* The opaque token pages read by: base64url(SHA-256("headrace visitor\0" namespace "\0" visitor))
 * cut to 22 characters. A page that knows its visitor id computes it; nobody computes the way back. */
void visitor_token(struct slice name_space, struct slice visitor, char token[VISITOR_TOKEN_BYTES]);

struct result {
    struct slice event_id; /* asOf: the event that caused it */
    uint64_t offset;
    int64_t time_ms;
    struct slice model;      /* "name/version" */
    struct slice candidates; /* codec/candidates.h */
};

struct results_options {
    uint32_t visitors_max; /* over it the least recently written go; kept for each of 64 parts */
    uint32_t popular_items_max;
    int64_t popular_half_life_ms; /* views count half after this time */
};
extern const struct results_options results_options_default;

enum status results_create(const struct results_options *options,
                           struct results **results) MUST_USE;
void results_destroy(struct results *results);

/* Replaces a visitor's result and counts the viewed item. Copies. */
enum status results_put(struct results *results, const char token[VISITOR_TOKEN_BYTES],
                        const struct result *result, struct slice viewed) MUST_USE;

/* NOT_FOUND: nothing about that visitor. Copies into the arena. */
enum status results_get(struct results *results, struct slice token, struct arena *arena,
                        struct result *result) MUST_USE;

/* Items viewed most, recently, best first; returns how many. */
uint32_t results_popular(struct results *results, int64_t now_ms, struct arena *arena,
                         struct candidate *items, uint32_t capacity);

/* Called after each put with the token, on the putting thread: for event streams. */
void results_on_put(struct results *results, void (*notify)(void *context, const char *token),
                    void *context);

struct state_txn;
/* Writes what is not known to be checkpointed. Should the transaction not be committed, the next
 * checkpoint finds that out by itself and writes it again. fails  as state_put */
enum status results_checkpoint(struct results *results, struct state_txn *txn) MUST_USE;
enum status results_restore(struct results *results, struct state *state) MUST_USE;
uint64_t results_count(struct results *results);
