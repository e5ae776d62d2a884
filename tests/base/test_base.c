/* test_base.c - slices, arenas, buffers, bytes, checksums, identities. */
#include "base/arena.h"
#include "base/buffer.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/identity.h"
#include "test.h"

static const struct {
    const char *about;
    const char *text;
    enum status status;
    int64_t value;
} numbers[] = {
    {"the largest", "9223372036854775807", STATUS_OK, INT64_MAX},
    {"the smallest", "-9223372036854775808", STATUS_OK, INT64_MIN},
    {"one above the largest", "9223372036854775808", STATUS_LIMIT, 0},
    {"nothing", "", STATUS_INVALID, 0},
    {"only a sign", "-", STATUS_INVALID, 0},
    {"a plus is no digit", "+1", STATUS_INVALID, 0},
    {"trailing text", "12a", STATUS_INVALID, 0},
    {"eight digits", "12345678", STATUS_OK, 12345678},
    {"a time in milliseconds", "1732000000123", STATUS_OK, 1732000000123},
    {"below zero, in two eights", "-9876543210987654", STATUS_OK, -9876543210987654},
    {"zeros in front", "0000000000000000000000000000012", STATUS_OK, 12},
    {"a byte above the digits among eight", "123:5678", STATUS_INVALID, 0},
    {"a byte below them", "123/5678", STATUS_INVALID, 0},
    {"a byte with its top bit set", "1234567\xB8", STATUS_INVALID, 0},
    {"a letter behind eight digits", "12345678x", STATUS_INVALID, 0},
};

static void numbers_are_read_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int64_t value = 0;

        assert_int_equal(slice_to_i64(slice_of(numbers[i].text), &value), numbers[i].status);
        assert_true(value == numbers[i].value);
    }
}

/* What chunks of earlier, smaller calls hold must not be missing to a later one. */
static void an_arena_gives_a_call_all_it_may_hold(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 4 << 20);
    for (size_t bytes = 100 << 10; bytes < 3 << 20; bytes += 100 << 10) {
        arena_reset(&arena);
        assert_non_null(arena_alloc(&arena, 10, 1));
        assert_non_null(arena_alloc(&arena, bytes, 1));
        assert_true(arena.bytes_held <= arena.bytes_max);
    }
    arena_deinit(&arena);
}

static void an_arena_stops_at_its_maximum(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 200000);
    for (int round = 0; round < 3; round++) {
        size_t got = 0;

        while (arena_alloc(&arena, 1000, 1) != NULL)
            got += 1008;
        assert_true(got <= 200000);
        assert_true(got > 150000);
        assert_int_equal(arena_used(&arena) >= got, 1);
        arena_reset(&arena);
    }
    struct arena_mark mark = arena_mark(&arena);
    uint8_t *first = arena_alloc(&arena, 10, 1);
    arena_rewind(&arena, mark);
    assert_ptr_equal(arena_alloc(&arena, 10, 1), first);
    assert_null(arena_alloc(&arena, SIZE_MAX, 2));
    arena_deinit(&arena);
}

static void a_buffer_remembers_that_it_failed(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 10);
    buffer_append(&buffer, SLICE("12345678"));
    assert_false(buffer.failed);
    buffer_append(&buffer, SLICE("9ab"));
    assert_true(buffer.failed);
    assert_slice_equal(buffer_slice(&buffer), SLICE("12345678"));
    buffer_clear(&buffer);
    buffer_append_i64(&buffer, -42);
    assert_slice_equal(buffer_slice(&buffer), SLICE("-42"));
    buffer_deinit(&buffer);
}

static void varints_come_back(void **state)
{
    static const uint64_t values[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
    uint8_t bytes[VARINT_BYTES_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        size_t len = put_varint(bytes, values[i]);
        struct byte_reader reader = byte_reader((struct slice){bytes, len});

        assert_true(read_varint(&reader) == values[i]);
        assert_false(reader.bad);
        assert_true(reader.next == reader.end);
        reader = byte_reader((struct slice){bytes, len - 1});
        (void)read_varint(&reader);
        assert_true(reader.bad);
    }
}

static void crc32c_is_castagnoli(void **state)
{
    uint8_t zeros[32] = {0};

    (void)state;
    assert_int_equal(crc32c(0, SLICE("123456789")), 0xE3069283U); /* RFC 3720 B.4 and its like */
    assert_int_equal(crc32c(0, (struct slice){zeros, 32}), 0x8A9136AAU);
    assert_int_equal(crc32c(crc32c(0, SLICE("1234")), SLICE("56789")), 0xE3069283U);
}

static void an_identity_survives_its_text(void **state)
{
    struct identity identity = {.topic_id = 3, .partition = 0, .offset = UINT64_MAX};
    struct identity again;
    struct buffer text;

    (void)state;
    assert_ok(identity_push(&identity, 0));
    assert_ok(identity_push(&identity, 1000));
    buffer_init(&text, IDENTITY_TEXT_MAX);
    identity_to_text(&identity, &text);
    assert_slice_equal(buffer_slice(&text), SLICE("3:0:18446744073709551615:00ff03e8"));
    assert_ok(identity_from_text(buffer_slice(&text), &again));
    assert_memory_equal(&identity, &again, sizeof(identity));
    assert_int_equal(identity_from_text(SLICE("3:0:1"), &again), STATUS_INVALID);
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_whole),
        cmocka_unit_test(an_arena_gives_a_call_all_it_may_hold),
        cmocka_unit_test(an_arena_stops_at_its_maximum),
        cmocka_unit_test(a_buffer_remembers_that_it_failed),
        cmocka_unit_test(varints_come_back),
        cmocka_unit_test(crc32c_is_castagnoli),
        cmocka_unit_test(an_identity_survives_its_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
