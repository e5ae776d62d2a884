/* encoder.c - one row of vectors against all items. */
#include "model/encode/encoder.h"

#include <math.h>

void encoder_init(const struct encode_shape *shape, const real *value, struct encoder *encoder)
{
    encode_layout_init(shape, &encoder->layout);
    encoder->body = (struct encode_body){
        .layout = &encoder->layout,
        .kernels = encode_kernels_best(),
        .products = train_kernels_best(),
        .value = value,
    };
}

enum status encoder_encode(const struct encoder *encoder, struct context context,
                           struct arena *scratch, real *out)
{
    const struct encode_shape *shape = &encoder->layout.shape;
    uint32_t items[ENCODE_STEPS_MAX];
    uint32_t from = context.len;
    uint32_t len = 0;
    struct encode_run run;

    while (from > 0 && len < shape->steps) {
        if (context.items[--from] < shape->items)
            items[ENCODE_STEPS_MAX - ++len] = context.items[from];
    }
    if (len == 0) return STATUS_NOT_FOUND;
    enum status status = encode_run_init(shape, len, scratch, &run);
    if (status != STATUS_OK) return status;
    const struct encode_span span = {0, len};
    run.rows = len;
    run.spans = &span;
    run.span_count = 1;
    run.items = items + ENCODE_STEPS_MAX - len;
    run.embeddings = encoder->body.value + encoder->layout.body;
    encode_forward(&encoder->body, &run);
    memcpy(out, run.out + (size_t)(len - 1) * shape->width, shape->width * sizeof(*out));
    return STATUS_OK;
}

/* The clicks as the encoder numbers them. fails  LIMIT: scratch is full */
static enum status clicks_map(const struct encoder_setting *setting, struct arena *scratch,
                              struct context *context)
{
    uint32_t *items;

    if (setting->theirs == NULL) return STATUS_OK;
    items = arena_alloc(scratch, context->len, sizeof(*items));
    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < context->len; i++)
        items[i] = setting->theirs[context->items[i]];
    context->items = items;
    return STATUS_OK;
}

static void products_score(const struct encoder_setting *setting, const real *products,
                           uint32_t last, struct scores *scores)
{
    uint32_t count = setting->encoder->layout.shape.items;
    real best = (real)-1e30;

    for (uint32_t i = 0; i < count; i++)
        best = products[i] > best && i != last ? products[i] : best;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t item = setting->ours == NULL ? i : setting->ours[i];
        double share = exp((double)(products[i] - best) / setting->temperature);

        if (i != last && item != UINT32_MAX && share > 0.0) scores_add(scores, item, share);
    }
}

static enum status score(const void *model, struct context context, struct arena *scratch,
                         struct scores *scores)
{
    const struct encoder_setting *setting = model;
    const struct encoder *encoder = setting->encoder;
    const struct encode_shape *shape = &encoder->layout.shape;
    real *vector = arena_alloc(scratch, shape->width, sizeof(*vector));
    real *products = arena_alloc(scratch, shape->items, sizeof(*products));
    enum status status = clicks_map(setting, scratch, &context);

    if (vector == NULL || products == NULL || status != STATUS_OK) return STATUS_LIMIT;
    status = encoder_encode(encoder, context, scratch, vector);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK) return status;
    encoder->body.products->dots(encoder->body.value + encoder->layout.body, shape->width,
                                 shape->items, shape->width, vector, products);
    products_score(setting, products, context.items[context.len - 1], scores);
    return STATUS_OK;
}

struct recommender encoder_recommender(const struct encoder_setting *setting)
{
    return (struct recommender){"sasrec", setting, score};
}
