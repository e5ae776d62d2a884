/* command_model_train.c - `headrace model train`: interactions in, a model directory out.
 *
 * On a terminal a line that is kept up to date, otherwise a line an epoch and one every half minute.
 * Interrupted (SIGINT, SIGTERM) it saves where it stands and says how to go on.
 */
#include <stdio.h>
#include <unistd.h>

#include "host/command.h"
#include "host/interrupt.h"
#include "host/train_log.h"
#include "model/model.h"
#include "model/train/course.h"
#include "sys/clock.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024, THREADS_MAX = 64, QUIET_LINE_MS = 30000, BAR_MS = 200 };
#define ROWS_BYTES_MAX ((size_t)16 << 30)

/* In the order of the rows. */
enum train_option {
    OPTION_DATA,
    OPTION_FROM_LOG,
    OPTION_TOPIC,
    OPTION_OUTPUT,
    OPTION_FORMAT,
    OPTION_COLUMNS,
    OPTION_INVENTORY,
    OPTION_MODEL,
    OPTION_ARITHMETIC,
    OPTION_PRECISION,
    OPTION_ORDER,
    OPTION_EPOCHS,
    OPTION_SEED,
    OPTION_THREADS,
    OPTION_SETTINGS,
    OPTION_RESUME,
};

struct run {
    const struct course *course;
    struct course_request request;
    struct buffer message, notes;
    struct arena arena; /* of rows from a log */
    struct train_rows rows;
    bool terminal;
    int64_t shown_ms;
    int64_t started_ms;    /* this run, after the first step */
    uint64_t started_done; /* instances done by then, over all epochs */
};

/* --- progress ----------------------------------------------------------------------------------- */

/* At most: without anything better for so many epochs (patience) it ends earlier. */
static void print_left(double seconds)
{
    if (seconds >= 3600) {
        (void)fprintf(stderr, "at most %lld h %02lld min left", (long long)seconds / 3600,
                      (long long)seconds % 3600 / 60);
    } else if (seconds >= 60) {
        (void)fprintf(stderr, "at most %lld min %02lld s left", (long long)seconds / 60,
                      (long long)seconds % 60);
    } else {
        (void)fprintf(stderr, "at most %.0f s left", seconds);
    }
}

static void print_rate(struct run *run, const struct course_progress *progress)
{
    uint64_t all = (uint64_t)progress->epochs * progress->total;
    uint64_t done = (uint64_t)(progress->epoch - 1) * progress->total + progress->done;
    int64_t spent_ms = run->shown_ms - run->started_ms;

    if (done <= run->started_done || spent_ms <= 0) return;
    double rate = (double)(done - run->started_done) * 1000.0 / (double)spent_ms;
    (void)fprintf(stderr, ", %.0f/s, ", rate);
    print_left(done < all ? (double)(all - done) / rate : 0.0);
}

static void print_bar(const struct course_progress *progress)
{
    enum { CELLS = 20 };
    uint64_t filled = progress->total > 0 ? CELLS * progress->done / progress->total : 0;

    (void)fputs(" [", stderr);
    for (uint64_t i = 0; i < CELLS; i++)
        (void)fputc(i < filled ? '#' : '.', stderr);
    (void)fputc(']', stderr);
}

static bool show(void *context, const struct course_progress *progress)
{
    struct run *run = context;
    int64_t now_ms = clock_monotonic_ms();
    bool ends = progress->metric != NULL;

    if (run->notes.len > 0) {
        (void)fprintf(stderr, "%.*s", (int)run->notes.len, (const char *)run->notes.data);
        buffer_clear(&run->notes);
    }
    if (run->started_ms == 0) {
        run->started_ms = run->shown_ms = now_ms;
        run->started_done = (uint64_t)(progress->epoch - 1) * progress->total + progress->done;
    }
    if (interrupt_seen()) return false;
    if (!ends && now_ms - run->shown_ms < (run->terminal ? BAR_MS : QUIET_LINE_MS)) return true;
    run->shown_ms = now_ms;
    (void)fprintf(stderr, "%sepoch %u of %u", run->terminal ? "\r" : "", progress->epoch,
                  progress->epochs);
    if (run->terminal && !ends) print_bar(progress);
    if (!ends) {
        (void)fprintf(stderr, " %.0f %%", 100.0 * (double)progress->done / (double)progress->total);
    }
    (void)fprintf(stderr, " loss %.4f", progress->loss);
    if (ends) {
        (void)fprintf(stderr, ", %s %.4f (best %.4f), %s", progress->metric, progress->value,
                      progress->best, progress->others);
    }
    print_rate(run, progress);
    (void)fputs(run->terminal ? "\033[K" : "", stderr);
    (void)fputs(run->terminal && !ends ? "" : "\n", stderr);
    (void)fflush(stderr);
    return true;
}

/* --- options ------------------------------------------------------------------------------------ */

static enum exit_code usage(const char *option, const char *value, const char *what)
{
    (void)fprintf(stderr, "headrace model train: %s: \"%s\" %s\n", option, value, what);
    return EXIT_USAGE;
}

static bool choose(const char *text, const char *const *names, uint32_t count, uint32_t *choice)
{
    for (*choice = 0; *choice < count; (*choice)++) {
        if (strcmp(text, names[*choice]) == 0) return true;
    }
    return false;
}

static enum exit_code read_numbers(const struct command_arguments *arguments,
                                   struct course_request *request)
{
    const struct {
        enum train_option option;
        const char *name;
        int64_t low, high;
    } rows[] = {
        {OPTION_EPOCHS, "--epochs", 1, 10000},
        {OPTION_SEED, "--seed", 0, INT64_MAX},
        {OPTION_THREADS, "--threads", 1, THREADS_MAX},
    };
    int64_t numbers[COUNT_OF(rows)] = {0, 1, sysconf(_SC_NPROCESSORS_ONLN)};

    if (numbers[2] > THREADS_MAX) numbers[2] = THREADS_MAX;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *text = arguments->values[rows[i].option];

        if (text == NULL) continue;
        if (slice_to_i64(slice_of(text), &numbers[i]) != STATUS_OK || numbers[i] < rows[i].low ||
            numbers[i] > rows[i].high) {
            return usage(rows[i].name, text, "is not a whole number in range (--help)");
        }
    }
    request->epochs = (uint32_t)numbers[0];
    request->seed = (uint64_t)numbers[1];
    request->threads = (uint32_t)numbers[2];
    return EXIT_OK;
}

static enum exit_code read_choices(const struct command_arguments *arguments, struct run *run)
{
    static const char *const formats[] = {"interactions", "sessions", "events", "sequences"};
    static const char *const orders[] = {"", "given", "time"};
    const char *model = arguments->values[OPTION_MODEL];
    const char *format = arguments->values[OPTION_FORMAT];
    const char *order = arguments->values[OPTION_ORDER];
    const char *precision = arguments->values[OPTION_PRECISION];
    enum model_precision ignored;
    uint32_t choice;

    for (run->course = courses; run->course->name != NULL; run->course++) {
        if (model == NULL || strcmp(run->course->name, model) == 0) break;
    }
    if (run->course->name == NULL) {
        (void)usage("--model", model, "is not one of:");
        for (const struct course *course = courses; course->name != NULL; course++) {
            (void)fprintf(stderr, "  %-8s %s; --settings %s\n", course->name, course->meaning,
                          course->settings);
        }
        return EXIT_USAGE;
    }
    if (!choose(format, formats, COUNT_OF(formats), &choice))
        return usage("--format", format, "is not interactions, sessions, events or sequences");
    run->request.format = (enum course_format)choice;
    if (precision != NULL && !model_precision_find(precision, &ignored))
        return usage("--precision", precision, "is not float32 or bf16");
    if (order != NULL) {
        if (!choose(order, orders, COUNT_OF(orders), &choice))
            return usage("--order", order, "is not given or time");
        run->request.order = (enum course_order)choice;
    } else if (arguments->values[OPTION_FROM_LOG] != NULL) {
        run->request.order = COURSE_ORDER_TIME;
    }
    return EXIT_OK;
}

static enum exit_code check_columns(const struct course_request *request, const char *log)
{
    bool headless = request->format == COURSE_INTERACTIONS || request->format == COURSE_SEQUENCES;

    if (request->columns == NULL || log != NULL || !headless) return EXIT_OK;
    return usage("--columns", request->columns,
                 "goes with --format sessions or events; the other formats have no header");
}

static enum exit_code read_options(const struct command_arguments *arguments, struct run *run)
{
    struct course_request *request = &run->request;

    const char *log = arguments->values[OPTION_FROM_LOG];

    request->data = arguments->values[log != NULL ? OPTION_TOPIC : OPTION_DATA];
    if (request->data == NULL || (log != NULL && arguments->values[OPTION_DATA] != NULL)) {
        (void)fputs("headrace model train: give either --data or --from-log\n", stderr);
        return EXIT_USAGE;
    }
    request->output = arguments->values[OPTION_OUTPUT];
    request->columns = arguments->values[OPTION_COLUMNS];
    request->inventory = arguments->values[OPTION_INVENTORY];
    request->arithmetic = arguments->values[OPTION_ARITHMETIC];
    request->precision = arguments->values[OPTION_PRECISION];
    request->settings = arguments->values[OPTION_SETTINGS];
    request->resume = arguments->values[OPTION_RESUME] != NULL;
    enum exit_code code = read_choices(arguments, run);
    if (code == EXIT_OK) code = read_numbers(arguments, request);
    if (code == EXIT_OK) code = check_columns(request, log);
    return code == EXIT_OK ? command_output_check("model train", request->output) : code;
}

/* --- the run ------------------------------------------------------------------------------------ */

static enum exit_code report(const struct run *run, enum status status)
{
    (void)fprintf(stderr, "%.*s", (int)run->notes.len, (const char *)run->notes.data);
    if (status == STATUS_OK) {
        (void)printf("%s: ready; what it is: %s/card.md; ask it: headrace model answer %s\n",
                     run->request.output, run->request.output, run->request.output);
        return EXIT_OK;
    }
    if (status == STATUS_AGAIN) {
        (void)fprintf(stderr,
                      "%sstopped; saved in %s/checkpoint. The same command with --resume goes on "
                      "from there\n",
                      run->terminal ? "\n" : "", run->request.output);
        return EXIT_RUNTIME;
    }
    (void)fprintf(stderr, "headrace model train: %.*s\n", (int)run->message.len,
                  run->message.len > 0 ? (const char *)run->message.data : "");
    return status == STATUS_IO || status == STATUS_LIMIT ? EXIT_RUNTIME : EXIT_INPUT;
}

/* Rows from the server's topic, if they are asked for. */
static enum status read_log(const struct command_arguments *arguments, struct run *run)
{
    const char *directory = arguments->values[OPTION_FROM_LOG];
    struct train_log counts;

    if (directory == NULL) return STATUS_OK;
    enum status status = train_rows_init(&run->rows, run->request.data, &run->arena);
    if (status == STATUS_OK) {
        status = train_log_read(directory, run->request.data, run->request.columns, &run->rows,
                                &counts, &run->message);
    }
    if (status != STATUS_OK) return status;
    train_log_tell(run->request.data, &counts);
    run->request.rows = &run->rows;
    return STATUS_OK;
}

static enum exit_code model_train_run(const struct command_arguments *arguments)
{
    struct run run = {.terminal = isatty(STDERR_FILENO) == 1};
    enum exit_code code = read_options(arguments, &run);

    if (code != EXIT_OK) return code;
    buffer_init(&run.message, MESSAGE_BYTES_MAX);
    buffer_init(&run.notes, MESSAGE_BYTES_MAX);
    interrupt_catch();
    const struct course_watch watch = {show, &run, &run.notes};
    arena_init(&run.arena, ROWS_BYTES_MAX);
    enum status status = run.course->check(&run.request, &run.message);
    bool misused = status != STATUS_OK;
    if (status == STATUS_OK) status = read_log(arguments, &run);
    if (status == STATUS_OK) status = run.course->run(&run.request, &watch, &run.message);
    if (status != STATUS_OK && run.message.len == 0)
        buffer_append_text(&run.message, status_meaning(status));
    code = report(&run, status);
    if (misused) code = EXIT_USAGE;
    buffer_deinit(&run.notes);
    buffer_deinit(&run.message);
    arena_deinit(&run.arena);
    return code;
}

/* What courses.def says of each model, a line each. */
#define LINE(name)                                        "\n      " name ": "
#define COURSE(name, function, epochs, meaning, settings) LINE(name) meaning
static const char models_meaning[] = "what to train (default: slirec)"
#include "model/train/courses.def"
    ;
#undef COURSE
#define COURSE(name, function, epochs, meaning, settings) LINE(name) epochs
static const char epochs_meaning[] = "times through the data at most; usually"
#include "model/train/courses.def"
    ;
#undef COURSE
#define COURSE(name, function, epochs, meaning, settings) LINE(name) settings
static const char settings_meaning[] = "what a model can be told (docs/models.md)"
#include "model/train/courses.def"
    ;
#undef COURSE

static const struct command_option model_train_options[] = {
    {"--data", "FILE", NULL, false, "who viewed or bought what, when"},
    {"--from-log", "DIR", NULL, false,
     "instead of --data: a server's data directory, none running on it; views, carts and orders"},
    {"--topic", "NAME", "http.shopify-events", false, "with --from-log: the topic they lie in"},
    {"--output", "DIR", NULL, true,
     "model directory to make, or to replace as a whole; its checkpoint and card.md"},
    {"--format", "FORMAT", "interactions", false,
     "interactions (1, user, item, seconds, category; tabs, no header), sessions, events or "
     "sequences (docs/models.md)"},
    {"--columns", "USER,ITEM,TIME[,CATEGORY]", NULL, false,
     "the header's names of these columns (sessions, events)"},
    {"--inventory", "FILE", NULL, false, "as for model import: the shop's product ids"},
    {"--model", "MODEL", NULL, false, models_meaning},
    {"--arithmetic", "NAME", NULL, false,
     "compat: the original's, with its quirks; fixed: without them (default: compat)"},
    {"--precision", "PRECISION", NULL, false,
     "of the networks while serving: float32, or bf16 (default: float32; docs/models.md)"},
    {"--order", "ORDER", NULL, false,
     "given: as the file has them; time: each user's events by time (default: given for compat "
     "with --data, else time)"},
    {"--epochs", "NUMBER", NULL, false, epochs_meaning},
    {"--seed", "NUMBER", "1", false, "the same seed and threads give the same weights"},
    {"--threads", "NUMBER", NULL, false, "1 to 64 (default: as many as processors)"},
    {"--settings", "NAME=NUMBER,...", NULL, false, settings_meaning},
    {"--resume", NULL, NULL, false, "go on from OUTPUT's checkpoint"},
    {0},
};

const struct command command_model_train = {
    "model train",
    "train a model on interactions; interrupted, it saves and can go on",
    model_train_options,
    model_train_run,
};
