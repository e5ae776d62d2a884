/* body_back.c - the way back through the layers. */
#include <math.h>

#include "model/encode/body.h"

static void matrix_flip(const struct encode_tensor *tensor, const real *value, real *flipped)
{
    const real *from = value + tensor->at;
    real *to = flipped + tensor->at;

    for (size_t r = 0; r < tensor->rows; r++) {
        for (size_t j = 0; j < tensor->columns; j++)
            to[j * tensor->rows + r] = from[r * tensor->columns + j];
    }
}

void encode_flip(const struct encode_layout *layout, const real *value, real *flipped)
{
    for (uint32_t i = ENCODE_COMMON; i + 1 < layout->tensor_count; i++) {
        if (layout->tensors[i].columns > 0) matrix_flip(&layout->tensors[i], value, flipped);
    }
}

/* Gradients of out = in weight + bias: those of weight and bias are added, that of in is made. */
static void apply_back(const struct encode_body *body, const struct encode_run *run,
                       const struct encode_tensor *weight, const real *in, const real *d_out,
                       real *d_in)
{
    const struct encode_tensor *bias = weight + 1;

    body->products->product(&(struct train_product){
        .factor = in,
        .row_stride = 1,
        .k_stride = weight->rows,
        .lanes = d_out,
        .lane_stride = weight->columns,
        .rows = weight->rows,
        .depth = run->rows,
        .width = weight->columns,
        .out = run->gradient + weight->at,
        .out_stride = weight->columns,
        .add = true,
    });
    for (uint32_t row = 0; row < run->rows; row++) {
        body->products->add_scaled(run->gradient + bias->at, d_out + (size_t)row * weight->columns,
                                   1, weight->columns);
    }
    body->products->product(&(struct train_product){
        .factor = d_out,
        .row_stride = weight->columns,
        .k_stride = 1,
        .lanes = body->flipped + weight->at,
        .lane_stride = weight->rows,
        .rows = run->rows,
        .depth = weight->columns,
        .width = weight->rows,
        .out = d_in,
        .out_stride = weight->rows,
    });
}

/* d_x += by way of d_out */
static void normalise_back(const struct encode_body *body, const struct encode_run *run,
                           const struct encode_tensor *gain, struct encode_kept kept,
                           const real *d_out, real *d_x)
{
    const struct encode_norm norm = {
        .rows = run->rows,
        .width = body->layout->shape.width,
        .gain = body->value + gain->at,
        .shift = body->value + gain[1].at,
        .normal = kept.normal,
        .inverse = kept.inverse,
    };

    ASSERT(gain[1].at == gain->at + norm.width);
    body->kernels->norm_back(&norm, d_out, d_x, run->gradient + gain->at);
}

static void layer_backward(const struct encode_body *body, struct encode_run *run,
                           const struct encode_tensor *parts, const struct encode_stage *stage)
{
    const struct encode_kernels *kernels = body->kernels;
    const struct encode_shape *shape = &body->layout->shape;
    size_t count = (size_t)run->rows * shape->width;

    kernels->drop(encode_drop_of(run, stage->keep_narrow), run->d, NULL, count, run->temp);
    apply_back(body, run, parts + ENCODE_NARROW, stage->narrow, run->temp, run->d_wide);
    kernels->rectify_back(encode_drop_of(run, stage->keep_wide), stage->wide,
                          (size_t)run->rows * shape->inner, run->d_wide);
    apply_back(body, run, parts + ENCODE_WIDEN, stage->c, run->d_wide, run->d_a);
    normalise_back(body, run, parts + ENCODE_NORM2_GAIN, stage->kept2, run->d_a, run->d);
    kernels->drop(encode_drop_of(run, stage->keep_join), run->d, NULL, count, run->temp);
    apply_back(body, run, parts + ENCODE_JOIN, stage->met, run->temp, run->d_a);
    encode_attend_back(body, run, stage, run->d_a);
    apply_back(body, run, parts + ENCODE_MIX, stage->a, run->d_mix, run->d_a);
    normalise_back(body, run, parts + ENCODE_NORM1_GAIN, stage->kept1, run->d_a, run->d);
}

static void embed_back(const struct encode_body *body, struct encode_run *run)
{
    const struct encode_layout *layout = body->layout;
    uint32_t width = layout->shape.width;
    size_t count = (size_t)run->rows * width;
    real *positions = run->gradient + layout->tensors[ENCODE_POSITIONS].at;

    body->kernels->drop(encode_drop_of(run, run->keep_in), run->d, NULL, count, run->d);
    for (uint32_t s = 0; s < run->span_count; s++) {
        for (uint32_t t = 0; t < run->spans[s].len; t++) {
            body->products->add_scaled(positions + (size_t)t * width,
                                       run->d + (size_t)(run->spans[s].first + t) * width, 1,
                                       width);
        }
    }
    for (uint32_t row = 0; row < run->rows; row++)
        body->kernels->scale(run->d + (size_t)row * width, (real)sqrt(width), width);
}

void encode_backward(const struct encode_body *body, struct encode_run *run)
{
    const struct encode_layout *layout = body->layout;
    size_t count = (size_t)run->rows * layout->shape.width;

    memset(run->d_a, 0, count * sizeof(real));
    normalise_back(body, run, layout->tensors + ENCODE_OUT_GAIN, run->kept, run->d, run->d_a);
    memcpy(run->d, run->d_a, count * sizeof(real));
    for (uint32_t i = layout->shape.layers; i-- > 0;) {
        layer_backward(body, run, layout->tensors + ENCODE_COMMON + (size_t)i * ENCODE_PARTS,
                       &run->stages[i]);
    }
    embed_back(body, run);
}
