/* answers.h - whether two answers to an expression, as JSON, agree: but for wording in quotes, and identity hashes. */
#pragma once
#include <ctype.h>

#include "base/buffer.h"
#include "codec/json.h"
#include "test.h"

/* --- JSON members ------------------------------------------------------------------------------------ */

static inline struct document parse(struct slice text, struct arena *arena)
{
    struct document document;
    struct json_error error;
    struct json_limits limits = json_limits_default;

    limits.number_bytes_max = 8000; /* decimals made of doubles have 1074 places */
    assert_ok(json_parse(text, &limits, arena, &document, &error));
    return document;
}

static inline struct slice text_of(const struct document *document, const char *name,
                                   struct arena *arena)
{
    uint32_t node = document_member(document, 0, slice_of(name));
    struct slice text = {0};

    if (node == 0 || document->nodes[node].kind < DOCUMENT_STRING ||
        document->nodes[node].kind > DOCUMENT_ESCAPED_STRING) {
        return text;
    }
    assert_ok(document_string(document, node, arena, &text));
    return text;
}

static inline bool is_true(const struct document *document, const char *name)
{
    uint32_t node = document_member(document, 0, slice_of(name));

    return node != 0 && document->nodes[node].kind == DOCUMENT_TRUE;
}

static inline bool is_null(const struct document *document, const char *name)
{
    uint32_t node = document_member(document, 0, slice_of(name));

    return node != 0 && document->nodes[node].kind == DOCUMENT_NULL;
}

/* --- comparing --------------------------------------------------------------------------------------- */

/* Takes out what stands in quotes or brackets, so that wording is compared and not data. */
static inline struct slice without_quotes(struct slice text, struct arena *arena)
{
    uint8_t *kept = arena_alloc(arena, text.len + 1, 1);
    size_t len = 0;
    bool quoted = false;

    assert_non_null(kept);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\'')
            quoted = !quoted;
        else if (!quoted)
            kept[len++] = text.data[i];
    }
    return (struct slice){kept, len};
}

static inline bool messages_agree(struct slice left, struct slice right, struct arena *arena)
{
    return slice_equal(left, right) ||
           slice_equal(without_quotes(left, arena), without_quotes(right, arena));
}

static inline bool errors_agree(const struct document *want, const struct document *got,
                                struct arena *arena)
{
    uint32_t a = document_member(want, 0, SLICE("errors"));
    uint32_t b = document_member(got, 0, SLICE("errors"));

    if (a == 0 || b == 0 || want->nodes[a].count != got->nodes[b].count) return false;
    uint32_t count = want->nodes[a].count;
    a++;
    b++;
    for (uint32_t i = 0; i < count; i++) {
        struct slice left;
        struct slice right;
        assert_ok(document_string(want, a, arena, &left));
        assert_ok(document_string(got, b, arena, &right));
        if (!messages_agree(left, right, arena)) return false;
        a = want->nodes[a].next;
        b = got->nodes[b].next;
    }
    return true;
}

static inline bool values_agree(struct value left, struct value right, struct arena *arena);

static inline bool maps_agree(struct value left, struct value right, struct arena *arena)
{
    struct value_cursor cursor = value_cursor(left);
    struct value_entry entry;
    struct value other;
    enum status status = STATUS_OK;

    if (map_count(left) != map_count(right)) return false;
    while (cursor_next(&cursor, arena, &entry, &status)) {
        if (map_get(right, value_text(entry.key), arena, &other) != STATUS_OK) return false;
        if (!values_agree(entry.value, other, arena)) return false;
    }
    return true;
}

static inline bool lists_agree(struct value left, struct value right, struct arena *arena)
{
    if (list_count(left) != list_count(right)) return false;
    for (uint32_t i = 0; i < list_count(left); i++) {
        struct value a;
        struct value b;
        assert_ok(list_item(left, i, arena, &a));
        assert_ok(list_item(right, i, arena, &b));
        if (!values_agree(a, b, arena)) return false;
    }
    return true;
}

/* Texts agree when they are equal, identity hashes ("@1b2c3d", in the rows "@HASH") left out. */
static inline bool texts_agree(struct slice want, struct slice got)
{
    static const char mark[] = "@HASH";
    size_t i = 0;
    size_t j = 0;

    while (i < want.len && j < got.len && want.data[i] == got.data[j]) {
        bool hash = slice_starts_with((struct slice){want.data + i, want.len - i}, SLICE(mark));
        i += hash ? sizeof(mark) - 1 : 1;
        j++;
        while (hash && j < got.len && isxdigit(got.data[j]))
            j++;
    }
    return i == want.len && j == got.len;
}

static inline bool values_agree(struct value left, struct value right, struct arena *arena)
{
    if (left.kind == VALUE_STRING && right.kind == VALUE_STRING) {
        return texts_agree(value_text(left), value_text(right));
    }
    if (left.kind == VALUE_MAP && right.kind == VALUE_MAP) return maps_agree(left, right, arena);
    if (left.kind == VALUE_LIST && right.kind == VALUE_LIST) {
        return lists_agree(left, right, arena);
    }
    return value_equals(left, right);
}

static inline bool starts_with_brace(struct slice text)
{
    return text.len > 0 && (text.data[0] == '{' || text.data[0] == '[');
}

static inline bool results_agree(const struct document *want, const struct document *got,
                                 struct arena *arena)
{
    static const char *const exact[] = {"type", "typeWithoutValue"};
    struct value left;
    struct value right;

    for (size_t i = 0; i < COUNT_OF(exact); i++) {
        if (!slice_equal(text_of(want, exact[i], arena), text_of(got, exact[i], arena))) {
            return false;
        }
    }
    struct slice exception = text_of(want, "exception", arena);
    if (exception.len > 0)
        return messages_agree(exception, text_of(got, "exception", arena), arena);
    uint32_t a = document_member(want, 0, SLICE("value"));
    uint32_t b = document_member(got, 0, SLICE("value"));
    if (a == 0 || b == 0) return false;
    assert_ok(document_value(want, a, arena, &left));
    assert_ok(document_value(got, b, arena, &right));
    if (!values_agree(left, right, arena)) return false;
    bool container = left.kind == VALUE_MAP || left.kind == VALUE_LIST;
    if (!container &&
        !slice_equal(text_of(want, "valueClass", arena), text_of(got, "valueClass", arena))) {
        return false;
    }
    struct slice printed = text_of(want, "valueToString", arena);
    struct slice ours = text_of(got, "valueToString", arena);
    return texts_agree(printed, ours) ||
           (container && starts_with_brace(printed) && printed.len == ours.len);
}
