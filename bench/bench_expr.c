/* bench_expr.c - nanoseconds and instructions an evaluation: 30 expressions of real scenarios.
 *
 * The 14 expressions an event of the showcase scenario meets, in its order, every result in the slot
 * the next ones read; 16 more from the other scenarios of tests/data/scenario and the showcase rows
 * of tests/data/expr. The event is parsed once (that cost is bench_json's); each round resets the
 * arena. A time is the fastest of many short repeats: the machine is shared, and what others do only
 * ever adds. Instructions are those of one warm round, this program's own (instructions.h). Allocations
 * are this program's calls of malloc and its kin (wrapped by the linker) during the measured rounds;
 * the bench fails if there is one.
 *
 * Usage: bench_expr [--json] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "expr/expr.h"
#include "instructions.h"
#include "sys/clock.h"

enum { ROUNDS_EACH = 1000, REPEATS = 300, ROUNDS_WARM = 2000, SLOTS = 40 };
#define AIM_NS 350.0

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

enum step_kind {
    SHOWCASE, /* measured, and part of the event's total */
    OTHER,    /* measured */
    FEED,     /* run once: a value for the rows below, of the type it has */
    FEED_ANY, /* likewise, but as it comes from a topic of JSON: of unknown type */
};

static const struct {
    enum step_kind kind;
    const char *name; /* the variable it fills, replacing one of that name; "" none */
    const char *text;
} steps[] = {
    {SHOWCASE, "messageSchema", "#input[\"message\"][\"schema\"].toString()"},
    {SHOWCASE, "",
     "#messageSchema == \"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4\""},
    {SHOWCASE, "viewedProductEvent", "#input[\"message\"][\"data\"].^[#this[\"e\"] == \"pv\"]"},
    {SHOWCASE, "", "#viewedProductEvent != null"},
    {SHOWCASE, "snowplowTrackerAppId", "#viewedProductEvent[\"aid\"]?.toString()"},
    {SHOWCASE, "", "#snowplowTrackerAppId == \"shopify-nu-recommendations\""},
    {SHOWCASE, "anonymousUserId", "#viewedProductEvent[\"duid\"]?.toString()"},
    {SHOWCASE, "slug",
     "#viewedProductEvent[\"url\"]?.toString()?.startsWith(\"https://"
     "nsw9mj-j4.myshopify.com/products/\")"
     " ? "
     "#viewedProductEvent[\"url\"]?.toString()?.substring(\"https://"
     "nsw9mj-j4.myshopify.com/products/"
     "\".length()) : null"},
    {SHOWCASE, "viewTimestamp", "#viewedProductEvent[\"dtm\"]?.toLong()"},
    {SHOWCASE, "product", "{slug: #slug, viewTimestamp: #viewTimestamp}"},
    {SHOWCASE, "",
     "#anonymousUserId != null && #product.slug != null && #product.viewTimestamp != null"},
    {SHOWCASE, "groupBy", "{ #anonymousUserId }.toString"},
    {SHOWCASE, "aggregateBy", "{slugs: #product.slug, viewTimestamps: #product.viewTimestamp}"},
    {SHOWCASE, "key", "\"customer-\" + #anonymousUserId"},
    {OTHER, "", "#input[\"message\"][\"data\"].?[#this[\"e\"] == \"pv\"]"},
    {FEED, "aggregatedProducts",
     "{slugs: {'blue-shoes', 'red-hat', 'green-scarf', 'socks', 'belt', 'coat', 'cap'},"
     " viewTimestamps: {1732000000123L, 1732000000124L, 1732000000125L, 1732000000126L,"
     " 1732000000127L, 1732000000128L, 1732000000129L}}"},
    {FEED, "recommendationsModelOutput",
     "{itemIds: {'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9', 'p10', 'p11', 'p12'},"
     " preds: {1.0, 0.5, 0.33, 0.25, 0.2, 0.16, 0.14, 0.12, 0.11, 0.1, 0.09, 0.08}}"},
    {FEED, "sendRecommendationsResult", "{response: {statusCode: 200, body: {data: {ok: true}}}}"},
    {FEED, "inputMeta",
     "{topic: 'http.shopify-events', partition: 0, offset: 41L, timestamp: 1732000001000L}"},
    {OTHER, "", "#aggregatedProducts.slugs"},
    {OTHER, "", "#aggregatedProducts.viewTimestamps.![#this.toString()]"},
    {OTHER, "recommendationIds", "#COLLECTION.take(#recommendationsModelOutput.itemIds, 10)"},
    {OTHER, "",
     "{query: \"mutation UpsertMetaobject($metaobject: MetaobjectUpsertInput!, $handle: "
     "MetaobjectHandleInput!) { metaobjectUpsert(handle: $handle, metaobject: $metaobject) { "
     "metaobject { id } userErrors { field message code } } }\","
     " variables: {handle: {handle: \"customer-\" + #anonymousUserId, type: "
     "\"nu_recommendation\"},"
     " metaobject: {fields: {{key: \"products\", value: "
     "#CONV.toJsonString(#recommendationIds)}}}}}"},
    {OTHER, "",
     "{\"userId\": #anonymousUserId, \"product\": #product, \"aggregatedProducts\": "
     "#aggregatedProducts, \"recommendationsOutput\": #recommendationsModelOutput, "
     "\"sendResult\": #sendRecommendationsResult}"},
    {OTHER, "", "#recommendationsModelOutput.preds.![#this * 100]"},
    {OTHER, "", "#sendRecommendationsResult.response.statusCode == 200"},
    {OTHER, "", "#inputMeta.topic + ':' + #inputMeta.partition + ':' + #inputMeta.offset"},
    {OTHER, "", "#DATE.toInstant(#inputMeta.timestamp)"},
    /* DetectLargeTransactions.json */
    {FEED, "input", "{clientId: 'Client1', amount: 42L, isLast: false, eventDate: 1732000000123L}"},
    {OTHER, "", "#input.amount > 20"},
    /* generation1.json to generation3.json */
    {FEED, "meta", "{processName: 'orders', properties: {parallelism: '1'}}"},
    {FEED_ANY, "input", "{shop: 'north', total: 250}"},
    {OTHER, "shop", "#meta.properties['parallelism'] + #input['shop'].toString()"},
    {OTHER, "", "#input['total'].toLong() > 100"},
    {OTHER, "", "#shop != 'test'"},
    {OTHER, "sums", "{n: #input['total'].toLong()}"},
    {OTHER, "", "#sums.n"},
};
enum { STEPS = COUNT_OF(steps) };

struct cost {
    double ns;           /* of the fastest repeat */
    double instructions; /* -1: not counted */
    double allocations;
};

struct bench {
    struct arena plan;
    struct arena batch;
    struct expr_variable variables[SLOTS];
    struct value slots[SLOTS];
    uint32_t variable_count;
    uint32_t slot_count;
    const struct expr *exprs[STEPS];
    uint32_t slot_of[STEPS]; /* 0: none */
    struct instructions instructions;
    bool empty; /* nothing is run: what the loop itself costs */
    bool json;
};

/* --- allocations: the linker sends every call of this program here ------------------------------ */

static uint64_t allocations;

/* The names are the linker's (--wrap). */
void *real_malloc(size_t size) __asm__("__real_malloc");
void *real_calloc(size_t count, size_t size) __asm__("__real_calloc");
void *real_realloc(void *old, size_t size) __asm__("__real_realloc");
void *wrap_malloc(size_t size) __asm__("__wrap_malloc");
void *wrap_calloc(size_t count, size_t size) __asm__("__wrap_calloc");
void *wrap_realloc(void *old, size_t size) __asm__("__wrap_realloc");

void *wrap_malloc(size_t size)
{
    allocations++;
    return real_malloc(size);
}

void *wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return real_calloc(count, size);
}

void *wrap_realloc(void *old, size_t size)
{
    allocations++;
    return real_realloc(old, size);
}

/* --- compiling ----------------------------------------------------------------------------------- */

static void bench_define(struct bench *bench, const char *name, const struct type *type,
                         uint32_t slot)
{
    uint32_t at = 0;

    while (at < bench->variable_count && !slice_equal(bench->variables[at].name, slice_of(name)))
        at++;
    if (at == bench->variable_count) bench->variable_count++;
    bench->variables[at] =
        (struct expr_variable){.name = slice_of(name), .type = type, .slot = slot};
}

static void bench_step(struct bench *bench, struct arena *arena, uint32_t step)
{
    struct expr_frame frame = {
        .slots = bench->slots, .arena = arena, .limits = &expr_limits_default};
    struct value result = value_null();

    enum status status = bench->empty ? STATUS_OK : expr_run(bench->exprs[step], &frame, &result);
    ASSERT(status == STATUS_OK);
    if (bench->slot_of[step] != 0) bench->slots[bench->slot_of[step]] = result;
}

/* Also runs each once, its result kept with the plan: what a row reads is there whatever is run. */
static void bench_compile(struct bench *bench)
{
    for (uint32_t i = 0; i < STEPS; i++) {
        struct expr_problems problems = {0};
        struct expr_scope scope = {.variables = bench->variables, .count = bench->variable_count};
        struct expr_source source = {.text = slice_of(steps[i].text)};
        enum status status =
            expr_compile(&source, &scope, &bench->plan, &problems, &bench->exprs[i]);
        if (status != STATUS_OK) {
            (void)fprintf(stderr, "%s: %.*s\n", steps[i].text, (int)problems.items[0].message.len,
                          problems.items[0].message.data);
            exit(1);
        }
        if (steps[i].name[0] != '\0') {
            ASSERT(bench->slot_count < SLOTS);
            bench->slot_of[i] = bench->slot_count++;
            const struct type *type =
                steps[i].kind == FEED_ANY
                    ? &type_unknown
                    : type_without_value(expr_type(bench->exprs[i]), &bench->plan);
            bench_define(bench, steps[i].name, type, bench->slot_of[i]);
        }
        bench_step(bench, &bench->plan, i);
    }
}

/* --- measuring ----------------------------------------------------------------------------------- */

static void bench_rounds(struct bench *bench, uint32_t first, uint32_t last, uint32_t rounds)
{
    for (uint32_t round = 0; round < rounds; round++) {
        arena_reset(&bench->batch);
        for (uint32_t step = first; step < last; step++)
            bench_step(bench, &bench->batch, step);
    }
}

/* The steps [first, last). */
struct piece {
    struct bench *bench;
    uint32_t first;
    uint32_t last;
};

static void piece_run(void *context)
{
    struct piece *piece = context;

    bench_rounds(piece->bench, piece->first, piece->last, 1);
}

/* Costs of one round over the steps [first, last). What they fill is put back afterwards. */
static struct cost bench_measure(struct bench *bench, uint32_t first, uint32_t last)
{
    struct value kept[SLOTS];
    struct cost cost = {.ns = 1e18};
    struct piece piece = {bench, first, last};

    memcpy(kept, bench->slots, sizeof(kept));
    bench_rounds(bench, first, last, ROUNDS_WARM);
    uint64_t allocated = allocations;
    for (uint32_t i = 0; i < REPEATS; i++) {
        uint64_t start = clock_monotonic_ns();
        bench_rounds(bench, first, last, ROUNDS_EACH);
        double ns = (double)(clock_monotonic_ns() - start) / ROUNDS_EACH;
        if (ns < cost.ns) cost.ns = ns;
    }
    cost.allocations = (double)(allocations - allocated) / ((double)ROUNDS_EACH * REPEATS);
    cost.instructions = instructions_count(&bench->instructions, piece_run, &piece);
    memcpy(bench->slots, kept, sizeof(kept));
    return cost;
}

/* --- reporting ----------------------------------------------------------------------------------- */

static void print_json_text(const char *text)
{
    (void)putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') (void)putchar('\\');
        (void)putchar(*text);
    }
    (void)putchar('"');
}

static void print_json_cost(struct cost cost)
{
    (void)printf("\"ns\":%.1f,\"instructions\":", cost.ns);
    if (cost.instructions < 0)
        (void)printf("null");
    else
        (void)printf("%.0f", cost.instructions);
    (void)printf(",\"allocations\":%g", cost.allocations);
}

static void print_step(const struct bench *bench, uint32_t step, struct cost cost)
{
    if (bench->json) {
        (void)printf("%s{\"showcase\":%s,\"expression\":", step == 0 ? "" : ",",
                     steps[step].kind == SHOWCASE ? "true" : "false");
        print_json_text(steps[step].text);
        (void)putchar(',');
        print_json_cost(cost);
        (void)putchar('}');
        return;
    }
    (void)printf("%-8s %7.0f ns ", steps[step].kind == SHOWCASE ? "showcase" : "other", cost.ns);
    if (cost.instructions >= 0) (void)printf("%7.0f instructions ", cost.instructions);
    (void)printf("%3g allocations  %.60s\n", cost.allocations, steps[step].text);
}

static void print_total(const struct bench *bench, uint32_t count, struct cost cost,
                        struct cost loop)
{
    if (bench->json) {
        (void)printf("],\"counted_by\":\"%s\",\"showcase\":{\"expressions\":%u,\"aim_ns\":%.0f,",
                     instructions_source_name(bench->instructions.source), count, AIM_NS);
        print_json_cost(cost);
        (void)printf(",\"loop_ns\":%.1f}}\n", loop.ns);
        return;
    }
    (void)printf("the showcase's %u: %.0f ns an event (aim %.0f), %g allocations an event", count,
                 cost.ns, AIM_NS, cost.allocations);
    if (cost.instructions >= 0)
        (void)printf(", %.0f instructions (by %s)\n", cost.instructions,
                     instructions_source_name(bench->instructions.source));
    else
        (void)printf("; instructions: none, the system lets nobody count them\n");
    (void)printf("of that the loop around them, which fills frames and copies results: %.0f ns\n",
                 loop.ns);
}

/* Was there no allocation? */
static bool bench_run(struct bench *bench)
{
    uint32_t showcase = 0;
    double allocated = 0;

    bench_compile(bench);
    ASSERT(allocations > 0); /* the arenas': they are counted */
    while (steps[showcase].kind == SHOWCASE)
        showcase++;
    struct cost total = bench_measure(bench, 0, showcase);
    bench->empty = true;
    struct cost loop = bench_measure(bench, 0, showcase);
    bench->empty = false;
    if (bench->json) (void)printf("{\"expressions\":[");
    for (uint32_t step = 0; step < STEPS; step++) {
        if (steps[step].kind == FEED || steps[step].kind == FEED_ANY) continue;
        struct cost cost = bench_measure(bench, step, step + 1);
        allocated += cost.allocations;
        print_step(bench, step, cost);
    }
    print_total(bench, showcase, total, loop);
    return allocated + total.allocations <= 0;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct document document;
    struct json_error error;

    bench.json = argc == 2 && strcmp(argv[1], "--json") == 0;
    if (argc > 1 && !bench.json) {
        (void)fprintf(stderr, "usage: bench_expr [--json]\n");
        return 2;
    }
    arena_init(&bench.plan, 16 << 20);
    arena_init(&bench.batch, 16 << 20);
    enum status status =
        json_parse(SLICE(event), &json_limits_default, &bench.plan, &document, &error);
    if (status == STATUS_OK) status = document_value(&document, 0, &bench.plan, &bench.slots[0]);
    ASSERT(status == STATUS_OK);
    bench.slot_count = 1;
    bench_define(&bench, "input", &type_unknown, 0);
    instructions_open(&bench.instructions);
    bool clean = bench_run(&bench);
    instructions_close(&bench.instructions);
    arena_deinit(&bench.batch);
    arena_deinit(&bench.plan);
    return clean ? 0 : 1;
}
