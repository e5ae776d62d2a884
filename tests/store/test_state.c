/* test_state.c - checkpointed tables: keys, transactions, scans, damage. */

#include "fixture.h"

static void put_one(struct state *state, enum state_table table, struct slice key,
                    struct slice bytes)
{
    struct state_txn *txn;

    assert_ok(state_begin(state, &txn));
    assert_ok(state_put(txn, table, key, bytes));
    assert_ok(state_commit(txn));
}

/* --- state --------------------------------------------------------------------------------------- */

static const size_t key_lengths[] = {1, 2, 477, 478, 479, 509, 510, 511, 512, 5000, 65535};

static void keys_of_every_length_are_kept_apart(void **state)
{
    static uint8_t key[65536];
    struct fixture fixture;
    struct state_txn *txn;
    struct slice bytes;

    (void)state;
    fixture_open(&fixture);
    memset(key, 'k', sizeof(key));
    assert_ok(state_begin(fixture.state, &txn));
    for (size_t i = 0; i < COUNT_OF(key_lengths); i++) {
        struct slice content = {(const uint8_t *)&key_lengths[i], sizeof(size_t)};
        assert_ok(state_put(txn, STATE_CELLS, (struct slice){key, key_lengths[i]}, content));
    }
    assert_int_equal(state_put(txn, STATE_CELLS, (struct slice){key, 65536}, SLICE("")),
                     STATUS_LIMIT);
    assert_int_equal(state_put(txn, STATE_CELLS, SLICE(""), SLICE("")), STATUS_LIMIT);
    assert_ok(state_commit(txn));
    fixture_reopen(&fixture);
    for (size_t i = 0; i < COUNT_OF(key_lengths); i++) {
        assert_ok(state_get(fixture.state, STATE_CELLS, (struct slice){key, key_lengths[i]},
                            &fixture.arena, &bytes));
        assert_memory_equal(bytes.data, &key_lengths[i], sizeof(size_t));
    }
    assert_int_equal(state_get(fixture.state, STATE_TIMERS, SLICE("k"), &fixture.arena, &bytes),
                     STATUS_NOT_FOUND);
    fixture_close(&fixture);
}

static void an_aborted_transaction_leaves_nothing(void **state)
{
    struct fixture fixture;
    struct state_txn *txn;
    struct slice bytes;
    uint64_t lsn;

    (void)state;
    fixture_open(&fixture);
    put_one(fixture.state, STATE_OUTBOX, SLICE("kept"), SLICE("1"));
    assert_ok(state_begin(fixture.state, &txn));
    assert_ok(state_put(txn, STATE_OUTBOX, SLICE("lost"), SLICE("2")));
    assert_ok(state_remove(txn, STATE_OUTBOX, SLICE("kept")));
    assert_ok(state_set_tag(txn, SLICE("shard"), 5));
    assert_ok(state_txn_tag(txn, SLICE("shard"), &lsn));
    assert_int_equal(lsn, 5);
    state_abort(txn);
    assert_int_equal(state_get(fixture.state, STATE_OUTBOX, SLICE("lost"), &fixture.arena, &bytes),
                     STATUS_NOT_FOUND);
    assert_ok(state_get(fixture.state, STATE_OUTBOX, SLICE("kept"), &fixture.arena, &bytes));
    assert_int_equal(state_tag(fixture.state, SLICE("shard"), &lsn), STATUS_NOT_FOUND);
    fixture_close(&fixture);
}

struct seen {
    struct buffer keys;
    uint32_t count;
    uint32_t stop_after;
};

static enum status see(void *context, struct slice key, struct slice bytes)
{
    struct seen *seen = context;

    (void)bytes;
    buffer_append(&seen->keys, (struct slice){key.data, key.len < 8 ? key.len : 8});
    buffer_append_byte(&seen->keys, ' ');
    return ++seen->count == seen->stop_after ? STATUS_LIMIT : STATUS_OK;
}

static void scans_follow_the_prefix(void **state)
{
    static const struct {
        const char *about;
        const char *prefix;
        uint32_t stop_after;
        enum status status;
        const char *keys;
    } rows[] = {
        {"everything, in order", "", 0, STATUS_OK, "a ab abc b ba "},
        {"those that begin so", "a", 0, STATUS_OK, "a ab abc "},
        {"the key itself counts", "abc", 0, STATUS_OK, "abc "},
        {"nothing there", "c", 0, STATUS_OK, ""},
        {"the visitor may stop", "", 2, STATUS_LIMIT, "a ab "},
    };
    struct fixture fixture;
    struct seen seen = {0};

    (void)state;
    fixture_open(&fixture);
    for (const char *const *key = (const char *const[]){"b", "abc", "a", "ba", "ab", NULL};
         *key != NULL; key++)
        put_one(fixture.state, STATE_CELLS, slice_of(*key), SLICE("x"));
    buffer_init(&seen.keys, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buffer_clear(&seen.keys);
        seen.count = 0;
        seen.stop_after = rows[i].stop_after;
        assert_int_equal(
            state_scan(fixture.state, STATE_CELLS, slice_of(rows[i].prefix), &seen, see),
            rows[i].status);
        assert_slice_equal(buffer_slice(&seen.keys), slice_of(rows[i].keys));
    }
    buffer_deinit(&seen.keys);
    fixture_close(&fixture);
}

static void long_keys_are_found_by_long_prefixes(void **state)
{
    static uint8_t key[2000];
    struct fixture fixture;
    struct seen seen = {0};

    (void)state;
    fixture_open(&fixture);
    memset(key, 'k', sizeof(key));
    for (int i = 0; i < 5; i++) {
        key[1000] = (uint8_t)('0' + i % 3);
        key[1999] = (uint8_t)i;
        put_one(fixture.state, STATE_CELLS, (struct slice){key, 2000}, SLICE("x"));
    }
    key[1000] = '0';
    buffer_init(&seen.keys, 1 << 20);
    assert_ok(state_scan(fixture.state, STATE_CELLS, (struct slice){key, 1001}, &seen, see));
    assert_int_equal(seen.count, 2);
    seen.count = 0;
    assert_ok(state_scan(fixture.state, STATE_CELLS, (struct slice){key, 100}, &seen, see));
    assert_int_equal(seen.count, 5);
    buffer_deinit(&seen.keys);
    fixture_close(&fixture);
}

/* --- damage -------------------------------------------------------------------------------------- */

/* Flips one bit wherever the file holds the text; returns whether it does. */
static bool flip_in_file(const char *directory, struct slice text)
{
    char path[128];
    static uint8_t bytes[1 << 22];
    bool found = false;

    (void)snprintf(path, sizeof(path), "%s/state/data.mdb", directory);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof(bytes), file);
    for (size_t at = 0; at + text.len <= len; at++) {
        if (memcmp(bytes + at, text.data, text.len) != 0) continue;
        bytes[at + text.len / 2] ^= 4;
        assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
        assert_int_equal(fwrite(bytes + at, 1, text.len, file), text.len);
        found = true;
    }
    assert_int_equal(fclose(file), 0);
    return found;
}

static void damaged_values_are_never_served(void **state)
{
    struct fixture fixture;
    struct slice bytes;
    struct seen seen = {0};

    (void)state;
    fixture_open(&fixture);
    put_one(fixture.state, STATE_CELLS, SLICE("cell"), SLICE("a value worth keeping"));
    state_close(fixture.state);
    assert_true(flip_in_file(fixture.place.path, SLICE("a value worth keeping")));
    fixture.state = state_must_open(fixture.place.path);
    assert_int_equal(state_get(fixture.state, STATE_CELLS, SLICE("cell"), &fixture.arena, &bytes),
                     STATUS_CORRUPT);
    assert_int_equal(state_scan(fixture.state, STATE_CELLS, SLICE(""), &seen, see), STATUS_CORRUPT);
    assert_int_equal(seen.count, 0);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_length_are_kept_apart),
        cmocka_unit_test(an_aborted_transaction_leaves_nothing),
        cmocka_unit_test(scans_follow_the_prefix),
        cmocka_unit_test(long_keys_are_found_by_long_prefixes),
        cmocka_unit_test(damaged_values_are_never_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
