/* results_room.h - between results.c and results_checkpoint.c: entries and the stripes they stand in. */
#pragma once
#include <pthread.h>

#include "store/results.h"

enum { STRIPES = 64, RESULT_BYTES_MAX = 1024 * 1024 };

struct entry {
    struct entry *chain; /* same slot */
    struct entry *older; /* in the order of writing */
    struct entry *newer;
    struct entry *changed_next; /* list of what is not known to be checkpointed */
    struct entry *changed_previous;
    bool changed;
    bool stored;         /* the state may hold a row of this token */
    uint64_t generation; /* checkpoint that wrote it; 0: none yet */
    int64_t time_ms;
    char token[VISITOR_TOKEN_BYTES];
    size_t len;
    uint8_t bytes[]; /* as stored, see entry_write */
};

/* A visitor that went: to be removed from the state, too. */
struct gone {
    struct gone *next;
    uint64_t generation;
    char token[VISITOR_TOKEN_BYTES];
};

struct stripe {
    pthread_mutex_t lock;
    struct entry **slots;
    uint32_t slot_count; /* a power of two */
    uint32_t count;
    struct entry *oldest;
    struct entry *newest;
    struct entry *changed;
    struct gone *gone;
};

struct results {
    struct results_options options;
    uint32_t stripe_entries_max;
    uint64_t
        generation; /* of the last checkpoint written, committed or not; checkpointing thread */
    void (*notify)(void *context, const char *token);
    void *notify_context;
    pthread_mutex_t popular_lock;
    struct popular *popular;
    struct stripe stripes[STRIPES];
};

/* An entry as it is stored, and one out of it. fails  CORRUPT; NULL: no memory */
enum status result_entry_read(struct slice bytes, struct result *result) MUST_USE;
struct entry *result_entry_create(const char *token, const struct result *result);

struct stripe *stripe_of(struct results *results, const char *token);

/* --- a stripe; its lock is held ----------------------------------------------------------------- */

/* Where the pointer to that token's entry is, or would be. */
struct entry **stripe_find(const struct stripe *stripe, const char *token);
void stripe_order_push(struct stripe *stripe, struct entry *entry);
void stripe_changed_remove(struct stripe *stripe, struct entry *entry);
void stripe_bound(struct stripe *stripe, uint32_t entries_max);
void stripe_put(struct stripe *stripe, struct entry *entry, bool changed);
