/* test_deliver_crash.c - kill -9 in mid-flight, again and again: nothing is lost, nothing goes backwards.
 *
 * A child is the host: it submits calls from where its tag says, appends each reply to a file before it
 * acknowledges it, and after a start acknowledges what that file holds. The parent kills it at random
 * instants and at deliver's kill points, lets the last one finish, and compares what the server saw. */
#include <fcntl.h>
#include <pthread.h>

#include "deliver/backoff.h"
#include "deliver/harness.h"
#include "deliver/outbox.h"
#include "http_client.h"

enum { CALLS = 3000, VISITORS = 12, BATCH = 5, RANDOM_KILLS = 10 };

static const char *const killpoints[] = {"outbox_stored_before_send", "reply_received_before_log",
                                         "dead_letter_stored_before_reply",
                                         "calls_end_before_commit", "calls_end_after_commit"};

/* --- the child ------------------------------------------------------------------------------------- */

/* Replies wait here for the host's logging thread: told is not yet durable. */
struct host {
    struct deliver *deliver;
    int replies; /* file of uint64_t offsets */
    pthread_mutex_t lock;
    uint64_t queue[CALLS];
    uint32_t queued;
    uint32_t logged;
};

static struct identity identity_of(uint64_t offset)
{
    return (struct identity){.topic_id = 1, .offset = offset, .path_len = 1, .path = {7}};
}

static void host_reply(void *context, const struct deliver_call *call, enum status status,
                       struct slice payload)
{
    struct host *host = context;

    (void)payload;
    ASSERT(status == STATUS_OK);
    (void)pthread_mutex_lock(&host->lock);
    ASSERT(host->queued < CALLS);
    host->queue[host->queued++] = call->identity.offset;
    (void)pthread_mutex_unlock(&host->lock);
}

/* Logs what has come, in one piece, and then acknowledges it, as a shard does. */
static void *host_log(void *context)
{
    struct host *host = context;

    for (;;) {
        (void)pthread_mutex_lock(&host->lock);
        uint32_t until = host->queued;
        (void)pthread_mutex_unlock(&host->lock);
        size_t bytes = (until - host->logged) * sizeof(host->queue[0]);
        ssize_t written = write(host->replies, &host->queue[host->logged], bytes);
        ASSERT(written == (ssize_t)bytes);
        for (; host->logged < until; host->logged++) {
            struct identity identity = identity_of(host->queue[host->logged]);
            enum status status = deliver_acknowledge(host->deliver, &identity, SLICE("shop"));

            ASSERT(status == STATUS_OK);
        }
        pause_ms(3);
    }
    return NULL;
}

static void host_recover(struct host *host)
{
    uint64_t offset;

    while (read(host->replies, &offset, sizeof(offset)) == (ssize_t)sizeof(offset)) {
        struct identity identity = identity_of(offset);
        enum status status = deliver_acknowledge(host->deliver, &identity, SLICE("shop"));

        ASSERT(status == STATUS_OK || status == STATUS_NOT_FOUND);
    }
}

static void host_submit(struct host *host, uint64_t from)
{
    struct deliver_call calls[BATCH];
    char requests[BATCH][512];
    char keys[BATCH][16];

    for (uint64_t i = 0; i < BATCH; i++) {
        uint64_t offset = from + i;
        char url[128];
        char body[32];

        (void)snprintf(keys[i], sizeof(keys[i]), "visitor%u", (unsigned)(offset * 7 % VISITORS));
        (void)snprintf(url, sizeof(url), SHOP "/%s?fail=%d&with=%d", keys[i], offset % 9 == 0,
                       offset % 18 == 0 ? 400 : 500);
        (void)snprintf(body, sizeof(body), "list %06u", (unsigned)offset);
        request_write(url, body, requests[i], sizeof(requests[i]));
        calls[i] = (struct deliver_call){.identity = identity_of(offset),
                                         .scenario = SLICE("shop"),
                                         .coalescing_key = slice_of(keys[i]),
                                         .request = slice_of(requests[i])};
    }
    enum status status =
        deliver_submit(host->deliver, calls, BATCH, SLICE("calls.shop"), from + BATCH);
    ASSERT(status == STATUS_OK);
}

static int host_run(const char *path, const char *origin)
{
    const struct deliver_endpoint endpoint = {
        .match = SLICE(SHOP), .url = slice_of(origin), .allow_private = true};
    static struct host host;
    pthread_t logging;
    struct state *state;
    struct buffer message;
    struct deliver_counters counters;
    char file[128];
    uint64_t next = 0;

    (void)snprintf(file, sizeof(file), "%s/replies", path);
    host.replies = open(file, O_RDWR | O_CREAT | O_APPEND, 0600);
    buffer_init(&message, 4096);
    if (host.replies < 0 || state_open(path, MAP_BYTES, &state, &message) != STATUS_OK ||
        deliver_create(&quick, &endpoint, 1, state, host_reply, &host, &host.deliver, &message) !=
            STATUS_OK)
        return 3;
    enum status status = state_tag(state, SLICE("calls.shop"), &next);
    ASSERT(status == STATUS_OK || status == STATUS_NOT_FOUND);
    host_recover(&host);
    (void)pthread_mutex_init(&host.lock, NULL);
    if (deliver_start(host.deliver) != STATUS_OK) return 3;
    if (pthread_create(&logging, NULL, host_log, &host) != 0) return 3;
    for (; next < CALLS; next += BATCH) {
        host_submit(&host, next);
        pause_ms(1);
    }
    do {
        pause_ms(2);
        deliver_counters(host.deliver, &counters);
    } while (counters.waiting > 0);
    _exit(0); /* the outbox is empty: there is nothing to stop for */
}

/* --- the parent ------------------------------------------------------------------------------------ */

static char self[4096];

static pid_t host_start(const struct place *place, const char *killpoint)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid > 0) return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (killpoint != NULL) (void)setenv("HEADRACE_KILLPOINT", killpoint, 1);
    (void)execl(self, self, "host", place->path, place->origin, (char *)NULL);
    _exit(127);
}

/* True: it ended by itself with everything done. */
static bool host_end(const struct place *place, pid_t pid)
{
    struct buffer in;
    int result;

    assert_int_equal(waitpid(pid, &result, 0), pid);
    assert_true((WIFEXITED(result) && WEXITSTATUS(result) == 0) ||
                (WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL));
    /* Requests of the dead that still wait in the server's sockets are not a newer process's affair. */
    int fd = client_connect(place->server.port);
    buffer_init(&in, CLIENT_BYTES_MAX);
    assert_true(client_say(fd, "GET /__idle HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_int_equal(client_answer(fd, &in, false, NULL), 200);
    (void)close(fd);
    buffer_deinit(&in);
    return WIFEXITED(result);
}

static uint32_t kill_rounds(const struct place *place)
{
    struct jitter random = {2024};
    uint32_t killed = 0;

    for (size_t i = 0; i < COUNT_OF(killpoints) * 3; i++) {
        char killpoint[64];

        (void)snprintf(killpoint, sizeof(killpoint), "%s:%u", killpoints[i % COUNT_OF(killpoints)],
                       (unsigned)(1 + jitter_below(&random, 12)));
        killed += !host_end(place, host_start(place, killpoint));
    }
    for (int i = 0; i < RANDOM_KILLS; i++) {
        pid_t pid = host_start(place, NULL);

        pause_ms((long)(20 + jitter_below(&random, 60)));
        (void)kill(pid, SIGKILL);
        killed += !host_end(place, pid);
    }
    return killed;
}

static enum status note_letter(void *context, const struct entry *entry)
{
    uint32_t *letters = context;

    assert_true(entry->identity.offset < CALLS);
    letters[entry->identity.offset]++;
    return STATUS_OK;
}

static void count_letters(const struct place *place, uint32_t letters[CALLS])
{
    struct state *state;
    struct buffer message;

    buffer_init(&message, 4096);
    assert_ok(state_open(place->path, MAP_BYTES, &state, &message));
    assert_ok(dead_letters_scan(state, &(struct outbox_visitor){letters, note_letter}));
    state_close(state);
    buffer_deinit(&message);
}

/* Every list arrived or is a dead letter, and no visitor's list was followed by an older one. */
static void check_requests(const struct place *place)
{
    static uint32_t arrived[CALLS];
    static uint32_t letters[CALLS];
    uint32_t newest[VISITORS] = {0};
    char *log = server_log(place);

    for (char *line = strtok(log, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *visitor = strstr(line, "/visitor");
        const char *list = strstr(line, "\tlist ");

        assert_true(visitor != NULL && list != NULL);
        if (line[0] != '1') continue; /* refused on purpose */
        uint32_t who = (uint32_t)atoi(visitor + 8);
        uint32_t which = (uint32_t)atoi(list + 6);

        assert_true(who < VISITORS && which < CALLS);
        if (which < newest[who]) fail_msg("visitor %u: list %u after %u", who, which, newest[who]);
        newest[who] = which;
        arrived[which]++;
    }
    free(log);
    count_letters(place, letters);
    for (uint32_t i = 0; i < CALLS; i++) {
        if (letters[i] != (arrived[i] == 0 ? 1 : 0))
            fail_msg("list %u arrived %u times and has %u letters", i, arrived[i], letters[i]);
    }
}

static void check_replies(const struct place *place)
{
    static uint32_t told[CALLS];
    char file[128];
    uint64_t offset;

    (void)snprintf(file, sizeof(file), "%s/replies", place->path);
    int fd = open(file, O_RDONLY);
    assert_true(fd >= 0);
    while (read(fd, &offset, sizeof(offset)) == (ssize_t)sizeof(offset)) {
        assert_true(offset < CALLS);
        told[offset]++;
    }
    (void)close(fd);
    for (uint32_t i = 0; i < CALLS; i++)
        assert_int_equal(told[i], 1);
}

static void killed_again_and_again_nothing_is_lost_and_nothing_goes_backwards(void **state)
{
    struct place *place = *state;
    uint32_t killed = kill_rounds(place);

    print_message("killed %u times\n", killed);
    assert_true(killed >= COUNT_OF(killpoints) * 3);
    assert_true(host_end(place, host_start(place, NULL)));
    check_requests(place);
    check_replies(place);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            killed_again_and_again_nothing_is_lost_and_nothing_goes_backwards, place_make,
            place_remove),
    };

    if (argc == 4 && strcmp(argv[1], "host") == 0) return host_run(argv[2], argv[3]);
    if (realpath("/proc/self/exe", self) == NULL) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
