/* aggregate.c - the aggregators. The tree of a map is walked by recursion of a declared depth; each
 * leaf is then a switch over its kind. */
#include "engine/aggregate.h"

#include <math.h>

#include "engine/cardinality.h"
#include "engine/promote.h"

/* --- the shape --------------------------------------------------------------------------------- */

static bool count_leaves(const struct aggregator *aggregator, uint32_t depth, uint32_t *count)
{
    if (aggregator->kind != AGGREGATOR_map) return ++*count <= AGGREGATE_LEAVES_MAX;
    if (depth == AGGREGATE_DEPTH_MAX) return false;
    for (uint32_t i = 0; i < aggregator->field_count; i++) {
        if (!count_leaves(&aggregator->fields[i].aggregator, depth + 1, count)) return false;
    }
    return true;
}

enum status aggregate_make(const struct aggregator *aggregator, const struct type *output,
                           struct aggregate *aggregate)
{
    *aggregate = (struct aggregate){.aggregator = aggregator, .output = output};
    return count_leaves(aggregator, 0, &aggregate->leaf_count) ? STATUS_OK : STATUS_LIMIT;
}

/* A walk over the leaves with the element's part for each. */
struct visit {
    struct leaf *leaves;     /* NULL: none */
    const struct leaf *seen; /* the same for looking only */
    struct pool *pool;
    struct arena *scratch;
    uint32_t at;
    uint32_t added;
    bool neutral;
};

static enum status field_of(struct value element, struct slice name, struct arena *scratch,
                            struct value *field)
{
    if (element.kind != VALUE_MAP) return STATUS_TYPE;
    enum status status = map_get(element, name, scratch, field);

    if (status != STATUS_NOT_FOUND) return status;
    *field = value_null();
    return STATUS_OK;
}

/* --- adding ------------------------------------------------------------------------------------ */

static enum status reserve(struct pool *pool, struct leaf *leaf, uint32_t count)
{
    if (count <= leaf->capacity) return STATUS_OK;
    struct value *items = pool_grow(pool, leaf->items, (size_t)count * sizeof(*items));

    if (items == NULL) return STATUS_LIMIT;
    leaf->items = items;
    leaf->capacity = (uint32_t)(pool_capacity(items) / sizeof(*items));
    return STATUS_OK;
}

static enum status append(struct visit *visit, struct leaf *leaf, struct value element)
{
    enum status status = reserve(visit->pool, leaf, leaf->count + 1);

    if (status == STATUS_OK)
        status = value_own(visit->pool, visit->scratch, element, &leaf->items[leaf->count]);
    if (status == STATUS_OK) leaf->count++;
    return status;
}

/* Puts a value in the place of item `index`, which may be the next. */
static enum status replace(struct visit *visit, struct leaf *leaf, uint32_t index,
                           struct value element)
{
    struct value old = index < leaf->count ? leaf->items[index] : value_null();
    struct value owned;
    enum status status = reserve(visit->pool, leaf, index + 1);

    if (status == STATUS_OK) status = value_own(visit->pool, visit->scratch, element, &owned);
    if (status != STATUS_OK) return status;
    value_disown(visit->pool, old);
    leaf->items[index] = owned;
    if (index == leaf->count) leaf->count++;
    return STATUS_OK;
}

static bool contains(const struct leaf *leaf, struct value element)
{
    for (uint32_t i = 0; i < leaf->count; i++) {
        if (promote_same_member(leaf->items[i], element)) return true;
    }
    return false;
}

/* The new single value of sum, min, max. `leaf` may be empty. */
static enum status reduce(enum aggregator_kind kind, const struct leaf *leaf, struct value element,
                          struct arena *scratch, struct value *out)
{
    bool first = leaf == NULL || leaf->count == 0;

    if (!promote_is_number(element)) return STATUS_TYPE;
    if (kind == AGGREGATOR_sum) {
        return first ? promote_sum_one(element, scratch, out)
                     : promote_sum(element, leaf->items[0], scratch, out);
    }
    *out = element;
    if (first) return STATUS_OK;
    return kind == AGGREGATOR_min ? promote_min(element, leaf->items[0], scratch, out)
                                  : promote_max(element, leaf->items[0], scratch, out);
}

/* New sum and sum of squares. */
static enum status moments(const struct leaf *leaf, struct value element, struct arena *scratch,
                           struct value sums[2])
{
    bool first = leaf == NULL || leaf->count == 0;
    struct value square;
    enum status status = promote_square(element, scratch, &square);

    if (status != STATUS_OK) return status;
    if (first) {
        status = promote_floating_one(element, scratch, &sums[0]);
        sums[1] = square;
        return status;
    }
    status = promote_add(element, leaf->items[0], scratch, &sums[0]);
    return status == STATUS_OK ? promote_add(square, leaf->items[1], scratch, &sums[1]) : status;
}

static enum status add_moments(struct visit *visit, struct leaf *leaf, struct value element)
{
    struct value sums[2];
    enum status status = moments(leaf, element, visit->scratch, sums);

    if (status == STATUS_OK) status = replace(visit, leaf, 0, sums[0]);
    if (status == STATUS_OK) status = replace(visit, leaf, 1, sums[1]);
    if (status == STATUS_OK) leaf->number++;
    return status;
}

static enum status add_cardinality(struct visit *visit, struct leaf *leaf, struct value element)
{
    struct value sketch = leaf->count == 0 ? value_null() : leaf->items[0];
    enum status status = cardinality_add(sketch, element, visit->scratch, &sketch);

    return status == STATUS_OK ? replace(visit, leaf, 0, sketch) : status;
}

static enum status add_leaf(enum aggregator_kind kind, struct visit *visit, struct leaf *leaf,
                            struct value element)
{
    uint32_t before = leaf->count;
    struct value reduced;
    enum status status = STATUS_OK;

    switch (kind) {
    case AGGREGATOR_sum:
    case AGGREGATOR_min:
    case AGGREGATOR_max:
        if (element.kind == VALUE_NULL) return STATUS_OK;
        status = reduce(kind, leaf, element, visit->scratch, &reduced);
        return status == STATUS_OK ? replace(visit, leaf, 0, reduced) : status;
    case AGGREGATOR_first: return leaf->count > 0 ? STATUS_OK : append(visit, leaf, element);
    case AGGREGATOR_last: return replace(visit, leaf, 0, element);
    case AGGREGATOR_median:
        if (element.kind == VALUE_NULL) return STATUS_OK;
        status = append(visit, leaf, element);
        break;
    case AGGREGATOR_list: status = append(visit, leaf, element); break;
    case AGGREGATOR_set:
        if (!contains(leaf, element)) status = append(visit, leaf, element);
        break;
    case AGGREGATOR_approxCardinality: return add_cardinality(visit, leaf, element);
    case AGGREGATOR_countWhen:
        leaf->number += element.kind == VALUE_BOOLEAN && element.boolean;
        return STATUS_OK;
    case AGGREGATOR_average:
    case AGGREGATOR_stddevPop:
    case AGGREGATOR_stddevSamp:
    case AGGREGATOR_varPop:
    case AGGREGATOR_varSamp:
        return element.kind == VALUE_NULL ? STATUS_OK : add_moments(visit, leaf, element);
    case AGGREGATOR_map:
    case AGGREGATOR_COUNT: UNREACHABLE("a leaf is no map");
    }
    visit->added += leaf->count - before;
    return status;
}

static enum status add_tree(const struct aggregator *aggregator, struct value element,
                            struct visit *visit)
{
    if (aggregator->kind != AGGREGATOR_map) {
        struct leaf *leaf = &visit->leaves[visit->at++];

        return add_leaf(aggregator->kind, visit, leaf, element);
    }
    for (uint32_t i = 0; i < aggregator->field_count; i++) {
        const struct aggregator_field *field = &aggregator->fields[i];
        struct value part;
        enum status status = field_of(element, field->name, visit->scratch, &part);

        if (status == STATUS_OK) status = add_tree(&field->aggregator, part, visit);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

enum status aggregate_add(const struct aggregate *aggregate, struct leaf *leaves,
                          struct value element, struct pool *pool, struct arena *scratch,
                          uint32_t *added)
{
    struct visit visit = {.leaves = leaves, .pool = pool, .scratch = scratch};
    enum status status = add_tree(aggregate->aggregator, element, &visit);

    *added = visit.added;
    return status;
}

/* --- neutral elements ---------------------------------------------------------------------------- */

static enum status neutral_number(enum aggregator_kind kind, const struct leaf *leaf,
                                  struct value element, struct arena *scratch, bool *neutral)
{
    struct value reduced;
    enum status status;

    *neutral = true;
    if (element.kind == VALUE_NULL) return STATUS_OK;
    status = reduce(kind, leaf, element, scratch, &reduced);
    if (status != STATUS_OK) return status;
    if (kind == AGGREGATOR_sum) {
        *neutral = promote_is_zero(element);
    } else {
        *neutral = leaf != NULL && leaf->count > 0 && promote_same_member(reduced, leaf->items[0]);
    }
    return STATUS_OK;
}

static enum status neutral_leaf(enum aggregator_kind kind, const struct leaf *leaf,
                                struct value element, struct arena *scratch, bool *neutral)
{
    struct value sums[2];

    *neutral = false;
    switch (kind) {
    case AGGREGATOR_sum:
    case AGGREGATOR_min:
    case AGGREGATOR_max: return neutral_number(kind, leaf, element, scratch, neutral);
    case AGGREGATOR_first: *neutral = leaf != NULL && leaf->count > 0; return STATUS_OK;
    case AGGREGATOR_last:
    case AGGREGATOR_list: return STATUS_OK;
    case AGGREGATOR_set: *neutral = leaf != NULL && contains(leaf, element); return STATUS_OK;
    case AGGREGATOR_approxCardinality:
        return cardinality_has(leaf == NULL || leaf->count == 0 ? value_null() : leaf->items[0],
                               element, scratch, neutral);
    case AGGREGATOR_countWhen:
        if (element.kind != VALUE_BOOLEAN && element.kind != VALUE_NULL) return STATUS_TYPE;
        *neutral = element.kind == VALUE_NULL || !element.boolean;
        return STATUS_OK;
    case AGGREGATOR_median:
        *neutral = element.kind == VALUE_NULL;
        return *neutral || promote_is_number(element) ? STATUS_OK : STATUS_TYPE;
    case AGGREGATOR_average:
    case AGGREGATOR_stddevPop:
    case AGGREGATOR_stddevSamp:
    case AGGREGATOR_varPop:
    case AGGREGATOR_varSamp:
        *neutral = element.kind == VALUE_NULL;
        return *neutral ? STATUS_OK : moments(leaf, element, scratch, sums);
    case AGGREGATOR_map:
    case AGGREGATOR_COUNT: break;
    }
    UNREACHABLE("a leaf is no map");
}

static enum status neutral_tree(const struct aggregator *aggregator, struct value element,
                                struct visit *visit)
{
    if (aggregator->kind != AGGREGATOR_map) {
        const struct leaf *leaf = visit->seen == NULL ? NULL : &visit->seen[visit->at];
        bool neutral;
        enum status status =
            neutral_leaf(aggregator->kind, leaf, element, visit->scratch, &neutral);

        visit->at++;
        visit->neutral = visit->neutral && neutral;
        return status;
    }
    for (uint32_t i = 0; i < aggregator->field_count; i++) {
        const struct aggregator_field *field = &aggregator->fields[i];
        struct value part;
        enum status status = field_of(element, field->name, visit->scratch, &part);

        if (status == STATUS_OK) status = neutral_tree(&field->aggregator, part, visit);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static struct slice why(enum status status)
{
    if (status == STATUS_TYPE) return SLICE("the aggregator cannot take an element of this kind");
    if (status == STATUS_INVALID)
        return SLICE("NaN or an infinite number cannot become a BigDecimal");
    return SLICE("the aggregate would be too large");
}

enum status aggregate_is_neutral(const struct aggregate *aggregate, const struct leaf *leaves,
                                 struct value element, struct arena *scratch, struct slice *message,
                                 bool *neutral)
{
    struct visit visit = {.seen = leaves, .scratch = scratch, .neutral = true};
    enum status status = neutral_tree(aggregate->aggregator, element, &visit);

    *neutral = visit.neutral;
    if (status != STATUS_OK) *message = why(status);
    return status;
}

/* --- memory -------------------------------------------------------------------------------------- */

static bool keeps_elements(enum aggregator_kind kind)
{
    return kind == AGGREGATOR_list || kind == AGGREGATOR_set || kind == AGGREGATOR_median;
}

static void elements_tree(const struct aggregator *aggregator, const struct leaf *leaves,
                          uint32_t *at, uint32_t *count)
{
    if (aggregator->kind != AGGREGATOR_map) {
        if (keeps_elements(aggregator->kind)) *count += leaves[*at].count;
        ++*at;
        return;
    }
    for (uint32_t i = 0; i < aggregator->field_count; i++)
        elements_tree(&aggregator->fields[i].aggregator, leaves, at, count);
}

uint32_t aggregate_elements(const struct aggregate *aggregate, const struct leaf *leaves)
{
    uint32_t at = 0;
    uint32_t count = 0;

    elements_tree(aggregate->aggregator, leaves, &at, &count);
    return count;
}

void aggregate_free(const struct aggregate *aggregate, struct leaf *leaves, struct pool *pool)
{
    for (uint32_t i = 0; i < aggregate->leaf_count; i++) {
        for (uint32_t j = 0; j < leaves[i].count; j++)
            value_disown(pool, leaves[i].items[j]);
        pool_free(pool, leaves[i].items);
        leaves[i] = (struct leaf){0};
    }
}
