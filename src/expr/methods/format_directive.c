/* format_directive.c - one directive of a format: read, and what is wrong with it. */
#include "expr/methods/format.h"
#include "value/utf8.h"

enum { INDEX_MAX = 10000 };

static void append_flags(uint8_t flags, struct buffer *out)
{
    for (size_t i = 0; i < sizeof FORMAT_FLAGS - 1; i++)
        if ((flags >> i & 1) != 0) buffer_append_byte(out, (uint8_t)FORMAT_FLAGS[i]);
}

static uint8_t letter_of(const struct directive *directive)
{
    return directive->upper ? (uint8_t)(directive->conversion - 'a' + 'A') : directive->conversion;
}

enum status format_fail_directive(struct format *format, const struct directive *directive,
                                  const char *message)
{
    uint8_t memory[64];
    struct buffer out = {.data = memory, .capacity = sizeof memory, .bytes_max = sizeof memory};

    buffer_append_byte(&out, '%');
    append_flags(directive->flags, &out);
    if (directive->has_index) {
        buffer_append_i64(&out, directive->index);
        buffer_append_byte(&out, '$');
    }
    if (directive->width >= 0) buffer_append_i64(&out, directive->width);
    if (directive->precision >= 0) {
        buffer_append_byte(&out, '.');
        buffer_append_i64(&out, directive->precision);
    }
    buffer_append_byte(&out, letter_of(directive));
    return call_fail(format->call, message, buffer_slice(&out));
}

static enum status fail_flags(struct format *format, uint8_t flags)
{
    uint8_t memory[8];
    struct buffer out = {.data = memory, .capacity = sizeof memory, .bytes_max = sizeof memory};

    append_flags(flags, &out);
    return call_fail(format->call, "Flags = '%'", buffer_slice(&out));
}

enum status format_fail_mismatch(struct format *format, uint8_t conversion, uint8_t flag)
{
    uint8_t memory[1];
    struct buffer out = {.data = memory, .capacity = 1, .bytes_max = 1};

    append_flags(flag, &out);
    struct slice parts[] = {{&conversion, 1}, buffer_slice(&out)};
    return machine_fail(format->call->machine, STATUS_INVALID, "Conversion = %, Flags = %", parts,
                        COUNT_OF(parts));
}

static enum status fail_number(struct format *format, int64_t number)
{
    uint8_t memory[20];
    struct buffer out = {.data = memory, .capacity = sizeof memory, .bytes_max = sizeof memory};

    buffer_append_i64(&out, number);
    return call_fail(format->call, "%", buffer_slice(&out));
}

/* What a conversion does not take. */
static uint8_t bad_flags(uint8_t conversion)
{
    uint8_t all = FLAG_ALTERNATE | FLAG_PLUS | FLAG_SPACE | FLAG_ZERO | FLAG_GROUP;

    switch (conversion) {
    case 'b':
    case 's':
    case 'c': return all | FLAG_PARENTHESES;
    case 'd':
    case 'g': return FLAG_ALTERNATE;
    case 'o':
    case 'x':
    case 'e': return FLAG_GROUP;
    default: return 0;
    }
}

static enum status check_flags(struct format *format, const struct directive *directive)
{
    uint8_t bad = directive->flags & bad_flags(directive->conversion);
    uint8_t lowest = (uint8_t)(bad & (~bad + 1));

    return bad == 0 ? STATUS_OK : format_fail_mismatch(format, directive->conversion, lowest);
}

/* %% and %n */
static enum status check_sign(struct format *format, const struct directive *directive)
{
    bool line = directive->conversion == 'n';

    if (directive->precision >= 0) return fail_number(format, directive->precision);
    if (line && directive->width >= 0) return fail_number(format, directive->width);
    if ((directive->flags & ~(line ? 0 : FLAG_LEFT)) != 0)
        return fail_flags(format, directive->flags);
    if (directive->flags != 0 && directive->width < 0)
        return format_fail_directive(format, directive, "%");
    return STATUS_OK;
}

static bool is_one_of(uint8_t conversion, const char *letters)
{
    while (*letters != 0 && (uint8_t)*letters != conversion)
        letters++;
    return *letters != 0;
}

static enum status check(struct format *format, const struct directive *directive)
{
    uint8_t flags = directive->flags;
    bool number = is_one_of(directive->conversion, "doxefg");
    uint8_t needs_width = number ? FLAG_LEFT | FLAG_ZERO : FLAG_LEFT;
    bool both_signs = (flags & FLAG_PLUS) != 0 && (flags & FLAG_SPACE) != 0;
    bool both_fills = (flags & FLAG_LEFT) != 0 && (flags & FLAG_ZERO) != 0;

    if (is_one_of(directive->conversion, "aht"))
        return format_fail_directive(format, directive, "% is not available here");
    if (is_one_of(directive->conversion, "n%")) return check_sign(format, directive);
    if ((flags & needs_width) != 0 && directive->width < 0)
        return format_fail_directive(format, directive, "%");
    if (number && (both_signs || both_fills)) return fail_flags(format, flags);
    if (directive->precision >= 0 && is_one_of(directive->conversion, "cdox"))
        return fail_number(format, directive->precision);
    return check_flags(format, directive);
}

static uint8_t peek(const struct format *format)
{
    return format->at < format->text.len ? format->text.data[format->at] : 0;
}

/* `most` + 1 stands for whatever is more; -1: no digits. */
static int32_t read_number(struct format *format, int32_t most)
{
    int32_t number = -1;

    for (uint8_t digit = peek(format); digit >= '0' && digit <= '9'; digit = peek(format)) {
        number = (number < 0 ? 0 : number) * 10 + (digit - '0');
        if (number > most) number = most + 1;
        format->at++;
    }
    return number;
}

static void read_index(struct format *format, struct directive *directive)
{
    size_t start = format->at;
    int32_t number = read_number(format, INDEX_MAX);

    directive->has_index = number >= 0 && peek(format) == '$';
    if (directive->has_index) {
        directive->index = (uint32_t)number;
        format->at++;
    } else {
        format->at = start;
    }
}

static enum status read_flags(struct format *format, struct directive *directive)
{
    static const char flags[] = FORMAT_FLAGS;

    for (; is_one_of(peek(format), flags); format->at++) {
        size_t row = (size_t)((const char *)memchr(flags, peek(format), sizeof flags - 1) - flags);
        uint8_t flag = (uint8_t)(1U << row);
        if ((directive->flags & flag) != 0) return fail_flags(format, flag);
        directive->flags |= flag;
    }
    return STATUS_OK;
}

/* The character behind the % is named where a directive breaks off. */
static enum status fail_unknown(struct format *format, size_t start)
{
    const uint8_t *at = format->text.data + start;
    const uint8_t *end = format->text.data + format->text.len;

    if (at == end) return call_fail(format->call, "Conversion = '%'", SLICE("%"));
    (void)utf8_next(&at, end);
    return call_fail(
        format->call, "Conversion = '%'",
        (struct slice){format->text.data + start, (size_t)(at - format->text.data) - start});
}

enum status format_read_directive(struct format *format, struct directive *directive)
{
    size_t start = format->at;

    *directive = (struct directive){.start = start - 1, .precision = -1};
    read_index(format, directive);
    enum status status = read_flags(format, directive);
    if (status != STATUS_OK) return status;
    if ((directive->flags & FLAG_PREVIOUS) != 0) directive->has_index = false;
    directive->width = read_number(format, FORMAT_WIDTH_MAX);
    if (peek(format) == '.') {
        format->at++;
        directive->precision = read_number(format, FORMAT_PRECISION_MAX);
        if (directive->precision < 0) return fail_unknown(format, start);
    }
    uint8_t letter = peek(format);
    bool small = letter >= 'a' && letter <= 'z';
    directive->upper = letter >= 'A' && letter <= 'Z';
    if (!small && !directive->upper && letter != '%') return fail_unknown(format, start);
    if (!is_one_of(letter, "bBhHsScCdoxXeEfgGaAtTn%")) return fail_unknown(format, format->at);
    directive->conversion = directive->upper ? (uint8_t)(letter - 'A' + 'a') : letter;
    format->at++;
    if (directive->has_index && directive->index == 0)
        return call_fail(format->call, "Illegal format argument index = %", SLICE("0"));
    return check(format, directive);
}
