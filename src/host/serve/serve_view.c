/* serve_view.c - metrics and the operator's questions, answered from counters and copies. */
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "host/serve/outputs.h"
#include "host/serve/serve.h"
#include "sys/clock.h"

/* One row a metric; the help text is the meaning. */
struct metric {
    const char *name;
    const char *kind;
    const char *meaning;
    uint64_t value;
};

static void write_head(const char *name, const char *kind, const char *meaning, struct buffer *text)
{
    buffer_append_text(text, "# HELP headrace_");
    buffer_append_text(text, name);
    buffer_append_byte(text, ' ');
    buffer_append_text(text, meaning);
    buffer_append_text(text, "\n# TYPE headrace_");
    buffer_append_text(text, name);
    buffer_append_byte(text, ' ');
    buffer_append_text(text, kind);
    buffer_append_byte(text, '\n');
}

static void write_metric(const struct metric *metric, struct buffer *text)
{
    write_head(metric->name, metric->kind, metric->meaning, text);
    buffer_append_text(text, "headrace_");
    buffer_append_text(text, metric->name);
    buffer_append_byte(text, ' ');
    buffer_append_u64(text, metric->value);
    buffer_append_byte(text, '\n');
}

static void write_metrics(const struct metric *metrics, size_t count, struct buffer *text)
{
    for (size_t i = 0; i < count; i++)
        write_metric(&metrics[i], text);
}

/* A metric's part of one label, whose name and quote `start` ends with. */
static void write_part(const char *start, const char *label, uint64_t value, struct buffer *text)
{
    buffer_append_text(text, "headrace_");
    buffer_append_text(text, start);
    buffer_append_text(text, label);
    buffer_append_text(text, "\"} ");
    buffer_append_u64(text, value);
    buffer_append_byte(text, '\n');
}

static void collect_metrics(struct serve *serve, struct buffer *text)
{
    struct collect_counters collect;
    struct server_counters server;

    collect_counters(serve->collect, &collect);
    server_counters(serve->server, &server);
    const struct metric metrics[] = {
        {"collect_requests_total", "counter", "tracker and topic requests", collect.requests},
        {"collect_events_total", "counter", "events accepted", collect.events},
        {"collect_bad_rows_total", "counter", "items refused; the bad topic has the reasons",
         collect.bad_rows},
        {"collect_duplicates_total", "counter", "events seen before by their id",
         collect.duplicates},
        {"collect_overloaded_total", "counter", "requests answered 503", collect.overloaded},
        {"http_connections_open", "gauge", "open connections", server.connections_open},
        {"http_connections_total", "counter", "connections accepted", server.connections_total},
        {"http_requests_total", "counter", "requests read", server.requests},
        {"http_refused_total", "counter", "requests refused before a handler saw them",
         server.refused},
    };
    write_metrics(metrics, COUNT_OF(metrics), text);
}

static void storage_metrics(struct serve *serve, struct buffer *text)
{
    struct log_counters log;

    log_counters(serve->log, &log);
    const struct metric metrics[] = {
        {"log_commits_total", "counter", "commits, each one sync of the disk", log.commits},
        {"log_records_total", "counter", "records made durable", log.records},
        {"log_bytes_total", "counter", "bytes of records made durable", log.bytes},
        {"log_commit_nanoseconds_total", "counter", "time spent committing", log.commit_ns_total},
        {"log_commit_nanoseconds_max", "gauge", "longest commit", log.commit_ns_max},
        {"log_queue_bytes", "gauge", "bytes waiting for the disk", log.queue_bytes},
        {"log_durable_lsn", "gauge", "position up to which the log is durable",
         log_durable_lsn(serve->log)},
    };
    write_metrics(metrics, COUNT_OF(metrics), text);
}

static void outcome_metrics(struct serve *serve, struct buffer *text)
{
    struct deliver_counters deliver;

    deliver_counters(serve->deliver, &deliver);
    const struct metric metrics[] = {
        {"deliver_waiting", "gauge", "calls in the outbox", deliver.waiting},
        {"deliver_sent_total", "counter", "tries", deliver.sent},
        {"deliver_delivered_total", "counter", "calls that succeeded", deliver.delivered},
        {"deliver_retried_total", "counter", "tries that failed and will be repeated",
         deliver.retried},
        {"deliver_throttled_total", "counter", "answers that asked to slow down",
         deliver.throttled},
        {"deliver_dead_total", "counter", "calls given up; see the dead letters", deliver.dead},
        {"results_visitors", "gauge", "visitors with a list", results_count(serve->results)},
        {"recommendation_reads_total", "counter", "lists read by pages",
         recommendations_reads(serve->recommendations)},
        {"recommendation_streams", "gauge", "open event streams",
         recommendations_streams(serve->recommendations)},
    };
    write_metrics(metrics, COUNT_OF(metrics), text);
}

static void model_metrics(struct serve *serve, struct buffer *text)
{
    struct shard_live sum = {0};

    for (uint32_t i = 0; i < serve->shard_count; i++) {
        struct shard_live counts;

        shard_live_counts(serve->shards[i], &counts);
        sum.steps += counts.steps;
        sum.known += counts.known;
    }
    const struct metric metrics[] = {
        {"model_clicks_total", "counter", "clicks that calls of SLi-Rec had before them",
         sum.steps},
        {"model_clicks_known_total", "counter",
         "of these, clicks whose part was kept since the visitor's call before", sum.known},
    };
    write_metrics(metrics, COUNT_OF(metrics), text);
}

/* How often each rung of the ladder gave the first item of a list. */
static void rung_metrics(struct serve *serve, struct buffer *text)
{
    write_head("recommendation_lists_total", "counter",
               "lists made, by the source of their first item", text);
    for (enum rung rung = 0; rung < RUNG_EXPLORE; rung++) {
        write_part("recommendation_lists_total{source=\"", rung_names[rung],
                   recommendations_lists(serve->recommendations, rung), text);
    }
}

/* What is not recommended to whom has it. */
static void bought_metrics(const struct serve *serve, struct buffer *text)
{
    static const char *const names[BOUGHT_HOWS] = {
        [BOUGHT_CART] = "cart", [BOUGHT_ORDER] = "order", [BOUGHT_UNCART] = "uncart"};
    struct bought_counters bought;

    serve_bought_counters(serve, &bought);
    const struct metric metrics[] = {
        {"bought_lsn", "gauge", "position up to which carts and orders of the log are noted",
         bought.lsn},
    };
    write_metrics(metrics, COUNT_OF(metrics), text);
    write_head("bought_noted_total", "counter",
               "items put into carts, ordered and taken out of carts, as noted", text);
    for (int how = 0; how < BOUGHT_HOWS; how++)
        write_part("bought_noted_total{event=\"", names[how], bought.noted[how], text);
}

/* Prometheus label values escape backslash, quote and line feed. */
static void append_label(struct slice value, struct buffer *text)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == '\n') {
            buffer_append_text(text, "\\n");
            continue;
        }
        if (value.data[i] == '"' || value.data[i] == '\\') buffer_append_byte(text, '\\');
        buffer_append_byte(text, value.data[i]);
    }
}

static void available_metrics(const struct serve *serve, struct buffer *text)
{
    const struct installation *installation = &serve->installation;

    write_head("model_available", "gauge", "1: opened at the start; 0: it could not be", text);
    for (uint32_t i = 0; i < installation->model_count; i++) {
        buffer_append_text(text, "headrace_model_available{model=\"");
        append_label(slice_of(installation->models[i].config->name), text);
        buffer_append_text(text, installation->models[i].model != NULL ? "\"} 1\n" : "\"} 0\n");
    }
}

static void node_metric(struct serve *serve, const char *name, const char *meaning, size_t field,
                        struct buffer *text)
{
    write_head(name, "counter", meaning, text);
    for (uint32_t i = 0; i < serve->shard_count; i++) {
        const struct plan *plan = shard_plan(serve->shards[i]);
        struct node_counters counters[PLAN_NODES_MAX] = {{0}};

        (void)shard_counters(serve->shards[i], counters, PLAN_NODES_MAX);
        for (uint32_t k = 0; k < plan->node_count; k++) {
            uint64_t value;

            memcpy(&value, (const uint8_t *)&counters[k] + field, sizeof(value));
            buffer_append_text(text, "headrace_");
            buffer_append_text(text, name);
            buffer_append_text(text, "{scenario=\"");
            append_label(slice_of(shard_name(serve->shards[i])), text);
            buffer_append_text(text, "\",nodeId=\"");
            append_label(plan->nodes[k].id, text);
            buffer_append_text(text, "\"} ");
            buffer_append_u64(text, value);
            buffer_append_byte(text, '\n');
        }
    }
}

static void host_metrics(void *context, struct buffer *text)
{
    struct serve *serve = context;

    collect_metrics(serve, text);
    storage_metrics(serve, text);
    outcome_metrics(serve, text);
    model_metrics(serve, text);
    available_metrics(serve, text);
    rung_metrics(serve, text);
    bought_metrics(serve, text);
    node_metric(serve, "node_events_total", "events that reached a node",
                offsetof(struct node_counters, events), text);
    node_metric(serve, "node_errors_total", "events that failed at a node",
                offsetof(struct node_counters, errors), text);
    node_metric(serve, "node_ended_total", "events whose way ended at a node without an error",
                offsetof(struct node_counters, filtered), text);
}

/* --- scenarios ------------------------------------------------------------------------------------------- */

static void host_scenarios(void *context, struct buffer *json)
{
    struct serve *serve = context;

    buffer_append_byte(json, '[');
    for (uint32_t i = 0; i < serve->shard_count; i++) {
        struct shard_status status;

        shard_status(serve->shards[i], &status);
        buffer_append_text(json, i == 0 ? "{\"name\":" : ",{\"name\":");
        json_write_string(slice_of(shard_name(serve->shards[i])), json);
        buffer_append_text(json, ",\"running\":");
        buffer_append_text(json, status.state == SHARD_RUNNING ? "true" : "false");
        buffer_append_byte(json, '}');
    }
    buffer_append_byte(json, ']');
}

static enum status host_scenario(void *context, struct slice name, struct buffer *json)
{
    struct serve *serve = context;

    for (uint32_t i = 0; i < serve->shard_count; i++) {
        if (!slice_equal(slice_of(shard_name(serve->shards[i])), name)) continue;
        shard_to_json(serve->shards[i], json);
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* A server that is not sent events loses them, so it is ready without a model. */
static void missing_tell(const struct serve *serve, struct buffer *text)
{
    const struct installation_model *model;
    uint32_t from = 0;

    while ((model = installation_missing(&serve->installation, &from)) != NULL) {
        buffer_append_text(text, "\nbut the model ");
        buffer_append_text(text, model->config->name);
        buffer_append_text(text, " is not available: ");
        buffer_append(text, model->trouble);
    }
}

static bool host_ready(void *context, struct buffer *reason)
{
    struct serve *serve = context;

    for (uint32_t i = 0; i < serve->shard_count; i++) {
        struct shard_status status;

        shard_status(serve->shards[i], &status);
        if (status.state == SHARD_RUNNING) continue;
        buffer_append_text(reason, "scenario ");
        buffer_append_text(reason, shard_name(serve->shards[i]));
        buffer_append_text(reason, status.failure != NULL ? " failed: " : " is not up to date yet");
        if (status.failure != NULL) buffer_append_text(reason, status.failure);
        buffer_append_byte(reason, '\n');
    }
    if (reason->len > 0) return false;
    buffer_append_text(reason, "ok");
    missing_tell(serve, reason);
    return true;
}

/* --- administration ---------------------------------------------------------------------------------------- */

static enum status host_dead_letters(void *context, struct buffer *json)
{
    struct serve *serve = context;

    return deliver_dead_letters(serve->deliver, 1000, json);
}

static enum status host_dead_letter_replay(void *context, struct slice id)
{
    struct serve *serve = context;

    return deliver_replay(serve->deliver, id);
}

/* A switch is a record of the control topic: it takes effect at its place in the log, also on replay. */
static enum status host_model_switch(void *context, struct slice model, bool active)
{
    struct serve *serve = context;
    struct outputs outputs = {0};
    struct buffer value;
    bool known = false;

    for (uint32_t i = 0; i < serve->installation.model_count; i++) {
        known = known || slice_equal(slice_of(serve->installation.models[i].config->name), model);
    }
    if (!known) return STATUS_NOT_FOUND;
    buffer_init(&value, 4096);
    buffer_append_text(&value, "{\"model\":");
    json_write_string(model, &value);
    buffer_append_text(&value, active ? ",\"active\":true}" : ",\"active\":false}");
    struct record record = {.time_ms = clock_wall_ms(), .value = buffer_slice(&value)};
    enum status status = outputs_add(&outputs, serve->control_topic_id, &record);
    if (status == STATUS_OK)
        status = outputs_submit(&outputs, serve->log, (struct slice){0}, 0, NULL, NULL);
    outputs_deinit(&outputs);
    buffer_deinit(&value);
    return status;
}

void serve_api_host(struct serve *serve, struct api_host *host)
{
    *host = (struct api_host){
        .context = serve,
        .scenarios = host_scenarios,
        .scenario = host_scenario,
        .metrics = host_metrics,
        .ready = host_ready,
        .dead_letters = host_dead_letters,
        .dead_letter_replay = host_dead_letter_replay,
        .model_switch = host_model_switch,
    };
}
