/* blend.c - a weighted sum of recommenders. Dividing by the best score makes them comparable, and an
 * order within one of them stays that order. */
#include "model/retrieve/retrieval.h"

struct blend {
    struct blend_part parts[BLEND_PARTS_MAX];
    uint32_t count;
    uint32_t item_count;
};

static double largest(const struct scores *scores)
{
    double best = 0.0;

    for (uint32_t i = 0; i < scores->count; i++) {
        double value = scores->values[scores->touched[i]];

        if (value > best) best = value;
    }
    return best;
}

static enum status score(const void *model, struct context context, struct arena *scratch,
                         struct scores *scores)
{
    const struct blend *blend = model;
    struct scores part;
    enum status status = scores_init(&part, blend->item_count, scratch);

    for (uint32_t i = 0; status == STATUS_OK && i < blend->count; i++) {
        const struct recommender *recommender = &blend->parts[i].recommender;

        status = recommender->score(recommender->model, context, scratch, &part);
        double best = largest(&part);
        for (uint32_t j = 0; j < part.count && best > 0.0; j++) {
            uint32_t item = part.touched[j];
            double amount = blend->parts[i].weight * part.values[item] / best;

            if (amount > 0.0) scores_add(scores, item, amount);
        }
        scores_clear(&part);
    }
    return status;
}

enum status blend_recommender(const struct blend_part *parts, uint32_t count,
                              const struct dataset *dataset, struct arena *arena,
                              struct recommender *recommender)
{
    struct blend *made = arena_zalloc(arena, 1, sizeof(*made));

    ASSERT(count <= BLEND_PARTS_MAX);
    if (made == NULL) return STATUS_LIMIT;
    memcpy(made->parts, parts, count * sizeof(*parts));
    made->count = count;
    made->item_count = dataset->item_count;
    *recommender = (struct recommender){"blend", made, score};
    return STATUS_OK;
}
