/* load.c - what the outbox held when the process began takes its places. */
#include <stdlib.h>

#include "deliver/inside.h"

enum { LOAD_FIRST = 256 };

/* Entries come by name; they take their places by sequence. */
struct loading {
    struct deliver *deliver;
    struct loaded {
        uint64_t sequence;
        struct call call;
    } * items;
    uint32_t count;
    uint32_t capacity;
};

static enum status load_call(void *context, const struct entry *entry)
{
    struct loading *loading = context;
    struct deliver *deliver = loading->deliver;

    if (loading->count == loading->capacity) {
        uint32_t capacity = loading->capacity == 0 ? LOAD_FIRST : loading->capacity * 2;
        struct loaded *items = realloc(loading->items, capacity * sizeof(*items));

        if (items == NULL) return STATUS_LIMIT;
        loading->items = items;
        loading->capacity = capacity;
    }
    struct loaded *item = &loading->items[loading->count++];
    *item = (struct loaded){.sequence = entry->sequence};
    item->call = (struct call){
        .identity = entry->identity,
        .sequence = entry->sequence,
        .lane = lane_of(deliver, entry),
        .name = name_of(deliver, entry->scenario, &entry->identity),
        .node = entry->node,
        .endpoint = endpoint_find(deliver, entry->origin),
        .replayed = (entry->flags & ENTRY_REPLAYED) != 0,
    };
    if (entry->sequence > deliver->sequence) deliver->sequence = entry->sequence;
    return scenario_number(deliver, entry->scenario, &item->call.scenario);
}

static enum status load_dead_letter(void *context, const struct entry *entry)
{
    struct deliver *deliver = context;
    uint64_t lane = lane_of(deliver, entry);
    uint32_t number = call_find(deliver, entry->scenario, &entry->identity);

    if (number != 0) calls_at(&deliver->calls, number)->has_letter = true;

    if (entry->sequence > deliver->sequence) deliver->sequence = entry->sequence;
    if (lane == 0) return STATUS_OK;
    enum status status = table_reserve(&deliver->dead_lanes, deliver->dead_lanes.count + 1);
    if (status == STATUS_OK) table_put(&deliver->dead_lanes, lane, 1);
    return status;
}

static int by_sequence(const void *left, const void *right)
{
    uint64_t a = ((const struct loaded *)left)->sequence;
    uint64_t b = ((const struct loaded *)right)->sequence;

    return a < b ? -1 : a > b;
}

enum status outbox_load(struct deliver *deliver, struct buffer *message)
{
    struct loading loading = {.deliver = deliver};
    enum status status = outbox_scan(deliver->state, &(struct outbox_visitor){&loading, load_call});

    if (status == STATUS_OK) {
        status =
            dead_letters_scan(deliver->state, &(struct outbox_visitor){deliver, load_dead_letter});
    }
    if (status == STATUS_OK) status = calls_reserve(&deliver->calls, loading.count);
    if (status == STATUS_OK && loading.count > 0)
        qsort(loading.items, loading.count, sizeof(*loading.items), by_sequence);
    for (uint32_t i = 0; i < loading.count && status == STATUS_OK; i++) {
        bool first;
        uint32_t number = calls_add(&deliver->calls, &loading.items[i].call, &first);

        if (first) endpoint_push(deliver, number);
    }
    free(loading.items);
    if (status == STATUS_OK) {
        status =
            dead_letters_scan(deliver->state, &(struct outbox_visitor){deliver, load_dead_letter});
    }
    if (status != STATUS_OK) {
        buffer_append_text(message, "the outbox cannot be read: ");
        buffer_append_text(message, status_meaning(status));
    }
    return status;
}
