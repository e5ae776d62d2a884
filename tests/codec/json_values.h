/* json_values.h - texts to documents, and values to texts. */
#pragma once
#include "value/values.h"

static inline enum status parse(struct slice text, struct document *document,
                                struct json_error *error)
{
    return json_parse(text, &json_limits_default, &arena, document, error);
}

static inline struct slice written(struct value value)
{
    buffer_clear(&out);
    json_write(value, &out);
    assert_false(out.failed);
    return buffer_slice(&out);
}
