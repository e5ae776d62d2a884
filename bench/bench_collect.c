/* bench_collect.c - the collector without our log, to see what collect itself costs.
 *
 *   bench_collect 127.0.0.1:8099 plain|null|sync [FILE]
 *
 * plain: the server alone answers 200; null: collect, every flight lands at once; sync: collect, a
 * thread writes each flight to FILE and calls fdatasync, as a log would at the least.
 * Runs until standard input ends. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collect/collect.h"
#include "sys/clock.h"

enum { FLIGHTS_MAX = 128 };

struct null_log {
    bool sync;
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct buffer queue;
    struct buffer writing;
    void (*done[FLIGHTS_MAX])(void *context, enum status status);
    void *contexts[FLIGHTS_MAX];
    uint32_t count;
    uint64_t commits;
};

static int64_t now_ms(void *context)
{
    (void)context;
    return clock_wall_ms();
}

static enum status submit(void *context, const struct collect_part *parts, uint32_t part_count,
                          void (*done)(void *context, enum status status), void *done_context)
{
    struct null_log *log = context;

    if (!log->sync) {
        done(done_context, STATUS_OK);
        return STATUS_OK;
    }
    (void)pthread_mutex_lock(&log->lock);
    for (uint32_t i = 0; i < part_count; i++)
        buffer_append(&log->queue, parts[i].batch);
    bool full = log->queue.failed || log->count == FLIGHTS_MAX;
    if (!full) {
        log->done[log->count] = done;
        log->contexts[log->count++] = done_context;
    }
    (void)pthread_cond_signal(&log->some);
    (void)pthread_mutex_unlock(&log->lock);
    return full ? STATUS_AGAIN : STATUS_OK;
}

static void *commit_loop(void *context)
{
    struct null_log *log = context;
    void (*done[FLIGHTS_MAX])(void *context, enum status status);
    void *contexts[FLIGHTS_MAX];

    for (;;) {
        (void)pthread_mutex_lock(&log->lock);
        while (log->count == 0)
            (void)pthread_cond_wait(&log->some, &log->lock);
        struct buffer taken = log->queue;
        log->queue = log->writing;
        log->writing = taken;
        uint32_t count = log->count;
        memcpy(done, log->done, sizeof(done));
        memcpy(contexts, log->contexts, sizeof(contexts));
        log->count = 0;
        log->commits++;
        (void)pthread_mutex_unlock(&log->lock);
        bool ok = pwrite(log->fd, taken.data, taken.len, 0) == (ssize_t)taken.len &&
                  fdatasync(log->fd) == 0;
        buffer_clear(&log->writing);
        for (uint32_t i = 0; i < count; i++)
            done[i](contexts[i], ok ? STATUS_OK : STATUS_IO);
    }
    return NULL;
}

static void answer_plainly(void *context, struct exchange *exchange,
                           const struct http_request *request)
{
    struct http_response response = {.status = 200, .body = SLICE("ok")};

    (void)context;
    (void)request;
    exchange_respond(exchange, &response);
}

static void *wait_for_end(void *context)
{
    char bytes[64];

    while (read(STDIN_FILENO, bytes, sizeof(bytes)) > 0) {}
    server_stop(context);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct null_log log = {.fd = -1};
    struct collect_options options = collect_options_default;
    struct collect_host host = {&log, now_ms, submit};
    struct server *server;
    struct collect *collect;
    struct buffer message;
    pthread_t threads[2];

    if (argc < 3) return 2;
    options.topic_id = 1;
    options.bad_topic_id = 2;
    log.sync = strcmp(argv[2], "sync") == 0;
    buffer_init(&log.queue, 256 << 20);
    buffer_init(&log.writing, 256 << 20);
    buffer_init(&message, 1000);
    (void)pthread_mutex_init(&log.lock, NULL);
    (void)pthread_cond_init(&log.some, NULL);
    if (log.sync) {
        log.fd = open(argc > 3 ? argv[3] : "bench_collect.log", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (log.fd < 0 || pthread_create(&threads[0], NULL, commit_loop, &log) != 0) return 1;
    }
    if (server_create(&server_options_default, &server) != STATUS_OK ||
        collect_create(server, &options, &host, &collect) != STATUS_OK)
        return 1;
    bool plain = strcmp(argv[2], "plain") == 0;
    struct server_listener listener = {argv[1], plain ? answer_plainly : collect_handle,
                                       collect_refuse, collect};
    if (server_listen(server, &listener, &message) != STATUS_OK) {
        (void)fprintf(stderr, "%.*s\n", (int)message.len, message.data);
        return 1;
    }
    if (pthread_create(&threads[1], NULL, wait_for_end, server) != 0) return 1;
    enum status status = server_run(server);
    struct collect_counters counters;
    collect_counters(collect, &counters);
    (void)printf("{\"requests\":%llu,\"events\":%llu,\"duplicates\":%llu,\"overloaded\":%llu,"
                 "\"commits\":%llu}\n",
                 (unsigned long long)counters.requests, (unsigned long long)counters.events,
                 (unsigned long long)counters.duplicates, (unsigned long long)counters.overloaded,
                 (unsigned long long)log.commits);
    return status == STATUS_OK ? 0 : 1; /* the commit thread may still hold collect: no teardown */
}
