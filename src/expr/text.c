/* text.c - UTF-16 indices over UTF-8 text. ASCII text needs none of this: units are bytes. */
#include "expr/text.h"
#include "value/utf8.h"
#include <utf8proc.h>

size_t text_units(struct value string)
{
    return (string.flags & VALUE_ASCII) != 0 ? string.len : utf8_units(value_text(string));
}

size_t text_unit_at(struct value string, size_t offset)
{
    return (string.flags & VALUE_ASCII) != 0 ? offset
                                             : utf8_units((struct slice){string.text, offset});
}

/* Walks to `unit`; `*half` tells that it lies inside a pair. */
static size_t offset_of(struct value string, size_t unit, bool *half)
{
    const uint8_t *at = string.text;
    const uint8_t *end = string.text + string.len;

    *half = false;
    while (unit > 0 && at < end) {
        size_t cost = *at >= 0xF0 ? 2 : 1;
        if (cost > unit) {
            *half = true;
            break;
        }
        unit -= cost;
        (void)utf8_next(&at, end);
    }
    return (size_t)(at - string.text);
}

size_t text_offset(struct value string, size_t unit)
{
    bool half;

    return (string.flags & VALUE_ASCII) != 0 ? unit : offset_of(string, unit, &half);
}

static struct value share(struct value string, size_t start, size_t end)
{
    struct slice part = {string.text + start, end - start};

    if ((string.flags & VALUE_ASCII) == 0) return value_string(part);
    string.text = part.data;
    string.len = (uint32_t)part.len;
    return string;
}

struct value text_slice(struct value string, size_t start, size_t end, struct arena *arena)
{
    bool half_start = false;
    bool half_end = false;

    if ((string.flags & VALUE_ASCII) != 0) return share(string, start, end);
    size_t from = offset_of(string, start, &half_start);
    size_t to = offset_of(string, end, &half_end);
    if (!half_start && !half_end) return share(string, from, to);

    uint8_t *text = arena_alloc(arena, to - from + UTF8_BYTES_MAX, 1);
    size_t len = 0;
    if (text == NULL) return value_string(SLICE(""));
    const uint8_t *limit = string.text + string.len;
    const uint8_t *at = string.text + from;
    if (half_start) len += utf8_put(text, 0xDC00 + ((utf8_next(&at, limit) - 0x10000) & 0x3FF));
    size_t middle = (size_t)(string.text + to - at);
    if (at < string.text + to) {
        memcpy(text + len, at, middle);
        len += middle;
    }
    at = string.text + to;
    if (half_end) len += utf8_put(text + len, 0xD800 + ((utf8_next(&at, limit) - 0x10000) >> 10));
    return value_string((struct slice){text, len});
}

bool text_is_white(uint32_t code)
{
    if (code <= ' ') return (code >= 9 && code <= 13) || (code >= 28 && code <= 32);
    if (code < 0x1680 || code == 0x2007 || code == 0x202F) return false;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP;
}
