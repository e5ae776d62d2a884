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
    double loss = trainer_loss(trainer, batch).total;
    *at = before;
    return loss;
}

/* Some numbers of every variable: few of the large sets, and other ones in each feed. */
static void compare_variable(struct trainer *trainer, const struct train_batch *batch,
                             const struct train_tensor *tensor, uint32_t feed, double *worst)
{
    bool large = trainer_layout(trainer)->shape.att1 > 40;
    size_t stride = tensor->count / (large ? 2 : 4) + 1;
    real *value = trainer_state(trainer).value + tensor->at;

    for (size_t j = feed * stride / 3; j < tensor->count; j += stride) {
        double gradient = trainer_gradient(trainer)[tensor->at + j];
        double above = loss_at(trainer, batch, &value[j], value[j] + STEP);
        double below = loss_at(trainer, batch, &value[j], value[j] - STEP);
        double error = fabs((above - below) / (2.0 * STEP) - gradient);

        if (!(error <= *worst)) *worst = error; /* NaN too */
    }
}

/* Each candidate's logit by an amount of its own, as the correction for sampling does. */
static void shift_logits(struct train_golden *golden)
{
    static const float shifts[TRAIN_GOLDEN_GROUP] = {0.5F, -1.25F, 2.0F, 0.0F, -0.75F};

    for (uint32_t i = 0; i < golden->batch.count; i++)
        golden->examples[i].shift = shifts;
}

static void compare_set(const struct train_golden *set, uint32_t feed, bool masked)
{
    struct train_golden golden;
    double worst = 0.0;

    train_golden_open(&golden, set);
    golden.settings.masked = masked;
    if (masked) golden.drops = false; /* the masks given are those of all slots; ours are drawn */
    struct trainer *trainer = train_golden_trainer(&golden, &train_kernels_portable, 1);
    const struct train_layout *layout = trainer_layout(trainer);
    struct train_batch batch = *train_golden_feed(&golden, feed);

    if (masked) shift_logits(&golden);
    (void)trainer_differentiate(trainer, &batch);
    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        if (layout->tensors[i].kind != TRAIN_STATISTIC)
            compare_variable(trainer, &batch, &layout->tensors[i], feed, &worst);
    }
    print_message("  %s%s, feed %u: worst %.2e of 3e-09\n", set->name, masked ? ", masked" : "",
                  feed + 1, worst);
    assert_true(worst <= 3e-9);
    trainer_destroy(trainer);
    train_golden_close(&golden);
}

static void every_gradient_is_a_finite_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRAIN_GOLDEN_SETS; i++) {
        compare_set(&train_golden_sets[i], 0, false);
        compare_set(&train_golden_sets[i], 1, false);
    }
}

static void so_it_is_where_empty_slots_take_no_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRAIN_GOLDEN_SETS; i++)
        compare_set(&train_golden_sets[i], 1, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gradient_is_a_finite_difference),
        cmocka_unit_test(so_it_is_where_empty_slots_take_no_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
