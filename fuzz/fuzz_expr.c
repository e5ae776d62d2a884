/* fuzz_expr.c - any bytes as an expression of any language: a message or a result, within limits.
 *
 * The first byte chooses the language. Whatever compiles is run twice: equal runs give equal texts.
 * Completion answers at a caret that follows from the bytes: spans around it, inside the text.
 */
#include "expr/complete/complete.h"
#include "expr/sample.h"
#include "value/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char variables[] =
    "[{\"name\":\"int\",\"type\":\"Integer\",\"value\":7},"
    "{\"name\":\"str\",\"type\":\"String\",\"value\":\"Za\\u017c\\ud83d\\ude00 text\"},"
    "{\"name\":\"dec\",\"type\":\"BigDecimal\",\"value\":12.340},"
    "{\"name\":\"list\",\"type\":\"List[Integer]\",\"value\":[3,1,null]},"
    "{\"name\":\"map\",\"type\":\"Map[String,Integer]\",\"value\":{\"a\":1,\"size\":2}},"
    "{\"name\":\"rec\",\"type\":\"Record{a: Integer, b: "
    "List[String]}\",\"value\":{\"a\":1,\"b\":[\"x\"]}},"
    "{\"name\":\"unk\",\"type\":\"Unknown\",\"value\":{\"k\":[1,2.5,\"t\",null,{\"z\":true}]}},"
    "{\"name\":\"nil\",\"type\":\"String\",\"value\":null}]";

static const struct expr_limits limits = {.fuel = 20000, .result_bytes_max = 1024 * 1024};

static enum status run(const struct expr *expr, const struct sample *sample, struct arena *arena,
                       struct buffer *text)
{
    struct expr_frame frame = {.slots = sample->values,
                               .arena = arena,
                               .limits = &limits,
                               .now_ms = 1700000000000,
                               .random_key = 1};
    struct value result;
    enum status status = expr_run(expr, &frame, &result);

    ASSERT(status == STATUS_OK || frame.message.len > 0);
    if (status == STATUS_OK)
        value_to_text(result, text);
    else
        buffer_append(text, frame.message);
    return status;
}

static void complete(struct slice text, enum expr_language language, const struct expr_scope *scope,
                     struct arena *arena)
{
    bool valid = utf8_invalid_at(text) == text.len;
    uint32_t units = valid ? (uint32_t)utf8_units(text) : 0;
    uint32_t caret =
        text.len == 0 ? 0 : (uint32_t)((text.data[0] * 31U + text.len * 7U) % (units + 1));
    struct complete_request request = {
        .text = text, .language = language, .scope = scope, .caret = caret};
    struct complete_answer answer;

    if (complete_run(&request, arena, &answer) != STATUS_OK) return;
    ASSERT(answer.count <= COMPLETE_SUGGESTIONS_MAX);
    for (uint32_t i = 0; i < answer.count; i++) {
        ASSERT(answer.suggestions[i].from <= caret && answer.suggestions[i].to + 1 >= caret);
        ASSERT(answer.suggestions[i].to <= units);
    }
    ASSERT(!answer.hover.found || answer.hover.from <= answer.hover.to);
    ASSERT(answer.hover.to <= units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct sample sample;
    struct expr_problems problems;
    struct slice why;
    const struct expr *expr;
    struct buffer first;
    struct buffer second;

    if (size == 0) return 0;
    arena_init(&arena, 64 * 1024 * 1024);
    buffer_init(&first, 4 * 1024 * 1024);
    buffer_init(&second, 4 * 1024 * 1024);
    ASSERT(sample_read(SLICE(variables), NULL, &arena, &sample, &why) == STATUS_OK);
    struct expr_scope scope = {.variables = sample.variables, .count = sample.count};
    struct expr_source source = {.text = {data + 1, size - 1},
                                 .language = (enum expr_language)(data[0] % EXPR_LANGUAGE_COUNT)};
    enum status status = expr_compile(&source, &scope, &arena, &problems, &expr);
    if (status == STATUS_OK) {
        status = run(expr, &sample, &arena, &first);
        ASSERT(run(expr, &sample, &arena, &second) == status);
        ASSERT(first.failed || slice_equal(buffer_slice(&first), buffer_slice(&second)));
    } else {
        ASSERT(problems.count > 0);
        for (uint32_t i = 0; i < problems.count; i++) {
            ASSERT(problems.items[i].start <= problems.items[i].end);
            ASSERT(problems.items[i].message.len > 0);
        }
    }
    complete(source.text, source.language, &scope, &arena);
    buffer_deinit(&first);
    buffer_deinit(&second);
    arena_deinit(&arena);
    return 0;
}
