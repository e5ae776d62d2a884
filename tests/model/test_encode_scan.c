/* test_encode_scan.c - codes by every kernel against plain sums, and the best of many against sorting
 * them all. */
#include <math.h>

#include "model/encode/scan.h"
#include "test.h"

enum { ITEMS = 5003, WIDTH = 64, WANTED = 20 };

static uint64_t state_of_draws;

/* source  SplitMix64 */
static float draw(void)
{
    uint64_t z = state_of_draws += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (float)((double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0 * 2.0 - 1.0);
}

static float rows[ITEMS][WIDTH];

static void rows_draw(void)
{
    state_of_draws = 5;
    for (uint32_t i = 0; i < ITEMS; i++) {
        float size = draw() + 1.5F;

        for (uint32_t d = 0; d < WIDTH; d++)
            rows[i][d] = size * draw();
    }
}

static uint32_t kernels_here(const struct scan_kernels *kernels[3])
{
    uint32_t count = 0;

    kernels[count++] = &scan_kernels_portable;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) kernels[count++] = &scan_kernels_avx2;
    if (__builtin_cpu_supports("avx512vnni")) kernels[count++] = &scan_kernels_vnni;
#endif
    return count;
}

/* The extremes of both codes are among them: what saturates shows. */
static void test_kernels_give_plain_sums(void **state)
{
    const struct scan_kernels *kernels[3];
    uint32_t count = kernels_here(kernels);
    int8_t codes[2 * SCAN_GROUP * WIDTH];
    uint8_t query[WIDTH];
    int32_t offsets[2 * SCAN_GROUP];
    int32_t sums[2 * SCAN_GROUP];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        codes[i] = (int8_t)(i < 2048 ? (i % 2 == 0 ? 127 : -127) : (int)(i * 37 % 255) - 127);
    for (uint32_t d = 0; d < WIDTH; d++)
        query[d] = d < 32 ? (d % 2 == 0 ? 255 : 1) : (uint8_t)(d * 59);
    for (int32_t i = 0; i < 2 * SCAN_GROUP; i++)
        offsets[i] = 1000 * i - 7;
    for (uint32_t k = 0; k < count; k++) {
        kernels[k]->products(codes, 2 * SCAN_GROUP, WIDTH, query, offsets, sums);
        for (uint32_t i = 0; i < 2 * SCAN_GROUP; i++) {
            const int8_t *group = codes + (size_t)(i / SCAN_GROUP) * SCAN_GROUP * WIDTH;
            int32_t wanted = -offsets[i];

            for (uint32_t d = 0; d < WIDTH; d++)
                wanted += query[d] * group[d / 4 * SCAN_GROUP * 4 + i % SCAN_GROUP * 4 + d % 4];
            if (sums[i] != wanted)
                fail_msg("%s: item %u is %d, not %d", kernels[k]->name, i, sums[i], wanted);
        }
    }
}

static uint32_t shared(const struct ranked *left, const struct ranked *right, uint32_t count)
{
    uint32_t both = 0;

    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count; j++)
            both += left[i].item == right[j].item;
    }
    return both;
}

/* Scoring the best four times over again in float makes up for eight bits: all of 100 x 20 are found. */
static void test_finds_the_best(void **state)
{
    struct encode_scan scan;
    struct arena arena;
    uint32_t found = 0;

    (void)state;
    rows_draw();
    arena_init(&arena, SIZE_MAX);
    assert_ok(encode_scan_init(&rows[0][0], ITEMS, WIDTH, scan_kernels_best(), &arena, &scan));
    for (uint32_t q = 0; q < 100; q++) {
        struct ranked wanted[WANTED];
        struct ranked got[WANTED];
        float vector[WIDTH];
        uint32_t count;

        for (uint32_t d = 0; d < WIDTH; d++)
            vector[d] = draw();
        assert_int_equal(encode_scan_float(&scan, vector, WANTED, wanted), WANTED);
        assert_ok(encode_scan(&scan, vector, WANTED, &arena, got, &count));
        assert_int_equal(count, WANTED);
        for (uint32_t i = 1; i < WANTED; i++)
            assert_true(wanted[i - 1].score >= wanted[i].score);
        found += shared(wanted, got, WANTED);
    }
    assert_int_equal(found, 100 * WANTED);
    arena_deinit(&arena);
}

static void test_few_items(void **state)
{
    static const float zeros[3][16] = {{0}, {0, 1}, {0}};
    static const float vector[16] = {0, 2};
    struct encode_scan scan;
    struct ranked got[8];
    struct arena arena;
    uint32_t count;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    assert_ok(encode_scan_init(&zeros[0][0], 3, 16, scan_kernels_best(), &arena, &scan));
    assert_ok(encode_scan(&scan, vector, 8, &arena, got, &count));
    assert_int_equal(count, 3);
    assert_int_equal(got[0].item, 1);
    assert_int_equal(got[1].item, 0);
    assert_int_equal(got[2].item, 2);
    assert_true(fabs(got[0].score - 2.0) < 1e-6);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_give_plain_sums),
        cmocka_unit_test(test_finds_the_best),
        cmocka_unit_test(test_few_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
