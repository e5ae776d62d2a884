/* deadletter_tool.h - what the `deadletter` commands share: they open the data directory themselves, so no
 * server may own it meanwhile. */
#pragma once
#include "base/bytes.h"
#include "deliver/outbox.h"
#include "host/command.h"
#include "log/log.h"

struct deadletter_tool {
    struct log *log; /* holds the directory's lock */
    struct state *state;
    struct arena arena; /* `call`: one letter */
    struct buffer line;
};

/* Says on standard error what is wrong. */
enum exit_code deadletter_tool_open(struct deadletter_tool *tool, const char *directory);
void deadletter_tool_close(struct deadletter_tool *tool);
