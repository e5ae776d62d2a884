/* temporal.h - dates and times of the ISO calendar, 16 bytes each.
 *
 * A VALUE_TEMPORAL says its class in `temporal`:
 *   LocalDate       i64 days since 1970-01-01
 *   LocalTime       i64 nanoseconds of the day
 *   LocalDateTime   i64 seconds since 1970-01-01T00:00 of the local clock, nanos
 *   Instant         i64 seconds since the epoch, nanos
 *   OffsetDateTime, ZonedDateTime, OffsetTime  a `moment` (VALUE_WIDE); OffsetTime's day is 1970-01-01
 *   ZoneOffset      i64 seconds east of UTC
 *   ZoneId          text, len: the id of a region, "UTC", "UTC+02:00" (VALUE_WIDE); an offset alone is
 *                   a ZoneOffset
 *   Period          i64 years << 32 | months (both signed), nanos = days
 *   DayOfWeek       i64 1 (Monday) to 7;  Month  i64 1 to 12
 * source  java.time (JDK 17); Howard Hinnant, chrono-compatible low-level date algorithms
 */
#pragma once
#include "value/type.h"
#include "value/zone.h"

enum {
    TEMPORAL_NANOS_PER_SECOND = 1000000000,
    TEMPORAL_SECONDS_PER_DAY = 86400,
    YEAR_MAX = 999999999
};

struct civil_date {
    int64_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

int64_t days_from_civil(struct civil_date date);
struct civil_date civil_from_days(int64_t days);
int32_t days_of_month(int64_t year, int32_t month);
bool is_leap_year(int64_t year);

struct value temporal_make(enum class_id class_id, int64_t i64, int32_t nanos);
struct value temporal_period(int32_t years, int32_t months, int32_t days);
static inline int32_t period_years(struct value period)
{
    return (int32_t)(period.i64 >> 32);
}
static inline int32_t period_months(struct value period)
{
    return (int32_t)(uint32_t)(uint64_t)period.i64;
}

/* Behind values that have an offset. */
struct moment {
    int64_t seconds; /* of the local clock since 1970-01-01T00:00 */
    int32_t nanos;
    int32_t offset; /* seconds east of UTC */
    struct slice
        zone; /* ZonedDateTime: id of the zone, perhaps that of an offset ("Z", "+01:00") */
};

/* Copies the moment and its zone's id into one block. fails  LIMIT */
enum status temporal_of_moment(enum class_id class_id, const struct moment *moment,
                               struct arena *arena, struct value *temporal) MUST_USE;
struct value temporal_zone_offset(int32_t offset);
/* A ZoneId, or the ZoneOffset that the id spells; the text is borrowed. */
struct value temporal_zone_id(struct slice id);
/* The id of a ZoneId; of a ZoneOffset its text, which is written to `room`. */
struct slice temporal_zone_text(struct value zone, struct zone_id_room *room);

/* What a temporal's fields are read from. Instant: as at UTC, has_offset false. */
struct temporal_parts {
    bool has_day;
    bool has_time;
    bool has_offset;
    int64_t day; /* since 1970-01-01 */
    int64_t nano_of_day;
    int32_t offset;    /* seconds east of UTC */
    struct slice zone; /* ZonedDateTime: id; else empty */
};
struct temporal_parts temporal_parts(struct value temporal);

/* Are the class's values a `moment`? */
bool temporal_class_has_moment(enum class_id class_id);

/* The class of a temporal; Object for other values. */
enum class_id temporal_class(struct value temporal);

/* Seconds since the epoch, local values as if in UTC; and nanoseconds behind them. */
int64_t temporal_moment(struct value temporal);
int32_t temporal_nanos(struct value temporal);

/* Java's compareTo: -1, 0, 1; both of one class. */
int temporal_order(struct value left, struct value right);
bool temporal_equals(struct value left, struct value right);
uint64_t temporal_hash(struct value temporal);
enum status temporal_copy(struct value temporal, struct arena *arena, struct value *copy) MUST_USE;

/* Java's toString(). */
void temporal_to_text(struct value temporal, struct buffer *out);

/* What the class's parse() reads in ISO form. Values with a zone live in `arena`; `zones` may be NULL.
 * fails  INVALID; NOT_FOUND: a class without such form; LIMIT */
enum status temporal_from_text(struct slice text, enum class_id class_id, const struct zones *zones,
                               struct arena *arena, struct value *temporal) MUST_USE;

/* Checks of stored bytes. */
bool temporal_is_valid(struct value temporal);

/* "MONDAY", "JANUARY"; NULL outside. */
const char *day_name(int64_t day);
const char *month_name(int64_t month);
