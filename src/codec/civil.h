/* civil.h - Unix time as year, month, day, for the few formats that print one.
 * source  Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": civil_from_days */
#pragma once
#include "base/base.h"

struct civil {
    int64_t year;
    int64_t month;   /* 1: January */
    int64_t day;     /* 1 .. 31 */
    int64_t weekday; /* 0: Thursday, the day Unix time began */
    int64_t second;  /* of the day */
};

/* unix_seconds >= 0 */
static inline struct civil civil_of(int64_t unix_seconds)
{
    int64_t days = unix_seconds / 86400;
    int64_t shifted = days + 719468; /* since 0000-03-01 */
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;

    return (struct civil){
        .year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
        .month = month,
        .day = day_of_year - (153 * march_month + 2) / 5 + 1,
        .weekday = days % 7,
        .second = unix_seconds % 86400,
    };
}
