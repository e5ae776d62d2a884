/* index_rank.c - clicks in, the best items out, in time that does not grow with the catalogue.
 *
 * The parts compute what vmis_knn.c and cooccurrence.c do, over the index's arrays; the tests hold them
 * against each other. Category and popularity come last and light: they fill up a list that the others
 * leave short, which is what an unknown visitor and a product without clicks get.
 */
#include "model/retrieve/index_ranking.h"

const struct index_settings index_settings_default = {
    .vmis_knn = {.sessions = 500, .neighbours = 100, .last = 2},
    .cooccurrence = {.window = 5,
                     .backward = 0.8,
                     .half_life_days = 14.0,
                     .row_max = 100,
                     .walk_last = 5,
                     .walk_decay = 0.7,
                     .walk_branches = 60},
    .trend_half_life_days = 3.0,
    .rerank_above = 5000,
    .rerank_candidates = 300,
    .hybrid_weight = 1.0,
    .hybrid_temperature = 1.0,
    .weights = {[INDEX_VMIS_KNN] = 1.0,
                [INDEX_COOCCURRENCE] = 0.6,
                [INDEX_WALK] = 0.3,
                [INDEX_CATEGORY] = 0.001,
                [INDEX_POPULAR] = 0.0001},
};

static uint32_t last_item(const struct index_ranking *ranking)
{
    return ranking->context.items[ranking->context.len - 1];
}

/* --- VMIS-kNN ------------------------------------------------------------------------------------ */

static uint32_t cursors_make(const struct index_ranking *ranking, struct vmis_cursor *cursors)
{
    const struct index *index = ranking->index;
    struct context context = ranking->context;
    uint32_t last = ranking->settings->vmis_knn.last;
    uint32_t taken = context.len < last ? context.len : last;
    uint32_t count = 0;

    for (uint32_t place = 0; place < taken; place++) {
        uint32_t item = context.items[context.len - 1 - place];

        if (index_clicked_later(context, context.len - 1 - place)) continue;
        cursors[count++] = (struct vmis_cursor){
            .next = index->lists + index->list_starts[item],
            .end = index->lists + index->list_starts[item + 1],
            .place = place,
            .weight = taken - place,
        };
    }
    return count;
}

static void neighbour_add(struct index_ranking *ranking, const struct vmis_neighbour *neighbour)
{
    const struct index *index = ranking->index;
    double weight = (double)(VMIS_KNN_LAST_MAX - neighbour->place) * neighbour->alike;
    uint32_t end = index->session_starts[neighbour->session + 1];

    for (uint32_t i = index->session_starts[neighbour->session]; i < end; i++)
        sums_add(&ranking->sums, index->session_items[i], weight);
}

static enum status vmis_knn(struct index_ranking *ranking)
{
    const struct vmis_knn_settings *settings = &ranking->settings->vmis_knn;
    struct sums *sums = &ranking->sums;
    struct vmis_cursor cursors[VMIS_KNN_LAST_MAX];
    struct vmis_neighbour *nearest =
        arena_alloc(ranking->scratch, settings->sessions, sizeof(*nearest));

    if (nearest == NULL) return STATUS_LIMIT;
    if (ranking->context.len == 0) return STATUS_OK;
    uint32_t different = cursors_make(ranking, cursors);
    uint32_t count = vmis_nearest(cursors, different, settings, nearest);
    ranking->nearest = nearest;
    ranking->nearest_count = count;
    ranking->different = different;
    for (uint32_t i = 0; i < count; i++)
        neighbour_add(ranking, &nearest[i]);
    sums_remove(sums, last_item(ranking));
    for (uint32_t i = 0; i < sums->touched_count; i++) {
        uint32_t place = sums->touched[i];

        sums->parts[place] *= ranking->index->idf[sums->items[place]] / (10.0 * different);
    }
    return STATUS_OK;
}

/* --- item to item -------------------------------------------------------------------------------- */

static enum status cooccurrence(struct index_ranking *ranking)
{
    const struct index *index = ranking->index;

    if (ranking->context.len == 0) return STATUS_OK;
    uint32_t item = last_item(ranking);
    for (uint32_t i = index->row_starts[item]; i < index->row_starts[item + 1]; i++)
        sums_add(&ranking->sums, index->row_items[i], (double)index->row_scores[i]);
    sums_remove(&ranking->sums, item);
    return STATUS_OK;
}

static void row_add(struct index_ranking *ranking, uint32_t item, double weight)
{
    const struct index *index = ranking->index;

    for (uint32_t i = index->row_starts[item]; i < index->row_starts[item + 1]; i++) {
        double share = weight * (double)index->row_scores[i] / (double)index->row_sums[item];

        if (share > 0.0) sums_add(&ranking->sums, index->row_items[i], share);
    }
}

/* The first step is taken in the sums themselves; they are dropped before the second. */
static enum status walk(struct index_ranking *ranking)
{
    const struct cooccurrence_settings *settings = &ranking->settings->cooccurrence;
    struct context context = ranking->context;
    struct ranked *branches =
        arena_alloc(ranking->scratch, settings->walk_branches, sizeof(*branches));
    double weight = 1.0;

    if (branches == NULL) return STATUS_LIMIT;
    if (context.len == 0) return STATUS_OK;
    for (uint32_t back = 1; back <= settings->walk_last && back <= context.len; back++) {
        uint32_t at = context.len - back;

        if (!index_clicked_later(context, at)) row_add(ranking, context.items[at], weight);
        weight *= settings->walk_decay;
    }
    sums_remove(&ranking->sums, last_item(ranking));
    uint32_t count = sums_part_best(&ranking->sums, settings->walk_branches, branches);
    (void)sums_fold(&ranking->sums, 0.0);
    ranking->branches = branches;
    ranking->branch_count = count;
    for (uint32_t i = 0; i < count; i++)
        row_add(ranking, branches[i].item, branches[i].score);
    sums_remove(&ranking->sums, last_item(ranking));
    return STATUS_OK;
}

/* --- what fills up ------------------------------------------------------------------------------- */

/* Items that nobody clicked yet have no trend but a place on the shelf. */
static void trend_add(struct index_ranking *ranking, const uint32_t *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        sums_add(&ranking->sums, items[i], index_trend(ranking->index, items[i]));
    if (ranking->context.len > 0) sums_remove(&ranking->sums, last_item(ranking));
}

static enum status category(struct index_ranking *ranking)
{
    const struct index *index = ranking->index;
    uint32_t of = 0;
    uint32_t at = ranking->context.len;

    while (of == 0 && at-- > 0)
        of = index->category_of[ranking->context.items[at]];
    if (of == 0) return STATUS_OK;
    ranking->category = of;
    ranking->category_at = at;
    trend_add(ranking, index->shelves + index->shelf_starts[of],
              index->shelf_starts[of + 1] - index->shelf_starts[of]);
    return STATUS_OK;
}

static enum status popular(struct index_ranking *ranking)
{
    trend_add(ranking, ranking->index->trending, ranking->index->counts.trending);
    return STATUS_OK;
}

/* --- together ------------------------------------------------------------------------------------ */

/* No call touches more items than this, whatever the history. */
static uint32_t touched_max(const struct index *index, const struct index_settings *settings)
{
    const struct cooccurrence_settings *rows = &settings->cooccurrence;
    uint64_t most = (uint64_t)settings->vmis_knn.neighbours * index->longest_session +
                    ((uint64_t)1 + rows->walk_last + rows->walk_branches) * index->longest_row +
                    INDEX_SHELF_MAX + INDEX_TRENDING_MAX;

    return most < index->counts.items ? (uint32_t)most : index->counts.items;
}

enum status index_ranking_make(struct index_ranking *ranking)
{
    static enum status (*const parts[])(struct index_ranking * ranking) = {
        [INDEX_VMIS_KNN] = vmis_knn, [INDEX_COOCCURRENCE] = cooccurrence, [INDEX_WALK] = walk,
        [INDEX_CATEGORY] = category, [INDEX_POPULAR] = popular,
    };
    const double *weights = ranking->settings->weights;
    enum status status =
        sums_init(&ranking->sums, touched_max(ranking->index, ranking->settings), ranking->scratch);

    for (uint32_t part = 0; status == STATUS_OK && part < INDEX_PARTS; part++) {
        if (!(weights[part] > 0.0)) continue;
        status = parts[part](ranking);
        double largest = sums_fold(&ranking->sums, weights[part]);

        ranking->factors[part] = largest > 0.0 ? weights[part] / largest : 0.0;
    }
    return status;
}

/* The listed items' shares by click. */
static enum status shares_make(const struct index_ranking *ranking, struct index_list *list)
{
    uint32_t *items = arena_alloc(ranking->scratch, list->count, sizeof(*items));

    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < list->count; i++)
        items[i] = list->items[i].item;
    return index_shares(ranking, items, list->count, list->shares);
}

enum status index_rank(const struct index *index, const struct index_settings *settings,
                       struct context context, struct arena *scratch, struct index_list *list)
{
    struct index_ranking ranking = {
        .index = index, .settings = settings, .context = context, .scratch = scratch};
    enum status status = index_ranking_make(&ranking);

    list->count = 0;
    ASSERT(list->wanted <= INDEX_RANKED_MAX);
    if (status != STATUS_OK) return status;
    list->count = sums_best(&ranking.sums, list->wanted, list->items);
    return list->shares == NULL ? STATUS_OK : shares_make(&ranking, list);
}
