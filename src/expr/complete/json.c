/* json.c - suggestions and hover in JSON literals.
 *
 * The text before the caret is walked without asking for it to be whole: what is open there, which
 * key leads on, and whether a key or a value is being written. What is expected there follows from
 * the type asked for, along the same way.
 */
#include "expr/complete/json.h"
#include "codec/json.h"

static const struct type *expected_inside(const struct level *level, struct arena *arena)
{
    const struct type *type = level->type;

    if (type == NULL) return NULL;
    if (level->object && type->kind == TYPE_RECORD) return type_field(type, level->key);
    if (type->kind != TYPE_CLASS) return NULL;
    bool fits =
        level->object ? type->class_id == CLASS_Map : class_is(type->class_id, CLASS_Collection);
    return fits ? type_parameter(type, level->object ? 1 : 0, arena) : NULL;
}

/* --- the walk ------------------------------------------------------------------------------------- */

static struct level *top(struct json_place *place)
{
    return place->depth > 0 ? &place->levels[place->depth - 1] : NULL;
}

/* The byte behind a string that begins at `at`. */
static uint32_t string_end(struct slice text, uint32_t at)
{
    for (at++; at < text.len; at++) {
        if (text.data[at] == '\\') {
            at++;
        } else if (text.data[at] == '"') {
            return at + 1;
        }
    }
    return (uint32_t)text.len;
}

static void open_level(struct completing *work, struct json_place *place, bool object,
                       const struct type *wanted)
{
    struct level *outer = top(place);
    const struct type *type = outer != NULL ? expected_inside(outer, work->arena) : wanted;

    if (place->depth == JSON_LEVELS_MAX) return;
    place->levels[place->depth++] =
        (struct level){.object = object, .type = type, .keys_from = place->at + 1};
    place->key = object;
}

static void take_comma(struct json_place *place)
{
    struct level *level = top(place);

    if (level == NULL) return;
    level->index++;
    place->key = level->object;
}

/* One token before the caret; true when the caret is in it. */
static bool take_token(struct completing *work, struct json_place *place, const struct type *wanted)
{
    struct slice text = work->text;
    uint8_t byte = text.data[place->at];

    if (byte == '"') {
        uint32_t end = string_end(text, place->at);
        bool closed = end > place->at + 1 && text.data[end - 1] == '"';
        place->in_string = work->caret < end || !closed;
        if (place->in_string) return true;
        if (place->key && place->depth > 0) {
            top(place)->key = (struct slice){text.data + place->at + 1, end - place->at - 2};
        }
        place->free = false;
        place->at = end;
        return false;
    }
    if (byte == '{' || byte == '[') open_level(work, place, byte == '{', wanted);
    if ((byte == '}' || byte == ']') && place->depth > 0) place->depth--;
    if (byte == ',') take_comma(place);
    if (byte == ':') place->key = false;
    place->free = byte == '{' || byte == '[' || byte == ',' || byte == ':';
    place->at++;
    return false;
}

static bool is_word_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.';
}

void json_walk(struct completing *work, struct json_place *place, const struct type *wanted)
{
    struct slice text = work->text;

    *place = (struct json_place){.free = true};
    while (place->at < work->caret) {
        uint8_t byte = text.data[place->at];
        if (byte <= ' ') {
            place->at++;
        } else if (is_word_byte(byte)) {
            uint32_t start = place->at;
            while (place->at < text.len && is_word_byte(text.data[place->at]))
                place->at++;
            if (place->at < work->caret) {
                place->free = false;
                continue;
            }
            place->at = start;
            return;
        } else if (take_token(work, place, wanted)) {
            return;
        }
    }
}

/* --- what to offer --------------------------------------------------------------------------------- */

void json_set_span(struct completing *work, const struct json_place *place)
{
    struct slice text = work->text;
    uint32_t from = place->in_string || place->at < work->caret ? place->at : work->caret;
    uint32_t to = work->caret;
    uint32_t written = place->in_string ? from + 1 : from;

    if (place->in_string) {
        uint32_t end = string_end(text, from);
        to = text.data[end - 1] == '"' && end > from + 1 ? end : work->caret;
        if (to < work->caret) to = work->caret;
    } else {
        while (to < text.len && is_word_byte(text.data[to]))
            to++;
    }
    work->place.from = from;
    work->place.to = to;
    if (written > work->caret) written = work->caret;
    work->prefix = (struct slice){text.data + written, work->caret - written};
}

struct complete_suggestion json_suggestion(const struct completing *work, enum complete_kind kind,
                                           struct slice label, struct slice insert)
{
    return (struct complete_suggestion){.kind = kind,
                                        .label = label,
                                        .insert = insert,
                                        .from = work->place.from,
                                        .to = work->place.to};
}

struct slice json_text(struct completing *work, struct slice before, struct slice text,
                       struct slice after)
{
    struct buffer out;

    buffer_init(&out, EXPR_TEXT_BYTES_MAX);
    buffer_append(&out, before);
    json_write_string(text, &out);
    buffer_append(&out, after);
    struct slice whole = buffer_slice(&out);
    struct slice kept = complete_join(work, &whole, 1);
    buffer_deinit(&out);
    return kept;
}

/* Is the key there already, before the caret and in the same object? */
static bool has_key(const struct completing *work, const struct json_place *place,
                    struct slice name)
{
    const struct level *level = &place->levels[place->depth - 1];
    uint32_t depth = 0;

    for (uint32_t at = level->keys_from; at < place->at; at++) {
        uint8_t byte = work->text.data[at];
        if (byte == '{' || byte == '[') depth++;
        if (byte == '}' || byte == ']') depth--;
        if (byte != '"') continue;
        uint32_t end = string_end(work->text, at);
        struct slice key = {work->text.data + at + 1, end - at - 2};
        if (depth == 0 && end < work->text.len && slice_equal(key, name)) return true;
        at = end - 1;
    }
    return false;
}

static bool colon_follows(const struct completing *work)
{
    uint32_t at = work->place.to;

    while (at < work->text.len && work->text.data[at] <= ' ')
        at++;
    return at < work->text.len && work->text.data[at] == ':';
}

static void offer_keys(struct completing *work, const struct json_place *place)
{
    const struct type *type = place->depth > 0 ? place->levels[place->depth - 1].type : NULL;
    struct slice after = colon_follows(work) ? SLICE("") : SLICE(": ");

    if (type == NULL || type->kind != TYPE_RECORD) return;
    for (uint32_t i = 0; i < type->count; i++) {
        const struct type_field *field = &type->fields[i];
        if (has_key(work, place, field->name)) continue;
        struct complete_suggestion suggestion = json_suggestion(
            work, COMPLETE_KIND_field, field->name, json_text(work, SLICE(""), field->name, after));
        suggestion.type = complete_display(work, field->type, false);
        suggestion.doc = slice_of(complete_type_doc(field->type));
        offer(work, &suggestion, field->name);
    }
}

struct opening {
    const char *text;
    const char *doc;
    enum class_id fits; /* what it is a value of; Object: always to be had */
};

static void offer_values(struct completing *work, const struct type *wanted)
{
    static const struct opening openings[] = {
        {"true", "the Boolean that holds", CLASS_Boolean},
        {"false", "the Boolean that does not hold", CLASS_Boolean},
        {"null", "no value", CLASS_Object},
        {"\"\"", "a text", CLASS_String},
        {"[]", "a list", CLASS_List},
        {"{}", "a record", CLASS_Map},
    };
    bool open = wanted == NULL || wanted->kind == TYPE_UNKNOWN || wanted->kind == TYPE_UNION;

    for (size_t i = 0; i < COUNT_OF(openings); i++) {
        const struct opening *row = &openings[i];
        bool fits = open || row->fits == CLASS_Object || class_is(row->fits, type_class_id(wanted));
        if (!fits) continue;
        struct complete_suggestion suggestion =
            json_suggestion(work, COMPLETE_KIND_keyword, slice_of(row->text), slice_of(row->text));
        suggestion.doc = slice_of(row->doc);
        offer(work, &suggestion, suggestion.label);
    }
}

void json_offer(struct completing *work, const struct json_place *place, const struct type *wanted)
{
    const struct level *level = place->depth > 0 ? &place->levels[place->depth - 1] : NULL;
    const struct type *inside = level != NULL ? expected_inside(level, work->arena) : wanted;

    if (place->key && level != NULL) {
        if (place->in_string || place->free) offer_keys(work, place);
    } else if (!place->in_string && place->free) {
        offer_values(work, inside);
    }
}

/* --- hover -------------------------------------------------------------------------------------------- */

static bool holds_caret(const struct document *document, uint32_t node, uint32_t caret)
{
    const struct document_node *at = &document->nodes[node];
    bool string = at->kind == DOCUMENT_STRING || at->kind == DOCUMENT_ESCAPED_STRING;

    return caret + string >= at->start && caret <= at->start + at->len + string;
}

/* The smallest node around the caret; a key stands for its value. */
static uint32_t node_at(const struct document *document, uint32_t caret, uint32_t *shown)
{
    uint32_t found = 0;
    uint32_t node = 0;

    *shown = 0;
    while (node < document->node_count && holds_caret(document, node, caret)) {
        const struct document_node *at = &document->nodes[node];
        uint32_t child = node + 1;
        uint32_t next = document->node_count;
        found = node;
        *shown = node;
        if (at->kind != DOCUMENT_OBJECT && at->kind != DOCUMENT_ARRAY) break;
        for (uint32_t i = 0; i < at->count; i++) {
            uint32_t value = at->kind == DOCUMENT_OBJECT ? child + 1 : child;
            if (value != child && holds_caret(document, child, caret)) {
                *shown = child;
                return value;
            }
            if (holds_caret(document, value, caret)) next = value;
            child = document->nodes[value].next;
        }
        node = next;
    }
    return found;
}

void json_hover(struct completing *work, struct complete_hover *hover)
{
    struct document document;
    struct json_error error;
    struct value value;
    uint32_t shown;

    if (json_parse(work->text, &json_limits_default, work->arena, &document, &error) != STATUS_OK)
        return;
    if (!holds_caret(&document, 0, work->caret)) return;
    uint32_t node = node_at(&document, work->caret, &shown);
    if (document_value(&document, node, work->arena, &value) != STATUS_OK) return;
    const struct type *type = type_of_value(value, work->arena);
    if (type == NULL) return;
    const struct document_node *at = &document.nodes[shown];
    bool string = at->kind == DOCUMENT_STRING || at->kind == DOCUMENT_ESCAPED_STRING;
    *hover = (struct complete_hover){.found = true,
                                     .type = complete_display(work, type, true),
                                     .doc = slice_of(complete_type_doc(type)),
                                     .from = at->start - string,
                                     .to = at->start + at->len + string};
}
