/* test_results.c - results by visitor, their checkpoints, popular items. */
#include <pthread.h>
#include <stdatomic.h>

#include "fixture.h"
#include "store/popular.h"
#include "store/results.h"

/* --- tokens -------------------------------------------------------------------------------------- */

static void tokens_are_what_a_page_can_compute(void **state)
{
    char token[VISITOR_TOKEN_BYTES];
    char other[VISITOR_TOKEN_BYTES];

    (void)state;
    /* printf 'headrace visitor\0shop\0visitor-1' | openssl dgst -sha256 -binary | basenc --base64url */
    visitor_token(SLICE("shop"), SLICE("visitor-1"), token);
    assert_memory_equal(token, "Z8js8pB0ZZ7eaxbrDZM7ga", VISITOR_TOKEN_BYTES);
    visitor_token(SLICE("shopv"), SLICE("isitor-1"), other);
    assert_memory_not_equal(token, other, VISITOR_TOKEN_BYTES);
}

/* --- results ------------------------------------------------------------------------------------- */

static void token_of(uint32_t visitor, char token[VISITOR_TOKEN_BYTES])
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%u", visitor);
    visitor_token(SLICE("test"), slice_of(text), token);
}

static void put_result(struct results *results, uint32_t visitor, uint64_t offset,
                       const char *viewed)
{
    char token[VISITOR_TOKEN_BYTES];
    struct result result = {.event_id = SLICE("e1"),
                            .offset = offset,
                            .time_ms = (int64_t)offset * 1000,
                            .model = SLICE("sli/3"),
                            .candidates = SLICE("list")};

    token_of(visitor, token);
    assert_ok(results_put(results, token, &result, slice_of(viewed)));
}

static enum status get_result(struct results *results, uint32_t visitor, struct arena *arena,
                              struct result *result)
{
    char token[VISITOR_TOKEN_BYTES];

    token_of(visitor, token);
    return results_get(results, (struct slice){(uint8_t *)token, sizeof(token)}, arena, result);
}

static enum status checkpoint(struct results *results, struct state *state, bool commit)
{
    struct state_txn *txn;

    assert_ok(state_begin(state, &txn));
    enum status status = results_checkpoint(results, txn);
    if (status == STATUS_OK && commit) return state_commit(txn);
    state_abort(txn);
    return status;
}

static struct results *results_must(const struct results_options *options)
{
    struct results *results = NULL;

    assert_ok(results_create(options, &results));
    return results;
}

static void the_latest_result_wins(void **state)
{
    struct fixture fixture;
    struct results *results = results_must(&results_options_default);
    struct result result;

    (void)state;
    fixture_open(&fixture);
    assert_int_equal(get_result(results, 1, &fixture.arena, &result), STATUS_NOT_FOUND);
    put_result(results, 1, 10, "");
    put_result(results, 2, 11, "");
    put_result(results, 1, 12, "");
    assert_ok(get_result(results, 1, &fixture.arena, &result));
    assert_int_equal(result.offset, 12);
    assert_slice_equal(result.event_id, SLICE("e1"));
    assert_slice_equal(result.model, SLICE("sli/3"));
    assert_slice_equal(result.candidates, SLICE("list"));
    assert_int_equal(results_count(results), 2);
    assert_int_equal(results_get(results, SLICE("short"), &fixture.arena, &result),
                     STATUS_NOT_FOUND);
    results_destroy(results);
    fixture_close(&fixture);
}

static void the_least_recently_written_go(void **state)
{
    struct fixture fixture;
    struct results_options options = results_options_default;
    struct result result;
    uint32_t kept = 0;

    (void)state;
    options.visitors_max = 640;
    struct results *results = results_must(&options);
    fixture_open(&fixture);
    for (uint32_t i = 0; i < 5000; i++)
        put_result(results, i, i, "");
    assert_true(results_count(results) <= 640);
    assert_ok(get_result(results, 4999, &fixture.arena, &result));
    assert_int_equal(get_result(results, 0, &fixture.arena, &result), STATUS_NOT_FOUND);
    assert_ok(checkpoint(results, fixture.state, true));
    for (uint32_t i = 5000; i < 6000; i++)
        put_result(results, i, i, "");
    assert_ok(checkpoint(results, fixture.state, true));
    struct results *again = results_must(&options);
    assert_ok(results_restore(again, fixture.state));
    assert_int_equal(results_count(again), results_count(results));
    for (uint32_t i = 0; i < 6000; i++) {
        enum status status = get_result(results, i, &fixture.arena, &result);
        assert_int_equal(get_result(again, i, &fixture.arena, &result), status);
        kept += status == STATUS_OK;
    }
    assert_int_equal(kept, results_count(results));
    results_destroy(again);
    results_destroy(results);
    fixture_close(&fixture);
}

static void a_failed_checkpoint_is_made_good_by_the_next(void **state)
{
    struct fixture fixture;
    struct results *results = results_must(&results_options_default);
    struct result result;

    (void)state;
    fixture_open(&fixture);
    put_result(results, 1, 1, "a");
    assert_ok(checkpoint(results, fixture.state, true));
    put_result(results, 2, 2, "b");
    assert_ok(checkpoint(results, fixture.state, false));
    put_result(results, 3, 3, "c");
    assert_ok(checkpoint(results, fixture.state, true));
    assert_ok(checkpoint(results, fixture.state, true));
    fixture_reopen(&fixture);
    struct results *again = results_must(&results_options_default);
    assert_ok(results_restore(again, fixture.state));
    for (uint32_t i = 1; i <= 3; i++) {
        assert_ok(get_result(again, i, &fixture.arena, &result));
        assert_int_equal(result.offset, i);
    }
    put_result(again, 1, 9, "");
    assert_ok(checkpoint(again, fixture.state, true));
    results_destroy(again);
    again = results_must(&results_options_default);
    assert_ok(results_restore(again, fixture.state));
    assert_ok(get_result(again, 1, &fixture.arena, &result));
    assert_int_equal(result.offset, 9);
    struct candidate best[4];
    assert_int_equal(results_popular(again, 3000, &fixture.arena, best, 4), 3);
    results_destroy(again);
    results_destroy(results);
    fixture_close(&fixture);
}

struct reading {
    struct results *results;
    atomic_bool *stop;
    uint64_t found;
};

static void *read_often(void *context)
{
    struct reading *reading = context;
    struct arena arena;
    struct result result;
    uint32_t visitor = 0;

    arena_init(&arena, 1 << 20);
    while (!atomic_load(reading->stop)) {
        enum status status = get_result(reading->results, visitor++ % 500, &arena, &result);

        if (status == STATUS_OK && slice_equal(result.candidates, SLICE("list"))) reading->found++;
        arena_reset(&arena);
    }
    arena_deinit(&arena);
    return NULL;
}

static void readers_see_whole_results_while_others_write(void **state)
{
    struct results *results = results_must(&results_options_default);
    atomic_bool stop = false;
    struct reading reading = {results, &stop, 0};
    struct result result;
    struct arena arena;
    pthread_t thread;

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_int_equal(pthread_create(&thread, NULL, read_often, &reading), 0);
    for (uint32_t i = 0; i < 20000; i++)
        put_result(results, i % 500, i, "item");
    atomic_store(&stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_ok(get_result(results, 499, &arena, &result));
    assert_int_equal(result.offset, 19999);
    arena_deinit(&arena);
    results_destroy(results);
}

/* --- popular ------------------------------------------------------------------------------------- */

enum { HALF_LIFE_MS = 1000 };

static const struct {
    const char *about;
    struct {
        const char *item;
        int64_t time_ms;
        uint32_t views;
    } views[4];
    int64_t now_ms;
    const char *best;
    float score; /* of the first */
} popular_rows[] = {
    {"more views, further up", {{"a", 0, 1}, {"b", 0, 3}, {"c", 0, 2}}, 0, "b c a ", 3},
    {"a view counts half after a half life", {{"a", 0, 4}, {"b", 1000, 3}}, 1000, "b a ", 3},
    {"late views weigh less, whenever they come", {{"b", 2000, 1}, {"a", 0, 3}}, 2000, "b a ", 1},
    {"time goes on for all", {{"a", 0, 4}}, 2000, "a ", 1},
    {"equal weights by name", {{"b", 0, 1}, {"a", 0, 1}}, 0, "a b ", 1},
    {"a long silence does no harm", {{"a", 0, 9}, {"b", 5000000, 1}}, 5000000, "b a ", 1},
};

static void popularity_decays_with_event_time(void **state)
{
    struct candidate best[8];
    struct arena arena;
    struct buffer text;

    (void)state;
    arena_init(&arena, 1 << 20);
    buffer_init(&text, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(popular_rows); i++) {
        struct popular *popular = popular_create(100, HALF_LIFE_MS);

        for (size_t v = 0; v < 4 && popular_rows[i].views[v].item != NULL; v++) {
            for (uint32_t n = 0; n < popular_rows[i].views[v].views; n++) {
                assert_ok(popular_add(popular, slice_of(popular_rows[i].views[v].item),
                                      popular_rows[i].views[v].time_ms));
            }
        }
        uint32_t count = popular_best(popular, popular_rows[i].now_ms, &arena, best, 8);
        buffer_clear(&text);
        for (uint32_t b = 0; b < count; b++) {
            buffer_append(&text, best[b].item);
            buffer_append_byte(&text, ' ');
        }
        assert_slice_equal(buffer_slice(&text), slice_of(popular_rows[i].best));
        assert_float_equal(best[0].score, popular_rows[i].score, 1e-6);
        assert_int_equal(popular_best(popular, 0, &arena, best, 1), 1);
        popular_destroy(popular);
    }
    buffer_deinit(&text);
    arena_deinit(&arena);
}

static void a_full_table_keeps_the_heavy_half(void **state)
{
    struct popular *popular = popular_create(100, HALF_LIFE_MS);
    struct popular *again = popular_create(100, HALF_LIFE_MS);
    struct candidate best[50];
    struct buffer stored;
    struct arena arena;
    char name[16];

    (void)state;
    arena_init(&arena, 1 << 20);
    buffer_init(&stored, POPULAR_BYTES_MAX);
    for (int view = 0; view < 50; view++) {
        for (int item = 0; item < 10; item++) {
            (void)snprintf(name, sizeof(name), "heavy%d", item);
            assert_ok(popular_add(popular, slice_of(name), 0));
        }
        for (int item = 0; item < 200; item++) {
            (void)snprintf(name, sizeof(name), "rare%d-%d", view, item);
            assert_ok(popular_add(popular, slice_of(name), 0));
        }
    }
    popular_write(popular, &stored);
    assert_ok(popular_read(again, buffer_slice(&stored)));
    assert_int_equal(popular_best(again, 0, &arena, best, 50), 50);
    for (int item = 0; item < 10; item++) {
        assert_true(slice_starts_with(best[item].item, SLICE("heavy")));
        assert_float_equal(best[item].score, 50, 1e-6);
    }
    for (size_t len = 0; len < stored.len; len++) {
        assert_int_equal(popular_read(again, (struct slice){stored.data, len}), STATUS_CORRUPT);
    }
    popular_destroy(popular);
    popular_destroy(again);
    buffer_deinit(&stored);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_what_a_page_can_compute),
        cmocka_unit_test(the_latest_result_wins),
        cmocka_unit_test(the_least_recently_written_go),
        cmocka_unit_test(a_failed_checkpoint_is_made_good_by_the_next),
        cmocka_unit_test(readers_see_whole_results_while_others_write),
        cmocka_unit_test(popularity_decays_with_event_time),
        cmocka_unit_test(a_full_table_keeps_the_heavy_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
