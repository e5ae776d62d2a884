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

/* The latest clicks on items it knows: as many as it looks at. */
struct clicks {
    uint32_t room[ENCODE_STEPS_MAX], room_places[ENCODE_STEPS_MAX];
    const uint32_t *items, *places; /* [len] in order of time; places in the context */
    uint32_t len;
};

static void clicks_take(const struct encode_shape *shape, struct context context,
                        struct clicks *clicks)
{
    uint32_t from = context.len;
    uint32_t at = ENCODE_STEPS_MAX;

    while (from > 0 && ENCODE_STEPS_MAX - at < shape->steps) {
        if (context.items[--from] >= shape->items) continue;
        clicks->room[--at] = context.items[from];
        clicks->room_places[at] = from;
    }
    clicks->items = clicks->room + at;
    clicks->places = clicks->room_places + at;
    clicks->len = ENCODE_STEPS_MAX - at;
}

static void forward(const struct encoder *encoder, const uint32_t *items,
                    const struct encode_span *spans, uint32_t span_count, struct encode_run *run)
{
    run->rows = run->rows_max;
    run->spans = spans;
    run->span_count = span_count;
    run->items = items;
    run->embeddings = encoder->body.value + encoder->layout.body;
    encode_forward(&encoder->body, run);
}

static const real *row_of(const struct encoder *encoder, const struct encode_run *run, uint32_t row)
{
    return run->out + (size_t)row * encoder->layout.shape.width;
}

enum status encoder_encode(const struct encoder *encoder, struct context context,
                           struct arena *scratch, real *out)
{
    const struct encode_shape *shape = &encoder->layout.shape;
    struct clicks clicks;
    struct encode_run run;

    clicks_take(shape, context, &clicks);
    if (clicks.len == 0) return STATUS_NOT_FOUND;
    enum status status = encode_run_init(shape, clicks.len, scratch, &run);
    if (status != STATUS_OK) return status;
    const struct encode_span span = {.len = clicks.len};
    forward(encoder, clicks.items, &span, 1, &run);
    memcpy(out, row_of(encoder, &run, clicks.len - 1), shape->width * sizeof(*out));
    return STATUS_OK;
}

/* --- without a click ------------------------------------------------------------------------------ */

/* Behind the clicks, for each of the latest but the last: the clicks after it, as if they came right after
 * those before it. */
struct lineup {
    uint32_t items[ENCODE_STEPS_MAX + ENCODER_ABSENCES_MAX * ENCODER_ABSENCES_MAX / 2];
    struct encode_span spans[ENCODER_ABSENCES_MAX];
    uint32_t rows, span_count;
};

static void lineup_make(const struct clicks *clicks, uint32_t count, struct lineup *lineup)
{
    memcpy(lineup->items, clicks->items, clicks->len * sizeof(*lineup->items));
    lineup->rows = clicks->len;
    lineup->spans[0] = (struct encode_span){.len = clicks->len};
    lineup->span_count = 1;
    for (uint32_t back = 1; back < count; back++) {
        lineup->spans[lineup->span_count++] = (struct encode_span){
            .first = lineup->rows, .len = back, .past_len = clicks->len - 1 - back};
        memcpy(lineup->items + lineup->rows, clicks->items + clicks->len - back,
               back * sizeof(*lineup->items));
        lineup->rows += back;
    }
}

/* The last row of each; without the last click, what came before it. */
static void vectors_take(const struct encoder *encoder, const struct encode_run *run,
                         const struct clicks *clicks, uint32_t count, real *vectors)
{
    size_t width = encoder->layout.shape.width;

    for (uint32_t back = 0; back < count; back++) {
        const struct encode_span *span = &run->spans[back];
        uint32_t row = back == 0 ? clicks->len - 2 : span->first + span->len - 1;

        memcpy(vectors + back * width, row_of(encoder, run, row), width * sizeof(*vectors));
    }
}

enum status encoder_encode_absences(const struct encoder *encoder, struct context context,
                                    struct arena *scratch, real *out,
                                    struct encoder_absences *absences)
{
    const struct encode_shape *shape = &encoder->layout.shape;
    struct clicks clicks;
    struct lineup lineup;
    struct encode_run run;

    clicks_take(shape, context, &clicks);
    if (clicks.len == 0) return STATUS_NOT_FOUND;
    uint32_t count = clicks.len < ENCODER_ABSENCES_MAX ? clicks.len : ENCODER_ABSENCES_MAX;
    real *vectors = arena_alloc(scratch, (size_t)count * shape->width, sizeof(*vectors));
    lineup_make(&clicks, count, &lineup);
    enum status status = encode_run_init(shape, lineup.rows, scratch, &run);
    if (vectors == NULL || status != STATUS_OK) return STATUS_LIMIT;
    forward(encoder, lineup.items, lineup.spans, lineup.span_count, &run);
    memcpy(out, row_of(encoder, &run, clicks.len - 1), shape->width * sizeof(*out));
    if (clicks.len > 1) vectors_take(encoder, &run, &clicks, count, vectors);
    *absences = (struct encoder_absences){
        .count = count,
        .vectors = clicks.len > 1 ? vectors : NULL,
    };
    for (uint32_t back = 0; back < count; back++)
        absences->places[back] = clicks.places[clicks.len - 1 - back];
    return STATUS_OK;
}

double encoder_score(const struct encoder *encoder, const real *vector, uint32_t item)
{
    uint32_t width = encoder->layout.shape.width;
    const real *row = encoder->body.value + encoder->layout.body + (size_t)item * width;
    real product;

    encoder->body.products->dots(row, width, 1, width, vector, &product);
    return (double)product;
}

void encoder_drops(const struct encoder *encoder, const real *vector,
                   const struct encoder_absences *absences, uint32_t item,
                   double drops[ENCODER_ABSENCES_MAX])
{
    size_t width = encoder->layout.shape.width;
    double score = encoder_score(encoder, vector, item);

    ASSERT(absences->vectors != NULL);
    for (uint32_t i = 0; i < absences->count; i++)
        drops[i] = score - encoder_score(encoder, absences->vectors + i * width, item);
}

uint32_t encoder_cause(const struct encoder *encoder, const real *vector,
                       const struct encoder_absences *absences, uint32_t item)
{
    double drops[ENCODER_ABSENCES_MAX];
    double most = 0.0;
    uint32_t cause = UINT32_MAX;

    if (absences->vectors == NULL) return absences->places[0];
    encoder_drops(encoder, vector, absences, item, drops);
    for (uint32_t i = 0; i < absences->count; i++) {
        if (!(drops[i] > most)) continue;
        most = drops[i];
        cause = absences->places[i];
    }
    return cause;
}

/* --- as a recommender ----------------------------------------------------------------------------- */

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
