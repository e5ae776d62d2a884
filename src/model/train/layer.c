/* train_layer.c - batch norm over a whole batch that several threads hold in pieces.
 *
 * Means and squared distances of the pieces are merged, in double, so that a variance of 1e-4 next to a
 * mean of 1 is not lost. source  Chan, Golub, LeVeque (1979) for the merging; TensorFlow 1
 * batch_normalization with momentum .95, epsilon 1e-4 and the biased variance for the rest.
 */
#include <math.h>

#include "model/train/room.h"

#define NORM_EPSILON  1e-4
#define NORM_MOMENTUM 0.95

/* One piece more: means and squared distances of `count` rows. */
static void merge(struct train_layer_sums *sums, double count, uint32_t j, double mean,
                  double squares)
{
    double all = sums->count + count;
    double distance = mean - sums->mean[j];

    sums->mean[j] += distance * count / all;
    sums->squares[j] += squares + distance * distance * sums->count * count / all;
}

void train_layer_collect(struct train_thread *thread, enum train_layer_number number, const real *z,
                         uint32_t rows)
{
    const struct trainer *trainer = thread->trainer;
    struct train_layer_sums *sums = &thread->sums[number];
    uint32_t width = trainer->layers[number].norm.width;
    real *mean = thread->column;
    real *squares = thread->column + width;

    if (trainer->evaluate || rows == 0) return;
    trainer->kernels->moments(z, rows, width, mean, squares);
    for (uint32_t j = 0; j < width; j++)
        merge(sums, rows, j, (double)mean[j], (double)squares[j]);
    sums->count += rows;
}

/* What all threads collected, put into the first one's sums; theirs are empty afterwards. */
static struct train_layer_sums *merge_threads(struct trainer *trainer,
                                              enum train_layer_number number)
{
    struct train_layer_sums *total = &trainer->threads[0].sums[number];
    uint32_t width = trainer->layers[number].norm.width;

    for (uint32_t i = 1; i < trainer->settings.threads; i++) {
        struct train_layer_sums *sums = &trainer->threads[i].sums[number];

        if (sums->count == 0) continue;
        for (uint32_t j = 0; j < width; j++) {
            merge(total, sums->count, j, sums->mean[j], sums->squares[j]);
            sums->mean[j] = 0;
            sums->squares[j] = 0;
        }
        total->count += sums->count;
        sums->count = 0;
    }
    return total;
}

static void layer_set(struct trainer *trainer, struct train_layer *layer, uint32_t j, double mean,
                      double variance)
{
    double inverse = 1.0 / sqrt(variance + NORM_EPSILON);
    double scale = (double)train_packed(trainer, layer->gamma)[j] * inverse;

    layer->mean[j] = (real)mean;
    layer->inverse[j] = (real)inverse;
    layer->scale[j] = (real)scale;
    layer->shift[j] = (real)((double)train_packed(trainer, layer->beta)[j] - mean * scale);
}

static void move(real *statistic, double batch)
{
    *statistic = (real)((double)*statistic - ((double)*statistic - batch) * (1.0 - NORM_MOMENTUM));
}

void train_layer_settle(struct trainer *trainer, enum train_layer_number number)
{
    struct train_layer *layer = &trainer->layers[number];
    real *mean = trainer->value + trainer->layout.tensors[layer->moving_mean].at;
    real *variance = trainer->value + trainer->layout.tensors[layer->moving_variance].at;

    layer->norm.keep_scale =
        train_drops(trainer) ? (real)(1.0 / (1.0 - trainer->settings.dropout)) : 1;
    if (trainer->evaluate) {
        for (uint32_t j = 0; j < layer->columns; j++)
            layer_set(trainer, layer, j, (double)mean[j], (double)variance[j]);
        return;
    }
    struct train_layer_sums *sums = merge_threads(trainer, number);
    for (uint32_t j = 0; j < layer->columns; j++) {
        double spread = sums->squares[j] / sums->count;

        layer_set(trainer, layer, j, sums->mean[j], spread);
        move(&mean[j], sums->mean[j]);
        move(&variance[j], spread);
    }
    memset(sums->mean, 0, layer->norm.width * sizeof(double));
    memset(sums->squares, 0, layer->norm.width * sizeof(double));
}

void train_layer_deactivate(struct train_thread *thread, enum train_layer_number number,
                            const real *z, const uint8_t *keep, uint32_t rows, real *d)
{
    const struct trainer *trainer = thread->trainer;
    const struct train_norm *norm = &trainer->layers[number].norm;
    struct train_layer_sums *sums = &thread->sums[number];
    real *dy = thread->column;
    real *dyx = thread->column + norm->width;

    memset(dy, 0, (size_t)2 * norm->width * sizeof(real));
    trainer->kernels->deactivate(norm, z, keep, rows, d, dy);
    for (uint32_t j = 0; j < norm->width; j++) {
        sums->dy[j] += (double)dy[j];
        sums->dyx[j] += (double)dyx[j];
    }
}

void train_layer_settle_back(struct trainer *trainer, enum train_layer_number number)
{
    struct train_layer *layer = &trainer->layers[number];
    struct train_layer_sums *total = &trainer->threads[0].sums[number];
    real *d_gamma = train_d_packed(&trainer->threads[0], layer->gamma);
    real *d_beta = train_d_packed(&trainer->threads[0], layer->beta);

    for (uint32_t j = 0; j < layer->norm.width; j++) {
        double dy = 0.0;
        double dyx = 0.0;

        for (uint32_t i = 0; i < trainer->settings.threads; i++) {
            struct train_layer_sums *sums = &trainer->threads[i].sums[number];

            dy += sums->dy[j];
            dyx += sums->dyx[j];
            sums->dy[j] = 0;
            sums->dyx[j] = 0;
        }
        layer->mean_dy[j] = (real)(dy / total->count);
        layer->mean_dyx[j] = (real)(dyx / total->count);
        d_beta[j] += (real)dy;
        d_gamma[j] += (real)dyx;
    }
    total->count = 0;
}

/* The same decisions whoever draws them: they depend on seed, step, layer and place. */
static uint64_t draw_seed(const struct trainer *trainer, enum train_layer_number number,
                          uint32_t first)
{
    uint64_t seed = trainer->settings.seed;

    seed = (seed ^ trainer->step) * 0xD1342543DE82EF95ULL;
    seed = (seed ^ (seed >> 32) ^ first) * 0xDA942042E4DD58B5ULL;
    return (seed ^ (seed >> 29) ^ (uint64_t)number) * 0x9FB21C651E98DF25ULL;
}

/* The caller's rows have no padding, ours have. */
static void copy_given(const struct train_layer *layer, const uint8_t *given, size_t rows,
                       uint8_t *keep)
{
    for (size_t r = 0; r < rows; r++)
        memcpy(keep + r * layer->norm.width, given + r * layer->columns, layer->columns);
}

void train_layer_keep(const struct train_thread *thread, enum train_layer_number number,
                      struct train_seats seats, uint8_t *keep)
{
    const struct trainer *trainer = thread->trainer;
    const struct train_layer *layer = &trainer->layers[number];
    size_t width = layer->norm.width;

    if (!train_drops(trainer)) return;
    if (trainer->batch->keep == NULL) {
        uint32_t kept = (uint32_t)((1.0 - trainer->settings.dropout) * 65536.0);

        trainer->kernels->keep_fill(draw_seed(trainer, number, seats.first), kept, keep,
                                    width * seats.count * seats.rows);
        return;
    }
    for (uint32_t s = 0; s < seats.count; s++) {
        size_t row = (size_t)trainer->seats[seats.first + s].index * seats.rows;

        copy_given(layer, trainer->batch->keep->of[number] + row * layer->columns, seats.rows,
                   keep + (size_t)s * seats.rows * width);
    }
}
