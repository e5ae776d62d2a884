/* format.c - T(String).format: Java's format language, in English.
 *
 * %[index$][flags][width][.precision]conversion with b c d e f g o s x, n and %. A pattern is checked
 * as a whole before anything is written. %a, %h and %t are refused.
 * source  documentation of java.util.Formatter (JDK 17), answers held in tests/data/expr/methods.tsv
 */
#include "expr/methods/format.h"
#include "expr/text.h"
#include "value/utf8.h"

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
    _Static_assert(FORMAT_WIDTH_MAX == 1000 && FORMAT_PRECISION_MAX == 100, "as it is said");
    struct slice text = {format->text.data + directive->start, format->at - directive->start};

    return machine_fail(format->call->machine, STATUS_LIMIT,
                        "The directive % is beyond a limit: a width of at most 1000, a precision "
                        "of at most 100",
                        &text, 1);
}

static enum status append_directive(struct format *format, const struct directive *directive)
{
    if (directive->width > FORMAT_WIDTH_MAX || directive->precision > FORMAT_PRECISION_MAX)
        return fail_width(format, directive);
    if (directive->conversion == '%') return append_text(format, directive, SLICE("%"));
    if (directive->conversion == 'n') return append_text(format, directive, SLICE("\n"));
    if (directive->has_index) format->last = directive->index;
    if (!directive->has_index && (directive->flags & FLAG_PREVIOUS) == 0)
        format->last = ++format->next;
    if (format->last == 0 || format->last >= format->call->count)
        return format_fail_directive(format, directive, "Format specifier '%'");
    return append_argument(format, directive, format->call->arguments[format->last + 1]);
}

static enum status format_all(struct format *format, bool write)
{
    enum status status = STATUS_OK;

    format->at = 0;
    while (format->at < format->text.len && status == STATUS_OK) {
        struct directive directive;
        uint8_t byte = format->text.data[format->at++];
        if (byte == '%') status = format_read_directive(format, &directive);
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
