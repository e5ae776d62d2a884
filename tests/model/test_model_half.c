/* test_model_half.c - how far bf16 ranks as float32 does, over the golden catalogues.
 *
 * 40 histories, each with all 234 candidates in the order of both precisions. The limits are what was
 * measured with some room; they are the promise of docs/models.md.
 */
#include <math.h>

#include "golden.h"
#include "model/topk.h"
#include "sys/file.h"
#include "test.h"

enum { CATALOGUES = 40, TOP = 16 };

static struct model *model;

static int open_model(void **state)
{
    (void)state;
    model = golden_model("model_half");
    return 0;
}

static int close_model(void **state)
{
    (void)state;
    model_close(model);
    return 0;
}

static void score(bool half, uint32_t index, float logits[GOLDEN_CATALOGUE + BLOCK])
{
    struct slirec slirec = model->slirec;
    struct slirec_catalogue catalogue;
    struct slirec_history history;
    struct slirec_user user;
    struct arena arena;
    uint32_t items[GOLDEN_CATALOGUE];
    uint32_t cates[GOLDEN_CATALOGUE];

    for (uint32_t i = 0; i < GOLDEN_CATALOGUE; i++) {
        items[i] = (uint32_t)golden_i32("catalogue_items")[i];
        cates[i] = (uint32_t)golden_i32("catalogue_cates")[i];
    }
    arena_init(&arena, 16 << 20);
    golden_history(index, &history);
    slirec.half = half;
    assert_ok(slirec_catalogue_init(&slirec, items, cates, GOLDEN_CATALOGUE, &arena, &catalogue));
    assert_ok(slirec_user_init(&slirec, &history, &arena, &user));
    assert_ok(slirec_score(&slirec, &user, &catalogue, &arena, logits));
    arena_deinit(&arena);
}

/* Share of pairs that both put in the same order, as Kendall counts them: 1 all, -1 none. */
static double kendall(const float *x, const float *y)
{
    double same = 0.0;
    double pairs = 0.0;

    for (uint32_t i = 0; i < GOLDEN_CATALOGUE; i++) {
        for (uint32_t j = i + 1; j < GOLDEN_CATALOGUE; j++) {
            double order = ((double)x[i] - (double)x[j]) * ((double)y[i] - (double)y[j]);

            same += order > 0.0 ? 1.0 : -1.0;
            pairs += 1.0;
        }
    }
    return same / pairs;
}

/* NDCG@16 of the order in bf16, an item's gain being the float32 model's probability of a click. */
static double ndcg(const float *exact, const struct ranked *ideal, const struct ranked *got)
{
    double best = 0.0;
    double sum = 0.0;

    for (uint32_t k = 0; k < TOP; k++) {
        best += 1.0 / (1.0 + exp(-ideal[k].score)) / log2(k + 2.0);
        sum += 1.0 / (1.0 + exp(-(double)exact[got[k].item])) / log2(k + 2.0);
    }
    return sum / best;
}

static uint32_t overlap(const struct ranked *left, const struct ranked *right)
{
    uint32_t common = 0;

    for (uint32_t i = 0; i < TOP; i++) {
        for (uint32_t j = 0; j < TOP; j++)
            common += left[i].item == right[j].item;
    }
    return common;
}

static void bf16_ranks_as_float32_does(void **state)
{
    double worst_logit = 0.0;
    double worst_tau = 1.0;
    double worst_ndcg = 1.0;
    double tau = 0.0;
    uint32_t worst_overlap = TOP;
    uint32_t common = 0;

    (void)state;
    for (uint32_t c = 0; c < CATALOGUES; c++) {
        float exact[GOLDEN_CATALOGUE + BLOCK];
        float half[GOLDEN_CATALOGUE + BLOCK];
        struct ranked exact_best[TOP];
        struct ranked half_best[TOP];
        uint32_t index = (uint32_t)golden_i32("catalogue_case")[c];

        score(false, index, exact);
        score(true, index, half);
        for (uint32_t i = 0; i < GOLDEN_CATALOGUE; i++)
            worst_logit = fmax(worst_logit, fabs((double)exact[i] - (double)half[i]));
        (void)topk_select(exact, GOLDEN_CATALOGUE, TOP, exact_best);
        (void)topk_select(half, GOLDEN_CATALOGUE, TOP, half_best);
        uint32_t shared = overlap(exact_best, half_best);
        common += shared;
        if (shared < worst_overlap) worst_overlap = shared;
        double one = kendall(exact, half);
        tau += one / CATALOGUES;
        worst_tau = fmin(worst_tau, one);
        worst_ndcg = fmin(worst_ndcg, ndcg(exact, exact_best, half_best));
    }
    double shared = (double)common / (TOP * CATALOGUES);
    print_message("  logits within %.4f; top 16 in common: mean %.4f, least %u of 16;\n"
                  "  Kendall's tau: mean %.4f, least %.4f; NDCG@16 at least %.6f\n",
                  worst_logit, shared, worst_overlap, tau, worst_tau, worst_ndcg);
    assert_true(worst_logit > 0.0); /* it is another arithmetic */
    assert_true(worst_logit <= 0.03);
    assert_true(shared >= 0.99 && worst_overlap >= 15);
    assert_true(tau >= 0.998 && worst_tau >= 0.996);
    assert_true(worst_ndcg >= 0.9999);
}

/* headrace.json with one member more. */
static enum status open_with(const char *member, struct model **opened, struct buffer *message)
{
    struct buffer text;
    struct buffer changed;

    buffer_init(&text, 1 << 16);
    buffer_init(&changed, 1 << 16);
    assert_ok(file_read("model_half/headrace.json", &text));
    buffer_append_text(&changed, member);
    buffer_append(&changed, (struct slice){text.data + 1, text.len - 1}); /* without its { */
    assert_ok(file_write("model_half/headrace.json", buffer_slice(&changed)));
    enum status status = model_open("model_half", opened, message);
    assert_ok(file_write("model_half/headrace.json", buffer_slice(&text)));
    buffer_deinit(&text);
    buffer_deinit(&changed);
    return status;
}

static void a_model_asks_for_its_precision(void **state)
{
    struct buffer message;
    struct model *opened;

    (void)state;
    buffer_init(&message, 4096);
    assert_false(model->slirec.half);
    assert_ok(open_with("{\"precision\": \"float32\",", &opened, &message));
    assert_false(opened->slirec.half);
    model_close(opened);
    assert_ok(open_with("{\"precision\": \"bf16\",", &opened, &message));
    assert_true(opened->slirec.half);
    model_close(opened);
    assert_int_equal(open_with("{\"precision\": \"int8\",", &opened, &message), STATUS_INVALID);
    assert_slice_equal(
        buffer_slice(&message),
        SLICE("model_half/headrace.json: precision must be \"float32\" or \"bf16\""));
    buffer_deinit(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bf16_ranks_as_float32_does),
        cmocka_unit_test(a_model_asks_for_its_precision),
    };

    return cmocka_run_group_tests(tests, open_model, close_model);
}
