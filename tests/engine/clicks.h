/* clicks.h - clicks from a seed, shuffled and late, a scenario over them, and what came out of it. */
#pragma once
#include "base/hash.h"
#include "engine/watermark.h"
#include "plans.h"

/* --- events ------------------------------------------------------------------------------------------ */

enum {
    WINDOW_MS = 300000,
    USERS = 97,
    PARTITIONS = 4,
    EVENT_BYTES = 160,
};

static inline uint64_t next_random(uint64_t *seed)
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
static inline struct test_event *make_events(uint32_t count, uint64_t seed, bool broken)
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

static inline void make_plan(struct plan_maker *maker, bool left)
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

/* --- what came out ------------------------------------------------------------------------------------ */

/* Effects as hashes, in order. */
struct trail {
    uint64_t *hashes;
    uint32_t count;
    uint32_t capacity;
};

static inline uint64_t mix(uint64_t hash, struct slice bytes)
{
    return hash_bytes(bytes, hash * 31 + bytes.len);
}

static inline uint64_t effect_hash(const struct effect *effect)
{
    uint64_t hash = (uint64_t)effect->kind * 1000 + effect->node + (uint64_t)effect->time_ms;

    hash = mix(hash, (struct slice){effect->identity.path, effect->identity.path_len});
    hash = mix(hash + effect->identity.offset, effect->key);
    hash = mix(mix(hash, effect->value), effect->message);
    return mix(mix(hash, effect->input), effect->topic);
}

static inline void trail_add(struct trail *trail, const struct effect *effect)
{
    if (trail->count == trail->capacity) {
        trail->capacity = trail->capacity == 0 ? 4096 : trail->capacity * 2;
        trail->hashes = realloc(trail->hashes, trail->capacity * sizeof(*trail->hashes));
        assert_non_null(trail->hashes);
    }
    trail->hashes[trail->count++] = effect_hash(effect);
}

static inline int compare_hashes(const void *left, const void *right)
{
    uint64_t one = *(const uint64_t *)left;
    uint64_t other = *(const uint64_t *)right;

    return (one > other) - (one < other);
}

static inline void trail_sort(struct trail *trail)
{
    qsort(trail->hashes, trail->count, sizeof(*trail->hashes), compare_hashes);
}

static inline void assert_same_trail(const struct trail *left, const struct trail *right)
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

static inline void feed_fill(struct feed *feed, uint32_t from, uint32_t count)
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

static inline void run_events(struct engine *engine, struct feed *feed, uint32_t from, uint32_t to,
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

static inline struct engine *make_engine(const struct plan_maker *maker,
                                         const struct engine_host *host, bool cut,
                                         uint32_t keys_max)
{
    struct engine_limits limits = engine_limits_default;
    struct engine *engine;

    limits.cut_at_rekey = cut;
    limits.keys_max = keys_max;
    assert_ok(engine_create(&maker->plan, host, &limits, &engine));
    return engine;
}

static const struct engine_host no_host = {0};
