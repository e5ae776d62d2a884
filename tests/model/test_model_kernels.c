/* test_model_kernels.c - equal bits on every path, and the order of the best. */
#include <math.h>

#include "golden.h"
#include "model/topk.h"
#include "test.h"

static struct model *model;

static int open_model(void **state)
{
    (void)state;
    model = golden_model("model_kernels");
    return 0;
}

static int close_model(void **state)
{
    (void)state;
    model_close(model);
    return 0;
}

/* Everything a call computes, with the kernels given; prepared by them, too. */
static void compute(const struct kernels *kernels, bool half, uint32_t index,
                    float logits[GOLDEN_CATALOGUE], float long_term[BLOCK])
{
    struct slirec_catalogue catalogue;
    struct slirec_history history;
    struct slirec_user user;
    struct slirec slirec;
    struct arena arena;
    uint32_t items[GOLDEN_CATALOGUE];
    uint32_t cates[GOLDEN_CATALOGUE];
    float room[GOLDEN_CATALOGUE + BLOCK];

    for (uint32_t i = 0; i < GOLDEN_CATALOGUE; i++) {
        items[i] = (uint32_t)golden_i32("catalogue_items")[i];
        cates[i] = (uint32_t)golden_i32("catalogue_cates")[i];
    }
    arena_init(&arena, 32 << 20);
    golden_history(index, &history);
    assert_ok(slirec_prepare(&model->slirec.weights, kernels, &arena, &slirec));
    slirec.half = half;
    assert_ok(slirec_catalogue_init(&slirec, items, cates, GOLDEN_CATALOGUE, &arena, &catalogue));
    assert_ok(slirec_user_init(&slirec, &history, &arena, &user));
    assert_ok(slirec_score(&slirec, &user, &catalogue, &arena, room));
    memcpy(logits, room, GOLDEN_CATALOGUE * sizeof(float));
    memcpy(long_term, user.long_term, BLOCK * sizeof(float));
    arena_deinit(&arena);
}

static void hold_every_path(bool half)
{
    const struct kernels *list[KERNELS_MAX + 1];
    static const uint32_t cases[] = {0, 27, 75, 124, 172, 199, 240, 241, 262, 263};

    kernels_available(list);
    for (uint32_t k = 0; list[k] != NULL; k++)
        print_message("  path: %s\n", list[k]->name);
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        float first[GOLDEN_CATALOGUE];
        float first_long[BLOCK];

        compute(list[0], half, cases[c], first, first_long);
        for (uint32_t k = 1; list[k] != NULL; k++) {
            float other[GOLDEN_CATALOGUE];
            float other_long[BLOCK];

            compute(list[k], half, cases[c], other, other_long);
            assert_memory_equal(first, other, sizeof(first));
            assert_memory_equal(first_long, other_long, sizeof(first_long));
        }
    }
}

static void every_path_gives_the_same_bits(void **state)
{
    (void)state;
    hold_every_path(false);
}

static void every_path_gives_the_same_bits_in_bf16(void **state)
{
    (void)state;
    hold_every_path(true);
}

/* Some of the catalogue, in any order, some twice: the logits that all of it gets. */
static void some_score_as_all_do(void **state)
{
    enum { SOME = 101 };
    float all[GOLDEN_CATALOGUE + BLOCK];
    float some[SOME + BLOCK];
    uint32_t which[SOME];
    const struct slirec_extras extras = {.which = which, .which_count = SOME};
    struct slirec_history history;
    struct slirec_user user;
    struct arena arena;

    (void)state;
    arena_init(&arena, 8 << 20);
    for (uint32_t index = 0; index < GOLDEN_CASES; index += 61) {
        arena_reset(&arena);
        golden_history(index, &history);
        assert_ok(slirec_user_init(&model->slirec, &history, &arena, &user));
        assert_ok(slirec_score(&model->slirec, &user, &model->catalogue, &arena, all));
        for (uint32_t i = 0; i < SOME; i++)
            which[i] = (i * i * 37 + index) % GOLDEN_CATALOGUE;
        assert_ok(
            slirec_score_extra(&model->slirec, &user, &model->catalogue, &extras, &arena, some));
        for (uint32_t i = 0; i < SOME; i++)
            assert_memory_equal(&some[i], &all[which[i]], sizeof(float));
    }
    arena_deinit(&arena);
}

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*seed >> 32);
}

/* Finite floats of every size and sign. */
static float any_float(uint64_t *seed)
{
    uint32_t bits = next(seed);
    float x;

    if ((bits >> 23 & 255) > 180) bits &= 0x807FFFFFU; /* below 2^53, so that sums stay finite */
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static void one_row(const struct kernels *kernels, uint64_t seed, float *out)
{
    enum { DEPTH = 3, WIDTH = 64, COUNT = 9 };
    _Alignas(64) float in[COUNT * DEPTH];
    _Alignas(64) float weight[DEPTH * WIDTH];
    _Alignas(64) float initial[WIDTH];

    for (size_t i = 0; i < COUNT_OF(in); i++)
        in[i] = any_float(&seed);
    for (size_t i = 0; i < COUNT_OF(weight); i++)
        weight[i] = any_float(&seed);
    for (size_t i = 0; i < COUNT_OF(initial); i++)
        initial[i] = any_float(&seed);
    kernels->rows(&(struct rows_job){.in = in,
                                     .in_stride = DEPTH,
                                     .count = COUNT,
                                     .depth = DEPTH,
                                     .weight = weight,
                                     .initial = initial,
                                     .width = WIDTH},
                  out);
}

/* Tiny, huge and mixed numbers: where emulating a fused multiply-add goes wrong if it does. */
static void sums_of_wild_numbers_have_the_same_bits(void **state)
{
    enum { ROUNDS = 2000, OUT = 9 * 64 };
    const struct kernels *list[KERNELS_MAX + 1];

    (void)state;
    kernels_available(list);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        float first[OUT];
        float other[OUT];

        one_row(list[0], round, first);
        for (uint32_t k = 1; list[k] != NULL; k++) {
            one_row(list[k], round, other);
            assert_memory_equal(first, other, sizeof(first));
        }
    }
}

static void functions_have_the_same_bits_and_are_close(void **state)
{
    const struct kernels *list[KERNELS_MAX + 1];
    float zero[BLOCK] = {0};
    float one[BLOCK];
    double worst_tanh = 0.0;
    double worst_exp = 0.0;

    (void)state;
    kernels_available(list);
    for (uint32_t n = 0; n < BLOCK; n++)
        one[n] = 1.0F;
    for (int i = -6570; i < 6570; i++) {
        float x = 0.0137F * (float)i;
        float first[BLOCK];
        float other[BLOCK];

        list[0]->tanh_affine(x, one, zero, first);
        worst_tanh = fmax(worst_tanh, fabs((double)first[7] - tanh((double)x)));
        for (uint32_t k = 1; list[k] != NULL; k++) {
            list[k]->tanh_affine(x, one, zero, other);
            assert_memory_equal(first, other, sizeof(first));
        }
        for (uint32_t k = 0; list[k] != NULL; k++) {
            for (uint32_t n = 0; n < BLOCK; n++)
                other[n] = x;
            list[k]->exp_block(other);
            if (k > 0) assert_memory_equal(first, other, sizeof(first));
            memcpy(first, other, sizeof(first));
        }
        if (fabs((double)x) < 86.0)
            worst_exp = fmax(worst_exp, fabs((double)first[3] / exp((double)x) - 1.0));
    }
    print_message("  tanh within %.1e, exp within %.1e of its size\n", worst_tanh, worst_exp);
    assert_true(worst_tanh <= 2e-7 && worst_exp <= 1e-7);
}

static const struct {
    const char *about;
    float scores[6];
    uint32_t wanted;
    uint32_t order[6];
    uint32_t count;
} orders[] = {
    {"best first", {1, 3, 2, 5, 4, 0}, 3, {3, 4, 1}, 3},
    {"among equals the later first", {2, 2, 2, 1, 2, 2}, 4, {5, 4, 2, 1}, 4},
    {"all of them when fewer than wanted", {1, 2, 3, 4, 5, 6}, 16, {5, 4, 3, 2, 1, 0}, 6},
    {"none", {1, 2, 3, 4, 5, 6}, 0, {0}, 0},
    {"no number is the worst", {NAN, -5, NAN, -7, -6, -INFINITY}, 6, {1, 4, 3, 5, 2, 0}, 6},
};

static void the_best_are_selected_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct ranked best[6];

        assert_int_equal(topk_select(orders[i].scores, 6, orders[i].wanted, best), orders[i].count);
        for (uint32_t k = 0; k < orders[i].count; k++) {
            if (best[k].item != orders[i].order[k]) fail_msg("%s: place %u", orders[i].about, k);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_gives_the_same_bits),
        cmocka_unit_test(every_path_gives_the_same_bits_in_bf16),
        cmocka_unit_test(some_score_as_all_do),
        cmocka_unit_test(sums_of_wild_numbers_have_the_same_bits),
        cmocka_unit_test(functions_have_the_same_bits_and_are_close),
        cmocka_unit_test(the_best_are_selected_in_order),
    };

    return cmocka_run_group_tests(tests, open_model, close_model);
}
