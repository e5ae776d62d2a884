/* command_deadletter_list.c - `headrace deadletter list`: calls that could not be delivered, one a line. */
#include <stdio.h>

#include "host/deadletter_tool.h"

struct listing {
    struct deadletter_tool *tool;
    uint64_t left;
};

static enum status print_letter(void *context, const struct entry *dead)
{
    struct listing *listing = context;
    struct deadletter_tool *tool = listing->tool;
    bool superseded;

    if (listing->left == 0) return STATUS_OK;
    listing->left--;
    arena_reset(&tool->arena);
    buffer_clear(&tool->line);
    enum status status = dead_letter_superseded(tool->state, dead, &tool->arena, &superseded);
    if (status != STATUS_OK) return status;
    dead_letter_write(dead, superseded, &tool->arena, &tool->line);
    buffer_append_byte(&tool->line, '\n');
    if (tool->line.failed) return STATUS_LIMIT;
    return fwrite(tool->line.data, 1, tool->line.len, stdout) == tool->line.len ? STATUS_OK
                                                                                : STATUS_IO;
}

static enum exit_code list_run(const struct command_arguments *arguments)
{
    struct deadletter_tool tool;
    int64_t count;

    if (slice_to_i64(slice_of(arguments->values[1]), &count) != STATUS_OK || count < 0) {
        (void)fprintf(stderr,
                      "headrace deadletter list: --count takes a number from 0 on, not %s\n",
                      arguments->values[1]);
        return EXIT_USAGE;
    }
    enum exit_code code = deadletter_tool_open(&tool, arguments->values[0]);
    if (code != EXIT_OK) return code;
    struct listing listing = {&tool, (uint64_t)count};
    enum status status =
        dead_letters_scan(tool.state, &(struct outbox_visitor){&listing, print_letter});
    if (status == STATUS_OK && fflush(stdout) != 0) status = STATUS_IO;
    deadletter_tool_close(&tool);
    if (status == STATUS_OK) return EXIT_OK;
    (void)fprintf(stderr, "headrace deadletter list: %s\n", status_meaning(status));
    return EXIT_RUNTIME;
}

static const struct command_option list_options[] = {
    {"--data", "DIR", NULL, true, "the server's data directory; no server may be running on it"},
    {"--count", "N", "1000", false, "print at most so many, the oldest first"},
    {0},
};

const struct command command_deadletter_list = {
    "deadletter list",
    "list calls that could not be delivered, as lines of JSON",
    list_options,
    list_run,
};
