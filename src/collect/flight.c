/* flight.c - a round's records fly to the log together; their requests are answered when they land.
 *
 * Flights land in order: one that is durable before an older one waits for it, because a repeat
 * answered with the younger flight may rely on an event of the older. A failed flight takes its event
 * ids out again, and whoever relied on one of them is told to send again. */
#include "collect/inside.h"

static void list_add(struct pending_list *list, struct pending *pending)
{
    pending->next = NULL;
    if (list->last != NULL) {
        list->last->next = pending;
    } else {
        list->first = pending;
    }
    list->last = pending;
}

static void list_append(struct pending_list *list, struct pending_list *more)
{
    if (more->first == NULL) return;
    if (list->last != NULL) {
        list->last->next = more->first;
    } else {
        list->first = more->first;
    }
    list->last = more->last;
    *more = (struct pending_list){0};
}

/* --- gathering ---------------------------------------------------------------------------------- */

static struct part *part_begin(struct collect *collect, uint32_t topic_id, int64_t time_ms)
{
    struct part *part = &collect->parts[collect->part_count];

    if (collect->part_count == COLLECT_PARTS_MAX) return NULL;
    part->topic_id = topic_id;
    record_batch_begin(&part->batch, time_ms);
    if (part->batch.failed) return NULL;
    collect->part_count++;
    return part;
}

/* The newest part of the topic: records of a topic keep their order. */
static struct part *part_find(struct collect *collect, uint32_t topic_id)
{
    for (uint32_t i = collect->part_count; i > 0; i--)
        if (collect->parts[i - 1].topic_id == topic_id) return &collect->parts[i - 1];
    return NULL;
}

enum status gather_record(struct collect *collect, uint32_t topic_id, const struct record *record)
{
    struct part *part = part_find(collect, topic_id);
    enum status status = STATUS_AGAIN;
    size_t before = 0;

    if (part != NULL) {
        before = part->batch.len;
        status = record_batch_add(&part->batch, record);
    }
    if (status == STATUS_AGAIN) {
        part = part_begin(collect, topic_id, record->time_ms);
        if (part == NULL) return STATUS_LIMIT;
        before = 0;
        status = record_batch_add(&part->batch, record);
    }
    if (status == STATUS_OK) collect->gathered_bytes += part->batch.len - before;
    return status;
}

static void parts_clear(struct collect *collect)
{
    enum { KEPT_BYTES = 2 * RECORD_BATCH_BYTES_MAX };

    for (uint32_t i = 0; i < collect->part_count; i++) {
        struct buffer *batch = &collect->parts[i].batch;

        if (batch->capacity > KEPT_BYTES) {
            buffer_deinit(batch);
        } else {
            buffer_clear(batch);
        }
    }
    collect->part_count = 0;
    collect->gathered_bytes = 0;
}

bool gather_has_room(struct collect *collect)
{
    if (collect->part_count >= COLLECT_PARTS_SOFT ||
        collect->gathered_bytes >= COLLECT_GATHER_BYTES)
        flight_round(collect);
    return collect->free_pendings != NULL && collect->part_count < COLLECT_PARTS_SOFT &&
           collect->gathered_bytes < COLLECT_GATHER_BYTES;
}

static void visitor_gone(void *context)
{
    ((struct pending *)context)->exchange = NULL; /* the records are stored all the same */
}

void gather_wait(struct collect *collect, const struct arrival *arrival)
{
    struct pending *pending = collect->free_pendings;

    ASSERT(pending != NULL);
    collect->free_pendings = pending->next;
    pending->exchange = arrival->exchange;
    pending->depends_on = arrival->depends_on;
    pending->reply = arrival->reply;
    list_add(&collect->gathered, pending);
    collect_count(&collect->counters.pending, 1);
    exchange_defer(arrival->exchange, visitor_gone, pending);
}

/* --- answering ---------------------------------------------------------------------------------- */

static void answer_list(struct collect *collect, struct pending_list *list, enum status status)
{
    struct pending *pending = list->first;

    *list = (struct pending_list){0};
    while (pending != NULL) {
        struct pending *next = pending->next;
        bool stored = status == STATUS_OK && (pending->depends_on == POSITION_NEVER ||
                                              pending->depends_on >= collect->ids_failed);

        if (pending->exchange != NULL && stored) {
            answer_reply(collect, pending->exchange, &pending->reply);
        } else if (pending->exchange != NULL) {
            answer_overloaded(collect, pending->exchange, pending->reply.origin);
        }
        pending->next = collect->free_pendings;
        collect->free_pendings = pending;
        collect_count(&collect->counters.pending, (uint64_t)-1);
        pending = next;
    }
}

static void forget_ids(struct collect *collect, uint64_t begin, uint64_t end)
{
    event_ids_forget(&collect->ids, begin, end);
    collect->ids_failed = end;
    collect->failing = true;
}

static void land(struct collect *collect, struct flight *flight)
{
    collect->flight_first = (collect->flight_first + 1) % COLLECT_FLIGHTS_MAX;
    collect->flight_count--;
    collect->ids_durable = flight->ids_end;
    collect->failing = flight->status != STATUS_OK;
    if (flight->status != STATUS_OK) forget_ids(collect, flight->ids_begin, flight->ids_end);
    answer_list(collect, &flight->waiting, flight->status);
}

static void land_flights(void *context)
{
    struct collect *collect = context;
    bool was_full = collect->flight_count == COLLECT_FLIGHTS_MAX;

    atomic_store(&collect->landing_posted, false);
    while (collect->flight_count > 0) {
        struct flight *flight = &collect->flights[collect->flight_first];

        if (!atomic_load_explicit(&flight->landed, memory_order_acquire)) break;
        land(collect, flight);
    }
    if (was_full) flight_round(collect); /* what gathered meanwhile */
}

/* On the log's thread. The flag is set before the post is asked for, so either this post or one that
 * is still to run sees it; a full queue is made good by the timer. */
static void flight_done(void *context, enum status status)
{
    struct flight *flight = context;
    struct collect *collect = flight->collect;

    flight->status = status;
    atomic_store_explicit(&flight->landed, true, memory_order_release);
    if (atomic_exchange(&collect->landing_posted, true)) return;
    if (server_post(collect->server, land_flights, collect) != STATUS_OK)
        atomic_store(&collect->landing_posted, false);
}

void flight_timer(void *context)
{
    struct collect *collect = context;

    if (collect->flight_count > 0 &&
        atomic_load_explicit(&collect->flights[collect->flight_first].landed, memory_order_acquire))
        land_flights(collect);
}

/* --- taking off --------------------------------------------------------------------------------- */

/* Repeats with nothing of their own wait with the youngest flight: what they rely on is in it or
 * landed before it. */
static void wait_with_youngest(struct collect *collect)
{
    if (collect->flight_count == 0) {
        answer_list(collect, &collect->gathered, STATUS_OK);
        return;
    }
    uint32_t youngest = (collect->flight_first + collect->flight_count - 1) % COLLECT_FLIGHTS_MAX;
    list_append(&collect->flights[youngest].waiting, &collect->gathered);
}

static enum status take_off(struct collect *collect)
{
    struct collect_part parts[COLLECT_PARTS_MAX];
    uint32_t slot = (collect->flight_first + collect->flight_count) % COLLECT_FLIGHTS_MAX;
    struct flight *flight = &collect->flights[slot];

    for (uint32_t i = 0; i < collect->part_count; i++) {
        parts[i] = (struct collect_part){collect->parts[i].topic_id,
                                         buffer_slice(&collect->parts[i].batch)};
    }
    flight->collect = collect;
    flight->waiting = (struct pending_list){0};
    flight->ids_begin = collect->ids_submitted;
    flight->ids_end = collect->ids.next;
    atomic_store_explicit(&flight->landed, false, memory_order_relaxed);
    enum status status = collect->host.submit(collect->host.context, parts, collect->part_count,
                                              flight_done, flight);
    if (status != STATUS_OK) return status;
    list_append(&flight->waiting, &collect->gathered);
    collect->flight_count++;
    return STATUS_OK;
}

void flight_round(void *context)
{
    struct collect *collect = context;

    if (collect->part_count == 0 || collect->flight_count == COLLECT_FLIGHTS_MAX) {
        if (collect->part_count == 0 && collect->gathered.first != NULL)
            wait_with_youngest(collect);
        return;
    }
    enum status status = take_off(collect);
    parts_clear(collect);
    if (status != STATUS_OK) {
        forget_ids(collect, collect->ids_submitted, collect->ids.next);
        collect->ids_submitted = collect->ids.next;
        answer_list(collect, &collect->gathered, status);
        return;
    }
    collect->ids_submitted = collect->ids.next;
}
