/* aggregate.h - #AGG: running partial aggregates, one a bucket and aggregator, and their merging.
 *
 * An aggregator is flattened: `#AGG.map({a: #AGG.sum, b: #AGG.list})` has two leaves. A leaf keeps
 * owned values and one number; what they are depends on the kind:
 *
 *   sum min max first last        at most one item
 *   list set median               the elements in order of arrival
 *   average stddev* var*          number = count; items: sum, sum of squares
 *   countWhen                     number = how many were true
 *   approxCardinality             one STRING item: the registers (engine/cardinality.h)
 *
 * Nulls are skipped where the original would kill the job; lists, sets, first and last keep them.
 * source   golden/stateful.jsonl, golden/aggregators.jsonl (answers of 1.19 where they differ)
 */
#pragma once
#include "engine/own.h"
#include "expr/expr.h"

enum { AGGREGATE_LEAVES_MAX = 64, AGGREGATE_DEPTH_MAX = 8 };

struct leaf {
    struct value *items; /* pool block */
    uint32_t count;
    uint32_t capacity;
    int64_t number;
};

/* An aggregator with what its results look like; lives in the arena given to aggregate_make(). */
struct aggregate {
    const struct aggregator *aggregator;
    const struct type *output;
    uint32_t leaf_count;
};

/* fails    LIMIT: too many leaves or too deep */
enum status aggregate_make(const struct aggregator *aggregator, const struct type *output,
                           struct aggregate *aggregate) MUST_USE;

/* Would adding the element change nothing? Then a bucket need not be made for it.
 * in       leaves [leaf_count] of the bucket; NULL: there is none yet
 * fails    TYPE, INVALID, LIMIT: it cannot be added; message says why */
enum status aggregate_is_neutral(const struct aggregate *aggregate, const struct leaf *leaves,
                                 struct value element, struct arena *scratch, struct slice *message,
                                 bool *neutral) MUST_USE;

/* Adds the element to the leaves of its bucket. added: elements now kept more than before.
 * A failure leaves the bucket usable but perhaps half changed: call aggregate_is_neutral() first,
 * which finds every failure that is the element's fault. */
enum status aggregate_add(const struct aggregate *aggregate, struct leaf *leaves,
                          struct value element, struct pool *pool, struct arena *scratch,
                          uint32_t *added) MUST_USE;

/* Merges buckets (ascending) and gives the result as a value in `arena`; strings and nested values
 * are borrowed from the leaves. in  buckets [bucket_count][leaf_count] */
enum status aggregate_result(const struct aggregate *aggregate, const struct leaf *const *buckets,
                             uint32_t bucket_count, struct arena *arena, struct slice *message,
                             struct value *result) MUST_USE;

/* How many elements the leaves keep, as limits count them. */
uint32_t aggregate_elements(const struct aggregate *aggregate, const struct leaf *leaves);
void aggregate_free(const struct aggregate *aggregate, struct leaf *leaves, struct pool *pool);
