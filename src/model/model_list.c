/* model_list.c - parts of an index's blend as lists of their own. */
#include "codec/candidates.h"
#include "model/model_room.h"
#include "model/retrieve/index_ranking.h"

bool model_has_index(const struct model *model)
{
    return model->index != NULL;
}

bool model_is_cold(const struct model *model, struct slice item)
{
    const struct index *index = &model->index->index;
    uint32_t number;

    return !index_find(index, item, &number) || index->clicks[number] == 0;
}

/* Only these parts of the blend. */
static void parts_keep(enum model_list which, struct index_settings *settings)
{
    static const enum model_list lists[] = {
        [INDEX_VMIS_KNN] = MODEL_LIST_NEIGHBOURS, [INDEX_COOCCURRENCE] = MODEL_LIST_NEIGHBOURS,
        [INDEX_WALK] = MODEL_LIST_NEIGHBOURS,     [INDEX_CATEGORY] = MODEL_LIST_CATEGORY,
        [INDEX_POPULAR] = MODEL_LIST_POPULAR,
    };

    for (uint32_t part = 0; part < INDEX_PARTS; part++) {
        if (lists[part] != which) settings->weights[part] = 0.0;
    }
}

enum status model_list(const struct model *model, enum model_list which,
                       const struct seen_items *seen, struct arena *scratch,
                       struct candidate out[MODEL_CANDIDATES], uint32_t *count)
{
    const struct index_model *index = model->index;
    struct index_settings settings = index->settings;
    uint32_t items[PAST_EVENTS_MAX];
    struct slice names[PAST_EVENTS_MAX];
    struct context context = {.items = items};
    struct ranked best[MODEL_CANDIDATES];
    double *shares =
        arena_alloc(scratch, (size_t)MODEL_CANDIDATES * PAST_EVENTS_MAX, sizeof(*shares));
    struct index_list list = {.items = best, .wanted = MODEL_CANDIDATES, .shares = shares};

    parts_keep(which, &settings);
    for (uint32_t at = seen->count; at-- > 0 && context.len < PAST_EVENTS_MAX;) {
        if (index_find(&index->index, seen->items[at], &items[context.len]))
            names[context.len++] = seen->items[at];
    }
    *count = 0;
    if (shares == NULL) return STATUS_LIMIT;
    enum status status = index_rank(&index->index, &settings, context, scratch, &list);
    for (uint32_t i = 0; i < list.count; i++) {
        uint32_t click = index_cause(shares + (size_t)i * context.len, context.len);

        out[i] = (struct candidate){
            .item = index_product_id(&index->index, best[i].item),
            .score = (float)(best[i].score / index->weight_sum),
            .because = click == UINT32_MAX ? (struct slice){0} : names[click],
        };
    }
    *count = list.count;
    return status;
}
