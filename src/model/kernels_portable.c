/* kernels_portable.c - the kernels over 4 lanes in the compilers' vector extension.
 *
 * Where the processor rounds x * y + z once (ARM, RISC-V), the compiler's own fma is used. Where it
 * does not (x86-64 before 2013, and virtual machines that pretend to be that), the same bits are
 * made in double: the product of two floats is exact there, the sum is rounded to odd, and rounding
 * that to float is then the correctly rounded result.
 * source   S. Boldo, G. Melquiond, Emulation of FMA and correctly rounded sums (2008)
 */
#include "model/kernels.h"

enum { LANES = 4, TILE_ROWS = 4 };
typedef float vec __attribute__((vector_size(16)));
typedef int32_t vec_bits __attribute__((vector_size(16)));
typedef uint32_t vec_words __attribute__((vector_size(16)));
typedef double wide __attribute__((vector_size(32)));
typedef int64_t wide_bits __attribute__((vector_size(32)));

KERNEL_INLINE vec vec_load(const float *from)
{
    vec x;

    memcpy(&x, from, sizeof(x));
    return x;
}

KERNEL_INLINE void vec_store(float *to, vec x)
{
    memcpy(to, &x, sizeof(x));
}

KERNEL_INLINE vec vec_set(float x)
{
    return (vec){x, x, x, x};
}

KERNEL_INLINE vec vec_choose(vec_bits mask, vec x, vec y)
{
    return (vec)((mask & (vec_bits)x) | (~mask & (vec_bits)y));
}

KERNEL_INLINE vec vec_max(vec x, vec y)
{
    return vec_choose(x > y, x, y);
}

KERNEL_INLINE vec vec_min(vec x, vec y)
{
    return vec_choose(x < y, x, y);
}

KERNEL_INLINE vec vec_shift(vec x, vec bits)
{
    return (vec)((vec_words)x + ((vec_words)bits << 23));
}

KERNEL_INLINE vec vec_if_less(vec x, vec y, vec then, vec other)
{
    return vec_choose(x < y, then, other);
}

KERNEL_INLINE vec vec_add(vec x, vec y)
{
    return x + y;
}

KERNEL_INLINE vec vec_sub(vec x, vec y)
{
    return x - y;
}

KERNEL_INLINE vec vec_mul(vec x, vec y)
{
    return x * y;
}

KERNEL_INLINE vec vec_div(vec x, vec y)
{
    return x / y;
}

#if defined(__FP_FAST_FMAF)
KERNEL_INLINE vec vec_fma(vec x, vec y, vec z)
{
    return (vec){
        __builtin_fmaf(x[0], y[0], z[0]),
        __builtin_fmaf(x[1], y[1], z[1]),
        __builtin_fmaf(x[2], y[2], z[2]),
        __builtin_fmaf(x[3], y[3], z[3]),
    };
}
#else
KERNEL_INLINE vec vec_fma(vec x, vec y, vec z)
{
    wide product = __builtin_convertvector(x, wide) * __builtin_convertvector(y, wide);
    wide addend = __builtin_convertvector(z, wide);
    wide sum = product + addend;
    wide back = sum - product;
    wide error = (product - (sum - back)) + (addend - back); /* sum + error is exact */
    wide_bits bits = (wide_bits)sum;
    wide_bits inexact = (error > 0.0) | (error < 0.0);
    wide_bits toward = (((wide_bits)error ^ bits) >> 63) | 1; /* 1 away from zero, -1 to it */

    bits += inexact & ~(-(bits & 1)) & toward;
    return __builtin_convertvector((wide)bits, vec);
}
#endif

KERNEL_INLINE vec vec_low(vec pairs)
{
    return (vec)((vec_words)pairs << 16);
}

KERNEL_INLINE vec vec_high(vec pairs)
{
    return (vec)((vec_words)pairs & 0xFFFF0000U);
}

/* The upper half is x in bf16. */
KERNEL_INLINE vec_words rounded(vec x)
{
    vec_words bits = (vec_words)x;
    vec_words tiny = (vec_words)((bits & 0x7F800000U) == 0);

    return (tiny & bits & 0x80000000U) | (~tiny & (bits + 0x7FFFU + (bits >> 16 & 1)));
}

KERNEL_INLINE vec vec_pair(vec even, vec odd)
{
    return (vec)(rounded(even) >> 16 | (rounded(odd) & 0xFFFF0000U));
}

#include "model/kernels_body.h"
#include "model/kernels_half.h"

const struct kernels kernels_portable = KERNELS("portable");
