/* helpers_date_format.c - dates and times as text and back: #DATE_FORMAT, T(DateTimeFormatter), and
 * format() and parse() of the classes of java.time. The work is value/formatter's. */
#include "expr/methods_temporal.h"
#include "value/formatter.h"
#include "value/object.h"

static enum status fail_with(struct call *call, enum status status, const struct fault *fault)
{
    if (status == STATUS_LIMIT) return machine_limit(call->machine);
    struct slice text = fault_slice(fault);
    return machine_fail(call->machine, STATUS_INVALID, "%", &text, 1);
}

/* --- formatters --------------------------------------------------------------------------------------- */

static enum status formatter_argument(struct call *call, uint32_t index,
                                      const struct formatter **formatter)
{
    struct value value = call->arguments[index];

    if (value.kind == VALUE_NULL) return call_fail(call, "formatter", (struct slice){0});
    if (value.kind != VALUE_FORMATTER)
        return call_fail(call, "A DateTimeFormatter is needed, not %", machine_class_name(value));
    *formatter = value.formatter;
    return STATUS_OK;
}

/* A locale by its tag; none given: English. */
static enum status locale_argument(struct call *call, uint32_t index, struct locale *locale)
{
    struct slice tag;

    *locale = locale_default;
    if (index > call->count) return STATUS_OK;
    if (call->arguments[index].kind == VALUE_NULL)
        return call_fail(call, "locale", (struct slice){0});
    enum status status = machine_text(call->machine, call->arguments[index], &tag);
    if (status != STATUS_OK) return status;
    if (locale_from_tag(tag, locale) == STATUS_OK) return STATUS_OK;
    return call_fail(call, "Invalid locale format: %", tag);
}

static enum status make_formatter(struct call *call, uint32_t index, bool lenient,
                                  const struct locale *locale, const struct formatter **formatter)
{
    struct value pattern;
    struct fault fault = {.len = 0};

    if (call->arguments[index].kind == VALUE_NULL)
        return call_fail(call, "pattern", (struct slice){0});
    enum status status = call_string(call, index, &pattern);
    if (status != STATUS_OK) return status;
    status = machine_spend(call->machine, pattern.len);
    if (status != STATUS_OK) return status;
    status = formatter_compile(value_text(pattern), locale, lenient, call_arena(call), formatter,
                               &fault);
    return status == STATUS_OK ? STATUS_OK : fail_with(call, status, &fault);
}

/* #DATE_FORMAT.formatter and lenientFormatter, DateTimeFormatter.ofPattern */
enum status method_formatter_make(struct call *call)
{
    bool lenient = slice_starts_with(slice_of(call->method->name), SLICE("lenient"));
    const struct formatter *formatter = NULL;
    struct locale locale;
    enum status status = locale_argument(call, 2, &locale);

    if (status == STATUS_OK) status = make_formatter(call, 1, lenient, &locale, &formatter);
    return status == STATUS_OK ? call_return(call, value_formatter(formatter)) : status;
}

/* formatter.withLocale(l): the pattern is compiled again, with the other names and weeks. */
enum status method_formatter_with_locale(struct call *call)
{
    const struct formatter *formatter = NULL;
    const struct formatter *made = NULL;
    struct locale locale;
    struct fault fault = {.len = 0};
    enum status status = formatter_argument(call, 0, &formatter);

    if (status == STATUS_OK) status = locale_argument(call, 1, &locale);
    if (status != STATUS_OK) return status;
    ASSERT(formatter != NULL);
    if (formatter->constant != 0) return call_return(call, call->arguments[0]);
    status = machine_spend(call->machine, formatter->pattern.len);
    if (status != STATUS_OK) return status;
    status = formatter_compile(formatter->pattern, &locale, formatter->lenient, call_arena(call),
                               &made, &fault);
    return status == STATUS_OK ? call_return(call, value_formatter(made))
                               : fail_with(call, status, &fault);
}

enum status method_formatter_locale(struct call *call)
{
    const struct formatter *formatter = NULL;
    struct value locale;
    enum status status = formatter_argument(call, 0, &formatter);

    if (status != STATUS_OK) return status;
    ASSERT(formatter != NULL);
    const struct locale *own = formatter->constant == 0 ? &formatter->locale : &locale_default;
    if (object_from_text(slice_of(own->tag), CLASS_Locale, call_arena(call), &locale) != STATUS_OK)
        return machine_limit(call->machine);
    return call_return(call, locale);
}

/* None has a zone of its own. */
enum status method_formatter_zone(struct call *call)
{
    return call_return(call, value_null());
}

/* DateTimeFormatter.ISO_DATE and its like: the row is called as the formatter is. */
enum status method_formatter_constant(struct call *call)
{
    const struct formatter *formatter = formatter_named(slice_of(call->method->name));

    return formatter != NULL ? call_return(call, value_formatter(formatter))
                             : method_unavailable(call);
}

/* --- to text ------------------------------------------------------------------------------------------ */

/* Is the clock of the zone ahead of what it shows in winter? */
static bool in_summer(struct call *call, const struct temporal_parts *parts)
{
    struct zone_id_room room;
    struct zone zone;

    if (parts->zone.len == 0) return false;
    if (zone_read(call_zones(call), parts->zone, &room, &zone) != ZONE_GOOD || !zone.tail)
        return false;
    return parts->offset > (zone.standard < zone.summer ? zone.standard : zone.summer);
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
    fields->summer = in_summer(call, &parts);
    return STATUS_OK;
}

static enum status print_value(struct call *call, const struct formatter *formatter,
                               struct value value)
{
    struct machine *machine = call->machine;
    struct temporal_fields fields;
    struct fault fault = {.len = 0};
    enum status status = fields_of(call, value, &fields);

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
        if (status != STATUS_LIMIT) return fail_with(call, status, &fault);
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
    if (status != STATUS_OK) return fail_with(call, status, &fault);
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
        status = make_formatter(call, 2, false, &locale_default, &formatter);
    } else if (call->count == 2) {
        status = formatter_argument(call, 2, &formatter);
    }
    if (status == STATUS_OK) status = call_string(call, 1, &text);
    return status == STATUS_OK ? parse_value(call, formatter, value_text(text), class_id) : status;
}
