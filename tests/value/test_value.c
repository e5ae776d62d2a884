/* test_value.c - collections eager and lazy, equality, Java's texts, copies and the stored form. */
#include "codec/json.h"
#include "test.h"
#include "value/decimal.h"
#include "value/formatter.h"
#include "value/number.h"
#include "value/object.h"
#include "value/temporal.h"
#include "value/type.h"
#include "value/utf8.h"

static struct arena arena;
static struct buffer out;

static struct slice printed(struct value value)
{
    struct slice copy;

    buffer_clear(&out);
    value_to_text(value, &out);
    assert_false(out.failed);
    assert_ok(arena_copy(&arena, buffer_slice(&out), &copy));
    return copy;
}

static struct value json(struct slice text)
{
    struct document *document = arena_alloc(&arena, 1, sizeof(*document));
    struct json_error error;
    struct value value;

    assert_non_null(document);
    assert_ok(json_parse(text, &json_limits_default, &arena, document, &error));
    assert_ok(document_value(document, 0, &arena, &value));
    return value;
}

static struct value copied(struct value value)
{
    struct value copy;

    assert_ok(value_copy(value, &arena, &copy));
    return copy;
}

static struct value member(struct value map, const char *key)
{
    struct value value;

    assert_ok(map_get(map, slice_of(key), &arena, &value));
    return value;
}

/* --- texts ----------------------------------------------------------------------------------------- */

/* The value as its Java class, where JSON's own rule gives another. */
static struct value as_class(struct value value, struct slice name)
{
    static const struct {
        const char *name;
        enum value_kind kind;
    } whole[] = {{"Long", VALUE_LONG}, {"Short", VALUE_SHORT}, {"Byte", VALUE_BYTE}};
    struct value decimal = value;

    for (size_t i = 0; i < COUNT_OF(whole); i++)
        if (slice_equal(name, slice_of(whole[i].name))) value.kind = (uint8_t)whole[i].kind;
    if (value.kind == VALUE_INTEGER) decimal = decimal_of(value.i64, 0);
    if (slice_equal(name, SLICE("BigDecimal"))) return decimal;
    if (slice_equal(name, SLICE("BigInteger"))) return decimal_unscaled(decimal);
    if (slice_equal(name, SLICE("Float")))
        return (struct value){.kind = VALUE_FLOAT, .f64 = decimal_to_double(decimal)};
    if (!slice_equal(name, SLICE("Double"))) return value;
    if (value.kind == VALUE_STRING) return value_double(__builtin_nan(""));
    return value_double(decimal_to_double(decimal));
}

/* The variables of the original's golden files, printed by the original. Decimals inside containers
 * are Doubles there and BigDecimals here; those used print alike, but for 1.0. */
static void texts_are_those_of_the_original(void **state)
{
    static char line[1 << 16];
    FILE *file = fopen(TEST_DATA_DIR "/value/texts.jsonl", "r");
    size_t rows = 0;

    (void)state;
    assert_non_null(file);
    for (; fgets(line, sizeof(line), file) != NULL; rows++) {
        struct value row = json(slice_of(line));
        struct slice name = value_text(member(row, "class"));
        struct value value = as_class(member(row, "value"), name);

        if (slice_equal(value_text(member(row, "name")), SLICE("recommendationsModelOutput")))
            continue;
        if (slice_equal(name, SLICE("Duration"))) continue; /* a text in JSON; see below */
        assert_slice_equal(printed(value), value_text(member(row, "text")));
        assert_slice_equal(printed(copied(value)), value_text(member(row, "text")));
        arena_reset(&arena);
    }
    (void)fclose(file);
    assert_true(rows > 60);
}

static const struct {
    int64_t seconds;
    int32_t nanos;
    const char *text;
} durations[] = {
    {0, 0, "PT0S"},
    {300, 0, "PT5M"},
    {5400, 0, "PT1H30M"},
    {8 * 3600 + 6 * 60 + 12, 345000000, "PT8H6M12.345S"},
    {-1800, 0, "PT-30M"},
    {-1, 877000000, "PT-0.123S"},
    {-2, 500000000, "PT-1.5S"},
    {-61, 999999999, "PT-1M-0.000000001S"},
    {0, 1, "PT0.000000001S"},
    {474780 * 3600LL + 30 * 60 + 15, 123000000, "PT474780H30M15.123S"},
    {INT64_MIN, 0, "PT-2562047788015215H-30M-8S"},
    {INT64_MAX, 999999999, "PT2562047788015215H30M7.999999999S"},
};

static void durations_print_as_iso_8601(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(durations); i++) {
        struct value value = {
            .kind = VALUE_DURATION, .i64 = durations[i].seconds, .nanos = durations[i].nanos};

        assert_slice_equal(printed(value), slice_of(durations[i].text));
    }
}

static void other_kinds_print_as_java(void **state)
{
    struct value character = {.kind = VALUE_CHARACTER, .i64 = 0x17C};
    struct value class = {.kind = VALUE_CLASS, .i64 = CLASS_String};

    (void)state;
    assert_slice_equal(printed(value_null()), SLICE("null"));
    assert_slice_equal(printed(character), SLICE("\xc5\xbc"));
    assert_slice_equal(printed(class), SLICE("class java.lang.String"));
    assert_slice_equal(printed(value_double(-0.0)), SLICE("-0.0"));
    assert_slice_equal(printed(value_double(-__builtin_inf())), SLICE("-Infinity"));
}

/* --- collections ------------------------------------------------------------------------------------ */

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

/* --- equality ------------------------------------------------------------------------------------------ */

static const struct {
    const char *about;
    const char *left;
    const char *right;
    bool equal;
} pairs[] = {
    {"maps regardless of order", "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
    {"lists by order", "[1,2]", "[2,1]", false},
    {"Integer is not Long", "[1]", "[4294967297]", false},
    {"scale counts", "[1.5]", "[1.50]", false},
    {"whole values do not know how they were spelled", "[1.0,1e2]", "[1,100]", true},
    {"text by characters, not spelling", "[\"\\u00e9\\/\"]", "[\"\xc3\xa9/\"]", true},
    {"a pair of escapes is one character", "[\"\\ud83d\\ude00\"]", "[\"\xf0\x9f\x98\x80\"]", true},
    {"a missing key is not null", "{\"a\":null}", "{}", false},
    {"null is null", "[null]", "[null]", true},
    {"prefixes differ", "[1]", "[1,2]", false},
    {"wide decimals", "[12345678901234567890.5]", "[12345678901234567890.50]", false},
    {"ten members and more",
     "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10}",
     "{\"j\":10,\"i\":9,\"h\":8,\"g\":7,\"f\":6,\"e\":5,\"d\":4,\"c\":3,\"b\":2,\"a\":1}", true},
    {"one of ten differs",
     "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10}",
     "{\"j\":10,\"i\":9,\"h\":8,\"g\":7,\"f\":6,\"e\":5,\"d\":4,\"c\":3,\"b\":2,\"a\":2}", false},
};

static void equality_is_javas(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct value left = json(slice_of(pairs[i].left));
        struct value right = json(slice_of(pairs[i].right));

        assert_int_equal(value_equals(left, right), pairs[i].equal);
        assert_int_equal(value_equals(copied(right), left), pairs[i].equal);
        if (pairs[i].equal) assert_true(value_hash(left) == value_hash(right));
    }
    assert_true(value_equals(value_double(__builtin_nan("")), value_double(-__builtin_nan(""))));
    assert_false(value_equals(value_double(0.0), value_double(-0.0)));
    assert_false(value_equals(value_integer(1), value_long(1)));
}

/* --- any value ---------------------------------------------------------------------------------------- */

static uint64_t seed;

static uint64_t random_bits(void)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = (seed ^ seed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ mixed >> 31;
}

static uint32_t random_below(uint32_t bound)
{
    return (uint32_t)(random_bits() % bound);
}

static struct value random_text(void)
{
    static const uint32_t codes[] = {0,      'a',    '"',    '\\',    '\n',     0x7F, 0xE9,
                                     0x20AC, 0xD800, 0xDFFF, 0x1F600, 0x10FFFF, ' ',  '/'};
    uint32_t count = random_below(40);
    uint8_t *bytes = arena_alloc(&arena, (size_t)count + 1, UTF8_BYTES_MAX);
    uint32_t last = 0;
    size_t len = 0;

    assert_non_null(bytes);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t code = codes[random_below(COUNT_OF(codes))];

        if (last == 0xD800 && code == 0xDFFF) continue; /* that pair would be one character */
        len += utf8_put(bytes + len, code);
        last = code;
    }
    return value_string((struct slice){bytes, len});
}

static struct value random_decimal(bool integer)
{
    struct value big = big_from_i64((int64_t)random_bits() >> random_below(64));
    struct value decimal;

    if (random_below(3) == 0) assert_ok(big_power(big, random_below(8), &arena, &big));
    if (integer) return big;
    assert_ok(decimal_make(big, (int64_t)random_below(60) - 20, &decimal));
    return decimal;
}

static struct value random_value(uint32_t depth);

static struct value random_container(uint32_t depth, enum value_kind kind)
{
    uint32_t count = random_below(depth > 2 ? 3 : 12);
    struct value *items = arena_alloc(&arena, count, sizeof(*items));
    struct value_entry *entries = arena_alloc(&arena, count, sizeof(*entries));

    assert_true(items != NULL && entries != NULL);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = kind == VALUE_SET ? value_integer((int32_t)i) : random_value(depth + 1);
        entries[i] = (struct value_entry){value_long(i), items[i]};
        if (i % 2 == 0) {
            uint8_t *name = arena_alloc(&arena, 1, 1);

            *name = (uint8_t)('a' + i);
            entries[i].key = value_string((struct slice){name, 1});
        }
    }
    if (kind == VALUE_MAP) return value_map(entries, count);
    struct value list = value_list(items, count);
    list.kind = (uint8_t)kind;
    return list;
}

static struct value random_temporal(void)
{
    struct moment moment = {.seconds = (int64_t)random_bits() >> 20,
                            .nanos = (int32_t)random_below(1000000000),
                            .offset = (int32_t)random_below(129601) - 64800};
    struct value value;

    switch (random_below(5)) {
    case 0: return temporal_make(CLASS_LocalDateTime, moment.seconds, moment.nanos);
    case 1: return temporal_zone_offset(moment.offset);
    case 2: return temporal_zone_id(SLICE("Europe/Warsaw"));
    case 3: assert_ok(temporal_of_moment(CLASS_OffsetDateTime, &moment, &arena, &value)); break;
    default:
        moment.zone = SLICE("Europe/Warsaw");
        assert_ok(temporal_of_moment(CLASS_ZonedDateTime, &moment, &arena, &value));
    }
    return value;
}

static struct value random_object(void)
{
    static const enum class_id classes[] = {CLASS_UUID, CLASS_Point, CLASS_Locale, CLASS_Currency};
    enum class_id class_id = classes[random_below(COUNT_OF(classes))];
    struct value *parts = arena_alloc(&arena, OBJECT_PARTS_MAX, sizeof(*parts));

    assert_non_null(parts);
    for (uint32_t i = 0; i < OBJECT_PARTS_MAX; i++) {
        parts[i] = class_id == CLASS_UUID    ? value_long((int64_t)random_bits())
                   : class_id == CLASS_Point ? value_double((double)random_below(1000) / 7)
                                             : random_text();
    }
    return value_object(class_id, parts);
}

/* One of Java's own, or one of a pattern in one of the languages. */
static struct value random_formatter(void)
{
    static const char *const patterns[] = {"yyyy-MM-dd", "d MMMM yyyy[ HH:mm]", "'it''s' h a",
                                           "pp"};
    static const char *const tags[] = {"en", "pl-PL", "pt", "de-AT"};
    const struct formatter *formatter = formatter_constant((uint8_t)(random_below(15) + 1));
    struct locale locale;
    struct fault fault;

    assert_ok(locale_from_tag(slice_of(tags[random_below(4)]), &locale));
    if (random_below(2) == 0) {
        enum status status = formatter_compile(slice_of(patterns[random_below(4)]), &locale,
                                               random_below(2) == 0, &arena, &formatter, &fault);
        if (status != STATUS_OK) formatter = formatter_named(SLICE("ISO_DATE"));
    }
    if (random_below(2) == 0)
        assert_ok(formatter_with_zone(formatter, SLICE("Europe/Warsaw"), &arena, &formatter));
    return value_formatter(formatter);
}

static struct value random_value(uint32_t depth)
{
    enum value_kind kind = (enum value_kind)random_below(depth < 4 ? VALUE_KIND_COUNT : VALUE_LIST);
    struct value value = {.kind = (uint8_t)kind};
    float narrow = (float)random_below(1000) / 7;

    switch (kind) {
    case VALUE_NULL: return value_null();
    case VALUE_BOOLEAN: return value_boolean(random_below(2) != 0);
    case VALUE_BYTE: value.i64 = (int8_t)random_bits(); return value;
    case VALUE_SHORT: value.i64 = (int16_t)random_bits(); return value;
    case VALUE_INTEGER: return value_integer((int32_t)random_bits());
    case VALUE_LONG: return value_long((int64_t)random_bits());
    case VALUE_CHARACTER: value.i64 = (uint16_t)random_bits(); return value;
    case VALUE_FLOAT: value.f64 = narrow; return value;
    case VALUE_DOUBLE: return value_double((double)(int64_t)random_bits() / 1e6);
    case VALUE_BIG_INTEGER: return random_decimal(true);
    case VALUE_BIG_DECIMAL: return random_decimal(false);
    case VALUE_STRING: return random_text();
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_MAP: return random_container(depth, kind);
    case VALUE_DURATION:
        value.i64 = (int64_t)random_bits() >> 20;
        value.nanos = (int32_t)random_below(1000000000);
        return value;
    case VALUE_CLASS: value.i64 = random_below(CLASS_COUNT); return value;
    case VALUE_TEMPORAL: return random_temporal();
    case VALUE_OBJECT: return random_object();
    case VALUE_FORMATTER: return random_formatter();
    case VALUE_KIND_COUNT: break;
    }
    return value_null();
}

/* Whatever the value: stored and read, copied, it is equal and prints the same; shuffled maps stay
 * equal; its JSON is JSON, and once in JSON it stays what it is. */
static void check_round_trips(struct value value)
{
    struct value decoded;

    buffer_clear(&out);
    value_encode(value, &out);
    assert_false(out.failed);
    assert_ok(value_decode(buffer_slice(&out), &arena, &decoded));
    assert_true(value_equals(value, decoded) && value_equals(decoded, value));
    assert_true(value_hash(value) == value_hash(decoded));
    assert_slice_equal(printed(value), printed(decoded));
    assert_true(value_equals(value, copied(value)));

    struct slice first;
    buffer_clear(&out);
    json_write(value, &out);
    assert_false(out.failed);
    assert_ok(arena_copy(&arena, buffer_slice(&out), &first));
    struct value again = copied(json(first));
    buffer_clear(&out);
    json_write(again, &out);
    struct value third = copied(json(buffer_slice(&out)));
    assert_slice_equal(printed(again), printed(third));
}

static void any_value_survives_its_forms(void **state)
{
    (void)state;
    for (seed = 1; seed < 3000; seed++) {
        uint64_t start = seed;

        check_round_trips(random_value(0));
        arena_reset(&arena);
        seed = start;
    }
}

static void broken_stored_bytes_are_refused(void **state)
{
    struct value value;
    struct value decoded;

    (void)state;
    seed = 77;
    value = random_container(0, VALUE_MAP);
    buffer_clear(&out);
    value_encode(value, &out);
    for (size_t len = 0; len < out.len; len++)
        assert_int_equal(value_decode((struct slice){out.data, len}, &arena, &decoded),
                         STATUS_INVALID);
    out.data[0] = 2;
    assert_int_equal(value_decode(buffer_slice(&out), &arena, &decoded), STATUS_INVALID);
    static const uint8_t deep[] = {1, 12, 1, 12, 1, 12, 1, 99};
    assert_int_equal(value_decode((struct slice){deep, sizeof(deep)}, &arena, &decoded),
                     STATUS_INVALID);
    uint8_t nested[2 * VALUE_DEPTH_MAX + 4] = {1};
    for (size_t i = 1; i + 1 < sizeof(nested); i += 2) {
        nested[i] = VALUE_LIST;
        nested[i + 1] = 1;
    }
    assert_int_equal(value_decode((struct slice){nested, sizeof(nested)}, &arena, &decoded),
                     STATUS_LIMIT);
}

/* --- UTF-8 ------------------------------------------------------------------------------------------ */

static const struct {
    const char *about;
    struct slice text;
    size_t invalid_at;
} utf8_rows[] = {
    {"nothing", SLICE(""), 0},
    {"all lengths", SLICE("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 10},
    {"a lone continuation byte", SLICE("ab\x80"), 2},
    {"an overlong slash", SLICE("\xc0\xaf"), 0},
    {"an overlong three-byte form", SLICE("x\xe0\x80\xaf"), 1},
    {"an overlong four-byte form", SLICE("x\xf0\x80\x80\xaf"), 1},
    {"a raw surrogate", SLICE("\xed\xa0\x80"), 0},
    {"the last character before the surrogates", SLICE("\xed\x9f\xbf"), 3},
    {"above the last code point", SLICE("\xf4\x90\x80\x80"), 0},
    {"cut off", SLICE("\xe2\x82"), 0},
    {"after a long stretch of ASCII",
     SLICE("0123456789012345678901234567890123456789012345678901234567890123456789\xff"), 70},
};

static void invalid_utf8_is_found_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(utf8_rows); i++)
        assert_int_equal(utf8_invalid_at(utf8_rows[i].text), utf8_rows[i].invalid_at);
    assert_int_equal(utf8_units(SLICE("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80")), 6);
    for (uint32_t code = 0; code <= 0x10FFFF; code += 37) {
        uint8_t bytes[UTF8_BYTES_MAX];
        const uint8_t *at = bytes;
        size_t len = utf8_put(bytes, code);

        assert_int_equal(utf8_next(&at, bytes + len), code);
        assert_ptr_equal(at, bytes + len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_those_of_the_original),
        cmocka_unit_test(durations_print_as_iso_8601),
        cmocka_unit_test(other_kinds_print_as_java),
        cmocka_unit_test(lazy_and_eager_answer_alike),
        cmocka_unit_test(a_repeated_key_has_its_first_place_and_last_value),
        cmocka_unit_test(a_member_is_the_last_of_its_name),
        cmocka_unit_test(members_of_text_are_found),
        cmocka_unit_test(many_repeated_keys_are_found_too),
        cmocka_unit_test(nothing_is_made_when_the_arena_is_full),
        cmocka_unit_test(equality_is_javas),
        cmocka_unit_test(any_value_survives_its_forms),
        cmocka_unit_test(broken_stored_bytes_are_refused),
        cmocka_unit_test(invalid_utf8_is_found_where_it_is),
    };

    arena_init(&arena, 64 << 20);
    buffer_init(&out, 1 << 20);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
