/* course_sasrec.c - `headrace model train --model sasrec`: clicks in, an encoder's directory out.
 *
 * Sessions and events are split by time (the last tenth is for testing, the tenth before it decides when
 * to stop), sequences and interactions by leaving the last two out of each. What is tested is not
 * learned; a model for serving that should know the last days is trained on a file that ends later.
 */
#include <stdio.h>

#include "model/encode/fit.h"
#include "model/encode/store.h"
#include "model/train/course_place.h"
#include "model/train/rows.h"
#include "model/train/settings.h"
#include "sys/file.h"

enum { PATH_BYTES_MAX = 4096 };
#define ARENA_BYTES_MAX      ((size_t)16 << 30)
#define CHECKPOINT_BYTES_MAX ((size_t)16 << 30)

struct course_sasrec {
    const struct course_request *request;
    const struct course_watch *watch;
    struct buffer *message;
    struct arena arena;
    struct dataset dataset;
    struct encode_plan plan;
    struct encode_fit *fit;
    struct buffer path;
    bool stopped;  /* by the watch */
    bool diverged; /* the loss is no number any more */
};

/* --- settings ------------------------------------------------------------------------------------ */

static const struct train_setting settings[] = {
#define ENCODE_SETTING(name, member, whole, low, high) \
    {name, offsetof(struct encode_plan, member), whole, low, high},
#include "model/encode/settings.def"
#undef ENCODE_SETTING
};

static enum status plan_read(struct course_sasrec *course)
{
    const struct course_request *request = course->request;
    struct encode_plan *plan = &course->plan;

    if (request->arithmetic != NULL) {
        buffer_append_text(course->message, "--arithmetic: is for slirec only; leave it out");
        return STATUS_INVALID;
    }
    if (request->precision != NULL) {
        buffer_append_text(course->message, "--precision: is for slirec only; leave it out");
        return STATUS_INVALID;
    }
    if (request->inventory != NULL) {
        buffer_append_text(course->message,
                           "--inventory: is for slirec only; an encoder's names are "
                           "the shop's product ids");
        return STATUS_INVALID;
    }
    *plan = encode_plan_default;
    plan->settings.threads = request->threads;
    plan->settings.seed = request->seed;
    enum status status =
        train_settings_read(request->settings, settings, COUNT_OF(settings), plan, course->message);
    if (request->epochs > 0) plan->epochs = request->epochs;
    struct encode_shape shape = plan->shape;
    shape.items = 2; /* not known yet */
    const char *trouble = encode_shape_trouble(&shape);
    if (status != STATUS_OK || trouble == NULL) return status;
    buffer_append_text(course->message, "--settings: ");
    buffer_append_text(course->message, trouble);
    return STATUS_INVALID;
}

/* --- clicks -------------------------------------------------------------------------------------- */

static enum status columns_read(struct course_sasrec *course, struct dataset_source *source)
{
    const char *at = course->request->columns;
    uint32_t count = 0;

    for (; at != NULL && *at != '\0' && count < COUNT_OF(source->columns); count++) {
        size_t len = strcspn(at, ",");

        source->columns[count] = (struct slice){(const uint8_t *)at, len};
        at += len + (at[len] == ',');
    }
    if (at == NULL || count == COUNT_OF(source->columns)) return STATUS_OK;
    buffer_append_text(course->message, "--columns: must be USER,ITEM,TIME, the header's names");
    return STATUS_INVALID;
}

/* Rows of interactions without their categories. */
static enum status rows_take(struct course_sasrec *course, const struct train_rows *from,
                             const struct dataset_source *source)
{
    struct dataset_reader reader = {source, &course->arena, from->items, course->watch->notes,
                                    course->message};
    struct dataset_rows rows = {
        .path = from->path,
        .rows = arena_alloc(&course->arena, from->count, sizeof(*rows.rows)),
        .count = from->count,
        .owner_count = from->users.count,
        .timed = course->request->order != COURSE_ORDER_GIVEN,
    };

    if (rows.rows == NULL) return dataset_full(&reader);
    for (uint32_t i = 0; i < from->count; i++) {
        rows.rows[i] = (struct dataset_row){
            .time = rows.timed ? from->at[i].time : 0.0,
            .owner = from->at[i].user,
            .item = from->at[i].item,
            .line = from->at[i].line,
        };
    }
    return dataset_of_rows(&reader, &rows, &course->dataset);
}

static enum status clicks_read(struct course_sasrec *course)
{
    const struct course_request *request = course->request;
    bool leave = request->format == COURSE_SEQUENCES || request->format == COURSE_INTERACTIONS;
    struct dataset_source source = {
        .train = request->data,
        .format = request->format == COURSE_SESSIONS ? DATASET_SESSIONS
                  : request->format == COURSE_EVENTS ? DATASET_EVENTS
                                                     : DATASET_SEQUENCES,
        .protocol = leave ? DATASET_LEAVE_ONE_OUT : DATASET_NEXT_CLICK,
        .alone = true,
    };
    enum status status = columns_read(course, &source);

    if (status != STATUS_OK) return status;
    if (request->rows != NULL) return rows_take(course, request->rows, &source);
    if (request->format != COURSE_INTERACTIONS) {
        return dataset_read(&source, &course->arena, course->watch->notes, course->message,
                            &course->dataset);
    }
    struct train_rows rows;
    status = train_rows_init(&rows, request->data, &course->arena);
    if (status == STATUS_OK) {
        status = train_rows_read(request->data, request->format, request->columns, &rows,
                                 course->message);
    }
    return status == STATUS_OK ? rows_take(course, &rows, &source) : status;
}

/* --- the course ---------------------------------------------------------------------------------- */

static const char *checkpoint_path(struct course_sasrec *course)
{
    return file_join(&course->path, course->request->output, "checkpoint");
}

static enum status save(struct course_sasrec *course)
{
    struct buffer bytes;

    buffer_init(&bytes, CHECKPOINT_BYTES_MAX);
    encode_fit_save(course->fit, &bytes);
    enum status status =
        bytes.failed ? STATUS_LIMIT : file_write(checkpoint_path(course), buffer_slice(&bytes));
    buffer_deinit(&bytes);
    if (status != STATUS_OK) {
        buffer_append_text(course->message, checkpoint_path(course));
        buffer_append_text(course->message, ": cannot be written; is there room, and permission?");
    }
    return status;
}

static enum status restore(struct course_sasrec *course)
{
    const char *path = checkpoint_path(course);
    struct buffer bytes;

    buffer_init(&bytes, CHECKPOINT_BYTES_MAX);
    enum status status = file_read_regular(path, &bytes);
    buffer_append_text(course->message, path);
    buffer_append_text(course->message, ": ");
    if (status != STATUS_OK) {
        buffer_append_text(course->message, file_trouble(path, status));
    } else {
        status = encode_fit_restore(course->fit, buffer_slice(&bytes), course->message);
        if (status == STATUS_OK) buffer_clear(course->message);
    }
    buffer_deinit(&bytes);
    return status;
}

static bool show(void *context, const struct encode_progress *progress)
{
    struct course_sasrec *course = context;
    char others[128];
    struct course_progress shown = {
        .epoch = progress->epoch,
        .epochs = progress->epochs,
        .done = (uint64_t)((double)progress->epoch_clicks * progress->batch / progress->batches),
        .total = progress->epoch_clicks,
        .loss = progress->loss,
    };

    (void)snprintf(others, sizeof(others), "HR@10 %.4f, NDCG@10 %.4f, HR@20 %.4f, MRR@20 %.4f",
                   progress->quality.hr10, progress->quality.ndcg10, progress->quality.hr20,
                   progress->quality.mrr20);
    if (progress->judged) {
        shown.metric = progress->measure != NULL ? progress->measure : "loss";
        shown.value = progress->measure != NULL ? progress->value : progress->loss;
        shown.best = progress->measure != NULL && progress->best > progress->value ? progress->best
                                                                                   : shown.value;
        shown.others = progress->measure != NULL ? others : "nothing to judge by";
    }
    course->stopped = !course->watch->progress(course->watch->context, &shown);
    return !course->stopped;
}

static enum status learn(struct course_sasrec *course)
{
    const struct encode_watch watch = {show, course};
    struct encode_plan *plan = &course->plan;
    uint32_t items = course->dataset.catalogue_count;

    if (course->dataset.valid.count == 0 && course->request->epochs == 0)
        plan->epochs = ENCODE_EPOCHS_UNJUDGED;
    if (plan->settings.sampled == 0 && items > ENCODE_FULL_MAX)
        plan->settings.sampled = ENCODE_SAMPLED;
    enum status status = encode_fit_create(&course->dataset, plan, &course->fit);
    if (status == STATUS_INVALID) {
        buffer_append_text(course->message, course->request->data);
        buffer_append_text(course->message, ": no user or session has two clicks to learn from; "
                                            "check which column is which");
    }
    if (status == STATUS_LIMIT) {
        buffer_append_text(course->message, "the training does not fit the memory; give a smaller "
                                            "width or batch, or sampled=8192, with --settings");
    }
    if (status == STATUS_OK && course->request->resume) status = restore(course);
    if (status != STATUS_OK) return status;
    enum status end = encode_fit_run(course->fit, &watch);
    course->diverged = end == STATUS_INVALID;
    if (course->diverged) return STATUS_LIMIT;
    status = save(course);
    return status == STATUS_OK ? end : status;
}

static void card_write(const struct course_sasrec *course, struct buffer *out)
{
    const struct encode_shape *shape = &encode_fit_layout(course->fit)->shape;
    const struct encode_settings *made = &course->plan.settings;
    struct encode_quality valid = encode_fit_quality(course->fit);
    char text[1024];

    (void)snprintf(
        text, sizeof(text),
        "# Encoder (sasrec)\n\nLearned from `%s`: %u sequences, %llu clicks, %u items.\n\n"
        "Shape: width %u, heads %u, layers %u, inner %u, steps %u. Dropout %g, rate %g, "
        "batch %u, sampled %u, threads %u, seed %llu.\n\n",
        course->request->data, course->dataset.train.count,
        (unsigned long long)course->dataset.click_count, shape->items, shape->width, shape->heads,
        shape->layers, shape->inner, shape->steps, made->dropout, made->learning_rate, made->batch,
        made->sampled, made->threads, (unsigned long long)made->seed);
    buffer_append_text(out, text);
    (void)snprintf(
        text, sizeof(text),
        "Best epoch %u by its validation part (%u questions; whole catalogue): HR@10 "
        "%.4f, NDCG@10 %.4f, HR@20 %.4f, MRR@20 %.4f.\n\nWhat was chosen by looks better "
        "than it is; judge it on clicks it has not seen:\n\n    headrace model evaluate "
        "--models vmis-knn,dir:%s ...\n",
        encode_fit_best_epoch(course->fit), valid.questions, valid.hr10, valid.ndcg10, valid.hr20,
        valid.mrr20, course->request->output);
    buffer_append_text(out, text);
}

static enum status finish_into(struct course_sasrec *course, struct model_place *place)
{
    const char *fresh = model_place_fresh(place);
    struct buffer card;
    enum status status =
        encoder_model_write(fresh, encode_fit_layout(course->fit), encode_fit_values(course->fit),
                            course->dataset.names, &course->dataset.learned, course->message);

    if (status != STATUS_OK) return status;
    buffer_init(&card, 1 << 20);
    card_write(course, &card);
    status = file_write(file_join(&course->path, fresh, "card.md"), buffer_slice(&card));
    buffer_deinit(&card);
    if (status != STATUS_OK) {
        buffer_append_text(course->message, (const char *)course->path.data);
        buffer_append_text(course->message, ": cannot be written: ");
        buffer_append_text(course->message, status_meaning(status));
        return status;
    }
    status = model_place_keep(place, "checkpoint", course->message);
    return status == STATUS_OK
               ? model_place_take(place, "what was trained makes no model: ", course->message)
               : status;
}

static enum status finish(struct course_sasrec *course)
{
    struct model_place place;
    enum status status =
        model_place_begin(course->request->output, MODEL_KIND_SASREC, &place, course->message);

    if (status != STATUS_OK) return status;
    status = finish_into(course, &place);
    model_place_end(&place);
    return course_end(status, course->watch->notes, course->message);
}

/* What was learned before the numbers ran away is written. */
static enum status give_up(struct course_sasrec *course)
{
    const char *output = course->request->output;
    uint32_t done = encode_fit_epochs(course->fit);
    uint32_t best = encode_fit_best_epoch(course->fit);
    enum status status = done > 0 ? finish(course) : STATUS_OK;

    if (status != STATUS_OK) return status;
    buffer_append_text(course->message, "the loss is no number any more in epoch ");
    buffer_append_u64(course->message, done + 1);
    buffer_append_text(course->message, "; give a smaller rate with --settings rate=... ");
    if (done > 0) {
        buffer_append_text(course->message, "(the model of epoch ");
        buffer_append_u64(course->message, best > 0 ? best : done);
        buffer_append_text(course->message, " is in ");
        buffer_append_text(course->message, output);
        buffer_append_text(course->message, ")");
    } else {
        buffer_append_text(course->message, "(no model was written)");
    }
    return STATUS_LIMIT;
}

enum status course_sasrec_check(const struct course_request *request, struct buffer *message);
enum status course_sasrec_check(const struct course_request *request, struct buffer *message)
{
    struct course_sasrec course = {.request = request, .message = message};
    struct dataset_source ignored = {0};
    enum status status = plan_read(&course);

    return status == STATUS_OK ? columns_read(&course, &ignored) : status;
}

enum status course_sasrec(const struct course_request *request, const struct course_watch *watch,
                          struct buffer *message);
enum status course_sasrec(const struct course_request *request, const struct course_watch *watch,
                          struct buffer *message)
{
    struct course_sasrec course = {.request = request, .watch = watch, .message = message};

    arena_init(&course.arena, ARENA_BYTES_MAX);
    buffer_init(&course.path, PATH_BYTES_MAX);
    enum status status = plan_read(&course);
    if (status == STATUS_OK)
        status = model_place_check(request->output, MODEL_KIND_SASREC, NULL, message);
    if (status == STATUS_OK) status = clicks_read(&course);
    if (status == STATUS_OK)
        status = course_begin(request, MODEL_KIND_SASREC, watch->notes, message);
    if (status == STATUS_OK) status = learn(&course);
    if (status == STATUS_OK) status = finish(&course);
    if (course.diverged) status = give_up(&course);
    encode_fit_destroy(course.fit);
    buffer_deinit(&course.path);
    arena_deinit(&course.arena);
    return status;
}
