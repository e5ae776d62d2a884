/* sample.c - drawing, numbering, gathering. */
#include "model/encode/sample.h"

#include <math.h>

enum status sample_init(const struct encode_shape *shape, uint32_t count_max,
                        const uint32_t *clicks, struct arena *arena, struct sample *sample)
{
    *sample = (struct sample){
        .items = arena_alloc(arena, count_max, sizeof(*sample->items)),
        .places = arena_zalloc(arena, shape->items, sizeof(*sample->places)),
        .count_max = count_max,
        .all = shape->items,
        .width = shape->width,
        .clicks = clicks,
        .rows = arena_zalloc(arena, (size_t)train_pad(count_max) * shape->width, sizeof(real)),
        .bias = arena_zalloc(arena, (size_t)encode_blocks(count_max) * ENCODE_BLOCK, sizeof(real)),
    };
    for (uint32_t i = 0; i < shape->items; i++)
        sample->click_count += clicks[i];
    return sample->items != NULL && sample->places != NULL && sample->rows != NULL &&
                   sample->bias != NULL
               ? STATUS_OK
               : STATUS_LIMIT;
}

static void sample_add(struct sample *sample, uint32_t item)
{
    if (sample->places[item] > 0) return;
    ASSERT(sample->count < sample->count_max);
    sample->items[sample->count++] = item;
    sample->places[item] = sample->count;
}

/* source  SplitMix64 */
static uint32_t draw_below(uint64_t *state, uint32_t bound)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((((z ^ (z >> 31)) >> 32) * bound) >> 32);
}

void sample_draw(struct sample *sample, const struct encode_sequence *sequences, uint32_t count,
                 uint32_t wanted, uint64_t seed)
{
    for (uint32_t i = 0; i < sample->count; i++)
        sample->places[sample->items[i]] = 0;
    sample->count = 0;
    uint64_t clicks = 0;
    for (uint32_t s = 0; s < count; s++) {
        for (uint32_t t = 0; t < sequences[s].len; t++)
            sample_add(sample, sequences[s].items[t]);
        clicks += sequences[s].len;
    }
    for (uint32_t i = 0; i < wanted; i++)
        sample_add(sample, draw_below(&seed, sample->all));
    sample->drawn = wanted;
    sample->from_others = (double)clicks * (count - 1) / count;
}

/* -ln of the probability that neither way missed it. */
static double bias_of(const struct sample *sample, uint32_t item)
{
    double share = sample->clicks[item] / (sample->click_count + 1.0);
    double missed = sample->drawn * log1p(-1.0 / sample->all) + sample->from_others * log1p(-share);

    return -log(-expm1(missed));
}

void sample_gather(struct sample *sample, const real *embeddings, struct encode_table *table)
{
    size_t width = sample->width;

    for (size_t i = 0; i < sample->count; i++) {
        memcpy(sample->rows + i * width, embeddings + sample->items[i] * width,
               width * sizeof(real));
        sample->bias[i] = (real)bias_of(sample, sample->items[i]);
    }
    memset(sample->rows + sample->count * width, 0,
           (train_pad(sample->count) - sample->count) * width * sizeof(real));
    table->count = sample->count;
    table->rows = sample->rows;
    table->bias = sample->bias;
}
