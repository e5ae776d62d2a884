/* past.h - what a call says a visitor did, read in one pass whatever its length: only its first time,
 * its last 50 events and its newest event matter. */
#pragma once
#include "base/arena.h"
#include "value/value.h"

enum { PAST_EVENTS_MAX = 50 };

struct past_event {
    struct slice item; /* empty: not a text */
    double time;       /* seconds */
};

/* How a history is read: as it is given, or by the times of its events, which may be milliseconds. */
enum past_order { PAST_GIVEN, PAST_SECONDS, PAST_BY_TIME };

/* The last events: a ring in the order given; by time (events of one time as given) a row. */
struct past {
    enum past_order order;
    struct past_event last[PAST_EVENTS_MAX];
    uint64_t count;
    double first_time;
    struct past_event newest;
};

/* in       PAST_GIVEN: times are taken as they stand; else those too late to be seconds are milliseconds.
 *          lists; a timestamp that is missing or none counts as now, those beyond the items are ignored
 * lives    texts as long as the lists and the arena
 * fails    LIMIT: arena */
enum status past_read(struct value items, struct value timestamps, double now,
                      enum past_order order, struct arena *arena, struct past *past) MUST_USE;

/* How many events are kept, and the one at a place among them, oldest given first. */
uint32_t past_len(const struct past *past);
const struct past_event *past_at(const struct past *past, uint32_t place);

/* The events kept in order of time; those of one time stay as they were given. Returns how many. */
uint32_t past_by_time(const struct past *past, struct past_event events[PAST_EVENTS_MAX]);
