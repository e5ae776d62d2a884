/* read.c - a file's text becomes a checked, indexed document that keeps every token.
 *
 * Nothing is interpreted here beyond "is this a scenario": what nodes mean is found when it is
 * compiled, so that a file with unknown components can still be read, shown and written. */
#include "scenario/view.h"

static enum status refuse(struct scenario_problems *problems, struct slice message,
                          struct slice text, size_t at)
{
    struct scenario_problem problem = {.severity = PROBLEM_ERROR, .message = message};

    json_position(text, at, &problem.line, &problem.column);
    scenario_problem_add(problems, NULL, 0, problem);
    return STATUS_INVALID;
}

static struct slice read_id(const struct document *document, struct arena *arena)
{
    uint32_t meta = document_member(document, 0, SLICE("metaData"));
    struct slice id = {0};

    if (meta == 0 || document->nodes[meta].kind != DOCUMENT_OBJECT) return id;
    uint32_t at = document_member(document, meta, SLICE("id"));
    uint32_t kind = at == 0 ? DOCUMENT_NULL : document->nodes[at].kind;
    if (kind != DOCUMENT_STRING && kind != DOCUMENT_ESCAPED_STRING) return id;
    if (document_string(document, at, arena, &id) != STATUS_OK) return (struct slice){0};
    return id;
}

enum status scenario_read(struct slice text, struct arena *arena,
                          struct scenario_problems *problems, struct scenario **scenario)
{
    struct json_limits limits = json_limits_default;
    struct json_error error = {0};
    struct scenario *made = arena_zalloc(arena, 1, sizeof(*made));

    *scenario = NULL;
    if (made == NULL) return STATUS_LIMIT;
    limits.bytes_max = SCENARIO_BYTES_MAX;
    if (text.len > SCENARIO_BYTES_MAX)
        return refuse(problems, SLICE("The file is larger than 8 MiB"), text, 0);
    enum status status = json_parse(text, &limits, arena, &made->document, &error);
    if (status != STATUS_OK) {
        const char *why = error.message == NULL ? "it is too large" : error.message;

        return refuse(problems, TEXT(arena, SLICE("The file is no JSON: "), slice_of(why)), text,
                      error.at <= text.len ? error.at : text.len);
    }
    const struct document *document = &made->document;
    if (document->nodes[0].kind != DOCUMENT_OBJECT) {
        return refuse(problems, SLICE("A scenario is a JSON object with `metaData` and `nodes`"),
                      text, 0);
    }
    uint32_t nodes = document_member(document, 0, SLICE("nodes"));
    if (nodes == 0 || document->nodes[nodes].kind != DOCUMENT_ARRAY) {
        return refuse(problems, SLICE("The file has no array `nodes`: it is no scenario"), text,
                      nodes == 0 ? 0 : document->nodes[nodes].start);
    }
    made->id = read_id(document, arena);
    *scenario = made;
    return STATUS_OK;
}

struct slice scenario_id(const struct scenario *scenario)
{
    return scenario->id;
}

const struct document *scenario_document(const struct scenario *scenario)
{
    return &scenario->document;
}
