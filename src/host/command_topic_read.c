/* command_topic_read.c - `headrace topic read`: records of one topic as lines of JSON. */
#include <stdio.h>

#include "base/arena.h"
#include "host/topic_tool.h"

enum { ARENA_BYTES_MAX = 512 * 1024 * 1024 };

struct reading {
    struct topic_info info;
    uint64_t from;
    uint64_t left; /* how many to print yet */
    struct arena arena;
    struct buffer line;
};

static enum status print_record(void *context, const struct record *record)
{
    struct reading *reading = context;

    if (reading->left == 0) return STATUS_AGAIN;
    arena_reset(&reading->arena);
    buffer_clear(&reading->line);
    topic_line_write(slice_of(reading->info.name), record, &reading->arena, &reading->line);
    if (reading->line.failed) return STATUS_LIMIT;
    if (fwrite(reading->line.data, 1, reading->line.len, stdout) != reading->line.len)
        return STATUS_IO;
    return --reading->left == 0 ? STATUS_AGAIN : STATUS_OK;
}

static enum status print_topic(struct log *log, struct reading *reading)
{
    enum status status =
        log_topic_each(log, reading->info.id, reading->from, reading, print_record);

    return fflush(stdout) != 0 ? STATUS_IO : status;
}

static enum exit_code number_read(const char *option, const char *text, uint64_t *number)
{
    int64_t value = 0;

    if (text == NULL) return EXIT_OK;
    if (slice_to_i64(slice_of(text), &value) != STATUS_OK || value < 0) {
        (void)fprintf(stderr, "headrace topic read: %s takes a number from 0 on, not %s\n", option,
                      text);
        return EXIT_USAGE;
    }
    *number = (uint64_t)value;
    return EXIT_OK;
}

static enum exit_code read_run(const struct command_arguments *arguments)
{
    struct reading reading = {.left = UINT64_MAX};
    struct log *log;
    enum exit_code code = number_read("--from", arguments->values[2], &reading.from);

    if (code == EXIT_OK) code = number_read("--count", arguments->values[3], &reading.left);
    if (code != EXIT_OK) return code;
    code = topic_log_open(arguments->values[1], false, TOPICS_OF_A_SERVER, &log);
    if (code != EXIT_OK) return code;
    code = topic_must_find(log, arguments->values[0], &reading.info);
    if (code == EXIT_OK) {
        arena_init(&reading.arena, ARENA_BYTES_MAX);
        buffer_init(&reading.line, ARENA_BYTES_MAX);
        enum status status = print_topic(log, &reading);
        if (status != STATUS_OK) {
            (void)fprintf(stderr, "headrace topic read: %s\n", status_meaning(status));
            code = EXIT_RUNTIME;
        }
        buffer_deinit(&reading.line);
        arena_deinit(&reading.arena);
    }
    log_close(log);
    return code;
}

static const struct command_option read_options[] = {
    {"NAME", NULL, NULL, true, "the topic"},
    {"--data", "DIR", NULL, true, "the server's data directory; no server may be running on it"},
    {"--from", "OFFSET", NULL, false, "begin with this offset (default: the oldest kept)"},
    {"--count", "N", NULL, false, "print at most N records (default: all)"},
    {0},
};

const struct command command_topic_read = {
    "topic read",
    "print the records of a topic as lines of JSON",
    read_options,
    read_run,
};
