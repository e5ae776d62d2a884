/* course_slirec.c - SLi-Rec from rows to a model directory: epochs, judging, the best kept.
 *
 * Where it stands is a place (checkpoint.h) and the trainer's numbers; everything else is made again from
 * the request, so that going on and never having stopped are the same thing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "model/model.h"
#include "model/train/card.h"
#include "model/train/course_inventory.h"
#include "model/train/course_place.h"
#include "model/train/initial.h"
#include "sys/file.h"

enum { STEPS = 50, PATH_BYTES_MAX = 4096 };
enum { STREAM_VALID = 0x7A11D, STREAM_TEST = 0x7E57 };
#define ARENA_BYTES_MAX ((size_t)16 << 30)

struct course_slirec {
    const struct course_request *request;
    const struct course_watch *watch;
    struct buffer *message;
    struct arena arena;
    struct train_choices choices;
    struct train_rows own_rows;
    struct train_data data;
    struct train_sampler sampler;
    struct train_judge valid, test;
    enum model_precision precision;
    struct trainer *trainer;
    const struct train_kernels *kernels;
    struct train_place_in_time place;
    struct buffer path;
};

/* --- preparing ---------------------------------------------------------------------------------- */

static enum status read_precision(struct course_slirec *course)
{
    const char *text = course->request->precision;

    if (text == NULL || model_precision_find(text, &course->precision)) return STATUS_OK;
    buffer_append_text(course->message, "--precision: must be float32 or bf16");
    return STATUS_INVALID;
}

static enum status read_data(struct course_slirec *course)
{
    const struct course_request *request = course->request;
    const struct train_rows *rows = request->rows;
    const struct train_data_options options = {
        .by_time = course->choices.by_time,
        .own_cates = course->choices.fixed || rows != NULL, /* a log's, as serving will see them */
        .clock = course->choices.fixed ? SLIREC_SECONDS : SLIREC_DAYS,
    };

    if (rows == NULL) {
        enum status status = train_rows_init(&course->own_rows, request->data, &course->arena);

        if (status == STATUS_OK) {
            status = train_rows_read(request->data, request->format, request->columns,
                                     &course->own_rows, course->message);
        }
        if (status != STATUS_OK) return status;
        rows = &course->own_rows;
    }
    enum status status = train_data_make(rows, &options, &course->data, course->message);
    if (status == STATUS_OK)
        train_note(request->data, &course->data, &options, course->watch->notes);
    return status;
}

static enum status make_sampler(struct course_slirec *course)
{
    const struct train_choices *choices = &course->choices;
    const struct train_sample_settings settings = {
        .batch = choices->batch,
        .negatives = choices->negatives,
        .steps = STEPS,
        .many = choices->fixed,
        .unknown = choices->unknown,
        .crop = choices->crop,
        .correction = choices->correction,
        .seed = course->request->seed,
        .clock = choices->fixed ? SLIREC_SECONDS : SLIREC_DAYS,
    };
    enum status status =
        train_sampler_init(&course->sampler, &course->data, &settings, &course->arena);

    if (status == STATUS_OK) {
        status = train_judge_init(&course->valid, &course->sampler, &course->data.valid,
                                  choices->judge_negatives, STREAM_VALID, &course->arena);
    }
    if (status == STATUS_OK) {
        status = train_judge_init(&course->test, &course->sampler, &course->data.test,
                                  choices->judge_negatives, STREAM_TEST, &course->arena);
    }
    return status;
}

static enum status make_trainer(struct course_slirec *course)
{
    const struct train_shape shape = {
        .items = course->data.item_names.count,
        .cates = course->data.cate_names.count,
        .item_width = 32,
        .cate_width = 8,
        .steps = STEPS,
        .att1 = 80,
        .att2 = 40,
        .logit1 = 100,
        .logit2 = 64,
    };
    const struct train_settings settings = {
        .learning_rate = course->choices.learning_rate,
        .dropout = course->choices.dropout,
        .binary = course->choices.binary,
        .group = course->sampler.settings.negatives + 1,
        .examples_max = course->choices.batch,
        .threads = course->request->threads,
        .seed = course->request->seed,
        .average = course->choices.average,
        .masked = course->choices.fixed,
    };

    course->kernels = train_kernels_best();
    enum status status = trainer_create(&shape, &settings, course->kernels, &course->trainer);
    if (status != STATUS_OK) {
        buffer_append_text(course->message, "the batch does not fit the memory: give fewer with "
                                            "--settings batch=...,negatives=...");
        return status;
    }
    size_t count = trainer_layout(course->trainer)->count;
    course->place.log = arena_alloc(&course->arena, TRAIN_EPOCHS_MAX, sizeof(*course->place.log));
    course->place.best = arena_zalloc(&course->arena, count, sizeof(*course->place.best));
    if (course->place.log == NULL || course->place.best == NULL) return STATUS_LIMIT;
    train_initialise(course->trainer, course->request->seed, course->choices.fixed,
                     course->choices.memory);
    return STATUS_OK;
}

/* --- the place ---------------------------------------------------------------------------------- */

static uint64_t hash_of(const void *bytes, size_t count, uint64_t seed)
{
    return hash_bytes((struct slice){bytes, count}, seed);
}

static void name_place(struct course_slirec *course)
{
    const struct train_data *data = &course->data;
    struct train_place_in_time *place = &course->place;
    const struct {
        uint64_t seed, threads;
        struct train_choices choices;
    } decides = {course->request->seed, course->request->threads, course->choices};
    struct train_choices choices = decides.choices;

    choices.epochs = 0; /* more of them may be asked for */
    place->data = hash_of(data->items, data->event_count * sizeof(*data->items), 1);
    place->data = hash_of(data->cates, data->event_count * sizeof(*data->cates), place->data);
    place->data = hash_of(data->times, data->event_count * sizeof(*data->times), place->data);
    place->data = hash_of(data->train.at, data->train.count * sizeof(*data->train.at), place->data);
    place->settings = train_choices_hash(&choices, decides.seed ^ decides.threads << 56);
    place->settings = hash_bytes(slice_of(course->kernels->name), place->settings);
}

static const char *checkpoint_path(struct course_slirec *course)
{
    return file_join(&course->path, course->request->output, "checkpoint");
}

static enum status save(struct course_slirec *course)
{
    return train_checkpoint_write(checkpoint_path(course), course->trainer, &course->place,
                                  course->message);
}

static enum status start(struct course_slirec *course)
{
    enum status status =
        course_begin(course->request, MODEL_KIND_SLIREC, course->watch->notes, course->message);

    if (status != STATUS_OK) return status;
    name_place(course);
    if (!course->request->resume) return STATUS_OK;
    return train_checkpoint_read(checkpoint_path(course), course->trainer, &course->place,
                                 course->message);
}

/* --- epochs ------------------------------------------------------------------------------------- */

static struct course_progress progress_of(const struct course_slirec *course)
{
    const struct train_place_in_time *place = &course->place;
    uint64_t done = (uint64_t)place->batch * course->choices.batch;
    uint64_t total = course->data.train.count;

    return (struct course_progress){
        .epoch = place->epoch + 1,
        .epochs = course->choices.epochs,
        .done = done < total ? done : total,
        .total = total,
        .loss = place->loss_count > 0 ? place->loss_sum / (double)place->loss_count : 0.0,
    };
}

/* false: the watch wants to stop */
static bool end_epoch(struct course_slirec *course)
{
    struct train_place_in_time *place = &course->place;
    struct course_progress progress = progress_of(course);
    struct train_epoch *epoch = &place->log[place->logged++];
    char others[128];

    epoch->loss = progress.loss;
    trainer_exchange(course->trainer);
    train_judge_run(&course->valid, course->trainer, &epoch->valid);
    if (place->best_epoch == 0 || epoch->valid.group_auc > place->best_value) {
        place->best_value = epoch->valid.group_auc;
        place->best_epoch = place->epoch + 1;
        memcpy(place->best, trainer_state(course->trainer).value,
               trainer_layout(course->trainer)->count * sizeof(float));
    }
    trainer_exchange(course->trainer);
    (void)snprintf(others, sizeof(others), "AUC %.4f, MRR %.4f, NDCG@2 %.4f", epoch->valid.auc,
                   epoch->valid.mrr, epoch->valid.ndcg[0]);
    progress.done = progress.total;
    progress.metric = "group AUC";
    progress.value = epoch->valid.group_auc;
    progress.best = place->best_value;
    progress.others = others;
    place->epoch++;
    place->batch = 0;
    place->loss_sum = 0;
    place->loss_count = 0;
    return course->watch->progress(course->watch->context, &progress);
}

static bool over(const struct course_slirec *course)
{
    const struct train_place_in_time *place = &course->place;

    return place->epoch >= course->choices.epochs ||
           (place->best_epoch > 0 && place->epoch >= place->best_epoch + course->choices.patience);
}

static enum status learn(struct course_slirec *course)
{
    struct train_place_in_time *place = &course->place;

    while (!over(course)) {
        const struct train_batch *batch =
            train_sampler_batch(&course->sampler, place->epoch, place->batch);
        struct train_loss loss = trainer_step(course->trainer, batch);
        bool goes_on;

        place->loss_sum += loss.data * batch->count;
        place->loss_count += batch->count;
        place->batch++;
        if (!(loss.data - loss.data == 0.0)) {
            buffer_append_text(course->message,
                               "the loss is no number any more; try a smaller learning-rate");
            return STATUS_LIMIT;
        }
        bool ends = place->batch >= course->sampler.batches;
        const struct course_progress progress = progress_of(course);
        goes_on =
            ends ? end_epoch(course) : course->watch->progress(course->watch->context, &progress);
        if (!ends && goes_on) continue;
        enum status status = save(course);
        if (status != STATUS_OK) return status;
        if (!goes_on) return STATUS_AGAIN;
    }
    return STATUS_OK;
}

/* --- the end ------------------------------------------------------------------------------------ */

static enum status finish(struct course_slirec *course)
{
    struct train_state state = trainer_state(course->trainer);
    struct train_metrics test;
    struct buffer card;

    memcpy(state.value, course->place.best, trainer_layout(course->trainer)->count * sizeof(float));
    train_judge_run(&course->test, course->trainer, &test);
    buffer_init(&card, 1 << 20);
    train_card_write(&(struct train_card){.request = course->request,
                                          .choices = &course->choices,
                                          .data = &course->data,
                                          .place = &course->place,
                                          .test = &test,
                                          .kernels = course->kernels->name},
                     &card);
    enum status status = train_export(
        &(struct train_export){
            .layout = trainer_layout(course->trainer),
            .value = state.value,
            .data = &course->data,
            .arithmetic = course->choices.fixed ? "fixed" : "compat",
            .order = course->choices.by_time ? "time" : "given",
            .inventory = course->request->inventory,
            .precision = course->precision,
            .card = buffer_slice(&card),
        },
        course->request->output, course->message);
    buffer_deinit(&card);
    return course_end(status, course->watch->notes, course->message);
}

enum status course_slirec_check(const struct course_request *request, struct buffer *message);
enum status course_slirec_check(const struct course_request *request, struct buffer *message)
{
    struct course_slirec course = {.request = request, .message = message};
    enum status status = train_choices_read(request, &course.choices, message);

    return status == STATUS_OK ? read_precision(&course) : status;
}

enum status course_slirec(const struct course_request *request, const struct course_watch *watch,
                          struct buffer *message);
enum status course_slirec(const struct course_request *request, const struct course_watch *watch,
                          struct buffer *message)
{
    struct course_slirec course = {.request = request, .watch = watch, .message = message};

    arena_init(&course.arena, ARENA_BYTES_MAX);
    buffer_init(&course.path, PATH_BYTES_MAX);
    enum status status = train_choices_read(request, &course.choices, message);
    if (status == STATUS_OK) status = read_precision(&course);
    if (status == STATUS_OK)
        status = model_place_check(request->output, MODEL_KIND_SLIREC, NULL, message);
    if (status == STATUS_OK) status = read_data(&course);
    if (status == STATUS_OK) {
        status = course_inventory_check(request->inventory, course.data.catalogue,
                                        course.data.catalogue_count, &course.arena, message);
    }
    if (status == STATUS_OK) status = make_sampler(&course);
    if (status == STATUS_OK) status = make_trainer(&course);
    if (status == STATUS_OK) status = start(&course);
    if (status == STATUS_OK) status = learn(&course);
    if (status == STATUS_OK) status = finish(&course);
    trainer_destroy(course.trainer);
    buffer_deinit(&course.path);
    arena_deinit(&course.arena);
    return status;
}
