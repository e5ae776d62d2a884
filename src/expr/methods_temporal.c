/* methods_temporal.c - java.time on the ISO calendar: reading fields, moving, comparing, converting.
 *
 * Classes share their functions: what is asked is the row's name, what there is to answer with is a
 * day, a time of day, or both. What needs the rules of a time zone is not here.
 */
#include "expr/methods.h"
#include "expr/text.h"
#include "value/temporal.h"

enum {
    NANOS_PER_SECOND = TEMPORAL_NANOS_PER_SECOND,
    SECONDS_PER_DAY = TEMPORAL_SECONDS_PER_DAY,
    NANOS_PER_MILLI = 1000000
};
__extension__ typedef __int128 wide; /* nanoseconds of all years need more than 64 bits */

#define NANOS_PER_DAY ((int64_t)SECONDS_PER_DAY * NANOS_PER_SECOND)
#define DAYS_MAX      (366LL * YEAR_MAX)

/* --- parts -------------------------------------------------------------------------------------------- */

static enum class_id class_of(struct value temporal)
{
    return temporal.kind == VALUE_TEMPORAL ? (enum class_id)temporal.temporal : CLASS_Object;
}

static bool has_both(struct value temporal)
{
    enum class_id class_id = class_of(temporal);

    return class_id == CLASS_LocalDateTime || class_id == CLASS_OffsetDateTime ||
           class_id == CLASS_Instant;
}

static int64_t floor_div(int64_t number, int64_t divisor)
{
    int64_t quotient = number / divisor;

    return number % divisor < 0 ? quotient - 1 : quotient;
}

static int64_t day_of(struct value temporal)
{
    if (class_of(temporal) == CLASS_LocalTime) return 0;
    return has_both(temporal) ? floor_div(temporal.i64, SECONDS_PER_DAY) : temporal.i64;
}

static int64_t nano_of_day(struct value temporal)
{
    if (!has_both(temporal)) return class_of(temporal) == CLASS_LocalTime ? temporal.i64 : 0;
    return (temporal.i64 - day_of(temporal) * SECONDS_PER_DAY) * NANOS_PER_SECOND + temporal.nanos;
}

/* The same class with another day and time of day. */
static struct value rebuild(struct value like, int64_t day, int64_t nano)
{
    if (class_of(like) == CLASS_LocalTime) return temporal_make(CLASS_LocalTime, nano, 0);
    if (!has_both(like)) return temporal_make(CLASS_LocalDate, day, 0);
    like.i64 = day * SECONDS_PER_DAY + nano / NANOS_PER_SECOND;
    like.nanos = (int32_t)(nano % NANOS_PER_SECOND);
    return like;
}

static enum status give_day(struct call *call, struct value like, int64_t day, int64_t nano)
{
    if (day < -DAYS_MAX || day > DAYS_MAX) {
        return call_fail(call, "Exceeds the range of years", (struct slice){0});
    }
    return call_return(call, rebuild(like, day, nano));
}

static enum status temporal_argument(struct call *call, uint32_t index, enum class_id class_id,
                                     struct value *temporal)
{
    struct value parsed;

    *temporal = call->arguments[index];
    if (class_of(*temporal) == class_id) return STATUS_OK;
    if (temporal->kind == VALUE_STRING &&
        temporal_from_text(value_text(*temporal), class_id, &parsed) == STATUS_OK) {
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

static bool named(const struct call *call, const char *field)
{
    const char *name = without_get(call->method->name);

    return (name[0] | 0x20) == (field[0] | 0x20) && strcmp(name + 1, field + 1) == 0;
}

static enum status integer(struct call *call, int64_t number)
{
    return call_return(call, value_integer((int32_t)number));
}

/* getYear, month, dayOfWeek, hour, nano and so on. */
enum status method_temporal_get(struct call *call)
{
    struct value value = call->arguments[0];
    struct civil_date date = civil_from_days(day_of(value));
    int64_t nano = nano_of_day(value);

    if (named(call, "year")) return integer(call, date.year);
    if (named(call, "monthValue")) return integer(call, date.month);
    if (named(call, "month")) return call_return(call, temporal_make(CLASS_Month, date.month, 0));
    if (named(call, "dayOfMonth")) return integer(call, date.day);
    if (named(call, "dayOfYear")) {
        return integer(call,
                       day_of(value) - days_from_civil((struct civil_date){date.year, 1, 1}) + 1);
    }
    if (named(call, "dayOfWeek")) {
        int64_t day = day_of(value) + 3;
        return call_return(call,
                           temporal_make(CLASS_DayOfWeek, day - floor_div(day, 7) * 7 + 1, 0));
    }
    if (named(call, "hour")) return integer(call, nano / NANOS_PER_SECOND / 3600);
    if (named(call, "minute")) return integer(call, nano / NANOS_PER_SECOND / 60 % 60);
    if (named(call, "second")) return integer(call, nano / NANOS_PER_SECOND % 60);
    if (named(call, "nano")) return integer(call, nano % NANOS_PER_SECOND);
    if (named(call, "lengthOfMonth")) return integer(call, days_of_month(date.year, date.month));
    if (named(call, "lengthOfYear")) return integer(call, is_leap_year(date.year) ? 366 : 365);
    if (named(call, "isLeapYear") || named(call, "leapYear")) {
        return call_return(call, value_boolean(is_leap_year(date.year)));
    }
    return method_unavailable(call);
}

/* Offset of an OffsetDateTime; a ZoneOffset's seconds. */
enum status method_temporal_offset(struct call *call)
{
    struct value value = call->arguments[0];
    struct value offset = temporal_make(CLASS_ZoneOffset, 0, 0);

    if (class_of(value) == CLASS_ZoneOffset) return integer(call, value.quarters * 900);
    offset.quarters = value.quarters;
    return call_return(call, offset);
}

/* #DATE.zoneOffset(text) */
enum status method_date_zone_offset(struct call *call)
{
    struct value offset;
    enum status status = temporal_argument(call, 1, CLASS_ZoneOffset, &offset);

    return status == STATUS_OK ? call_return(call, offset) : status;
}

/* offset.withOffsetSameInstant(o) and withOffsetSameLocal(o) */
enum status method_temporal_with_offset(struct call *call)
{
    struct value value = call->arguments[0];
    struct value offset;
    enum status status = temporal_argument(call, 1, CLASS_ZoneOffset, &offset);

    if (status != STATUS_OK) return status;
    bool same_instant = named(call, "withOffsetSameInstant");
    if (same_instant) value.i64 += (offset.quarters - value.quarters) * 900LL;
    value.quarters = offset.quarters;
    return call_return(call, value);
}

/* --- moving ------------------------------------------------------------------------------------------- */

/* Months keep the day of the month where there is one, else take the last. */
static int64_t add_months(int64_t day, int64_t months)
{
    struct civil_date date = civil_from_days(day);
    int64_t total = date.year * 12 + date.month - 1 + months;

    date.year = floor_div(total, 12);
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
    wide total = nano_of_day(value) + nanos;
    wide days = total / NANOS_PER_DAY;
    wide rest = total % NANOS_PER_DAY;

    if (rest < 0) {
        rest += NANOS_PER_DAY;
        days--;
    }
    if (class_of(value) == CLASS_LocalTime) days = 0;
    if (days > 2 * DAYS_MAX || days < -2 * DAYS_MAX) return give_day(call, value, INT64_MAX, 0);
    return give_day(call, value, day_of(value) + (int64_t)days, (int64_t)rest);
}

static enum status move(struct call *call, const char *unit, int64_t amount)
{
    struct value value = call->arguments[0];

    if (amount > 2 * DAYS_MAX * SECONDS_PER_DAY || amount < -2 * DAYS_MAX * SECONDS_PER_DAY) {
        return give_day(call, value, INT64_MAX, 0);
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strcmp(units[i].name, unit) != 0) continue;
        if (units[i].nanos != 0) {
            return move_nanos(call, value, (wide)units[i].nanos * amount);
        }
        if (amount > DAYS_MAX || amount < -DAYS_MAX) return give_day(call, value, INT64_MAX, 0);
        int64_t day = units[i].months != 0 ? add_months(day_of(value), units[i].months * amount)
                                           : day_of(value) + units[i].days * amount;
        return give_day(call, value, day, nano_of_day(value));
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

    return status == STATUS_OK ? move(call, name + (back ? 5 : 4), back ? -amount : amount)
                               : status;
}

static enum status fail_field(struct call *call, const char *field, int64_t least, int64_t most,
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

static enum status make_date(struct call *call, struct value like, struct civil_date date,
                             int64_t nano)
{
    if (date.month < 1 || date.month > 12) {
        return fail_field(call, "MonthOfYear", 1, 12, date.month);
    }
    if (date.year < -YEAR_MAX || date.year > YEAR_MAX) {
        return fail_field(call, "Year", -YEAR_MAX, YEAR_MAX, date.year);
    }
    if (date.day < 1 || date.day > 31) {
        return call_fail(call, "Invalid value for DayOfMonth (valid values 1 - 28/31)",
                         (struct slice){0});
    }
    if (date.day > days_of_month(date.year, date.month)) {
        return fail_day(call, date);
    }
    return call_return(call, rebuild(like, days_from_civil(date), nano));
}

/* withYear, withDayOfMonth, withHour and so on. */
enum status method_temporal_with(struct call *call)
{
    struct value value = call->arguments[0];
    const char *field = call->method->name + 4;
    struct civil_date date = civil_from_days(day_of(value));
    int64_t nano = nano_of_day(value);
    int64_t second = nano / NANOS_PER_SECOND;
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    if (status != STATUS_OK) return status;
    if (strcmp(field, "Year") == 0 || strcmp(field, "Month") == 0) {
        bool year = field[0] == 'Y';
        if (year && (number < -YEAR_MAX || number > YEAR_MAX)) {
            return fail_field(call, "Year", -YEAR_MAX, YEAR_MAX, number);
        }
        if (!year && (number < 1 || number > 12)) {
            return fail_field(call, "MonthOfYear", 1, 12, number);
        }
        if (year)
            date.year = number;
        else
            date.month = (int32_t)number;
        int32_t last = days_of_month(date.year, date.month);
        if (date.day > last) date.day = last;
        return make_date(call, value, date, nano);
    }
    if (strcmp(field, "DayOfMonth") == 0) {
        date.day = number < 0 || number > 31 ? 0 : (int32_t)number;
        return make_date(call, value, date, nano);
    }
    bool hour = strcmp(field, "Hour") == 0;
    bool fraction = strcmp(field, "Nano") == 0;
    int64_t most = hour ? 23 : fraction ? NANOS_PER_SECOND - 1 : 59;
    if (number < 0 || number > most) {
        return fail_field(call,
                          hour       ? "HourOfDay"
                          : fraction ? "NanoOfSecond"
                                     : "Minute or Second",
                          0, most, number);
    }
    if (fraction)
        nano = second * NANOS_PER_SECOND + number;
    else if (hour)
        nano += (number - second / 3600) * 3600 * NANOS_PER_SECOND;
    else if (strcmp(field, "Minute") == 0)
        nano += (number - second / 60 % 60) * 60 * NANOS_PER_SECOND;
    else if (strcmp(field, "Second") == 0)
        nano += (number - second % 60) * NANOS_PER_SECOND;
    else
        return method_unavailable(call);
    return call_return(call, rebuild(value, day_of(value), nano));
}

/* --- comparing ---------------------------------------------------------------------------------------- */

/* The moment: local values as if in UTC. */
static int64_t moment_of(struct value temporal)
{
    return class_of(temporal) == CLASS_OffsetDateTime ? temporal.i64 - temporal.quarters * 900LL
                                                      : temporal.i64;
}

int temporal_order(struct value left, struct value right)
{
    int64_t a = moment_of(left);
    int64_t b = moment_of(right);

    if (a != b) return a < b ? -1 : 1;
    return left.nanos < right.nanos ? -1 : left.nanos > right.nanos;
}

enum status method_temporal_compare(struct call *call)
{
    struct value value = call->arguments[0];
    struct value other;
    enum status status = temporal_argument(call, 1, class_of(value), &other);

    if (status != STATUS_OK) return status;
    int order = temporal_order(value, other);
    if (named(call, "isBefore")) return call_return(call, value_boolean(order < 0));
    if (named(call, "isAfter")) return call_return(call, value_boolean(order > 0));
    if (named(call, "isEqual")) return call_return(call, value_boolean(order == 0));
    enum class_id class_id = class_of(value);
    bool ordinal = class_id == CLASS_DayOfWeek || class_id == CLASS_Month;
    if (ordinal) return integer(call, value.i64 - other.i64);
    if (class_id != CLASS_LocalDate && class_id != CLASS_LocalDateTime) return integer(call, order);
    /* Dates answer by how much their first different field differs. */
    struct civil_date a = civil_from_days(day_of(value));
    struct civil_date b = civil_from_days(day_of(other));
    if (a.year != b.year) return integer(call, a.year - b.year);
    if (a.month != b.month) return integer(call, a.month - b.month);
    return integer(call, a.day != b.day ? a.day - b.day : order);
}

/* --- converting --------------------------------------------------------------------------------------- */

static struct value as_instant(struct value value)
{
    return temporal_make(CLASS_Instant, moment_of(value), value.nanos);
}

/* toLocalDate, toEpochMilli and so on. */
enum status method_temporal_to(struct call *call)
{
    struct value value = call->arguments[0];

    if (named(call, "toLocalDate")) {
        return call_return(call, temporal_make(CLASS_LocalDate, day_of(value), 0));
    }
    if (named(call, "toLocalTime")) {
        return call_return(call, temporal_make(CLASS_LocalTime, nano_of_day(value), 0));
    }
    if (named(call, "toLocalDateTime")) {
        return call_return(call, temporal_make(CLASS_LocalDateTime, value.i64, value.nanos));
    }
    if (named(call, "toInstant") && class_of(value) == CLASS_OffsetDateTime) {
        return call_return(call, as_instant(value));
    }
    if (named(call, "toEpochDay")) return call_return(call, value_long(day_of(value)));
    if (named(call, "epochSecond") || named(call, "toEpochSecond")) {
        return call->count == 0 ? call_return(call, value_long(moment_of(value)))
                                : method_unavailable(call);
    }
    if (named(call, "toEpochMilli")) {
        int64_t seconds = moment_of(value);
        if (seconds > INT64_MAX / 1000 - 1 || seconds < INT64_MIN / 1000 + 1) {
            return call_fail(call, "long overflow", (struct slice){0});
        }
        return call_return(call, value_long(seconds * 1000 + value.nanos / NANOS_PER_MILLI));
    }
    if (named(call, "toNanoOfDay")) return call_return(call, value_long(nano_of_day(value)));
    if (named(call, "toSecondOfDay")) return integer(call, nano_of_day(value) / NANOS_PER_SECOND);
    return method_unavailable(call);
}

/* date.atTime(h, m, ...), date.atStartOfDay(), time.atDate(date) */
enum status method_temporal_at(struct call *call)
{
    struct value value = call->arguments[0];
    int64_t parts[4] = {0};
    static const int64_t most[4] = {23, 59, 59, NANOS_PER_SECOND - 1};

    if (named(call, "atStartOfDay") && call->count > 0) return method_unavailable(call);
    bool whole = call->count == 1;
    struct value other = whole ? call->arguments[1] : value_null();
    if (whole && class_of(other) == CLASS_LocalTime)
        parts[3] = other.i64;
    else if (whole && class_of(other) == CLASS_LocalDate) {
        return call_return(call,
                           rebuild(temporal_make(CLASS_LocalDateTime, 0, 0), other.i64, value.i64));
    } else if (whole) {
        return method_unavailable(call);
    }
    for (uint32_t i = 0; i < call->count && !whole; i++) {
        enum status status = call_integer(call, i + 1, &parts[i]);
        if (status != STATUS_OK) return status;
        if (parts[i] < 0 || parts[i] > most[i]) {
            return fail_field(call, "the time", 0, most[i], parts[i]);
        }
    }
    int64_t nano = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * NANOS_PER_SECOND + parts[3];
    return call_return(call, rebuild(temporal_make(CLASS_LocalDateTime, 0, 0), value.i64, nano));
}

/* --- making ------------------------------------------------------------------------------------------- */

static enum status parse_as(struct call *call, enum class_id class_id)
{
    struct value text;
    struct value parsed;

    if (call->count != 1) return method_unavailable(call);
    if (call->arguments[1].kind == VALUE_NULL) return call_fail(call, "text", (struct slice){0});
    enum status status = call_string(call, 1, &text);
    if (status != STATUS_OK) return status;
    status = temporal_from_text(value_text(text), class_id, &parsed);
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
        if (class_of(value) == CLASS_Month)
            numbers[i] = value.i64;
        else {
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

/* LocalDate.of(y, m, d), LocalTime.of(h, m, ...), LocalDateTime.of(...), Period.of, DayOfWeek.of */
enum status method_temporal_of(struct call *call)
{
    enum class_id class_id = call->method->receiver;
    int64_t n[8] = {0};
    static const int64_t most[4] = {23, 59, 59, NANOS_PER_SECOND - 1};

    if (class_id == CLASS_ZoneOffset) return parse_as(call, class_id);
    bool parts = class_id == CLASS_LocalDateTime && class_of(call->arguments[1]) == CLASS_LocalDate;
    if (parts) {
        struct value time;
        enum status status = temporal_argument(call, 2, CLASS_LocalTime, &time);
        if (status != STATUS_OK) return status;
        return call_return(
            call, rebuild(temporal_make(class_id, 0, 0), call->arguments[1].i64, time.i64));
    }
    enum status status = integers(call, n, COUNT_OF(n));
    if (status != STATUS_OK) return status;
    if (class_id == CLASS_Period) {
        return call_return(call, temporal_period((int32_t)within(n[0]), (int32_t)within(n[1]),
                                                 (int32_t)within(n[2])));
    }
    if (class_id == CLASS_DayOfWeek || class_id == CLASS_Month) {
        struct value value = temporal_make(class_id, n[0], 0);
        return temporal_is_valid(value) ? call_return(call, value)
                                        : call_fail(call, "Invalid value", (struct slice){0});
    }
    const int64_t *time = class_id == CLASS_LocalTime ? n : n + 3;
    for (uint32_t i = 0; i < 4 && class_id != CLASS_LocalDate; i++) {
        if (time[i] < 0 || time[i] > most[i])
            return fail_field(call, "the time", 0, most[i], time[i]);
    }
    int64_t nano = (time[0] * 3600 + time[1] * 60 + time[2]) * NANOS_PER_SECOND + time[3];
    if (class_id == CLASS_LocalTime) return call_return(call, temporal_make(class_id, nano, 0));
    struct civil_date date = {n[0], (int32_t)within(n[1]), (int32_t)within(n[2])};
    return make_date(call, temporal_make(class_id, 0, 0), date,
                     class_id == CLASS_LocalDate ? 0 : nano);
}

enum status method_temporal_of_epoch(struct call *call)
{
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    if (status != STATUS_OK) return status;
    if (call->method->receiver == CLASS_LocalDate) {
        return give_day(call, temporal_make(CLASS_LocalDate, 0, 0), number, 0);
    }
    if (call->count != 1) return method_unavailable(call);
    bool millis = strcmp(call->method->name, "ofEpochSecond") != 0;
    int64_t seconds = millis ? floor_div(number, 1000) : number;
    int64_t rest = millis ? number - seconds * 1000 : 0;
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

    if (temporal_from_text(slice_of(name), CLASS_DayOfWeek, &value) == STATUS_OK ||
        temporal_from_text(slice_of(name), CLASS_Month, &value) == STATUS_OK) {
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
    if (strcmp(name, "UTC") == 0 || strcmp(name, "UTCOffset") == 0) {
        return call_return(call, temporal_make(CLASS_ZoneOffset, 0, 0));
    }
    if (class_id == CLASS_Period) return call_return(call, temporal_period(0, 0, 0));
    return method_unavailable(call);
}

/* --- days and months ---------------------------------------------------------------------------------- */

enum status method_temporal_enum(struct call *call)
{
    struct value value = call->arguments[0];
    struct slice text;
    int64_t amount = 0;
    bool month = class_of(value) == CLASS_Month;
    int64_t cycle = month ? 12 : 7;

    if (named(call, "value")) return integer(call, value.i64);
    if (named(call, "ordinal")) return integer(call, value.i64 - 1);
    if (named(call, "name")) {
        enum status status = machine_text(call->machine, value, &text);
        return status == STATUS_OK ? call_return(call, value_string(text)) : status;
    }
    if (named(call, "length")) {
        bool leap = call->arguments[1].kind == VALUE_BOOLEAN && call->arguments[1].boolean;
        return integer(call, days_of_month(leap ? 2024 : 2023, (int32_t)value.i64));
    }
    if (named(call, "minLength")) return integer(call, days_of_month(2023, (int32_t)value.i64));
    if (named(call, "maxLength")) return integer(call, days_of_month(2024, (int32_t)value.i64));
    if (named(call, "firstMonthOfQuarter")) {
        return call_return(call, temporal_make(CLASS_Month, (value.i64 - 1) / 3 * 3 + 1, 0));
    }
    enum status status = call_integer(call, 1, &amount);
    if (status != STATUS_OK) return status;
    amount %= cycle;
    if (named(call, "minus")) amount = -amount;
    int64_t moved = value.i64 - 1 + amount + cycle;
    return call_return(call, temporal_make(class_of(value), moved % cycle + 1, 0));
}

/* --- Period ------------------------------------------------------------------------------------------- */

enum status method_temporal_period(struct call *call)
{
    struct value period = call->arguments[0];
    int64_t years = period_years(period);
    int64_t months = period_months(period);
    int64_t days = period.nanos;
    int64_t factor = -1;

    if (named(call, "years")) return integer(call, years);
    if (named(call, "months")) return integer(call, months);
    if (named(call, "days")) return integer(call, days);
    if (named(call, "toTotalMonths")) return call_return(call, value_long(years * 12 + months));
    if (named(call, "isNegative") || named(call, "negative")) {
        return call_return(call, value_boolean(years < 0 || months < 0 || days < 0));
    }
    if (named(call, "isZero") || named(call, "zero")) {
        return call_return(call, value_boolean(years == 0 && months == 0 && days == 0));
    }
    if (named(call, "normalized")) {
        int64_t total = years * 12 + months;
        return call_return(call, temporal_period((int32_t)within(total / 12), (int32_t)(total % 12),
                                                 (int32_t)days));
    }
    if (named(call, "multipliedBy")) {
        enum status status = call_integer(call, 1, &factor);
        if (status != STATUS_OK) return status;
        factor = within(factor);
    } else if (!named(call, "negated")) {
        return method_unavailable(call);
    }
    return call_return(call, temporal_period((int32_t)within(years * factor),
                                             (int32_t)within(months * factor),
                                             (int32_t)within(days * factor)));
}

/* --- #DATE -------------------------------------------------------------------------------------------- */

enum status method_date_now(struct call *call)
{
    int64_t now = call->machine->frame->now_ms;
    int64_t seconds = floor_div(now, 1000);

    return call_return(call, temporal_make(CLASS_Instant, seconds,
                                           (int32_t)(now - seconds * 1000) * NANOS_PER_MILLI));
}

enum status method_date_to_epoch_milli(struct call *call)
{
    struct value value = call->arguments[1];
    struct value offset = temporal_make(CLASS_ZoneOffset, 0, 0);

    if (call->count == 2) {
        enum status status = temporal_argument(call, 2, CLASS_ZoneOffset, &offset);
        if (status != STATUS_OK) return status;
    }
    if (!has_both(value)) {
        return call_fail(call, "toEpochMilli needs a date with time, not %",
                         machine_class_name(value));
    }
    int64_t seconds = moment_of(value) - offset.quarters * 900LL;
    return call_return(call, value_long(seconds * 1000 + value.nanos / NANOS_PER_MILLI));
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
    return call_return(call, rebuild(temporal_make(CLASS_LocalDateTime, 0, 0), date.i64, time.i64));
}

/* Whole years, months and days between two days. */
enum status method_date_period_between(struct call *call)
{
    struct value ends[2] = {call->arguments[1], call->arguments[2]};

    for (uint32_t i = 0; i < 2; i++) {
        if (has_both(ends[i])) continue;
        enum status status = temporal_argument(call, i + 1, CLASS_LocalDate, &ends[i]);
        if (status != STATUS_OK) return status;
    }
    struct civil_date from = civil_from_days(day_of(ends[0]));
    struct civil_date to = civil_from_days(day_of(ends[1]));
    int64_t months = (to.year - from.year) * 12 + to.month - from.month;
    int64_t days = to.day - from.day;
    if (months > 0 && days < 0) {
        months--;
        days = day_of(ends[1]) - add_months(day_of(ends[0]), months);
    } else if (months < 0 && days > 0) {
        months++;
        days -= days_of_month(to.year, to.month);
    }
    return call_return(
        call, temporal_period((int32_t)(months / 12), (int32_t)(months % 12), (int32_t)days));
}

enum status method_date_duration_between(struct call *call)
{
    struct value from = call->arguments[1];
    struct value to = call->arguments[2];

    bool times = class_of(from) == CLASS_LocalTime && class_of(to) == CLASS_LocalTime;
    if (!times && (!has_both(from) || !has_both(to))) {
        return call_fail(call, "Unsupported unit: Seconds", (struct slice){0});
    }
    wide nanos = times ? (wide)to.i64 - from.i64
                       : (wide)(moment_of(to) - moment_of(from)) * NANOS_PER_SECOND +
                             (to.nanos - from.nanos);
    int64_t seconds = (int64_t)(nanos / NANOS_PER_SECOND);
    int64_t rest = (int64_t)(nanos % NANOS_PER_SECOND);
    if (rest < 0) {
        rest += NANOS_PER_SECOND;
        seconds--;
    }
    return call_return(
        call, (struct value){.kind = VALUE_DURATION, .i64 = seconds, .nanos = (int32_t)rest});
}

/* Both ends inclusive; times, days of the week and months wrap around. */
enum status method_date_is_between(struct call *call)
{
    struct value value = call->arguments[1];
    enum class_id class_id = class_of(value);
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

/* #DATE_FORMAT.format: ISO by class, with seconds always. */
enum status method_date_format_format(struct call *call)
{
    struct value value = call->arguments[1];
    struct slice text;

    if (value.kind == VALUE_NULL) return call_fail(call, "temporal", (struct slice){0});
    if (value.kind != VALUE_TEMPORAL || class_of(value) == CLASS_Period) {
        return call_fail(call, "format needs a date or time, not %", machine_class_name(value));
    }
    enum status status = machine_text(call->machine, value, &text);
    return status == STATUS_OK ? call_return(call, value_string(text)) : status;
}
