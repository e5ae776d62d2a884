/* evaluate_options.h - the command line of `headrace model evaluate`, read and checked. */
#pragma once
#include "host/command.h"
#include "model/encode/fit.h"
#include "model/judge/evaluate.h"
#include "model/retrieve/retrieval.h"

/* In the order of the rows. */
enum evaluate_option {
    OPTION_TRAIN,
    OPTION_VALID,
    OPTION_TEST,
    OPTION_FORMAT,
    OPTION_COLUMNS,
    OPTION_PROTOCOL,
    OPTION_MODELS,
    OPTION_AGAINST,
    OPTION_K,
    OPTION_SETTINGS,
    OPTION_SEED,
    OPTION_THREADS,
    OPTION_NEGATIVES,
    OPTION_TUNE,
    OPTION_TRIALS,
    OPTION_JSON,
    OPTION_FROM_LOG,
    OPTION_TOPIC,
};

enum { EVALUATE_MODELS_MAX = 8 };
#define HYBRID_WEIGHED \
    (-1.0) /* the encoder's weight: what is best on the valid part, 1 without one */

/* MODEL(symbol, name): what --models may name. */
#define MODEL_TABLE                     \
    MODEL(POPULAR, "popular")           \
    MODEL(COOCCURRENCE, "cooccurrence") \
    MODEL(WALK, "walk")                 \
    MODEL(VMIS_KNN, "vmis-knn")         \
    MODEL(BLEND, "blend")               \
    MODEL(SASREC, "sasrec")             \
    MODEL(HYBRID, "hybrid")

enum model_kind {
#define MODEL(symbol, name) MODEL_##symbol,
    MODEL_TABLE
#undef MODEL
        MODEL_DIRECTORY, /* dir:PATH */
    MODEL_KIND_COUNT
};

/* What --settings may change; the blend's weights were tuned on the validation part of the Serenade
 * sample (docs/models.md). */
struct tuning {
    struct cooccurrence_settings cooccurrence;
    struct vmis_knn_settings vmis_knn;
    struct encode_plan encode;
    double temperature;               /* of the encoder's scores */
    double weights[MODEL_KIND_COUNT]; /* in the blend; the encoder's in the hybrid */
};

struct evaluate_options {
    struct dataset_source source;
    struct tuning tuning;
    struct evaluate_settings settings;
    enum model_kind models[EVALUATE_MODELS_MAX];
    struct slice names[EVALUATE_MODELS_MAX]; /* as given */
    uint32_t model_count;
    uint32_t against;     /* place in models */
    const char *protocol; /* its name */
    const char *log; /* a server's directory: clicks are its source.train's, a topic; NULL: files */
    const char *
        members; /* of the topic's objects, as --columns has them; NULL: as they are usually called */
    bool json;
    const char *tune; /* grid, or NULL */
    uint32_t trials;  /* of the grid, at random; 0: all */
};

/* One setting by name, as --settings and --tune have it. Says on standard error what is wrong; option:
 * what to call it. */
enum exit_code evaluate_setting_apply(const char *option, struct slice name, struct slice text,
                                      struct tuning *tuning);

/* The next of a list; false: there is none. */
bool evaluate_list_next(struct slice *rest, uint8_t separator, struct slice *word);

/* Says on standard error what is wrong. */
enum exit_code evaluate_options_read(const struct command_arguments *arguments,
                                     struct evaluate_options *options);
