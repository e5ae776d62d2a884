/* moment.c - making dates and times that need a zone or an offset: now, of, ofInstant, and the
 * moments of local times at an offset.
 */
#include "expr/methods/temporal.h"

/* --- what a clock shows ------------------------------------------------------------------------------- */

/* The class's view of a moment in a zone. */
static enum status give_view(struct call *call, enum class_id class_id, int64_t seconds,
                             int32_t nanos, const struct zone *zone)
{
    int32_t offset = zone_offset_at(zone, seconds);
    int64_t local = seconds + offset;
    int64_t day = floor_divided(local, SECONDS_PER_DAY);
    int64_t of_day = local - day * SECONDS_PER_DAY;

    switch ((int)class_id) {
    case CLASS_Instant: return call_return(call, temporal_make(class_id, seconds, nanos));
    case CLASS_LocalDate: return call_return(call, temporal_make(class_id, day, 0));
    case CLASS_LocalTime:
        return call_return(call, temporal_make(class_id, of_day * NANOS_PER_SECOND + nanos, 0));
    case CLASS_LocalDateTime: return call_return(call, temporal_make(class_id, local, nanos));
    case CLASS_OffsetDateTime:
        return temporal_give_moment(
            call, class_id, &(struct moment){.seconds = local, .nanos = nanos, .offset = offset});
    case CLASS_OffsetTime:
        return temporal_give_moment(
            call, class_id, &(struct moment){.seconds = of_day, .nanos = nanos, .offset = offset});
    case CLASS_ZonedDateTime: return temporal_give_zoned(call, seconds, nanos, zone);
    default: return method_unavailable(call);
    }
}

static enum status default_zone(struct call *call, struct zone_id_room *room, struct zone *zone)
{
    const struct zones *zones = call_zones(call);
    bool given = zones != NULL && zones->default_id.len > 0;

    return temporal_zone_of(call, given ? zones->default_id : SLICE("UTC"), room, zone);
}

/* LocalDate.now() and its like, now(zone); #DATE.nowAtDefaultTimeZone, nowAtZone, nowAtOffset: the time
 * of the event being processed. */
enum status method_temporal_now(struct call *call)
{
    int64_t now = call->machine->frame->now_ms;
    int64_t seconds = floor_divided(now, 1000);
    int32_t nanos = (int32_t)(now - seconds * 1000) * NANOS_PER_MILLI;
    enum class_id class_id = call->method->receiver;
    struct zone_id_room room;
    struct zone zone;
    enum status status = call->count == 0 ? default_zone(call, &room, &zone)
                                          : temporal_zone_argument(call, 1, &room, &zone);

    if (status != STATUS_OK) return status;
    if (class_id == CLASS_date) {
        class_id = temporal_named(call, "nowAtOffset") ? CLASS_OffsetDateTime : CLASS_ZonedDateTime;
    }
    return give_view(call, class_id, seconds, nanos, &zone);
}

/* LocalDate.ofInstant(instant, zone) and its like */
enum status method_temporal_of_instant(struct call *call)
{
    struct value instant;
    struct zone_id_room room;
    struct zone zone;
    enum status status = temporal_argument(call, 1, CLASS_Instant, &instant);

    if (status == STATUS_OK) status = temporal_zone_argument(call, 2, &room, &zone);
    if (status != STATUS_OK) return status;
    return give_view(call, call->method->receiver, instant.i64, instant.nanos, &zone);
}

/* LocalDateTime.ofEpochSecond(seconds, nanos, offset) */
enum status method_temporal_of_epoch_at(struct call *call)
{
    int64_t seconds = 0;
    int64_t nanos = 0;
    struct value offset;
    enum status status = call_integer(call, 1, &seconds);

    if (status == STATUS_OK) status = call_integer(call, 2, &nanos);
    if (status == STATUS_OK) status = temporal_argument(call, 3, CLASS_ZoneOffset, &offset);
    if (status != STATUS_OK) return status;
    if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
        return temporal_fail_field(call, "NanoOfSecond", 0, NANOS_PER_SECOND - 1, nanos);
    }
    seconds = (int64_t)((uint64_t)seconds + (uint64_t)offset.i64);
    int64_t day = floor_divided(seconds, SECONDS_PER_DAY);
    int64_t second = seconds % SECONDS_PER_DAY;
    if (second < 0) second += SECONDS_PER_DAY;
    return temporal_give_day(call, temporal_make(CLASS_LocalDateTime, 0, 0), day,
                             second * NANOS_PER_SECOND + nanos);
}

/* --- of parts ----------------------------------------------------------------------------------------- */

/* The local time that the arguments before the last one say, through the row of LocalDateTime. */
static enum status local_parts(struct call *call, uint32_t count, struct value *local)
{
    static const struct method row = {.receiver = CLASS_LocalDateTime, .name = "of"};
    struct call inner = {.machine = call->machine,
                         .method = &row,
                         .arguments = call->arguments,
                         .count = count,
                         .result = local};
    struct value first = call->arguments[1];

    if (count == 1) return temporal_argument(call, 1, CLASS_LocalDateTime, local);
    if (first.kind == VALUE_STRING) {
        enum status status = temporal_argument(call, 1, CLASS_LocalDate, &call->arguments[1]);
        if (status != STATUS_OK) return status;
    }
    return method_temporal_of(&inner);
}

/* OffsetDateTime.of(..., offset), ZonedDateTime.of(..., zone) */
enum status method_zoned_of(struct call *call)
{
    struct zone_id_room room;
    struct zone zone;
    struct value local = value_null();
    enum status status = temporal_zone_argument(call, call->count, &room, &zone);

    if (status == STATUS_OK) status = local_parts(call, call->count - 1, &local);
    if (status != STATUS_OK) return status;
    if (call->method->receiver == CLASS_ZonedDateTime) {
        return temporal_give_local(call, local.i64, local.nanos, &zone, ZONE_OFFSET_MAX + 1);
    }
    return temporal_give_moment(
        call, CLASS_OffsetDateTime,
        &(struct moment){.seconds = local.i64, .nanos = local.nanos, .offset = zone.standard});
}

/* OffsetTime.of(time, offset), of(h, m, s, n, offset); MIN and MAX */
enum status method_offset_time_of(struct call *call)
{
    static const int64_t most[4] = {23, 59, 59, NANOS_PER_SECOND - 1};
    static const char *const fields[4] = {"HourOfDay", "MinuteOfHour", "SecondOfMinute",
                                          "NanoOfSecond"};
    static const int64_t steps[4] = {3600LL * NANOS_PER_SECOND, 60LL * NANOS_PER_SECOND,
                                     NANOS_PER_SECOND, 1};
    struct value offset = temporal_zone_offset(0);
    struct value time = temporal_make(CLASS_LocalTime, 0, 0);
    enum status status = STATUS_OK;

    if (call->count == 0) {
        bool max = strcmp(call->method->name, "MAX") == 0;
        offset = temporal_zone_offset(max ? -ZONE_OFFSET_MAX : ZONE_OFFSET_MAX);
        if (max) time.i64 = NANOS_PER_DAY - 1;
    } else {
        status = temporal_argument(call, call->count, CLASS_ZoneOffset, &offset);
    }
    if (status == STATUS_OK && call->count == 2) {
        status = temporal_argument(call, 1, CLASS_LocalTime, &time);
    }
    for (uint32_t i = 0; i < 4 && call->count == 5 && status == STATUS_OK; i++) {
        int64_t number = 0;
        status = call_integer(call, i + 1, &number);
        if (status != STATUS_OK) return status;
        if (number < 0 || number > most[i])
            return temporal_fail_field(call, fields[i], 0, most[i], number);
        time.i64 += number * steps[i];
    }
    if (status != STATUS_OK) return status;
    return temporal_give_moment(call, CLASS_OffsetTime,
                                &(struct moment){.seconds = time.i64 / NANOS_PER_SECOND,
                                                 .nanos = (int32_t)(time.i64 % NANOS_PER_SECOND),
                                                 .offset = (int32_t)offset.i64});
}

/* ofLocal(local, zone, preferred offset), ofInstant(local, offset, zone), ofStrict(local, offset, zone) */
enum status method_zoned_of_local(struct call *call)
{
    bool of_local = temporal_named(call, "ofLocal");
    struct value local;
    struct value offset;
    struct zone_id_room room;
    struct zone zone;
    enum status status = temporal_argument(call, 1, CLASS_LocalDateTime, &local);

    if (status == STATUS_OK) status = temporal_zone_argument(call, of_local ? 2 : 3, &room, &zone);
    if (status != STATUS_OK) return status;
    if (of_local && call->arguments[3].kind == VALUE_NULL) {
        return temporal_give_local(call, local.i64, local.nanos, &zone, ZONE_OFFSET_MAX + 1);
    }
    status = temporal_argument(call, of_local ? 3 : 2, CLASS_ZoneOffset, &offset);
    if (status != STATUS_OK) return status;
    if (of_local) {
        return temporal_give_local(call, local.i64, local.nanos, &zone, (int32_t)offset.i64);
    }
    int64_t seconds = local.i64 - offset.i64;
    bool valid = zone_offset_at(&zone, seconds) == offset.i64;
    if (valid || temporal_named(call, "ofInstant"))
        return temporal_give_zoned(call, seconds, local.nanos, &zone);
    struct slice parts[3] = {SLICE(""), SLICE(""), zone.id};
    status = machine_text(call->machine, local, &parts[1]);
    if (status == STATUS_OK) status = machine_text(call->machine, offset, &parts[0]);
    if (status != STATUS_OK) return status;
    if (zone_local(&zone, local.i64).fit == ZONE_GAP) {
        struct slice gap[2] = {parts[1], zone.id};
        return machine_fail(call->machine, STATUS_INVALID,
                            "LocalDateTime '%' does not exist in zone '%' due to a gap in the "
                            "local time-line, typically caused by daylight savings",
                            gap, 2);
    }
    return machine_fail(call->machine, STATUS_INVALID,
                        "ZoneOffset '%' is not valid for LocalDateTime '%' in zone '%'", parts, 3);
}

/* --- moments of local times --------------------------------------------------------------------------- */

/* toEpochSecond(offset), toInstant(offset), toEpochSecond(time or date, offset), (date) */
enum status method_temporal_moment_at(struct call *call)
{
    struct value value = call->arguments[0];
    struct temporal_parts parts = temporal_parts(value);
    struct value other;
    struct value offset = temporal_zone_offset(parts.offset);
    enum status status = STATUS_OK;
    bool joined = call->count == 2 || temporal_class(value) == CLASS_OffsetTime;

    if (joined) {
        bool day = !parts.has_day;
        status = temporal_argument(call, 1, day ? CLASS_LocalDate : CLASS_LocalTime, &other);
        if (status != STATUS_OK) return status;
        if (day) {
            parts.day = other.i64;
        } else {
            parts.nano_of_day = other.i64;
        }
    }
    if (temporal_class(value) != CLASS_OffsetTime) {
        status = temporal_argument(call, call->count, CLASS_ZoneOffset, &offset);
        if (status != STATUS_OK) return status;
    }
    int64_t seconds =
        parts.day * SECONDS_PER_DAY + parts.nano_of_day / NANOS_PER_SECOND - offset.i64;
    if (!temporal_named(call, "toInstant")) return call_return(call, value_long(seconds));
    return call_return(call, temporal_make(CLASS_Instant, seconds,
                                           (int32_t)(parts.nano_of_day % NANOS_PER_SECOND)));
}

/* The moment of a local time in a zone. */
static enum status local_moment(struct call *call, uint32_t zone_index, struct value *local,
                                int64_t *seconds)
{
    struct zone_id_room room;
    struct zone zone;
    enum status status = temporal_argument(call, 1, CLASS_LocalDateTime, local);

    if (status == STATUS_OK) {
        status = zone_index == 0 ? default_zone(call, &room, &zone)
                                 : temporal_zone_argument(call, zone_index, &room, &zone);
    }
    if (status != STATUS_OK) return status;
    *seconds = local->i64;
    int32_t offset = zone_resolve(&zone, seconds, ZONE_OFFSET_MAX + 1);
    *seconds -= offset;
    return STATUS_OK;
}

/* #DATE.toInstantAtDefaultTimeZone(dateTime) */
enum status method_date_to_instant_at_default(struct call *call)
{
    struct value local;
    int64_t seconds = 0;
    enum status status = local_moment(call, 0, &local, &seconds);

    if (status != STATUS_OK) return status;
    return call_return(call, temporal_make(CLASS_Instant, seconds, local.nanos));
}

/* #DATE.toEpochMilli(dateTime, zone or offset), toEpochMilli(offset or zoned date and time) */
enum status method_date_to_epoch_milli(struct call *call)
{
    struct value value = call->arguments[1];
    int64_t seconds = 0;
    int64_t millis = 0;

    if (call->count == 2) {
        enum status status = local_moment(call, 2, &value, &seconds);
        if (status != STATUS_OK) return status;
    } else if (!temporal_has_both(value)) {
        return call_fail(call, "toEpochMilli needs a date with time, not %",
                         machine_class_name(value));
    } else {
        seconds = temporal_moment(value);
    }
    if (__builtin_mul_overflow(seconds, 1000, &millis) ||
        __builtin_add_overflow(millis, temporal_nanos(value) / NANOS_PER_MILLI, &millis)) {
        return call_fail(call, "long overflow", (struct slice){0});
    }
    return call_return(call, value_long(millis));
}
