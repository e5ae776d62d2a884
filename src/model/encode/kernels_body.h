/* kernels_body.h - the encoder's kernels, written once; three files include it.
 *
 * The including file defines VECTOR_BYTES. Sums run in a fixed order: the same numbers in, the same
 * bits out, on one instruction set.
 */
#include "model/encode/kernels.h"
#include "model/train/kernels_vector.h"

static inline vector dropped(struct encode_drop drop, size_t at, vector x)
{
    if (drop.keep == NULL) return x;
    return x * drop.scale * load_keep(drop.keep + at);
}

static real lower(real *x, uint32_t width)
{
    vector most = load(x);

    for (uint32_t j = LANES; j < width; j += LANES) {
        vector next = load(x + j);
        mask above = next > most;

        most = choose(above, next, most);
    }
    real largest = most[0];
    for (int i = 1; i < LANES; i++)
        largest = most[i] > largest ? most[i] : largest;
    for (uint32_t j = 0; j < width; j += LANES)
        store(x + j, load(x + j) - all(largest));
    return largest;
}

static real total(const real *x, uint32_t width)
{
    vector sum = {0};

    for (uint32_t j = 0; j < width; j += LANES)
        sum += load(x + j);
    return sum_lanes(sum);
}

static void scale(real *x, real factor, uint32_t width)
{
    for (uint32_t j = 0; j < width; j += LANES)
        store(x + j, load(x + j) * factor);
}

static void norm_row(const struct encode_norm *norm, uint32_t row, const real *x, real *out)
{
    uint32_t width = norm->width;
    real *normal = norm->normal + (size_t)row * width;
    vector squares = {0};
    real mean = total(x, width) / (real)width;

    for (uint32_t j = 0; j < width; j += LANES) {
        vector distance = load(x + j) - all(mean);

        squares += distance * distance;
    }
    real variance = sum_lanes(squares) / (real)width;
    real inverse = (real)(1.0 / sqrt((double)variance + 1e-6));
    norm->inverse[row] = inverse;
    for (uint32_t j = 0; j < width; j += LANES) {
        vector y = (load(x + j) - all(mean)) * inverse;

        store(normal + j, y);
        store(out + j, y * load(norm->gain + j) + load(norm->shift + j));
    }
}

static void norm_all(const struct encode_norm *norm, const real *x, real *out)
{
    for (uint32_t row = 0; row < norm->rows; row++)
        norm_row(norm, row, x + (size_t)row * norm->width, out + (size_t)row * norm->width);
}

/* dx = inverse (dy - mean(dy) - normal mean(dy normal)), dy = d_out gain */
static void norm_back(const struct encode_norm *norm, const real *d_out, real *d_x, real *sums)
{
    uint32_t width = norm->width;

    for (uint32_t row = 0; row < norm->rows; row++) {
        const real *normal = norm->normal + (size_t)row * width;
        const real *d = d_out + (size_t)row * width;
        real *to = d_x + (size_t)row * width;
        vector straight = {0};
        vector along = {0};

        for (uint32_t j = 0; j < width; j += LANES) {
            vector dy = load(d + j) * load(norm->gain + j);

            straight += dy;
            along += dy * load(normal + j);
            store(sums + j, load(sums + j) + load(d + j) * load(normal + j));
            store(sums + width + j, load(sums + width + j) + load(d + j));
        }
        real mean = sum_lanes(straight) / (real)width;
        real slope = sum_lanes(along) / (real)width;
        for (uint32_t j = 0; j < width; j += LANES) {
            vector dy = load(d + j) * load(norm->gain + j);
            vector dx = (dy - all(mean) - load(normal + j) * slope) * norm->inverse[row];

            store(to + j, load(to + j) + dx);
        }
    }
}

static void drop_all(struct encode_drop drop, const real *in, const real *base, size_t count,
                     real *out)
{
    for (size_t j = 0; j < count; j += LANES) {
        vector x = dropped(drop, j, load(in + j));

        store(out + j, base != NULL ? x + load(base + j) : x);
    }
}

static void rectify(struct encode_drop drop, const real *in, size_t count, real *out)
{
    for (size_t j = 0; j < count; j += LANES) {
        vector x = load(in + j);

        store(out + j, dropped(drop, j, (vector)((mask)x & (x > (vector){0}))));
    }
}

static void rectify_back(struct encode_drop drop, const real *in, size_t count, real *d)
{
    for (size_t j = 0; j < count; j += LANES) {
        vector dx = dropped(drop, j, load(d + j));

        store(d + j, (vector)((mask)dx & (load(in + j) > (vector){0})));
    }
}

#define ENCODE_KERNELS(label)                                                            \
    {                                                                                    \
        label, lower, total, scale, norm_all, norm_back, drop_all, rectify, rectify_back \
    }
