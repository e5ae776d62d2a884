/* values.h - values out of JSON, as texts, copied; all in one arena. */
#pragma once
#include "codec/json.h"
#include "test.h"

static struct arena arena;
static struct buffer out;

static inline struct slice printed(struct value value)
{
    struct slice copy;

    buffer_clear(&out);
    value_to_text(value, &out);
    assert_false(out.failed);
    assert_ok(arena_copy(&arena, buffer_slice(&out), &copy));
    return copy;
}

static inline struct value json(struct slice text)
{
    struct document *document = arena_alloc(&arena, 1, sizeof(*document));
    struct json_error error;
    struct value value;

    assert_non_null(document);
    assert_ok(json_parse(text, &json_limits_default, &arena, document, &error));
    assert_ok(document_value(document, 0, &arena, &value));
    return value;
}

static inline struct value copied(struct value value)
{
    struct value copy;

    assert_ok(value_copy(value, &arena, &copy));
    return copy;
}

static inline struct value member(struct value map, const char *key)
{
    struct value value;

    assert_ok(map_get(map, slice_of(key), &arena, &value));
    return value;
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
