/* command_run.c - `headrace run SCENARIO --input FILE`. */
#include "host/run.h"

static enum exit_code run_run(const struct command_arguments *arguments)
{
    struct run_options options = {
        .scenario = arguments->values[0],
        .input = arguments->values[1],
        .config = arguments->values[2],
        .bare = arguments->values[4] != NULL,
        .state_hash = arguments->values[5] != NULL,
        .out = stdout,
        .messages = stderr,
    };
    const char *effects = arguments->values[3];

    if (strcmp(effects, "live") == 0) {
        options.outside = run_outside_live;
    } else if (strcmp(effects, "mock") != 0) {
        (void)fprintf(stderr, "headrace run: --effects is live or mock, not %s\n", effects);
        return EXIT_USAGE;
    }
    return run_scenario(&options);
}

static const struct command_option run_options[] = {
    {"SCENARIO", NULL, NULL, true, "the scenario file"},
    {"--input", "FILE|-", NULL, true,
     "lines {\"topic\",\"key\",\"timestamp\",\"value\"}; - reads standard input"},
    {"--config", "FILE", NULL, false, "topics with schemas, models, node settings"},
    {"--effects", "live|mock", "mock", false,
     "live performs outside calls; mock asks the nodes' mocks"},
    {"--bare", NULL, NULL, false, "every line is a value of the one source"},
    {"--state-hash", NULL, NULL, false,
     "say a hash of the keyed state on standard error; a server says it when it stops"},
    {0},
};

const struct command command_run = {
    "run",
    "run a scenario over a file: deterministic, no server",
    run_options,
    run_run,
};
