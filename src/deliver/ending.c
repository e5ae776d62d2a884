/* ending.c - calls that leave the outbox, many in one commit; then their lanes go on.
 *
 * A failed call's dead letter is stored before its outcome is told, and removed before a success is told
 * that followed a restart: once the receiver has logged an outcome, the letters agree with it, and a
 * restart only removes the call. Until it is acknowledged a failed call is in both tables. A replayed
 * call is told to nobody: its letter comes back in the commit that removes it.
 */
#include "deliver/inside.h"
#include "sys/clock.h"
#include "sys/killpoint.h"

enum {
    FULL_PAUSE_MS = 1000,
    GATHER_MS =
        5, /* between commits of endings: they leave the disk to the log, which visitors wait for */
};

void ending_push(struct deliver *deliver, uint32_t number)
{
    struct call *call = calls_at(&deliver->calls, number);

    call->state = CALL_ENDING;
    call->next = 0;
    if (deliver->ending_first == 0) {
        deliver->ending_first = number;
    } else {
        calls_at(&deliver->calls, deliver->ending_last)->next = number;
    }
    deliver->ending_last = number;
}

/* Copies of what a commit needs, so that the lock is free meanwhile. */
struct ending {
    struct identity identity;
    struct slice scenario;
    uint64_t lane;
    uint32_t number;
    uint32_t attempts;
    const char *error; /* the call's own: nobody else touches an ending call */
    bool has_letter;
    bool marks_lane; /* delivered, and its lane has dead letters */
};

static uint32_t collect(struct deliver *deliver, struct ending endings[ENDING_MAX])
{
    uint32_t count = 0;

    (void)pthread_mutex_lock(&deliver->lock);
    for (uint32_t at = deliver->ending_first; at != 0 && count < ENDING_MAX;) {
        const struct call *call = calls_at(&deliver->calls, at);

        endings[count++] = (struct ending){
            .identity = call->identity,
            .scenario = deliver->scenarios[call->scenario],
            .lane = call->lane,
            .number = at,
            .attempts = call->attempts,
            .error = call->error,
            .has_letter = call->has_letter,
            .marks_lane = call->delivered && call->lane != 0 &&
                          table_get(&deliver->dead_lanes, call->lane) != 0,
        };
        at = call->next;
    }
    (void)pthread_mutex_unlock(&deliver->lock);
    return count;
}

static void entry_die(struct entry *entry, uint32_t attempts, struct slice error)
{
    entry->flags &= (uint8_t)~ENTRY_REPLAYED;
    entry->died_ms = clock_wall_ms();
    entry->attempts = attempts;
    entry->error = error;
}

static enum status end_one(struct deliver *deliver, struct state_txn *txn,
                           const struct ending *ending, struct arena *arena)
{
    struct buffer *scratch = &deliver->scratch;
    struct entry entry;
    bool dies = ending->error != NULL && !ending->has_letter;
    enum status status = STATUS_OK;

    arena_reset(arena);
    if (dies || ending->marks_lane)
        status = outbox_get(deliver->state, ending->scenario, &ending->identity, arena, &entry);
    if (status == STATUS_OK && ending->marks_lane) status = lane_set_newest(txn, &entry, scratch);
    if (status == STATUS_OK && dies) {
        entry_die(&entry, ending->attempts, slice_of(ending->error));
        status = dead_letter_put(txn, &entry, scratch);
    }
    if (status == STATUS_OK)
        status = outbox_remove(txn, ending->scenario, &ending->identity, scratch);
    return status;
}

enum status letter_settle(struct deliver *deliver, const struct entry *entry, uint32_t attempts,
                          struct slice error)
{
    struct state_txn *txn;
    struct entry dead = *entry;
    enum status status = state_begin(deliver->state, &txn);

    if (status != STATUS_OK) return status;
    entry_die(&dead, attempts, error);
    status = error.len > 0 ? dead_letter_put(txn, &dead, &deliver->scratch)
                           : dead_letter_remove(txn, &dead, &deliver->scratch);
    if (status == STATUS_OK) return state_commit(txn);
    state_abort(txn);
    return status;
}

static enum status commit(struct deliver *deliver, const struct ending *endings, uint32_t count)
{
    struct state_txn *txn;
    struct arena arena;
    enum status status = state_begin(deliver->state, &txn);

    if (status != STATUS_OK) return status;
    arena_init(&arena, CALL_ARENA_BYTES_MAX);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++)
        status = end_one(deliver, txn, &endings[i], &arena);
    arena_deinit(&arena);
    if (status == STATUS_OK) {
        KILLPOINT(calls_end_before_commit);
        status = state_commit(txn);
        KILLPOINT(calls_end_after_commit);
        return status;
    }
    state_abort(txn);
    return status;
}

/* The calls are out of the store: lanes go on, places are free. */
static void release(struct deliver *deliver, const struct ending *endings, uint32_t count)
{
    (void)pthread_mutex_lock(&deliver->lock);
    for (uint32_t i = 0; i < count; i++) {
        ASSERT(deliver->ending_first == endings[i].number);
        deliver->ending_first = calls_at(&deliver->calls, endings[i].number)->next;
        if (endings[i].error != NULL) deliver->counters.dead++;
        if (endings[i].error != NULL && endings[i].lane != 0 &&
            table_reserve(&deliver->dead_lanes, deliver->dead_lanes.count + 1) == STATUS_OK)
            table_put(&deliver->dead_lanes, endings[i].lane, 1);
        uint32_t next = calls_remove(&deliver->calls, endings[i].number);
        if (next != 0) endpoint_push(deliver, next);
    }
    (void)pthread_mutex_unlock(&deliver->lock);
}

void ending_commit(struct deliver *deliver)
{
    struct ending endings[ENDING_MAX];

    if (clock_monotonic_ms() < deliver->end_due_ms) return;
    uint32_t count = collect(deliver, endings);
    if (count == 0) return;
    enum status status = commit(deliver, endings, count);
    if (status == STATUS_OK) {
        release(deliver, endings, count);
        if (count < ENDING_MAX) deliver->end_due_ms = clock_monotonic_ms() + GATHER_MS;
        return;
    }
    deliver->end_due_ms = clock_monotonic_ms() + FULL_PAUSE_MS;
    if (status == STATUS_FULL) return;
    (void)pthread_mutex_lock(&deliver->lock);
    deliver_fail(deliver, status);
    (void)pthread_mutex_unlock(&deliver->lock);
}
