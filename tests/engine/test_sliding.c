/* test_sliding.c - whole scenarios with aggregate-sliding as the original ran them on Flink, event
 * by event: tests/data/engine/sliding.jsonl. Where the original kills the job (a null sum) or is an
 * older release (`average` counting nulls), the sane answer stands in `instead` below. */
#include "engine/instance.h"
#include "plans.h"
#include "sys/file.h"
#include "tagged.h"

/* What reached the node behind the window. */
struct output {
    int64_t time_ms;
    int64_t input; /* -1: a fresh context */
    struct slice key;
    struct value value;
};

enum { OUTPUTS_MAX = 64 };

struct golden {
    struct plan_maker maker;
    struct arena arena; /* the row */
    struct document document;
    struct slice id;
    struct engine *engine;
    struct output outputs[OUTPUTS_MAX];
    uint32_t output_count;
    uint32_t error_count;
};

/* Stands behind the window and keeps what comes. */
static enum status keep_output(void *context, const struct plan_node *node, struct value arguments,
                               int64_t now_ms, struct arena *arena, struct call_answer *answer)
{
    struct golden *golden = context;
    struct output *output = &golden->outputs[golden->output_count++];
    struct value input;
    struct value value;

    (void)node;
    answer->value = value_null();
    assert_true(golden->output_count <= OUTPUTS_MAX);
    *output = (struct output){.time_ms = now_ms, .input = -1};
    assert_ok(map_get(arguments, SLICE("input"), arena, &input));
    if (input.kind == VALUE_MAP) {
        assert_ok(map_get(input, SLICE("i"), arena, &value));
        output->input = value.i64;
    }
    assert_ok(map_get(arguments, SLICE("key"), arena, &value));
    assert_ok(arena_copy(&golden->arena, value_text(value), &output->key));
    assert_ok(map_get(arguments, SLICE("out"), arena, &value));
    return value_copy(value, &golden->arena, &output->value);
}

static const struct type *input_type(struct arena *arena)
{
    static const struct {
        const char *name;
        enum class_id class_id;
    } rows[] = {{"i", CLASS_Integer},      {"k", CLASS_String}, {"src", CLASS_String},
                {"n", CLASS_Integer},      {"l", CLASS_Long},   {"d", CLASS_Double},
                {"dec", CLASS_BigDecimal}, {"s", CLASS_String}, {"b", CLASS_Boolean},
                {"num", CLASS_Number},     {"u", CLASS_Object}};
    struct type_field *fields = arena_alloc(arena, COUNT_OF(rows), sizeof(*fields));

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        fields[i].name = slice_of(rows[i].name);
        fields[i].type =
            rows[i].class_id == CLASS_Object ? &type_unknown : type_of_class(rows[i].class_id);
    }
    return type_record(fields, COUNT_OF(rows), arena);
}

static struct slice parameter(struct golden *golden, const char *name)
{
    uint32_t params = node_member(&golden->document, 0, "params");
    struct slice text;

    assert_ok(document_string(&golden->document, node_member(&golden->document, params, name),
                              &golden->arena, &text));
    return text;
}

static const char *parameter_text(struct golden *golden, const char *name)
{
    struct slice text = parameter(golden, name);
    char *copy = arena_zalloc(&golden->arena, text.len + 1, 1);

    memcpy(copy, text.data, text.len);
    return copy;
}

static enum status make_plan(struct golden *golden)
{
    struct plan_maker *maker = &golden->maker;
    static const char *const names[] = {"input", "key", "out"};
    static const char *const texts[] = {"#input", "#key", "#out"};
    struct expr_frame frame = {.limits = &expr_limits_default, .arena = &golden->arena};
    struct value length;

    plan_begin(maker, &type_unknown);
    maker->slots[maker->plan.input_slot].type = input_type(&maker->arena);
    maker->variables[maker->plan.input_slot].type = maker->slots[maker->plan.input_slot].type;
    (void)plan_node(maker, PLAN_SOURCE, "start");
    assert_ok(expr_run(plan_expr(maker, parameter_text(golden, "windowLength")), &frame, &length));
    enum status status = plan_sliding(
        maker, parameter_text(golden, "groupBy"), parameter(golden, "aggregator"),
        parameter_text(golden, "aggregateBy"), length.i64 * 1000 + length.nanos / 1000000,
        slice_equal(parameter(golden, "emitWhenEventLeft"), SLICE("true")));

    if (status != STATUS_OK) return status;
    struct plan_node *end = plan_node(maker, PLAN_CALL, "end");

    plan_fields(maker, end, COUNT_OF(names), names, texts);
    end->call = (struct plan_call){.call_class = CALL_PURE, .kind = CALL_MODEL};
    return STATUS_OK;
}

/* --- events -------------------------------------------------------------------------------------- */

/* A field of an event; plain JSON stands for the class of its column. */
static struct value field_value(struct golden *golden, struct slice name, uint32_t node)
{
    const struct document *document = &golden->document;
    enum document_kind kind = document->nodes[node].kind;
    struct value value;

    if (kind == DOCUMENT_OBJECT) return tagged_value(document, node, &golden->arena);
    if (kind != DOCUMENT_NUMBER) {
        assert_ok(document_value(document, node, &golden->arena, &value));
        return value;
    }
    struct slice text = document_text(document, node);
    bool whole = memchr(text.data, '.', text.len) == NULL;

    if (slice_equal(name, SLICE("d")) || !whole)
        return tagged_number(SLICE("Double"), text, &golden->arena);
    /* the file writes this row's Long as a plain 2 */
    bool wide = slice_equal(name, SLICE("l")) ||
                (slice_equal(golden->id, SLICE("sliding/mixed-numbers-min")) &&
                 slice_equal(text, SLICE("2")));

    return tagged_number(wide ? SLICE("Long") : SLICE("Integer"), text, &golden->arena);
}

static struct value event_value(struct golden *golden, uint32_t event)
{
    const struct type *type = golden->maker.slots[golden->maker.plan.input_slot].type;
    struct value_entry *entries = arena_alloc(&golden->arena, type->count, sizeof(*entries));

    for (uint32_t i = 0; i < type->count; i++) {
        struct slice name = type->fields[i].name;
        uint32_t at = document_member(&golden->document, event, name);

        entries[i].key = value_string(name);
        entries[i].value = at == 0 ? value_null() : field_value(golden, name, at);
    }
    return value_map(entries, type->count);
}

static int64_t number_member(struct golden *golden, uint32_t object, const char *name)
{
    uint32_t at = node_member(&golden->document, object, name);
    int64_t number = -1;

    if (at != 0) assert_ok(slice_to_i64(document_text(&golden->document, at), &number));
    return number;
}

/* The event as a typed value: past the source, which would type JSON its own way. The model's clock
 * is the event's time, so that outputs know it. */
static void send_event(struct golden *golden, uint32_t node, uint32_t index)
{
    struct engine *engine = golden->engine;
    struct event event = {.identity = {.offset = index}};

    event.time_ms = number_member(golden, node, "ts");
    event.now_ms = event.time_ms;
    arena_reset(&engine->scratch);
    arena_reset(&engine->out);
    engine->effect_count = 0;
    engine->slots[golden->maker.plan.input_slot] = event_value(golden, node);
    assert_ok(event_walk(engine, &event, 1));
    golden->error_count += engine->effect_count;
}

static void send_watermark(struct golden *golden, int64_t watermark_ms)
{
    struct engine_input input = {.kind = INPUT_WATERMARK, .watermark_ms = watermark_ms};
    struct effect_list effects;
    uint32_t before = golden->output_count;

    assert_ok(engine_step(golden->engine, &input, 1, &effects));
    for (uint32_t i = before; i < golden->output_count; i++)
        golden->outputs[i].time_ms = INT64_MIN; /* told by the timer, checked by key and value */
}

/* --- comparing ------------------------------------------------------------------------------------- */

/* Rows whose expected outputs are not those of the file. */
static const struct {
    const char *id;
    const char *why;
    const char *outputs; /* values only, one an event */
} instead[] = {
    {"sliding/count-when-null", "null counts as false", "[{\"Long\":1},{\"Long\":1},{\"Long\":2}]"},
    {"sliding/null-integer-list-fails-job", "nulls are kept in lists",
     "[{\"List\":[{\"Integer\":3}]},{\"List\":[null,{\"Integer\":3}]},"
     "{\"List\":[null,{\"Integer\":3},{\"Integer\":1}]},"
     "{\"List\":[{\"Integer\":1},null]},{\"List\":[null,{\"Integer\":7}]}]"},
    {"sliding/null-map-sum", "a null is skipped",
     "[{\"Map\":{\"a\":{\"Long\":3}}},{\"Map\":{\"a\":{\"Long\":3}}},"
     "{\"Map\":{\"a\":{\"Long\":4}}},{\"Map\":{\"a\":{\"Long\":1}}},"
     "{\"Map\":{\"a\":{\"Long\":7}}}]"},
    {"sliding/null-sum", "a null is skipped",
     "[{\"Long\":3},{\"Long\":3},{\"Long\":4},{\"Long\":1},{\"Long\":7}]"},
    {"sliding/null-average-only", "1.19 skips nulls", "[null,{\"Double\":5},null]"},
    {"sliding/null-map-average", "1.19 skips nulls",
     "[{\"Map\":{\"a\":{\"Double\":3}}},{\"Map\":{\"a\":{\"Double\":3}}},"
     "{\"Map\":{\"a\":{\"Double\":2}}},{\"Map\":{\"a\":{\"Double\":1}}},"
     "{\"Map\":{\"a\":{\"Double\":7}}}]"},
};

static bool check_instead(struct golden *golden)
{
    struct document document;
    struct json_error error;

    for (size_t i = 0; i < COUNT_OF(instead); i++) {
        if (!slice_equal(golden->id, slice_of(instead[i].id))) continue;
        assert_ok(json_parse(slice_of(instead[i].outputs), &json_limits_default, &golden->arena,
                             &document, &error));
        assert_int_equal(document.nodes[0].count, golden->output_count);
        uint32_t node = 1;

        for (uint32_t j = 0; j < golden->output_count; j++) {
            struct value expected = tagged_value(&document, node, &golden->arena);

            if (!tagged_equal(golden->outputs[j].value, expected, &golden->arena))
                fail_different(golden->id, "instead", golden->outputs[j].value, expected);
            node = document.nodes[node].next;
        }
        return true;
    }
    return false;
}

static void check_output(struct golden *golden, uint32_t node, const struct output *output)
{
    struct value expected = tagged_value(
        &golden->document, node_member(&golden->document, node, "out"), &golden->arena);
    struct slice key;

    assert_ok(document_string(&golden->document, node_member(&golden->document, node, "key"),
                              &golden->arena, &key));
    assert_slice_equal(output->key, key);
    assert_int_equal(output->input, number_member(golden, node, "input"));
    if (output->input >= 0) assert_true(output->time_ms == number_member(golden, node, "ts"));
    if (!tagged_equal(output->value, expected, &golden->arena))
        fail_different(golden->id, "out", output->value, expected);
}

static void check_outputs(struct golden *golden)
{
    uint32_t outputs = node_member(&golden->document, 0, "outputs");
    uint32_t errors = node_member(&golden->document, 0, "errors");
    uint32_t node = outputs + 1;

    assert_int_equal(golden->error_count, errors == 0 ? 0 : golden->document.nodes[errors].count);
    if (check_instead(golden)) return;
    if (golden->document.nodes[outputs].count != golden->output_count)
        fail_msg("%.*s: %u outputs", (int)golden->id.len, (const char *)golden->id.data,
                 golden->output_count);
    for (uint32_t i = 0; i < golden->output_count; i++) {
        check_output(golden, node, &golden->outputs[i]);
        node = golden->document.nodes[node].next;
    }
}

static void run_events(struct golden *golden)
{
    uint32_t input = node_member(&golden->document, 0, "input");
    uint32_t node = input + 1;
    uint32_t index = 0;

    for (uint32_t i = 0; i < golden->document.nodes[input].count; i++) {
        if (node_member(&golden->document, node, "watermark") != 0)
            send_watermark(golden, number_member(golden, node, "watermark"));
        else
            send_event(golden, node, index++);
        node = golden->document.nodes[node].next;
    }
    send_watermark(golden, INT64_MAX);
}

static void check_row(struct slice line)
{
    struct golden *golden = calloc(1, sizeof(*golden));
    struct engine_host host = {.context = golden, .call = keep_output};
    struct json_error error;

    assert_non_null(golden);
    arena_init(&golden->arena, 64 << 20);
    assert_ok(json_parse(line, &json_limits_default, &golden->arena, &golden->document, &error));
    assert_ok(document_string(&golden->document, node_member(&golden->document, 0, "id"),
                              &golden->arena, &golden->id));
    enum status status = make_plan(golden);

    if (node_member(&golden->document, 0, "compileError") != 0) {
        assert_int_not_equal(status, STATUS_OK);
    } else {
        assert_ok(status);
        assert_ok(
            engine_create(&golden->maker.plan, &host, &engine_limits_default, &golden->engine));
        run_events(golden);
        check_outputs(golden);
        engine_destroy(golden->engine);
    }
    plan_end(&golden->maker);
    arena_deinit(&golden->arena);
    free(golden);
}

static void windows_slide_as_the_original(void **state)
{
    struct buffer text;
    uint32_t rows = 0;

    (void)state;
    buffer_init(&text, 16 << 20);
    assert_ok(file_read(TEST_DATA_DIR "/engine/sliding.jsonl", &text));
    struct slice rest = buffer_slice(&text);

    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);

        check_row((struct slice){rest.data, len});
        rows++;
        rest = (struct slice){rest.data + len + 1, rest.len > len ? rest.len - len - 1 : 0};
    }
    assert_int_equal(rows, 75);
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(windows_slide_as_the_original)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
