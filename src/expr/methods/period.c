/* period.c - Period, and how far two dates or times are apart. */
#include "expr/methods/temporal.h"

static bool fits(int64_t number)
{
    return number >= INT32_MIN && number <= INT32_MAX;
}

static enum status give_period(struct call *call, int64_t years, int64_t months, int64_t days)
{
    if (!fits(years) || !fits(months) || !fits(days)) {
        return call_fail(call, "integer overflow", (struct slice){0});
    }
    return call_return(call, temporal_period((int32_t)years, (int32_t)months, (int32_t)days));
}

enum status method_temporal_period(struct call *call)
{
    struct value period = call->arguments[0];
    int64_t years = period_years(period);
    int64_t months = period_months(period);
    int64_t days = period.nanos;
    int64_t factor = -1;

    if (temporal_named(call, "years")) return call_return_integer(call, years);
    if (temporal_named(call, "months")) return call_return_integer(call, months);
    if (temporal_named(call, "days")) return call_return_integer(call, days);
    if (temporal_named(call, "toTotalMonths"))
        return call_return(call, value_long(years * 12 + months));
    if (temporal_named(call, "isNegative") || temporal_named(call, "negative")) {
        return call_return(call, value_boolean(years < 0 || months < 0 || days < 0));
    }
    if (temporal_named(call, "isZero") || temporal_named(call, "zero")) {
        return call_return(call, value_boolean(years == 0 && months == 0 && days == 0));
    }
    if (temporal_named(call, "normalized")) {
        int64_t total = years * 12 + months;
        return give_period(call, total / 12, total % 12, days);
    }
    if (temporal_named(call, "multipliedBy")) {
        enum status status = call_integer(call, 1, &factor);
        if (status != STATUS_OK) return status;
    } else if (!temporal_named(call, "negated")) {
        return method_unavailable(call);
    }
    return give_period(call, years * factor, months * factor, days * factor);
}

/* Period.ofYears, ofMonths, ofWeeks, ofDays */
enum status method_period_of(struct call *call)
{
    const char *unit = call->method->name + strlen("of");
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    if (status != STATUS_OK) return status;
    if (strcmp(unit, "Years") == 0) return give_period(call, number, 0, 0);
    if (strcmp(unit, "Months") == 0) return give_period(call, 0, number, 0);
    return give_period(call, 0, 0, strcmp(unit, "Weeks") == 0 ? number * 7 : number);
}

/* plusDays, minusMonths, withYears and so on */
enum status method_period_change(struct call *call)
{
    struct value period = call->arguments[0];
    int64_t parts[3] = {period_years(period), period_months(period), period.nanos};
    struct slice name = slice_of(call->method->name);
    bool plus = slice_starts_with(name, SLICE("plus"));
    bool minus = slice_starts_with(name, SLICE("minus"));
    const char *unit = call->method->name + (minus ? 5 : 4);
    uint32_t index = strcmp(unit, "Years") == 0 ? 0 : strcmp(unit, "Months") == 0 ? 1 : 2;
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    if (status != STATUS_OK) return status;
    /* What has no opposite is added in two steps, of which the first fails. */
    if (minus) number = number == INT64_MIN ? INT64_MAX : -number;
    if (!plus && !minus) parts[index] = 0;
    if (__builtin_add_overflow(parts[index], number, &parts[index])) {
        return call_fail(call, "long overflow", (struct slice){0});
    }
    return give_period(call, parts[0], parts[1], parts[2]);
}

/* --- between ------------------------------------------------------------------------------------------ */

/* Whole years, months and days from one day to another. */
static enum status give_between(struct call *call, int64_t from_day, int64_t to_day)
{
    struct civil_date from = civil_from_days(from_day);
    struct civil_date to = civil_from_days(to_day);
    int64_t months = (to.year - from.year) * 12 + to.month - from.month;
    int64_t days = to.day - from.day;

    if (months > 0 && days < 0) {
        months--;
        days = to_day - temporal_add_months(from_day, months);
    } else if (months < 0 && days > 0) {
        months++;
        days -= days_of_month(to.year, to.month);
    }
    return give_period(call, months / 12, months % 12, days);
}

/* #DATE.periodBetween, Period.between: of local days */
enum status method_date_period_between(struct call *call)
{
    struct value ends[2] = {call->arguments[1], call->arguments[2]};

    for (uint32_t i = 0; i < 2; i++) {
        if (temporal_has_both(ends[i])) continue;
        enum status status = temporal_argument(call, i + 1, CLASS_LocalDate, &ends[i]);
        if (status != STATUS_OK) return status;
    }
    return give_between(call, temporal_day(ends[0]), temporal_day(ends[1]));
}

/* date.until(date) */
enum status method_date_period_until(struct call *call)
{
    struct value end;
    enum status status = temporal_argument(call, 1, CLASS_LocalDate, &end);

    return status == STATUS_OK ? give_between(call, temporal_day(call->arguments[0]), end.i64)
                               : status;
}

/* "Unable to obtain % from TemporalAccessor: % of type %" */
static enum status fail_from(struct call *call, enum class_id class_id, struct value value)
{
    struct slice parts[] = {slice_of(class_infos[class_id].name), SLICE(""),
                            machine_class_name(value)};
    enum status status = machine_text(call->machine, value, &parts[1]);

    if (status != STATUS_OK) return status;
    return machine_fail(call->machine, STATUS_INVALID,
                        "Unable to obtain % from TemporalAccessor: % of type %", parts,
                        COUNT_OF(parts));
}

/* Seconds and nanoseconds of `value` as the class of `like` measures time; false: it cannot. */
static bool measure(struct value like, struct value value, int64_t *seconds, int32_t *nanos)
{
    struct temporal_parts parts = temporal_parts(value);
    bool instant = temporal_class(value) == CLASS_Instant;
    int64_t of_day = parts.nano_of_day / NANOS_PER_SECOND;

    *nanos = (int32_t)(parts.nano_of_day % NANOS_PER_SECOND);
    switch ((int)temporal_class(like)) {
    case CLASS_LocalTime: *seconds = of_day; return parts.has_time && !instant;
    case CLASS_LocalDateTime:
        *seconds = parts.day * SECONDS_PER_DAY + of_day;
        return parts.has_time && parts.has_day && !instant;
    case CLASS_OffsetTime:
        *seconds = of_day - parts.offset;
        return parts.has_time && parts.has_offset;
    case CLASS_Instant:
        *seconds = temporal_moment(value);
        return instant || (parts.has_day && parts.has_offset);
    default: *seconds = temporal_moment(value); return parts.has_day && parts.has_offset;
    }
}

/* #DATE.durationBetween, Duration.between: as the first measures time */
enum status method_date_duration_between(struct call *call)
{
    struct value ends[2] = {call->arguments[1], call->arguments[2]};
    int64_t seconds[2] = {0};
    int32_t nanos[2] = {0};

    for (uint32_t i = 0; i < 2; i++) {
        if (ends[i].kind == VALUE_NULL) return call_fail(call, "temporal", (struct slice){0});
        if (temporal_class(ends[0]) == CLASS_LocalDate || !temporal_parts(ends[0]).has_time)
            return call_fail(call, "Unsupported unit: Seconds", (struct slice){0});
        if (!measure(ends[0], ends[i], &seconds[i], &nanos[i]))
            return fail_from(call, temporal_class(ends[0]), ends[i]);
    }
    int64_t whole = seconds[1] - seconds[0];
    int32_t rest = nanos[1] - nanos[0];
    if (rest < 0) {
        rest += NANOS_PER_SECOND;
        whole--;
    }
    return call_return(call, (struct value){.kind = VALUE_DURATION, .i64 = whole, .nanos = rest});
}

/* Duration.withSeconds, withNanos */
enum status method_duration_with(struct call *call)
{
    struct value duration = call->arguments[0];
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    if (status != STATUS_OK) return status;
    if (strcmp(call->method->name, "withSeconds") == 0) {
        duration.i64 = number;
    } else if (number < 0 || number >= NANOS_PER_SECOND) {
        return temporal_fail_field(call, "NanoOfSecond", 0, NANOS_PER_SECOND - 1, number);
    } else {
        duration.nanos = (int32_t)number;
    }
    return call_return(call, duration);
}
