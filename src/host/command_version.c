/* command_version.c - `headrace version`. */
#include <stdio.h>

#include "host/command.h"
#include "sys/killpoint.h"

enum { LIST_BYTES_MAX = 64 * 1024 };

static void print_killpoints(void)
{
    struct buffer list;

    buffer_init(&list, LIST_BYTES_MAX);
    killpoint_list(&list);
    (void)fwrite(list.data, 1, list.len, stdout);
    buffer_deinit(&list);
}

static enum exit_code version_run(const struct command_arguments *arguments)
{
    if (arguments->values[0] != NULL) {
        print_killpoints();
        return EXIT_OK;
    }
#ifdef HEADRACE_KILLPOINTS
    (void)puts("headrace " HEADRACE_VERSION " (with kill points: for tests only)");
#else
    (void)puts("headrace " HEADRACE_VERSION);
#endif
    return EXIT_OK;
}

static const struct command_option version_options[] = {
    {"--killpoints", NULL, NULL, false,
     "list where a test build can be made to die (else nothing)"},
    {0},
};

const struct command command_version = {
    "version",
    "print the version",
    version_options,
    version_run,
};
