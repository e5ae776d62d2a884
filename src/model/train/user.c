/* train_user.c - the visitor's side, forward: what the history is made of, the recurrence of a chunk of
 * seats together, and the long-term attention in its closed form.
 *
 *   n_t = tanh(to_now w1 + b1)   l_t = tanh(from_first w2 + b2)
 *   gates = x K + n [O1 T1] + l [T2 O2] + m_{t-1} U + bias, in the order i j f l o n
 *   long term: every empty slot of the history has the embedding of id 0, so they count as one row
 *   whose weight is taken as often as there are of them.
 */
#include "model/train/room.h"

static void gather(const struct trainer *trainer, struct train_seat *seat)
{
    const struct train_shape *shape = &trainer->layout.shape;
    const real *items = trainer->value + trainer->layout.tensors[TRAIN_ITEM_EMBEDDING].at;
    const real *cates = trainer->value + trainer->layout.tensors[TRAIN_CATE_EMBEDDING].at;
    uint32_t rows = train_embed_rows(seat);

    for (uint32_t t = 0; t < rows; t++) {
        bool event = t < seat->len;
        size_t item = event ? seat->example->items[t] : 0;
        size_t cate = event ? seat->example->cates[t] : 0;
        real *to = seat->embed + (size_t)t * trainer->padded;

        memcpy(to, items + item * shape->item_width, shape->item_width * sizeof(real));
        memcpy(to + shape->item_width, cates + cate * shape->cate_width,
               shape->cate_width * sizeof(real));
    }
}

static void gather_times(const struct trainer *trainer, struct train_seat *seat)
{
    const struct train_kernels *kernels = trainer->kernels;
    uint32_t width = trainer->padded;

    for (uint32_t t = 0; t < seat->len; t++) {
        seat->to_now[t] = (real)seat->example->to_now[t];
        seat->from_first[t] = (real)seat->example->from_first[t];
        kernels->tanh_affine(seat->to_now[t], train_packed(trainer, PACKED_NOW_INPUT),
                             train_packed(trainer, PACKED_NOW_SHIFT), width,
                             seat->now + (size_t)t * width);
        kernels->tanh_affine(seat->from_first[t], train_packed(trainer, PACKED_LAST_INPUT),
                             train_packed(trainer, PACKED_LAST_SHIFT), width,
                             seat->last + (size_t)t * width);
    }
}

/* What the gates get from item and times, for all steps at once. */
static void gates_prepare(const struct trainer *trainer, struct train_seat *seat)
{
    const uint32_t w = trainer->padded;
    struct train_product product = {
        .factor = seat->embed,
        .row_stride = w,
        .k_stride = 1,
        .lanes = train_packed(trainer, PACKED_GATES_ITEM),
        .lane_stride = (size_t)6 * w,
        .rows = seat->len,
        .depth = trainer->layout.shape.item_width,
        .width = 6 * w,
        .initial = train_packed(trainer, PACKED_GATES_BIAS),
        .out = seat->gates,
        .out_stride = (size_t)6 * w,
    };

    trainer->kernels->product(&product);
    product.factor = seat->now;
    product.lanes = train_packed(trainer, PACKED_NOW_PROJECT);
    product.lane_stride = (size_t)2 * w;
    product.depth = trainer->width;
    product.width = 2 * w;
    product.out = seat->gates + (size_t)4 * w;
    product.add = true;
    trainer->kernels->product(&product);
    product.factor = seat->last;
    product.lanes = train_packed(trainer, PACKED_LAST_PROJECT);
    product.out = seat->gates + (size_t)3 * w;
    trainer->kernels->product(&product);
}

/* Gates of step t += m_{t-1} U, for the first `active` seats of the chunk. */
static void gates_recur(const struct trainer *trainer, const struct train_seat *seat, uint32_t t,
                        uint32_t active)
{
    const uint32_t w = trainer->padded;
    struct train_product product = {
        .factor = seat->output + (size_t)t * w,
        .row_stride = trainer->seat_stride,
        .k_stride = 1,
        .lanes = train_packed(trainer, PACKED_GATES_STATE),
        .lane_stride = (size_t)4 * w,
        .rows = active,
        .depth = trainer->width,
        .width = 3 * w,
        .out = seat->gates + (size_t)t * 6 * w,
        .out_stride = trainer->seat_stride,
        .add = true,
    };

    trainer->kernels->product(&product);
    product.lanes += (size_t)3 * w;
    product.width = w;
    product.out += (size_t)4 * w;
    trainer->kernels->product(&product);
}

static void recur(const struct trainer *trainer, struct train_seat *seats, uint32_t count)
{
    const uint32_t w = trainer->padded;
    uint32_t active = count;

    for (uint32_t t = 0; t < seats[0].len; t++) {
        while (active > 0 && seats[active - 1].len <= t)
            active--;
        if (t > 0) gates_recur(trainer, seats, t, active);
        for (uint32_t s = 0; s < active; s++) {
            trainer->kernels->cell_forward(&(struct train_cell){
                .width = w,
                .gates = seats[s].gates + (size_t)t * 6 * w,
                .cell_before = seats[s].cell + (size_t)t * w,
                .cell = seats[s].cell + ((size_t)t + 1) * w,
                .output = seats[s].output + ((size_t)t + 1) * w,
            });
        }
    }
}

/* a_t of the events and, in one number, of all empty slots; att1 goes into alpha's input. */
static void long_term(const struct trainer *trainer, struct train_seat *seat, real *att1)
{
    const uint32_t w = trainer->padded;
    uint32_t empty = seat->slots - seat->len;
    uint32_t rows = train_embed_rows(seat);
    real *weight = seat->long_weight;
    real top;
    real sum = 0;

    trainer->kernels->dots(seat->embed, w, rows, w, trainer->direction, weight);
    top = rows > 0 ? weight[0] : 0;
    for (uint32_t t = 1; t < rows; t++)
        top = weight[t] > top ? weight[t] : top;
    for (uint32_t t = 0; t < train_pad(rows); t++)
        weight[t] = t < rows ? weight[t] - top : 0;
    trainer->kernels->exponentials(weight, train_pad(rows));
    if (empty > 0) weight[seat->len] *= (real)empty;
    for (uint32_t t = 0; t < rows; t++)
        sum += weight[t];
    for (uint32_t t = 0; t < rows; t++)
        weight[t] /= sum;
    trainer->kernels->product(&(struct train_product){
        .factor = weight,
        .k_stride = 1,
        .lanes = seat->embed,
        .lane_stride = w,
        .rows = 1,
        .depth = rows,
        .width = w,
        .out = att1,
        .out_stride = w,
    });
}

/* The original reads the last of all slots, which an event fills only in a full history. */
static real last_time(const struct trainer *trainer, const struct train_seat *seat)
{
    bool reads =
        seat->len > 0 && (trainer->settings.masked || seat->len == trainer->layout.shape.steps);

    return reads ? seat->to_now[seat->len - 1] : 0;
}

/* q, att1 and the last slot's time, in the rows of alpha's input; q in those of the last network. */
static void fill_rows(struct trainer *trainer, uint32_t number, const real *att1)
{
    const struct train_shape *shape = &trainer->layout.shape;
    const struct train_seat *seat = &trainer->seats[number];
    const real *items = trainer->value + trainer->layout.tensors[TRAIN_ITEM_EMBEDDING].at;
    const real *cates = trainer->value + trainer->layout.tensors[TRAIN_CATE_EMBEDDING].at;
    const uint32_t w = trainer->padded;

    for (uint32_t c = 0; c < trainer->candidates; c++) {
        size_t row = (size_t)number * trainer->candidates + c;
        real *alpha = trainer->alpha.in + row * trainer->alpha_width;

        memcpy(alpha, items + (size_t)seat->items[c] * shape->item_width,
               shape->item_width * sizeof(real));
        memcpy(alpha + shape->item_width, cates + (size_t)seat->cates[c] * shape->cate_width,
               shape->cate_width * sizeof(real));
        memcpy(alpha + w, att1, w * sizeof(real));
        alpha[(size_t)3 * w] = last_time(trainer, seat);
        memcpy(trainer->logit.in + row * 2 * w + w, alpha, w * sizeof(real));
    }
}

void train_recur(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct trainer *trainer = thread->trainer;
    const uint32_t w = trainer->padded;

    for (uint32_t s = first; s < first + count; s++) {
        struct train_seat *seat = &trainer->seats[s];

        gather(trainer, seat);
        gather_times(trainer, seat);
        gates_prepare(trainer, seat);
        long_term(trainer, seat, thread->hidden);
        fill_rows(trainer, s, thread->hidden);
    }
    recur(trainer, &trainer->seats[first], count);
    for (uint32_t s = first; s < first + count; s++) {
        struct train_seat *seat = &trainer->seats[s];

        trainer->kernels->product(&(struct train_product){
            .factor = seat->output + w,
            .row_stride = w,
            .k_stride = 1,
            .lanes = train_packed(trainer, PACKED_PROJECT),
            .lane_stride = w,
            .rows = seat->len,
            .depth = trainer->width,
            .width = w,
            .out = seat->project,
            .out_stride = w,
        });
    }
}
