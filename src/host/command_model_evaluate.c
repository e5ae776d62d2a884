/* command_model_evaluate.c - `headrace model evaluate`: how well models foretell the next click.
 *
 * All models of a run see the same training clicks and are asked the same questions. The table (or
 * with --json one JSON object) goes to standard output, progress and notes on the data to standard
 * error. The same files, options and seed give the same bytes. Interrupted (SIGINT, SIGTERM) it says
 * so; with --tune it tells the best so far.
 */
#include <stdio.h>
#include <unistd.h>

#include "host/evaluate_seen.h"
#include "host/evaluate_tune.h"
#include "host/interrupt.h"
#include "host/log_clicks.h"
#include "host/train_log.h"
#include "sys/clock.h"

enum {
    MESSAGE_BYTES_MAX = 64 * 1024,
    REPORT_BYTES_MAX = 4 << 20,
};
#define ARENA_BYTES_MAX ((size_t)16 << 30)

struct run {
    struct evaluate_options options;
    struct dataset dataset;
    struct evaluate_models models;
    struct arena arena;
    struct buffer message;
    struct buffer notes;
    struct buffer report;
    uint64_t started_ns;
    bool shows_progress;
};

static bool progress(void *context, const char *model, uint32_t done, uint32_t questions)
{
    struct run *run = context;
    double seconds = (double)(clock_monotonic_ns() - run->started_ns) / 1e9;

    if (interrupt_seen()) return false;
    if (!run->shows_progress && done < questions) return true;
    (void)fprintf(stderr, "%s%-13s %u of %u questions, %.1f s, %.0f us each%s",
                  run->shows_progress ? "\r" : "", model, done, questions, seconds,
                  seconds * 1e6 / done, done == questions ? "\n" : "");
    if (done == questions) run->started_ns = clock_monotonic_ns();
    return true;
}

/* Zeros in a table look like a bad model; mostly the names are others: the files' or the directory's. */
static void note_silent(const char *name, const struct evaluate_options *options,
                        const struct evaluation *evaluation, const struct model_result *results)
{
    if (!dataset_part_is_known(evaluation->dataset, evaluation->part)) {
        (void)fprintf(stderr,
                      "%s: no question has a click on an item of --train: are the items called "
                      "otherwise there, or all of them new?\n",
                      name);
        return;
    }
    for (uint32_t i = 0; i < evaluation->count; i++) {
        if (results[i].segments[SEGMENT_ALL].questions == 0 || results[i].answered > 0.0) continue;
        (void)fprintf(stderr, "%s answered no question with an item of these clicks%s\n",
                      results[i].name,
                      options->models[i] == MODEL_DIRECTORY
                          ? ": are its items called otherwise? (A SLi-Rec made with --inventory "
                            "answers product ids.)"
                          : "");
    }
}

/* What is asked for and can be no answer by the protocol's own rule. */
static void note_barred(const char *name, const struct dataset_part *part)
{
    uint32_t barred = dataset_part_barred(part);

    if (barred == 0) return;
    (void)fprintf(stderr,
                  "%s: %u of %u questions ask for an item that %s, so it is no answer and they "
                  "count as missed by all\n",
                  name, barred, dataset_part_questions(part),
                  part->last_only ? "was clicked before (--protocol next-click bars only the one "
                                    "clicked last)"
                                  : "was clicked last");
}

static enum status part_evaluate(struct run *run, const char *name, const struct dataset_part *part)
{
    struct model_result *results = arena_zalloc(&run->arena, EVALUATE_MODELS_MAX, sizeof(*results));

    if (part->count == 0) return STATUS_OK;
    enum seen_verdict seen[EVALUATE_MODELS_MAX];
    if (results == NULL) return STATUS_LIMIT;
    (void)fprintf(stderr, "%s: %u sessions\n", name, part->count);
    note_barred(name, part);
    evaluate_seen(&run->models, name, seen);
    run->started_ns = clock_monotonic_ns();
    const struct evaluation evaluation = {
        .dataset = &run->dataset,
        .part = part,
        .recommenders = run->models.recommenders,
        .count = run->options.model_count,
        .against = run->options.against,
        .settings = &run->options.settings,
    };
    enum status status = evaluate(&evaluation, &run->arena, results);
    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < evaluation.count; i++)
        results[i].seen = seen[i];
    note_silent(name, &run->options, &evaluation, results);
    if (run->options.json) {
        if (run->report.data[run->report.len - 1] == '}') buffer_append_byte(&run->report, ',');
        evaluate_json(name, &evaluation, results, &run->report);
    } else {
        buffer_append_byte(&run->report, '\n');
        evaluate_table(name, &evaluation, results, &run->report);
    }
    return STATUS_OK;
}

static void print_data(struct run *run)
{
    const struct dataset *dataset = &run->dataset;
    char line[512];

    (void)snprintf(line, sizeof(line),
                   run->options.json
                       ? "{\"protocol\":\"%s\",\"seed\":%lld,\"resamples\":%u,\"train\":"
                         "{\"sessions\":%u,\"clicks\":%llu,\"items\":%u},\"results\":["
                       : "%s, full catalogue, seed %lld, %u resamples by session; training: %u "
                         "sessions, %llu clicks, %u items\n",
                   run->options.protocol, (long long)run->options.settings.seed,
                   run->options.settings.resamples, dataset->train.count,
                   (unsigned long long)dataset->click_count, dataset->catalogue_count);
    buffer_append_text(&run->report, line);
}

static enum exit_code refuse(const struct run *run, enum status status)
{
    if (status == STATUS_AGAIN) {
        (void)fprintf(stderr,
                      "%sstopped; nothing is kept. A training that can be taken up again is "
                      "`headrace model train`, its model --models dir:PATH\n",
                      run->shows_progress ? "\n" : "");
        return EXIT_RUNTIME;
    }
    if (run->message.len > 0) {
        (void)fprintf(stderr, "headrace model evaluate: %.*s\n", (int)run->message.len,
                      (const char *)run->message.data);
        return EXIT_INPUT;
    }
    (void)fprintf(stderr, "headrace model evaluate: stopped: %s\n", status_meaning(status));
    return EXIT_RUNTIME;
}

static enum exit_code tune(struct run *run)
{
    enum exit_code code = EXIT_OK;
    enum status status = evaluate_tune(&run->models, &code);

    return status == STATUS_OK ? code : refuse(run, status);
}

static enum status negatives_check(struct run *run)
{
    if (run->options.settings.negatives < run->dataset.catalogue_count) return STATUS_OK;
    buffer_append_text(&run->message, "--negatives: there are only ");
    buffer_append_u64(&run->message, run->dataset.catalogue_count);
    buffer_append_text(&run->message, " items in training; give fewer");
    return STATUS_INVALID;
}

static enum status clicks_of_log(struct run *run)
{
    const struct evaluate_options *options = &run->options;
    const char *topic = options->source.train;
    struct train_log counts;
    struct train_rows rows;
    enum status status = train_rows_init(&rows, topic, &run->arena);

    if (status == STATUS_OK) {
        status =
            train_log_read(options->log, topic, options->members, &rows, &counts, &run->message);
    }
    if (status != STATUS_OK) return status;
    train_log_tell(topic, &counts);
    return log_clicks_dataset(&rows, &options->source, &run->notes, &run->message, &run->dataset);
}

static enum exit_code run_all(struct run *run)
{
    enum status status = run->options.log != NULL
                             ? clicks_of_log(run)
                             : dataset_read(&run->options.source, &run->arena, &run->notes,
                                            &run->message, &run->dataset);

    (void)fprintf(stderr, "%.*s", (int)run->notes.len, (const char *)run->notes.data);
    if (status == STATUS_OK) {
        run->models = (struct evaluate_models){
            .options = &run->options,
            .dataset = &run->dataset,
            .arena = &run->arena,
            .message = &run->message,
            .shows_progress = run->shows_progress,
        };
        status = negatives_check(run);
        if (status == STATUS_OK && run->options.tune != NULL) return tune(run);
        if (status == STATUS_OK) status = evaluate_models_make(&run->models);
    }
    if (status == STATUS_OK) {
        print_data(run);
        status = part_evaluate(run, "valid", &run->dataset.valid);
    }
    if (status == STATUS_OK) status = part_evaluate(run, "test", &run->dataset.test);
    if (status == STATUS_OK && run->options.json) buffer_append_text(&run->report, "\n]}\n");
    if (status == STATUS_OK && run->report.failed) status = STATUS_LIMIT;
    if (status != STATUS_OK) return refuse(run, status);
    (void)fwrite(run->report.data, 1, run->report.len, stdout);
    return EXIT_OK;
}

static enum exit_code model_evaluate_run(const struct command_arguments *arguments)
{
    struct run run = {.shows_progress = isatty(STDERR_FILENO) == 1};
    enum exit_code code = evaluate_options_read(arguments, &run.options);

    if (code != EXIT_OK) return code;
    run.options.settings.progress = progress;
    run.options.settings.progress_context = &run;
    interrupt_catch();
    arena_init(&run.arena, ARENA_BYTES_MAX);
    buffer_init(&run.message, MESSAGE_BYTES_MAX);
    buffer_init(&run.notes, MESSAGE_BYTES_MAX);
    buffer_init(&run.report, REPORT_BYTES_MAX);
    code = run_all(&run);
    evaluate_models_deinit(&run.models);
    buffer_deinit(&run.report);
    buffer_deinit(&run.notes);
    buffer_deinit(&run.message);
    arena_deinit(&run.arena);
    return code;
}

static const struct command_option model_evaluate_options[] = {
    {"--train", "FILE", NULL, false, "clicks to learn from"},
    {"--valid", "FILE", NULL, false, "clicks to tune on"},
    {"--test", "FILE", NULL, false,
     "clicks to judge by; with neither, both are split off --train (docs/models.md)"},
    {"--format", "FORMAT", NULL, false,
     "sessions (SessionId, ItemId, Time, tabs), sequences (a user and its items on a line), events "
     "(CSV with a header) or interactions (as for model train)"},
    {"--columns", "SESSION,ITEM,TIME", NULL, false,
     "the header's names of these columns (events: session_id,item_id,time); with --from-log as "
     "for "
     "model train"},
    {"--protocol", "PROTOCOL", "next-click", false,
     "next-click: every click but a session's first is asked for; leave-one-out: only the last"},
    {"--models", "LIST", "popular,cooccurrence,walk,vmis-knn,blend", false,
     "models to compare; also sasrec (trained in the run), hybrid (blend and sasrec), dir:PATH (a "
     "model directory)"},
    {"--against", "MODEL", NULL, false,
     "the listed model that differences are to (default: vmis-knn if listed, else the first)"},
    {"--k", "LIST", "10,20", false, "lengths of answers to judge"},
    {"--settings", "NAME=NUMBER,...", NULL, false, "settings of the models, e.g. vmis-knn.k=100"},
    {"--seed", "NUMBER", "1", false, "of the resampling for intervals, and of training"},
    {"--threads", "NUMBER", NULL, false, "of training (default: one a processor)"},
    {"--negatives", "NUMBER", NULL, false,
     "also AUC, gAUC and the rest over each item asked for and so many others, by popularity"},
    {"--tune", "NAME=A/B/C,...", NULL, false,
     "try these settings on the valid part and say which is best; test is not looked at"},
    {"--trials", "NUMBER", NULL, false, "so many of them, drawn by the seed (default: all)"},
    {"--json", NULL, NULL, false, "one JSON object instead of the table"},
    {"--from-log", "DIR", NULL, false,
     "instead of --train: a server's data directory, none running on it; views, carts and orders, "
     "split"},
    {"--topic", "NAME", "http.shopify-events", false, "with --from-log: the topic they lie in"},
    {0},
};

const struct command command_model_evaluate = {
    "model evaluate",
    "judge recommenders on held-back clicks: popular, item to item, VMIS-kNN, a blend",
    model_evaluate_options,
    model_evaluate_run,
};
