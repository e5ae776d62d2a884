/* collection.c - lists, sets and maps: asking, never changing. */
#include "expr/methods/methods.h"

static enum status receiver_items(struct call *call, const struct value **items, uint32_t *count)
{
    return call_items(call, call->arguments[0], items, count);
}

/* --- lists and sets ----------------------------------------------------------------------------------- */

enum status method_collection_size(struct call *call)
{
    return call_return(call, value_integer((int32_t)list_count(call->arguments[0])));
}

enum status method_collection_is_empty(struct call *call)
{
    return call_return(call, value_boolean(list_count(call->arguments[0]) == 0));
}

enum status method_collection_contains(struct call *call)
{
    const struct value *items;
    uint32_t count;
    enum status status = receiver_items(call, &items, &count);

    if (status != STATUS_OK) return status;
    uint32_t at = find_equal(items, 0, count, call->arguments[1]);
    return call_return(call, value_boolean(at < count));
}

enum status method_collection_contains_all(struct call *call)
{
    const struct value *items;
    const struct value *wanted;
    struct value list;
    uint32_t count;
    uint32_t wanted_count;
    enum status status = call_collection(call, 1, &list);

    if (status == STATUS_OK) status = receiver_items(call, &items, &count);
    if (status == STATUS_OK) status = call_items(call, list, &wanted, &wanted_count);
    if (status == STATUS_OK) {
        status = machine_spend(call->machine, (uint64_t)count * wanted_count);
    }
    if (status != STATUS_OK) return status;
    bool all = true;
    for (uint32_t i = 0; i < wanted_count && all; i++) {
        all = find_equal(items, 0, count, wanted[i]) < count;
    }
    return call_return(call, value_boolean(all));
}

enum status method_list_get(struct call *call)
{
    int64_t index = 0;
    struct value list = call->arguments[0];
    enum status status = call_integer(call, 1, &index);

    if (status != STATUS_OK) return status;
    if (index < 0 || index >= list_count(list)) {
        struct slice parts[2];
        status = machine_text(call->machine, value_long(index), &parts[0]);
        if (status == STATUS_OK) {
            status = machine_text(call->machine, value_long(list_count(list)), &parts[1]);
        }
        if (status != STATUS_OK) return status;
        return machine_fail(call->machine, STATUS_INVALID, "Index % out of bounds for length %",
                            parts, COUNT_OF(parts));
    }
    status = list_item(list, (uint32_t)index, call_arena(call), call->result);
    return call_status(call, status, "");
}

enum status method_list_index_of(struct call *call)
{
    const struct value *items;
    uint32_t count;
    enum status status = receiver_items(call, &items, &count);

    if (status != STATUS_OK) return status;
    uint32_t at = find_equal(items, 0, count, call->arguments[1]);
    return call_return(call, value_integer(at < count ? (int32_t)at : -1));
}

enum status method_list_last_index_of(struct call *call)
{
    const struct value *items;
    uint32_t count;
    enum status status = receiver_items(call, &items, &count);

    if (status != STATUS_OK) return status;
    while (count > 0 && !value_equals(items[count - 1], call->arguments[1]))
        count--;
    return call_return(call, value_integer((int32_t)count - 1));
}

/* --- maps --------------------------------------------------------------------------------------------- */

enum status method_map_size(struct call *call)
{
    return call_return(call, value_integer((int32_t)map_count(call->arguments[0])));
}

enum status method_map_is_empty(struct call *call)
{
    return call_return(call, value_boolean(map_count(call->arguments[0]) == 0));
}

/* Finds any key; false also when it is not there. */
static enum status find_key(struct call *call, struct value *value, bool *found)
{
    struct value key = call->arguments[1];
    struct value_cursor cursor = value_cursor(call->arguments[0]);
    struct value_entry entry;
    enum status status = STATUS_OK;

    *found = false;
    if (key.kind == VALUE_STRING) {
        status = map_get(call->arguments[0], value_text(key), call_arena(call), value);
        *found = status == STATUS_OK;
        return status == STATUS_NOT_FOUND ? STATUS_OK : call_status(call, status, "");
    }
    while (!*found && cursor_next(&cursor, call_arena(call), &entry, &status)) {
        *found = value_equals(entry.key, key);
        *value = entry.value;
    }
    return call_status(call, status, "");
}

enum status method_map_contains_key(struct call *call)
{
    struct value value;
    bool found = false;
    enum status status = find_key(call, &value, &found);

    return status == STATUS_OK ? call_return(call, value_boolean(found)) : status;
}

enum status method_map_get(struct call *call)
{
    struct value value;
    bool found = false;
    enum status status = find_key(call, &value, &found);

    return status == STATUS_OK ? call_return(call, found ? value : value_null()) : status;
}

enum status method_map_get_or_default(struct call *call)
{
    struct value value;
    bool found = false;
    struct value other = call->arguments[2];
    enum status status = find_key(call, &value, &found);

    return status == STATUS_OK ? call_return(call, found ? value : other) : status;
}

enum status method_map_values(struct call *call)
{
    const struct value *items;
    uint32_t count;
    enum status status = receiver_items(call, &items, &count);

    return status == STATUS_OK ? call_return(call, value_list(items, count)) : status;
}

enum status method_map_key_set(struct call *call)
{
    uint32_t count = map_count(call->arguments[0]);
    struct value *keys = machine_alloc(call->machine, count, sizeof(*keys));
    struct value_cursor cursor = value_cursor(call->arguments[0]);
    struct value_entry entry;
    enum status status = STATUS_OK;
    uint32_t filled = 0;

    if (keys == NULL) return machine_limit(call->machine);
    while (filled < count && cursor_next(&cursor, call_arena(call), &entry, &status)) {
        keys[filled++] = entry.key;
    }
    if (status != STATUS_OK) return machine_limit(call->machine);
    struct value set = value_list(keys, filled);
    set.kind = VALUE_SET;
    return call_return(call, set);
}
