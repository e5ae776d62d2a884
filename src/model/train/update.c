/* train_update.c - the gradient put together, the regulariser, clipping, Adam, the moving average.
 *
 * source  recommenders base_model.py, sequential_base_model.py (_compute_regular_loss, _train_opt);
 * TensorFlow 1 AdamOptimizer: epsilon is added outside the bias correction, and a sparse gradient decays
 * the moments of every row, so that rows without a gradient move too; clip_by_norm takes the norm of an
 * embedding's gradient before equal rows are added up.
 */
#include <math.h>

#include "model/train/room.h"

/* v = A q */
void train_direction(struct trainer *trainer)
{
    const struct train_layout *layout = &trainer->layout;
    const real *mat = trainer->value + layout->tensors[TRAIN_LONG_MAT].at;
    const real *query = trainer->value + layout->tensors[TRAIN_LONG_QUERY].at;

    for (size_t k = 0; k < trainer->width; k++) {
        real sum = 0;

        for (size_t j = 0; j < trainer->width; j++)
            sum += mat[k * trainer->width + j] * query[j];
        trainer->direction[k] = sum;
    }
}

static void direction_back(struct trainer *trainer, const real *d)
{
    const struct train_layout *layout = &trainer->layout;
    const real *mat = trainer->value + layout->tensors[TRAIN_LONG_MAT].at;
    const real *query = trainer->value + layout->tensors[TRAIN_LONG_QUERY].at;
    real *d_mat = trainer->gradient + layout->tensors[TRAIN_LONG_MAT].at;
    real *d_query = trainer->gradient + layout->tensors[TRAIN_LONG_QUERY].at;

    for (size_t k = 0; k < trainer->width; k++) {
        for (size_t j = 0; j < trainer->width; j++) {
            d_mat[k * trainer->width + j] += d[k] * query[j];
            d_query[j] += d[k] * mat[k * trainer->width + j];
        }
    }
}

static void add_all(real *to, real *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
    memset(from, 0, count * sizeof(real));
}

/* --- regulariser -------------------------------------------------------------------------------- */

/* of `count` numbers: l2 |x|^2 / 2 + l1 |x|, and, unless NULL, its gradient; that of |0| is 0. */
static double regularise(const real *value, real *gradient, size_t count, double l2, double l1)
{
    double squares = 0.0;
    double sizes = 0.0;

    for (size_t i = 0; i < count; i++) {
        double x = (double)value[i];

        squares += x * x;
        sizes += fabs(x);
        if (gradient != NULL) gradient[i] += (real)(l2 * x + l1 * ((x > 0.0) - (x < 0.0)));
    }
    return l2 * squares / 2.0 + l1 * sizes;
}

/* Rows of one embedding that the batch mentions, each once. */
static double regularise_rows(struct trainer *trainer, enum train_parameter parameter,
                              real *gradient)
{
    const struct train_tensor *tensor = &trainer->layout.tensors[parameter];
    const uint8_t *mentioned = trainer->mentioned[parameter == TRAIN_CATE_EMBEDDING];
    double sum = 0.0;

    for (size_t row = 0; row < tensor->rows; row++) {
        size_t at = tensor->at + row * tensor->columns;

        if (mentioned[row] == 0) continue;
        sum += regularise(trainer->value + at, gradient == NULL ? NULL : gradient + at,
                          tensor->columns, trainer->settings.embed_l2, trainer->settings.embed_l1);
    }
    return sum;
}

static void mention(struct trainer *trainer)
{
    const struct train_layout *layout = &trainer->layout;
    uint8_t *items = trainer->mentioned[0];
    uint8_t *cates = trainer->mentioned[1];

    memset(items, 0, layout->shape.items);
    memset(cates, 0, layout->shape.cates);
    for (uint32_t s = 0; s < trainer->seat_count; s++) {
        const struct train_seat *seat = &trainer->seats[s];

        for (uint32_t t = 0; t < seat->len; t++) {
            items[seat->example->items[t]] = 1;
            cates[seat->example->cates[t]] = 1;
        }
        for (uint32_t c = 0; c < trainer->candidates; c++) {
            items[seat->items[c]] = 1;
            cates[seat->cates[c]] = 1;
        }
        if (seat->len < seat->slots) items[0] = cates[0] = 1;
    }
}

static double regularise_all(struct trainer *trainer, real *gradient)
{
    const struct train_settings *settings = &trainer->settings;
    double sum = 0.0;

    if (settings->embed_l2 > 0 || settings->embed_l1 > 0) {
        mention(trainer);
        sum += regularise_rows(trainer, TRAIN_ITEM_EMBEDDING, gradient);
        sum += regularise_rows(trainer, TRAIN_CATE_EMBEDDING, gradient);
    }
    if (settings->layer_l2 == 0 && settings->layer_l1 == 0) return sum;
    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &trainer->layout.tensors[i];

        if (tensor->kind != TRAIN_LAYER) continue;
        sum +=
            regularise(trainer->value + tensor->at, gradient == NULL ? NULL : gradient + tensor->at,
                       tensor->count, settings->layer_l2, settings->layer_l1);
    }
    return sum;
}

double train_regulariser(struct trainer *trainer)
{
    return regularise_all(trainer, NULL);
}

/* --- gradient ----------------------------------------------------------------------------------- */

double train_gather_gradient(struct trainer *trainer)
{
    struct train_thread *first = &trainer->threads[0];
    size_t embeddings = trainer->layout.tensors[TRAIN_LONG_MAT].at;

    memset(trainer->gradient, 0, trainer->layout.count * sizeof(real));
    for (uint32_t i = 1; i < trainer->settings.threads; i++) {
        struct train_thread *thread = &trainer->threads[i];

        add_all(first->packed, thread->packed, trainer->layout.packed_count);
        add_all(first->embedding, thread->embedding, embeddings);
        add_all(first->direction, thread->direction, trainer->padded);
        for (size_t k = 0; k < COUNT_OF(thread->look_ups); k++) {
            first->look_ups[k] += thread->look_ups[k];
            thread->look_ups[k] = 0;
        }
    }
    train_unpack(&trainer->layout, first->packed, trainer->gradient);
    memset(first->packed, 0, trainer->layout.packed_count * sizeof(real));
    add_all(trainer->gradient, first->embedding, embeddings);
    direction_back(trainer, first->direction);
    memset(first->direction, 0, trainer->padded * sizeof(real));
    for (size_t k = 0; k < COUNT_OF(first->look_ups); k++) {
        trainer->look_ups[k] = first->look_ups[k];
        first->look_ups[k] = 0;
    }
    return regularise_all(trainer, trainer->gradient);
}

static double norm_of(const struct trainer *trainer, size_t parameter)
{
    const struct train_tensor *tensor = &trainer->layout.tensors[parameter];
    double squares = 0.0;

    if (tensor->kind == TRAIN_EMBEDDING) return sqrt(trainer->look_ups[parameter]);
    for (size_t i = 0; i < tensor->count; i++) {
        double g = (double)trainer->gradient[tensor->at + i];

        squares += g * g;
    }
    return sqrt(squares);
}

static void clip(struct trainer *trainer)
{
    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &trainer->layout.tensors[i];
        double norm = norm_of(trainer, i);

        if (tensor->kind == TRAIN_STATISTIC || norm <= trainer->settings.clip_norm) continue;
        for (size_t j = 0; j < tensor->count; j++)
            trainer->gradient[tensor->at + j] *= (real)(trainer->settings.clip_norm / norm);
    }
}

/* --- update ------------------------------------------------------------------------------------- */

/* Of few steps it looks back a ninth of them. source  TensorFlow 1 ExponentialMovingAverage */
static void average(struct trainer *trainer)
{
    double step = (double)trainer->step;
    double kept =
        fmin(1.0 - 1.0 / fmax(trainer->settings.average, 1.0), (1.0 + step) / (10.0 + step));
    real share = (real)(1.0 - kept);

    if (trainer->step == 1 || trainer->settings.average == 0) {
        memcpy(trainer->average, trainer->value, trainer->layout.count * sizeof(real));
        return;
    }
    for (size_t i = 0; i < trainer->layout.count; i++)
        trainer->average[i] += share * (trainer->value[i] - trainer->average[i]);
}

void train_update(struct trainer *trainer)
{
    uint64_t step = ++trainer->step;
    struct train_adam adam = {
        .rate = (real)(trainer->settings.learning_rate * sqrt(1.0 - pow(0.999, (double)step)) /
                       (1.0 - pow(0.9, (double)step))),
        .beta1 = (real)0.9,
        .beta2 = (real)0.999,
        .epsilon = (real)1e-8,
    };

    if (trainer->settings.clip_norm > 0) clip(trainer);
    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &trainer->layout.tensors[i];

        if (tensor->kind == TRAIN_STATISTIC) continue;
        trainer->kernels->adam(&adam, trainer->gradient + tensor->at, trainer->m + tensor->at,
                               trainer->v + tensor->at, trainer->value + tensor->at, tensor->count);
    }
    average(trainer);
}
