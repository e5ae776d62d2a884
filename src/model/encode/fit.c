/* fit.c - windows, shuffled by seed and epoch; batches; what is best is kept. */
#include "model/encode/fit_room.h"

#include <math.h>
#include <stdlib.h>

enum { PATIENCE_BATCHES = 300 };

const struct encode_plan encode_plan_default = {
    .shape = {.width = 64, .heads = 2, .layers = 2, .inner = 256, .steps = 50},
    .settings = {.learning_rate = 0.001, .dropout = 0.5, .batch = 128, .threads = 1, .seed = 1},
    .epochs = 100,
    .patience = 5,
};

bool encode_plan_equal(const struct encode_plan *left, const struct encode_plan *right)
{
    const struct encode_shape *a = &left->shape;
    const struct encode_shape *b = &right->shape;
    const struct encode_settings *s = &left->settings;
    const struct encode_settings *t = &right->settings;
    const double pairs[][2] = {
        {a->items, b->items},
        {a->width, b->width},
        {a->heads, b->heads},
        {a->layers, b->layers},
        {a->inner, b->inner},
        {a->steps, b->steps},
        {s->learning_rate, t->learning_rate},
        {s->dropout, t->dropout},
        {s->batch, t->batch},
        {s->sampled, t->sampled},
        {s->threads, t->threads},
        {left->epochs, right->epochs},
        {left->patience, right->patience},
    };

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (pairs[i][0] < pairs[i][1] || pairs[i][0] > pairs[i][1]) return false;
    }
    return s->seed == t->seed;
}

/* A long sequence is cut into windows from its end; neighbours share one click, so that every click
 * but the first is asked for once. */
static uint32_t windows_cut(const uint32_t *items, uint32_t len, uint32_t steps,
                            struct encode_sequence *out)
{
    uint32_t count = 0;

    while (len >= 2) {
        uint32_t taken = len < steps + 1 ? len : steps + 1;

        if (out != NULL) out[count] = (struct encode_sequence){items + len - taken, taken};
        count++;
        len -= taken - 1;
    }
    return count;
}

static enum status windows_make(struct encode_fit *fit)
{
    const struct dataset_part *train = &fit->dataset->train;
    uint32_t steps = fit->plan.shape.steps;
    uint32_t count = 0;

    for (uint32_t i = 0; i < train->count; i++)
        count += windows_cut(NULL, train->starts[i + 1] - train->starts[i], steps, NULL);
    fit->windows = arena_alloc(&fit->arena, count, sizeof(*fit->windows));
    fit->order = arena_alloc(&fit->arena, count, sizeof(*fit->order));
    fit->batch = arena_alloc(&fit->arena, fit->plan.settings.batch, sizeof(*fit->batch));
    if (fit->windows == NULL || fit->order == NULL || fit->batch == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < train->count; i++) {
        fit->window_count +=
            windows_cut(train->items + train->starts[i], train->starts[i + 1] - train->starts[i],
                        steps, fit->windows + fit->window_count);
    }
    for (uint32_t i = 0; i < fit->window_count; i++)
        fit->epoch_clicks += fit->windows[i].len - 1;
    return fit->window_count > 0 ? STATUS_OK : STATUS_INVALID;
}

static enum status judge_make(struct encode_fit *fit)
{
    struct encode_state state = encode_trainer_state(fit->trainer);

    fit->body = (struct encode_body){
        .layout = encode_trainer_layout(fit->trainer),
        .kernels = fit->plan.settings.kernels,
        .products = fit->plan.settings.products,
        .value = state.value,
    };
    fit->best = arena_zalloc(&fit->arena, fit->body.layout->count, sizeof(real));
    if (fit->best == NULL) return STATUS_LIMIT;
    memcpy(fit->best, state.value, fit->body.layout->count * sizeof(real));
    if (fit->dataset->valid.count == 0) return STATUS_OK;
    return encode_validation_create(&fit->body, &fit->dataset->valid,
                                    encode_trainer_team(fit->trainer), &fit->arena,
                                    &fit->validation);
}

enum status encode_fit_create(const struct dataset *dataset, const struct encode_plan *plan,
                              struct encode_fit **out)
{
    struct encode_fit *fit = calloc(1, sizeof(*fit));

    if (fit == NULL) return STATUS_LIMIT;
    arena_init(&fit->arena, SIZE_MAX);
    fit->dataset = dataset;
    fit->plan = *plan;
    fit->plan.shape.items = dataset->catalogue_count;
    if (fit->plan.settings.kernels == NULL) fit->plan.settings.kernels = encode_kernels_best();
    if (fit->plan.settings.products == NULL) fit->plan.settings.products = train_kernels_best();
    enum status status = windows_make(fit);
    if (status == STATUS_OK) {
        status = encode_trainer_create(&fit->plan.shape, &fit->plan.settings, dataset->clicks,
                                       &fit->trainer);
    }
    if (status == STATUS_OK) status = judge_make(fit);
    if (status == STATUS_OK) {
        *out = fit;
    } else {
        encode_fit_destroy(fit);
    }
    return status;
}

void encode_fit_destroy(struct encode_fit *fit)
{
    if (fit == NULL) return;
    encode_trainer_destroy(fit->trainer);
    arena_deinit(&fit->arena);
    free(fit);
}

/* --- the course ---------------------------------------------------------------------------------- */

/* source  SplitMix64 */
static uint32_t draw_below(uint64_t *state, uint32_t bound)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((((z ^ (z >> 31)) >> 32) * bound) >> 32);
}

/* A function of seed and epoch, so that a training taken up again sees the same batches. */
static void order_shuffle(struct encode_fit *fit)
{
    uint64_t state = fit->plan.settings.seed * 0x9E3779B97F4A7C15U + fit->course.epoch;

    for (uint32_t i = 0; i < fit->window_count; i++)
        fit->order[i] = i;
    for (uint32_t i = fit->window_count; i > 1; i--) {
        uint32_t other = draw_below(&state, i);
        uint32_t kept = fit->order[i - 1];

        fit->order[i - 1] = fit->order[other];
        fit->order[other] = kept;
    }
}

static uint32_t batch_count(const struct encode_fit *fit)
{
    uint32_t batch = fit->plan.settings.batch;

    return (fit->window_count + batch - 1) / batch;
}

/* False: the loss is finite no more. */
static bool batch_learn(struct encode_fit *fit)
{
    uint32_t batch = fit->plan.settings.batch;
    uint32_t first = fit->course.batch * batch;
    uint32_t count = fit->window_count - first < batch ? fit->window_count - first : batch;
    uint64_t clicks = 0;

    for (uint32_t i = 0; i < count; i++) {
        fit->batch[i] = fit->windows[fit->order[first + i]];
        clicks += fit->batch[i].len - 1;
    }
    double loss = encode_trainer_step(fit->trainer, fit->batch, count);
    fit->course.loss += loss * (double)clicks;
    fit->course.clicks += clicks;
    fit->clicks += clicks;
    fit->course.batch++;
    return isfinite(loss);
}

static bool report(const struct encode_fit *fit, const struct encode_watch *watch, bool judged)
{
    const struct encode_course *course = &fit->course;
    bool has = fit->validation != NULL;
    bool last_only = fit->dataset->valid.last_only;
    struct encode_progress progress = {
        .epoch = course->epoch + 1,
        .epochs = fit->plan.epochs,
        .batch = course->batch,
        .batches = batch_count(fit),
        .clicks = fit->clicks,
        .epoch_clicks = fit->epoch_clicks,
        .loss = course->clicks > 0 ? course->loss / (double)course->clicks : 0.0,
        .judged = judged,
        .quality = fit->quality,
        .measure = !has        ? NULL
                   : last_only ? "NDCG@10"
                               : "MRR@20",
        .value = encode_measure(fit, &fit->quality),
        .best = course->best_epoch > 0 ? encode_measure(fit, &course->best) : 0.0,
    };

    return watch->progress == NULL || watch->progress(watch->context, &progress);
}

static bool values_finite(const struct encode_fit *fit)
{
    const real *value = encode_trainer_state(fit->trainer).value;

    for (size_t i = 0; i < fit->body.layout->count; i++) {
        if (!isfinite(value[i])) return false;
    }
    return true;
}

static void epoch_judge(struct encode_fit *fit)
{
    const real *value = encode_trainer_state(fit->trainer).value;
    struct encode_course *course = &fit->course;
    bool better = true;

    if (fit->validation != NULL) {
        fit->quality = encode_validate(fit->validation);
        better = course->best_epoch == 0 ||
                 encode_measure(fit, &fit->quality) > encode_measure(fit, &course->best);
    }
    course->stale++;
    if (!better) return;
    course->stale = 0;
    course->best = fit->quality;
    course->best_epoch = fit->validation != NULL ? course->epoch + 1 : 0;
    memcpy(fit->best, value, fit->body.layout->count * sizeof(real));
}

double encode_measure(const struct encode_fit *fit, const struct encode_quality *quality)
{
    return fit->dataset->valid.last_only ? quality->ndcg10 : quality->mrr20;
}

/* An epoch of few batches moves little, so patience is counted in batches, too: learning begins with a
 * stretch in which nothing seems to get better. */
static bool is_over(const struct encode_fit *fit)
{
    uint64_t stale = fit->course.stale;

    return fit->course.epoch >= fit->plan.epochs ||
           (fit->plan.patience > 0 && stale >= fit->plan.patience &&
            stale * batch_count(fit) >= PATIENCE_BATCHES);
}

enum status encode_fit_run(struct encode_fit *fit, const struct encode_watch *watch)
{
    struct encode_course *course = &fit->course;

    while (!is_over(fit)) {
        order_shuffle(fit);
        while (course->batch < batch_count(fit)) {
            if (!batch_learn(fit)) return STATUS_INVALID;
            if (course->batch < batch_count(fit) && !report(fit, watch, false)) return STATUS_AGAIN;
        }
        if (!values_finite(fit)) return STATUS_INVALID;
        epoch_judge(fit);
        bool goes_on = report(fit, watch, true);
        *course = (struct encode_course){.epoch = course->epoch + 1,
                                         .stale = course->stale,
                                         .best_epoch = course->best_epoch,
                                         .best = course->best};
        if (!goes_on && !is_over(fit)) return STATUS_AGAIN;
    }
    return STATUS_OK;
}

const struct encode_layout *encode_fit_layout(const struct encode_fit *fit)
{
    return fit->body.layout;
}

const real *encode_fit_values(const struct encode_fit *fit)
{
    return fit->best;
}

struct encode_quality encode_fit_quality(const struct encode_fit *fit)
{
    return fit->course.best;
}

uint32_t encode_fit_best_epoch(const struct encode_fit *fit)
{
    return fit->course.best_epoch;
}

uint32_t encode_fit_epochs(const struct encode_fit *fit)
{
    return fit->course.epoch;
}
