/* harness.h - a real deliver on a real state environment, talking to a real server on the loopback.
 *
 * Waits are bounded by WAIT_MS and poll; no test asserts a time. */
#pragma once
#include <ftw.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "deliver/deliver.h"
#include "store/state.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "test.h"

enum { WAIT_MS = 30000, MAP_BYTES = 64 << 20, REPLIES_MAX = 4096, LOG_BYTES_MAX = 64 << 20 };

#define SECRET "shpat_T0p-Secret-0123456789"
#define SHOP   "https://nsw9mj-j4.myshopify.com" /* what scenarios write */

/* --- processes ------------------------------------------------------------------------------------- */

struct child {
    pid_t pid;
    uint16_t port;
};

/* Starts a program that prints a line ending in a port number; it dies with the test. */
static inline struct child child_start(char *const arguments[])
{
    struct child child = {0};
    int out[2];
    char line[256] = {0};
    size_t len = 0;

    assert_int_equal(pipe(out), 0);
    child.pid = fork();
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(out[1], STDOUT_FILENO);
        (void)close(out[0]);
        (void)execvp(arguments[0], arguments);
        _exit(127);
    }
    (void)close(out[1]);
    while (len + 1 < sizeof(line) && read(out[0], line + len, 1) == 1 && line[len] != '\n')
        len++;
    (void)close(out[0]);
    char *digits = line + len;
    while (digits > line && digits[-1] >= '0' && digits[-1] <= '9')
        digits--;
    if (line[len] == '\n') line[len] = '\0';
    child.port = (uint16_t)strtoul(digits, NULL, 10);
    assert_true(child.port > 0);
    return child;
}

static inline void child_stop(struct child *child)
{
    if (child->pid <= 0) return;
    (void)kill(child->pid, SIGKILL);
    (void)waitpid(child->pid, NULL, 0);
    child->pid = 0;
}

static inline void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&time, NULL);
}

/* --- a place --------------------------------------------------------------------------------------- */

struct place {
    char path[64];
    char log[80];
    struct child server;
    char origin[64]; /* of the server */
};

static inline int place_remove_one(const char *path, const struct stat *file, int kind,
                                   struct FTW *walk)
{
    (void)file;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void server_start(struct place *place, uint16_t port)
{
    char wanted[8];
    char script[] = DELIVER_TESTS_DIR "/server.py";
    char python[] = "python3";

    (void)snprintf(wanted, sizeof(wanted), "%u", (unsigned)port);
    place->server = child_start((char *[]){python, script, place->log, wanted, NULL});
    (void)snprintf(place->origin, sizeof(place->origin), "http://127.0.0.1:%u",
                   (unsigned)place->server.port);
}

static inline int place_make(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    (void)snprintf(place->path, sizeof(place->path), "deliver-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    (void)snprintf(place->log, sizeof(place->log), "%s/requests.log", place->path);
    server_start(place, 0);
    *state = place;
    return 0;
}

static inline int place_remove(void **state)
{
    struct place *place = *state;

    child_stop(&place->server);
    (void)nftw(place->path, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

/* --- what the server saw --------------------------------------------------------------------------- */

/* The log as text; the caller frees it. */
static inline char *server_log(const struct place *place)
{
    struct buffer bytes;

    buffer_init(&bytes, LOG_BYTES_MAX);
    enum status status = file_read(place->log, &bytes);
    assert_true(status == STATUS_OK || status == STATUS_NOT_FOUND);
    buffer_append_byte(&bytes, '\0');
    return (char *)bytes.data;
}

static inline uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

static inline uint32_t log_count(const struct place *place, const char *part)
{
    char *log = server_log(place);
    uint32_t count = count_of(log, part);

    free(log);
    return count;
}

/* --- replies --------------------------------------------------------------------------------------- */

struct reply {
    uint64_t offset;
    enum status status;
    char *payload;
};

struct replies {
    pthread_mutex_t lock;
    struct deliver *deliver;
    bool acknowledges;
    struct reply items[REPLIES_MAX];
    uint32_t count;
};

static inline void replies_take(void *context, const struct deliver_call *call, enum status status,
                                struct slice payload)
{
    struct replies *replies = context;

    (void)pthread_mutex_lock(&replies->lock);
    assert_true(replies->count < REPLIES_MAX);
    struct reply *reply = &replies->items[replies->count++];
    *reply = (struct reply){call->identity.offset, status, malloc(payload.len + 1)};
    memcpy(reply->payload, payload.data, payload.len);
    reply->payload[payload.len] = '\0';
    bool acknowledges = replies->acknowledges;
    (void)pthread_mutex_unlock(&replies->lock);
    if (acknowledges)
        assert_ok(deliver_acknowledge(replies->deliver, &call->identity, call->scenario));
}

static inline uint32_t replies_count(struct replies *replies)
{
    (void)pthread_mutex_lock(&replies->lock);
    uint32_t count = replies->count;
    (void)pthread_mutex_unlock(&replies->lock);
    return count;
}

/* The reply to the call with that offset; NULL: none. */
static inline const struct reply *replies_find(struct replies *replies, uint64_t offset)
{
    const struct reply *found = NULL;

    (void)pthread_mutex_lock(&replies->lock);
    for (uint32_t i = 0; i < replies->count; i++) {
        if (replies->items[i].offset == offset) found = &replies->items[i];
    }
    (void)pthread_mutex_unlock(&replies->lock);
    return found;
}

/* --- a running deliver ----------------------------------------------------------------------------- */

struct running {
    struct place *place;
    struct state *state;
    struct deliver *deliver;
    struct replies replies;
};

static const struct deliver_options quick = {
    .timeout_ms = 2000,
    .attempts_max = 4,
    .backoff_first_ms = 5,
    .backoff_max_ms = 20,
    .response_bytes_max = 50000,
    .breaker_failures_max = 1000,
    .breaker_rest_ms = 50,
    .stop_ms = 2000,
    .seed = 1,
};

static inline void running_create(struct running *running, struct place *place,
                                  const struct deliver_options *options, bool shopify,
                                  struct slice header)
{
    const struct deliver_secret secret = {header, SLICE(SECRET)};
    const struct deliver_endpoint endpoint = {
        .match = SLICE(SHOP),
        .url = slice_of(place->origin),
        .allow_private = true,
        .redirects_max = 2,
        .secrets = &secret,
        .secret_count = 1,
        .shopify = shopify,
    };
    struct buffer message;

    memset(running, 0, sizeof(*running));
    running->place = place;
    (void)pthread_mutex_init(&running->replies.lock, NULL);
    running->replies.acknowledges = true;
    buffer_init(&message, 4096);
    assert_ok(state_open(place->path, MAP_BYTES, &running->state, &message));
    assert_ok(deliver_create(options, &endpoint, 1, running->state, replies_take, &running->replies,
                             &running->deliver, &message));
    running->replies.deliver = running->deliver;
    buffer_deinit(&message);
}

static inline void running_open(struct running *running, struct place *place)
{
    running_create(running, place, &quick, false, SLICE("X-Token"));
    assert_ok(deliver_start(running->deliver));
}

static inline void running_close(struct running *running)
{
    deliver_destroy(running->deliver);
    state_close(running->state);
    for (uint32_t i = 0; i < running->replies.count; i++)
        free(running->replies.items[i].payload);
    (void)pthread_mutex_destroy(&running->replies.lock);
}

/* {"url": url, "method": "POST", "headers": [["X-Token", "from the scenario"]], "body": body} */
static inline void request_write(const char *url, const char *body, char *out, size_t size)
{
    int len =
        snprintf(out, size,
                 "{\"url\":\"%s\",\"method\":\"POST\",\"headers\":[[\"X-Token\",\"scenario\"]],"
                 "\"body\":\"%s\",\"contentType\":\"application/json\"}",
                 url, body);

    assert_true(len > 0 && (size_t)len < size);
}

static inline enum status submit(struct running *running, uint64_t offset, const char *key,
                                 const char *url, const char *body)
{
    char request[4096];

    request_write(url, body, request, sizeof(request));
    const struct deliver_call call = {
        .identity = {.topic_id = 1, .offset = offset, .path_len = 1, .path = {7}},
        .node = 3,
        .scenario = SLICE("shop recommendations"),
        .coalescing_key = slice_of(key),
        .request = slice_of(request),
    };
    return deliver_submit(running->deliver, &call, 1, SLICE("calls.shop"), offset);
}

#define WAIT_UNTIL(condition)                                                      \
    do {                                                                           \
        int64_t until_ = clock_monotonic_ms() + WAIT_MS;                           \
        while (!(condition)) {                                                     \
            if (clock_monotonic_ms() > until_) fail_msg("waited for " #condition); \
            pause_ms(2);                                                           \
        }                                                                          \
    } while (0)

static inline struct deliver_counters counters_of(const struct running *running)
{
    struct deliver_counters counters;

    deliver_counters(running->deliver, &counters);
    return counters;
}

/* Waits until the outbox is empty. */
static inline void drain(struct running *running)
{
    WAIT_UNTIL(counters_of(running).waiting == 0);
}

/* The dead letters as text; the caller frees it. */
static inline char *dead_letters(struct running *running)
{
    struct buffer json;

    buffer_init(&json, 1 << 20);
    assert_ok(deliver_dead_letters(running->deliver, 1000, &json));
    buffer_append_byte(&json, '\0');
    return (char *)json.data;
}

/* --- bytes on the disk ----------------------------------------------------------------------------- */

static const char *sought;
static uint32_t sought_found;

static inline int search_file(const char *path, const struct stat *file, int kind, struct FTW *walk)
{
    struct buffer bytes;

    (void)file;
    (void)walk;
    if (kind != FTW_F || strstr(path, "requests.log") != NULL) return 0;
    buffer_init(&bytes, 256 << 20);
    assert_ok(file_read(path, &bytes));
    for (size_t i = 0; i + strlen(sought) <= bytes.len; i++) {
        if (bytes.data[i] == (uint8_t)sought[0] &&
            memcmp(bytes.data + i, sought, strlen(sought)) == 0)
            sought_found++;
    }
    buffer_deinit(&bytes);
    return 0;
}

/* How often the text stands in the files of the place, the server's own log left out. */
static inline uint32_t found_on_disk(const struct place *place, const char *text)
{
    sought = text;
    sought_found = 0;
    (void)nftw(place->path, search_file, 16, FTW_PHYS);
    return sought_found;
}
