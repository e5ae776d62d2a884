/* recommendations.h - what a page reads: GET /v1/recommendations/{token} and the same as events.
 *
 *   200  {"source":"model"|"item-item"|"category"|"popular"|"catalogue",
 *         "model":"name/version","asOf":{"eid","offset","time"},
 *         "items":[{"id","handle","title","url","image","price","score","because","source"}]}
 *        source is where the first item comes from (ladder.h); an item from elsewhere says so itself
 *        because: the handle of the visitor's click that weighed most in a model's item
 *        ?limit=1..50   ?exclude=HANDLE (repeatable)   ETag and If-None-Match
 *   /v1/recommendations/{token}/events: the same object as server-sent events, at once and at every
 *        change of that visitor's list
 *
 * Any origin may read (the token is the key); nothing here sets or reads a cookie.
 */
#pragma once
#include "api/ladder.h"
#include "sys/server.h"

enum { RECOMMENDATION_TOKEN_BYTES = 22, RECOMMENDATION_STREAMS_MAX = 10000 };

struct recommendation_options {
    const struct catalogue *catalogue; /* NULL: ids only */
    uint32_t items_max;
    struct ladder_settings ladder;
    void *context; /* of the three */
    /* Fills in what is known for a token, but catalogue and category. Slices live in the arena. */
    enum status (*visitor)(void *context, struct slice token, struct arena *arena,
                           struct visitor *visitor);
    ladder_source source;
    bool (*is_cold)(void *context, const struct product *product); /* NULL: nobody knows */
};

struct recommendations;

enum status recommendations_create(struct server *server,
                                   const struct recommendation_options *options,
                                   struct recommendations **recommendations) MUST_USE;
void recommendations_destroy(struct recommendations *self);

/* Answers if the path is one of its; false: not mine. Runs on the server's loop. */
bool recommendations_handle(struct recommendations *recommendations, struct exchange *exchange,
                            const struct http_request *request);

/* A visitor's list has changed; from any thread. Streams of that token get the new list. */
void recommendations_changed(struct recommendations *self, const char *token);

uint64_t recommendations_reads(const struct recommendations *self);
uint32_t recommendations_streams(const struct recommendations *self);
/* Answers whose first item came from a rung. */
uint64_t recommendations_lists(const struct recommendations *self, enum rung rung);

/* Another catalogue from now on; the one before may then be closed. Runs on the server's loop. */
void recommendations_set_catalogue(struct recommendations *self, const struct catalogue *catalogue);
