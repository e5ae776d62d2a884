/* test_index_model.c - a trained model that scores what an index finds, beside the same model scoring
 * everything. */
#include "codec/candidates.h"
#include "codec/json.h"
#include "golden.h"
#include "model/retrieve/index_ranking.h"
#include "test.h"

enum { SESSIONS = 400, CLICKS = 5, CALLS = 30, CALL_ARENA_BYTES = 16 << 20 };

static uint32_t draw(uint32_t *state, uint32_t bound)
{
    *state = *state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)*state * bound) >> 32);
}

/* Clicks on the trained model's own items, made by a seed, as an index in the folder. */
static void index_make(const struct model *model, const char *folder, uint32_t above)
{
    static uint32_t starts[SESSIONS + 1];
    static uint32_t items[SESSIONS * CLICKS];
    static double ends[SESSIONS];
    static uint32_t clicks[GOLDEN_CATALOGUE];
    static struct slice names[GOLDEN_CATALOGUE];
    struct index_settings settings = index_settings_default;
    struct arena arena;
    struct buffer bytes;
    struct buffer message;
    uint32_t state = 11;

    memset(clicks, 0, sizeof(clicks));
    for (uint32_t i = 0; i < GOLDEN_CATALOGUE; i++)
        names[i] = model->vocabulary.items[GOLDEN_CATALOGUE - 1 - i].name;
    for (uint32_t i = 0; i < SESSIONS * CLICKS; i++) {
        items[i] = draw(&state, 1 + draw(&state, GOLDEN_CATALOGUE));
        clicks[items[i]]++;
    }
    for (uint32_t i = 0; i < SESSIONS; i++) {
        starts[i + 1] = (i + 1) * CLICKS;
        ends[i] = 86400.0 * i;
    }
    const struct dataset dataset = {
        .names = names,
        .clicks = clicks,
        .item_count = GOLDEN_CATALOGUE,
        .catalogue_count = GOLDEN_CATALOGUE,
        .click_count = SESSIONS * CLICKS,
        .train = {.count = SESSIONS, .starts = starts, .items = items, .ends = ends}};
    settings.rerank_above = above;
    settings.rerank_candidates = 60;
    arena_init(&arena, 64 << 20);
    buffer_init(&bytes, 64 << 20);
    buffer_init(&message, 4096);
    assert_ok(index_write(&dataset, NULL, 0, &settings, &arena, &bytes));
    assert_ok(
        index_model_write(folder, buffer_slice(&bytes), &settings, &(struct learned){0}, &message));
    buffer_deinit(&message);
    buffer_deinit(&bytes);
    arena_deinit(&arena);
}

static struct model *model_with_index(const char *folder, uint32_t above)
{
    struct buffer path;
    struct buffer message;
    struct model *model = golden_model(folder);

    buffer_init(&path, 4096);
    buffer_init(&message, 4096);
    buffer_append_text(&path, folder);
    buffer_append(&path, SLICE("/index\0"));
    index_make(model, (const char *)path.data, above);
    model_close(model);
    assert_ok(model_open(folder, &model, &message));
    buffer_deinit(&message);
    buffer_deinit(&path);
    return model;
}

/* The clicks of a seed on the trained model's items. */
static uint32_t call_names(const struct model *model, const struct model *trained, uint32_t seed,
                           struct arena *arena, struct candidate candidates[CANDIDATES_MAX])
{
    struct value items[CLICKS];
    struct value times[CLICKS];
    uint32_t state = seed;
    uint32_t count;
    struct model_answer answer;

    for (uint32_t i = 0; i < CLICKS; i++) {
        items[i] = value_string(trained->vocabulary.items[draw(&state, GOLDEN_CATALOGUE)].name);
        times[i] = value_string(SLICE("1700000000"));
    }
    struct value_entry arguments[] = {
        {value_string(SLICE("items")), value_list(items, CLICKS)},
        {value_string(SLICE("timestamps")), value_list(times, CLICKS)},
    };
    assert_ok(model_call(model, value_map(arguments, 2), 1700000100000, arena, &answer));
    assert_ok(candidates_read(answer.candidates, candidates, &count));
    return count;
}

static uint32_t call(const struct model *model, uint32_t seed, struct arena *arena,
                     struct candidate candidates[CANDIDATES_MAX])
{
    return call_names(model, model, seed, arena, candidates);
}

static const struct candidate *find(const struct candidate *candidates, uint32_t count,
                                    struct slice item)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(candidates[i].item, item)) return &candidates[i];
    }
    return NULL;
}

/* What is found has the score it has when everything is scored, and comes in that order. */
static void test_two_stages_score_what_the_index_finds(void **state)
{
    struct model *all = golden_model("index_model_all");
    struct model *some = model_with_index("index_model_some", 100);
    struct arena arena;
    uint32_t shared = 0;

    (void)state;
    arena_init(&arena, CALL_ARENA_BYTES);
    assert_false(model_two_stages(all));
    assert_true(model_two_stages(some));
    for (uint32_t seed = 0; seed < CALLS; seed++) {
        struct candidate whole[CANDIDATES_MAX];
        struct candidate found[CANDIDATES_MAX];

        arena_reset(&arena);
        uint32_t whole_count = call(all, seed, &arena, whole);
        uint32_t found_count = call(some, seed, &arena, found);
        assert_int_equal(found_count, MODEL_CANDIDATES);
        for (uint32_t i = 0; i < found_count; i++) {
            const struct candidate *same = find(whole, whole_count, found[i].item);

            assert_true(i == 0 || found[i].score <= found[i - 1].score);
            if (same == NULL) continue;
            assert_memory_equal(&same->score, &found[i].score, sizeof(float));
            shared++;
        }
    }
    assert_true(shared > CALLS && shared < CALLS * MODEL_CANDIDATES);
    arena_deinit(&arena);
    model_close(all);
    model_close(some);
}

static void test_a_small_catalogue_is_scored_whole(void **state)
{
    struct model *all = golden_model("index_model_whole");
    struct model *small = model_with_index("index_model_small", GOLDEN_CATALOGUE);
    struct arena arena;

    (void)state;
    arena_init(&arena, CALL_ARENA_BYTES);
    assert_false(model_two_stages(small));
    for (uint32_t seed = 0; seed < CALLS; seed++) {
        struct candidate one[CANDIDATES_MAX];
        struct candidate two[CANDIDATES_MAX];

        arena_reset(&arena);
        uint32_t count = call(all, seed, &arena, one);
        assert_int_equal(call(small, seed, &arena, two), count);
        for (uint32_t i = 0; i < count; i++) {
            assert_slice_equal(one[i].item, two[i].item);
            assert_memory_equal(&one[i].score, &two[i].score, sizeof(float));
        }
    }
    arena_deinit(&arena);
    model_close(all);
    model_close(small);
}

/* What each click of a question gave to the items of its list. */
struct question {
    const struct index *index;
    uint32_t items[CLICKS];
    struct ranked ranked[MODEL_CANDIDATES];
    double shares[MODEL_CANDIDATES * CLICKS];
    uint32_t count;
};

static void question_make(const struct model *model, const struct model *trained, uint32_t seed,
                          struct arena *arena, struct question *question)
{
    struct index_list list = {
        .items = question->ranked, .wanted = MODEL_CANDIDATES, .shares = question->shares};

    question->index = &model->index->index;
    for (uint32_t i = 0; i < CLICKS; i++) {
        struct slice name = trained->vocabulary.items[draw(&seed, GOLDEN_CATALOGUE)].name;

        assert_true(index_find(question->index, name, &question->items[i]));
    }
    assert_ok(index_rank(question->index, &model->index->settings,
                         (struct context){.items = question->items, .len = CLICKS}, arena, &list));
    question->count = list.count;
}

/* Returns how many are due to a click. */
static uint32_t check_because(const struct question *question, const struct candidate *found,
                              uint32_t count)
{
    uint32_t named = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = 0;
        struct slice because = {0};

        while (!slice_equal(found[i].item,
                            index_product_id(question->index, question->ranked[at].item))) {
            assert_true(++at < question->count);
        }
        uint32_t cause = index_cause(question->shares + (size_t)at * CLICKS, CLICKS);
        if (cause != UINT32_MAX) because = index_name(question->index, question->items[cause]);
        assert_slice_equal(found[i].because, because);
        named += cause != UINT32_MAX;
    }
    return named;
}

static void test_an_index_names_the_click(void **state)
{
    struct model *trained = golden_model("index_model_names");
    struct model *model;
    struct buffer message;
    struct arena arena;
    uint32_t named = 0;

    (void)state;
    buffer_init(&message, 4096);
    arena_init(&arena, CALL_ARENA_BYTES);
    index_make(trained, "index_model_alone", 100);
    assert_ok(model_open("index_model_alone", &model, &message));
    for (uint32_t seed = 0; seed < CALLS; seed++) {
        struct candidate found[CANDIDATES_MAX];
        struct seen_items seen = {0};
        struct question question;
        uint32_t count;

        arena_reset(&arena);
        question_make(model, trained, seed, &arena, &question);
        count = call_names(model, trained, seed, &arena, found);
        assert_int_equal(count, question.count);
        named += check_because(&question, found, count);
        for (uint32_t i = CLICKS; i-- > 0;)
            seen.items[seen.count++] = index_name(question.index, question.items[i]);
        assert_ok(model_list(model, MODEL_LIST_NEIGHBOURS, &seen, &arena, found, &count));
        assert_true(count >
                    0); /* a page's list: without what is popular, which is due to no click */
        (void)check_because(&question, found, 1);
    }
    print_message("  %u items due to a click\n", named);
    assert_true(named > CALLS * 20);
    model_close(model);
    model_close(trained);
    buffer_deinit(&message);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_stages_score_what_the_index_finds),
        cmocka_unit_test(test_a_small_catalogue_is_scored_whole),
        cmocka_unit_test(test_an_index_names_the_click),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
