/* json_write.c - values and documents as JSON text.
 *
 * Lazy parts are copied from their text, token by token: what nobody changed keeps its spelling.
 * source  the forms of circe's printer: escapes in lower-case hex, control characters of Latin-1
 *         escaped too, `"key" : value` where it is indented
 */
#include "codec/json.h"
#include "value/collection.h"
#include "value/decimal.h"
#include "value/number.h"
#include "value/temporal.h"
#include "value/utf8.h"

/* --- strings ----------------------------------------------------------------------------------- */

static void append_hex_escape(uint32_t unit, struct buffer *out)
{
    static const uint8_t hex[] = "0123456789abcdef";
    uint8_t escape[6] = {
        '\\',           'u', hex[unit >> 12 & 0xF], hex[unit >> 8 & 0xF], hex[unit >> 4 & 0xF],
        hex[unit & 0xF]};

    buffer_append(out, (struct slice){escape, sizeof(escape)});
}

static void append_escape(uint32_t code, struct buffer *out)
{
    switch (code) {
    case '"': buffer_append(out, SLICE("\\\"")); return;
    case '\\': buffer_append(out, SLICE("\\\\")); return;
    case '\b': buffer_append(out, SLICE("\\b")); return;
    case '\f': buffer_append(out, SLICE("\\f")); return;
    case '\n': buffer_append(out, SLICE("\\n")); return;
    case '\r': buffer_append(out, SLICE("\\r")); return;
    case '\t': buffer_append(out, SLICE("\\t")); return;
    default: append_hex_escape(code, out); return;
    }
}

/* Control characters, and lone surrogates: raw they would not be UTF-8. */
static bool needs_escape(uint32_t code)
{
    return code < 0x20 || code == '"' || code == '\\' || (code >= 0x7F && code <= 0x9F) ||
           (code >= 0xD800 && code <= 0xDFFF);
}

/* Printable ASCII that stands for itself. */
static inline bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

void json_write_string(struct slice text, struct buffer *out)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.len == 0 ? at : at + text.len; /* nothing may be NULL */
    const uint8_t *plain = at;

    buffer_append_byte(out, '"');
    while (at < end) {
        if (is_plain(*at)) {
            at++;
            continue;
        }
        const uint8_t *start = at;
        uint32_t code = utf8_next(&at, end);

        if (!needs_escape(code)) continue;
        buffer_append(out, (struct slice){plain, (size_t)(start - plain)});
        append_escape(code, out);
        plain = at;
    }
    buffer_append(out, (struct slice){plain, (size_t)(end - plain)});
    buffer_append_byte(out, '"');
}

/* --- documents --------------------------------------------------------------------------------- */

struct document_writer {
    const struct document *document;
    uint32_t indent; /* 0: compact */
    struct buffer *out;
};

static void append_line(const struct document_writer *writer, uint32_t depth)
{
    if (writer->indent == 0) return;
    buffer_append_byte(writer->out, '\n');
    for (uint32_t i = 0; i < depth * writer->indent; i++)
        buffer_append_byte(writer->out, ' ');
}

static void append_scalar(const struct document_writer *writer, uint32_t node)
{
    uint32_t kind = writer->document->nodes[node].kind;
    bool string = kind == DOCUMENT_STRING || kind == DOCUMENT_ESCAPED_STRING;

    if (string) buffer_append_byte(writer->out, '"');
    buffer_append(writer->out, document_text(writer->document, node));
    if (string) buffer_append_byte(writer->out, '"');
}

/* depth <= VALUE_DEPTH_MAX: the reader saw to it. */
static void append_node(const struct document_writer *writer, uint32_t node, uint32_t depth)
{
    const struct document_node *at = &writer->document->nodes[node];
    bool object = at->kind == DOCUMENT_OBJECT;
    uint32_t child = node + 1;

    if (!object && at->kind != DOCUMENT_ARRAY) {
        append_scalar(writer, node);
        return;
    }
    buffer_append_byte(writer->out, object ? '{' : '[');
    for (uint32_t i = 0; i < at->count && !writer->out->failed; i++) {
        if (i > 0) buffer_append_byte(writer->out, ',');
        append_line(writer, depth + 1);
        if (object) {
            append_scalar(writer, child++);
            buffer_append_text(writer->out, writer->indent > 0 ? " : " : ":");
        }
        append_node(writer, child, depth + 1);
        child = writer->document->nodes[child].next;
    }
    if (at->count > 0) append_line(writer, depth);
    buffer_append_byte(writer->out, object ? '}' : ']');
}

void json_write_document(const struct document *document, uint32_t node, uint32_t indent,
                         struct buffer *out)
{
    struct document_writer writer = {document, indent, out};

    ASSERT(node < document->node_count);
    append_node(&writer, node, 0);
}

/* --- values ------------------------------------------------------------------------------------ */

struct value_writer {
    struct buffer *out;
    struct arena scratch; /* what lazy parts need to be looked at */
};

static void write_value(struct value_writer *writer, struct value value, uint32_t depth);
static void write_map(struct value_writer *writer, struct value map, uint32_t depth);

/* Java's text of a value in quotes. */
static void write_as_text(struct value_writer *writer, struct value value)
{
    struct buffer text;

    buffer_init(&text, writer->out->bytes_max);
    value_to_text(value, &text);
    if (text.failed) {
        writer->out->failed = true;
    } else {
        json_write_string(buffer_slice(&text), writer->out);
    }
    buffer_deinit(&text);
}

static void write_key(struct value_writer *writer, struct value key)
{
    if (key.kind == VALUE_STRING) {
        json_write_string(value_text(key), writer->out);
    } else {
        write_as_text(writer, key);
    }
    buffer_append_byte(writer->out, ':');
}

static bool too_deep(struct value_writer *writer, uint32_t depth)
{
    if (depth == VALUE_DEPTH_MAX) writer->out->failed = true;
    return writer->out->failed;
}

/* A part of a document: tokens as they are, but of repeated keys only the last value. */
static void write_lazy(struct value_writer *writer, const struct document *document, uint32_t node,
                       uint32_t depth)
{
    const struct document_node *at = &document->nodes[node];
    struct document_writer tokens = {document, 0, writer->out};
    bool object = at->kind == DOCUMENT_OBJECT;
    uint32_t child = node + 1;

    if (!object && at->kind != DOCUMENT_ARRAY) {
        append_scalar(&tokens, node);
        return;
    }
    if (too_deep(writer, depth)) return;
    buffer_append_byte(writer->out, object ? '{' : '[');
    for (uint32_t i = 0; i < at->count && !writer->out->failed; i++) {
        if (i > 0) buffer_append_byte(writer->out, ',');
        if (object) {
            append_scalar(&tokens, child++);
            buffer_append_byte(writer->out, ':');
        }
        struct value value = {.kind = VALUE_MAP, .flags = VALUE_LAZY, .node = child};
        value.document = document;
        if (document->nodes[child].kind == DOCUMENT_OBJECT) {
            write_map(writer, value, depth + 1);
        } else {
            write_lazy(writer, document, child, depth + 1);
        }
        child = document->nodes[child].next;
    }
    buffer_append_byte(writer->out, object ? '}' : ']');
}

static void write_items(struct value_writer *writer, struct value container, uint32_t depth)
{
    struct value_cursor cursor = value_cursor(container);
    bool map = container.kind == VALUE_MAP;
    struct value_entry entry;
    enum status status = STATUS_OK;

    if (too_deep(writer, depth)) return;
    buffer_append_byte(writer->out, map ? '{' : '[');
    while (!writer->out->failed && cursor_next(&cursor, &writer->scratch, &entry, &status)) {
        if (cursor.at > 1) buffer_append_byte(writer->out, ',');
        if (map) write_key(writer, entry.key);
        write_value(writer, entry.value, depth + 1);
    }
    if (status != STATUS_OK) writer->out->failed = true;
    buffer_append_byte(writer->out, map ? '}' : ']');
}

static void write_map(struct value_writer *writer, struct value map, uint32_t depth)
{
    struct value unique;
    struct arena_mark mark = arena_mark(&writer->scratch);

    if (map_unique(map, &writer->scratch, &unique) != STATUS_OK) {
        writer->out->failed = true;
        return;
    }
    if ((unique.flags & VALUE_LAZY) != 0) {
        write_lazy(writer, unique.document, unique.node, depth);
    } else {
        write_items(writer, unique, depth);
    }
    arena_rewind(&writer->scratch, mark);
}

static void write_list(struct value_writer *writer, struct value list, uint32_t depth)
{
    if ((list.flags & VALUE_LAZY) != 0) {
        write_lazy(writer, list.document, list.node, depth);
    } else {
        write_items(writer, list, depth);
    }
}

static void write_floating(struct value value, struct buffer *out)
{
    if (value.f64 - value.f64 != 0) {
        buffer_append(out, SLICE("null"));
    } else {
        value_to_text(value, out);
    }
}

/* Zeros that a conversion put there say nothing: a Double that became a BigDecimal has a scale of 1074.
 * What somebody wrote keeps its zeros. */
static void write_decimal(struct value_writer *writer, struct value value)
{
    enum { SCALE_WRITTEN_MAX = 100 };
    struct value stripped;

    if (value.scale > SCALE_WRITTEN_MAX &&
        decimal_strip(value, &writer->scratch, &stripped) == STATUS_OK)
        value = stripped;
    decimal_to_plain(value, writer->out);
}

static bool has_clock(struct value time)
{
    return time.temporal == CLASS_LocalTime || time.temporal == CLASS_LocalDateTime ||
           time.temporal == CLASS_OffsetDateTime || time.temporal == CLASS_ZonedDateTime ||
           time.temporal == CLASS_OffsetTime;
}

/* ISO 8601 as DateTimeFormatter writes it, not as toString() does: seconds always, and a fraction
 * without zeros at its end. The first colon of a time stands behind its hours. */
static void write_time(struct value_writer *writer, struct value time)
{
    uint8_t bytes[256];
    struct buffer text = {.data = bytes, .capacity = sizeof(bytes), .bytes_max = sizeof(bytes)};
    size_t at = 0;

    temporal_to_text(time, &text);
    ASSERT(!text.failed && text.data == bytes);
    while (bytes[at] != ':')
        at++;
    size_t seconds = at + 3;
    size_t end = seconds < text.len && bytes[seconds] == ':' ? seconds + 3 : seconds;
    size_t rest = end;

    if (rest < text.len && bytes[rest] == '.') {
        for (rest++; rest < text.len && bytes[rest] >= '0' && bytes[rest] <= '9'; rest++) {
            if (bytes[rest] != '0') end = rest + 1;
        }
    }
    buffer_append_byte(writer->out, '"');
    buffer_append(writer->out, (struct slice){bytes, end});
    if (end == seconds) buffer_append_text(writer->out, ":00");
    buffer_append(writer->out, (struct slice){bytes + rest, text.len - rest});
    buffer_append_byte(writer->out, '"');
}

static void write_value(struct value_writer *writer, struct value value, uint32_t depth)
{
    struct buffer *out = writer->out;

    switch ((enum value_kind)value.kind) {
    case VALUE_NULL:
    case VALUE_BOOLEAN:
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_BIG_INTEGER: value_to_text(value, out); return;
    case VALUE_FLOAT:
    case VALUE_DOUBLE: write_floating(value, out); return;
    case VALUE_BIG_DECIMAL: write_decimal(writer, value); return;
    case VALUE_STRING: json_write_string(value_text(value), out); return;
    case VALUE_LIST:
    case VALUE_SET: write_list(writer, value, depth); return;
    case VALUE_MAP: write_map(writer, value, depth); return;
    case VALUE_TEMPORAL:
        if (has_clock(value)) {
            write_time(writer, value);
        } else {
            write_as_text(writer, value);
        }
        return;
    case VALUE_CHARACTER:
    case VALUE_DURATION:
    case VALUE_OBJECT:
    case VALUE_FORMATTER:
    case VALUE_CLASS: write_as_text(writer, value); return;
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

void json_write(struct value value, struct buffer *out)
{
    struct value_writer writer = {.out = out};

    arena_init(&writer.scratch, VALUE_SCRATCH_MAX);
    write_value(&writer, value, 0);
    arena_deinit(&writer.scratch);
}
