/* command_version.c - `headrace version`. */
#include <stdio.h>

#include "host/command.h"

static enum exit_code version_run(const struct command_arguments *arguments)
{
    (void)arguments;
#ifdef HEADRACE_KILLPOINTS
    (void)puts("headrace " HEADRACE_VERSION " (with kill points: for tests only)");
#else
    (void)puts("headrace " HEADRACE_VERSION);
#endif
    return EXIT_OK;
}

static const struct command_option version_options[] = {{0}};

const struct command command_version = {
    "version",
    "print the version",
    version_options,
    version_run,
};
