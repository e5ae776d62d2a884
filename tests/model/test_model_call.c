/* test_model_call.c - the answers of the original pyfunc, and calls it would have failed. */
#include <math.h>

#include "codec/candidates.h"
#include "codec/json.h"
#include "golden.h"
#include "test.h"

enum { CALL_ARENA_BYTES = 8 << 20 };

static struct model *model;

static int open_model(void **state)
{
    (void)state;
    model = golden_model("model_call");
    return 0;
}

static int close_model(void **state)
{
    (void)state;
    model_close(model);
    return 0;
}

static enum status call_json(const char *arguments, int64_t now_ms, struct arena *arena,
                             struct model_answer *answer)
{
    static struct document document;
    struct json_error error;
    struct value value;

    assert_ok(json_parse(slice_of(arguments), &json_limits_default, arena, &document, &error));
    assert_ok(document_value(&document, 0, arena, &value));
    return model_call(model, value, now_ms, arena, answer);
}

/* Item `index` of a list under a key of the answer. */
static struct value answer_item(struct value answer, const char *key, uint32_t index,
                                struct arena *arena)
{
    struct value list;
    struct value item;

    assert_ok(map_get(answer, slice_of(key), arena, &list));
    assert_ok(list_item(list, index, arena, &item));
    return item;
}

/* --- the original's answers --------------------------------------------------------------------- */

struct pyfunc {
    uint32_t lines;
    double worst;
};

static void pyfunc_line(void *context, const struct document *line, struct arena *arena)
{
    struct pyfunc *pyfunc = context;
    struct value root;
    struct value now;
    struct value request;
    struct value answers;
    struct value wanted;
    struct model_answer answer;

    assert_ok(document_value(line, 0, arena, &root));
    assert_ok(map_get(root, SLICE("now"), arena, &now));
    assert_ok(map_get(root, SLICE("request"), arena, &request));
    assert_ok(map_get(root, SLICE("answer"), arena, &answers));
    assert_ok(list_item(answers, 0, arena, &wanted));
    assert_ok(model_call(model, request, now.i64 * 1000 + 999, arena, &answer));

    uint32_t preds = document_member(line, 0, SLICE("answer")) + 1;
    preds = document_member(line, preds, SLICE("preds"));
    for (uint32_t i = 0; i < MODEL_ANSWER_ITEMS; i++) {
        struct value id = answer_item(answer.value, "itemIds", i, arena);
        struct value pred = answer_item(answer.value, "preds", i, arena);

        assert_slice_equal(value_text(id), value_text(answer_item(wanted, "itemIds", i, arena)));
        pyfunc->worst = fmax(pyfunc->worst, fabs(pred.f64 - golden_number(line, preds + 1 + i)));
    }
    pyfunc->lines++;
}

static void answers_are_the_pyfuncs(void **state)
{
    struct pyfunc pyfunc = {0};

    (void)state;
    golden_lines("pyfunc.jsonl", pyfunc_line, &pyfunc);
    print_message("  preds: worst %.1e of 3e-06\n", pyfunc.worst);
    assert_int_equal(pyfunc.lines, 40);
    assert_true(pyfunc.worst <= 3e-6);
}

/* --- unusual calls ------------------------------------------------------------------------------ */

/* Each row: a request that must be answered, and another that must be answered the same. */
static const struct {
    const char *about;
    const char *arguments;
    const char *same_as; /* NULL: only that there is an answer */
    const char *viewed;
} unusual[] = {
    {"an unknown item counts as the default one",
     "{\"userId\":\"u\",\"items\":[\"no-such\",\"lamp\"],\"timestamps\":[\"1794999900\","
     "\"1794999950\"]}",
     "{\"items\":[\"default_mid\",\"lamp\"],\"timestamps\":[\"1794999900\",\"1794999950\"]}",
     "lamp"},
    {"an empty history", "{\"userId\":\"u\",\"items\":[],\"timestamps\":[]}", NULL, ""},
    {"a missing timestamp is now", "{\"items\":[\"lamp\",\"laptop\"],\"timestamps\":[\"1\"]}",
     "{\"items\":[\"lamp\",\"laptop\"],\"timestamps\":[\"1\",\"1795000000\"]}", "laptop"},
    {"an unreadable timestamp is now", "{\"items\":[\"lamp\"],\"timestamps\":[\"yesterday\"]}",
     "{\"items\":[\"lamp\"],\"timestamps\":[\"1795000000\"]}", "lamp"},
    {"a null timestamp is now", "{\"items\":[\"lamp\"],\"timestamps\":[null]}",
     "{\"items\":[\"lamp\"],\"timestamps\":[\"1795000000\"]}", "lamp"},
    {"numbers serve as texts of numbers", "{\"items\":[\"lamp\"],\"timestamps\":[1794000000]}",
     "{\"items\":[\"lamp\"],\"timestamps\":[\"1794000000\"]}", "lamp"},
    {"timestamps beyond the items are ignored",
     "{\"items\":[\"lamp\"],\"timestamps\":[\"1794000000\",\"5\"]}",
     "{\"items\":[\"lamp\"],\"timestamps\":[\"1794000000\"]}", "lamp"},
    {"an item that is no text is unknown", "{\"items\":[7],\"timestamps\":[\"1794000000\"]}",
     "{\"items\":[\"no-such\"],\"timestamps\":[\"1794000000\"]}", ""},
    {"the newest event is the one with the latest time",
     "{\"items\":[\"lamp\",\"laptop\",\"milk\"],\"timestamps\":[\"1794000000\",\"1794900000\","
     "\"1794100000\"]}",
     NULL, "laptop"},
    {"escaped names", "{\"items\":[\"l\\u0061mp\"],\"timestamps\":[\"179\\u0034000000\"]}",
     "{\"items\":[\"lamp\"],\"timestamps\":[\"1794000000\"]}", "lamp"},
};

static void unusual_calls_are_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unusual); i++) {
        struct model_answer answer;
        struct model_answer same;
        struct arena arena;

        arena_init(&arena, CALL_ARENA_BYTES);
        if (call_json(unusual[i].arguments, 1795000000500, &arena, &answer) != STATUS_OK)
            fail_msg("%s: %.*s", unusual[i].about, (int)answer.message.len, answer.message.data);
        if (unusual[i].viewed[0] != '\0')
            assert_slice_equal(answer.viewed, slice_of(unusual[i].viewed));
        if (unusual[i].same_as != NULL) {
            assert_ok(call_json(unusual[i].same_as, 1795000000000, &arena, &same));
            if (!value_equals(answer.value, same.value)) fail_msg("%s", unusual[i].about);
        }
        arena_deinit(&arena);
    }
}

static const struct {
    const char *about;
    const char *arguments;
    const char *message;
} wrong[] = {
    {"items is a text", "{\"items\":\"lamp\",\"timestamps\":[]}",
     "items must be a list of item names"},
    {"items is missing", "{\"timestamps\":[]}", "items must be a list of item names"},
    {"items is null", "{\"items\":null,\"timestamps\":[]}", "items must be a list of item names"},
    {"timestamps is a record", "{\"items\":[],\"timestamps\":{}}",
     "timestamps must be a list of texts, seconds since 1970"},
    {"arguments are a list", "[1]", "items must be a list of item names"},
};

static void wrong_types_are_refused_with_a_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct model_answer answer;
        struct arena arena;

        arena_init(&arena, CALL_ARENA_BYTES);
        assert_int_equal(call_json(wrong[i].arguments, 0, &arena, &answer), STATUS_TYPE);
        assert_slice_equal(answer.message, slice_of(wrong[i].message));
        arena_deinit(&arena);
    }
}

/* A request with the first event and the last `last` of ten thousand. */
static void long_request(uint32_t last, struct buffer *text)
{
    enum { EVENTS = 10000 };

    buffer_clear(text);
    for (uint32_t list = 0; list < 2; list++) {
        buffer_append_text(text, list == 0 ? "{\"items\":[" : "],\"timestamps\":[");
        for (uint32_t i = 0; i < EVENTS; i++) {
            if (i > 0 && i < EVENTS - last) continue;
            buffer_append_text(text, i == 0 ? "\"" : ",\"");
            if (list == 0) {
                buffer_append(text, model->vocabulary.items[i * 7 % GOLDEN_CATALOGUE].name);
            } else {
                buffer_append_u64(text, 1790000000 + 400ULL * i);
            }
            buffer_append_text(text, "\"");
        }
    }
    buffer_append(text, SLICE("]}\0"));
    assert_false(text->failed);
}

static void a_long_history_counts_by_its_first_time_and_its_last_50_events(void **state)
{
    struct buffer whole_text;
    struct buffer short_text;
    struct model_answer whole;
    struct model_answer cut;
    struct arena arena;

    (void)state;
    buffer_init(&whole_text, 1 << 20);
    buffer_init(&short_text, 1 << 20);
    arena_init(&arena, CALL_ARENA_BYTES);
    long_request(10000, &whole_text);
    long_request(50, &short_text);
    assert_ok(call_json((const char *)whole_text.data, 1795000000000, &arena, &whole));
    assert_ok(call_json((const char *)short_text.data, 1795000000000, &arena, &cut));
    assert_true(value_equals(whole.value, cut.value));
    assert_slice_equal(whole.viewed, cut.viewed);
    long_request(49, &short_text);
    assert_ok(call_json((const char *)short_text.data, 1795000000000, &arena, &cut));
    assert_false(value_equals(whole.value, cut.value));
    arena_deinit(&arena);
    buffer_deinit(&whole_text);
    buffer_deinit(&short_text);
}

static void candidates_are_the_50_best_and_begin_with_the_answer(void **state)
{
    struct candidate candidates[CANDIDATES_MAX];
    struct model_answer answer;
    struct arena arena;
    uint32_t count;

    (void)state;
    arena_init(&arena, CALL_ARENA_BYTES);
    assert_ok(
        call_json("{\"items\":[\"lamp\",\"milk\"],\"timestamps\":[\"1794000000\",\"1794900000\"]}",
                  1795000000000, &arena, &answer));
    assert_ok(candidates_read(answer.candidates, candidates, &count));
    assert_int_equal(count, MODEL_CANDIDATES);
    for (uint32_t i = 0; i < count; i++) {
        if (i < MODEL_ANSWER_ITEMS) {
            assert_slice_equal(candidates[i].item,
                               value_text(answer_item(answer.value, "itemIds", i, &arena)));
            assert_true((double)candidates[i].score ==
                        answer_item(answer.value, "preds", i, &arena).f64);
        }
        assert_true(i == 0 || candidates[i].score <= candidates[i - 1].score);
    }
    arena_deinit(&arena);
}

static void a_call_that_runs_out_of_arena_says_so(void **state)
{
    bool answered = false;

    (void)state;
    for (size_t bytes = ARENA_CHUNK_BYTES; !answered; bytes += ARENA_CHUNK_BYTES) {
        struct model_answer answer;
        struct arena arena;

        arena_init(&arena, bytes);
        enum status status =
            call_json("{\"items\":[\"lamp\",\"milk\"],\"timestamps\":[\"1\",\"2\"]}", 1795000000000,
                      &arena, &answer);
        answered = status == STATUS_OK;
        if (!answered) {
            assert_int_equal(status, STATUS_LIMIT);
            assert_true(answer.message.len > 0);
        }
        arena_deinit(&arena);
        assert_true(bytes < CALL_ARENA_BYTES);
    }
}

static void the_signature_has_the_types_of_the_call(void **state)
{
    const struct type *inputs;
    const struct type *outputs;
    struct arena arena;
    struct buffer text;

    (void)state;
    arena_init(&arena, CALL_ARENA_BYTES);
    buffer_init(&text, 4096);
    assert_ok(model_signature(&arena, &inputs, &outputs));
    type_to_text(inputs, false, &text);
    buffer_append_text(&text, " ");
    type_to_text(outputs, false, &text);
    assert_slice_equal(buffer_slice(&text),
                       SLICE("Record{items: List[String], timestamps: List[String], userId: "
                             "String} Record{itemIds: List[String], preds: List[Double]}"));
    buffer_deinit(&text);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_the_pyfuncs),
        cmocka_unit_test(unusual_calls_are_answered),
        cmocka_unit_test(wrong_types_are_refused_with_a_message),
        cmocka_unit_test(a_long_history_counts_by_its_first_time_and_its_last_50_events),
        cmocka_unit_test(candidates_are_the_50_best_and_begin_with_the_answer),
        cmocka_unit_test(a_call_that_runs_out_of_arena_says_so),
        cmocka_unit_test(the_signature_has_the_types_of_the_call),
    };

    return cmocka_run_group_tests(tests, open_model, close_model);
}
