/* command.h - the command line: one row a command; --help is made from the rows. */
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
    const char *name;     /* "--config" or "NAME" for a positional argument */
    const char *argument; /* "FILE"; NULL: a flag; ignored for positionals */
    const char *initial;  /* default as text; NULL: none */
    bool required;
    const char *meaning;
};

enum { COMMAND_OPTIONS_MAX = 16 };

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

/* One per command; each is defined beside its code in host/. */
extern const struct command command_serve;
extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_expr_eval;
extern const struct command command_topic_list;
extern const struct command command_topic_read;
extern const struct command command_topic_write;
extern const struct command command_model_import;
extern const struct command command_model_show;
extern const struct command command_bench_score;
extern const struct command command_bench_replay;
extern const struct command command_deadletter_list;
extern const struct command command_deadletter_replay;
