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
 * two weigh as much as the sums from the first step on; else as the original. */
void train_initialise(struct trainer *trainer, uint64_t seed, bool wide);
