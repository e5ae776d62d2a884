/* format.c - T(String).format: Java's format language, in English.
 *
 * %[index$][flags][width][.precision]conversion with b c d e f g o s x, n and %. A pattern is checked
 * as a whole before anything is written. %a, %h and %t are refused.
 * source  documentation of java.util.Formatter (JDK 17), answers held in tests/data/expr/methods.tsv
 */
#include "expr/methods/format.h"
#include "expr/text.h"
#include "value/utf8.h"

enum { WIDTH_MAX = 1000, PRECISION_MAX = 100, INDEX_MAX = 10000 };

/* --- what is wrong with a directive ------------------------------------------------------------------- */

static void append_flags(uint8_t flags, struct buffer *out)
{
    for (size_t i = 0; i < sizeof FORMAT_FLAGS - 1; i++)
        if ((flags >> i & 1) != 0) buffer_append_byte(out, (uint8_t)FORMAT_FLAGS[i]);
}

static uint8_t letter_of(const struct directive *directive)
{
    return directive->upper ? (uint8_t)(directive->conversion - 'a' + 'A') : directive->conversion;
}

/* The directive as Java spells it: "%1$-5.2f". */
static enum status fail_directive(struct format *format, const struct directive *directive,
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
        return fail_directive(format, directive, "%");
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
        return fail_directive(format, directive, "% is not available here");
    if (is_one_of(directive->conversion, "n%")) return check_sign(format, directive);
    if ((flags & needs_width) != 0 && directive->width < 0)
        return fail_directive(format, directive, "%");
    if (number && (both_signs || both_fills)) return fail_flags(format, flags);
    if (directive->precision >= 0 && is_one_of(directive->conversion, "cdox"))
        return fail_number(format, directive->precision);
    return check_flags(format, directive);
}

/* --- reading a directive ------------------------------------------------------------------------------ */

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

static enum status read_directive(struct format *format, struct directive *directive)
{
    size_t start = format->at;

    *directive = (struct directive){.start = start - 1, .precision = -1};
    read_index(format, directive);
    enum status status = read_flags(format, directive);
    if (status != STATUS_OK) return status;
    if ((directive->flags & FLAG_PREVIOUS) != 0) directive->has_index = false;
    directive->width = read_number(format, WIDTH_MAX);
    if (peek(format) == '.') {
        format->at++;
        directive->precision = read_number(format, PRECISION_MAX);
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

/* --- writing ------------------------------------------------------------------------------------------ */

static void insert(struct buffer *out, size_t at, uint8_t byte, size_t count)
{
    size_t behind = out->len - at;

    for (size_t i = 0; i < count; i++)
        buffer_append_byte(out, byte);
    if (out->failed) return;
    memmove(out->data + at + count, out->data + at, behind);
    memset(out->data + at, byte, count);
}

void format_pad(struct format *format, const struct directive *directive, size_t start, size_t body,
                bool zeros)
{
    struct buffer *out = &format->out;

    if (out->failed || directive->width < 0) return;
    size_t units = text_units(value_string((struct slice){out->data + start, out->len - start}));
    if ((size_t)directive->width <= units) return;
    size_t missing = (size_t)directive->width - units;
    if ((directive->flags & FLAG_LEFT) != 0) {
        insert(out, out->len, ' ', missing);
    } else {
        insert(out, zeros ? body : start, zeros ? '0' : ' ', missing);
    }
}

static enum status upper_text(struct call *call, struct slice *text)
{
    struct value upper = value_null();
    struct value argument = value_string(*text);
    struct call inner = {
        .machine = call->machine, .method = call->method, .arguments = &argument, .result = &upper};
    enum status status = method_string_to_upper_case(&inner);

    if (status == STATUS_OK) *text = value_text(upper);
    return status;
}

/* A precision cuts texts. */
static enum status append_text(struct format *format, const struct directive *directive,
                               struct slice text)
{
    struct value string = value_string(text);
    size_t start = format->out.len;
    enum status status = STATUS_OK;

    if (directive->precision >= 0 && text_units(string) > (size_t)directive->precision) {
        text = value_text(
            text_slice(string, 0, (size_t)directive->precision, call_arena(format->call)));
    }
    if (directive->upper) status = upper_text(format->call, &text);
    if (status != STATUS_OK) return status;
    buffer_append(&format->out, text);
    format_pad(format, directive, start, start, false);
    return STATUS_OK;
}

static enum status fail_conversion(struct format *format, uint8_t conversion, struct value value)
{
    struct slice parts[] = {{&conversion, 1}, machine_class_name(value)};

    return machine_fail(format->call->machine, STATUS_INVALID, "% != %", parts, COUNT_OF(parts));
}

static enum status append_character(struct format *format, const struct directive *directive,
                                    struct value value)
{
    bool whole = value.kind >= VALUE_BYTE && value.kind <= VALUE_INTEGER;
    uint8_t bytes[4];

    if (!whole && value.kind != VALUE_CHARACTER) return fail_conversion(format, 'c', value);
    if (value.i64 < 0 || value.i64 > 0x10FFFF) {
        struct buffer hex = {.data = (uint8_t[8]){0}, .capacity = 8, .bytes_max = 8};
        for (int shift = 28; shift >= 0; shift -= 4) {
            uint8_t digit = (uint8_t)((uint32_t)value.i64 >> shift & 15);
            if (digit == 0 && hex.len == 0) continue;
            buffer_append_byte(&hex, (uint8_t) "0123456789abcdef"[digit]);
        }
        return call_fail(format->call, "Code point = 0x%", buffer_slice(&hex));
    }
    return append_text(format, directive,
                       (struct slice){bytes, utf8_put(bytes, (uint32_t)value.i64)});
}

static enum status append_argument(struct format *format, const struct directive *directive,
                                   struct value value)
{
    bool whole =
        (value.kind >= VALUE_BYTE && value.kind <= VALUE_LONG) || value.kind == VALUE_BIG_INTEGER;
    bool fraction =
        value.kind == VALUE_FLOAT || value.kind == VALUE_DOUBLE || value.kind == VALUE_BIG_DECIMAL;
    bool is_false = value.kind == VALUE_NULL || (value.kind == VALUE_BOOLEAN && !value.boolean);
    struct slice text = {0};

    if (directive->conversion == 'b')
        return append_text(format, directive, is_false ? SLICE("false") : SLICE("true"));
    if (value.kind == VALUE_NULL) return append_text(format, directive, SLICE("null"));
    switch (directive->conversion) {
    case 's': {
        enum status status = machine_text(format->call->machine, value, &text);
        return status == STATUS_OK ? append_text(format, directive, text) : status;
    }
    case 'c': return append_character(format, directive, value);
    case 'd':
    case 'o':
    case 'x':
        return whole ? format_whole(format, directive, value)
                     : fail_conversion(format, directive->conversion, value);
    default:
        return fraction ? format_fraction(format, directive, value)
                        : fail_conversion(format, directive->conversion, value);
    }
}

static enum status fail_width(struct format *format, const struct directive *directive)
{
    _Static_assert(WIDTH_MAX == 1000 && PRECISION_MAX == 100, "as it is said");
    struct slice text = {format->text.data + directive->start, format->at - directive->start};

    return machine_fail(format->call->machine, STATUS_LIMIT,
                        "The directive % is beyond a limit: a width of at most 1000, a precision "
                        "of at most 100",
                        &text, 1);
}

static enum status append_directive(struct format *format, const struct directive *directive)
{
    if (directive->width > WIDTH_MAX || directive->precision > PRECISION_MAX)
        return fail_width(format, directive);
    if (directive->conversion == '%') return append_text(format, directive, SLICE("%"));
    if (directive->conversion == 'n') return append_text(format, directive, SLICE("\n"));
    if (directive->has_index) format->last = directive->index;
    if (!directive->has_index && (directive->flags & FLAG_PREVIOUS) == 0)
        format->last = ++format->next;
    if (format->last == 0 || format->last >= format->call->count)
        return fail_directive(format, directive, "Format specifier '%'");
    return append_argument(format, directive, format->call->arguments[format->last + 1]);
}

static enum status format_all(struct format *format, bool write)
{
    enum status status = STATUS_OK;

    format->at = 0;
    while (format->at < format->text.len && status == STATUS_OK) {
        struct directive directive;
        uint8_t byte = format->text.data[format->at++];
        if (byte == '%') status = read_directive(format, &directive);
        if (byte == '%' && write && status == STATUS_OK)
            status = append_directive(format, &directive);
        if (byte != '%' && write) buffer_append_byte(&format->out, byte);
    }
    return status;
}

/* As in machine_text: more room each time it did not fit. */
enum status method_string_format(struct call *call)
{
    struct value pattern;
    enum status status = call_string(call, 1, &pattern);

    if (status != STATUS_OK) return status;
    struct format check_only = {.call = call, .text = value_text(pattern)};
    status = format_all(&check_only, false);
    if (status != STATUS_OK) return status;
    for (size_t capacity = 256; capacity <= call->machine->bytes_left; capacity *= 4) {
        uint8_t *memory = machine_alloc(call->machine, capacity, 1);
        if (memory == NULL) break;
        struct format format = {
            .call = call,
            .text = value_text(pattern),
            .out = {.data = memory, .capacity = capacity, .bytes_max = capacity}};
        status = machine_spend(call->machine, capacity / 16);
        if (status == STATUS_OK) status = format_all(&format, true);
        if (status != STATUS_OK) return status;
        if (!format.out.failed) return call_return(call, value_string(buffer_slice(&format.out)));
    }
    return machine_limit(call->machine);
}
