/* index_shares.c - which click an item of an index's list is due to.
 *
 * Every part is a sum over clicks, so that a score splits without a rest: VMIS-kNN's neighbours are alike
 * by the clicks they share, the walk's first steps start at clicks, neighbours in a row are those of the last click,
 * the category is that of a click. What divides a part (its largest sum) is taken as given. Only the
 * listed items are looked for, in a small table, while the arrays are gone over again.
 */
#include "model/retrieve/index_ranking.h"

/* Few items to their places among them. */
struct finder {
    const uint32_t *items;
    uint32_t *slots; /* place + 1, 0 empty */
    uint32_t mask;
};

static uint32_t *slot_of(const struct finder *finder, uint32_t item)
{
    uint32_t slot = (item * UINT32_C(0x9E3779B1) >> 12) & finder->mask;

    while (finder->slots[slot] != 0 && finder->items[finder->slots[slot] - 1] != item)
        slot = (slot + 1) & finder->mask;
    return &finder->slots[slot];
}

static enum status finder_init(struct finder *finder, const uint32_t *items, uint32_t count,
                               struct arena *arena)
{
    uint32_t slots = 64;

    while (slots < 8 * count)
        slots *= 2;
    *finder = (struct finder){items, arena_zalloc(arena, slots, sizeof(uint32_t)), slots - 1};
    if (finder->slots == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++)
        *slot_of(finder, items[i]) = i + 1;
    return STATUS_OK;
}

/* 0: it is none of them; else its place + 1. */
static uint32_t find(const struct finder *finder, uint32_t item)
{
    return *slot_of(finder, item);
}

/* A call for shares. */
struct sharing {
    const struct index_ranking *ranking;
    struct finder wanted;
    double *shares; /* [items][len] */
    uint32_t len;
};

static void share_add(const struct sharing *sharing, uint32_t item, uint32_t click, double amount)
{
    sharing->shares[(size_t)item * sharing->len + click] += amount;
}

static void neighbour_share(const struct sharing *sharing, const struct vmis_neighbour *neighbour)
{
    const struct index_ranking *ranking = sharing->ranking;
    const struct index *index = ranking->index;
    uint32_t last = ranking->settings->vmis_knn.last;
    uint32_t taken = sharing->len < last ? sharing->len : last;
    double lambda = ranking->factors[INDEX_VMIS_KNN] *
                    (double)(VMIS_KNN_LAST_MAX - neighbour->place) / (10.0 * ranking->different);

    for (uint32_t i = index->session_starts[neighbour->session];
         i < index->session_starts[neighbour->session + 1]; i++) {
        uint32_t found = find(&sharing->wanted, index->session_items[i]);

        for (uint32_t place = 0; found > 0 && place < taken; place++) {
            if ((neighbour->with >> place & 1U) == 0) continue;
            share_add(sharing, found - 1, sharing->len - 1 - place,
                      lambda * index->idf[index->session_items[i]] * (taken - place));
        }
    }
}

static void last_share(const struct sharing *sharing)
{
    const struct index *index = sharing->ranking->index;
    uint32_t item = sharing->ranking->context.items[sharing->len - 1];

    for (uint32_t i = index->row_starts[item]; i < index->row_starts[item + 1]; i++) {
        uint32_t found = find(&sharing->wanted, index->row_items[i]);

        if (found == 0) continue;
        share_add(sharing, found - 1, sharing->len - 1,
                  sharing->ranking->factors[INDEX_COOCCURRENCE] * (double)index->row_scores[i]);
    }
}

/* How many of the last clicks a walk starts from. */
static uint32_t starts_of(const struct sharing *sharing)
{
    uint32_t last = sharing->ranking->settings->cooccurrence.walk_last;

    return sharing->len < last ? sharing->len : last;
}

static void start_share(const struct sharing *sharing, const struct finder *branches, uint32_t at,
                        double weight, double *first)
{
    const struct index *index = sharing->ranking->index;
    uint32_t item = sharing->ranking->context.items[at];

    for (uint32_t i = index->row_starts[item]; i < index->row_starts[item + 1]; i++) {
        uint32_t found = find(branches, index->row_items[i]);

        if (found == 0) continue;
        first[(size_t)(found - 1) * sharing->len + at] +=
            weight * (double)index->row_scores[i] / (double)index->row_sums[item];
    }
}

/* first [branches][len]: what a walk's branches have of each click */
static enum status first_steps(const struct sharing *sharing, double *first)
{
    const struct index_ranking *ranking = sharing->ranking;
    uint32_t *items = arena_alloc(ranking->scratch, ranking->branch_count, sizeof(*items));
    struct finder branches;
    double weight = 1.0;

    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t b = 0; b < ranking->branch_count; b++)
        items[b] = ranking->branches[b].item;
    if (finder_init(&branches, items, ranking->branch_count, ranking->scratch) != STATUS_OK)
        return STATUS_LIMIT;
    for (uint32_t back = 1; back <= starts_of(sharing); back++) {
        uint32_t at = sharing->len - back;

        if (!index_clicked_later(ranking->context, at))
            start_share(sharing, &branches, at, weight, first);
        weight *= ranking->settings->cooccurrence.walk_decay;
    }
    return STATUS_OK;
}

static void branch_share(const struct sharing *sharing, uint32_t item, const double *first)
{
    const struct index *index = sharing->ranking->index;
    double factor = sharing->ranking->factors[INDEX_WALK] / (double)index->row_sums[item];
    uint32_t from = sharing->len - starts_of(sharing);

    for (uint32_t i = index->row_starts[item]; i < index->row_starts[item + 1]; i++) {
        uint32_t found = find(&sharing->wanted, index->row_items[i]);

        for (uint32_t click = from; found > 0 && click < sharing->len; click++) {
            share_add(sharing, found - 1, click,
                      factor * (double)index->row_scores[i] * first[click]);
        }
    }
}

static enum status walk_share(const struct sharing *sharing)
{
    const struct index_ranking *ranking = sharing->ranking;
    double *first = arena_zalloc(ranking->scratch, (size_t)ranking->branch_count * sharing->len,
                                 sizeof(*first));

    if (ranking->branch_count == 0) return STATUS_OK;
    if (first == NULL) return STATUS_LIMIT;
    enum status status = first_steps(sharing, first);
    for (uint32_t b = 0; status == STATUS_OK && b < ranking->branch_count; b++)
        branch_share(sharing, ranking->branches[b].item, first + (size_t)b * sharing->len);
    return status;
}

static void category_share(const struct sharing *sharing)
{
    const struct index_ranking *ranking = sharing->ranking;
    const struct index *index = ranking->index;

    if (ranking->category == 0) return;
    for (uint32_t i = index->shelf_starts[ranking->category];
         i < index->shelf_starts[ranking->category + 1]; i++) {
        uint32_t found = find(&sharing->wanted, index->shelves[i]);

        if (found == 0) continue;
        share_add(sharing, found - 1, ranking->category_at,
                  ranking->factors[INDEX_CATEGORY] * index_trend(index, index->shelves[i]));
    }
}

enum status index_shares(const struct index_ranking *ranking, const uint32_t *items, uint32_t count,
                         double *shares)
{
    const double *factors = ranking->factors;
    struct sharing sharing = {.ranking = ranking, .shares = shares, .len = ranking->context.len};
    enum status status = finder_init(&sharing.wanted, items, count, ranking->scratch);

    if (status != STATUS_OK || sharing.len == 0) return status;
    memset(shares, 0, (size_t)count * sharing.len * sizeof(*shares));
    for (uint32_t i = 0; factors[INDEX_VMIS_KNN] > 0.0 && i < ranking->nearest_count; i++)
        neighbour_share(&sharing, &ranking->nearest[i]);
    if (factors[INDEX_COOCCURRENCE] > 0.0) last_share(&sharing);
    if (factors[INDEX_WALK] > 0.0) status = walk_share(&sharing);
    if (factors[INDEX_CATEGORY] > 0.0) category_share(&sharing);
    return status;
}

uint32_t index_cause(const double *shares, uint32_t len)
{
    uint32_t cause = UINT32_MAX;
    double most = 0.0;

    for (uint32_t click = 0; click < len; click++) {
        if (!(shares[click] > 0.0) || shares[click] < most) continue;
        most = shares[click];
        cause = click;
    }
    return cause;
}
