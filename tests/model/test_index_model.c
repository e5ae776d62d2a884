/* test_index_model.c - a trained model that scores what an index finds, beside the same model scoring
 * everything. */
#include "codec/candidates.h"
#include "codec/json.h"
#include "golden.h"
#include "model/retrieve/index.h"
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
    assert_ok(index_model_write(folder, buffer_slice(&bytes), &settings, &message));
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

static uint32_t call(const struct model *model, uint32_t seed, struct arena *arena,
                     struct candidate candidates[CANDIDATES_MAX])
{
    struct value items[CLICKS];
    struct value times[CLICKS];
    uint32_t state = seed;
    uint32_t count;
    struct model_answer answer;

    for (uint32_t i = 0; i < CLICKS; i++) {
        items[i] = value_string(model->vocabulary.items[draw(&state, GOLDEN_CATALOGUE)].name);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_stages_score_what_the_index_finds),
        cmocka_unit_test(test_a_small_catalogue_is_scored_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
