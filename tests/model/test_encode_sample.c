/* test_encode_sample.c - a softmax over a sample says what one over all items says, on average. */
#include <math.h>

#include "base/hash.h"
#include "model/encode/sample.h"
#include "test.h"

enum { ITEMS = 40 };

/* The loss over a table with biases: of a row's own items they do not count. */
static void test_own_items_have_no_bias(void **state)
{
    enum { COUNT = 300, WIDTH = 16, ROWS = 2 };
    static const uint32_t own_items[] = {2, 299, 7};
    static const struct encode_own own[ROWS] = {{own_items, 3}, {own_items + 1, 1}};
    static const uint32_t targets[ROWS] = {7, 299};
    struct arena arena;
    struct encode_tile tile;
    double wanted = 0.0;

    (void)state;
    arena_init(&arena, 16 << 20);
    real *rows = arena_zalloc(&arena, (size_t)train_pad(COUNT) * WIDTH, sizeof(real));
    real *bias = arena_zalloc(&arena, (size_t)encode_blocks(COUNT) * ENCODE_BLOCK, sizeof(real));
    real *vectors = arena_zalloc(&arena, (size_t)ENCODE_TILE * WIDTH, sizeof(real));
    struct encode_table table = {
        .kernels = encode_kernels_best(),
        .products = train_kernels_best(),
        .count = COUNT,
        .width = WIDTH,
        .rows = rows,
        .packed =
            arena_zalloc(&arena, (size_t)encode_blocks(COUNT) * ENCODE_BLOCK * WIDTH, sizeof(real)),
        .bias = bias,
    };
    const struct encode_answers answers = {
        .vectors = vectors,
        .targets = targets,
        .own = own,
        .rows = ROWS,
        .weight = 0.5F,
        .d_vectors = arena_zalloc(&arena, (size_t)ENCODE_TILE * WIDTH, sizeof(real)),
        .d_items = arena_zalloc(&arena, (size_t)train_pad(COUNT) * WIDTH, sizeof(real)),
    };
    assert_ok(encode_tile_init(COUNT, &arena, &tile));
    for (uint32_t r = 0; r < ROWS; r++)
        vectors[(size_t)r * WIDTH] = 1;
    for (uint32_t i = 0; i < COUNT; i++) { /* an item's score is its first number */
        rows[(size_t)i * WIDTH] = (real)sin(i);
        bias[i] = (real)(2 + cos(i));
    }
    encode_table_pack(&table, 0, 1);
    for (uint32_t r = 0; r < ROWS; r++) {
        double sum = 0.0;

        for (uint32_t i = 0; i < COUNT; i++) {
            bool is_own = false;

            for (uint32_t k = 0; k < own[r].count; k++)
                is_own = is_own || own[r].items[k] == i;
            sum += exp(sin(i) + (is_own ? 0.0 : 2 + cos(i)));
        }
        wanted += log(sum) - sin(targets[r]);
    }
    assert_true(fabs(encode_table_learn(&table, &answers, &tile) - wanted) < 1e-4);
    arena_deinit(&arena);
}

/* Where all numbers are 0 all items are equally likely: the softmax over a sample says so, too. */
static void test_sampled_loss_is_that_of_all_items(void **state)
{
    enum { TRIALS = 200, SEQUENCES = 8, LONG = 5 };
    const struct encode_shape shape = {
        .items = 1000, .width = 16, .heads = 1, .layers = 1, .inner = 16, .steps = 8};
    const struct encode_settings settings = {.batch = SEQUENCES,
                                             .sampled = 60,
                                             .threads = 2,
                                             .kernels = encode_kernels_best(),
                                             .products = train_kernels_best()};
    struct encode_trainer *trainer;
    uint32_t clicks[1000];
    double sum = 0.0;

    (void)state;
    for (uint32_t i = 0; i < shape.items; i++)
        clicks[i] = 7;
    assert_ok(encode_trainer_create(&shape, &settings, clicks, &trainer));
    struct encode_state numbers = encode_trainer_state(trainer);
    memset(numbers.value, 0, encode_trainer_layout(trainer)->count * sizeof(real));
    for (uint32_t trial = 0; trial < TRIALS; trial++) {
        struct encode_sequence sequences[SEQUENCES];
        uint32_t items[SEQUENCES * LONG];

        for (uint32_t i = 0; i < SEQUENCES * LONG; i++) {
            items[i] = (uint32_t)(hash_bytes(SLICE("items"), trial * SEQUENCES * LONG + i) % 1000);
            sequences[i / LONG] = (struct encode_sequence){items + (size_t)i / LONG * LONG, LONG};
        }
        *numbers.step = trial; /* of which the draws are a function */
        sum += encode_trainer_differentiate(trainer, sequences, SEQUENCES);
    }
    assert_true(fabs(sum / TRIALS - log(shape.items)) < 0.02);
    encode_trainer_destroy(trainer);
}

/* For a row of the first sequence: its own items count once, others by one over the probability that they
 * are there, through another sequence or drawn evenly; all items then count once on average. */
static void test_sample_stands_for_all_items(void **state)
{
    enum { TRIALS = 4000, SEQUENCES = 4, LONG = 3, DRAWN = 5, WIDTH = 16 };
    static const real embeddings[ITEMS * WIDTH];
    const struct encode_shape shape = {.items = ITEMS, .width = WIDTH};
    struct encode_table table = {.width = WIDTH};
    struct sample sample;
    struct arena arena;
    uint32_t clicks[ITEMS];
    uint32_t urn[ITEMS * (ITEMS + 1) / 2];
    uint32_t clicked = 0;
    double sum = 0.0;

    (void)state;
    for (uint32_t i = 0; i < ITEMS; i++) {
        clicks[i] = i + 1;
        for (uint32_t j = 0; j <= i; j++)
            urn[clicked++] = i;
    }
    arena_init(&arena, 1 << 20);
    assert_ok(sample_init(&shape, ITEMS, clicks, &arena, &sample));
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        struct encode_sequence sequences[SEQUENCES];
        uint32_t batch[SEQUENCES * LONG];

        for (uint32_t i = 0; i < SEQUENCES * LONG; i++) {
            uint64_t draw = hash_bytes(SLICE("batch"), trial * SEQUENCES * LONG + i);

            batch[i] = urn[(draw >> 32) * clicked >> 32];
            sequences[i / LONG] = (struct encode_sequence){batch + (size_t)i / LONG * LONG, LONG};
        }
        sample_draw(&sample, sequences, SEQUENCES, DRAWN, trial);
        sample_gather(&sample, embeddings, &table);
        for (uint32_t i = 0; i < table.count; i++) {
            bool own = sample.items[i] == batch[0] || sample.items[i] == batch[1] ||
                       sample.items[i] == batch[2];

            sum += own ? 1.0 : exp((double)table.bias[i]);
        }
    }
    assert_true(fabs(sum / TRIALS - ITEMS) < 0.5);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_items_have_no_bias),
        cmocka_unit_test(test_sampled_loss_is_that_of_all_items),
        cmocka_unit_test(test_sample_stands_for_all_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
