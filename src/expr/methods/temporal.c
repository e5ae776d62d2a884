/* temporal.c - java.time on the ISO calendar: reading fields, moving, comparing, converting.
 *
 * Classes share their functions: what is asked is the row's name, what there is to answer with is a
 * day, a time of day, or both. What needs the rules of a time zone is in zone.c.
 */
#include "expr/methods/temporal.h"

/* --- parts -------------------------------------------------------------------------------------------- */

bool temporal_has_both(struct value temporal)
{
    struct temporal_parts parts = temporal_parts(temporal);

    return parts.has_day && parts.has_time;
}

int64_t floor_divided(int64_t number, int64_t divisor)
{
    int64_t quotient = number / divisor;

    return number % divisor < 0 ? quotient - 1 : quotient;
}

int64_t temporal_day(struct value temporal)
{
    return temporal_parts(temporal).day;
}

int64_t temporal_nano_of_day(struct value temporal)
{
    return temporal_parts(temporal).nano_of_day;
}

struct value temporal_rebuild(struct value like, int64_t day, int64_t nano)
{
    if (temporal_class(like) == CLASS_LocalTime) return temporal_make(CLASS_LocalTime, nano, 0);
    if (!temporal_has_both(like)) return temporal_make(CLASS_LocalDate, day, 0);
    like.i64 = day * SECONDS_PER_DAY + nano / NANOS_PER_SECOND;
    like.nanos = (int32_t)(nano % NANOS_PER_SECOND);
    return like;
}

enum status temporal_give_day(struct call *call, struct value like, int64_t day, int64_t nano)
{
    if (day < EPOCH_DAY_MIN || day > EPOCH_DAY_MAX) {
        return temporal_fail_field(call, "EpochDay", EPOCH_DAY_MIN, EPOCH_DAY_MAX, day);
    }
    if (!temporal_class_has_moment(temporal_class(like))) {
        return call_return(call, temporal_rebuild(like, day, nano));
    }
    struct moment moment = *like.moment;
    moment.seconds = day * SECONDS_PER_DAY + nano / NANOS_PER_SECOND;
    moment.nanos = (int32_t)(nano % NANOS_PER_SECOND);
    if (moment.zone.len == 0) return temporal_give_moment(call, temporal_class(like), &moment);
    struct zone_id_room room;
    struct zone zone;
    enum status status = temporal_zone_of(call, moment.zone, &room, &zone);
    if (status != STATUS_OK) return status;
    return temporal_give_local(call, moment.seconds, moment.nanos, &zone, moment.offset);
}

enum status temporal_argument(struct call *call, uint32_t index, enum class_id class_id,
                              struct value *temporal)
{
    struct value parsed;

    *temporal = call->arguments[index];
    if (temporal_class(*temporal) == class_id) return STATUS_OK;
    if (temporal->kind == VALUE_STRING &&
        temporal_from_text(value_text(*temporal), class_id, call_zones(call), call_arena(call),
                           &parsed) == STATUS_OK) {
        *temporal = parsed;
        return STATUS_OK;
    }
    if (temporal->kind == VALUE_NULL) {
        return call_fail_null_argument(call, index, class_infos[class_id].name);
    }
    struct slice parts[] = {slice_of(class_infos[class_id].name), machine_class_name(*temporal)};
    return machine_fail(call->machine, STATUS_TYPE, "A % is needed, not %", parts, COUNT_OF(parts));
}

/* --- fields ------------------------------------------------------------------------------------------- */

static const char *without_get(const char *name)
{
    return slice_starts_with(slice_of(name), SLICE("get")) ? name + 3 : name;
}

bool temporal_named(const struct call *call, const char *field)
{
    const char *name = without_get(call->method->name);

    return (name[0] | 0x20) == (field[0] | 0x20) && strcmp(name + 1, field + 1) == 0;
}

enum status call_return_integer(struct call *call, int64_t number)
{
    return call_return(call, value_integer((int32_t)number));
}

/* getYear, month, dayOfWeek, hour, nano and so on. */
enum status method_temporal_get(struct call *call)
{
    struct value value = call->arguments[0];
    struct civil_date date = civil_from_days(temporal_day(value));
    int64_t nano = temporal_nano_of_day(value);

    if (temporal_named(call, "year")) return call_return_integer(call, date.year);
    if (temporal_named(call, "monthValue")) return call_return_integer(call, date.month);
    if (temporal_named(call, "month"))
        return call_return(call, temporal_make(CLASS_Month, date.month, 0));
    if (temporal_named(call, "dayOfMonth")) return call_return_integer(call, date.day);
    if (temporal_named(call, "dayOfYear")) {
        return call_return_integer(
            call, temporal_day(value) - days_from_civil((struct civil_date){date.year, 1, 1}) + 1);
    }
    if (temporal_named(call, "dayOfWeek")) {
        int64_t day = temporal_day(value) + 3;
        return call_return(call,
                           temporal_make(CLASS_DayOfWeek, day - floor_divided(day, 7) * 7 + 1, 0));
    }
    if (temporal_named(call, "hour"))
        return call_return_integer(call, nano / NANOS_PER_SECOND / 3600);
    if (temporal_named(call, "minute"))
        return call_return_integer(call, nano / NANOS_PER_SECOND / 60 % 60);
    if (temporal_named(call, "second"))
        return call_return_integer(call, nano / NANOS_PER_SECOND % 60);
    if (temporal_named(call, "nano")) return call_return_integer(call, nano % NANOS_PER_SECOND);
    if (temporal_named(call, "lengthOfMonth"))
        return call_return_integer(call, days_of_month(date.year, date.month));
    if (temporal_named(call, "lengthOfYear"))
        return call_return_integer(call, is_leap_year(date.year) ? 366 : 365);
    if (temporal_named(call, "isLeapYear") || temporal_named(call, "leapYear")) {
        return call_return(call, value_boolean(is_leap_year(date.year)));
    }
    return method_unavailable(call);
}

/* --- comparing ---------------------------------------------------------------------------------------- */

static int sign_of(int64_t number)
{
    return (number > 0) - (number < 0);
}

/* Dates answer by how much their first different field differs. */
static int64_t order_local(struct value value, struct value other)
{
    struct civil_date a = civil_from_days(temporal_day(value));
    struct civil_date b = civil_from_days(temporal_day(other));

    if (a.year != b.year) return a.year - b.year;
    if (a.month != b.month) return a.month - b.month;
    if (a.day != b.day) return a.day - b.day;
    return sign_of(temporal_nano_of_day(value) - temporal_nano_of_day(other));
}

static int64_t order_moments(struct value value, struct value other)
{
    int64_t nanos = temporal_nanos(value) - temporal_nanos(other);
    int seconds = sign_of(temporal_moment(value) - temporal_moment(other));

    if (seconds != 0) return seconds;
    return temporal_class(value) == CLASS_OffsetTime ? sign_of(nanos) : nanos;
}

/* Java's compareTo, which says more than a sign for some classes. */
static int64_t compare_to(struct value value, struct value other)
{
    switch ((int)temporal_class(value)) {
    case CLASS_DayOfWeek:
    case CLASS_Month: return value.i64 - other.i64;
    case CLASS_ZoneOffset: return other.i64 - value.i64;
    case CLASS_LocalDate:
    case CLASS_LocalDateTime: return order_local(value, other);
    case CLASS_Instant: return order_moments(value, other);
    case CLASS_OffsetDateTime:
        if (value.moment->offset == other.moment->offset) return order_local(value, other);
        break;
    case CLASS_OffsetTime:
    case CLASS_ZonedDateTime: break;
    default: return temporal_order(value, other);
    }
    int64_t order = order_moments(value, other);
    if (order == 0) order = order_local(value, other);
    return order != 0 ? order : temporal_order(value, other);
}

enum status method_temporal_compare(struct call *call)
{
    struct value value = call->arguments[0];
    struct value other;
    enum status status = temporal_argument(call, 1, temporal_class(value), &other);

    if (status != STATUS_OK) return status;
    bool moments = temporal_class_has_moment(temporal_class(value));
    int64_t order = moments ? order_moments(value, other) : temporal_order(value, other);
    if (temporal_named(call, "isBefore")) return call_return(call, value_boolean(order < 0));
    if (temporal_named(call, "isAfter")) return call_return(call, value_boolean(order > 0));
    if (temporal_named(call, "isEqual")) return call_return(call, value_boolean(order == 0));
    return call_return_integer(call, compare_to(value, other));
}

/* --- converting --------------------------------------------------------------------------------------- */

static struct value as_instant(struct value value)
{
    return temporal_make(CLASS_Instant, temporal_moment(value), temporal_nanos(value));
}

/* toLocalDate, toEpochMilli and so on. */
enum status method_temporal_to(struct call *call)
{
    struct value value = call->arguments[0];

    if (temporal_named(call, "toLocalDate")) {
        return call_return(call, temporal_make(CLASS_LocalDate, temporal_day(value), 0));
    }
    if (temporal_named(call, "toLocalTime")) {
        return call_return(call, temporal_make(CLASS_LocalTime, temporal_nano_of_day(value), 0));
    }
    if (temporal_named(call, "toLocalDateTime")) {
        return call_return(call,
                           temporal_rebuild(temporal_make(CLASS_LocalDateTime, 0, 0),
                                            temporal_day(value), temporal_nano_of_day(value)));
    }
    if (temporal_named(call, "toInstant") && call->count == 0) {
        return call_return(call, as_instant(value));
    }
    if (temporal_named(call, "toEpochDay"))
        return call_return(call, value_long(temporal_day(value)));
    if (temporal_named(call, "epochSecond") || temporal_named(call, "toEpochSecond")) {
        return call->count == 0 ? call_return(call, value_long(temporal_moment(value)))
                                : method_unavailable(call);
    }
    if (temporal_named(call, "toEpochMilli")) {
        int64_t seconds = temporal_moment(value);
        if (seconds > INT64_MAX / 1000 - 1 || seconds < INT64_MIN / 1000 + 1) {
            return call_fail(call, "long overflow", (struct slice){0});
        }
        return call_return(call,
                           value_long(seconds * 1000 + temporal_nanos(value) / NANOS_PER_MILLI));
    }
    if (temporal_named(call, "toNanoOfDay"))
        return call_return(call, value_long(temporal_nano_of_day(value)));
    if (temporal_named(call, "toSecondOfDay"))
        return call_return_integer(call, temporal_nano_of_day(value) / NANOS_PER_SECOND);
    return method_unavailable(call);
}

/* date.atTime(h, m, ...), date.atStartOfDay(), time.atDate(date) */
enum status method_temporal_at(struct call *call)
{
    struct value value = call->arguments[0];
    int64_t parts[4] = {0};

    if (temporal_named(call, "atStartOfDay") && call->count > 0) return method_unavailable(call);
    bool whole = call->count == 1;
    struct value other = whole ? call->arguments[1] : value_null();
    if (whole && temporal_class(other) == CLASS_LocalTime) {
        parts[3] = other.i64;
    } else if (whole && temporal_class(other) == CLASS_LocalDate) {
        return call_return(
            call, temporal_rebuild(temporal_make(CLASS_LocalDateTime, 0, 0), other.i64, value.i64));
    } else if (whole) {
        return method_unavailable(call);
    }
    for (uint32_t i = 0; i < call->count && !whole; i++) {
        enum status status = call_integer(call, i + 1, &parts[i]);
        if (status != STATUS_OK) return status;
    }
    int64_t nano = parts[3];
    if (!whole) {
        enum status status = temporal_time(call, parts, &nano);
        if (status != STATUS_OK) return status;
    }
    return call_return(call,
                       temporal_rebuild(temporal_make(CLASS_LocalDateTime, 0, 0), value.i64, nano));
}
