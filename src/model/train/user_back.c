/* train_user_back.c - the visitor's side, back: through time, through the long-term attention, and
 * into the embeddings of the history and the candidates. */
#include "model/train/room.h"

static const real one = 1;

/* Gates' activations of all steps become their gradients, last step first. */
static void recur_back(struct train_thread *thread, struct train_seat *seats, uint32_t count)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t w = trainer->padded;
    uint32_t active = 0;

    memset(thread->d_cell, 0, (size_t)TRAIN_CHUNK * w * sizeof(real));
    for (uint32_t t = seats[0].len; t-- > 0;) {
        while (active < count && seats[active].len > t)
            active++;
        for (uint32_t s = 0; s < active; s++) {
            trainer->kernels->cell_backward(&(struct train_cell){
                .width = w,
                .gates = seats[s].gates + (size_t)t * 6 * w,
                .cell_before = seats[s].cell + (size_t)t * w,
                .cell = seats[s].cell + ((size_t)t + 1) * w,
                .d_output = seats[s].d_output + (size_t)t * w,
                .d_cell = thread->d_cell + (size_t)s * w,
            });
        }
        if (t == 0) break;
        struct train_product product = {
            .factor = seats[0].gates + (size_t)t * 6 * w,
            .row_stride = trainer->seat_stride,
            .k_stride = 1,
            .lanes = train_flipped(trainer, PACKED_GATES_STATE),
            .lane_stride = w,
            .rows = active,
            .depth = 3 * w,
            .width = w,
            .out = seats[0].d_output + ((size_t)t - 1) * w,
            .out_stride = trainer->seat_stride,
            .add = true,
        };
        trainer->kernels->product(&product);
        product.factor += (size_t)4 * w;
        product.lanes += (size_t)3 * w * w;
        product.depth = w;
        trainer->kernels->product(&product);
    }
}

/* d matrix += in^T d, over the steps of a seat. */
struct over_steps {
    enum train_matrix matrix;
    uint32_t to;    /* first column in the matrix */
    const real *in; /* [rows][W] */
    const real *d;  /* [rows][6 W] */
    uint32_t rows, in_width, width;
};

static void add_weight(struct train_thread *thread, const struct over_steps *part)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t w = trainer->padded;
    size_t stride = trainer->layout.places[part->matrix].width;

    trainer->kernels->product(&(struct train_product){
        .factor = part->in,
        .row_stride = part->in == &one ? 0 : 1,
        .k_stride = part->in == &one ? 0 : w,
        .lanes = part->d,
        .lane_stride = (size_t)6 * w,
        .rows = part->in_width,
        .depth = part->rows,
        .width = part->width,
        .out = train_d_packed(thread, part->matrix) + part->to,
        .out_stride = stride,
        .add = true,
    });
}

static void weights_back(struct train_thread *thread, const struct train_seat *seat)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t w = trainer->padded;
    const uint32_t width = trainer->width;
    const uint32_t len = seat->len;
    const real *d = seat->gates;
    const real *later = d + (size_t)6 * w;
    const real *before = seat->output + w; /* m_0, which step 1 read */
    const struct over_steps parts[] = {
        {PACKED_GATES_ITEM, 0, seat->embed, d, len, trainer->layout.shape.item_width, 6 * w},
        {PACKED_GATES_BIAS, 0, &one, d, len, 1, 6 * w},
        {PACKED_NOW_PROJECT, 0, seat->now, d + (size_t)4 * w, len, width, 2 * w},
        {PACKED_LAST_PROJECT, 0, seat->last, d + (size_t)3 * w, len, width, 2 * w},
        {PACKED_GATES_STATE, 0, before, later, len - 1, width, 3 * w},
        {PACKED_GATES_STATE, 3 * w, before, later + (size_t)4 * w, len - 1, width, w},
    };

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i].rows > 0) add_weight(thread, &parts[i]);
    }
}

/* One of the two time inputs: its hidden vectors, where they went to, where they come from. */
struct time_input {
    enum train_matrix project, weight, shift;
    uint32_t gate; /* the first of the two it reaches */
    const real *hidden;
    const real *times;
};

static void time_back(struct train_thread *thread, const struct train_seat *seat,
                      const struct time_input *input)
{
    const struct trainer *trainer = thread->trainer;
    const struct train_kernels *kernels = trainer->kernels;
    const uint32_t w = trainer->padded;
    real *d = thread->hidden;
    struct train_product product = {
        .factor = seat->gates + (size_t)input->gate * w,
        .row_stride = (size_t)6 * w,
        .k_stride = 1,
        .lanes = train_flipped(trainer, input->project),
        .lane_stride = w,
        .rows = seat->len,
        .depth = 2 * w,
        .width = w,
        .out = d,
        .out_stride = w,
    };

    kernels->product(&product);
    kernels->tanh_back(input->hidden, seat->len * w, d);
    product = (struct train_product){
        .factor = input->times,
        .k_stride = 1,
        .lanes = d,
        .lane_stride = w,
        .rows = 1,
        .depth = seat->len,
        .width = w,
        .out = train_d_packed(thread, input->weight),
        .add = true,
    };
    kernels->product(&product);
    product.factor = &one;
    product.k_stride = 0;
    product.out = train_d_packed(thread, input->shift);
    kernels->product(&product);
}

/* d_embed [len + 1][W]: what the recurrence gives back to the items, in their first columns. */
static void items_back(struct train_thread *thread, const struct train_seat *seat, real *d_embed)
{
    const struct trainer *trainer = thread->trainer;
    const uint32_t w = trainer->padded;
    uint32_t item_padded = train_pad(trainer->layout.shape.item_width);

    memset(d_embed, 0, ((size_t)seat->len + 1) * w * sizeof(real));
    trainer->kernels->product(&(struct train_product){
        .factor = seat->gates,
        .row_stride = (size_t)6 * w,
        .k_stride = 1,
        .lanes = train_flipped(trainer, PACKED_GATES_ITEM),
        .lane_stride = item_padded,
        .rows = seat->len,
        .depth = 6 * w,
        .width = item_padded,
        .out = d_embed,
        .out_stride = w,
    });
}

/* d e_t += a_t d att1 + ds_t v, ds_t = a_t (e_t . d att1 - sum of that over all slots); dv += ds_t e_t */
static void long_term_back(struct train_thread *thread, const struct train_seat *seat,
                           real *d_embed)
{
    const struct trainer *trainer = thread->trainer;
    const struct train_kernels *kernels = trainer->kernels;
    const uint32_t w = trainer->padded;
    uint32_t rows = train_embed_rows(seat);
    real *d_weight = thread->hidden;
    real mean = 0;

    kernels->dots(seat->embed, w, rows, w, seat->d_long, d_weight);
    for (uint32_t t = 0; t < rows; t++)
        mean += seat->long_weight[t] * d_weight[t];
    for (uint32_t t = 0; t < rows; t++) {
        real ds = seat->long_weight[t] * (d_weight[t] - mean);

        kernels->add_scaled(d_embed + (size_t)t * w, seat->d_long, seat->long_weight[t], w);
        kernels->add_scaled(d_embed + (size_t)t * w, trainer->direction, ds, w);
        kernels->add_scaled(thread->direction, seat->embed + (size_t)t * w, ds, w);
    }
}

/* A look-up's gradient into its rows; `times` equal look-ups at once. */
static void scatter(struct train_thread *thread, const uint32_t ids[2], const real *d,
                    uint32_t times)
{
    const struct train_layout *layout = &thread->trainer->layout;
    const uint32_t widths[2] = {layout->shape.item_width, layout->shape.cate_width};

    for (size_t i = 0; i < 2; i++) {
        real *to = thread->embedding + layout->tensors[i].at + (size_t)ids[i] * widths[i];
        double squares = 0.0;

        for (uint32_t j = 0; j < widths[i]; j++) {
            to[j] += d[j];
            squares += (double)d[j] * (double)d[j];
        }
        thread->look_ups[i] += squares / times;
        d += widths[i];
    }
}

static void embeddings_back(struct train_thread *thread, uint32_t number, const real *d_embed)
{
    const struct trainer *trainer = thread->trainer;
    const struct train_seat *seat = &trainer->seats[number];

    for (uint32_t t = 0; t < seat->len; t++) {
        const uint32_t ids[2] = {seat->example->items[t], seat->example->cates[t]};

        scatter(thread, ids, d_embed + (size_t)t * trainer->padded, 1);
    }
    if (seat->len < seat->slots) {
        scatter(thread, (const uint32_t[2]){0, 0}, d_embed + (size_t)seat->len * trainer->padded,
                seat->slots - seat->len);
    }
    for (uint32_t c = 0; c < trainer->candidates; c++) {
        size_t row = (size_t)number * trainer->candidates + c;
        const uint32_t ids[2] = {seat->items[c], seat->cates[c]};

        scatter(thread, ids, trainer->alpha.d_in + row * trainer->alpha_width, 1);
    }
}

void train_recur_back(struct train_thread *thread, uint32_t first, uint32_t count)
{
    struct trainer *trainer = thread->trainer;

    recur_back(thread, &trainer->seats[first], count);
    for (uint32_t s = first; s < first + count; s++) {
        const struct train_seat *seat = &trainer->seats[s];
        const struct time_input now = {PACKED_NOW_PROJECT, PACKED_NOW_INPUT, PACKED_NOW_SHIFT, 4,
                                       seat->now,          seat->to_now};
        const struct time_input last = {PACKED_LAST_PROJECT, PACKED_LAST_INPUT,
                                        PACKED_LAST_SHIFT,   3,
                                        seat->last,          seat->from_first};

        if (seat->len > 0) {
            weights_back(thread, seat);
            time_back(thread, seat, &now);
            time_back(thread, seat, &last);
        }
        items_back(thread, seat, thread->hidden2);
        long_term_back(thread, seat, thread->hidden2);
        embeddings_back(thread, s, thread->hidden2);
    }
}
