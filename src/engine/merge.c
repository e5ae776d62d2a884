/* merge.c - the other half of aggregate.h: what the buckets in a window give together. */
#include <math.h>

#include "engine/aggregate.h"
#include "engine/cardinality.h"
#include "engine/promote.h"

enum { SET_HASHED_FROM = 16 };

/* A leaf of every bucket in the window, ascending. */
struct leaves {
    const struct leaf *const *buckets;
    uint32_t bucket_count;
    uint32_t at;
    struct arena *arena;
};

static const struct leaf *leaf_of(const struct leaves *leaves, uint32_t bucket)
{
    return &leaves->buckets[bucket][leaves->at];
}

static uint32_t item_total(const struct leaves *leaves)
{
    uint32_t total = 0;

    for (uint32_t i = 0; i < leaves->bucket_count; i++)
        total += leaf_of(leaves, i)->count;
    return total;
}

/* Oldest bucket first, inside a bucket newest first. */
static enum status merge_list(const struct leaves *leaves, struct value *result)
{
    uint32_t total = item_total(leaves);
    struct value *items = arena_alloc(leaves->arena, total, sizeof(*items));
    uint32_t at = 0;

    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < leaves->bucket_count; i++) {
        const struct leaf *leaf = leaf_of(leaves, i);

        for (uint32_t j = leaf->count; j > 0; j--)
            items[at++] = leaf->items[j - 1];
    }
    ASSERT(at == total);
    *result = value_list(items, total);
    return STATUS_OK;
}

/* Members already found; a table of indices once there are many. */
struct members {
    struct value *items;
    uint32_t count;
    uint32_t *table; /* index + 1; NULL: compare with all */
    uint32_t mask;
};

/* Kept apart by the accumulator, NaN and NaN are one in the set that comes out. */
static bool is_same(struct value left, struct value right)
{
    return promote_same_member(left, right) ||
           (left.kind == VALUE_DOUBLE && value_equals(left, right));
}

static void member_add(struct members *members, struct value member)
{
    uint64_t hash = members->table == NULL ? 0 : promote_member_hash(member);
    uint32_t slot = (uint32_t)hash & members->mask;

    if (members->table == NULL) {
        for (uint32_t i = 0; i < members->count; i++) {
            if (is_same(members->items[i], member)) return;
        }
    } else {
        for (; members->table[slot] != 0; slot = (slot + 1) & members->mask) {
            if (is_same(members->items[members->table[slot] - 1], member)) return;
        }
        members->table[slot] = members->count + 1;
    }
    members->items[members->count++] = member;
}

static enum status merge_set(const struct leaves *leaves, struct value *result)
{
    uint32_t total = item_total(leaves);
    struct members members = {.items = arena_alloc(leaves->arena, total, sizeof(struct value))};

    if (members.items == NULL) return STATUS_LIMIT;
    if (total > SET_HASHED_FROM) {
        uint32_t size = 2U << (31U - (uint32_t)__builtin_clz(total * 2 - 1));

        members.table = arena_zalloc(leaves->arena, size, sizeof(uint32_t));
        members.mask = size - 1;
        if (members.table == NULL) return STATUS_LIMIT;
    }
    for (uint32_t i = 0; i < leaves->bucket_count; i++) {
        const struct leaf *leaf = leaf_of(leaves, i);

        for (uint32_t j = 0; j < leaf->count; j++)
            member_add(&members, leaf->items[j]);
    }
    *result = value_list(members.items, members.count);
    result->kind = VALUE_SET;
    return STATUS_OK;
}

typedef enum status (*fold)(struct value, struct value, struct arena *, struct value *);

/* Folds item `index` of every leaf that has one; NULL-kind if none has. */
static enum status fold_items(const struct leaves *leaves, uint32_t index, fold step,
                              struct value *result)
{
    *result = value_null();
    for (uint32_t i = 0; i < leaves->bucket_count; i++) {
        const struct leaf *leaf = leaf_of(leaves, i);
        enum status status = STATUS_OK;

        if (leaf->count <= index) continue;
        if (result->kind == VALUE_NULL) {
            *result = leaf->items[index];
        } else {
            status = step(*result, leaf->items[index], leaves->arena, result);
        }
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static int64_t number_total(const struct leaves *leaves)
{
    int64_t total = 0;

    for (uint32_t i = 0; i < leaves->bucket_count; i++)
        total += leaf_of(leaves, i)->number;
    return total;
}

static struct value merge_end(const struct leaves *leaves, bool last)
{
    struct value found = value_null();
    bool any = false;

    for (uint32_t i = 0; i < leaves->bucket_count; i++) {
        const struct leaf *leaf = leaf_of(leaves, i);

        if (leaf->count == 0 || (any && !last)) continue;
        found = leaf->items[0];
        any = true;
    }
    return found;
}

/* --- moments ------------------------------------------------------------------------------------- */

static enum status merge_average(const struct leaves *leaves, struct value *result)
{
    struct value sum;
    enum status status = fold_items(leaves, 0, promote_add, &sum);

    *result = sum;
    if (status != STATUS_OK || sum.kind == VALUE_NULL) return status;
    return promote_divide_count(sum, number_total(leaves), leaves->arena, result);
}

/* E[x^2] - E[x]^2, times n / (n - 1) for a sample. */
static enum status merge_variance(const struct leaves *leaves, bool sample, struct value *result)
{
    struct arena *arena = leaves->arena;
    int64_t count = number_total(leaves);
    struct value sum;
    struct value squares;
    enum status status = fold_items(leaves, 0, promote_add, &sum);

    *result = value_null();
    if (status == STATUS_OK) status = fold_items(leaves, 1, promote_add, &squares);
    if (status != STATUS_OK || sum.kind == VALUE_NULL) return status;
    if (count == 1) return promote_subtract(sum, sum, arena, result);
    status = promote_divide_count(sum, count, arena, &sum);
    if (status == STATUS_OK) status = promote_square(sum, arena, &sum);
    if (status == STATUS_OK) status = promote_divide_count(squares, count, arena, &squares);
    if (status == STATUS_OK) status = promote_subtract(squares, sum, arena, result);
    if (status != STATUS_OK || !sample) return status;
    return promote_scale(*result, (double)count / (double)(count - 1), arena, result);
}

static enum status merge_deviation(const struct leaves *leaves, bool sample, struct value *result)
{
    enum status status = merge_variance(leaves, sample, result);

    if (status != STATUS_OK || result->kind == VALUE_NULL) return status;
    return number_total(leaves) == 1 ? STATUS_OK : promote_root(*result, leaves->arena, result);
}

/* --- median -------------------------------------------------------------------------------------- */

/* Two sorted runs that lie behind one another, [0, middle) and [middle, end), become one. */
static enum status merge_runs(const struct value *items, uint32_t middle, uint32_t end,
                              struct value *merged, struct arena *arena)
{
    uint32_t left = 0;
    uint32_t right = middle;

    for (uint32_t at = 0; at < end; at++) {
        bool take_left = right == end;

        if (left < middle && right < end) {
            int order = 0;
            enum status status = promote_compare(items[left], items[right], arena, &order);

            if (status != STATUS_OK) return status;
            take_left = order <= 0;
        }
        merged[at] = take_left ? items[left++] : items[right++];
    }
    return STATUS_OK;
}

/* Merges runs of 1, 2, 4, ... numbers: stable, no recursion, two buffers. */
static enum status sort_numbers(struct value *items, uint32_t count, struct arena *arena)
{
    struct value *other = arena_alloc(arena, count, sizeof(*other));

    if (other == NULL) return STATUS_LIMIT;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t start = 0; start < count; start += 2 * width) {
            uint32_t left = count - start;
            uint32_t end = left < 2 * width ? left : 2 * width;
            uint32_t middle = end < width ? end : width;
            enum status status = merge_runs(items + start, middle, end, other + start, arena);

            if (status != STATUS_OK) return status;
        }
        memcpy(items, other, count * sizeof(*items));
    }
    return STATUS_OK;
}

static enum status merge_median(const struct leaves *leaves, struct value *result)
{
    struct value all;
    enum status status = merge_list(leaves, &all);

    *result = value_null();
    if (status != STATUS_OK || all.count == 0) return status;
    struct value *items = arena_alloc(leaves->arena, all.count, sizeof(*items));

    if (items == NULL) return STATUS_LIMIT;
    memcpy(items, all.items, all.count * sizeof(*items));
    status = sort_numbers(items, all.count, leaves->arena);
    if (status != STATUS_OK) return status;
    if (all.count % 2 == 1)
        return promote_floating_one(items[all.count / 2], leaves->arena, result);
    status = promote_add(items[all.count / 2 - 1], items[all.count / 2], leaves->arena, result);
    return status == STATUS_OK ? promote_divide_count(*result, 2, leaves->arena, result) : status;
}

/* --- results in the type promised ------------------------------------------------------------------ */

static bool is_class(const struct type *type, enum class_id class_id)
{
    return type != NULL && type->kind == TYPE_CLASS && type->class_id == class_id;
}

/* An empty sum is a zero of the promised class. */
static struct value zero_of(const struct type *type)
{
    if (is_class(type, CLASS_Long)) return value_long(0);
    if (is_class(type, CLASS_Double) || is_class(type, CLASS_Number)) return value_double(0.0);
    if (is_class(type, CLASS_BigDecimal)) return (struct value){.kind = VALUE_BIG_DECIMAL};
    if (is_class(type, CLASS_BigInteger)) return (struct value){.kind = VALUE_BIG_INTEGER};
    return value_integer(0);
}

static struct value aligned(struct value result, enum aggregator_kind kind, const struct type *type)
{
    if (result.kind != VALUE_NULL) return result;
    if (kind == AGGREGATOR_sum) return zero_of(type);
    return is_class(type, CLASS_Double) ? value_double((double)NAN) : result;
}

static enum status merge_leaf(enum aggregator_kind kind, const struct leaves *leaves,
                              const struct type *type, struct value *result)
{
    enum status status = STATUS_OK;

    switch (kind) {
    case AGGREGATOR_sum: status = fold_items(leaves, 0, promote_sum, result); break;
    case AGGREGATOR_min: return fold_items(leaves, 0, promote_min, result);
    case AGGREGATOR_max: return fold_items(leaves, 0, promote_max, result);
    case AGGREGATOR_first:
    case AGGREGATOR_last: *result = merge_end(leaves, kind == AGGREGATOR_last); return STATUS_OK;
    case AGGREGATOR_list: return merge_list(leaves, result);
    case AGGREGATOR_set: return merge_set(leaves, result);
    case AGGREGATOR_countWhen: *result = value_long(number_total(leaves)); return STATUS_OK;
    case AGGREGATOR_approxCardinality:
        status = fold_items(leaves, 0, cardinality_merge, result);
        if (status == STATUS_OK) *result = value_long(cardinality_estimate(*result));
        return status;
    case AGGREGATOR_average: status = merge_average(leaves, result); break;
    case AGGREGATOR_stddevPop: status = merge_deviation(leaves, false, result); break;
    case AGGREGATOR_stddevSamp: status = merge_deviation(leaves, true, result); break;
    case AGGREGATOR_varPop: status = merge_variance(leaves, false, result); break;
    case AGGREGATOR_varSamp: status = merge_variance(leaves, true, result); break;
    case AGGREGATOR_median: status = merge_median(leaves, result); break;
    case AGGREGATOR_map:
    case AGGREGATOR_COUNT: UNREACHABLE("a leaf is no map");
    }
    *result = aligned(*result, kind, type);
    return status;
}

static enum status merge_tree(const struct aggregator *aggregator, const struct type *type,
                              struct leaves *leaves, struct value *result)
{
    if (aggregator->kind != AGGREGATOR_map) {
        enum status status = merge_leaf(aggregator->kind, leaves, type, result);

        leaves->at++;
        return status;
    }
    struct value_entry *entries =
        arena_alloc(leaves->arena, aggregator->field_count, sizeof(*entries));

    if (entries == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < aggregator->field_count; i++) {
        const struct aggregator_field *field = &aggregator->fields[i];
        const struct type *part = type == NULL ? NULL : type_field(type, field->name);

        entries[i].key = value_string(field->name);
        enum status status = merge_tree(&field->aggregator, part, leaves, &entries[i].value);

        if (status != STATUS_OK) return status;
    }
    *result = value_map(entries, aggregator->field_count);
    return STATUS_OK;
}

enum status aggregate_result(const struct aggregate *aggregate, const struct leaf *const *buckets,
                             uint32_t bucket_count, struct arena *arena, struct slice *message,
                             struct value *result)
{
    struct leaves leaves = {.buckets = buckets, .bucket_count = bucket_count, .arena = arena};
    enum status status = merge_tree(aggregate->aggregator, aggregate->output, &leaves, result);

    if (status == STATUS_INVALID) {
        *message = SLICE("NaN or an infinite number cannot become a BigDecimal");
    } else if (status != STATUS_OK) {
        *message = SLICE("the aggregate is too large");
    }
    return status;
}
