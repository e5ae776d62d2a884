/* duration.h - between duration.c and duration_text.c. */
#pragma once
#include "expr/methods/methods.h"

enum { NANOS_PER_SECOND = 1000000000, NANOS_PER_MILLI = 1000000, SECONDS_PER_DAY = 86400 };

/* Total nanoseconds need 94 bits; everything is computed in 128. */
__extension__ typedef __int128 wide;

struct value duration_make(int64_t seconds, int32_t nanos);
/* The call's result, if it has a long's seconds. */
enum status duration_give(struct call *call, wide nanos);
wide duration_floor_div(wide number, wide divisor);
