/* test_log_crash.c - the process dies at a random instant or at a named point, with and without the
 * power: afterwards every topic is what was appended up to some point, and that point lies behind
 * everything that was acknowledged.
 *
 * The parent never opens the log: a child writes until it is killed, another reads what is left.
 * Numbers per topic go on from round to round.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "crash/fault.h"
#include "test.h"
// clang-format off
#include "log/place.h"
#include "log/batches.h"
// clang-format on

enum { TOPICS = 3, PREFIX_MAX = 8, ROUNDS = 20, KILL_MS_MAX = 40, RETAINED_BYTES = 60000 };

/* Shared by parent and children. */
struct board {
    struct fault fault;
    atomic_uint_fast64_t next[TOPICS];         /* number to append next */
    atomic_uint_fast64_t acknowledged[TOPICS]; /* all below are acknowledged */
    atomic_bool started;
    uint64_t seed;
};

struct round {
    const char *directory;
    const char *killpoint; /* NULL: at a random instant */
    enum fault_mode fault;
    bool prove;
    bool retain; /* topic 0 keeps RETAINED_BYTES only */
};

static uint64_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

/* --- the child that writes ----------------------------------------------------------------------- */

struct answer {
    struct board *board;
    uint32_t topic;
    uint64_t end;
};

static void answered(void *context, enum status status, uint64_t first_offset, uint64_t lsn)
{
    struct answer *answer = context;

    (void)first_offset;
    (void)lsn;
    if (status == STATUS_OK) atomic_store(&answer->board->acknowledged[answer->topic], answer->end);
    free(answer);
}

#define CHILD_CHECK(condition)                                                    \
    do {                                                                          \
        if (!(condition)) {                                                       \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            _exit(1);                                                             \
        }                                                                         \
    } while (0)

static struct log *child_open(const struct round *round, uint32_t topics[TOPICS])
{
    struct log_options options = log_options_default;
    struct buffer message;
    struct log *log;

    options.map_bytes = 1U << 30;
    options.prove_ack_before_sync = round->prove;
    buffer_init(&message, 4096);
    enum status status = log_open(round->directory, &options, &log, &message);
    if (status != STATUS_OK)
        (void)fprintf(stderr, "%.*s\n", (int)message.len, (char *)message.data);
    CHILD_CHECK(status == STATUS_OK);
    buffer_deinit(&message);
    for (uint32_t i = 0; i < TOPICS; i++) {
        char name[8] = {'t', (char)('0' + i), 0};
        struct topic_options retention = {-1, round->retain && i == 0 ? RETAINED_BYTES : -1};
        CHILD_CHECK(log_topic_declare(log, slice_of(name), &retention, &topics[i]) == STATUS_OK);
    }
    return log;
}

_Noreturn static void child_write(const struct round *round, struct board *board)
{
    uint32_t topics[TOPICS];
    uint64_t random = board->seed;
    struct buffer batch;

    struct log *log = child_open(round, topics);
    buffer_init(&batch, 1 << 20);
    for (uint64_t i = 0;; i++) {
        uint32_t topic = (uint32_t)(i % TOPICS);
        uint64_t first = atomic_load(&board->next[topic]);
        uint32_t count = 1 + (uint32_t)(random_next(&random) % PREFIX_MAX);
        struct answer *answer = malloc(sizeof(*answer));

        CHILD_CHECK(answer != NULL);
        *answer = (struct answer){board, topic, first + count};
        batch_fill(&batch, first, count, random_next(&random) % 3000);
        struct log_part part = {topics[topic], buffer_slice(&batch)};
        struct log_append append = {
            .parts = &part, .part_count = 1, .done = answered, .context = answer};
        enum status status = log_submit(log, &append);
        if (status == STATUS_AGAIN) {
            free(answer);
            pause_ms(1);
            continue;
        }
        CHILD_CHECK(status == STATUS_OK);
        atomic_store(&board->next[topic], first + count);
        atomic_store(&board->started, true);
        if (random_next(&random) % 4 == 0) pause_ms(1);
    }
}

/* --- the child that reads ------------------------------------------------------------------------ */

/* Numbers of one topic are without gaps and end at least where the acknowledged do. Exit 2: some that
 * were acknowledged are missing. */
static void child_check_topic(struct log *log, uint32_t topic_id, uint64_t acknowledged,
                              bool retained, uint64_t *end)
{
    struct record_header headers[RECORD_HEADERS_MAX];
    struct log_reader *reader;
    struct log_view view;
    struct record_batch batch;
    struct record record;
    uint64_t next = 0;
    bool first = true;
    enum status status;

    CHILD_CHECK(log_reader_open(log, &topic_id, 1, 0, &reader) == STATUS_OK);
    while ((status = log_reader_next(reader, &view)) == STATUS_OK) {
        CHILD_CHECK(record_batch_open(view.bytes, view.topic_id, &batch) == STATUS_OK);
        while (record_batch_next(&batch, headers, &record) == STATUS_OK) {
            uint64_t number = get_le64(record.value.data);

            if (first && retained) next = number;
            first = false;
            CHILD_CHECK(number == next && record.offset == number);
            next++;
        }
    }
    CHILD_CHECK(status == STATUS_AGAIN);
    log_reader_close(reader);
    if (next < acknowledged) _exit(2);
    *end = next;
}

_Noreturn static void child_check(const struct round *round, struct board *board)
{
    uint32_t topics[TOPICS];
    struct log *log = child_open(round, topics);

    for (uint32_t i = 0; i < TOPICS; i++) {
        uint64_t end = 0;

        child_check_topic(log, topics[i], atomic_load(&board->acknowledged[i]),
                          round->retain && i == 0, &end);
        atomic_store(&board->next[i], end);
        atomic_store(&board->acknowledged[i], end);
    }
    log_close(log);
    _exit(0);
}

/* --- rounds -------------------------------------------------------------------------------------- */

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return status;
}

static struct board *board_make(void)
{
    struct fault **fault = dlsym(RTLD_DEFAULT, "headrace_fault");
    struct board *board =
        mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(board != MAP_FAILED);
    assert_non_null(fault); /* run it with fault.so preloaded, as ctest does */
    *fault = &board->fault;
    return board;
}

/* Returns the exit code of the reader: 0, or 2 when acknowledged records are missing. */
static int round_run(const struct round *round, struct board *board)
{
    (void)random_next(&board->seed);
    atomic_store(&board->started, false);
    atomic_store(&board->fault.seed, (uint32_t)board->seed | 1U);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (round->killpoint != NULL) (void)setenv("HEADRACE_KILLPOINT", round->killpoint, 1);
        atomic_store(&board->fault.mode, (uint32_t)round->fault);
        child_write(round, board);
    }
    if (round->killpoint == NULL) {
        while (!atomic_load(&board->started) && kill(pid, 0) == 0 &&
               waitpid(pid, NULL, WNOHANG) == 0)
            pause_ms(1);
        pause_ms((int64_t)(board->seed >> 40) % KILL_MS_MAX);
        assert_int_equal(kill(pid, SIGKILL), 0);
    }
    int status = wait_for(pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    atomic_store(&board->fault.mode, FAULT_NONE);

    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) child_check(round, board);
    status = wait_for(pid);
    assert_true(WIFEXITED(status));
    assert_in_set(WEXITSTATUS(status), ((uintmax_t[]){0, 2}), 2);
    return WEXITSTATUS(status);
}

static uint32_t rounds_wanted(void)
{
    const char *text = getenv("HEADRACE_ROUNDS");
    int64_t rounds = ROUNDS;

    if (text != NULL) assert_ok(slice_to_i64(slice_of(text), &rounds));
    return (uint32_t)rounds;
}

static void rounds_run(struct round *round, uint32_t count)
{
    struct board *board = board_make();
    struct place place;

    place_make(&place);
    round->directory = place.path;
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(round_run(round, board), 0);
    place_remove(&place);
    assert_int_equal(munmap(board, sizeof(*board)), 0);
}

static void nothing_acknowledged_is_lost_by_a_kill(void **state)
{
    struct round round = {.retain = true};

    (void)state;
    rounds_run(&round, rounds_wanted());
}

static void nothing_acknowledged_is_lost_by_a_power_cut(void **state)
{
    struct round round = {.fault = FAULT_POWER_LOSS};

    (void)state;
    rounds_run(&round, rounds_wanted());
}

static const char *const points[] = {
    "tail_published:3",
    "log_before_commit:1",
    "log_before_commit:7",
    "log_after_commit_before_ack:1",
    "log_after_commit_before_ack:5",
    "retention_deleted:2",
};

static void nothing_acknowledged_is_lost_at_a_kill_point(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(points); i++) {
        struct round round = {.retain = true, .killpoint = points[i]};

        rounds_run(&round, 2);
        round.fault = FAULT_POWER_LOSS;
        rounds_run(&round, 2);
    }
}

/* The test is worth something: with the known bug it fails. */
static void the_known_bug_is_found(void **state)
{
    struct round round = {.prove = true, .killpoint = "log_before_commit:5"};
    struct board *board = board_make();
    struct place place;

    (void)state;
    place_make(&place);
    round.directory = place.path;
    assert_int_equal(round_run(&round, board), 2);
    place_remove(&place);
    assert_int_equal(munmap(board, sizeof(*board)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acknowledged_is_lost_by_a_kill),
        cmocka_unit_test(nothing_acknowledged_is_lost_by_a_power_cut),
        cmocka_unit_test(nothing_acknowledged_is_lost_at_a_kill_point),
        cmocka_unit_test(the_known_bug_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
