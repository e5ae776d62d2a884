/* decode.c - the stored form back to values. Nothing in it is believed: it may come from a damaged disk. */
#include "base/bytes.h"
#include "value/big.h"
#include "value/collection.h"
#include "value/decimal.h"
#include "value/encoding.h"
#include "value/formatter.h"
#include "value/object.h"
#include "value/temporal.h"
#include "value/type.h"

static enum status decode_value(struct byte_reader *reader, uint32_t depth, struct arena *arena,
                                struct value *value);

static int64_t read_zigzag(struct byte_reader *reader)
{
    uint64_t coded = read_varint(reader);

    return (int64_t)(coded >> 1 ^ (0 - (coded & 1)));
}

static enum status decode_integer(struct byte_reader *reader, struct value *value)
{
    static const int64_t largest[VALUE_KIND_COUNT] = {
        [VALUE_BYTE] = INT8_MAX,        [VALUE_SHORT] = INT16_MAX, [VALUE_INTEGER] = INT32_MAX,
        [VALUE_CHARACTER] = UINT16_MAX, [VALUE_LONG] = INT64_MAX,
    };
    bool is_signed = value->kind != VALUE_CHARACTER;
    int64_t most = largest[value->kind];

    value->i64 = read_zigzag(reader);
    if (value->i64 > most || value->i64 < (is_signed ? -most - 1 : 0)) return STATUS_INVALID;
    return STATUS_OK;
}

static enum status decode_class(struct byte_reader *reader, struct value *value)
{
    struct slice name = read_sized(reader);

    for (int i = 0; i < CLASS_COUNT; i++) {
        value->i64 = i;
        if (slice_equal(name, slice_of(class_infos[i].java_name))) return STATUS_OK;
    }
    return STATUS_INVALID;
}

static enum status decode_wide(struct byte_reader *reader, uint64_t limb_count, struct arena *arena,
                               struct value *value)
{
    if (limb_count > BIG_LIMBS_MAX) return STATUS_INVALID;
    uint8_t negative = read_u8(reader);
    struct slice limbs = read_bytes(reader, limb_count * sizeof(uint64_t));
    if (reader->bad || negative > 1) return STATUS_INVALID;
    struct big *big = arena_alloc(arena, sizeof(*big) + limbs.len, 1);
    if (big == NULL) return STATUS_LIMIT;
    big->limb_count = (uint32_t)limb_count;
    big->negative = negative != 0;
    memcpy(big->limbs, limbs.data, limbs.len);
    value->flags = VALUE_WIDE;
    value->big = big;
    return big_is_canonical(*value) ? STATUS_OK : STATUS_INVALID;
}

static enum status decode_big(struct byte_reader *reader, struct arena *arena, struct value *value)
{
    if (value->kind == VALUE_BIG_DECIMAL) {
        int64_t scale = read_zigzag(reader);

        if (scale > DECIMAL_SCALE_MAX || scale < -DECIMAL_SCALE_MAX) return STATUS_INVALID;
        value->scale = (int32_t)scale;
    }
    uint64_t limb_count = read_varint(reader);
    if (limb_count > 0) return decode_wide(reader, limb_count, arena, value);
    value->i64 = read_zigzag(reader);
    return STATUS_OK;
}

static enum status decode_list(struct byte_reader *reader, uint64_t count, uint32_t depth,
                               struct arena *arena, struct value *value)
{
    struct value *items = arena_alloc(arena, count, sizeof(*items));

    if (items == NULL) return STATUS_LIMIT;
    for (uint64_t i = 0; i < count; i++) {
        enum status status = decode_value(reader, depth + 1, arena, &items[i]);

        if (status != STATUS_OK) return status;
    }
    value->count = (uint32_t)count;
    value->items = items;
    return STATUS_OK;
}

static enum status decode_map(struct byte_reader *reader, uint64_t count, uint32_t depth,
                              struct arena *arena, struct value *value)
{
    struct value_entry *entries = arena_alloc(arena, count, sizeof(*entries));

    if (entries == NULL) return STATUS_LIMIT;
    for (uint64_t i = 0; i < count; i++) {
        enum status status = decode_value(reader, depth + 1, arena, &entries[i].key);

        if (status == STATUS_OK) status = decode_value(reader, depth + 1, arena, &entries[i].value);
        if (status != STATUS_OK) return status;
    }
    value->count = (uint32_t)count;
    value->entries = entries;
    return STATUS_OK;
}

/* A count is believed only as far as there are bytes for so many values. */
static enum status decode_container(struct byte_reader *reader, uint32_t depth, struct arena *arena,
                                    struct value *value)
{
    bool map = value->kind == VALUE_MAP;
    uint64_t count = read_varint(reader);

    if (depth == VALUE_DEPTH_MAX) return STATUS_LIMIT;
    if (count > (uint64_t)(reader->end - reader->next) / (map ? 2 : 1)) return STATUS_INVALID;
    return map ? decode_map(reader, count, depth, arena, value)
               : decode_list(reader, count, depth, arena, value);
}

static enum status read_moment(struct byte_reader *reader, bool zone, struct moment *moment)
{
    int8_t quarters = (int8_t)read_u8(reader);
    moment->seconds = read_zigzag(reader);
    int64_t nanos = read_zigzag(reader);
    int64_t offset =
        quarters == NO_QUARTERS ? read_zigzag(reader) : (int64_t)quarters * QUARTER_SECONDS;

    if (nanos < INT32_MIN || nanos > INT32_MAX) return STATUS_INVALID;
    if (offset < -ZONE_OFFSET_MAX || offset > ZONE_OFFSET_MAX) return STATUS_INVALID;
    moment->nanos = (int32_t)nanos;
    moment->offset = (int32_t)offset;
    moment->zone = zone ? read_sized(reader) : (struct slice){0};
    return STATUS_OK;
}

static enum status decode_temporal(struct byte_reader *reader, struct arena *arena,
                                   struct value *value)
{
    enum class_id class_id;
    struct moment moment;

    if (class_find(read_sized(reader), &class_id) != STATUS_OK) return STATUS_INVALID;
    bool id = class_id == CLASS_ZoneId;
    enum status status = read_moment(reader, id || class_id == CLASS_ZonedDateTime, &moment);
    if (status != STATUS_OK) return status;
    if (moment.zone.len > ZONE_ID_BYTES_MAX) return STATUS_INVALID;
    if (id) {
        *value = temporal_zone_id(moment.zone);
        if (value->temporal != CLASS_ZoneId) return STATUS_INVALID;
        status = temporal_copy(*value, arena, value);
    } else if (temporal_class_has_moment(class_id)) {
        status = temporal_of_moment(class_id, &moment, arena, value);
    } else {
        *value = temporal_make(class_id, moment.seconds, moment.nanos);
        if (class_id == CLASS_ZoneOffset) value->i64 += moment.offset;
    }
    if (status != STATUS_OK) return status;
    return temporal_is_valid(*value) ? STATUS_OK : STATUS_INVALID;
}

static enum status decode_object(struct byte_reader *reader, uint32_t depth, struct arena *arena,
                                 struct value *value)
{
    struct slice name = read_sized(reader);
    enum class_id class_id;

    if (reader->bad || class_find(name, &class_id) != STATUS_OK) return STATUS_INVALID;
    uint32_t count = object_part_count(class_id);
    struct value *parts = arena_alloc(arena, count, sizeof(*parts));
    if (parts == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        enum status status = decode_value(reader, depth + 1, arena, &parts[i]);
        if (status != STATUS_OK) return status;
    }
    *value = value_object(class_id, parts);
    return object_is_valid(*value) ? STATUS_OK : STATUS_INVALID;
}

static enum status decode_duration(struct byte_reader *reader, struct value *value)
{
    value->i64 = read_zigzag(reader);
    uint64_t nanos = read_varint(reader);
    if (nanos > 999999999) return STATUS_INVALID;
    value->nanos = (int32_t)nanos;
    return STATUS_OK;
}

static enum status decode_floating(struct byte_reader *reader, struct value *value)
{
    uint64_t wide = value->kind == VALUE_DOUBLE ? read_le64(reader) : 0;
    uint32_t narrow = value->kind == VALUE_FLOAT ? read_le32(reader) : 0;
    float number;

    if (value->kind == VALUE_DOUBLE) {
        memcpy(&value->f64, &wide, sizeof(wide));
    } else {
        memcpy(&number, &narrow, sizeof(narrow));
        value->f64 = number;
    }
    return STATUS_OK;
}

static enum status decode_boolean(struct byte_reader *reader, struct value *value)
{
    uint8_t byte = read_u8(reader);

    value->boolean = byte != 0;
    return byte > 1 ? STATUS_INVALID : STATUS_OK;
}

static enum status decode_parts(struct byte_reader *reader, uint32_t depth, struct arena *arena,
                                struct value *value)
{
    struct slice text;

    switch ((enum value_kind)value->kind) {
    case VALUE_NULL: return STATUS_OK;
    case VALUE_BOOLEAN: return decode_boolean(reader, value);
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_CHARACTER: return decode_integer(reader, value);
    case VALUE_CLASS: return decode_class(reader, value);
    case VALUE_FLOAT:
    case VALUE_DOUBLE: return decode_floating(reader, value);
    case VALUE_BIG_INTEGER:
    case VALUE_BIG_DECIMAL: return decode_big(reader, arena, value);
    case VALUE_STRING:
        text = read_sized(reader);
        if (text.len > UINT32_MAX) return STATUS_INVALID;
        *value = value_string(text);
        return STATUS_OK;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_MAP: return decode_container(reader, depth, arena, value);
    case VALUE_DURATION: return decode_duration(reader, value);
    case VALUE_TEMPORAL: return decode_temporal(reader, arena, value);
    case VALUE_OBJECT: return decode_object(reader, depth, arena, value);
    case VALUE_FORMATTER: return formatter_decode(reader, arena, &value->formatter);
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

static enum status decode_value(struct byte_reader *reader, uint32_t depth, struct arena *arena,
                                struct value *value)
{
    uint8_t kind = read_u8(reader);

    if (kind >= VALUE_KIND_COUNT) return STATUS_INVALID;
    *value = (struct value){.kind = kind};
    enum status status = decode_parts(reader, depth, arena, value);
    return status == STATUS_OK && reader->bad ? STATUS_INVALID : status;
}

/* The bytes are copied once, so that texts can point into the copy. */
enum status value_decode(struct slice bytes, struct arena *arena, struct value *value)
{
    struct slice copy;
    enum status status = arena_copy(arena, bytes, &copy);

    if (status != STATUS_OK) return status;
    struct byte_reader reader = byte_reader(copy);
    if (read_u8(&reader) != ENCODING_VERSION) return STATUS_INVALID;
    status = decode_value(&reader, 0, arena, value);
    if (status != STATUS_OK) return status;
    return reader.next == reader.end ? STATUS_OK : STATUS_INVALID;
}
