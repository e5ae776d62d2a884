/* run.h - `headrace run`: a scenario over a file, deterministic, no server.
 *
 *   line in   {"topic","key","timestamp","value"}; topic may be left out when there is one source,
 *             timestamp when it is that of the line before (0 at first). With `bare` a line is a value.
 *   line out  {"node","topic","key","timestamp","value"}, in the order events cause them
 *   failed    {"node","error","timestamp","event"}
 *
 * The clock of an event is its timestamp. After the last line the watermark passes everything, so
 * timers fire. Watermarks between are those of engine/watermark.h.
 */
#pragma once
#include <stdio.h>

#include "host/command.h"
#include "host/installation.h"

enum { RUN_LINE_BYTES_MAX = 16 * 1024 * 1024 };

/* Performs an outside call: request and payload as in engine/calls.h. The payload lives in the arena.
 * The status is that of the reply: OK, or how the call failed (payload {"error":..}). */
typedef enum status (*run_outside)(void *context, struct config *config, struct slice request,
                                   struct arena *arena, struct slice *payload);

/* Really calls, once, as the configuration's `http` section allows. */
enum status run_outside_live(void *context, struct config *config, struct slice request,
                             struct arena *arena, struct slice *payload) MUST_USE;

struct run_options {
    const char *scenario;
    const char *input;  /* "-": standard input */
    const char *config; /* NULL: defaults */
    bool bare;
    bool state_hash;     /* say the state's hash when the input has ended, before the last timers */
    run_outside outside; /* NULL: the nodes' mocks answer */
    void *outside_context;
    FILE *out;
    FILE *messages; /* for people: what is wrong with files */
};

/* EXIT_PROBLEMS: the scenario has errors; EXIT_INPUT: a file or a line cannot be used. */
enum exit_code run_scenario(const struct run_options *options);
