/* zone.c - ids of zones, and offsets by tables and rules.
 *
 * A transition at moment m from offset a to offset b moves the local clock from m + a to m + b. A local
 * time is compared with both, so that one search finds the one transition it can lie in.
 */
#include "value/zone.h"
#include "value/temporal.h"

enum { DAY_SECONDS = TEMPORAL_SECONDS_PER_DAY };

/* --- ids ---------------------------------------------------------------------------------------------- */

const char *zone_fault_message(enum zone_fault fault)
{
    static const char *const messages[ZONE_FAULT_COUNT] = {
        [ZONE_GOOD] = "",
        [ZONE_FORMAT] = "Invalid ID for ZoneOffset, invalid format: %",
        [ZONE_SIGN] = "Invalid ID for ZoneOffset, plus/minus not found when expected: %",
        [ZONE_COLON] = "Invalid ID for ZoneOffset, colon not found when expected: %",
        [ZONE_DIGITS] = "Invalid ID for ZoneOffset, non numeric characters found: %",
        [ZONE_HOURS] =
            "Zone offset hours not in valid range: value % is not in the range -18 to 18",
        [ZONE_MINUTES] =
            "Zone offset minutes not in valid range: value % is not in the range -59 to 59",
        [ZONE_SECONDS] =
            "Zone offset seconds not in valid range: value % is not in the range -59 to 59",
        [ZONE_RANGE] = "Zone offset not in valid range: -18:00 to +18:00",
        [ZONE_PREFIXED_OFFSET] = "Invalid ID for offset-based ZoneId: %",
        [ZONE_REGION_FORMAT] = "Invalid ID for region-based ZoneId, invalid format: %",
        [ZONE_REGION_UNKNOWN] = "Unknown time-zone ID: %",
    };

    ASSERT(fault < ZONE_FAULT_COUNT);
    return messages[fault];
}

/* Two digits at `at`, behind a colon if one is asked for. */
static enum zone_fault read_pair(struct slice text, size_t at, bool colon, int32_t *number)
{
    if (colon && text.data[at - 1] != ':') return ZONE_COLON;
    uint8_t tens = text.data[at];
    uint8_t ones = text.data[at + 1];
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return ZONE_DIGITS;
    *number = (tens - '0') * 10 + (ones - '0');
    return ZONE_GOOD;
}

static enum zone_fault check_offset(const int32_t parts[3], int32_t sign, int32_t *number)
{
    static const enum zone_fault faults[3] = {ZONE_HOURS, ZONE_MINUTES, ZONE_SECONDS};

    for (size_t i = 0; i < 3; i++) {
        if (parts[i] <= (i == 0 ? 18 : 59)) continue;
        *number = sign * parts[i];
        return faults[i];
    }
    return parts[0] == 18 && (parts[1] | parts[2]) != 0 ? ZONE_RANGE : ZONE_GOOD;
}

enum zone_fault zone_offset_read(struct slice text, int32_t *offset, int32_t *number)
{
    /* By the length of the text: where minutes and seconds stand, and whether colons are needed. */
    static const struct {
        uint8_t minutes;
        uint8_t seconds;
        bool colons;
        bool known;
    } forms[10] = {[3] = {0, 0, false, true},
                   [5] = {3, 0, false, true},
                   [6] = {4, 0, true, true},
                   [7] = {3, 5, false, true},
                   [9] = {4, 7, true, true}};
    int32_t parts[3] = {0};
    uint8_t padded[3];

    *number = 0;
    if (text.len == 1 && text.data[0] == 'Z') {
        *offset = 0;
        return ZONE_GOOD;
    }
    if (text.len == 2) {
        memcpy(padded, (uint8_t[]){text.data[0], '0', text.data[1]}, sizeof(padded));
        text = (struct slice){padded, sizeof(padded)};
    }
    if (text.len >= COUNT_OF(forms) || !forms[text.len].known) return ZONE_FORMAT;
    bool colons = forms[text.len].colons;
    enum zone_fault fault = read_pair(text, 1, false, &parts[0]);
    if (fault == ZONE_GOOD && forms[text.len].minutes > 0)
        fault = read_pair(text, forms[text.len].minutes, colons, &parts[1]);
    if (fault == ZONE_GOOD && forms[text.len].seconds > 0)
        fault = read_pair(text, forms[text.len].seconds, colons, &parts[2]);
    if (fault != ZONE_GOOD) return fault;
    if (text.data[0] != '+' && text.data[0] != '-') return ZONE_SIGN;
    int32_t sign = text.data[0] == '-' ? -1 : 1;
    *offset = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return check_offset(parts, sign, number);
}

static uint8_t *put_pair(uint8_t *at, int32_t number)
{
    *at++ = (uint8_t)('0' + number / 10);
    *at++ = (uint8_t)('0' + number % 10);
    return at;
}

uint32_t zone_offset_text(int32_t offset, uint8_t text[ZONE_OFFSET_TEXT_MAX])
{
    int32_t size = offset < 0 ? -offset : offset;
    uint8_t *at = text;

    ASSERT(size <= ZONE_OFFSET_MAX);
    *at++ = offset == 0 ? 'Z' : offset < 0 ? '-' : '+';
    if (offset == 0) return 1;
    at = put_pair(at, size / 3600);
    *at++ = ':';
    at = put_pair(at, size / 60 % 60);
    if (size % 60 != 0) {
        *at++ = ':';
        at = put_pair(at, size % 60);
    }
    return (uint32_t)(at - text);
}

bool zone_id_is_offset(struct slice id)
{
    return id.len > 0 && (id.data[0] == '+' || id.data[0] == '-' || slice_equal(id, SLICE("Z")));
}

static int order_ids(struct slice a, struct slice b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static const struct zone *find(const struct zones *zones, struct slice id)
{
    uint32_t low = 0;
    uint32_t high = zones == NULL ? 0 : zones->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = order_ids(zones->items[middle].id, id);
        if (order == 0) return &zones->items[middle];
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static bool is_region_id(struct slice id)
{
    static const struct slice others = {(const uint8_t *)"/0123456789~._+-", 16};

    if (id.len < 2) return false;
    for (size_t i = 0; i < id.len; i++) {
        uint8_t byte = id.data[i];
        bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        bool other = memchr(others.data, byte, others.len) != NULL;
        if (!letter && (i == 0 || !other)) return false;
    }
    return true;
}

struct zone zone_fixed(struct slice id, int32_t offset)
{
    return (struct zone){.id = id, .standard = offset};
}

bool zone_is_fixed(const struct zone *zone)
{
    return zone->count == 0 && !zone->tail;
}

/* An id in its normal form: prefix, then the offset unless it is none. */
static struct zone fixed_named(struct slice prefix, int32_t offset, struct zone_id_room *room)
{
    size_t len = prefix.len;

    if (len > 0) memcpy(room->bytes, prefix.data, len);
    if (len == 0 || offset != 0) len += zone_offset_text(offset, room->bytes + len);
    return zone_fixed((struct slice){room->bytes, len}, offset);
}

enum zone_fault zone_read(const struct zones *zones, struct slice text, struct zone_id_room *room,
                          struct zone *zone)
{
    static const char *const prefixes[] = {"UTC", "GMT", "UT"};
    int32_t offset = 0;
    int32_t number;

    *zone = zone_fixed(text, 0);
    if (text.len <= 1 || text.data[0] == '+' || text.data[0] == '-') {
        enum zone_fault fault = zone_offset_read(text, &offset, &number);
        if (fault == ZONE_GOOD) *zone = fixed_named(SLICE(""), offset, room);
        return fault;
    }
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        struct slice prefix = slice_of(prefixes[i]);
        if (!slice_starts_with(text, prefix)) continue;
        struct slice rest = {text.data + prefix.len, text.len - prefix.len};
        if (rest.len == 0) return ZONE_GOOD;
        if (rest.data[0] != '+' && rest.data[0] != '-') break;
        if (zone_offset_read(rest, &offset, &number) != ZONE_GOOD) return ZONE_PREFIXED_OFFSET;
        *zone = fixed_named(prefix, offset, room);
        return ZONE_GOOD;
    }
    if (!is_region_id(text)) return ZONE_REGION_FORMAT;
    const struct zone *found = find(zones, text);
    if (found == NULL) return ZONE_REGION_UNKNOWN;
    *zone = *found;
    return ZONE_GOOD;
}

/* --- rules for ever ----------------------------------------------------------------------------------- */

static int64_t floor_div(int64_t number, int64_t divisor)
{
    int64_t quotient = number / divisor;

    return number % divisor < 0 ? quotient - 1 : quotient;
}

/* Local seconds since 1970-01-01T00:00 of the clock before the change. */
static int64_t change_in(const struct zone_change *change, int64_t year)
{
    int64_t day = 0;

    switch (change->kind) {
    case ZONE_DAY_MONTH_WEEK: {
        int64_t first = days_from_civil((struct civil_date){year, change->month, 1});
        int64_t weekday = first + 4 - floor_div(first + 4, 7) * 7; /* 1970-01-01: a Thursday */
        int64_t ahead = (change->weekday - weekday + 7) % 7 + (change->week - 1) * 7LL;
        if (ahead >= days_of_month(year, change->month)) ahead -= 7;
        day = first + ahead;
        break;
    }
    case ZONE_DAY_JULIAN:
        day = days_from_civil((struct civil_date){year, 1, 1}) + change->day - 1;
        if (is_leap_year(year) && change->day >= 60) day++;
        break;
    case ZONE_DAY_ZERO: day = days_from_civil((struct civil_date){year, 1, 1}) + change->day; break;
    }
    return day * DAY_SECONDS + change->seconds;
}

struct transition {
    int64_t moment;
    int32_t before;
    int32_t after;
};

/* The two changes of a year, in order of time. */
static void changes_of(const struct zone *zone, int64_t year, struct transition changes[2])
{
    struct transition begins = {change_in(&zone->summer_begins, year) - zone->standard,
                                zone->standard, zone->summer};
    struct transition ends = {change_in(&zone->summer_ends, year) - zone->summer, zone->summer,
                              zone->standard};
    bool north = begins.moment < ends.moment;

    changes[0] = north ? begins : ends;
    changes[1] = north ? ends : begins;
}

static int64_t year_of(int64_t seconds)
{
    return civil_from_days(floor_div(seconds, DAY_SECONDS)).year;
}

/* --- offsets ------------------------------------------------------------------------------------------ */

/* Index of the first transition behind the moment. */
static uint32_t transitions_until(const struct zone *zone, int64_t moment)
{
    uint32_t low = 0;
    uint32_t high = zone->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zone->moments[middle] <= moment) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int32_t zone_offset_at(const struct zone *zone, int64_t moment)
{
    uint32_t at = transitions_until(zone, moment);
    struct transition changes[2];

    if (zone_is_fixed(zone)) return zone->standard;
    if (at < zone->count || !zone->tail) return zone->offsets[at];
    changes_of(zone, year_of(moment + zone->standard), changes);
    if (moment < changes[0].moment) return changes[0].before;
    return moment < changes[1].moment ? changes[0].after : changes[1].after;
}

/* Does the local time lie in the transition? */
static bool falls_into(const struct transition *change, int64_t local, struct zone_local *found)
{
    int64_t from = change->moment + change->before;
    int64_t to = change->moment + change->after;
    bool gap = from < to;

    if (local < (gap ? from : to) || local >= (gap ? to : from)) return false;
    *found = (struct zone_local){gap ? ZONE_GAP : ZONE_OVERLAP, change->before, change->after};
    return true;
}

struct zone_local zone_local(const struct zone *zone, int64_t local_seconds)
{
    struct zone_local found;
    struct transition changes[2];

    if (zone_is_fixed(zone))
        return (struct zone_local){ZONE_UNIQUE, zone->standard, zone->standard};
    /* Transitions a day around the local time read as UTC are all it can lie in. */
    uint32_t from = transitions_until(zone, local_seconds - DAY_SECONDS - 1);
    uint32_t to = transitions_until(zone, local_seconds + DAY_SECONDS);
    for (uint32_t i = from; i < to; i++) {
        struct transition change = {zone->moments[i], zone->offsets[i], zone->offsets[i + 1]};
        if (falls_into(&change, local_seconds, &found)) return found;
        if (local_seconds < change.moment + change.before)
            return (struct zone_local){ZONE_UNIQUE, change.before, change.before};
    }
    bool behind = to == zone->count && zone->tail;
    int32_t offset = zone->count == 0 ? zone->standard : zone->offsets[to];
    if (!behind) return (struct zone_local){ZONE_UNIQUE, offset, offset};
    changes_of(zone, year_of(local_seconds), changes);
    for (uint32_t i = 0; i < 2; i++) {
        if (zone->count > 0 && changes[i].moment <= zone->moments[zone->count - 1]) continue;
        if (falls_into(&changes[i], local_seconds, &found)) return found;
        if (local_seconds < changes[i].moment + changes[i].before)
            return (struct zone_local){ZONE_UNIQUE, changes[i].before, changes[i].before};
        offset = changes[i].after;
    }
    return (struct zone_local){ZONE_UNIQUE, offset, offset};
}

int32_t zone_resolve(const struct zone *zone, int64_t *local_seconds, int32_t preferred)
{
    struct zone_local local = zone_local(zone, *local_seconds);

    if (local.fit == ZONE_GAP) {
        *local_seconds += local.after - local.before;
        return local.after;
    }
    return local.fit == ZONE_OVERLAP && preferred == local.after ? local.after : local.before;
}
