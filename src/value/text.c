/* text.c - Java's toString() of values. */
#include "value/collection.h"
#include "value/decimal.h"
#include "value/formatter.h"
#include "value/number.h"
#include "value/object.h"
#include "value/temporal.h"
#include "value/type.h"
#include "value/utf8.h"

/* --- durations --------------------------------------------------------------------------------- */

enum { SECONDS_PER_HOUR = 3600, SECONDS_PER_MINUTE = 60, NANOS_PER_SECOND = 1000000000 };

static void append_part(int64_t number, char unit, struct buffer *out)
{
    if (number == 0) return;
    buffer_append_i64(out, number);
    buffer_append_byte(out, (uint8_t)unit);
}

/* ".5": nine digits without the zeros behind. */
static void append_nanos(int32_t nanos, struct buffer *out)
{
    uint8_t digits[10] = {'.'};
    size_t len = sizeof(digits);

    for (size_t i = len - 1; i > 0; i--, nanos /= 10)
        digits[i] = (uint8_t)('0' + nanos % 10);
    while (digits[len - 1] == '0')
        len--;
    buffer_append(out, (struct slice){digits, len});
}

/* Java keeps nanos positive: -0.5 s is (-1 s, 500000000 ns) and prints as PT-0.5S. */
static void append_duration(int64_t seconds, int32_t nanos, struct buffer *out)
{
    bool below_zero = seconds < 0 && nanos > 0;
    int64_t whole = below_zero ? seconds + 1 : seconds;
    int64_t rest = whole % SECONDS_PER_MINUTE;

    if (seconds == 0 && nanos == 0) {
        buffer_append(out, SLICE("PT0S"));
        return;
    }
    buffer_append(out, SLICE("PT"));
    append_part(whole / SECONDS_PER_HOUR, 'H', out);
    append_part(whole % SECONDS_PER_HOUR / SECONDS_PER_MINUTE, 'M', out);
    if (rest == 0 && nanos == 0) return;
    if (below_zero && rest == 0) buffer_append_byte(out, '-');
    buffer_append_i64(out, rest);
    if (nanos > 0) append_nanos(below_zero ? NANOS_PER_SECOND - nanos : nanos, out);
    buffer_append_byte(out, 'S');
}

/* --- all kinds --------------------------------------------------------------------------------- */

static void append_value(struct value value, uint32_t depth, struct arena *scratch,
                         struct buffer *out);

/* "[a, b]" and "{k=v, l=w}". What lazy items need to be decoded lives until the next item. */
static void append_container(struct value container, uint32_t depth, struct arena *scratch,
                             struct buffer *out)
{
    bool map = container.kind == VALUE_MAP;
    struct value_cursor cursor = value_cursor(container);
    struct value_entry entry;
    enum status status = STATUS_OK;
    bool first = true;

    if (depth == VALUE_DEPTH_MAX) {
        out->failed = true;
        return;
    }
    buffer_append_byte(out, map ? '{' : '[');
    while (!out->failed && cursor_next(&cursor, scratch, &entry, &status)) {
        struct arena_mark mark = arena_mark(scratch);

        if (!first) buffer_append(out, SLICE(", "));
        first = false;
        if (map) {
            append_value(entry.key, depth + 1, scratch, out);
            buffer_append_byte(out, '=');
        }
        append_value(entry.value, depth + 1, scratch, out);
        arena_rewind(scratch, mark);
    }
    if (status != STATUS_OK) out->failed = true;
    buffer_append_byte(out, map ? '}' : ']');
}

/* "key=value" of a map's entry, "MetaVariables(a,b,c)": the values alone, in order. */
static void append_fields(struct value map, uint32_t depth, struct arena *scratch,
                          struct buffer *out)
{
    bool entry = map.class_id == CLASS_Entry;

    if (!entry) buffer_append_text(out, "MetaVariables(");
    for (uint32_t i = 0; i < map.count && depth < VALUE_DEPTH_MAX; i++) {
        if (i > 0) buffer_append_byte(out, entry ? '=' : ',');
        append_value(map.entries[i].value, depth + 1, scratch, out);
    }
    if (!entry) buffer_append_byte(out, ')');
}

static void append_character(int64_t unit, struct buffer *out)
{
    uint8_t bytes[UTF8_BYTES_MAX];

    buffer_append(out, (struct slice){bytes, utf8_put(bytes, (uint32_t)unit & 0xFFFFU)});
}

/* Java shows where an object lies in memory; here it is its hash, the same on every run. */
static void append_identity(struct value value, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t number = (uint32_t)value_hash(value);
    uint32_t shift = 28;

    buffer_append_byte(out, '@');
    while (shift > 0 && number >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        buffer_append_byte(out, (uint8_t)digits[number >> shift & 15]);
        if (shift == 0) return;
    }
}

static void append_array(struct value array, struct buffer *out)
{
    buffer_append_text(out, "[L");
    buffer_append_text(out, class_infos[array.class_id].java_name);
    buffer_append_byte(out, ';');
    append_identity(array, out);
}

/* A helper object is the one of its class, whose name ends in '$'. */
static void append_class(struct value value, struct buffer *out)
{
    ASSERT(value.i64 >= 0 && value.i64 < CLASS_COUNT);
    struct slice name = slice_of(class_infos[value.i64].java_name);
    bool helper = name.data[name.len - 1] == '$';

    if (!helper) buffer_append_text(out, "class ");
    buffer_append(out, name);
    if (helper) append_identity(value, out);
}

static void append_value(struct value value, uint32_t depth, struct arena *scratch,
                         struct buffer *out)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_NULL: buffer_append(out, SLICE("null")); return;
    case VALUE_BOOLEAN: buffer_append_text(out, value.boolean ? "true" : "false"); return;
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG: buffer_append_i64(out, value.i64); return;
    case VALUE_FLOAT: number_float_to_text((float)value.f64, out); return;
    case VALUE_DOUBLE: number_double_to_text(value.f64, out); return;
    case VALUE_BIG_INTEGER: big_to_text(value, out); return;
    case VALUE_BIG_DECIMAL: decimal_to_text(value, out); return;
    case VALUE_CHARACTER: append_character(value.i64, out); return;
    case VALUE_STRING: buffer_append(out, value_text(value)); return;
    case VALUE_LIST:
        if ((value.flags & VALUE_ARRAY) != 0) {
            append_array(value, out);
            return;
        }
        append_container(value, depth, scratch, out);
        return;
    case VALUE_MAP:
        if (value.class_id == CLASS_Entry || value.class_id == CLASS_MetaVariables) {
            append_fields(value, depth, scratch, out);
            return;
        }
        append_container(value, depth, scratch, out);
        return;
    case VALUE_SET: append_container(value, depth, scratch, out); return;
    case VALUE_DURATION: append_duration(value.i64, value.nanos, out); return;
    case VALUE_TEMPORAL: temporal_to_text(value, out); return;
    case VALUE_OBJECT: object_to_text(value, out); return;
    case VALUE_FORMATTER: formatter_to_text(value.formatter, out); return;
    case VALUE_CLASS: append_class(value, out); return;
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

/* "[a, b]" of nothing but texts, for which all fits. False: it is another case. */
static bool append_texts(struct value list, struct buffer *out)
{
    size_t len = 2;

    if (list.kind != VALUE_LIST || (list.flags & (VALUE_LAZY | VALUE_ARRAY)) != 0) return false;
    for (uint32_t i = 0; i < list.count; i++) {
        if (list.items[i].kind != VALUE_STRING) return false;
        len += list.items[i].len + 2U;
    }
    if (out->failed || len > out->capacity - out->len) return false;
    uint8_t *at = out->data + out->len;
    *at++ = '[';
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0) {
            *at++ = ',';
            *at++ = ' ';
        }
        memcpy(at, list.items[i].text, list.items[i].len);
        at += list.items[i].len;
    }
    *at++ = ']';
    out->len = (size_t)(at - out->data);
    return true;
}

void value_to_text(struct value value, struct buffer *out)
{
    struct arena scratch;

    if (append_texts(value, out)) return;

    arena_init(&scratch, VALUE_SCRATCH_MAX);
    append_value(value, 0, &scratch, out);
    arena_deinit(&scratch);
}
