/* desk.h - a collector on a real socket with a log that only remembers, for the tests of collect. */
#pragma once
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <pthread.h>
#include <stdatomic.h>

#include "codec/json.h"
#include "collect/collect.h"
#include "http_client.h"
#include "sys/clock.h"

enum { DESK_TOPIC = 7, DESK_BAD_TOPIC = 8, DESK_OPEN_TOPIC = 9, DESK_CLOSED_TOPIC = 10 };
enum { DESK_RECORDS_MAX = 20000, DESK_FLIGHTS_MAX = 256 };

struct desk_record {
    uint32_t topic_id;
    struct slice key;
    struct slice value;
    struct slice headers[RECORD_HEADERS_MAX];
    uint32_t header_count;
};

struct desk_flight {
    void (*done)(void *context, enum status status);
    void *context;
};

struct desk {
    struct server *server;
    struct collect *collect;
    struct collect_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    struct desk_record records[DESK_RECORDS_MAX];
    uint32_t record_count;
    bool manual;               /* flights land when the test says so */
    enum status submit_status; /* what submit answers */
    struct desk_flight flights[DESK_FLIGHTS_MAX];
    uint32_t flight_count;
    uint32_t submit_count;
    int fd;
    struct buffer in;
    struct buffer answer;
    struct arena arena;
};

static inline struct slice desk_copy(struct slice bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);

    assert_non_null(copy);
    if (bytes.len > 0) memcpy(copy, bytes.data, bytes.len);
    return (struct slice){copy, bytes.len};
}

static inline void desk_keep(struct desk *desk, uint32_t topic_id, struct slice batch)
{
    struct slice sealed = desk_copy(batch);
    struct record_header headers[RECORD_HEADERS_MAX];
    struct record_batch reader;
    struct record record;

    record_batch_seal((uint8_t *)(uintptr_t)sealed.data, sealed.len, topic_id, 0, 1);
    assert_int_equal(record_batch_open(sealed, topic_id, &reader), STATUS_OK);
    while (record_batch_next(&reader, headers, &record) == STATUS_OK) {
        assert_true(desk->record_count < DESK_RECORDS_MAX);
        struct desk_record *kept = &desk->records[desk->record_count++];

        *kept = (struct desk_record){topic_id, record.key, desk_copy(record.value), {{0}}, 0};
        if (record.key.data != NULL) kept->key = desk_copy(record.key);
        for (uint32_t i = 0; i < record.header_count; i++) {
            assert_slice_equal(headers[i].name, SLICE("eid"));
            kept->headers[kept->header_count++] = desk_copy(headers[i].value);
        }
    }
    free((void *)(uintptr_t)sealed.data);
}

static inline enum status desk_submit(void *context, const struct collect_part *parts,
                                      uint32_t part_count,
                                      void (*done)(void *context, enum status status),
                                      void *done_context)
{
    struct desk *desk = context;

    (void)pthread_mutex_lock(&desk->lock);
    enum status status = desk->submit_status;
    bool now = status == STATUS_OK && !desk->manual;
    desk->submit_count++;
    if (status == STATUS_OK) {
        for (uint32_t i = 0; i < part_count; i++)
            desk_keep(desk, parts[i].topic_id, parts[i].batch);
        if (!now) {
            assert_true(desk->flight_count < DESK_FLIGHTS_MAX);
            desk->flights[desk->flight_count++] = (struct desk_flight){done, done_context};
        }
    }
    (void)pthread_mutex_unlock(&desk->lock);
    if (now) done(done_context, STATUS_OK);
    return status;
}

static inline int64_t desk_now_ms(void *context)
{
    (void)context;
    return clock_wall_ms();
}

static inline void *desk_run(void *context)
{
    assert_ok(server_run(((struct desk *)context)->server));
    return NULL;
}

static inline void desk_init(struct desk *desk)
{
    static const struct collect_topic topics[] = {
        {{(const uint8_t *)"http.open", 9}, DESK_OPEN_TOPIC, {0}, {0}, false},
        {{(const uint8_t *)"closed", 6},
         DESK_CLOSED_TOPIC,
         {(const uint8_t *)"Aladdin", 7},
         {(const uint8_t *)"open sesame", 11},
         false},
    };
    static const struct collect_path paths[] = {
        {{(const uint8_t *)"/shop/e", 7},
         {(const uint8_t *)"/com.snowplowanalytics.snowplow/tp2", 35}},
    };

    memset(desk, 0, sizeof(*desk));
    desk->options = collect_options_default;
    desk->options.topic_id = DESK_TOPIC;
    desk->options.bad_topic_id = DESK_BAD_TOPIC;
    desk->options.topics = topics;
    desk->options.topic_count = COUNT_OF(topics);
    desk->options.paths = paths;
    desk->options.path_count = COUNT_OF(paths);
    desk->options.event_ids_max = 10000;
    desk->options.pending_max = 100;
}

static inline void desk_open(struct desk *desk, const struct server_options *options)
{
    struct collect_host host = {desk, desk_now_ms, desk_submit};
    struct server_listener listener = {"127.0.0.1:0", collect_handle, collect_refuse, NULL};
    struct buffer message;

    buffer_init(&message, 1000);
    buffer_init(&desk->in, CLIENT_BYTES_MAX);
    buffer_init(&desk->answer, CLIENT_BYTES_MAX);
    arena_init(&desk->arena, 256 << 20);
    assert_int_equal(pthread_mutex_init(&desk->lock, NULL), 0);
    assert_ok(server_create(options == NULL ? &server_options_default : options, &desk->server));
    assert_ok(collect_create(desk->server, &desk->options, &host, &desk->collect));
    listener.context = desk->collect;
    assert_ok(server_listen(desk->server, &listener, &message));
    assert_int_equal(pthread_create(&desk->thread, NULL, desk_run, desk), 0);
    desk->fd = client_connect(server_port(desk->server, 0));
    buffer_deinit(&message);
}

/* Lands the oldest flight that is still in the air. */
static inline void desk_land(struct desk *desk, enum status status)
{
    (void)pthread_mutex_lock(&desk->lock);
    assert_true(desk->flight_count > 0);
    struct desk_flight flight = desk->flights[0];
    desk->flight_count--;
    memmove(desk->flights, desk->flights + 1, desk->flight_count * sizeof(flight));
    (void)pthread_mutex_unlock(&desk->lock);
    flight.done(flight.context, status);
}

static inline void desk_forget_records(struct desk *desk)
{
    for (uint32_t i = 0; i < desk->record_count; i++) {
        struct desk_record *record = &desk->records[i];

        free((void *)(uintptr_t)record->key.data);
        free((void *)(uintptr_t)record->value.data);
        for (uint32_t j = 0; j < record->header_count; j++)
            free((void *)(uintptr_t)record->headers[j].data);
    }
    desk->record_count = 0;
}

static inline void desk_close(struct desk *desk)
{
    (void)close(desk->fd);
    server_stop(desk->server);
    while (desk->flight_count > 0)
        desk_land(desk, STATUS_OK);
    assert_int_equal(pthread_join(desk->thread, NULL), 0);
    server_destroy(desk->server);
    collect_destroy(desk->collect);
    (void)pthread_mutex_destroy(&desk->lock);
    desk_forget_records(desk);
    buffer_deinit(&desk->in);
    buffer_deinit(&desk->answer);
    arena_deinit(&desk->arena);
}

static inline int desk_answer(struct desk *desk)
{
    return client_answer(desk->fd, &desk->in, false, &desk->answer);
}

static inline void desk_post(struct desk *desk, const char *path, const char *headers,
                             struct slice body)
{
    char head[2000];

    (void)snprintf(head, sizeof(head),
                   "POST %s HTTP/1.1\r\nHost: c.example\r\nOrigin: https://shop.example\r\n"
                   "%sContent-Length: %zu\r\n\r\n",
                   path, headers, body.len);
    client_say(desk->fd, head);
    client_send(desk->fd, body);
}

/* How many records of the topic were submitted so far. */
static inline uint32_t desk_count(struct desk *desk, uint32_t topic_id)
{
    uint32_t count = 0;

    (void)pthread_mutex_lock(&desk->lock);
    for (uint32_t i = 0; i < desk->record_count; i++)
        count += desk->records[i].topic_id == topic_id;
    (void)pthread_mutex_unlock(&desk->lock);
    return count;
}

static inline void desk_wait_flights(struct desk *desk, uint32_t count)
{
    for (int waited = 0; waited < CLIENT_WAIT_MS; waited++) {
        (void)pthread_mutex_lock(&desk->lock);
        bool enough = desk->flight_count >= count;
        (void)pthread_mutex_unlock(&desk->lock);
        if (enough) return;
        (void)usleep(1000);
    }
    fail_msg("no flight took off");
}

/* --- reading JSON in tests ---------------------------------------------------------------------- */

static inline struct document desk_json(struct arena *arena, struct slice text)
{
    struct document document;
    struct json_error error;

    if (json_parse(text, &json_limits_default, arena, &document, &error) != STATUS_OK)
        fail_msg("not JSON (%s at %zu): %.*s", error.message, error.at, (int)text.len, text.data);
    return document;
}

/* Node below `object`; 0: absent. */
static inline uint32_t desk_member(const struct document *document, uint32_t object,
                                   const char *name)
{
    if (document->nodes[object].kind != DOCUMENT_OBJECT) return 0;
    return document_member(document, object, slice_of(name));
}

/* Decoded text of a member; data NULL: absent or no text. */
static inline struct slice desk_text(const struct document *document, uint32_t object,
                                     const char *name, struct arena *arena)
{
    uint32_t node = desk_member(document, object, name);
    struct slice text = {0};

    if (node == 0 || (document->nodes[node].kind != DOCUMENT_STRING &&
                      document->nodes[node].kind != DOCUMENT_ESCAPED_STRING))
        return text;
    assert_ok(document_string(document, node, arena, &text));
    if (text.data == NULL) text.data = (const uint8_t *)"";
    return text;
}

static inline int64_t desk_number(const struct document *document, uint32_t object,
                                  const char *name, int64_t otherwise)
{
    uint32_t node = desk_member(document, object, name);
    int64_t value = otherwise;

    if (node != 0 && document->nodes[node].kind == DOCUMENT_NUMBER)
        assert_ok(slice_to_i64(document_text(document, node), &value));
    return value;
}

/* The value of a header in an answer; data NULL: absent. */
static inline struct slice desk_header(const struct buffer *answer, const char *name)
{
    char pattern[200];
    const char *end = client_find(answer, 0, "\r\n\r\n");

    (void)snprintf(pattern, sizeof(pattern), "\r\n%s: ", name);
    const char *at = client_find(answer, 0, pattern);
    if (at == NULL || at > end) return (struct slice){0};
    at += strlen(pattern);
    const char *stop = memmem(at, (size_t)(end - at) + 2, "\r\n", 2);
    return (struct slice){(const uint8_t *)at, (size_t)(stop - at)};
}

static inline struct slice desk_body(const struct buffer *answer)
{
    const char *end = client_find(answer, 0, "\r\n\r\n");
    size_t from = (size_t)((const uint8_t *)end - answer->data) + 4;

    return (struct slice){answer->data + from, answer->len - from};
}
