/* radix.c - whole numbers out of text in any radix, with Java's words where it fails.
 *
 * Digits are judged by Unicode's decimal digits and letters of ASCII and full width, as Java's
 * Character.digit does.
 */
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/utf8.h"

#include <utf8proc.h>

enum { NUMBER_BYTES = 20 }; /* a long and its sign */

struct range {
    int64_t least;
    int64_t most;
};

static struct range range_of(enum value_kind kind)
{
    switch ((int)kind) {
    case VALUE_BYTE: return (struct range){INT8_MIN, INT8_MAX};
    case VALUE_SHORT: return (struct range){INT16_MIN, INT16_MAX};
    case VALUE_INTEGER: return (struct range){INT32_MIN, INT32_MAX};
    default: return (struct range){INT64_MIN, INT64_MAX};
    }
}

/* A number as text, for messages. */
struct number_room {
    uint8_t bytes[NUMBER_BYTES];
};

static struct slice number_text(int64_t number, struct number_room *room)
{
    struct buffer out = {.data = room->bytes, .capacity = NUMBER_BYTES, .bytes_max = NUMBER_BYTES};

    buffer_append_i64(&out, number);
    return buffer_slice(&out);
}

/* "...%...%..." with texts in place of the marks. */
static enum status fail_parts(struct call *call, const char *message, struct slice first,
                              struct slice second)
{
    struct slice parts[] = {first, second};

    return machine_fail(call->machine, STATUS_INVALID, message, parts, COUNT_OF(parts));
}

static enum status fail_input(struct call *call, struct slice text, int64_t radix)
{
    struct number_room room;

    if (radix == 10) return call_fail(call, "For input string: \"%\"", text);
    return fail_parts(call, "For input string: \"%\" under radix %", text,
                      number_text(radix, &room));
}

/* Value of a digit, or the radix and more. */
static uint32_t digit_value(int32_t point)
{
    if (point >= 'a' && point <= 'z') return (uint32_t)(point - 'a') + 10;
    if (point >= 'A' && point <= 'Z') return (uint32_t)(point - 'A') + 10;
    if (point >= 0xFF21 && point <= 0xFF3A) return (uint32_t)(point - 0xFF21) + 10;
    if (point >= 0xFF41 && point <= 0xFF5A) return (uint32_t)(point - 0xFF41) + 10;
    if (point >= '0' && point <= '9') return (uint32_t)(point - '0');
    if (point < 0x80 || utf8proc_category(point) != UTF8PROC_CATEGORY_ND) return RADIX_MAX;
    /* Decimal digits stand in runs of ten; the run starts at the first that is one. */
    uint32_t value = 0;
    while (value < 9 && utf8proc_category(point - (int32_t)value - 1) == UTF8PROC_CATEGORY_ND)
        value++;
    return value;
}

struct parsed {
    bool negative;
    uint64_t magnitude;
    bool wide;       /* outside the range asked for */
    size_t error_at; /* characters before the first that does not fit */
};

static const struct range any_long = {INT64_MIN, INT64_MAX};

/* Sign and digits of a number within the range; false when there are none or something else stands
 * among them. */
static bool read_digits(struct slice text, int64_t radix, uint64_t least, uint64_t most,
                        struct parsed *parsed)
{
    size_t at = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+');
    bool any = false;

    *parsed = (struct parsed){.negative = at > 0 && text.data[0] == '-', .error_at = at};
    most = parsed->negative ? least : most;
    while (at < text.len) {
        int32_t point = 0;
        utf8proc_ssize_t len =
            utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(text.len - at), &point);
        uint64_t digit = len > 0 ? digit_value(point) : RADIX_MAX;
        if (digit >= (uint64_t)radix) return false;
        parsed->wide =
            parsed->wide || digit > most || parsed->magnitude > (most - digit) / (uint64_t)radix;
        if (!parsed->wide) {
            parsed->magnitude = parsed->magnitude * (uint64_t)radix + digit;
            parsed->error_at++;
        }
        any = true;
        at += (size_t)len;
    }
    return any;
}

/* The whole text as a number of the range. */
static bool read_number(struct slice text, int64_t radix, struct range range, struct parsed *parsed,
                        int64_t *number)
{
    bool read = read_digits(text, radix, 0 - (uint64_t)range.least, (uint64_t)range.most, parsed);

    *number = (int64_t)(parsed->negative ? 0 - parsed->magnitude : parsed->magnitude);
    return read && !parsed->wide;
}

static enum status check_radix(struct call *call, int64_t radix)
{
    struct number_room room;

    if (radix < RADIX_MIN) {
        return call_fail(call, "radix % less than Character.MIN_RADIX", number_text(radix, &room));
    }
    if (radix > RADIX_MAX) {
        return call_fail(call, "radix % greater than Character.MAX_RADIX",
                         number_text(radix, &room));
    }
    return STATUS_OK;
}

static enum status give(struct call *call, int64_t number)
{
    return call_return(call,
                       (struct value){.kind = (uint8_t)call_receiver_kind(call), .i64 = number});
}

/* The text at `index`; null fails in Java's words. */
static enum status text_argument(struct call *call, uint32_t index, struct value *text)
{
    if (call->arguments[index].kind == VALUE_NULL) {
        return call_fail(call, "Cannot parse null string", (struct slice){0});
    }
    return call_string(call, index, text);
}

/* Bytes and shorts are read as int first. */
static enum status give_parsed(struct call *call, struct slice text, int64_t radix)
{
    struct number_room room;
    struct parsed parsed;
    int64_t number = 0;
    enum value_kind kind = call_receiver_kind(call);
    bool small = kind == VALUE_BYTE || kind == VALUE_SHORT;
    struct range range = range_of(small ? VALUE_INTEGER : kind);

    if (!read_number(text, radix, range, &parsed, &number)) {
        return fail_input(call, text, radix);
    }
    range = range_of(kind);
    if (number >= range.least && number <= range.most) return give(call, number);
    return fail_parts(call, "Value out of range. Value:\"%\" Radix:%", text,
                      number_text(radix, &room));
}

/* parseInt(text), parseInt(text, radix), valueOf likewise */
enum status method_radix_parse(struct call *call)
{
    struct value text = value_null();
    int64_t radix = 10;
    enum status status = text_argument(call, 1, &text);

    if (status == STATUS_OK && call->count > 1) status = call_integer(call, 2, &radix);
    if (status == STATUS_OK) status = check_radix(call, radix);
    return status == STATUS_OK ? give_parsed(call, value_text(text), radix) : status;
}

/* --- unsigned ----------------------------------------------------------------------------------------- */

static enum status fail_part(struct call *call, struct slice text, size_t error_at)
{
    struct number_room room;

    return fail_parts(call, "Error at index % in: \"%\"", number_text((int64_t)error_at, &room),
                      text);
}

/* Longer than what surely fits, Java reads all digits but the last as a signed number first. */
static enum status give_unsigned_long(struct call *call, struct slice text, int64_t radix)
{
    enum { SHORT_DIGITS = 12, SHORT_DECIMAL_DIGITS = 18 };
    struct parsed parsed;
    int64_t number = 0;
    bool is_short = text.len <= (radix == 10 ? SHORT_DECIMAL_DIGITS : SHORT_DIGITS);
    struct slice first = {text.data, text.len - 1};

    if (!is_short && !read_number(first, radix, any_long, &parsed, &number)) {
        return fail_part(call, first, parsed.error_at);
    }
    if (!read_digits(text, radix, 0, UINT64_MAX, &parsed)) {
        return is_short ? fail_input(call, text, radix)
                        : call_fail(call, "Bad digit at end of %", text);
    }
    if (parsed.wide) {
        return call_fail(call, "String value % exceeds range of unsigned long.", text);
    }
    return give(call, (int64_t)parsed.magnitude);
}

static enum status give_unsigned(struct call *call, struct slice text, int64_t radix)
{
    struct parsed parsed;
    int64_t number = 0;

    if (text.data[0] == '-') {
        return call_fail(call, "Illegal leading minus sign on unsigned string %.", text);
    }
    enum status status = check_radix(call, radix);
    if (status != STATUS_OK) return status;
    if (call_receiver_kind(call) == VALUE_LONG) return give_unsigned_long(call, text, radix);
    if (!read_number(text, radix, any_long, &parsed, &number)) {
        return fail_input(call, text, radix);
    }
    if (number > UINT32_MAX) {
        return call_fail(call, "String value % exceeds range of unsigned int.", text);
    }
    return give(call, (int32_t)(uint32_t)(uint64_t)number);
}

enum status method_radix_parse_unsigned(struct call *call)
{
    struct value text = value_null();
    int64_t radix = 10;
    enum status status = text_argument(call, 1, &text);

    if (status == STATUS_OK && call->count > 1) status = call_integer(call, 2, &radix);
    if (status == STATUS_OK && text.len == 0) return fail_input(call, value_text(text), radix);
    return status == STATUS_OK ? give_unsigned(call, value_text(text), radix) : status;
}

/* --- a part of a text --------------------------------------------------------------------------------- */

/* (text, begin, end, radix): the characters [begin, end). */
static enum status part_arguments(struct call *call, struct value *part, int64_t *radix)
{
    struct value text = value_null();
    int64_t begin = 0;
    int64_t end = 0;
    enum status status = call->arguments[1].kind == VALUE_NULL
                             ? call_fail(call, "null", (struct slice){0})
                             : call_string(call, 1, &text);

    if (status == STATUS_OK) status = call_integer(call, 2, &begin);
    if (status == STATUS_OK) status = call_integer(call, 3, &end);
    if (status == STATUS_OK) status = call_integer(call, 4, radix);
    if (status != STATUS_OK) return status;
    if (begin < 0 || begin > end || end > (int64_t)text_units(text)) {
        return call_fail(call, "null", (struct slice){0});
    }
    *part = text_slice(text, (size_t)begin, (size_t)end, call_arena(call));
    return check_radix(call, *radix);
}

enum status method_radix_parse_part(struct call *call)
{
    struct value part;
    struct parsed parsed;
    int64_t radix = 10;
    int64_t number = 0;
    enum status status = part_arguments(call, &part, &radix);

    if (status != STATUS_OK) return status;
    struct slice text = value_text(part);
    if (text.len == 0 && call_receiver_kind(call) == VALUE_LONG) return call_fail(call, "", text);
    if (text.len == 0) return fail_input(call, text, radix);
    if (read_number(text, radix, range_of(call_receiver_kind(call)), &parsed, &number)) {
        return give(call, number);
    }
    return fail_part(call, text, parsed.error_at);
}

enum status method_radix_parse_unsigned_part(struct call *call)
{
    struct value part;
    struct parsed parsed;
    int64_t radix = 10;
    enum status status = part_arguments(call, &part, &radix);

    if (status != STATUS_OK) return status;
    struct slice text = value_text(part);
    if (text.len == 0) return fail_input(call, text, radix);
    if (text.data[0] == '-' || read_digits(text, radix, 0, UINT64_MAX, &parsed)) {
        return give_unsigned(call, text, radix);
    }
    return fail_part(call, text, parsed.error_at);
}

/* --- decode: a sign, then 0x, # or 0 for the radix ------------------------------------------------------ */

static uint32_t prefix_radix(struct slice *text)
{
    const uint8_t *at = text->data;
    size_t skip = 0;
    uint32_t radix = 10;

    if (text->len > 1 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        skip = 2;
        radix = 16;
    } else if (text->len > 0 && at[0] == '#') {
        skip = 1;
        radix = 16;
    } else if (text->len > 1 && at[0] == '0') {
        skip = 1;
        radix = 8;
    }
    *text = (struct slice){at + skip, text->len - skip};
    return radix;
}

enum status method_radix_decode(struct call *call)
{
    struct number_room room;
    struct value given;
    struct parsed parsed;
    int64_t number = 0;
    enum value_kind kind = call_receiver_kind(call);

    if (call->arguments[1].kind == VALUE_NULL) {
        return call_fail(call, "Cannot invoke \"String.isEmpty()\" because \"nm\" is null",
                         (struct slice){0});
    }
    enum status status = call_string(call, 1, &given);
    if (status != STATUS_OK) return status;
    struct slice text = value_text(given);
    if (text.len == 0) return call_fail(call, "Zero length string", text);
    bool negative = text.data[0] == '-';
    if (negative || text.data[0] == '+') text = (struct slice){text.data + 1, text.len - 1};
    uint32_t radix = prefix_radix(&text);
    if (text.len > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        return call_fail(call, "Sign character in wrong position", text);
    }
    struct range range = range_of(kind == VALUE_LONG ? kind : VALUE_INTEGER);
    uint64_t most = negative ? 0 - (uint64_t)range.least : (uint64_t)range.most;
    bool read = read_digits(text, radix, most, most, &parsed) && !parsed.wide;
    number = (int64_t)(negative ? 0 - parsed.magnitude : parsed.magnitude);
    if (!read) {
        struct value signed_text = value_string(text);
        if (negative) {
            struct value parts[2] = {value_string(SLICE("-")), value_string(text)};
            status = machine_join(call->machine, parts, COUNT_OF(parts));
            if (status != STATUS_OK) return status;
            signed_text = parts[0];
        }
        return fail_input(call, value_text(signed_text), radix);
    }
    range = range_of(kind);
    if (number >= range.least && number <= range.most) return give(call, number);
    return fail_parts(call, "Value % out of range from input %", number_text(number, &room),
                      value_text(given));
}

/* --- properties of the process -------------------------------------------------------------------------- */

/* getInteger(name), getInteger(name, default): there are no such properties here. */
enum status method_radix_property(struct call *call)
{
    return call_return(call, call->count > 1 ? call->arguments[2] : value_null());
}
