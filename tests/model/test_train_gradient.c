/* test_train_gradient.c - the way back against finite differences, in double.
 *
 * The trainer's own files, compiled with TRAIN_DOUBLE. Relu has corners, so the step is small enough
 * that a sum over 20 rows meets none of them in these feeds; a wrong gradient is wrong by far more.
 */
#include <math.h>

#include "test.h"
#include "train_golden.h"

#define STEP 1e-6

static double loss_at(struct trainer *trainer, const struct train_batch *batch, real *at, real x)
{
    real before = *at;

    *at = x;
    double loss = trainer_differentiate(trainer, batch).total;
    *at = before;
    return loss;
}

/* Some numbers of every variable: the first, the last, and a few in between. */
static void compare_variable(struct trainer *trainer, const struct train_batch *batch,
                             const struct train_tensor *tensor, const real *gradient, double *worst)
{
    size_t stride = tensor->count / 3 + 1;
    real *value = trainer_state(trainer).value + tensor->at;

    for (size_t j = 0; j < tensor->count; j += stride) {
        double above = loss_at(trainer, batch, &value[j], value[j] + STEP);
        double below = loss_at(trainer, batch, &value[j], value[j] - STEP);
        double error = fabs((above - below) / (2.0 * STEP) - gradient[tensor->at + j]);

        if (!(error <= *worst)) *worst = error; /* NaN too */
    }
}

static void compare_set(const struct train_golden *set, uint32_t feed)
{
    struct train_golden golden;
    double worst = 0.0;

    train_golden_open(&golden, set);
    struct trainer *trainer = train_golden_trainer(&golden, &train_kernels_portable, 2);
    const struct train_layout *layout = trainer_layout(trainer);
    const struct train_batch *batch = train_golden_feed(&golden, feed);
    real *gradient = malloc(layout->count * sizeof(real));

    assert_non_null(gradient);
    (void)trainer_differentiate(trainer, batch);
    memcpy(gradient, trainer_gradient(trainer), layout->count * sizeof(real));
    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        if (layout->tensors[i].kind != TRAIN_STATISTIC)
            compare_variable(trainer, batch, &layout->tensors[i], gradient, &worst);
    }
    print_message("  %s, feed %u: worst %.2e of 3e-09\n", set->name, feed + 1, worst);
    assert_true(worst <= 3e-9);
    free(gradient);
    trainer_destroy(trainer);
    train_golden_close(&golden);
}

static void every_gradient_is_a_finite_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRAIN_GOLDEN_SETS; i++) {
        compare_set(&train_golden_sets[i], 0);
        compare_set(&train_golden_sets[i], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gradient_is_a_finite_difference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
