/* kernels_vector.h - vectors of VECTOR_BYTES and the functions over them that the kernels share.
 *
 * Vectors are the compilers' own (gcc, clang); fused multiply-adds come from -ffp-contract=fast where the
 * processor has them.
 */
#pragma once
#include <math.h>

#include "model/train/kernels.h"

#define TRAIN_INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define TRAIN_UNROLL _Pragma("unroll")
#else
#define TRAIN_UNROLL _Pragma("GCC unroll 16")
#endif

enum { LANES = VECTOR_BYTES / sizeof(real) };
_Static_assert(TRAIN_UNIT % LANES == 0, "a unit is whole vectors");

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
typedef real vector_anywhere
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));
typedef uint8_t keeps __attribute__((vector_size(LANES)));

TRAIN_INLINE vector load(const real *at)
{
    return *(const vector_anywhere *)(const void *)at;
}

TRAIN_INLINE void store(real *at, vector x)
{
    *(vector_anywhere *)(void *)at = x;
}

TRAIN_INLINE vector all(real x)
{
    return x - (vector){0};
}

#ifdef TRAIN_DOUBLE
typedef int64_t mask __attribute__((vector_size(VECTOR_BYTES)));
#else
typedef int32_t mask __attribute__((vector_size(VECTOR_BYTES)));
#endif

TRAIN_INLINE vector choose(mask which, vector yes, vector no)
{
    return (vector)(((mask)yes & which) | ((mask)no & ~which));
}

TRAIN_INLINE vector positive_part(vector x)
{
    return (vector)((mask)x & (x > (vector){0}));
}

TRAIN_INLINE vector load_keep(const uint8_t *at)
{
    keeps bytes;

    memcpy(&bytes, at, sizeof(bytes));
    return __builtin_convertvector(__builtin_convertvector(bytes, mask), vector);
}

TRAIN_INLINE real sum_lanes(vector x)
{
    real sum = 0;

    for (int i = 0; i < LANES; i++)
        sum += x[i];
    return sum;
}

#ifdef TRAIN_DOUBLE
TRAIN_INLINE vector vector_exp(vector x)
{
    for (int i = 0; i < LANES; i++)
        x[i] = exp(x[i]);
    return x;
}

TRAIN_INLINE vector vector_tanh(vector x)
{
    for (int i = 0; i < LANES; i++)
        x[i] = tanh(x[i]);
    return x;
}
#else
/* As in scoring (kernels_body.h): x = n ln 2 + r, a polynomial for e^r, n added to the exponent.
 * source  coefficients of S. Moshier's Cephes expf */
TRAIN_INLINE vector vector_exp(vector x)
{
    const vector magic = all(12582912.0F); /* 1.5 * 2^23: adding it rounds to an integer */

    x = choose(x > all(-86.0F), x, all(-86.0F));
    x = choose(x < all(88.0F), x, all(88.0F));
    vector shifted = x * 1.44269504F + magic;
    vector n = shifted - magic;
    vector r = n * -0.693359375F + x;
    r = n * 2.12194440e-4F + r;
    vector p = r * 1.9875691500e-4F + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * (r * r) + r;
    return (vector)((mask)(p + 1.0F) + ((mask)shifted << 23));
}

/* source  coefficients of Cephes tanhf */
TRAIN_INLINE vector vector_tanh(vector x)
{
    vector square = x * x;
    vector far = 1.0F - 2.0F / (1.0F + vector_exp(x + x));
    vector p = square * -5.70498872745e-3F + 2.06390887954e-2F;

    p = p * square + -5.37397155531e-2F;
    p = p * square + 1.33314422036e-1F;
    p = p * square + -3.33332819422e-1F;
    return choose(square < all(0.390625F), p * square * x + x, far);
}
#endif

TRAIN_INLINE vector vector_sigmoid(vector x)
{
    return (real)1 / ((real)1 + vector_exp(-x));
}
