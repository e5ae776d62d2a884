/* initial.h - the numbers a model starts from.
 *
 * The original's distributions: normal of deviation .01 cut at two deviations for embeddings, attention
 * and networks; Glorot's uniform for the recurrence, its vectors included; zeros for the networks' biases
 * and the recurrence's; gamma 1. Each variable has a stream of its own: in the original all normal ones
 * begin with the same numbers, since a seed there is one for all.
 *
 * source   recommenders sli_rec.py, rnn_cell_implement.py; Glorot and Bengio (2010)
 */
#pragma once
#include "model/train/train.h"

/* wide: the normal ones as Glorot's uniform too, and embeddings of deviation .5, so that the products of
 * two weigh as much as the sums from the first step on; else as the original.
 * memory: up to so many steps are remembered by the recurrence from the start; 0: as the original, whose
 * cells keep a third of themselves from step to step.
 * source   Tallec and Ollivier, Can recurrent neural networks warp time? (2018) */
void train_initialise(struct trainer *trainer, uint64_t seed, bool wide, uint32_t memory);
