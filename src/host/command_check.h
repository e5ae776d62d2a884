/* command_check.h - checking a scenario file against an environment; `headrace check` and tests. */
#pragma once
#include <stdio.h>

#include "host/command.h"
#include "scenario/scenario.h"

/* Prints each problem of the file as one JSON line
 *   {"node","field","message","position":{"start","end","line","column"},"severity"}
 * to `out`; start and end are UTF-16 units of the field's expression, as editors count, line and
 * column the node's place in the file, the column in bytes. environment NULL: every topic is schemaless, no signature of a model is known.
 * EXIT_OK without errors (warnings may be), EXIT_PROBLEMS with, EXIT_INPUT: no such file */
enum exit_code check_scenario(const char *path, const struct scenario_environment *environment,
                              FILE *out);
