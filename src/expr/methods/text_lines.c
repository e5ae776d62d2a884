/* text_lines.c - stripIndent, and the texts of Character and other boxed values. */
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/utf8.h"

/* toString(value) on a class. */
enum status method_any_argument_to_string(struct call *call)
{
    struct slice text;
    enum status status = machine_text(call->machine, call->arguments[1], &text);

    return status == STATUS_OK ? call_return(call, value_string(text)) : status;
}

static enum status fail_point(struct call *call, uint32_t point)
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t hex[8];
    size_t at = sizeof hex;

    do {
        hex[--at] = (uint8_t)digits[point & 15];
        point >>= 4;
    } while (point > 0);
    return call_fail(call, "Not a valid Unicode code point: 0x%",
                     (struct slice){hex + at, sizeof hex - at});
}

/* Character.toString(code point) */
enum status method_character_of_point(struct call *call)
{
    enum { POINT_MAX = 0x10FFFF };
    int64_t point = 0;
    uint8_t *bytes = machine_alloc(call->machine, UTF8_BYTES_MAX, 1);
    enum status status = call_integer(call, 1, &point);

    if (status != STATUS_OK) return status;
    if (bytes == NULL) return machine_limit(call->machine);
    if (point < 0 || point > POINT_MAX) {
        return fail_point(call, (uint32_t)(uint64_t)point);
    }
    size_t len = utf8_put(bytes, (uint32_t)point);
    return call_return(call, value_string((struct slice){bytes, len}));
}

/* --- stripIndent -------------------------------------------------------------------------------------- */

struct line {
    struct slice text;   /* without the white space at its end */
    size_t white_points; /* characters before the first that is not white */
    bool last;
};

/* The next line, ended by \n, \r or both; a text that ends so has no line behind. */
static bool next_line(struct slice *rest, struct line *line)
{
    const uint8_t *at = rest->data;
    const uint8_t *end = rest->data + rest->len;
    const uint8_t *solid = at;

    if (rest->len == 0) return false;
    *line = (struct line){.text = {at, 0}};
    while (at < end && *at != '\n' && *at != '\r') {
        bool white = text_is_white(utf8_next(&at, end));
        if (!white) solid = at;
        if (white && solid == line->text.data) line->white_points++;
    }
    line->text.len = (size_t)(solid - line->text.data);
    line->last = at == end;
    if (at < end) at += at[0] == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
    *rest = (struct slice){at, (size_t)(end - at)};
    return true;
}

/* The least indent of lines with text and of the last one; none when the text ends with a new line. */
static size_t indent_of(struct slice text)
{
    struct line line;
    size_t least = text.len;
    uint8_t end = text.data[text.len - 1];

    if (end == '\n' || end == '\r') return 0;
    while (next_line(&text, &line)) {
        if ((line.text.len > 0 || line.last) && line.white_points < least) {
            least = line.white_points;
        }
    }
    return least;
}

static struct slice without_indent(struct slice text, size_t indent)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.data + text.len;

    for (size_t i = 0; i < indent && at < end; i++)
        (void)utf8_next(&at, end);
    return (struct slice){at, (size_t)(end - at)};
}

enum status method_string_strip_indent(struct call *call)
{
    struct slice text = value_text(call->arguments[0]);
    uint8_t *memory = machine_alloc(call->machine, text.len + 1, 1);
    struct buffer out = {.data = memory, .capacity = text.len + 1, .bytes_max = text.len + 1};
    struct line line;

    if (text.len == 0) return call_return(call, call->arguments[0]);
    if (memory == NULL) return machine_limit(call->machine);
    size_t indent = indent_of(text);
    while (next_line(&text, &line)) {
        buffer_append(&out, without_indent(line.text, indent));
        if (!line.last) buffer_append_byte(&out, '\n');
    }
    return call_return(call, value_string(buffer_slice(&out)));
}
