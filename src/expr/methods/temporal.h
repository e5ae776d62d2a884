/* temporal.h - shared by the files of methods on java.time: temporal*.c (values),
 * date.c (making them, #DATE, #DATE_FORMAT), zone.c and so on. */
#pragma once
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/temporal.h"

enum {
    NANOS_PER_SECOND = TEMPORAL_NANOS_PER_SECOND,
    SECONDS_PER_DAY = TEMPORAL_SECONDS_PER_DAY,
    NANOS_PER_MILLI = 1000000
};
__extension__ typedef __int128 wide; /* nanoseconds of all years need more than 64 bits */

#define NANOS_PER_DAY ((int64_t)SECONDS_PER_DAY * NANOS_PER_SECOND)

/* 1 January of the first year and 31 December of the last, as days since 1970-01-01. */
#define EPOCH_DAY_MIN INT64_C(-365243219162)
#define EPOCH_DAY_MAX INT64_C(365241780471)

/* The host's tables of time zones. */
static inline const struct zones *call_zones(const struct call *call)
{
    return call->machine->expr->zones;
}
/* Day and time of day: LocalDateTime, OffsetDateTime, ZonedDateTime, Instant. */
bool temporal_has_both(struct value temporal);
/* Rounds towards minus infinity. */
int64_t floor_divided(int64_t number, int64_t divisor);
/* Days since 1970-01-01; 0 of a time of day. */
int64_t temporal_day(struct value temporal);
/* Nanoseconds since midnight; 0 of a day. */
int64_t temporal_nano_of_day(struct value temporal);
/* LocalDate, LocalTime or LocalDateTime with another day and time of day. */
struct value temporal_rebuild(struct value like, int64_t day, int64_t nano);
/* Returns the same class with another local day and time, or fails beyond the range of years. A
 * ZonedDateTime keeps its offset where the zone allows it. */
enum status temporal_give_day(struct call *call, struct value like, int64_t day,
                              int64_t nano) MUST_USE;
/* Returns an OffsetDateTime, ZonedDateTime or OffsetTime. */
enum status temporal_give_moment(struct call *call, enum class_id class_id,
                                 const struct moment *moment) MUST_USE;
/* Returns what the clock of the zone shows at a moment: a ZonedDateTime. */
enum status temporal_give_zoned(struct call *call, int64_t seconds, int32_t nanos,
                                const struct zone *zone) MUST_USE;
/* Returns the ZonedDateTime of a local time, gaps and overlaps resolved as Java does. */
enum status temporal_give_local(struct call *call, int64_t local_seconds, int32_t nanos,
                                const struct zone *zone, int32_t preferred) MUST_USE;
/* An argument that is a ZoneId, perhaps from its text. fails  TYPE, INVALID */
enum status temporal_zone_argument(struct call *call, uint32_t index, struct zone_id_room *room,
                                   struct zone *zone) MUST_USE;
/* The zone of a text; fails with Java's message. */
enum status temporal_zone_of(struct call *call, struct slice id, struct zone_id_room *room,
                             struct zone *zone) MUST_USE;
/* Returns the class of `like` with another day of a year, 1 to 366. */
enum status temporal_give_year_day(struct call *call, struct value like, int64_t year,
                                   int64_t day) MUST_USE;
/* An argument of a class, perhaps from its ISO text. fails  TYPE, INVALID */
enum status temporal_argument(struct call *call, uint32_t index, enum class_id class_id,
                              struct value *temporal) MUST_USE;
/* Is the row called `field`, get or no get before it? */
bool temporal_named(const struct call *call, const char *field);
enum status call_return_integer(struct call *call, int64_t number) MUST_USE;
/* Keeps the day of the month where there is one, else takes the last. */
int64_t temporal_add_months(int64_t day, int64_t months);
/* Nanoseconds since midnight of hour, minute, second and nanosecond. fails  INVALID */
enum status temporal_time(struct call *call, const int64_t *parts, int64_t *nano) MUST_USE;
/* "Invalid value for % (valid values % - %): %" */
enum status temporal_fail_field(struct call *call, const char *field, int64_t least, int64_t most,
                                int64_t given) MUST_USE;
/* A day from its parts, of the class of `like`. fails  INVALID */
enum status temporal_make_date(struct call *call, struct value like, struct civil_date date,
                               int64_t nano) MUST_USE;

/* Has the class texts of patterns, so that date_format_parse() makes values of it? */
bool class_has_formatter(enum class_id class_id);
/* Argument 1 read as the class's ISO form, or by the pattern or formatter in argument 2. */
enum status date_format_parse(struct call *call, enum class_id class_id) MUST_USE;
