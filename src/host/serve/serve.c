/* serve.c - opens the stages in the order of an event's journey, closes them backwards. */
#include "host/serve/serve.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/serve/outputs.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { SERVE_ARENA_BYTES = 64 << 20 };

/* --- storage ------------------------------------------------------------------------------------------- */

enum status serve_declare(struct serve *serve, const char *name, uint32_t *topic_id)
{
    const struct config_topic *config =
        config_topic_find(&serve->installation.config, slice_of(name));
    struct topic_options options = {INT64_C(7) * 86400000, INT64_C(8) << 30};

    if (config != NULL)
        options = (struct topic_options){config->retention_ms, config->retention_bytes};
    return log_topic_declare(serve->log, slice_of(name), &options, topic_id);
}

static enum status open_storage(struct serve *serve, const char *directory, struct buffer *message)
{
    const struct config *config = &serve->installation.config;
    struct log_options options = log_options_default;
    enum status status = file_make_directory(directory, FILE_DIRECTORY_PRIVATE);

    if (status != STATUS_OK) {
        buffer_append_text(message, directory);
        buffer_append_text(message, ": the data directory cannot be made: ");
        buffer_append_text(message, file_make_trouble(status));
        return status;
    }
    options.map_bytes = (uint64_t)config->log.map_bytes;
    options.queue_bytes_max = (uint32_t)config->log.queue_bytes_max;
    options.tail_bytes_max = (uint32_t)config->log.tail_bytes_max;
    options.prove_ack_before_sync = config->prove.ack_before_sync;
    status = log_open(directory, &options, &serve->log, message);
    if (status == STATUS_OK) {
        status = state_open(directory, (uint64_t)config->state.map_bytes, &serve->state, message);
    }
    if (status == STATUS_OK) status = serve_declare(serve, "_control", &serve->control_topic_id);
    for (uint32_t i = 0; i < config->topic_count && status == STATUS_OK; i++) {
        uint32_t topic_id;

        status = serve_declare(serve, config->topics[i].name, &topic_id);
    }
    return status;
}

static enum status open_results(struct serve *serve, struct buffer *message)
{
    const struct config_results *config = &serve->installation.config.results;
    struct results_options options = {
        .visitors_max = (uint32_t)config->visitors_max,
        .popular_items_max = (uint32_t)config->popular_items_max,
        .popular_half_life_ms = config->popular_half_life_ms,
    };
    enum status status = results_create(&options, &serve->results);

    if (status == STATUS_OK) status = results_restore(serve->results, serve->state);
    return status == STATUS_OK ? serve_open_catalogue(serve, message) : status;
}

/* --- deliver ----------------------------------------------------------------------------------------------- */

static struct shard *shard_find(struct serve *serve, struct slice name)
{
    for (uint32_t i = 0; i < serve->shard_count; i++) {
        if (slice_equal(slice_of(shard_name(serve->shards[i])), name)) return serve->shards[i];
    }
    return NULL;
}

void serve_fail(void *context, const char *what)
{
    struct serve *serve = context;

    (void)fprintf(stderr, "headrace: %s; stopping, a restart recovers from disk\n", what);
    atomic_store(&serve->failed, true);
    server_stop(serve->server);
}

static void call_replied(void *context, const struct deliver_call *call, enum status status,
                         struct slice payload)
{
    struct serve *serve = context;
    struct shard *shard = shard_find(serve, call->scenario);

    if (shard == NULL) { /* a scenario that is no longer configured: nobody waits for the reply */
        status = deliver_acknowledge(serve->deliver, &call->identity, call->scenario);
    } else {
        status = shard_reply(shard, call, status, payload);
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        serve_fail(serve, "a reply cannot be stored");
}

static enum status make_endpoint(struct serve *serve, const struct config_http *config,
                                 struct deliver_endpoint *endpoint, struct buffer *message)
{
    uint32_t count = config->secret_headers.count;
    struct deliver_secret *secrets = arena_zalloc(&serve->arena, count, sizeof(*secrets));

    if (secrets == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        secrets[i].header = slice_of(config->secret_headers.items[i].name);
        enum status status =
            config_secret(&serve->installation.config, config->secret_headers.items[i].value,
                          &secrets[i].value, message);
        if (status != STATUS_OK) return status;
    }
    *endpoint = (struct deliver_endpoint){
        .match = slice_of(config->match),
        .url = slice_of(config->url),
        .allow_private = config->allow_private,
        .ca_file = slice_of(config->ca_file),
        .secrets = secrets,
        .secret_count = count,
        .shopify = config->shopify,
    };
    return STATUS_OK;
}

static enum status open_deliver(struct serve *serve, struct buffer *message)
{
    const struct config *config = &serve->installation.config;
    struct deliver_endpoint *endpoints =
        arena_zalloc(&serve->arena, config->http_count, sizeof(*endpoints));
    struct deliver_options options = {
        .outbox_calls_max = (uint32_t)config->deliver.outbox_calls_max,
        .connections_max = (uint32_t)config->deliver.connections_max,
        .timeout_ms = (uint32_t)config->deliver.timeout_ms,
        .attempts_max = (uint32_t)config->deliver.attempts_max,
        .backoff_first_ms = (uint32_t)config->deliver.backoff_first_ms,
        .backoff_max_ms = (uint32_t)config->deliver.backoff_max_ms,
        .response_bytes_max = (uint32_t)config->deliver.response_bytes_max,
        .throttles_max = (uint32_t)config->deliver.throttles_max,
        .breaker_failures_max = (uint32_t)config->deliver.breaker_failures_max,
        .breaker_rest_ms = (uint32_t)config->deliver.breaker_rest_ms,
    };

    if (endpoints == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < config->http_count; i++) {
        enum status status = make_endpoint(serve, &config->http[i], &endpoints[i], message);
        if (status != STATUS_OK) return status;
    }
    return deliver_create(&options, endpoints, config->http_count, serve->state, call_replied,
                          serve, &serve->deliver, message);
}

/* --- scenarios --------------------------------------------------------------------------------------------- */

static enum status open_shards(struct serve *serve, struct buffer *message)
{
    const struct config *config = &serve->installation.config;
    struct shard_world world = {
        .installation = &serve->installation,
        .log = serve->log,
        .state = serve->state,
        .results = serve->results,
        .deliver = serve->deliver,
        .control_topic_id = serve->control_topic_id,
        .checkpoint_ms = config->state.checkpoint_ms,
        .prove_output_before_commit = config->prove.output_before_commit,
        .fatal = serve_fail,
        .fatal_context = serve,
    };

    if (config->scenario_count > SERVE_SHARDS_MAX) {
        buffer_append_text(message, "more scenarios than one process runs (64)");
        return STATUS_LIMIT;
    }
    for (uint32_t i = 0; i < config->scenario_count; i++) {
        enum status status =
            shard_create(&world, &config->scenarios[i], &serve->shards[i], message);

        if (status != STATUS_OK) return status;
        serve->shard_count++;
    }
    return STATUS_OK;
}

/* A setting for a node that no scenario has is a slip of the pen that nobody would notice. */
static bool has_node(const struct serve *serve, struct slice name)
{
    for (uint32_t i = 0; i < serve->shard_count; i++) {
        const struct plan *plan = shard_plan(serve->shards[i]);

        for (uint32_t k = 0; k < plan->node_count; k++) {
            if (slice_equal(plan->nodes[k].name, name)) return true;
        }
    }
    return false;
}

static enum status judge_nodes(const struct serve *serve, struct buffer *message)
{
    const struct config *config = &serve->installation.config;

    for (uint32_t i = 0; i < config->node_count; i++) {
        if (has_node(serve, slice_of(config->nodes[i].name))) continue;
        buffer_append_text(message, config->path);
        buffer_append_text(message, ": nodes: no scenario here runs a node named \"");
        buffer_append_text(message, config->nodes[i].name);
        buffer_append_text(message, "\"");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* --- doors ----------------------------------------------------------------------------------------------------- */

static enum status open_server(struct serve *serve)
{
    const struct config_collect *config = &serve->installation.config.collect;
    struct server_options options = server_options_default;

    options.connections_max = (uint32_t)config->connections_max;
    options.body_bytes_max = (uint32_t)config->body_bytes_max;
    options.header_timeout_ms = (uint32_t)config->header_timeout_ms;
    options.body_timeout_ms = (uint32_t)config->body_timeout_ms;
    options.idle_timeout_ms = (uint32_t)config->idle_timeout_ms;
    options.write_timeout_ms = (uint32_t)config->write_timeout_ms;
    return server_create(&options, &serve->server);
}

static bool address_is_loopback(const char *address)
{
    struct slice text = slice_of(address);

    return slice_starts_with(text, SLICE("127.")) || slice_starts_with(text, SLICE("[::1]")) ||
           slice_starts_with(text, SLICE("localhost:"));
}

static enum status open_api(struct serve *serve, struct buffer *message)
{
    struct config *config = &serve->installation.config;
    struct api_host host;
    struct slice token = {0};

    if (config->api.token[0] != '\0') {
        enum status status = config_secret(config, config->api.token, &token, message);
        if (status != STATUS_OK) return status;
    } else if (!address_is_loopback(config->api.listen)) {
        buffer_append_text(message, config->path);
        buffer_append_text(
            message,
            ": api.listen is not a loopback address: set api.token to the name of a secret");
        return STATUS_INVALID;
    }
    serve_api_host(serve, &host);
    return api_create(&host, token, &serve->api);
}

static void results_changed(void *context, const char *token)
{
    struct serve *serve = context;

    recommendations_changed(serve->recommendations, token);
}

static enum status open_doors(struct serve *serve, struct buffer *message)
{
    const struct config *config = &serve->installation.config;
    struct server_listener collect = {config->collect.listen, collect_handle, collect_refuse, NULL};
    struct server_listener api = {config->api.listen, api_handle, NULL, NULL};
    enum status status = serve_open_collect(serve, message);

    if (status == STATUS_OK) status = serve_open_lists(serve, message);
    if (status == STATUS_OK) results_on_put(serve->results, results_changed, serve);
    if (status == STATUS_OK) status = open_api(serve, message);
    collect.context = serve->collect;
    api.context = serve->api;
    if (status == STATUS_OK) status = server_listen(serve->server, &collect, message);
    if (status == STATUS_OK) status = server_listen(serve->server, &api, message);
    return status;
}

/* --- whole ------------------------------------------------------------------------------------------------------ */

static void tell_missing(const struct serve *serve)
{
    const struct installation_model *model;
    uint32_t from = 0;

    while ((model = installation_missing(&serve->installation, &from)) != NULL) {
        (void)fprintf(stderr,
                      "headrace: the model %s is not available: %.*s; its calls fail and pages are "
                      "filled without it, until that is mended and the server started again\n",
                      model->config->name, (int)model->trouble.len,
                      (const char *)model->trouble.data);
    }
}

enum status serve_open(const char *config_path, const char *directory, struct serve *serve,
                       struct buffer *message)
{
    *serve = (struct serve){0};
    arena_init(&serve->arena, SERVE_ARENA_BYTES);
    enum status status = installation_open_any(config_path, &serve->installation, message);

    if (status != STATUS_OK) {
        arena_deinit(&serve->arena);
        return status;
    }
    tell_missing(serve);
    status = open_server(serve);
    if (status == STATUS_OK) status = open_storage(serve, directory, message);
    if (status == STATUS_OK) status = open_results(serve, message);
    if (status == STATUS_OK) status = open_deliver(serve, message);
    if (status == STATUS_OK) status = open_shards(serve, message);
    if (status == STATUS_OK) status = judge_nodes(serve, message);
    if (status == STATUS_OK) status = open_doors(serve, message);
    if (status == STATUS_OK) status = serve_open_bought(serve);
    if (status == STATUS_OK) status = deliver_start(serve->deliver);
    for (uint32_t i = 0; i < serve->shard_count && status == STATUS_OK; i++)
        status = shard_start(serve->shards[i]);
    if (status != STATUS_OK) {
        if (message->len == 0) buffer_append_text(message, status_meaning(status));
        serve_close(serve);
    }
    return status;
}

enum status serve_run(struct serve *serve)
{
    enum status status = server_run(serve->server);

    return atomic_load(&serve->failed) ? STATUS_IO : status;
}

/* Pages are told nothing new, then scenarios stop with a checkpoint, then storage closes. */
void serve_close(struct serve *serve)
{
    if (serve->log != NULL) log_stop_waiting(serve->log);
    if (serve->deliver != NULL) deliver_stop(serve->deliver); /* no reply comes after this */
    for (uint32_t i = 0; i < serve->shard_count; i++)
        shard_destroy(serve->shards[i]);
    if (serve->deliver != NULL) deliver_destroy(serve->deliver);
    serve_close_bought(serve);
    if (serve->log != NULL) log_close(serve->log);
    if (serve->collect != NULL) collect_destroy(serve->collect);
    if (serve->server != NULL) server_destroy(serve->server);
    recommendations_destroy(serve->recommendations);
    api_destroy(serve->api);
    serve_close_catalogue(serve);
    if (serve->results != NULL) results_destroy(serve->results);
    if (serve->state != NULL) state_close(serve->state);
    installation_close(&serve->installation);
    arena_deinit(&serve->arena);
}
