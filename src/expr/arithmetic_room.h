/* arithmetic_room.h - shared by arithmetic.c and arithmetic_order.c only. */
#pragma once
#include "expr/arithmetic.h"

enum rank { RANK_INTEGER, RANK_LONG, RANK_BIG, RANK_FLOAT, RANK_DOUBLE, RANK_DECIMAL };

enum rank number_common_rank(struct value left, struct value right);

/* fails  INVALID: it has no such form; LIMIT */
enum status number_to_big(struct value number, struct arena *arena, struct value *big) MUST_USE;
enum status number_to_decimal(struct value number, struct arena *arena,
                              struct value *decimal) MUST_USE;
