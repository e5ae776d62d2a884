/* temporal.h - dates and times of the ISO calendar, 16 bytes each.
 *
 * A VALUE_TEMPORAL says its class in `temporal`:
 *   LocalDate       i64 days since 1970-01-01
 *   LocalTime       i64 nanoseconds of the day
 *   LocalDateTime   i64 seconds since 1970-01-01T00:00 of the local clock, nanos
 *   Instant         i64 seconds since the epoch, nanos
 *   OffsetDateTime  as LocalDateTime, quarters of an hour east of UTC
 *   ZoneOffset      quarters
 *   Period          i64 years << 32 | months (both signed), nanos = days
 *   DayOfWeek       i64 1 (Monday) to 7;  Month  i64 1 to 12
 * source  java.time (JDK 17); Howard Hinnant, chrono-compatible low-level date algorithms
 */
#pragma once
#include "value/type.h"

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

/* Java's toString(). */
void temporal_to_text(struct value temporal, struct buffer *out);

/* What the class's parse() reads in ISO form. fails  INVALID; NOT_FOUND: a class without such form */
enum status temporal_from_text(struct slice text, enum class_id class_id,
                               struct value *temporal) MUST_USE;

/* Checks of stored bytes. */
bool temporal_is_valid(struct value temporal);

/* "MONDAY", "JANUARY"; NULL outside. */
const char *day_name(int64_t day);
const char *month_name(int64_t month);
