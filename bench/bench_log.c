/* bench_log.c - what durability costs: records of 1 KB in batches of random size, on the disk under the
 * directory given, beside a plain file that gets the same bytes by write and fdatasync.
 *
 * Usage: bench_log [DIRECTORY [EVENTS]]    prints a table, then one line of JSON
 */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log/log.h"
#include "sys/clock.h"

enum {
    EVENT_BYTES = 1000,
    BATCH_EVENTS_MAX = 60,
    KINDS = 64, /* prepared batches */
    SINGLES = 3000,
    RETENTION_BYTES = 256 << 20,
    QUEUE_BYTES = 8 << 20,
};

struct figures {
    double events_per_s;
    double p50_ms;
    double p99_ms;
};

struct bench {
    char directory[256];
    uint64_t events;
    struct buffer batches[KINDS];
    uint32_t counts[KINDS];
    struct log *log;
    uint32_t topic;
    atomic_uint_fast64_t answered;
    atomic_bool failed;
};

static uint64_t random_state = 42;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(random_state >> 33) % bound;
}

_Noreturn static void give_up(const char *what)
{
    (void)fprintf(stderr, "bench_log: %s\n", what);
    exit(1); /* NOLINT(concurrency-mt-unsafe) */
}

static void batches_make(struct bench *bench)
{
    uint8_t value[EVENT_BYTES];

    for (uint32_t kind = 0; kind < KINDS; kind++) {
        buffer_init(&bench->batches[kind], 1 << 20);
        record_batch_begin(&bench->batches[kind], 0);
        bench->counts[kind] = 1 + random_below(BATCH_EVENTS_MAX);
        for (uint32_t i = 0; i < bench->counts[kind]; i++) {
            for (size_t at = 0; at < sizeof(value); at++)
                value[at] = (uint8_t)random_below(256);
            struct record record = {.value = {value, sizeof(value)}};
            if (record_batch_add(&bench->batches[kind], &record) != STATUS_OK)
                give_up("a batch overflows");
        }
    }
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

static double percentile_ms(uint64_t *times_ns, uint32_t count, double share)
{
    qsort(times_ns, count, sizeof(*times_ns), compare);
    return (double)times_ns[(uint32_t)(share * (count - 1))] / 1e6;
}

/* --- the log ------------------------------------------------------------------------------------- */

static void answered(void *context, enum status status, uint64_t first_offset, uint64_t lsn)
{
    struct bench *bench = context;

    (void)first_offset;
    (void)lsn;
    if (status != STATUS_OK) atomic_store(&bench->failed, true);
    atomic_fetch_add(&bench->answered, 1);
}

static void submit(struct bench *bench, uint32_t kind)
{
    struct log_part part = {bench->topic, buffer_slice(&bench->batches[kind])};
    struct log_append append = {
        .parts = &part, .part_count = 1, .done = answered, .context = bench};
    static const struct timespec pause = {.tv_nsec = 200000};
    enum status status;

    while ((status = log_submit(bench->log, &append)) == STATUS_AGAIN)
        (void)nanosleep(&pause, NULL);
    if (status != STATUS_OK) give_up("the log refuses");
}

/* As many as the queue takes. */
static double log_throughput(struct bench *bench, double *commit_bytes)
{
    struct log_counters before;
    struct log_counters after;
    uint64_t events = 0;
    uint64_t submitted = 0;

    log_counters(bench->log, &before);
    uint64_t goal = atomic_load(&bench->answered);
    uint64_t began_ns = clock_monotonic_ns();
    while (events < bench->events) {
        uint32_t kind = random_below(KINDS);

        submit(bench, kind);
        submitted++;
        events += bench->counts[kind];
    }
    while (atomic_load(&bench->answered) < goal + submitted)
        (void)sched_yield();
    double seconds = (double)(clock_monotonic_ns() - began_ns) / 1e9;
    log_counters(bench->log, &after);
    *commit_bytes = (double)(after.bytes - before.bytes) / (double)(after.commits - before.commits);
    return (double)events / seconds;
}

/* One at a time: each is a commit of its own. */
static struct figures log_singles(struct bench *bench)
{
    static uint64_t times_ns[SINGLES];
    uint64_t events = 0;
    uint64_t first_ns = clock_monotonic_ns();

    for (uint32_t i = 0; i < SINGLES; i++) {
        uint32_t kind = random_below(KINDS);
        uint64_t before = atomic_load(&bench->answered);
        uint64_t began_ns = clock_monotonic_ns();

        submit(bench, kind);
        while (atomic_load(&bench->answered) == before)
            (void)sched_yield();
        times_ns[i] = clock_monotonic_ns() - began_ns;
        events += bench->counts[kind];
    }
    double seconds = (double)(clock_monotonic_ns() - first_ns) / 1e9;
    return (struct figures){(double)events / seconds, percentile_ms(times_ns, SINGLES, 0.5),
                            percentile_ms(times_ns, SINGLES, 0.99)};
}

static double log_read_back(struct bench *bench)
{
    struct log_reader *reader;
    struct log_view view;
    struct record_batch batch;
    uint64_t events = 0;
    uint64_t began_ns = clock_monotonic_ns();

    if (log_reader_open(bench->log, &bench->topic, 1, 0, &reader) != STATUS_OK)
        give_up("no reader");
    while (log_reader_next(reader, &view) == STATUS_OK) {
        if (record_batch_open(view.bytes, view.topic_id, &batch) != STATUS_OK)
            give_up("a batch is damaged");
        events += batch.count;
    }
    log_reader_close(reader);
    return (double)events / ((double)(clock_monotonic_ns() - began_ns) / 1e9);
}

/* --- a plain file -------------------------------------------------------------------------------- */

static void plain_write(int fd, const struct buffer *batch)
{
    if (write(fd, batch->data, batch->len) != (ssize_t)batch->len) give_up("cannot write");
}

static struct figures plain_singles(struct bench *bench, int fd)
{
    static uint64_t times_ns[SINGLES];
    uint64_t events = 0;
    uint64_t first_ns = clock_monotonic_ns();

    for (uint32_t i = 0; i < SINGLES; i++) {
        uint32_t kind = random_below(KINDS);
        uint64_t began_ns = clock_monotonic_ns();

        plain_write(fd, &bench->batches[kind]);
        if (fdatasync(fd) != 0) give_up("cannot sync");
        times_ns[i] = clock_monotonic_ns() - began_ns;
        events += bench->counts[kind];
    }
    double seconds = (double)(clock_monotonic_ns() - first_ns) / 1e9;
    return (struct figures){(double)events / seconds, percentile_ms(times_ns, SINGLES, 0.5),
                            percentile_ms(times_ns, SINGLES, 0.99)};
}

/* A sync whenever as many bytes are written as a commit of the log took. */
static double plain_throughput(struct bench *bench, int fd, double commit_bytes)
{
    uint64_t events = 0;
    double unsynced = 0;
    uint64_t began_ns = clock_monotonic_ns();

    while (events < bench->events) {
        uint32_t kind = random_below(KINDS);

        plain_write(fd, &bench->batches[kind]);
        unsynced += (double)bench->batches[kind].len;
        events += bench->counts[kind];
        if (unsynced < commit_bytes) continue;
        if (fdatasync(fd) != 0) give_up("cannot sync");
        unsynced = 0;
    }
    if (fdatasync(fd) != 0) give_up("cannot sync");
    return (double)events / ((double)(clock_monotonic_ns() - began_ns) / 1e9);
}

/* ------------------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *walk)
{
    (void)file;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void log_start(struct bench *bench)
{
    struct log_options options = log_options_default;
    struct topic_options retention = {-1, RETENTION_BYTES};
    struct buffer message;

    options.queue_bytes_max = QUEUE_BYTES;
    options.tail_bytes_max = QUEUE_BYTES;
    buffer_init(&message, 4096);
    if (log_open(bench->directory, &options, &bench->log, &message) != STATUS_OK)
        give_up("the log does not open");
    if (log_topic_declare(bench->log, SLICE("bench"), &retention, &bench->topic) != STATUS_OK)
        give_up("no topic");
    buffer_deinit(&message);
}

int main(int argc, char **argv)
{
    static struct bench bench = {.events = 400000};
    char path[300];
    double commit_bytes = 0;
    int64_t events;

    (void)snprintf(bench.directory, sizeof(bench.directory), "%s/bench-log-XXXXXX",
                   argc > 1 ? argv[1] : ".");
    if (argc > 2 && slice_to_i64(slice_of(argv[2]), &events) == STATUS_OK && events > 0)
        bench.events = (uint64_t)events;
    if (mkdtemp(bench.directory) == NULL) give_up("cannot make a directory there");
    batches_make(&bench);
    (void)snprintf(path, sizeof(path), "%s/plain", bench.directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) give_up("cannot make a file there");
    log_start(&bench);

    double log_rate = log_throughput(&bench, &commit_bytes);
    double plain_rate = plain_throughput(&bench, fd, commit_bytes);
    double log_again = log_throughput(&bench, &commit_bytes); /* deleting as much as it writes */
    struct figures log = log_singles(&bench);
    struct figures plain = plain_singles(&bench, fd);
    double read_rate = log_read_back(&bench);
    if (atomic_load(&bench.failed)) give_up("an append failed");

    (void)printf("%-44s %12s %12s\n", "durable, 1 KB events, batches of 1-60", "log", "plain file");
    (void)printf("%-44s %12.0f %12.0f\n", "events/s, saturated, growing", log_rate, plain_rate);
    (void)printf("%-44s %12.0f\n", "events/s, saturated, retention deleting", log_again);
    (void)printf("%-44s %12.0f\n", "bytes a commit, saturated", commit_bytes);
    (void)printf("%-44s %12.0f %12.0f\n", "events/s, one batch a sync", log.events_per_s,
                 plain.events_per_s);
    (void)printf("%-44s %12.3f %12.3f\n", "one batch, p50 ms", log.p50_ms, plain.p50_ms);
    (void)printf("%-44s %12.3f %12.3f\n", "one batch, p99 ms", log.p99_ms, plain.p99_ms);
    (void)printf("%-44s %12.0f\n", "events/s, read back and checked", read_rate);
    (void)printf("{\"bench\":\"log\",\"events_per_s\":%.0f,\"events_per_s_retaining\":%.0f,"
                 "\"plain_events_per_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
                 "\"plain_p50_ms\":%.3f,\"plain_p99_ms\":%.3f,\"read_events_per_s\":%.0f}\n",
                 log_rate, log_again, plain_rate, log.p50_ms, log.p99_ms, plain.p50_ms,
                 plain.p99_ms, read_rate);

    log_close(bench.log);
    (void)close(fd);
    for (uint32_t kind = 0; kind < KINDS; kind++)
        buffer_deinit(&bench.batches[kind]);
    return nftw(bench.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : 1;
}
