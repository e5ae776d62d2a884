/* kernels_neon.c - the kernels over 4 lanes of AArch64, which always has them. 8 x 3 accumulators, three
 * columns and a factor: 28 of 32 registers. */
#if defined(__aarch64__)
#include <arm_neon.h>

#include "model/kernels.h"

enum { LANES = 4, TILE_ROWS = 8 };
typedef float32x4_t vec;

KERNEL_INLINE vec vec_load(const float *from)
{
    return vld1q_f32(from);
}

KERNEL_INLINE void vec_store(float *to, vec x)
{
    vst1q_f32(to, x);
}

KERNEL_INLINE vec vec_set(float x)
{
    return vdupq_n_f32(x);
}

KERNEL_INLINE vec vec_add(vec x, vec y)
{
    return vaddq_f32(x, y);
}

KERNEL_INLINE vec vec_sub(vec x, vec y)
{
    return vsubq_f32(x, y);
}

KERNEL_INLINE vec vec_mul(vec x, vec y)
{
    return vmulq_f32(x, y);
}

KERNEL_INLINE vec vec_div(vec x, vec y)
{
    return vdivq_f32(x, y);
}

/* By comparison: vmaxq would answer NaN where the others answer y. */
KERNEL_INLINE vec vec_max(vec x, vec y)
{
    return vbslq_f32(vcgtq_f32(x, y), x, y);
}

KERNEL_INLINE vec vec_min(vec x, vec y)
{
    return vbslq_f32(vcltq_f32(x, y), x, y);
}

KERNEL_INLINE vec vec_fma(vec x, vec y, vec z)
{
    return vfmaq_f32(z, x, y);
}

KERNEL_INLINE vec vec_if_less(vec x, vec y, vec then, vec other)
{
    return vbslq_f32(vcltq_f32(x, y), then, other);
}

KERNEL_INLINE vec vec_shift(vec x, vec bits)
{
    uint32x4_t n = vshlq_n_u32(vreinterpretq_u32_f32(bits), 23);

    return vreinterpretq_f32_u32(vaddq_u32(vreinterpretq_u32_f32(x), n));
}

KERNEL_INLINE vec vec_low(vec pairs)
{
    return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(pairs), 16));
}

KERNEL_INLINE vec vec_high(vec pairs)
{
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(pairs), vdupq_n_u32(0xFFFF0000U)));
}

/* The upper half is x in bf16. */
KERNEL_INLINE uint32x4_t rounded(vec x)
{
    uint32x4_t bits = vreinterpretq_u32_f32(x);
    uint32x4_t normal = vtstq_u32(bits, vdupq_n_u32(0x7F800000U));
    uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    uint32x4_t sum = vaddq_u32(vaddq_u32(bits, vdupq_n_u32(0x7FFFU)), odd);

    return vbslq_u32(normal, sum, vandq_u32(bits, vdupq_n_u32(0x80000000U)));
}

KERNEL_INLINE vec vec_pair(vec even, vec odd)
{
    uint32x4_t high = vandq_u32(rounded(odd), vdupq_n_u32(0xFFFF0000U));

    return vreinterpretq_f32_u32(vorrq_u32(vshrq_n_u32(rounded(even), 16), high));
}

#include "model/kernels_body.h"
#include "model/kernels_half.h"

const struct kernels kernels_neon = KERNELS("neon");
#endif
