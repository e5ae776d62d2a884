/* evaluate_models.c - from names on the command line to recommenders. The encoder is trained once, when
 * the first model that needs it is made. */
#include "host/evaluate_models.h"

#include <stdio.h>

#include "host/interrupt.h"
#include "model/judge/called.h"
#include "model/parts.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { BAR_MS = 250, WEIGHING_QUESTIONS_MAX = 5000, PATH_BYTES_MAX = 4096 };

/* --- the encoder --------------------------------------------------------------------------------- */

static void print_judged(const struct evaluate_models *models,
                         const struct encode_progress *progress)
{
    double seconds = (double)(clock_monotonic_ns() - models->started_ns) / 1e9;

    (void)fprintf(stderr, "%ssasrec        epoch %u of at most %u, loss %.4f",
                  models->shows_progress ? "\r" : "", progress->epoch, progress->epochs,
                  progress->loss);
    if (progress->measure != NULL)
        (void)fprintf(stderr, ", %s %.4f on valid", progress->measure, progress->value);
    (void)fprintf(stderr, ", %.0f s, %.0f clicks/s%s\n", seconds,
                  (double)progress->clicks / seconds, models->shows_progress ? "\033[K" : "");
}

static bool show(void *context, const struct encode_progress *progress)
{
    struct evaluate_models *models = context;
    int64_t now_ms = clock_monotonic_ms();
    double seconds = (double)(clock_monotonic_ns() - models->started_ns) / 1e9;

    if (progress->judged) {
        print_judged(models, progress);
    } else if (models->shows_progress && now_ms - models->shown_ms >= BAR_MS) {
        double rate = (double)progress->clicks / seconds;
        double left = (double)progress->epoch_clicks *
                      (1.0 - (double)progress->batch / progress->batches) / rate;

        models->shown_ms = now_ms;
        (void)fprintf(stderr,
                      "\rsasrec        epoch %u of at most %u, %3.0f %%, loss %.4f, %.0f "
                      "clicks/s, %.0f s left of it\033[K",
                      progress->epoch, progress->epochs,
                      100.0 * progress->batch / progress->batches, progress->loss, rate, left);
    }
    return !interrupt_seen();
}

/* Where nothing tells when to stop, so many epochs as it usually takes. */
static struct encode_plan plan_of(const struct evaluate_models *models)
{
    struct encode_plan plan = models->options->tuning.encode;

    if (models->dataset->valid.count == 0 && plan.epochs == encode_plan_default.epochs)
        plan.epochs = ENCODE_EPOCHS_UNJUDGED;
    if (plan.settings.sampled == 0 && models->dataset->catalogue_count > ENCODE_FULL_MAX)
        plan.settings.sampled = ENCODE_SAMPLED;
    return plan;
}

static enum status encoder_train(struct evaluate_models *models)
{
    const struct encode_plan plan = plan_of(models);
    const struct encode_watch watch = {show, models};

    models->setting.temperature = models->options->tuning.temperature;
    if (models->fit != NULL && encode_plan_equal(&plan, &models->fitted)) return STATUS_OK;
    encode_fit_destroy(models->fit);
    models->fit = NULL;
    models->fitted = plan;
    enum status status = encode_fit_create(models->dataset, &plan, &models->fit);
    if (status == STATUS_INVALID) {
        buffer_append_text(models->message, models->options->source.train);
        buffer_append_text(models->message, ": no session has two clicks, so there is nothing to "
                                            "learn from; leave sasrec and hybrid out");
    }
    if (status != STATUS_OK) return status;
    models->started_ns = clock_monotonic_ns();
    status = encode_fit_run(models->fit, &watch);
    if (status == STATUS_INVALID) {
        buffer_append_text(models->message,
                           "sasrec: its loss is no number any more; give a smaller "
                           "rate with --settings sasrec.rate=...");
    }
    if (status != STATUS_OK) return status;
    encoder_init(&encode_fit_layout(models->fit)->shape, encode_fit_values(models->fit),
                 &models->encoder);
    models->setting = (struct encoder_setting){
        .encoder = &models->encoder,
        .temperature = models->options->tuning.temperature,
    };
    return STATUS_OK;
}

/* Drawn items are asked for their scores, whichever they are. */
static struct recommender popular_of(const struct evaluate_models *models)
{
    return popular_recommender(models->dataset, models->options->settings.negatives > 0);
}

/* --- blends -------------------------------------------------------------------------------------- */

static enum status blend_of(struct evaluate_models *models, const struct blend_part *given,
                            uint32_t given_count, struct recommender *recommender)
{
    struct blend_part parts[BLEND_PARTS_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < given_count; i++) {
        if (given[i].weight > 0.0) parts[count++] = given[i];
    }
    return blend_recommender(parts, count, models->dataset, models->arena, recommender);
}

double evaluate_models_measure(const struct evaluate_models *models,
                               const struct model_result *result)
{
    const struct segment_result *all = &result->segments[SEGMENT_ALL];
    uint32_t last = models->options->settings.k_count - 1;

    return models->dataset->valid.last_only ? all->metrics[0][METRIC_NDCG].mean
                                            : all->metrics[last][METRIC_MRR].mean;
}

bool evaluate_goes_on(void *context, const char *model, uint32_t done, uint32_t questions)
{
    (void)context;
    (void)model;
    (void)done;
    (void)questions;
    return !interrupt_seen();
}

/* So many questions of the valid part, from all of it: files are in some order. */
static enum status weighing_part(const struct evaluate_models *models, struct dataset_part *part)
{
    uint32_t questions = dataset_part_questions(&models->dataset->valid);
    uint32_t step = (questions + WEIGHING_QUESTIONS_MAX - 1) / WEIGHING_QUESTIONS_MAX;

    return dataset_part_every(&models->dataset->valid, step, models->arena, part);
}

static enum status value_on(const struct evaluate_models *models, const struct dataset_part *part,
                            const struct recommender *recommender, double *value)
{
    struct arena_mark mark = arena_mark(models->arena);
    struct model_result result = {0};
    struct evaluate_settings settings = models->options->settings;
    const struct evaluation evaluation = {
        .dataset = models->dataset,
        .part = part,
        .recommenders = recommender,
        .count = 1,
        .settings = &settings,
    };

    settings.resamples = 1;
    settings.negatives = 0;
    settings.progress = evaluate_goes_on;
    enum status status = evaluate(&evaluation, models->arena, &result);
    *value = evaluate_models_measure(models, &result);
    arena_rewind(models->arena, mark);
    return status;
}

/* How much the encoder counts beside the blend, whose last part it is: what is best on valid. */
static enum status encoder_weigh(struct evaluate_models *models, struct blend_part *parts,
                                 uint32_t count)
{
    static const double weights[] = {1.0, 0.5, 0.25, 2.0, 4.0, 0.0}; /* the first of equals */
    struct dataset_part part;
    double best = -1.0;
    double chosen = 1.0;
    enum status status = weighing_part(models, &part);

    for (size_t i = 0; status == STATUS_OK && part.count > 0 && i < COUNT_OF(weights); i++) {
        struct recommender recommender;
        double value = 0.0;

        parts[count - 1].weight = weights[i];
        status = blend_of(models, parts, count, &recommender);
        if (status == STATUS_OK) status = value_on(models, &part, &recommender, &value);
        if (value > best) {
            best = value;
            chosen = weights[i];
        }
    }
    parts[count - 1].weight = chosen;
    if (status == STATUS_OK && part.count > 0) {
        (void)fprintf(stderr, "hybrid        hybrid.sasrec %g is best on valid (%.4f)\n", chosen,
                      best);
    }
    return status;
}

/* Whether any part counts; an encoder whose weight is still to be chosen does. */
static enum status weights_check(const struct evaluate_models *models, bool hybrid)
{
    const double *weights = models->options->tuning.weights;
    bool any = weights[MODEL_VMIS_KNN] > 0.0 || weights[MODEL_COOCCURRENCE] > 0.0 ||
               weights[MODEL_WALK] > 0.0 || weights[MODEL_POPULAR] > 0.0;
    bool none = weights[MODEL_SASREC] >= 0.0 && weights[MODEL_SASREC] <= 0.0;

    if (any || (hybrid && !none)) return STATUS_OK;
    buffer_append_text(models->message, hybrid ? "hybrid" : "blend");
    buffer_append_text(models->message,
                       ": all its weights are 0; give one of them more with --settings");
    return STATUS_INVALID;
}

static enum status blend_make(struct evaluate_models *models, bool hybrid,
                              struct recommender *recommender)
{
    const struct tuning *tuning = &models->options->tuning;
    struct blend_part parts[BLEND_PARTS_MAX] = {
        {.weight = tuning->weights[MODEL_VMIS_KNN]},
        {cooccurrence_recommender(models->cooccurrence), tuning->weights[MODEL_COOCCURRENCE]},
        {walk_recommender(models->cooccurrence), tuning->weights[MODEL_WALK]},
        {popular_of(models), tuning->weights[MODEL_POPULAR]},
    };
    uint32_t count = 4;
    enum status status = weights_check(models, hybrid);

    if (status == STATUS_OK) {
        status = vmis_knn_recommender(models->dataset, &tuning->vmis_knn, models->arena,
                                      &parts[0].recommender);
    }
    if (status == STATUS_OK && hybrid) {
        if (models->opened == NULL) status = encoder_train(models);
        parts[count++] = (struct blend_part){
            encoder_recommender(models->opened != NULL ? models->opened : &models->setting),
            tuning->weights[MODEL_SASREC]};
        if (status == STATUS_OK && tuning->weights[MODEL_SASREC] == HYBRID_WEIGHED)
            status = encoder_weigh(models, parts, count);
    }
    if (status == STATUS_OK) status = blend_of(models, parts, count, recommender);
    if (hybrid) recommender->name = "hybrid";
    return status;
}

/* --- directories --------------------------------------------------------------------------------- */

/* The encoder's numbers of the data set's items, and the other way round. */
static enum status items_match(const struct evaluate_models *models,
                               const struct encoder_model *model, struct encoder_setting *setting)
{
    const struct dataset *dataset = models->dataset;
    uint32_t count = encoder_model_encoder(model)->layout.shape.items;
    uint32_t *theirs = arena_alloc(models->arena, dataset->item_count, sizeof(*theirs));
    uint32_t *ours = arena_alloc(models->arena, count, sizeof(*ours));

    if (theirs == NULL || ours == NULL) return STATUS_LIMIT;
    memset(ours, 0xFF, count * sizeof(*ours));
    for (uint32_t i = 0; i < dataset->item_count; i++) {
        theirs[i] = encoder_model_find(model, dataset->names[i]);
        if (theirs[i] != UINT32_MAX && i < dataset->catalogue_count) ours[theirs[i]] = i;
    }
    *setting = (struct encoder_setting){
        .encoder = encoder_model_encoder(model),
        .temperature = models->options->tuning.temperature,
        .theirs = theirs,
        .ours = ours,
    };
    return STATUS_OK;
}

static enum status encoder_open(struct evaluate_models *models, uint32_t place, const char *path)
{
    struct encoder_setting *setting = arena_zalloc(models->arena, 1, sizeof(*setting));

    if (setting == NULL) return STATUS_LIMIT;
    size_t before = models->message->len;
    enum status status = encoder_model_open(path, &models->encoders[place], models->message);
    if (status != STATUS_OK) part_place(path, before, models->message);
    if (status == STATUS_OK) status = items_match(models, models->encoders[place], setting);
    models->recommenders[place] = encoder_recommender(setting);
    if (models->opened == NULL) {
        models->opened = setting;
        models->opened_place = place;
    }
    return status;
}

/* As a scenario would call it. */
static enum status called_open(struct evaluate_models *models, uint32_t place, const char *path,
                               const char *name)
{
    enum status status = model_open(path, &models->called[place], models->message);

    if (status != STATUS_OK) return status;
    return called_recommender(models->called[place], models->dataset, name, models->arena,
                              &models->recommenders[place]);
}

static bool has_index(const char *directory)
{
    struct buffer path;

    buffer_init(&path, PATH_BYTES_MAX);
    bool has = file_is_directory(file_join(&path, directory, "index"));
    buffer_deinit(&path);
    return has;
}

/* An encoder scores every item; one with an index beside it is called, and `hybrid` may take it apart. */
static enum status directory_open(struct evaluate_models *models, uint32_t place)
{
    struct slice name = models->options->names[place];
    char *text = arena_zalloc(models->arena, name.len + 1, 1);

    if (text == NULL) return STATUS_LIMIT;
    memcpy(text, name.data, name.len);
    const char *path = text + strlen("dir:");
    bool encodes = encoder_model_is(path);
    enum status status = encodes ? encoder_open(models, place, path) : STATUS_OK;
    if (status == STATUS_OK && (!encodes || has_index(path)))
        status = called_open(models, place, path, text);
    models->recommenders[place].name = text;
    return status;
}

/* --- all ----------------------------------------------------------------------------------------- */

static enum status model_make(struct evaluate_models *models, uint32_t place)
{
    struct recommender *recommender = &models->recommenders[place];
    enum status status = STATUS_OK;

    switch (models->options->models[place]) {
    case MODEL_POPULAR: *recommender = popular_of(models); return STATUS_OK;
    case MODEL_COOCCURRENCE:
        *recommender = cooccurrence_recommender(models->cooccurrence);
        return STATUS_OK;
    case MODEL_WALK: *recommender = walk_recommender(models->cooccurrence); return STATUS_OK;
    case MODEL_VMIS_KNN:
        return vmis_knn_recommender(models->dataset, &models->options->tuning.vmis_knn,
                                    models->arena, recommender);
    case MODEL_BLEND: return blend_make(models, false, recommender);
    case MODEL_SASREC:
        status = encoder_train(models);
        *recommender = encoder_recommender(&models->setting);
        return status;
    case MODEL_HYBRID: return blend_make(models, true, recommender);
    case MODEL_DIRECTORY: return STATUS_OK; /* opened before, for the hybrid's sake */
    case MODEL_KIND_COUNT: break;
    }
    UNREACHABLE("a model");
}

enum status evaluate_models_make(struct evaluate_models *models)
{
    enum status status = cooccurrence_create(models->dataset, &models->options->tuning.cooccurrence,
                                             models->arena, &models->cooccurrence);

    for (uint32_t i = 0; status == STATUS_OK && i < models->options->model_count; i++) {
        if (models->options->models[i] == MODEL_DIRECTORY) status = directory_open(models, i);
    }
    for (uint32_t i = 0; status == STATUS_OK && i < models->options->model_count; i++)
        status = model_make(models, i);
    return status;
}

void evaluate_models_close(struct evaluate_models *models)
{
    models->opened = NULL;
    for (uint32_t i = 0; i < EVALUATE_MODELS_MAX; i++) {
        if (models->called[i] != NULL) model_close(models->called[i]);
        encoder_model_close(models->encoders[i]);
        models->called[i] = NULL;
        models->encoders[i] = NULL;
    }
}

void evaluate_models_deinit(struct evaluate_models *models)
{
    evaluate_models_close(models);
    encode_fit_destroy(models->fit);
}
