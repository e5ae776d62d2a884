/* formatter_room.h - shared by the rooms of the formatter (formatter_*.c). */
#pragma once
#include "value/formatter.h"

enum { MINUTES_PER_DAY = 1440, FORMATTER_INSTANT_TEXT = 16 /* what ISO_INSTANT reads */ };

/* When weeks and years of weeks begin. */
struct week_rule {
    int32_t first_day;
    int32_t least_days;
};
struct week_rule formatter_week(const struct formatter *formatter);

struct field_info {
    const char *name;
    int64_t least;
    int64_t most;
    bool date;
    bool time;
};
extern const struct field_info field_infos[FIELD_COUNT];

/* A field of the day or the time of day; `fields` must have it. */
int64_t field_of(const struct temporal_fields *fields, enum formatter_field field,
                 struct week_rule week);
bool field_supported(const struct temporal_fields *fields, enum formatter_field field);

/* Day of the week from Monday as 1. */
int32_t day_of_week(int64_t day);
int64_t floor_quotient(int64_t number, int64_t divisor);

/* The day of a year of weeks, a week of it and a day of that week (from the rule's first). */
int64_t week_date(int64_t year, int64_t week, int64_t day_of_local_week, struct week_rule rule);

/* The number step that a week step stands for. */
struct formatter_step week_number(const struct formatter_step *step);
/* What a zone is called; its id where it has no name. */
struct slice zone_name(struct slice zone, enum locale_id locale, const struct formatter_step *step,
                       bool summer);
enum name_field name_field_of(enum formatter_field field);

/* What a text has said, before it is made sense of. */
struct parsed {
    int64_t values[FIELD_COUNT];
    uint32_t present; /* bit per field */
    int32_t
        period_first; /* minutes of a period of the day; end 0: none; it may go on behind 24:00 */
    int32_t period_end;
    struct slice zone;
};
static inline bool parsed_has(const struct parsed *parsed, enum formatter_field field)
{
    return (parsed->present >> field & 1U) != 0;
}

/* Makes a day and a time of day of what was read. fails  INVALID: the fault says why */
enum status parsed_resolve(const struct formatter *formatter, struct parsed *parsed,
                           struct temporal_fields *fields, struct fault *fault) MUST_USE;
