/* attend.c - attention within a sequence, each click over itself and those before it. */
#include <math.h>

#include "model/encode/body.h"

/* One head of one sequence. */
struct place {
    const struct encode_body *body;
    uint32_t first, past_first, past_len, head;
    uint32_t size;   /* of a head */
    uint32_t stride; /* of a row of mix */
    uint32_t filled; /* pad(steps): columns of weights */
    uint32_t heads;
    real root; /* 1 / sqrt(size) */
};

static struct place place_of(const struct encode_body *body, const struct encode_span *span,
                             uint32_t head)
{
    const struct encode_shape *shape = &body->layout->shape;
    uint32_t size = shape->width / shape->heads;

    return (struct place){
        .body = body,
        .first = span->first,
        .past_first = span->past_first,
        .past_len = span->past_len,
        .head = head,
        .size = size,
        .stride = 3 * shape->width,
        .filled = train_pad(shape->steps),
        .heads = shape->heads,
        .root = (real)(1.0 / sqrt(size)),
    };
}

/* which: 0 query, 1 key, 2 value */
static size_t mix_of(const struct place *p, uint32_t row, uint32_t which)
{
    return (size_t)row * p->stride + (size_t)which * (p->stride / 3) + (size_t)p->head * p->size;
}

/* The same of the sequence's own rows. */
static size_t mix_at(const struct place *p, uint32_t row, uint32_t which)
{
    return mix_of(p, p->first + row, which);
}

static size_t met_at(const struct place *p, uint32_t row)
{
    return (size_t)(p->first + row) * (p->stride / 3) + (size_t)p->head * p->size;
}

static size_t weights_at(const struct place *p, uint32_t row)
{
    return ((size_t)(p->first + row) * p->heads + p->head) * p->filled;
}

static void soften(const struct place *p, real *scores, uint32_t count)
{
    const struct encode_kernels *kernels = p->body->kernels;
    uint32_t filled = train_pad(count);

    for (uint32_t j = count; j < filled; j++)
        scores[j] = (real)-1e30;
    (void)kernels->lower(scores, filled);
    p->body->products->exponentials(scores, filled);
    for (uint32_t j = count; j < filled; j++)
        scores[j] = 0;
    kernels->scale(scores, 1 / kernels->total(scores, filled), filled);
}

static void row_attend(const struct place *p, const struct encode_run *run,
                       const struct encode_stage *stage, uint32_t row)
{
    const struct train_kernels *products = p->body->products;
    real *weights = stage->weights + weights_at(p, row);
    const uint8_t *keep = stage->keep_weights + weights_at(p, row);
    struct encode_drop drop = encode_drop_of(run, keep);
    real *met = stage->met + met_at(p, row);

    if (p->past_len > 0) {
        products->dots(stage->mix + mix_of(p, p->past_first, 1), p->stride, p->past_len, p->size,
                       stage->mix + mix_at(p, row, 0), weights);
    }
    products->dots(stage->mix + mix_at(p, 0, 1), p->stride, row + 1, p->size,
                   stage->mix + mix_at(p, row, 0), weights + p->past_len);
    p->body->kernels->scale(weights, p->root, train_pad(p->past_len + row + 1));
    soften(p, weights, p->past_len + row + 1);
    memset(met, 0, p->size * sizeof(*met));
    for (uint32_t j = 0; j < p->past_len; j++) {
        products->add_scaled(met, stage->mix + mix_of(p, p->past_first + j, 2), weights[j],
                             p->size);
    }
    weights += p->past_len;
    for (uint32_t j = 0; j <= row; j++) {
        real weight = weights[j];

        if (drop.keep != NULL) weight *= (real)keep[j] * drop.scale;
        products->add_scaled(met, stage->mix + mix_at(p, j, 2), weight, p->size);
    }
}

void encode_attend(const struct encode_body *body, const struct encode_run *run,
                   const struct encode_stage *stage)
{
    for (uint32_t s = 0; s < run->span_count; s++) {
        for (uint32_t head = 0; head < body->layout->shape.heads; head++) {
            struct place p = place_of(body, &run->spans[s], head);

            for (uint32_t row = 0; row < run->spans[s].len; row++)
                row_attend(&p, run, stage, row);
        }
    }
}

/* p = softmax(s): ds = p (dp - sum of p dp) */
static void row_attend_back(const struct place *p, const struct encode_run *run,
                            const struct encode_stage *stage, uint32_t row, const real *d_met)
{
    const struct train_kernels *products = p->body->products;
    const real *weights = stage->weights + weights_at(p, row);
    const uint8_t *keep = stage->keep_weights + weights_at(p, row);
    struct encode_drop drop = encode_drop_of(run, keep);
    real d_weights[ENCODE_STEPS_MAX];
    real sum = 0;

    d_met += met_at(p, row);
    products->dots(stage->mix + mix_at(p, 0, 2), p->stride, row + 1, p->size, d_met, d_weights);
    for (uint32_t j = 0; j <= row; j++) {
        real share = drop.keep != NULL ? (real)keep[j] * drop.scale : 1;

        products->add_scaled(run->d_mix + mix_at(p, j, 2), d_met, weights[j] * share, p->size);
        d_weights[j] *= share;
        sum += d_weights[j] * weights[j];
    }
    for (uint32_t j = 0; j <= row; j++) {
        real d_score = weights[j] * (d_weights[j] - sum) * p->root;

        products->add_scaled(run->d_mix + mix_at(p, row, 0), stage->mix + mix_at(p, j, 1), d_score,
                             p->size);
        products->add_scaled(run->d_mix + mix_at(p, j, 1), stage->mix + mix_at(p, row, 0), d_score,
                             p->size);
    }
}

void encode_attend_back(const struct encode_body *body, const struct encode_run *run,
                        const struct encode_stage *stage, const real *d_met)
{
    ASSERT(run->span_count == 0 || run->spans[0].past_len == 0);
    memset(run->d_mix, 0, (size_t)run->rows * 3 * body->layout->shape.width * sizeof(real));
    for (uint32_t s = 0; s < run->span_count; s++) {
        for (uint32_t head = 0; head < body->layout->shape.heads; head++) {
            struct place p = place_of(body, &run->spans[s], head);

            for (uint32_t row = 0; row < run->spans[s].len; row++)
                row_attend_back(&p, run, stage, row, d_met);
        }
    }
}
