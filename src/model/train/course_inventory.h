/* course_inventory.h - an inventory is judged before hours of training, not behind them. */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"

/* That the file can be used and has at least one of the handles. What else is wrong with it the export says
 * (model_suits.c).
 * in       path: NULL: there is none
 * fails    NOT_FOUND, INVALID, LIMIT, IO; message */
enum status course_inventory_check(const char *path, const struct slice *handles, uint32_t count,
                                   struct arena *arena, struct buffer *message) MUST_USE;
