/* api.h - the operator's side: page of the running scenarios, metrics, health, administration.
 *
 *   GET  /                              the page (read-only)
 *   GET  /api/scenarios                 names and totals
 *   GET  /api/scenarios/<name>          graph, counters per node, last records and errors
 *   GET  /metrics /health /ready        Prometheus text; alive; able to do its work
 *   GET  /api/deadletters               calls that could not be delivered
 *   POST /api/deadletters/<id>/replay   send one again
 *   POST /api/models/<name>/<version>/stop|start
 *
 * Loopback by default. With a token every request but /health and the page's own files needs
 * `Authorization: Bearer` (the page asks for it and keeps it for the browser's session); without one the Host must be a loopback name (no DNS rebinding) and a POST must be application/json (no
 * cross-site form). Content comes from the host's callbacks, so that stages do not know each other.
 */
#pragma once
#include "sys/server.h"

enum { API_BODY_BYTES_MAX = 16 << 20 };

struct api_host {
    void *context;
    void (*scenarios)(void *context, struct buffer *json);
    enum status (*scenario)(void *context, struct slice name, struct buffer *json); /* NOT_FOUND */
    void (*metrics)(void *context, struct buffer *text);
    bool (*ready)(void *context, struct buffer *reason);
    enum status (*dead_letters)(void *context, struct buffer *json);
    enum status (*dead_letter_replay)(void *context, struct slice id);
    enum status (*model_switch)(void *context, struct slice model,
                                bool active); /* "name/version" */
};

struct api;

/* in       token: empty for none; must outlive the api */
enum status api_create(const struct api_host *host, struct slice token, struct api **api) MUST_USE;
void api_destroy(struct api *self);

/* The listener's handler; context is the api. Runs on the server's loop. */
void api_handle(void *context, struct exchange *exchange, const struct http_request *request);

/* Makes an asset of the page findable: made at build time from src/api/page/. */
struct api_asset {
    const char *path;
    const char *content_type;
    const uint8_t *data;
    size_t len;
};
extern const struct api_asset api_assets[]; /* ends with path NULL */
