/* model_hybrid.c - an encoder with an index beside it answers as `hybrid` of `headrace model evaluate` does: the
 * index's blend, and the encoder's probabilities divided by the best, weighed by `hybrid.sasrec`.
 *
 * Every item has a probability, but only those matter that the blend touched, and the encoder's own best:
 * any other is behind these. So the encoder's products are made of some thousand items, whatever the
 * catalogue, and the sum is that over the whole of it.
 */
#include <math.h>

#include "model/model_ranking.h"
#include "model/retrieve/index_ranking.h"

enum status model_match_items(struct model *model, struct buffer *message)
{
    const struct index *index = &model->index->index;
    uint32_t items = encoder_model_encoder(model->encoder)->layout.shape.items;
    uint32_t *encoded = arena_alloc(&model->arena, index->counts.items, sizeof(*encoded));
    uint32_t *indexed = arena_alloc(&model->arena, items, sizeof(*indexed));
    uint32_t found = 0;

    if (encoded == NULL || indexed == NULL) return STATUS_LIMIT;
    memset(indexed, 0xFF, items * sizeof(*indexed));
    for (uint32_t item = 0; item < index->counts.items; item++) {
        encoded[item] = encoder_model_find(model->encoder, index_name(index, item));
        if (encoded[item] == UINT32_MAX)
            encoded[item] = encoder_model_find(model->encoder, index_product_id(index, item));
        if (encoded[item] == UINT32_MAX) continue;
        indexed[encoded[item]] = item;
        found++;
    }
    model->encoded = encoded;
    model->indexed = indexed;
    if (found > 0) return STATUS_OK;
    buffer_append_text(message,
                       "index: none of its items is one of the encoder's; make it from the "
                       "clicks the encoder was trained on");
    return STATUS_INVALID;
}

/* Clicks as one of the two numbers them, and which events they are. */
struct clicks {
    uint32_t items[PAST_EVENTS_MAX];
    uint32_t events[PAST_EVENTS_MAX];
    uint32_t len;
};

static void click_add(struct clicks *clicks, uint32_t item, uint32_t event)
{
    clicks->items[clicks->len] = item;
    clicks->events[clicks->len++] = event;
}

static struct context context_of(const struct clicks *clicks)
{
    return (struct context){.items = clicks->items, .len = clicks->len};
}

/* A call of both. */
struct hybrid {
    const struct model *model;
    struct arena *arena;
    struct past_event events[PAST_EVENTS_MAX];
    uint32_t event_count;
    struct clicks of_index, of_encoder;
    struct index_ranking blend;
    bool encodes; /* the encoder knows a click */
    struct encoder_visit visit;
    uint32_t
        last; /* clicked, as the encoder numbers it; no answer. UINT32_MAX: it does not know it */
    struct ranked near[MODEL_CANDIDATES + 1]; /* the encoder's best, without the last */
    uint32_t near_count;
};

static void clicks_read(struct hybrid *hybrid, const struct past *past)
{
    const struct model *model = hybrid->model;

    hybrid->event_count = past_by_time(past, hybrid->events);
    for (uint32_t i = 0; i < hybrid->event_count; i++) {
        struct slice name = hybrid->events[i].item;
        uint32_t item;
        bool known = index_find(&model->index->index, name, &item);
        uint32_t encoded = known ? model->encoded[item] : encoder_model_find(model->encoder, name);

        if (known) click_add(&hybrid->of_index, item, i);
        if (encoded != UINT32_MAX) click_add(&hybrid->of_encoder, encoded, i);
        if (known || encoded != UINT32_MAX) hybrid->last = encoded;
    }
}

static enum status encode(struct hybrid *hybrid)
{
    const struct encoder_model *encoder = hybrid->model->encoder;
    struct context context = context_of(&hybrid->of_encoder);
    uint32_t count = 0;

    if (!(hybrid->model->index->settings.hybrid_weight > 0.0)) return STATUS_OK;
    enum status status =
        encoder_model_encode(encoder, context, true, hybrid->arena, &hybrid->visit);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK) return status;
    hybrid->encodes = true;
    status = encoder_model_scan(encoder, hybrid->visit.vector, COUNT_OF(hybrid->near),
                                hybrid->arena, hybrid->near, &count);
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++) {
        if (hybrid->near[i].item != hybrid->last)
            hybrid->near[hybrid->near_count++] = hybrid->near[i];
    }
    return status;
}

/* The encoder's part of an item's score: 1 times the weight for its best. The item clicked last is asked for by nobody: neither
 * the blend nor the best have it. */
static double probability(const struct hybrid *hybrid, uint32_t encoded)
{
    const struct index_settings *settings = &hybrid->model->index->settings;

    if (!hybrid->encodes || hybrid->near_count == 0 || encoded == UINT32_MAX) return 0.0;
    double score =
        encoder_score(encoder_model_encoder(hybrid->model->encoder), hybrid->visit.vector, encoded);
    return settings->hybrid_weight *
           exp((score - hybrid->near[0].score) / settings->hybrid_temperature);
}

/* --- the best of both ---------------------------------------------------------------------------- */

/* Items that the index lacks are numbered behind its own. */
static uint32_t best_take(const struct hybrid *hybrid, struct ranked out[MODEL_CANDIDATES])
{
    const struct model *model = hybrid->model;
    const struct sums *sums = &hybrid->blend.sums;
    struct best best = {.heap = out, .wanted = MODEL_CANDIDATES};
    uint32_t clicked = hybrid->of_index.len > 0
                           ? hybrid->blend.context.items[hybrid->of_index.len - 1]
                           : UINT32_MAX;

    for (uint32_t i = 0; i < sums->count; i++) {
        if (!(sums->totals[i] > 0.0)) continue;
        best_add(&best, sums->totals[i] + probability(hybrid, model->encoded[sums->items[i]]),
                 sums->items[i]);
    }
    for (uint32_t i = 0; i < hybrid->near_count; i++) {
        uint32_t encoded = hybrid->near[i].item;
        uint32_t item = model->indexed[encoded];

        if (item != UINT32_MAX && (item == clicked || sums_total(sums, item) > 0.0)) continue;
        if (item == UINT32_MAX) item = model->index->index.counts.items + encoded;
        best_add(&best, probability(hybrid, encoded), item);
    }
    return best_sort(&best);
}

static uint32_t encoded_of(const struct model *model, uint32_t item)
{
    uint32_t items = model->index->index.counts.items;

    return item < items ? model->encoded[item] : item - items;
}

/* --- because ------------------------------------------------------------------------------------- */

/* The encoder's part belongs to the clicks by how much lower the score would be without each. */
static void encoder_shares(const struct hybrid *hybrid, uint32_t encoded,
                           double shares[PAST_EVENTS_MAX])
{
    const struct encoder_absences *absences = &hybrid->visit.absences;
    double part = probability(hybrid, encoded);
    double drops[ENCODER_ABSENCES_MAX] = {1.0};
    double sum = 0.0;

    if (!(part > 0.0)) return;
    if (absences->vectors != NULL) {
        encoder_drops(encoder_model_encoder(hybrid->model->encoder), hybrid->visit.vector, absences,
                      encoded, drops);
    }
    for (uint32_t i = 0; i < absences->count; i++)
        sum += drops[i] > 0.0 ? drops[i] : 0.0;
    for (uint32_t i = 0; i < absences->count; i++) {
        if (drops[i] > 0.0)
            shares[hybrid->of_encoder.events[absences->places[i]]] += part * drops[i] / sum;
    }
}

/* of_index [len]: what the blend's clicks gave, NULL: nothing */
static struct slice because_of(const struct hybrid *hybrid, uint32_t item, const double *of_index)
{
    double shares[PAST_EVENTS_MAX] = {0};

    for (uint32_t i = 0; of_index != NULL && i < hybrid->of_index.len; i++)
        shares[hybrid->of_index.events[i]] += of_index[i];
    encoder_shares(hybrid, encoded_of(hybrid->model, item), shares);
    uint32_t event = index_cause(shares, hybrid->event_count);
    return event == UINT32_MAX ? (struct slice){0} : hybrid->events[event].item;
}

static enum status answer_write(const struct hybrid *hybrid, const struct ranked *best,
                                uint32_t count, struct candidate *out)
{
    const struct index_model *index = hybrid->model->index;
    uint32_t items = index->index.counts.items;
    uint32_t len = hybrid->of_index.len;
    uint32_t which[MODEL_CANDIDATES];
    double *shares = arena_zalloc(hybrid->arena, (size_t)count * len, sizeof(*shares));
    double most = index->weight_sum + index->settings.hybrid_weight;
    uint32_t known = 0;

    if (shares == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        if (best[i].item < items) which[known++] = best[i].item;
    }
    enum status status = index_shares(&hybrid->blend, which, known, shares);
    known = 0;
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++) {
        bool indexed = best[i].item < items;
        const double *own = indexed ? shares + (size_t)known++ * len : NULL;

        out[i] = (struct candidate){
            .item = indexed ? index_product_id(&index->index, best[i].item)
                            : encoder_model_name(hybrid->model->encoder, best[i].item - items),
            .score = (float)(best[i].score / most),
            .because = because_of(hybrid, best[i].item, own),
        };
    }
    return status;
}

enum status model_rank_hybrid(struct ranking *ranking)
{
    struct hybrid hybrid = {.model = ranking->model, .arena = ranking->arena};
    struct ranked best[MODEL_CANDIDATES];

    clicks_read(&hybrid, ranking->past);
    hybrid.blend = (struct index_ranking){
        .index = &ranking->model->index->index,
        .settings = &ranking->model->index->settings,
        .context = context_of(&hybrid.of_index),
        .scratch = ranking->arena,
    };
    enum status status = index_ranking_make(&hybrid.blend);
    if (status == STATUS_OK) status = encode(&hybrid);
    if (status != STATUS_OK) return status;
    uint32_t count = best_take(&hybrid, best);
    status = answer_write(&hybrid, best, count, ranking->out);
    ranking->count = status == STATUS_OK ? count : 0;
    return status;
}
