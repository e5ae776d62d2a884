/* serve_catalogue.c - the catalogue follows its file: looked at every second, read beside the loop, taken
 * in its place by the loop. A file that is no good is said once; the catalogue in use stays. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/serve/serve.h"
#include "sys/file.h"

enum { LOOK_MS = 1000, MESSAGE_BYTES_MAX = 64 * 1024 };

struct catalogue_feed {
    struct serve *serve;
    const char *path;
    uint64_t stamp; /* of the file last read */
    pthread_t thread;
    bool reading;
    _Atomic bool done;
    struct catalogue *fresh; /* the thread's, until it is done */
    enum status status;
    struct buffer message;
};

static void *feed_read(void *context)
{
    struct catalogue_feed *feed = context;

    buffer_clear(&feed->message);
    feed->status = catalogue_open(feed->path, &feed->fresh, &feed->message);
    atomic_store(&feed->done, true);
    return NULL;
}

static void feed_start(struct catalogue_feed *feed, uint64_t stamp)
{
    feed->stamp = stamp;
    feed->fresh = NULL;
    atomic_store(&feed->done, false);
    feed->reading = pthread_create(&feed->thread, NULL, feed_read, feed) == 0;
}

static void feed_take(struct catalogue_feed *feed)
{
    struct serve *serve = feed->serve;
    struct catalogue *old = serve->catalogue;

    (void)pthread_join(feed->thread, NULL);
    feed->reading = false;
    if (feed->status != STATUS_OK) {
        (void)fprintf(stderr, "headrace: %.*s; the catalogue read before stays\n",
                      (int)feed->message.len, (const char *)feed->message.data);
        return;
    }
    serve->catalogue = feed->fresh;
    feed->fresh = NULL;
    recommendations_set_catalogue(serve->recommendations, serve->catalogue);
    catalogue_close(old);
}

static void feed_look(void *context)
{
    struct catalogue_feed *feed = context;
    uint64_t stamp;

    if (feed->reading) {
        if (atomic_load(&feed->done)) feed_take(feed);
        return;
    }
    if (file_stamp(feed->path, &stamp) && stamp != feed->stamp) feed_start(feed, stamp);
}

enum status serve_open_catalogue(struct serve *serve, struct buffer *message)
{
    const char *path = serve->installation.config.results.catalogue;
    struct catalogue_feed *feed;

    if (path[0] == '\0') return STATUS_OK;
    feed = calloc(1, sizeof(*feed));
    if (feed == NULL) return STATUS_LIMIT;
    serve->catalogue_feed = feed;
    feed->serve = serve;
    feed->path = path;
    buffer_init(&feed->message, MESSAGE_BYTES_MAX);
    (void)file_stamp(path, &feed->stamp); /* before the reading: a change during it is not missed */
    server_every(serve->server, LOOK_MS, feed_look, feed);
    return catalogue_open(path, &serve->catalogue, message);
}

void serve_close_catalogue(struct serve *serve)
{
    struct catalogue_feed *feed = serve->catalogue_feed;

    if (feed != NULL) {
        if (feed->reading) {
            (void)pthread_join(feed->thread, NULL);
            if (feed->status == STATUS_OK) catalogue_close(feed->fresh);
        }
        buffer_deinit(&feed->message);
        free(feed);
    }
    catalogue_close(serve->catalogue);
}
