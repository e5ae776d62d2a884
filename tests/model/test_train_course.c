/* test_train_course.c - a whole training: its first numbers, stopped and taken up again, its metrics. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "golden.h"
#include "model/train/course.h"
#include "model/train/export.h"
#include "model/train/initial.h"
#include "train_shop.h"

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
        ("batch=10,negatives=3,judge-negatives=4,average=5,correction=0.5,binary=0.3,"
         "crop=0.5")};

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
        cmocka_unit_test(a_model_starts_as_the_original_does_but_each_variable_for_itself),
        cmocka_unit_test(metrics_are_those_of_the_original),
    };

    return cmocka_run_group_tests(tests, prepare, tidy);
}
