/* zone.h - time zones: what a clock shows at a moment, and which moments a clock's time can mean.
 *
 * The core has no tables of its own. The host hands them in as `struct zones`, sorted by id; what
 * has a fixed offset ("Z", "+02:00", "UTC+1", "GMT") needs no table.
 * source  java.time.ZoneId, ZoneOffset, zone.ZoneRules (JDK 17); RFC 8536 for the tables
 */
#pragma once
#include "base/base.h"
#include "base/bytes.h"

enum {
    ZONE_OFFSET_MAX = 18 * 3600,
    ZONE_ID_BYTES_MAX = 64,
    ZONE_OFFSET_TEXT_MAX = 9 /* "+18:00:00" */
};

/* The day of a year and the time of it when an offset begins: after the last transition, for ever. */
enum zone_day_kind {
    ZONE_DAY_MONTH_WEEK, /* `weekday` of `week` (5: the last) of `month` */
    ZONE_DAY_JULIAN,     /* `day` 1..365, February 29 is never counted */
    ZONE_DAY_ZERO        /* `day` 0..365, February 29 is counted */
};

struct zone_change {
    enum zone_day_kind kind;
    int32_t month;
    int32_t week;
    int32_t weekday; /* 0: Sunday */
    int32_t day;
    int32_t seconds; /* of the local clock before the change; may lie outside the day */
};

struct zone {
    struct slice id;
    const int64_t *moments; /* when the offset changes: seconds since the epoch, ascending */
    const int32_t
        *offsets; /* count + 1 of them, seconds east of UTC; offsets[0] before moments[0] */
    uint32_t count;
    bool tail;        /* changes go on for ever by the rules below */
    int32_t standard; /* offset behind the transitions; with a tail: outside summer time */
    int32_t summer;   /* with a tail */
    struct zone_change summer_begins;
    struct zone_change summer_ends;
};

struct zones {
    const struct zone *items; /* sorted by the bytes of the id */
    uint32_t count;
    struct slice default_id; /* of #DATE.defaultTimeZone; empty: UTC */
};

/* Why a text is no zone; `%` in the message stands for the text. */
enum zone_fault {
    ZONE_GOOD,
    ZONE_FORMAT,          /* of an offset */
    ZONE_SIGN,            /* no plus or minus */
    ZONE_COLON,           /* missing */
    ZONE_DIGITS,          /* something else */
    ZONE_HOURS,           /* beyond 18 */
    ZONE_MINUTES,         /* beyond 59 */
    ZONE_SECONDS,         /* beyond 59 */
    ZONE_RANGE,           /* beyond 18:00 */
    ZONE_PREFIXED_OFFSET, /* UTC+... with a bad offset */
    ZONE_REGION_FORMAT,   /* a letter no id has */
    ZONE_REGION_UNKNOWN,  /* no table */
    ZONE_FAULT_COUNT
};

/* Java's message for the fault; for HOURS, MINUTES and SECONDS `%` is the number, signed. */
const char *zone_fault_message(enum zone_fault fault);

/* "Z", "+2", "+02", "+0230", "+02:30", "+023015", "+02:30:15"; `number` what HOURS... complain of. */
enum zone_fault zone_offset_read(struct slice text, int32_t *offset, int32_t *number);

/* "Z", "+02:00", "-00:30:15"; returns the length. |offset| <= ZONE_OFFSET_MAX */
uint32_t zone_offset_text(int32_t offset, uint8_t text[ZONE_OFFSET_TEXT_MAX]);

/* Is the id that of an offset alone, so that Java's class is ZoneOffset? */
bool zone_id_is_offset(struct slice id);

/* The zone of a text as ZoneId.of() reads it. zone->id is `text`, or Java's normal form of an offset,
 * whose few bytes are written to `room`. `zones` may be NULL. */
struct zone_id_room {
    uint8_t bytes[3 + ZONE_OFFSET_TEXT_MAX];
};
enum zone_fault zone_read(const struct zones *zones, struct slice text, struct zone_id_room *room,
                          struct zone *zone);

struct zone zone_fixed(struct slice id, int32_t offset);

/* Is the offset the same at all times? */
bool zone_is_fixed(const struct zone *zone);

/* --- rules ------------------------------------------------------------------------------------------ */

int32_t zone_offset_at(const struct zone *zone, int64_t moment);

/* What a local time can mean. In a gap nothing: `before` and `after` are the offsets around it. In an
 * overlap two things; else before == after. */
enum zone_fit { ZONE_UNIQUE, ZONE_GAP, ZONE_OVERLAP };
struct zone_local {
    enum zone_fit fit;
    int32_t before;
    int32_t after;
};
struct zone_local zone_local(const struct zone *zone, int64_t local_seconds);

/* ZonedDateTime.ofLocal: in a gap the clock moves on by its length; in an overlap `preferred` if it is
 * one of the two, else the earlier offset. Changes *local_seconds, returns the offset. */
int32_t zone_resolve(const struct zone *zone, int64_t *local_seconds, int32_t preferred);
