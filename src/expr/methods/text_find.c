/* text_find.c - String: whether and where a text stands in another, and another in its place. */
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/utf8.h"

static bool found_at(struct slice text, struct slice part, size_t at)
{
    return part.len <= text.len - at &&
           (part.len == 0 || memcmp(text.data + at, part.data, part.len) == 0);
}

/* Byte offset of the first occurrence from `from`; text.len + 1 if none. */
static size_t find_first(struct slice text, struct slice part, size_t from)
{
    for (size_t at = from; at <= text.len; at++) {
        if (found_at(text, part, at)) return at;
    }
    return text.len + 1;
}

enum status method_string_contains(struct call *call)
{
    struct value part;

    if (call->arguments[1].kind == VALUE_NULL) {
        return call_fail(
            call, "Cannot invoke \"java.lang.CharSequence.toString()\" because \"s\" is null",
            (struct slice){0});
    }
    enum status status = call_string(call, 1, &part);
    if (status != STATUS_OK) return status;
    struct slice text = value_text(call->arguments[0]);
    return call_return(call, value_boolean(find_first(text, value_text(part), 0) <= text.len));
}

enum status method_string_starts_with(struct call *call)
{
    struct value part;
    int64_t from = 0;
    enum status status = call_string(call, 1, &part);

    if (status == STATUS_OK && call->count == 2) status = call_integer(call, 2, &from);
    if (status != STATUS_OK) return status;
    struct value text = call->arguments[0];
    if (from < 0 || (size_t)from > text_units(text)) return call_return(call, value_boolean(false));
    size_t at = text_offset(text, (size_t)from);
    return call_return(call, value_boolean(found_at(value_text(text), value_text(part), at)));
}

enum status method_string_ends_with(struct call *call)
{
    struct value part;
    enum status status = call_string(call, 1, &part);

    if (status != STATUS_OK) return status;
    return call_return(
        call, value_boolean(slice_ends_with(value_text(call->arguments[0]), value_text(part))));
}

/* What indexOf looks for: a text, a character, or a code point. */
static enum status sought(struct call *call, struct value *part)
{
    struct value given = call->arguments[1];

    if (!value_is_number(given)) return call_string(call, 1, part);
    uint8_t *bytes = machine_alloc(call->machine, UTF8_BYTES_MAX, 1);
    int64_t code = 0;
    enum status status = call_integer(call, 1, &code);
    if (status != STATUS_OK) return status;
    if (bytes == NULL) return machine_limit(call->machine);
    bool valid = code >= 0 && code <= 0x10FFFF;
    size_t len = valid ? utf8_put(bytes, (uint32_t)code) : 0;
    *part = valid ? value_string((struct slice){bytes, len}) : value_string(SLICE("\xFF"));
    return STATUS_OK;
}

enum status method_string_index_of(struct call *call)
{
    struct value text = call->arguments[0];
    struct value part;
    int64_t from = 0;
    enum status status = sought(call, &part);

    if (status == STATUS_OK && call->count == 2) status = call_integer(call, 2, &from);
    if (status != STATUS_OK) return status;
    size_t units = text_units(text);
    size_t start = from < 0 ? 0 : (size_t)from > units ? units : (size_t)from;
    size_t at = find_first(value_text(text), value_text(part), text_offset(text, start));
    bool found = at <= text.len;
    return call_return(call, value_integer(found ? (int32_t)text_unit_at(text, at) : -1));
}

enum status method_string_last_index_of(struct call *call)
{
    struct value text = call->arguments[0];
    struct value part;
    int64_t from = INT32_MAX;
    enum status status = sought(call, &part);

    if (status == STATUS_OK && call->count == 2) status = call_integer(call, 2, &from);
    if (status != STATUS_OK) return status;
    size_t units = text_units(text);
    size_t last = from < 0 ? 0 : (size_t)from > units ? units : (size_t)from;
    size_t at = text_offset(text, last) + 1;
    while (at > 0 && !found_at(value_text(text), value_text(part), at - 1))
        at--;
    bool found = at > 0 && from >= 0;
    return call_return(call, value_integer(found ? (int32_t)text_unit_at(text, at - 1) : -1));
}

/* Literal replacement; an empty target stands between all units. */
enum status method_string_replace(struct call *call)
{
    struct value from;
    struct value to;
    struct slice text = value_text(call->arguments[0]);
    enum status status = call_string(call, 1, &from);

    if (status == STATUS_OK) status = call_string(call, 2, &to);
    if (status == STATUS_OK) status = machine_spend(call->machine, text.len / 4);
    if (status != STATUS_OK) return status;
    size_t matches = 0;
    for (size_t at = find_first(text, value_text(from), 0); at <= text.len;
         at = find_first(text, value_text(from), at + (from.len > 0 ? from.len : 1))) {
        matches++;
    }
    uint8_t *target = machine_alloc(call->machine, text.len + matches * to.len + 1, 1);
    if (target == NULL) return machine_limit(call->machine);
    size_t len = 0;
    size_t at = 0;
    while (at <= text.len) {
        bool boundary = at == text.len || (text.data[at] & 0xC0) != 0x80;
        if (boundary && found_at(text, value_text(from), at)) {
            if (to.len > 0) memcpy(target + len, to.text, to.len);
            len += to.len;
            at += from.len;
            if (from.len > 0) continue;
        }
        if (at < text.len) target[len++] = text.data[at];
        at++;
    }
    return call_return(call, value_string((struct slice){target, len}));
}
