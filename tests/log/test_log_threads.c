/* test_log_threads.c - several threads append while others read: each record once and in order, and
 * nothing is called durable before its commit. Seeded; HEADRACE_SEED repeats a run. */
#include <stdatomic.h>
#include <stdlib.h>

#include "test.h"
// clang-format off
#include "log/place.h"
#include "log/batches.h"
// clang-format on

enum { WRITERS = 4, READERS = 3, APPENDS = 300, RECORDS_MAX = 20, NUMBER_BITS = 32 };

struct shared {
    struct log *log;
    uint32_t topics[WRITERS];
    atomic_uint_fast64_t appended[WRITERS];     /* numbers given to log_submit */
    atomic_uint_fast64_t acknowledged[WRITERS]; /* numbers answered OK */
    atomic_uint_fast64_t acknowledged_lsn;
    atomic_bool early; /* an answer came before log_durable_lsn() covered it */
    atomic_uint finished;
    uint64_t seed;
};

struct writer {
    struct shared *shared;
    uint32_t index;
};

/* splitmix64 */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15U);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

struct answer {
    struct shared *shared;
    uint32_t writer;
    uint64_t end;
};

static void answered(void *context, enum status status, uint64_t first_offset, uint64_t lsn)
{
    struct answer *answer = context;
    struct shared *shared = answer->shared;

    (void)first_offset;
    if (log_durable_lsn(shared->log) < lsn) atomic_store(&shared->early, true);
    if (status == STATUS_OK) {
        atomic_store(&shared->acknowledged[answer->writer], answer->end);
        atomic_store(&shared->acknowledged_lsn, lsn);
    }
    free(answer);
}

static void *write_numbers(void *context)
{
    const struct writer *writer = context;
    struct shared *shared = writer->shared;
    uint64_t random = shared->seed + writer->index;
    uint64_t number = 0;
    struct buffer batch;

    buffer_init(&batch, 1 << 20);
    for (int i = 0; i < APPENDS; i++) {
        uint32_t count = 1 + (uint32_t)(random_next(&random) % RECORDS_MAX);
        uint64_t tagged = (uint64_t)writer->index << NUMBER_BITS | number;

        batch_fill(&batch, tagged, count, random_next(&random) % 2000);
        struct log_part part = {shared->topics[writer->index], buffer_slice(&batch)};
        struct answer *answer = malloc(sizeof(*answer));
        *answer = (struct answer){shared, writer->index, number + count};
        atomic_store(&shared->appended[writer->index], number + count);
        struct log_append append = {
            .parts = &part, .part_count = 1, .done = answered, .context = answer};
        enum status status;
        while ((status = log_submit(shared->log, &append)) == STATUS_AGAIN)
            pause_ms(1);
        assert_ok(status);
        number += count;
        if (random_next(&random) % 8 == 0) pause_ms(1);
    }
    buffer_deinit(&batch);
    /* Finished is what was answered: what is only submitted may still be out of every reader's sight. */
    while (atomic_load(&shared->acknowledged[writer->index]) != number)
        pause_ms(1);
    atomic_fetch_add(&shared->finished, 1);
    return NULL;
}

/* Reads all topics until everything that was appended was seen. */
static void *read_numbers(void *context)
{
    struct shared *shared = context;
    uint64_t next[WRITERS] = {0};
    uint64_t numbers[RECORDS_MAX];
    struct log_reader *reader;
    struct log_view view;
    uint64_t last_lsn = 0;

    assert_ok(log_reader_open(shared->log, shared->topics, WRITERS, 0, &reader));
    for (;;) {
        bool finished = atomic_load(&shared->finished) == WRITERS;
        enum status status = log_reader_next(reader, &view);

        if (status == STATUS_AGAIN) {
            if (finished && log_durable_lsn(shared->log) == last_lsn) break;
            pause_ms(1);
            continue;
        }
        assert_ok(status);
        assert_true(view.lsn > last_lsn);
        last_lsn = view.lsn;
        uint32_t count = view_numbers(&view, numbers, RECORDS_MAX);
        uint64_t writer = numbers[0] >> NUMBER_BITS;
        for (uint32_t i = 0; i < count; i++) {
            assert_true(numbers[i] == (writer << NUMBER_BITS | next[writer]));
            next[writer]++;
        }
        assert_true(next[writer] <= atomic_load(&shared->appended[writer]));
    }
    for (int i = 0; i < WRITERS; i++)
        assert_true(next[i] == atomic_load(&shared->appended[i]));
    log_reader_close(reader);
    return NULL;
}

static void count_wake(void *context)
{
    atomic_fetch_add((atomic_uint *)context, 1);
}

static void run_seed(uint64_t seed, uint32_t tail_bytes_max)
{
    struct log_options options = log_options_default;
    struct shared shared = {.seed = seed};
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS + READERS];
    struct place place;
    atomic_uint wakes = 0;
    char name[8];

    options.tail_bytes_max = tail_bytes_max;
    options.queue_bytes_max = 200000;
    options.map_bytes = 1U << 30;
    place_make(&place);
    shared.log = log_must_open(place.path, &options);
    assert_ok(log_waker_add(shared.log, count_wake, &wakes));
    for (uint32_t i = 0; i < WRITERS; i++) {
        (void)snprintf(name, sizeof(name), "t%u", i);
        shared.topics[i] = topic_must(shared.log, name);
    }
    for (uint32_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[WRITERS + i], NULL, read_numbers, &shared), 0);
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){&shared, i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_numbers, &writers[i]), 0);
    }
    for (uint32_t i = 0; i < WRITERS + READERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_ok(log_wait_durable(shared.log, WRITERS * APPENDS));
    assert_true(log_durable_lsn(shared.log) == WRITERS * APPENDS);
    log_waker_remove(shared.log, count_wake, &wakes);
    log_close(shared.log);
    for (int i = 0; i < WRITERS; i++)
        assert_true(atomic_load(&shared.acknowledged[i]) == atomic_load(&shared.appended[i]));
    assert_false(atomic_load(&shared.early));
    assert_true(atomic_load(&wakes) > 0);
    place_remove(&place);
}

static void every_record_is_read_once_and_in_order(void **state)
{
    const char *text = getenv("HEADRACE_SEED");
    int64_t seed = 1;

    (void)state;
    if (text != NULL) assert_ok(slice_to_i64(slice_of(text), &seed));
    run_seed((uint64_t)seed, 64 << 20);
    run_seed((uint64_t)seed + 100, 10000); /* readers go to the disk */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_read_once_and_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
