/* temporal_read.c - the ISO texts that java.time's parse() reads. */
#include "value/temporal.h"

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

/* "Z", "+01", "+01:30", "+01:30:15"; strict: with minutes at least. */
static int32_t read_offset(struct text_reader *reader, bool strict)
{
    int64_t parts[3] = {0};

    if (try_byte(reader, 'Z') || try_byte(reader, 'z')) return 0;
    bool negative = try_byte(reader, '-');
    if (!negative) need_byte(reader, '+');
    parts[0] = read_digits(reader, 2, 2);
    for (uint32_t i = 1; i < 3; i++) {
        if (strict && i == 1) {
            need_byte(reader, ':');
        } else if (!try_byte(reader, ':')) {
            break;
        }
        parts[i] = read_digits(reader, 2, 2);
    }
    int64_t offset = parts[0] * 3600 + parts[1] * 60 + parts[2];
    if (parts[1] > 59 || parts[2] > 59 || offset > ZONE_OFFSET_MAX) reader->bad = true;
    return reader->bad ? 0 : (int32_t)(negative ? -offset : offset);
}

static void read_date_time(struct text_reader *reader, struct moment *moment)
{
    int64_t days = read_date(reader);
    if (!try_byte(reader, 't')) need_byte(reader, 'T');
    int64_t nanos = read_time(reader);

    moment->seconds = days * TEMPORAL_SECONDS_PER_DAY + nanos / TEMPORAL_NANOS_PER_SECOND;
    moment->nanos = (int32_t)(nanos % TEMPORAL_NANOS_PER_SECOND);
}

static enum status read_offset_date_time(struct text_reader *reader, struct arena *arena,
                                         struct value *temporal)
{
    struct moment moment = {0};

    read_date_time(reader, &moment);
    moment.offset = read_offset(reader, false);
    if (reader->bad) return STATUS_INVALID;
    return temporal_of_moment(CLASS_OffsetDateTime, &moment, arena, temporal);
}

static enum status read_offset_time(struct text_reader *reader, struct arena *arena,
                                    struct value *temporal)
{
    int64_t nanos = read_time(reader);
    struct moment moment = {.seconds = nanos / TEMPORAL_NANOS_PER_SECOND,
                            .nanos = (int32_t)(nanos % TEMPORAL_NANOS_PER_SECOND),
                            .offset = read_offset(reader, false)};

    if (reader->bad) return STATUS_INVALID;
    return temporal_of_moment(CLASS_OffsetTime, &moment, arena, temporal);
}

static bool read_bracketed(struct text_reader *reader, struct slice *text)
{
    if (!try_byte(reader, '[')) return false;
    const uint8_t *end = memchr(reader->at, ']', (size_t)(reader->end - reader->at));
    if (end == NULL) {
        reader->bad = true;
        return false;
    }
    *text = (struct slice){reader->at, (size_t)(end - reader->at)};
    reader->at = end + 1;
    return true;
}

/* The offset says which moment it is; the zone what its clock then shows. */
static enum status read_zoned(struct text_reader *reader, const struct zones *zones,
                              struct arena *arena, struct value *temporal)
{
    struct moment moment = {0};
    struct zone_id_room room;
    struct slice id;
    struct zone zone;

    read_date_time(reader, &moment);
    moment.offset = read_offset(reader, false);
    zone = zone_fixed((struct slice){room.bytes, zone_offset_text(moment.offset, room.bytes)},
                      moment.offset);
    if (read_bracketed(reader, &id) && zone_read(zones, id, &room, &zone) != ZONE_GOOD) {
        return STATUS_INVALID;
    }
    if (reader->bad) return STATUS_INVALID;
    int64_t seconds = moment.seconds - moment.offset;
    moment.offset = zone_offset_at(&zone, seconds);
    moment.seconds = seconds + moment.offset;
    moment.zone = zone.id;
    return temporal_of_moment(CLASS_ZonedDateTime, &moment, arena, temporal);
}

static enum status read_zone(struct slice text, bool offset_only, const struct zones *zones,
                             struct arena *arena, struct value *temporal)
{
    struct zone_id_room room;
    struct zone zone;
    int32_t offset = 0;
    int32_t number;

    if (offset_only) {
        if (zone_offset_read(text, &offset, &number) != ZONE_GOOD) return STATUS_INVALID;
        *temporal = temporal_zone_offset(offset);
        return STATUS_OK;
    }
    if (zone_read(zones, text, &room, &zone) != ZONE_GOOD) return STATUS_INVALID;
    return temporal_copy(temporal_zone_id(zone.id), arena, temporal);
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

static enum status read_name(struct slice text, enum class_id class_id, struct value *temporal)
{
    for (int64_t i = 1; i <= 12; i++) {
        const char *name = class_id == CLASS_Month ? month_name(i) : day_name(i);
        if (name == NULL || !slice_equal(slice_of(name), text)) continue;
        *temporal = temporal_make(class_id, i, 0);
        return STATUS_OK;
    }
    return STATUS_INVALID;
}

enum status temporal_from_text(struct slice text, enum class_id class_id, const struct zones *zones,
                               struct arena *arena, struct value *temporal)
{
    const uint8_t *start = text.len > 0 ? text.data : (const uint8_t *)"";
    struct text_reader reader = {.at = start, .end = start + text.len};
    struct moment moment = {0};
    enum status status = STATUS_OK;

    switch ((int)class_id) {
    case CLASS_LocalDate:
    case CLASS_ChronoLocalDate:
        *temporal = temporal_make(CLASS_LocalDate, read_date(&reader), 0);
        break;
    case CLASS_LocalTime: *temporal = temporal_make(class_id, read_time(&reader), 0); break;
    case CLASS_LocalDateTime:
    case CLASS_ChronoLocalDateTime:
        read_date_time(&reader, &moment);
        *temporal = temporal_make(CLASS_LocalDateTime, moment.seconds, moment.nanos);
        break;
    case CLASS_Instant:
        read_date_time(&reader, &moment);
        moment.seconds -= read_offset(&reader, true);
        *temporal = temporal_make(class_id, moment.seconds, moment.nanos);
        break;
    case CLASS_OffsetDateTime: status = read_offset_date_time(&reader, arena, temporal); break;
    case CLASS_OffsetTime: status = read_offset_time(&reader, arena, temporal); break;
    case CLASS_ZonedDateTime:
    case CLASS_ChronoZonedDateTime: status = read_zoned(&reader, zones, arena, temporal); break;
    case CLASS_ZoneOffset: return read_zone(text, true, zones, arena, temporal);
    case CLASS_ZoneId: return read_zone(text, false, zones, arena, temporal);
    case CLASS_Period: *temporal = read_period(&reader); break;
    case CLASS_DayOfWeek:
    case CLASS_Month: return read_name(text, class_id, temporal);
    default: return STATUS_NOT_FOUND;
    }
    if (status != STATUS_OK) return status;
    return !reader.bad && reader.at == reader.end ? STATUS_OK : STATUS_INVALID;
}
