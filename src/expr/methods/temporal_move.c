/* temporal_move.c - java.time on the ISO calendar: moving by an amount, and other fields. */
#include "expr/methods/temporal.h"

/* Months keep the day of the month where there is one, else take the last. */
int64_t temporal_add_months(int64_t day, int64_t months)
{
    struct civil_date date = civil_from_days(day);
    int64_t total = date.year * 12 + date.month - 1 + months;

    date.year = floor_divided(total, 12);
    date.month = (int32_t)(total - date.year * 12) + 1;
    int32_t last = days_of_month(date.year, date.month);
    if (date.day > last) date.day = last;
    return days_from_civil(date);
}

static const struct {
    const char *name; /* behind plus or minus */
    int64_t months;   /* else */
    int64_t days;     /* else */
    int64_t nanos;
} units[] = {{"Years", 12, 0, 0},
             {"Months", 1, 0, 0},
             {"Weeks", 0, 7, 0},
             {"Days", 0, 1, 0},
             {"Hours", 0, 0, 3600LL * NANOS_PER_SECOND},
             {"Minutes", 0, 0, 60LL * NANOS_PER_SECOND},
             {"Seconds", 0, 0, NANOS_PER_SECOND},
             {"Millis", 0, 0, NANOS_PER_MILLI},
             {"Nanos", 0, 0, 1}};

static int64_t wrapped_sum(int64_t left, int64_t right)
{
    return (int64_t)((uint64_t)left + (uint64_t)right);
}

/* Within the range of 64 bits; beyond it the nearest end, which is beyond every range of ours too. */
static int64_t clamped(wide number)
{
    return number > INT64_MAX ? INT64_MAX : number < INT64_MIN ? INT64_MIN : (int64_t)number;
}

/* Nanoseconds since midnight that leave the day move the day. */
static int64_t carry(wide *nanos)
{
    const wide day_nanos = (wide)NANOS_PER_DAY;
    wide days = *nanos / day_nanos;

    *nanos %= day_nanos;
    if (*nanos < 0) {
        *nanos += day_nanos;
        days--;
    }
    return clamped(days);
}

/* An instant's seconds are what overflows, not its day. */
static enum status move_instant(struct call *call, struct value instant, wide nanos)
{
    wide total = (wide)instant.i64 * NANOS_PER_SECOND + instant.nanos + nanos;
    wide seconds = total / NANOS_PER_SECOND;
    wide rest = total % NANOS_PER_SECOND;

    if (rest < 0) {
        rest += NANOS_PER_SECOND;
        seconds--;
    }
    if (seconds > INT64_MAX || seconds < INT64_MIN) {
        return call_fail(call, "long overflow", (struct slice){0});
    }
    instant = temporal_make(CLASS_Instant, (int64_t)seconds, (int32_t)rest);
    return temporal_is_valid(instant)
               ? call_return(call, instant)
               : call_fail(call, "Instant exceeds minimum or maximum instant", (struct slice){0});
}

/* A time of day wraps around; everything else carries into the day. */
static enum status move_nanos(struct call *call, struct value value, wide nanos)
{
    if (temporal_class(value) == CLASS_Instant) return move_instant(call, value, nanos);

    wide rest = (wide)temporal_nano_of_day(value) + nanos;
    int64_t days = carry(&rest);
    if (!temporal_parts(value).has_day) days = 0;
    int64_t day = clamped((wide)days + temporal_day(value));
    bool far = day < EPOCH_DAY_MIN || day > EPOCH_DAY_MAX;
    if (far || temporal_class(value) != CLASS_ZonedDateTime) {
        return temporal_give_day(call, value, day, (int64_t)rest);
    }
    struct zone_id_room room;
    struct zone zone;
    enum status status = temporal_zone_of(call, value.moment->zone, &room, &zone);
    if (status != STATUS_OK) return status;
    /* The time that passes is real: what the clock then shows is the zone's matter. */
    int64_t seconds = day * SECONDS_PER_DAY + (int64_t)(rest / NANOS_PER_SECOND);
    return temporal_give_zoned(call, seconds - value.moment->offset,
                               (int32_t)(rest % NANOS_PER_SECOND), &zone);
}

/* Java adds before it looks at the range, and does not mind that the sum wraps around. */
static enum status move_months(struct call *call, struct value value, bool years, int64_t amount)
{
    struct civil_date date = civil_from_days(temporal_day(value));
    int64_t year = wrapped_sum(date.year, amount);

    if (!years) {
        int64_t total = wrapped_sum(date.year * 12 + date.month - 1, amount);
        year = floor_divided(total, 12);
        date.month = (int32_t)(total - year * 12) + 1;
    }
    if (year < -YEAR_MAX || year > YEAR_MAX) {
        return temporal_fail_field(call, "Year", -YEAR_MAX, YEAR_MAX, year);
    }
    date.year = year;
    int32_t last = days_of_month(date.year, date.month);
    if (date.day > last) date.day = last;
    return temporal_give_day(call, value, days_from_civil(date), temporal_nano_of_day(value));
}

static enum status move_days(struct call *call, struct value value, int64_t step, int64_t amount)
{
    int64_t days = 0;
    int64_t day = 0;

    if (__builtin_mul_overflow(amount, step, &days) ||
        __builtin_add_overflow(temporal_day(value), days, &day)) {
        return call_fail(call, "long overflow", (struct slice){0});
    }
    return temporal_give_day(call, value, day, temporal_nano_of_day(value));
}

/* plusDays, minusHours and so on. What has no opposite is taken in two steps, of which the first
 * counts for the range. */
enum status method_temporal_move(struct call *call)
{
    const char *name = call->method->name;
    struct value value = call->arguments[0];
    bool back = slice_starts_with(slice_of(name), SLICE("minus"));
    int64_t amount = 0;
    enum status status = call_integer(call, 1, &amount);

    if (status != STATUS_OK) return status;
    wide exact = back ? -(wide)amount : (wide)amount;
    if (back) amount = amount == INT64_MIN ? INT64_MAX : -amount;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strcmp(units[i].name, name + (back ? 5 : 4)) != 0) continue;
        if (units[i].nanos >= NANOS_PER_SECOND &&
            temporal_class_has_moment(temporal_class(value)) &&
            temporal_class(value) != CLASS_OffsetTime) {
            exact = amount;
        }
        if (units[i].nanos != 0) return move_nanos(call, value, (wide)units[i].nanos * exact);
        if (units[i].months == 0) return move_days(call, value, units[i].days, amount);
        return move_months(call, value, units[i].months == 12, amount);
    }
    return method_unavailable(call);
}

/* --- amounts added to dates and times ------------------------------------------------------------------ */

static enum status fail_unit(struct call *call, const char *unit)
{
    return call_fail(call, "Unsupported unit: %", slice_of(unit));
}

static enum status add_duration(struct call *call, struct value value, struct value duration,
                                int sign)
{
    wide total = (wide)duration.i64 * NANOS_PER_SECOND + duration.nanos;

    if (total == 0) return call_return(call, value);
    if (!temporal_parts(value).has_time) {
        return fail_unit(call, duration.i64 != 0 ? "Seconds" : "Nanos");
    }
    return move_nanos(call, value, sign * total);
}

/* Years and months together when there are months, then the days. */
static enum status add_period(struct call *call, struct value value, struct value period, int sign)
{
    bool day = temporal_parts(value).has_day;
    bool instant = temporal_class(value) == CLASS_Instant;
    int64_t years = period_years(period);
    int64_t months = period_months(period);
    int64_t days = sign * (int64_t)period.nanos;
    enum status status = call_return(call, value);

    if (years != 0 || months != 0) {
        if (!day || instant) return fail_unit(call, months == 0 ? "Years" : "Months");
        int64_t amount = months == 0 ? years : years * 12 + months;
        status = move_months(call, value, months == 0, sign * amount);
    }
    if (status != STATUS_OK || days == 0) return status;
    if (!day) return fail_unit(call, "Days");
    return instant ? move_instant(call, value, (wide)days * (wide)NANOS_PER_DAY)
                   : move_days(call, *call->result, 1, days);
}

static enum status add_amount(struct call *call, int sign)
{
    struct value amount = call->arguments[0];
    struct value value = call->arguments[1];

    if (value.kind == VALUE_NULL) return call_fail_null_argument(call, 1, "Temporal");
    struct temporal_parts parts = {.has_day = false};
    if (value.kind == VALUE_TEMPORAL) parts = temporal_parts(value);
    if (!parts.has_day && !parts.has_time) {
        return call_fail(call, "A date or time is needed, not %", machine_class_name(value));
    }
    return amount.kind == VALUE_DURATION ? add_duration(call, value, amount, sign)
                                         : add_period(call, value, amount, sign);
}

/* Duration and Period: addTo(temporal) */
enum status method_amount_add_to(struct call *call)
{
    return add_amount(call, 1);
}

enum status method_amount_subtract_from(struct call *call)
{
    return add_amount(call, -1);
}

/* --- other fields -------------------------------------------------------------------------------------- */

enum status temporal_fail_field(struct call *call, const char *field, int64_t least, int64_t most,
                                int64_t given)
{
    struct slice parts[4] = {slice_of(field)};
    int64_t numbers[3] = {least, most, given};

    for (uint32_t i = 0; i < 3; i++) {
        enum status status = machine_text(call->machine, value_long(numbers[i]), &parts[i + 1]);
        if (status != STATUS_OK) return status;
    }
    return machine_fail(call->machine, STATUS_INVALID,
                        "Invalid value for % (valid values % - %): %", parts, COUNT_OF(parts));
}

static enum status fail_day(struct call *call, struct civil_date date)
{
    bool leap = date.month == 2 && date.day == 29;
    struct slice parts[2] = {slice_of(month_name(date.month))};
    enum status status =
        machine_text(call->machine, value_long(leap ? date.year : date.day), &parts[1]);

    if (status != STATUS_OK) return status;
    if (leap) {
        return call_fail(call, "Invalid date 'February 29' as '%' is not a leap year", parts[1]);
    }
    return machine_fail(call->machine, STATUS_INVALID, "Invalid date '% %'", parts, 2);
}

enum status temporal_make_date(struct call *call, struct value like, struct civil_date date,
                               int64_t nano)
{
    struct slice day;

    if (date.year < -YEAR_MAX || date.year > YEAR_MAX) {
        return temporal_fail_field(call, "Year", -YEAR_MAX, YEAR_MAX, date.year);
    }
    if (date.month < 1 || date.month > 12) {
        return temporal_fail_field(call, "MonthOfYear", 1, 12, date.month);
    }
    if (date.day < 1 || date.day > 31) {
        enum status status = machine_text(call->machine, value_long(date.day), &day);
        if (status != STATUS_OK) return status;
        return call_fail(call, "Invalid value for DayOfMonth (valid values 1 - 28/31): %", day);
    }
    if (date.day > days_of_month(date.year, date.month)) {
        return fail_day(call, date);
    }
    return temporal_give_day(call, like, days_from_civil(date), nano);
}

/* A day moves to the last of its month when it would fall behind it. */
static enum status with_year_or_month(struct call *call, bool year, int64_t number)
{
    struct value value = call->arguments[0];
    struct civil_date date = civil_from_days(temporal_day(value));

    if (year && (number < -YEAR_MAX || number > YEAR_MAX)) {
        return temporal_fail_field(call, "Year", -YEAR_MAX, YEAR_MAX, number);
    }
    if (!year && (number < 1 || number > 12)) {
        return temporal_fail_field(call, "MonthOfYear", 1, 12, number);
    }
    if (year) {
        date.year = number;
    } else {
        date.month = (int32_t)number;
    }
    int32_t last = days_of_month(date.year, date.month);
    if (date.day > last) date.day = last;
    return temporal_make_date(call, value, date, temporal_nano_of_day(value));
}

/* Of a time of day: what one step of the field is, how many there are. */
static const struct {
    const char *field;
    const char *name;
    int64_t step; /* nanoseconds */
    int64_t count;
} time_fields[] = {{"Hour", "HourOfDay", 3600LL * NANOS_PER_SECOND, 24},
                   {"Minute", "MinuteOfHour", 60LL * NANOS_PER_SECOND, 60},
                   {"Second", "SecondOfMinute", NANOS_PER_SECOND, 60},
                   {"Nano", "NanoOfSecond", 1, NANOS_PER_SECOND}};

enum status temporal_time(struct call *call, const int64_t *parts, int64_t *nano)
{
    *nano = 0;
    for (size_t i = 0; i < COUNT_OF(time_fields); i++) {
        if (parts[i] < 0 || parts[i] >= time_fields[i].count) {
            return temporal_fail_field(call, time_fields[i].name, 0, time_fields[i].count - 1,
                                       parts[i]);
        }
        *nano += parts[i] * time_fields[i].step;
    }
    return STATUS_OK;
}

static enum status with_time(struct call *call, const char *field, int64_t number)
{
    struct value value = call->arguments[0];
    int64_t nano = temporal_nano_of_day(value);

    for (size_t i = 0; i < COUNT_OF(time_fields); i++) {
        if (strcmp(field, time_fields[i].field) != 0) continue;
        if (number < 0 || number >= time_fields[i].count) {
            return temporal_fail_field(call, time_fields[i].name, 0, time_fields[i].count - 1,
                                       number);
        }
        int64_t now = nano / time_fields[i].step % time_fields[i].count;
        nano += (number - now) * time_fields[i].step;
        return temporal_give_day(call, value, temporal_day(value), nano);
    }
    return method_unavailable(call);
}

enum status temporal_give_year_day(struct call *call, struct value like, int64_t year, int64_t day)
{
    int64_t first = days_from_civil((struct civil_date){year, 1, 1});
    struct slice text;

    if (day >= 1 && day <= (is_leap_year(year) ? 366 : 365)) {
        return temporal_give_day(call, like, first + day - 1, temporal_nano_of_day(like));
    }
    bool leap = day == 366;
    enum status status = machine_text(call->machine, value_long(leap ? year : day), &text);
    if (status != STATUS_OK) return status;
    return call_fail(call,
                     leap ? "Invalid date 'DayOfYear 366' as '%' is not a leap year"
                          : "Invalid value for DayOfYear (valid values 1 - 365/366): %",
                     text);
}

/* withYear, withDayOfMonth, withHour and so on. */
enum status method_temporal_with(struct call *call)
{
    const char *field = call->method->name + strlen("with");
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    if (status != STATUS_OK) return status;
    if (strcmp(field, "Year") == 0) return with_year_or_month(call, true, number);
    if (strcmp(field, "Month") == 0) return with_year_or_month(call, false, number);
    struct value value = call->arguments[0];
    struct civil_date date = civil_from_days(temporal_day(value));
    if (strcmp(field, "DayOfYear") == 0)
        return temporal_give_year_day(call, value, date.year, number);
    if (strcmp(field, "DayOfMonth") != 0) return with_time(call, field, number);
    date.day = (int32_t)number;
    return temporal_make_date(call, value, date, temporal_nano_of_day(value));
}
