/* helpers_date_format.c - dates and times as text and back: #DATE_FORMAT, and format() and parse() of
 * DateTimeFormatter and the classes of java.time. The work is value/formatter's. */
#include "expr/methods/helpers_formatter.h"
#include "expr/methods/temporal.h"

/* --- to text ------------------------------------------------------------------------------------------ */

/* Is the clock of the zone ahead of what it shows in winter? */
static bool in_summer(const struct zone *zone, int32_t offset)
{
    return zone->tail && offset > (zone->standard < zone->summer ? zone->standard : zone->summer);
}

static bool parts_in_summer(struct call *call, const struct temporal_parts *parts)
{
    struct zone_id_room room;
    struct zone zone;

    return parts->zone.len > 0 &&
           zone_read(call_zones(call), parts->zone, &room, &zone) == ZONE_GOOD &&
           in_summer(&zone, parts->offset);
}

/* The fields of a value of java.time. fails  TYPE */
static enum status fields_of(struct call *call, struct value value, struct temporal_fields *fields)
{
    enum class_id class_id = temporal_class(value);

    *fields = (struct temporal_fields){.value = value};
    if (value.kind == VALUE_NULL) return call_fail(call, "temporal", (struct slice){0});
    if (value.kind != VALUE_TEMPORAL || class_id == CLASS_Period)
        return call_fail(call, "format needs a date or time, not %", machine_class_name(value));
    struct temporal_parts parts = temporal_parts(value);
    bool instant = class_id == CLASS_Instant;
    fields->has_instant =
        instant || class_id == CLASS_OffsetDateTime || class_id == CLASS_ZonedDateTime;
    fields->has_offset = parts.has_offset;
    fields->has_date = parts.has_day && !instant;
    fields->has_time = parts.has_time && !instant;
    fields->day = parts.day;
    fields->nano = parts.nano_of_day;
    fields->instant = temporal_moment(value);
    fields->instant_nanos = temporal_nanos(value);
    fields->offset_seconds = parts.offset;
    fields->zone = parts.zone;
    fields->summer = parts_in_summer(call, &parts);
    return STATUS_OK;
}

/* An offset of its own that is no moment cannot be shown at another. */
static enum status fail_override(struct call *call, struct slice zone, struct value value)
{
    struct slice parts[2] = {zone, {0}};
    enum status status = machine_text(call->machine, value, &parts[1]);

    if (status != STATUS_OK) return status;
    return machine_fail(call->machine, STATUS_INVALID,
                        "Unable to apply override zone '%' because the temporal object being "
                        "formatted has a different offset but does not represent an instant: %",
                        parts, 2);
}

/* Moves a moment into the formatter's zone; a local time is said to be there. */
static enum status apply_zone(struct call *call, struct slice id, struct temporal_fields *fields)
{
    struct zone_id_room room;
    struct zone zone;
    int64_t local = fields->day * SECONDS_PER_DAY + fields->nano / NANOS_PER_SECOND;

    if (id.len == 0) return STATUS_OK;
    enum status status = temporal_zone_of(call, id, &room, &zone);
    if (status != STATUS_OK) return status;
    fields->zone = id;
    if (!fields->has_instant) {
        int32_t offset = zone_resolve(&zone, &local, INT32_MAX);
        fields->summer = fields->has_date && in_summer(&zone, offset);
        bool other = fields->has_offset && zone_is_fixed(&zone) && offset != fields->offset_seconds;
        return other ? fail_override(call, id, fields->value) : STATUS_OK;
    }
    fields->offset_seconds = zone_offset_at(&zone, fields->instant);
    fields->summer = in_summer(&zone, fields->offset_seconds);
    local = fields->instant + fields->offset_seconds;
    fields->day = floor_divided(local, SECONDS_PER_DAY);
    fields->nano =
        (local - fields->day * SECONDS_PER_DAY) * NANOS_PER_SECOND + fields->instant_nanos;
    fields->has_date = fields->has_time = fields->has_offset = true;
    return STATUS_OK;
}

static enum status print_value(struct call *call, const struct formatter *formatter,
                               struct value value)
{
    struct machine *machine = call->machine;
    struct temporal_fields fields;
    struct fault fault = {.len = 0};
    enum status status = fields_of(call, value, &fields);

    if (status == STATUS_OK) status = apply_zone(call, formatter->zone, &fields);
    if (status != STATUS_OK) return status;
    for (size_t capacity = 64; capacity <= machine->bytes_left; capacity *= 4) {
        struct arena_mark mark = arena_mark(machine->frame->arena);
        uint8_t *memory = arena_alloc(machine->frame->arena, capacity, 1);
        if (memory == NULL) break;
        struct buffer text = {.data = memory, .capacity = capacity, .bytes_max = capacity};
        status = formatter_print(formatter, &fields, &text, &fault);
        if (status == STATUS_OK) {
            machine->bytes_left -= (uint32_t)capacity;
            status = machine_spend(machine, formatter->step_count);
            return status == STATUS_OK ? call_return(call, value_string(buffer_slice(&text)))
                                       : status;
        }
        arena_rewind(machine->frame->arena, mark);
        if (status != STATUS_LIMIT) return formatter_fail(call, status, &fault);
    }
    return machine_limit(machine);
}

/* formatter.format(temporal) */
enum status method_formatter_format(struct call *call)
{
    const struct formatter *formatter = NULL;
    enum status status = formatter_argument(call, 0, &formatter);

    return status == STATUS_OK ? print_value(call, formatter, call->arguments[1]) : status;
}

/* temporal.format(formatter) */
enum status method_temporal_format(struct call *call)
{
    const struct formatter *formatter = NULL;
    enum status status = formatter_argument(call, 1, &formatter);

    return status == STATUS_OK ? print_value(call, formatter, call->arguments[0]) : status;
}

/* #DATE_FORMAT.format: by the ISO formatter of the class. */
enum status method_date_format_format(struct call *call)
{
    struct value value = call->arguments[1];
    const char *name = NULL;

    if (value.kind == VALUE_NULL) return call_fail(call, "null", (struct slice){0});
    switch ((int)temporal_class(value)) {
    case CLASS_LocalDate: name = "ISO_LOCAL_DATE"; break;
    case CLASS_LocalTime: name = "ISO_LOCAL_TIME"; break;
    case CLASS_LocalDateTime: name = "ISO_LOCAL_DATE_TIME"; break;
    case CLASS_Instant: name = "ISO_INSTANT"; break;
    case CLASS_OffsetDateTime: name = "ISO_OFFSET_DATE_TIME"; break;
    case CLASS_ZonedDateTime: name = "ISO_ZONED_DATE_TIME"; break;
    default: {
        struct slice parts[2] = {{0}, machine_class_name(value)};
        enum status status = machine_text(call->machine, value, &parts[0]);
        if (status != STATUS_OK) return status;
        return machine_fail(call->machine, STATUS_INVALID, "% (of class %)", parts, 2);
    }
    }
    return print_value(call, formatter_named(slice_of(name)), value);
}

/* --- from text ---------------------------------------------------------------------------------------- */

/* A local time of a zone, or a moment where the offset was read too. */
static enum status give_zoned(struct call *call, const struct temporal_fields *fields,
                              enum class_id class_id, int64_t local)
{
    int32_t nanos = (int32_t)(fields->nano % NANOS_PER_SECOND);
    struct zone_id_room room;
    struct zone zone;
    uint8_t offset_text[ZONE_OFFSET_TEXT_MAX];
    struct slice id = fields->zone;

    if (id.len == 0)
        id = (struct slice){offset_text, zone_offset_text(fields->offset_seconds, offset_text)};
    enum status status = temporal_zone_of(call, id, &room, &zone);
    if (status != STATUS_OK) return status;
    if (fields->has_instant)
        return temporal_give_zoned(call, fields->instant, fields->instant_nanos, &zone);
    if (fields->has_offset && class_id == CLASS_ZonedDateTime)
        return temporal_give_zoned(call, local - fields->offset_seconds, nanos, &zone);
    if (class_id == CLASS_ZonedDateTime)
        return temporal_give_local(call, local, nanos, &zone, INT32_MAX);
    int32_t offset =
        fields->has_offset ? fields->offset_seconds : zone_resolve(&zone, &local, INT32_MAX);
    return call_return(call, temporal_make(CLASS_Instant, local - offset, nanos));
}

static enum status give_value(struct call *call, const struct temporal_fields *fields,
                              enum class_id class_id)
{
    int64_t local = fields->day * SECONDS_PER_DAY + fields->nano / NANOS_PER_SECOND;
    struct moment moment = {.seconds = local,
                            .nanos = (int32_t)(fields->nano % NANOS_PER_SECOND),
                            .offset = fields->offset_seconds};

    switch ((int)class_id) {
    case CLASS_LocalDate: return call_return(call, temporal_make(class_id, fields->day, 0));
    case CLASS_LocalTime: return call_return(call, temporal_make(class_id, fields->nano, 0));
    case CLASS_LocalDateTime:
        return call_return(call, temporal_make(class_id, local, moment.nanos));
    case CLASS_OffsetTime:
    case CLASS_OffsetDateTime: return temporal_give_moment(call, class_id, &moment);
    case CLASS_Instant:
        if (fields->has_instant) {
            return call_return(call,
                               temporal_make(class_id, fields->instant, fields->instant_nanos));
        }
        return give_zoned(call, fields, class_id, local);
    case CLASS_ZonedDateTime: return give_zoned(call, fields, class_id, local);
    default: return method_unavailable(call);
    }
}

static enum status parse_value(struct call *call, const struct formatter *formatter,
                               struct slice text, enum class_id class_id)
{
    struct temporal_fields fields;
    struct fault fault = {.len = 0};
    enum status status = machine_spend(call->machine, formatter->step_count);

    if (status != STATUS_OK) return status;
    status = formatter_parse(formatter, text, class_id, call_zones(call), &fields, &fault);
    if (status != STATUS_OK) return formatter_fail(call, status, &fault);
    return give_value(call, &fields, class_id);
}

/* What the class's parse(text) reads, and format writes. */
static const struct formatter *default_formatter(enum class_id class_id)
{
    switch ((int)class_id) {
    case CLASS_LocalDate: return formatter_named(SLICE("ISO_LOCAL_DATE"));
    case CLASS_LocalTime: return formatter_named(SLICE("ISO_LOCAL_TIME"));
    case CLASS_LocalDateTime: return formatter_named(SLICE("ISO_LOCAL_DATE_TIME"));
    case CLASS_OffsetTime: return formatter_named(SLICE("ISO_OFFSET_TIME"));
    case CLASS_OffsetDateTime: return formatter_named(SLICE("ISO_OFFSET_DATE_TIME"));
    case CLASS_ZonedDateTime: return formatter_named(SLICE("ISO_ZONED_DATE_TIME"));
    case CLASS_Instant: return formatter_named(SLICE("ISO_INSTANT"));
    default: return NULL;
    }
}

bool class_has_formatter(enum class_id class_id)
{
    return default_formatter(class_id) != NULL;
}

/* parse(text), parse(text, pattern), parse(text, formatter) */
enum status date_format_parse(struct call *call, enum class_id class_id)
{
    const struct formatter *formatter = default_formatter(class_id);
    struct value text;
    enum status status = STATUS_OK;

    if (call->arguments[1].kind == VALUE_NULL) return call_fail(call, "text", (struct slice){0});
    if (call->count == 2 && call->arguments[2].kind == VALUE_STRING) {
        status = formatter_of_pattern(call, 2, false, &locale_default, &formatter);
    } else if (call->count == 2) {
        status = formatter_argument(call, 2, &formatter);
    }
    if (status == STATUS_OK) status = call_string(call, 1, &text);
    return status == STATUS_OK ? parse_value(call, formatter, value_text(text), class_id) : status;
}
