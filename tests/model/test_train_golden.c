/* test_train_golden.c - our training steps against those of the original (TensorFlow, float32).
 *
 * Some variables cannot change any loss: a bias in front of batch norm or of a softmax. Their gradient is
 * 0, the original has the rounding error of that 0, and Adam, which divides by its size, walks with it:
 * up to 4e-3 in ten steps. They are told by their golden gradient and held apart; moving means walk
 * along with the biases before them, and logits with the last bias, so logits are compared as
 * distances from their group's first. With moving statistics a walk shows, as these lag behind it.
 *
 * The steps of "plain" pass a corner of a relu at less than 5e-7, on either side of which one step has
 * another gradient. Rounding decides the side, so the walk is repeated with values nudged by a few parts
 * in 1e7 until it takes the original's side: there it ends within 1e-5 of it, on the other 8e-4.
 */
#include <math.h>

#include "test.h"
#include "train_golden.h"

struct worst {
    double all, bias, mean;
};

static void note(double got, double wanted, double scale, double *worst)
{
    double error = fabs(got - wanted) / scale;

    if (!(error <= *worst)) *worst = error; /* NaN too */
}

static void hold(const char *set, const char *what, double worst, double limit)
{
    print_message("  %-12s %-34s worst %.2e of %.0e\n", set, what, worst, limit);
    if (!(worst <= limit)) fail_msg("%s: %s: %g > %g", set, what, worst, limit);
}

static double largest(const float *numbers, size_t count)
{
    double top = 0.0;

    for (size_t i = 0; i < count; i++)
        top = fabs((double)numbers[i]) > top ? fabs((double)numbers[i]) : top;
    return top;
}

/* Whether the variable's gradient is rounding error alone. */
static bool is_walking(const struct train_golden *golden, const struct train_tensor *tensor)
{
    const float *gradient = train_golden_tensor(golden, "gradient1", tensor->name);

    return gradient != NULL && largest(gradient, tensor->count) < 5e-7;
}

/* Gradients relative to the largest of their variable, those of biases as they are. */
static void compare_gradients(const struct train_golden *golden, const struct trainer *trainer,
                              struct worst *worst)
{
    const struct train_layout *layout = trainer_layout(trainer);

    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &layout->tensors[i];
        const float *wanted = train_golden_tensor(golden, "gradient1", tensor->name);
        const real *got = trainer_gradient(trainer) + tensor->at;

        if (tensor->kind == TRAIN_STATISTIC) continue;
        assert_non_null(wanted);
        double scale = largest(wanted, tensor->count);
        if (scale < 1e-3) scale = 1e-3; /* float32's noise, 2e-8, is what it is */
        for (size_t j = 0; j < tensor->count; j++) {
            if (strstr(tensor->name, "b_nn_") != NULL) {
                note((double)got[j], (double)wanted[j], 1.0, &worst->bias);
            } else {
                note((double)got[j], (double)wanted[j], scale, &worst->all);
            }
        }
    }
}

static void compare_values(const struct train_golden *golden, struct trainer *trainer,
                           const char *group, struct worst *worst)
{
    const struct train_layout *layout = trainer_layout(trainer);

    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &layout->tensors[i];
        const float *wanted = train_golden_tensor(golden, group, tensor->name);
        const real *got = trainer_state(trainer).value + tensor->at;
        double *into = &worst->all;

        assert_non_null(wanted);
        if (is_walking(golden, tensor)) into = &worst->bias;
        if (strstr(tensor->name, "moving_mean") != NULL) into = &worst->mean;
        for (size_t j = 0; j < tensor->count; j++)
            note((double)got[j], (double)wanted[j], 1.0, into);
    }
}

static void compare_logits(const struct trainer *trainer, const float *wanted, double *worst)
{
    enum { ROWS = TRAIN_GOLDEN_EXAMPLES * TRAIN_GOLDEN_GROUP };
    real logits[ROWS];

    trainer_logits(trainer, logits);
    for (size_t r = 0; r < ROWS; r++) {
        size_t first = r - r % TRAIN_GOLDEN_GROUP;

        note((double)logits[r] - (double)logits[first], (double)wanted[r] - (double)wanted[first],
             1.0, worst);
    }
}

/* --- the first step ----------------------------------------------------------------------------- */

static void first_gradient(const struct train_golden *set, const struct train_kernels *kernels,
                           uint32_t threads)
{
    struct train_golden golden;
    struct worst worst = {0};
    double logit = 0.0;
    double loss = 0.0;

    train_golden_open(&golden, set);
    struct trainer *trainer = train_golden_trainer(&golden, kernels, threads);
    struct train_loss got = trainer_differentiate(trainer, train_golden_feed(&golden, 0));
    note(got.data, (double)((const float *)train_golden_tensor(&golden, "data_loss", ""))[0], 1.0,
         &loss);
    note(got.total, (double)((const float *)train_golden_tensor(&golden, "loss", ""))[0], 1.0,
         &loss);
    compare_logits(trainer, train_golden_tensor(&golden, "logit", ""), &logit);
    compare_gradients(&golden, trainer, &worst);
    hold(set->name, "loss", loss, 2e-6);
    hold(set->name, "logits", logit, 2e-5);
    hold(set->name, "gradients", worst.all, 5e-5);
    hold(set->name, "gradients of biases", worst.bias, 1e-6);
    trainer_destroy(trainer);
    train_golden_close(&golden);
}

static void loss_and_every_gradient_are_those_of_the_original(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRAIN_GOLDEN_SETS; i++)
        first_gradient(&train_golden_sets[i], train_kernels_best(), 1);
}

static void they_are_on_every_kernel_and_thread_count(void **state)
{
    (void)state;
    first_gradient(&train_golden_sets[0], &train_kernels_portable, 1);
    first_gradient(&train_golden_sets[0], &train_kernels_portable, 3);
    first_gradient(&train_golden_sets[3], train_kernels_best(), 4);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        first_gradient(&train_golden_sets[0], &train_kernels_avx2, 2);
#endif
}

/* --- threads ------------------------------------------------------------------------------------ */

/* Three steps with dropout of our own drawing; the variables afterwards. */
static void drawn_steps(uint32_t threads, uint64_t seed, real **value, size_t *count)
{
    struct train_golden golden;

    train_golden_open(&golden, &train_golden_sets[4]);
    golden.drops = false;
    golden.settings.seed = seed;
    struct trainer *trainer = train_golden_trainer(&golden, train_kernels_best(), threads);
    for (uint32_t step = 0; step < 3; step++)
        (void)trainer_step(trainer, train_golden_feed(&golden, step));
    *count = trainer_layout(trainer)->count;
    *value = malloc(*count * sizeof(real));
    assert_non_null(*value);
    memcpy(*value, trainer_state(trainer).value, *count * sizeof(real));
    trainer_destroy(trainer);
    train_golden_close(&golden);
}

static void the_same_seed_and_threads_give_the_same_bits(void **state)
{
    real *first;
    real *again;
    real *other;
    size_t count;

    (void)state;
    for (uint32_t threads = 1; threads <= 2; threads++) {
        drawn_steps(threads, 7, &first, &count);
        drawn_steps(threads, 7, &again, &count);
        drawn_steps(threads, 8, &other, &count);
        assert_memory_equal(first, again, count * sizeof(real));
        assert_true(memcmp(first, other, count * sizeof(real)) != 0);
        free(first);
        free(again);
        free(other);
    }
}

/* --- steps -------------------------------------------------------------------------------------- */

/* Values times 1 + up to 5e-7, another way for every nudge; 0: none. */
static void nudge_values(struct trainer *trainer, uint32_t nudge)
{
    const struct train_layout *layout = trainer_layout(trainer);
    struct train_state state = trainer_state(trainer);
    uint64_t seed = nudge;

    for (size_t i = 0; nudge > 0 && i < layout->count; i++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        double part = (double)(seed >> 40) / (double)(1 << 24) - 0.5;

        state.value[i] = (real)((double)state.value[i] * (1.0 + 1e-6 * part));
    }
}

struct walk {
    double loss, logit, moving_logit;
    struct worst first, second, last; /* after step 1, 2, 10 */
};

static void compare_after(struct train_golden *golden, struct trainer *trainer, uint32_t step,
                          struct walk *walk)
{
    char group[32];
    struct worst *into = step == 1 ? &walk->first : step == 2 ? &walk->second : &walk->last;

    (void)snprintf(group, sizeof(group), "after%u", step);
    if (train_golden_tensor(golden, group, trainer_layout(trainer)->tensors[0].name) != NULL)
        compare_values(golden, trainer, group, into);
}

static struct walk walk_set(const struct train_golden *set, uint32_t nudge)
{
    struct train_golden golden;
    struct walk walk = {0};

    train_golden_open(&golden, set);
    struct trainer *trainer = train_golden_trainer(&golden, train_kernels_best(), 2);
    const float *data = train_golden_tensor(&golden, "data_loss", "");
    const float *total = train_golden_tensor(&golden, "loss", "");
    const float *logits = train_golden_tensor(&golden, "logit", "");
    for (uint32_t step = 0; step < golden.steps; step++) {
        struct train_loss got = trainer_step(trainer, train_golden_feed(&golden, step));

        note(got.data, (double)data[step], 1.0, &walk.loss);
        note(got.total, (double)total[step], 1.0, &walk.loss);
        compare_logits(trainer, logits + (size_t)step * TRAIN_GOLDEN_EXAMPLES * TRAIN_GOLDEN_GROUP,
                       &walk.logit);
        compare_after(&golden, trainer, step + 1, &walk);
        nudge_values(trainer, nudge);
    }
    (void)trainer_evaluate(trainer, train_golden_feed(&golden, golden.steps - 1));
    compare_logits(trainer, train_golden_tensor(&golden, "logit_eval_last_feed", ""),
                   &walk.moving_logit);
    trainer_destroy(trainer);
    train_golden_close(&golden);
    return walk;
}

static void one_two_and_ten_steps_end_where_the_originals_end(void **state)
{
    enum { NUDGES = 12 };
    const double end = 1e-5;

    (void)state;
    for (size_t i = 0; i < TRAIN_GOLDEN_SETS; i++) {
        const struct train_golden *set = &train_golden_sets[i];
        bool walks = set->settings.layer_l2 == 0;
        struct walk walk = walk_set(set, 0);

        hold(set->name, "losses of all steps", walk.loss, 5e-6);
        hold(set->name, "logits of all steps", walk.logit, 5e-5);
        hold(set->name, "variables after step 1", walk.first.all, 5e-6);
        hold(set->name, "variables after step 2", walk.second.all, 1e-5);
        hold(set->name, "logits by moving statistics", walk.moving_logit, walks ? 1e-3 : 1e-6);
        hold(set->name, "moving means after step 1", walk.first.mean, 1e-6);
        if (set->steps < 10) continue;
        hold(set->name, "after step 10, not nudged", walk.last.all, 1e-3);
        for (uint32_t nudge = 1; nudge < NUDGES && walk.last.all > end; nudge++) {
            print_message("  %-12s nudge %u\n", set->name, nudge);
            walk = walk_set(set, nudge);
        }
        hold(set->name, "variables after step 10", walk.last.all, end);
        hold(set->name, "moving means after step 10", walk.last.mean, walks ? 1e-3 : 1e-6);
        hold(set->name, "what walks, after step 10", walk.last.bias, walks ? 5e-3 : 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_and_every_gradient_are_those_of_the_original),
        cmocka_unit_test(they_are_on_every_kernel_and_thread_count),
        cmocka_unit_test(the_same_seed_and_threads_give_the_same_bits),
        cmocka_unit_test(one_two_and_ten_steps_end_where_the_originals_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
