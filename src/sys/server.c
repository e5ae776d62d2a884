/* server.c - the loop: waits for edges, lets connections advance, runs tasks, timers and the round.
 *
 * One round: edges, then connections with input left over, then deadlines and timers, then `round`,
 * which submits what the round gathered; so the more requests wait, the larger a batch gets. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include "sys/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/server_internal.h"

enum { SPARE_DESCRIPTORS = 64, WAIT_MS_MAX = 60000 };

const struct server_options server_options_default = {
    .connections_max = 10000,
    .body_bytes_max = 2 << 20,
    .header_timeout_ms = 10000,
    .body_timeout_ms = 25000,
    .idle_timeout_ms = 610000, /* longer than the load balancers' 600 s, as Snowplow's collector */
    .write_timeout_ms = 30000,
    .stream_buffer_bytes_max = 256 << 10,
    .memory_bytes_max = 512 << 20,
};

static void raise_descriptor_limit(uint32_t connections_max)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections_max + SPARE_DESCRIPTORS;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* refused: accept() will pause at the old one */
}

static void set_timeouts(struct server *server)
{
    const struct server_options *options = &server->options;

    server->deadlines[DEADLINE_IDLE].timeout_ms = options->idle_timeout_ms;
    server->deadlines[DEADLINE_HEAD].timeout_ms = options->header_timeout_ms;
    server->deadlines[DEADLINE_BODY].timeout_ms = options->body_timeout_ms;
    server->deadlines[DEADLINE_WRITE].timeout_ms = options->write_timeout_ms;
    server->deadlines[DEADLINE_LINGER].timeout_ms = SERVER_LINGER_MS;
}

enum status server_create(const struct server_options *options, struct server **created)
{
    struct server *server = calloc(1, sizeof(*server));

    if (server == NULL) return STATUS_LIMIT;
    server->options = *options;
    server->scratch = malloc(SERVER_BUFFER_BYTES);
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->now_ms = clock_monotonic_ms();
    server->date_second = -1;
    buffer_init(&server->out, SERVER_HEAD_BYTES_MAX + SERVER_COPY_BYTES_MAX);
    set_timeouts(server);
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = server}};
    bool ready = server->scratch != NULL && server->epoll >= 0 && server->wake >= 0 &&
                 epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->wake, &event) == 0 &&
                 pthread_mutex_init(&server->tasks_lock, NULL) == 0;
    if (!ready) {
        if (server->epoll >= 0) (void)close(server->epoll);
        if (server->wake >= 0) (void)close(server->wake);
        free(server->scratch);
        free(server);
        return STATUS_IO;
    }
    raise_descriptor_limit(options->connections_max);
    *created = server;
    return STATUS_OK;
}

static void free_pools(struct server *server)
{
    while (server->free_connections != NULL) {
        struct connection *next = server->free_connections->all_next;

        free(server->free_connections);
        server->free_connections = next;
    }
    while (server->free_exchanges != NULL) {
        struct exchange *next = server->free_exchanges->next_free;

        free(server->free_exchanges);
        server->free_exchanges = next;
    }
    while (server->free_buffers != NULL) {
        uint8_t *next;

        memcpy(&next, server->free_buffers, sizeof(next));
        free(server->free_buffers);
        server->free_buffers = next;
    }
}

static void kill_all(struct server *server)
{
    while (server->all != NULL)
        connection_kill(server, server->all);
    while (server->ready_first != NULL) {
        server->ready_first->in_ready = false;
        server->ready_first = server->ready_first->ready_next;
    }
    server->ready_last = NULL;
    connections_bury(server);
}

void server_destroy(struct server *server)
{
    if (server == NULL) return;
    kill_all(server);
    for (uint32_t i = 0; i < server->listener_count; i++)
        (void)close(server->listeners[i].fd);
    (void)close(server->epoll);
    (void)close(server->wake);
    (void)pthread_mutex_destroy(&server->tasks_lock);
    free_pools(server);
    buffer_deinit(&server->out);
    free(server->scratch);
    free(server);
}

/* --- other threads ------------------------------------------------------------------------------ */

static void wake_up(struct server *server)
{
    uint64_t one = 1;

    if (write(server->wake, &one, sizeof(one)) < 0) { /* full: it is awake already */
    }
}

void server_stop(struct server *server)
{
    atomic_store(&server->stop, true);
    wake_up(server);
}

enum status server_post(struct server *server, void (*run)(void *context), void *context)
{
    (void)pthread_mutex_lock(&server->tasks_lock);
    uint32_t count = server->task_count;
    if (count < SERVER_TASKS_MAX) {
        server->tasks[(server->task_first + count) % SERVER_TASKS_MAX] =
            (struct task){run, context};
        server->task_count++;
    }
    (void)pthread_mutex_unlock(&server->tasks_lock);
    if (count == 0) wake_up(server);
    return count < SERVER_TASKS_MAX ? STATUS_OK : STATUS_AGAIN;
}

static bool next_task(struct server *server, struct task *task)
{
    (void)pthread_mutex_lock(&server->tasks_lock);
    bool some = server->task_count > 0;
    if (some) {
        *task = server->tasks[server->task_first];
        server->task_first = (server->task_first + 1) % SERVER_TASKS_MAX;
        server->task_count--;
    }
    (void)pthread_mutex_unlock(&server->tasks_lock);
    return some;
}

static void run_tasks(struct server *server)
{
    struct task task;
    uint64_t ignored;

    if (read(server->wake, &ignored, sizeof(ignored)) < 0) { /* emptied already */
    }
    for (int ran = 0; next_task(server, &task); ran++) {
        task.run(task.context);
        if (ran == SERVER_TASKS_MAX) { /* tasks that post tasks: the peers' turn first */
            wake_up(server);
            return;
        }
    }
}

/* --- the loop's own time ------------------------------------------------------------------------ */

void server_on_round(struct server *server, void (*round)(void *context), void *context)
{
    server->round = round;
    server->round_context = context;
}

void server_every(struct server *server, uint32_t interval_ms, void (*run)(void *context),
                  void *context)
{
    ASSERT(server->timer_count < SERVER_TIMERS_MAX && interval_ms > 0);
    server->timers[server->timer_count++] =
        (struct timer){run, context, interval_ms, server->now_ms + interval_ms};
}

static void run_timers(struct server *server)
{
    for (uint32_t i = 0; i < server->timer_count; i++) {
        struct timer *timer = &server->timers[i];

        if (timer->due_ms > server->now_ms) continue;
        timer->due_ms = server->now_ms + timer->interval_ms;
        timer->run(timer->context);
    }
    if (server->accept_again_ms != 0 && server->accept_again_ms <= server->now_ms &&
        server->stop_by_ms == 0)
        listeners_arm(server);
}

static int wait_ms(const struct server *server)
{
    int64_t next = deadline_next_ms(server);

    if (server->ready_first != NULL) return 0;
    for (uint32_t i = 0; i < server->timer_count; i++)
        if (server->timers[i].due_ms < next) next = server->timers[i].due_ms;
    if (server->accept_again_ms != 0 && server->accept_again_ms < next)
        next = server->accept_again_ms;
    if (server->stop_by_ms != 0 && server->stop_by_ms < next) next = server->stop_by_ms;
    int64_t left = next == INT64_MAX ? WAIT_MS_MAX : next - server->now_ms;
    return left < 0 ? 0 : (int)(left > WAIT_MS_MAX ? WAIT_MS_MAX : left);
}

static void run_ready(struct server *server)
{
    struct connection *connection = server->ready_first;

    server->ready_first = NULL;
    server->ready_last = NULL;
    while (connection != NULL) {
        struct connection *next = connection->ready_next;

        connection->in_ready = false;
        if (connection->fd >= 0) connection_advance(server, connection);
        connection = next;
    }
}

static void run_deadlines(struct server *server)
{
    struct connection *late;

    while ((late = deadline_expired(server)) != NULL)
        connection_timeout(server, late);
}

/* What nobody waits for ends at once; requests with a handler may finish. */
static void begin_stop(struct server *server)
{
    struct connection *connection = server->all;

    server->stop_by_ms = server->now_ms + SERVER_STOP_MS;
    listeners_disarm(server);
    while (connection != NULL) {
        struct connection *next = connection->all_next;
        bool finishing = connection->phase == PHASE_ANSWER || connection->phase == PHASE_WRITE ||
                         connection->phase == PHASE_LINGER;

        if (!finishing) connection_kill(server, connection);
        connection = next;
    }
}

static void run_events(struct server *server, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        void *subject = events[i].data.ptr;
        struct listener *listener = subject;

        if (subject == server) {
            run_tasks(server);
        } else if (listener >= server->listeners &&
                   listener < server->listeners + SERVER_LISTENERS_MAX) {
            listener_accept(server, listener);
        } else {
            connection_event(server, subject, events[i].events);
        }
    }
}

static bool finished(const struct server *server)
{
    return server->stop_by_ms != 0 && (server->all == NULL || server->now_ms >= server->stop_by_ms);
}

enum status server_run(struct server *server)
{
    struct epoll_event events[SERVER_EVENTS_PER_ROUND];

    while (!finished(server)) {
        int count = epoll_wait(server->epoll, events, SERVER_EVENTS_PER_ROUND, wait_ms(server));

        if (count < 0 && errno != EINTR) return STATUS_IO;
        server->now_ms = clock_monotonic_ms();
        server->handled = false;
        if (server->stop_by_ms == 0 && atomic_load(&server->stop)) begin_stop(server);
        run_events(server, events, count);
        run_ready(server);
        run_deadlines(server);
        run_timers(server);
        if (server->handled && server->round != NULL) server->round(server->round_context);
        connections_bury(server);
    }
    kill_all(server);
    return STATUS_OK;
}

void server_counters(const struct server *server, struct server_counters *counters)
{
    const struct server_counters *own = &server->counters;

    counters->connections_open = __atomic_load_n(&own->connections_open, __ATOMIC_RELAXED);
    counters->connections_total = __atomic_load_n(&own->connections_total, __ATOMIC_RELAXED);
    counters->requests = __atomic_load_n(&own->requests, __ATOMIC_RELAXED);
    counters->refused = __atomic_load_n(&own->refused, __ATOMIC_RELAXED);
}
