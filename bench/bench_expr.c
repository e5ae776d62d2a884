/* bench_expr.c - nanoseconds an evaluation: the expressions of the showcase scenario on one event.
 *
 * The event is parsed once (that cost is bench_json's); each round resets the arena and runs all
 * expressions in the order of the scenario, every result in the slot the next ones read. */
#include <stdio.h>

#include "codec/json.h"
#include "expr/expr.h"
#include "sys/clock.h"

enum { ROUNDS = 200000, ROUNDS_WARM = 2000, SLOTS = 16 };

static const char event[] =
    "{\"_w\":true,\"metadata\":{},\"message\":{\"schema\":\"iglu:com.snowplowanalytics.snowplow/"
    "payload_data/jsonschema/1-0-4\",\"data\":[{\"e\":\"pv\",\"url\":\"https://"
    "nsw9mj-j4.myshopify.com/"
    "products/blue-shoes\",\"page\":\"Blue "
    "shoes\",\"refr\":\"https://nsw9mj-j4.myshopify.com/\",\"eid\":"
    "\"0b7c0f2e-1111-4222-8333-944445555666\",\"tv\":\"js-3.23.0\",\"tna\":\"spTracker\",\"aid\":"
    "\"shopify-nu-recommendations\",\"p\":\"web\",\"cookie\":\"1\",\"cs\":\"UTF-8\",\"lang\":\"en-"
    "US\","
    "\"res\":\"1920x1080\",\"cd\":\"24\",\"tz\":\"Europe/"
    "Warsaw\",\"vp\":\"1200x800\",\"ds\":\"1185x2400\",\"vid\":"
    "\"3\",\"sid\":\"6a1c9f8e-7777-4888-9999-aaaabbbbcccc\",\"duid\":"
    "\"c6ef3124-b53a-4b13-a233-0088f79dcbcb\",\"stm\":\"1732000000456\",\"dtm\":\"1732000000123\"}]"
    "}}";

static const struct {
    const char *name; /* the variable it fills; "" none */
    const char *text;
} steps[] = {
    {"messageSchema", "#input[\"message\"][\"schema\"].toString()"},
    {"", "#messageSchema == \"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4\""},
    {"viewedProductEvent", "#input[\"message\"][\"data\"].^[#this[\"e\"] == \"pv\"]"},
    {"", "#viewedProductEvent != null"},
    {"snowplowTrackerAppId", "#viewedProductEvent[\"aid\"]?.toString()"},
    {"", "#snowplowTrackerAppId == \"shopify-nu-recommendations\""},
    {"anonymousUserId", "#viewedProductEvent[\"duid\"]?.toString()"},
    {"slug", "#viewedProductEvent[\"url\"]?.toString()?.startsWith(\"https://"
             "nsw9mj-j4.myshopify.com/products/\")"
             " ? "
             "#viewedProductEvent[\"url\"]?.toString()?.substring(\"https://"
             "nsw9mj-j4.myshopify.com/products/"
             "\".length()) : null"},
    {"viewTimestamp", "#viewedProductEvent[\"dtm\"]?.toLong()"},
    {"product", "{slug: #slug, viewTimestamp: #viewTimestamp}"},
    {"", "#anonymousUserId != null && #product.slug != null && #product.viewTimestamp != null"},
    {"groupBy", "{ #anonymousUserId }.toString"},
    {"aggregateBy", "{slugs: #product.slug, viewTimestamps: #product.viewTimestamp}"},
    {"key", "\"customer-\" + #anonymousUserId"},
};
enum { STEPS = COUNT_OF(steps) };

struct bench {
    struct arena plan;
    struct arena batch;
    struct expr_variable variables[SLOTS];
    struct value slots[SLOTS];
    uint32_t variable_count;
    const struct expr *exprs[STEPS];
    uint32_t slot_of[STEPS];
};

static void bench_compile(struct bench *bench)
{
    bench->variables[0] = (struct expr_variable){.name = SLICE("input"), .type = &type_unknown};
    bench->variable_count = 1;
    for (uint32_t i = 0; i < STEPS; i++) {
        struct expr_problems problems;
        struct expr_scope scope = {.variables = bench->variables, .count = bench->variable_count};
        struct expr_source source = {.text = slice_of(steps[i].text)};
        enum status status =
            expr_compile(&source, &scope, &bench->plan, &problems, &bench->exprs[i]);
        ASSERT(status == STATUS_OK);
        bench->slot_of[i] = 0;
        if (steps[i].name[0] == '\0') continue;
        uint32_t slot = bench->variable_count++;
        bench->slot_of[i] = slot;
        bench->variables[slot] = (struct expr_variable){
            .name = slice_of(steps[i].name), .type = expr_type(bench->exprs[i]), .slot = slot};
    }
}

static void bench_step(struct bench *bench, uint32_t step)
{
    struct expr_frame frame = {
        .slots = bench->slots, .arena = &bench->batch, .limits = &expr_limits_default};
    struct value result;

    enum status status = expr_run(bench->exprs[step], &frame, &result);
    ASSERT(status == STATUS_OK);
    if (bench->slot_of[step] != 0) bench->slots[bench->slot_of[step]] = result;
}

static double bench_rounds(struct bench *bench, uint32_t first, uint32_t last, uint32_t rounds)
{
    uint64_t start = clock_monotonic_ns();

    for (uint32_t round = 0; round < rounds; round++) {
        arena_reset(&bench->batch);
        for (uint32_t step = first; step < last; step++)
            bench_step(bench, step);
    }
    return (double)(clock_monotonic_ns() - start) / rounds;
}

int main(void)
{
    static struct bench bench;
    struct document document;
    struct json_error error;

    arena_init(&bench.plan, 16 << 20);
    arena_init(&bench.batch, 16 << 20);
    enum status status =
        json_parse(SLICE(event), &json_limits_default, &bench.plan, &document, &error);
    if (status == STATUS_OK) status = document_value(&document, 0, &bench.plan, &bench.slots[0]);
    ASSERT(status == STATUS_OK);
    bench_compile(&bench);
    (void)bench_rounds(&bench, 0, STEPS, ROUNDS_WARM);
    printf("%-22s %8.0f ns an event\n", "all 14", bench_rounds(&bench, 0, STEPS, ROUNDS));
    for (uint32_t step = 0; step < STEPS; step++) {
        /* Earlier results stay in their slots; only this step runs. */
        (void)bench_rounds(&bench, 0, STEPS, 1);
        struct arena kept = bench.batch;
        arena_init(&bench.batch, 16 << 20);
        double ns = bench_rounds(&bench, step, step + 1, ROUNDS);
        arena_deinit(&bench.batch);
        bench.batch = kept;
        printf("  %-20s %8.0f ns\n", steps[step].name[0] != '\0' ? steps[step].name : "(filter)",
               ns);
    }
    arena_deinit(&bench.batch);
    arena_deinit(&bench.plan);
    return 0;
}
