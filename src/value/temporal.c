/* temporal.c - calendar arithmetic, and the ISO texts of dates and times. */
#include "value/temporal.h"

/* --- the calendar ------------------------------------------------------------------------------------- */

static int64_t floor_div(int64_t number, int64_t divisor)
{
    int64_t quotient = number / divisor;

    return number % divisor < 0 ? quotient - 1 : quotient;
}

bool is_leap_year(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int32_t days_of_month(int64_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    ASSERT(month >= 1 && month <= 12);
    return days[month - 1] + (month == 2 && is_leap_year(year) ? 1 : 0);
}

/* Years begin in March, so that the day a leap year adds is its last. */
int64_t days_from_civil(struct civil_date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

struct civil_date civil_from_days(int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = floor_div(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    int32_t civil_month = (int32_t)(month < 10 ? month + 3 : month - 9);

    return (struct civil_date){.year = year_of_era + era * 400 + (civil_month <= 2 ? 1 : 0),
                               .month = civil_month,
                               .day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1)};
}

struct value temporal_make(enum class_id class_id, int64_t i64, int32_t nanos)
{
    ASSERT(class_id <= UINT8_MAX);
    return (struct value){
        .kind = VALUE_TEMPORAL, .temporal = (uint8_t)class_id, .i64 = i64, .nanos = nanos};
}

struct value temporal_period(int32_t years, int32_t months, int32_t days)
{
    uint64_t packed = (uint64_t)(uint32_t)years << 32 | (uint32_t)months;

    return temporal_make(CLASS_Period, (int64_t)packed, days);
}

const char *day_name(int64_t day)
{
    static const char *const names[] = {"MONDAY", "TUESDAY",  "WEDNESDAY", "THURSDAY",
                                        "FRIDAY", "SATURDAY", "SUNDAY"};

    return day >= 1 && day <= 7 ? names[day - 1] : NULL;
}

const char *month_name(int64_t month)
{
    static const char *const names[] = {"JANUARY",   "FEBRUARY", "MARCH",    "APRIL",
                                        "MAY",       "JUNE",     "JULY",     "AUGUST",
                                        "SEPTEMBER", "OCTOBER",  "NOVEMBER", "DECEMBER"};

    return month >= 1 && month <= 12 ? names[month - 1] : NULL;
}

bool temporal_is_valid(struct value temporal)
{
    bool nanos = temporal.nanos >= 0 && temporal.nanos < TEMPORAL_NANOS_PER_SECOND;

    switch ((int)temporal.temporal) {
    case CLASS_LocalTime:
        return temporal.i64 >= 0 &&
               temporal.i64 < (int64_t)TEMPORAL_SECONDS_PER_DAY * TEMPORAL_NANOS_PER_SECOND;
    case CLASS_LocalDate:
        return temporal.i64 >= -366LL * YEAR_MAX && temporal.i64 <= 366LL * YEAR_MAX;
    case CLASS_LocalDateTime:
    case CLASS_Instant:
    case CLASS_OffsetDateTime:
        return nanos && temporal.i64 / TEMPORAL_SECONDS_PER_DAY >= -366LL * (YEAR_MAX + 1LL) &&
               temporal.i64 / TEMPORAL_SECONDS_PER_DAY <= 366LL * (YEAR_MAX + 1LL);
    case CLASS_ZoneOffset: return temporal.quarters >= -72 && temporal.quarters <= 72;
    case CLASS_Period: return true;
    case CLASS_DayOfWeek: return day_name(temporal.i64) != NULL;
    case CLASS_Month: return month_name(temporal.i64) != NULL;
    default: return false;
    }
}

/* --- to text ------------------------------------------------------------------------------------------ */

static void append_padded(int64_t number, uint32_t width, struct buffer *out)
{
    uint8_t digits[20];
    uint32_t count = 0;

    do {
        digits[count++] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (width > count) {
        buffer_append_byte(out, '0');
        width--;
    }
    while (count > 0)
        buffer_append_byte(out, digits[--count]);
}

static void append_date(int64_t days, struct buffer *out)
{
    struct civil_date date = civil_from_days(days);

    if (date.year < 0) buffer_append_byte(out, '-');
    if (date.year > 9999) buffer_append_byte(out, '+');
    append_padded(date.year < 0 ? -date.year : date.year, 4, out);
    buffer_append_byte(out, '-');
    append_padded(date.month, 2, out);
    buffer_append_byte(out, '-');
    append_padded(date.day, 2, out);
}

/* Three, six or nine decimals, as many as are needed. */
static void append_fraction(int32_t nanos, struct buffer *out)
{
    if (nanos == 0) return;
    buffer_append_byte(out, '.');
    if (nanos % 1000000 == 0) {
        append_padded(nanos / 1000000, 3, out);
    } else if (nanos % 1000 == 0) {
        append_padded(nanos / 1000, 6, out);
    } else {
        append_padded(nanos, 9, out);
    }
}

static void append_time(int64_t second, int32_t nanos, bool always_seconds, struct buffer *out)
{
    append_padded(second / 3600, 2, out);
    buffer_append_byte(out, ':');
    append_padded(second / 60 % 60, 2, out);
    if (second % 60 == 0 && nanos == 0 && !always_seconds) return;
    buffer_append_byte(out, ':');
    append_padded(second % 60, 2, out);
    append_fraction(nanos, out);
}

static void append_date_time(struct value value, bool always_seconds, struct buffer *out)
{
    int64_t days = floor_div(value.i64, TEMPORAL_SECONDS_PER_DAY);

    append_date(days, out);
    buffer_append_byte(out, 'T');
    append_time(value.i64 - days * TEMPORAL_SECONDS_PER_DAY, value.nanos, always_seconds, out);
}

static void append_offset(int32_t quarters, struct buffer *out)
{
    int32_t minutes = (quarters < 0 ? -quarters : quarters) * 15;

    if (quarters == 0) {
        buffer_append_byte(out, 'Z');
        return;
    }
    buffer_append_byte(out, quarters < 0 ? '-' : '+');
    append_padded(minutes / 60, 2, out);
    buffer_append_byte(out, ':');
    append_padded(minutes % 60, 2, out);
}

static void append_period(struct value period, struct buffer *out)
{
    const struct {
        int32_t amount;
        char unit;
    } parts[] = {{period_years(period), 'Y'}, {period_months(period), 'M'}, {period.nanos, 'D'}};
    bool any = false;

    buffer_append_byte(out, 'P');
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i].amount == 0) continue;
        buffer_append_i64(out, parts[i].amount);
        buffer_append_byte(out, (uint8_t)parts[i].unit);
        any = true;
    }
    if (!any) buffer_append_text(out, "0D");
}

void temporal_to_text(struct value temporal, struct buffer *out)
{
    switch ((int)temporal.temporal) {
    case CLASS_LocalDate: append_date(temporal.i64, out); return;
    case CLASS_LocalTime:
        append_time(temporal.i64 / TEMPORAL_NANOS_PER_SECOND,
                    (int32_t)(temporal.i64 % TEMPORAL_NANOS_PER_SECOND), false, out);
        return;
    case CLASS_LocalDateTime: append_date_time(temporal, false, out); return;
    case CLASS_Instant:
        append_date_time(temporal, true, out);
        buffer_append_byte(out, 'Z');
        return;
    case CLASS_OffsetDateTime:
        append_date_time(temporal, false, out);
        append_offset(temporal.quarters, out);
        return;
    case CLASS_ZoneOffset: append_offset(temporal.quarters, out); return;
    case CLASS_Period: append_period(temporal, out); return;
    case CLASS_DayOfWeek: buffer_append_text(out, day_name(temporal.i64)); return;
    case CLASS_Month: buffer_append_text(out, month_name(temporal.i64)); return;
    default: UNREACHABLE("no temporal class");
    }
}

/* --- from text ---------------------------------------------------------------------------------------- */

struct text_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool bad;
};

static bool digit_at(const struct text_reader *reader)
{
    return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

static bool try_byte(struct text_reader *reader, char byte)
{
    bool found = reader->at < reader->end && *reader->at == (uint8_t)byte;

    if (found) reader->at++;
    return found;
}

static void need_byte(struct text_reader *reader, char byte)
{
    if (!try_byte(reader, byte)) reader->bad = true;
}

static int64_t read_digits(struct text_reader *reader, uint32_t least, uint32_t most)
{
    int64_t number = 0;
    uint32_t count = 0;

    while (count < most && digit_at(reader)) {
        number = number * 10 + (*reader->at++ - '0');
        count++;
    }
    if (count < least) reader->bad = true;
    return number;
}

static int64_t read_date(struct text_reader *reader)
{
    bool negative = try_byte(reader, '-');
    bool signed_year = negative || try_byte(reader, '+');
    int64_t year = read_digits(reader, 4, signed_year ? 9 : 4);
    need_byte(reader, '-');
    int32_t month = (int32_t)read_digits(reader, 2, 2);
    need_byte(reader, '-');
    int32_t day = (int32_t)read_digits(reader, 2, 2);

    if (negative) year = -year;
    if (reader->bad || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) {
        reader->bad = true;
        return 0;
    }
    return days_from_civil((struct civil_date){year, month, day});
}

/* Nanoseconds of the day. */
static int64_t read_time(struct text_reader *reader)
{
    int64_t hour = read_digits(reader, 2, 2);
    need_byte(reader, ':');
    int64_t minute = read_digits(reader, 2, 2);
    int64_t second = try_byte(reader, ':') ? read_digits(reader, 2, 2) : 0;
    int64_t nanos = 0;

    if (try_byte(reader, '.')) {
        int64_t unit = TEMPORAL_NANOS_PER_SECOND;
        if (!digit_at(reader)) reader->bad = true;
        while (digit_at(reader)) {
            unit /= 10;
            if (unit == 0) reader->bad = true;
            nanos += (*reader->at++ - '0') * unit;
        }
    }
    if (hour > 23 || minute > 59 || second > 59) reader->bad = true;
    return (hour * 3600 + minute * 60 + second) * TEMPORAL_NANOS_PER_SECOND + nanos;
}

static int8_t read_offset(struct text_reader *reader, bool strict)
{
    if (try_byte(reader, 'Z')) return 0;
    bool negative = try_byte(reader, '-');
    if (!negative) need_byte(reader, '+');
    int64_t hours = read_digits(reader, strict ? 2 : 1, 2);
    int64_t minutes = 0;
    if (reader->at < reader->end) {
        if (!try_byte(reader, ':') && strict) reader->bad = true;
        minutes = read_digits(reader, 2, 2);
    }
    int64_t quarters = hours * 4 + minutes / 15;
    if (minutes > 59 || minutes % 15 != 0 || quarters > 72) {
        reader->bad = true;
        return 0;
    }
    return (int8_t)(negative ? -quarters : quarters);
}

static struct value read_date_time(struct text_reader *reader, enum class_id class_id)
{
    int64_t days = read_date(reader);
    need_byte(reader, 'T');
    int64_t nanos = read_time(reader);

    return temporal_make(class_id,
                         days * TEMPORAL_SECONDS_PER_DAY + nanos / TEMPORAL_NANOS_PER_SECOND,
                         (int32_t)(nanos % TEMPORAL_NANOS_PER_SECOND));
}

static struct value read_period(struct text_reader *reader)
{
    static const char units[] = "YMWD";
    int64_t amounts[4] = {0};
    bool negative_all = try_byte(reader, '-');
    uint32_t unit = 0;
    uint32_t parts = 0;

    need_byte(reader, 'P');
    while (reader->at < reader->end && !reader->bad) {
        bool negative = try_byte(reader, '-');
        if (!negative) (void)try_byte(reader, '+');
        int64_t amount = read_digits(reader, 1, 9);
        while (unit < 4 && !try_byte(reader, units[unit]))
            unit++;
        if (unit == 4) {
            reader->bad = true;
            break;
        }
        amounts[unit++] = negative != negative_all ? -amount : amount;
        parts++;
    }
    int64_t days = amounts[2] * 7 + amounts[3];
    if (parts == 0 || days > INT32_MAX || days < INT32_MIN) reader->bad = true;
    return temporal_period((int32_t)amounts[0], (int32_t)amounts[1], (int32_t)days);
}

enum status temporal_from_text(struct slice text, enum class_id class_id, struct value *temporal)
{
    struct text_reader reader = {.at = text.data, .end = text.data + text.len};

    switch ((int)class_id) {
    case CLASS_LocalDate:
    case CLASS_ChronoLocalDate:
        *temporal = temporal_make(CLASS_LocalDate, read_date(&reader), 0);
        break;
    case CLASS_LocalTime: *temporal = temporal_make(class_id, read_time(&reader), 0); break;
    case CLASS_LocalDateTime:
    case CLASS_ChronoLocalDateTime: *temporal = read_date_time(&reader, CLASS_LocalDateTime); break;
    case CLASS_OffsetDateTime:
        *temporal = read_date_time(&reader, class_id);
        temporal->quarters = read_offset(&reader, true);
        break;
    case CLASS_Instant:
        *temporal = read_date_time(&reader, class_id);
        temporal->i64 -= read_offset(&reader, true) * 900LL;
        break;
    case CLASS_ZoneOffset:
        *temporal = temporal_make(class_id, 0, 0);
        temporal->quarters = read_offset(&reader, false);
        break;
    case CLASS_Period: *temporal = read_period(&reader); break;
    case CLASS_DayOfWeek:
    case CLASS_Month:
        for (int64_t i = 1; i <= 12; i++) {
            const char *name = class_id == CLASS_Month ? month_name(i) : day_name(i);
            if (name == NULL || !slice_equal(slice_of(name), text)) continue;
            *temporal = temporal_make(class_id, i, 0);
            return STATUS_OK;
        }
        return STATUS_INVALID;
    default: return STATUS_NOT_FOUND;
    }
    return !reader.bad && reader.at == reader.end ? STATUS_OK : STATUS_INVALID;
}
