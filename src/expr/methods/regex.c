/* regex.c - String's methods that take patterns: matches, replaceAll, split; and format. */
#include "expr/regex.h"
#include "expr/methods/methods.h"
#include "expr/text.h"

enum status method_string_matches(struct call *call)
{
    struct value pattern;
    struct regex regex;
    struct match match = {0};
    enum status status = call_string(call, 1, &pattern);

    if (status == STATUS_OK) status = regex_open(call->machine, value_text(pattern), "", &regex);
    if (status == STATUS_OK) {
        status = regex_next(call->machine, &regex, value_text(call->arguments[0]), 0, true, &match);
    }
    return status == STATUS_OK ? call_return(call, value_boolean(match.found)) : status;
}

/* --- replacing ---------------------------------------------------------------------------------------- */

/* Text that grows in the arena by doubling. */
struct pieces {
    struct call *call;
    uint8_t *text;
    size_t len;
    size_t capacity;
};

static enum status pieces_add(struct pieces *pieces, struct slice more)
{
    if (more.len > pieces->capacity - pieces->len) {
        size_t wider = (pieces->capacity + more.len) * 2 + 64;
        uint8_t *moved = machine_alloc(pieces->call->machine, wider, 1);
        if (moved == NULL) return machine_limit(pieces->call->machine);
        if (pieces->len > 0) memcpy(moved, pieces->text, pieces->len);
        pieces->text = moved;
        pieces->capacity = wider;
    }
    if (more.len > 0) memcpy(pieces->text + pieces->len, more.data, more.len);
    pieces->len += more.len;
    return STATUS_OK;
}

static size_t next_character(struct slice text, size_t at)
{
    at++;
    while (at < text.len && (text.data[at] & 0xC0) == 0x80)
        at++;
    return at;
}

/* Where to look on behind a match; an empty one is stepped over. */
static size_t after(struct slice text, const struct match *match)
{
    return match->end > match->start ? match->end : next_character(text, match->end);
}

/* `$1`, `${name}` and `\x` in a replacement. */
static enum status add_group(struct pieces *pieces, const struct regex *regex, struct slice text,
                             struct slice replacement, size_t *at)
{
    size_t start = 0;
    size_t end = 0;
    uint32_t group = 0;
    size_t place = *at + 1;

    if (place < replacement.len && replacement.data[place] == '{') {
        char name[64];
        size_t len = 0;
        place++;
        while (place < replacement.len && replacement.data[place] != '}' &&
               len < sizeof(name) - 1) {
            name[len++] = (char)replacement.data[place++];
        }
        name[len] = '\0';
        int number = regex_named_group(regex, name);
        if (number < 0) {
            return call_fail(pieces->call, "No group with name {%}",
                             (struct slice){(const uint8_t *)name, len});
        }
        group = (uint32_t)number;
        place++;
    } else if (place < replacement.len && replacement.data[place] >= '0' &&
               replacement.data[place] <= '9') {
        group = (uint32_t)replacement.data[place++] - '0';
    } else {
        return call_fail(pieces->call, "Illegal group reference", (struct slice){0});
    }
    if (!regex_group(regex, group, &start, &end)) {
        uint8_t digit = (uint8_t)('0' + group % 10);
        return call_fail(pieces->call, "No group %", (struct slice){&digit, 1});
    }
    *at = place;
    return pieces_add(pieces, (struct slice){text.data + start, end - start});
}

static enum status add_replacement(struct pieces *pieces, const struct regex *regex,
                                   struct slice text, struct slice replacement)
{
    enum status status = STATUS_OK;

    for (size_t at = 0; at < replacement.len && status == STATUS_OK;) {
        if (replacement.data[at] == '$') {
            status = add_group(pieces, regex, text, replacement, &at);
            continue;
        }
        if (replacement.data[at] == '\\') at++;
        if (at == replacement.len) {
            return call_fail(pieces->call, "character to be escaped is missing", (struct slice){0});
        }
        status = pieces_add(pieces, (struct slice){replacement.data + at, 1});
        at++;
    }
    return status;
}

static enum status replace(struct call *call, bool all)
{
    struct slice text = value_text(call->arguments[0]);
    struct value pattern;
    struct value replacement;
    struct regex regex;
    struct pieces pieces = {.call = call};
    size_t copied = 0;
    size_t from = 0;
    enum status status = call_string(call, 1, &pattern);

    if (status == STATUS_OK) status = call_string(call, 2, &replacement);
    if (status == STATUS_OK) status = regex_open(call->machine, value_text(pattern), "", &regex);
    while (status == STATUS_OK && from <= text.len) {
        struct match match = {0};
        status = regex_next(call->machine, &regex, text, from, false, &match);
        if (status != STATUS_OK || !match.found) break;
        status = pieces_add(&pieces, (struct slice){text.data + copied, match.start - copied});
        if (status == STATUS_OK) {
            status = add_replacement(&pieces, &regex, text, value_text(replacement));
        }
        copied = match.end;
        from = after(text, &match);
        if (!all) break;
    }
    if (status == STATUS_OK) {
        status = pieces_add(&pieces, (struct slice){text.data + copied, text.len - copied});
    }
    if (status != STATUS_OK) return status;
    return call_return(call, value_string((struct slice){pieces.text, pieces.len}));
}

enum status method_string_replace_all(struct call *call)
{
    return replace(call, true);
}

enum status method_string_replace_first(struct call *call)
{
    return replace(call, false);
}

/* --- splitting ---------------------------------------------------------------------------------------- */

struct parts {
    struct value *items;
    uint32_t count;
    uint32_t capacity;
};

static enum status parts_add(struct call *call, struct parts *parts, struct slice part)
{
    if (parts->count == parts->capacity) {
        uint32_t wider = parts->capacity * 2 + 8;
        struct value *moved = machine_alloc(call->machine, wider, sizeof(*moved));
        if (moved == NULL) return machine_limit(call->machine);
        if (parts->count > 0) memcpy(moved, parts->items, parts->count * sizeof(*moved));
        parts->items = moved;
        parts->capacity = wider;
    }
    parts->items[parts->count++] = value_string(part);
    return STATUS_OK;
}

/* Java's split: limit > 0 bounds the parts, 0 drops empty ones at the end, < 0 keeps them; an empty
 * match at the very start gives no part. */
static enum status split(struct call *call, struct value string, struct slice pattern,
                         int64_t limit, struct parts *parts)
{
    struct slice text = value_text(string);
    struct regex regex;
    size_t copied = 0;
    size_t from = 0;
    bool matched = false;
    enum status status = regex_open(call->machine, pattern, "", &regex);

    while (status == STATUS_OK && from <= text.len && (limit <= 0 || parts->count + 1 < limit)) {
        struct match match = {0};
        status = regex_next(call->machine, &regex, text, from, false, &match);
        if (status != STATUS_OK || !match.found) break;
        from = after(text, &match);
        if (match.end == 0 || (match.start == match.end && match.start == text.len)) continue;
        matched = true;
        status = parts_add(call, parts, (struct slice){text.data + copied, match.start - copied});
        copied = match.end;
    }
    if (status == STATUS_OK) {
        status = parts_add(call, parts, (struct slice){text.data + copied, text.len - copied});
    }
    if (limit == 0 && matched) {
        while (parts->count > 0 && parts->items[parts->count - 1].len == 0)
            parts->count--;
    }
    return status;
}

enum status method_string_split(struct call *call)
{
    struct value pattern;
    int64_t limit = 0;
    struct parts parts = {0};
    enum status status = call_string(call, 1, &pattern);

    if (status == STATUS_OK && call->count == 2) status = call_integer(call, 2, &limit);
    if (status == STATUS_OK) {
        status = split(call, call->arguments[0], value_text(pattern), limit, &parts);
    }
    if (status != STATUS_OK) return status;
    struct value array = value_list(parts.items, parts.count);
    array.flags |= VALUE_ARRAY;
    array.class_id = CLASS_String;
    return call_return(call, array);
}

enum status method_util_split(struct call *call)
{
    struct value pattern;
    struct value text;
    struct parts parts = {0};

    if (call->arguments[1].kind == VALUE_NULL) {
        return call_fail(call,
                         "Cannot invoke \"String.split(String, int)\" because \"text\" is null",
                         (struct slice){0});
    }
    enum status status = call_string(call, 1, &text);
    if (status == STATUS_OK) status = call_string(call, 2, &pattern);
    if (status == STATUS_OK) status = split(call, text, value_text(pattern), -1, &parts);
    return status == STATUS_OK ? call_return(call, value_list(parts.items, parts.count)) : status;
}
