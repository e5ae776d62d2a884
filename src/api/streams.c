/* streams.c - open event streams by token: begun, told what changed, gone. */
#include <stdlib.h>

#include "api/recommendations_room.h"
#include "base/hash.h"

static struct stream **bucket_of(struct recommendations *self, const char *token)
{
    struct slice bytes = {(const uint8_t *)token, RECOMMENDATION_TOKEN_BYTES};

    return &self->buckets[hash_bytes(bytes, 0) % STREAM_BUCKETS];
}

static void stream_remove(struct stream *stream)
{
    *stream->link = stream->next;
    if (stream->next != NULL) stream->next->link = stream->link;
    atomic_fetch_sub(&stream->owner->stream_count, 1);
    free(stream);
}

static void stream_gone(void *context)
{
    stream_remove(context);
}

static void stream_send(struct stream *stream)
{
    struct recommendations *self = stream->owner;
    struct slice token = {(const uint8_t *)stream->token, RECOMMENDATION_TOKEN_BYTES};

    arena_reset(&self->arena);
    if (recommendations_make_list(self, token, &stream->query) != STATUS_OK) return;
    buffer_clear(&self->text);
    buffer_append_text(&self->text, "event: recommendations\ndata: ");
    buffer_append(&self->text, buffer_slice(&self->json));
    buffer_append_text(&self->text, "\n\n");
    if (self->text.failed) return;
    if (exchange_stream_write(stream->exchange, buffer_slice(&self->text)) != STATUS_OK) {
        return; /* too far behind: the server closes it and calls stream_gone */
    }
}

/* A stream with the query's excludes behind it; NULL when too many are open. */
static struct stream *stream_create(struct recommendations *self, const struct query *query)
{
    size_t bytes = 0;

    if (atomic_load(&self->stream_count) >= RECOMMENDATION_STREAMS_MAX) return NULL;
    for (uint32_t i = 0; i < query->exclude_count; i++)
        bytes += query->excludes[i].len;
    struct stream *stream = calloc(1, sizeof(*stream) + bytes);
    if (stream == NULL) return NULL;
    uint8_t *text = stream->texts;
    stream->owner = self;
    stream->query = *query;
    for (uint32_t i = 0; i < query->exclude_count; i++) {
        struct slice *exclude = &stream->query.excludes[i];

        if (exclude->len > 0) memcpy(text, exclude->data, exclude->len);
        exclude->data = text;
        text += exclude->len;
    }
    return stream;
}

void recommendations_stream_open(struct recommendations *self, struct exchange *exchange,
                                 struct slice token, const struct query *query)
{
    struct http_response head = {.status = 200};
    struct stream *stream = stream_create(self, query);

    if (stream == NULL) {
        recommendations_respond_error(
            exchange, 503, "{\"error\":\"too many event streams are open; poll instead\"}");
        return;
    }
    stream->exchange = exchange;
    memcpy(stream->token, token.data, sizeof(stream->token));
    stream->link = bucket_of(self, stream->token);
    stream->next = *stream->link;
    if (stream->next != NULL) stream->next->link = &stream->next;
    *stream->link = stream;
    atomic_fetch_add(&self->stream_count, 1);
    http_response_add(&head, "Content-Type", SLICE("text/event-stream"));
    http_response_add(&head, "Cache-Control", SLICE("no-cache"));
    http_response_add(&head, "Access-Control-Allow-Origin", SLICE("*"));
    exchange_stream_begin(exchange, &head, stream_gone, stream);
    stream_send(stream);
}

static void refresh_bucket(struct stream *stream, const char *token)
{
    while (stream != NULL) {
        struct stream *next = stream->next; /* sending may end this one */

        if (token == NULL || memcmp(stream->token, token, RECOMMENDATION_TOKEN_BYTES) == 0) {
            stream_send(stream);
        }
        stream = next;
    }
}

/* Runs on the loop: takes the changes told since the last time. */
static void take_changes(void *context)
{
    struct recommendations *self = context;
    char taken[CHANGES_MAX][RECOMMENDATION_TOKEN_BYTES];

    (void)pthread_mutex_lock(&self->changes_lock);
    uint32_t count = self->change_count;
    bool all = self->changes_overflowed;
    memcpy(taken, self->changes, sizeof(taken[0]) * count);
    self->change_count = 0;
    self->changes_posted = false;
    self->changes_overflowed = false;
    (void)pthread_mutex_unlock(&self->changes_lock);
    for (uint32_t i = 0; i < STREAM_BUCKETS && all; i++)
        refresh_bucket(self->buckets[i], NULL);
    for (uint32_t i = 0; i < count && !all; i++)
        refresh_bucket(*bucket_of(self, taken[i]), taken[i]);
}

void recommendations_changed(struct recommendations *self, const char *token)
{
    if (atomic_load(&self->stream_count) == 0) return;
    (void)pthread_mutex_lock(&self->changes_lock);
    if (self->change_count < CHANGES_MAX) {
        memcpy(self->changes[self->change_count++], token, RECOMMENDATION_TOKEN_BYTES);
    } else {
        self->changes_overflowed = true;
    }
    bool post = !self->changes_posted;
    if (post) self->changes_posted = server_post(self->server, take_changes, self) == STATUS_OK;
    (void)pthread_mutex_unlock(&self->changes_lock);
}
