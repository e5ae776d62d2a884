/* test_calls.c - enrichers: requests made, events that wait, replies, what failures become. */
#include "engine/engine.h"
#include "plans.h"

enum { CALL_NODE = 1, SINK_NODE = 2 };

struct bench {
    struct plan_maker maker;
    struct engine *engine;
    struct effect_list effects;
};

static const char *const http_names[] = {"URL",         "Path Segments", "Query Parameters",
                                         "HTTP Method", "Headers",       "Body Type",
                                         "Body",        "Error Strategy"};

/* source -> http -> sink with {answer, user} */
static void begin(struct bench *bench, const char *const texts[8], const char *mock,
                  const struct engine_limits *limits)
{
    struct plan_maker *maker = &bench->maker;
    static const char *const sink_names[] = {"Key", "Value"};
    static const char *const sink_texts[] = {"null", "{answer: #answer, user: #input['user']}"};
    struct engine_host host = {0};

    plan_begin(maker, &type_unknown);
    plan_node(maker, PLAN_SOURCE, "in")->topic =
        (struct plan_topic){SLICE("in"), PLAN_CONTENT_JSON, NULL, false};
    struct plan_node *call = plan_node(maker, PLAN_CALL, "ask");
    uint32_t *live = arena_alloc(&maker->arena, 1, sizeof(*live));

    plan_fields(maker, call, 8, http_names, texts);
    live[0] = maker->plan.input_slot;
    call->live = live;
    call->live_count = 1;
    call->call = (struct plan_call){.call_class = CALL_OUTSIDE, .kind = CALL_HTTP};
    if (mock != NULL) call->call.mock = plan_expr(maker, mock);
    call->output_slot = plan_slot(maker, "answer", &type_unknown);
    struct plan_node *sink = plan_node(maker, PLAN_SINK, "out");

    plan_fields(maker, sink, 2, sink_names, sink_texts);
    sink->topic = (struct plan_topic){SLICE("out"), PLAN_CONTENT_JSON, NULL, false};
    assert_ok(engine_create(&maker->plan, &host, limits, &bench->engine));
}

static void end(struct bench *bench)
{
    engine_destroy(bench->engine);
    plan_end(&bench->maker);
}

static void send_record(struct bench *bench, uint64_t offset, const char *json)
{
    struct record record = {
        .offset = offset, .time_ms = 1000, .key = SLICE("k"), .value = slice_of(json)};
    struct engine_input input = {.kind = INPUT_RECORD,
                                 .record = &record,
                                 .topic_name = SLICE("in"),
                                 .watermark_ms = INT64_MIN,
                                 .now_ms = 1000};

    assert_ok(engine_step(bench->engine, &input, 1, &bench->effects));
}

static void send_reply(struct bench *bench, struct identity identity, enum status status,
                       const char *payload)
{
    struct engine_input input = {.kind = INPUT_REPLY,
                                 .node = CALL_NODE,
                                 .identity = identity,
                                 .reply_status = status,
                                 .bytes = slice_of(payload),
                                 .watermark_ms = INT64_MIN,
                                 .now_ms = 2000};

    assert_ok(engine_step(bench->engine, &input, 1, &bench->effects));
}

static const struct effect *only_effect(const struct bench *bench, enum effect_kind kind)
{
    assert_int_equal(bench->effects.count, 1);
    if (bench->effects.items[0].kind != kind)
        fail_msg("%.*s", (int)bench->effects.items[0].message.len,
                 (const char *)bench->effects.items[0].message.data);
    return &bench->effects.items[0];
}

static const char *const post_texts[8] = {
    "'https://shop.example/api'",
    "{'a b', #input['user']}",
    "{{name: 'q', value: 'x&y'}, {name: 'none', value: null}}",
    "'POST'",
    "{{name: 'X-Token', value: 'secret'}}",
    "'JSON'",
    "{user: #input['user'], n: 1}",
    "'Accept Only 2xx'",
};

static const char *const get_texts[8] = {"'https://shop.example/api?x=1'",
                                         "null",
                                         "{{name: 'q', value: 'z'}}",
                                         "'GET'",
                                         "null",
                                         "'None'",
                                         "null",
                                         "null"};

static void a_request_is_made_of_the_parameters(void **state)
{
    struct bench bench;

    (void)state;
    begin(&bench, post_texts, NULL, &engine_limits_default);
    send_record(&bench, 7, "{\"user\":\"zo\xc3\xa9\"}");
    const struct effect *call = only_effect(&bench, EFFECT_CALL);

    assert_slice_equal(
        call->value,
        SLICE("{\"url\":\"https://shop.example/api/a%20b/zo%C3%A9?q=x%26y\",\"method\":\"POST\","
              "\"headers\":[[\"X-Token\",\"secret\"]],\"body\":\"{\\\"user\\\":\\\"zo\xc3\xa9\\\","
              "\\\"n\\\":1}\",\"contentType\":\"application/json\"}"));
    assert_slice_equal(call->key, SLICE("k"));
    assert_int_equal(call->identity.offset, 7);
    end(&bench);
    begin(&bench, get_texts, NULL, &engine_limits_default);
    send_record(&bench, 7, "{\"user\":\"u\"}");
    assert_slice_equal(only_effect(&bench, EFFECT_CALL)->value,
                       SLICE("{\"url\":\"https://shop.example/api?x=1&q=z\",\"method\":\"GET\","
                             "\"headers\":[]}"));
    end(&bench);
}

static void an_event_waits_for_its_reply_and_goes_on_once(void **state)
{
    struct bench bench;

    (void)state;
    begin(&bench, post_texts, NULL, &engine_limits_default);
    send_record(&bench, 7, "{\"user\":\"u\"}");
    struct identity identity = only_effect(&bench, EFFECT_CALL)->identity;

    send_record(&bench, 8, "{\"user\":\"v\"}");
    (void)only_effect(&bench, EFFECT_CALL);
    send_reply(&bench, identity, STATUS_OK,
               "{\"statusCode\":200,\"statusText\":\"OK\",\"headers\":{\"Content-Type\":"
               "\"application/json\"},\"body\":{\"ok\":true}}");
    assert_slice_equal(
        only_effect(&bench, EFFECT_EMIT)->value,
        SLICE("{\"answer\":{\"request\":{\"url\":\"https://shop.example/api/a%20b/u?q=x%26y\","
              "\"method\":\"POST\",\"headers\":{\"X-Token\":\"***\"},\"body\":"
              "\"{\\\"user\\\":\\\"u\\\",\\\"n\\\":1}\"},\"response\":{\"statusCode\":200,"
              "\"statusText\":\"OK\",\"headers\":{\"Content-Type\":\"application/json\"},"
              "\"body\":{\"ok\":true}}},\"user\":\"u\"}"));
    send_reply(&bench, identity, STATUS_OK, "{\"statusCode\":200}");
    assert_int_equal(bench.effects.count, 0);
    end(&bench);
}

static const struct {
    const char *about;
    enum status status;
    const char *payload;
    enum effect_kind kind;
    const char *text; /* the error, or the response's body in the record */
} replies[] = {
    {"a status beside 2xx is an error", STATUS_OK,
     "{\"statusCode\":404,\"statusText\":\"\",\"headers\":{},\"body\":null}", EFFECT_ERROR,
     "the endpoint answered with status 404"},
    {"a call that failed is an error", STATUS_IO, "{\"error\":\"no route\"}", EFFECT_ERROR,
     "the call failed: no route"},
    {"without a payload too", STATUS_LIMIT, "", EFFECT_ERROR, "the call failed"},
    {"nonsense is an error", STATUS_OK, "nonsense", EFFECT_ERROR, "the reply is no JSON"},
    {"a JSON text is read", STATUS_OK,
     "{\"statusCode\":201,\"headers\":[[\"content-type\",\"application/json; charset=utf-8\"]],"
     "\"body\":\"[1,2]\"}",
     EFFECT_EMIT, "\"body\":[1,2]"},
    {"other text stays text", STATUS_OK,
     "{\"statusCode\":201,\"headers\":{\"content-type\":\"text/plain\"},\"body\":\"[1,2]\"}",
     EFFECT_EMIT, "\"body\":\"[1,2]\""},
    {"no content type, no body", STATUS_OK, "{\"statusCode\":204,\"headers\":{},\"body\":\"x\"}",
     EFFECT_EMIT, "\"body\":null"},
};

static bool contains(struct slice text, const char *part)
{
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, part, len) == 0) return true;
    }
    return false;
}

static void replies_become_records_or_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        struct bench bench;

        begin(&bench, post_texts, NULL, &engine_limits_default);
        send_record(&bench, 1, "{\"user\":\"u\"}");
        send_reply(&bench, only_effect(&bench, EFFECT_CALL)->identity, replies[i].status,
                   replies[i].payload);
        const struct effect *effect = only_effect(&bench, replies[i].kind);

        if (effect->kind == EFFECT_ERROR) {
            assert_slice_equal(effect->message, slice_of(replies[i].text));
            assert_slice_equal(effect->value, SLICE("{\"user\":\"u\"}"));
        } else if (!contains(effect->value, replies[i].text)) {
            fail_msg("%s: %.*s", replies[i].about, (int)effect->value.len,
                     (const char *)effect->value.data);
        }
        end(&bench);
    }
}

static void a_mock_answers_in_place(void **state)
{
    struct engine_limits limits = engine_limits_default;
    struct bench bench;

    (void)state;
    limits.mock_calls = true;
    begin(&bench, post_texts, "{status: 'fine'}", &limits);
    send_record(&bench, 1, "{\"user\":\"u\"}");
    assert_slice_equal(only_effect(&bench, EFFECT_EMIT)->value,
                       SLICE("{\"answer\":{\"status\":\"fine\"},\"user\":\"u\"}"));
    end(&bench);
    begin(&bench, post_texts, NULL, &limits);
    send_record(&bench, 1, "{\"user\":\"u\"}");
    assert_slice_equal(only_effect(&bench, EFFECT_EMIT)->value,
                       SLICE("{\"answer\":null,\"user\":\"u\"}"));
    end(&bench);
}

static void too_many_waiting_calls_are_refused_one_by_one(void **state)
{
    struct engine_limits limits = engine_limits_default;
    struct bench bench;

    (void)state;
    limits.calls_waiting_max = 1;
    begin(&bench, post_texts, NULL, &limits);
    send_record(&bench, 1, "{\"user\":\"u\"}");
    struct identity identity = only_effect(&bench, EFFECT_CALL)->identity;

    send_record(&bench, 2, "{\"user\":\"v\"}");
    (void)only_effect(&bench, EFFECT_ERROR);
    send_reply(&bench, identity, STATUS_OK, "{\"statusCode\":200}");
    send_record(&bench, 3, "{\"user\":\"w\"}");
    (void)only_effect(&bench, EFFECT_CALL);
    end(&bench);
}

static const struct {
    const char *about;
    uint32_t parameter;
    const char *text;
    const char *message;
} refusals[] = {
    {"an empty URL", 0, "''", "the URL is empty"},
    {"segments that are no list", 1, "'a'", "path segments must be a list"},
    {"a query item that is no record", 2, "{'a'}", "every item must be a record {name, value}"},
    {"a header without a name", 4, "{{name: '', value: 'v'}}", "every item needs a name"},
    {"a header with a line break", 4, "{{name: 'a', value: #input['evil']}}",
     "a header has a line break"},
};

static void a_request_that_cannot_be_made_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        const char *texts[8];
        struct bench bench;

        memcpy(texts, post_texts, sizeof(texts));
        texts[refusals[i].parameter] = refusals[i].text;
        begin(&bench, texts, NULL, &engine_limits_default);
        send_record(&bench, 1, "{\"user\":\"u\",\"evil\":\"a\\r\\nHost: b\"}");
        const struct effect *effect = only_effect(&bench, EFFECT_ERROR);

        assert_slice_equal(effect->message, slice_of(refusals[i].message));
        assert_slice_equal(effect->input, slice_of(http_names[refusals[i].parameter]));
        end(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_made_of_the_parameters),
        cmocka_unit_test(an_event_waits_for_its_reply_and_goes_on_once),
        cmocka_unit_test(replies_become_records_or_errors),
        cmocka_unit_test(a_mock_answers_in_place),
        cmocka_unit_test(too_many_waiting_calls_are_refused_one_by_one),
        cmocka_unit_test(a_request_that_cannot_be_made_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
