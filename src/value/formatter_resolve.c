/* formatter_resolve.c - fields that were read to a day and a time of day, as ISO 8601 counts them.
 *
 * In Java's order: fields become simpler ones (a clock hour an hour, an era a year), then a day, then a
 * time; what is left must agree with them. The 31st of a shorter month is its last day, unless strict.
 */
#include "value/formatter_resolver.h"

bool resolver_has(const struct resolver *resolver, enum formatter_field field)
{
    return parsed_has(resolver->parsed, field);
}

int64_t resolver_take(struct resolver *resolver, enum formatter_field field)
{
    resolver->parsed->present &= ~(1U << field);
    return resolver->parsed->values[field];
}

void resolver_put(struct resolver *resolver, enum formatter_field field, int64_t number)
{
    resolver->parsed->values[field] = number;
    resolver->parsed->present |= 1U << field;
}

/* --- checks ------------------------------------------------------------------------------------------- */

/* Fields of the locale's weeks say which weeks those are. */
static void add_name(struct resolver *resolver, enum formatter_field field)
{
    bool of_weeks = field == FIELD_LOCAL_DAY_OF_WEEK || field == FIELD_WEEK_OF_MONTH ||
                    field == FIELD_WEEK_OF_YEAR || field == FIELD_WEEK_BASED_YEAR;

    fault_add(resolver->fault, slice_of(field_infos[field].name));
    if (!of_weeks || resolver->strict) return;
    fault_add(resolver->fault, SLICE("[WeekFields["));
    fault_add(resolver->fault, slice_of(day_name(resolver->week.first_day)));
    fault_add(resolver->fault, SLICE(","));
    fault_number(resolver->fault, resolver->week.least_days);
    fault_add(resolver->fault, SLICE("]]"));
}

static enum status fail_range(struct resolver *resolver, enum formatter_field field, int64_t number)
{
    struct fault *fault = resolver->fault;
    const char *most = field == FIELD_DAY_OF_MONTH   ? "28/31"
                       : field == FIELD_DAY_OF_YEAR  ? "365/366"
                       : field == FIELD_YEAR_OF_ERA  ? "999999999/1000000000"
                       : field == FIELD_WEEK_OF_YEAR ? "52/53"
                                                     : NULL;

    (void)fault_set(fault, "Invalid value for ", (struct slice){0});
    add_name(resolver, field);
    fault_add(fault, SLICE(" (valid values "));
    fault_number(fault, field_infos[field].least);
    fault_add(fault, SLICE(" - "));
    if (most != NULL) {
        fault_add(fault, slice_of(most));
    } else {
        fault_number(fault, field_infos[field].most);
    }
    fault_add(fault, SLICE("): "));
    fault_number(fault, number);
    return STATUS_INVALID;
}

enum status resolver_check(struct resolver *resolver, enum formatter_field field, int64_t number)
{
    bool fits = number >= field_infos[field].least && number <= field_infos[field].most;

    return fits ? STATUS_OK : fail_range(resolver, field, number);
}

enum status resolver_take_checked(struct resolver *resolver, enum formatter_field field,
                                  int64_t *number)
{
    *number = resolver_take(resolver, field);
    return resolver_check(resolver, field, *number);
}

enum status resolver_derive(struct resolver *resolver, enum formatter_field from,
                            enum formatter_field field, int64_t number)
{
    struct fault *fault = resolver->fault;
    int64_t old = resolver->parsed->values[field];

    if (!resolver_has(resolver, field) || old == number) {
        resolver_put(resolver, field, number);
        return STATUS_OK;
    }
    struct slice name = slice_of(field_infos[field].name);
    (void)fault_set(fault, "Conflict found: % ", name);
    fault_number(fault, old);
    fault_add(fault, SLICE(" differs from "));
    fault_add(fault, name);
    fault_add(fault, SLICE(" "));
    fault_number(fault, number);
    if (from != field) {
        fault_add(fault, SLICE(" while resolving  "));
        fault_add(fault, slice_of(field_infos[from].name));
    }
    return STATUS_INVALID;
}

/* --- times -------------------------------------------------------------------------------------------- */

/* Hours of a clock that begins at 1 and ends at 12 or 24, which is 0. */
static enum status resolve_clock_hour(struct resolver *resolver, enum formatter_field clock,
                                      enum formatter_field hour)
{
    if (!resolver_has(resolver, clock)) return STATUS_OK;
    int64_t number = resolver_take(resolver, clock);
    if (resolver->strict || number != 0) {
        enum status status = resolver_check(resolver, clock, number);
        if (status != STATUS_OK) return status;
    }
    return resolver_derive(resolver, clock, hour, number == field_infos[clock].most ? 0 : number);
}

/* A count of the whole day says hour, minute, second and the rest. */
static enum status split_day(struct resolver *resolver, enum formatter_field from, int64_t unit)
{
    int64_t number = 0;

    if (!resolver_has(resolver, from)) return STATUS_OK;
    enum status status = resolver_take_checked(resolver, from, &number);
    if (status != STATUS_OK) return status;
    int64_t second = number / unit;
    if (from == FIELD_MILLI_OF_DAY) {
        status = resolver_derive(resolver, from, FIELD_MILLI_OF_SECOND, number % unit);
    } else {
        status = resolver_derive(resolver, from, FIELD_NANO_OF_SECOND, number % unit);
    }
    if (status == STATUS_OK)
        status = resolver_derive(resolver, from, FIELD_HOUR_OF_DAY, second / 3600);
    if (status == STATUS_OK)
        status = resolver_derive(resolver, from, FIELD_MINUTE_OF_HOUR, second / 60 % 60);
    if (status == STATUS_OK)
        status = resolver_derive(resolver, from, FIELD_SECOND_OF_MINUTE, second % 60);
    return status;
}

/* Does the minute of a day lie in the period that was read, which may go on behind midnight? */
static bool in_period(const struct parsed *parsed, int64_t minute)
{
    return (minute >= parsed->period_first && minute < parsed->period_end) ||
           minute + MINUTES_PER_DAY < parsed->period_end;
}

static enum status resolve_halves(struct resolver *resolver)
{
    int64_t half = 0;
    int64_t hour = 0;
    struct parsed *parsed = resolver->parsed;

    if (!resolver_has(resolver, FIELD_HOUR_OF_AMPM)) return STATUS_OK;
    if (resolver_has(resolver, FIELD_AMPM_OF_DAY)) {
        enum status status = resolver_take_checked(resolver, FIELD_AMPM_OF_DAY, &half);
        if (status == STATUS_OK)
            status = resolver_take_checked(resolver, FIELD_HOUR_OF_AMPM, &hour);
        if (status != STATUS_OK) return status;
        return resolver_derive(resolver, FIELD_AMPM_OF_DAY, FIELD_HOUR_OF_DAY, half * 12 + hour);
    }
    if (parsed->period_end == 0) return STATUS_OK;
    enum status status = resolver_take_checked(resolver, FIELD_HOUR_OF_AMPM, &hour);
    if (status != STATUS_OK) return status;
    int64_t minute =
        resolver_has(resolver, FIELD_MINUTE_OF_HOUR) ? parsed->values[FIELD_MINUTE_OF_HOUR] : 0;
    bool second = in_period(parsed, (hour + 12) * 60 + minute);
    parsed->period_end = 0;
    return resolver_derive(resolver, FIELD_AMPM_OF_DAY, FIELD_HOUR_OF_DAY,
                           second ? hour + 12 : hour);
}

static void give_time(struct resolver *resolver, int64_t nano)
{
    resolver->fields->has_time = true;
    resolver->fields->nano = nano;
}

/* Without an hour: the middle of the half or period of the day. */
static enum status resolve_middle(struct resolver *resolver)
{
    const int64_t minute = 60LL * TEMPORAL_NANOS_PER_SECOND;
    struct parsed *parsed = resolver->parsed;
    int64_t half = 0;

    if (parsed->period_end != 0) {
        int32_t lasts = parsed->period_end - parsed->period_first;
        int32_t middle = parsed->period_first + (lasts == 1 ? 0 : lasts / 2);
        parsed->period_end = 0;
        give_time(resolver, middle % MINUTES_PER_DAY * minute);
        return STATUS_OK;
    }
    if (resolver->strict || !resolver_has(resolver, FIELD_AMPM_OF_DAY)) return STATUS_OK;
    enum status status = resolver_take_checked(resolver, FIELD_AMPM_OF_DAY, &half);
    if (status == STATUS_OK) give_time(resolver, (half * 12 + 6) * 60 * minute);
    return status;
}

static enum status make_time(struct resolver *resolver)
{
    static const enum formatter_field parts[4] = {FIELD_HOUR_OF_DAY, FIELD_MINUTE_OF_HOUR,
                                                  FIELD_SECOND_OF_MINUTE, FIELD_NANO_OF_SECOND};
    int64_t numbers[4] = {0};
    bool there[4];

    for (size_t i = 0; i < 4; i++)
        there[i] = resolver_has(resolver, parts[i]);
    if (!there[0] && !there[1] && !there[2] && !there[3]) return resolve_middle(resolver);
    bool gap = (!there[1] && (there[2] || there[3])) || (there[1] && !there[2] && there[3]);
    if (!there[0] || gap) return STATUS_OK;
    for (size_t i = 0; i < 4; i++)
        if (there[i]) numbers[i] = resolver_take(resolver, parts[i]);
    if (!resolver->strict && numbers[0] == 24 && numbers[1] == 0 && numbers[2] == 0 &&
        numbers[3] == 0) {
        resolver->next_day = true;
        give_time(resolver, 0);
        return STATUS_OK;
    }
    static const size_t order[4] = {1, 3, 0, 2}; /* in which Java finds what is wrong */
    for (size_t i = 0; i < 4; i++) {
        enum status status = resolver_check(resolver, parts[order[i]], numbers[order[i]]);
        if (status != STATUS_OK) return status;
    }
    give_time(resolver,
              (numbers[0] * 3600 + numbers[1] * 60 + numbers[2]) * TEMPORAL_NANOS_PER_SECOND +
                  numbers[3]);
    return STATUS_OK;
}

/* Milliseconds of a second, with what nanoseconds add. */
static enum status join_millis(struct resolver *resolver)
{
    int64_t millis = 0;

    if (!resolver_has(resolver, FIELD_MILLI_OF_SECOND)) return STATUS_OK;
    enum status status = resolver_take_checked(resolver, FIELD_MILLI_OF_SECOND, &millis);
    if (status != STATUS_OK) return status;
    int64_t nanos = resolver->parsed->values[FIELD_NANO_OF_SECOND];
    if (!resolver_has(resolver, FIELD_NANO_OF_SECOND)) nanos = millis * 1000000;
    return resolver_derive(resolver, FIELD_MILLI_OF_SECOND, FIELD_NANO_OF_SECOND,
                           millis * 1000000 + nanos % 1000000);
}

static enum status resolve_time(struct resolver *resolver)
{
    enum status status = resolve_clock_hour(resolver, FIELD_CLOCK_HOUR_OF_DAY, FIELD_HOUR_OF_DAY);

    if (status == STATUS_OK)
        status = resolve_clock_hour(resolver, FIELD_CLOCK_HOUR_OF_AMPM, FIELD_HOUR_OF_AMPM);
    if (status == STATUS_OK) status = resolve_halves(resolver);
    if (status == STATUS_OK)
        status = split_day(resolver, FIELD_NANO_OF_DAY, TEMPORAL_NANOS_PER_SECOND);
    if (status == STATUS_OK) status = split_day(resolver, FIELD_MILLI_OF_DAY, 1000);
    if (status == STATUS_OK && resolver_has(resolver, FIELD_NANO_OF_SECOND)) {
        status = resolver_check(resolver, FIELD_NANO_OF_SECOND,
                                resolver->parsed->values[FIELD_NANO_OF_SECOND]);
    }
    if (status == STATUS_OK) status = join_millis(resolver);
    if (status == STATUS_OK) status = make_time(resolver);
    for (uint32_t i = 0; i < FIELD_COUNT && status == STATUS_OK; i++) {
        enum formatter_field field = (enum formatter_field)i;
        if (field_infos[i].time && resolver_has(resolver, field))
            status = resolver_check(resolver, field, resolver->parsed->values[i]);
    }
    return status;
}

/* --- what is left ------------------------------------------------------------------------------------- */

static enum status fail_conflict(struct resolver *resolver, enum formatter_field field,
                                 int64_t found)
{
    const struct temporal_fields *fields = resolver->fields;
    struct slice name = slice_of(field_infos[field].name);
    struct fault *fault = resolver->fault;
    bool date = field_infos[field].date;
    struct buffer shown;

    (void)fault_set(fault, "Conflict found: Field % ", name);
    fault_number(fault, found);
    fault_add(fault, SLICE(" differs from "));
    fault_add(fault, name);
    fault_add(fault, SLICE(" "));
    fault_number(fault, resolver->parsed->values[field]);
    fault_add(fault, SLICE(" derived from "));
    buffer_init(&shown, sizeof fault->text);
    temporal_to_text(date ? temporal_make(CLASS_LocalDate, fields->day, 0)
                          : temporal_make(CLASS_LocalTime, fields->nano, 0),
                     &shown);
    fault_add(fault, buffer_slice(&shown));
    buffer_deinit(&shown);
    return STATUS_INVALID;
}

static void add_minute(struct fault *fault, int64_t minute)
{
    const uint8_t text[5] = {(uint8_t)('0' + minute / 600), (uint8_t)('0' + minute / 60 % 10), ':',
                             (uint8_t)('0' + minute % 60 / 10), (uint8_t)('0' + minute % 10)};

    fault_add(fault, (struct slice){text, sizeof text});
}

/* An hour of the day must lie in the period that is named. */
static enum status check_period(struct resolver *resolver)
{
    const struct parsed *parsed = resolver->parsed;
    struct fault *fault = resolver->fault;
    int64_t minute = resolver->fields->nano / TEMPORAL_NANOS_PER_SECOND / 60;

    if (parsed->period_end == 0 || !resolver->fields->has_time) return STATUS_OK;
    if (in_period(parsed, minute)) return STATUS_OK;
    (void)fault_set(fault, "Conflict found: Resolved time ", (struct slice){0});
    add_minute(fault, minute);
    fault_add(fault, SLICE(" conflicts with DayPeriod("));
    add_minute(fault, parsed->period_first);
    if (parsed->period_end - parsed->period_first > 1) {
        fault_add(fault, SLICE("-"));
        add_minute(fault, parsed->period_end % MINUTES_PER_DAY);
    }
    fault_add(fault, SLICE(")"));
    return STATUS_INVALID;
}

/* Every other field the text had must be so of the day and time that were found. */
static enum status cross_check(struct resolver *resolver)
{
    const struct temporal_fields *fields = resolver->fields;

    for (uint32_t i = 0; i < FIELD_COUNT; i++) {
        enum formatter_field field = (enum formatter_field)i;
        bool known =
            (field_infos[i].date && fields->has_date) || (field_infos[i].time && fields->has_time);
        if (!resolver_has(resolver, field) || !known) continue;
        int64_t found = field_of(fields, field, resolver->week);
        if (found != resolver->parsed->values[i]) return fail_conflict(resolver, field, found);
        (void)resolver_take(resolver, field);
    }
    return STATUS_OK;
}

static void resolve_rest(struct resolver *resolver)
{
    struct temporal_fields *fields = resolver->fields;

    if (resolver->next_day && fields->has_date) fields->day++;
    fields->zone = resolver->parsed->zone;
    fields->has_offset = resolver_has(resolver, FIELD_OFFSET_SECONDS);
    if (fields->has_offset)
        fields->offset_seconds = (int32_t)resolver->parsed->values[FIELD_OFFSET_SECONDS];
    fields->has_instant = resolver_has(resolver, FIELD_INSTANT_SECONDS);
    fields->instant = resolver->parsed->values[FIELD_INSTANT_SECONDS];
    if (fields->has_instant)
        fields->instant_nanos = (int32_t)resolver->parsed->values[FIELD_NANO_OF_SECOND];
}

enum status parsed_resolve(const struct formatter *formatter, struct parsed *parsed,
                           struct temporal_fields *fields, struct fault *fault)
{
    struct resolver resolver = {.parsed = parsed,
                                .week = formatter_week(formatter),
                                .strict = formatter->strict,
                                .fields = fields,
                                .fault = fault};
    enum status status = resolver_day(&resolver);

    if (status == STATUS_OK) status = resolve_time(&resolver);
    if (status == STATUS_OK) status = check_period(&resolver);
    if (status == STATUS_OK) status = cross_check(&resolver);
    if (status == STATUS_OK) resolve_rest(&resolver);
    return status;
}
