/* test_train_serving.c - what training computed is computed in serving: features and scores of the same events. */
#include <math.h>
#include <stdio.h>

#include "golden.h"
#include "model/train/course.h"
#include "model/train/export.h"
#include "model/train/initial.h"
#include "train_shop.h"

/* A trainer after some steps, what it learnt from, and its model as it is served. */
struct pair {
    struct arena arena;
    struct train_rows rows;
    struct train_data data;
    struct train_sampler sampler;
    struct trainer *trainer;
    struct model *model;
};

static void pair_open(struct pair *pair, const char *file, bool fixed, bool by_time)
{
    const struct train_data_options options = {
        .by_time = by_time, .own_cates = fixed, .clock = fixed ? SLIREC_SECONDS : SLIREC_DAYS};

    arena_init(&pair->arena, 256 << 20);
    assert_ok(train_rows_init(&pair->rows, file, &pair->arena));
    assert_ok(train_rows_read(file, COURSE_INTERACTIONS, NULL, &pair->rows, &message));
    assert_ok(train_data_make(&pair->rows, &options, &pair->data, &message));
    const struct train_sample_settings sample = {
        .batch = 20, .negatives = ITEMS - 1, .steps = SLIREC_STEPS_MAX, .clock = options.clock};
    assert_ok(train_sampler_init(&pair->sampler, &pair->data, &sample, &pair->arena));
    const struct train_shape shape = {
        pair->data.item_names.count, pair->data.cate_names.count, 32, 8, 50, 80, 40, 100, 64};
    const struct train_settings settings = {
        .learning_rate = 1e-3, .group = ITEMS, .examples_max = 20, .threads = 1, .masked = fixed};
    assert_ok(trainer_create(&shape, &settings, train_kernels_best(), &pair->trainer));
    train_initialise(pair->trainer, 11, true, 50);
    for (uint32_t step = 0; step < 10; step++)
        (void)trainer_step(pair->trainer, train_sampler_batch(&pair->sampler, step, 0));
    assert_ok(train_export(&(struct train_export){.layout = trainer_layout(pair->trainer),
                                                  .value = trainer_state(pair->trainer).value,
                                                  .data = &pair->data,
                                                  .arithmetic = fixed ? "fixed" : "compat",
                                                  .order = by_time ? "time" : "given",
                                                  .card = SLICE("made for a test\n")},
                           "train_serving_pair", &message));
    assert_ok(model_open("train_serving_pair", &pair->model, &message));
}

static void pair_close(struct pair *pair)
{
    model_close(pair->model);
    trainer_destroy(pair->trainer);
    arena_deinit(&pair->arena);
}

static void turn_round(struct value *values, uint32_t len)
{
    for (uint32_t i = 0; i < len / 2; i++) {
        struct value kept = values[i];

        values[i] = values[len - 1 - i];
        values[len - 1 - i] = kept;
    }
}

/* What a scenario would send: all events of the user but the target, in the file's order, or the other
 * way round, as #AGG.list gives those of a minute. */
static struct value arguments_of(struct pair *pair, uint32_t user, double target, bool newest_first)
{
    struct value *items = arena_alloc(&pair->arena, pair->rows.count, sizeof(*items));
    struct value *times = arena_alloc(&pair->arena, pair->rows.count, sizeof(*times));
    struct value_entry *entries = arena_alloc(&pair->arena, 2, sizeof(*entries));
    uint32_t len = 0;

    for (uint32_t i = 0; i < pair->rows.count; i++) {
        const struct train_row *row = &pair->rows.at[i];
        char *text = arena_alloc(&pair->arena, 32, 1);

        if (row->user != user || slirec_seconds(row->time) == target) continue;
        (void)snprintf(text, 32, "%.0f", row->time);
        items[len] = value_string(pair->rows.items.texts[row->item]);
        times[len++] = value_string(slice_of(text));
    }
    if (newest_first) {
        turn_round(items, len);
        turn_round(times, len);
    }
    entries[0] = (struct value_entry){value_string(SLICE("items")), value_list(items, len)};
    entries[1] = (struct value_entry){value_string(SLICE("timestamps")), value_list(times, len)};
    return value_map(entries, 2);
}

/* Every item of the catalogue as a candidate, in the catalogue's order. */
static void compare_logits(struct pair *pair, struct train_example *example,
                           const struct slirec_history *history)
{
    const struct vocabulary *vocabulary = &pair->model->vocabulary;
    uint32_t items[ITEMS];
    uint32_t cates[ITEMS];
    real logits[ITEMS];
    float *served = slirec_floats(&pair->arena, BLOCK);
    struct slirec_user user;

    assert_int_equal(vocabulary->catalogue_count, ITEMS);
    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i] = vocabulary->items[i].item;
        cates[i] = vocabulary->items[i].cate;
    }
    example->candidates = items;
    example->candidate_cates = cates;
    (void)trainer_evaluate(pair->trainer, &(struct train_batch){.count = 1, .examples = example});
    trainer_logits(pair->trainer, logits);
    assert_ok(slirec_user_init(&pair->model->slirec, history, &pair->arena, &user));
    assert_ok(
        slirec_score(&pair->model->slirec, &user, &pair->model->catalogue, &pair->arena, served));
    for (uint32_t i = 0; i < ITEMS; i++)
        assert_true(fabs((double)logits[i] - (double)served[i]) < 3e-5);
}

/* The test instance of every user: its history is all the user did but the last. */
static void compare_serving(const char *file, bool fixed, bool by_time)
{
    struct pair pair = {0};

    pair_open(&pair, file, fixed, by_time);
    assert_int_equal(pair.data.test.count, USERS);
    for (uint32_t u = 0; u < USERS; u++) {
        const struct train_instance *instance = &pair.data.test.at[u];
        double target = pair.data.times[instance->event];
        struct train_example *example = train_sampler_history(&pair.sampler, 0, instance);
        struct slirec_history history;

        assert_ok(model_history(pair.model, arguments_of(&pair, u, target, by_time),
                                llround(target * 1000.0), &pair.arena, &history));
        assert_int_equal(history.len, example->len);
        assert_memory_equal(history.items, example->items, example->len * sizeof(uint32_t));
        assert_memory_equal(history.cates, example->cates, example->len * sizeof(uint32_t));
        assert_memory_equal(history.from_first, example->from_first, example->len * sizeof(float));
        assert_memory_equal(history.to_now, example->to_now, example->len * sizeof(float));
        compare_logits(&pair, example, &history);
    }
    pair_close(&pair);
}

static void serving_computes_what_training_did(void **state)
{
    static const char *const files[] = {"train_serving_short.tsv", "train_serving_long.tsv",
                                        "train_serving_ms.tsv"};

    (void)state;
    (void)write_shop("train_serving_short.tsv", EVENTS, "");
    (void)write_shop("train_serving_long.tsv", SLIREC_STEPS_MAX + 13, "");
    (void)write_shop("train_serving_ms.tsv", SLIREC_STEPS_MAX + 13, "123");
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        compare_serving(files[i], false, false);
        compare_serving(files[i], false, true);
        compare_serving(files[i], true, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serving_computes_what_training_did),
    };

    return cmocka_run_group_tests(tests, prepare, tidy);
}
