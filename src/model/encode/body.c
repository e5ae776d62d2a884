/* body.c - room for the rows, and the way forward. */
#include "model/encode/body.h"

#include <math.h>

struct wish {
    real **where;
    size_t width;
};

static enum status reals_take(const struct wish *wishes, size_t count, uint32_t rows,
                              struct arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        *wishes[i].where = arena_zalloc(arena, rows * wishes[i].width, sizeof(real));
        if (*wishes[i].where == NULL) return STATUS_LIMIT;
    }
    return STATUS_OK;
}

static enum status stage_init(const struct encode_shape *shape, uint32_t rows, struct arena *arena,
                              struct encode_stage *stage)
{
    size_t w = shape->width;
    size_t weights = (size_t)shape->heads * train_pad(shape->steps);
    const struct wish wishes[] = {
        {&stage->in, w},
        {&stage->middle, w},
        {&stage->kept1.normal, w},
        {&stage->kept2.normal, w},
        {&stage->a, w},
        {&stage->c, w},
        {&stage->kept1.inverse, 1},
        {&stage->kept2.inverse, 1},
        {&stage->mix, 3 * w},
        {&stage->met, w},
        {&stage->weights, weights},
        {&stage->wide, shape->inner},
        {&stage->narrow, shape->inner},
    };

    stage->keep_weights = arena_alloc(arena, rows, weights);
    stage->keep_join = arena_alloc(arena, rows, w);
    stage->keep_wide = arena_alloc(arena, rows, shape->inner);
    stage->keep_narrow = arena_alloc(arena, rows, w);
    if (stage->keep_weights == NULL || stage->keep_join == NULL || stage->keep_wide == NULL ||
        stage->keep_narrow == NULL)
        return STATUS_LIMIT;
    return reals_take(wishes, COUNT_OF(wishes), rows, arena);
}

enum status encode_run_init(const struct encode_shape *shape, uint32_t rows_max,
                            struct arena *arena, struct encode_run *run)
{
    size_t w = shape->width;
    const struct wish wishes[] = {
        {&run->last, w},         {&run->kept.normal, w}, {&run->out, w},
        {&run->kept.inverse, 1}, {&run->temp, w},        {&run->d, w},
        {&run->d_a, w},          {&run->d_mix, 3 * w},   {&run->d_wide, shape->inner},
    };

    *run = (struct encode_run){.rows_max = rows_max};
    run->keep_in = arena_alloc(arena, rows_max, w);
    if (run->keep_in == NULL) return STATUS_LIMIT;
    enum status status = reals_take(wishes, COUNT_OF(wishes), rows_max, arena);
    for (uint32_t i = 0; status == STATUS_OK && i < shape->layers; i++)
        status = stage_init(shape, rows_max, arena, &run->stages[i]);
    return status;
}

/* --- forward ------------------------------------------------------------------------------------- */

/* out [rows][width] = in [rows][depth] weight + bias */
static void apply(const struct encode_body *body, const struct encode_run *run, const real *in,
                  const struct encode_tensor *weight, real *out)
{
    const struct encode_tensor *bias = weight + 1;

    body->products->product(&(struct train_product){
        .factor = in,
        .row_stride = weight->rows,
        .k_stride = 1,
        .lanes = body->value + weight->at,
        .lane_stride = weight->columns,
        .rows = run->rows,
        .depth = weight->rows,
        .width = weight->columns,
        .initial = body->value + bias->at,
        .out = out,
        .out_stride = weight->columns,
    });
}

static void normalise(const struct encode_body *body, const struct encode_run *run,
                      const struct encode_tensor *gain, const real *x, struct encode_kept kept,
                      real *out)
{
    const struct encode_norm norm = {
        .rows = run->rows,
        .width = body->layout->shape.width,
        .gain = body->value + gain->at,
        .shift = body->value + gain[1].at,
        .normal = kept.normal,
        .inverse = kept.inverse,
    };

    body->kernels->norm(&norm, x, out);
}

static void keeps_draw(const struct encode_body *body, const struct encode_run *run, uint32_t place,
                       uint8_t *keep, size_t width)
{
    uint32_t kept = (uint32_t)((1.0 - run->dropout) * 65536.0 + 0.5);

    body->products->keep_fill(run->seed + place * 0x9FB21C651E98DF25U, kept, keep,
                              run->rows * width);
}

static void all_keeps_draw(const struct encode_body *body, struct encode_run *run)
{
    const struct encode_shape *shape = &body->layout->shape;

    keeps_draw(body, run, 1, run->keep_in, shape->width);
    for (uint32_t i = 0; i < shape->layers; i++) {
        struct encode_stage *stage = &run->stages[i];
        uint32_t place = 2 + 4 * i;

        keeps_draw(body, run, place, stage->keep_weights,
                   (size_t)shape->heads * train_pad(shape->steps));
        keeps_draw(body, run, place + 1, stage->keep_join, shape->width);
        keeps_draw(body, run, place + 2, stage->keep_wide, shape->inner);
        keeps_draw(body, run, place + 3, stage->keep_narrow, shape->width);
    }
}

static void embed(const struct encode_body *body, struct encode_run *run, real *x)
{
    uint32_t width = body->layout->shape.width;
    const real *positions = body->value + body->layout->tensors[ENCODE_POSITIONS].at;
    real scale = (real)sqrt(width);

    for (uint32_t s = 0; s < run->span_count; s++) {
        const struct encode_span *span = &run->spans[s];

        for (uint32_t t = 0; t < span->len; t++) {
            size_t row = span->first + t;
            real *to = x + row * width;

            memcpy(to, positions + (size_t)(span->past_len + t) * width, width * sizeof(*to));
            body->products->add_scaled(to, run->embeddings + (size_t)run->items[row] * width, scale,
                                       width);
        }
    }
    body->kernels->drop(encode_drop_of(run, run->keep_in), x, NULL, (size_t)run->rows * width, x);
}

static void layer_forward(const struct encode_body *body, struct encode_run *run,
                          const struct encode_tensor *parts, struct encode_stage *stage, real *out)
{
    const struct encode_kernels *kernels = body->kernels;
    size_t count = (size_t)run->rows * body->layout->shape.width;

    normalise(body, run, parts + ENCODE_NORM1_GAIN, stage->in, stage->kept1, stage->a);
    apply(body, run, stage->a, parts + ENCODE_MIX, stage->mix);
    encode_attend(body, run, stage);
    apply(body, run, stage->met, parts + ENCODE_JOIN, run->temp);
    kernels->drop(encode_drop_of(run, stage->keep_join), run->temp, stage->in, count,
                  stage->middle);
    normalise(body, run, parts + ENCODE_NORM2_GAIN, stage->middle, stage->kept2, stage->c);
    apply(body, run, stage->c, parts + ENCODE_WIDEN, stage->wide);
    kernels->rectify(encode_drop_of(run, stage->keep_wide), stage->wide,
                     (size_t)run->rows * body->layout->shape.inner, stage->narrow);
    apply(body, run, stage->narrow, parts + ENCODE_NARROW, run->temp);
    kernels->drop(encode_drop_of(run, stage->keep_narrow), run->temp, stage->middle, count, out);
}

void encode_forward(const struct encode_body *body, struct encode_run *run)
{
    const struct encode_layout *layout = body->layout;
    uint32_t layers = layout->shape.layers;

    ASSERT(run->rows <= run->rows_max);
    if (run->dropout > 0) all_keeps_draw(body, run);
    embed(body, run, run->stages[0].in);
    for (uint32_t i = 0; i < layers; i++) {
        real *out = i + 1 < layers ? run->stages[i + 1].in : run->last;

        layer_forward(body, run, layout->tensors + ENCODE_COMMON + (size_t)i * ENCODE_PARTS,
                      &run->stages[i], out);
    }
    normalise(body, run, layout->tensors + ENCODE_OUT_GAIN, run->last, run->kept, run->out);
}
