/* copy.c - the deep copy: afterwards a value depends on its arena only. */
#include "value/big.h"
#include "value/formatter.h"
#include "value/temporal.h"

static enum status copy_value(struct value value, uint32_t depth, struct arena *arena,
                              struct value *copy);

/* Rebuilds the container of `copy` over its new items or entries. */
static enum status copy_items(struct value container, uint32_t count, uint32_t depth,
                              struct arena *arena, struct value *copy)
{
    struct value *items = arena_alloc(arena, count, sizeof(*items));
    struct value_cursor cursor = value_cursor(container);
    struct value_entry entry;
    enum status status = STATUS_OK;

    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; cursor_next(&cursor, arena, &entry, &status); i++) {
        status = copy_value(entry.value, depth, arena, &items[i]);
        if (status != STATUS_OK) return status;
    }
    *copy = container;
    copy->flags = container.flags & VALUE_ARRAY;
    copy->count = count;
    copy->items = items;
    return status;
}

static enum status copy_entries(struct value map, uint32_t count, uint32_t depth,
                                struct arena *arena, struct value *copy)
{
    struct value_entry *entries = arena_alloc(arena, count, sizeof(*entries));
    struct value_cursor cursor = value_cursor(map);
    struct value_entry entry;
    enum status status = STATUS_OK;

    if (entries == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; cursor_next(&cursor, arena, &entry, &status); i++) {
        status = copy_value(entry.key, depth, arena, &entries[i].key);
        if (status == STATUS_OK) status = copy_value(entry.value, depth, arena, &entries[i].value);
        if (status != STATUS_OK) return status;
    }
    *copy = value_map(entries, count);
    copy->class_id = map.class_id;
    return status;
}

static enum status copy_text(struct value string, struct arena *arena, struct value *copy)
{
    struct slice text;
    enum status status = arena_copy(arena, value_text(string), &text);

    *copy = string;
    copy->text = text.data;
    return status;
}

static enum status copy_big(struct value number, struct arena *arena, struct value *copy)
{
    size_t bytes = sizeof(struct big) + number.big->limb_count * sizeof(number.big->limbs[0]);
    struct big *big = arena_alloc(arena, bytes, 1);

    if (big == NULL) return STATUS_LIMIT;
    memcpy(big, number.big, bytes);
    *copy = number;
    copy->big = big;
    return STATUS_OK;
}

static enum status copy_value(struct value value, uint32_t depth, struct arena *arena,
                              struct value *copy)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_STRING: return copy_text(value, arena, copy);
    case VALUE_LIST:
    case VALUE_SET:
        if (depth == VALUE_DEPTH_MAX) return STATUS_LIMIT;
        return copy_items(value, list_count(value), depth + 1, arena, copy);
    case VALUE_OBJECT: return copy_items(value, value.count, depth + 1, arena, copy);
    case VALUE_MAP:
        if (depth == VALUE_DEPTH_MAX) return STATUS_LIMIT;
        return copy_entries(value, map_count(value), depth + 1, arena, copy);
    case VALUE_BIG_INTEGER:
    case VALUE_BIG_DECIMAL:
        if ((value.flags & VALUE_WIDE) != 0) return copy_big(value, arena, copy);
        break;
    case VALUE_FORMATTER:
        *copy = value;
        return formatter_copy(value.formatter, arena, &copy->formatter);
    case VALUE_NULL:
    case VALUE_BOOLEAN:
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_FLOAT:
    case VALUE_DOUBLE:
    case VALUE_CHARACTER:
    case VALUE_DURATION:
    case VALUE_CLASS:
    case VALUE_KIND_COUNT: break;
    case VALUE_TEMPORAL: return temporal_copy(value, arena, copy);
    }
    *copy = value;
    return STATUS_OK;
}

enum status value_copy(struct value value, struct arena *arena, struct value *copy)
{
    return copy_value(value, 0, arena, copy);
}
