/* kernel_bits.c - a fingerprint of every bit that scoring computes on this processor.
 *
 * Made-up weights and histories, so that it needs no file and no library: the same program runs
 * natively and, built for another processor, in an emulator. A line a path and precision:
 *
 *   name precision fingerprint
 *
 * kernel_bits.sh holds the fingerprints of all lines of a precision against each other.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/slirec.h"
#include "model/slirec_time.h"

enum { ITEMS = 101, CATES = 7, BYTES = 32 << 20 };

static uint64_t fingerprint;

static void take(const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;

        memcpy(&bits, &x[i], sizeof(bits));
        fingerprint = (fingerprint ^ bits) * 0x100000001B3ULL;
    }
}

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*seed >> 32);
}

/* Evenly in [-size, size). */
static float number(uint64_t *seed, float size)
{
    return ((float)(next(seed) >> 8) / 8388608.0F - 1.0F) * size;
}

static const float *numbers(uint64_t *seed, size_t count, float size, float shift,
                            struct arena *arena)
{
    float *out = slirec_floats(arena, count);

    ASSERT(out != NULL);
    for (size_t i = 0; i < count; i++)
        out[i] = number(seed, size) + shift;
    return out;
}

static struct slirec_layer layer(uint64_t *seed, size_t rows, size_t columns, struct arena *arena)
{
    return (struct slirec_layer){
        .weight = numbers(seed, rows * columns, 0.3F, 0.0F, arena),
        .bias = numbers(seed, columns, 0.1F, 0.0F, arena),
        .gamma = numbers(seed, columns, 0.5F, 1.0F, arena),
        .beta = numbers(seed, columns, 0.2F, 0.0F, arena),
        .mean = numbers(seed, columns, 0.2F, 0.0F, arena),
        .variance = numbers(seed, columns, 0.2F, 0.3F, arena),
    };
}

static struct slirec_network network(uint64_t *seed, size_t input, size_t first, size_t second,
                                     struct arena *arena)
{
    return (struct slirec_network){
        .hidden1 = layer(seed, input, first, arena),
        .hidden2 = layer(seed, first, second, arena),
        .weight3 = numbers(seed, second, 0.4F, 0.0F, arena),
        .bias3 = numbers(seed, 1, 0.1F, 0.0F, arena),
    };
}

static struct slirec_weights weights(struct arena *arena)
{
    uint64_t seed = 20260101;
    struct slirec_weights w = {.item_count = ITEMS, .cate_count = CATES};

#define WEIGHT(field, name, rows, columns) \
    w.field = numbers(&seed, (size_t)(rows) * ((columns) == 0 ? 1 : (columns)), 0.3F, 0.0F, arena);
#define NETWORK(field, prefix, input, first, second) \
    w.field = network(&seed, input, first, second, arena);
#include "model/slirec_weights.def"
#undef WEIGHT
#undef NETWORK
    return w;
}

static void history_make(struct slirec_history *history, uint32_t len)
{
    uint64_t seed = len;

    *history = (struct slirec_history){.len = len};
    for (uint32_t t = 0; t < len; t++) {
        history->items[t] = next(&seed) % ITEMS;
        history->cates[t] = next(&seed) % CATES;
        history->from_first[t] = t % 3 == 0 ? (float)SLIREC_TIME_FLOOR : number(&seed, 3.0F);
        history->to_now[t] = t % 4 == 0 ? (float)SLIREC_TIME_FLOOR : number(&seed, 3.0F);
    }
}

static void score(const struct slirec *slirec, const struct slirec_catalogue *catalogue,
                  uint32_t len, struct arena *arena)
{
    enum { ROOM = ITEMS + BLOCK };
    float logit[ROOM];
    float cause[ROOM];
    float share[ROOM];
    const struct slirec_extras extras = {.cause = cause, .cause_share = share};
    struct slirec_history history;
    struct slirec_user user;

    history_make(&history, len);
    ASSERT(slirec_user_init(slirec, &history, arena, &user) == STATUS_OK);
    ASSERT(slirec_score_extra(slirec, &user, catalogue, &extras, arena, logit) == STATUS_OK);
    take(user.long_term, BLOCK);
    take(logit, ITEMS);
    take(cause, ITEMS);
    take(share, ITEMS);
}

static void functions(const struct kernels *kernels)
{
    static const float zero[BLOCK];
    float one[BLOCK];
    float x[BLOCK];

    for (uint32_t n = 0; n < BLOCK; n++)
        one[n] = 1.0F;
    for (int i = -3000; i < 3000; i++) {
        kernels->tanh_affine(0.0307F * (float)i, one, zero, x);
        take(x, 1);
        for (uint32_t n = 0; n < BLOCK; n++)
            x[n] = 0.0307F * (float)i;
        kernels->exp_block(x);
        take(x, 1);
    }
}

static void path(const struct kernels *kernels, bool half)
{
    static const uint32_t lens[] = {0, 1, 2, 5, 8, 17, 50};
    uint32_t items[ITEMS];
    uint32_t cates[ITEMS];
    struct slirec_catalogue catalogue;
    struct slirec slirec;
    struct arena arena;

    arena_init(&arena, BYTES);
    fingerprint = 0xCBF29CE484222325ULL;
    const struct slirec_weights w = weights(&arena);
    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i] = i;
        cates[i] = i % CATES;
    }
    ASSERT(slirec_prepare(&w, kernels, &arena, &slirec) == STATUS_OK);
    slirec.half = half;
    ASSERT(slirec_catalogue_init(&slirec, items, cates, ITEMS, &arena, &catalogue) == STATUS_OK);
    for (size_t i = 0; i < COUNT_OF(lens); i++)
        score(&slirec, &catalogue, lens[i], &arena);
    functions(kernels);
    (void)printf("%s %s %016llx\n", kernels->name, half ? "bf16" : "float32",
                 (unsigned long long)fingerprint);
    arena_deinit(&arena);
}

int main(void)
{
    const struct kernels *list[KERNELS_MAX + 1];

    kernels_available(list);
    for (uint32_t k = 0; list[k] != NULL; k++) {
        path(list[k], false);
        path(list[k], true);
    }
    return EXIT_SUCCESS;
}
