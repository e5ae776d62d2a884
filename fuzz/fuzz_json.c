/* fuzz_json.c - what is accepted must come out again: the document token for token, the value as a
 * text that reads as an equal value, the stored form as an equal value.
 */
#include <stdlib.h>

#include "codec/json.h"

enum { ARENA_MAX = 64 << 20, OUT_MAX = 16 << 20 };

static const struct json_limits limits = {.bytes_max = 1 << 24,
                                          .depth_max = VALUE_DEPTH_MAX,
                                          .nodes_max = 1 << 20,
                                          .number_bytes_max = 20000};
static struct arena arena;
static struct buffer out;

static void expect(bool holds)
{
    if (!holds) abort();
}

static bool parse(struct slice text, struct document *document)
{
    struct json_error error = {0};
    enum status status = json_parse(text, &limits, &arena, document, &error);

    expect(error.at <= text.len);
    expect((status == STATUS_OK) == (error.message == NULL));
    return status == STATUS_OK;
}

static struct slice out_copy(void)
{
    struct slice copy;

    expect(!out.failed);
    expect(arena_copy(&arena, buffer_slice(&out), &copy) == STATUS_OK);
    buffer_clear(&out);
    return copy;
}

/* Same kinds and same texts, whatever stands between the tokens. */
static void same_tokens(const struct document *left, const struct document *right)
{
    expect(left->node_count == right->node_count);
    for (uint32_t i = 0; i < left->node_count; i++) {
        const struct document_node *a = &left->nodes[i];
        const struct document_node *b = &right->nodes[i];

        expect(a->kind == b->kind && a->count == b->count && a->next == b->next);
        if (a->kind != DOCUMENT_ARRAY && a->kind != DOCUMENT_OBJECT)
            expect(slice_equal(document_text(left, i), document_text(right, i)));
    }
}

static void check_document(const struct document *document, uint32_t indent)
{
    struct document again;

    json_write_document(document, 0, indent, &out);
    expect(parse(out_copy(), &again));
    same_tokens(document, &again);
}

static struct slice written(struct value value)
{
    json_write(value, &out);
    return out_copy();
}

static struct slice printed(struct value value)
{
    value_to_text(value, &out);
    return out_copy();
}

/* The JSON of a value, read again and built: by value it is the same, though 6e66 became a plain
 * number on the way. */
static struct value reread(struct value value)
{
    struct document document;
    struct value lazy;
    struct value copy;

    expect(parse(written(value), &document));
    expect(document_value(&document, 0, &arena, &lazy) == STATUS_OK);
    expect(value_copy(lazy, &arena, &copy) == STATUS_OK);
    return copy;
}

static void check_value(struct value value)
{
    struct value copy;
    struct value decoded;

    if (value_copy(value, &arena, &copy) != STATUS_OK) return; /* a number beyond the limits */
    expect(value_equals(value, copy));
    expect(value_hash(value) == value_hash(copy));
    value_encode(value, &out);
    expect(value_decode(out_copy(), &arena, &decoded) == STATUS_OK);
    expect(value_equals(copy, decoded));
    expect(slice_equal(written(copy), written(decoded)));
    expect(slice_equal(written(copy), written(reread(copy))));
    expect(slice_equal(written(copy), written(reread(value))));
    expect(slice_equal(printed(value), printed(copy)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct document document;
    struct value value;

    if (arena.bytes_max == 0) arena_init(&arena, ARENA_MAX);
    if (out.bytes_max == 0) buffer_init(&out, OUT_MAX);
    arena_reset(&arena);
    buffer_clear(&out);
    if (!parse((struct slice){data, len}, &document)) return 0;
    check_document(&document, 0);
    check_document(&document, 2);
    if (document_value(&document, 0, &arena, &value) == STATUS_OK) check_value(value);
    return 0;
}
