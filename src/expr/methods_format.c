/* methods_format.c - T(String).format: the part of Java's format language people use.
 *
 * %[-0][width][.precision] with s, d, f, x, b, and %n, %%. Anything else is an error, not a guess.
 */
#include "expr/methods.h"
#include "expr/text.h"
#include "value/decimal.h"

enum { WIDTH_MAX = 1000, PRECISION_MAX = 100 };

struct directive {
    bool left;
    bool zero;
    uint32_t width;
    int32_t precision; /* -1: none */
    uint8_t conversion;
};

struct format {
    struct call *call;
    struct slice text;
    size_t at;
    uint32_t next; /* argument */
    struct buffer out;
};

/* `most` + 1 stands for whatever is more. */
static uint32_t read_number(struct format *format, uint32_t most)
{
    uint32_t number = 0;

    while (format->at < format->text.len && format->text.data[format->at] >= '0' &&
           format->text.data[format->at] <= '9') {
        number = number * 10 + (format->text.data[format->at++] - '0');
        if (number > most) number = most + 1;
    }
    return number;
}

static bool read_directive(struct format *format, struct directive *directive)
{
    *directive = (struct directive){.precision = -1};
    while (format->at < format->text.len) {
        uint8_t flag = format->text.data[format->at];
        if (flag != '-' && flag != '0') break;
        directive->left = directive->left || flag == '-';
        directive->zero = directive->zero || flag == '0';
        format->at++;
    }
    directive->width = read_number(format, WIDTH_MAX);
    if (format->at < format->text.len && format->text.data[format->at] == '.') {
        format->at++;
        directive->precision = (int32_t)read_number(format, PRECISION_MAX);
    }
    if (format->at == format->text.len) return false;
    directive->conversion = format->text.data[format->at++];
    return true;
}

static void append_filled(struct format *format, const struct directive *directive,
                          struct slice text)
{
    size_t units = text_units(value_string(text));
    size_t missing = directive->width > units ? directive->width - units : 0;
    bool sign = directive->zero && text.len > 0 && text.data[0] == '-';

    if (sign) {
        buffer_append_byte(&format->out, '-');
        text = (struct slice){text.data + 1, text.len - 1};
    }
    for (size_t i = 0; i < missing && !directive->left; i++) {
        buffer_append_byte(&format->out, directive->zero ? '0' : ' ');
    }
    buffer_append(&format->out, text);
    for (size_t i = 0; i < missing && directive->left; i++)
        buffer_append_byte(&format->out, ' ');
}

static enum status fail_conversion(struct format *format, uint8_t conversion, struct value value)
{
    struct slice parts[] = {{&conversion, 1}, machine_class_name(value)};

    return machine_fail(format->call->machine, STATUS_INVALID, "% != %", parts, COUNT_OF(parts));
}

/* Digits behind the point, halves up, from what the number is printed as. */
static enum status fixed_text(struct format *format, struct value number, int32_t precision,
                              struct slice *text)
{
    struct arena *arena = call_arena(format->call);
    struct value decimal = number;
    enum status status = STATUS_OK;

    if (number.kind != VALUE_BIG_DECIMAL) {
        status = machine_text(format->call->machine, number, text);
        if (status != STATUS_OK) return status;
        status = decimal_parse(*text, arena, &decimal);
        if (status == STATUS_INVALID) return STATUS_OK; /* NaN, Infinity */
    }
    if (status == STATUS_OK) {
        status = decimal_rescale(decimal, precision, ROUND_HALF_UP, arena, &decimal);
    }
    uint8_t *memory = machine_alloc(format->call->machine, (size_t)DECIMAL_PLAIN_MAX * 2, 1);
    if (status != STATUS_OK || memory == NULL) return machine_limit(format->call->machine);
    struct buffer plain = {.data = memory,
                           .capacity = (size_t)DECIMAL_PLAIN_MAX * 2,
                           .bytes_max = (size_t)DECIMAL_PLAIN_MAX * 2};
    decimal_to_plain(decimal, &plain);
    *text = buffer_slice(&plain);
    return plain.failed ? machine_limit(format->call->machine) : STATUS_OK;
}

static struct slice hexadecimal(uint64_t number, uint8_t memory[16])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 16;

    do {
        memory[--at] = (uint8_t)digits[number & 15];
        number >>= 4;
    } while (number > 0);
    return (struct slice){memory + at, 16 - at};
}

/* A precision cuts texts. */
static struct slice cut(struct format *format, const struct directive *directive, struct slice text)
{
    struct value string = value_string(text);

    if (directive->precision < 0 || text_units(string) <= (size_t)directive->precision) return text;
    return value_text(
        text_slice(string, 0, (size_t)directive->precision, call_arena(format->call)));
}

static enum status append_argument(struct format *format, const struct directive *directive,
                                   struct value value)
{
    bool whole = value.kind >= VALUE_BYTE && value.kind <= VALUE_LONG;
    bool fraction =
        value.kind == VALUE_FLOAT || value.kind == VALUE_DOUBLE || value.kind == VALUE_BIG_DECIMAL;
    struct slice text = SLICE("null");
    uint8_t memory[16];
    enum status status = STATUS_OK;

    if (value.kind == VALUE_NULL) {
        append_filled(format, directive, text);
        return STATUS_OK;
    }
    switch (directive->conversion) {
    case 's':
    case 'b':
        status = machine_text(format->call->machine, value, &text);
        if (status == STATUS_OK) text = cut(format, directive, text);
        break;
    case 'd':
        if (!whole && value.kind != VALUE_BIG_INTEGER) {
            return fail_conversion(format, 'd', value);
        }
        status = machine_text(format->call->machine, value, &text);
        break;
    case 'x':
        if (!whole) return fail_conversion(format, 'x', value);
        text = hexadecimal(value.kind == VALUE_LONG ? (uint64_t)value.i64
                                                    : (uint64_t)(uint32_t)(int32_t)value.i64,
                           memory);
        break;
    case 'f':
        if (!fraction) return fail_conversion(format, 'f', value);
        status =
            fixed_text(format, value, directive->precision < 0 ? 6 : directive->precision, &text);
        break;
    default:
        return call_fail(format->call, "Conversion = '%'",
                         (struct slice){&directive->conversion, 1});
    }
    if (status == STATUS_OK) append_filled(format, directive, text);
    return status;
}

static enum status format_all(struct format *format)
{
    while (format->at < format->text.len) {
        struct directive directive;
        uint8_t byte = format->text.data[format->at++];
        if (byte != '%') {
            buffer_append_byte(&format->out, byte);
            continue;
        }
        if (!read_directive(format, &directive)) {
            return call_fail(format->call, "Conversion = '%'", SLICE("%"));
        }
        if (directive.width > WIDTH_MAX || directive.precision > PRECISION_MAX) {
            return machine_limit(format->call->machine);
        }
        if (directive.conversion == 'n' || directive.conversion == '%') {
            buffer_append_byte(&format->out, directive.conversion == 'n' ? '\n' : '%');
            continue;
        }
        if (format->next > format->call->count) {
            uint8_t shown[2] = {'%', directive.conversion};
            return call_fail(format->call, "Format specifier '%'", (struct slice){shown, 2});
        }
        enum status status =
            append_argument(format, &directive, format->call->arguments[format->next++]);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* As in machine_text: twice as big each time it did not fit. */
enum status method_string_format(struct call *call)
{
    struct value pattern;
    enum status status = call_string(call, 1, &pattern);

    if (status != STATUS_OK) return status;
    for (size_t capacity = 256; capacity <= call->machine->bytes_left; capacity *= 4) {
        uint8_t *memory = machine_alloc(call->machine, capacity, 1);
        if (memory == NULL) break;
        struct format format = {
            .call = call,
            .text = value_text(pattern),
            .next = 2,
            .out = {.data = memory, .capacity = capacity, .bytes_max = capacity}};
        status = machine_spend(call->machine, capacity / 16);
        if (status == STATUS_OK) status = format_all(&format);
        if (status != STATUS_OK) return status;
        if (!format.out.failed) return call_return(call, value_string(buffer_slice(&format.out)));
    }
    return machine_limit(call->machine);
}
