/* metrics.c - sums over places, and the bootstrap. */
#include "model/judge/metrics.h"

#include <math.h>
#include <stdlib.h>

static double gain(enum metric metric, uint32_t place)
{
    switch (metric) {
    case METRIC_HR: return 1.0;
    case METRIC_MRR: return 1.0 / place;
    case METRIC_NDCG: return 1.0 / log2(place + 1.0);
    case METRIC_COUNT: break;
    }
    UNREACHABLE("a metric");
}

double metric_at(enum metric metric, struct placing placing, uint32_t k)
{
    double sum = 0.0;

    for (uint32_t i = 1; i <= placing.tied && placing.above + i <= k; i++)
        sum += gain(metric, placing.above + i);
    return placing.tied == 0 ? 0.0 : sum / placing.tied;
}

/* source  Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014 (SplitMix64) */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static uint32_t random_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(((random_next(state) >> 32) * bound) >> 32);
}

/* One mean by draws, or over all units in their order. */
static void resample(const struct unit_sums *units, uint64_t *state, double *sums)
{
    uint64_t questions = 0;

    for (uint32_t v = 0; v < units->width; v++)
        sums[v] = 0.0;
    for (uint32_t i = 0; i < units->count; i++) {
        uint32_t unit = state == NULL ? i : random_below(state, units->count);

        questions += units->questions[unit];
        for (uint32_t v = 0; v < units->width; v++)
            sums[v] += units->sums[(size_t)unit * units->width + v];
    }
    for (uint32_t v = 0; v < units->width && questions > 0; v++)
        sums[v] /= (double)questions;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

enum status estimate_bootstrap(const struct unit_sums *units, uint32_t resamples, uint64_t seed,
                               struct arena *scratch, struct estimate *out)
{
    double *means = arena_alloc(scratch, (size_t)resamples * units->width, sizeof(*means));
    double *column = arena_alloc(scratch, resamples, sizeof(*column));
    double *sums = arena_zalloc(scratch, units->width, sizeof(*sums));
    uint64_t state = seed;

    ASSERT(resamples >= 1);
    if (means == NULL || column == NULL || sums == NULL) return STATUS_LIMIT;
    for (uint32_t r = 0; r < resamples; r++)
        resample(units, &state, means + (size_t)r * units->width);
    resample(units, NULL, sums);
    for (uint32_t v = 0; v < units->width; v++) {
        for (uint32_t r = 0; r < resamples; r++)
            column[r] = means[(size_t)r * units->width + v];
        qsort(column, resamples, sizeof(*column), by_size);
        uint32_t cut = resamples / 40; /* 2.5 % on each side */
        out[v] = (struct estimate){sums[v], column[cut], column[resamples - 1 - cut]};
    }
    return STATUS_OK;
}
