/* recommendations_room.h - between recommendations.c and streams.c; all on the server's loop but for the changes. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "api/recommendations.h"

enum { STREAM_BUCKETS = 4096, CHANGES_MAX = 1024 };

struct query {
    uint32_t limit;
    struct slice excludes[LADDER_EXCLUDES_MAX];
    uint32_t exclude_count;
};

struct stream {
    struct recommendations *owner;
    struct exchange *exchange;
    struct stream *next;
    struct stream **link; /* what points at this one */
    char token[RECOMMENDATION_TOKEN_BYTES];
    struct query query; /* its texts lie behind */
    uint8_t texts[];
};

struct recommendations {
    struct server *server;
    struct recommendation_options options;
    uint32_t *cold; /* products without clicks */
    uint32_t cold_count;
    _Atomic uint64_t lists[RUNG_COUNT];
    struct arena arena; /* `call` */
    struct buffer json;
    struct buffer text;
    struct stream *buckets[STREAM_BUCKETS];
    _Atomic uint32_t stream_count;
    _Atomic uint64_t reads;
    /* Changes told by other threads, until the loop takes them. */
    pthread_mutex_t changes_lock;
    char changes[CHANGES_MAX][RECOMMENDATION_TOKEN_BYTES];
    uint32_t change_count;
    bool changes_posted;
    bool changes_overflowed; /* more than fit: every stream is refreshed */
};

/* The answer's body for a token, into self->json. Uses self->arena, which the caller has reset. */
enum status recommendations_make_list(struct recommendations *self, struct slice token,
                                      const struct query *query);
void recommendations_respond_error(struct exchange *exchange, uint16_t status, const char *error);

/* streams.c: answers with a stream of events, the list as it is now the first. */
void recommendations_stream_open(struct recommendations *self, struct exchange *exchange,
                                 struct slice token, const struct query *query);
