/* problems.h - collecting what is wrong with a scenario (private to scenario/). */
#pragma once
#include "scenario/scenario.h"

/* Adds a problem whose place is node `at` of the document (0: the whole file); the first
 * SCENARIO_PROBLEMS_MAX are kept, all errors are counted. Texts must live as long as the list. */
void scenario_problem_add(struct scenario_problems *problems, const struct document *document,
                          uint32_t at, struct scenario_problem problem);

/* The parts as one text in the arena; a fixed text when the arena is full. */
struct slice scenario_text_join(struct arena *arena, const struct slice *parts, uint32_t count);
#define TEXT(arena, ...)                                           \
    scenario_text_join(arena, (const struct slice[]){__VA_ARGS__}, \
                       (uint32_t)COUNT_OF(((const struct slice[]){__VA_ARGS__})))
