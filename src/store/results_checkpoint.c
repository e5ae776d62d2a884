/* results_checkpoint.c - results into the state and back: what changed since the last checkpoint that is known to be
 * committed, which visitors went, what is popular.
 */
#include <stdlib.h>

#include "store/popular.h"
#include "store/results_room.h"
#include "store/state.h"

#define GENERATION_TAG SLICE("results")
#define POPULAR_KEY    SLICE("*popular")

static struct slice token_slice(const char *token)
{
    return (struct slice){(const uint8_t *)token, VISITOR_TOKEN_BYTES};
}

static enum status changed_checkpoint(struct stripe *stripe, struct state_txn *txn,
                                      uint64_t committed, uint64_t generation)
{
    enum status status = STATUS_OK;
    struct entry *next;

    for (struct entry *entry = stripe->changed; entry != NULL && status == STATUS_OK;
         entry = next) {
        next = entry->changed_next;
        if (entry->generation != 0 && entry->generation <= committed) {
            stripe_changed_remove(stripe, entry);
            continue;
        }
        entry->generation = generation;
        entry->stored = true;
        status = state_put(txn, STATE_RESULTS, token_slice(entry->token),
                           (struct slice){entry->bytes, entry->len});
    }
    return status;
}

static enum status gone_checkpoint(struct stripe *stripe, struct state_txn *txn, uint64_t committed,
                                   uint64_t generation)
{
    enum status status = STATUS_OK;
    struct gone **link = &stripe->gone;

    while (*link != NULL && status == STATUS_OK) {
        struct gone *gone = *link;

        if (gone->generation != 0 && gone->generation <= committed) {
            *link = gone->next;
            free(gone);
            continue;
        }
        gone->generation = generation;
        if (*stripe_find(stripe, gone->token) == NULL) /* else the visitor came back */
            status = state_remove(txn, STATE_RESULTS, token_slice(gone->token));
        link = &gone->next;
    }
    return status;
}

static enum status popular_checkpoint(struct results *results, struct state_txn *txn)
{
    struct buffer bytes;

    buffer_init(&bytes, POPULAR_BYTES_MAX);
    (void)pthread_mutex_lock(&results->popular_lock);
    popular_write(results->popular, &bytes);
    (void)pthread_mutex_unlock(&results->popular_lock);
    enum status status = bytes.failed
                             ? STATUS_LIMIT
                             : state_put(txn, STATE_RESULTS, POPULAR_KEY, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    return status;
}

enum status results_checkpoint(struct results *results, struct state_txn *txn)
{
    uint64_t committed = 0;
    enum status status = state_txn_tag(txn, GENERATION_TAG, &committed);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND) return status;
    if (results->generation < committed) results->generation = committed;
    uint64_t generation = ++results->generation;
    status = STATUS_OK;
    for (int i = 0; i < STRIPES && status == STATUS_OK; i++) {
        struct stripe *stripe = &results->stripes[i];

        (void)pthread_mutex_lock(&stripe->lock);
        status = gone_checkpoint(stripe, txn, committed, generation);
        if (status == STATUS_OK) status = changed_checkpoint(stripe, txn, committed, generation);
        (void)pthread_mutex_unlock(&stripe->lock);
    }
    if (status == STATUS_OK) status = popular_checkpoint(results, txn);
    return status == STATUS_OK ? state_set_tag(txn, GENERATION_TAG, generation) : status;
}

static enum status restore_one(void *context, struct slice key, struct slice bytes)
{
    struct results *results = context;
    struct result result;

    if (slice_equal(key, POPULAR_KEY)) return popular_read(results->popular, bytes);
    if (key.len != VISITOR_TOKEN_BYTES) return STATUS_CORRUPT;
    enum status status = result_entry_read(bytes, &result);
    if (status != STATUS_OK) return status;
    struct entry *entry = result_entry_create((const char *)key.data, &result);
    if (entry == NULL) return STATUS_LIMIT;
    stripe_put(stripe_of(results, entry->token), entry, false);
    entry->stored = true;
    return STATUS_OK;
}

static int by_time(const void *left, const void *right)
{
    const struct entry *a = *(struct entry *const *)left;
    const struct entry *b = *(struct entry *const *)right;

    if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    return memcmp(a->token, b->token, VISITOR_TOKEN_BYTES);
}

/* The order of writing is not stored; that of event time is the nearest to it. */
static enum status stripe_order(struct stripe *stripe, uint32_t entries_max)
{
    struct entry **entries = calloc((size_t)stripe->count + 1, sizeof(struct entry *));
    uint32_t count = 0;

    if (entries == NULL) return STATUS_LIMIT;
    for (struct entry *entry = stripe->oldest; entry != NULL; entry = entry->newer)
        entries[count++] = entry;
    ASSERT(count == stripe->count);
    qsort(entries, count, sizeof(*entries), by_time); /* NOLINT(bugprone-sizeof-expression) */
    stripe->oldest = NULL;
    stripe->newest = NULL;
    for (uint32_t i = 0; i < count; i++)
        stripe_order_push(stripe, entries[i]);
    free(entries);
    stripe_bound(stripe, entries_max);
    return STATUS_OK;
}

enum status results_restore(struct results *results, struct state *state)
{
    enum status status =
        state_scan(state, STATE_RESULTS, (struct slice){NULL, 0}, results, restore_one);

    for (int i = 0; i < STRIPES && status == STATUS_OK; i++)
        status = stripe_order(&results->stripes[i], results->stripe_entries_max);
    return status;
}
