/* methods_temporal.c - java.time on the ISO calendar: reading fields, moving, comparing, converting.
 *
 * Classes share their functions: what is asked is the row's name, what there is to answer with is a
 * day, a time of day, or both. What needs the rules of a time zone is in methods_zone.c.
 */
#include "expr/methods_temporal.h"

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
    if (day < -DAYS_MAX || day > DAYS_MAX) {
        return call_fail(call, "Exceeds the range of years", (struct slice){0});
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
        return call_fail(call, "The % given is null", slice_of(class_infos[class_id].name));
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

/* --- moving ------------------------------------------------------------------------------------------- */

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

/* A time of day wraps around; everything else carries into the day. */
static enum status move_nanos(struct call *call, struct value value, wide nanos)
{
    const wide day_nanos = (wide)NANOS_PER_DAY;
    wide total = (wide)temporal_nano_of_day(value) + nanos;
    wide days = total / day_nanos;
    wide rest = total % day_nanos;

    if (rest < 0) {
        rest += day_nanos;
        days--;
    }
    if (!temporal_parts(value).has_day) days = 0;
    days += (wide)temporal_day(value);
    if (days > (wide)DAYS_MAX || days < -(wide)DAYS_MAX)
        return temporal_give_day(call, value, INT64_MAX, 0);
    int64_t day = (int64_t)days;
    if (temporal_class(value) != CLASS_ZonedDateTime)
        return temporal_give_day(call, value, day, (int64_t)rest);
    struct zone_id_room room;
    struct zone zone;
    enum status status = temporal_zone_of(call, value.moment->zone, &room, &zone);
    if (status != STATUS_OK) return status;
    /* The time that passes is real: what the clock then shows is the zone's matter. */
    int64_t seconds = day * SECONDS_PER_DAY + (int64_t)(rest / NANOS_PER_SECOND);
    return temporal_give_zoned(call, seconds - value.moment->offset,
                               (int32_t)(rest % NANOS_PER_SECOND), &zone);
}

static enum status move(struct call *call, const char *unit, int64_t amount)
{
    struct value value = call->arguments[0];

    if (amount > 2 * DAYS_MAX * SECONDS_PER_DAY || amount < -2 * DAYS_MAX * SECONDS_PER_DAY) {
        return temporal_give_day(call, value, INT64_MAX, 0);
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strcmp(units[i].name, unit) != 0) continue;
        if (units[i].nanos != 0) {
            return move_nanos(call, value, (wide)units[i].nanos * (wide)amount);
        }
        if (amount > DAYS_MAX || amount < -DAYS_MAX)
            return temporal_give_day(call, value, INT64_MAX, 0);
        int64_t day = units[i].months != 0
                          ? temporal_add_months(temporal_day(value), units[i].months * amount)
                          : temporal_day(value) + units[i].days * amount;
        return temporal_give_day(call, value, day, temporal_nano_of_day(value));
    }
    return method_unavailable(call);
}

/* plusDays, minusHours and so on. */
enum status method_temporal_move(struct call *call)
{
    const char *name = call->method->name;
    bool back = slice_starts_with(slice_of(name), SLICE("minus"));
    int64_t amount = 0;
    enum status status = call_integer(call, 1, &amount);

    if (status != STATUS_OK) return status;
    /* The least amount has no opposite; both are far out of range. */
    if (back) amount = amount == INT64_MIN ? INT64_MAX : -amount;
    return move(call, name + (back ? 5 : 4), amount);
}

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
    if (date.month < 1 || date.month > 12) {
        return temporal_fail_field(call, "MonthOfYear", 1, 12, date.month);
    }
    if (date.year < -YEAR_MAX || date.year > YEAR_MAX) {
        return temporal_fail_field(call, "Year", -YEAR_MAX, YEAR_MAX, date.year);
    }
    if (date.day < 1 || date.day > 31) {
        return call_fail(call, "Invalid value for DayOfMonth (valid values 1 - 28/31)",
                         (struct slice){0});
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
static enum status with_time(struct call *call, const char *field, int64_t number)
{
    static const struct {
        const char *field;
        const char *name;
        int64_t step; /* nanoseconds */
        int64_t count;
    } fields[] = {{"Hour", "HourOfDay", 3600LL * NANOS_PER_SECOND, 24},
                  {"Minute", "MinuteOfHour", 60LL * NANOS_PER_SECOND, 60},
                  {"Second", "SecondOfMinute", NANOS_PER_SECOND, 60},
                  {"Nano", "NanoOfSecond", 1, NANOS_PER_SECOND}};
    struct value value = call->arguments[0];
    int64_t nano = temporal_nano_of_day(value);

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (strcmp(field, fields[i].field) != 0) continue;
        if (number < 0 || number >= fields[i].count) {
            return temporal_fail_field(call, fields[i].name, 0, fields[i].count - 1, number);
        }
        int64_t now = nano / fields[i].step % fields[i].count;
        nano += (number - now) * fields[i].step;
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
    date.day = number < 0 || number > 31 ? 0 : (int32_t)number;
    return temporal_make_date(call, value, date, temporal_nano_of_day(value));
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
    static const int64_t most[4] = {23, 59, 59, NANOS_PER_SECOND - 1};

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
        if (parts[i] < 0 || parts[i] > most[i]) {
            return temporal_fail_field(call, "the time", 0, most[i], parts[i]);
        }
    }
    int64_t nano = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * NANOS_PER_SECOND + parts[3];
    return call_return(call,
                       temporal_rebuild(temporal_make(CLASS_LocalDateTime, 0, 0), value.i64, nano));
}

/* --- days and months ---------------------------------------------------------------------------------- */

enum status method_temporal_enum(struct call *call)
{
    struct value value = call->arguments[0];
    struct slice text;
    int64_t amount = 0;
    bool month = temporal_class(value) == CLASS_Month;
    int64_t cycle = month ? 12 : 7;

    if (temporal_named(call, "value")) return call_return_integer(call, value.i64);
    if (temporal_named(call, "ordinal")) return call_return_integer(call, value.i64 - 1);
    if (temporal_named(call, "name")) {
        enum status status = machine_text(call->machine, value, &text);
        return status == STATUS_OK ? call_return(call, value_string(text)) : status;
    }
    if (temporal_named(call, "length")) {
        bool leap = call->arguments[1].kind == VALUE_BOOLEAN && call->arguments[1].boolean;
        return call_return_integer(call, days_of_month(leap ? 2024 : 2023, (int32_t)value.i64));
    }
    if (temporal_named(call, "minLength"))
        return call_return_integer(call, days_of_month(2023, (int32_t)value.i64));
    if (temporal_named(call, "maxLength"))
        return call_return_integer(call, days_of_month(2024, (int32_t)value.i64));
    if (temporal_named(call, "firstMonthOfQuarter")) {
        return call_return(call, temporal_make(CLASS_Month, (value.i64 - 1) / 3 * 3 + 1, 0));
    }
    if (temporal_named(call, "firstDayOfYear")) {
        bool leap = call->arguments[1].kind == VALUE_BOOLEAN && call->arguments[1].boolean;
        struct civil_date first = {leap ? 2024 : 2023, (int32_t)value.i64, 1};
        struct civil_date january = {first.year, 1, 1};
        return call_return_integer(call, days_from_civil(first) - days_from_civil(january) + 1);
    }
    enum status status = call_integer(call, 1, &amount);
    if (status != STATUS_OK) return status;
    amount %= cycle;
    if (temporal_named(call, "minus")) amount = -amount;
    int64_t moved = value.i64 - 1 + amount + cycle;
    return call_return(call, temporal_make(temporal_class(value), moved % cycle + 1, 0));
}

/* Month.values(), DayOfWeek.values() */
enum status method_temporal_values(struct call *call)
{
    enum class_id class_id = call->method->receiver;
    uint32_t count = class_id == CLASS_Month ? 12 : 7;
    struct value *items = machine_alloc(call->machine, count, sizeof(*items));

    if (items == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++)
        items[i] = temporal_make(class_id, i + 1, 0);
    struct value list = value_list(items, count);
    list.flags |= VALUE_ARRAY;
    return call_return(call, list);
}
