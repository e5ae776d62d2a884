/* test_encode_gradient.c - every gradient of the encoder against finite differences, in doubles. */
#include <math.h>

#include "model/encode/trainer.h"
#include "test.h"

/* Sequences of unlike lengths; an item comes twice, one follows itself, one is never seen. */
static const uint32_t first_items[] = {0, 3, 3, 7, 0, 250};
static const uint32_t second_items[] = {250, 251};
static const uint32_t third_items[] = {5, 7, 9};
static const struct encode_sequence sequences[] = {
    {first_items, COUNT_OF(first_items)},
    {second_items, COUNT_OF(second_items)},
    {third_items, COUNT_OF(third_items)},
};

static const struct encode_shape shape = {
    .items = 253, .width = 32, .heads = 2, .layers = 2, .inner = 48, .steps = 5};

static struct encode_trainer *trainer_make(double dropout, uint32_t threads)
{
    const struct encode_settings settings = {
        .learning_rate = 0.001,
        .dropout = dropout,
        .batch = 3,
        .threads = threads,
        .seed = 7,
        .kernels = &encode_kernels_portable,
        .products = &train_kernels_portable,
    };
    struct encode_trainer *trainer = NULL;

    assert_int_equal(encode_trainer_create(&shape, &settings, NULL, &trainer), STATUS_OK);
    /* so large that scores differ and relu cuts */
    const struct encode_layout *layout = encode_trainer_layout(trainer);
    real *value = encode_trainer_state(trainer).value;
    for (size_t i = 0; i < layout->count; i++)
        value[i] += 0.1 * sin(0.7 * (double)i);
    return trainer;
}

static double slope(struct encode_trainer *trainer, size_t at)
{
    const double step = 1e-6; /* so small that relu seldom bends within it */
    real *value = encode_trainer_state(trainer).value;
    double kept = value[at];

    value[at] = kept + step;
    double above = encode_trainer_differentiate(trainer, sequences, COUNT_OF(sequences));
    value[at] = kept - step;
    double below = encode_trainer_differentiate(trainer, sequences, COUNT_OF(sequences));
    value[at] = kept;
    return (above - below) / (2 * step);
}

/* Of each tensor some numbers, first and last among them; of the items those that are looked at. */
static void check_tensor(struct encode_trainer *trainer, const real *gradient,
                         const struct encode_tensor *tensor, double *largest)
{
    size_t stride = tensor->count > 40 ? tensor->count / 37 : 1;

    for (size_t i = 0; i < tensor->count; i += stride) {
        double wanted = slope(trainer, tensor->at + i);
        double got = gradient[tensor->at + i];

        if (fabs(wanted - got) > 1e-7 + 1e-5 * fabs(wanted))
            fail_msg("%s[%zu]: gradient %.9g, slope %.9g", tensor->name, i, got, wanted);
        if (fabs(got) > *largest) *largest = fabs(got);
    }
}

static void check_all(double dropout, uint32_t threads)
{
    struct encode_trainer *trainer = trainer_make(dropout, threads);
    const struct encode_layout *layout = encode_trainer_layout(trainer);
    struct arena arena;

    arena_init(&arena, SIZE_MAX);
    real *gradient = arena_alloc(&arena, layout->count, sizeof(*gradient));
    assert_non_null(gradient);
    (void)encode_trainer_differentiate(trainer, sequences, COUNT_OF(sequences));
    memcpy(gradient, encode_trainer_gradient(trainer), layout->count * sizeof(*gradient));
    for (uint32_t i = 0; i < layout->tensor_count; i++) {
        double largest = 0.0;

        check_tensor(trainer, gradient, &layout->tensors[i], &largest);
        if (largest < 1e-6) fail_msg("%s: no gradient at all", layout->tensors[i].name);
    }
    arena_deinit(&arena);
    encode_trainer_destroy(trainer);
}

static void test_without_dropout(void **state)
{
    (void)state;
    check_all(0.0, 1);
}

static void test_with_dropout(void **state)
{
    (void)state;
    check_all(0.4, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_dropout),
        cmocka_unit_test(test_with_dropout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
