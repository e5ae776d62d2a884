/* methods_zone.c - java.time with offsets and time zones.
 *
 * A ZonedDateTime says which zone it is in; the zone's rules are looked up when they are needed, in the
 * tables that the host handed in.
 */
#include "expr/methods_temporal.h"

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
