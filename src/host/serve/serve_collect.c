/* serve_collect.c - the front door: collect's options from the configuration, its rounds to the log, and
 * what it must remember of the log. */
#include <stdlib.h>

#include "host/serve/outputs.h"
#include "host/serve/serve.h"
#include "sys/clock.h"

struct round_done {
    void (*done)(void *context, enum status status);
    void *context;
};

static void round_committed(void *context, enum status status, uint64_t first_offset, uint64_t lsn)
{
    struct round_done *round = context;

    (void)first_offset;
    (void)lsn;
    round->done(round->context, status);
    free(round);
}

static enum status submit_round(void *context, const struct collect_part *parts,
                                uint32_t part_count,
                                void (*done)(void *context, enum status status), void *done_context)
{
    struct serve *serve = context;
    struct log_part log_parts[OUTPUTS_PARTS_MAX];
    struct round_done *round = malloc(sizeof(*round));
    struct log_append append = {
        .parts = log_parts, .part_count = part_count, .done = round_committed, .context = round};

    if (round == NULL || part_count > OUTPUTS_PARTS_MAX) {
        free(round);
        return STATUS_AGAIN;
    }
    *round = (struct round_done){done, done_context};
    for (uint32_t i = 0; i < part_count; i++)
        log_parts[i] = (struct log_part){parts[i].topic_id, parts[i].batch};
    enum status status = log_submit(serve->log, &append);
    if (status != STATUS_OK) free(round);
    if (status == STATUS_IO) serve_fail(serve, "the log cannot be written");
    return status;
}

static int64_t wall_now(void *context)
{
    (void)context;
    return clock_wall_ms();
}

static bool is_errors_of(const struct config_scenario *scenario, const char *name)
{
    size_t len = strlen(scenario->name);

    if (scenario->error_topic[0] != '\0' && strcmp(scenario->error_topic, name) == 0) return true;
    if (strncmp(name, scenario->name, len) != 0) return false;
    return strcmp(name + len, ".errors") == 0 || strcmp(name + len, ".debug") == 0;
}

static bool is_sink_of(const struct plan *plan, const char *name)
{
    for (uint32_t i = 0; i < plan->node_count; i++) {
        if (plan->nodes[i].kind == PLAN_SINK &&
            slice_equal(plan->nodes[i].topic.name, slice_of(name)))
            return true;
    }
    return false;
}

/* What writes to the topic, if it is one of ours; NULL: senders may. */
static const char *written_by_us(const struct serve *serve, const char *name)
{
    const struct config *config = &serve->installation.config;

    if (strcmp(config->collect.bad_topic, name) == 0) return "refused items go there";
    for (uint32_t i = 0; i < serve->shard_count; i++) {
        if (is_errors_of(&config->scenarios[i], name)) return "a scenario's errors go there";
        if (is_sink_of(shard_plan(serve->shards[i]), name)) return "a scenario's sink writes to it";
    }
    return NULL;
}

static enum status refuse_topic(const struct serve *serve, const struct config_topic *topic,
                                const char *whose, struct buffer *message)
{
    buffer_append_text(message, serve->installation.config.path);
    buffer_append_text(message, ": topics.");
    buffer_append_text(message, topic->name);
    buffer_append_text(message, ": no `http: true` here, ");
    buffer_append_text(message, whose);
    return STATUS_INVALID;
}

static enum status collect_topics(struct serve *serve, struct collect_options *options,
                                  struct buffer *message)
{
    struct config *config = &serve->installation.config;
    struct collect_topic *topics =
        arena_zalloc(&serve->arena, config->topic_count, sizeof(*topics));
    uint32_t count = 0;

    if (topics == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < config->topic_count; i++) {
        const struct config_topic *topic = &config->topics[i];
        struct topic_info info;

        if (!topic->http) continue;
        const char *whose = written_by_us(serve, topic->name);
        if (whose != NULL) return refuse_topic(serve, topic, whose, message);
        enum status status = log_topic_find(serve->log, slice_of(topic->name), &info);
        if (status != STATUS_OK) return status;
        topics[count] = (struct collect_topic){
            .name = slice_of(topic->name), .topic_id = info.id, .plain = topic->schema[0] != '\0'};
        if (topic->user[0] != '\0') {
            topics[count].basic_user = slice_of(topic->user);
            status = config_secret(config, topic->password, &topics[count].basic_password, message);
            if (status != STATUS_OK) return status;
        }
        count++;
    }
    options->topics = topics;
    options->topic_count = count;
    return STATUS_OK;
}

static enum status collect_paths(struct serve *serve, struct collect_options *options)
{
    const struct config_pairs *pairs = &serve->installation.config.collect.paths;
    struct collect_path *paths = arena_zalloc(&serve->arena, pairs->count, sizeof(*paths));

    if (paths == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < pairs->count; i++) {
        paths[i] =
            (struct collect_path){slice_of(pairs->items[i].name), slice_of(pairs->items[i].value)};
    }
    options->paths = paths;
    options->path_count = pairs->count;
    return STATUS_OK;
}

static void front_door_other(void *context, struct exchange *exchange,
                             const struct http_request *request)
{
    struct serve *serve = context;
    struct http_response response = {.status = 404, .body = SLICE("not found")};

    if (recommendations_handle(serve->recommendations, exchange, request)) return;
    http_response_add(&response, "Content-Type", SLICE("text/plain"));
    http_response_add(&response, "Access-Control-Allow-Origin", SLICE("*"));
    exchange_respond(exchange, &response);
}

static enum status make_collect(struct serve *serve, struct buffer *message)
{
    const struct config_collect *config = &serve->installation.config.collect;
    struct collect_options options = collect_options_default;
    struct collect_host host = {.context = serve, .now_ms = wall_now, .submit = submit_round};

    options.body_bytes_max = (uint32_t)config->body_bytes_max;
    options.payload_bytes_max = (uint32_t)config->payload_bytes_max;
    options.cookie_enabled = config->cookie_enabled;
    options.cookie_name = slice_of(config->cookie_name);
    options.cookie_days = (uint32_t)config->cookie_days;
    options.cookie_domain = slice_of(config->cookie_domain);
    options.cookie_secure = config->cookie_secure;
    options.event_ids_max = (uint32_t)config->event_ids_max;
    options.pending_max = (uint32_t)config->pending_max;
    options.trust_forwarded_for = config->trust_forwarded_for;
    options.store_headers = config->store_headers;
    options.prove_no_event_id_check = serve->installation.config.prove.no_event_id_check;
    enum status status = serve_declare(serve, config->topic, &options.topic_id);
    if (status == STATUS_OK)
        status = serve_declare(serve, config->bad_topic, &options.bad_topic_id);
    if (status == STATUS_OK) status = collect_topics(serve, &options, message);
    if (status == STATUS_OK) status = collect_paths(serve, &options);
    serve->collect_topic_id = options.topic_id;
    if (status == STATUS_OK)
        status = collect_create(serve->server, &options, &host, &serve->collect);
    if (status == STATUS_OK) collect_set_fallback(serve->collect, front_door_other, serve);
    return status;
}

static enum status remember_record(void *context, const struct record *record)
{
    for (uint32_t i = 0; i < record->header_count; i++) {
        if (!slice_equal(record->headers[i].name, SLICE(RECORD_HEADER_EVENT_ID))) continue;
        collect_remember(context, record->headers[i].value);
    }
    return STATUS_OK;
}

/* Event ids of the log's tail, so that a retry over a restart is recognised. */
static enum status remember_event_ids(struct serve *serve)
{
    const struct config_collect *config = &serve->installation.config.collect;
    struct topic_info info;
    uint64_t keep = (uint64_t)config->event_ids_max;
    enum status status = log_topic_find(serve->log, slice_of(config->topic), &info);

    if (status != STATUS_OK) return status;
    uint64_t from = info.next_offset > keep ? info.next_offset - keep : 0;
    return log_topic_each(serve->log, serve->collect_topic_id,
                          from < info.first_offset ? info.first_offset : from, serve->collect,
                          remember_record);
}

enum status serve_open_collect(struct serve *serve, struct buffer *message)
{
    enum status status = make_collect(serve, message);

    return status == STATUS_OK ? remember_event_ids(serve) : status;
}
