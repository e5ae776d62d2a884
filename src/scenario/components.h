/* components.h - what a scenario can be made of, as data.
 *
 * One row a component: id (or pattern), palette group, parameters with type, default and meaning.
 * The compiler checks files against the rows; lists, help and forms are made from them. An
 * installation may offer rows of its own (scenario_environment.components).
 * source  nussknacker-compat §2 in docs/scenarios.md
 */
#pragma once
#include "scenario/plan.h"

enum parameter_flags {
    PARAMETER_EAGER = 1,     /* known when the plan is made; sees no variable of an event */
    PARAMETER_OPTIONAL = 2,  /* blank means null */
    PARAMETER_NOT_BLANK = 4, /* '' is refused as well */
};

struct component_parameter {
    const char *name;    /* NULL ends the rows */
    enum class_id type;  /* CLASS_Object: anything */
    uint32_t flags;      /* enum parameter_flags */
    const char *initial; /* expression when the file has none; NULL: it must have one */
    const char *choices; /* the values there are, "JSON|PLAIN"; NULL: any */
    const char *meaning;
};

enum component_role {
    COMPONENT_BUILT_IN, /* node types of their own: filter, variable, ... */
    COMPONENT_SOURCE,
    COMPONENT_SINK,
    COMPONENT_SERVICE, /* enrichers and processors */
    COMPONENT_CUSTOM,
};

struct component {
    const char *id; /* a leading * stands for any prefix: "*-mlflow" */
    enum component_role role;
    enum plan_kind kind;
    const char *group; /* of the palette */
    bool dynamic; /* parameters depend on parameters: missing ones have defaults, extra ones are
                          ignored */
    const struct component_parameter *parameters;
    const struct type *output; /* SOURCE, SERVICE: of the installation's own rows; NULL: none */
    const char *meaning;
};

extern const struct component components[];
extern const uint32_t component_count;

struct scenario_environment;

/* The row for an id in a role; an installation's own rows (NULL: none) come first. NULL: unknown. */
const struct component *component_find(const struct scenario_environment *environment,
                                       enum component_role role, struct slice id);

const struct component_parameter *component_parameter(const struct component *component,
                                                      const char *name);
