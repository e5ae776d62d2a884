/* load.c - load for the benches, from one process on loopback.
 *
 *   flood   closed loop: each connection posts its next event when the last is answered
 *   clicks  open loop at a rate: posts on a schedule; of every SAMPLE-th event that passes the
 *           filters the visitor's list is read every READ_PAUSE_NS until it is as of that event
 *
 * Prints one JSON object. Times are from the last request byte handed to the kernel; an event whose
 * list did not follow within READABLE_MAX_MS is a failure and counted.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client.h"
#include "store/results.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "workload.h"

enum { READ_PAUSE_NS = 500000, IDLE_PAUSE_NS = 50000 };
enum { SAMPLES_MAX = 4000000, READS_MAX = 1024, READABLE_MAX_MS = 2000, VISITORS = 200000 };

struct samples {
    float *ms;
    uint32_t count;
};

struct options {
    const char *mode;
    uint16_t port;
    const char *path;
    const char *products;
    const char *name_space;
    uint32_t connections;
    uint32_t seconds;
    uint64_t events; /* flood: stop after so many; 0: after the seconds */
    double rate;
    uint32_t sample;
    uint64_t seed;
};

/* One visitor's list being waited for. */
struct reading {
    bool busy;
    char token[VISITOR_TOKEN_BYTES];
    char event_id[WORKLOAD_EVENT_ID_BYTES + 1];
    uint64_t sent_at_ns;
    uint64_t read_at_ns; /* not before: a page does not ask without a pause */
};

struct load {
    const struct options *options;
    struct workload workload;
    struct client *posts;
    struct client *gets;
    struct buffer body;
    struct buffer request;
    struct samples acknowledged;
    struct samples readable;
    uint64_t answered;
    uint64_t refused;
    uint64_t broken;
    uint64_t sent;
    uint64_t passing;
    uint64_t failures;
    uint64_t reads;
    uint64_t skipped; /* samples not followed: all places were busy */
    struct reading readings[READS_MAX];
};

static void sample_add(struct samples *samples, uint64_t from_ns, uint64_t to_ns)
{
    if (samples->count < SAMPLES_MAX)
        samples->ms[samples->count++] = (float)((double)(to_ns - from_ns) / 1e6);
}

static int by_value(const void *left, const void *right)
{
    float a = *(const float *)left;
    float b = *(const float *)right;

    return (a > b) - (a < b);
}

static float quantile(const struct samples *samples, double q)
{
    if (samples->count == 0) return 0;
    return samples->ms[(uint32_t)(q * (samples->count - 1))];
}

static void print_samples(const char *name, struct samples *samples)
{
    qsort(samples->ms, samples->count, sizeof(float), by_value);
    (void)printf(
        ",\"%s\":{\"count\":%u,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f}",
        name, samples->count, (double)quantile(samples, 0.5), (double)quantile(samples, 0.99),
        (double)quantile(samples, 0.999), (double)quantile(samples, 1));
}

/* --- posting ------------------------------------------------------------------------------------------ */

static void make_post(struct load *load, struct workload_event *event)
{
    char head[512];

    workload_next(&load->workload, clock_wall_ms(), &load->body, event);
    int len = snprintf(
        head, sizeof(head),
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://shop.example\r\nContent-Type: "
        "application/json; charset=UTF-8\r\nContent-Length: %zu\r\n\r\n",
        load->options->path, load->body.len);
    ASSERT(len > 0 && (size_t)len < sizeof(head));
    buffer_clear(&load->request);
    buffer_append(&load->request, (struct slice){(const uint8_t *)head, (size_t)len});
    buffer_append(&load->request, buffer_slice(&load->body));
    load->sent++;
    load->passing += event->passes;
}

static struct reading *reading_start(struct load *load, const struct workload_event *event)
{
    for (uint32_t i = 0; i < READS_MAX; i++) {
        struct reading *reading = &load->readings[i];

        if (reading->busy) continue;
        reading->busy = true;
        memcpy(reading->event_id, event->event_id, sizeof(reading->event_id));
        visitor_token(slice_of(load->options->name_space), slice_of(event->visitor),
                      reading->token);
        return reading;
    }
    load->skipped++;
    return NULL;
}

static void post_next(struct load *load, struct client_connection *connection, bool follow)
{
    struct workload_event event;
    struct reading *reading = NULL;

    make_post(load, &event);
    if (follow && event.passes && load->passing % load->options->sample == 0)
        reading = reading_start(load, &event);
    client_send(connection, buffer_slice(&load->request), reading);
    if (reading == NULL) return;
    reading->sent_at_ns = client_sent_at_ns(connection);
    reading->read_at_ns = reading->sent_at_ns + READ_PAUSE_NS;
}

static void post_answered(void *context, struct client_connection *connection, int status,
                          struct slice body)
{
    struct load *load = context;

    (void)body;
    if (status >= 200 && status < 300) {
        load->answered++;
        sample_add(&load->acknowledged, client_sent_at_ns(connection), clock_monotonic_ns());
    } else if (status == 0) {
        load->broken++;
    } else {
        load->refused++;
    }
}

/* --- reading ------------------------------------------------------------------------------------------- */

static bool is_as_of(struct slice body, const char *event_id)
{
    const struct slice key = SLICE("\"asOf\":{\"eid\":\"");

    for (size_t i = 0; i + key.len + WORKLOAD_EVENT_ID_BYTES < body.len && i < 256; i++) {
        if (memcmp(body.data + i, key.data, key.len) != 0) continue;
        return memcmp(body.data + i + key.len, event_id, WORKLOAD_EVENT_ID_BYTES) == 0;
    }
    return false;
}

static void read_answered(void *context, struct client_connection *connection, int status,
                          struct slice body)
{
    struct load *load = context;
    struct reading *reading = client_tag(connection);
    uint64_t now_ns = clock_monotonic_ns();

    load->reads++;
    if (status == 200 && is_as_of(body, reading->event_id)) {
        sample_add(&load->readable, reading->sent_at_ns, now_ns);
        reading->busy = false;
    } else if (now_ns - reading->sent_at_ns > READABLE_MAX_MS * UINT64_C(1000000)) {
        load->failures++;
        reading->busy = false;
    } else {
        reading->event_id[WORKLOAD_EVENT_ID_BYTES] = 'w'; /* waits for its next read */
        reading->read_at_ns = now_ns + READ_PAUSE_NS;
    }
}

static void read_again(struct load *load)
{
    char request[256];

    for (uint32_t i = 0; i < READS_MAX; i++) {
        struct reading *reading = &load->readings[i];

        if (!reading->busy || reading->event_id[WORKLOAD_EVENT_ID_BYTES] == 'r' ||
            reading->sent_at_ns == 0)
            continue;
        if (clock_monotonic_ns() < reading->read_at_ns) continue;
        struct client_connection *connection = client_free(load->gets);
        if (connection == NULL) return;
        reading->event_id[WORKLOAD_EVENT_ID_BYTES] = 'r'; /* under way */
        int len =
            snprintf(request, sizeof(request),
                     "GET /v1/recommendations/%.*s?limit=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                     VISITOR_TOKEN_BYTES, reading->token);
        client_send(connection, (struct slice){(const uint8_t *)request, (size_t)len}, reading);
    }
}

/* --- the two modes --------------------------------------------------------------------------------------- */

static uint64_t run_flood(struct load *load)
{
    const struct options *options = load->options;
    uint64_t began_ns = clock_monotonic_ns();
    uint64_t end_ns = began_ns + options->seconds * UINT64_C(1000000000);

    for (;;) {
        bool more =
            options->events > 0 ? load->sent < options->events : clock_monotonic_ns() < end_ns;
        struct client_connection *connection;

        while (more && (connection = client_free(load->posts)) != NULL) {
            post_next(load, connection, false);
            more = options->events == 0 || load->sent < options->events;
        }
        if (!more && load->answered + load->refused + load->broken >= load->sent) break;
        client_poll(load->posts, 1000000);
    }
    return clock_monotonic_ns() - began_ns;
}

static bool any_reading(const struct load *load)
{
    for (uint32_t i = 0; i < READS_MAX; i++) {
        if (load->readings[i].busy) return true;
    }
    return false;
}

static uint64_t run_clicks(struct load *load)
{
    const struct timespec pause = {.tv_nsec = IDLE_PAUSE_NS}; /* leaves the core to the server */
    const struct options *options = load->options;
    uint64_t began_ns = clock_monotonic_ns();
    uint64_t end_ns = began_ns + options->seconds * UINT64_C(1000000000);
    double interval_ns = 1e9 / options->rate;

    for (;;) {
        uint64_t now_ns = clock_monotonic_ns();
        bool more = now_ns < end_ns;
        struct client_connection *connection;

        while (more && (double)(now_ns - began_ns) >= (double)load->sent * interval_ns &&
               (connection = client_free(load->posts)) != NULL) {
            post_next(load, connection, true);
        }
        client_poll(load->posts, 0);
        read_again(load);
        client_poll(load->gets, 0);
        (void)nanosleep(&pause, NULL);
        if (!more && load->answered + load->refused + load->broken >= load->sent &&
            !any_reading(load))
            break;
    }
    return clock_monotonic_ns() - began_ns;
}

/* --- command line ------------------------------------------------------------------------------------------ */

static bool option_set(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--port") == 0)
        options->port = (uint16_t)strtoul(value, NULL, 10);
    else if (strcmp(name, "--path") == 0)
        options->path = value;
    else if (strcmp(name, "--products") == 0)
        options->products = value;
    else if (strcmp(name, "--namespace") == 0)
        options->name_space = value;
    else if (strcmp(name, "--connections") == 0)
        options->connections = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(name, "--seconds") == 0)
        options->seconds = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(name, "--events") == 0)
        options->events = strtoull(value, NULL, 10);
    else if (strcmp(name, "--rate") == 0)
        options->rate = strtod(value, NULL);
    else if (strcmp(name, "--sample") == 0)
        options->sample = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(name, "--seed") == 0)
        options->seed = strtoull(value, NULL, 10);
    else
        return false;
    return true;
}

/* One handle a line. */
static uint32_t read_products(const char *path, struct buffer *text, const char **products)
{
    uint32_t count = 0;

    if (file_read(path, text) != STATUS_OK) return 0;
    buffer_append_byte(text, '\0');
    for (char *line = strtok((char *)text->data, "\n");
         line != NULL && count < WORKLOAD_PRODUCTS_MAX;
         line = strtok(NULL, "\n")) { /* NOLINT(concurrency-mt-unsafe): one thread */
        products[count++] = line;
    }
    return count;
}

static int usage(void)
{
    (void)fputs("usage: load flood|clicks --port N --products FILE [--path P] [--namespace S] "
                "[--connections N]\n"
                "            [--seconds N] [--events N] [--rate N] [--sample N] [--seed N]\n",
                stderr);
    return 2;
}

static int run(struct load *load)
{
    const struct options *options = load->options;
    bool clicks = strcmp(options->mode, "clicks") == 0;

    if (client_open(options->port, options->connections, post_answered, load, &load->posts) !=
            STATUS_OK ||
        client_open(options->port, 64, read_answered, load, &load->gets) != STATUS_OK) {
        (void)fprintf(stderr, "load: nobody listens on port %u\n", options->port);
        return 1;
    }
    uint64_t took_ns = clicks ? run_clicks(load) : run_flood(load);
    double seconds = (double)took_ns / 1e9;
    (void)printf("{\"mode\":\"%s\",\"seconds\":%.2f,\"sent\":%llu,\"answered\":%llu,\"refused\":%"
                 "llu,\"broken\":%llu,"
                 "\"per_second\":%.0f,\"passing\":%llu,\"reads\":%llu,\"not_followed\":%llu,"
                 "\"failures\":%llu",
                 options->mode, seconds, (unsigned long long)load->sent,
                 (unsigned long long)load->answered, (unsigned long long)load->refused,
                 (unsigned long long)load->broken, (double)load->answered / seconds,
                 (unsigned long long)load->passing, (unsigned long long)load->reads,
                 (unsigned long long)load->skipped, (unsigned long long)load->failures);
    print_samples("acknowledged", &load->acknowledged);
    print_samples("readable", &load->readable);
    (void)puts("}");
    client_close(load->posts);
    client_close(load->gets);
    return 0;
}

int main(int argc, char **argv)
{
    static struct load load;
    static const char *products[WORKLOAD_PRODUCTS_MAX];
    struct options options = {.path = "/com.snowplowanalytics.snowplow/tp2",
                              .name_space = "demo",
                              .connections = 128,
                              .seconds = 10,
                              .rate = 2000,
                              .sample = 1,
                              .seed = 1};
    struct buffer text;

    if (argc < 2 || argc % 2 != 0) return usage();
    options.mode = argv[1];
    if (strcmp(options.mode, "flood") != 0 && strcmp(options.mode, "clicks") != 0) return usage();
    for (int i = 2; i < argc; i += 2) {
        if (!option_set(&options, argv[i], argv[i + 1])) return usage();
    }
    buffer_init(&text, 1 << 20);
    uint32_t count =
        options.products == NULL ? 0 : read_products(options.products, &text, products);
    if (count == 0 || options.port == 0 || options.sample == 0) return usage();
    load.options = &options;
    workload_init(&load.workload, options.seed, VISITORS, products, count);
    buffer_init(&load.body, 1 << 16);
    buffer_init(&load.request, 1 << 16);
    load.acknowledged.ms = malloc(SAMPLES_MAX * sizeof(float));
    load.readable.ms = malloc(SAMPLES_MAX * sizeof(float));
    if (load.acknowledged.ms == NULL || load.readable.ms == NULL) return 1;
    return run(&load);
}
