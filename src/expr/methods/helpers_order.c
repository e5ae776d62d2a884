/* helpers_order.c - #COLLECTION: items in order, the largest and smallest, sums. */
#include "expr/arithmetic.h"
#include "expr/methods/methods.h"

static enum status fail_order(struct call *call, struct value left, struct value right)
{
    struct slice a = machine_class_name(left);
    struct slice b = machine_class_name(right);
    struct slice parts[] = {a, b, a, b};

    return machine_fail(call->machine, STATUS_TYPE,
                        "class % cannot be cast to class % (% and % are in module java.base of "
                        "loader 'bootstrap')",
                        parts, COUNT_OF(parts));
}

/* What can be sorted: a null or a container has no order. */
static enum status check_ordered(struct call *call, const struct value *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bool ordered = items[i].kind != VALUE_NULL && class_is_ordered(class_of_value(items[i]));
        if (ordered) continue;
        struct slice text;
        enum status status = machine_text(call->machine, items[i], &text);
        if (status != STATUS_OK) return status;
        return call_fail(call, "Provided value is not comparable: %", text);
    }
    return STATUS_OK;
}

struct sorting {
    struct call *call;
    const struct value *keys; /* by index */
    uint32_t *order;
    uint32_t *scratch;
    int sign;
    bool nulls_first;
};

static enum status compare_keys(const struct sorting *sorting, uint32_t left, uint32_t right,
                                int *order)
{
    struct value a = sorting->keys[left];
    struct value b = sorting->keys[right];

    if (a.kind == VALUE_NULL || b.kind == VALUE_NULL) {
        *order = (a.kind != VALUE_NULL) - (b.kind != VALUE_NULL);
        return STATUS_OK;
    }
    enum status status = values_compare(a, b, call_arena(sorting->call), order);
    *order *= sorting->sign;
    return status == STATUS_TYPE ? fail_order(sorting->call, a, b) : status;
}

/* Merges the sorted runs [low, middle) and [middle, high) of `from` into `to`. */
static enum status merge_runs(const struct sorting *sorting, const uint32_t *from, uint32_t *to,
                              const uint32_t bounds[3])
{
    uint32_t left = bounds[0];
    uint32_t right = bounds[1];

    for (uint32_t at = bounds[0]; at < bounds[2]; at++) {
        int order = 0;
        if (left < bounds[1] && right < bounds[2]) {
            enum status status = compare_keys(sorting, from[left], from[right], &order);
            if (status != STATUS_OK) return status;
        }
        bool takes_left = left < bounds[1] && (right == bounds[2] || order <= 0);
        to[at] = takes_left ? from[left++] : from[right++];
    }
    return STATUS_OK;
}

static uint32_t bounded(uint32_t number, uint32_t max)
{
    return number < max ? number : max;
}

/* Merge sort from below: stable, and no recursion. */
static enum status sort(const struct sorting *sorting, uint32_t count)
{
    uint32_t *from = sorting->order;
    uint32_t *to = sorting->scratch;

    for (uint32_t i = 0; i < count; i++)
        from[i] = i;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t low = 0; low < count; low += 2 * width) {
            const uint32_t bounds[3] = {low, bounded(low + width, count),
                                        bounded(low + 2 * width, count)};
            enum status status = merge_runs(sorting, from, to, bounds);
            if (status != STATUS_OK) return status;
        }
        uint32_t *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != sorting->order) memcpy(sorting->order, from, count * sizeof(uint32_t));
    return STATUS_OK;
}

static enum status sort_by(struct call *call, const struct value *items, const struct value *keys,
                           uint32_t count, int sign)
{
    struct sorting sorting = {.call = call, .keys = keys, .sign = sign};
    sorting.order = machine_alloc(call->machine, (size_t)count * 2, sizeof(uint32_t));
    struct value *sorted = machine_alloc(call->machine, count, sizeof(*sorted));
    if (sorting.order == NULL || sorted == NULL) return machine_limit(call->machine);
    sorting.scratch = sorting.order + count;
    enum status status = machine_spend(call->machine, (uint64_t)count * 8);
    if (status == STATUS_OK) status = sort(&sorting, count);
    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = items[sorting.order[i]];
    return call_give_list(call, sorted, count);
}

static enum status sort_items(struct call *call, int sign)
{
    const struct value *items;
    uint32_t count;
    enum status status = call_first_items(call, &items, &count);

    if (status == STATUS_OK) status = check_ordered(call, items, count);
    return status == STATUS_OK ? sort_by(call, items, items, count, sign) : status;
}

enum status method_collection_helper_sorted_asc(struct call *call)
{
    return sort_items(call, 1);
}

enum status method_collection_helper_sorted_desc(struct call *call)
{
    return sort_items(call, -1);
}

enum status method_collection_helper_sorted_asc_by(struct call *call)
{
    const struct value *items;
    struct value name;
    uint32_t count;
    enum status status = call_first_items(call, &items, &count);

    if (status == STATUS_OK) status = call_string(call, 2, &name);
    if (status != STATUS_OK) return status;
    struct value *keys = machine_alloc(call->machine, count, sizeof(*keys));
    if (keys == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++) {
        status = items[i].kind == VALUE_MAP
                     ? map_get(items[i], value_text(name), call_arena(call), &keys[i])
                     : STATUS_NOT_FOUND;
        if (status == STATUS_NOT_FOUND) {
            return call_fail(call, "sortedAscBy: an item has no field %", value_text(name));
        }
        if (status != STATUS_OK) return machine_limit(call->machine);
    }
    return sort_by(call, items, keys, count, 1);
}

static enum status extreme(struct call *call, int sign)
{
    const struct value *items;
    uint32_t count;
    uint32_t best = 0;
    enum status status = call_first_items(call, &items, &count);

    if (status != STATUS_OK) return status;
    if (count == 0) return call_fail(call, "null", (struct slice){0});
    status = check_ordered(call, items, count);
    for (uint32_t i = 1; i < count && status == STATUS_OK; i++) {
        int order = 0;
        status = values_compare(items[i], items[best], call_arena(call), &order);
        if (status == STATUS_TYPE) return fail_order(call, items[best], items[i]);
        if (order * sign > 0) best = i;
    }
    return status == STATUS_OK ? call_return(call, items[best]) : status;
}

enum status method_collection_helper_max(struct call *call)
{
    return extreme(call, 1);
}

enum status method_collection_helper_min(struct call *call)
{
    return extreme(call, -1);
}

/* Whole numbers add as Long, floats as Double; nothing adds to 0.0. */
enum status method_collection_helper_sum(struct call *call)
{
    const struct value *items = NULL;
    uint32_t count = 0;
    struct value sum = value_double(0);
    const char *why = "";
    enum status status = call_first_items(call, &items, &count);

    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        struct value item = items[i];
        if (item.kind == VALUE_NULL) {
            return call_fail(call, "Number must not be null", (struct slice){0});
        }
        if (!value_is_number(item)) {
            return call_fail(call, "sum needs numbers, but one item is %",
                             machine_class_name(item));
        }
        if (item.kind <= VALUE_INTEGER) item.kind = VALUE_LONG;
        if (item.kind == VALUE_FLOAT) item.kind = VALUE_DOUBLE;
        if (i == 0) {
            sum = item;
        } else {
            status = arithmetic_apply(OPERATOR_ADD, sum, item, call_arena(call), &sum, &why);
            if (status != STATUS_OK) return call_status(call, status, why);
        }
    }
    return status == STATUS_OK ? call_return(call, sum) : status;
}
