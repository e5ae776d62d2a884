/* plan_text.h - a plan as lines of text, for tests: what runs, what it reads, where it goes. */
#pragma once
#include "scenario/scenario.h"

/* One line a node:
 *   1 variable "name" slug:String[3] reads 1 -> 2
 *   7 sliding "name" agg:Long[8] key[9] reads 3 4 live 3 8 -> 8 */
void plan_to_text(const struct plan *plan, struct buffer *out);

/* Reads a whole file below tests/data/scenario; fails the test if it cannot. */
struct slice data_file(const char *name, struct arena *arena);
