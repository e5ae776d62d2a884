/* test_log_reading.c - what readers of topics are given: from disk and memory, merged, from an offset, one by one. */
#include <pthread.h>

#include "test.h"

#include "log/fixture.h"

/* A tail of nothing makes readers go from memory to the disk and back. */
static void readers_cross_from_disk_to_memory(void **state)
{
    struct log_options options = log_options_default;
    struct fixture fixture;
    struct log_reader *reader;
    uint64_t numbers[NUMBERS_MAX];
    uint32_t count = 0;

    (void)state;
    options.tail_bytes_max = 2000;
    fixture_open(&fixture, &options);
    uint32_t wanted = topic_must(fixture.log, "wanted");
    uint32_t other = topic_must(fixture.log, "other");
    assert_ok(log_reader_open(fixture.log, &wanted, 1, 0, &reader));
    for (uint64_t i = 0; i < 100; i++) {
        assert_ok(append_numbers(fixture.log, other, 0, 1, 500).status);
        assert_ok(append_numbers(fixture.log, wanted, i, 1, 500).status);
        if (i % 7 == 0) count += drain(reader, numbers + count);
    }
    count += drain(reader, numbers + count);
    assert_int_equal(count, 100);
    assert_rising(numbers, count, 0);
    log_reader_close(reader);
    fixture_close(&fixture);
}

static void topics_are_merged_in_the_order_of_commit(void **state)
{
    struct fixture fixture;
    struct log_reader *reader;
    uint64_t numbers[NUMBERS_MAX];
    uint32_t topics[2];

    (void)state;
    fixture_open(&fixture, &log_options_default);
    topics[0] = topic_must(fixture.log, "a");
    topics[1] = topic_must(fixture.log, "b");
    for (uint64_t i = 0; i < 50; i++)
        assert_ok(append_numbers(fixture.log, topics[i % 3 == 0], i, 1, 0).status);
    for (int round = 0; round < 2; round++) {
        assert_ok(log_reader_open(fixture.log, topics, 2, 0, &reader));
        assert_int_equal(drain(reader, numbers), 50);
        assert_rising(numbers, 50, 0);
        log_reader_close(reader);
        fixture_reopen(&fixture, &log_options_default);
    }
    fixture_close(&fixture);
}

static void a_position_behind_the_end_is_refused(void **state)
{
    struct fixture fixture;
    struct log_reader *reader;

    (void)state;
    fixture_open(&fixture, &log_options_default);
    uint32_t topic = topic_must(fixture.log, "clicks");
    assert_ok(append_numbers(fixture.log, topic, 0, 1, 0).status);
    assert_int_equal(log_reader_open(fixture.log, &topic, 1, 2, &reader), STATUS_CORRUPT);
    assert_ok(log_reader_open(fixture.log, &topic, 1, 1, &reader));
    log_reader_close(reader);
    fixture_close(&fixture);
}

static void a_topic_is_read_from_an_offset(void **state)
{
    static const struct {
        uint64_t offset;
        uint32_t count;
        uint64_t first;
    } rows[] = {{0, 60, 0}, {1, 60, 0}, {3, 57, 3}, {59, 3, 57}, {60, 0, 0}, {1000, 0, 0}};
    struct fixture fixture;
    struct log_reader *reader;
    uint64_t numbers[NUMBERS_MAX];

    (void)state;
    fixture_open(&fixture, &log_options_default);
    uint32_t before = topic_must(fixture.log, "before");
    uint32_t topic = topic_must(fixture.log, "topic");
    uint32_t after = topic_must(fixture.log, "after");
    for (uint64_t i = 0; i < 20; i++) {
        assert_ok(append_numbers(fixture.log, before, 0, 2, 0).status);
        assert_ok(append_numbers(fixture.log, topic, i * 3, 3, 0).status);
        assert_ok(append_numbers(fixture.log, after, 0, 2, 0).status);
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_ok(log_read_topic(fixture.log, topic, rows[i].offset, &reader));
        assert_int_equal(drain(reader, numbers), rows[i].count);
        assert_rising(numbers, rows[i].count, rows[i].first);
        log_reader_close(reader);
    }
    fixture_close(&fixture);
}

static const struct scan_row {
    uint64_t from;
    uint32_t most; /* then the visitor has enough */
    uint32_t count;
    enum status status;
} scan_rows[] = {
    {0, 100, 60, STATUS_OK}, {4, 100, 56, STATUS_OK},
    {4, 7, 7, STATUS_OK},    {60, 100, 0, STATUS_OK},
    {0, 0, 0, STATUS_OK},    {0, 5, 5, STATUS_NOT_FOUND}, /* of the visitor: not the end */
};

struct scanned {
    const struct scan_row *row;
    uint32_t count;
};

static enum status count_record(void *context, const struct record *record)
{
    struct scanned *scanned = context;

    if (scanned->count == scanned->row->most)
        return scanned->row->status == STATUS_OK ? STATUS_AGAIN : scanned->row->status;
    assert_int_equal(record->offset, scanned->row->from + scanned->count);
    assert_int_equal(get_le64(record->value.data), record->offset);
    scanned->count++;
    return STATUS_OK;
}

static void a_scan_shows_records_one_by_one_until_the_visitor_has_enough(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, &log_options_default);
    uint32_t topic = topic_must(fixture.log, "topic");
    for (uint64_t i = 0; i < 20; i++)
        assert_ok(append_numbers(fixture.log, topic, i * 3, 3, 0).status);
    for (size_t i = 0; i < COUNT_OF(scan_rows); i++) {
        struct scanned scanned = {&scan_rows[i], 0};

        assert_int_equal(
            log_topic_each(fixture.log, topic, scan_rows[i].from, &scanned, count_record),
            scan_rows[i].status);
        assert_int_equal(scanned.count, scan_rows[i].count);
    }
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_cross_from_disk_to_memory),
        cmocka_unit_test(topics_are_merged_in_the_order_of_commit),
        cmocka_unit_test(a_position_behind_the_end_is_refused),
        cmocka_unit_test(a_topic_is_read_from_an_offset),
        cmocka_unit_test(a_scan_shows_records_one_by_one_until_the_visitor_has_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
