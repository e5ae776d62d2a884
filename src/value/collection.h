/* collection.h - what the folder itself needs of lists and maps beyond value.h. */
#pragma once
#include "value/value.h"

/* Short-lived memory for questions that have no arena to ask with: above the largest document. */
#define VALUE_SCRATCH_MAX ((size_t)256 * 1024 * 1024)

/* The map itself, or, if it is a lazy object that has a key twice, an eager one without the
 * repetitions (last value, first place). fails  LIMIT: arena full */
enum status map_unique(struct value map, struct arena *arena, struct value *unique) MUST_USE;
