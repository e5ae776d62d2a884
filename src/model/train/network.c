/* train_network.c - two hidden layers and an output, forward and back.
 *
 *   z1 = in W1 + b1   h1 = relu(drop(norm(z1)))   z2 = h1 W2 + b2   h2 = ...   out = h2 w3 + b3
 *
 * Only z1 and z2 are kept on the way; h1 and h2 are made again on the way back, which costs less than
 * fetching them. b1 and b2 have no gradient: batch norm takes every constant away;
 * nor has b3 where a softmax follows.
 */
#include "model/train/room.h"

const struct train_network train_att = {
    .layer1 = LAYER_ATT1,
    .layer2 = LAYER_ATT2,
    .first = PACKED_ATT_STATE, /* train_attention.c makes its own */
    .shift1 = PACKED_ATT_SHIFT1,
    .second = PACKED_ATT_SECOND,
    .shift2 = PACKED_ATT_SHIFT2,
    .out = PACKED_ATT_OUT,
    .out_shift = PACKED_ATT_OUT_SHIFT,
    .softened = true,
};
const struct train_network train_alpha = {
    .layer1 = LAYER_ALPHA1,
    .layer2 = LAYER_ALPHA2,
    .first = PACKED_ALPHA_FIRST,
    .shift1 = PACKED_ALPHA_SHIFT1,
    .second = PACKED_ALPHA_SECOND,
    .shift2 = PACKED_ALPHA_SHIFT2,
    .out = PACKED_ALPHA_OUT,
    .out_shift = PACKED_ALPHA_OUT_SHIFT,
};
const struct train_network train_logit = {
    .layer1 = LAYER_LOGIT1,
    .layer2 = LAYER_LOGIT2,
    .first = PACKED_LOGIT_FIRST,
    .shift1 = PACKED_LOGIT_SHIFT1,
    .second = PACKED_LOGIT_SECOND,
    .shift2 = PACKED_LOGIT_SHIFT2,
    .out = PACKED_LOGIT_OUT,
    .out_shift = PACKED_LOGIT_OUT_SHIFT,
    .softened = true,
};

/* out = in M + shift */
static void forward(const struct trainer *trainer, const real *in, size_t stride, uint32_t rows,
                    const enum train_matrix parts[2], real *out)
{
    const struct train_place *place = &trainer->layout.places[parts[0]];

    trainer->kernels->product(&(struct train_product){
        .factor = in,
        .row_stride = stride,
        .k_stride = 1,
        .lanes = train_packed(trainer, parts[0]),
        .lane_stride = place->width,
        .rows = rows,
        .depth = place->rows,
        .width = place->width,
        .initial = train_packed(trainer, parts[1]),
        .out = out,
        .out_stride = place->width,
    });
}

/* d in = d M^T, and d M += in^T d */
static void backward(struct train_thread *thread, enum train_matrix matrix, const real *in,
                     const real *d, uint32_t rows, real *d_in)
{
    const struct trainer *trainer = thread->trainer;
    const struct train_place *place = &trainer->layout.places[matrix];
    uint32_t stride = train_pad(place->rows);

    trainer->kernels->product(&(struct train_product){
        .factor = in,
        .row_stride = 1,
        .k_stride = stride,
        .lanes = d,
        .lane_stride = place->width,
        .rows = place->rows,
        .depth = rows,
        .width = place->width,
        .out = train_d_packed(thread, matrix),
        .out_stride = place->width,
        .add = true,
    });
    trainer->kernels->product(&(struct train_product){
        .factor = d,
        .row_stride = place->width,
        .k_stride = 1,
        .lanes = train_flipped(trainer, matrix),
        .lane_stride = stride,
        .rows = rows,
        .depth = place->width,
        .width = stride,
        .out = d_in,
        .out_stride = stride,
    });
}

static void activate(const struct train_thread *thread, enum train_layer_number number,
                     const real *z, const uint8_t *keep, uint32_t rows, real *h)
{
    const struct trainer *trainer = thread->trainer;

    trainer->kernels->activate(&trainer->layers[number].norm, z, train_drops(trainer) ? keep : NULL,
                               rows, h);
}

static void deactivate(struct train_thread *thread, enum train_layer_number number, const real *z,
                       const uint8_t *keep, uint32_t rows, real *d)
{
    train_layer_deactivate(thread, number, z, train_drops(thread->trainer) ? keep : NULL, rows, d);
}

void train_network_first(struct train_thread *thread, const struct train_network *network,
                         const struct train_run *run)
{
    const struct train_layout *layout = &thread->trainer->layout;

    forward(thread->trainer, run->in, train_pad(layout->places[network->first].rows), run->rows,
            (const enum train_matrix[2]){network->first, network->shift1}, run->z1);
    train_layer_collect(thread, network->layer1, run->z1, run->rows);
}

void train_network_second(struct train_thread *thread, const struct train_network *network,
                          const struct train_run *run)
{
    const struct trainer *trainer = thread->trainer;

    activate(thread, network->layer1, run->z1, run->keep1, run->rows, thread->hidden);
    forward(trainer, thread->hidden, trainer->layers[network->layer1].norm.width, run->rows,
            (const enum train_matrix[2]){network->second, network->shift2}, run->z2);
    train_layer_collect(thread, network->layer2, run->z2, run->rows);
}

void train_network_out(struct train_thread *thread, const struct train_network *network,
                       const struct train_run *run)
{
    const struct trainer *trainer = thread->trainer;
    uint32_t width = trainer->layers[network->layer2].norm.width;

    activate(thread, network->layer2, run->z2, run->keep2, run->rows, thread->hidden2);
    trainer->kernels->dots(thread->hidden2, width, run->rows, width,
                           train_packed(trainer, network->out), run->out);
    for (uint32_t r = 0; r < run->rows; r++)
        run->out[r] += train_packed(trainer, network->out_shift)[0];
}

/* Whether the output's bias changes the loss. */
static bool bias_matters(const struct trainer *trainer, const struct train_network *network)
{
    return !network->softened || (network == &train_logit && trainer->settings.binary > 0);
}

void train_network_back_out(struct train_thread *thread, const struct train_network *network,
                            const struct train_run *run)
{
    const struct trainer *trainer = thread->trainer;
    uint32_t width = trainer->layers[network->layer2].norm.width;
    real *d_shift = train_d_packed(thread, network->out_shift);

    for (uint32_t r = 0; r < run->rows && bias_matters(trainer, network); r++)
        d_shift[0] += run->d_out[r];
    activate(thread, network->layer2, run->z2, run->keep2, run->rows, thread->hidden2);
    trainer->kernels->product(&(struct train_product){
        .factor = run->d_out,
        .k_stride = 1,
        .lanes = thread->hidden2,
        .lane_stride = width,
        .rows = 1,
        .depth = run->rows,
        .width = width,
        .out = train_d_packed(thread, network->out),
        .add = true,
    });
    trainer->kernels->product(&(struct train_product){
        .factor = run->d_out,
        .row_stride = 1,
        .lanes = train_packed(trainer, network->out),
        .rows = run->rows,
        .depth = 1,
        .width = width,
        .out = run->d2,
        .out_stride = width,
    });
    deactivate(thread, network->layer2, run->z2, run->keep2, run->rows, run->d2);
}

void train_network_back_second(struct train_thread *thread, const struct train_network *network,
                               const struct train_run *run)
{
    const struct trainer *trainer = thread->trainer;

    trainer->kernels->denormalise(&trainer->layers[network->layer2].norm, run->z2, run->rows,
                                  run->d2);
    activate(thread, network->layer1, run->z1, run->keep1, run->rows, thread->hidden);
    backward(thread, network->second, thread->hidden, run->d2, run->rows, run->d1);
    deactivate(thread, network->layer1, run->z1, run->keep1, run->rows, run->d1);
}

void train_network_back_first(struct train_thread *thread, const struct train_network *network,
                              const struct train_run *run)
{
    const struct trainer *trainer = thread->trainer;

    trainer->kernels->denormalise(&trainer->layers[network->layer1].norm, run->z1, run->rows,
                                  run->d1);
    backward(thread, network->first, run->in, run->d1, run->rows, run->d_in);
}
