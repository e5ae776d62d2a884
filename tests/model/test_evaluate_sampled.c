/* test_evaluate_sampled.c - metrics over a few items: by hand, and AUC against counting pairs. */
#include <math.h>

#include "model/judge/sampled.h"
#include "test.h"

static void assert_near(double value, double wanted)
{
    if (fabs(value - wanted) > 1e-9) fail_msg("%.9f, by hand %.9f", value, wanted);
}

/* Two groups of one and three. First: place 2. Second: tied with one, behind one; the tie counts against
 * it, so place 3; half a pair for gAUC. */
static void test_by_hand(void **state)
{
    static const uint32_t ks[] = {2, 3};
    double scores[] = {0.7, 0.9, 0.1, 0.2, 0.5, 0.5, 0.6, 0.4};
    const struct sampled sampled = {.negatives = 3, .groups = 2, .scores = scores};
    struct sampled_result result;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_ok(sampled_judge(&sampled, ks, 2, &arena, &result));
    assert_near(result.gauc, (2.0 / 3.0 + 1.5 / 3.0) / 2.0);
    assert_near(result.mrr, (1.0 / 2.0 + 1.0 / 3.0) / 2.0);
    assert_near(result.hr[0], 0.5);
    assert_near(result.hr[1], 1.0);
    assert_near(result.ndcg[0], 0.6309297536 / 2.0);
    assert_near(result.ndcg[1], (0.6309297536 + 0.5) / 2.0);
    /* pairs: .7 beats .1 .2 .5 .6 .4 (5 of 6); .5 beats .1 .2 .4, ties .5 (3.5 of 6) */
    assert_near(result.auc, 8.5 / 12.0);
    arena_deinit(&arena);
}

enum { GROUPS = 50, NEGATIVES = 9 };

static double count_pairs(const double *scores)
{
    double right = 0.0;

    for (uint32_t g = 0; g < GROUPS; g++) {
        double asked = scores[g * (NEGATIVES + 1)];

        for (uint32_t i = 0; i < GROUPS * (NEGATIVES + 1); i++) {
            if (i % (NEGATIVES + 1) == 0) continue;
            right += asked > scores[i] ? 1.0 : asked < scores[i] ? 0.0 : 0.5;
        }
    }
    return right / ((double)GROUPS * GROUPS * NEGATIVES);
}

static void test_auc_counts_pairs(void **state)
{
    static const uint32_t ks[] = {10};
    double scores[GROUPS * (NEGATIVES + 1)];
    const struct sampled sampled = {NEGATIVES, GROUPS, scores};
    struct sampled_result result;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (uint32_t i = 0; i < COUNT_OF(scores); i++)
        scores[i] = (i * 2654435761U >> 7) % 23; /* many ties */
    assert_ok(sampled_judge(&sampled, ks, 1, &arena, &result));
    assert_near(result.auc, count_pairs(scores));
    assert_near(result.hr[0], 1.0);
    arena_deinit(&arena);
}

/* Items drawn are different, never the one asked for, and the popular ones come more often. */
static void test_draws_by_clicks(void **state)
{
    enum { ITEMS = 6, DRAWS = 3000 };
    static const uint32_t starts[] = {0, 16};
    static const uint32_t items[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5};
    static const struct dataset dataset = {
        .item_count = ITEMS,
        .catalogue_count = ITEMS,
        .click_count = 16,
        .train = {.count = 1, .starts = starts, .items = items},
    };
    double values[ITEMS] = {1, 2, 3, 4, 5, 6};
    const struct scores scores = {.values = values, .capacity = ITEMS};
    struct sampled sampled;
    struct arena arena;
    uint32_t drawn[ITEMS] = {0};

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_ok(sampled_init(&sampled, 2, DRAWS, &arena));
    for (uint32_t g = 0; g < DRAWS; g++) {
        sampled_take(&sampled, &dataset, &scores, 5, 7);
        const double *group = sampled.scores + (size_t)g * 3;
        assert_true(group[0] == 6.0 && group[1] != 6.0 && group[2] != 6.0 && group[1] != group[2]);
        drawn[(int)group[1] - 1]++;
        drawn[(int)group[2] - 1]++;
    }
    assert_true(drawn[0] > drawn[1] && drawn[1] > drawn[2]);
    assert_true(drawn[2] > 0 && drawn[3] > 0 && drawn[4] > 0);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_auc_counts_pairs),
        cmocka_unit_test(test_draws_by_clicks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
