/* name_text.c - length, then bytes. */
#include "model/name_text.h"

#include "value/utf8.h"

enum { SURROGATE_BYTES = 3 };

/* One half of a pair: 0xED, 0xA0 to 0xAF (the first half) or 0xB0 to 0xBF, a continuation. */
static bool starts_with_surrogate(struct slice text, bool *first)
{
    if (text.len < SURROGATE_BYTES || text.data[0] != 0xED || text.data[1] < 0xA0 ||
        text.data[1] > 0xBF || (text.data[2] & 0xC0U) != 0x80)
        return false;
    *first = text.data[1] < 0xB0;
    return true;
}

/* A pair would be one character of four bytes. */
static bool is_text(struct slice text)
{
    bool after_first = false; /* half of a pair, with nothing between */

    for (;;) {
        size_t good = utf8_invalid_at(text);
        bool first;

        if (good == text.len) return true;
        text = (struct slice){text.data + good, text.len - good};
        if (!starts_with_surrogate(text, &first)) return false;
        if (after_first && good == 0 && !first) return false;
        after_first = first;
        text = (struct slice){text.data + SURROGATE_BYTES, text.len - SURROGATE_BYTES};
    }
}

const char *name_trouble(struct slice text)
{
    if (text.len > NAME_BYTES_MAX)
        return "is longer than 4096 bytes; check which column is which, and the quotes";
    return is_text(text) ? NULL : "is not UTF-8; save the file as UTF-8";
}
