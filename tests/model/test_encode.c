/* test_encode.c - the encoder learns, repeats itself to the bit, and goes on where it stopped. */
#include <math.h>

#include "model/encode/fit_room.h"
#include "test.h"

enum { ITEMS = 40, SESSIONS = 120, LEN = 9 };

/* Sessions walk through the items by steps of 7 from anywhere: the next item is always foretold. */
struct walk {
    uint32_t starts[SESSIONS + 1];
    uint32_t items[SESSIONS * LEN];
    double ends[SESSIONS];
    uint32_t clicks[ITEMS];
    struct dataset dataset;
};

static struct dataset_part part_of(const struct walk *walk, uint32_t first, uint32_t count)
{
    return (struct dataset_part){
        .count = count,
        .starts = walk->starts + first,
        .items = walk->items,
        .ends = walk->ends,
    };
}

static void walk_make(struct walk *walk)
{
    *walk = (struct walk){0};
    for (uint32_t s = 0; s < SESSIONS; s++) {
        walk->starts[s + 1] = (s + 1) * LEN;
        for (uint32_t t = 0; t < LEN; t++) {
            uint32_t item = (s * 11 + t * 7) % ITEMS;

            walk->items[s * LEN + t] = item;
            walk->clicks[item]++;
        }
    }
    walk->dataset = (struct dataset){
        .clicks = walk->clicks,
        .item_count = ITEMS,
        .catalogue_count = ITEMS,
        .train = part_of(walk, 0, SESSIONS - 20),
        .valid = part_of(walk, SESSIONS - 20, 20),
    };
}

static struct encode_plan plan_make(uint32_t sampled, uint32_t threads)
{
    struct encode_plan plan = encode_plan_default;

    plan.shape =
        (struct encode_shape){.width = 32, .heads = 2, .layers = 1, .inner = 32, .steps = 6};
    plan.settings = (struct encode_settings){.learning_rate = 0.01,
                                             .dropout = 0.1,
                                             .batch = 16,
                                             .sampled = sampled,
                                             .threads = threads,
                                             .seed = 3};
    plan.epochs = 12;
    plan.patience = 0;
    return plan;
}

static const struct encode_watch unwatched = {0};

static bool loss_check(void *context, const struct encode_progress *progress)
{
    (void)context;
    assert_true(isfinite(progress->loss));
    return true;
}

static double quality_of(const struct walk *walk, const struct encode_plan *plan)
{
    const struct encode_watch watch = {loss_check, NULL};
    struct encode_fit *fit;

    assert_ok(encode_fit_create(&walk->dataset, plan, &fit));
    assert_ok(encode_fit_run(fit, &watch));
    double mrr = encode_fit_quality(fit).mrr20;
    assert_int_equal(encode_fit_quality(fit).questions, 20 * (LEN - 1));
    encode_fit_destroy(fit);
    return mrr;
}

static void test_learns(void **state)
{
    struct walk walk;

    (void)state;
    walk_make(&walk);
    for (uint32_t sampled = 0; sampled <= 8; sampled += 8) {
        const struct encode_plan plan = plan_make(sampled, 2);

        assert_true(quality_of(&walk, &plan) > 0.9); /* by chance: about 0.09 */
    }
}

/* A rate no training survives ends it; what was learned before is not lost. */
static void test_numbers_that_run_away_end_it(void **state)
{
    struct walk walk;
    struct encode_fit *fit;

    (void)state;
    walk_make(&walk);
    struct encode_plan plan = plan_make(0, 1);
    plan.settings.learning_rate = 1e38;
    assert_ok(encode_fit_create(&walk.dataset, &plan, &fit));
    assert_int_equal(encode_fit_run(fit, &unwatched), STATUS_INVALID);
    assert_int_equal(encode_fit_epochs(fit), 0);
    for (size_t i = 0; i < encode_fit_layout(fit)->count; i++)
        assert_true(isfinite(encode_fit_values(fit)[i]));
    encode_fit_destroy(fit);
}

/* Numbers of the trainer that are none, from within. */
static bool spoil(void *context, const struct encode_progress *progress)
{
    struct encode_fit *fit = *(struct encode_fit **)context;

    if (progress->epoch == 2) encode_trainer_state(fit->trainer).value[3] = NAN;
    return true;
}

static void test_last_good_epoch_is_kept(void **state)
{
    struct walk walk;
    struct encode_fit *fit;
    const struct encode_watch watch = {spoil, &fit};

    (void)state;
    walk_make(&walk);
    const struct encode_plan plan = plan_make(0, 1);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &fit));
    assert_int_equal(encode_fit_run(fit, &watch), STATUS_INVALID);
    assert_int_equal(encode_fit_epochs(fit), 1);
    assert_int_equal(encode_fit_best_epoch(fit), 1);
    for (size_t i = 0; i < encode_fit_layout(fit)->count; i++)
        assert_true(isfinite(encode_fit_values(fit)[i]));
    encode_fit_destroy(fit);
}

/* A score that is no number is never among the best, whatever stands beside it. */
static void test_no_number_ranks_last(void **state)
{
    struct walk walk;
    struct encode_fit *fit;

    (void)state;
    walk_make(&walk);
    const struct encode_plan plan = plan_make(0, 1);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &fit));
    real *value = encode_trainer_state(fit->trainer).value;
    for (size_t i = 0; i < encode_fit_layout(fit)->count; i++)
        value[i] = NAN;
    struct encode_quality quality = encode_validate(fit->validation);
    assert_int_equal(quality.questions, 20 * (LEN - 1));
    assert_true(quality.hr20 == 0.0 && quality.mrr20 == 0.0);
    encode_fit_destroy(fit);
}

static bool stop_at(void *context, const struct encode_progress *progress)
{
    uint32_t *left = context;

    (void)progress;
    return --*left > 0;
}

static void assert_same_values(const struct encode_fit *left, const struct encode_fit *right)
{
    assert_memory_equal(encode_fit_values(left), encode_fit_values(right),
                        encode_fit_layout(left)->count * sizeof(real));
}

/* Stopped in the middle of an epoch, saved, restored into a new one: as if nothing had been. */
static void test_resumes_to_the_bit(void **state)
{
    struct walk walk;
    struct encode_fit *whole;
    struct encode_fit *first;
    struct encode_fit *second;
    struct buffer saved;
    struct buffer message;
    uint32_t left = 17;

    (void)state;
    walk_make(&walk);
    buffer_init(&saved, 64 << 20);
    buffer_init(&message, 4096);
    const struct encode_plan plan = plan_make(0, 2);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &whole));
    assert_ok(encode_fit_run(whole, &unwatched));
    assert_ok(encode_fit_create(&walk.dataset, &plan, &first));
    assert_int_equal(encode_fit_run(first, &(struct encode_watch){stop_at, &left}), STATUS_AGAIN);
    encode_fit_save(first, &saved);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &second));
    assert_ok(encode_fit_restore(second, buffer_slice(&saved), &message));
    assert_ok(encode_fit_run(second, &unwatched));
    assert_same_values(whole, second);
    assert_int_equal(encode_fit_best_epoch(whole), encode_fit_best_epoch(second));
    assert_int_equal(encode_fit_quality(second).questions, 20 * (LEN - 1));
    encode_fit_destroy(whole);
    encode_fit_destroy(first);
    encode_fit_destroy(second);
    buffer_deinit(&saved);
    buffer_deinit(&message);
}

static void assert_refused(struct encode_fit *fit, struct slice saved, const char *why)
{
    struct buffer message;

    buffer_init(&message, 4096);
    assert_int_equal(encode_fit_restore(fit, saved, &message), STATUS_INVALID);
    buffer_append_byte(&message, 0);
    if (strstr((const char *)message.data, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", (const char *)message.data, why);
    buffer_deinit(&message);
}

static void test_refuses_to_resume(void **state)
{
    struct walk walk;
    struct encode_fit *fit;
    struct encode_fit *other;
    struct buffer saved;

    (void)state;
    walk_make(&walk);
    buffer_init(&saved, 64 << 20);
    struct encode_plan plan = plan_make(0, 1);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &fit));
    encode_fit_save(fit, &saved);
    plan.settings.seed++;
    assert_ok(encode_fit_create(&walk.dataset, &plan, &other));
    assert_refused(other, buffer_slice(&saved), "another seed");
    encode_fit_destroy(other);
    walk.items[5] = walk.items[6];
    plan.settings.seed--;
    assert_ok(encode_fit_create(&walk.dataset, &plan, &other));
    assert_refused(other, buffer_slice(&saved), "other clicks");
    encode_fit_destroy(other);
    plan.shape.width = 64;
    assert_ok(encode_fit_create(&walk.dataset, &plan, &other));
    assert_refused(other, buffer_slice(&saved), "another shape");
    assert_refused(other, (struct slice){saved.data, saved.len / 2}, "cut short");
    assert_refused(other, SLICE("nonsense"), "no saved training");
    assert_refused(other, (struct slice){0}, "no saved training");
    for (size_t i = 0; i < saved.len; i += saved.len / 61) {
        saved.data[i] ^= 1;
        assert_refused(other, buffer_slice(&saved), "damaged");
        saved.data[i] ^= 1;
    }
    encode_fit_destroy(other);
    encode_fit_destroy(fit);
    buffer_deinit(&saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_numbers_that_run_away_end_it),
        cmocka_unit_test(test_last_good_epoch_is_kept),
        cmocka_unit_test(test_no_number_ranks_last),
        cmocka_unit_test(test_resumes_to_the_bit),
        cmocka_unit_test(test_refuses_to_resume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
