/* formatter.c - what the rooms of the formatter share: faults, fields of days and times, weeks. */
#include "value/formatter.h"
#include "value/formatter_room.h"
#include "value/temporal.h"

const struct field_info field_infos[FIELD_COUNT] = {
#define OF_DATE                          true, false
#define OF_TIME                          false, true
#define OF_OTHER                         false, false
#define FIELD(id, name, least, most, of) {name, least, most, OF_##of},
#include "value/formatter_fields.def"
#undef FIELD
#undef OF_DATE
#undef OF_TIME
#undef OF_OTHER
};

struct value value_formatter(const struct formatter *formatter)
{
    return (struct value){.kind = VALUE_FORMATTER, .formatter = formatter};
}

/* --- faults ------------------------------------------------------------------------------------------- */

void fault_add(struct fault *fault, struct slice text)
{
    size_t room = sizeof fault->text - fault->len;
    size_t len = text.len < room ? text.len : room;

    if (len > 0) memcpy(fault->text + fault->len, text.data, len);
    fault->len += len;
}

void fault_number(struct fault *fault, int64_t number)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        digits[--at] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) fault_add(fault, SLICE("-"));
    fault_add(fault, (struct slice){digits + at, sizeof digits - at});
}

enum status fault_set(struct fault *fault, const char *message, struct slice detail)
{
    fault->len = 0;
    for (const char *at = message; *at != '\0'; at++) {
        if (*at == '%') {
            fault_add(fault, detail);
        } else {
            fault_add(fault, (struct slice){(const uint8_t *)at, 1});
        }
    }
    return STATUS_INVALID;
}

/* --- weeks -------------------------------------------------------------------------------------------- */

int64_t floor_quotient(int64_t number, int64_t divisor)
{
    int64_t quotient = number / divisor;

    return number % divisor < 0 ? quotient - 1 : quotient;
}

int32_t day_of_week(int64_t day)
{
    return (int32_t)(day + 3 - floor_quotient(day + 3, 7) * 7) + 1;
}

struct week_rule formatter_week(const struct formatter *formatter)
{
    return (struct week_rule){formatter->locale.first_day, formatter->locale.least_days};
}

static int32_t local_day_of_week(int64_t day, struct week_rule rule)
{
    return (day_of_week(day) - rule.first_day + 7) % 7 + 1;
}

/* Days by which weeks are counted later than the days of the month or year, the `number`-th of which
 * is the week's `day_of_week`-th. */
static int64_t week_offset(int64_t number, int32_t local, struct week_rule rule)
{
    int64_t start = number - local - floor_quotient(number - local, 7) * 7;

    return start + 1 > rule.least_days ? 7 - start : -start;
}

static int64_t week_number_at(int64_t offset, int64_t number)
{
    return (7 + offset + number - 1) / 7;
}

static int64_t year_length(int64_t year)
{
    return is_leap_year(year) ? 366 : 365;
}

static int64_t day_of_year(int64_t day)
{
    return day - days_from_civil((struct civil_date){civil_from_days(day).year, 1, 1}) + 1;
}

static int64_t week_based_year(int64_t day, struct week_rule rule)
{
    int64_t year = civil_from_days(day).year;
    int64_t number = day_of_year(day);
    int64_t offset = week_offset(number, local_day_of_week(day, rule), rule);
    int64_t week = week_number_at(offset, number);

    if (week == 0) return year - 1;
    return week >= week_number_at(offset, year_length(year) + rule.least_days) ? year + 1 : year;
}

static int64_t week_of_year(int64_t day, struct week_rule rule)
{
    int64_t number = day_of_year(day);
    int64_t offset = week_offset(number, local_day_of_week(day, rule), rule);
    int64_t week = week_number_at(offset, number);

    if (week == 0) {
        day -= number; /* the last day of the year before, whose last week it is in */
        number = day_of_year(day);
        offset = week_offset(number, local_day_of_week(day, rule), rule);
        week = week_number_at(offset, number);
    }
    int64_t next = week_number_at(offset, year_length(civil_from_days(day).year) + rule.least_days);
    return week > 50 && week >= next ? week - next + 1 : week;
}

static int64_t week_of_month(int64_t day, struct week_rule rule)
{
    int64_t number = civil_from_days(day).day;

    return week_number_at(week_offset(number, local_day_of_week(day, rule), rule), number);
}

int64_t week_date(int64_t year, int64_t week, int64_t day_of_local_week, struct week_rule rule)
{
    int64_t first = days_from_civil((struct civil_date){year, 1, 1});
    int64_t offset = week_offset(1, local_day_of_week(first, rule), rule);
    int64_t weeks = week_number_at(offset, year_length(year) + rule.least_days) - 1;

    if (week > weeks) week = weeks;
    return first - offset + day_of_local_week - 1 + (week - 1) * 7;
}

/* --- fields ------------------------------------------------------------------------------------------- */

static int64_t time_field(int64_t nano, enum formatter_field field)
{
    const int64_t second = TEMPORAL_NANOS_PER_SECOND;
    int64_t hour = nano / second / 3600;

    switch ((int)field) {
    case FIELD_NANO_OF_SECOND: return nano % second;
    case FIELD_NANO_OF_DAY: return nano;
    case FIELD_MILLI_OF_SECOND: return nano % second / 1000000;
    case FIELD_MILLI_OF_DAY: return nano / 1000000;
    case FIELD_SECOND_OF_MINUTE: return nano / second % 60;
    case FIELD_SECOND_OF_DAY: return nano / second;
    case FIELD_MINUTE_OF_HOUR: return nano / second / 60 % 60;
    case FIELD_HOUR_OF_AMPM: return hour % 12;
    case FIELD_CLOCK_HOUR_OF_AMPM: return hour % 12 == 0 ? 12 : hour % 12;
    case FIELD_HOUR_OF_DAY: return hour;
    case FIELD_CLOCK_HOUR_OF_DAY: return hour == 0 ? 24 : hour;
    case FIELD_AMPM_OF_DAY: return hour / 12;
    default: UNREACHABLE("no field of a time");
    }
}

static int64_t date_field(int64_t day, enum formatter_field field, struct week_rule week)
{
    struct civil_date date = civil_from_days(day);

    switch ((int)field) {
    case FIELD_DAY_OF_WEEK: return day_of_week(day);
    case FIELD_ALIGNED_DAY_OF_WEEK: return (date.day - 1) % 7 + 1;
    case FIELD_DAY_OF_MONTH: return date.day;
    case FIELD_DAY_OF_YEAR: return day_of_year(day);
    case FIELD_MONTH_OF_YEAR: return date.month;
    case FIELD_QUARTER_OF_YEAR: return (date.month + 2) / 3;
    case FIELD_YEAR_OF_ERA: return date.year >= 1 ? date.year : 1 - date.year;
    case FIELD_YEAR: return date.year;
    case FIELD_ERA: return date.year >= 1;
    case FIELD_MODIFIED_JULIAN_DAY: return day + 40587;
    case FIELD_LOCAL_DAY_OF_WEEK: return local_day_of_week(day, week);
    case FIELD_WEEK_OF_MONTH: return week_of_month(day, week);
    case FIELD_WEEK_OF_YEAR: return week_of_year(day, week);
    case FIELD_WEEK_BASED_YEAR: return week_based_year(day, week);
    default: UNREACHABLE("no field of a date");
    }
}

static bool is_class(const struct temporal_fields *fields, enum class_id class_id)
{
    return fields->value.kind == VALUE_TEMPORAL && fields->value.temporal == class_id;
}

bool field_supported(const struct temporal_fields *fields, enum formatter_field field)
{
    if (is_class(fields, CLASS_DayOfWeek))
        return field == FIELD_DAY_OF_WEEK || field == FIELD_LOCAL_DAY_OF_WEEK;
    if (is_class(fields, CLASS_Month))
        return field == FIELD_MONTH_OF_YEAR || field == FIELD_QUARTER_OF_YEAR;
    if (field == FIELD_INSTANT_SECONDS) return fields->has_instant;
    if (field == FIELD_OFFSET_SECONDS) return fields->has_offset;
    if (field == FIELD_NANO_OF_SECOND && fields->has_instant) return true;
    return field_infos[field].date ? fields->has_date : fields->has_time;
}

int64_t field_of(const struct temporal_fields *fields, enum formatter_field field,
                 struct week_rule week)
{
    int64_t number = fields->value.i64;

    if (is_class(fields, CLASS_DayOfWeek))
        return field == FIELD_DAY_OF_WEEK ? number : (number - week.first_day + 7) % 7 + 1;
    if (is_class(fields, CLASS_Month))
        return field == FIELD_MONTH_OF_YEAR ? number : (number + 2) / 3;
    if (field == FIELD_INSTANT_SECONDS) return fields->instant;
    if (field == FIELD_OFFSET_SECONDS) return fields->offset_seconds;
    if (field == FIELD_NANO_OF_SECOND && !fields->has_time) return fields->instant_nanos;
    return field_infos[field].date ? date_field(fields->day, field, week)
                                   : time_field(fields->nano, field);
}

enum name_field name_field_of(enum formatter_field field)
{
    switch ((int)field) {
    case FIELD_MONTH_OF_YEAR: return NAME_MONTH;
    case FIELD_DAY_OF_WEEK: return NAME_DAY;
    case FIELD_AMPM_OF_DAY: return NAME_HALF;
    case FIELD_QUARTER_OF_YEAR: return NAME_QUARTER;
    case FIELD_ERA: return NAME_ERA;
    default: UNREACHABLE("a field without names");
    }
}

struct formatter_step week_number(const struct formatter_step *step)
{
    struct formatter_step number = *step;

    number.op = STEP_NUMBER;
    if (step->letter == 'Y') {
        number.field = FIELD_WEEK_BASED_YEAR;
        if (step->least == 2) {
            number.op = STEP_REDUCED;
            number.most = 2;
            number.sign = SIGN_NOT_NEGATIVE;
        } else {
            number.most = FORMATTER_DIGITS_MAX;
            number.sign = step->least < 4 ? SIGN_NORMAL : SIGN_EXCEEDS_PAD;
        }
        return number;
    }
    number.field = step->letter == 'w'   ? FIELD_WEEK_OF_YEAR
                   : step->letter == 'W' ? FIELD_WEEK_OF_MONTH
                                         : FIELD_LOCAL_DAY_OF_WEEK;
    number.least = step->least == 2 ? 2 : 1;
    number.most = 2;
    number.sign = SIGN_NOT_NEGATIVE;
    return number;
}
