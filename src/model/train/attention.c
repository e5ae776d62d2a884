/* train_attention.c - the short term: one network over every pair of a candidate and a step.
 *
 * Its first layer reads [A, q, A - q, A * q], which for one candidate is a matrix of its own:
 *   z1_t = A_t (Wa + Wd + diag(q) Wp) + (q (Wq - Wd) + b)
 * so the widest product of the model is 40 deep, not 160. An empty slot has A = 0 and takes part in
 * batch norm, nowhere else.
 */
#include "model/train/room.h"

static const real *query(const struct trainer *trainer, uint32_t number, uint32_t candidate)
{
    size_t row = (size_t)number * trainer->candidates + candidate;

    return trainer->alpha.in + row * trainer->alpha_width;
}

/* mixed = Wa + Wd + diag(q) Wp */
static void mix(struct train_thread *thread, const real *q)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t width = trainer->layers[LAYER_ATT1].norm.width;
    const real *product = train_packed(trainer, PACKED_ATT_PRODUCT);

    memcpy(thread->mixed, train_packed(trainer, PACKED_ATT_STATE),
           (size_t)trainer->width * width * sizeof(real));
    for (size_t k = 0; k < trainer->width; k++)
        trainer->kernels->add_scaled(thread->mixed + k * width, product + k * width, q[k], width);
}

static void mix_flipped(struct train_thread *thread, const real *q)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t columns = trainer->layers[LAYER_ATT1].norm.width;
    const uint32_t w = trainer->padded;
    const real *product = train_flipped(trainer, PACKED_ATT_PRODUCT);

    memcpy(thread->mixed_flipped, train_flipped(trainer, PACKED_ATT_STATE),
           (size_t)columns * w * sizeof(real));
    for (size_t j = 0; j < columns; j++)
        trainer->kernels->add_products(thread->mixed_flipped + j * w, product + j * w, q, w);
}

void train_attend_first(struct train_thread *thread, uint32_t number)
{
    const struct trainer *trainer = thread->trainer;
    struct train_seat *seat = &trainer->seats[number];
    const uint32_t width = trainer->layers[LAYER_ATT1].norm.width;

    trainer->kernels->product(&(struct train_product){
        .factor = query(trainer, number, 0),
        .row_stride = trainer->alpha_width,
        .k_stride = 1,
        .lanes = train_packed(trainer, PACKED_ATT_ITEM),
        .lane_stride = width,
        .rows = trainer->candidates,
        .depth = trainer->width,
        .width = width,
        .initial = train_packed(trainer, PACKED_ATT_SHIFT1),
        .out = thread->base,
        .out_stride = width,
    });
    for (uint32_t c = 0; c < trainer->candidates; c++) {
        const real *base = thread->base + (size_t)c * width;
        real *z = seat->run.z1 + (size_t)c * seat->slots * width;

        mix(thread, query(trainer, number, c));
        trainer->kernels->product(&(struct train_product){
            .factor = seat->project,
            .row_stride = trainer->padded,
            .k_stride = 1,
            .lanes = thread->mixed,
            .lane_stride = width,
            .rows = seat->len,
            .depth = trainer->width,
            .width = width,
            .initial = base,
            .out = z,
            .out_stride = width,
        });
        for (uint32_t t = seat->len; t < seat->slots; t++)
            memcpy(z + (size_t)t * width, base, width * sizeof(real));
    }
    train_layer_collect(thread, LAYER_ATT1, seat->run.z1, seat->run.rows);
}

/* Softmax over the events of one candidate. */
static void soften(const struct trainer *trainer, const real *logit, uint32_t len, real *weight)
{
    real top = logit[0];
    real sum = 0;

    for (uint32_t t = 1; t < len; t++)
        top = logit[t] > top ? logit[t] : top;
    for (uint32_t t = 0; t < train_pad(len); t++)
        weight[t] = t < len ? logit[t] - top : 0;
    trainer->kernels->exponentials(weight, train_pad(len));
    for (uint32_t t = 0; t < len; t++)
        sum += weight[t];
    for (uint32_t t = 0; t < len; t++)
        weight[t] /= sum;
}

/* Logits of the pairs -> weights -> att2 of every candidate, into alpha's input. */
void train_attend_mix(struct train_thread *thread, uint32_t number)
{
    const struct trainer *trainer = thread->trainer;
    struct train_seat *seat = &trainer->seats[number];
    const uint32_t w = trainer->padded;
    size_t stride = train_pad(trainer->layout.shape.steps + 1);
    size_t row = (size_t)number * trainer->candidates;

    train_network_out(thread, &train_att, &seat->run);
    for (uint32_t c = 0; c < trainer->candidates && seat->len > 0; c++) {
        soften(trainer, seat->run.out + (size_t)c * seat->slots, seat->len,
               seat->short_weight + c * stride);
    }
    trainer->kernels->product(&(struct train_product){
        .factor = seat->short_weight,
        .row_stride = stride,
        .k_stride = 1,
        .lanes = seat->output + w,
        .lane_stride = w,
        .rows = trainer->candidates,
        .depth = seat->len,
        .width = w,
        .out = trainer->alpha.in + row * trainer->alpha_width + (size_t)2 * w,
        .out_stride = trainer->alpha_width,
    });
}

/* d out_t = w_t (d att2 . m_t - sum of that); d m_t = sum over candidates of w_t d att2 */
void train_attend_mix_back(struct train_thread *thread, uint32_t number)
{
    const struct trainer *trainer = thread->trainer;
    struct train_seat *seat = &trainer->seats[number];
    const uint32_t w = trainer->padded;
    size_t stride = train_pad(trainer->layout.shape.steps + 1);
    const real *d_att2 = trainer->alpha.d_in +
                         (size_t)number * trainer->candidates * trainer->alpha_width +
                         (size_t)2 * w;

    memset(seat->run.d_out, 0, seat->run.rows * sizeof(real));
    for (uint32_t c = 0; c < trainer->candidates; c++) {
        const real *weight = seat->short_weight + c * stride;
        real *d = seat->run.d_out + (size_t)c * seat->slots;
        real mean = 0;

        trainer->kernels->dots(seat->output + w, w, seat->len, w,
                               d_att2 + (size_t)c * trainer->alpha_width, d);
        for (uint32_t t = 0; t < seat->len; t++)
            mean += weight[t] * d[t];
        for (uint32_t t = 0; t < seat->len; t++)
            d[t] = weight[t] * (d[t] - mean);
    }
    trainer->kernels->product(&(struct train_product){
        .factor = seat->short_weight,
        .row_stride = 1,
        .k_stride = stride,
        .lanes = d_att2,
        .lane_stride = trainer->alpha_width,
        .rows = seat->len,
        .depth = trainer->candidates,
        .width = w,
        .out = seat->d_output,
        .out_stride = w,
    });
    train_network_back_out(thread, &train_att, &seat->run);
}

/* d mixed of a candidate, into the matrices it was mixed from and into d q. */
static void unmix(struct train_thread *thread, const real *q, real *d_q)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t width = trainer->layers[LAYER_ATT1].norm.width;
    const real *product = train_packed(trainer, PACKED_ATT_PRODUCT);
    real *d_state = train_d_packed(thread, PACKED_ATT_STATE);
    real *d_product = train_d_packed(thread, PACKED_ATT_PRODUCT);

    for (size_t k = 0; k < trainer->width; k++) {
        const real *d = thread->d_mixed + k * width;
        real share;

        trainer->kernels->add_scaled(d_state + k * width, d, 1, width);
        trainer->kernels->add_scaled(d_product + k * width, d, q[k], width);
        trainer->kernels->dots(d, width, 1, width, product + k * width, &share);
        d_q[k] += share;
    }
}

/* One candidate's rows: d A += d z1 mixed^T, d mixed = A^T d z1, d base = sum of d z1. */
static void pair_back(struct train_thread *thread, uint32_t number, uint32_t c, real *d_project)
{
    static const real one = 1;
    const struct trainer *trainer = thread->trainer;
    const struct train_seat *seat = &trainer->seats[number];
    const uint32_t width = trainer->layers[LAYER_ATT1].norm.width;
    const uint32_t w = trainer->padded;
    const real *d = seat->run.d1 + (size_t)c * seat->slots * width;
    struct train_product product = {
        .factor = &one,
        .lanes = d,
        .lane_stride = width,
        .rows = 1,
        .depth = seat->slots,
        .width = width,
        .out = thread->base + (size_t)c * width,
    };

    trainer->kernels->product(&product);
    product.factor = seat->project;
    product.row_stride = 1;
    product.k_stride = w;
    product.rows = trainer->width;
    product.depth = seat->len;
    product.out = thread->d_mixed;
    product.out_stride = width;
    trainer->kernels->product(&product);
    trainer->kernels->product(&(struct train_product){
        .factor = d,
        .row_stride = width,
        .k_stride = 1,
        .lanes = thread->mixed_flipped,
        .lane_stride = w,
        .rows = seat->len,
        .depth = width,
        .width = w,
        .out = d_project,
        .out_stride = w,
        .add = c > 0,
    });
}

/* d q += d base (Wq - Wd)^T, d (Wq - Wd) += q^T d base; d_q: rows of alpha's input. */
static void base_back(struct train_thread *thread, uint32_t number, real *d_q)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t width = trainer->layers[LAYER_ATT1].norm.width;
    const uint32_t w = trainer->padded;

    trainer->kernels->product(&(struct train_product){
        .factor = thread->base,
        .row_stride = width,
        .k_stride = 1,
        .lanes = train_flipped(trainer, PACKED_ATT_ITEM),
        .lane_stride = w,
        .rows = trainer->candidates,
        .depth = width,
        .width = w,
        .out = d_q,
        .out_stride = trainer->alpha_width,
        .add = true,
    });
    trainer->kernels->product(&(struct train_product){
        .factor = query(trainer, number, 0),
        .row_stride = 1,
        .k_stride = trainer->alpha_width,
        .lanes = thread->base,
        .lane_stride = width,
        .rows = trainer->width,
        .depth = trainer->candidates,
        .width = width,
        .out = train_d_packed(thread, PACKED_ATT_ITEM),
        .out_stride = width,
        .add = true,
    });
}

/* d A -> d m and d M. */
static void project_back(struct train_thread *thread, const struct train_seat *seat,
                         const real *d_project)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t w = trainer->padded;
    struct train_product product = {
        .factor = d_project,
        .row_stride = w,
        .k_stride = 1,
        .lanes = train_flipped(trainer, PACKED_PROJECT),
        .lane_stride = w,
        .rows = seat->len,
        .depth = w,
        .width = w,
        .out = seat->d_output,
        .out_stride = w,
        .add = true,
    };

    trainer->kernels->product(&product);
    product.factor = seat->output + w;
    product.row_stride = 1;
    product.k_stride = w;
    product.lanes = d_project;
    product.rows = trainer->width;
    product.depth = seat->len;
    product.out = train_d_packed(thread, PACKED_PROJECT);
    trainer->kernels->product(&product);
}

void train_attend_first_back(struct train_thread *thread, uint32_t number)
{
    struct trainer *trainer = thread->trainer;
    struct train_seat *seat = &trainer->seats[number];
    real *d_q = trainer->alpha.d_in + (size_t)number * trainer->candidates * trainer->alpha_width;

    trainer->kernels->denormalise(&trainer->layers[LAYER_ATT1].norm, seat->run.z1, seat->run.rows,
                                  seat->run.d1);
    for (uint32_t c = 0; c < trainer->candidates; c++) {
        const real *q = query(trainer, number, c);

        mix_flipped(thread, q);
        pair_back(thread, number, c, thread->hidden);
        unmix(thread, q, d_q + (size_t)c * trainer->alpha_width);
    }
    base_back(thread, number, d_q);
    project_back(thread, seat, thread->hidden);
}
