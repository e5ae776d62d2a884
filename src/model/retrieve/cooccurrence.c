/* cooccurrence.c - an item's row is the items clicked near it, best first; a walk takes two of them.
 *
 * Rows are made one item after the other from the list of its clicks, so that memory holds the rows
 * and never the pairs.
 */
#include <math.h>

#include "model/retrieve/retrieval.h"

const struct cooccurrence_settings cooccurrence_defaults = {
    .window = 5,
    .backward = 0.8,
    .half_life_days = 14.0,
    .row_max = 500,
    .walk_last = 5,
    .walk_decay = 0.7,
    .walk_branches = 60,
};

#define SECONDS_A_DAY 86400.0

struct row {
    struct ranked *items; /* best first */
    uint32_t count;
    double sum; /* of their scores */
};

struct cooccurrence {
    struct cooccurrence_settings settings;
    struct row *rows; /* [item_count] */
    uint32_t item_count;
};

/* Where an item was clicked. */
struct click {
    uint32_t at; /* in the part's items */
    uint32_t session;
};

struct clicks {
    uint32_t *starts; /* [item_count + 1] */
    struct click *clicks;
};

static enum status clicks_make(const struct dataset *dataset, struct arena *arena,
                               struct clicks *clicks)
{
    const struct dataset_part *train = &dataset->train;
    uint32_t total = train->starts[train->count];
    uint32_t *next = arena_zalloc(arena, (size_t)dataset->item_count + 1, sizeof(*next));

    clicks->starts = arena_zalloc(arena, (size_t)dataset->item_count + 1, sizeof(*clicks->starts));
    clicks->clicks = arena_alloc(arena, total, sizeof(*clicks->clicks));
    if (next == NULL || clicks->starts == NULL || clicks->clicks == NULL) return STATUS_LIMIT;
    for (uint32_t item = 0; item < dataset->item_count; item++)
        clicks->starts[item + 1] = clicks->starts[item] + dataset->clicks[item];
    for (uint32_t session = 0; session < train->count; session++) {
        for (uint32_t at = train->starts[session]; at < train->starts[session + 1]; at++) {
            uint32_t item = train->items[at];

            clicks->clicks[clicks->starts[item] + next[item]++] = (struct click){at, session};
        }
    }
    return STATUS_OK;
}

/* What stands near one click goes into the sums. */
static void click_add(const struct dataset_part *train, const struct click *click,
                      const struct cooccurrence_settings *settings, double weight,
                      struct scores *sums)
{
    uint32_t first = train->starts[click->session];
    uint32_t end = train->starts[click->session + 1];
    uint32_t item = train->items[click->at];

    for (uint32_t distance = 1; distance <= settings->window; distance++) {
        if (click->at + distance < end && train->items[click->at + distance] != item)
            scores_add(sums, train->items[click->at + distance], weight / distance);
        if (settings->backward > 0.0 && click->at >= first + distance &&
            train->items[click->at - distance] != item) {
            scores_add(sums, train->items[click->at - distance],
                       settings->backward * weight / distance);
        }
    }
}

static enum status row_make(const struct scores *sums, uint32_t row_max, struct arena *arena,
                            struct row *row)
{
    uint32_t room = sums->count < row_max ? sums->count : row_max;

    row->items = arena_alloc(arena, room, sizeof(*row->items));
    if (row->items == NULL) return STATUS_LIMIT;
    row->count = scores_best(sums, room, row->items);
    row->sum = 0.0;
    for (uint32_t i = 0; i < row->count; i++)
        row->sum += row->items[i].score;
    return STATUS_OK;
}

enum status cooccurrence_create(const struct dataset *dataset,
                                const struct cooccurrence_settings *settings, struct arena *arena,
                                const struct cooccurrence **cooccurrence)
{
    const struct dataset_part *train = &dataset->train;
    struct cooccurrence *made = arena_zalloc(arena, 1, sizeof(*made));
    struct row *rows = arena_zalloc(arena, dataset->item_count, sizeof(*rows));
    struct scores sums;
    struct clicks clicks;

    if (made == NULL || rows == NULL || scores_init(&sums, dataset->item_count, arena) != STATUS_OK)
        return STATUS_LIMIT;
    enum status status = clicks_make(dataset, arena, &clicks);
    double now = train->ends[train->count - 1];
    for (uint32_t item = 0; status == STATUS_OK && item < dataset->item_count; item++) {
        for (uint32_t i = clicks.starts[item]; i < clicks.starts[item + 1]; i++) {
            double days = (now - train->ends[clicks.clicks[i].session]) / SECONDS_A_DAY;

            click_add(train, &clicks.clicks[i], settings, exp2(-days / settings->half_life_days),
                      &sums);
        }
        status = row_make(&sums, settings->row_max, arena, &rows[item]);
        scores_clear(&sums);
    }
    *made = (struct cooccurrence){*settings, rows, dataset->item_count};
    *cooccurrence = made;
    return status;
}

const struct ranked *cooccurrence_row(const struct cooccurrence *cooccurrence, uint32_t item,
                                      uint32_t *count, double *sum)
{
    const struct row *row = &cooccurrence->rows[item];

    *count = row->count;
    *sum = row->sum;
    return row->items;
}

static enum status score_last(const void *model, struct context context, struct arena *scratch,
                              struct scores *scores)
{
    const struct cooccurrence *cooccurrence = model;
    const struct row *row = &cooccurrence->rows[context.items[context.len - 1]];

    (void)scratch;
    for (uint32_t i = 0; i < row->count; i++)
        scores_add(scores, row->items[i].item, row->items[i].score);
    return STATUS_OK;
}

static bool clicked_later(struct context context, uint32_t at)
{
    for (uint32_t i = at + 1; i < context.len; i++) {
        if (context.items[i] == context.items[at]) return true;
    }
    return false;
}

static void row_add(const struct cooccurrence *cooccurrence, uint32_t item, double weight,
                    struct scores *scores)
{
    const struct row *row = &cooccurrence->rows[item];

    for (uint32_t i = 0; i < row->count; i++) {
        double share = weight * row->items[i].score / row->sum;

        if (share > 0.0) scores_add(scores, row->items[i].item, share);
    }
}

/* The first step is taken in the scores themselves; they are empty again before the second. */
static enum status score_walk(const void *model, struct context context, struct arena *scratch,
                              struct scores *scores)
{
    const struct cooccurrence *cooccurrence = model;
    const struct cooccurrence_settings *settings = &cooccurrence->settings;
    struct ranked *branches = arena_alloc(scratch, settings->walk_branches, sizeof(*branches));
    uint32_t last = context.items[context.len - 1];
    double weight = 1.0;

    if (branches == NULL) return STATUS_LIMIT;
    for (uint32_t back = 1; back <= settings->walk_last && back <= context.len; back++) {
        uint32_t at = context.len - back;

        if (!clicked_later(context, at)) row_add(cooccurrence, context.items[at], weight, scores);
        weight *= settings->walk_decay;
    }
    scores_remove(scores, last);
    uint32_t count = scores_best(scores, settings->walk_branches, branches);
    scores_clear(scores);
    for (uint32_t i = 0; i < count; i++)
        row_add(cooccurrence, branches[i].item, branches[i].score, scores);
    scores_remove(scores, last);
    return STATUS_OK;
}

struct recommender cooccurrence_recommender(const struct cooccurrence *cooccurrence)
{
    return (struct recommender){"cooccurrence", cooccurrence, score_last};
}

struct recommender walk_recommender(const struct cooccurrence *cooccurrence)
{
    return (struct recommender){"walk", cooccurrence, score_walk};
}
