/* lines.h - a text line by line. */
#pragma once
#include "base/base.h"

static inline bool next_line(struct slice *rest, struct slice *line)
{
    if (rest->len == 0) return false;
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->data) : rest->len;
    *line = (struct slice){rest->data, len};
    size_t taken = end != NULL ? len + 1 : len;
    *rest = (struct slice){rest->data + taken, rest->len - taken};
    return true;
}
