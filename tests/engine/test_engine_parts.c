/* test_engine_parts.c - the same comes out of one instance and of four, and of a replay from a checkpoint. */
#include "cell_store.h"
#include "clicks.h"

/* --- one instance against four, with serialised hand-over ---------------------------------------------- */

struct shards {
    struct engine *front;
    struct engine *behind[PARTITIONS];
    struct trail trail;
};

static void shard_step(struct shards *shards, struct engine *engine, struct engine_input input)
{
    struct effect_list effects;

    assert_ok(engine_step(engine, &input, 1, &effects));
    for (uint32_t i = 0; i < effects.count; i++)
        trail_add(&shards->trail, &effects.items[i]);
}

static void shards_take(struct shards *shards, const struct engine_input *input)
{
    struct engine_input tick = {.kind = INPUT_WATERMARK,
                                .watermark_ms = input->watermark_ms,
                                .now_ms = input->now_ms,
                                .identity = {.offset = input->record->offset}};
    struct effect_list effects;

    for (uint32_t i = 0; i < PARTITIONS; i++)
        shard_step(shards, shards->behind[i], tick);
    assert_ok(engine_step(shards->front, input, 1, &effects));
    for (uint32_t i = 0; i < effects.count; i++) {
        const struct effect *effect = &effects.items[i];

        if (effect->kind != EFFECT_HANDOVER) {
            trail_add(&shards->trail, effect);
            continue;
        }
        struct slice wire = keep(effect->value); /* as if it went over a network */
        uint32_t partition = (uint32_t)(hash_bytes(effect->key, 7) % PARTITIONS);

        shard_step(shards, shards->behind[partition],
                   (struct engine_input){.kind = INPUT_HANDOVER,
                                         .node = effect->node,
                                         .identity = effect->identity,
                                         .bytes = wire,
                                         .watermark_ms = input->watermark_ms,
                                         .now_ms = input->now_ms});
        free((void *)(uintptr_t)wire.data);
    }
}

static void one_against_four(bool left)
{
    enum { COUNT = 20000 };
    struct test_event *events = make_events(COUNT, 42, true);
    struct feed *feed = calloc(1, sizeof(*feed));
    struct plan_maker maker;
    struct trail alone = {0};
    struct shards shards = {0};

    make_plan(&maker, left);
    feed->events = events;
    watermark_init(&feed->watermark, 1);
    struct engine *engine = make_engine(&maker, &no_host, false, 1000);

    run_events(engine, feed, 0, COUNT, 100, &alone);
    engine_destroy(engine);
    shards.front = make_engine(&maker, &no_host, true, 1000);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        shards.behind[i] = make_engine(&maker, &no_host, false, 1000);
    watermark_init(&feed->watermark, 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        feed_fill(feed, i, 1);
        shards_take(&shards, &feed->inputs[0]);
    }
    trail_sort(&alone);
    trail_sort(&shards.trail);
    assert_true(alone.count > COUNT * 9 / 10);
    assert_same_trail(&alone, &shards.trail);
    engine_destroy(shards.front);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        engine_destroy(shards.behind[i]);
    plan_end(&maker);
    free(alone.hashes);
    free(shards.trail.hashes);
    free(feed);
    free(events);
}

static void four_instances_give_what_one_gives(void **state)
{
    (void)state;
    one_against_four(false);
}

static void four_instances_give_what_one_gives_with_timers(void **state)
{
    (void)state;
    one_against_four(true);
}

/* --- checkpoints --------------------------------------------------------------------------------------- */

/* Runs with checkpoints on the way; the last one is at `cut`. Then a second life from there. */
static void replay_from(uint32_t cut, bool left, uint32_t keys_max)
{
    enum { COUNT = 6000 };
    struct test_event *events = make_events(COUNT, 7 + cut, true);
    struct feed *feed = calloc(1, sizeof(*feed));
    struct store store;
    struct plan_maker maker;
    struct trail before = {0};
    struct trail after = {0};
    struct trail again = {0};

    store_init(&store);
    make_plan(&maker, left);
    struct engine_host host = {.context = &store, .cell_load = store_load};
    struct cell_writer writer = {&store, store_write, store_write_timer};

    feed->events = events;
    watermark_init(&feed->watermark, 1);
    struct engine *engine = make_engine(&maker, &host, false, keys_max);

    run_events(engine, feed, 0, cut / 2, 17, &before);
    assert_ok(engine_checkpoint(engine, &writer));
    run_events(engine, feed, cut / 2, cut, 17, &before);
    uint64_t digest_at_cut = engine_digest(engine);

    assert_ok(engine_checkpoint(engine, &writer));
    assert_true(engine_digest(engine) == digest_at_cut);
    struct watermark watermark = feed->watermark;
    struct engine_host no_writes = host;

    run_events(engine, feed, cut, COUNT, 17, &after);
    uint64_t digest = engine_digest(engine);

    engine_destroy(engine);
    engine = make_engine(&maker, &no_writes, false, keys_max);
    for (uint32_t i = 0; i < store.timer_count; i++)
        assert_ok(engine_restore_timer(engine, &store.timers[i].key, store.timers[i].time_ms));
    assert_true(engine_digest(engine) == digest_at_cut);
    feed->watermark = watermark;
    run_events(engine, feed, cut, COUNT, 5, &again);
    assert_same_trail(&after, &again);
    assert_true(engine_digest(engine) == digest);
    engine_destroy(engine);
    plan_end(&maker);
    store_deinit(&store);
    free(before.hashes);
    free(after.hashes);
    free(again.hashes);
    free(feed);
    free(events);
}

static void a_replay_from_a_checkpoint_repeats_everything(void **state)
{
    uint64_t seed = 99;

    (void)state;
    for (int round = 0; round < 6; round++)
        replay_from(100 + (uint32_t)(next_random(&seed) % 5000), round % 2 == 1,
                    round < 3 ? 1000 : 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_instances_give_what_one_gives),
        cmocka_unit_test(four_instances_give_what_one_gives_with_timers),
        cmocka_unit_test(a_replay_from_a_checkpoint_repeats_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
