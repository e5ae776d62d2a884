/* test_evaluate.c - metrics and intervals beside rows worked out by hand, a whole evaluation of a shop
 * of five items likewise, and the models' order of merit on clicks of a real shop. */
#include <math.h>

#include "codec/json.h"
#include "model/judge/evaluate.h"
#include "model/retrieve/retrieval.h"
#include "test.h"

static void assert_near(double value, double wanted, double tolerance, const char *what)
{
    if (fabs(value - wanted) > tolerance) fail_msg("%s is %.9f, by hand %.9f", what, value, wanted);
}

static void metrics_are_those_worked_out_by_hand(void **state)
{
    static const struct {
        struct placing placing;
        uint32_t k;
        double wanted[METRIC_COUNT]; /* HR, MRR, NDCG */
    } rows[] = {
        {{0, 1}, 10, {1.0, 1.0, 1.0}},
        {{1, 1}, 10, {1.0, 0.5, 0.6309297536}}, /* 1 / log2 3 */
        {{2, 1}, 10, {1.0, 1.0 / 3.0, 0.5}},    /* 1 / log2 4 */
        {{9, 1}, 10, {1.0, 0.1, 0.2890648263}}, /* 1 / log2 11 */
        {{10, 1}, 10, {0.0, 0.0, 0.0}},
        {{0, 0}, 10, {0.0, 0.0, 0.0}}, /* without a score it is nowhere */
        {{0, 2}, 1, {0.5, 0.5, 0.5}},  /* first in one of two orders */
        {{0, 2}, 10, {1.0, 0.75, 0.8154648768}},
        {{9, 3}, 10, {1.0 / 3.0, 0.1 / 3.0, 0.0963549421}},
        {{0, 1000}, 20, {0.02, 0.0035977397, 0.0070402684}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (uint32_t m = 0; m < METRIC_COUNT; m++) {
            assert_near(metric_at(m, rows[i].placing, rows[i].k), rows[i].wanted[m], 1e-9,
                        metric_name(m));
        }
    }
}

static void estimate(const double *sums, const uint32_t *questions, uint32_t count, uint64_t seed,
                     struct estimate *out)
{
    struct unit_sums units = {sums, questions, count, 1};
    struct arena arena;

    arena_init(&arena, 16 << 20);
    assert_ok(estimate_bootstrap(&units, 1000, seed, &arena, out));
    arena_deinit(&arena);
}

static void an_interval_draws_whole_sessions(void **state)
{
    static const double two[] = {1.0, 0.0};
    static const uint32_t of_two[] = {1, 3};
    struct estimate result;

    (void)state;
    /* Drawn are both (1/4, half the time), twice the first (1) or twice the second (0). */
    estimate(two, of_two, 2, 1, &result);
    assert_near(result.mean, 0.25, 1e-12, "the mean");
    assert_near(result.low, 0.0, 1e-12, "the low end");
    assert_near(result.high, 1.0, 1e-12, "the high end");
}

enum { COINS = 400 };

static void an_interval_is_as_wide_as_chance(void **state)
{
    double sums[COINS];
    uint32_t ones[COINS];
    struct estimate first;
    struct estimate again;
    struct estimate other;

    (void)state;
    for (uint32_t i = 0; i < COINS; i++) {
        sums[i] = i % 5 == 0 ? 1.0 : 0.0;
        ones[i] = 1;
    }
    estimate(sums, ones, COINS, 1, &first);
    estimate(sums, ones, COINS, 1, &again);
    double wide = 2.0 * 1.96 * sqrt(0.2 * 0.8 / COINS);
    assert_near(first.mean, 0.2, 1e-12, "the mean");
    assert_near(first.high - first.low, wide, 0.12 * wide, "the width");
    assert_memory_equal(&first, &again, sizeof(first));
    for (uint32_t i = 0; i < COINS; i++)
        sums[i] = 1.0 / (i + 1);
    estimate(sums, ones, COINS, 1, &first);
    estimate(sums, ones, COINS, 2, &other);
    assert_true(fabs(first.low - other.low) > 0.0); /* another seed draws others */
    for (uint32_t i = 0; i < COINS; i++)
        sums[i] = 0.5;
    estimate(sums, ones, COINS, 1, &first);
    assert_near(first.high - first.low, 0.0, 1e-12, "the width of what never varies");
    estimate(sums, ones, 0, 1, &first);
    assert_near(first.mean, 0.0, 0.0, "the mean of nothing");
}

/* Always the same: items 0 .. 3 have 4, 3, 3 and 1. */
static enum status fixed_score(const void *model, struct context context, struct arena *scratch,
                               struct scores *scores)
{
    static const double values[] = {4.0, 3.0, 3.0, 1.0};

    (void)model;
    (void)scratch;
    (void)context;
    for (uint32_t item = 0; item < COUNT_OF(values); item++)
        scores_add(scores, item, values[item]);
    return STATUS_OK;
}

static const uint32_t five_clicks[] = {4, 2, 1, 1, 0};
static const uint32_t asked_starts[] = {0, 3, 5, 6};
static const uint32_t asked_items[] = {0, 1, 2, 3, 4, 1};
static const double asked_ends[] = {1, 2, 3};

static struct model_result evaluate_fixed(bool last_only)
{
    struct dataset dataset = {
        .clicks = five_clicks, .item_count = 5, .catalogue_count = 4, .click_count = 8};
    struct dataset_part part = {.count = 3,
                                .starts = asked_starts,
                                .items = asked_items,
                                .ends = asked_ends,
                                .last_only = last_only};
    struct recommender recommender = {"fixed", NULL, fixed_score};
    struct evaluate_settings settings = {.ks = {1, 2}, .k_count = 2, .resamples = 200, .seed = 7};
    struct model_result result;
    struct arena arena;

    arena_init(&arena, 16 << 20);
    struct evaluation evaluation = {&dataset, &part, &recommender, 1, 0, &settings};
    assert_ok(evaluate(&evaluation, &arena, &result));
    arena_deinit(&arena);
    return result;
}

/* Sessions 0 1 2, 3 4 and 1; asked are
 *   after 0    for 1: 0 is barred, 1 and 2 share places 1 and 2
 *   after 0 1  for 2: 1 is barred, 2 is second behind 0
 *   after 3    for 4: not in training */
static void an_evaluation_is_that_worked_out_by_hand(void **state)
{
    struct model_result result = evaluate_fixed(false);
    const struct segment_result *all = &result.segments[SEGMENT_ALL];
    static const uint32_t questions[SEGMENT_COUNT] = {3, 2, 3, 0, 3, 1};
    static const uint32_t sessions[SEGMENT_COUNT] = {2, 2, 2, 0, 2, 1};

    (void)state;
    for (uint32_t s = 0; s < SEGMENT_COUNT; s++) {
        assert_int_equal(result.segments[s].questions, questions[s]);
        assert_int_equal(result.segments[s].units, sessions[s]);
    }
    assert_near(all->metrics[0][METRIC_HR].mean, 0.5 / 3.0, 1e-12, "HR@1");
    assert_near(all->metrics[1][METRIC_HR].mean, 2.0 / 3.0, 1e-12, "HR@2");
    assert_near(all->metrics[0][METRIC_MRR].mean, 0.5 / 3.0, 1e-12, "MRR@1");
    assert_near(all->metrics[1][METRIC_MRR].mean, 1.25 / 3.0, 1e-12, "MRR@2");
    assert_near(all->metrics[1][METRIC_NDCG].mean, 0.4821315435, 1e-9, "NDCG@2");
    assert_near(result.segments[SEGMENT_FIRST].metrics[1][METRIC_MRR].mean, 0.375, 1e-12,
                "MRR@2 after the first click");
    assert_near(result.segments[SEGMENT_NEW].metrics[1][METRIC_HR].mean, 0.0, 0.0, "HR@2 of new");
    assert_near(result.coverage[0], 0.5, 1e-12, "coverage@1");  /* items 1 0 0 */
    assert_near(result.coverage[1], 0.75, 1e-12, "coverage@2"); /* 1 2, 0 2, 0 1 */
    assert_near(result.novelty[0], 4.0 / 3.0, 1e-12, "novelty@1");
    assert_near(result.novelty[1], 2.0, 1e-12, "novelty@2");
    assert_near(result.answered, 1.0, 0.0, "the share answered");
}

/* Only after 0 1 for 2 (0 and 1 are barred) and after 3 for 4. */
static void leave_one_out_asks_for_the_last_and_bars_what_was_seen(void **state)
{
    struct model_result result = evaluate_fixed(true);
    const struct segment_result *all = &result.segments[SEGMENT_ALL];

    (void)state;
    assert_int_equal(all->questions, 2);
    assert_near(all->metrics[0][METRIC_HR].mean, 0.5, 1e-12, "HR@1");
    assert_near(all->metrics[1][METRIC_MRR].mean, 0.5, 1e-12, "MRR@2");
}

enum { MODELS = 5, POPULAR = 0, COOCCURRENCE, WALK, VMIS_KNN, BLEND };

static void models_make(const struct dataset *dataset, struct arena *arena,
                        struct recommender *models)
{
    const struct cooccurrence *cooccurrence;

    assert_ok(cooccurrence_create(dataset, &cooccurrence_defaults, arena, &cooccurrence));
    models[POPULAR] = popular_recommender(dataset, false);
    models[COOCCURRENCE] = cooccurrence_recommender(cooccurrence);
    models[WALK] = walk_recommender(cooccurrence);
    assert_ok(vmis_knn_recommender(dataset, &vmis_knn_defaults, arena, &models[VMIS_KNN]));
    struct blend_part parts[] = {
        {models[VMIS_KNN], 1.0},
        {models[COOCCURRENCE], 0.6},
        {models[WALK], 0.3},
    };
    assert_ok(blend_recommender(parts, COUNT_OF(parts), dataset, arena, &models[BLEND]));
}

static void evaluate_serenade(struct arena *arena, struct model_result *results,
                              struct buffer *json)
{
    struct dataset_source source = {.train = TEST_DATA_DIR "/model/serenade/train.txt",
                                    .valid = TEST_DATA_DIR "/model/serenade/valid.txt"};
    struct evaluate_settings settings = {.ks = {10, 20}, .k_count = 2, .resamples = 200, .seed = 1};
    struct recommender models[MODELS];
    struct buffer notes;
    struct dataset dataset;

    buffer_init(&notes, 4096);
    assert_ok(dataset_read(&source, arena, &notes, &notes, &dataset));
    models_make(&dataset, arena, models);
    struct evaluation evaluation = {&dataset, &dataset.valid, models, MODELS, VMIS_KNN, &settings};
    assert_ok(evaluate(&evaluation, arena, results));
    buffer_append_text(json, "[");
    evaluate_json("valid", &evaluation, results, json);
    buffer_append_text(json, "]");
    buffer_deinit(&notes);
}

static double mrr20(const struct model_result *result)
{
    return result->segments[SEGMENT_ALL].metrics[1][METRIC_MRR].mean;
}

static double hr20(const struct model_result *result)
{
    return result->segments[SEGMENT_ALL].metrics[1][METRIC_HR].mean;
}

static void on_real_clicks_neighbours_beat_popularity_and_the_blend_beats_all(void **state)
{
    struct model_result results[MODELS];
    struct arena arena;
    struct buffer json;

    (void)state;
    arena_init(&arena, 256 << 20);
    buffer_init(&json, 1 << 20);
    evaluate_serenade(&arena, results, &json);
    assert_int_equal(results[0].segments[SEGMENT_ALL].questions, 336);
    assert_int_equal(results[0].segments[SEGMENT_ALL].units, 100);
    assert_near(mrr20(&results[POPULAR]), 0.0032, 5e-5, "popular MRR@20");
    assert_near(mrr20(&results[VMIS_KNN]), 0.0927, 5e-5, "vmis-knn MRR@20");
    assert_near(hr20(&results[VMIS_KNN]), 0.1518, 5e-5, "vmis-knn HR@20");
    assert_true(mrr20(&results[COOCCURRENCE]) > 10.0 * mrr20(&results[POPULAR]));
    assert_true(hr20(&results[WALK]) > hr20(&results[VMIS_KNN]));
    for (uint32_t m = 0; m < BLEND; m++) {
        assert_true(mrr20(&results[BLEND]) > mrr20(&results[m]));
        assert_true(hr20(&results[BLEND]) >= hr20(&results[m]));
    }
    buffer_deinit(&json);
    arena_deinit(&arena);
}

/* Question by question: narrower than the intervals of the two models suggest. */
static void a_difference_is_taken_question_by_question(void **state)
{
    struct model_result results[MODELS];
    struct arena arena;
    struct buffer json;

    (void)state;
    arena_init(&arena, 256 << 20);
    buffer_init(&json, 1 << 20);
    evaluate_serenade(&arena, results, &json);
    const struct estimate *none = &results[VMIS_KNN].difference.metrics[1][METRIC_MRR];
    const struct estimate *gain = &results[BLEND].difference.metrics[1][METRIC_MRR];
    const struct estimate *blend = &results[BLEND].segments[SEGMENT_ALL].metrics[1][METRIC_MRR];
    assert_near(none->mean, 0.0, 0.0, "the difference of a model to itself");
    assert_near(none->high - none->low, 0.0, 0.0, "its width");
    assert_near(gain->mean, mrr20(&results[BLEND]) - mrr20(&results[VMIS_KNN]), 1e-12,
                "the difference");
    assert_true(gain->low > 0.0);                        /* so the blend is better, */
    assert_true(blend->low < mrr20(&results[VMIS_KNN])); /* which the intervals do not show */
    buffer_deinit(&json);
    arena_deinit(&arena);
}

static void the_same_seed_gives_the_same_bytes_and_they_are_json(void **state)
{
    struct model_result results[MODELS];
    struct arena arena;
    struct buffer first;
    struct buffer again;
    struct document document;
    struct json_error error;

    (void)state;
    arena_init(&arena, 256 << 20);
    buffer_init(&first, 1 << 20);
    buffer_init(&again, 1 << 20);
    evaluate_serenade(&arena, results, &first);
    evaluate_serenade(&arena, results, &again);
    assert_slice_equal(buffer_slice(&first), buffer_slice(&again));
    assert_ok(json_parse(buffer_slice(&first), &json_limits_default, &arena, &document, &error));
    assert_int_equal(document.nodes[0].count, MODELS * SEGMENT_COUNT * 2);
    uint32_t mrr = document_member(&document, 1, SLICE("mrr_low"));
    assert_int_not_equal(mrr, 0);
    assert_int_equal(document.nodes[mrr].kind, DOCUMENT_NUMBER);
    buffer_deinit(&again);
    buffer_deinit(&first);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_those_worked_out_by_hand),
        cmocka_unit_test(an_interval_draws_whole_sessions),
        cmocka_unit_test(an_interval_is_as_wide_as_chance),
        cmocka_unit_test(an_evaluation_is_that_worked_out_by_hand),
        cmocka_unit_test(leave_one_out_asks_for_the_last_and_bars_what_was_seen),
        cmocka_unit_test(on_real_clicks_neighbours_beat_popularity_and_the_blend_beats_all),
        cmocka_unit_test(a_difference_is_taken_question_by_question),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes_and_they_are_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
