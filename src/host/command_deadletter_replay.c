/* command_deadletter_replay.c - `headrace deadletter replay`: puts dead letters back into the outbox; the
 * server sends them when it runs again. */
#include <stdio.h>
#include <stdlib.h>

#include "host/deadletter_tool.h"

enum { IDS_BYTES_MAX = 64 * 1024 * 1024 };

struct replaying {
    struct deadletter_tool *tool;
    struct buffer ids; /* of --all: sized texts */
    bool force;
    uint64_t skipped;
};

/* The letter is in the outbox again, or was left for a reason that was told. */
static enum status replay_one(struct replaying *replaying, struct slice id)
{
    struct deadletter_tool *tool = replaying->tool;
    struct entry dead;

    arena_reset(&tool->arena);
    enum status status = dead_letter_find(tool->state, id, &tool->arena, &dead);
    if (status == STATUS_OK)
        status = dead_letter_replay(tool->state, &dead, replaying->force, &tool->arena);
    if (status == STATUS_OK) {
        (void)printf("%.*s\n", (int)id.len, (const char *)id.data);
    } else if (status == STATUS_INVALID) {
        replaying->skipped++;
        (void)fprintf(stderr,
                      "headrace deadletter replay: %.*s: a newer call of its key was delivered "
                      "since, it would overwrite it; --superseded sends it all the same\n",
                      (int)id.len, (const char *)id.data);
        status = STATUS_OK;
    } else if (status == STATUS_NOT_FOUND) {
        (void)fprintf(stderr,
                      "headrace deadletter replay: there is no dead letter %.*s; `headrace "
                      "deadletter list` shows their ids\n",
                      (int)id.len, (const char *)id.data);
    }
    return status;
}

static enum status note_id(void *context, const struct entry *dead)
{
    struct replaying *replaying = context;
    struct buffer *id = &replaying->tool->line;

    buffer_clear(id);
    dead_letter_write_id(dead, id);
    buffer_append_sized(&replaying->ids, buffer_slice(id));
    return id->failed || replaying->ids.failed ? STATUS_LIMIT : STATUS_OK;
}

/* The ids first: what is scanned must not change under the scan. */
static enum status replay_all(struct replaying *replaying)
{
    enum status status =
        dead_letters_scan(replaying->tool->state, &(struct outbox_visitor){replaying, note_id});
    struct byte_reader reader = byte_reader(buffer_slice(&replaying->ids));

    while (status == STATUS_OK && reader.next < reader.end)
        status = replay_one(replaying, read_sized(&reader));
    return status;
}

static enum exit_code replay_run(const struct command_arguments *arguments)
{
    struct deadletter_tool tool;
    struct replaying replaying = {.tool = &tool, .force = arguments->values[3] != NULL};
    const char *id = arguments->values[0];
    bool all = arguments->values[2] != NULL;

    if ((id != NULL) == all) {
        (void)fputs("headrace deadletter replay: name one dead letter, or give --all\n", stderr);
        return EXIT_USAGE;
    }
    enum exit_code code = deadletter_tool_open(&tool, arguments->values[1]);
    if (code != EXIT_OK) return code;
    buffer_init(&replaying.ids, IDS_BYTES_MAX);
    enum status status = all ? replay_all(&replaying) : replay_one(&replaying, slice_of(id));
    buffer_deinit(&replaying.ids);
    deadletter_tool_close(&tool);
    if (status == STATUS_OK) return replaying.skipped > 0 ? EXIT_PROBLEMS : EXIT_OK;
    if (status == STATUS_NOT_FOUND) return EXIT_INPUT;
    (void)fprintf(stderr, "headrace deadletter replay: %s\n", status_meaning(status));
    return EXIT_RUNTIME;
}

static const struct command_option replay_options[] = {
    {"ID", NULL, NULL, false, "id of one dead letter, as `deadletter list` prints it"},
    {"--data", "DIR", NULL, true, "the server's data directory; no server may be running on it"},
    {"--all", NULL, NULL, false, "all dead letters"},
    {"--superseded", NULL, NULL, false,
     "also letters whose key had a newer call delivered: they will overwrite it"},
    {0},
};

const struct command command_deadletter_replay = {
    "deadletter replay",
    "put calls that could not be delivered back into the outbox",
    replay_options,
    replay_run,
};
