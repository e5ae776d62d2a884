/* command_model_index.c - `headrace model index`: clicks become a model directory that recommends at
 * once, without training: alone, or as retrieval beside a trained model. */
#include <stdio.h>

#include "host/command.h"
#include "host/log_clicks.h"
#include "host/train_log.h"
#include "model/index_model.h"
#include "model/model_place.h"
#include "model/retrieve/index_products.h"
#include "sys/clock.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024 };
#define ARENA_BYTES_MAX ((size_t)64 << 30)

enum {
    OPTION_DATA,
    OPTION_FROM_LOG,
    OPTION_TOPIC,
    OPTION_FORMAT,
    OPTION_COLUMNS,
    OPTION_CATALOGUE,
    OPTION_SETTINGS,
    OPTION_OUTPUT,
    OPTION_HOLD_OUT
};

struct indexing {
    struct dataset_source source;
    struct train_rows rows; /* from a log */
    struct dataset dataset;
    struct index_settings settings;
    struct index_product *products;
    uint32_t product_count;
    struct arena arena;
    struct buffer bytes;
    struct buffer notes;
    struct buffer message;
};

static enum exit_code usage(const char *option, struct slice word, const char *what)
{
    (void)fprintf(stderr, "headrace model index: %s: \"%.*s\" %s\n", option, (int)word.len,
                  (const char *)word.data, what);
    return EXIT_USAGE;
}

/* The next of a comma-separated list; false: there is none. */
static bool list_next(struct slice *rest, struct slice *word)
{
    if (rest->len == 0) return false;
    const uint8_t *comma = memchr(rest->data, ',', rest->len);
    size_t len = comma == NULL ? rest->len : (size_t)(comma - rest->data);
    size_t taken = comma == NULL ? len : len + 1;

    *word = (struct slice){rest->data, len};
    *rest = (struct slice){rest->data + taken, rest->len - taken};
    return true;
}

static enum exit_code read_format(struct indexing *indexing, const char *text)
{
    static const char *const formats[] = {"sessions", "sequences", "events", "interactions"};

    for (uint32_t i = 0; i < COUNT_OF(formats); i++) {
        if (strcmp(text, formats[i]) != 0) continue;
        indexing->source.format = i;
        return EXIT_OK;
    }
    return usage("--format", slice_of(text), "is not sessions, sequences, events or interactions");
}

/* What `model evaluate` would ask of the same clicks by this protocol is not learned. */
static enum exit_code read_hold_out(struct indexing *indexing, const char *text)
{
    static const char *const protocols[] = {
        [DATASET_NEXT_CLICK] = "next-click", [DATASET_LEAVE_ONE_OUT] = "leave-one-out"};

    indexing->source.whole = text == NULL;
    for (uint32_t i = 0; text != NULL && i < COUNT_OF(protocols); i++) {
        if (strcmp(text, protocols[i]) != 0) continue;
        indexing->source.protocol = i;
        return EXIT_OK;
    }
    return text == NULL ? EXIT_OK
                        : usage("--hold-out", slice_of(text), "is not next-click or leave-one-out");
}

static enum exit_code read_columns(struct indexing *indexing, const char *text)
{
    struct slice rest = text == NULL ? (struct slice){0} : slice_of(text);
    struct slice word;
    uint32_t count = 0;

    while (list_next(&rest, &word) && count < COUNT_OF(indexing->source.columns) && word.len > 0)
        indexing->source.columns[count++] = word;
    if (text == NULL || (count == COUNT_OF(indexing->source.columns) && rest.len == 0))
        return EXIT_OK;
    return usage("--columns", slice_of(text), "is not SESSION,ITEM,TIME");
}

static enum exit_code read_setting(struct indexing *indexing, struct slice word)
{
    const uint8_t *equals = word.len == 0 ? NULL : memchr(word.data, '=', word.len);

    if (equals == NULL) return usage("--settings", word, "is not NAME=NUMBER");
    size_t len = (size_t)(equals - word.data);
    struct slice name = {word.data, len};
    struct slice number = {equals + 1, word.len - len - 1};
    const struct index_setting *setting = index_setting_find(name);
    if (setting == NULL) {
        (void)usage("--settings", name, "is no setting; there are:");
        for (setting = index_setting_rows; setting->name != NULL; setting++)
            (void)fprintf(stderr, "  %-28s %s\n", setting->name, setting->meaning);
        return EXIT_USAGE;
    }
    if (index_setting_put(setting, number, &indexing->settings)) return EXIT_OK;
    (void)usage("--settings", number, "does not fit");
    (void)fprintf(stderr, "  %s takes a %snumber from %g to %g\n", setting->name,
                  setting->whole ? "whole " : "", setting->low, setting->high);
    return EXIT_USAGE;
}

/* Columns of a log are read by train_log.h. */
static enum exit_code read_source(struct indexing *indexing, const char *const *values)
{
    const char *data = values[OPTION_DATA];
    const char *format = values[OPTION_FORMAT];
    const char *log = values[OPTION_FROM_LOG];

    if ((data == NULL) == (log == NULL)) {
        return usage("--data", slice_of(data == NULL ? "" : data),
                     "give either --data or --from-log");
    }
    if (log != NULL && format != NULL)
        return usage("--format", slice_of(format), "goes with --data; a log has its own");
    if (log != NULL) return EXIT_OK;
    if (format == NULL)
        return usage("--format", SLICE(""), "give sessions, sequences, events or interactions");
    enum exit_code code = read_format(indexing, format);
    return code == EXIT_OK ? read_columns(indexing, values[OPTION_COLUMNS]) : code;
}

static enum exit_code options_read(struct indexing *indexing, const char *const *values)
{
    struct slice rest =
        values[OPTION_SETTINGS] == NULL ? (struct slice){0} : slice_of(values[OPTION_SETTINGS]);
    struct slice word;
    enum exit_code code = read_source(indexing, values);

    indexing->settings = index_settings_default;
    while (code == EXIT_OK && list_next(&rest, &word))
        code = read_setting(indexing, word);
    if (code == EXIT_OK) code = read_hold_out(indexing, values[OPTION_HOLD_OUT]);
    if (code == EXIT_OK) code = command_output_check("model index", values[OPTION_OUTPUT]);
    indexing->source.train = values[OPTION_DATA];
    return code;
}

static enum status clicks_of_log(struct indexing *indexing, const char *const *values)
{
    const char *topic = values[OPTION_TOPIC];
    struct train_log counts;
    enum status status = train_rows_init(&indexing->rows, topic, &indexing->arena);

    if (status == STATUS_OK) {
        status = train_log_read(values[OPTION_FROM_LOG], topic, values[OPTION_COLUMNS],
                                &indexing->rows, &counts, &indexing->message);
    }
    if (status != STATUS_OK) return status;
    train_log_tell(topic, &counts);
    return log_clicks_dataset(&indexing->rows, &indexing->source, &indexing->notes,
                              &indexing->message, &indexing->dataset);
}

static enum status clicks(struct indexing *indexing, const char *const *values)
{
    enum status status = values[OPTION_FROM_LOG] != NULL
                             ? clicks_of_log(indexing, values)
                             : dataset_read(&indexing->source, &indexing->arena, &indexing->notes,
                                            &indexing->message, &indexing->dataset);

    (void)fprintf(stderr, "%.*s", (int)indexing->notes.len, (const char *)indexing->notes.data);
    if (!indexing->source.whole) dataset_forget_asked(&indexing->dataset);
    return status;
}

static enum status put(struct indexing *indexing, const char *directory)
{
    struct model_place place;
    enum status status = model_place_begin(directory, MODEL_KIND_INDEX, &place, &indexing->message);

    if (status != STATUS_OK) return status;
    status = index_model_write(model_place_fresh(&place), buffer_slice(&indexing->bytes),
                               &indexing->settings, &indexing->dataset.learned, &indexing->message);
    if (status == STATUS_OK) {
        status =
            model_place_take(&place, "these clicks make no index for it: ", &indexing->message);
    }
    model_place_end(&place);
    return status;
}

static enum status make(struct indexing *indexing, const char *const *values)
{
    enum status status =
        model_place_check(values[OPTION_OUTPUT], MODEL_KIND_INDEX, NULL, &indexing->message);

    if (status == STATUS_OK) status = clicks(indexing, values);
    if (status == STATUS_OK && values[OPTION_CATALOGUE] != NULL) {
        status = index_products_read(values[OPTION_CATALOGUE], &indexing->arena, &indexing->message,
                                     &indexing->products, &indexing->product_count);
    }
    if (status != STATUS_OK) return status;
    status = index_write(&indexing->dataset, indexing->products, indexing->product_count,
                         &indexing->settings, &indexing->arena, &indexing->bytes);
    if (status != STATUS_OK) {
        buffer_append_text(&indexing->message, "the clicks do not fit; give fewer days of them");
        return status;
    }
    return put(indexing, values[OPTION_OUTPUT]);
}

static void tell(const struct indexing *indexing, const char *directory, double seconds)
{
    (void)printf("%s: %u sessions, %llu clicks, %u items, %u products given; %.1f MB in %.1f s\n",
                 directory, indexing->dataset.train.count,
                 (unsigned long long)indexing->dataset.click_count, indexing->dataset.item_count,
                 indexing->product_count, (double)indexing->bytes.len / 1e6, seconds);
}

static enum exit_code model_index_run(const struct command_arguments *arguments)
{
    struct indexing indexing = {0};
    uint64_t started_ns = clock_monotonic_ns();
    enum exit_code code = options_read(&indexing, arguments->values);

    if (code != EXIT_OK) return code;
    arena_init(&indexing.arena, ARENA_BYTES_MAX);
    buffer_init(&indexing.bytes, INDEX_BYTES_MAX);
    buffer_init(&indexing.notes, MESSAGE_BYTES_MAX);
    buffer_init(&indexing.message, MESSAGE_BYTES_MAX);
    if (make(&indexing, arguments->values) == STATUS_OK) {
        tell(&indexing, arguments->values[OPTION_OUTPUT],
             (double)(clock_monotonic_ns() - started_ns) / 1e9);
    } else {
        if (indexing.message.len == 0)
            buffer_append_text(&indexing.message, "the clicks do not fit the memory");
        (void)fprintf(stderr, "headrace model index: %.*s\n", (int)indexing.message.len,
                      (const char *)indexing.message.data);
        code = EXIT_INPUT;
    }
    buffer_deinit(&indexing.message);
    buffer_deinit(&indexing.notes);
    buffer_deinit(&indexing.bytes);
    arena_deinit(&indexing.arena);
    return code;
}

static const struct command_option model_index_options[] = {
    {"--data", "FILE", NULL, false, "clicks to learn from (docs/models.md)"},
    {"--from-log", "DIR", NULL, false,
     "instead of --data: a server's data directory, none running on it; views, carts and orders"},
    {"--topic", "NAME", "http.shopify-events", false, "with --from-log: the topic they lie in"},
    {"--format", "FORMAT", NULL, false,
     "sessions (SessionId, ItemId, Time, tabs), sequences (a user and its items on a line), events "
     "(CSV with a header) or interactions (as for model train)"},
    {"--columns", "SESSION,ITEM,TIME", NULL, false,
     "the header's names of these columns (events: session_id,item_id,time); with --from-log as "
     "for model train"},
    {"--catalogue", "FILE", NULL, false,
     "JSON list of products {id, handle, category}: answers have their ids, products without "
     "clicks go in"},
    {"--settings", "NAME=NUMBER,...", NULL, false,
     "weights and sizes, e.g. blend.walk=0.5; also in DIR/headrace.json afterwards"},
    {"--output", "DIR", NULL, true,
     "model directory to make or replace; MODEL/index puts it beside a SLi-Rec as its retrieval, "
     "beside a "
     "SASRec as the other half of a hybrid"},
    {"--hold-out", "PROTOCOL", NULL, false,
     "leave out what model evaluate asks by this protocol, next-click or leave-one-out: to judge "
     "the "
     "directory, not to serve it"},
    {0},
};

const struct command command_model_index = {
    "model index",
    "make a recommender of clicks, without training",
    model_index_options,
    model_index_run,
};
