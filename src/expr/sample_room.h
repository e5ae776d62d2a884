/* sample_room.h - between sample_read.c and sample.c. */
#pragma once
#include "expr/sample.h"

/* A text as a value of a class that JSON has no form for (a date, a duration).
 * fails    INVALID */
enum status sample_scalar(struct slice text, enum class_id class_id, const struct zones *zones,
                          struct arena *arena, struct value *value) MUST_USE;
