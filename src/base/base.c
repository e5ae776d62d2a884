/* base.c - statuses and slices. */
#include "base/base.h"

struct status_info {
    const char *name;
    const char *meaning;
    enum reaction reaction;
};

static const struct status_info status_infos[STATUS_COUNT] = {
#define STATUS(name, reaction, meaning) [STATUS_##name] = {#name, meaning, REACTION_##reaction},
    STATUS_TABLE
#undef STATUS
};

const char *status_name(enum status status)
{
    ASSERT(status < STATUS_COUNT);
    return status_infos[status].name;
}

const char *status_meaning(enum status status)
{
    ASSERT(status < STATUS_COUNT);
    return status_infos[status].meaning;
}

enum reaction status_reaction(enum status status)
{
    ASSERT(status < STATUS_COUNT);
    return status_infos[status].reaction;
}

int slice_compare(struct slice left, struct slice right)
{
    size_t common = left.len < right.len ? left.len : right.len;
    int order = common == 0 ? 0 : memcmp(left.data, right.data, common);

    if (order != 0) return order;
    return (left.len > right.len) - (left.len < right.len);
}

bool slice_starts_with(struct slice text, struct slice prefix)
{
    return text.len >= prefix.len && slice_equal((struct slice){text.data, prefix.len}, prefix);
}

bool slice_ends_with(struct slice text, struct slice suffix)
{
    if (text.len < suffix.len) return false;
    return slice_equal((struct slice){text.data + (text.len - suffix.len), suffix.len}, suffix);
}

static uint8_t ascii_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

bool slice_equal_ignoring_case(struct slice left, struct slice right)
{
    if (left.len != right.len) return false;
    for (size_t i = 0; i < left.len; i++) {
        if (ascii_lower(left.data[i]) != ascii_lower(right.data[i])) return false;
    }
    return true;
}

enum { SAFE_DIGITS = 18 }; /* so many fit 64 bits whatever they are */

enum status slice_to_i64(struct slice text, int64_t *value)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    size_t at = negative ? 1 : 0;
    size_t safe = text.len < SAFE_DIGITS ? text.len : SAFE_DIGITS;
    int64_t sum = 0;

    if (at == text.len) return STATUS_INVALID;
    for (; at < safe; at++) {
        uint8_t digit = (uint8_t)(text.data[at] - '0');

        if (digit > 9) return STATUS_INVALID;
        sum = sum * 10 - digit;
    }
    for (; at < text.len; at++) {
        uint8_t digit = (uint8_t)(text.data[at] - '0');

        if (digit > 9) return STATUS_INVALID;
        if (__builtin_mul_overflow(sum, 10, &sum)) return STATUS_LIMIT;
        if (__builtin_sub_overflow(sum, digit, &sum))
            return STATUS_LIMIT; /* negative reaches MIN */
    }
    if (!negative && __builtin_sub_overflow(0, sum, &sum)) return STATUS_LIMIT;
    *value = sum;
    return STATUS_OK;
}
