/* json_scan.c - strings that are long or have escapes.
 *
 * Which bytes are escaped follows from the backslashes of a block by arithmetic on their mask, as
 * simdjson found: runs of backslashes that start on odd and even bits are told apart by adding.
 * So a block costs the same however many escapes it has, and only \u is looked at by itself.
 * source  Langdale, Lemire: Parsing gigabytes of JSON per second (2019), section 3.1.1
 */
#include "codec/json_scan.h"

static bool is_hex(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10 || (uint8_t)((byte | 0x20) - 'a') < 6;
}

/* Bytes of the escape at `at` (a backslash), 0 if it is none. */
static size_t escape_len(const uint8_t *at, const uint8_t *end)
{
    if (end - at < 2) return 0;
    switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return 2;
    case 'u':
        if (end - at < 6) return 0;
        return is_hex(at[2]) && is_hex(at[3]) && is_hex(at[4]) && is_hex(at[5]) ? 6 : 0;
    default: return 0;
    }
}

/* Byte by byte: the end of the text, and blocks in which something is wrong. */
static const uint8_t *scan_bytes(const uint8_t *at, const uint8_t *end, bool *escaped)
{
    while (at < end && *at != '"' && *at >= 0x20) {
        size_t len = 1;

        if (*at == '\\') {
            *escaped = true;
            len = escape_len(at, end);
            if (len == 0) return at;
        }
        at += len;
    }
    return at;
}

/* Bytes that stand behind an escaping backslash; *carry: the first byte does, and whether the one
 * after the block will. */
static uint32_t escaped_bytes(uint32_t backslash, uint32_t *carry)
{
    const uint32_t even = 0x55555555;

    backslash &= ~*carry;
    uint32_t follows = backslash << 1 | *carry;
    uint32_t odd_starts = backslash & ~even & ~follows;
    uint64_t sum = (uint64_t)odd_starts + backslash;
    *carry = (uint32_t)(sum >> 32);
    return (even ^ (uint32_t)sum << 1) & follows;
}

/* Those of the escaped bytes that may be, \u aside. */
static uint32_t escapable(const uint8_t *at)
{
    return json_block_equal(at, '"') | json_block_equal(at, '\\') | json_block_equal(at, '/') |
           json_block_equal(at, 'n') | json_block_equal(at, 'b') | json_block_equal(at, 'f') |
           json_block_equal(at, 'r') | json_block_equal(at, 't');
}

/* Are these escapes of the block good? */
static bool escapes_good(const uint8_t *at, const uint8_t *end, uint32_t escaped)
{
    uint32_t others = escaped & ~json_block_equal(at, '"');

    if (others == 0) return true;
    for (others &= ~escapable(at); others != 0; others &= others - 1)
        if (escape_len(at + __builtin_ctz(others) - 1, end) == 0) return false;
    return true;
}

const uint8_t *json_scan_long_string(const uint8_t *at, const uint8_t *end, bool *escaped)
{
    uint32_t carry = 0;

    while (end - at >= JSON_BLOCK_BYTES) {
        uint32_t special = json_block_special(at);
        uint32_t behind = 0;
        uint32_t before = carry;

        if ((special | carry) != 0) {
            uint32_t backslash = json_block_equal(at, '\\');

            behind = escaped_bytes(backslash, &carry);
            special &= ~backslash & ~(behind & json_block_equal(at, '"'));
            if (special != 0) behind &= (special & (0 - special)) - 1;
            *escaped = *escaped || behind != 0 || (special == 0 && carry != 0);
            if (!escapes_good(at, end, behind)) return scan_bytes(at - before, end, escaped);
        }
        if (special != 0) return at + __builtin_ctz(special);
        at += JSON_BLOCK_BYTES;
    }
    return scan_bytes(at - carry, end, escaped);
}
