/* formatter_parse.c - text to fields, step by step.
 *
 * Each step moves the place in the text or fails there; an option that fails is left out with what it
 * had read. Strict reading wants the widths of the pattern, lenient reading takes what is there.
 */
#include "value/formatter_reader.h"
#include "value/temporal.h"
#include "value/utf8.h"

/* --- instants ----------------------------------------------------------------------------------------- */

static enum status read_steps(struct reader *reader, uint16_t from, uint16_t to);

/* 2024-02-29T10:15:30.5Z: read on its own, then kept as seconds since the epoch. */
static enum status read_instant(struct reader *reader)
{
    const struct formatter *local = formatter_constant(FORMATTER_INSTANT_TEXT);
    struct reader inner = *reader;
    struct temporal_fields fields = {0};
    struct fault unused = {.len = 0};
    size_t start = reader->at;

    inner.formatter = local;
    inner.parsed = (struct parsed){.present = 0};
    enum status status = read_steps(&inner, 0, local->step_count);
    if (status != STATUS_OK) {
        reader->at = inner.at;
        return status;
    }
    status = parsed_resolve(local, &inner.parsed, &fields, &unused);
    if (status != STATUS_OK || !fields.has_date || !fields.has_time)
        return reader_miss(reader, start);
    int64_t seconds = fields.day * TEMPORAL_SECONDS_PER_DAY +
                      fields.nano / TEMPORAL_NANOS_PER_SECOND - fields.offset_seconds;
    status = reader_keep(reader, FIELD_INSTANT_SECONDS, seconds, start, inner.at);
    if (status != STATUS_OK) return status;
    return reader_keep(reader, FIELD_NANO_OF_SECOND, fields.nano % TEMPORAL_NANOS_PER_SECOND, start,
                       inner.at);
}

/* --- steps -------------------------------------------------------------------------------------------- */

static enum status read_option(struct reader *reader, uint16_t at)
{
    struct parsed before = reader->parsed;
    size_t start = reader->at;
    enum status status = read_steps(reader, at + 1, reader->formatter->steps[at].at);

    if (status != STATUS_NOT_FOUND) return status;
    reader->parsed = before;
    reader->at = start;
    return STATUS_OK;
}

static enum status read_step(struct reader *reader, uint16_t at)
{
    const struct formatter_step *step = &reader->formatter->steps[at];
    struct formatter_step number;

    switch ((enum formatter_op)step->op) {
    case STEP_NUMBER:
    case STEP_REDUCED: return reader_number(reader, step);
    case STEP_FRACTION: return reader_fraction(reader, step);
    case STEP_WEEK: number = week_number(step); return reader_number(reader, &number);
    case STEP_NAME:
    case STEP_NAME_FIXED: return reader_name(reader, step);
    case STEP_CHARACTER: return reader_literal(reader, (struct slice){&step->letter, 1});
    case STEP_TEXT:
        return reader_literal(reader,
                              (struct slice){reader->formatter->text.data + step->at, step->len});
    case STEP_OFFSET: return reader_offset(reader, step);
    case STEP_OFFSET_NAME: return reader_offset_name(reader, step);
    case STEP_ZONE_ID:
    case STEP_ZONE_REGION:
    case STEP_ZONE_NAME: return reader_zone(reader, step);
    case STEP_PERIOD: return reader_period(reader, step);
    case STEP_INSTANT: return read_instant(reader);
    case STEP_CASE: reader->same_case = step->sign != 0; return STATUS_OK;
    case STEP_STRICT: reader->strict = step->sign != 0; return STATUS_OK;
    case STEP_OPTION: return read_option(reader, at);
    case STEP_GROUP: return read_steps(reader, at + 1, step->at);
    case STEP_PAD:
    case STEP_END: return STATUS_OK;
    }
    UNREACHABLE("step outside the enum");
}

/* Blanks, then the step, together exactly as wide as the pad. */
static enum status read_padded(struct reader *reader, uint16_t at)
{
    size_t start = reader->at;
    size_t text_end = reader->end;
    size_t end = start + reader->formatter->steps[at].least;

    if (start == text_end) return reader_miss(reader, start);
    if (end > text_end) {
        if (reader->strict) return reader_miss(reader, start);
        end = text_end;
    }
    while (reader->at < end && reader->text.data[reader->at] == ' ')
        reader->at++;
    size_t digits = reader->at;
    reader->end = end;
    enum status status = read_step(reader, at + 1);
    reader->end = text_end;
    if (status == STATUS_OK && reader->at != end && reader->strict)
        return reader_miss(reader, digits);
    return status;
}

static enum status read_steps(struct reader *reader, uint16_t from, uint16_t to)
{
    enum status status = STATUS_OK;

    for (uint16_t i = from; i < to && status == STATUS_OK; i++) {
        const struct formatter_step *step = &reader->formatter->steps[i];
        if (step->op == STEP_PAD) {
            status = read_padded(reader, i++);
            continue;
        }
        status = read_step(reader, i);
        if (step->op == STEP_OPTION || step->op == STEP_GROUP) i = step->at;
    }
    return status;
}

/* --- the whole text ----------------------------------------------------------------------------------- */

enum { SHOWN_UNITS_MAX = 64 };

/* "Text '...' could not be parsed" with at most 64 characters of it. */
static void fault_head(struct fault *fault, struct slice text)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.data + text.len;
    size_t units = 0;

    fault->len = 0;
    fault_add(fault, SLICE("Text '"));
    if (utf8_units(text) > SHOWN_UNITS_MAX) {
        while (at < end && units < SHOWN_UNITS_MAX)
            units += utf8_next(&at, end) >= 0x10000 ? 2 : 1;
        fault_add(fault, (struct slice){text.data, (size_t)(at - text.data)});
        fault_add(fault, SLICE("..."));
    } else {
        fault_add(fault, text);
    }
    fault_add(fault, SLICE("' could not be parsed"));
}

static enum status fail_at(struct fault *fault, struct slice text, const char *what, size_t at)
{
    fault_head(fault, text);
    fault_add(fault, slice_of(what));
    fault_number(fault, (int64_t)utf8_units((struct slice){text.data, at}));
    return STATUS_INVALID;
}

/* A formatter's own zone stands for one that the text leaves out; an instant alone is a day and a time
 * there. */
static void apply_zone(const struct formatter *formatter, const struct zones *zones,
                       struct temporal_fields *fields)
{
    struct zone_id_room room;
    struct zone zone;

    if (formatter->zone.len == 0) return;
    if (fields->zone.len == 0) fields->zone = formatter->zone;
    if (zone_read(zones, fields->zone, &room, &zone) != ZONE_GOOD) return;
    if (!fields->has_offset && zone_id_is_offset(fields->zone)) {
        fields->has_offset = true;
        fields->offset_seconds = zone_offset_at(&zone, 0);
    }
    if (!fields->has_instant || fields->has_date) return;
    int64_t local = fields->instant + zone_offset_at(&zone, fields->instant);
    fields->day = floor_quotient(local, TEMPORAL_SECONDS_PER_DAY);
    fields->nano = (local - fields->day * TEMPORAL_SECONDS_PER_DAY) * TEMPORAL_NANOS_PER_SECOND +
                   fields->instant_nanos;
    fields->has_date = true;
    fields->has_time = true;
}

/* Has the text said what a value of the class is made of? */
static bool suffices(const struct temporal_fields *fields, enum class_id class_id)
{
    bool both = fields->has_date && fields->has_time;
    bool somewhere = fields->has_offset || fields->zone.len > 0;

    switch ((int)class_id) {
    case CLASS_LocalDate: return fields->has_date;
    case CLASS_LocalTime: return fields->has_time;
    case CLASS_LocalDateTime: return both;
    case CLASS_OffsetTime: return fields->has_time && fields->has_offset;
    case CLASS_OffsetDateTime: return both && fields->has_offset;
    case CLASS_ZonedDateTime: return (both || fields->has_instant) && somewhere;
    case CLASS_Instant: return fields->has_instant || (both && somewhere);
    default: return false;
    }
}

/* "Unable to obtain LocalDate from TemporalAccessor: {MonthOfYear=2},ISO resolved to 10:15 of type ..." */
static enum status fail_missing(const struct parsed *parsed, const struct temporal_fields *fields,
                                enum class_id class_id, struct fault *fault)
{
    struct buffer shown;
    const char *between = "";

    (void)fault_set(fault, "Unable to obtain % from TemporalAccessor: {",
                    slice_of(class_infos[class_id].name));
    for (uint32_t i = 0; i < FIELD_COUNT; i++) {
        if (!parsed_has(parsed, (enum formatter_field)i)) continue;
        fault_add(fault, slice_of(between));
        fault_add(fault, slice_of(field_infos[i].name));
        fault_add(fault, SLICE("="));
        fault_number(fault, parsed->values[i]);
        between = ", ";
    }
    fault_add(fault, SLICE("},ISO"));
    if (fields->zone.len > 0) fault_add(fault, SLICE(","));
    fault_add(fault, fields->zone);
    buffer_init(&shown, sizeof fault->text);
    if (fields->has_date || fields->has_time) buffer_append_text(&shown, " resolved to ");
    if (fields->has_date) temporal_to_text(temporal_make(CLASS_LocalDate, fields->day, 0), &shown);
    if (fields->has_date && fields->has_time) buffer_append_byte(&shown, 'T');
    if (fields->has_time) temporal_to_text(temporal_make(CLASS_LocalTime, fields->nano, 0), &shown);
    fault_add(fault, buffer_slice(&shown));
    buffer_deinit(&shown);
    fault_add(fault, SLICE(" of type java.time.format.Parsed"));
    return STATUS_INVALID;
}

enum status formatter_parse(const struct formatter *formatter, struct slice text,
                            enum class_id class_id, const struct zones *zones,
                            struct temporal_fields *fields, struct fault *fault)
{
    struct fault why = {.len = 0};
    struct reader reader = {.formatter = formatter,
                            .text = text,
                            .end = text.len,
                            .strict = true,
                            .same_case = true,
                            .zones = zones,
                            .fault = &why};
    enum status status = read_steps(&reader, 0, formatter->step_count);

    if (status == STATUS_NOT_FOUND) return fail_at(fault, text, " at index ", reader.at);
    if (status == STATUS_OK && reader.at < text.len)
        return fail_at(fault, text, ", unparsed text found at index ", reader.at);
    *fields = (struct temporal_fields){.value = value_null()};
    if (status == STATUS_OK) status = parsed_resolve(formatter, &reader.parsed, fields, &why);
    if (status == STATUS_OK) apply_zone(formatter, zones, fields);
    if (status == STATUS_OK && !suffices(fields, class_id))
        status = fail_missing(&reader.parsed, fields, class_id, &why);
    if (status == STATUS_OK) return STATUS_OK;
    fault_head(fault, text);
    fault_add(fault, SLICE(": "));
    fault_add(fault, fault_slice(&why));
    return status;
}
