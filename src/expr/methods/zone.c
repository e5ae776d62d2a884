/* zone.c - java.time with offsets and time zones.
 *
 * A ZonedDateTime says which zone it is in; the zone's rules are looked up when they are needed, in the
 * tables that the host handed in.
 */
#include "expr/methods/temporal.h"

/* --- making ------------------------------------------------------------------------------------------- */

enum status temporal_give_moment(struct call *call, enum class_id class_id,
                                 const struct moment *moment)
{
    enum status status = temporal_of_moment(class_id, moment, call_arena(call), call->result);

    return status == STATUS_OK ? STATUS_OK : machine_limit(call->machine);
}

enum status temporal_give_zoned(struct call *call, int64_t seconds, int32_t nanos,
                                const struct zone *zone)
{
    int32_t offset = zone_offset_at(zone, seconds);
    struct moment moment = {seconds + offset, nanos, offset, zone->id};

    return temporal_give_moment(call, CLASS_ZonedDateTime, &moment);
}

enum status temporal_give_local(struct call *call, int64_t local_seconds, int32_t nanos,
                                const struct zone *zone, int32_t preferred)
{
    int32_t offset = zone_resolve(zone, &local_seconds, preferred);
    struct moment moment = {local_seconds, nanos, offset, zone->id};

    return temporal_give_moment(call, CLASS_ZonedDateTime, &moment);
}

/* Messages about a number name the number, others the text. */
static enum status fail_zone(struct call *call, enum zone_fault fault, struct slice text,
                             int32_t number)
{
    bool about_number = fault == ZONE_HOURS || fault == ZONE_MINUTES || fault == ZONE_SECONDS;

    if (about_number) {
        enum status status = machine_text(call->machine, value_integer(number), &text);
        if (status != STATUS_OK) return status;
    }
    return call_fail(call, zone_fault_message(fault), text);
}

enum status temporal_zone_of(struct call *call, struct slice id, struct zone_id_room *room,
                             struct zone *zone)
{
    enum zone_fault fault = zone_read(call_zones(call), id, room, zone);
    int32_t number = 0;
    int32_t offset;

    if (fault == ZONE_GOOD) return STATUS_OK;
    if (fault == ZONE_HOURS || fault == ZONE_MINUTES || fault == ZONE_SECONDS) {
        (void)zone_offset_read(id, &offset, &number);
    }
    return fail_zone(call, fault, id, number);
}

enum status temporal_zone_argument(struct call *call, uint32_t index, struct zone_id_room *room,
                                   struct zone *zone)
{
    struct value value = call->arguments[index];

    if (value.kind == VALUE_STRING) return temporal_zone_of(call, value_text(value), room, zone);
    if (temporal_class(value) == CLASS_ZoneOffset) {
        *zone = zone_fixed(temporal_zone_text(value, room), (int32_t)value.i64);
        return STATUS_OK;
    }
    enum status status = temporal_argument(call, index, CLASS_ZoneId, &value);
    if (status != STATUS_OK) return status;
    return temporal_zone_of(call, (struct slice){value.text, value.len}, room, zone);
}

/* --- offsets ------------------------------------------------------------------------------------------ */

/* Offset of a value that has one; a ZoneOffset's seconds. */
enum status method_temporal_offset(struct call *call)
{
    struct value value = call->arguments[0];
    struct temporal_parts parts = temporal_parts(value);

    if (!parts.has_offset) return method_unavailable(call);
    if (temporal_class(value) == CLASS_ZoneOffset) return call_return_integer(call, parts.offset);
    return call_return(call, temporal_zone_offset(parts.offset));
}

/* #DATE.zoneOffset(text), ZoneOffset.of(text) */
enum status method_date_zone_offset(struct call *call)
{
    struct value text;
    int32_t offset = 0;
    int32_t number;

    if (temporal_class(call->arguments[1]) == CLASS_ZoneOffset) {
        return call_return(call, call->arguments[1]);
    }
    if (call->arguments[1].kind == VALUE_NULL)
        return call_fail(call, "offsetId", (struct slice){0});
    enum status status = call_string(call, 1, &text);
    if (status != STATUS_OK) return status;
    enum zone_fault fault = zone_offset_read(value_text(text), &offset, &number);
    if (fault != ZONE_GOOD) return fail_zone(call, fault, value_text(text), number);
    return call_return(call, temporal_zone_offset(offset));
}

/* offset.withOffsetSameInstant(o) and withOffsetSameLocal(o) */
enum status method_temporal_with_offset(struct call *call)
{
    struct value value = call->arguments[0];
    struct value offset;
    enum status status = temporal_argument(call, 1, CLASS_ZoneOffset, &offset);

    if (status != STATUS_OK) return status;
    if (!temporal_class_has_moment(temporal_class(value))) return method_unavailable(call);
    struct moment moment = *value.moment;
    if (temporal_named(call, "withOffsetSameInstant")) {
        moment.seconds += (int32_t)offset.i64 - moment.offset;
    }
    if (temporal_class(value) == CLASS_OffsetTime) {
        moment.seconds = (moment.seconds + SECONDS_PER_DAY) % SECONDS_PER_DAY;
    }
    moment.offset = (int32_t)offset.i64;
    return temporal_give_moment(call, temporal_class(value), &moment);
}

static enum status fail_signs(struct call *call, int64_t hours)
{
    if (hours == 0) {
        return call_fail(call, "Zone offset minutes and seconds must have the same sign",
                         (struct slice){0});
    }
    return call_fail(call,
                     hours > 0
                         ? "Zone offset minutes and seconds must be positive because hours is "
                           "positive"
                         : "Zone offset minutes and seconds must be negative because hours is "
                           "negative",
                     (struct slice){0});
}

/* ZoneOffset.ofHours, ofHoursMinutes, ofHoursMinutesSeconds, ofTotalSeconds, MIN, MAX */
enum status method_zone_offset_of(struct call *call)
{
    static const enum zone_fault faults[3] = {ZONE_HOURS, ZONE_MINUTES, ZONE_SECONDS};
    static const int64_t most[3] = {18, 59, 59};
    int64_t parts[3] = {0};
    int64_t total = 0;
    bool positive = false;
    bool negative = false;

    for (uint32_t i = 0; i < call->count && i < COUNT_OF(parts); i++) {
        enum status status = call_integer(call, i + 1, &parts[i]);
        if (status != STATUS_OK) return status;
        positive = positive || parts[i] > 0;
        negative = negative || parts[i] < 0;
    }
    if (strcmp(call->method->name, "MAX") == 0) total = ZONE_OFFSET_MAX;
    if (strcmp(call->method->name, "MIN") == 0) total = -ZONE_OFFSET_MAX;
    if (strcmp(call->method->name, "ofTotalSeconds") == 0) total = parts[0];
    if (slice_starts_with(slice_of(call->method->name), SLICE("ofHours"))) {
        for (uint32_t i = 0; i < 3; i++) {
            bool beyond = parts[i] > most[i] || parts[i] < -most[i];
            if (beyond) return fail_zone(call, faults[i], SLICE(""), (int32_t)parts[i]);
            if (i == 0 && positive && negative) return fail_signs(call, parts[0]);
        }
        total = parts[0] * 3600 + parts[1] * 60 + parts[2];
    }
    if (total < -ZONE_OFFSET_MAX || total > ZONE_OFFSET_MAX)
        return fail_zone(call, ZONE_RANGE, SLICE(""), 0);
    return call_return(call, temporal_zone_offset((int32_t)total));
}

/* --- zones -------------------------------------------------------------------------------------------- */

static enum status give_zone(struct call *call, const struct zone *zone)
{
    enum status status = temporal_copy(temporal_zone_id(zone->id), call_arena(call), call->result);

    return status == STATUS_OK ? STATUS_OK : machine_limit(call->machine);
}

/* ZoneId.of(text), with or without a map of other names; #DATE.zone(text) */
enum status method_zone_of(struct call *call)
{
    struct zone_id_room room;
    struct zone zone;
    struct value text;

    if (call->arguments[1].kind == VALUE_NULL) return call_fail(call, "zoneId", (struct slice){0});
    enum status status = call_string(call, 1, &text);
    if (status != STATUS_OK) return status;
    if (call->count == 2) {
        struct value names;
        struct value other;
        status = call_map(call, 2, &names);
        if (status != STATUS_OK) return status;
        status = map_get(names, value_text(text), call_arena(call), &other);
        if (status == STATUS_OK && other.kind == VALUE_STRING) text = other;
    }
    status = temporal_zone_of(call, value_text(text), &room, &zone);
    return status == STATUS_OK ? give_zone(call, &zone) : status;
}

/* ZoneId.ofOffset("UTC", offset) */
enum status method_zone_of_offset(struct call *call)
{
    struct value prefix;
    struct value offset;
    uint8_t id[3 + ZONE_OFFSET_TEXT_MAX];
    enum status status = call_string(call, 1, &prefix);

    if (status == STATUS_OK) status = temporal_argument(call, 2, CLASS_ZoneOffset, &offset);
    if (status != STATUS_OK) return status;
    struct slice text = value_text(prefix);
    if (text.len == 0) return call_return(call, offset);
    if (!slice_equal(text, SLICE("UTC")) && !slice_equal(text, SLICE("GMT")) &&
        !slice_equal(text, SLICE("UT"))) {
        return call_fail(call, "prefix should be GMT, UTC or UT, is: %", text);
    }
    memcpy(id, text.data, text.len);
    size_t len = text.len;
    if (offset.i64 != 0) len += zone_offset_text((int32_t)offset.i64, id + len);
    struct zone zone = zone_fixed((struct slice){id, len}, (int32_t)offset.i64);
    return give_zone(call, &zone);
}

/* id, getId */
enum status method_zone_id(struct call *call)
{
    struct slice text;
    enum status status = machine_text(call->machine, call->arguments[0], &text);

    return status == STATUS_OK ? call_return(call, value_string(text)) : status;
}

/* A zone whose offset never changes is that offset. */
enum status method_zone_normalized(struct call *call)
{
    struct value value = call->arguments[0];
    struct zone_id_room room;
    struct zone zone;

    call->arguments[0] = value;
    if (temporal_class(value) == CLASS_ZoneOffset) return call_return(call, value);
    enum status status = temporal_zone_argument(call, 0, &room, &zone);
    if (status != STATUS_OK) return status;
    return zone_is_fixed(&zone) ? call_return(call, temporal_zone_offset(zone.standard))
                                : call_return(call, value);
}

static struct slice default_id(const struct call *call)
{
    const struct zones *zones = call_zones(call);

    return zones != NULL && zones->default_id.len > 0 ? zones->default_id : SLICE("UTC");
}

/* ZoneId.systemDefault(), #DATE.defaultTimeZone */
enum status method_zone_default(struct call *call)
{
    return call_return(call, temporal_zone_id(default_id(call)));
}

/* ZoneId.getAvailableZoneIds() */
enum status method_zone_ids(struct call *call)
{
    const struct zones *zones = call_zones(call);
    uint32_t count = zones == NULL ? 0 : zones->count;
    struct value *items = machine_alloc(call->machine, count, sizeof(*items));

    if (items == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++)
        items[i] = value_string(zones->items[i].id);
    struct value set = value_list(items, count);
    set.kind = VALUE_SET;
    return call_return(call, set);
}

/* zone, getZone of a ZonedDateTime; ZoneId.from(temporal) */
enum status method_zoned_zone(struct call *call)
{
    struct value value = call->arguments[call->count];
    struct temporal_parts parts = temporal_parts(value);

    if (parts.zone.len > 0) return call_return(call, temporal_zone_id(parts.zone));
    if (parts.has_offset) return call_return(call, temporal_zone_offset(parts.offset));
    struct slice texts[] = {SLICE(""), machine_class_name(value)};
    enum status status = machine_text(call->machine, value, &texts[0]);
    if (status != STATUS_OK) return status;
    return machine_fail(call->machine, STATUS_INVALID,
                        "Unable to obtain ZoneId from TemporalAccessor: % of type %", texts, 2);
}

/* --- into a zone -------------------------------------------------------------------------------------- */

/* instant.atZone(z), offset.atZoneSameInstant(z), zoned.withZoneSameInstant(z): the moment is kept. */
enum status method_zoned_at_instant(struct call *call)
{
    struct value value = call->arguments[0];
    struct zone_id_room room;
    struct zone zone;
    enum status status = temporal_zone_argument(call, 1, &room, &zone);

    if (status != STATUS_OK) return status;
    return temporal_give_zoned(call, temporal_moment(value), temporal_nanos(value), &zone);
}

/* dateTime.atZone(z), offset.atZoneSimilarLocal(z), zoned.withZoneSameLocal(z), date.atStartOfDay(z):
 * what the clock shows is kept. */
enum status method_zoned_at_local(struct call *call)
{
    struct temporal_parts parts = temporal_parts(call->arguments[0]);
    struct zone_id_room room;
    struct zone zone;
    enum status status = temporal_zone_argument(call, 1, &room, &zone);

    if (status != STATUS_OK) return status;
    int64_t seconds = parts.day * SECONDS_PER_DAY + parts.nano_of_day / NANOS_PER_SECOND;
    /* Without an offset to prefer the earlier one counts: none is 19 hours. */
    return temporal_give_local(call, seconds, (int32_t)(parts.nano_of_day % NANOS_PER_SECOND),
                               &zone, parts.has_offset ? parts.offset : ZONE_OFFSET_MAX + 3600);
}

/* withFixedOffsetZone, withEarlierOffsetAtOverlap, withLaterOffsetAtOverlap; offset.toZonedDateTime */
enum status method_zoned_with(struct call *call)
{
    struct value value = call->arguments[0];
    struct zone_id_room room;
    struct zone zone;

    if (!temporal_class_has_moment(temporal_class(value))) return method_unavailable(call);
    struct moment moment = *value.moment;
    if (temporal_named(call, "withFixedOffsetZone") || temporal_named(call, "toZonedDateTime")) {
        moment.zone = temporal_zone_text(temporal_zone_offset(moment.offset), &room);
        return temporal_give_moment(call, CLASS_ZonedDateTime, &moment);
    }
    enum status status = temporal_zone_of(call, moment.zone, &room, &zone);
    if (status != STATUS_OK) return status;
    struct zone_local local = zone_local(&zone, moment.seconds);
    if (local.fit != ZONE_OVERLAP) return call_return(call, value);
    moment.offset = temporal_named(call, "withLaterOffsetAtOverlap") ? local.after : local.before;
    return temporal_give_moment(call, CLASS_ZonedDateTime, &moment);
}

/* atOffset, atDate: the local time at an offset; an Instant as its clock shows it there. */
enum status method_offset_at(struct call *call)
{
    struct value value = call->arguments[0];
    struct temporal_parts parts = temporal_parts(value);
    struct value other = call->arguments[1];
    struct moment moment = {.offset = parts.offset};
    enum class_id class_id = CLASS_OffsetDateTime;
    bool at_date = temporal_named(call, "atDate");
    enum status status =
        temporal_argument(call, 1, at_date ? CLASS_LocalDate : CLASS_ZoneOffset, &other);

    if (status != STATUS_OK) return status;
    if (at_date) {
        parts.day = other.i64;
    } else {
        moment.offset = (int32_t)other.i64;
        if (!parts.has_day) class_id = CLASS_OffsetTime;
    }
    moment.seconds = parts.day * SECONDS_PER_DAY + parts.nano_of_day / NANOS_PER_SECOND;
    moment.nanos = (int32_t)(parts.nano_of_day % NANOS_PER_SECOND);
    if (temporal_class(value) == CLASS_Instant) moment.seconds += moment.offset;
    return temporal_give_moment(call, class_id, &moment);
}

/* toOffsetDateTime, toOffsetTime */
enum status method_offset_to(struct call *call)
{
    struct value value = call->arguments[0];

    if (!temporal_class_has_moment(temporal_class(value))) return method_unavailable(call);
    struct moment moment = *value.moment;
    moment.zone = (struct slice){0};
    if (temporal_named(call, "toOffsetDateTime"))
        return temporal_give_moment(call, CLASS_OffsetDateTime, &moment);
    moment.seconds = temporal_nano_of_day(value) / NANOS_PER_SECOND;
    return temporal_give_moment(call, CLASS_OffsetTime, &moment);
}
