/* test_train_gradient.c - the way back against finite differences, in double; loss and average by the book.
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

/* weight of the binary part: fixed arithmetic only */
struct how {
    bool masked;
    double binary;
};

static void compare_set(const struct train_golden *set, uint32_t feed, struct how how)
{
    bool masked = how.masked;
    struct train_golden golden;
    double worst = 0.0;

    train_golden_open(&golden, set);
    golden.settings.masked = masked;
    golden.settings.binary = how.binary;
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
    print_message("  %s%s, binary %g, feed %u: worst %.2e of 3e-09\n", set->name,
                  masked ? ", masked" : "", how.binary, feed + 1, worst);
    assert_true(worst <= 3e-9);
    trainer_destroy(trainer);
    train_golden_close(&golden);
}

static void every_gradient_is_a_finite_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRAIN_GOLDEN_SETS; i++) {
        compare_set(&train_golden_sets[i], 0, (struct how){0});
        compare_set(&train_golden_sets[i], 1, (struct how){0});
    }
}

static void so_it_is_where_empty_slots_take_no_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRAIN_GOLDEN_SETS; i++)
        compare_set(&train_golden_sets[i], 1, (struct how){.masked = true});
}

static void so_it_is_with_a_binary_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRAIN_GOLDEN_SETS; i++)
        compare_set(&train_golden_sets[i], 1, (struct how){.masked = true, .binary = 0.7});
}

/* --- the loss itself ----------------------------------------------------------------------------- */

/* By the book, of logits that do not overflow. */
static double plain_loss(const real *logits, double binary)
{
    double loss = 0.0;

    for (uint32_t i = 0; i < TRAIN_GOLDEN_EXAMPLES; i++) {
        const real *logit = logits + (size_t)i * TRAIN_GOLDEN_GROUP;
        double sum = 0.0;

        for (uint32_t c = 0; c < TRAIN_GOLDEN_GROUP; c++) {
            sum += exp(logit[c]);
            loss -= binary * log(1.0 / (1.0 + exp(c == 0 ? -logit[c] : logit[c])));
        }
        loss -= log(exp(logit[0]) / sum);
    }
    return loss / TRAIN_GOLDEN_EXAMPLES;
}

static void the_binary_part_is_the_cross_entropy_of_every_candidate(void **state)
{
    static const double weights[] = {0.0, 0.3, 2.0};
    real logits[TRAIN_GOLDEN_EXAMPLES * TRAIN_GOLDEN_GROUP];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(weights); i++) {
        struct train_golden golden;

        train_golden_open(&golden, &train_golden_sets[1]);
        golden.settings.binary = weights[i];
        struct trainer *trainer = train_golden_trainer(&golden, &train_kernels_portable, 1);
        double loss = trainer_loss(trainer, train_golden_feed(&golden, 0)).data;
        trainer_logits(trainer, logits);
        assert_true(fabs(loss - plain_loss(logits, weights[i])) < 1e-12);
        trainer_destroy(trainer);
        train_golden_close(&golden);
    }
}

/* --- the moving average --------------------------------------------------------------------------- */

/* One number of a network and one of batch norm's statistics, followed by hand. */
static void follow_average(uint32_t steps)
{
    enum { STEPS = 40 };
    struct train_golden golden;
    double wanted[2] = {0};

    train_golden_open(&golden, &train_golden_sets[1]);
    golden.settings.average = steps;
    struct trainer *trainer = train_golden_trainer(&golden, &train_kernels_portable, 1);
    const size_t at[2] = {trainer_layout(trainer)->tensors[TRAIN_LOGIT3_WEIGHT].at,
                          trainer_layout(trainer)->tensors[TRAIN_LOGIT1_MEAN].at};
    for (uint32_t step = 1; step <= STEPS; step++) {
        (void)trainer_step(trainer, train_golden_feed(&golden, 0));
        struct train_state numbers = trainer_state(trainer);
        double early = (1.0 + step) / (10.0 + step);
        double kept = steps == 0 || step == 1 ? 0.0 : fmin(1.0 - 1.0 / steps, early);

        for (size_t i = 0; i < COUNT_OF(at); i++) {
            wanted[i] = kept * wanted[i] + (1.0 - kept) * numbers.value[at[i]];
            assert_true(fabs(wanted[i] - numbers.average[at[i]]) < 1e-15);
        }
    }
    trainer_destroy(trainer);
    train_golden_close(&golden);
}

static void the_average_follows_the_variables(void **state)
{
    (void)state;
    follow_average(0);
    follow_average(3);
    follow_average(1000);
}

/* Exchanged, losses are the average's; exchanged again, training goes on as if nothing had been. */
static void an_exchange_shows_the_average_and_changes_nothing(void **state)
{
    struct train_golden golden;
    double losses[2];

    (void)state;
    train_golden_open(&golden, &train_golden_sets[1]);
    golden.settings.average = 100;
    for (uint32_t shown = 0; shown < 2; shown++) {
        struct trainer *trainer = train_golden_trainer(&golden, &train_kernels_portable, 1);
        const struct train_batch *batch = train_golden_feed(&golden, 0);

        for (uint32_t step = 0; step < 20; step++) {
            (void)trainer_step(trainer, batch);
            if (shown == 0) continue;
            double own = trainer_evaluate(trainer, batch).data;
            trainer_exchange(trainer);
            assert_true((trainer_evaluate(trainer, batch).data != own) == (step > 0));
            trainer_exchange(trainer);
            assert_true(trainer_evaluate(trainer, batch).data == own);
        }
        losses[shown] = trainer_step(trainer, batch).data;
        trainer_destroy(trainer);
    }
    assert_true(losses[0] == losses[1]);
    train_golden_close(&golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gradient_is_a_finite_difference),
        cmocka_unit_test(so_it_is_where_empty_slots_take_no_part),
        cmocka_unit_test(so_it_is_with_a_binary_part),
        cmocka_unit_test(the_binary_part_is_the_cross_entropy_of_every_candidate),
        cmocka_unit_test(the_average_follows_the_variables),
        cmocka_unit_test(an_exchange_shows_the_average_and_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
