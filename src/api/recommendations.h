/* recommendations.h - what a page reads: GET /v1/recommendations/{token} and the same as events.
 *
 *   200  {"source":"model"|"fallback","model":"name/version","asOf":{"eid","offset","time"},
 *         "items":[{"id","handle","title","url","image","price","score"}]}
 *        ?limit=1..50   ?exclude=HANDLE (repeatable)   ETag and If-None-Match
 *   /v1/recommendations/{token}/events: the same object as server-sent events, at once and at every
 *        change of that visitor's list
 *
 * Any origin may read (the token is the key); nothing here sets or reads a cookie.
 */
#pragma once
#include "api/catalogue.h"
#include "codec/candidates.h"
#include "sys/server.h"

enum {
    RECOMMENDATION_TOKEN_BYTES = 22,
    RECOMMENDATION_EXCLUDES_MAX = 10,
    RECOMMENDATION_STREAMS_MAX = 10000
};

/* What is known for a token, before the catalogue has filtered it. */
struct recommendation_list {
    bool from_model;
    struct slice model;
    struct slice event_id;
    uint64_t offset;
    int64_t time_ms;
    struct candidate candidates[CANDIDATES_MAX];
    uint32_t count;
};

/* Fills the list for a token: the model's, or what is popular. Slices live in the arena. */
typedef enum status (*recommendation_source)(void *context, struct slice token, struct arena *arena,
                                             struct recommendation_list *list);

struct recommendations;

enum status recommendations_create(struct server *server, const struct catalogue *catalogue,
                                   uint32_t items_max, recommendation_source source, void *context,
                                   struct recommendations **recommendations) MUST_USE;
void recommendations_destroy(struct recommendations *self);

/* Answers if the path is one of its; false: not mine. Runs on the server's loop. */
bool recommendations_handle(struct recommendations *recommendations, struct exchange *exchange,
                            const struct http_request *request);

/* A visitor's list has changed; from any thread. Streams of that token get the new list. */
void recommendations_changed(struct recommendations *self, const char *token);

uint64_t recommendations_reads(const struct recommendations *self);
uint32_t recommendations_streams(const struct recommendations *self);
