/* serve.h - `headrace serve`: everything wired together in one process.
 *
 *   main thread      the server's loop: trackers, pages, operator
 *   committer        the log's
 *   one thread each  scenario (shard), deliver, carts and orders (if they are hidden)
 */
#pragma once
#include <stdatomic.h>

#include "api/api.h"
#include "api/recommendations.h"
#include "collect/collect.h"
#include "host/serve/shard.h"
#include "model/model.h"
#include "store/bought.h"

enum { SERVE_SHARDS_MAX = 64, SERVE_METRICS_BYTES_MAX = 8 << 20 };

struct serve {
    struct installation installation;
    struct log *log;
    struct state *state;
    struct results *results;
    struct deliver *deliver;
    struct catalogue *catalogue;
    struct catalogue_feed *catalogue_feed;
    struct bought_feed *bought_feed; /* NULL: what is bought is shown */
    const struct model *fallback;    /* whose index serves visitors without a list; NULL: none */
    struct server *server;
    struct collect *collect;
    struct recommendations *recommendations;
    struct api *api;
    struct shard *shards[SERVE_SHARDS_MAX];
    uint32_t shard_count;
    uint32_t control_topic_id;
    uint32_t collect_topic_id;
    _Atomic bool failed; /* storage failed: exit code 4 */
    struct arena arena;  /* `process`: what options point to */
};

/* Opens everything in DIR by the configuration and runs until it is stopped.
 * fails    with a message for people */
enum status serve_open(const char *config_path, const char *directory, struct serve *serve,
                       struct buffer *message) MUST_USE;
enum status serve_run(struct serve *serve) MUST_USE;
void serve_close(struct serve *serve);

/* Declares a topic with the options the configuration has for it. */
enum status serve_declare(struct serve *serve, const char *name, uint32_t *topic_id) MUST_USE;
/* Storage is gone: says so and ends the run; any thread. context: the serve. */
void serve_fail(void *context, const char *what);

/* serve_collect.c: the front door; after the scenarios, whose topics it must know. */
enum status serve_open_collect(struct serve *serve, struct buffer *message) MUST_USE;

/* serve_view.c: the operator's callbacks. */
void serve_api_host(struct serve *serve, struct api_host *host);

/* serve_lists.c: what pages are shown. */
enum status serve_open_lists(struct serve *serve, struct buffer *message) MUST_USE;

/* serve_bought.c: carts and orders of the log's, for what is not recommended; after the doors. */
enum status serve_open_bought(struct serve *serve) MUST_USE;
void serve_close_bought(struct serve *serve);

/* Since the start; zeros: what is bought is shown. From any thread. */
struct bought_counters {
    uint64_t lsn; /* noted up to here */
    uint64_t noted[BOUGHT_HOWS];
};
void serve_bought_counters(const struct serve *serve, struct bought_counters *counters);

/* serve_catalogue.c: the products, as their file has them now. */
enum status serve_open_catalogue(struct serve *serve, struct buffer *message) MUST_USE;
void serve_close_catalogue(struct serve *serve);
