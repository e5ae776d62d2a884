/* test_stored_form.c - any value is the same after each of its forms: stored, copied, JSON; damaged bytes are refused. */
#include "values.h"

#include "value/decimal.h"
#include "value/formatter.h"
#include "value/object.h"
#include "value/temporal.h"
#include "value/type.h"
#include "value/utf8.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_value_survives_its_forms),
        cmocka_unit_test(broken_stored_bytes_are_refused),
    };

    return cmocka_run_group_tests(tests, values_open, values_close);
}
