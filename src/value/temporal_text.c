/* temporal_text.c - Java's toString() of dates, times and zones. */
#include "value/temporal.h"

static void append_date(int64_t days, struct buffer *out)
{
    struct civil_date date = civil_from_days(days);

    if (date.year < 0) buffer_append_byte(out, '-');
    if (date.year > 9999) buffer_append_byte(out, '+');
    buffer_append_padded(out, (uint64_t)(date.year < 0 ? -date.year : date.year), 4);
    buffer_append_byte(out, '-');
    buffer_append_padded(out, (uint64_t)(date.month), 2);
    buffer_append_byte(out, '-');
    buffer_append_padded(out, (uint64_t)(date.day), 2);
}

/* Three, six or nine decimals, as many as are needed. */
static void append_fraction(int32_t nanos, struct buffer *out)
{
    if (nanos == 0) return;
    buffer_append_byte(out, '.');
    if (nanos % 1000000 == 0) {
        buffer_append_padded(out, (uint64_t)(nanos / 1000000), 3);
    } else if (nanos % 1000 == 0) {
        buffer_append_padded(out, (uint64_t)(nanos / 1000), 6);
    } else {
        buffer_append_padded(out, (uint64_t)(nanos), 9);
    }
}

static void append_time(int64_t second, int32_t nanos, bool always_seconds, struct buffer *out)
{
    buffer_append_padded(out, (uint64_t)(second / 3600), 2);
    buffer_append_byte(out, ':');
    buffer_append_padded(out, (uint64_t)(second / 60 % 60), 2);
    if (second % 60 == 0 && nanos == 0 && !always_seconds) return;
    buffer_append_byte(out, ':');
    buffer_append_padded(out, (uint64_t)(second % 60), 2);
    append_fraction(nanos, out);
}

static void append_date_time(const struct temporal_parts *parts, bool always_seconds,
                             struct buffer *out)
{
    if (parts->has_day) append_date(parts->day, out);
    if (parts->has_day && parts->has_time) buffer_append_byte(out, 'T');
    if (parts->has_time) {
        append_time(parts->nano_of_day / TEMPORAL_NANOS_PER_SECOND,
                    (int32_t)(parts->nano_of_day % TEMPORAL_NANOS_PER_SECOND), always_seconds, out);
    }
}

static void append_offset(int32_t offset, struct buffer *out)
{
    uint8_t text[ZONE_OFFSET_TEXT_MAX];

    buffer_append(out, (struct slice){text, zone_offset_text(offset, text)});
}

/* The zone of a ZonedDateTime that is an offset alone is not said twice. */
static void append_zone(struct slice zone, struct buffer *out)
{
    if (zone.len == 0 || zone_id_is_offset(zone)) return;
    buffer_append_byte(out, '[');
    buffer_append(out, zone);
    buffer_append_byte(out, ']');
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
    struct temporal_parts parts = temporal_parts(temporal);

    switch ((int)temporal.temporal) {
    case CLASS_LocalDate:
    case CLASS_LocalTime:
    case CLASS_LocalDateTime: append_date_time(&parts, false, out); return;
    case CLASS_Instant:
        append_date_time(&parts, true, out);
        buffer_append_byte(out, 'Z');
        return;
    case CLASS_OffsetDateTime:
    case CLASS_OffsetTime:
    case CLASS_ZonedDateTime:
        append_date_time(&parts, false, out);
        append_offset(parts.offset, out);
        append_zone(parts.zone, out);
        return;
    case CLASS_ZoneOffset: append_offset(parts.offset, out); return;
    case CLASS_ZoneId: buffer_append(out, (struct slice){temporal.text, temporal.len}); return;
    case CLASS_Period: append_period(temporal, out); return;
    case CLASS_DayOfWeek: buffer_append_text(out, day_name(temporal.i64)); return;
    case CLASS_Month: buffer_append_text(out, month_name(temporal.i64)); return;
    default: UNREACHABLE("no temporal class");
    }
}
