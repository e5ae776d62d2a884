/* test_train_sample.c - batches of the fixed arithmetic: how far a logit is lowered for how its item is drawn. */
#include <math.h>

#include "model/train/sample.h"
#include "test.h"

/* A user's events: item a is learnt four times, b twice, c and d once; the first is not learnt, the last two
 * are held back. */
static const char shop[] =
    "1\tu\ta\t1\tk\n1\tu\ta\t2\tk\n1\tu\tb\t3\tk\n1\tu\ta\t4\tk\n1\tu\tc\t5\tk\n"
    "1\tu\ta\t6\tk\n1\tu\tb\t7\tk\n1\tu\td\t8\tk\n1\tu\ta\t9\tk\n"
    "1\tu\tb\t10\tk\n1\tu\ta\t11\tk\n";

struct room {
    struct arena arena;
    struct train_data data;
    struct train_sampler sampler;
};

static void room_open(struct room *room, uint32_t negatives, double correction)
{
    const struct train_sample_settings settings = {.batch = 8,
                                                   .negatives = negatives,
                                                   .steps = 5,
                                                   .many = true,
                                                   .correction = correction,
                                                   .seed = 1,
                                                   .clock = SLIREC_SECONDS};
    struct train_rows rows;
    struct buffer message;

    buffer_init(&message, 4096);
    arena_init(&room->arena, 16 << 20);
    assert_ok(train_rows_init(&rows, "shop.tsv", &room->arena));
    assert_ok(train_rows_parse(slice_of(shop), COURSE_INTERACTIONS, NULL, &rows, &message));
    assert_ok(train_data_make(&rows, &(struct train_data_options){.own_cates = true}, &room->data,
                              &message));
    assert_ok(train_sampler_init(&room->sampler, &room->data, &settings, &room->arena));
    buffer_deinit(&message);
}

/* Of all logits by its item: minus correction times the log of the chance to be among `drawn` targets. */
static void compare_shifts(uint32_t negatives, double correction, uint32_t drawn)
{
    struct room room;

    room_open(&room, negatives, correction);
    const struct train_batch *batch = train_sampler_batch(&room.sampler, 0, 0);
    assert_int_equal(batch->count, 8);
    for (uint32_t i = 0; i < batch->count; i++) {
        for (uint32_t c = 0; c <= negatives; c++) {
            struct slice name = room.data.item_names.at[batch->examples[i].candidates[c]];
            double share = name.data[0] == 'a' ? 0.5 : name.data[0] == 'b' ? 0.25 : 0.125;
            double wanted = -correction * log(1.0 - pow(1.0 - share, drawn));

            assert_true(fabs((double)batch->examples[i].shift[c] - wanted) < 1e-6);
        }
    }
    arena_deinit(&room.arena);
}

static void logits_are_lowered_by_a_share_of_the_log_of_their_chance(void **state)
{
    (void)state;
    compare_shifts(1, 1.0, 2);
    compare_shifts(2, 1.0, 3);
    compare_shifts(2, 0.4, 3);
    compare_shifts(2, 0.0, 3);
}

static void a_full_softmax_needs_no_correction(void **state)
{
    struct room room;

    (void)state;
    room_open(&room, 3, 1.0);
    const struct train_batch *batch = train_sampler_batch(&room.sampler, 0, 0);
    for (uint32_t i = 0; i < batch->count; i++) {
        for (uint32_t c = 0; c < 4; c++)
            assert_true(batch->examples[i].shift[c] == 0.0F);
    }
    arena_deinit(&room.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logits_are_lowered_by_a_share_of_the_log_of_their_chance),
        cmocka_unit_test(a_full_softmax_needs_no_correction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
