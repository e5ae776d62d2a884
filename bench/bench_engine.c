/* bench_engine.c - replay of clicks through the Shopify scenario up to the model call: events a second
 * and CPU seconds a million, on one core. Making the events is not timed.
 *
 * Usage: bench_engine [--json] [--events N] [--visitors N]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/engine.h"
#include "engine/watermark.h"
#include "scenario/scenario.h"
#include "sys/file.h"

enum { BATCH = 500, EVENT_BYTES = 2048, EVENTS_A_SECOND = 2000, PRODUCTS = 240 };

struct bench {
    uint64_t seed;
    uint64_t events;
    uint32_t visitors;
    bool json;
    struct arena arena;
    struct plan plan; /* the scenario's, ending at the model */
    struct engine *engine;
    struct watermark watermark;
    char (*texts)[EVENT_BYTES];
    struct record *records;
    struct engine_input *inputs;
    uint64_t bytes;
    uint64_t calls;
    uint64_t items; /* given to the model */
    double wall_s;
    double cpu_s;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "bench_engine: %s\n", what);
    exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec time;

    if (clock_gettime(clock, &time) != 0) die("no clock");
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static uint64_t next_random(struct bench *bench)
{
    uint64_t value = bench->seed += 0x9E3779B97F4A7C15U;

    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31U);
}

/* --- the plan, cut behind the model ----------------------------------------------------------------- */

static void load_plan(struct bench *bench)
{
    static struct scenario_problems problems;
    struct scenario_environment environment = {0};
    struct scenario *scenario;
    const struct plan *plan;
    struct buffer text;
    static const uint32_t end = PLAN_END;

    arena_init(&bench->arena, 256 << 20);
    buffer_init(&text, SCENARIO_BYTES_MAX);
    if (file_read(BENCH_SCENARIO, &text) != STATUS_OK) die("cannot read " BENCH_SCENARIO);
    if (scenario_read(buffer_slice(&text), &bench->arena, &problems, &scenario) != STATUS_OK ||
        scenario_compile(scenario, &environment, &bench->arena, &problems, &plan) != STATUS_OK) {
        for (uint32_t i = 0; i < problems.count; i++) {
            (void)fprintf(stderr, "%.*s: %.*s\n", (int)problems.items[i].node.len,
                          (const char *)problems.items[i].node.data,
                          (int)problems.items[i].message.len,
                          (const char *)problems.items[i].message.data);
        }
        die("the scenario does not compile");
    }
    struct plan_node *nodes = arena_alloc(&bench->arena, plan->node_count, sizeof(*nodes));

    if (nodes == NULL) die("no memory");
    memcpy(nodes, plan->nodes, plan->node_count * sizeof(*nodes));
    for (uint32_t i = 0; i < plan->node_count; i++) {
        if (nodes[i].kind != PLAN_CALL || nodes[i].call.kind != CALL_MODEL) continue;
        nodes[i].next = &end;
        nodes[i].next_count = 1;
    }
    bench->plan = *plan;
    bench->plan.nodes = nodes;
}

static enum status count_call(void *context, const struct plan_node *node, struct value arguments,
                              int64_t now_ms, struct arena *arena, struct call_answer *answer)
{
    struct bench *bench = context;
    struct value items;

    (void)node;
    (void)now_ms;
    bench->calls++;
    answer->value = value_null();
    if (map_get(arguments, SLICE("items"), arena, &items) == STATUS_OK)
        bench->items += list_count(items);
    return STATUS_OK;
}

/* --- events ------------------------------------------------------------------------------------------- */

/* A page view as the tracker sends it, in the front door's envelope. Eight in ten pass the filters. */
static uint32_t make_event(struct bench *bench, char *text, int64_t now_ms)
{
    double u = (double)(next_random(bench) >> 11U) * 0x1p-53;
    uint32_t visitor = (uint32_t)(u * u * bench->visitors); /* Zipf, exponent 1/2 */
    uint64_t dice = next_random(bench) % 10;
    unsigned product = (unsigned)(next_random(bench) % PRODUCTS);
    int len = snprintf(
        text, EVENT_BYTES,
        "{\"_w\":true,\"metadata\":{\"id\":\"6f2c1a52-%04x-4e0b-9d2e-7c1f8d5b%04x\",\"timestamp\":"
        "%lld,\"externalMetadata\":{}},\"message\":{\"schema\":\"iglu:com.snowplowanalytics."
        "snowplow/payload_data/jsonschema/1-0-4\",\"data\":[{\"e\":\"pv\",\"url\":"
        "\"https://nsw9mj-j4.myshopify.com/%s/product-number-%u-of-the-shop\",\"page\":\"Product "
        "number %u - the shop\",\"refr\":\"https://nsw9mj-j4.myshopify.com/collections/all\","
        "\"eid\":\"b1f6d3a4-%04x-4c7e-8a10-%012llx\",\"tv\":\"js-4.10.1\",\"tna\":\"sp\",\"aid\":"
        "\"%s\",\"p\":\"web\",\"cookie\":\"1\",\"cs\":\"UTF-8\",\"lang\":\"en-US\",\"res\":"
        "\"1920x1080\",\"cd\":\"24\",\"tz\":\"Europe/Warsaw\",\"dtm\":\"%lld\",\"vp\":\"1903x969\","
        "\"ds\":\"1903x4521\",\"vid\":\"3\",\"sid\":\"c3b8a1d2-1111-4222-8333-944445555666\","
        "\"duid\":\"0a11ce00-%08x-4000-8000-00000000beef\",\"stm\":\"%lld\",\"co\":\"{"
        "\\\"schema\\\":"
        "\\\"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0\\\",\\\"data\\\":[{"
        "\\\"schema\\\":\\\"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0\\\","
        "\\\"data\\\":{\\\"id\\\":\\\"5f0e7c1d-2b3a-4c5d-8e9f-0a1b2c3d4e5f\\\"}}]}\"}]}}",
        (unsigned)next_random(bench) & 0xFFFFU, (unsigned)next_random(bench) & 0xFFFFU,
        (long long)now_ms, dice == 0 ? "pages" : "products", product, product,
        (unsigned)next_random(bench) & 0xFFFFU,
        (unsigned long long)next_random(bench) & 0xFFFFFFFFFFFFU,
        dice == 1 ? "another-shop" : "shopify-nu-recommendations", (long long)now_ms, visitor,
        (long long)now_ms + 40);

    if (len <= 0 || len >= EVENT_BYTES) die("an event is too long");
    return (uint32_t)len;
}

static void make_batch(struct bench *bench, uint64_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        int64_t now_ms = 1704103200000 + (int64_t)((first + i) * 1000 / EVENTS_A_SECOND);
        uint32_t len = make_event(bench, bench->texts[i], now_ms);

        bench->bytes += len;
        bench->records[i] = (struct record){
            .offset = first + i,
            .time_ms = now_ms,
            .value = {(const uint8_t *)bench->texts[i], len},
        };
        bench->inputs[i] = (struct engine_input){
            .kind = INPUT_RECORD,
            .node = bench->plan.sources[0],
            .record = &bench->records[i],
            .topic_name = bench->plan.nodes[bench->plan.sources[0]].topic.name,
            .watermark_ms = bench->watermark.current_ms,
            .now_ms = now_ms,
        };
        (void)watermark_advance(&bench->watermark, 0, now_ms, now_ms);
    }
}

static void run(struct bench *bench)
{
    for (uint64_t done = 0; done < bench->events;) {
        uint64_t left = bench->events - done;
        uint32_t count = left < BATCH ? (uint32_t)left : BATCH;
        struct effect_list effects;

        make_batch(bench, done, count);
        double wall = seconds(CLOCK_MONOTONIC);
        double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);

        if (engine_step(bench->engine, bench->inputs, count, &effects) != STATUS_OK)
            die("a step failed");
        bench->cpu_s += seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        bench->wall_s += seconds(CLOCK_MONOTONIC) - wall;
        if (effects.count > 0 && effects.items[0].kind == EFFECT_ERROR) {
            (void)fprintf(stderr, "%.*s\n", (int)effects.items[0].message.len,
                          (const char *)effects.items[0].message.data);
            die("an event failed");
        }
        done += count;
    }
}

static void report(const struct bench *bench)
{
    double rate = (double)bench->events / bench->wall_s;
    double cpu = bench->cpu_s * 1e6 / (double)bench->events;
    double size = (double)bench->bytes / (double)bench->events;
    double history = (double)bench->items / (double)(bench->calls == 0 ? 1 : bench->calls);

    if (bench->json) {
        (void)printf(
            "{\"events\":%llu,\"event_bytes\":%.0f,\"visitors\":%u,\"events_per_second\":%.0f,"
            "\"cpu_seconds_per_million\":%.3f,\"model_calls\":%llu,\"mean_history\":%.2f}\n",
            (unsigned long long)bench->events, size, bench->visitors, rate, cpu,
            (unsigned long long)bench->calls, history);
        return;
    }
    (void)printf("%llu events of %.0f bytes, %u visitors, %llu model calls, mean history %.2f\n"
                 "%.0f events/s on one core, %.3f CPU seconds a million\n",
                 (unsigned long long)bench->events, size, bench->visitors,
                 (unsigned long long)bench->calls, history, rate, cpu);
}

int main(int argc, char **argv)
{
    struct bench bench = {.seed = 1, .events = 1000000, .visitors = 200000};
    struct engine_host host = {.context = &bench, .call = count_call};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            bench.json = true;
        } else if (strcmp(argv[i], "--events") == 0 && i + 1 < argc) {
            bench.events = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--visitors") == 0 && i + 1 < argc) {
            bench.visitors = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else {
            die("usage: bench_engine [--json] [--events N] [--visitors N]");
        }
    }
    load_plan(&bench);
    watermark_init(&bench.watermark, 1);
    bench.texts = calloc(BATCH, sizeof(*bench.texts));
    bench.records = calloc(BATCH, sizeof(*bench.records));
    bench.inputs = calloc(BATCH, sizeof(*bench.inputs));
    if (bench.texts == NULL || bench.records == NULL || bench.inputs == NULL) die("no memory");
    if (engine_create(&bench.plan, &host, &engine_limits_default, &bench.engine) != STATUS_OK)
        die("the engine cannot be made");
    run(&bench);
    report(&bench);
    engine_destroy(bench.engine);
    arena_deinit(&bench.arena);
    return 0;
}
