/* helpers_collection.c - #COLLECTION: lists and maps made from lists and maps. */
#include "expr/methods/methods.h"

enum status call_first_items(struct call *call, const struct value **items, uint32_t *count)
{
    struct value list;
    enum status status = call_collection(call, 1, &list);

    return status == STATUS_OK ? call_items(call, list, items, count) : status;
}

enum status call_give_list(struct call *call, const struct value *items, uint32_t count)
{
    return call_return(call, value_list(items, count));
}

static struct value *copy_items(struct call *call, const struct value *items, uint32_t count)
{
    struct value *copy = machine_alloc(call->machine, count, sizeof(*copy));

    if (copy != NULL && count > 0) memcpy(copy, items, count * sizeof(*copy));
    return copy;
}

/* --- cutting ------------------------------------------------------------------------------------------ */

static uint32_t clamp(int64_t number, uint32_t count)
{
    return number < 0 ? 0 : number > count ? count : (uint32_t)number;
}

enum status method_collection_helper_take(struct call *call)
{
    const struct value *items;
    uint32_t count;
    int64_t wanted = 0;
    enum status status = call_integer(call, 2, &wanted);

    if (status == STATUS_OK) status = call_first_items(call, &items, &count);
    return status == STATUS_OK ? call_give_list(call, items, clamp(wanted, count)) : status;
}

enum status method_collection_helper_take_last(struct call *call)
{
    const struct value *items;
    uint32_t count;
    int64_t wanted = 0;
    enum status status = call_integer(call, 2, &wanted);

    if (status == STATUS_OK) status = call_first_items(call, &items, &count);
    if (status != STATUS_OK) return status;
    uint32_t taken = clamp(wanted, count);
    return call_give_list(call, items + (count - taken), taken);
}

enum status method_collection_helper_slice(struct call *call)
{
    const struct value *items;
    uint32_t count;
    int64_t start = 0;
    int64_t stop = 0;
    enum status status = call_integer(call, 2, &start);

    if (status == STATUS_OK) status = call_integer(call, 3, &stop);
    if (status == STATUS_OK) status = call_first_items(call, &items, &count);
    if (status != STATUS_OK) return status;
    uint32_t from = clamp(start, count);
    uint32_t to = clamp(stop, count);
    return call_give_list(call, items + from, to > from ? to - from : 0);
}

enum status method_collection_helper_reverse(struct call *call)
{
    const struct value *items;
    uint32_t count;
    enum status status = call_first_items(call, &items, &count);

    if (status != STATUS_OK) return status;
    struct value *reversed = machine_alloc(call->machine, count, sizeof(*reversed));
    if (reversed == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++)
        reversed[i] = items[count - 1 - i];
    return call_give_list(call, reversed, count);
}

/* --- joining ------------------------------------------------------------------------------------------ */

enum status method_collection_helper_concat(struct call *call)
{
    size_t total = 0;
    size_t filled = 0;

    for (uint32_t i = 1; i <= call->count; i++) {
        struct value list;
        enum status status = call_collection(call, i, &list);
        if (status != STATUS_OK) return status;
        total += list_count(list);
    }
    struct value *all = machine_alloc(call->machine, total, sizeof(*all));
    if (all == NULL) return machine_limit(call->machine);
    for (uint32_t i = 1; i <= call->count; i++) {
        const struct value *items;
        uint32_t count;
        enum status status = call_items(call, call->arguments[i], &items, &count);
        if (status != STATUS_OK) return status;
        if (count > 0) memcpy(all + filled, items, count * sizeof(*items));
        filled += count;
    }
    return call_give_list(call, all, (uint32_t)filled);
}

enum status method_collection_helper_flatten(struct call *call)
{
    const struct value *lists;
    uint32_t list_total;
    size_t total = 0;
    size_t filled = 0;
    enum status status = call_first_items(call, &lists, &list_total);

    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < list_total; i++) {
        if (lists[i].kind != VALUE_LIST && lists[i].kind != VALUE_SET) {
            return call_fail(call, "flatten needs a list of lists, but one item is %",
                             machine_class_name(lists[i]));
        }
        total += list_count(lists[i]);
    }
    struct value *all = machine_alloc(call->machine, total, sizeof(*all));
    if (all == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < list_total; i++) {
        const struct value *items;
        uint32_t count;
        status = call_items(call, lists[i], &items, &count);
        if (status != STATUS_OK) return status;
        if (count > 0) memcpy(all + filled, items, count * sizeof(*items));
        filled += count;
    }
    return call_give_list(call, all, (uint32_t)filled);
}

enum status method_collection_helper_join(struct call *call)
{
    struct value list;
    struct value separator;
    enum status status = call_collection(call, 1, &list);

    if (status == STATUS_OK) status = call_string(call, 2, &separator);
    return status == STATUS_OK ? text_join(call, list, separator) : status;
}

/* Entries of both; those of the second win, in the place of the first. */
static enum status merge(struct call *call, struct value left, struct value right,
                         struct value *merged)
{
    uint32_t total = map_count(left) + map_count(right);
    struct value_entry *entries = machine_alloc(call->machine, total, sizeof(*entries));
    struct value maps[2] = {left, right};
    uint32_t count = 0;
    enum status status = machine_spend(call->machine, total);

    if (status != STATUS_OK) return status;
    if (entries == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < 2; i++) {
        struct value_cursor cursor = value_cursor(maps[i]);
        struct value_entry entry;
        while (count < total && cursor_next(&cursor, call_arena(call), &entry, &status)) {
            uint32_t at = i == 0 ? count : 0;
            while (at < count && !value_equals(entries[at].key, entry.key))
                at++;
            entries[at] = entry;
            if (at == count) count++;
        }
        if (status != STATUS_OK) return machine_limit(call->machine);
        status = machine_spend(call->machine, i == 0 ? 1 : (uint64_t)count * 4);
        if (status != STATUS_OK) return status;
    }
    *merged = value_map(entries, count);
    return STATUS_OK;
}

enum status method_collection_helper_merge(struct call *call)
{
    struct value merged;
    enum status status = call_map(call, 1, &merged);

    for (uint32_t i = 2; i <= call->count && status == STATUS_OK; i++) {
        struct value next;
        status = call_map(call, i, &next);
        if (status == STATUS_OK) status = merge(call, merged, next, &merged);
    }
    return status == STATUS_OK ? call_return(call, merged) : status;
}

enum status method_collection_helper_product(struct call *call)
{
    const struct value *left;
    const struct value *right;
    struct value other;
    uint32_t left_count;
    uint32_t right_count;
    enum status status = call_first_items(call, &left, &left_count);

    if (status == STATUS_OK) status = call_collection(call, 2, &other);
    if (status == STATUS_OK) status = call_items(call, other, &right, &right_count);
    if (status != STATUS_OK) return status;
    size_t total = (size_t)left_count * right_count;
    struct value *all = machine_alloc(call->machine, total, sizeof(*all));
    if (all == NULL) return machine_limit(call->machine);
    for (size_t i = 0; i < total; i++) {
        struct value a = left[i / right_count];
        struct value b = right[i % right_count];
        if (a.kind != VALUE_MAP || b.kind != VALUE_MAP) {
            return call_fail(call, "product needs lists of records", (struct slice){0});
        }
        status = merge(call, a, b, &all[i]);
        if (status != STATUS_OK) return status;
    }
    return call_give_list(call, all, (uint32_t)total);
}

/* --- order -------------------------------------------------------------------------------------------- */

/* --- sets --------------------------------------------------------------------------------------------- */

/* Numbers are the same across kinds here, as the original's collections compare them. */
static enum status contains(struct call *call, const struct value *items, uint32_t count,
                            struct value item, bool *found)
{
    enum status status = machine_spend(call->machine, count / 4 + 1);

    *found = false;
    for (uint32_t i = 0; i < count && status == STATUS_OK && !*found; i++) {
        status = values_equal(items[i], item, call_arena(call), found);
    }
    return status;
}

static enum status filter(struct call *call, bool keeps, bool distinct)
{
    const struct value *items;
    const struct value *others;
    struct value other;
    uint32_t count;
    uint32_t other_count;
    uint32_t filled = 0;
    enum status status = call_first_items(call, &items, &count);

    if (status == STATUS_OK) status = call_collection(call, 2, &other);
    if (status == STATUS_OK) status = call_items(call, other, &others, &other_count);
    if (status != STATUS_OK) return status;
    struct value *kept = machine_alloc(call->machine, count, sizeof(*kept));
    if (kept == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++) {
        bool found = false;
        bool seen = false;
        status = contains(call, others, other_count, items[i], &found);
        if (status == STATUS_OK && distinct) status = contains(call, kept, filled, items[i], &seen);
        if (status != STATUS_OK) return status;
        if (found == keeps && !seen) kept[filled++] = items[i];
    }
    return call_give_list(call, kept, filled);
}

enum status method_collection_helper_diff(struct call *call)
{
    return filter(call, false, false);
}

enum status method_collection_helper_intersect(struct call *call)
{
    return filter(call, true, true);
}

enum status method_collection_helper_distinct(struct call *call)
{
    const struct value *items;
    uint32_t count;
    uint32_t filled = 0;
    enum status status = call_first_items(call, &items, &count);

    if (status != STATUS_OK) return status;
    struct value *kept = machine_alloc(call->machine, count, sizeof(*kept));
    if (kept == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++) {
        status = machine_spend(call->machine, filled / 4);
        if (status != STATUS_OK) return status;
        if (find_equal(kept, 0, filled, items[i]) == filled) kept[filled++] = items[i];
    }
    return call_give_list(call, kept, filled);
}

enum status method_collection_helper_shuffle(struct call *call)
{
    const struct value *items;
    uint32_t count;
    enum status status = call_first_items(call, &items, &count);

    if (status != STATUS_OK) return status;
    struct value *shuffled = copy_items(call, items, count);
    if (shuffled == NULL) return machine_limit(call->machine);
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = (uint32_t)(call_random(call) % i);
        struct value moved = shuffled[i - 1];
        shuffled[i - 1] = shuffled[other];
        shuffled[other] = moved;
    }
    return call_give_list(call, shuffled, count);
}
