/* test_log_faults.c - a full disk, a failing disk, flipped bits. */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "crash/fault.h"
#include "test.h"
// clang-format off
#include "log/place.h"
#include "log/batches.h"
// clang-format on

enum { WAIT_MS = 10000, NUMBERS_MAX = 4096 };

static struct fault *fault_control(void)
{
    struct fault **fault = dlsym(RTLD_DEFAULT, "headrace_fault");

    assert_non_null(fault); /* run it with fault.so preloaded, as ctest does */
    return *fault;
}

static void fault_set(enum fault_mode mode)
{
    atomic_store(&fault_control()->mode, (uint32_t)mode);
}

/* Numbers of a topic by a new reader. */
static uint32_t read_all(struct log *log, uint32_t topic, uint64_t *numbers)
{
    struct log_reader *reader;
    struct log_view view;
    uint32_t count = 0;

    assert_ok(log_reader_open(log, &topic, 1, 0, &reader));
    while (log_reader_next(reader, &view) == STATUS_OK)
        count += view_numbers(&view, numbers + count, NUMBERS_MAX - count);
    log_reader_close(reader);
    return count;
}

/* Appends until one is refused. */
static uint64_t append_until_refused(struct log *log, uint32_t topic, uint64_t first,
                                     enum status *status)
{
    *status = STATUS_OK;
    while (*status == STATUS_OK) {
        *status = append_numbers(log, topic, first, 7, 8000).status;
        if (*status == STATUS_OK) first += 7;
        assert_true(first < NUMBERS_MAX);
    }
    return first;
}

static void a_full_disk_refuses_and_recovers(void **state)
{
    struct place place;
    uint64_t numbers[NUMBERS_MAX];
    enum status status;

    (void)state;
    place_make(&place);
    struct log *log = log_must_open(place.path, &log_options_default);
    uint32_t topic = topic_must(log, "clicks");
    fault_set(FAULT_FULL);
    uint64_t stored = append_until_refused(log, topic, 0, &status);
    assert_int_equal(status, STATUS_FULL);
    assert_int_equal(read_all(log, topic, numbers), stored);
    assert_int_equal(append_numbers(log, topic, 9999, 1, 0).status, STATUS_FULL);
    fault_set(FAULT_NONE);
    for (int waited = 0; waited < WAIT_MS && status == STATUS_FULL; waited += 10) {
        status = append_numbers(log, topic, stored, 1, 0).status;
        if (status == STATUS_FULL) pause_ms(10);
    }
    assert_ok(status);
    assert_int_equal(read_all(log, topic, numbers), stored + 1);
    for (uint64_t i = 0; i <= stored; i++)
        assert_int_equal(numbers[i], i);
    log_close(log);
    place_remove(&place);
}

struct late {
    struct log *log;
    uint32_t topic;
    struct waited waited;
};

static void *append_late(void *context)
{
    struct late *late = context;

    late->waited = append_numbers(late->log, late->topic, 1, 1, 0);
    return NULL;
}

/* What readers have seen is not taken back: the append is answered when space returns. */
static void a_commit_that_finds_no_room_is_tried_again(void **state)
{
    struct place place;
    struct late late;
    pthread_t thread;
    uint64_t numbers[NUMBERS_MAX];

    (void)state;
    place_make(&place);
    late.log = log_must_open(place.path, &log_options_default);
    late.topic = topic_must(late.log, "clicks");
    assert_ok(append_numbers(late.log, late.topic, 0, 1, 0).status);
    fault_set(FAULT_FULL_ALL);
    assert_int_equal(pthread_create(&thread, NULL, append_late, &late), 0);
    while (read_all(late.log, late.topic, numbers) < 2)
        pause_ms(1);
    for (uint32_t met = fault_control()->met; fault_control()->met < met + 3;)
        pause_ms(1);
    assert_true(log_durable_lsn(late.log) == 1);
    assert_int_equal(append_numbers(late.log, late.topic, 9, 1, 0).status, STATUS_FULL);
    fault_set(FAULT_NONE);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_ok(late.waited.status);
    assert_int_equal(late.waited.first_offset, 1);
    log_close(late.log);
    late.log = log_must_open(place.path, &log_options_default);
    assert_int_equal(read_all(late.log, late.topic, numbers), 2);
    log_close(late.log);
    place_remove(&place);
}

struct waiter {
    struct log *log;
    enum status status;
};

static void *wait_durable(void *context)
{
    struct waiter *waiter = context;

    waiter->status = log_wait_durable(waiter->log, 2);
    return NULL;
}

/* A server that is told to end does so on a disk that takes no write, met before or after that. */
static void end_on_a_full_disk(bool told_before)
{
    struct place place;
    struct late late;
    struct waiter waiter;
    pthread_t threads[2];
    uint64_t numbers[NUMBERS_MAX];

    place_make(&place);
    waiter.log = late.log = log_must_open(place.path, &log_options_default);
    late.topic = topic_must(late.log, "clicks");
    assert_ok(append_numbers(late.log, late.topic, 0, 1, 0).status);
    uint32_t met = fault_control()->met;
    fault_set(FAULT_FULL_ALL);
    if (told_before) log_stop_waiting(late.log);
    assert_int_equal(pthread_create(&threads[0], NULL, append_late, &late), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, wait_durable, &waiter), 0);
    while (fault_control()->met == met)
        pause_ms(1);
    log_stop_waiting(late.log);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    assert_int_equal(late.waited.status, STATUS_FULL);
    assert_int_equal(waiter.status, STATUS_FULL);
    fault_set(FAULT_NONE);
    assert_int_equal(append_numbers(late.log, late.topic, 2, 1, 0).status, STATUS_FULL);
    assert_ok(log_wait_durable(late.log, 1));
    log_close(late.log);
    late.log = log_must_open(place.path, &log_options_default);
    assert_int_equal(read_all(late.log, late.topic, numbers), 1);
    assert_ok(append_numbers(late.log, late.topic, 1, 1, 0).status);
    log_close(late.log);
    place_remove(&place);
}

static void a_full_disk_is_not_waited_for_by_who_ends(void **state)
{
    (void)state;
    end_on_a_full_disk(false);
    end_on_a_full_disk(true);
}

static void a_failed_sync_ends_acknowledging(void **state)
{
    static const enum fault_mode modes[] = {FAULT_SYNC_ERROR, FAULT_WRITE_ERROR};
    uint64_t numbers[NUMBERS_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct place place;

        place_make(&place);
        struct log *log = log_must_open(place.path, &log_options_default);
        uint32_t topic = topic_must(log, "clicks");
        assert_ok(append_numbers(log, topic, 0, 3, 0).status);
        fault_set(modes[i]);
        assert_int_equal(append_numbers(log, topic, 3, 1, 0).status, STATUS_IO);
        fault_set(FAULT_NONE);
        assert_int_equal(append_numbers(log, topic, 3, 1, 0).status, STATUS_IO);
        assert_int_equal(log_wait_durable(log, 2), STATUS_IO);
        assert_true(log_durable_lsn(log) == 1);
        log_close(log);
        log = log_must_open(place.path, &log_options_default);
        assert_int_equal(read_all(log, topic, numbers), 3);
        assert_ok(append_numbers(log, topic, 3, 1, 0).status);
        log_close(log);
        place_remove(&place);
    }
}

/* --- flipped bits -------------------------------------------------------------------------------- */

/* Every number is in the file once; the bit is flipped behind LMDB's pages of structure, in the batch
 * itself: the reader must say CORRUPT, or the batch must, and what comes before is right. */
static void flipped_bits_are_never_served(void **state)
{
    enum { RECORDS = 40, FLIPS = 24 };
    struct record_header headers[RECORD_HEADERS_MAX];
    char path[128];

    (void)state;
    for (uint32_t flip = 0; flip < FLIPS; flip++) {
        struct place place;
        struct log_reader *reader;
        struct log_view view;
        uint64_t next = 0;
        enum status status = STATUS_OK;

        place_make(&place);
        struct log *log = log_must_open(place.path, &log_options_default);
        uint32_t topic = topic_must(log, "clicks");
        for (uint64_t i = 0; i < RECORDS; i++)
            assert_ok(append_numbers(log, topic, i, 1, 7000).status); /* pages of their own */
        log_close(log);

        (void)snprintf(path, sizeof(path), "%s/log/data.mdb", place.path);
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        /* The batch of number 20: its header says first_offset 20 behind version 1. */
        static uint8_t bytes[1 << 23];
        size_t len = fread(bytes, 1, sizeof(bytes), file);
        size_t at = 0;
        for (size_t page = 0; page + 4096 <= len; page += 4096) {
            const uint8_t *batch = bytes + page + 16; /* LMDB's page header */
            if (batch[0] == RECORD_BATCH_VERSION && batch[1] == 0 && get_le64(batch + 16) == 20 &&
                get_le64(batch + 8) == 21)
                at = page + 16;
        }
        assert_true(at > 0);
        at += flip < 12 ? flip * 4 : flip * 290;
        bytes[at] ^= (uint8_t)(1U << (flip % 8));
        assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
        assert_int_equal(fwrite(bytes + at, 1, 1, file), 1);
        assert_int_equal(fclose(file), 0);

        log = log_must_open(place.path, &log_options_default);
        assert_ok(log_reader_open(log, &topic, 1, 0, &reader));
        while (status == STATUS_OK && (status = log_reader_next(reader, &view)) == STATUS_OK) {
            struct record_batch batch;
            struct record record;

            status = record_batch_open(view.bytes, view.topic_id, &batch);
            if (status != STATUS_OK) break;
            assert_ok(record_batch_next(&batch, headers, &record));
            assert_true(get_le64(record.value.data) == next && record.offset == next);
            next++;
        }
        assert_int_equal(status, STATUS_CORRUPT);
        assert_int_equal(next, 20);
        log_reader_close(reader);
        log_close(log);
        place_remove(&place);
    }
}

/* --- damage anywhere ----------------------------------------------------------------------------- */

enum { DAMAGE_RECORDS = 60, DAMAGE_FLIPS = 120, DAMAGE_WRONG = 77 };

/* Reads as a tool does, by offset, then as a scenario does, by position. Exit DAMAGE_WRONG: something was
 * served that was never written, or something is missing without a word. Any other end will do. */
_Noreturn static void child_read_damaged(const char *directory)
{
    struct record_header headers[RECORD_HEADERS_MAX];
    struct buffer message;
    struct topic_info info;
    struct log *log;

    buffer_init(&message, 4096);
    if (log_open(directory, &log_options_default, &log, &message) != STATUS_OK) _exit(0);
    if (log_topic_find(log, SLICE("clicks"), &info) != STATUS_OK) _exit(0);
    for (int by_offset = 0; by_offset < 2; by_offset++) {
        struct log_reader *reader;
        struct log_view view;
        struct record_batch batch;
        struct record record;
        uint64_t next = 0;
        enum status status = by_offset ? log_read_topic(log, info.id, 0, &reader)
                                       : log_reader_open(log, &info.id, 1, 0, &reader);

        if (status != STATUS_OK) _exit(0);
        while ((status = log_reader_next(reader, &view)) == STATUS_OK) {
            if (record_batch_open(view.bytes, view.topic_id, &batch) != STATUS_OK) _exit(0);
            if (record_batch_next(&batch, headers, &record) != STATUS_OK) _exit(DAMAGE_WRONG);
            if (get_le64(record.value.data) != next || record.offset != next) _exit(DAMAGE_WRONG);
            next++;
        }
        if (by_offset && status == STATUS_AGAIN && next != DAMAGE_RECORDS) _exit(DAMAGE_WRONG);
    }
    _exit(0);
}

static void damage_anywhere_is_never_served(void **state)
{
    static uint8_t bytes[1 << 22];
    uint64_t random = 1;
    struct place place;
    char path[128];

    (void)state;
    place_make(&place);
    struct log *log = log_must_open(place.path, &log_options_default);
    uint32_t topic = topic_must(log, "clicks");
    for (uint64_t i = 0; i < DAMAGE_RECORDS; i++)
        assert_ok(append_numbers(log, topic, i, 1, i % 3 == 0 ? 5000 : 300).status);
    log_close(log);
    (void)snprintf(path, sizeof(path), "%s/log/data.mdb", place.path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    (void)setvbuf(file, NULL, _IONBF, 0);
    size_t len = fread(bytes, 1, sizeof(bytes), file);
    while (len > 0 && bytes[len - 1] == 0)
        len--;
    for (int flip = 0; flip < DAMAGE_FLIPS; flip++) {
        int status;

        random = random * 6364136223846793005U + 1442695040888963407U;
        size_t at = (size_t)(random >> 33) % len;
        uint8_t damaged = bytes[at] ^ (uint8_t)(1U << (flip % 8));
        assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
        assert_int_equal(fwrite(&damaged, 1, 1, file), 1);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) child_read_damaged(place.path);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status) && WEXITSTATUS(status) == DAMAGE_WRONG)
            fail_msg("bit %d of byte %zu: wrong data was served", flip % 8, at);
        assert_int_equal(fseek(file, 0, SEEK_SET), 0); /* LMDB may have written a meta page */
        assert_int_equal(fwrite(bytes, 1, len, file), len);
    }
    assert_int_equal(fclose(file), 0);
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_refuses_and_recovers),
        cmocka_unit_test(a_commit_that_finds_no_room_is_tried_again),
        cmocka_unit_test(a_full_disk_is_not_waited_for_by_who_ends),
        cmocka_unit_test(a_failed_sync_ends_acknowledging),
        cmocka_unit_test(flipped_bits_are_never_served),
        cmocka_unit_test(damage_anywhere_is_never_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
