/* test_deliver_shopify.c - the scenario's own mutation against the Shopify stand-in of examples/shop:
 * real schemas, a real points bucket, and its faults. Needs `npm ci` there (script/bootstrap); without it
 * the test is skipped. */
#include <pthread.h>

#include "codec/json.h"
#include "deliver/harness.h"
#include "http_client.h"

enum { SKIPPED = 77 };

#define ADMIN SHOP "/admin/api/graphql.json"
#define TOKEN "shpat_standin-0123456789"

static const char upsert_query[] =
    "mutation UpsertMetaobject($metaobject: MetaobjectUpsertInput!, $handle: "
    "MetaobjectHandleInput!) "
    "{ metaobjectUpsert(handle: $handle, metaobject: $metaobject) { metaobject { id } userErrors { "
    "field message code } } }";
static const char define_query[] =
    "mutation { metaobjectDefinitionCreate(definition: {type: \"nu_recommendation\", name: \"r\", "
    "access: {storefront: PUBLIC_READ}, fieldDefinitions: [{key: \"products\", name: \"products\", "
    "type: \"list.product_reference\"}]}) { metaobjectDefinition { id } userErrors { code } } }";

/* --- the stand-in ---------------------------------------------------------------------------------- */

static int shop_make(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    char *const arguments[] = {(char[]){"node"},
                               (char[]){STANDIN_DIR "/server.cjs"},
                               (char[]){"--catalogue"},
                               (char[]){STANDIN_DIR "/example-catalogue.json"},
                               (char[]){"--admin-token"},
                               (char[]){TOKEN},
                               (char[]){"--port"},
                               (char[]){"0"},
                               NULL};

    (void)snprintf(place->path, sizeof(place->path), "shopify-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    place->server = child_start(arguments);
    (void)snprintf(place->origin, sizeof(place->origin), "http://127.0.0.1:%u",
                   (unsigned)place->server.port);
    *state = place;
    return 0;
}

/* One exchange with the stand-in beside deliver; the caller frees the answer. */
static char *ask(const struct place *place, const char *method, const char *path, const char *body)
{
    struct buffer in;
    struct buffer answer;
    char request[1024];
    int fd = client_connect(place->server.port);

    (void)snprintf(request, sizeof(request),
                   "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s", method, path,
                   strlen(body), body);
    buffer_init(&in, CLIENT_BYTES_MAX);
    buffer_init(&answer, CLIENT_BYTES_MAX);
    assert_true(client_say(fd, request));
    assert_int_equal(client_answer(fd, &in, false, &answer), 200);
    (void)close(fd);
    buffer_deinit(&in);
    return (char *)answer.data;
}

static void control(const struct place *place, const char *json)
{
    free(ask(place, "POST", "/__control", json));
}

/* Whether the stand-in's statistics contain a text. */
static bool stats_say(const struct place *place, const char *text)
{
    char *stats = ask(place, "GET", "/__stats", "");
    bool says = strstr(stats, text) != NULL;

    free(stats);
    return says;
}

/* --- calls ----------------------------------------------------------------------------------------- */

static void request_graphql(const char *query, const char *variables, struct buffer *request)
{
    struct buffer body;

    buffer_init(&body, 1 << 16);
    buffer_init(request, 1 << 16);
    buffer_append_text(&body, "{\"query\":");
    json_write_string(slice_of(query), &body);
    buffer_append_text(&body, ",\"variables\":");
    buffer_append_text(&body, variables);
    buffer_append_byte(&body, '}');
    buffer_append_text(request, "{\"url\":\"" ADMIN "\",\"method\":\"POST\",\"headers\":"
                                "[[\"X-Shopify-Access-Token\",\"shpat_a8272c...\"]],\"body\":");
    json_write_string(buffer_slice(&body), request);
    buffer_append_text(request, ",\"contentType\":\"application/json\"}");
    buffer_deinit(&body);
}

/* `count` calls with one request, offsets from `offset` on, in one commit. */
static void submit_graphql(struct running *running, uint64_t offset, uint32_t count,
                           const char *key, const char *query, const char *variables)
{
    struct deliver_call *calls = calloc(count, sizeof(*calls));
    struct buffer request;

    assert_non_null(calls);
    request_graphql(query, variables, &request);
    for (uint32_t i = 0; i < count; i++)
        calls[i] = (struct deliver_call){
            .identity = {.topic_id = 1, .offset = offset + i, .path_len = 1, .path = {7}},
            .node = 3,
            .scenario = SLICE("shop recommendations"),
            .coalescing_key = slice_of(key),
            .request = buffer_slice(&request),
        };
    assert_ok(deliver_submit(running->deliver, calls, count, SLICE("calls.shop"), offset));
    buffer_deinit(&request);
    free(calls);
}

/* A visitor's list of one product: 101 to 105 exist in the catalogue. */
static void submit_lists(struct running *running, uint64_t offset, uint32_t count,
                         const char *visitor, unsigned product)
{
    char variables[512];

    (void)snprintf(variables, sizeof(variables),
                   "{\"handle\":{\"handle\":\"customer-%s\",\"type\":\"nu_recommendation\"},"
                   "\"metaobject\":{\"fields\":[{\"key\":\"products\","
                   "\"value\":\"[\\\"gid://shopify/Product/%u\\\"]\"}]}}",
                   visitor, product);
    submit_graphql(running, offset, count, visitor, upsert_query, variables);
}

static void submit_list(struct running *running, uint64_t offset, const char *visitor,
                        unsigned product)
{
    submit_lists(running, offset, 1, visitor, product);
}

static void shop_open(struct running *running, struct place *place,
                      const struct deliver_options *options, const char *token)
{
    const struct deliver_secret secret = {SLICE("X-Shopify-Access-Token"), slice_of(token)};
    const struct deliver_endpoint endpoint = {.match = SLICE(SHOP),
                                              .url = slice_of(place->origin),
                                              .allow_private = true,
                                              .secrets = &secret,
                                              .secret_count = 1,
                                              .shopify = true};
    struct buffer message;

    running_create(running, place, options, true, SLICE("X-Shopify-Access-Token"));
    deliver_destroy(running->deliver);
    buffer_init(&message, 4096);
    assert_ok(deliver_create(options, &endpoint, 1, running->state, replies_take, &running->replies,
                             &running->deliver, &message));
    running->replies.deliver = running->deliver;
    assert_ok(deliver_start(running->deliver));
    buffer_deinit(&message);
}

/* With the definition made, as call 0. The stand-in reads its schemas first, which may take a while; a
 * definition that is made twice is refused. */
static void shop_begin(struct running *running, struct place *place)
{
    struct deliver_options options = quick;

    options.timeout_ms = 20000;
    shop_open(running, place, &options, TOKEN);
    submit_graphql(running, 0, 1, "", define_query, "{}");
    drain(running);
    assert_int_equal(counters_of(running).dead, 0);
}

static void the_scenarios_mutation_makes_the_metaobject(void **state)
{
    struct running running;

    shop_begin(&running, *state);
    submit_list(&running, 1, "v", 101);
    drain(&running);
    assert_non_null(
        strstr(replies_find(&running.replies, 1)->payload,
               "\"body\":{\"data\":{\"metaobjectUpsert\":{\"metaobject\":{\"id\":\"gid:"));
    assert_true(stats_say(*state, "\"nu_recommendation/customer-v\":{\"count\":1,"));
    assert_true(stats_say(*state, "Product/101"));
    running_close(&running);
    assert_int_equal(found_on_disk(*state, TOKEN), 0);
}

static const struct {
    const char *fault;
    bool applied; /* the failing try was */
} fault_rows[] = {
    {"{\"faults\":[{\"kind\":\"throttled\",\"count\":2}]}", false},
    {"{\"faults\":[{\"kind\":\"429\",\"count\":1,\"retry_after\":1}]}", false},
    {"{\"faults\":[{\"kind\":\"lost_response\",\"count\":1}]}", true},
    {"{\"faults\":[{\"kind\":\"reset\",\"count\":1}]}", false},
    {"{\"faults\":[{\"kind\":\"garbage\",\"count\":2}]}", false},
    {"{\"faults\":[{\"kind\":\"internal_error\",\"count\":2}]}", false},
    {"{\"faults\":[{\"kind\":\"503\",\"count\":1}]}", false},
    {"{\"faults\":[{\"kind\":\"503\",\"count\":1,\"retry_after\":1}]}", false},
    {"{\"faults\":[{\"kind\":\"500\",\"count\":2}]}", false},
    {"{\"faults\":[{\"kind\":\"slow\",\"count\":1,\"delay_ms\":1500}]}", true},
};

static void every_passing_fault_ends_with_one_metaobject(void **state)
{
    struct deliver_options options = quick;
    struct running running;

    options.timeout_ms = 800;
    options.attempts_max = 50;
    shop_begin(&running, *state);
    running_close(&running);
    shop_open(&running, *state, &options, TOKEN);
    for (uint64_t i = 0; i < COUNT_OF(fault_rows); i++) {
        char visitor[16];
        char entries[32];

        control(*state, fault_rows[i].fault);
        (void)snprintf(visitor, sizeof(visitor), "f%u", (unsigned)i);
        submit_list(&running, i + 1, visitor, 101);
        drain(&running);
        const struct reply *reply = replies_find(&running.replies, i + 1);
        if (reply->status != STATUS_OK || strstr(reply->payload, "\"userErrors\":[]") == NULL)
            fail_msg("%s: %s", fault_rows[i].fault, reply->payload);
        (void)snprintf(entries, sizeof(entries), "\"entries\":%u,", (unsigned)i + 1);
        if (!stats_say(*state, entries)) fail_msg("%s: not one metaobject", fault_rows[i].fault);
    }
    assert_int_equal(counters_of(&running).dead, 0);
    running_close(&running);
}

static void a_lost_answer_is_written_twice_and_is_one_metaobject(void **state)
{
    struct running running;

    shop_begin(&running, *state);
    control(*state, "{\"faults\":[{\"kind\":\"lost_response\",\"count\":2}]}");
    submit_list(&running, 1, "v", 102);
    drain(&running);
    assert_true(stats_say(*state, "\"nu_recommendation/customer-v\":{\"count\":3,"));
    assert_true(stats_say(*state, "\"entries\":1,"));
    running_close(&running);
}

static void the_newest_list_stays_whatever_happens_to_the_older_ones(void **state)
{
    struct running running;

    shop_begin(&running, *state);
    control(*state, "{\"faults\":[{\"kind\":\"lost_response\",\"count\":1},{\"kind\":\"500\"},"
                    "{\"kind\":\"garbage\"},{\"kind\":\"throttled\"},{\"kind\":\"reset\"}]}");
    for (unsigned i = 0; i < 10; i++)
        submit_list(&running, i + 1, "v", 101 + i % 5);
    drain(&running);
    assert_true(stats_say(*state, "Product/105"));
    assert_true(stats_say(*state, "\"entries\":1,"));
    running_close(&running);
}

/* An empty bucket that we take for a full one; after the first answers hardly one call is throttled. */
static void the_bucket_is_respected_after_a_few_answers(void **state)
{
    enum { WARM_UP = 8, LISTS = 200 };
    struct running running;

    shop_begin(&running, *state);
    control(*state, "{\"options\":{\"bucketSize\":200,\"restoreRate\":25},\"drain_bucket\":true}");
    submit_lists(&running, 1, WARM_UP, "", 101);
    drain(&running);
    uint64_t throttled = counters_of(&running).throttled;
    assert_true(throttled >= 1);
    control(*state, "{\"options\":{\"restoreRate\":400}}");
    submit_lists(&running, 1 + WARM_UP, LISTS, "", 101);
    drain(&running);
    assert_true(counters_of(&running).throttled - throttled <= LISTS / 100);
    assert_int_equal(counters_of(&running).dead, 0);
    assert_int_equal(counters_of(&running).delivered, 1 + WARM_UP + LISTS);
    running_close(&running);
}

static void a_refused_token_is_told_and_the_letter_replayed_with_the_right_one(void **state)
{
    struct place *place = *state;
    struct running running;

    shop_begin(&running, place);
    running_close(&running);
    shop_open(&running, place, &quick, "shpat_wrong-0123456789");
    submit_list(&running, 1, "v", 103);
    drain(&running);
    assert_non_null(strstr(replies_find(&running.replies, 1)->payload, "\"statusCode\":401"));
    char *letters = dead_letters(&running);
    assert_non_null(strstr(letters, "refused the credentials: check the secret"));
    assert_non_null(strstr(letters, "\"url\":\"" ADMIN "\""));
    assert_null(strstr(letters, "shpat_"));
    free(letters);
    assert_int_equal(counters_of(&running).sent, 1); /* permanent: not tried again */
    running_close(&running);
    shop_open(&running, place, &quick, TOKEN);
    assert_ok(deliver_replay(running.deliver, SLICE("shop recommendations/1:0:1:07")));
    drain(&running);
    assert_true(stats_say(place, "Product/103"));
    running_close(&running);
}

static void a_list_that_shopify_refuses_is_a_dead_letter_at_once(void **state)
{
    struct running running;

    shop_begin(&running, *state);
    uint64_t sent = counters_of(&running).sent;
    submit_list(&running, 1, "v", 999);
    drain(&running);
    assert_int_equal(counters_of(&running).sent, sent + 1);
    assert_non_null(strstr(replies_find(&running.replies, 1)->payload, "INVALID_VALUE"));
    char *letters = dead_letters(&running);
    assert_non_null(strstr(letters, "Shopify: INVALID_VALUE"));
    free(letters);
    running_close(&running);
}

int main(void)
{
#define TEST_ROW(name) cmocka_unit_test_setup_teardown(name, shop_make, place_remove)
    const struct CMUnitTest tests[] = {
        TEST_ROW(the_scenarios_mutation_makes_the_metaobject),
        TEST_ROW(every_passing_fault_ends_with_one_metaobject),
        TEST_ROW(a_lost_answer_is_written_twice_and_is_one_metaobject),
        TEST_ROW(the_newest_list_stays_whatever_happens_to_the_older_ones),
        TEST_ROW(the_bucket_is_respected_after_a_few_answers),
        TEST_ROW(a_refused_token_is_told_and_the_letter_replayed_with_the_right_one),
        TEST_ROW(a_list_that_shopify_refuses_is_a_dead_letter_at_once),
    };

    if (access(STANDIN_DIR "/node_modules", F_OK) != 0) return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
