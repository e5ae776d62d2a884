/* Keyed state against a store that is written later: whatever the order of changes, removals, evictions and
 * checkpoints, a cell holds what was last put into it. The oracle is an array. */
#include "engine/cells.h"
#include "test.h"

enum { KEYS = 24, ROUNDS = 400, STEPS = 200, KEYS_KEPT = 4 };

/* value 0: there is no such cell */
struct store {
    uint8_t stored[KEYS];
    uint8_t pending[KEYS]; /* of the checkpoint under way */
    bool is_pending[KEYS];
    uint8_t bytes[9];
};

struct fixture {
    struct store store;
    struct engine_host host;
    struct sliding_plan plan; /* no aggregator: cells hold bytes */
    struct pool pool;
    struct arena scratch;
    struct cells cells;
    uint8_t expected[KEYS];
};

static struct cell_key key_of(uint32_t key)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

    return (struct cell_key){0, {(const uint8_t *)letters + key, 1}, {0}};
}

static uint32_t number_of(const struct cell_key *key)
{
    return (uint32_t)(key->key.data[0] - 'a');
}

static enum status store_load(void *context, const struct cell_key *key, struct arena *arena,
                              struct slice *bytes)
{
    struct store *store = context;
    uint8_t value = store->stored[number_of(key)];

    (void)arena;
    if (value == 0) return STATUS_NOT_FOUND;
    store->bytes[0] = value;
    for (int i = 0; i < 8; i++)
        store->bytes[1 + i] = (uint8_t)((uint64_t)CELL_NOT_ARMED >> (8 * i));
    *bytes = (struct slice){store->bytes, sizeof(store->bytes)};
    return STATUS_OK;
}

static enum status store_write(void *context, const struct cell_key *key, struct slice bytes)
{
    struct store *store = context;

    store->pending[number_of(key)] = bytes.len == 0 ? 0 : bytes.data[0];
    store->is_pending[number_of(key)] = true;
    return STATUS_OK;
}

static enum status no_timer(void *context, const struct cell_key *key, int64_t time_ms,
                            bool removed)
{
    (void)context, (void)key, (void)time_ms, (void)removed;
    return STATUS_INVALID;
}

static void store_finish(struct store *store)
{
    for (uint32_t key = 0; key < KEYS; key++) {
        if (store->is_pending[key]) store->stored[key] = store->pending[key];
        store->is_pending[key] = false;
    }
}

static void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){.host = {.cell_load = store_load}};
    fixture->host.context = &fixture->store;
    pool_init(&fixture->pool);
    arena_init(&fixture->scratch, 1 << 20);
    assert_ok(cells_init(&fixture->cells, &fixture->host, &fixture->plan, &fixture->pool,
                         &fixture->scratch));
}

static void fixture_deinit(struct fixture *fixture)
{
    cells_deinit(&fixture->cells);
    arena_deinit(&fixture->scratch);
    pool_deinit(&fixture->pool);
}

static void put(struct fixture *fixture, uint32_t number, uint8_t value)
{
    struct cell_key key = key_of(number);
    struct cell *cell = NULL;

    assert_ok(cells_get(&fixture->cells, &key, true, &cell));
    pool_free(&fixture->pool, cell->waiting.bytes);
    cell->waiting.bytes = pool_alloc(&fixture->pool, 1);
    cell->waiting.bytes[0] = value;
    cell->waiting.len = 1;
    cell->dirty = true;
    fixture->expected[number] = value;
}

static void take_away(struct fixture *fixture, uint32_t number)
{
    struct cell_key key = key_of(number);
    struct cell *cell = NULL;

    if (cells_get(&fixture->cells, &key, false, &cell) == STATUS_OK)
        cells_remove(&fixture->cells, cell);
    fixture->expected[number] = 0;
}

static void look(struct fixture *fixture, uint32_t number)
{
    struct cell_key key = key_of(number);
    struct cell *cell = NULL;
    enum status status = cells_get(&fixture->cells, &key, false, &cell);

    if (fixture->expected[number] == 0) {
        assert_int_equal(status, STATUS_NOT_FOUND);
        return;
    }
    assert_ok(status);
    assert_int_equal(cell->waiting.len, 1);
    assert_int_equal(cell->waiting.bytes[0], fixture->expected[number]);
}

static void begin_checkpoint(struct fixture *fixture)
{
    struct cell_writer writer = {&fixture->store, store_write, no_timer};

    store_finish(&fixture->store); /* the one before is stored by now */
    assert_ok(cells_checkpoint(&fixture->cells, &writer));
}

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % below);
}

static void step(struct fixture *fixture, uint64_t *seed)
{
    uint32_t key = draw(seed, KEYS);

    switch (draw(seed, 8)) {
    case 0: begin_checkpoint(fixture); break;
    case 1: store_finish(&fixture->store); break;
    case 2: cells_shrink(&fixture->cells, KEYS_KEPT); break;
    case 3: take_away(fixture, key); break;
    case 4:
    case 5: put(fixture, key, (uint8_t)(1 + draw(seed, 255))); break;
    default: look(fixture, key); break;
    }
}

static void holds_what_was_put_whatever_the_store_has(void **state)
{
    uint64_t evicted = 0;

    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct fixture fixture;
        uint64_t seed = round;

        fixture_init(&fixture);
        for (int i = 0; i < STEPS; i++) {
            uint32_t before = fixture.cells.count;

            step(&fixture, &seed);
            if (fixture.cells.count < before) evicted += before - fixture.cells.count;
        }
        for (uint32_t key = 0; key < KEYS; key++)
            look(&fixture, key);
        fixture_deinit(&fixture);
    }
    assert_true(evicted > ROUNDS); /* else the store was never asked */
}

static void digest_is_that_of_what_was_put(void **state)
{
    struct fixture left;
    struct fixture right;
    uint64_t seed = 7;

    (void)state;
    fixture_init(&left);
    fixture_init(&right);
    for (int i = 0; i < STEPS * 10; i++)
        step(&left, &seed);
    for (uint32_t key = 0; key < KEYS; key++) {
        if (left.expected[key] != 0) put(&right, key, left.expected[key]);
    }
    assert_int_equal(cells_digest(&left.cells), cells_digest(&right.cells));
    put(&right, 3, (uint8_t)(left.expected[3] == 9 ? 8 : 9));
    assert_int_not_equal(cells_digest(&left.cells), cells_digest(&right.cells));
    fixture_deinit(&right);
    fixture_deinit(&left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_was_put_whatever_the_store_has),
        cmocka_unit_test(digest_is_that_of_what_was_put),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
