/* helpers_json.c - #CONV.toJson and #CONV.toJsonString.
 *
 * The original writes a map of more than four fields in the order of Scala's immutable HashMap, a
 * trie over the bits of the keys' hashes (five a level, the lowest first; at each node the keys that
 * are alone, then the nodes below). Texts made here are compared and stored, so the order is kept.
 * source  scala.collection.immutable.HashMap 2.13, scala.collection.Hashing.improve
 */
#include "codec/json.h"
#include "expr/methods/methods.h"
#include "value/utf8.h"

/* --- reading ------------------------------------------------------------------------------------------ */

static enum status read_json(struct call *call, bool or_null)
{
    struct value text = call->arguments[1];
    struct document *document = machine_alloc(call->machine, 1, sizeof(*document));
    struct json_error error = {.message = NULL};

    if (document == NULL) return machine_limit(call->machine);
    if (text.kind == VALUE_NULL) text = value_string(SLICE("null"));
    bool given = call->arguments[1].kind == VALUE_STRING;
    enum status status = machine_spend(call->machine, given ? text.len / 8 : 1);
    if (status != STATUS_OK) return status;
    status = given ? json_parse(value_text(text), &json_limits_default, call_arena(call), document,
                                &error)
                   : STATUS_INVALID;
    if (status == STATUS_INVALID && or_null) return call_return(call, value_null());
    if (status == STATUS_INVALID) {
        return call_fail(call, "Cannot convert [%] to JSON", value_text(text));
    }
    if (status == STATUS_LIMIT && error.message != NULL)
        return call_fail(call, "The JSON text goes beyond a limit: %", slice_of(error.message));
    if (status != STATUS_OK) return machine_limit(call->machine);
    status = document_value(document, 0, call_arena(call), call->result);
    return status == STATUS_OK ? STATUS_OK : machine_limit_node(call->machine, document, 0);
}

enum status method_conversion_to_json(struct call *call)
{
    return read_json(call, false);
}

enum status method_conversion_to_json_or_null(struct call *call)
{
    return read_json(call, true);
}

/* --- the order of fields ------------------------------------------------------------------------------ */

enum { ORDERED_MAX = 4, TRIE_BITS = 5, TRIE_WIDTH = 1 << TRIE_BITS, HASH_BITS = 32 };

struct hashed {
    uint32_t hash;
    struct value_entry entry;
};

/* String.hashCode, then Scala's mixing of its bits. */
static uint32_t hash_of_key(struct slice key)
{
    const uint8_t *at = key.data;
    const uint8_t *end = key.data + key.len;
    uint32_t hash = 0;

    while (at < end) {
        uint32_t point = utf8_next(&at, end);
        if (point >= 0x10000) {
            hash = 31 * hash + (0xD800 + ((point - 0x10000) >> 10));
            point = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        hash = 31 * hash + point;
    }
    hash += ~(hash << 9);
    hash ^= hash >> 14;
    hash += hash << 4;
    return hash ^ (hash >> 10);
}

/* Appends the keys of one node to `ordered`. Seven levels, then keys of one hash stay as they are. */
static void order_node(struct hashed *keys, struct hashed *scratch, uint32_t count, uint32_t shift,
                       struct value_entry **ordered)
{
    uint32_t ends[TRIE_WIDTH] = {0};
    uint32_t at[TRIE_WIDTH];

    if (shift >= HASH_BITS) {
        for (uint32_t i = 0; i < count; i++)
            *(*ordered)++ = keys[i].entry;
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        ends[keys[i].hash >> shift & (TRIE_WIDTH - 1)]++;
    for (uint32_t i = 0, sum = 0; i < TRIE_WIDTH; i++) {
        at[i] = sum;
        sum += ends[i];
        ends[i] = sum;
    }
    for (uint32_t i = 0; i < count; i++)
        scratch[at[keys[i].hash >> shift & (TRIE_WIDTH - 1)]++] = keys[i];
    memcpy(keys, scratch, count * sizeof(*keys));
    for (uint32_t i = 0, start = 0; i < TRIE_WIDTH; start = ends[i++]) {
        if (ends[i] - start == 1) *(*ordered)++ = keys[start].entry;
    }
    for (uint32_t i = 0, start = 0; i < TRIE_WIDTH; start = ends[i++]) {
        if (ends[i] - start < 2) continue;
        order_node(keys + start, scratch, ends[i] - start, shift + TRIE_BITS, ordered);
    }
}

static enum status order_fields(struct call *call, struct value_entry *entries, uint32_t count)
{
    struct hashed *keys = machine_alloc(call->machine, count, 2 * sizeof(*keys));

    if (keys == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].key.kind != VALUE_STRING) return STATUS_OK;
        keys[i] = (struct hashed){hash_of_key(value_text(entries[i].key)), entries[i]};
    }
    order_node(keys, keys + count, count, 0, &entries);
    return STATUS_OK;
}

/* --- writing ------------------------------------------------------------------------------------------ */

static enum status arrange(struct call *call, struct value value, uint32_t depth,
                           struct value *arranged);

static enum status arrange_map(struct call *call, struct value map, uint32_t depth,
                               struct value *arranged)
{
    uint32_t room = map_count(map);
    uint32_t count = 0;
    struct value_entry *entries = machine_alloc(call->machine, room, sizeof(*entries));
    struct value_cursor cursor = value_cursor(map);
    struct value_entry entry;
    enum status status = STATUS_OK;

    if (entries == NULL) return machine_limit(call->machine);
    while (count < room && cursor_next(&cursor, call_arena(call), &entry, &status)) {
        entries[count] = entry;
        status = arrange(call, entry.value, depth + 1, &entries[count++].value);
        if (status != STATUS_OK) return status;
    }
    if (status != STATUS_OK) return machine_limit(call->machine);
    if (count > ORDERED_MAX) status = order_fields(call, entries, count);
    *arranged = value_map(entries, count);
    return status;
}

static enum status arrange_list(struct call *call, struct value list, uint32_t depth,
                                struct value *arranged)
{
    const struct value *items;
    uint32_t count;
    enum status status = call_items(call, list, &items, &count);

    if (status != STATUS_OK) return status;
    struct value *copy = machine_alloc(call->machine, count, sizeof(*copy));
    if (copy == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++)
        status = arrange(call, items[i], depth + 1, &copy[i]);
    *arranged = value_list(copy, count);
    return status;
}

/* ISO 8601 as DateTimeFormatter writes it: seconds always, no zeros at the end of a fraction. */
static enum status arrange_time(struct call *call, struct value time, struct value *arranged)
{
    static const uint8_t no_seconds[] = {':', '0', '0'};
    struct slice text = {0};
    enum status status = machine_text(call->machine, time, &text);
    size_t end = 0;

    if (status != STATUS_OK) return status;
    uint8_t *memory = machine_alloc(call->machine, text.len + 3, 1);
    if (memory == NULL) return machine_limit(call->machine);
    while (end < text.len && text.data[end] != ':')
        end++;
    end = end + 3 < text.len ? end + 3 : text.len; /* behind the minutes */
    bool has_seconds = end < text.len && text.data[end] == ':';
    size_t rest = end;
    while (has_seconds && rest < text.len &&
           (text.data[rest] == ':' || text.data[rest] == '.' ||
            (text.data[rest] >= '0' && text.data[rest] <= '9'))) {
        if (rest - end >= 3 && text.data[rest] == ':') break;
        rest++;
    }
    size_t len = rest;
    memcpy(memory, text.data, rest);
    if (!has_seconds) {
        memcpy(memory + len, no_seconds, sizeof(no_seconds));
        len += sizeof(no_seconds);
    }
    while (has_seconds && rest - end > 3 && memory[len - 1] == '0')
        len--;
    memcpy(memory + len, text.data + rest, text.len - rest);
    *arranged = value_string((struct slice){memory, len + text.len - rest});
    return STATUS_OK;
}

/* The value as it is to be written; what JSON has no form for fails. */
static enum status arrange(struct call *call, struct value value, uint32_t depth,
                           struct value *arranged)
{
    enum class_id class_id = class_of_value(value);
    enum status status = machine_spend(call->machine, 1);

    if (status != STATUS_OK) return status;
    if (depth > VALUE_DEPTH_MAX) return machine_limit(call->machine);
    *arranged = value;
    if (value.kind == VALUE_MAP) return arrange_map(call, value, depth, arranged);
    if (value.kind == VALUE_LIST || value.kind == VALUE_SET) {
        return arrange_list(call, value, depth, arranged);
    }
    if (value.kind == VALUE_TEMPORAL &&
        (class_id == CLASS_LocalTime || class_id == CLASS_LocalDateTime ||
         class_id == CLASS_OffsetDateTime || class_id == CLASS_Instant)) {
        return arrange_time(call, value, arranged);
    }
    if (value.kind == VALUE_DURATION || value.kind == VALUE_CLASS || class_id == CLASS_Period ||
        (value.kind == VALUE_OBJECT && class_id != CLASS_UUID)) {
        return call_fail(call, "Invalid type: class %", machine_class_name(value));
    }
    return STATUS_OK;
}

enum status method_conversion_to_json_string(struct call *call)
{
    struct value arranged = value_null();
    enum status status = arrange(call, call->arguments[1], 0, &arranged);

    if (status != STATUS_OK) return status;
    for (size_t capacity = 128; capacity <= call->machine->bytes_left; capacity *= 4) {
        uint8_t *memory = machine_alloc(call->machine, capacity, 1);
        if (memory == NULL) break;
        struct buffer text = {.data = memory, .capacity = capacity, .bytes_max = capacity};
        json_write(arranged, &text);
        status = machine_spend(call->machine, capacity / 16);
        if (status != STATUS_OK) return status;
        if (!text.failed) return call_return(call, value_string(buffer_slice(&text)));
    }
    return machine_limit(call->machine);
}
