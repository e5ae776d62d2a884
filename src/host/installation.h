/* installation.h - what a configuration offers to scenarios: topics, models, node settings.
 *
 * Shared by `serve`, `run` and `check`, so that a scenario means the same in all of them.
 */
#pragma once
#include "host/expression_tables.h"
#include "model/model.h"
#include "scenario/scenario.h"

struct installation_model {
    const struct config_model *config;
    struct model *model;
};

struct installation {
    struct config config;
    struct arena arena; /* `process`: schemas, plans */
    struct installation_model *models;
    uint32_t model_count;
    struct expression_tables tables;
    struct scenario_environment environment;
};

/* Loads the configuration (NULL: defaults) and the models it names.
 * fails    with a message that says which file, where, what to do */
enum status installation_open(const char *config_path, struct installation *installation,
                              struct buffer *message) MUST_USE;
void installation_close(struct installation *installation);

/* The model a call names; NULL if the configuration has none. */
struct model *installation_model_find(const struct installation *installation, struct slice model,
                                      struct slice version);

/* Reads and compiles a scenario file; every problem is appended to `message`, one a line.
 * lives    the plan in installation->arena */
enum status installation_compile(struct installation *installation, const char *path,
                                 const struct plan **plan, const struct scenario **scenario,
                                 struct buffer *message) MUST_USE;

/* Limits of engines as configured. */
struct engine_limits;
void installation_engine_limits(const struct installation *installation,
                                struct engine_limits *limits);
