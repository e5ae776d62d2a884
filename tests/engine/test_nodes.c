/* test_nodes.c - operators one by one, error records, watermarks, a store that cannot be read. */
#include "engine/engine.h"
#include "engine/error_record.h"
#include "engine/watermark.h"
#include "plans.h"

struct bench {
    struct plan_maker maker;
    struct engine *engine;
    struct effect_list effects;
};

static void begin(struct bench *bench)
{
    plan_begin(&bench->maker, &type_unknown);
    plan_node(&bench->maker, PLAN_SOURCE, "in")->topic =
        (struct plan_topic){SLICE("in"), PLAN_CONTENT_JSON, NULL, false};
}

static void add_sink(struct bench *bench, const char *id, uint32_t count, const char *const names[],
                     const char *const texts[])
{
    struct plan_node *sink = plan_node(&bench->maker, PLAN_SINK, id);

    plan_fields(&bench->maker, sink, count, names, texts);
    sink->topic = (struct plan_topic){slice_of(id), PLAN_CONTENT_JSON, NULL, false};
}

static void add_value_sink(struct bench *bench, const char *id, const char *text)
{
    static const char *const names[] = {"Value"};

    add_sink(bench, id, 1, names, (const char *const[]){text});
}

static void start(struct bench *bench, const struct engine_host *host)
{
    static const struct engine_host none = {0};

    assert_ok(engine_create(&bench->maker.plan, host == NULL ? &none : host, &engine_limits_default,
                            &bench->engine));
}

static void end(struct bench *bench)
{
    engine_destroy(bench->engine);
    plan_end(&bench->maker);
}

static enum status step_record(struct bench *bench, const char *json)
{
    struct record record = {.offset = 5, .time_ms = 1000, .value = slice_of(json)};
    struct engine_input input = {.kind = INPUT_RECORD,
                                 .record = &record,
                                 .topic_name = SLICE("in"),
                                 .watermark_ms = INT64_MIN,
                                 .now_ms = 1000};

    return engine_step(bench->engine, &input, 1, &bench->effects);
}

static void expect(const struct bench *bench, uint32_t index, const char *topic, const char *value)
{
    assert_true(index < bench->effects.count);
    assert_slice_equal(bench->effects.items[index].topic, slice_of(topic));
    assert_slice_equal(bench->effects.items[index].value, slice_of(value));
}

static void a_filter_has_two_ways(void **state)
{
    static const char *const names[] = {"Expression"};
    static const char *const texts[] = {"#input['n'] == 1"};
    struct bench bench;

    (void)state;
    begin(&bench);
    struct plan_node *filter = plan_node(&bench.maker, PLAN_FILTER, "one");

    plan_fields(&bench.maker, filter, 1, names, texts);
    add_value_sink(&bench, "yes", "'yes'");
    add_value_sink(&bench, "no", "'no'");
    bench.maker.next[2][0] = PLAN_END;
    bench.maker.next[1][1] = 3;
    filter->next_count = 2;
    start(&bench, NULL);
    assert_ok(step_record(&bench, "{\"n\":1}"));
    expect(&bench, 0, "yes", "\"yes\"");
    assert_ok(step_record(&bench, "{\"n\":2}"));
    expect(&bench, 0, "no", "\"no\"");
    filter->next_count = 1;
    assert_ok(step_record(&bench, "{\"n\":2}"));
    assert_int_equal(bench.effects.count, 0);
    assert_int_equal(engine_counters(bench.engine)[1].events, 3);
    assert_int_equal(engine_counters(bench.engine)[1].filtered, 1);
    end(&bench);
}

static void a_choice_takes_the_first_true_case(void **state)
{
    static const char *const names[] = {"a", "b"};
    static const char *const texts[] = {"#input['n'] > 10", "#input['n'] > 5"};
    struct bench bench;

    (void)state;
    begin(&bench);
    struct plan_node *choice = plan_node(&bench.maker, PLAN_CHOICE, "choice");

    plan_fields(&bench.maker, choice, 2, names, texts);
    add_value_sink(&bench, "a", "1");
    add_value_sink(&bench, "b", "2");
    add_value_sink(&bench, "c", "3");
    for (uint32_t i = 0; i < 3; i++) {
        bench.maker.next[1][i] = 2 + i;
        bench.maker.next[2 + i][0] = PLAN_END;
    }
    choice->next_count = 3;
    start(&bench, NULL);
    assert_ok(step_record(&bench, "{\"n\":11}"));
    expect(&bench, 0, "a", "1");
    assert_ok(step_record(&bench, "{\"n\":6}"));
    expect(&bench, 0, "b", "2");
    assert_ok(step_record(&bench, "{\"n\":1}"));
    expect(&bench, 0, "c", "3");
    end(&bench);
}

static void a_split_gives_every_branch_the_event_and_an_identity(void **state)
{
    struct bench bench;
    struct buffer text;

    (void)state;
    begin(&bench);
    struct plan_node *split = plan_node(&bench.maker, PLAN_SPLIT, "split");

    add_value_sink(&bench, "a", "#input['n']");
    add_value_sink(&bench, "b", "#input['missing']['deeper']");
    add_value_sink(&bench, "c", "#input['n']");
    for (uint32_t i = 0; i < 3; i++) {
        bench.maker.next[1][i] = 2 + i;
        bench.maker.next[2 + i][0] = PLAN_END;
    }
    split->next_count = 3;
    start(&bench, NULL);
    assert_ok(step_record(&bench, "{\"n\":1}"));
    assert_int_equal(bench.effects.count, 3);
    expect(&bench, 0, "a", "1");
    assert_int_equal(bench.effects.items[1].kind, EFFECT_ERROR);
    expect(&bench, 2, "c", "1");
    buffer_init(&text, 1024);
    for (uint32_t i = 0; i < 3; i++) {
        identity_to_text(&bench.effects.items[i].identity, &text);
        buffer_append_byte(&text, ' ');
    }
    assert_slice_equal(buffer_slice(&text), SLICE("0:0:5:0002 0:0:5:0103 0:0:5:0204 "));
    buffer_deinit(&text);
    end(&bench);
}

static void columns_nest_at_dots(void **state)
{
    static const char *const names[] = {"Key", "name", "address.city", "tags", "address.zip.code"};
    static const char *const texts[] = {"12", "#input['n']", "'W'", "{1, 2}", "'00'"};
    struct bench bench;

    (void)state;
    begin(&bench);
    add_sink(&bench, "out", 5, names, texts);
    start(&bench, NULL);
    assert_ok(step_record(&bench, "{\"n\":\"x\"}"));
    expect(
        &bench, 0, "out",
        "{\"name\":\"x\",\"address\":{\"city\":\"W\",\"zip\":{\"code\":\"00\"}},\"tags\":[1,2]}");
    assert_slice_equal(bench.effects.items[0].key, SLICE("12"));
    end(&bench);
}

static void a_null_value_emits_nothing(void **state)
{
    struct bench bench;

    (void)state;
    begin(&bench);
    add_value_sink(&bench, "out", "#input['n']");
    start(&bench, NULL);
    assert_ok(step_record(&bench, "{\"n\":null}"));
    assert_int_equal(bench.effects.count, 0);
    end(&bench);
}

static void a_debugging_sink_shows_its_value(void **state)
{
    static const char *const names[] = {"Value"};
    static const char *const texts[] = {"{n: #input['n'], twice: {#input['n'], 2}}"};
    struct bench bench;

    (void)state;
    begin(&bench);
    plan_fields(&bench.maker, plan_node(&bench.maker, PLAN_DEBUG, "look"), 1, names, texts);
    start(&bench, NULL);
    assert_ok(step_record(&bench, "{\"n\":1}"));
    assert_int_equal(bench.effects.count, 1);
    assert_int_equal(bench.effects.items[0].kind, EFFECT_DEBUG);
    assert_slice_equal(bench.effects.items[0].value, SLICE("{\"n\":1,\"twice\":[1,2]}"));
    end(&bench);
}

static void a_failed_event_becomes_an_error_record(void **state)
{
    struct bench bench;
    struct buffer key;
    struct buffer value;

    (void)state;
    begin(&bench);
    add_value_sink(&bench, "out", "#input['n']");
    start(&bench, NULL);
    assert_ok(step_record(&bench, "{\"n\":"));
    buffer_init(&key, 1024);
    buffer_init(&value, ERROR_RECORD_BYTES_MAX);
    assert_ok(
        error_record_write(&bench.maker.plan, &bench.effects.items[0], SLICE("box"), &key, &value));
    assert_slice_equal(buffer_slice(&key), SLICE("test-in"));
    struct slice text = buffer_slice(&value);

    assert_true(slice_starts_with(
        text,
        SLICE("{\"processName\":\"test\",\"nodeId\":\"in\",\"message\":\"the record is no JSON")));
    assert_true(slice_ends_with(text, SLICE("\"inputEvent\":\"{\\\"n\\\":\",\"stackTrace\":\"in\","
                                            "\"timestamp\":1000,\"host\":\"box\","
                                            "\"additionalData\":{}}")));
    buffer_deinit(&key);
    buffer_deinit(&value);
    end(&bench);
}

/* --- stores that fail ------------------------------------------------------------------------------------ */

static enum status load_broken(void *context, const struct cell_key *key, struct arena *arena,
                               struct slice *bytes)
{
    (void)arena;
    *bytes = (struct slice){0};
    if (key->key.len == 0) return STATUS_OK; /* the instance's own record */
    *bytes = SLICE("these bytes are no state");
    return *(enum status *)context;
}

static void a_store_that_cannot_be_read_poisons_the_instance(void **state)
{
    enum status answers[] = {STATUS_OK, STATUS_IO}; /* damaged bytes; no bytes */
    enum status expected[] = {STATUS_CORRUPT, STATUS_IO};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct engine_host host = {.context = &answers[i], .cell_load = load_broken};
        struct bench bench;

        begin(&bench);
        assert_ok(
            plan_sliding(&bench.maker, "'k'", SLICE("#AGG.list"), "#input['n']", 60000, false));
        add_value_sink(&bench, "out", "#out");
        start(&bench, &host);
        assert_int_equal(step_record(&bench, "{\"n\":1}"), expected[i]);
        assert_int_equal(step_record(&bench, "{\"n\":1}"), expected[i]);
        assert_int_equal(bench.effects.count, 0);
        end(&bench);
    }
}

static void an_overlong_list_fails_that_event_only(void **state)
{
    struct engine_limits limits = engine_limits_default;
    struct engine_host host = {0};
    struct bench bench;

    (void)state;
    limits.elements_max = 2;
    begin(&bench);
    assert_ok(plan_sliding(&bench.maker, "'k'", SLICE("#AGG.list"), "#input['n']", 60000, false));
    add_value_sink(&bench, "out", "#out");
    assert_ok(engine_create(&bench.maker.plan, &host, &limits, &bench.engine));
    assert_ok(step_record(&bench, "{\"n\":1}"));
    assert_ok(step_record(&bench, "{\"n\":2}"));
    expect(&bench, 0, "out", "[2,1]");
    uint64_t digest = engine_digest(bench.engine);

    assert_ok(step_record(&bench, "{\"n\":3}"));
    assert_int_equal(bench.effects.items[0].kind, EFFECT_ERROR);
    assert_true(engine_digest(bench.engine) == digest);
    end(&bench);
}

/* --- watermarks --------------------------------------------------------------------------------------------- */

static void a_watermark_follows_the_slowest_source_that_speaks(void **state)
{
    struct watermark watermark;

    (void)state;
    watermark_init(&watermark, 2);
    assert_true(watermark_advance(&watermark, 0, 1000000, 10) == INT64_MIN);
    assert_true(watermark_advance(&watermark, 1, 500000, 20) == 439999);
    assert_true(watermark_advance(&watermark, 1, 400000, 30) == 439999);
    assert_true(watermark_advance(&watermark, 1, 2000000, 40) == 939999);
    assert_true(watermark_tick(&watermark, WATERMARK_IDLE_MS) == 939999);
    assert_true(watermark_tick(&watermark, WATERMARK_IDLE_MS + 15) == 1939999);
    assert_true(watermark_advance(&watermark, 0, 1, WATERMARK_IDLE_MS + 20) == 1939999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_has_two_ways),
        cmocka_unit_test(a_choice_takes_the_first_true_case),
        cmocka_unit_test(a_split_gives_every_branch_the_event_and_an_identity),
        cmocka_unit_test(columns_nest_at_dots),
        cmocka_unit_test(a_null_value_emits_nothing),
        cmocka_unit_test(a_debugging_sink_shows_its_value),
        cmocka_unit_test(a_failed_event_becomes_an_error_record),
        cmocka_unit_test(a_store_that_cannot_be_read_poisons_the_instance),
        cmocka_unit_test(an_overlong_list_fails_that_event_only),
        cmocka_unit_test(a_watermark_follows_the_slowest_source_that_speaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
