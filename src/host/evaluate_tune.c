/* evaluate_tune.c - a grid walked like an odometer, the first name slowest; name the settings of
 * training first, so that those of blending share a training. */
#include "host/evaluate_tune.h"

#include <stdio.h>

#include "host/evaluate_seen.h"

enum { AXES_MAX = 16, VALUES_MAX = 64, GRID_MAX = 1000000 };

struct axis {
    struct slice name;
    struct slice values[VALUES_MAX];
    uint32_t count;
};

struct grid {
    struct axis axes[AXES_MAX];
    uint32_t count;
    uint64_t size;
};

/* The best a model has had. */
struct leader {
    double value;
    uint64_t place; /* in the grid */
};

static enum exit_code grid_refuse(struct slice word, const char *what)
{
    (void)fprintf(stderr, "headrace model evaluate: --tune: \"%.*s\" %s\n", (int)word.len,
                  (const char *)word.data, what);
    return EXIT_USAGE;
}

static enum exit_code axis_read(struct slice word, const struct tuning *tuning, struct axis *axis)
{
    const uint8_t *equals = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;
    struct tuning tried = *tuning;
    struct slice value;

    if (equals == NULL) return grid_refuse(word, "is not NAME=A/B/C");
    size_t len = (size_t)(equals - word.data);
    struct slice rest = {equals + 1, word.len - len - 1};
    *axis = (struct axis){.name = {word.data, len}};
    while (evaluate_list_next(&rest, '/', &value)) {
        enum exit_code code = evaluate_setting_apply("--tune", axis->name, value, &tried);

        if (code != EXIT_OK) return code;
        if (axis->count == VALUES_MAX) return grid_refuse(word, "has more than 64 values");
        axis->values[axis->count++] = value;
    }
    return EXIT_OK;
}

static enum exit_code grid_read(const char *text, const struct tuning *tuning, struct grid *grid)
{
    struct slice rest = slice_of(text);
    struct slice word;

    *grid = (struct grid){.size = 1};
    while (evaluate_list_next(&rest, ',', &word)) {
        if (grid->count == AXES_MAX) return grid_refuse(word, "is one name too many");
        enum exit_code code = axis_read(word, tuning, &grid->axes[grid->count]);

        if (code != EXIT_OK) return code;
        grid->size *= grid->axes[grid->count++].count;
        if (grid->size > GRID_MAX)
            return grid_refuse(word, "makes more than a million combinations");
    }
    return EXIT_OK;
}

static struct slice value_at(const struct grid *grid, uint64_t place, uint32_t axis)
{
    for (uint32_t i = grid->count; i-- > axis + 1;)
        place /= grid->axes[i].count;
    return grid->axes[axis].values[place % grid->axes[axis].count];
}

static void print_place(const struct grid *grid, uint64_t place)
{
    for (uint32_t i = 0; i < grid->count; i++) {
        struct slice value = value_at(grid, place, i);
        struct slice name = grid->axes[i].name;

        (void)printf("%s%.*s=%.*s", i == 0 ? "" : ",", (int)name.len, (const char *)name.data,
                     (int)value.len, (const char *)value.data);
    }
}

static enum exit_code place_apply(const struct grid *grid, uint64_t place, struct tuning *tuning)
{
    enum exit_code code = EXIT_OK;

    for (uint32_t i = 0; code == EXIT_OK && i < grid->count; i++) {
        code =
            evaluate_setting_apply("--tune", grid->axes[i].name, value_at(grid, place, i), tuning);
    }
    return code;
}

/* --- trying -------------------------------------------------------------------------------------- */

static enum status place_try(struct evaluate_models *models, const struct grid *grid,
                             uint64_t place, struct leader *leaders, bool *told)
{
    struct model_result results[EVALUATE_MODELS_MAX] = {0};
    struct evaluate_settings settings = models->options->settings;
    const struct evaluation evaluation = {
        .dataset = models->dataset,
        .part = &models->dataset->valid,
        .recommenders = models->recommenders,
        .count = models->options->model_count,
        .settings = &settings,
    };

    settings.resamples = 1;
    settings.progress = evaluate_goes_on;
    enum status status = evaluate_models_make(models);
    if (status == STATUS_OK && !*told) {
        enum seen_verdict ignored[EVALUATE_MODELS_MAX];

        evaluate_seen(models, "valid", ignored);
        *told = true;
    }
    if (status == STATUS_OK) status = evaluate(&evaluation, models->arena, results);
    if (status != STATUS_OK) return status;
    print_place(grid, place);
    for (uint32_t i = 0; i < evaluation.count; i++) {
        double value = evaluate_models_measure(models, &results[i]);

        (void)printf("  %s %.4f", results[i].name, value);
        if (value > leaders[i].value) leaders[i] = (struct leader){value, place};
    }
    (void)printf("\n");
    (void)fflush(stdout);
    return STATUS_OK;
}

/* source  SplitMix64 */
static uint64_t draw_below(uint64_t *state, uint64_t bound)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (z ^ (z >> 31)) % bound;
}

/* Of those tried; a model that was not judged even once has none. */
static void print_leaders(const struct evaluate_models *models, const struct grid *grid,
                          const struct leader *leaders)
{
    for (uint32_t i = 0; i < models->options->model_count; i++) {
        struct slice name = models->options->names[i];

        if (leaders[i].value < 0.0) continue;
        (void)printf("best of %.*s: %.4f with --settings ", (int)name.len, (const char *)name.data,
                     leaders[i].value);
        print_place(grid, leaders[i].place);
        (void)printf("\n");
    }
}

enum status evaluate_tune(struct evaluate_models *models, enum exit_code *code)
{
    struct evaluate_options options = *models->options;
    const struct evaluate_options *given = models->options;
    struct leader leaders[EVALUATE_MODELS_MAX];
    struct grid grid;
    uint64_t state = (uint64_t)options.settings.seed;
    bool told_seen = false;
    enum status status = STATUS_OK;

    *code = grid_read(options.tune, &options.tuning, &grid);
    if (*code == EXIT_OK && models->dataset->valid.count == 0)
        *code = grid_refuse(slice_of(options.tune), "needs a valid part; give --valid");
    if (*code != EXIT_OK) return STATUS_OK;
    uint64_t trials = options.trials > 0 ? options.trials : grid.size;
    bool last_only = models->dataset->valid.last_only;
    (void)printf("%s at k = %u on valid; %llu of %llu combinations\n", last_only ? "NDCG" : "MRR",
                 options.settings.ks[last_only ? 0 : options.settings.k_count - 1],
                 (unsigned long long)trials, (unsigned long long)grid.size);
    for (uint32_t i = 0; i < EVALUATE_MODELS_MAX; i++)
        leaders[i] = (struct leader){-1.0, 0};
    models->options = &options;
    for (uint64_t i = 0; status == STATUS_OK && *code == EXIT_OK && i < trials; i++) {
        struct arena_mark mark = arena_mark(models->arena);
        uint64_t place = options.trials > 0 ? draw_below(&state, grid.size) : i;

        options.tuning = given->tuning;
        *code = place_apply(&grid, place, &options.tuning);
        if (*code == EXIT_OK) status = place_try(models, &grid, place, leaders, &told_seen);
        evaluate_models_close(models);
        arena_rewind(models->arena, mark);
    }
    models->options = given;
    bool told = status == STATUS_OK || status == STATUS_AGAIN;
    if (told && *code == EXIT_OK) print_leaders(models, &grid, leaders);
    return status;
}
