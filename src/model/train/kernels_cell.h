/* kernels_cell.h - one step of the recurrence, forward and back; for kernels_body.h. */
#pragma once
#include "model/train/kernels_vector.h"

static void cell_forward(const struct train_cell *cell)
{
    size_t w = cell->width;

    for (size_t at = 0; at < w; at += LANES) {
        real *gate = cell->gates + at;
        vector i = vector_sigmoid(load(gate));
        vector j = vector_tanh(load(gate + w));
        vector f = vector_sigmoid(load(gate + 2 * w) + (real)1);
        vector l = vector_sigmoid(load(gate + 3 * w));
        vector o = vector_sigmoid(load(gate + 4 * w));
        vector n = vector_sigmoid(load(gate + 5 * w));
        vector c = f * l * load(cell->cell_before + at) + i * n * j;

        store(gate, i);
        store(gate + w, j);
        store(gate + 2 * w, f);
        store(gate + 3 * w, l);
        store(gate + 4 * w, o);
        store(gate + 5 * w, n);
        store(cell->cell + at, c);
        store(cell->output + at, o * vector_tanh(c));
    }
}

static void cell_backward(const struct train_cell *cell)
{
    size_t w = cell->width;

    for (size_t at = 0; at < w; at += LANES) {
        real *gate = cell->gates + at;
        vector i = load(gate);
        vector j = load(gate + w);
        vector f = load(gate + 2 * w);
        vector l = load(gate + 3 * w);
        vector o = load(gate + 4 * w);
        vector n = load(gate + 5 * w);
        vector before = load(cell->cell_before + at);
        vector squashed = vector_tanh(load(cell->cell + at));
        vector dm = load(cell->d_output + at);
        vector dc = load(cell->d_cell + at) + dm * o * ((real)1 - squashed * squashed);

        store(gate, dc * n * j * i * ((real)1 - i));
        store(gate + w, dc * i * n * ((real)1 - j * j));
        store(gate + 2 * w, dc * l * before * f * ((real)1 - f));
        store(gate + 3 * w, dc * f * before * l * ((real)1 - l));
        store(gate + 4 * w, dm * squashed * o * ((real)1 - o));
        store(gate + 5 * w, dc * i * j * n * ((real)1 - n));
        store(cell->d_cell + at, dc * f * l);
    }
}
