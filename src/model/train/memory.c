/* train_memory.c - everything a trainer ever needs, taken once. */
#include "model/train/room.h"

enum { CACHE_LINE = 64 };

static void *take(struct trainer *trainer, size_t count, size_t size)
{
    uint8_t *memory = arena_zalloc(&trainer->arena, count * size + CACHE_LINE, 1);

    if (memory == NULL) return NULL;
    return memory + (CACHE_LINE - (uintptr_t)memory % CACHE_LINE) % CACHE_LINE;
}

static real *take_reals(struct trainer *trainer, size_t count)
{
    return take(trainer, count, sizeof(real));
}

static real *cut(real **from, size_t count)
{
    real *part = *from;

    *from += count;
    return part;
}

static uint32_t layer_width(const struct trainer *trainer, enum train_layer_number number)
{
    return trainer->layers[number].norm.width;
}

/* Layers ------------------------------------------------------------------------------------------- */

static bool layer_init(struct trainer *trainer, struct train_layer *layer, uint32_t columns)
{
    uint32_t width = train_pad(columns);
    real *memory = take_reals(trainer, (size_t)6 * width);

    if (memory == NULL) return false;
    layer->columns = columns;
    layer->scale = cut(&memory, width);
    layer->shift = cut(&memory, width);
    layer->mean = cut(&memory, width);
    layer->inverse = cut(&memory, width);
    layer->mean_dy = cut(&memory, width);
    layer->mean_dyx = cut(&memory, width);
    layer->norm = (struct train_norm){
        .width = width,
        .keep_scale = 1,
        .scale = layer->scale,
        .shift = layer->shift,
        .mean = layer->mean,
        .inverse = layer->inverse,
        .mean_dy = layer->mean_dy,
        .mean_dyx = layer->mean_dyx,
    };
    return true;
}

static bool layers_init(struct trainer *trainer)
{
    const struct train_shape *shape = &trainer->layout.shape;
    const struct {
        uint32_t columns;
        enum train_matrix gamma, beta;
        enum train_parameter mean, variance;
    } rows[TRAIN_LAYERS] = {
        {shape->att1, PACKED_ATT_GAMMA1, PACKED_ATT_BETA1, TRAIN_ATT1_MEAN, TRAIN_ATT1_VARIANCE},
        {shape->att2, PACKED_ATT_GAMMA2, PACKED_ATT_BETA2, TRAIN_ATT2_MEAN, TRAIN_ATT2_VARIANCE},
        {shape->att1, PACKED_ALPHA_GAMMA1, PACKED_ALPHA_BETA1, TRAIN_ALPHA1_MEAN,
         TRAIN_ALPHA1_VARIANCE},
        {shape->att2, PACKED_ALPHA_GAMMA2, PACKED_ALPHA_BETA2, TRAIN_ALPHA2_MEAN,
         TRAIN_ALPHA2_VARIANCE},
        {shape->logit1, PACKED_LOGIT_GAMMA1, PACKED_LOGIT_BETA1, TRAIN_LOGIT1_MEAN,
         TRAIN_LOGIT1_VARIANCE},
        {shape->logit2, PACKED_LOGIT_GAMMA2, PACKED_LOGIT_BETA2, TRAIN_LOGIT2_MEAN,
         TRAIN_LOGIT2_VARIANCE},
    };

    for (size_t i = 0; i < TRAIN_LAYERS; i++) {
        struct train_layer *layer = &trainer->layers[i];

        if (!layer_init(trainer, layer, rows[i].columns)) return false;
        layer->gamma = rows[i].gamma;
        layer->beta = rows[i].beta;
        layer->moving_mean = rows[i].mean;
        layer->moving_variance = rows[i].variance;
    }
    return true;
}

/* Seats and rows ----------------------------------------------------------------------------------- */

static size_t seat_reals(const struct trainer *trainer)
{
    size_t steps = trainer->layout.shape.steps;
    size_t rows = trainer->candidates * steps;
    size_t pairs = rows * (2 * (size_t)layer_width(trainer, LAYER_ATT1) +
                           2 * (size_t)layer_width(trainer, LAYER_ATT2));

    return ((size_t)13 * steps + 4) * trainer->padded + pairs +
           (3 + (size_t)trainer->candidates) * train_pad((uint32_t)steps + 1) +
           2 * (rows + TRAIN_UNIT) + TRAIN_UNIT;
}

static void seat_init(
    const struct trainer *trainer, struct train_seat *seat, real *at,
    uint8_t *keep) /* NOLINT(readability-non-const-parameter): kept, written later */
{
    size_t steps = trainer->layout.shape.steps;
    size_t w = trainer->padded;
    size_t rows = trainer->candidates * steps;
    size_t width1 = layer_width(trainer, LAYER_ATT1);
    size_t width2 = layer_width(trainer, LAYER_ATT2);
    size_t slots = train_pad((uint32_t)steps + 1);

    seat->embed = cut(&at, (steps + 1) * w);
    seat->now = cut(&at, steps * w);
    seat->last = cut(&at, steps * w);
    seat->gates = cut(&at, steps * 6 * w);
    seat->cell = cut(&at, (steps + 1) * w);
    seat->output = cut(&at, (steps + 1) * w);
    seat->project = cut(&at, steps * w);
    seat->d_output = cut(&at, steps * w);
    seat->d_long = cut(&at, w);
    seat->run =
        (struct train_run){.rows = (uint32_t)rows, .keep1 = keep, .keep2 = keep + rows * width1};
    seat->run.z1 = cut(&at, rows * width1);
    seat->run.d1 = cut(&at, rows * width1);
    seat->run.z2 = cut(&at, rows * width2);
    seat->run.d2 = cut(&at, rows * width2);
    seat->to_now = cut(&at, slots);
    seat->from_first = cut(&at, slots);
    seat->long_weight = cut(&at, slots);
    seat->short_weight = cut(&at, slots * trainer->candidates);
    seat->run.out = cut(&at, rows + TRAIN_UNIT);
    seat->run.d_out = cut(&at, rows + TRAIN_UNIT);
}

static bool seats_init(struct trainer *trainer)
{
    size_t count = trainer->seats_max;
    size_t keeps = (size_t)trainer->candidates * trainer->layout.shape.steps *
                   ((size_t)layer_width(trainer, LAYER_ATT1) + layer_width(trainer, LAYER_ATT2));

    trainer->seat_stride = (seat_reals(trainer) + TRAIN_UNIT - 1) / TRAIN_UNIT * TRAIN_UNIT;
    real *reals = take_reals(trainer, trainer->seat_stride * count);
    uint8_t *keep = take(trainer, keeps, count);
    trainer->seats = take(trainer, count, sizeof(struct train_seat));
    trainer->sorted = take(trainer, count, sizeof(struct train_seat));
    trainer->scores = take_reals(trainer, count * trainer->candidates);
    trainer->mentioned[0] = take(trainer, trainer->layout.shape.items, 1);
    trainer->mentioned[1] = take(trainer, trainer->layout.shape.cates, 1);
    if (reals == NULL || keep == NULL || trainer->seats == NULL || trainer->sorted == NULL ||
        trainer->scores == NULL || trainer->mentioned[0] == NULL || trainer->mentioned[1] == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++)
        seat_init(trainer, &trainer->seats[i], reals + i * trainer->seat_stride, keep + i * keeps);
    return true;
}

static bool run_init(struct trainer *trainer, struct train_run *run, uint32_t in,
                     enum train_layer_number layer1, enum train_layer_number layer2)
{
    size_t rows = (size_t)trainer->seats_max * trainer->candidates;
    size_t width1 = layer_width(trainer, layer1);
    size_t width2 = layer_width(trainer, layer2);
    real *at = take_reals(trainer, rows * (2 * (size_t)in + 2 * width1 + 2 * width2 + 2));

    run->keep1 = take(trainer, rows, width1 + width2);
    if (at == NULL || run->keep1 == NULL) return false;
    run->keep2 = run->keep1 + rows * width1;
    run->in = cut(&at, rows * in);
    run->d_in = cut(&at, rows * in);
    run->z1 = cut(&at, rows * width1);
    run->d1 = cut(&at, rows * width1);
    run->z2 = cut(&at, rows * width2);
    run->d2 = cut(&at, rows * width2);
    run->out = cut(&at, rows);
    run->d_out = cut(&at, rows);
    return true;
}

/* Threads ------------------------------------------------------------------------------------------ */

static bool sums_init(struct trainer *trainer, struct train_layer_sums *sums, uint32_t width)
{
    sums->mean = take(trainer, (size_t)4 * width, sizeof(double));
    if (sums->mean == NULL) return false;
    sums->squares = sums->mean + width;
    sums->dy = sums->squares + width;
    sums->dyx = sums->dy + width;
    return true;
}

static uint32_t larger(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

static bool thread_init(struct trainer *trainer, struct train_thread *thread)
{
    uint32_t width1 = larger(layer_width(trainer, LAYER_ATT1), layer_width(trainer, LAYER_LOGIT1));
    uint32_t width2 = larger(layer_width(trainer, LAYER_ATT2), layer_width(trainer, LAYER_LOGIT2));
    size_t rows = (size_t)trainer->candidates * larger(trainer->layout.shape.steps, TRAIN_CHUNK);
    size_t states = ((size_t)trainer->layout.shape.steps + 1) * trainer->padded;
    size_t mixed = (size_t)larger(width1, trainer->padded) * larger(width1, trainer->padded);

    thread->trainer = trainer;
    thread->packed = take_reals(trainer, trainer->layout.packed_count);
    thread->embedding = take_reals(trainer, trainer->layout.tensors[TRAIN_LONG_MAT].at);
    thread->direction = take_reals(trainer, trainer->padded);
    thread->hidden = take_reals(trainer, rows * width1 + states);
    thread->hidden2 = take_reals(trainer, rows * width2 + states);
    thread->mixed = take_reals(trainer, mixed);
    thread->d_mixed = take_reals(trainer, mixed);
    thread->mixed_flipped = take_reals(trainer, mixed);
    thread->base = take_reals(trainer, (size_t)trainer->candidates * width1);
    thread->column = take_reals(trainer, (size_t)2 * larger(width1, width2));
    thread->d_cell = take_reals(trainer, (size_t)TRAIN_CHUNK * trainer->padded);
    for (size_t i = 0; i < TRAIN_LAYERS; i++) {
        if (!sums_init(trainer, &thread->sums[i], trainer->layers[i].norm.width)) return false;
    }
    return thread->packed != NULL && thread->embedding != NULL && thread->direction != NULL &&
           thread->hidden != NULL && thread->hidden2 != NULL && thread->mixed != NULL &&
           thread->d_mixed != NULL && thread->mixed_flipped != NULL && thread->base != NULL &&
           thread->column != NULL && thread->d_cell != NULL;
}

static bool state_init(struct trainer *trainer)
{
    const struct train_layout *layout = &trainer->layout;

    trainer->value = take_reals(trainer, layout->count);
    trainer->m = take_reals(trainer, layout->count);
    trainer->v = take_reals(trainer, layout->count);
    trainer->average = take_reals(trainer, layout->count);
    trainer->gradient = take_reals(trainer, layout->count);
    trainer->packed = take_reals(trainer, layout->packed_count);
    trainer->flipped = take_reals(trainer, layout->flipped_count);
    trainer->direction = take_reals(trainer, trainer->padded);
    trainer->threads = take(trainer, trainer->settings.threads, sizeof(struct train_thread));
    if (trainer->value == NULL || trainer->m == NULL || trainer->v == NULL ||
        trainer->average == NULL || trainer->gradient == NULL || trainer->packed == NULL ||
        trainer->flipped == NULL || trainer->direction == NULL || trainer->threads == NULL) {
        return false;
    }
    for (size_t i = 0; i < TRAIN_LAYERS; i++) {
        const struct train_tensor *tensor = &layout->tensors[trainer->layers[i].moving_variance];

        for (size_t j = 0; j < tensor->count; j++)
            trainer->value[tensor->at + j] = 1;
    }
    return true;
}

enum status train_memory_init(struct trainer *trainer)
{
    bool done =
        layers_init(trainer) && state_init(trainer) && seats_init(trainer) &&
        run_init(trainer, &trainer->alpha, trainer->alpha_width, LAYER_ALPHA1, LAYER_ALPHA2) &&
        run_init(trainer, &trainer->logit, 2 * trainer->padded, LAYER_LOGIT1, LAYER_LOGIT2);

    for (uint32_t i = 0; done && i < trainer->settings.threads; i++) {
        trainer->threads[i].number = i;
        done = thread_init(trainer, &trainer->threads[i]);
    }
    return done ? STATUS_OK : STATUS_LIMIT;
}
