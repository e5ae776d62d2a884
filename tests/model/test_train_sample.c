/* test_train_sample.c - batches: how far a logit is lowered for how its item is drawn, how much of a history
 * is shown.
 */
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

static void room_open(struct room *room, struct train_sample_settings settings)
{
    struct train_rows rows;
    struct buffer message;

    settings.batch = 8;
    settings.steps = 5;
    settings.seed = 1;
    settings.clock = SLIREC_SECONDS;
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

    room_open(&room, (struct train_sample_settings){
                         .negatives = negatives, .many = true, .correction = correction});
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
    room_open(&room,
              (struct train_sample_settings){.negatives = 3, .many = true, .correction = 1.0});
    const struct train_batch *batch = train_sampler_batch(&room.sampler, 0, 0);
    for (uint32_t i = 0; i < batch->count; i++) {
        for (uint32_t c = 0; c < 4; c++)
            assert_true(batch->examples[i].shift[c] == 0.0F);
    }
    arena_deinit(&room.arena);
}

/* --- histories ----------------------------------------------------------------------------------- */

/* What an example shows are the events right before its own, whichever instance it is. */
static uint32_t shown_of(struct room *room, const struct train_example *example, uint32_t instance)
{
    const struct train_data *data = &room->data;
    uint32_t event = data->train.at[instance].event;

    for (uint32_t t = 0; t < example->len; t++) {
        uint32_t from = event - example->len + t;

        assert_int_equal(example->items[t], data->items[from]);
        assert_true(example->from_first[t] == data->from_first[from]);
        assert_true(example->to_now[t] ==
                    (float)slirec_elapsed(SLIREC_SECONDS, data->times[event] - data->times[from]));
    }
    return example->len;
}

/* Lengths of the instance with five events before it, over many epochs. */
static void count_lengths(double crop, uint32_t counts[6])
{
    enum { EPOCHS = 2000, INSTANCE = 4 };
    struct room room;

    memset(counts, 0, 6 * sizeof(*counts));
    room_open(&room, (struct train_sample_settings){.negatives = 1, .many = true, .crop = crop});
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        const struct train_batch *batch = train_sampler_batch(&room.sampler, epoch, 0);

        for (uint32_t i = 0; i < batch->count; i++) {
            uint32_t instance = room.sampler.order[i];
            uint32_t len = shown_of(&room, &batch->examples[i], instance);

            assert_true(len > 0 && len <= 5);
            if (instance == INSTANCE) counts[len]++;
        }
    }
    const struct train_example *whole =
        train_sampler_history(&room.sampler, 0, &room.data.train.at[INSTANCE]);
    assert_int_equal(whole->len, 5); /* as it is judged */
    arena_deinit(&room.arena);
}

static void a_share_of_the_histories_is_cropped_short_ones_more_often(void **state)
{
    uint32_t counts[6];

    (void)state;
    count_lengths(0.0, counts);
    assert_int_equal(counts[5], 2000);
    for (uint32_t half = 1; half <= 2; half++) {
        count_lengths(half / 2.0, counts);
        for (uint32_t len = 1; len < 5;
             len++) { /* log(len + 1) - log(len), of log 6; 4 deviations */
            double wanted = 1000.0 * half * (log(len + 1.0) - log(len)) / log(6.0);

            assert_true(fabs(counts[len] - wanted) < 4.0 * sqrt(wanted));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_of_the_histories_is_cropped_short_ones_more_often),
        cmocka_unit_test(logits_are_lowered_by_a_share_of_the_log_of_their_chance),
        cmocka_unit_test(a_full_softmax_needs_no_correction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
