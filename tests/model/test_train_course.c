/* test_train_course.c - a whole training: stopped and taken up again, exported, served.
 *
 * Made-up shops: every user walks round a ring of items, so that the next one can be learnt.
 */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "golden.h"
#include "model/train/course.h"
#include "model/train/export.h"
#include "model/train/initial.h"
#include "sys/file.h"
#include "test.h"

enum { USERS = 12, EVENTS = 9, ITEMS = 7 };

static struct buffer message, notes;

static int prepare(void **state)
{
    (void)state;
    buffer_init(&message, 1 << 16);
    buffer_init(&notes, 1 << 16);
    return 0;
}

static int tidy(void **state)
{
    (void)state;
    buffer_deinit(&message);
    buffer_deinit(&notes);
    return 0;
}

/* 1 \t user \t item \t time \t category; times in minutes, every fifth step back; seconds, or with
 * "123" behind them milliseconds. */
static const char *write_shop(const char *path, uint32_t events, const char *behind)
{
    struct buffer text;
    char line[128];

    buffer_init(&text, 1 << 16);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t e = 0; e < events; e++) {
            uint32_t item = (u * 3 + e * (1 + u % 2)) % ITEMS;
            uint32_t minutes = u * 100 + e * 7 - (e % 5 == 4 ? 9 : 0);

            (void)snprintf(line, sizeof(line), "1\tuser%u\titem%u\t%u%s\tkind%u\n", u, item,
                           1700000000 + 60 * minutes, behind, item % 3);
            buffer_append_text(&text, line);
        }
    }
    assert_ok(file_write(path, buffer_slice(&text)));
    buffer_deinit(&text);
    return path;
}

/* Stops after so many steps; 0: never. */
struct stopper {
    uint32_t after, steps;
    uint32_t epochs;
    double losses; /* of the epochs, summed */
};

static bool count(void *context, const struct course_progress *progress)
{
    struct stopper *stopper = context;

    stopper->steps++;
    stopper->epochs += progress->metric != NULL;
    stopper->losses += progress->metric != NULL ? progress->loss : 0.0;
    assert_true(progress->done <= progress->total && progress->epoch <= progress->epochs);
    return stopper->steps != stopper->after;
}

static enum status train(struct course_request request, struct stopper *stopper)
{
    const struct course_watch watch = {count, stopper, &notes};

    buffer_clear(&message);
    return courses[0].run(&request, &watch, &message);
}

static const struct course_request little = {
    .data = "train_course.tsv",
    .output = "train_course",
    .epochs = 4,
    .threads = 2,
    .seed = 3,
    .settings = "batch=10,negatives=3,judge-negatives=4",
};

static void assert_same_file(const char *left, const char *right)
{
    struct buffer a;
    struct buffer b;

    buffer_init(&a, 64 << 20);
    buffer_init(&b, 64 << 20);
    assert_ok(file_read(left, &a));
    assert_ok(file_read(right, &b));
    assert_true(a.len > 0);
    assert_slice_equal(buffer_slice(&a), buffer_slice(&b));
    buffer_deinit(&a);
    buffer_deinit(&b);
}

static void said(const char *wanted)
{
    buffer_append_byte(&message, '\0');
    if (strstr((const char *)message.data, wanted) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", (const char *)message.data, wanted);
}

/* --- going on ------------------------------------------------------------------------------------ */

static void stopped_anywhere_and_taken_up_again_it_ends_with_the_same_bits(void **state)
{
    static const char *const arithmetics[] = {"compat", "fixed", "fixed"};
    static const char *const settings[] = {
        "batch=10,negatives=3,judge-negatives=4", "batch=10,negatives=3,judge-negatives=4",
        "batch=10,negatives=3,judge-negatives=4,average=5,correction=0.5,binary=0.3"};

    (void)state;
    (void)write_shop(little.data, EVENTS, "");
    for (size_t a = 0; a < COUNT_OF(arithmetics); a++) {
        struct course_request request = little;
        struct stopper whole = {0};

        request.arithmetic = arithmetics[a];
        request.settings = settings[a];
        request.output = "train_course_whole";
        assert_ok(train(request, &whole));
        request.output = "train_course_parts";
        for (uint32_t after = 1; after < whole.steps; after += 5) {
            struct stopper stopper = {.after = after};

            request.resume = false;
            assert_int_equal(train(request, &stopper), STATUS_AGAIN);
            request.resume = true;
            stopper = (struct stopper){.after = 2};
            assert_int_equal(train(request, &stopper), STATUS_AGAIN);
            stopper = (struct stopper){0};
            assert_ok(train(request, &stopper));
            assert_same_file("train_course_whole/checkpoint", "train_course_parts/checkpoint");
            assert_same_file("train_course_whole/weights.safetensors",
                             "train_course_parts/weights.safetensors");
        }
    }
}

static void the_seed_decides_and_more_epochs_may_follow(void **state)
{
    struct course_request request = little;
    struct stopper stopper = {0};
    struct buffer first;
    struct buffer second;

    (void)state;
    buffer_init(&first, 1 << 24);
    buffer_init(&second, 1 << 24);
    assert_ok(train(request, &stopper));
    assert_int_equal(stopper.epochs, 4);
    assert_ok(file_read("train_course/weights.safetensors", &first));
    request.seed = 4;
    assert_ok(train(request, &stopper));
    assert_ok(file_read("train_course/weights.safetensors", &second));
    assert_int_equal(first.len, second.len);
    assert_true(memcmp(first.data, second.data, first.len) != 0);
    request.resume = true;
    request.epochs = 6;
    stopper = (struct stopper){0};
    assert_ok(train(request, &stopper));
    assert_int_equal(stopper.epochs, 2);
    buffer_deinit(&first);
    buffer_deinit(&second);
}

/* It learns the same, with the same losses, and another model comes out. */
static void averaging_decides_what_is_kept_not_what_is_learnt(void **state)
{
    struct course_request request = little;
    struct stopper plain = {0};
    struct stopper averaged = {0};
    struct buffer first;
    struct buffer second;

    (void)state;
    buffer_init(&first, 1 << 24);
    buffer_init(&second, 1 << 24);
    assert_ok(train(request, &plain));
    assert_ok(file_read("train_course/weights.safetensors", &first));
    request.settings = "batch=10,negatives=3,judge-negatives=4,average=20";
    assert_ok(train(request, &averaged));
    assert_ok(file_read("train_course/weights.safetensors", &second));
    assert_true(plain.losses > 0 && averaged.losses == plain.losses);
    assert_int_equal(first.len, second.len);
    assert_true(memcmp(first.data, second.data, first.len) != 0);
    buffer_deinit(&first);
    buffer_deinit(&second);
}

static void a_checkpoint_that_does_not_fit_is_refused(void **state)
{
    struct course_request request = little;
    struct stopper stopper = {.after = 3};
    struct buffer bytes;

    (void)state;
    buffer_init(&bytes, 1 << 24);
    assert_int_equal(train(request, &stopper), STATUS_AGAIN);
    assert_ok(file_read("train_course/checkpoint", &bytes));
    request.resume = true;
    request.seed = 5;
    assert_int_equal(train(request, &stopper), STATUS_INVALID);
    said("train_course/checkpoint: was made with other settings");
    request.seed = little.seed;
    request.data = write_shop("train_course_other.tsv", EVENTS + 1, "");
    assert_int_equal(train(request, &stopper), STATUS_INVALID);
    said("was made from other data");
    request.data = little.data;
    for (size_t at = 0; at < bytes.len; at += bytes.len / 5) {
        bytes.data[at] ^= 1;
        assert_ok(file_write("train_course/checkpoint", buffer_slice(&bytes)));
        assert_true(train(request, &stopper) != STATUS_OK);
        said(at == 0 ? "is no checkpoint" : "its checksum differs");
        bytes.data[at] ^= 1;
    }
    request.output = "train_course_none";
    assert_int_equal(train(request, &stopper), STATUS_NOT_FOUND);
    said("there is none to go on from");
    buffer_deinit(&bytes);
}

static void what_cannot_be_meant_is_refused(void **state)
{
    static const struct {
        const char *arithmetic, *settings, *wanted;
    } rows[] = {
        {"exact", NULL, "--arithmetic: must be compat or fixed"},
        {"compat", "batsch=3", "\"batsch=3\" is no setting; there are: batch (2 to 10000)"},
        {"compat", "batch=1", "\"batch=1\" has no number in its range"},
        {"compat", "batch=2.5", "\"batch=2.5\" has no number in its range"},
        {"compat", "dropout", "\"dropout\" has no number in its range"},
    };
    struct stopper stopper = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct course_request request = little;

        request.arithmetic = rows[i].arithmetic;
        request.settings = rows[i].settings;
        assert_int_equal(train(request, &stopper), STATUS_INVALID);
        said(rows[i].wanted);
    }
}

/* --- serving ------------------------------------------------------------------------------------- */

/* A trainer after some steps, what it learnt from, and its model as it is served. */
struct pair {
    struct arena arena;
    struct train_rows rows;
    struct train_data data;
    struct train_sampler sampler;
    struct trainer *trainer;
    struct model *model;
};

static void pair_open(struct pair *pair, const char *file, bool fixed)
{
    const struct train_data_options options = {
        .by_time = fixed, .own_cates = fixed, .clock = fixed ? SLIREC_SECONDS : SLIREC_DAYS};

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
                                                  .order = fixed ? "time" : "given",
                                                  .card = SLICE("made for a test\n")},
                           "train_course_pair", &message));
    assert_ok(model_open("train_course_pair", &pair->model, &message));
}

static void pair_close(struct pair *pair)
{
    model_close(pair->model);
    trainer_destroy(pair->trainer);
    arena_deinit(&pair->arena);
}

/* What the shop's scenario would send: all events of the user in the file's order, but the target. */
static struct value arguments_of(struct pair *pair, uint32_t user, double target)
{
    struct value *items = arena_alloc(&pair->arena, pair->rows.count, sizeof(*items));
    struct value *times = arena_alloc(&pair->arena, pair->rows.count, sizeof(*times));
    struct value_entry *entries = arena_alloc(&pair->arena, 2, sizeof(*entries));
    uint32_t len = 0;

    for (uint32_t i = 0; i < pair->rows.count; i++) {
        const struct train_row *row = &pair->rows.at[i];
        char *text = arena_alloc(&pair->arena, 32, 1);

        if (row->user != user || slirec_seconds(SLIREC_SECONDS, row->time) == target) continue;
        (void)snprintf(text, 32, "%.0f", row->time);
        items[len] = value_string(pair->rows.items.texts[row->item]);
        times[len++] = value_string(slice_of(text));
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
static void compare_serving(const char *file, bool fixed)
{
    struct pair pair = {0};

    pair_open(&pair, file, fixed);
    assert_int_equal(pair.data.test.count, USERS);
    for (uint32_t u = 0; u < USERS; u++) {
        const struct train_instance *instance = &pair.data.test.at[u];
        double target = pair.data.times[instance->event];
        struct train_example *example = train_sampler_history(&pair.sampler, 0, instance);
        struct slirec_history history;

        assert_ok(model_history(pair.model, arguments_of(&pair, u, target),
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
    (void)state;
    (void)write_shop("train_course_short.tsv", EVENTS, "");
    (void)write_shop("train_course_long.tsv", SLIREC_STEPS_MAX + 13, "");
    (void)write_shop("train_course_ms.tsv", SLIREC_STEPS_MAX + 13, "123");
    compare_serving("train_course_short.tsv", false);
    compare_serving("train_course_long.tsv", false);
    compare_serving("train_course_short.tsv", true);
    compare_serving("train_course_long.tsv", true);
    compare_serving("train_course_ms.tsv", true);
}

/* --- the first numbers --------------------------------------------------------------------------- */

static void largest_of(const struct trainer *trainer, struct train_state state, size_t i,
                       double *top)
{
    const struct train_tensor *tensor = &trainer_layout(trainer)->tensors[i];

    *top = 0.0;
    for (size_t j = 0; j < tensor->count; j++)
        *top = fmax(*top, fabs((double)state.value[tensor->at + j]));
}

static void a_model_starts_as_the_original_does_but_each_variable_for_itself(void **state)
{
    const struct train_shape shape = {300, 12, 32, 8, 50, 80, 40, 100, 64};
    const struct train_settings settings = {.group = 2, .examples_max = 1, .threads = 1};
    struct trainer *trainer;
    double top;

    (void)state;
    assert_ok(trainer_create(&shape, &settings, train_kernels_best(), &trainer));
    const struct train_layout *layout = trainer_layout(trainer);
    struct train_state numbers = trainer_state(trainer);
    train_initialise(trainer, 1, false, 0);
    largest_of(trainer, numbers, TRAIN_ITEM_EMBEDDING, &top);
    assert_true(top > 0.019 && top <= 0.02); /* .01, cut at two deviations */
    largest_of(trainer, numbers, TRAIN_KERNEL, &top);
    assert_true(top > 0.16 && top <= sqrt(6.0 / 232.0) + 1e-6);
    largest_of(trainer, numbers, TRAIN_NOW_BIAS, &top);
    assert_true(top > 0.2 && top <= sqrt(6.0 / 80.0) + 1e-6);
    largest_of(trainer, numbers, TRAIN_KERNEL_BIAS, &top);
    assert_true(top == 0.0);
    assert_true(numbers.value[layout->tensors[TRAIN_ATT1_GAMMA].at] == 1.0F);
    for (size_t i = 0; i + 1 < TRAIN_PARAMETERS; i++) {
        const real *left = numbers.value + layout->tensors[i].at;
        const real *right = numbers.value + layout->tensors[i + 1].at;

        assert_true(left[0] != right[0] || left[0] == 0 || left[0] == 1);
    }
    train_initialise(trainer, 1, false, 50);
    const real *bias = numbers.value + layout->tensors[TRAIN_KERNEL_BIAS].at;
    for (size_t j = 0; j < 40; j++) { /* f + 1 is the log of 1 to 50 steps, i its negative */
        assert_true(bias[80 + j] + 1 >= 0 && bias[80 + j] + 1 <= (real)log(50.0));
        assert_true(fabs((double)(bias[j] + bias[80 + j] + 1)) < 1e-6);
    }
    trainer_destroy(trainer);
}

/* --- metrics ------------------------------------------------------------------------------------- */

static void compare_metric(const struct document *line, uint32_t list, const char *name, double got)
{
    double wanted = golden_number(line, document_member(line, list, slice_of(name)));

    if (fabs(got - wanted) > 1e-6) fail_msg("%s: %.9f, wanted %.9f", name, got, wanted);
}

static void compare_metrics(void *context, const struct document *line, struct arena *arena)
{
    uint32_t width = (uint32_t)golden_number(line, document_member(line, 0, SLICE("group")));
    uint32_t rows = document_member(line, 0, SLICE("scores"));
    uint32_t unrounded = document_member(line, 0, SLICE("unrounded"));
    uint32_t groups = line->nodes[rows].count;
    float *scores = arena_alloc(arena, (size_t)groups * width, sizeof(*scores));
    bool sharp = slice_equal(document_text(line, document_member(line, 0, SLICE("logloss_dtype"))),
                             SLICE("float64"));
    struct train_metrics metrics;

    for (uint32_t g = 0, row = rows + 1; g < groups; g++, row = line->nodes[row].next) {
        for (uint32_t c = 0; c < width; c++) {
            double p = golden_number(line, row + 1 + c);

            scores[g * width + c] = (float)(sharp ? p : log(p / (1.0 - p)));
        }
    }
    train_measure(scores, groups, width, &metrics);
    compare_metric(line, unrounded, "auc", metrics.auc);
    compare_metric(line, unrounded, "group_auc", metrics.group_auc);
    compare_metric(line, unrounded, "mean_mrr", metrics.mrr);
    compare_metric(line, unrounded, "ndcg@2", metrics.ndcg[0]);
    compare_metric(line, unrounded, "ndcg@4", metrics.ndcg[1]);
    compare_metric(line, unrounded, "ndcg@6", metrics.ndcg[2]);
    if (!sharp) compare_metric(line, unrounded, "logloss", metrics.logloss);
    ++*(uint32_t *)context;
}

static void metrics_are_those_of_the_original(void **state)
{
    uint32_t lines = 0;

    (void)state;
    golden_lines("metrics.jsonl", compare_metrics, &lines);
    assert_int_equal(lines, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopped_anywhere_and_taken_up_again_it_ends_with_the_same_bits),
        cmocka_unit_test(the_seed_decides_and_more_epochs_may_follow),
        cmocka_unit_test(averaging_decides_what_is_kept_not_what_is_learnt),
        cmocka_unit_test(a_checkpoint_that_does_not_fit_is_refused),
        cmocka_unit_test(what_cannot_be_meant_is_refused),
        cmocka_unit_test(serving_computes_what_training_did),
        cmocka_unit_test(a_model_starts_as_the_original_does_but_each_variable_for_itself),
        cmocka_unit_test(metrics_are_those_of_the_original),
    };

    return cmocka_run_group_tests(tests, prepare, tidy);
}
