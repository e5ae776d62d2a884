/* test_engine.c - one instance over an hour of clicks: one hash whatever the surroundings, the sliding list beside
 * a slow oracle, memory.
 */
#include <locale.h>
#include <time.h>

#include "clicks.h"

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
        cmocka_unit_test(one_hash_whatever_the_surroundings),
        cmocka_unit_test(the_list_is_that_of_a_slow_oracle),
        cmocka_unit_test(a_warm_engine_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
