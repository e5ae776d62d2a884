/* promote.h - arithmetic over mixed numbers as the aggregators promote them.
 *
 * Three ladders decide the class of a result:
 *   sum       BigDecimal, else Double (Float, Double), else BigInteger, else Long (wraps)
 *   order     BigDecimal, Double, Float, BigInteger, Long, Integer, Short, Byte: the higher of two
 *   floating  BigDecimal, else Double (Float, Double), else BigDecimal (BigInteger), else Double
 *
 * fails    TYPE: not a number; INVALID: NaN or infinite met a BigDecimal; LIMIT: arena or digits
 * source   golden/aggregators.jsonl; decimal division and root round to 34 digits, half even
 */
#pragma once
#include "value/value.h"

bool promote_is_number(struct value value);
bool promote_is_zero(struct value number);

/* One number alone, as a first element is taken over. */
enum status promote_sum_one(struct value number, struct arena *arena, struct value *out) MUST_USE;
enum status promote_floating_one(struct value number, struct arena *arena,
                                 struct value *out) MUST_USE;

enum status promote_sum(struct value left, struct value right, struct arena *arena,
                        struct value *out) MUST_USE;

/* The smaller (larger) in the higher class; `left` when they are equal. */
enum status promote_min(struct value left, struct value right, struct arena *arena,
                        struct value *out) MUST_USE;
enum status promote_max(struct value left, struct value right, struct arena *arena,
                        struct value *out) MUST_USE;

/* Order as Java's compareTo: -0.0 below 0.0, NaN above all. */
enum status promote_compare(struct value left, struct value right, struct arena *arena,
                            int *order) MUST_USE;

/* Floating ladder. */
enum status promote_add(struct value left, struct value right, struct arena *arena,
                        struct value *out) MUST_USE;
enum status promote_subtract(struct value left, struct value right, struct arena *arena,
                             struct value *out) MUST_USE;
enum status promote_square(struct value number, struct arena *arena, struct value *out) MUST_USE;
enum status promote_divide_count(struct value number, int64_t count, struct arena *arena,
                                 struct value *out) MUST_USE;
enum status promote_scale(struct value number, double factor, struct arena *arena,
                          struct value *out) MUST_USE;
enum status promote_root(struct value number, struct arena *arena, struct value *out) MUST_USE;

/* Members of a #AGG.set: numbers by value across classes, but Big* only within their own. */
bool promote_same_member(struct value left, struct value right);
uint64_t promote_member_hash(struct value member);
