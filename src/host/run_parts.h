/* run_parts.h - what the files of `headrace run` share: run.c makes and ends the run, run_lines.c takes its
 * lines, run_step.c steps them and writes what comes out. */
#pragma once
#include "codec/json.h"
#include "engine/engine.h"
#include "engine/watermark.h"
#include "host/run.h"

enum { RUN_CALL_BYTES_MAX = 64 << 20, RUN_CALLS_MAX = 4096 };

/* A reply that waits to be stepped. */
struct pending {
    uint32_t node;
    struct identity identity;
    enum status status;
    struct slice payload;
};

struct run {
    const struct run_options *options;
    struct installation installation;
    struct scenario_environment real; /* the installation's; its place takes one that knows mocks */
    const struct plan *plan;
    struct engine *engine;
    struct watermark watermark;
    uint64_t offsets[WATERMARK_SOURCES_MAX];
    int64_t time_ms; /* of the line before */
    uint64_t line;
    struct arena arena; /* one line */
    struct arena calls; /* replies of one round, and of the next */
    struct pending *pending;
    uint32_t pending_count;
    struct buffer text; /* one line out */
    struct buffer message;
};

/* Says the message; returns the code. */
enum exit_code run_complain(struct run *run, enum exit_code code);

/* Steps one input and every reply it leads to; their outputs are written. */
enum status run_step(struct run *run, struct engine_input input) MUST_USE;

/* Every line of the input; then, with nothing more to come, every timer. */
enum exit_code run_take_lines(struct run *run, FILE *input);
enum exit_code run_finish(struct run *run);
