/* formatter_resolve_day.c - years, months, weeks and days that were read to one day. */
#include "value/formatter_resolver.h"

/* A second way to say the day must say the same one. */
static enum status give_day(struct resolver *resolver, int64_t day)
{
    struct temporal_fields *fields = resolver->fields;
    struct buffer shown;

    if (!fields->has_date || fields->day == day) {
        fields->has_date = true;
        fields->day = day;
        return STATUS_OK;
    }
    buffer_init(&shown, sizeof resolver->fault->text);
    buffer_append_text(&shown, "Conflict found: Fields resolved to two different dates: ");
    temporal_to_text(temporal_make(CLASS_LocalDate, fields->day, 0), &shown);
    buffer_append_byte(&shown, ' ');
    temporal_to_text(temporal_make(CLASS_LocalDate, day, 0), &shown);
    (void)fault_set(resolver->fault, "%", buffer_slice(&shown));
    buffer_deinit(&shown);
    return STATUS_INVALID;
}

static enum status resolve_era(struct resolver *resolver)
{
    int64_t year = 0;

    if (!resolver_has(resolver, FIELD_YEAR_OF_ERA)) {
        return resolver_has(resolver, FIELD_ERA)
                   ? resolver_check(resolver, FIELD_ERA, resolver->parsed->values[FIELD_ERA])
                   : STATUS_OK;
    }
    enum status status = resolver_take_checked(resolver, FIELD_YEAR_OF_ERA, &year);
    if (status != STATUS_OK) return status;
    bool before = resolver_has(resolver, FIELD_YEAR) && resolver->parsed->values[FIELD_YEAR] <= 0;
    if (resolver_has(resolver, FIELD_ERA)) {
        status = resolver_take_checked(resolver, FIELD_ERA, &resolver->parsed->values[FIELD_ERA]);
        before = resolver->parsed->values[FIELD_ERA] == 0;
    }
    return status == STATUS_OK
               ? resolver_derive(resolver, FIELD_YEAR, FIELD_YEAR, before ? 1 - year : year)
               : status;
}

static enum status fail_date(struct resolver *resolver, struct civil_date date)
{
    struct fault *fault = resolver->fault;

    if (date.month == 2 && date.day == 29) {
        (void)fault_set(fault, "Invalid date 'February 29' as '", (struct slice){0});
        fault_number(fault, date.year);
        fault_add(fault, SLICE("' is not a leap year"));
        return STATUS_INVALID;
    }
    (void)fault_set(fault, "Invalid date '% ", slice_of(month_name(date.month)));
    fault_number(fault, date.day);
    fault_add(fault, SLICE("'"));
    return STATUS_INVALID;
}

static enum status resolve_month_day(struct resolver *resolver)
{
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    enum status status = resolver_take_checked(resolver, FIELD_YEAR, &year);

    if (status == STATUS_OK) status = resolver_take_checked(resolver, FIELD_MONTH_OF_YEAR, &month);
    if (status == STATUS_OK) status = resolver_take_checked(resolver, FIELD_DAY_OF_MONTH, &day);
    if (status != STATUS_OK) return status;
    struct civil_date date = {year, (int32_t)month, (int32_t)day};
    int32_t last = days_of_month(year, date.month);
    if (date.day > last) {
        if (resolver->strict) return fail_date(resolver, date);
        date.day = last;
    }
    return give_day(resolver, days_from_civil(date));
}

static enum status resolve_day_of_year(struct resolver *resolver)
{
    int64_t year = 0;
    int64_t day = 0;
    enum status status = resolver_take_checked(resolver, FIELD_YEAR, &year);

    if (status == STATUS_OK) status = resolver_take_checked(resolver, FIELD_DAY_OF_YEAR, &day);
    if (status != STATUS_OK) return status;
    if (day == 366 && !is_leap_year(year)) {
        (void)fault_set(resolver->fault, "Invalid date 'DayOfYear 366' as '", (struct slice){0});
        fault_number(resolver->fault, year);
        fault_add(resolver->fault, SLICE("' is not a leap year"));
        return STATUS_INVALID;
    }
    return give_day(resolver, days_from_civil((struct civil_date){year, 1, 1}) + day - 1);
}

/* A day of the week in the locale's count, from one in Monday's. */
static int64_t local_day(const struct resolver *resolver, int64_t day_of_week_from_monday)
{
    return (day_of_week_from_monday - resolver->week.first_day + 7) % 7 + 1;
}

/* Strictly, a year of weeks resolver_has 53 of them or only 52. */
static enum status check_week(struct resolver *resolver, int64_t year, int64_t week)
{
    bool longer = week_date(year, 53, 1, resolver->week) > week_date(year, 52, 1, resolver->week);

    if (!resolver->strict) return resolver_check(resolver, FIELD_WEEK_OF_YEAR, week);
    if (week >= 1 && week <= (longer ? 53 : 52)) return STATUS_OK;
    (void)fault_set(resolver->fault, "Invalid value for WeekOfWeekBasedYear (valid values 1 - %): ",
                    longer ? SLICE("53") : SLICE("52"));
    fault_number(resolver->fault, week);
    return STATUS_INVALID;
}

static enum status resolve_week(struct resolver *resolver)
{
    int64_t year = 0;
    int64_t day = 0;
    enum status status = resolver_take_checked(resolver, FIELD_WEEK_BASED_YEAR, &year);
    int64_t week = resolver_take(resolver, FIELD_WEEK_OF_YEAR);

    if (status == STATUS_OK) status = check_week(resolver, year, week);
    if (status == STATUS_OK) status = resolver_take_checked(resolver, FIELD_DAY_OF_WEEK, &day);
    if (status != STATUS_OK) return status;
    return give_day(resolver, week_date(year, week, local_day(resolver, day), resolver->week));
}

static enum status resolve_month_week(struct resolver *resolver)
{
    int64_t year = 0;
    int64_t month = 0;
    int64_t week = 0;
    int64_t day = 0;
    enum status status = resolver_take_checked(resolver, FIELD_YEAR, &year);

    if (status == STATUS_OK) status = resolver_take_checked(resolver, FIELD_MONTH_OF_YEAR, &month);
    if (status == STATUS_OK) status = resolver_take_checked(resolver, FIELD_WEEK_OF_MONTH, &week);
    if (status == STATUS_OK) status = resolver_take_checked(resolver, FIELD_DAY_OF_WEEK, &day);
    if (status != STATUS_OK) return status;
    int64_t first = days_from_civil((struct civil_date){year, (int32_t)month, 1});
    struct temporal_fields start = {.has_date = true, .day = first};
    int64_t weeks = week - field_of(&start, FIELD_WEEK_OF_MONTH, resolver->week);
    int64_t days =
        local_day(resolver, day) - field_of(&start, FIELD_LOCAL_DAY_OF_WEEK, resolver->week);
    return give_day(resolver, first + weeks * 7 + days);
}

enum status resolver_day(struct resolver *resolver)
{
    int64_t number = 0;
    enum status status = resolve_era(resolver);

    if (status != STATUS_OK) return status;
    if (resolver_has(resolver, FIELD_YEAR) && resolver_has(resolver, FIELD_MONTH_OF_YEAR) &&
        resolver_has(resolver, FIELD_DAY_OF_MONTH)) {
        status = resolve_month_day(resolver);
    } else if (resolver_has(resolver, FIELD_YEAR) && resolver_has(resolver, FIELD_DAY_OF_YEAR)) {
        status = resolve_day_of_year(resolver);
    }
    if (status == STATUS_OK && resolver_has(resolver, FIELD_LOCAL_DAY_OF_WEEK)) {
        status = resolver_take_checked(resolver, FIELD_LOCAL_DAY_OF_WEEK, &number);
        if (status != STATUS_OK) return status;
        resolver_put(resolver, FIELD_DAY_OF_WEEK, (number + resolver->week.first_day - 2) % 7 + 1);
    }
    if (status == STATUS_OK && resolver_has(resolver, FIELD_MODIFIED_JULIAN_DAY)) {
        status = resolver_take_checked(resolver, FIELD_MODIFIED_JULIAN_DAY, &number);
        if (status == STATUS_OK) status = give_day(resolver, number - 40587);
    }
    if (status != STATUS_OK || !resolver_has(resolver, FIELD_DAY_OF_WEEK)) return status;
    if (resolver_has(resolver, FIELD_WEEK_BASED_YEAR) && resolver_has(resolver, FIELD_WEEK_OF_YEAR))
        return resolve_week(resolver);
    bool month_week = resolver_has(resolver, FIELD_YEAR) &&
                      resolver_has(resolver, FIELD_MONTH_OF_YEAR) &&
                      resolver_has(resolver, FIELD_WEEK_OF_MONTH);
    return month_week ? resolve_month_week(resolver) : STATUS_OK;
}
