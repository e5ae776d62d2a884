/* command_topic_write.c - `headrace topic write`: appends lines to a topic, which is made if there is
 * none. It ends well only when every line is on the disk. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "host/topic_tool.h"
#include "sys/clock.h"

enum { ARENA_BYTES_MAX = 512 * 1024 * 1024, RETRY_NS = 1000000 };

struct writing {
    struct log *log;
    uint32_t topic_id;
    struct buffer batch;
    struct topic_lines lines;
    struct arena arena;
    uint64_t line_number;
    uint64_t submitted;            /* appends */
    atomic_uint_fast64_t answered; /* appends */
    atomic_int worst;              /* enum status */
};

static void answered(void *context, enum status status, uint64_t first_offset, uint64_t lsn)
{
    struct writing *writing = context;

    (void)first_offset;
    (void)lsn;
    if (status != STATUS_OK) atomic_store(&writing->worst, (int)status);
    atomic_fetch_add(&writing->answered, 1);
}

static void pause_a_little(void)
{
    static const struct timespec pause = {.tv_nsec = RETRY_NS};

    (void)nanosleep(&pause, NULL);
}

/* What is in the batch goes to the log; another begins. */
static enum status flush(struct writing *writing)
{
    struct log_part part = {writing->topic_id, buffer_slice(&writing->batch)};
    struct log_append append = {
        .parts = &part, .part_count = 1, .done = answered, .context = writing};
    enum status status = STATUS_OK;

    if (record_batch_count(part.batch) > 0) {
        while ((status = log_submit(writing->log, &append)) == STATUS_AGAIN)
            pause_a_little();
        if (status == STATUS_OK) writing->submitted++;
    }
    record_batch_begin(&writing->batch, clock_wall_ms());
    return status;
}

static enum status add_line(struct writing *writing, struct slice line)
{
    struct record record;

    arena_reset(&writing->arena);
    writing->lines.now_ms = clock_wall_ms();
    enum status status = topic_line_read(&writing->lines, line, &record);
    if (status != STATUS_OK) return status;
    status = record_batch_add(&writing->batch, &record);
    if (status == STATUS_AGAIN) {
        status = flush(writing);
        if (status == STATUS_OK) status = record_batch_add(&writing->batch, &record);
    }
    return status;
}

static enum status add_lines(struct writing *writing)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t len;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && (len = getline(&text, &capacity, stdin)) > 0) {
        if (text[len - 1] == '\n') len--;
        writing->line_number++;
        if (len > 0) status = add_line(writing, (struct slice){(uint8_t *)text, (size_t)len});
    }
    free(text);
    if (status == STATUS_OK && ferror(stdin) != 0) status = STATUS_IO;
    return status;
}

/* Lines before a bad one are written, so that the message's line is where to go on. */
static enum status write_all(struct writing *writing)
{
    enum status status = add_lines(writing);

    if (status != STATUS_OK) {
        (void)fprintf(stderr, "headrace topic write: line %llu: %.*s\n",
                      (unsigned long long)writing->line_number, (int)writing->lines.message.len,
                      (const char *)writing->lines.message.data);
        if (writing->lines.message.len == 0)
            (void)fprintf(stderr, "  %s\n", status_meaning(status));
        (void)fprintf(stderr, "  the lines before it are written\n");
    }
    enum status flushed = flush(writing);
    while (atomic_load(&writing->answered) < writing->submitted)
        pause_a_little();
    if (flushed == STATUS_OK) flushed = (enum status)atomic_load(&writing->worst);
    if (flushed != STATUS_OK) {
        (void)fprintf(stderr, "headrace topic write: not everything is written: %s\n",
                      status_meaning(flushed));
    }
    return status == STATUS_OK ? flushed : status;
}

static enum status topic_make(struct log *log, const char *name, struct topic_info *info)
{
    struct topic_options for_ever = {-1, -1};
    uint32_t id;

    if (log_topic_find(log, slice_of(name), info) == STATUS_OK) return STATUS_OK;
    enum status status = log_topic_declare(log, slice_of(name), &for_ever, &id);
    if (status == STATUS_OK) return log_topic_find(log, slice_of(name), info);
    (void)fprintf(stderr, "headrace topic write: %s: %s\n", name,
                  status == STATUS_INVALID
                      ? "a topic name has letters, digits, '.', '_' and '-' only"
                      : status_meaning(status));
    return status;
}

static enum exit_code write_run(const struct command_arguments *arguments)
{
    struct writing writing = {.lines.bare = arguments->values[2] != NULL};
    struct topic_info before;
    struct topic_info after;
    enum exit_code code =
        topic_log_open(arguments->values[1], true,
                       "while it runs, POST /topics/NAME on collect.listen appends", &writing.log);

    if (code != EXIT_OK) return code;
    if (topic_make(writing.log, arguments->values[0], &before) != STATUS_OK) {
        log_close(writing.log);
        return EXIT_INPUT;
    }
    writing.topic_id = before.id;
    buffer_init(&writing.batch, (size_t)RECORD_BYTES_MAX + RECORD_BATCH_BYTES_MAX);
    buffer_init(&writing.lines.message, 4096);
    arena_init(&writing.arena, ARENA_BYTES_MAX);
    writing.lines.arena = &writing.arena;
    record_batch_begin(&writing.batch, clock_wall_ms());
    enum status status = write_all(&writing);
    if (log_topic_find(writing.log, slice_of(arguments->values[0]), &after) == STATUS_OK) {
        (void)printf("%llu records written to %s\n",
                     (unsigned long long)(after.next_offset - before.next_offset), after.name);
    }
    log_close(writing.log);
    arena_deinit(&writing.arena);
    buffer_deinit(&writing.lines.message);
    buffer_deinit(&writing.batch);
    if (status == STATUS_OK) return EXIT_OK;
    return status == STATUS_INVALID || status == STATUS_LIMIT ? EXIT_INPUT : EXIT_RUNTIME;
}

static const struct command_option write_options[] = {
    {"NAME", NULL, NULL, true, "the topic; made if there is none"},
    {"--data", "DIR", NULL, true, "the server's data directory; no server may be running on it"},
    {"--bare", NULL, NULL, false, "each line is a value; else {\"key\",\"timestamp\",\"value\"}"},
    {0},
};

const struct command command_topic_write = {
    "topic write",
    "append lines from standard input to a topic",
    write_options,
    write_run,
};
