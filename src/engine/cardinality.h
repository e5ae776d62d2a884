/* cardinality.h - #AGG.approxCardinality: HyperLogLog++ with 32 registers, as the original has it.
 *
 * A sketch is a STRING of bytes:  | registers[32] | count u8 | index u16 le ... |
 * While at most CARDINALITY_SPARSE_MAX different 10-bit indices were seen they are listed, sorted,
 * and counted linearly; with more, count is 255 and the registers alone speak.
 *
 * source   Heule, Nunkesser, Hall: HyperLogLog in Practice (EDBT 2013); elements are hashed by
 *          their printed form with MurmurHash64A
 */
#pragma once
#include "value/value.h"

enum { CARDINALITY_REGISTERS = 32, CARDINALITY_SPARSE_MAX = 24 };

/* sketch NULL-kind: empty. The new sketch lives in the arena. */
enum status cardinality_add(struct value sketch, struct value element, struct arena *arena,
                            struct value *out) MUST_USE;
enum status cardinality_merge(struct value left, struct value right, struct arena *arena,
                              struct value *out) MUST_USE;

/* Would adding the element change nothing? */
enum status cardinality_has(struct value sketch, struct value element, struct arena *arena,
                            bool *has) MUST_USE;
int64_t cardinality_estimate(struct value sketch);
