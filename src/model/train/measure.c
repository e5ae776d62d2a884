/* measure.c - groups drawn, scored in slices as wide as the trainer's groups, counted. */
#include "model/train/measure.h"

#include <math.h>
#include <stdlib.h>

#include "model/train/random.h"

enum { TRIES_MAX = 1000 };

/* --- metrics ------------------------------------------------------------------------------------ */

struct ranked {
    float score;
    bool positive;
};

static int by_score(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;

    return a->score < b->score ? -1 : a->score > b->score;
}

/* Mann-Whitney with the mean place for equal scores. */
static double area(struct ranked *rows, size_t count)
{
    double places = 0.0;
    double positives = 0.0;

    qsort(rows, count, sizeof(*rows), by_score);
    for (size_t i = 0; i < count;) {
        size_t end = i;

        while (end < count && rows[end].score == rows[i].score)
            end++;
        for (size_t j = i; j < end; j++) {
            positives += rows[j].positive;
            places += rows[j].positive ? ((double)i + (double)end + 1.0) / 2.0 : 0.0;
        }
        i = end;
    }
    double negatives = (double)count - positives;
    return (places - positives * (positives + 1.0) / 2.0) / (positives * negatives);
}

/* -log of the probability given to what is true, cut where the original's float32 is. */
static double surprise(float score, bool positive)
{
    double p = 1.0 / (1.0 + exp(-(double)(positive ? score : -score)));

    return -log(fmin(fmax(p, 1.1920929e-7), 1.0 - 1.1920929e-7));
}

static void measure_group(const float *scores, uint32_t width, struct train_metrics *sums)
{
    static const uint32_t cuts[] = {2, 4, 6};
    double above = 0.0;
    double equal = 0.0;

    for (uint32_t c = 1; c < width; c++) {
        above += scores[c] > scores[0];
        equal += scores[c] == scores[0];
    }
    double place = 1.0 + above + equal;
    sums->group_auc += 1.0 - (above + equal / 2.0) / (width - 1);
    sums->mrr += 1.0 / place;
    for (size_t k = 0; k < COUNT_OF(cuts); k++)
        sums->ndcg[k] += place <= cuts[k] ? 1.0 / log2(place + 1.0) : 0.0;
    for (uint32_t c = 0; c < width; c++)
        sums->logloss += surprise(scores[c], c == 0) / width;
}

void train_measure(const float *scores, uint32_t groups, uint32_t width,
                   struct train_metrics *metrics)
{
    size_t rows = (size_t)groups * width;
    struct ranked *ranked;

    *metrics = (struct train_metrics){.groups = groups};
    for (uint32_t g = 0; g < groups; g++)
        measure_group(scores + (size_t)g * width, width, metrics);
    if (groups == 0) return;
    metrics->group_auc /= groups;
    metrics->mrr /= groups;
    metrics->logloss /= groups;
    for (size_t k = 0; k < COUNT_OF(metrics->ndcg); k++)
        metrics->ndcg[k] /= groups;
    ranked = malloc(rows > 0 ? rows * sizeof(*ranked) : 1);
    if (ranked == NULL) return;
    for (size_t i = 0; i < rows; i++)
        ranked[i] = (struct ranked){scores[i], i % width == 0};
    metrics->auc = area(ranked, rows);
    free(ranked);
}

/* --- groups ------------------------------------------------------------------------------------- */

static bool stands_in(const uint32_t *items, uint32_t count, uint32_t item)
{
    for (uint32_t i = 0; i < count; i++) {
        if (items[i] == item) return true;
    }
    return false;
}

static void draw_group(struct train_judge *judge, uint32_t group, uint32_t event,
                       struct train_random *random)
{
    const struct train_data *data = judge->sampler->data;
    uint32_t *items = judge->items + (size_t)group * (judge->negatives + 1);
    uint32_t *cates = judge->cates + (size_t)group * (judge->negatives + 1);

    items[0] = data->items[event];
    cates[0] = data->cates[event];
    for (uint32_t c = 1, tries = 0; c <= judge->negatives; tries++) {
        uint32_t item = data->items[random_below(random, data->event_count)];

        if (tries < TRIES_MAX && stands_in(items, c, item)) continue;
        items[c] = item; /* after so many tries there are too few items: twice the same, then */
        cates[c++] = data->own_cates[item];
        tries = 0;
    }
}

enum status train_judge_init(struct train_judge *judge, struct train_sampler *sampler,
                             const struct train_instances *instances, uint32_t negatives,
                             uint64_t stream, struct arena *arena)
{
    uint32_t groups = instances->count < TRAIN_GROUPS_MAX ? instances->count : TRAIN_GROUPS_MAX;
    struct train_instance *chosen = arena_alloc(arena, groups, sizeof(*chosen));
    size_t rows = (size_t)groups * (negatives + 1);

    *judge = (struct train_judge){
        .sampler = sampler,
        .instances = {chosen, groups},
        .negatives = negatives,
        .group = sampler->settings.negatives + 1,
        .items = arena_alloc(arena, rows, sizeof(uint32_t)),
        .cates = arena_alloc(arena, rows, sizeof(uint32_t)),
        .groups = groups,
        .scores = arena_alloc(arena, rows, sizeof(float)),
    };
    if (chosen == NULL || judge->items == NULL || judge->cates == NULL || judge->scores == NULL)
        return STATUS_LIMIT;
    for (uint32_t g = 0; g < groups; g++) {
        struct train_random random = random_of(stream, g, 0);

        chosen[g] = instances->at[(uint64_t)g * instances->count / groups];
        draw_group(judge, g, chosen[g].event, &random);
    }
    return STATUS_OK;
}

/* Negatives from `first` on beside the positive; where there are none left, the positive once more. */
static void fill_slice(const struct train_judge *judge, uint32_t group, uint32_t first, uint32_t at)
{
    size_t row = (size_t)group * (judge->negatives + 1);
    uint32_t *items = judge->sampler->candidates + (size_t)at * judge->group;
    uint32_t *cates = judge->sampler->candidate_cates + (size_t)at * judge->group;

    for (uint32_t c = 0; c < judge->group; c++) {
        uint32_t from = c == 0 ? 0 : first + c - 1;

        if (from > judge->negatives) from = 0;
        items[c] = judge->items[row + from];
        cates[c] = judge->cates[row + from];
    }
}

static void score_slice(struct train_judge *judge, struct trainer *trainer, uint32_t from,
                        uint32_t count, uint32_t first, real *logits)
{
    struct train_sampler *sampler = judge->sampler;

    for (uint32_t i = 0; i < count; i++)
        fill_slice(judge, from + i, first, i);
    (void)trainer_evaluate(trainer,
                           &(struct train_batch){.count = count, .examples = sampler->examples});
    trainer_logits(trainer, logits);
    for (uint32_t i = 0; i < count; i++) {
        float *scores = judge->scores + (size_t)(from + i) * (judge->negatives + 1);

        scores[0] = (float)logits[(size_t)i * judge->group];
        for (uint32_t c = 1; c < judge->group && first + c - 1 <= judge->negatives; c++)
            scores[first + c - 1] = (float)logits[(size_t)i * judge->group + c];
    }
}

void train_judge_run(struct train_judge *judge, struct trainer *trainer,
                     struct train_metrics *metrics)
{
    struct train_sampler *sampler = judge->sampler;
    real *logits = malloc((size_t)sampler->settings.batch * judge->group * sizeof(real));

    *metrics = (struct train_metrics){0};
    if (logits == NULL) return;
    for (uint32_t from = 0; from < judge->groups; from += sampler->settings.batch) {
        uint32_t left = judge->groups - from;
        uint32_t count = left < sampler->settings.batch ? left : sampler->settings.batch;

        for (uint32_t i = 0; i < count; i++)
            (void)train_sampler_history(sampler, i, &judge->instances.at[from + i]);
        for (uint32_t first = 1; first <= judge->negatives; first += judge->group - 1)
            score_slice(judge, trainer, from, count, first, logits);
    }
    train_measure(judge->scores, judge->groups, judge->negatives + 1, metrics);
    free(logits);
}
