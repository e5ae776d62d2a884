/* text.c - String: Java's methods, whose indices count UTF-16 units; text_find.c looks for parts. */
#include "expr/text.h"
#include "expr/methods/methods.h"
#include "value/utf8.h"
#include <utf8proc.h>

/* --- looking ------------------------------------------------------------------------------------------ */

enum status method_string_length(struct call *call)
{
    return call_return(call, value_integer((int32_t)text_units(call->arguments[0])));
}

enum status method_string_is_empty(struct call *call)
{
    return call_return(call, value_boolean(call->arguments[0].len == 0));
}

static size_t white_prefix(struct slice text)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.data + text.len;

    while (at < end) {
        const uint8_t *next = at;
        if (!text_is_white(utf8_next(&next, end))) break;
        at = next;
    }
    return (size_t)(at - text.data);
}

static size_t white_suffix_start(struct slice text)
{
    size_t end = text.len;

    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && (text.data[start] & 0xC0) == 0x80)
            start--;
        const uint8_t *at = text.data + start;
        if (!text_is_white(utf8_next(&at, text.data + end))) break;
        end = start;
    }
    return end;
}

enum status method_string_is_blank(struct call *call)
{
    struct slice text = value_text(call->arguments[0]);

    return call_return(call, value_boolean(white_prefix(text) == text.len));
}

static enum status part(struct call *call, size_t start, size_t end)
{
    struct slice text = value_text(call->arguments[0]);

    if (end < start) end = start;
    return call_return(call, value_string((struct slice){text.data + start, end - start}));
}

enum status method_string_strip(struct call *call)
{
    struct slice text = value_text(call->arguments[0]);

    return part(call, white_prefix(text), white_suffix_start(text));
}

enum status method_string_strip_leading(struct call *call)
{
    struct slice text = value_text(call->arguments[0]);

    return part(call, white_prefix(text), text.len);
}

enum status method_string_strip_trailing(struct call *call)
{
    return part(call, 0, white_suffix_start(value_text(call->arguments[0])));
}

enum status method_string_trim(struct call *call)
{
    return call_return(call, value_string(text_trimmed(value_text(call->arguments[0]))));
}

/* --- by index ----------------------------------------------------------------------------------------- */

enum status method_string_char_at(struct call *call)
{
    struct value text = call->arguments[0];
    int64_t index = 0;
    enum status status = call_integer(call, 1, &index);

    if (status != STATUS_OK) return status;
    size_t units = text_units(text);
    if (index < 0 || (size_t)index >= units) {
        struct slice parts[2];
        status = machine_text(call->machine, value_long(index), &parts[0]);
        if (status == STATUS_OK) {
            status = machine_text(call->machine, value_long((int64_t)units), &parts[1]);
        }
        if (status != STATUS_OK) return status;
        /* Java words it differently for texts of one byte and of two bytes a unit. */
        bool narrow = (text.flags & VALUE_ASCII) != 0;
        return machine_fail(call->machine, STATUS_INVALID,
                            narrow ? "String index out of range: %" : "index %, length %", parts,
                            narrow ? 1 : 2);
    }
    struct value unit = text_slice(text, (size_t)index, (size_t)index + 1, call_arena(call));
    const uint8_t *at = unit.text;
    return call_return(
        call, (struct value){.kind = VALUE_CHARACTER, .i64 = utf8_next(&at, unit.text + unit.len)});
}

static enum status fail_range(struct call *call, int64_t start, int64_t end, size_t units)
{
    struct slice parts[3];
    enum status status = machine_text(call->machine, value_long(start), &parts[0]);

    if (status == STATUS_OK) status = machine_text(call->machine, value_long(end), &parts[1]);
    if (status == STATUS_OK) {
        status = machine_text(call->machine, value_long((int64_t)units), &parts[2]);
    }
    if (status != STATUS_OK) return status;
    return machine_fail(call->machine, STATUS_INVALID, "begin %, end %, length %", parts,
                        COUNT_OF(parts));
}

enum status method_string_substring(struct call *call)
{
    struct value text = call->arguments[0];
    int64_t start = 0;
    size_t units = text_units(text);
    int64_t end = (int64_t)units;
    enum status status = call_integer(call, 1, &start);

    if (status == STATUS_OK && call->count == 2) status = call_integer(call, 2, &end);
    if (status != STATUS_OK) return status;
    if (start < 0 || end > (int64_t)units || start > end) {
        return fail_range(call, start, end, units);
    }
    return call_return(call, text_slice(text, (size_t)start, (size_t)end, call_arena(call)));
}

/* --- comparing ---------------------------------------------------------------------------------------- */

/* The next UTF-16 unit; `*low` carries the second half of a pair. */
static int32_t next_unit(const uint8_t **at, const uint8_t *end, uint32_t *low, bool fold)
{
    if (*low != 0) {
        int32_t unit = (int32_t)*low;
        *low = 0;
        return unit;
    }
    uint32_t code = utf8_next(at, end);
    if (fold) code = (uint32_t)utf8proc_tolower(utf8proc_toupper((utf8proc_int32_t)code));
    if (code < 0x10000) return (int32_t)code;
    *low = 0xDC00 + ((code - 0x10000) & 0x3FF);
    return (int32_t)(0xD800 + ((code - 0x10000) >> 10));
}

/* Java's compareTo: the difference of the first units that differ, or of the lengths. */
static int32_t difference(struct value left, struct value right, bool fold)
{
    const uint8_t *a = left.text;
    const uint8_t *b = right.text;
    const uint8_t *a_end = a + left.len;
    const uint8_t *b_end = b + right.len;
    uint32_t a_low = 0;
    uint32_t b_low = 0;

    while ((a < a_end || a_low != 0) && (b < b_end || b_low != 0)) {
        int32_t step = next_unit(&a, a_end, &a_low, fold) - next_unit(&b, b_end, &b_low, fold);
        if (step != 0) return step;
    }
    return (int32_t)text_units(left) - (int32_t)text_units(right);
}

static enum status compare(struct call *call, bool fold)
{
    struct value other;
    enum status status = call_string(call, 1, &other);

    if (status != STATUS_OK) return status;
    return call_return(call, value_integer(difference(call->arguments[0], other, fold)));
}

enum status method_string_compare_to(struct call *call)
{
    return compare(call, false);
}

enum status method_string_compare_to_ignore_case(struct call *call)
{
    return compare(call, true);
}

enum status method_string_equals_ignore_case(struct call *call)
{
    struct value other = call->arguments[1];
    bool equal = other.kind == VALUE_STRING && difference(call->arguments[0], other, true) == 0;

    return call_return(call, value_boolean(equal));
}

/* --- making ------------------------------------------------------------------------------------------- */

enum status method_string_concat(struct call *call)
{
    struct value parts[2] = {call->arguments[0]};
    enum status status = call_string(call, 1, &parts[1]);

    if (status == STATUS_OK) status = machine_join(call->machine, parts, 2);
    return status == STATUS_OK ? call_return(call, parts[0]) : status;
}

/* Final sigma and the dotted capital I are the two places where case depends on more than the
 * letter and no locale is asked. */
static size_t lower(uint32_t code, uint8_t *target)
{
    if (code == 0x130) {
        size_t len = utf8_put(target, 'i');
        return len + utf8_put(target + len, 0x307);
    }
    return utf8_put(target, (uint32_t)utf8proc_tolower((utf8proc_int32_t)code));
}

static size_t upper(uint32_t code, uint8_t *target)
{
    if (code == 0xDF) {
        target[0] = 'S';
        target[1] = 'S';
        return 2;
    }
    return utf8_put(target, (uint32_t)utf8proc_toupper((utf8proc_int32_t)code));
}

static enum status change_case(struct call *call, size_t (*change)(uint32_t, uint8_t *))
{
    struct value text = call->arguments[0];
    const uint8_t *at = text.text;
    const uint8_t *end = text.text + text.len;
    uint8_t *target = machine_alloc(call->machine, (size_t)text.len * 3 + 8, 1);
    size_t len = 0;
    enum status status = machine_spend(call->machine, text.len / 4);

    if (status != STATUS_OK) return status;
    if (target == NULL) return machine_limit(call->machine);
    while (at < end)
        len += change(utf8_next(&at, end), target + len);
    return call_return(call, value_string((struct slice){target, len}));
}

enum status method_string_to_lower_case(struct call *call)
{
    return change_case(call, lower);
}

enum status method_string_to_upper_case(struct call *call)
{
    return change_case(call, upper);
}

static enum status join_parts(struct call *call, const struct value *items, uint32_t count,
                              struct value separator)
{
    struct value *parts = machine_alloc(call->machine, (size_t)count * 2 + 1, sizeof(*parts));
    uint32_t filled = 0;

    if (parts == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++) {
        struct slice text;
        enum status status = machine_text(call->machine, items[i], &text);
        if (status != STATUS_OK) return status;
        if (i > 0) parts[filled++] = separator;
        parts[filled++] = value_string(text);
    }
    parts[filled] = value_string(SLICE(""));
    enum status status = machine_join(call->machine, parts, filled);
    return status == STATUS_OK ? call_return(call, parts[0]) : status;
}

enum status text_join(struct call *call, struct value list, struct value separator)
{
    const struct value *items;
    uint32_t count;
    enum status status = call_items(call, list, &items, &count);

    return status == STATUS_OK ? join_parts(call, items, count, separator) : status;
}

/* T(String).join(separator, list) and join(separator, text...) */
enum status method_string_join(struct call *call)
{
    struct value separator;
    enum status status = call_string(call, 1, &separator);

    if (status != STATUS_OK) return status;
    bool list = call->count == 2 &&
                (call->arguments[2].kind == VALUE_LIST || call->arguments[2].kind == VALUE_SET);
    if (list) return text_join(call, call->arguments[2], separator);
    return join_parts(call, call->arguments + 2, call->count - 1, separator);
}

enum status method_string_new(struct call *call)
{
    struct value text = value_string(SLICE(""));

    if (call->count == 1) {
        enum status status = call_string(call, 1, &text);
        if (status != STATUS_OK) return status;
    }
    return call_return(call, text);
}
