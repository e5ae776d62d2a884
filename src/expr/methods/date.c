/* date.c - making dates and times: of, parse, constants; #DATE. */
#include "expr/methods/temporal.h"

/* --- making ------------------------------------------------------------------------------------------- */

static enum status parse_as(struct call *call, enum class_id class_id)
{
    struct value text;
    struct value parsed;

    if (class_has_formatter(class_id)) return date_format_parse(call, class_id);
    if (call->count != 1) return method_unavailable(call);
    if (call->arguments[1].kind == VALUE_NULL) return call_fail(call, "text", (struct slice){0});
    enum status status = call_string(call, 1, &text);
    if (status != STATUS_OK) return status;
    status =
        temporal_from_text(value_text(text), class_id, call_zones(call), call_arena(call), &parsed);
    if (status == STATUS_NOT_FOUND) return method_unavailable(call);
    if (status == STATUS_OK) return call_return(call, parsed);
    if (class_id == CLASS_DayOfWeek || class_id == CLASS_Month) {
        struct slice parts[] = {slice_of(class_infos[class_id].java_name), value_text(text)};
        return machine_fail(call->machine, STATUS_INVALID, "No enum constant %.%", parts,
                            COUNT_OF(parts));
    }
    return call_fail(call,
                     class_id == CLASS_Period       ? "Text cannot be parsed to a Period"
                     : class_id == CLASS_ZoneOffset ? "Invalid ID for ZoneOffset, invalid format: %"
                                                    : "Text '%' could not be parsed",
                     value_text(text));
}

enum status method_temporal_parse(struct call *call)
{
    return parse_as(call, call->method->receiver);
}

/* #DATE_FORMAT.parseLocalDate and its like: the class stands in the name. */
enum status method_temporal_parse_named(struct call *call)
{
    enum class_id class_id;

    if (class_find_simple(slice_of(call->method->name + 5), &class_id) != STATUS_OK) {
        return method_unavailable(call);
    }
    return parse_as(call, class_id);
}

static enum status integers(struct call *call, int64_t *numbers, uint32_t most)
{
    for (uint32_t i = 0; i < call->count && i < most; i++) {
        struct value value = call->arguments[i + 1];
        if (temporal_class(value) == CLASS_Month) {
            numbers[i] = value.i64;
        } else {
            enum status status = call_integer(call, i + 1, &numbers[i]);
            if (status != STATUS_OK) return status;
        }
    }
    return STATUS_OK;
}

static int64_t within(int64_t number)
{
    return number > INT32_MAX ? INT32_MAX : number < INT32_MIN ? INT32_MIN : number;
}

static enum status enum_of(struct call *call, int64_t number)
{
    struct value value = temporal_make(call->method->receiver, number, 0);
    bool month = call->method->receiver == CLASS_Month;
    struct slice text;

    if (temporal_is_valid(value)) return call_return(call, value);
    enum status status = machine_text(call->machine, value_long(number), &text);
    if (status != STATUS_OK) return status;
    return call_fail(
        call, month ? "Invalid value for MonthOfYear: %" : "Invalid value for DayOfWeek: %", text);
}

/* LocalDate.of(y, m, d), LocalTime.of(h, m, ...), LocalDateTime.of(...), Period.of, DayOfWeek.of */
enum status method_temporal_of(struct call *call)
{
    enum class_id class_id = call->method->receiver;
    int64_t n[8] = {0};

    if (class_id == CLASS_ZoneOffset) return method_date_zone_offset(call);
    bool parts =
        class_id == CLASS_LocalDateTime && temporal_class(call->arguments[1]) == CLASS_LocalDate;
    if (parts) {
        struct value time;
        enum status status = temporal_argument(call, 2, CLASS_LocalTime, &time);
        if (status != STATUS_OK) return status;
        return call_return(call, temporal_rebuild(temporal_make(class_id, 0, 0),
                                                  call->arguments[1].i64, time.i64));
    }
    enum status status = integers(call, n, COUNT_OF(n));
    if (status != STATUS_OK) return status;
    if (class_id == CLASS_Period) {
        return call_return(call, temporal_period((int32_t)within(n[0]), (int32_t)within(n[1]),
                                                 (int32_t)within(n[2])));
    }
    if (class_id == CLASS_DayOfWeek || class_id == CLASS_Month) return enum_of(call, n[0]);
    struct value date = value_null();
    int64_t nano = 0;
    if (class_id != CLASS_LocalTime) {
        struct civil_date day = {n[0], (int32_t)within(n[1]), (int32_t)within(n[2])};
        status = temporal_make_date(call, temporal_make(CLASS_LocalDate, 0, 0), day, 0);
        if (status != STATUS_OK || class_id == CLASS_LocalDate) return status;
        date = *call->result;
    }
    status = temporal_time(call, class_id == CLASS_LocalTime ? n : n + 3, &nano);
    if (status != STATUS_OK) return status;
    return call_return(call, temporal_rebuild(temporal_make(class_id, 0, 0), date.i64, nano));
}

enum status method_temporal_of_epoch(struct call *call)
{
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    if (status != STATUS_OK) return status;
    if (call->method->receiver == CLASS_LocalDate) {
        return temporal_give_day(call, temporal_make(CLASS_LocalDate, 0, 0), number, 0);
    }
    if (call->count != 1) return method_unavailable(call);
    bool millis = strcmp(call->method->name, "ofEpochSecond") != 0;
    int64_t seconds = millis ? floor_divided(number, 1000) : number;
    int64_t rest = millis ? (number % 1000 + 1000) % 1000 : 0;
    struct value instant = temporal_make(CLASS_Instant, seconds, (int32_t)(rest * NANOS_PER_MILLI));
    if (!temporal_is_valid(instant)) {
        return call_fail(call, "Instant exceeds minimum or maximum instant", (struct slice){0});
    }
    return call_return(call, instant);
}

/* Named constants: MONDAY, JANUARY, UTC, EPOCH, MIDNIGHT, MAX... */
enum status method_temporal_constant(struct call *call)
{
    const char *name = call->method->name;
    struct value value;

    if (temporal_from_text(slice_of(name), CLASS_DayOfWeek, NULL, NULL, &value) == STATUS_OK ||
        temporal_from_text(slice_of(name), CLASS_Month, NULL, NULL, &value) == STATUS_OK) {
        return call_return(call, value);
    }
    enum class_id class_id = call->method->receiver;
    bool max = strcmp(name, "MAX") == 0;
    bool min = strcmp(name, "MIN") == 0;
    if (class_id == CLASS_LocalDate && (max || min)) {
        struct civil_date end = {max ? YEAR_MAX : -YEAR_MAX, max ? 12 : 1, max ? 31 : 1};
        return call_return(call, temporal_make(class_id, days_from_civil(end), 0));
    }
    if (class_id == CLASS_LocalTime) {
        int64_t nano = max ? NANOS_PER_DAY - 1 : strcmp(name, "NOON") == 0 ? NANOS_PER_DAY / 2 : 0;
        return call_return(call, temporal_make(class_id, nano, 0));
    }
    if (strcmp(name, "EPOCH") == 0) {
        bool day = class_id == CLASS_LocalDate;
        return call_return(call, temporal_make(day ? CLASS_LocalDate : CLASS_Instant, 0, 0));
    }
    if (strcmp(name, "UTC") == 0 || strcmp(name, "UTCOffset") == 0 ||
        strcmp(name, "zuluTimeZone") == 0) {
        return call_return(call, temporal_make(CLASS_ZoneOffset, 0, 0));
    }
    if (class_id == CLASS_Period) return call_return(call, temporal_period(0, 0, 0));
    return method_unavailable(call);
}

/* LocalDate.ofYearDay(year, day) */
enum status method_temporal_of_year_day(struct call *call)
{
    int64_t year = 0;
    int64_t day = 0;
    enum status status = call_integer(call, 1, &year);

    if (status == STATUS_OK) status = call_integer(call, 2, &day);
    if (status != STATUS_OK) return status;
    if (year < -YEAR_MAX || year > YEAR_MAX)
        return temporal_fail_field(call, "Year", -YEAR_MAX, YEAR_MAX, year);
    return temporal_give_year_day(call, temporal_make(CLASS_LocalDate, 0, 0), year, day);
}

/* LocalTime.ofSecondOfDay, ofNanoOfDay */
enum status method_temporal_of_second(struct call *call)
{
    bool nanos = strcmp(call->method->name, "ofNanoOfDay") == 0;
    int64_t most = (nanos ? NANOS_PER_DAY : SECONDS_PER_DAY) - 1;
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    if (status != STATUS_OK) return status;
    if (number < 0 || number > most)
        return temporal_fail_field(call, nanos ? "NanoOfDay" : "SecondOfDay", 0, most, number);
    return call_return(
        call, temporal_make(CLASS_LocalTime, nanos ? number : number * NANOS_PER_SECOND, 0));
}

/* --- #DATE -------------------------------------------------------------------------------------------- */

enum status method_date_now(struct call *call)
{
    int64_t now = call->machine->frame->now_ms;
    int64_t seconds = floor_divided(now, 1000);

    return call_return(call,
                       temporal_make(CLASS_Instant, seconds,
                                     (int32_t)((now % 1000 + 1000) % 1000) * NANOS_PER_MILLI));
}

enum status method_date_to_instant(struct call *call)
{
    return method_temporal_of_epoch(call);
}

enum status method_date_local_date_time(struct call *call)
{
    struct value date;
    struct value time;
    enum status status = temporal_argument(call, 1, CLASS_LocalDate, &date);

    if (status == STATUS_OK) status = temporal_argument(call, 2, CLASS_LocalTime, &time);
    if (status != STATUS_OK) return status;
    return call_return(
        call, temporal_rebuild(temporal_make(CLASS_LocalDateTime, 0, 0), date.i64, time.i64));
}

/* Both ends inclusive; times, days of the week and months wrap around. */
enum status method_date_is_between(struct call *call)
{
    struct value value = call->arguments[1];
    enum class_id class_id = temporal_class(value);
    struct value low;
    struct value high;
    enum status status = temporal_argument(call, 2, class_id, &low);

    if (status == STATUS_OK) status = temporal_argument(call, 3, class_id, &high);
    if (status != STATUS_OK) return status;
    bool above = temporal_order(value, low) >= 0;
    bool below = temporal_order(value, high) <= 0;
    bool wraps =
        class_id == CLASS_LocalTime || class_id == CLASS_DayOfWeek || class_id == CLASS_Month;
    bool inside = wraps && temporal_order(low, high) > 0 ? above || below : above && below;
    return call_return(call, value_boolean(inside));
}
