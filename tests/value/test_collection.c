/* test_collection.c - lists and maps, lazy and eager: the same members, repeated keys, no memory. */
#include "values.h"

static void lazy_and_eager_answer_alike(void **state)
{
    struct value lazy = json(SLICE("{\"a\":[1,[2],{\"x\":\"\\u0041\"},12345678901234567890],"
                                   "\"b\\u0062\":null,\"c\":{}}"));
    struct value eager = copied(lazy);
    struct value value;
    struct value_entry entry;

    (void)state;
    assert_true((lazy.flags & VALUE_LAZY) != 0 && (eager.flags & VALUE_LAZY) == 0);
    struct value both[] = {lazy, eager};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        assert_int_equal(map_count(both[i]), 3);
        assert_ok(map_entry(both[i], 1, &arena, &entry));
        assert_slice_equal(value_text(entry.key), SLICE("bb"));
        assert_int_equal(entry.value.kind, VALUE_NULL);
        assert_int_equal(map_get(both[i], SLICE("bb"), &arena, &value), STATUS_OK);
        assert_int_equal(map_get(both[i], SLICE("b"), &arena, &value), STATUS_NOT_FOUND);
        struct value list = member(both[i], "a");
        assert_int_equal(list_count(list), 4);
        assert_ok(list_item(list, 2, &arena, &value));
        assert_slice_equal(value_text(member(value, "x")), SLICE("A"));
        assert_ok(list_item(list, 3, &arena, &value));
        assert_true(value.kind == VALUE_BIG_DECIMAL && (value.flags & VALUE_WIDE) != 0);
        assert_int_equal(map_count(member(both[i], "c")), 0);
    }
    assert_true(value_equals(lazy, eager) && value_equals(eager, lazy));
    assert_true(value_hash(lazy) == value_hash(eager));
}

static void a_repeated_key_has_its_first_place_and_last_value(void **state)
{
    struct value map = json(SLICE("{\"a\":1,\"b\":2,\"\\u0061\":3,\"b\":4,\"c\":5}"));
    struct value_entry entry;

    (void)state;
    assert_int_equal(map_count(map), 3);
    assert_slice_equal(printed(map), SLICE("{a=3, b=4, c=5}"));
    assert_slice_equal(printed(copied(map)), SLICE("{a=3, b=4, c=5}"));
    assert_ok(map_entry(map, 1, &arena, &entry));
    assert_slice_equal(value_text(entry.key), SLICE("b"));
    assert_int_equal(entry.value.i64, 4);
    assert_int_equal(member(map, "a").i64, 3);
    assert_true(value_equals(map, json(SLICE("{\"c\":5,\"b\":4,\"a\":3}"))));
}

/* Objects of any shape: keys repeated, spelled with escapes, before and behind values with parts. */
static void a_member_is_the_last_of_its_name(void **state)
{
    static const char *const spellings[] = {"a",       "\\u0061", "b", "ab",
                                            "\\u0062", "a\\n",    "",  "abc"};
    static const char *const names[] = {"a", "a", "b", "ab", "b", "a\n", "", "abc"};
    uint32_t random = 1;

    (void)state;
    for (uint32_t round = 0; round < 2000; round++) {
        int64_t last[COUNT_OF(names)] = {0};
        struct buffer text;

        buffer_init(&text, 4096);
        buffer_append_byte(&text, '{');
        for (uint32_t i = 1; i <= round % 12; i++) {
            random = random * 1664525 + 1013904223;
            uint32_t at = (random >> 16) % COUNT_OF(names);
            if (round % 3 == 0 && strchr(spellings[at], '\\') != NULL) at = 0;
            if (i > 1) buffer_append_byte(&text, ',');
            buffer_append_byte(&text, '"');
            buffer_append_text(&text, spellings[at]);
            buffer_append_text(&text, "\":");
            bool nested = round % 2 == 0 && (random >> 24) % 4 == 0;
            buffer_append_text(&text, nested ? "[true," : "");
            buffer_append_i64(&text, i);
            buffer_append_text(&text, nested ? "]" : "");
            for (uint32_t j = 0; j < COUNT_OF(names); j++)
                if (strcmp(names[at], names[j]) == 0) last[j] = nested ? -(int64_t)i : i;
        }
        buffer_append_byte(&text, '}');
        struct value map = json(buffer_slice(&text));
        for (uint32_t j = 0; j < COUNT_OF(names); j++) {
            struct value found = value_null();
            enum status status = map_get(map, slice_of(names[j]), &arena, &found);
            assert_int_equal(status, last[j] == 0 ? STATUS_NOT_FOUND : STATUS_OK);
            if (last[j] > 0) assert_int_equal(found.i64, last[j]);
            if (last[j] >= 0) continue;
            assert_ok(list_item(found, 1, &arena, &found));
            assert_int_equal(found.i64, -last[j]);
        }
        buffer_deinit(&text);
        arena_reset(&arena);
    }
}

/* Members that the reader steps over in its quick way, and the ones around them; many look alike. */
static void members_of_text_are_found(void **state)
{
    static const char text[] = "{\"\":\"1\",\"url\":\"2\",\"uid\":\"3\",\"url\":\"4\",\"u\":\"5\","
                               "\"\" : \"6\", \"aid\" :\"7\","
                               "\"uuid\":\"8\",\"uri\":\"a text of more than thirty-two bytes, to "
                               "fill a block\",\"u\":\"9\"}"
                               "                                                                ";
    static const char *const pairs[][2] = {{"", "6"},    {"url", "4"},  {"uid", "3"},
                                           {"aid", "7"}, {"uuid", "8"}, {"u", "9"}};
    struct value map = json(slice_of(text));
    struct value found;

    (void)state;
    for (uint32_t i = 0; i < COUNT_OF(pairs); i++) {
        assert_ok(map_get(map, slice_of(pairs[i][0]), &arena, &found));
        assert_true(slice_equal(value_text(found), slice_of(pairs[i][1])));
    }
    assert_int_equal(map_get(map, SLICE("uru"), &arena, &found), STATUS_NOT_FOUND);
    assert_int_equal(map_get(map, SLICE("\""), &arena, &found), STATUS_NOT_FOUND);
}

/* Enough members for the sorted way, every key twice. */
static void many_repeated_keys_are_found_too(void **state)
{
    struct buffer text;
    enum { KEYS = 300 };

    (void)state;
    buffer_init(&text, 1 << 20);
    for (int i = 0; i < 2 * KEYS; i++) {
        buffer_append_text(&text, i == 0 ? "{\"k" : ",\"k");
        buffer_append_i64(&text, i % KEYS);
        buffer_append_text(&text, "\":");
        buffer_append_i64(&text, i);
    }
    buffer_append_byte(&text, '}');
    struct value map = json(buffer_slice(&text));
    assert_int_equal(map_count(map), KEYS);
    struct value_cursor cursor = value_cursor(map);
    struct value_entry entry;
    enum status status;
    int64_t seen = 0;
    for (; cursor_next(&cursor, &arena, &entry, &status); seen++)
        assert_int_equal(entry.value.i64, KEYS + seen);
    assert_ok(status);
    assert_int_equal(seen, KEYS);
    buffer_deinit(&text);
    arena_reset(&arena);
}

static void nothing_is_made_when_the_arena_is_full(void **state)
{
    struct value map = json(SLICE("{\"long\":\"\\n0123456789012345678901234567890123456789\"}"));
    struct arena small;
    struct value value;

    (void)state;
    arena_init(&small, 16);
    assert_int_equal(map_get(map, SLICE("long"), &small, &value), STATUS_LIMIT);
    assert_int_equal(value_copy(map, &small, &value), STATUS_LIMIT);
    arena_deinit(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lazy_and_eager_answer_alike),
        cmocka_unit_test(a_repeated_key_has_its_first_place_and_last_value),
        cmocka_unit_test(a_member_is_the_last_of_its_name),
        cmocka_unit_test(members_of_text_are_found),
        cmocka_unit_test(many_repeated_keys_are_found_too),
        cmocka_unit_test(nothing_is_made_when_the_arena_is_full),
    };

    return cmocka_run_group_tests(tests, values_open, values_close);
}
