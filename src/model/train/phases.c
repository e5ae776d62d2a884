/* train_phases.c - a step as a list of phases.
 *
 * Batch norm needs the whole batch before its next layer, forward and back, so a step is cut there.
 */
#include <math.h>

#include "model/train/room.h"

static struct train_run rows_of(const struct train_run *run, const struct trainer *trainer,
                                const enum train_layer_number layers[2], uint32_t first,
                                uint32_t count)
{
    size_t row = (size_t)first * trainer->candidates;
    size_t width1 = trainer->layers[layers[0]].norm.width;
    size_t width2 = trainer->layers[layers[1]].norm.width;
    size_t in = layers[0] == LAYER_ALPHA1 ? trainer->alpha_width : (size_t)2 * trainer->padded;

    return (struct train_run){
        .rows = count * trainer->candidates,
        .in = run->in + row * in,
        .d_in = run->d_in + row * in,
        .z1 = run->z1 + row * width1,
        .d1 = run->d1 + row * width1,
        .z2 = run->z2 + row * width2,
        .d2 = run->d2 + row * width2,
        .keep1 = run->keep1 + row * width1,
        .keep2 = run->keep2 + row * width2,
        .out = run->out + row,
        .d_out = run->d_out + row,
    };
}

static struct train_run alpha_of(const struct trainer *trainer, uint32_t first, uint32_t count)
{
    return rows_of(&trainer->alpha, trainer,
                   (const enum train_layer_number[2]){LAYER_ALPHA1, LAYER_ALPHA2}, first, count);
}

static struct train_run logit_of(const struct trainer *trainer, uint32_t first, uint32_t count)
{
    return rows_of(&trainer->logit, trainer,
                   (const enum train_layer_number[2]){LAYER_LOGIT1, LAYER_LOGIT2}, first, count);
}

static void draw(struct train_thread *thread, const struct train_network *network,
                 const struct train_run *run, struct train_seats seats)
{
    train_layer_keep(thread, network->layer1, seats, run->keep1);
    train_layer_keep(thread, network->layer2, seats, run->keep2);
}

static void user_forward(struct train_thread *thread, uint32_t first, uint32_t count)
{
    train_recur(thread, first, count);
    for (uint32_t s = first; s < first + count; s++)
        train_attend_first(thread, s);
}

static void attend_second(struct train_thread *thread, uint32_t first, uint32_t count)
{
    for (uint32_t s = first; s < first + count; s++) {
        const struct train_run *run = &thread->trainer->seats[s].run;

        draw(thread, &train_att, run, (struct train_seats){s, 1, run->rows});
        train_network_second(thread, &train_att, run);
    }
}

static void alpha_first(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct train_run run = alpha_of(thread->trainer, first, count);

    for (uint32_t s = first; s < first + count; s++)
        train_attend_mix(thread, s);
    train_network_first(thread, &train_alpha, &run);
}

static void alpha_second(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct train_run run = alpha_of(thread->trainer, first, count);

    draw(thread, &train_alpha, &run,
         (struct train_seats){first, count, thread->trainer->candidates});
    train_network_second(thread, &train_alpha, &run);
}

static real sigmoid(real x)
{
    return (real)(1.0 / (1.0 + exp(-(double)x)));
}

/* u = alpha att1 + (1 - alpha) att2 */
static void logit_first(struct train_thread *thread, uint32_t first, uint32_t count)
{
    const struct trainer *trainer = thread->trainer;
    const size_t w = trainer->padded;
    struct train_run alpha = alpha_of(trainer, first, count);
    struct train_run logit = logit_of(trainer, first, count);

    train_network_out(thread, &train_alpha, &alpha);
    for (size_t r = 0; r < logit.rows; r++) {
        const real *in = alpha.in + r * trainer->alpha_width;
        real *u = logit.in + r * 2 * w;
        real share = alpha.out[r] = sigmoid(alpha.out[r]);

        for (size_t k = 0; k < w; k++)
            u[k] = share * in[w + k] + (1 - share) * in[2 * w + k];
    }
    train_network_first(thread, &train_logit, &logit);
}

static void logit_second(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct train_run run = logit_of(thread->trainer, first, count);

    draw(thread, &train_logit, &run,
         (struct train_seats){first, count, thread->trainer->candidates});
    train_network_second(thread, &train_logit, &run);
}

static void score(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct train_run run = logit_of(thread->trainer, first, count);

    train_network_out(thread, &train_logit, &run);
}

static void logit_back_out(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct train_run run = logit_of(thread->trainer, first, count);

    train_network_back_out(thread, &train_logit, &run);
}

static void logit_back_second(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct train_run run = logit_of(thread->trainer, first, count);

    train_network_back_second(thread, &train_logit, &run);
}

/* du -> d alpha; what u gives to att1 and att2 waits in logit's d_in. */
static void alpha_back_out(struct train_thread *thread, uint32_t first, uint32_t count)
{
    const struct trainer *trainer = thread->trainer;
    const size_t w = trainer->padded;
    struct train_run alpha = alpha_of(trainer, first, count);
    struct train_run logit = logit_of(trainer, first, count);

    train_network_back_first(thread, &train_logit, &logit);
    for (size_t r = 0; r < alpha.rows; r++) {
        const real *in = alpha.in + r * trainer->alpha_width;
        const real *du = logit.d_in + r * 2 * w;
        real share = alpha.out[r];
        real d = 0;

        for (size_t k = 0; k < w; k++)
            d += du[k] * (in[w + k] - in[2 * w + k]);
        alpha.d_out[r] = d * share * (1 - share);
    }
    train_network_back_out(thread, &train_alpha, &alpha);
}

static void alpha_back_second(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct train_run run = alpha_of(thread->trainer, first, count);

    train_network_back_second(thread, &train_alpha, &run);
}

/* A row of alpha's d_in becomes what q and att2 get from both networks; att1's goes to its seat. */
static void gather_rows_back(struct trainer *trainer, uint32_t first, uint32_t count)
{
    const size_t w = trainer->padded;
    struct train_run alpha = alpha_of(trainer, first, count);
    struct train_run logit = logit_of(trainer, first, count);

    for (size_t r = 0; r < alpha.rows; r++) {
        struct train_seat *seat = &trainer->seats[first + (uint32_t)r / trainer->candidates];
        const real *du = logit.d_in + r * 2 * w;
        real *d = alpha.d_in + r * trainer->alpha_width;
        real share = alpha.out[r];

        if (r % trainer->candidates == 0) memset(seat->d_long, 0, w * sizeof(real));
        for (size_t k = 0; k < w; k++) {
            d[k] += du[w + k];
            seat->d_long[k] += d[w + k] + share * du[k];
            d[2 * w + k] += (1 - share) * du[k];
        }
    }
}

static void attend_back_out(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct trainer *trainer = thread->trainer;
    struct train_run alpha = alpha_of(trainer, first, count);

    train_network_back_first(thread, &train_alpha, &alpha);
    gather_rows_back(trainer, first, count);
    for (uint32_t s = first; s < first + count; s++)
        train_attend_mix_back(thread, s);
}

static void attend_back_second(struct train_thread *thread, uint32_t first, uint32_t count)
{
    for (uint32_t s = first; s < first + count; s++)
        train_network_back_second(thread, &train_att, &thread->trainer->seats[s].run);
}

static void user_back(struct train_thread *thread, uint32_t first, uint32_t count)
{
    for (uint32_t s = first; s < first + count; s++)
        train_attend_first_back(thread, s);
    train_recur_back(thread, first, count);
}

const struct train_phase train_forward_phases[TRAIN_FORWARD_PHASES] = {
    {user_forward, AFTER_SETTLE, LAYER_ATT1},  {attend_second, AFTER_SETTLE, LAYER_ATT2},
    {alpha_first, AFTER_SETTLE, LAYER_ALPHA1}, {alpha_second, AFTER_SETTLE, LAYER_ALPHA2},
    {logit_first, AFTER_SETTLE, LAYER_LOGIT1}, {logit_second, AFTER_SETTLE, LAYER_LOGIT2},
    {score, AFTER_NOTHING, LAYER_LOGIT2},
};
const struct train_phase train_back_phases[TRAIN_BACK_PHASES] = {
    {logit_back_out, AFTER_SETTLE_BACK, LAYER_LOGIT2},
    {logit_back_second, AFTER_SETTLE_BACK, LAYER_LOGIT1},
    {alpha_back_out, AFTER_SETTLE_BACK, LAYER_ALPHA2},
    {alpha_back_second, AFTER_SETTLE_BACK, LAYER_ALPHA1},
    {attend_back_out, AFTER_SETTLE_BACK, LAYER_ATT2},
    {attend_back_second, AFTER_SETTLE_BACK, LAYER_ATT1},
    {user_back, AFTER_NOTHING, LAYER_ATT1},
};
