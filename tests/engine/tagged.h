/* tagged.h - values as the golden files write them: {"Integer":1}, {"List":[..]}, null. */
#pragma once
#include "codec/json.h"
#include "test.h"
#include "value/decimal.h"
#include "value/number.h"

static inline uint32_t node_member(const struct document *document, uint32_t object,
                                   const char *name)
{
    return document_member(document, object, slice_of(name));
}

static struct value tagged_value(const struct document *document, uint32_t node,
                                 struct arena *arena);

static inline struct value tagged_items(const struct document *document, uint32_t list,
                                        struct arena *arena)
{
    uint32_t count = document->nodes[list].count;
    struct value *items = arena_alloc(arena, count + 1, sizeof(*items));
    uint32_t node = list + 1;

    assert_non_null(items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = tagged_value(document, node, arena);
        node = document->nodes[node].next;
    }
    return value_list(items, count);
}

static inline struct value tagged_map(const struct document *document, uint32_t map,
                                      struct arena *arena)
{
    uint32_t count = document->nodes[map].count;
    struct value_entry *entries = arena_alloc(arena, count + 1, sizeof(*entries));
    uint32_t node = map + 1;

    assert_non_null(entries);
    for (uint32_t i = 0; i < count; i++) {
        struct slice key;

        assert_ok(document_string(document, node, arena, &key));
        entries[i].key = value_string(key);
        node = document->nodes[node].next;
        entries[i].value = tagged_value(document, node, arena);
        node = document->nodes[node].next;
    }
    return value_map(entries, count);
}

static inline struct value tagged_number(struct slice tag, struct slice text, struct arena *arena)
{
    struct value value = value_null();

    if (slice_equal(tag, SLICE("BigDecimal"))) {
        assert_ok(decimal_parse(text, arena, &value));
    } else if (slice_equal(tag, SLICE("BigInteger"))) {
        assert_ok(big_parse(text, arena, &value));
    } else if (slice_equal(tag, SLICE("Double")) || slice_equal(tag, SLICE("Float"))) {
        value.kind = slice_equal(tag, SLICE("Double")) ? VALUE_DOUBLE : VALUE_FLOAT;
        assert_ok(number_parse_double(text, &value.f64));
        if (value.kind == VALUE_FLOAT) value.f64 = (double)(float)value.f64;
    } else {
        value.kind = slice_equal(tag, SLICE("Long"))      ? VALUE_LONG
                     : slice_equal(tag, SLICE("Integer")) ? VALUE_INTEGER
                     : slice_equal(tag, SLICE("Short"))   ? VALUE_SHORT
                                                          : VALUE_BYTE;
        assert_ok(slice_to_i64(text, &value.i64));
    }
    return value;
}

static struct value tagged_value(const struct document *document, uint32_t node,
                                 struct arena *arena)
{
    struct slice tag;
    struct slice text;

    if (document->nodes[node].kind == DOCUMENT_NULL) return value_null();
    assert_int_equal(document->nodes[node].kind, DOCUMENT_OBJECT);
    assert_int_equal(document->nodes[node].count, 1);
    assert_ok(document_string(document, node + 1, arena, &tag));
    uint32_t inner = node + 2;

    if (slice_equal(tag, SLICE("List"))) return tagged_items(document, inner, arena);
    if (slice_equal(tag, SLICE("Set"))) {
        struct value set = tagged_items(document, inner, arena);

        set.kind = VALUE_SET;
        return set;
    }
    if (slice_equal(tag, SLICE("Map"))) return tagged_map(document, inner, arena);
    if (slice_equal(tag, SLICE("Boolean")))
        return value_boolean(document->nodes[inner].kind == DOCUMENT_TRUE);
    if (slice_equal(tag, SLICE("String"))) {
        assert_ok(document_string(document, inner, arena, &text));
        return value_string(text);
    }
    enum document_kind kind = document->nodes[inner].kind;

    if (kind == DOCUMENT_STRING)
        assert_ok(document_string(document, inner, arena, &text));
    else
        text = document_text(document, inner);
    return tagged_number(tag, text, arena);
}

/* Same class and value; decimals by value, sets and maps in any order. */
static inline bool tagged_equal(struct value left, struct value right, struct arena *arena)
{
    if (left.kind != right.kind) return false;
    if (left.kind == VALUE_BIG_DECIMAL) return decimal_compare(left, right) == 0;
    if (left.kind == VALUE_LIST) {
        bool same = list_count(left) == list_count(right);

        for (uint32_t i = 0; same && i < list_count(left); i++) {
            struct value one;
            struct value other;

            assert_ok(list_item(left, i, arena, &one));
            assert_ok(list_item(right, i, arena, &other));
            same = tagged_equal(one, other, arena);
        }
        return same;
    }
    if (left.kind == VALUE_MAP) {
        bool same = map_count(left) == map_count(right);

        for (uint32_t i = 0; same && i < map_count(left); i++) {
            struct value_entry entry;
            struct value other;

            assert_ok(map_entry(left, i, arena, &entry));
            same = map_get(right, value_text(entry.key), arena, &other) == STATUS_OK &&
                   tagged_equal(entry.value, other, arena);
        }
        return same;
    }
    return value_equals(left, right);
}

static inline void fail_different(struct slice id, const char *what, struct value got,
                                  struct value expected)
{
    struct buffer left;
    struct buffer right;

    buffer_init(&left, 1 << 20);
    buffer_init(&right, 1 << 20);
    value_to_text(got, &left);
    value_to_text(expected, &right);
    fail_msg("%.*s %s: %s %.*s instead of %s %.*s", (int)id.len, (const char *)id.data, what,
             value_kind_name((enum value_kind)got.kind), (int)left.len, (const char *)left.data,
             value_kind_name((enum value_kind)expected.kind), (int)right.len,
             (const char *)right.data);
}
