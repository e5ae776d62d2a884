/* json_values.h - values out of JSON and back, in one arena. */
#pragma once
#include "codec/json.h"
#include "test.h"

static struct arena arena;
static struct buffer out;

static inline enum status parse(struct slice text, struct document *document,
                                struct json_error *error)
{
    return json_parse(text, &json_limits_default, &arena, document, error);
}

/* The value of a text that must be good. */
static inline struct value value_of(struct slice text)
{
    struct document *document = arena_alloc(&arena, 1, sizeof(*document));
    struct json_error error;
    struct value value;

    assert_non_null(document);
    assert_ok(parse(text, document, &error));
    assert_ok(document_value(document, 0, &arena, &value));
    return value;
}

static inline struct slice written(struct value value)
{
    buffer_clear(&out);
    json_write(value, &out);
    assert_false(out.failed);
    return buffer_slice(&out);
}

static inline int values_open(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    buffer_init(&out, 1 << 20);
    return 0;
}

static inline int values_close(void **state)
{
    (void)state;
    buffer_deinit(&out);
    arena_deinit(&arena);
    return 0;
}
