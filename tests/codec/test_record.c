/* test_record.c - record batches and candidate lists: what goes in comes out, damage is found. */
#include "codec/candidates.h"
#include "codec/record.h"
#include "test.h"

enum { TOPIC = 7 };

static const struct record_header some_headers[] = {
    {SLICE(RECORD_HEADER_EVENT_ID), SLICE("3fd57934-389e-452c-8c93-751b157684e5")},
    {SLICE(RECORD_HEADER_IDENTITY), SLICE("")},
};

static const struct record records[] = {
    {.time_ms = 1000, .key = SLICE("k"), .value = SLICE("{}")},
    {.time_ms = 1, .value = SLICE("no key, earlier than the base")},
    {.time_ms = INT64_MIN, .key = SLICE("the earliest")},
    {.time_ms = INT64_MAX, .key = SLICE(""), .value = SLICE("")},
    {.time_ms = 5, .value = SLICE("x"), .headers = some_headers, .header_count = 2},
};

static void fill(struct buffer *batch)
{
    record_batch_begin(batch, 1000);
    for (size_t i = 0; i < COUNT_OF(records); i++)
        assert_ok(record_batch_add(batch, &records[i]));
    record_batch_seal(batch->data, batch->len, TOPIC, 41, 99);
}

static void assert_same_bytes(struct slice left, struct slice right)
{
    assert_slice_equal(left, right);
    assert_int_equal(left.data == NULL, right.data == NULL);
}

static void records_come_back_in_order(void **state)
{
    struct buffer bytes;
    struct record_batch batch;
    struct record_header headers[RECORD_HEADERS_MAX];
    struct record record;

    (void)state;
    buffer_init(&bytes, RECORD_BYTES_MAX);
    fill(&bytes);
    assert_int_equal(record_batch_count(buffer_slice(&bytes)), COUNT_OF(records));
    assert_ok(record_batch_open(buffer_slice(&bytes), TOPIC, &batch));
    assert_int_equal(batch.lsn, 99);
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        assert_ok(record_batch_next(&batch, headers, &record));
        assert_int_equal(record.offset, 41 + i);
        assert_true(record.time_ms == records[i].time_ms);
        assert_same_bytes(record.key, records[i].key);
        assert_same_bytes(record.value, records[i].value);
        assert_int_equal(record.header_count, records[i].header_count);
        for (uint32_t k = 0; k < record.header_count; k++) {
            assert_slice_equal(record.headers[k].name, some_headers[k].name);
            assert_slice_equal(record.headers[k].value, some_headers[k].value);
        }
    }
    assert_int_equal(record_batch_next(&batch, headers, &record), STATUS_NOT_FOUND);
    buffer_deinit(&bytes);
}

static void any_flipped_bit_is_found(void **state)
{
    struct buffer bytes;
    struct record_batch batch;

    (void)state;
    buffer_init(&bytes, RECORD_BYTES_MAX);
    fill(&bytes);
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(record_batch_open(buffer_slice(&bytes), TOPIC, &batch), STATUS_CORRUPT);
        bytes.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(record_batch_open((struct slice){bytes.data, len}, TOPIC, &batch),
                         STATUS_CORRUPT);
    assert_int_equal(record_batch_open(buffer_slice(&bytes), TOPIC + 1, &batch), STATUS_CORRUPT);
    assert_ok(record_batch_open(buffer_slice(&bytes), TOPIC, &batch));
    buffer_deinit(&bytes);
}

static void a_full_batch_asks_for_another(void **state)
{
    static uint8_t large[RECORD_BYTES_MAX];
    struct record record = {.time_ms = 0, .value = {large, 30000}};
    struct buffer bytes;

    (void)state;
    buffer_init(&bytes, (size_t)2 * RECORD_BYTES_MAX);
    record_batch_begin(&bytes, 0);
    assert_ok(record_batch_add(&bytes, &record));
    assert_ok(record_batch_add(&bytes, &record));
    assert_int_equal(record_batch_add(&bytes, &record), STATUS_AGAIN);
    assert_int_equal(record_batch_count(buffer_slice(&bytes)), 2);

    record.value.len = RECORD_BYTES_MAX - 16;
    assert_int_equal(record_batch_add(&bytes, &record), STATUS_AGAIN);
    record_batch_begin(&bytes, 0);
    assert_ok(record_batch_add(&bytes, &record));
    record.value.len = RECORD_BYTES_MAX;
    assert_int_equal(record_batch_add(&bytes, &record), STATUS_LIMIT);
    record = (struct record){.headers = some_headers, .header_count = RECORD_HEADERS_MAX + 1};
    assert_int_equal(record_batch_add(&bytes, &record), STATUS_LIMIT);
    buffer_deinit(&bytes);
}

/* Returns the version written. */
static uint8_t check_candidates(const struct candidate *list, uint32_t list_count)
{
    struct candidate read[CANDIDATES_MAX];
    struct buffer bytes;
    uint32_t count;

    buffer_init(&bytes, 4096);
    candidates_write(list, list_count, &bytes);
    assert_true(bytes.len <= candidates_size_max(list, list_count));
    assert_ok(candidates_read(buffer_slice(&bytes), read, &count));
    assert_int_equal(count, list_count);
    for (uint32_t i = 0; i < count; i++) {
        assert_slice_equal(read[i].item, list[i].item);
        assert_slice_equal(read[i].because, list[i].because);
        assert_true(read[i].score == list[i].score);
    }
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(candidates_read((struct slice){bytes.data, len}, read, &count),
                         STATUS_INVALID);
    uint8_t version = bytes.data[0];
    buffer_append_byte(&bytes, 0);
    assert_int_equal(candidates_read(buffer_slice(&bytes), read, &count), STATUS_INVALID);
    buffer_deinit(&bytes);
    return version;
}

static void candidates_come_back(void **state)
{
    static const struct candidate list[] = {
        {.item = SLICE("gid://shopify/Product/1"), .score = 0.75F},
        {.item = SLICE(""), .score = -1.0F},
        {.item = SLICE("b")},
    };
    static const struct candidate due[] = {
        {.item = SLICE("a"), .score = 0.5F, .because = SLICE("lamp")},
        {.item = SLICE("b")},
        {.item = SLICE("c"), .because = SLICE("lamp")},
        {.item = SLICE("d"), .because = SLICE("novel")},
    };

    (void)state;
    assert_int_equal(check_candidates(list, COUNT_OF(list)), CANDIDATES_VERSION);
    assert_int_equal(check_candidates(due, COUNT_OF(due)), CANDIDATES_VERSION_BECAUSE);
}

static void what_was_seen_comes_back(void **state)
{
    static const struct candidate due[] = {
        {.item = SLICE("a"), .score = 0.5F, .because = SLICE("lamp")},
        {.item = SLICE("b"), .because = SLICE("novel")},
    };
    static const struct seen_items seen = {{SLICE("lamp"), SLICE("jeans")}, 2};
    struct candidate read[CANDIDATES_MAX];
    struct seen_items read_seen;
    struct buffer bytes;
    uint32_t count;

    (void)state;
    buffer_init(&bytes, 4096);
    candidates_write_seen(due, COUNT_OF(due), &seen, &bytes);
    assert_int_equal(bytes.data[0], CANDIDATES_VERSION_SEEN);
    assert_ok(candidates_read_seen(buffer_slice(&bytes), read, &count, &read_seen));
    assert_int_equal(count, COUNT_OF(due));
    assert_slice_equal(read[0].because, SLICE("lamp"));
    assert_slice_equal(read[1].because, SLICE("novel"));
    assert_int_equal(read_seen.count, 2);
    assert_slice_equal(read_seen.items[0], SLICE("lamp"));
    assert_slice_equal(read_seen.items[1], SLICE("jeans"));
    for (size_t len = 0; len < bytes.len; len++) {
        assert_int_equal(
            candidates_read_seen((struct slice){bytes.data, len}, read, &count, &read_seen),
            STATUS_INVALID);
    }
    buffer_deinit(&bytes);
}

static void more_seen_than_clicks_is_refused(void **state)
{
    static const uint8_t bytes[] = {3, 1, 1, 'x', 2, 0};
    struct candidate read[CANDIDATES_MAX];
    uint32_t count;

    (void)state;
    assert_int_equal(candidates_read((struct slice){bytes, sizeof(bytes)}, read, &count),
                     STATUS_INVALID);
}

static void a_click_that_is_not_there_is_refused(void **state)
{
    static const uint8_t bytes[] = {2, 1, 1, 'x', 1, 1, 'a', 0, 0, 0, 0, 2};
    static const uint8_t empty[] = {2, 1, 0, 0};
    struct candidate read[CANDIDATES_MAX];
    uint32_t count;

    (void)state;
    assert_int_equal(candidates_read((struct slice){bytes, sizeof(bytes)}, read, &count),
                     STATUS_INVALID);
    assert_int_equal(candidates_read((struct slice){empty, sizeof(empty)}, read, &count),
                     STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back_in_order),
        cmocka_unit_test(any_flipped_bit_is_found),
        cmocka_unit_test(a_full_batch_asks_for_another),
        cmocka_unit_test(candidates_come_back),
        cmocka_unit_test(what_was_seen_comes_back),
        cmocka_unit_test(more_seen_than_clicks_is_refused),
        cmocka_unit_test(a_click_that_is_not_there_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
