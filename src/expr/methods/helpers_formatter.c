/* helpers_formatter.c - formatters as values: #DATE_FORMAT.formatter, T(DateTimeFormatter). What they write
 * and read is in helpers_date_format.c. */
#include "expr/methods/helpers_formatter.h"
#include "expr/methods/temporal.h"
#include "value/object.h"

enum status formatter_fail(struct call *call, enum status status, const struct fault *fault)
{
    if (status == STATUS_LIMIT) return machine_limit(call->machine);
    struct slice text = fault_slice(fault);
    return machine_fail(call->machine, STATUS_INVALID, "%", &text, 1);
}

enum status formatter_argument(struct call *call, uint32_t index,
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

enum status formatter_of_pattern(struct call *call, uint32_t index, bool lenient,
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
    return status == STATUS_OK ? STATUS_OK : formatter_fail(call, status, &fault);
}

/* #DATE_FORMAT.formatter and lenientFormatter, DateTimeFormatter.ofPattern */
enum status method_formatter_make(struct call *call)
{
    bool lenient = slice_starts_with(slice_of(call->method->name), SLICE("lenient"));
    const struct formatter *formatter = NULL;
    struct locale locale;
    enum status status = locale_argument(call, 2, &locale);

    if (status == STATUS_OK) status = formatter_of_pattern(call, 1, lenient, &locale, &formatter);
    return status == STATUS_OK ? call_return(call, value_formatter(formatter)) : status;
}

static enum status give_with_zone(struct call *call, const struct formatter *formatter,
                                  struct slice zone)
{
    const struct formatter *made = NULL;

    if (formatter_with_zone(formatter, zone, call_arena(call), &made) != STATUS_OK)
        return machine_limit(call->machine);
    return call_return(call, value_formatter(made));
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
    if (status != STATUS_OK) return formatter_fail(call, status, &fault);
    return give_with_zone(call, made, formatter->zone);
}

/* formatter.withZone(z); null takes the zone away. */
enum status method_formatter_with_zone(struct call *call)
{
    const struct formatter *formatter = NULL;
    struct zone_id_room room;
    struct zone zone = {.id = {0}};
    enum status status = formatter_argument(call, 0, &formatter);

    if (status == STATUS_OK && call->arguments[1].kind != VALUE_NULL)
        status = temporal_zone_argument(call, 1, &room, &zone);
    return status == STATUS_OK ? give_with_zone(call, formatter, zone.id) : status;
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

/* Null where withZone() gave it none. */
enum status method_formatter_zone(struct call *call)
{
    const struct formatter *formatter = NULL;
    struct zone_id_room room;
    struct zone zone;
    enum status status = formatter_argument(call, 0, &formatter);

    if (status != STATUS_OK) return status;
    ASSERT(formatter != NULL);
    if (formatter->zone.len == 0) return call_return(call, value_null());
    status = temporal_zone_of(call, formatter->zone, &room, &zone);
    if (status != STATUS_OK) return status;
    if (zone_id_is_offset(formatter->zone))
        return call_return(call, temporal_zone_offset(zone_offset_at(&zone, 0)));
    return call_return(call, temporal_zone_id(formatter->zone));
}

/* DateTimeFormatter.ISO_DATE and its like: the row is called as the formatter is. */
enum status method_formatter_constant(struct call *call)
{
    const struct formatter *formatter = formatter_named(slice_of(call->method->name));

    return formatter != NULL ? call_return(call, value_formatter(formatter))
                             : method_unavailable(call);
}
