/* object.c - UUID and Point: made of parts, asked for them. */
#include "value/object.h"
#include "expr/methods/methods.h"

static const struct value *parts_of(const struct call *call)
{
    ASSERT(call->arguments[0].kind == VALUE_OBJECT);
    return call->arguments[0].items;
}

static enum status give_object(struct call *call, enum class_id class_id, struct value first,
                               struct value second)
{
    struct value *parts = machine_alloc(call->machine, 2, sizeof(*parts));

    if (parts == NULL) return machine_limit(call->machine);
    parts[0] = first;
    parts[1] = second;
    return call_return(call, value_object(class_id, parts));
}

/* --- UUID ---------------------------------------------------------------------------------------- */

static uint64_t high_bits(const struct call *call)
{
    return (uint64_t)parts_of(call)[0].i64;
}

static uint64_t low_bits(const struct call *call)
{
    return (uint64_t)parts_of(call)[1].i64;
}

static uint64_t version_of(const struct call *call)
{
    return high_bits(call) >> 12 & 15;
}

enum status method_uuid_from_string(struct call *call)
{
    struct value text;
    int64_t bits[2];
    enum status status = call_string(call, 1, &text);

    if (status != STATUS_OK) return status;
    if (text.len > 36) return call_fail(call, "UUID string too large", (struct slice){0});
    if (uuid_parse(value_text(text), bits) != STATUS_OK) {
        return call_fail(call, "Invalid UUID string: %", value_text(text));
    }
    return give_object(call, CLASS_UUID, value_long(bits[0]), value_long(bits[1]));
}

enum status method_uuid_new(struct call *call)
{
    int64_t bits[2] = {0};

    for (uint32_t i = 0; i < 2; i++) {
        enum status status = call_integer(call, i + 1, &bits[i]);
        if (status != STATUS_OK) return status;
    }
    return give_object(call, CLASS_UUID, value_long(bits[0]), value_long(bits[1]));
}

/* Version 4 of the record's own random numbers: the same on every replay. */
enum status method_uuid_random(struct call *call)
{
    uint64_t high = (call_random(call) & ~0xF000ULL) | 0x4000;
    uint64_t low = (call_random(call) & ~(3ULL << 62)) | 1ULL << 63;

    return give_object(call, CLASS_UUID, value_long((int64_t)high), value_long((int64_t)low));
}

enum status method_uuid_high_bits(struct call *call)
{
    return call_return(call, parts_of(call)[0]);
}

enum status method_uuid_low_bits(struct call *call)
{
    return call_return(call, parts_of(call)[1]);
}

enum status method_uuid_version(struct call *call)
{
    return call_return(call, value_integer((int32_t)version_of(call)));
}

/* The leading ones of the low bits say how many bits the variant has. */
enum status method_uuid_variant(struct call *call)
{
    uint64_t low = low_bits(call);
    int32_t variant = low >> 63 == 0 ? 0 : (int32_t)(low >> 62 == 2 ? 2 : low >> 61);

    return call_return(call, value_integer(variant));
}

enum status method_uuid_timestamp(struct call *call)
{
    uint64_t high = high_bits(call);

    if (version_of(call) != 1) {
        return call_fail(call, "Not a time-based UUID", (struct slice){0});
    }
    uint64_t stamp = (high & 0xFFF) << 48 | (high >> 16 & 0xFFFF) << 32 | high >> 32;
    return call_return(call, value_long((int64_t)stamp));
}

enum status method_uuid_clock_sequence(struct call *call)
{
    if (version_of(call) != 1) {
        return call_fail(call, "Not a time-based UUID", (struct slice){0});
    }
    return call_return(call, value_integer((int32_t)(low_bits(call) >> 48 & 0x3FFF)));
}

enum status method_uuid_node(struct call *call)
{
    if (version_of(call) != 1) {
        return call_fail(call, "Not a time-based UUID", (struct slice){0});
    }
    return call_return(call, value_long((int64_t)(low_bits(call) & 0xFFFFFFFFFFFF)));
}

/* --- Point --------------------------------------------------------------------------------------- */

enum status method_point_make(struct call *call)
{
    double at[2] = {0};

    for (uint32_t i = 0; i < 2; i++) {
        enum status status = call_double(call, i + 1, &at[i]);
        if (status != STATUS_OK) return status;
    }
    return give_object(call, CLASS_Point, value_double(at[0]), value_double(at[1]));
}

enum status method_point_latitude(struct call *call)
{
    return call_return(call, parts_of(call)[0]);
}

enum status method_point_longitude(struct call *call)
{
    return call_return(call, parts_of(call)[1]);
}
