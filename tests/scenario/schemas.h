/* schemas.h - schemas that tests read, in one arena. */
#pragma once
#include "scenario/schema.h"
#include "test.h"

#define TRANSACTION                                                                          \
    "{\"type\":\"object\",\"properties\":{\"clientId\":{\"type\":\"string\"},"               \
    "\"amount\":{\"type\":\"integer\"},\"isLast\":{\"type\":\"boolean\",\"default\":false}," \
    "\"eventDate\":{\"type\":\"integer\"}},\"required\":[\"clientId\",\"amount\"],"          \
    "\"additionalProperties\":false}"

#define PERSON                                                                           \
    "{\"definitions\":{\"city\":{\"type\":\"string\"},\"address\":{\"type\":\"object\"," \
    "\"properties\":{\"city\":{\"$ref\":\"#/definitions/city\"},\"zip\":{\"type\":"      \
    "[\"string\",\"null\"]}},\"required\":[\"city\",\"zip\"]}},"                         \
    "\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"                \
    "\"address\":{\"$ref\":\"#/definitions/address\"},"                                  \
    "\"tags\":{\"type\":\"array\",\"items\":{\"enum\":[\"a\",\"b\",1]}}},\"required\":[\"name\"]}"

/* A tree: its children are trees. */
#define TREE                                                             \
    "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}," \
    "\"children\":{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}}}"

static struct arena arena;
static struct buffer buffer;

static inline int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    buffer_init(&buffer, 1 << 20);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    arena_deinit(&arena);
    buffer_deinit(&buffer);
    return 0;
}

static const struct schema *read_schema(const char *text)
{
    const struct schema *schema;
    struct slice message;

    if (schema_read(slice_of(text), &arena, &schema, &message) != STATUS_OK)
        fail_msg("%s: %.*s", text, (int)message.len, (const char *)message.data);
    return schema;
}

static inline void assert_same(struct slice left, struct slice right)
{
    assert_slice_equal(left, right);
}
