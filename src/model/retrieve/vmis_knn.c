/* vmis_knn.c - VMIS-kNN over an index of sessions by item, newest first.
 *
 * For the visitor's last clicks e_1 .. e_n (e_n the latest, u of them different; an item clicked twice
 * stands at its later place, p places before the end):
 *
 *   candidates  the m most recent sessions with any of the items
 *   r(s)        sum of (n - p) / u over the items in s
 *   neighbours  the k candidates of largest r, the more recent one among equals
 *   lambda(s)   1 - (p + 1) / 10 for the latest item in s
 *   score(i)    idf(i) * sum of lambda(s) r(s) over the neighbours with i
 *   idf(i)      ln(sessions' items in all / sessions with i)
 *
 * Sessions are numbered by time, so the candidates are a merge of the items' lists, largest number
 * first, that stops after m: no heap and no hash table. 10 lambda and u r are small whole numbers, so
 * sums are exact whatever their order, and neighbours are chosen by counting.
 */
#include <math.h>

#include "model/retrieve/vmis_knn_nearest.h"

const struct vmis_knn_settings vmis_knn_defaults = {.sessions = 500, .neighbours = 100, .last = 2};

enum { ALIKE_MAX = VMIS_KNN_LAST_MAX * (VMIS_KNN_LAST_MAX + 1) / 2 };

struct vmis_knn {
    struct vmis_knn_settings settings;
    uint32_t *starts;         /* [item_count + 1] into sessions */
    uint32_t *sessions;       /* with the item, newest (largest) first */
    uint32_t *session_starts; /* [count + 1] into items */
    uint32_t *items;          /* of a session, each once */
    double *idf;              /* [item_count] */
};

static enum status sessions_make(const struct dataset *dataset, struct arena *arena,
                                 struct vmis_knn *made)
{
    const struct dataset_part *train = &dataset->train;
    uint32_t *seen = arena_zalloc(arena, dataset->item_count, sizeof(*seen)); /* session + 1 */
    uint32_t count = 0;

    made->session_starts = arena_zalloc(arena, (size_t)train->count + 1, sizeof(uint32_t));
    made->items = arena_alloc(arena, train->starts[train->count], sizeof(uint32_t));
    if (seen == NULL || made->session_starts == NULL || made->items == NULL) return STATUS_LIMIT;
    for (uint32_t session = 0; session < train->count; session++) {
        for (uint32_t at = train->starts[session]; at < train->starts[session + 1]; at++) {
            uint32_t item = train->items[at];

            if (seen[item] == session + 1) continue;
            seen[item] = session + 1;
            made->items[count++] = item;
        }
        made->session_starts[session + 1] = count;
    }
    return STATUS_OK;
}

static enum status lists_make(const struct dataset *dataset, struct arena *arena,
                              struct vmis_knn *made)
{
    uint32_t items = dataset->item_count;
    uint32_t total = made->session_starts[dataset->train.count];
    uint32_t *next = arena_alloc(arena, items, sizeof(*next));

    made->starts = arena_zalloc(arena, (size_t)items + 1, sizeof(uint32_t));
    made->sessions = arena_alloc(arena, total, sizeof(uint32_t));
    made->idf = arena_zalloc(arena, items, sizeof(double));
    if (next == NULL || made->starts == NULL || made->sessions == NULL || made->idf == NULL)
        return STATUS_LIMIT;
    for (uint32_t i = 0; i < total; i++)
        made->starts[made->items[i] + 1]++;
    for (uint32_t item = 0; item < items; item++) {
        uint32_t sessions = made->starts[item + 1];

        if (sessions > 0) made->idf[item] = log((double)total / (double)sessions);
        made->starts[item + 1] += made->starts[item];
        next[item] = made->starts[item];
    }
    for (uint32_t session = dataset->train.count; session-- > 0;) {
        for (uint32_t i = made->session_starts[session]; i < made->session_starts[session + 1]; i++)
            made->sessions[next[made->items[i]]++] = session;
    }
    return STATUS_OK;
}

/* The visitor's last clicks, latest first, each item once. Returns how many there are. */
static uint32_t cursors_make(const struct vmis_knn *model, struct context context,
                             struct vmis_cursor *cursors)
{
    uint32_t taken = context.len < model->settings.last ? context.len : model->settings.last;
    uint32_t count = 0;

    for (uint32_t place = 0; place < taken; place++) {
        uint32_t item = context.items[context.len - 1 - place];
        bool seen = false;

        for (uint32_t later = 0; later < place; later++)
            seen = seen || context.items[context.len - 1 - later] == item;
        if (seen) continue;
        cursors[count++] = (struct vmis_cursor){
            .next = model->sessions + model->starts[item],
            .end = model->sessions + model->starts[item + 1],
            .place = place,
            .weight = taken - place,
        };
    }
    return count;
}

/* The newest session not taken yet; false: there is none. */
static bool merge_next(struct vmis_cursor *cursors, uint32_t count, struct vmis_neighbour *out)
{
    bool any = false;

    for (uint32_t i = 0; i < count; i++) {
        if (cursors[i].next == cursors[i].end) continue;
        if (!any || *cursors[i].next > out->session) out->session = *cursors[i].next;
        any = true;
    }
    if (!any) return false;
    out->alike = 0;
    out->with = 0;
    for (uint32_t i = count; i-- > 0;) { /* the latest item comes last and stays */
        if (cursors[i].next == cursors[i].end || *cursors[i].next != out->session) continue;
        cursors[i].next++;
        out->alike += cursors[i].weight;
        out->place = (uint16_t)cursors[i].place;
        out->with |= (uint16_t)(1U << cursors[i].place);
    }
    return true;
}

/* Keeps the k most alike; they come newest first and stay in that order. */
static uint32_t nearest_keep(struct vmis_neighbour *candidates, uint32_t count, uint32_t wanted)
{
    uint32_t alike[ALIKE_MAX + 1] = {0};
    uint32_t threshold = ALIKE_MAX;
    uint32_t above = 0; /* that are more alike than the threshold */
    uint32_t kept = 0;

    if (count <= wanted) return count;
    for (uint32_t i = 0; i < count; i++)
        alike[candidates[i].alike]++;
    while (above + alike[threshold] < wanted)
        above += alike[threshold--];
    uint32_t equal = wanted - above;
    for (uint32_t i = 0; i < count; i++) {
        bool is_equal = candidates[i].alike == threshold && equal > 0;

        if (is_equal) equal--;
        if (is_equal || candidates[i].alike > threshold) candidates[kept++] = candidates[i];
    }
    return kept;
}

uint32_t vmis_nearest(struct vmis_cursor *cursors, uint32_t count,
                      const struct vmis_knn_settings *settings, struct vmis_neighbour *out)
{
    uint32_t found = 0;

    while (found < settings->sessions && merge_next(cursors, count, &out[found]))
        found++;
    return nearest_keep(out, found, settings->neighbours);
}

static void neighbour_add(const struct vmis_knn *model, const struct vmis_neighbour *neighbour,
                          struct scores *scores)
{
    double weight = (double)(VMIS_KNN_LAST_MAX - neighbour->place) * neighbour->alike;
    uint32_t end = model->session_starts[neighbour->session + 1];

    for (uint32_t i = model->session_starts[neighbour->session]; i < end; i++)
        scores_add(scores, model->items[i], weight);
}

static enum status score(const void *opaque, struct context context, struct arena *scratch,
                         struct scores *scores)
{
    const struct vmis_knn *model = opaque;
    struct vmis_cursor cursors[VMIS_KNN_LAST_MAX];
    struct vmis_neighbour *candidates =
        arena_alloc(scratch, model->settings.sessions, sizeof(*candidates));
    uint32_t different = cursors_make(model, context, cursors);

    if (candidates == NULL) return STATUS_LIMIT;
    uint32_t count = vmis_nearest(cursors, different, &model->settings, candidates);
    for (uint32_t i = 0; i < count; i++)
        neighbour_add(model, &candidates[i], scores);
    scores_remove(scores, context.items[context.len - 1]);
    for (uint32_t i = 0; i < scores->count; i++) {
        uint32_t item = scores->touched[i];

        scores->values[item] *= model->idf[item] / (10.0 * different);
    }
    return STATUS_OK;
}

enum status vmis_knn_recommender(const struct dataset *dataset,
                                 const struct vmis_knn_settings *settings, struct arena *arena,
                                 struct recommender *recommender)
{
    struct vmis_knn *made = arena_zalloc(arena, 1, sizeof(*made));

    ASSERT(settings->last >= 1 && settings->last <= VMIS_KNN_LAST_MAX);
    ASSERT(settings->sessions >= 1 && settings->neighbours >= 1);
    if (made == NULL) return STATUS_LIMIT;
    made->settings = *settings;
    enum status status = sessions_make(dataset, arena, made);
    if (status == STATUS_OK) status = lists_make(dataset, arena, made);
    *recommender = (struct recommender){"vmis-knn", made, score};
    return status;
}
