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
    struct model *model;  /* NULL: it could not be opened, see installation_open_any() */
    struct slice trouble; /* then: directory, file, what is wrong, what to do */
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

/* The same, but a model that cannot be opened is there without answering anything: the others, and who collects
 * events, are none the worse for it. */
enum status installation_open_any(const char *config_path, struct installation *installation,
                                  struct buffer *message) MUST_USE;

/* The next model that could not be opened, from `from` on; NULL: no more. */
const struct installation_model *installation_missing(const struct installation *installation,
                                                      uint32_t *from);

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
