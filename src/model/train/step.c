/* train_step.c - a step: the team of threads that walks through its phases, the batch it works on.
 *
 * A phase is what a thread can do alone; what follows it is done by one thread while the others wait.
 */
#include <math.h>
#include <stdlib.h>

#include "model/train/room.h"

/* --- the team ----------------------------------------------------------------------------------- */

static void work(struct train_thread *thread, const struct train_phase *phase)
{
    const struct trainer *trainer = thread->trainer;
    uint32_t step = TRAIN_CHUNK * trainer->settings.threads;

    for (uint32_t first = thread->number * TRAIN_CHUNK; first < trainer->seat_count;
         first += step) {
        uint32_t left = trainer->seat_count - first;

        phase->each(thread, first, left < TRAIN_CHUNK ? left : TRAIN_CHUNK);
    }
}

static void *team_main(void *argument)
{
    struct train_thread *thread = argument;
    struct trainer *trainer = thread->trainer;
    uint64_t seen = 0;

    (void)pthread_mutex_lock(&trainer->lock);
    for (;;) {
        while (trainer->round == seen && !trainer->over)
            (void)pthread_cond_wait(&trainer->changed, &trainer->lock);
        if (trainer->over) break;
        seen = trainer->round;
        (void)pthread_mutex_unlock(&trainer->lock);
        work(thread, trainer->phase);
        (void)pthread_mutex_lock(&trainer->lock);
        trainer->working--;
        (void)pthread_cond_broadcast(&trainer->changed);
    }
    (void)pthread_mutex_unlock(&trainer->lock);
    return NULL;
}

/* One phase on all threads; the caller is the first of them. */
static void team_run(struct trainer *trainer, const struct train_phase *phase)
{
    (void)pthread_mutex_lock(&trainer->lock);
    trainer->phase = phase;
    trainer->working = trainer->settings.threads - 1;
    trainer->round++;
    (void)pthread_cond_broadcast(&trainer->changed);
    (void)pthread_mutex_unlock(&trainer->lock);
    work(&trainer->threads[0], phase);
    (void)pthread_mutex_lock(&trainer->lock);
    while (trainer->working > 0)
        (void)pthread_cond_wait(&trainer->changed, &trainer->lock);
    (void)pthread_mutex_unlock(&trainer->lock);
    if (phase->after == AFTER_SETTLE) train_layer_settle(trainer, phase->layer);
    if (phase->after == AFTER_SETTLE_BACK) train_layer_settle_back(trainer, phase->layer);
}

static bool team_start(struct trainer *trainer)
{
    while (trainer->started + 1 < trainer->settings.threads) {
        struct train_thread *thread = &trainer->threads[trainer->started + 1];

        if (pthread_create(&thread->handle, NULL, team_main, thread) != 0) return false;
        trainer->started++;
    }
    return true;
}

static void team_stop(struct trainer *trainer)
{
    (void)pthread_mutex_lock(&trainer->lock);
    trainer->over = true;
    (void)pthread_cond_broadcast(&trainer->changed);
    (void)pthread_mutex_unlock(&trainer->lock);
    for (uint32_t i = 1; i <= trainer->started; i++)
        (void)pthread_join(trainer->threads[i].handle, NULL);
}

/* --- a batch ------------------------------------------------------------------------------------ */

/* Longest history first; equal ones in the batch's order. */
static int by_length(const void *left, const void *right)
{
    const struct train_seat *a = left;
    const struct train_seat *b = right;

    if (a->len != b->len) return a->len < b->len ? 1 : -1;
    return a->index < b->index ? -1 : 1;
}

/* What a seat is in this batch; its arrays stay where they are. */
static void seat_take(const struct trainer *trainer, struct train_seat *seat,
                      const struct train_seat *what)
{
    seat->index = what->index;
    seat->len = what->len;
    seat->slots = what->slots;
    seat->run.rows = trainer->candidates * what->slots;
    seat->example = what->example;
    seat->items = what->items;
    seat->cates = what->cates;
}

static void take_seats(struct trainer *trainer, const struct train_batch *batch)
{
    uint32_t per_example = trainer->settings.group / trainer->candidates;
    struct train_seat *sorted = trainer->sorted;

    ASSERT(batch->count > 0 && batch->count * per_example <= trainer->seats_max);
    trainer->batch = batch;
    trainer->seat_count = batch->count * per_example;
    for (uint32_t i = 0; i < trainer->seat_count; i++) {
        const struct train_example *example = &batch->examples[i / per_example];
        size_t candidate = i % per_example;

        ASSERT(example->len <= trainer->layout.shape.steps);
        sorted[i] = (struct train_seat){
            .index = i,
            .len = example->len,
            .slots = trainer->settings.masked ? example->len : trainer->layout.shape.steps,
            .example = example,
            .items = example->candidates + candidate,
            .cates = example->candidate_cates + candidate,
        };
    }
    qsort(sorted, trainer->seat_count, sizeof(*sorted), by_length);
    for (uint32_t i = 0; i < trainer->seat_count; i++)
        seat_take(trainer, &trainer->seats[i], &sorted[i]);
}

void trainer_logits(const struct trainer *trainer, real *logits)
{
    for (uint32_t s = 0; s < trainer->seat_count; s++) {
        memcpy(logits + (size_t)trainer->seats[s].index * trainer->candidates,
               trainer->logit.out + (size_t)s * trainer->candidates,
               trainer->candidates * sizeof(real));
    }
}

static struct train_loss forward(struct trainer *trainer, const struct train_batch *batch,
                                 bool evaluate)
{
    trainer->evaluate = evaluate;
    take_seats(trainer, batch);
    train_pack(&trainer->layout, trainer->value, trainer->packed, trainer->flipped);
    train_direction(trainer);
    for (size_t i = 0; i < TRAIN_FORWARD_PHASES; i++)
        team_run(trainer, &train_forward_phases[i]);
    double loss = train_loss_of(trainer);
    return (struct train_loss){.data = loss, .total = loss};
}

struct train_loss trainer_evaluate(struct trainer *trainer, const struct train_batch *batch)
{
    return forward(trainer, batch, true);
}

struct train_loss trainer_differentiate(struct trainer *trainer, const struct train_batch *batch)
{
    struct train_loss loss = forward(trainer, batch, false);

    for (size_t i = 0; i < TRAIN_BACK_PHASES; i++)
        team_run(trainer, &train_back_phases[i]);
    loss.total += train_gather_gradient(trainer);
    return loss;
}

struct train_loss trainer_loss(struct trainer *trainer, const struct train_batch *batch)
{
    struct train_loss loss = forward(trainer, batch, false);

    loss.total += train_regulariser(trainer);
    for (size_t i = 0; i < TRAIN_LAYERS; i++) /* the way back would have used them up */
        trainer->threads[0].sums[i].count = 0;
    return loss;
}

struct train_loss trainer_step(struct trainer *trainer, const struct train_batch *batch)
{
    struct train_loss loss = trainer_differentiate(trainer, batch);

    train_update(trainer);
    return loss;
}

/* --- life --------------------------------------------------------------------------------------- */

enum { TRAINER_BYTES_MAX = 2000 << 20 };

enum status trainer_create(const struct train_shape *shape, const struct train_settings *settings,
                           const struct train_kernels *kernels, struct trainer **trainer)
{
    struct trainer *made = calloc(1, sizeof(*made));

    *trainer = NULL;
    if (made == NULL) return STATUS_LIMIT;
    ASSERT(settings->threads > 0 && settings->threads <= TRAIN_THREADS_MAX && settings->group > 1);
    made->settings = *settings;
    made->kernels = kernels;
    made->candidates = settings->clip_norm > 0 ? 1 : settings->group;
    made->seats_max = settings->examples_max * (settings->group / made->candidates);
    made->width = train_width(shape);
    made->padded = train_pad(made->width);
    made->alpha_width = train_pad(3 * made->padded + 1);
    train_layout_init(shape, &made->layout);
    arena_init(&made->arena, (size_t)TRAINER_BYTES_MAX);
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->changed, NULL);
    if (train_memory_init(made) != STATUS_OK || !team_start(made)) {
        trainer_destroy(made);
        return STATUS_LIMIT;
    }
    *trainer = made;
    return STATUS_OK;
}

void trainer_destroy(struct trainer *trainer)
{
    if (trainer == NULL) return;
    team_stop(trainer);
    (void)pthread_cond_destroy(&trainer->changed);
    (void)pthread_mutex_destroy(&trainer->lock);
    arena_deinit(&trainer->arena);
    free(trainer);
}

const struct train_layout *trainer_layout(const struct trainer *trainer)
{
    return &trainer->layout;
}

struct train_state trainer_state(struct trainer *trainer)
{
    return (struct train_state){trainer->value, trainer->m, trainer->v, trainer->average,
                                &trainer->step};
}

void trainer_exchange(struct trainer *trainer)
{
    real *value = trainer->value;

    trainer->value = trainer->average;
    trainer->average = value;
}

const real *trainer_gradient(const struct trainer *trainer)
{
    return trainer->gradient;
}
