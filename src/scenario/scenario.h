/* scenario.h - Nussknacker's scenario files: read, check, compile, write back.
 *
 * The parsed document is the truth: reading keeps every token, so writing loses nothing, unknown
 * members included. Three generations are understood (before 1.12, 1.12-1.18, 2026 with `name`).
 */
#pragma once
#include "codec/json.h"
#include "scenario/plan.h"

enum { SCENARIO_BYTES_MAX = 8 * 1024 * 1024, SCENARIO_PROBLEMS_MAX = 200 };

enum problem_severity { PROBLEM_WARNING, PROBLEM_ERROR };

/* One thing wrong with a scenario, as `headrace check` prints it. */
struct scenario_problem {
    enum problem_severity severity;
    struct slice node;  /* node id; empty: the scenario itself */
    struct slice field; /* parameter or field; empty: the node itself */
    struct slice message;
    uint32_t start; /* UTF-16 units into the field's expression; 0, 0 if it has none */
    uint32_t end;
    uint32_t line;   /* of the node (or syntax error) in the file; 1-based */
    uint32_t column; /* in bytes, 1-based */
};

struct scenario_problems {
    struct scenario_problem items[SCENARIO_PROBLEMS_MAX];
    uint32_t count;
    uint32_t error_count; /* also those that found no room */
};

struct component; /* scenario/components.h */

struct scenario; /* lives in the arena it was read into */

/* Reads a file's text (must outlive the scenario). A text that is no JSON or no scenario at all is
 * INVALID with a problem; unknown components are only found by scenario_compile(). */
enum status scenario_read(struct slice text, struct arena *arena,
                          struct scenario_problems *problems, struct scenario **scenario) MUST_USE;

struct slice scenario_id(const struct scenario *scenario);
const struct document *scenario_document(const struct scenario *scenario);

/* The file again, token for token, indented by 2. */
void scenario_write(const struct scenario *scenario, struct buffer *out);

/* A model as a node asks for it: the enricher's id, the names in the registry. */
struct scenario_model {
    struct slice component;
    struct slice name;
    struct slice version;
};

/* What the installation offers to scenarios; the host answers. NULL answers mean "there is none". */
struct scenario_environment {
    void *context;
    /* JSON Schema text of a topic; an empty slice: schemaless; false: no such topic. */
    bool (*topic)(void *context, struct slice name, struct slice *schema_text);
    /* Signature of a model version as record types (NULL: not known); false: no such model. */
    bool (*model)(void *context, const struct scenario_model *wanted, struct arena *arena,
                  const struct type **inputs, const struct type **outputs);
    /* Text of a setting for a node by its name, e.g. ("Infer", "visitor"): an expression; empty:
     * none. NULL: no settings at all. */
    struct slice (*node_setting)(void *context, struct slice node_name, const char *setting);
    /* Components of the installation's own, found before the built-in rows. A source of such a row
     * reads the topic named like the component; a service is a pure call; a sink shows its values. */
    const struct component *components;
    uint32_t component_count;
    const struct zones *zones; /* time zones of expressions; outlive the plan; NULL: offsets only */
    const struct dictionaries *dictionaries; /* of expressions, likewise; NULL: none */
};

/* Checks everything and makes the plan. With any error problem: INVALID and no plan. */
enum status scenario_compile(const struct scenario *scenario,
                             const struct scenario_environment *environment, struct arena *arena,
                             struct scenario_problems *problems, const struct plan **plan) MUST_USE;
