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

/* Eight digits at once: neighbours are joined to pairs, pairs to fours, fours to the number. */
static bool read_eight(const uint8_t *text, int64_t *number)
{
    uint64_t digits;

    memcpy(&digits, text, sizeof(digits));
    digits -= UINT64_C(0x3030303030303030);
    /* A byte above 9 reaches the top bit, by itself or with 118 added. */
    if (((digits | (digits + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080)) != 0) {
        return false;
    }
    digits = (digits * 10 + (digits >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    digits = (digits * 100 + (digits >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    *number = (int64_t)((digits * 10000 + (digits >> 32)) & UINT32_MAX);
    return true;
}

enum status slice_to_i64(struct slice text, int64_t *value)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    size_t at = negative ? 1 : 0;
    size_t safe = text.len < SAFE_DIGITS ? text.len : SAFE_DIGITS;
    int64_t sum = 0;

    if (at == text.len) return STATUS_INVALID;
    for (int64_t eight; at + 8 <= safe && read_eight(text.data + at, &eight); at += 8)
        sum = sum * 100000000 - eight;
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
