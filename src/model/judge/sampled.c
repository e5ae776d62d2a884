/* sampled.c - drawing by clicks is drawing a click. */
#include "model/judge/sampled.h"

#include <math.h>
#include <stdlib.h>

enum status sampled_init(struct sampled *sampled, uint32_t negatives, uint32_t questions,
                         struct arena *arena)
{
    *sampled = (struct sampled){.negatives = negatives};
    if (negatives == 0) return STATUS_OK;
    sampled->scores =
        arena_alloc(arena, (size_t)questions * (negatives + 1), sizeof(*sampled->scores));
    return sampled->scores == NULL ? STATUS_LIMIT : STATUS_OK;
}

/* source  SplitMix64 */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static bool drawn_before(const uint32_t *items, uint32_t count, uint32_t item)
{
    for (uint32_t i = 0; i < count; i++) {
        if (items[i] == item) return true;
    }
    return false;
}

void sampled_take(struct sampled *sampled, const struct dataset *dataset,
                  const struct scores *scores, uint32_t target, uint64_t seed)
{
    const struct dataset_part *train = &dataset->train;
    uint32_t items[SAMPLED_NEGATIVES_MAX + 1] = {target};
    uint64_t state = seed + (uint64_t)sampled->groups * 0xD1B54A32D192ED03U;
    double *group;

    if (sampled->negatives == 0) return;
    ASSERT(sampled->negatives <= SAMPLED_NEGATIVES_MAX &&
           sampled->negatives < dataset->catalogue_count);
    group = sampled->scores + (size_t)sampled->groups * (sampled->negatives + 1);
    for (uint32_t count = 1; count <= sampled->negatives;) {
        uint32_t item = train->items[train->starts[0] + draw(&state) % dataset->click_count];

        if (!drawn_before(items, count, item)) items[count++] = item;
    }
    for (uint32_t i = 0; i <= sampled->negatives; i++)
        group[i] = scores->values[items[i]];
    sampled->groups++;
}

struct row {
    double score;
    bool asked;
};

static int by_score(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;

    return (a->score > b->score) - (a->score < b->score);
}

/* The share of pairs (asked for, not asked for) in the right order, ties counting half: by the sum of
 * the middle ranks of those asked for. */
static double auc_of(struct row *rows, size_t count, size_t asked)
{
    double ranks = 0.0;

    qsort(rows, count, sizeof(*rows), by_score);
    for (size_t i = 0; i < count;) {
        size_t end = i;
        size_t hits = 0;

        while (end < count && !(rows[end].score > rows[i].score))
            hits += rows[end++].asked;
        ranks += (double)hits * ((double)(i + end + 1) / 2.0);
        i = end;
    }
    return (ranks - (double)asked * ((double)asked + 1.0) / 2.0) /
           ((double)asked * (double)(count - asked));
}

static void group_judge(const double *group, const struct sampled *sampled, const uint32_t *ks,
                        uint32_t k_count, struct sampled_result *sums)
{
    uint32_t above = 0;
    uint32_t tied = 0;

    for (uint32_t i = 1; i <= sampled->negatives; i++) {
        above += group[i] > group[0];
        tied += !(group[i] > group[0]) && !(group[i] < group[0]);
    }
    uint32_t place = above + tied + 1;
    sums->gauc += 1.0 - (above + tied / 2.0) / sampled->negatives;
    sums->mrr += 1.0 / place;
    for (uint32_t k = 0; k < k_count; k++) {
        if (place > ks[k]) continue;
        sums->hr[k] += 1.0;
        sums->ndcg[k] += 1.0 / log2(place + 1.0);
    }
}

enum status sampled_judge(const struct sampled *sampled, const uint32_t *ks, uint32_t k_count,
                          struct arena *scratch, struct sampled_result *result)
{
    size_t width = (size_t)sampled->negatives + 1;
    size_t count = sampled->groups * width;

    *result = (struct sampled_result){0};
    if (sampled->negatives == 0 || sampled->groups == 0) return STATUS_OK;
    struct row *rows = arena_alloc(scratch, count, sizeof(*rows));
    if (rows == NULL) return STATUS_LIMIT;
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct row){sampled->scores[i], i % width == 0};
    result->auc = auc_of(rows, count, sampled->groups);
    for (uint32_t g = 0; g < sampled->groups; g++)
        group_judge(sampled->scores + g * width, sampled, ks, k_count, result);
    result->gauc /= sampled->groups;
    result->mrr /= sampled->groups;
    for (uint32_t k = 0; k < k_count; k++) {
        result->hr[k] /= sampled->groups;
        result->ndcg[k] /= sampled->groups;
    }
    return STATUS_OK;
}
