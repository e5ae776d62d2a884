/* test_model_parity.c - our logits against the original's.
 *
 * The original (TensorFlow, float32) is itself up to 1e-4 away from double; so double is held to
 * 1e-12 against the golden double logits, float32 to 3e-5 against those and 2e-4 against the
 * original's, as tests/data/model/golden/README.md explains.
 */
#include <math.h>

#include "golden.h"
#include "model/topk.h"
#include "test.h"

static struct model *model;

static int open_model(void **state)
{
    (void)state;
    model = golden_model("model_parity");
    return 0;
}

static int close_model(void **state)
{
    (void)state;
    model_close(model);
    return 0;
}

/* The logits of one golden history for candidates given by ids; catalogue in the arena. */
static void score(const struct slirec_history *history, const int32_t *items, const int32_t *cates,
                  uint32_t count, float *out)
{
    uint32_t ids[GOLDEN_CATALOGUE];
    uint32_t cate_ids[GOLDEN_CATALOGUE];
    float logits[GOLDEN_CATALOGUE + BLOCK];
    struct slirec_catalogue catalogue;
    struct slirec_user user;
    struct arena arena;

    for (uint32_t i = 0; i < count; i++) {
        ids[i] = (uint32_t)items[i];
        cate_ids[i] = (uint32_t)cates[i];
    }
    arena_init(&arena, 16 << 20);
    assert_ok(slirec_catalogue_init(&model->slirec, ids, cate_ids, count, &arena, &catalogue));
    assert_ok(slirec_user_init(&model->slirec, history, &arena, &user));
    assert_ok(slirec_score(&model->slirec, &user, &catalogue, &arena, logits));
    memcpy(out, logits, count * sizeof(float));
    arena_deinit(&arena);
}

static void note(double got, double wanted, double *worst)
{
    double error = fabs(got - wanted);

    if (!(error <= *worst)) *worst = error; /* NaN too */
}

static void hold(const char *what, double worst, double limit)
{
    print_message("  %-44s worst %.2e of %.0e\n", what, worst, limit);
    if (!(worst <= limit)) fail_msg("%s: %g > %g", what, worst, limit);
}

static void the_oracle_computes_the_golden_double_logits(void **state)
{
    const int32_t *items = golden_i32("candidate_items");
    const int32_t *cates = golden_i32("candidate_cates");
    double worst = 0.0;

    (void)state;
    for (uint32_t c = 0; c < GOLDEN_CASES; c++) {
        struct oracle_case one;
        struct oracle_inner inner;

        golden_case(c, &one);
        for (uint32_t i = 0; i < GOLDEN_CANDIDATES; i++) {
            size_t at = (size_t)c * GOLDEN_CANDIDATES + i;

            one.item = (uint32_t)items[at];
            one.cate = (uint32_t)cates[at];
            note(oracle_logit(&model->slirec.weights, &one, &inner), golden_f64("logit64")[at],
                 &worst);
        }
    }
    hold("oracle against logit64", worst, 1e-12);
}

static void our_logits_are_those_of_the_original(void **state)
{
    double worst64 = 0.0;
    double worst32 = 0.0;

    (void)state;
    for (uint32_t c = 0; c < GOLDEN_CASES; c++) {
        size_t at = (size_t)c * GOLDEN_CANDIDATES;
        struct slirec_history history;
        float logits[GOLDEN_CANDIDATES];

        golden_history(c, &history);
        score(&history, golden_i32("candidate_items") + at, golden_i32("candidate_cates") + at,
              GOLDEN_CANDIDATES, logits);
        for (uint32_t i = 0; i < GOLDEN_CANDIDATES; i++) {
            note((double)logits[i], golden_f64("logit64")[at + i], &worst64);
            note((double)logits[i], (double)golden_f32("logit")[at + i], &worst32);
        }
    }
    hold("float32 against logit64", worst64, 3e-5);
    hold("float32 against the original's logit", worst32, 2e-4);
}

static void the_top_16_of_every_catalogue_are_in_the_same_order(void **state)
{
    double worst64 = 0.0;
    double worst32 = 0.0;
    uint32_t count = golden_tensor("catalogue_case").shape[0];

    (void)state;
    for (uint32_t c = 0; c < count; c++) {
        size_t at = (size_t)c * GOLDEN_CATALOGUE;
        struct slirec_history history;
        struct ranked best[16];
        float logits[GOLDEN_CATALOGUE];

        golden_history((uint32_t)golden_i32("catalogue_case")[c], &history);
        score(&history, golden_i32("catalogue_items"), golden_i32("catalogue_cates"),
              GOLDEN_CATALOGUE, logits);
        for (uint32_t i = 0; i < GOLDEN_CATALOGUE; i++) {
            note((double)logits[i], golden_f64("catalogue_logit64")[at + i], &worst64);
            note((double)logits[i], (double)golden_f32("catalogue_logit")[at + i], &worst32);
        }
        assert_int_equal(topk_select(logits, GOLDEN_CATALOGUE, 16, best), 16);
        for (uint32_t i = 0; i < 16; i++)
            assert_int_equal(best[i].item, golden_i32("catalogue_top16")[(size_t)c * 16 + i]);
    }
    hold("catalogues against logit64", worst64, 3e-5);
    hold("catalogues against the original's logit", worst32, 2e-4);
}

/* Golden inner tensors are the original's float32: rnn outputs 3e-6, attention logits 2e-4 off. */
static void inner_tensors_agree(void **state)
{
    uint32_t count = golden_tensor("inner_case").shape[0];
    double worst_att1 = 0.0;
    double worst_output = 0.0;
    double worst_projected = 0.0;

    (void)state;
    for (uint32_t c = 0; c < count; c++) {
        struct slirec_history history;
        struct slirec_user user;
        struct arena arena;

        arena_init(&arena, 16 << 20);
        golden_history((uint32_t)golden_i32("inner_case")[c], &history);
        assert_ok(slirec_user_init(&model->slirec, &history, &arena, &user));
        for (uint32_t k = 0; k < SLIREC_WIDTH; k++) {
            note((double)user.long_term[k],
                 (double)golden_f32("inner_att1")[(size_t)c * SLIREC_WIDTH + k], &worst_att1);
        }
        for (uint32_t t = 0; t < user.len; t++) {
            size_t at = ((size_t)c * SLIREC_STEPS_MAX + t) * SLIREC_WIDTH;

            for (uint32_t k = 0; k < SLIREC_WIDTH; k++) {
                note((double)user.output[(size_t)t * BLOCK + k],
                     (double)golden_f32("inner_rnn_outputs")[at + k], &worst_output);
                note((double)user.steps[(size_t)t * STEP_WIDTH + STEP_ATT + k],
                     (double)golden_f32("inner_att2_projected")[at + k], &worst_projected);
            }
        }
        arena_deinit(&arena);
    }
    hold("att1", worst_att1, 1e-6);
    hold("recurrence outputs", worst_output, 5e-6);
    hold("projected outputs", worst_projected, 5e-6);
}

static void the_oracles_inner_tensors_agree(void **state)
{
    enum { THREE = 3 };
    uint32_t count = golden_tensor("inner_case").shape[0];
    double worst_logit = 0.0;
    double worst_weight = 0.0;
    double worst_alpha = 0.0;

    (void)state;
    for (uint32_t c = 0; c < count * THREE; c++) {
        uint32_t index = (uint32_t)golden_i32("inner_case")[c / THREE];
        size_t candidate = (size_t)index * GOLDEN_CANDIDATES + c % THREE;
        struct oracle_case one;
        struct oracle_inner inner;

        golden_case(index, &one);
        one.item = (uint32_t)golden_i32("candidate_items")[candidate];
        one.cate = (uint32_t)golden_i32("candidate_cates")[candidate];
        (void)oracle_logit(&model->slirec.weights, &one, &inner);
        for (uint32_t t = 0; t < SLIREC_STEPS_MAX; t++) {
            size_t at = (size_t)c * SLIREC_STEPS_MAX + t;

            note(inner.att2_logit[t], (double)golden_f32("inner_att2_logits")[at], &worst_logit);
            note(inner.att2_weight[t], (double)golden_f32("inner_att2_weights")[at], &worst_weight);
        }
        note(inner.alpha, (double)golden_f32("inner_alpha")[c], &worst_alpha);
    }
    hold("attention logits", worst_logit, 3e-4);
    hold("attention weights", worst_weight, 3e-5);
    hold("alpha", worst_alpha, 3e-5);
}

static uint32_t below(uint64_t *seed, uint32_t limit)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)((*seed >> 33) % limit);
}

static void random_case(uint64_t *seed, struct oracle_case *one, struct slirec_history *history)
{
    *one = (struct oracle_case){0};
    *history = (struct slirec_history){.len = below(seed, SLIREC_STEPS_MAX + 1)};
    for (uint32_t t = 0; t < history->len; t++) {
        history->items[t] = one->items[t] = below(seed, model->slirec.weights.item_count);
        history->cates[t] = one->cates[t] = below(seed, model->slirec.weights.cate_count);
        history->from_first[t] = (float)below(seed, 1000) / 100.0F - 0.69F;
        history->to_now[t] =
            below(seed, 2) ? (float)below(seed, 1000) / 100.0F - 0.69F : -0.69314718F;
        one->mask[t] = 1.0;
        one->from_first[t] = (double)history->from_first[t];
        one->to_now[t] = (double)history->to_now[t];
    }
}

static void random_histories_score_as_the_oracle_says(void **state)
{
    enum { ROUNDS = 150, CANDIDATES = 5 };
    uint64_t seed = 20190810;
    double worst = 0.0;

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct oracle_case one;
        struct oracle_inner inner;
        struct slirec_history history;
        int32_t items[CANDIDATES];
        int32_t cates[CANDIDATES];
        float logits[CANDIDATES];

        random_case(&seed, &one, &history);
        for (uint32_t i = 0; i < CANDIDATES; i++) {
            items[i] = (int32_t)below(&seed, model->slirec.weights.item_count);
            cates[i] = (int32_t)below(&seed, model->slirec.weights.cate_count);
        }
        score(&history, items, cates, CANDIDATES, logits);
        for (uint32_t i = 0; i < CANDIDATES; i++) {
            one.item = (uint32_t)items[i];
            one.cate = (uint32_t)cates[i];
            note((double)logits[i], oracle_logit(&model->slirec.weights, &one, &inner), &worst);
        }
    }
    hold("float32 against the oracle, random", worst, 3e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oracle_computes_the_golden_double_logits),
        cmocka_unit_test(our_logits_are_those_of_the_original),
        cmocka_unit_test(the_top_16_of_every_catalogue_are_in_the_same_order),
        cmocka_unit_test(inner_tensors_agree),
        cmocka_unit_test(the_oracles_inner_tensors_agree),
        cmocka_unit_test(random_histories_score_as_the_oracle_says),
    };

    return cmocka_run_group_tests(tests, open_model, close_model);
}
