/* command.h - the command line: one row a command; --help is made from the rows.
 *
 * Commands stand in host/command_<symbol>.c and are listed in host/commands.def.
 */
#pragma once
#include "base/base.h"

enum exit_code {
    EXIT_OK = 0,
    EXIT_PROBLEMS = 1, /* the command ran; what it looked at has errors */
    EXIT_USAGE = 2,    /* the command line itself is wrong */
    EXIT_INPUT = 3,    /* a file, directory or configuration cannot be used */
    EXIT_RUNTIME = 4,  /* it started and had to stop */
};

struct command_option {
    const char *name;     /* "--config", or "SCENARIO" for a positional argument */
    const char *argument; /* "FILE"; NULL: a flag ("yes" when given); NULL for positionals */
    const char *initial;  /* default as text; NULL: none */
    bool required;
    const char *meaning;
};

enum { COMMAND_OPTIONS_MAX = 20 };

/* Values in the order of the command's option rows; NULL: not given and no default. */
struct command_arguments {
    const char *values[COMMAND_OPTIONS_MAX];
};

struct command {
    const char *name; /* "run", "topic read" */
    const char *meaning;
    const struct command_option *options; /* ends with a row whose name is NULL */
    enum exit_code (*run)(const struct command_arguments *arguments);
};

#define COMMAND(symbol) extern const struct command command_##symbol;
#include "host/commands.def"
#undef COMMAND

/* Whether a command may make or fill this directory: before the work, not after it. Says on standard error,
 * in the command's name, what stands against it. */
enum exit_code command_output_check(const char *command, const char *directory);

/* Finds the command of argv, reads its options, runs it. `--help` anywhere prints help instead. What was printed and
 * could not be written is an error, RUNTIME, whatever the command. */
enum exit_code command_main(int argc, char **argv);
