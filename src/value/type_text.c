/* type_text.c - types as people see them ("List[Integer]", "String(abc)"), and back. */
#include "value/type_room.h"

enum { KNOWN_UNITS_MAX = 15, KNOWN_UNITS_SHOWN = 12, TYPE_DEPTH_MAX = 32 };

/* --- out ---------------------------------------------------------------------------------------- */

static void known_to_text(struct value value, struct buffer *out);

/* Known lists show braces, as they were written; everything else as toString gives it. */
static void known_items_to_text(struct value value, struct buffer *out)
{
    for (uint32_t i = 0; i < value.count; i++) {
        if (i > 0) buffer_append_text(out, ", ");
        if (value.kind == VALUE_MAP) {
            known_to_text(value.entries[i].key, out);
            buffer_append_byte(out, '=');
            known_to_text(value.entries[i].value, out);
        } else {
            known_to_text(value.items[i], out);
        }
    }
}

static void known_to_text(struct value value, struct buffer *out)
{
    bool container = value.kind == VALUE_LIST || value.kind == VALUE_MAP;

    if (!container || (value.flags & VALUE_LAZY) != 0) {
        value_to_text(value, out);
        return;
    }
    buffer_append_byte(out, '{');
    known_items_to_text(value, out);
    buffer_append_byte(out, '}');
}

/* Bytes of `text` that make up its first `units` UTF-16 units; all when there are fewer. */
static size_t bytes_of_units(struct slice text, size_t units)
{
    size_t at = 0;

    while (at < text.len && units > 0) {
        size_t step = text.data[at] >= 0xF0   ? 4
                      : text.data[at] >= 0xE0 ? 3
                      : text.data[at] >= 0xC0 ? 2
                                              : 1;
        size_t cost = step == 4 ? 2 : 1;
        if (cost > units) break;
        units -= cost;
        at += step;
    }
    return at < text.len ? at : text.len;
}

static void append_known(struct value value, struct buffer *out)
{
    struct buffer text;

    buffer_init(&text, (size_t)64 * 1024);
    known_to_text(value, &text);
    struct slice whole = buffer_slice(&text);
    buffer_append_byte(out, '(');
    if (bytes_of_units(whole, KNOWN_UNITS_MAX) == whole.len) {
        buffer_append(out, whole);
    } else {
        buffer_append(out, (struct slice){whole.data, bytes_of_units(whole, KNOWN_UNITS_SHOWN)});
        buffer_append_text(out, "...");
    }
    buffer_append_byte(out, ')');
    buffer_deinit(&text);
}

static void class_to_text(const struct type *type, bool with_values, struct buffer *out)
{
    buffer_append_text(out,
                       type->class_id == CLASS_Array ? "List" : class_infos[type->class_id].name);
    if (type->count > 0) {
        buffer_append_byte(out, '[');
        for (uint32_t i = 0; i < type->count; i++) {
            if (i > 0) buffer_append_byte(out, ',');
            type_to_text(type->parameters[i], with_values, out);
        }
        buffer_append_byte(out, ']');
    }
    if (type->known && with_values) append_known(type->value, out);
}

/* Appends the parts in the order of their texts: part `i` is written by `write`. Quadratic, on
 * types people read. */
struct sorted_parts {
    const struct type *type;
    bool with_values;
};

static void part_to_text(const struct sorted_parts *parts, uint32_t index, struct buffer *out)
{
    if (parts->type->kind == TYPE_RECORD) {
        buffer_append(out, parts->type->fields[index].name);
        buffer_append_text(out, ": ");
        type_to_text(parts->type->fields[index].type, parts->with_values, out);
    } else {
        type_to_text(parts->type->parameters[index], parts->with_values, out);
    }
}

/* Rank of a part: how many sort before it (ties by place). */
static uint32_t part_rank(const struct slice *texts, uint32_t count, uint32_t index)
{
    uint32_t rank = 0;

    for (uint32_t i = 0; i < count; i++) {
        int order = slice_compare(texts[i], texts[index]);
        if (order < 0 || (order == 0 && i < index)) rank++;
    }
    return rank;
}

static void append_sorted(const struct sorted_parts *parts, const char *between, struct buffer *out)
{
    enum { PARTS_MAX = 512 };
    struct buffer text;
    size_t ends[PARTS_MAX];
    struct slice texts[PARTS_MAX];
    uint32_t count = parts->type->count < PARTS_MAX ? parts->type->count : PARTS_MAX;

    buffer_init(&text, (size_t)1024 * 1024);
    for (uint32_t i = 0; i < count; i++) {
        part_to_text(parts, i, &text);
        ends[i] = text.len;
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t start = i == 0 ? 0 : ends[i - 1];
        texts[i] = (struct slice){text.data + start, ends[i] - start};
    }
    for (uint32_t rank = 0; rank < count; rank++) {
        for (uint32_t i = 0; i < count; i++) {
            if (part_rank(texts, count, i) != rank) continue;
            if (rank > 0) buffer_append_text(out, between);
            buffer_append(out, texts[i]);
            break;
        }
    }
    buffer_deinit(&text);
}

void type_to_text(const struct type *type, bool with_values, struct buffer *out)
{
    switch (type->kind) {
    case TYPE_UNKNOWN: buffer_append_text(out, "Unknown"); return;
    case TYPE_NULL: buffer_append_text(out, "Null"); return;
    case TYPE_CLASS: class_to_text(type, with_values, out); return;
    case TYPE_RECORD:
        buffer_append_text(out, "Record{");
        append_sorted(&(struct sorted_parts){type, with_values}, ", ", out);
        buffer_append_byte(out, '}');
        return;
    case TYPE_UNION: append_sorted(&(struct sorted_parts){type, with_values}, " | ", out); return;
    case TYPE_DICT:
        buffer_append_text(out, "Dict(id=");
        buffer_append(out, value_text(type->value));
        buffer_append_byte(out, ')');
        return;
    }
    UNREACHABLE("type kind outside the enum");
}

/* --- in ----------------------------------------------------------------------------------------- */

struct type_reader {
    struct slice text;
    size_t at;
    struct arena *arena;
    uint32_t depth;
};

static const struct type *read_union(struct type_reader *reader);

static void skip_spaces(struct type_reader *reader)
{
    while (reader->at < reader->text.len && reader->text.data[reader->at] == ' ')
        reader->at++;
}

static bool eat(struct type_reader *reader, char byte)
{
    skip_spaces(reader);
    if (reader->at == reader->text.len || reader->text.data[reader->at] != (uint8_t)byte) {
        return false;
    }
    reader->at++;
    return true;
}

static bool is_one_of(uint8_t byte, const char *choices)
{
    for (; *choices != '\0'; choices++) {
        if ((uint8_t)*choices == byte) return true;
    }
    return false;
}

static struct slice read_until(struct type_reader *reader, const char *stops)
{
    size_t start = reader->at;

    while (reader->at < reader->text.len && !is_one_of(reader->text.data[reader->at], stops))
        reader->at++;
    return (struct slice){reader->text.data + start, reader->at - start};
}

static const struct type *read_fields(struct type_reader *reader)
{
    enum { FIELDS_MAX = 512 };
    struct type_field fields[FIELDS_MAX];
    uint32_t count = 0;

    if (eat(reader, '}')) return type_record(NULL, 0, reader->arena);
    do {
        if (count == FIELDS_MAX) return NULL;
        skip_spaces(reader);
        fields[count].name = read_until(reader, ":}");
        if (!eat(reader, ':')) return NULL;
        fields[count].type = read_union(reader);
        if (fields[count++].type == NULL) return NULL;
    } while (eat(reader, ','));
    return eat(reader, '}') ? type_record(fields, count, reader->arena) : NULL;
}

static const struct type *read_single(struct type_reader *reader)
{
    const struct type *parameters[2] = {&type_unknown, &type_unknown};
    uint32_t count = 0;
    enum class_id class_id;

    skip_spaces(reader);
    struct slice name = read_until(reader, "[]{}|, ");
    if (slice_equal(name, SLICE("Unknown"))) return &type_unknown;
    if (slice_equal(name, SLICE("Null"))) return &type_null;
    if (slice_equal(name, SLICE("Record"))) return eat(reader, '{') ? read_fields(reader) : NULL;
    if (class_find_simple(name, &class_id) != STATUS_OK) return NULL;
    if (class_infos[class_id].parameter_count == 0) return type_of_class(class_id);
    if (eat(reader, '[')) {
        do {
            if (count == class_infos[class_id].parameter_count) return NULL;
            parameters[count] = read_union(reader);
            if (parameters[count++] == NULL) return NULL;
        } while (eat(reader, ','));
        if (!eat(reader, ']')) return NULL;
    }
    return type_class(class_id, parameters[0], parameters[1], reader->arena);
}

static const struct type *read_union(struct type_reader *reader)
{
    enum { MEMBERS_MAX = 32 };
    const struct type *members[MEMBERS_MAX];
    uint32_t count = 0;

    if (reader->depth == TYPE_DEPTH_MAX) return NULL;
    reader->depth++;
    do {
        if (count == MEMBERS_MAX) return NULL;
        members[count] = read_single(reader);
        if (members[count++] == NULL) return NULL;
    } while (eat(reader, '|'));
    reader->depth--;
    return count == 1 ? members[0] : type_union(members, count, reader->arena);
}

enum status type_from_text(struct slice text, struct arena *arena, const struct type **type)
{
    struct type_reader reader = {.text = text, .arena = arena};

    *type = read_union(&reader);
    return *type != NULL && reader.at == text.len ? STATUS_OK : STATUS_INVALID;
}
