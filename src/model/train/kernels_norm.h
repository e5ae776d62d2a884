/* kernels_norm.h - batch norm, dropout and relu, forward and back; for kernels_body.h. */
#pragma once
#include "model/train/kernels_vector.h"

static void moments(const real *z, uint32_t rows, uint32_t width, real *mean, real *squares)
{
    for (uint32_t j = 0; j < width; j += LANES) {
        vector sum = {0};
        vector square = {0};

        for (uint32_t r = 0; r < rows; r++)
            sum += load(z + (size_t)r * width + j);
        sum /= all((real)rows);
        for (uint32_t r = 0; r < rows; r++) {
            vector distance = load(z + (size_t)r * width + j) - sum;

            square += distance * distance;
        }
        store(mean + j, sum);
        store(squares + j, square);
    }
}

/* Rows are taken ROWS_AT_ONCE at a time, so that what is walked through lies in the nearest cache. */
enum { ROWS_AT_ONCE = 8 };

TRAIN_INLINE uint32_t rows_end(uint32_t first, uint32_t rows)
{
    return first + ROWS_AT_ONCE < rows ? first + ROWS_AT_ONCE : rows;
}

static void activate(const struct train_norm *norm, const real *z, const uint8_t *keep,
                     uint32_t rows, real *h)
{
    for (uint32_t first = 0; first < rows; first += ROWS_AT_ONCE) {
        uint32_t end = rows_end(first, rows);

        for (uint32_t j = 0; j < norm->width; j += LANES) {
            vector scale = load(norm->scale + j) * norm->keep_scale;
            vector shift = load(norm->shift + j) * norm->keep_scale;

            for (uint32_t r = first; r < end; r++) {
                size_t at = (size_t)r * norm->width + j;
                vector y = positive_part(load(z + at) * scale + shift);

                store(h + at, keep != NULL ? y * load_keep(keep + at) : y);
            }
        }
    }
}

TRAIN_INLINE void deactivate_rows(const struct train_norm *norm, const real *z, const uint8_t *keep,
                                  uint32_t rows, real *d, real *sums)
{
    for (uint32_t j = 0; j < norm->width; j += LANES) {
        vector scale = load(norm->scale + j);
        vector shift = load(norm->shift + j);
        vector mean = load(norm->mean + j);
        vector inverse = load(norm->inverse + j);
        vector dy_sum = load(sums + j);
        vector dyx_sum = load(sums + norm->width + j);

        for (uint32_t r = 0; r < rows; r++) {
            size_t at = (size_t)r * norm->width + j;
            vector x = load(z + at);
            vector dy = (vector)((mask)load(d + at) & (x * scale + shift > (vector){0}));

            if (keep != NULL) dy *= load_keep(keep + at) * norm->keep_scale;
            dy_sum += dy;
            dyx_sum += dy * ((x - mean) * inverse);
            store(d + at, dy);
        }
        store(sums + j, dy_sum);
        store(sums + norm->width + j, dyx_sum);
    }
}

static void deactivate(const struct train_norm *norm, const real *z, const uint8_t *keep,
                       uint32_t rows, real *d, real *sums)
{
    for (uint32_t first = 0; first < rows; first += ROWS_AT_ONCE) {
        size_t at = (size_t)first * norm->width;

        deactivate_rows(norm, z + at, keep != NULL ? keep + at : NULL,
                        rows_end(first, rows) - first, d + at, sums);
    }
}

static void denormalise(const struct train_norm *norm, const real *z, uint32_t rows, real *d)
{
    for (uint32_t first = 0; first < rows; first += ROWS_AT_ONCE) {
        uint32_t end = rows_end(first, rows);

        for (uint32_t j = 0; j < norm->width; j += LANES) {
            vector scale = load(norm->scale + j);
            vector mean = load(norm->mean + j);
            vector inverse = load(norm->inverse + j);
            vector mean_dy = load(norm->mean_dy + j);
            vector mean_dyx = load(norm->mean_dyx + j);

            for (uint32_t r = first; r < end; r++) {
                size_t at = (size_t)r * norm->width + j;
                vector x = (load(z + at) - mean) * inverse;

                store(d + at, scale * (load(d + at) - mean_dy - x * mean_dyx));
            }
        }
    }
}
