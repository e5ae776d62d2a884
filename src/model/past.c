/* past.c - two lists, side by side, become events. */
#include "model/past.h"

#include "model/number_text.h"
#include "model/slirec_time.h"
#include "value/collection.h"

/* Behind all that are not later; the earliest of too many gives way. */
static void past_insert(struct past *past, struct past_event event)
{
    uint32_t count = past_len(past);
    uint32_t at = count;

    if (count == PAST_EVENTS_MAX) {
        if (event.time < past->last[0].time) return;
        memmove(past->last, past->last + 1, (count - 1) * sizeof(past->last[0]));
        at--;
    }
    for (; at > 0 && past->last[at - 1].time > event.time; at--)
        past->last[at] = past->last[at - 1];
    past->last[at] = event;
}

static void past_add(struct past *past, struct past_event event)
{
    bool by_time = past->order == PAST_BY_TIME;

    if (past->count == 0 || (by_time && event.time < past->first_time))
        past->first_time = event.time;
    if (past->count == 0 || event.time >= past->newest.time) past->newest = event;
    if (by_time) {
        past_insert(past, event);
    } else {
        past->last[past->count % PAST_EVENTS_MAX] = event;
    }
    past->count++;
}

/* Seconds of a timestamp; `now` for what is none. */
static double time_of(struct value timestamp, double now)
{
    double seconds;

    switch (timestamp.kind) {
    case VALUE_STRING: return number_text(value_text(timestamp), &seconds) ? seconds : now;
    case VALUE_INTEGER:
    case VALUE_LONG: return (double)timestamp.i64;
    default: return now;
    }
}

enum status past_read(struct value items, struct value timestamps, double now,
                      enum past_order order, struct arena *arena, struct past *past)
{
    struct value_cursor item_cursor = value_cursor(items);
    struct value_cursor time_cursor = value_cursor(timestamps);
    struct value_entry item;
    struct value_entry time;
    enum status status = STATUS_OK;

    *past = (struct past){.order = order};
    while (cursor_next(&item_cursor, arena, &item, &status)) {
        struct past_event event = {.time = now};

        if (cursor_next(&time_cursor, arena, &time, &status)) event.time = time_of(time.value, now);
        if (status != STATUS_OK) return status;
        if (order != PAST_GIVEN) event.time = slirec_seconds(event.time);
        if (item.value.kind == VALUE_STRING) event.item = value_text(item.value);
        past_add(past, event);
    }
    return status;
}

uint32_t past_len(const struct past *past)
{
    return past->count < PAST_EVENTS_MAX ? (uint32_t)past->count : PAST_EVENTS_MAX;
}

const struct past_event *past_at(const struct past *past, uint32_t place)
{
    uint64_t from = past->count - past_len(past);

    if (past->order == PAST_BY_TIME) return &past->last[place];
    return &past->last[(from + place) % PAST_EVENTS_MAX];
}

uint32_t past_by_time(const struct past *past, struct past_event events[PAST_EVENTS_MAX])
{
    uint32_t count = past_len(past);

    for (uint32_t i = 0; i < count; i++) {
        struct past_event event = *past_at(past, i);
        uint32_t at = i;

        for (; at > 0 && events[at - 1].time > event.time; at--)
            events[at] = events[at - 1];
        events[at] = event;
    }
    return count;
}
