/* topic_tool.h - what the `topic` commands share: they open the data directory themselves, so no server
 * may own it meanwhile. */
#pragma once
#include "base/arena.h"
#include "host/command.h"
#include "log/log.h"

enum { TOPIC_LINE_BYTES_MAX = 16 * 1024 * 1024 };

#define TOPICS_OF_A_SERVER "while it runs, the page on api.listen shows its last records"

/* Opens DIRECTORY/log; unless `create`, there must be one.
 * fails    NOT_FOUND, IO, CORRUPT, AGAIN; message says what is wrong, and what to do `instead` while a
 *          server runs on it */
enum status topic_log_find(const char *directory, bool create, const char *instead,
                           struct log **log, struct buffer *message) MUST_USE;

/* The topic of that name. fails  NOT_FOUND; message */
enum status topic_find(struct log *log, const char *name, struct topic_info *info,
                       struct buffer *message) MUST_USE;

/* The same two, said on standard error. */
enum exit_code topic_log_open(const char *directory, bool create, const char *instead,
                              struct log **log);
enum exit_code topic_must_find(struct log *log, const char *name, struct topic_info *info);

/* One line of JSON, line end included. The value: objects, arrays, numbers, true and false as they are;
 * every other bytes as a string, what is not UTF-8 in it as U+FFFD; null for none. Pair: topic_line_read */
void topic_line_write(struct slice topic, const struct record *record, struct arena *arena,
                      struct buffer *out);

struct topic_lines {
    bool bare;             /* the whole line is the value */
    int64_t now_ms;        /* timestamp of lines without one */
    struct arena *arena;   /* records live in it, and in their line */
    struct buffer message; /* what is wrong, where */
    struct record_header headers[RECORD_HEADERS_MAX];
};

/* A line {"key","timestamp","value","headers"} as a record. fails  INVALID, LIMIT: see the message */
enum status topic_line_read(struct topic_lines *lines, struct slice line,
                            struct record *record) MUST_USE;
