/* temporal.c - calendar arithmetic; temporal values, their parts and their order. */
#include "value/temporal.h"
#include "base/hash.h"

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

/* --- with an offset ----------------------------------------------------------------------------------- */

enum status temporal_of_moment(enum class_id class_id, const struct moment *moment,
                               struct arena *arena, struct value *temporal)
{
    uint8_t *block = arena_alloc(arena, sizeof(*moment) + moment->zone.len, 1);
    struct moment *made = NULL;

    if (block == NULL) return STATUS_LIMIT;
    made = (struct moment *)(void *)block;
    *made = *moment;
    if (moment->zone.len > 0) {
        memcpy(block + sizeof(*made), moment->zone.data, moment->zone.len);
        made->zone.data = block + sizeof(*made);
    }
    *temporal = (struct value){
        .kind = VALUE_TEMPORAL, .flags = VALUE_WIDE, .temporal = (uint8_t)class_id, .moment = made};
    return STATUS_OK;
}

struct value temporal_zone_offset(int32_t offset)
{
    return temporal_make(CLASS_ZoneOffset, offset, 0);
}

struct value temporal_zone_id(struct slice id)
{
    int32_t offset = 0;
    int32_t number;

    if (zone_id_is_offset(id) && zone_offset_read(id, &offset, &number) == ZONE_GOOD) {
        return temporal_zone_offset(offset);
    }
    return (struct value){.kind = VALUE_TEMPORAL,
                          .flags = VALUE_WIDE,
                          .temporal = CLASS_ZoneId,
                          .len = (uint32_t)id.len,
                          .text = id.data};
}

struct slice temporal_zone_text(struct value zone, struct zone_id_room *room)
{
    if (zone.temporal == CLASS_ZoneId) return (struct slice){zone.text, zone.len};
    return (struct slice){room->bytes, zone_offset_text((int32_t)zone.i64, room->bytes)};
}

enum status temporal_copy(struct value temporal, struct arena *arena, struct value *copy)
{
    struct slice id;

    *copy = temporal;
    if ((temporal.flags & VALUE_WIDE) == 0) return STATUS_OK;
    if (temporal.temporal != CLASS_ZoneId) {
        return temporal_of_moment((enum class_id)temporal.temporal, temporal.moment, arena, copy);
    }
    enum status status = arena_copy(arena, (struct slice){temporal.text, temporal.len}, &id);
    copy->text = id.data;
    return status;
}

/* --- parts -------------------------------------------------------------------------------------------- */

enum class_id temporal_class(struct value temporal)
{
    return temporal.kind == VALUE_TEMPORAL ? (enum class_id)temporal.temporal : CLASS_Object;
}

static void split_seconds(int64_t seconds, int32_t nanos, struct temporal_parts *parts)
{
    parts->has_day = true;
    parts->has_time = true;
    parts->day = floor_div(seconds, TEMPORAL_SECONDS_PER_DAY);
    parts->nano_of_day =
        (seconds - parts->day * TEMPORAL_SECONDS_PER_DAY) * TEMPORAL_NANOS_PER_SECOND + nanos;
}

struct temporal_parts temporal_parts(struct value temporal)
{
    struct temporal_parts parts = {.has_day = false};

    switch ((int)temporal_class(temporal)) {
    case CLASS_LocalDate:
        parts.has_day = true;
        parts.day = temporal.i64;
        break;
    case CLASS_LocalTime:
        parts.has_time = true;
        parts.nano_of_day = temporal.i64;
        break;
    case CLASS_LocalDateTime:
    case CLASS_Instant: split_seconds(temporal.i64, temporal.nanos, &parts); break;
    case CLASS_OffsetDateTime:
    case CLASS_ZonedDateTime:
    case CLASS_OffsetTime:
        split_seconds(temporal.moment->seconds, temporal.moment->nanos, &parts);
        parts.has_day = temporal.temporal != CLASS_OffsetTime;
        parts.has_offset = true;
        parts.offset = temporal.moment->offset;
        parts.zone = temporal.moment->zone;
        break;
    case CLASS_ZoneOffset:
        parts.has_offset = true;
        parts.offset = (int32_t)temporal.i64;
        break;
    default: break;
    }
    return parts;
}

bool temporal_class_has_moment(enum class_id class_id)
{
    return class_id == CLASS_OffsetDateTime || class_id == CLASS_ZonedDateTime ||
           class_id == CLASS_OffsetTime;
}

static bool has_moment(struct value temporal)
{
    return temporal_class_has_moment(temporal_class(temporal));
}

int64_t temporal_moment(struct value temporal)
{
    return has_moment(temporal) ? temporal.moment->seconds - temporal.moment->offset : temporal.i64;
}

int32_t temporal_nanos(struct value temporal)
{
    return has_moment(temporal) ? temporal.moment->nanos : temporal.nanos;
}

static int order_i64(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

static int order_slices(struct slice left, struct slice right)
{
    size_t least = left.len < right.len ? left.len : right.len;
    int order = least == 0 ? 0 : memcmp(left.data, right.data, least);

    return order != 0 ? order_i64(order, 0) : order_i64((int64_t)left.len, (int64_t)right.len);
}

int temporal_order(struct value left, struct value right)
{
    if (left.temporal == CLASS_ZoneId) {
        return order_slices((struct slice){left.text, left.len},
                            (struct slice){right.text, right.len});
    }
    /* The clock farther east is ahead. */
    if (left.temporal == CLASS_ZoneOffset) return order_i64(right.i64, left.i64);
    int order = order_i64(temporal_moment(left), temporal_moment(right));
    if (order == 0) order = order_i64(temporal_nanos(left), temporal_nanos(right));
    if (order != 0 || !has_moment(left)) return order;
    order = order_i64(left.moment->seconds, right.moment->seconds);
    return order != 0 ? order : order_slices(left.moment->zone, right.moment->zone);
}

bool temporal_equals(struct value left, struct value right)
{
    return left.temporal == right.temporal && temporal_order(left, right) == 0;
}

uint64_t temporal_hash(struct value temporal)
{
    struct slice text = has_moment(temporal) ? temporal.moment->zone
                        : temporal.temporal == CLASS_ZoneId
                            ? (struct slice){temporal.text, temporal.len}
                            : (struct slice){0};
    uint64_t sum = hash_bytes(text, temporal.temporal);

    if (temporal.temporal == CLASS_ZoneId) return sum;
    uint64_t numbers[] = {(uint64_t)temporal_moment(temporal), (uint64_t)temporal_nanos(temporal)};
    return hash_bytes((struct slice){(const uint8_t *)numbers, sizeof(numbers)}, sum);
}

/* --- names and checks --------------------------------------------------------------------------------- */

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

static bool seconds_are_valid(int64_t seconds)
{
    return seconds / TEMPORAL_SECONDS_PER_DAY >= -366LL * (YEAR_MAX + 1LL) &&
           seconds / TEMPORAL_SECONDS_PER_DAY <= 366LL * (YEAR_MAX + 1LL);
}

static bool offset_is_valid(int64_t offset)
{
    return offset >= -ZONE_OFFSET_MAX && offset <= ZONE_OFFSET_MAX;
}

static bool moment_is_valid(struct value temporal)
{
    const struct moment *moment = temporal.moment;
    bool zoned = temporal.temporal == CLASS_ZonedDateTime;

    if (moment->nanos < 0 || moment->nanos >= TEMPORAL_NANOS_PER_SECOND) return false;
    if (!offset_is_valid(moment->offset) || !seconds_are_valid(moment->seconds)) return false;
    if (zoned != (moment->zone.len > 0) || moment->zone.len > ZONE_ID_BYTES_MAX) return false;
    return temporal.temporal != CLASS_OffsetTime ||
           (moment->seconds >= 0 && moment->seconds < TEMPORAL_SECONDS_PER_DAY);
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
    case CLASS_Instant: return nanos && seconds_are_valid(temporal.i64);
    case CLASS_OffsetDateTime:
    case CLASS_ZonedDateTime:
    case CLASS_OffsetTime: return moment_is_valid(temporal);
    case CLASS_ZoneOffset: return offset_is_valid(temporal.i64);
    case CLASS_ZoneId: return temporal.len > 0 && temporal.len <= ZONE_ID_BYTES_MAX;
    case CLASS_Period: return true;
    case CLASS_DayOfWeek: return day_name(temporal.i64) != NULL;
    case CLASS_Month: return month_name(temporal.i64) != NULL;
    default: return false;
    }
}
