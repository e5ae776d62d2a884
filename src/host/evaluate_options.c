/* evaluate_options.c - lists, choices and settings out of texts. */
#include "host/evaluate_options.h"

#include <stdio.h>
#include <unistd.h>

#include "model/number_text.h"

enum { RESAMPLES = 1000 };

static const char *const model_names[] = {
#define MODEL(symbol, name) name,
    MODEL_TABLE
#undef MODEL
};

struct setting_row {
    const char *name;
    size_t at; /* in struct tuning */
    bool whole;
    double low;
    double high;
};

#define WHOLE(name, member, low, high)                         \
    {                                                          \
        name, offsetof(struct tuning, member), true, low, high \
    }
#define NUMBER(name, member, low, high)                         \
    {                                                           \
        name, offsetof(struct tuning, member), false, low, high \
    }

static const struct setting_row setting_rows[] = {
    WHOLE("vmis-knn.m", vmis_knn.sessions, 1, 1000000),
    WHOLE("vmis-knn.k", vmis_knn.neighbours, 1, 1000000),
    WHOLE("vmis-knn.last", vmis_knn.last, 1, VMIS_KNN_LAST_MAX),
    WHOLE("cooccurrence.window", cooccurrence.window, 1, 1000),
    NUMBER("cooccurrence.backward", cooccurrence.backward, 0, 100),
    NUMBER("cooccurrence.half-life-days", cooccurrence.half_life_days, 0.001, 100000),
    WHOLE("cooccurrence.row", cooccurrence.row_max, 1, 100000),
    WHOLE("walk.last", cooccurrence.walk_last, 1, 1000),
    NUMBER("walk.decay", cooccurrence.walk_decay, 0.001, 1),
    WHOLE("walk.branches", cooccurrence.walk_branches, 1, 100000),
    NUMBER("blend.popular", weights[MODEL_POPULAR], 0, 1000),
    NUMBER("blend.cooccurrence", weights[MODEL_COOCCURRENCE], 0, 1000),
    NUMBER("blend.walk", weights[MODEL_WALK], 0, 1000),
    NUMBER("blend.vmis-knn", weights[MODEL_VMIS_KNN], 0, 1000),
    NUMBER("hybrid.sasrec", weights[MODEL_SASREC], 0, 1000),
#define ENCODE_SETTING(name, member, whole, low, high) \
    {"sasrec." name, offsetof(struct tuning, encode.member), whole, low, high},
#include "model/encode/settings.def"
#undef ENCODE_SETTING
    NUMBER("sasrec.temperature", temperature, 0.001, 1000),
};

bool evaluate_list_next(struct slice *rest, uint8_t separator, struct slice *word)
{
    if (rest->data == NULL) return false;
    const uint8_t *end = rest->len > 0 ? memchr(rest->data, separator, rest->len) : NULL;
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);

    *word = (struct slice){rest->data, len};
    *rest = end == NULL ? (struct slice){0} : (struct slice){end + 1, rest->len - len - 1};
    return true;
}

static bool list_next(struct slice *rest, struct slice *word)
{
    return evaluate_list_next(rest, ',', word);
}

static enum exit_code usage(const char *option, struct slice word, const char *what)
{
    (void)fprintf(stderr, "headrace model evaluate: %s: \"%.*s\" %s\n", option, (int)word.len,
                  (const char *)word.data, what);
    return EXIT_USAGE;
}

static enum exit_code read_choice(const char *option, const char *text, const char *const *names,
                                  uint32_t count, uint32_t *choice)
{
    for (*choice = 0; *choice < count; (*choice)++) {
        if (strcmp(text, names[*choice]) == 0) return EXIT_OK;
    }
    (void)usage(option, slice_of(text), "is not one of:");
    for (uint32_t i = 0; i < count; i++)
        (void)fprintf(stderr, "  %s\n", names[i]);
    return EXIT_USAGE;
}

static enum exit_code read_models(struct evaluate_options *options, const char *text)
{
    struct slice rest = slice_of(text);
    struct slice word;

    while (list_next(&rest, &word)) {
        uint32_t kind = 0;

        while (kind < COUNT_OF(model_names) && !slice_equal(word, slice_of(model_names[kind])))
            kind++;
        if (kind == COUNT_OF(model_names) && !slice_starts_with(word, SLICE("dir:"))) {
            return usage("--models", word,
                         "is no model; there are popular, cooccurrence, walk, vmis-knn, blend, "
                         "sasrec, hybrid, and dir:PATH for a model directory");
        }
        if (options->model_count == EVALUATE_MODELS_MAX)
            return usage("--models", word, "is one too many; give at most 8");
        options->names[options->model_count] = word;
        options->models[options->model_count++] = kind;
    }
    return EXIT_OK;
}

static enum exit_code read_against(struct evaluate_options *options, const char *text)
{
    const char *wanted = text == NULL ? model_names[MODEL_VMIS_KNN] : text;

    options->against = 0;
    for (uint32_t i = 0; i < options->model_count; i++) {
        if (!slice_equal(options->names[i], slice_of(wanted))) continue;
        options->against = i;
        return EXIT_OK;
    }
    if (text == NULL) return EXIT_OK;
    return usage("--against", slice_of(text), "is not among --models; add it there");
}

static enum exit_code read_ks(struct evaluate_options *options, const char *text)
{
    struct slice rest = slice_of(text);
    struct slice word;
    struct evaluate_settings *settings = &options->settings;

    while (list_next(&rest, &word)) {
        int64_t k;
        int64_t before = settings->k_count > 0 ? settings->ks[settings->k_count - 1] : 0;

        if (slice_to_i64(word, &k) != STATUS_OK || k <= before || k > EVALUATE_K_MAX ||
            settings->k_count == EVALUATE_KS_MAX) {
            return usage("--k", word,
                         "does not fit; give up to 4 ascending whole numbers from 1 to 1000");
        }
        settings->ks[settings->k_count++] = (uint32_t)k;
    }
    return EXIT_OK;
}

static enum exit_code read_columns(struct evaluate_options *options, const char *text)
{
    uint32_t count = 0;

    if (text == NULL) return EXIT_OK;
    struct slice rest = slice_of(text);
    struct slice word;

    while (list_next(&rest, &word)) {
        if (count == COUNT_OF(options->source.columns) || word.len == 0)
            return usage("--columns", slice_of(text), "is not SESSION,ITEM,TIME");
        options->source.columns[count++] = word;
    }
    if (count != 0 && count != COUNT_OF(options->source.columns))
        return usage("--columns", slice_of(text), "is not SESSION,ITEM,TIME");
    return EXIT_OK;
}

enum exit_code evaluate_setting_apply(const char *option, struct slice name, struct slice text,
                                      struct tuning *tuning)
{
    uint32_t row = 0;
    double number;

    while (row < COUNT_OF(setting_rows) && !slice_equal(name, slice_of(setting_rows[row].name)))
        row++;
    if (row == COUNT_OF(setting_rows)) {
        (void)usage(option, name, "is no setting; there are:");
        for (size_t i = 0; i < COUNT_OF(setting_rows); i++)
            (void)fprintf(stderr, "  %s\n", setting_rows[i].name);
        return EXIT_USAGE;
    }
    const struct setting_row *setting = &setting_rows[row];
    if (!number_text(text, &number) || number < setting->low || number > setting->high ||
        (setting->whole && number != (double)(uint32_t)number)) {
        (void)usage(option, text, "does not fit");
        (void)fprintf(stderr, "  %s takes a %snumber from %g to %g\n", setting->name,
                      setting->whole ? "whole " : "", setting->low, setting->high);
        return EXIT_USAGE;
    }
    char *target = (char *)tuning + setting->at;
    uint32_t whole = (uint32_t)number;
    if (setting->whole) {
        memcpy(target, &whole, sizeof(whole));
    } else {
        memcpy(target, &number, sizeof(number));
    }
    return EXIT_OK;
}

static enum exit_code read_settings(struct evaluate_options *options, const char *text)
{
    struct slice rest = text == NULL ? (struct slice){0} : slice_of(text);
    struct slice word;

    options->tuning = (struct tuning){
        .cooccurrence = cooccurrence_defaults,
        .vmis_knn = vmis_knn_defaults,
        .weights = {[MODEL_POPULAR] = 0.0001,
                    [MODEL_COOCCURRENCE] = 0.6,
                    [MODEL_WALK] = 0.3,
                    [MODEL_VMIS_KNN] = 1.0,
                    [MODEL_SASREC] = HYBRID_WEIGHED},
        .encode = encode_plan_default,
        .temperature = 1.0,
    };
    while (list_next(&rest, &word)) {
        const uint8_t *equals = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;

        if (equals == NULL) return usage("--settings", word, "is not NAME=NUMBER");
        size_t len = (size_t)(equals - word.data);
        enum exit_code code = evaluate_setting_apply("--settings", (struct slice){word.data, len},
                                                     (struct slice){equals + 1, word.len - len - 1},
                                                     &options->tuning);
        if (code != EXIT_OK) return code;
    }
    return EXIT_OK;
}

/* Threads, and a shape that can be had. */
static enum exit_code read_encode(struct evaluate_options *options, const char *text, uint64_t seed)
{
    struct encode_plan *plan = &options->tuning.encode;
    struct encode_shape shape = plan->shape;
    int64_t threads = sysconf(_SC_NPROCESSORS_ONLN);

    if (threads > TEAM_MAX) threads = TEAM_MAX;
    if (text != NULL &&
        (slice_to_i64(slice_of(text), &threads) != STATUS_OK || threads < 1 || threads > TEAM_MAX))
        return usage("--threads", slice_of(text), "is no whole number from 1 to 64");
    shape.items = 2; /* not known yet */
    const char *trouble = encode_shape_trouble(&shape);
    if (trouble != NULL) return usage("--settings", SLICE("sasrec"), trouble);
    plan->settings.threads = (uint32_t)threads;
    plan->settings.seed = seed;
    return EXIT_OK;
}

/* Numbers that may be left out. */
static enum exit_code read_counts(struct evaluate_options *options, const char *const *values)
{
    const struct {
        enum evaluate_option option;
        const char *name;
        int64_t high;
        uint32_t *target;
    } rows[] = {
        {OPTION_NEGATIVES, "--negatives", SAMPLED_NEGATIVES_MAX, &options->settings.negatives},
        {OPTION_TRIALS, "--trials", 100000, &options->trials},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *text = values[rows[i].option];
        int64_t number;

        if (text == NULL) continue;
        if (slice_to_i64(slice_of(text), &number) != STATUS_OK || number < 1 ||
            number > rows[i].high) {
            return usage(rows[i].name, slice_of(text),
                         "is no whole number in range (1 to 1000; "
                         "trials to 100000)");
        }
        *rows[i].target = (uint32_t)number;
    }
    return EXIT_OK;
}

/* Files or a log. */
static enum exit_code read_source(struct evaluate_options *options, const char *const *values)
{
    static const char *const formats[] = {"sessions", "sequences", "events", "interactions"};
    const struct {
        const char *name, *text, *what;
    } alone[] = {
        {"--format", values[OPTION_FORMAT], "goes with --train; a log has its own"},
        {"--valid", values[OPTION_VALID], "goes with --train; a log is split"},
        {"--test", values[OPTION_TEST], "goes with --train; a log is split"},
    };
    const char *log = values[OPTION_FROM_LOG];
    uint32_t format = 0;

    if ((values[OPTION_TRAIN] == NULL) == (log == NULL) ||
        (log == NULL && values[OPTION_FORMAT] == NULL)) {
        (void)fputs("headrace model evaluate: give either --train with --format, or --from-log\n",
                    stderr);
        return EXIT_USAGE;
    }
    options->source.train = values[log == NULL ? OPTION_TRAIN : OPTION_TOPIC];
    options->source.valid = values[OPTION_VALID];
    options->source.test = values[OPTION_TEST];
    options->log = log;
    options->members = values[OPTION_COLUMNS];
    for (size_t i = 0; log != NULL && i < COUNT_OF(alone); i++) {
        if (alone[i].text == NULL) continue;
        (void)fprintf(stderr, "headrace model evaluate: %s: %s\n", alone[i].name, alone[i].what);
        return EXIT_USAGE;
    }
    if (log != NULL) return EXIT_OK;
    enum exit_code code =
        read_choice("--format", values[OPTION_FORMAT], formats, COUNT_OF(formats), &format);
    options->source.format = format;
    return code == EXIT_OK ? read_columns(options, values[OPTION_COLUMNS]) : code;
}

enum exit_code evaluate_options_read(const struct command_arguments *arguments,
                                     struct evaluate_options *options)
{
    static const char *const protocols[] = {"next-click", "leave-one-out"};
    const char *const *values = arguments->values;
    uint32_t protocol;
    int64_t seed;

    enum exit_code code = read_source(options, values);
    if (code == EXIT_OK) {
        code = read_choice("--protocol", values[OPTION_PROTOCOL], protocols, COUNT_OF(protocols),
                           &protocol);
    }
    if (code == EXIT_OK) code = read_models(options, values[OPTION_MODELS]);
    if (code == EXIT_OK) code = read_against(options, values[OPTION_AGAINST]);
    if (code == EXIT_OK) code = read_ks(options, values[OPTION_K]);
    if (code == EXIT_OK) code = read_settings(options, values[OPTION_SETTINGS]);
    if (code != EXIT_OK) return code;
    if (slice_to_i64(slice_of(values[OPTION_SEED]), &seed) != STATUS_OK)
        return usage("--seed", slice_of(values[OPTION_SEED]), "is no whole number");
    code = read_encode(options, values[OPTION_THREADS], (uint64_t)seed);
    if (code != EXIT_OK) return code;
    options->settings.seed = (uint64_t)seed;
    options->settings.resamples = RESAMPLES;
    options->source.protocol = protocol;
    options->protocol = protocols[protocol];
    options->json = values[OPTION_JSON] != NULL;
    options->tune = values[OPTION_TUNE];
    if (options->json && options->tune != NULL) {
        (void)fputs(
            "headrace model evaluate: --json: does not go with --tune, which prints a line a "
            "combination; leave one of them out\n",
            stderr);
        return EXIT_USAGE;
    }
    return read_counts(options, values);
}
