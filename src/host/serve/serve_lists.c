/* serve_lists.c - where the ladder's rungs come from: the results, the models, what is popular now. */
#include "base/hash.h"
#include "host/serve/serve.h"
#include "store/bought.h"
#include "sys/clock.h"

static bool model_is_active(struct serve *serve, struct slice model)
{
    bool any = false;

    for (uint32_t i = 0; i < serve->shard_count && !any; i++)
        any = shard_model_is_active(serve->shards[i], model);
    return any;
}

static uint64_t random_of(struct slice token, const struct result *result)
{
    return hash_bytes(result->event_id, hash_bytes(token, result->offset));
}

/* The list of a model that was stopped is not shown, but what its visitor saw is still known. */
static enum status visitor_fill(struct serve *serve, struct slice token,
                                const struct result *result, struct visitor *visitor)
{
    enum status status = candidates_read_seen(result->candidates, visitor->candidates,
                                              &visitor->count, &visitor->seen);

    visitor->random = random_of(token, result);
    visitor->from_model = model_is_active(serve, result->model);
    visitor->model = result->model;
    visitor->event_id = result->event_id;
    visitor->offset = result->offset;
    visitor->time_ms = result->time_ms;
    return status;
}

static enum status bought_fill(struct serve *serve, struct slice token, struct arena *arena,
                               struct visitor *visitor)
{
    int64_t keep_ms = serve->installation.config.results.hide_bought_ms;
    struct slice *items =
        keep_ms == 0 ? NULL : arena_alloc(arena, BOUGHT_ITEMS_MAX, sizeof(*items));

    if (keep_ms == 0) return STATUS_OK;
    if (items == NULL) return STATUS_LIMIT;
    visitor->bought = items;
    return bought_get(serve->state, token, clock_wall_ms() - keep_ms, arena, items,
                      &visitor->bought_count);
}

static enum status visitor_find(void *context, struct slice token, struct arena *arena,
                                struct visitor *visitor)
{
    struct serve *serve = context;
    struct result result = {0};
    enum status status = bought_fill(serve, token, arena, visitor);

    if (status == STATUS_OK) status = results_get(serve->results, token, arena, &result);
    if (status == STATUS_OK) return visitor_fill(serve, token, &result, visitor);
    visitor->random = random_of(token, &result);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* What the index says behind what is counted live: it knows the days before the last restart. */
static enum status index_list(struct serve *serve, enum model_list which,
                              const struct visitor *visitor, struct arena *arena,
                              struct candidate *items, uint32_t *count)
{
    struct candidate more[MODEL_CANDIDATES];
    uint32_t more_count = 0;

    if (serve->fallback == NULL) return STATUS_OK;
    enum status status =
        model_list(serve->fallback, which, &visitor->seen, arena, more, &more_count);
    for (uint32_t i = 0; i < more_count && *count < CANDIDATES_MAX; i++)
        items[(*count)++] = more[i];
    return status;
}

static uint32_t category_keep(const struct visitor *visitor, struct candidate *items,
                              uint32_t count)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count && visitor->category.len > 0; i++) {
        const struct product *product = catalogue_find(visitor->catalogue, items[i].item);

        if (product != NULL && slice_equal(product->category, visitor->category))
            items[kept++] = items[i];
    }
    return kept;
}

static enum status rung_fill(void *context, enum rung rung, const struct visitor *visitor,
                             struct arena *arena, struct candidate items[CANDIDATES_MAX],
                             uint32_t *count)
{
    struct serve *serve = context;

    *count = 0;
    if (rung == RUNG_ITEM) {
        if (visitor->seen.count == 0) return STATUS_OK;
        return index_list(serve, MODEL_LIST_NEIGHBOURS, visitor, arena, items, count);
    }
    if (rung == RUNG_CATEGORY && visitor->seen.count == 0) return STATUS_OK;
    *count = results_popular(serve->results, clock_wall_ms(), arena, items, CANDIDATES_MAX);
    if (rung == RUNG_POPULAR)
        return index_list(serve, MODEL_LIST_POPULAR, visitor, arena, items, count);
    *count = category_keep(visitor, items, *count);
    return index_list(serve, MODEL_LIST_CATEGORY, visitor, arena, items, count);
}

static bool product_is_cold(void *context, const struct product *product)
{
    const struct serve *serve = context;

    return model_is_cold(serve->fallback, product->id) &&
           model_is_cold(serve->fallback, product->handle);
}

/* The model that results.fallback names, or the first with an index; NULL: there is none. */
static enum status fallback_find(struct serve *serve, struct buffer *message)
{
    const struct installation *installation = &serve->installation;
    struct slice wanted = slice_of(installation->config.results.fallback);
    bool missing = false; /* it is named and could not be opened: pages do without */

    for (uint32_t i = 0; i < installation->model_count && serve->fallback == NULL; i++) {
        const struct installation_model *model = &installation->models[i];
        bool named = wanted.len == 0 || slice_equal(wanted, slice_of(model->config->name));

        if (named && model->model == NULL) missing = true;
        if (named && model->model != NULL && model_has_index(model->model))
            serve->fallback = model->model;
    }
    if (serve->fallback != NULL || wanted.len == 0 || missing) return STATUS_OK;
    buffer_append_text(message, "results.fallback: ");
    buffer_append(message, wanted);
    buffer_append_text(message, " is no model of the configuration, or one without an index; "
                                "`headrace model index` makes one");
    return STATUS_INVALID;
}

enum status serve_open_lists(struct serve *serve, struct buffer *message)
{
    const struct config_results *config = &serve->installation.config.results;
    enum status status = fallback_find(serve, message);
    const struct recommendation_options options = {
        .catalogue = serve->catalogue,
        .items_max = (uint32_t)config->items_max,
        .ladder = {.category_max = (uint32_t)config->category_max,
                   .hide_viewed = (uint32_t)config->hide_viewed,
                   .explore_percent = (uint32_t)config->explore_percent},
        .context = serve,
        .visitor = visitor_find,
        .source = rung_fill,
        .is_cold = serve->fallback == NULL ? NULL : product_is_cold,
    };

    if (status != STATUS_OK) return status;
    return recommendations_create(serve->server, &options, &serve->recommendations);
}
