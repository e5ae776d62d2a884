/* sample.h - the items of a sampled softmax: those of the batch and others drawn evenly.
 *
 * Item i is among them with probability P_i, as drawn or by its share of the clicks of the batch's other
 * sequences; weighing it by 1 / P_i (in logarithms: a bias of -ln P_i) makes the sum over them an estimate
 * of the sum over all. A sequence's own items are there whatever is drawn, so for its rows each counts
 * once, without a bias (table.h).
 * source  Bengio, Senecal: "Adaptive Importance Sampling to Accelerate Training of a Neural
 *         Probabilistic Language Model", 2008
 */
#pragma once
#include "model/encode/trainer.h"

struct sample {
    uint32_t *items;  /* [count] */
    uint32_t *places; /* [all items] place + 1; 0: not among them */
    uint32_t count, count_max;
    uint32_t all, width;
    const uint32_t *clicks;
    double click_count;
    real *rows; /* [count_max to whole units][width] */
    real *bias; /* [blocks of count_max] */
    uint32_t drawn;
    double from_others; /* clicks of the batch but those of one sequence */
};

enum status sample_init(const struct encode_shape *shape, uint32_t count_max,
                        const uint32_t *clicks, struct arena *arena,
                        struct sample *sample) MUST_USE;

void sample_draw(struct sample *sample, const struct encode_sequence *sequences, uint32_t count,
                 uint32_t wanted, uint64_t seed);

/* The table's rows and bias from the items' embeddings. */
void sample_gather(struct sample *sample, const real *embeddings, struct encode_table *table);

static inline uint32_t sample_place(const struct sample *sample, uint32_t item)
{
    ASSERT(sample->places[item] > 0);
    return sample->places[item] - 1;
}
