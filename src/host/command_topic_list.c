/* command_topic_list.c - `headrace topic list`: what a data directory holds, one line a topic. */
#include <stdio.h>
#include <stdlib.h>

#include "host/topic_tool.h"

static void print_topic(const struct topic_info *info)
{
    (void)printf("{\"topic\":\"%s\",\"first_offset\":%llu,\"next_offset\":%llu,\"records\":%llu,"
                 "\"bytes\":%llu,\"retention_ms\":%lld,\"retention_bytes\":%lld}\n",
                 info->name, (unsigned long long)info->first_offset,
                 (unsigned long long)info->next_offset,
                 (unsigned long long)(info->next_offset - info->first_offset),
                 (unsigned long long)info->bytes, (long long)info->options.retention_ms,
                 (long long)info->options.retention_bytes);
}

static enum exit_code list_run(const struct command_arguments *arguments)
{
    struct log *log;
    enum exit_code code = topic_log_open(arguments->values[0], false, TOPICS_OF_A_SERVER, &log);

    if (code != EXIT_OK) return code;
    struct topic_info *infos = calloc(TOPICS_MAX, sizeof(*infos));
    uint32_t count = infos == NULL ? 0 : log_topic_list(log, infos, TOPICS_MAX);
    for (uint32_t i = 0; i < count; i++)
        print_topic(&infos[i]);
    free(infos);
    log_close(log);
    return infos == NULL ? EXIT_RUNTIME : EXIT_OK;
}

static const struct command_option list_options[] = {
    {"--data", "DIR", NULL, true, "the server's data directory; no server may be running on it"},
    {0},
};

const struct command command_topic_list = {
    "topic list",
    "list the topics of a data directory as lines of JSON",
    list_options,
    list_run,
};
