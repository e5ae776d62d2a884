/* letters.c - listing and replaying dead letters while deliver runs. */
#include "deliver/inside.h"

struct listing {
    struct state *state;
    struct buffer *json;
    uint32_t left;
    bool any;
};

static enum status list_visit(void *context, const struct entry *entry)
{
    struct listing *listing = context;
    struct arena arena;
    bool superseded = false;

    if (listing->left == 0) return STATUS_OK;
    listing->left--;
    arena_init(&arena, CALL_ARENA_BYTES_MAX);
    enum status status = dead_letter_superseded(listing->state, entry, &arena, &superseded);
    if (status == STATUS_OK) {
        if (listing->any) buffer_append_byte(listing->json, ',');
        listing->any = true;
        dead_letter_write(entry, superseded, &arena, listing->json);
    }
    arena_deinit(&arena);
    return status;
}

enum status deliver_dead_letters(struct deliver *deliver, uint32_t limit, struct buffer *json)
{
    struct listing listing = {.state = deliver->state, .json = json, .left = limit};

    buffer_append_byte(json, '[');
    enum status status =
        dead_letters_scan(deliver->state, &(struct outbox_visitor){&listing, list_visit});
    buffer_append_byte(json, ']');
    if (status == STATUS_OK && json->failed) return STATUS_LIMIT;
    return status;
}

enum status deliver_replay(struct deliver *deliver, struct slice id)
{
    struct arena arena;
    struct entry dead;
    uint64_t sequence; /* not needed: a letter keeps its own */

    arena_init(&arena, CALL_ARENA_BYTES_MAX);
    (void)pthread_mutex_lock(&deliver->submit_lock);
    enum status status = dead_letter_find(deliver->state, id, &arena, &dead);
    if (status == STATUS_OK) status = admission(deliver, 1, &sequence);
    if (status == STATUS_OK && is_known(deliver, dead.scenario, &dead.identity))
        status = STATUS_AGAIN; /* its failure is not acknowledged yet */
    if (status == STATUS_OK) status = dead_letter_replay(deliver->state, &dead, false, &arena);
    if (status == STATUS_OK) {
        dead.flags |= ENTRY_REPLAYED;
        status = admit_all(deliver, &dead, 1);
    }
    (void)pthread_mutex_unlock(&deliver->submit_lock);
    arena_deinit(&arena);
    return status;
}
