/* test_model_live.c - what is kept of a visitor changes no bit; what a score is due to. */
#include <math.h>

#include "codec/candidates.h"
#include "golden.h"
#include "model/live.h"
#include "model/slirec_time.h"
#include "test.h"

enum { ROOM = GOLDEN_CATALOGUE + BLOCK };

static struct model *model;

static int open_model(void **state)
{
    (void)state;
    model = golden_model("model_live");
    return 0;
}

static int close_model(void **state)
{
    (void)state;
    model_close(model);
    return 0;
}

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*seed >> 32);
}

static void click(struct slirec_history *history, uint64_t *seed)
{
    const struct vocabulary_item *item = &model->vocabulary.items[next(seed) % GOLDEN_CATALOGUE];

    if (history->len == SLIREC_STEPS_MAX) { /* the oldest leaves, the window moves on */
        history->len--;
        memmove(history->items, history->items + 1, history->len * sizeof(uint32_t));
        memmove(history->cates, history->cates + 1, history->len * sizeof(uint32_t));
        memmove(history->from_first, history->from_first + 1, history->len * sizeof(float));
        memmove(history->to_now, history->to_now + 1, history->len * sizeof(float));
    }
    history->items[history->len] = item->item;
    history->cates[history->len] = item->cate;
    history->from_first[history->len] = (float)SLIREC_TIME_FLOOR;
    history->to_now[history->len] = (float)SLIREC_TIME_FLOOR;
    history->len++;
}

/* Mostly a click more; sometimes time has passed, or another session begins. */
static void go_on(struct slirec_history *history, uint64_t *seed)
{
    uint32_t what = next(seed) % 40;

    if (what == 0) history->len = next(seed) % (history->len + 1);
    if (what == 1 && history->len > 0) history->to_now[next(seed) % history->len] += 0.25F;
    if (what == 2 && history->len > 0) history->from_first[history->len - 1] = 1.5F;
    if (what == 3 && history->len > 0) history->items[history->len / 2] = 0;
    if (what > 3) click(history, seed);
}

static void score_anew(const struct slirec_history *history, float *logit, struct arena *arena)
{
    struct slirec_user user;

    assert_ok(slirec_user_init(&model->slirec, history, arena, &user));
    assert_ok(slirec_score(&model->slirec, &user, &model->catalogue, arena, logit));
}

/* Returns how many steps were known. */
static uint32_t score_live(struct live *live, uint64_t visitor,
                           const struct slirec_history *history, bool keep, float *logit,
                           struct arena *arena)
{
    struct slirec_user user;
    struct live_visit visit;

    live_begin(live, visitor, history, &visit);
    const struct slirec_extras extras = {.step_logits = visit.rows, .known = visit.known};
    assert_ok(slirec_user_init_known(&model->slirec, history, visit.known, arena, &user));
    assert_ok(slirec_score_extra(&model->slirec, &user, &model->catalogue, &extras, arena, logit));
    if (keep) live_keep(live, &visit, history);
    return visit.known;
}

/* Room for about a third of the visitors' steps, so that all have to give way now and then. */
static void appended_clicks_give_the_bits_of_a_new_call(void **state)
{
    enum { VISITORS = 24, CALLS = 900, BYTES = 280000 };
    static struct slirec_history histories[VISITORS];
    size_t row = (size_t)model->catalogue.block_count * BLOCK;
    struct live *live = live_create(row, BYTES);
    struct arena arena;
    uint64_t seed = 11;

    (void)state;
    assert_non_null(live);
    arena_init(&arena, 32 << 20);
    for (uint32_t call = 0; call < CALLS; call++) {
        float anew[ROOM];
        float kept[ROOM];
        uint32_t visitor = next(&seed) % VISITORS;

        if (call % 3 > 0) visitor %= 5; /* some are busy */
        arena_reset(&arena);
        go_on(&histories[visitor], &seed);
        score_anew(&histories[visitor], anew, &arena);
        (void)score_live(live, visitor, &histories[visitor], next(&seed) % 9 > 0, kept, &arena);
        assert_memory_equal(anew, kept, GOLDEN_CATALOGUE * sizeof(float));
    }
    struct live_counts counts = live_counts(live);
    print_message("  %.0f of %.0f steps were known\n", (double)counts.known, (double)counts.steps);
    assert_true(counts.known * 10 > counts.steps * 3 && counts.known * 10 < counts.steps * 9);
    live_destroy(live);
    arena_deinit(&arena);
}

static void only_what_is_the_same_is_known(void **state)
{
    struct live *live = live_create((size_t)model->catalogue.block_count * BLOCK, 1 << 20);
    struct slirec_history history = {0};
    struct arena arena;
    float logit[ROOM];
    uint64_t seed = 3;

    (void)state;
    arena_init(&arena, 16 << 20);
    for (uint32_t i = 0; i < 8; i++)
        click(&history, &seed);
    assert_int_equal(score_live(live, 7, &history, false, logit, &arena), 0);
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 0); /* was not kept */
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 8);
    assert_int_equal(score_live(live, 8, &history, true, logit, &arena), 0); /* another visitor */
    click(&history, &seed);
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 8);
    history.to_now[5] = 0.5F;
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 5);
    history.from_first[2] = 0.5F;
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 2);
    history.cates[1] += 1;
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 1);
    history.items[0] += 1;
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 0);
    history.len = 4;
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 4);
    while (history.len < SLIREC_STEPS_MAX)
        click(&history, &seed);
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 4);
    click(&history, &seed); /* the window moves: every step has another past */
    assert_int_equal(score_live(live, 7, &history, true, logit, &arena), 0);
    live_destroy(live);
    arena_deinit(&arena);
}

static void too_little_room_is_no_cache(void **state)
{
    (void)state;
    assert_null(live_create(240, 0));
    assert_null(live_create(240, 40000));
    assert_null(live_create(0, 1 << 20));
}

/* Their times are seconds, so that every click has another from call to call. */
static void a_fixed_model_keeps_nothing(void **state)
{
    struct model fixed = *model;
    struct live *live = model_live_create(model, LIVE_BYTES);

    (void)state;
    assert_non_null(live);
    live_destroy(live);
    fixed.manner.fixed = true;
    assert_null(model_live_create(&fixed, LIVE_BYTES));
}

/* --- because ------------------------------------------------------------------------------------- */

/* Shares of the steps in one candidate's score, from the slow model. */
static void oracle_shares(struct oracle_case *one, uint32_t len, double share[SLIREC_STEPS_MAX])
{
    struct oracle_inner inner;
    double top = -1e300;
    double sum = 0.0;
    double interest[SLIREC_STEPS_MAX];

    (void)oracle_logit(&model->slirec.weights, one, &inner);
    for (uint32_t t = 0; t < SLIREC_STEPS_MAX; t++) {
        const struct slirec_weights *w = &model->slirec.weights;
        double e[SLIREC_WIDTH];

        interest[t] = 0.0;
        for (uint32_t k = 0; k < SLIREC_WIDTH; k++) {
            e[k] = k < SLIREC_ITEM_WIDTH
                       ? (double)w->item_embedding[one->items[t] * SLIREC_ITEM_WIDTH + k]
                       : (double)w->cate_embedding[one->cates[t] * SLIREC_CATE_WIDTH + k -
                                                   SLIREC_ITEM_WIDTH];
        }
        for (uint32_t k = 0; k < SLIREC_WIDTH; k++) {
            for (uint32_t j = 0; j < SLIREC_WIDTH; j++) {
                interest[t] +=
                    e[k] * (double)w->long_mat[k * SLIREC_WIDTH + j] * (double)w->long_query[j];
            }
        }
        top = fmax(top, interest[t]);
    }
    for (uint32_t t = 0; t < SLIREC_STEPS_MAX; t++)
        sum += interest[t] = exp(interest[t] - top);
    for (uint32_t t = 0; t < len; t++) {
        share[t] = (1.0 - inner.alpha) * inner.att2_weight[t] + inner.alpha * interest[t] / sum;
    }
}

static void the_step_that_weighed_most_is_named(void **state)
{
    float logit[ROOM];
    float cause[ROOM];
    float share[ROOM];
    const struct slirec_extras extras = {.cause = cause, .cause_share = share};
    struct arena arena;
    double worst = 0.0;
    uint32_t checked = 0;

    (void)state;
    arena_init(&arena, 32 << 20);
    for (uint32_t index = 1; index < 243; index += 11) {
        struct slirec_history history;
        struct slirec_user user;
        struct oracle_case one;

        arena_reset(&arena);
        golden_history(index, &history);
        assert_ok(slirec_user_init(&model->slirec, &history, &arena, &user));
        assert_ok(
            slirec_score_extra(&model->slirec, &user, &model->catalogue, &extras, &arena, logit));
        for (uint32_t i = 0; i < GOLDEN_CATALOGUE; i += 40) {
            double shares[SLIREC_STEPS_MAX];
            uint32_t step = (uint32_t)cause[i];

            golden_case(index, &one);
            one.item = model->vocabulary.items[i].item;
            one.cate = model->vocabulary.items[i].cate;
            oracle_shares(&one, history.len, shares);
            assert_true(step < history.len);
            worst = fmax(worst, fabs(shares[step] - (double)share[i]));
            for (uint32_t t = 0; t < history.len; t++)
                assert_true(shares[t] <= shares[step] + 1e-5);
            checked++;
        }
    }
    print_message("  %u items, shares within %.1e of the slow model's\n", checked, worst);
    assert_true(checked > 100 && worst <= 1e-4);
    arena_deinit(&arena);
}

static void no_click_is_no_cause(void **state)
{
    float logit[ROOM];
    float cause[ROOM];
    float share[ROOM];
    const struct slirec_extras extras = {.cause = cause, .cause_share = share};
    struct slirec_history history = {0};
    struct slirec_user user;
    struct arena arena;

    (void)state;
    arena_init(&arena, 32 << 20);
    assert_ok(slirec_user_init(&model->slirec, &history, &arena, &user));
    assert_ok(slirec_score_extra(&model->slirec, &user, &model->catalogue, &extras, &arena, logit));
    assert_true(cause[0] < 0.0F && cause[GOLDEN_CATALOGUE - 1] < 0.0F && share[0] == 0.0F);
    arena_deinit(&arena);
}

/* --- whole calls --------------------------------------------------------------------------------- */

/* The first `clicks` of a session within half a day: lamp, milk, ... */
static void session(uint32_t clicks, struct arena *arena, struct value *arguments)
{
    static const char *const handles[] = {"lamp", "milk", "novel", "nothing", "lamp", "chair"};
    struct value *items = arena_alloc(arena, clicks, sizeof(*items));
    struct value *times = arena_alloc(arena, clicks, sizeof(*times));
    struct value_entry *entries = arena_alloc(arena, 3, sizeof(*entries));

    assert_true(items != NULL && times != NULL && entries != NULL);
    for (uint32_t i = 0; i < clicks; i++) {
        items[i] = value_string(slice_of(handles[i % COUNT_OF(handles)]));
        times[i] = value_string(SLICE("1795000000"));
    }
    entries[0] = (struct value_entry){value_string(SLICE("userId")), value_string(SLICE("u1"))};
    entries[1] = (struct value_entry){value_string(SLICE("items")), value_list(items, clicks)};
    entries[2] = (struct value_entry){value_string(SLICE("timestamps")), value_list(times, clicks)};
    *arguments = value_map(entries, 3);
}

static void a_live_visitors_answers_are_those_of_any_call(void **state)
{
    enum { CLICKS = 60 };
    struct live *live = model_live_create(model, LIVE_BYTES);
    struct arena arena;

    (void)state;
    assert_non_null(live);
    arena_init(&arena, 32 << 20);
    for (uint32_t clicks = 1; clicks <= CLICKS; clicks++) {
        struct model_answer anew;
        struct model_answer kept;
        struct value arguments;

        arena_reset(&arena);
        session(clicks, &arena, &arguments);
        assert_ok(model_call(model, arguments, 1795000100000, &arena, &anew));
        assert_ok(model_call_live(model, live, arguments, 1795000100000, &arena, &kept));
        assert_true(value_equals(anew.value, kept.value));
        assert_slice_equal(anew.candidates, kept.candidates);
        assert_slice_equal(anew.viewed, kept.viewed);
    }
    assert_int_equal(live_counts(live).known,
                     49 * 50 / 2); /* up to 50 clicks all but the new one */
    live_destroy(live);
    arena_deinit(&arena);
}

static void candidates_name_the_click_they_are_due_to(void **state)
{
    struct candidate candidates[CANDIDATES_MAX];
    struct model_answer answer;
    struct value arguments;
    struct arena arena;
    uint32_t count;
    uint32_t by_lamp = 0;

    (void)state;
    arena_init(&arena, 32 << 20);
    session(0, &arena, &arguments);
    assert_ok(model_call(model, arguments, 1795000100000, &arena, &answer));
    assert_ok(candidates_read(answer.candidates, candidates, &count));
    assert_int_equal(count, MODEL_CANDIDATES);
    assert_int_equal(candidates[0].because.len, 0);
    session(3, &arena, &arguments);
    assert_ok(model_call(model, arguments, 1795000100000, &arena, &answer));
    assert_ok(candidates_read(answer.candidates, candidates, &count));
    for (uint32_t i = 0; i < count; i++) {
        struct slice because = candidates[i].because;

        by_lamp += slice_equal(because, SLICE("lamp"));
        assert_true(slice_equal(because, SLICE("lamp")) || slice_equal(because, SLICE("milk")) ||
                    slice_equal(because, SLICE("novel")));
    }
    print_message("  %u of %u because of the first click\n", by_lamp, count);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appended_clicks_give_the_bits_of_a_new_call),
        cmocka_unit_test(only_what_is_the_same_is_known),
        cmocka_unit_test(too_little_room_is_no_cache),
        cmocka_unit_test(a_fixed_model_keeps_nothing),
        cmocka_unit_test(the_step_that_weighed_most_is_named),
        cmocka_unit_test(no_click_is_no_cause),
        cmocka_unit_test(a_live_visitors_answers_are_those_of_any_call),
        cmocka_unit_test(candidates_name_the_click_they_are_due_to),
    };

    return cmocka_run_group_tests(tests, open_model, close_model);
}
