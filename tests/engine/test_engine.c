/* test_engine.c - the instance as a whole: one against four, replay from a checkpoint, determinism,
 * the sliding list beside a slow oracle, memory. Events come from a seed, shuffled and late. */
#include <locale.h>
#include <time.h>

#include "base/hash.h"
#include "engine/watermark.h"
#include "plans.h"

/* --- counting the system allocator (linked with --wrap) --------------------------------------------- */

static uint64_t allocations;
static bool other_allocator; /* blocks lie elsewhere and are full of something else */

enum { OTHER_BYTES = 48 };

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    allocations++;
    if (!other_allocator) return __real_malloc(bytes);
    void *block = __real_malloc(bytes + OTHER_BYTES);

    if (block != NULL) memset(block, 0xA5, bytes + OTHER_BYTES);
    return block;
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    allocations++;
    return __real_calloc(count + (other_allocator ? OTHER_BYTES : 0), bytes);
}

void *__wrap_realloc(void *block, size_t bytes)
{
    allocations++;
    return __real_realloc(block, bytes + (other_allocator ? OTHER_BYTES : 0));
}

/* --- events ------------------------------------------------------------------------------------------ */

enum {
    WINDOW_MS = 300000,
    USERS = 97,
    PARTITIONS = 4,
    EVENT_BYTES = 160,
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13U;
    *seed ^= *seed >> 7U;
    *seed ^= *seed << 17U;
    return *seed;
}

struct test_event {
    int64_t time_ms;
    uint32_t user;
    uint32_t item;
    char json[EVENT_BYTES];
};

/* Time moves on; one event in ten is up to twelve minutes late, one in fifty is broken. */
static struct test_event *make_events(uint32_t count, uint64_t seed, bool broken)
{
    struct test_event *events = calloc(count, sizeof(*events));
    int64_t now_ms = 1704103200000;

    assert_non_null(events);
    for (uint32_t i = 0; i < count; i++) {
        struct test_event *event = &events[i];
        uint64_t dice = next_random(&seed);

        now_ms += (int64_t)(next_random(&seed) % 2500);
        event->time_ms = now_ms;
        if (dice % 10 == 0) event->time_ms -= (int64_t)(next_random(&seed) % 720000);
        event->user = (uint32_t)(next_random(&seed) % USERS);
        event->item = (uint32_t)(next_random(&seed) % 1000);
        if (broken && dice % 50 == 1)
            (void)snprintf(event->json, sizeof(event->json), "{\"user\":null,\"item\":\"p-%u\"}",
                           event->item);
        else
            (void)snprintf(event->json, sizeof(event->json),
                           "{\"user\":\"visitor-%u\",\"item\":\"p-%u\",\"n\":%u}", event->user,
                           event->item, event->item);
        if (broken && dice % 50 == 2) event->json[0] = '[';
    }
    return events;
}

/* --- plans ------------------------------------------------------------------------------------------- */

static void make_plan(struct plan_maker *maker, bool left)
{
    static const char *const names[] = {"Key", "Value"};
    static const char *const texts[] = {
        "#key", "{key: #key, out: #out, late: #input?.toString(), dice: #RANDOM.nextInt(1000), "
                "upper: #user.toUpperCase(), third: #input['n'].toBigDecimal / 3, "
                "root: #input['n'].toDouble() / 7}"};
    static const char *const left_texts[] = {"#key",
                                             "{key: #key, out: #out, dice: #RANDOM.nextInt(9)}"};

    plan_begin(maker, &type_unknown);
    plan_node(maker, PLAN_SOURCE, "clicks")->topic =
        (struct plan_topic){SLICE("clicks"), PLAN_CONTENT_JSON, NULL, false};
    struct plan_node *user = plan_node(maker, PLAN_VARIABLE, "user");
    static const char *const user_name[] = {"Value"};
    static const char *const user_text[] = {"#input['user'].toString()"};

    plan_fields(maker, user, 1, user_name, user_text);
    user->output_slot = plan_slot(maker, "user", type_of_class(CLASS_String));
    assert_ok(plan_sliding(maker, "{ #user }.toString",
                           SLICE("#AGG.map({items: #AGG.list, last: #AGG.last})"),
                           "{items: #input['item'], last: #input['item']}", WINDOW_MS, left));
    struct plan_node *sink = plan_node(maker, PLAN_SINK, "out");

    plan_fields(maker, sink, 2, names, left ? left_texts : texts);
    sink->topic = (struct plan_topic){SLICE("lists"), PLAN_CONTENT_JSON, NULL, false};
}

/* --- a store of cells and timers --------------------------------------------------------------------- */

struct stored {
    struct cell_key key;
    uint64_t hash;
    uint8_t *bytes;
    size_t len;
    int64_t time_ms; /* timers */
};

struct store {
    struct stored *cells;
    uint32_t cell_count;
    struct stored *timers;
    uint32_t timer_count;
};

enum { STORE_MAX = 4096 };

static struct slice keep(struct slice bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);

    assert_non_null(copy);
    if (bytes.len > 0) memcpy(copy, bytes.data, bytes.len);
    return (struct slice){copy, bytes.len};
}

static bool same_key(const struct cell_key *left, const struct cell_key *right)
{
    return left->node == right->node && slice_equal(left->key, right->key) &&
           slice_equal(left->name_space, right->name_space);
}

static struct stored *store_find(struct store *store, const struct cell_key *key)
{
    for (uint32_t i = 0; i < store->cell_count; i++) {
        if (same_key(&store->cells[i].key, key)) return &store->cells[i];
    }
    return NULL;
}

static struct cell_key keep_key(const struct cell_key *key)
{
    return (struct cell_key){key->node, keep(key->key), keep(key->name_space)};
}

static enum status store_write(void *context, const struct cell_key *key, struct slice bytes)
{
    struct store *store = context;
    struct stored *stored = store_find(store, key);

    if (stored == NULL) {
        assert_true(store->cell_count < STORE_MAX);
        stored = &store->cells[store->cell_count++];
        stored->key = keep_key(key);
    } else {
        free(stored->bytes);
    }
    struct slice copy = keep(bytes);

    stored->bytes = (uint8_t *)(uintptr_t)copy.data;
    stored->len = copy.len;
    return STATUS_OK;
}

static enum status store_write_timer(void *context, const struct cell_key *key, int64_t time_ms,
                                     bool removed)
{
    struct store *store = context;

    if (!removed) {
        assert_true(store->timer_count < STORE_MAX);
        store->timers[store->timer_count++] =
            (struct stored){.key = keep_key(key), .time_ms = time_ms};
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < store->timer_count; i++) {
        struct stored *timer = &store->timers[i];

        if (timer->time_ms != time_ms || !same_key(&timer->key, key)) continue;
        free((void *)(uintptr_t)timer->key.key.data);
        free((void *)(uintptr_t)timer->key.name_space.data);
        *timer = store->timers[--store->timer_count];
        return STATUS_OK;
    }
    fail_msg("a timer is removed that was never stored");
    return STATUS_OK;
}

static enum status store_load(void *context, const struct cell_key *key, struct arena *arena,
                              struct slice *bytes)
{
    struct stored *stored = store_find(context, key);

    *bytes = (struct slice){0};
    if (stored == NULL || stored->len == 0) return STATUS_OK;
    return arena_copy(arena, (struct slice){stored->bytes, stored->len}, bytes);
}

static void store_init(struct store *store)
{
    *store = (struct store){.cells = calloc(STORE_MAX, sizeof(struct stored)),
                            .timers = calloc(STORE_MAX, sizeof(struct stored))};
}

static void store_deinit(struct store *store)
{
    for (uint32_t i = 0; i < store->cell_count; i++) {
        free((void *)(uintptr_t)store->cells[i].key.key.data);
        free((void *)(uintptr_t)store->cells[i].key.name_space.data);
        free(store->cells[i].bytes);
    }
    for (uint32_t i = 0; i < store->timer_count; i++) {
        free((void *)(uintptr_t)store->timers[i].key.key.data);
        free((void *)(uintptr_t)store->timers[i].key.name_space.data);
    }
    free(store->cells);
    free(store->timers);
}

/* --- what came out ------------------------------------------------------------------------------------ */

/* Effects as hashes, in order. */
struct trail {
    uint64_t *hashes;
    uint32_t count;
    uint32_t capacity;
};

static uint64_t mix(uint64_t hash, struct slice bytes)
{
    return hash_bytes(bytes, hash * 31 + bytes.len);
}

static uint64_t effect_hash(const struct effect *effect)
{
    uint64_t hash = (uint64_t)effect->kind * 1000 + effect->node + (uint64_t)effect->time_ms;

    hash = mix(hash, (struct slice){effect->identity.path, effect->identity.path_len});
    hash = mix(hash + effect->identity.offset, effect->key);
    hash = mix(mix(hash, effect->value), effect->message);
    return mix(mix(hash, effect->input), effect->topic);
}

static void trail_add(struct trail *trail, const struct effect *effect)
{
    if (trail->count == trail->capacity) {
        trail->capacity = trail->capacity == 0 ? 4096 : trail->capacity * 2;
        trail->hashes = realloc(trail->hashes, trail->capacity * sizeof(*trail->hashes));
        assert_non_null(trail->hashes);
    }
    trail->hashes[trail->count++] = effect_hash(effect);
}

static int compare_hashes(const void *left, const void *right)
{
    uint64_t one = *(const uint64_t *)left;
    uint64_t other = *(const uint64_t *)right;

    return (one > other) - (one < other);
}

static void trail_sort(struct trail *trail)
{
    qsort(trail->hashes, trail->count, sizeof(*trail->hashes), compare_hashes);
}

static void assert_same_trail(const struct trail *left, const struct trail *right)
{
    assert_int_equal(left->count, right->count);
    assert_memory_equal(left->hashes, right->hashes, left->count * sizeof(*left->hashes));
}

/* --- feeding ------------------------------------------------------------------------------------------ */

enum { BATCH_MAX = 1024 };

/* Records [from, to) as inputs; the watermark moves with each. */
struct feed {
    const struct test_event *events;
    struct watermark watermark;
    uint32_t topic_id; /* the host's number of the topic */
    struct record records[BATCH_MAX];
    struct engine_input inputs[BATCH_MAX];
};

static void feed_fill(struct feed *feed, uint32_t from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct test_event *event = &feed->events[from + i];

        feed->records[i] = (struct record){
            .offset = from + i, .time_ms = event->time_ms, .value = slice_of(event->json)};
        feed->inputs[i] = (struct engine_input){.kind = INPUT_RECORD,
                                                .record = &feed->records[i],
                                                .topic_id = feed->topic_id,
                                                .topic_name = SLICE("clicks"),
                                                .watermark_ms = feed->watermark.current_ms,
                                                .now_ms = event->time_ms};
        (void)watermark_advance(&feed->watermark, 0, event->time_ms, event->time_ms);
    }
}

static void run_events(struct engine *engine, struct feed *feed, uint32_t from, uint32_t to,
                       uint32_t batch, struct trail *trail)
{
    struct effect_list effects;

    while (from < to) {
        uint32_t count = to - from < batch ? to - from : batch;

        feed_fill(feed, from, count);
        assert_ok(engine_step(engine, feed->inputs, count, &effects));
        for (uint32_t i = 0; i < effects.count; i++)
            trail_add(trail, &effects.items[i]);
        from += count;
    }
}

static struct engine *make_engine(const struct plan_maker *maker, const struct engine_host *host,
                                  bool cut, uint32_t keys_max)
{
    struct engine_limits limits = engine_limits_default;
    struct engine *engine;

    limits.cut_at_rekey = cut;
    limits.keys_max = keys_max;
    assert_ok(engine_create(&maker->plan, host, &limits, &engine));
    return engine;
}

static const struct engine_host no_host = {0};

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

/* --- determinism ---------------------------------------------------------------------------------------- */

static void one_hash_whatever_the_surroundings(void **state)
{
    enum { COUNT = 100000 };
    static const struct {
        const char *locale;
        const char *zone;
        uint32_t batch;
        uint32_t topic_id;
        bool other_allocator;
    } rows[] = {{"C", "UTC", 1, 0, false}, {"tr_TR.UTF-8", "Asia/Kathmandu", 777, 12, true}};
    struct test_event *events = make_events(COUNT, 1234, true);
    struct trail trails[COUNT_OF(rows)] = {0};
    uint64_t digests[COUNT_OF(rows)];
    struct feed *feed = calloc(1, sizeof(*feed));

    (void)state;
    feed->events = events;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_maker maker;

        /* where that locale is not installed, its name alone is the surroundings */
        (void)setlocale(LC_ALL, rows[i].locale);
        other_allocator = rows[i].other_allocator;
        feed->topic_id = rows[i].topic_id;
        assert_int_equal(setenv("TZ", rows[i].zone, 1), 0);
        assert_int_equal(setenv("LC_ALL", rows[i].locale, 1), 0);
        tzset();
        make_plan(&maker, false);
        watermark_init(&feed->watermark, 1);
        struct engine *engine = make_engine(&maker, &no_host, false, 1000);

        run_events(engine, feed, 0, COUNT, rows[i].batch, &trails[i]);
        digests[i] = engine_digest(engine);
        engine_destroy(engine);
        plan_end(&maker);
    }
    (void)setlocale(LC_ALL, "C");
    other_allocator = false;
    assert_true(digests[0] == digests[1]);
    assert_same_trail(&trails[0], &trails[1]);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        free(trails[i].hashes);
    free(feed);
    free(events);
}

/* --- the list beside a slow oracle ------------------------------------------------------------------------ */

struct seen {
    uint32_t user;
    int64_t bucket_ms;
    uint32_t item;
    bool gone;
};

struct oracle {
    struct seen *seen;
    uint32_t count;
    int64_t eviction_ms[USERS]; /* INT64_MIN: no state */
    int64_t watermark_ms;
};

static void oracle_watermark(struct oracle *oracle, int64_t watermark_ms)
{
    if (watermark_ms <= oracle->watermark_ms) return;
    oracle->watermark_ms = watermark_ms;
    for (uint32_t user = 0; user < USERS; user++) {
        if (oracle->eviction_ms[user] == INT64_MIN || oracle->eviction_ms[user] > watermark_ms)
            continue;
        for (uint32_t i = 0; i < oracle->count; i++)
            oracle->seen[i].gone = oracle->seen[i].gone || oracle->seen[i].user == user;
        oracle->eviction_ms[user] = INT64_MIN;
    }
}

/* The whole history is walked for every event. */
static void oracle_list(struct oracle *oracle, const struct test_event *event, struct buffer *text)
{
    int64_t bucket_ms = event->time_ms / 60000 * 60000;
    int64_t leaves_ms = bucket_ms + WINDOW_MS;
    bool first = true;

    for (uint32_t i = 0; i < oracle->count; i++) {
        struct seen *seen = &oracle->seen[i];

        if (seen->user == event->user && seen->bucket_ms < bucket_ms - 2 * WINDOW_MS + 1)
            seen->gone = true;
    }
    oracle->seen[oracle->count++] = (struct seen){event->user, bucket_ms, event->item, false};
    if (leaves_ms > oracle->eviction_ms[event->user]) oracle->eviction_ms[event->user] = leaves_ms;
    buffer_clear(text);
    buffer_append_text(text, "\"items\":[");
    for (int64_t at = event->time_ms - WINDOW_MS + 1; at <= event->time_ms; at++) {
        if (at % 60000 != 0) at += 60000 - at % 60000;
        for (uint32_t i = oracle->count; at <= event->time_ms && i > 0; i--) {
            const struct seen *seen = &oracle->seen[i - 1];

            if (seen->gone || seen->user != event->user || seen->bucket_ms != at) continue;
            buffer_append_text(text, first ? "\"p-" : ",\"p-");
            buffer_append_u64(text, seen->item);
            buffer_append_byte(text, '"');
            first = false;
        }
    }
    buffer_append_byte(text, ']');
}

static bool contains_text(struct slice text, struct slice part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (memcmp(text.data + i, part.data, part.len) == 0) return true;
    }
    return false;
}

static void the_list_is_that_of_a_slow_oracle(void **state)
{
    enum { COUNT = 4000 };
    struct test_event *events = make_events(COUNT, 5, true);
    struct feed *feed = calloc(1, sizeof(*feed));
    struct oracle oracle = {.seen = calloc(COUNT, sizeof(struct seen)), .watermark_ms = INT64_MIN};
    struct buffer text;
    struct plan_maker maker;
    uint32_t compared = 0;

    (void)state;
    for (uint32_t i = 0; i < USERS; i++)
        oracle.eviction_ms[i] = INT64_MIN;
    buffer_init(&text, 1 << 20);
    make_plan(&maker, false);
    feed->events = events;
    watermark_init(&feed->watermark, 1);
    struct engine *engine = make_engine(&maker, &no_host, false, 1000);

    for (uint32_t i = 0; i < COUNT; i++) {
        struct effect_list effects;

        feed_fill(feed, i, 1);
        oracle_watermark(&oracle, feed->inputs[0].watermark_ms);
        assert_ok(engine_step(engine, feed->inputs, 1, &effects));
        assert_int_equal(effects.count, 1);
        if (effects.items[0].kind == EFFECT_ERROR) continue;
        oracle_list(&oracle, &events[i], &text);
        if (!contains_text(effects.items[0].value, buffer_slice(&text)))
            fail_msg("event %u: %.*s is not in %.*s", i, (int)text.len, (const char *)text.data,
                     (int)effects.items[0].value.len, (const char *)effects.items[0].value.data);
        compared++;
    }
    assert_true(compared > COUNT * 9 / 10);
    engine_destroy(engine);
    plan_end(&maker);
    buffer_deinit(&text);
    free(oracle.seen);
    free(feed);
    free(events);
}

/* --- memory -------------------------------------------------------------------------------------------- */

/* The same hour again and again, a day apart each time: once warm, nothing is allocated. (A failing
 * expression may allocate for its message.) */
static void a_warm_engine_allocates_nothing(void **state)
{
    enum { COUNT = 5000, ROUNDS = 6 };
    struct test_event *events = make_events(COUNT, 77, false);
    struct feed *feed = calloc(1, sizeof(*feed));
    struct plan_maker maker;
    uint64_t in_last_round = 1;

    (void)state;
    make_plan(&maker, false);
    feed->events = events;
    watermark_init(&feed->watermark, 1);
    struct engine *engine = make_engine(&maker, &no_host, false, 1000);

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t before = allocations;
        struct effect_list effects;

        for (uint32_t from = 0; from < COUNT; from += 100) {
            feed_fill(feed, from, 100);
            assert_ok(engine_step(engine, feed->inputs, 100, &effects));
        }
        in_last_round = allocations - before;
        for (uint32_t i = 0; i < COUNT; i++)
            events[i].time_ms += 86400000;
    }
    assert_int_equal(in_last_round, 0);
    engine_destroy(engine);
    plan_end(&maker);
    free(feed);
    free(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_is_that_of_a_slow_oracle),
        cmocka_unit_test(four_instances_give_what_one_gives),
        cmocka_unit_test(four_instances_give_what_one_gives_with_timers),
        cmocka_unit_test(a_replay_from_a_checkpoint_repeats_everything),
        cmocka_unit_test(one_hash_whatever_the_surroundings),
        cmocka_unit_test(a_warm_engine_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
