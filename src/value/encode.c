/* encode.c - values to their stored form. */
#include "base/bytes.h"
#include "value/big.h"
#include "value/collection.h"
#include "value/decimal.h"
#include "value/encoding.h"
#include "value/formatter.h"
#include "value/object.h"
#include "value/temporal.h"
#include "value/type.h"

struct encoder {
    struct buffer *out;
    struct arena scratch;
};

static void encode_value(struct encoder *encoder, struct value value, uint32_t depth);

static void append_zigzag(struct buffer *out, int64_t number)
{
    buffer_append_varint(out, (uint64_t)number << 1 ^ (uint64_t)(number >> 63));
}

static void encode_float(struct buffer *out, float number)
{
    uint32_t bits;

    memcpy(&bits, &number, sizeof(bits));
    buffer_append_le32(out, bits);
}

static void encode_double(struct buffer *out, double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    buffer_append_le64(out, bits);
}

static void encode_big(struct buffer *out, struct value number)
{
    if ((number.flags & VALUE_WIDE) == 0) {
        buffer_append_varint(out, 0);
        append_zigzag(out, number.i64);
        return;
    }
    buffer_append_varint(out, number.big->limb_count);
    buffer_append_byte(out, number.big->negative);
    for (uint32_t i = 0; i < number.big->limb_count; i++)
        buffer_append_le64(out, number.big->limbs[i]);
}

static void encode_container(struct encoder *encoder, struct value container, uint32_t depth)
{
    bool map = container.kind == VALUE_MAP;
    uint32_t count = map ? map_count(container) : list_count(container);
    struct value_cursor cursor = value_cursor(container);
    struct value_entry entry;
    enum status status = STATUS_OK;

    if (depth == VALUE_DEPTH_MAX) {
        encoder->out->failed = true;
        return;
    }
    buffer_append_varint(encoder->out, count);
    while (!encoder->out->failed && cursor_next(&cursor, &encoder->scratch, &entry, &status)) {
        struct arena_mark mark = arena_mark(&encoder->scratch);

        if (map) encode_value(encoder, entry.key, depth + 1);
        encode_value(encoder, entry.value, depth + 1);
        arena_rewind(&encoder->scratch, mark);
    }
    if (status != STATUS_OK) encoder->out->failed = true;
}

/* Offsets are quarters of an hour nearly everywhere, so one byte says them. */
static void encode_temporal(struct value value, struct buffer *out)
{
    bool id = value.temporal == CLASS_ZoneId;
    bool wide = (value.flags & VALUE_WIDE) != 0;
    const struct moment none = {.seconds = value.i64, .nanos = value.nanos};
    const struct moment nothing = {0};
    const struct moment *moment = id ? &nothing : wide ? value.moment : &none;
    bool quarters = moment->offset % QUARTER_SECONDS == 0;

    buffer_append_sized(out, slice_of(class_infos[value.temporal].java_name));
    buffer_append_byte(out, (uint8_t)(quarters ? moment->offset / QUARTER_SECONDS : NO_QUARTERS));
    append_zigzag(out, moment->seconds);
    append_zigzag(out, moment->nanos);
    if (!quarters) append_zigzag(out, moment->offset);
    if (value.temporal == CLASS_ZonedDateTime) buffer_append_sized(out, moment->zone);
    if (id) buffer_append_sized(out, (struct slice){value.text, value.len});
}

static void encode_object(struct encoder *encoder, struct value object, uint32_t depth)
{
    buffer_append_sized(encoder->out, slice_of(class_infos[object.class_id].java_name));
    for (uint32_t i = 0; i < object.count; i++)
        encode_value(encoder, object.items[i], depth + 1);
}

static void encode_value(struct encoder *encoder, struct value value, uint32_t depth)
{
    struct buffer *out = encoder->out;

    buffer_append_byte(out, value.kind);
    switch ((enum value_kind)value.kind) {
    case VALUE_NULL: return;
    case VALUE_BOOLEAN: buffer_append_byte(out, value.boolean); return;
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_CHARACTER: append_zigzag(out, value.i64); return;
    case VALUE_CLASS: buffer_append_sized(out, slice_of(class_infos[value.i64].java_name)); return;
    case VALUE_FLOAT: encode_float(out, (float)value.f64); return;
    case VALUE_DOUBLE: encode_double(out, value.f64); return;
    case VALUE_BIG_DECIMAL:
        append_zigzag(out, value.scale);
        encode_big(out, value);
        return;
    case VALUE_BIG_INTEGER: encode_big(out, value); return;
    case VALUE_STRING: buffer_append_sized(out, value_text(value)); return;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_MAP: encode_container(encoder, value, depth); return;
    case VALUE_DURATION:
        append_zigzag(out, value.i64);
        buffer_append_varint(out, (uint64_t)value.nanos);
        return;
    case VALUE_TEMPORAL: encode_temporal(value, out); return;
    case VALUE_OBJECT: encode_object(encoder, value, depth); return;
    case VALUE_FORMATTER: formatter_encode(value.formatter, out); return;
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

void value_encode(struct value value, struct buffer *out)
{
    struct encoder encoder = {.out = out};

    arena_init(&encoder.scratch, VALUE_SCRATCH_MAX);
    buffer_append_byte(out, ENCODING_VERSION);
    encode_value(&encoder, value, 0);
    arena_deinit(&encoder.scratch);
}
