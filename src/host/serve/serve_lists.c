/* serve_lists.c - a visitor's list: the model's while its model is running, else what is popular. */
#include "host/serve/serve.h"
#include "sys/clock.h"

static bool model_is_active(struct serve *serve, struct slice model)
{
    bool any = false;

    for (uint32_t i = 0; i < serve->shard_count && !any; i++)
        any = shard_model_is_active(serve->shards[i], model);
    return any;
}

static enum status fill_from_model(const struct result *result, struct recommendation_list *list)
{
    list->from_model = true;
    list->model = result->model;
    list->event_id = result->event_id;
    list->offset = result->offset;
    list->time_ms = result->time_ms;
    return candidates_read(result->candidates, list->candidates, &list->count);
}

enum status serve_list(void *context, struct slice token, struct arena *arena,
                       struct recommendation_list *list)
{
    struct serve *serve = context;
    struct result result;
    enum status status = results_get(serve->results, token, arena, &result);

    if (status == STATUS_OK && model_is_active(serve, result.model))
        return fill_from_model(&result, list);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) return status;
    list->count =
        results_popular(serve->results, clock_wall_ms(), arena, list->candidates, CANDIDATES_MAX);
    return STATUS_OK;
}
