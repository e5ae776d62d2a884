/* deadletter_tool.c - the log is opened for its lock: one process owns a data directory. */
#include "host/deadletter_tool.h"

#include <stdio.h>

#include "host/topic_tool.h"

enum { ARENA_BYTES_MAX = 256 * 1024 * 1024, MESSAGE_BYTES_MAX = 8192 };
static const uint64_t map_bytes = 8ULL << 30U; /* an environment that is larger keeps its size */

enum exit_code deadletter_tool_open(struct deadletter_tool *tool, const char *directory)
{
    struct buffer message;

    *tool = (struct deadletter_tool){0};
    enum exit_code code = topic_log_open(
        directory, false,
        "while it runs, api.listen has GET /api/deadletters and POST /api/deadletters/ID/replay",
        &tool->log);
    if (code != EXIT_OK) return code;
    buffer_init(&message, MESSAGE_BYTES_MAX);
    enum status status = state_open(directory, map_bytes, &tool->state, &message);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "headrace: %.*s\n", (int)message.len, (const char *)message.data);
        log_close(tool->log);
        code = EXIT_INPUT;
    }
    buffer_deinit(&message);
    arena_init(&tool->arena, ARENA_BYTES_MAX);
    buffer_init(&tool->line, OUTBOX_BYTES_MAX);
    return code;
}

void deadletter_tool_close(struct deadletter_tool *tool)
{
    arena_deinit(&tool->arena);
    buffer_deinit(&tool->line);
    state_close(tool->state);
    log_close(tool->log);
}
