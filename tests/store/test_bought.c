/* test_bought.c - what visitors bought: newest first, carts that are emptied, age, bounds, a reopened store. */
#include "store/bought.h"
#include "test.h"
// clang-format off
#include "log/place.h"
// clang-format on

enum { MAP_BYTES = 64 << 20, ARENA_BYTES = 16 << 20 };

static struct place place;
static struct state *store;
static struct arena arena;

static void must_open(void)
{
    struct buffer message;

    buffer_init(&message, 4096);
    assert_ok(state_open(place.path, MAP_BYTES, &store, &message));
    buffer_deinit(&message);
}

static int prepare(void **state)
{
    (void)state;
    place_make(&place);
    arena_init(&arena, ARENA_BYTES);
    must_open();
    return 0;
}

static int tidy(void **state)
{
    (void)state;
    state_close(store);
    arena_deinit(&arena);
    place_remove(&place);
    return 0;
}

static void token_make(const char *visitor, char token[VISITOR_TOKEN_BYTES])
{
    visitor_token(SLICE("test"), slice_of(visitor), token);
}

/* Whether the visitor had no row before. */
static bool note(const char *visitor, enum bought_how how, const char *item, int64_t time_ms)
{
    struct bought_event event = {.how = how, .item = slice_of(item), .time_ms = time_ms};
    struct state_txn *txn;
    bool fresh;

    token_make(visitor, event.token);
    assert_ok(state_begin(store, &txn));
    assert_ok(bought_note(txn, &event, &arena, &fresh));
    assert_ok(state_commit(txn));
    return fresh;
}

/* The items with blanks between. */
static void assert_bought(const char *visitor, int64_t since_ms, const char *expected)
{
    char token[VISITOR_TOKEN_BYTES];
    struct slice items[BOUGHT_ITEMS_MAX];
    struct buffer text;
    uint32_t count;

    token_make(visitor, token);
    buffer_init(&text, 1 << 16);
    assert_ok(bought_get(store, (struct slice){(const uint8_t *)token, sizeof(token)}, since_ms,
                         &arena, items, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) buffer_append_byte(&text, ' ');
        buffer_append(&text, items[i]);
    }
    assert_slice_equal(buffer_slice(&text), slice_of(expected));
    buffer_deinit(&text);
}

static void the_newest_comes_first_and_outlives_a_restart(void **state)
{
    (void)state;
    assert_bought("ann", 0, "");
    assert_true(note("ann", BOUGHT_CART, "hat", 10));
    assert_false(note("ann", BOUGHT_ORDER, "mug", 20));
    assert_true(note("bob", BOUGHT_CART, "pen", 30));
    (void)note("ann", BOUGHT_CART, "hat", 40);
    state_close(store);
    must_open();
    assert_bought("ann", 0, "hat mug");
    assert_bought("bob", 0, "pen");
    assert_bought("ann", 20, "hat");
    assert_bought("ann", 40, "");
}

static void a_cart_may_be_emptied_but_an_order_stands(void **state)
{
    (void)state;
    (void)note("ann", BOUGHT_CART, "hat", 10);
    (void)note("ann", BOUGHT_UNCART, "hat", 20);
    assert_bought("ann", 0, "");
    assert_true(note("ann", BOUGHT_UNCART, "hat", 25));
    (void)note("ann", BOUGHT_CART, "hat", 30);
    (void)note("ann", BOUGHT_ORDER, "hat", 40);
    (void)note("ann", BOUGHT_CART, "hat", 50);
    (void)note("ann", BOUGHT_UNCART, "hat", 60);
    assert_bought("ann", 0, "hat");
    assert_bought("ann", 40, "");
}

static void a_visitor_has_so_many_items(void **state)
{
    char long_name[BOUGHT_ITEM_BYTES_MAX + 2];
    struct slice items[BOUGHT_ITEMS_MAX];
    char token[VISITOR_TOKEN_BYTES];
    uint32_t count;

    (void)state;
    for (int i = 0; i < BOUGHT_ITEMS_MAX + 7; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "item%d", i);
        (void)note("ann", BOUGHT_ORDER, name, i);
    }
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    (void)note("ann", BOUGHT_ORDER, long_name, 100);
    (void)note("ann", BOUGHT_ORDER, "", 100);
    token_make("ann", token);
    assert_ok(bought_get(store, (struct slice){(const uint8_t *)token, sizeof(token)}, -1, &arena,
                         items, &count));
    assert_int_equal(count, BOUGHT_ITEMS_MAX);
    assert_slice_equal(items[0], SLICE("item56"));
    assert_slice_equal(items[count - 1], SLICE("item7"));
}

static void a_sweep_drops_the_old_and_those_over_the_bound(void **state)
{
    enum { VISITORS = 2500 };

    (void)state;
    for (int i = 0; i < VISITORS; i += 500) {
        struct state_txn *txn;

        assert_ok(state_begin(store, &txn));
        for (int k = i; k < i + 500; k++) {
            struct bought_event event = {.item = SLICE("hat"), .time_ms = k};
            char name[16];
            bool fresh;

            (void)snprintf(name, sizeof(name), "v%d", k);
            token_make(name, event.token);
            assert_ok(bought_note(txn, &event, &arena, &fresh));
        }
        assert_ok(state_commit(txn));
    }
    assert_ok(bought_sweep(store, 99, VISITORS));
    assert_bought("v99", -1, "");
    assert_bought("v100", -1, "hat");
    assert_ok(bought_sweep(store, 99, 1000));
    assert_bought("v1499", -1, "");
    assert_bought("v1500", -1, "hat");
    assert_bought("v2499", -1, "hat");
}

static void a_row_that_is_none_is_refused(void **state)
{
    static const char *const rows[] = {"", "\2", "\1\0", "\1\3xxxxxxxx\1x", "\1\1xxxxxxxx\2x"};
    static const size_t lens[] = {0, 1, 2, 11, 11};
    char token[VISITOR_TOKEN_BYTES];
    struct slice items[BOUGHT_ITEMS_MAX];
    uint32_t count;

    (void)state;
    token_make("ann", token);
    const struct slice key = {(const uint8_t *)token, sizeof(token)};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct state_txn *txn;

        assert_ok(state_begin(store, &txn));
        assert_ok(
            state_put(txn, STATE_BOUGHT, key, (struct slice){(const uint8_t *)rows[i], lens[i]}));
        assert_ok(state_commit(txn));
        assert_int_equal(bought_get(store, key, 0, &arena, items, &count), STATUS_CORRUPT);
        assert_int_equal(count, 0);
        assert_int_equal(bought_sweep(store, 0, 10), STATUS_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newest_comes_first_and_outlives_a_restart, prepare,
                                        tidy),
        cmocka_unit_test_setup_teardown(a_cart_may_be_emptied_but_an_order_stands, prepare, tidy),
        cmocka_unit_test_setup_teardown(a_visitor_has_so_many_items, prepare, tidy),
        cmocka_unit_test_setup_teardown(a_sweep_drops_the_old_and_those_over_the_bound, prepare,
                                        tidy),
        cmocka_unit_test_setup_teardown(a_row_that_is_none_is_refused, prepare, tidy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
