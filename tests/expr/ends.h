/* ends.h - expressions and how each ends: refused while one writes, failing with a message, or a value. */
#pragma once
#include "test.h"

#include "base/buffer.h"
#include "expr/sample.h"
#include "programs.h"

enum { CALL_BYTES_MAX = 16 << 20, SHOWN_BYTES = 500, BEGINNING_BYTES = 37 };

enum end { REFUSED, FAILS, GIVES };

struct ending {
    enum expr_language language;
    const char *text;
    enum end end;
    const char *says; /* the first problem, the failure or the value, as shortened() has it */
};

/* A long value as its beginning and its length. */
static inline struct slice shortened(struct slice given, char *memory, size_t bytes)
{
    if (given.len <= SHOWN_BYTES) return given;
    int len = snprintf(memory, bytes, "%.*s ... %zu bytes", BEGINNING_BYTES,
                       (const char *)given.data, given.len);
    return (struct slice){(const uint8_t *)memory, (size_t)len};
}

/* A failure without "Expression [...] evaluation failed, message: ". */
static inline struct slice without_text(struct slice message, struct slice text)
{
    size_t before = strlen("Expression [") + text.len + strlen("] evaluation failed, message: ");

    if (message.len < before) return message;
    return (struct slice){message.data + before, message.len - before};
}

static inline enum end end_of(const struct sample_result *result, struct slice text,
                              struct buffer *shown, struct slice *said)
{
    buffer_clear(shown);
    if (!result->valid) {
        *said = result->problems.items[0].message;
        return REFUSED;
    }
    if (result->failed) {
        *said = without_text(result->message, text);
        return FAILS;
    }
    value_to_text(result->value, shown);
    *said = buffer_slice(shown);
    return GIVES;
}

static inline void assert_endings(const struct ending *endings, size_t count)
{
    struct arena arena;
    struct arena call;
    struct sample sample;
    struct buffer shown;
    struct slice said;
    char memory[SHOWN_BYTES];

    arena_init(&arena, CALL_BYTES_MAX);
    arena_init(&call, CALL_BYTES_MAX);
    buffer_init(&shown, CALL_BYTES_MAX);
    assert_ok(sample_read(slice_of(program_variables), NULL, &arena, &sample, &said));
    for (size_t i = 0; i < count; i++) {
        struct expr_source source = {.text = slice_of(endings[i].text),
                                     .language = endings[i].language};
        struct sample_result result;
        arena_reset(&call);
        assert_ok(sample_run(&sample, &source, 0, &call, &result));
        enum end end = end_of(&result, source.text, &shown, &said);
        said = shortened(said, memory, sizeof(memory));
        if (end != endings[i].end || !slice_equal(slice_of(endings[i].says), said))
            fail_msg("%s: %.*s", endings[i].text, (int)said.len, (const char *)said.data);
    }
    buffer_deinit(&shown);
    arena_deinit(&call);
    arena_deinit(&arena);
}
