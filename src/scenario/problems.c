/* problems.c - problems are few and shown to people: kept in order, with the place in the file. */
#include "scenario/problems.h"

void scenario_problem_add(struct scenario_problems *problems, const struct document *document,
                          uint32_t at, struct scenario_problem problem)
{
    ASSERT(problem.start <= problem.end);
    if (problem.severity == PROBLEM_ERROR) problems->error_count++;
    if (problems->count == SCENARIO_PROBLEMS_MAX) return;
    if (problem.line == 0) {
        ASSERT(at < document->node_count);
        json_position(document->text, document->nodes[at].start, &problem.line, &problem.column);
    }
    problems->items[problems->count++] = problem;
}

struct slice scenario_text_join(struct arena *arena, const struct slice *parts, uint32_t count)
{
    size_t len = 0;

    for (uint32_t i = 0; i < count; i++)
        len += parts[i].len;
    uint8_t *text = arena_alloc(arena, len, 1);
    if (text == NULL) return SLICE("(no memory left for the message)");
    size_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].len > 0) memcpy(text + at, parts[i].data, parts[i].len);
        at += parts[i].len;
    }
    return (struct slice){text, len};
}
