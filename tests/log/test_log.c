/* test_log.c - topics, appends, retention: what a user of log.h relies on. */
#include <pthread.h>

#include "test.h"

#include "log/fixture.h"

/* --- topics -------------------------------------------------------------------------------------- */

static const struct {
    const char *about;
    const char *name;
    enum status status;
} names[] = {
    {"letters, digits, point, underline, hyphen", "Shop-1.clicks_v2", STATUS_OK},
    {"no slash: names are no paths", "a/b", STATUS_INVALID},
    {"not empty", "", STATUS_INVALID},
    {"no star: the log keeps a row of its own there", "*", STATUS_INVALID},
    {"no letter outside ASCII", "caf\xc3\xa9", STATUS_INVALID},
};

static void topic_names_are_checked(void **state)
{
    struct fixture fixture;
    struct topic_options options = {-1, -1};
    char longest[TOPIC_NAME_MAX + 2];
    uint32_t id;

    (void)state;
    fixture_open(&fixture, &log_options_default);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(log_topic_declare(fixture.log, slice_of(names[i].name), &options, &id),
                         names[i].status);
    }
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(
        log_topic_declare(fixture.log, (struct slice){(uint8_t *)longest, 250}, &options, &id),
        STATUS_INVALID);
    assert_ok(
        log_topic_declare(fixture.log, (struct slice){(uint8_t *)longest, 249}, &options, &id));
    fixture_close(&fixture);
}

static void topics_keep_their_ids_and_options(void **state)
{
    struct fixture fixture;
    struct topic_options week = {7 * 86400000LL, 1 << 30};
    struct topic_info infos[4];
    uint32_t clicks;
    uint32_t again;

    (void)state;
    fixture_open(&fixture, &log_options_default);
    clicks = topic_must(fixture.log, "clicks");
    assert_int_not_equal(topic_must(fixture.log, "bad"), clicks);
    assert_ok(log_topic_declare(fixture.log, SLICE("clicks"), &week, &again));
    assert_int_equal(again, clicks);
    fixture_reopen(&fixture, &log_options_default);
    assert_int_equal(log_topic_list(fixture.log, infos, 4), 2);
    assert_string_equal(infos[0].name, "bad");
    assert_string_equal(infos[1].name, "clicks");
    assert_int_equal(infos[1].id, clicks);
    assert_int_equal(infos[1].options.retention_ms, week.retention_ms);
    assert_int_equal(log_topic_find(fixture.log, SLICE("none"), &infos[0]), STATUS_NOT_FOUND);
    assert_int_equal(topic_must(fixture.log, "third"), 3);
    fixture_close(&fixture);
}

static void one_process_owns_the_directory(void **state)
{
    struct fixture fixture;
    struct buffer message;
    struct log *second = NULL;
    char pid[32];

    (void)state;
    fixture_open(&fixture, &log_options_default);
    buffer_init(&message, 4096);
    assert_int_equal(log_open(fixture.place.path, &log_options_default, &second, &message),
                     STATUS_AGAIN);
    (void)snprintf(pid, sizeof(pid), "process %d", (int)getpid());
    buffer_append_byte(&message, 0);
    assert_non_null(strstr((char *)message.data, pid));
    buffer_deinit(&message);
    fixture_close(&fixture);
}

/* --- appending --------------------------------------------------------------------------------- */

static void appends_get_offsets_in_order(void **state)
{
    struct fixture fixture;
    struct log_reader *reader;
    uint64_t numbers[NUMBERS_MAX];

    (void)state;
    fixture_open(&fixture, &log_options_default);
    uint32_t topic = topic_must(fixture.log, "clicks");
    assert_ok(log_reader_open(fixture.log, &topic, 1, 0, &reader));
    assert_int_equal(drain(reader, numbers), 0);
    struct waited first = append_numbers(fixture.log, topic, 0, 3, 0);
    struct waited second = append_numbers(fixture.log, topic, 3, 2, 10);
    assert_ok(first.status);
    assert_int_equal(first.first_offset, 0);
    assert_int_equal(second.first_offset, 3);
    assert_true(second.lsn == first.lsn + 1);
    assert_true(log_durable_lsn(fixture.log) == second.lsn);
    assert_int_equal(drain(reader, numbers), 5);
    assert_rising(numbers, 5, 0);
    log_reader_close(reader);
    fixture_close(&fixture);
}

static void everything_is_there_after_a_restart(void **state)
{
    struct fixture fixture;
    struct log_reader *reader;
    uint64_t numbers[NUMBERS_MAX];
    struct topic_info info;

    (void)state;
    fixture_open(&fixture, &log_options_default);
    uint32_t topic = topic_must(fixture.log, "clicks");
    for (uint64_t i = 0; i < 200; i++)
        assert_ok(append_numbers(fixture.log, topic, i * 5, 5, 3000).status);
    fixture_reopen(&fixture, &log_options_default);
    assert_true(log_durable_lsn(fixture.log) == 200);
    assert_ok(log_topic_find(fixture.log, SLICE("clicks"), &info));
    assert_int_equal(info.next_offset, 1000);
    assert_ok(log_reader_open(fixture.log, &topic, 1, 0, &reader));
    assert_int_equal(drain(reader, numbers), 1000);
    assert_rising(numbers, 1000, 0);
    assert_int_equal(append_numbers(fixture.log, topic, 1000, 1, 0).first_offset, 1000);
    assert_int_equal(drain(reader, numbers), 1);
    log_reader_close(reader);
    assert_ok(log_reader_open(fixture.log, &topic, 1, 100, &reader));
    assert_int_equal(drain(reader, numbers), 501);
    assert_int_equal(numbers[0], 500);
    log_reader_close(reader);
    fixture_close(&fixture);
}

static void progress_moves_with_the_parts(void **state)
{
    struct fixture fixture;
    struct buffer batch;
    uint64_t lsn = 0;

    (void)state;
    fixture_open(&fixture, &log_options_default);
    uint32_t topic = topic_must(fixture.log, "out");
    assert_int_equal(log_progress(fixture.log, SLICE("shard"), &lsn), STATUS_NOT_FOUND);
    buffer_init(&batch, 1 << 20);
    batch_fill(&batch, 0, 1, 0);
    struct log_part parts[2] = {{topic, buffer_slice(&batch)}, {topic, buffer_slice(&batch)}};
    struct log_append append = {
        .parts = parts, .part_count = 2, .consumer = SLICE("shard"), .progress_lsn = 77};
    struct waited waited = append_and_wait(fixture.log, &append);
    assert_ok(waited.status);
    assert_int_equal(waited.lsn, 2);
    append = (struct log_append){.consumer = SLICE("shard"), .progress_lsn = 78};
    assert_ok(append_and_wait(fixture.log, &append).status);
    fixture_reopen(&fixture, &log_options_default);
    assert_ok(log_progress(fixture.log, SLICE("shard"), &lsn));
    assert_int_equal(lsn, 78);
    buffer_deinit(&batch);
    fixture_close(&fixture);
}

/* --- limits and retention ------------------------------------------------------------------------ */

static void retention_keeps_the_bytes_it_is_told(void **state)
{
    struct topic_options options = {-1, 20000};
    struct fixture fixture;
    struct topic_info info;
    struct log_reader *reader;
    uint64_t numbers[NUMBERS_MAX];
    uint32_t topic;

    (void)state;
    fixture_open(&fixture, &log_options_default);
    assert_ok(log_topic_declare(fixture.log, SLICE("short"), &options, &topic));
    for (uint64_t i = 0; i < 100; i++)
        assert_ok(append_numbers(fixture.log, topic, i, 1, 1000).status);
    assert_ok(log_topic_find(fixture.log, SLICE("short"), &info));
    assert_true(info.bytes <= 20000);
    assert_true(info.bytes > 15000);
    assert_int_equal(info.next_offset, 100);
    fixture_reopen(&fixture, &log_options_default);
    assert_ok(log_reader_open(fixture.log, &topic, 1, 0, &reader));
    uint32_t count = drain(reader, numbers);
    assert_int_equal(count, info.next_offset - info.first_offset);
    assert_rising(numbers, count, info.first_offset);
    log_reader_close(reader);
    fixture_close(&fixture);
}

static void retention_forgets_what_is_old(void **state)
{
    struct topic_options options = {60000, -1};
    struct fixture fixture;
    struct topic_info info;
    uint32_t topic;

    (void)state;
    fixture_open(&fixture, &log_options_default);
    assert_ok(log_topic_declare(fixture.log, SLICE("old"), &options, &topic));
    for (uint64_t i = 0; i < 10; i++)
        assert_ok(append_numbers(fixture.log, topic, i, 1, 0).status);
    assert_ok(log_retain(fixture.log, 0));
    assert_ok(log_topic_find(fixture.log, SLICE("old"), &info));
    assert_int_equal(info.first_offset, 0);
    assert_ok(log_retain(fixture.log, INT64_MAX / 2));
    assert_ok(log_topic_find(fixture.log, SLICE("old"), &info));
    assert_int_equal(info.first_offset, 10);
    assert_int_equal(info.bytes, 0);
    fixture_reopen(&fixture, &log_options_default);
    struct waited waited = append_numbers(fixture.log, topic, 10, 1, 0);
    assert_int_equal(waited.first_offset, 10);
    assert_int_equal(waited.lsn, 11);
    fixture_close(&fixture);
}

/* A map of 4 MiB without retention fills up; nothing that was acknowledged is lost, and what a
 * shorter retention frees can be used again. */
static void a_full_map_refuses_and_recovers(void **state)
{
    struct log_options options = log_options_default;
    struct topic_options short_options = {-1, 100000};
    struct fixture fixture;
    struct topic_info info;
    uint32_t topic;
    uint64_t stored = 0;
    enum status status = STATUS_OK;

    (void)state;
    options.map_bytes = 4 << 20;
    fixture_open(&fixture, &options);
    topic = topic_must(fixture.log, "clicks");
    while (status == STATUS_OK && stored < 2000) {
        status = append_numbers(fixture.log, topic, stored, 1, 8000).status;
        if (status == STATUS_OK) stored++;
    }
    assert_int_equal(status, STATUS_FULL);
    assert_true(stored > 100);
    assert_ok(log_topic_find(fixture.log, SLICE("clicks"), &info));
    assert_int_equal(info.next_offset, stored);
    assert_ok(log_topic_declare(fixture.log, SLICE("clicks"), &short_options, &topic));
    for (int tries = 0; status == STATUS_FULL && tries < 500; tries++) {
        pause_ms(20);
        status = append_numbers(fixture.log, topic, stored, 1, 8000).status;
    }
    assert_ok(status);
    fixture_close(&fixture);
}

static void a_full_queue_says_again(void **state)
{
    struct log_options options = log_options_default;
    struct fixture fixture;
    struct buffer batch;
    enum status status = STATUS_OK;
    uint32_t tries = 0;

    (void)state;
    options.queue_bytes_max = 100000;
    fixture_open(&fixture, &options);
    uint32_t topic = topic_must(fixture.log, "clicks");
    buffer_init(&batch, 1 << 20);
    batch_fill(&batch, 0, 7, 8000);
    struct log_part part = {topic, buffer_slice(&batch)};
    while (status == STATUS_OK && tries++ < 100000)
        status = log_submit(fixture.log, &(struct log_append){.parts = &part, .part_count = 1});
    assert_int_equal(status, STATUS_AGAIN);
    buffer_deinit(&batch);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topic_names_are_checked),
        cmocka_unit_test(topics_keep_their_ids_and_options),
        cmocka_unit_test(one_process_owns_the_directory),
        cmocka_unit_test(appends_get_offsets_in_order),
        cmocka_unit_test(everything_is_there_after_a_restart),
        cmocka_unit_test(progress_moves_with_the_parts),
        cmocka_unit_test(retention_keeps_the_bytes_it_is_told),
        cmocka_unit_test(retention_forgets_what_is_old),
        cmocka_unit_test(a_full_map_refuses_and_recovers),
        cmocka_unit_test(a_full_queue_says_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
