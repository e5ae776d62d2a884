/* shard_view.c - what people see of a shard: copies under a lock, never the engine itself. */
#include <stdio.h>

#include "codec/json.h"
#include "host/serve/shard_parts.h"

static const char *const state_names[] = {
    [SHARD_STARTING] = "starting", [SHARD_CATCHING_UP] = "catching up", [SHARD_RUNNING] = "running",
    [SHARD_STOPPED] = "stopped",   [SHARD_FAILED] = "failed",
};

static const char *const kind_names[] = {
    [PLAN_SOURCE] = "source",
    [PLAN_FILTER] = "filter",
    [PLAN_VARIABLE] = "variable",
    [PLAN_RECORD] = "record",
    [PLAN_CHOICE] = "choice",
    [PLAN_SPLIT] = "split",
    [PLAN_SLIDING] = "sliding window",
    [PLAN_CALL] = "call",
    [PLAN_SINK] = "sink",
    [PLAN_DEBUG] = "debug",
    [PLAN_DEAD_END] = "dead end",
};

/* Cuts at a code point's boundary, so that what is kept stays UTF-8. */
static size_t cut_text(struct slice text, size_t max)
{
    size_t len = text.len < max ? text.len : max;

    while (len > 0 && len < text.len && (text.data[len] & 0xC0U) == 0x80U)
        len--;
    return len;
}

void shard_remember(struct shard *shard, struct shard_recents *recents, const struct effect *effect,
                    struct slice text)
{
    (void)pthread_mutex_lock(&shard->view_lock);
    struct shard_recent *recent = &recents->items[recents->count++ % SHARD_RECENT];
    recent->node = effect->node;
    recent->time_ms = effect->time_ms;
    recent->len = (uint32_t)cut_text(text, sizeof(recent->text));
    if (recent->len > 0) memcpy(recent->text, text.data, recent->len);
    (void)pthread_mutex_unlock(&shard->view_lock);
}

/* runs on  the shard's thread, the owner of what is kept */
static struct shard_live live_sum(const struct shard *shard)
{
    struct shard_live sum = {0};

    for (uint32_t i = 0; i < SHARD_MODELS_MAX; i++) {
        if (shard->lives[i] == NULL) continue;
        struct live_counts counts = live_counts(shard->lives[i]);
        sum.steps += counts.steps;
        sum.known += counts.known;
    }
    return sum;
}

void shard_publish(struct shard *shard, enum shard_state state)
{
    (void)pthread_mutex_lock(&shard->view_lock);
    shard->status.state = state;
    shard->live_counts = live_sum(shard);
    if (shard->run.engine != NULL) {
        shard->status.lsn = shard->run.lsn;
        memcpy(shard->counters, engine_counters(shard->run.engine),
               shard->plan->node_count * sizeof(*shard->counters));
    }
    (void)pthread_mutex_unlock(&shard->view_lock);
}

void shard_status(struct shard *shard, struct shard_status *status)
{
    (void)pthread_mutex_lock(&shard->view_lock);
    *status = shard->status;
    (void)pthread_mutex_unlock(&shard->view_lock);
}

uint32_t shard_counters(struct shard *shard, struct node_counters *counters, uint32_t capacity)
{
    uint32_t count = shard->plan->node_count;

    (void)pthread_mutex_lock(&shard->view_lock);
    memcpy(counters, shard->counters, (count < capacity ? count : capacity) * sizeof(*counters));
    (void)pthread_mutex_unlock(&shard->view_lock);
    return count;
}

void shard_live_counts(struct shard *shard, struct shard_live *counts)
{
    (void)pthread_mutex_lock(&shard->view_lock);
    *counts = shard->live_counts;
    (void)pthread_mutex_unlock(&shard->view_lock);
}

static const char *edge_label(const struct plan_node *node, uint32_t edge)
{
    if (node->kind == PLAN_FILTER) return edge == 0 ? "" : "false";
    if (node->kind == PLAN_CHOICE) return edge == node->field_count ? "default" : "case";
    return "";
}

static void append_node(const struct plan_node *node, const struct node_counters *counters,
                        struct buffer *json)
{
    buffer_append_text(json, "{\"id\":");
    json_write_string(node->id, json);
    buffer_append_text(json, ",\"name\":");
    json_write_string(node->name, json);
    buffer_append_text(json, ",\"kind\":");
    json_write_string(slice_of(kind_names[node->kind]), json);
    buffer_append_text(json, ",\"events\":");
    buffer_append_u64(json, counters->events);
    buffer_append_text(json, ",\"errors\":");
    buffer_append_u64(json, counters->errors);
    buffer_append_text(json, ",\"filtered\":");
    buffer_append_u64(json, counters->filtered);
    buffer_append_text(json, ",\"next\":[");
    bool first = true;
    for (uint32_t i = 0; i < node->next_count; i++) {
        if (node->next[i] == PLAN_END) continue;
        buffer_append_text(json, first ? "{\"to\":" : ",{\"to\":");
        buffer_append_u64(json, node->next[i]);
        buffer_append_text(json, ",\"label\":\"");
        buffer_append_text(json, edge_label(node, i));
        buffer_append_text(json, "\"}");
        first = false;
    }
    buffer_append_text(json, "]}");
}

static void append_recents(const struct shard *shard, const struct shard_recents *recents,
                           struct buffer *json)
{
    uint64_t first = recents->count > SHARD_RECENT ? recents->count - SHARD_RECENT : 0;

    for (uint64_t i = first; i < recents->count; i++) {
        const struct shard_recent *recent = &recents->items[i % SHARD_RECENT];

        buffer_append_text(json, i == first ? "{\"node\":" : ",{\"node\":");
        json_write_string(shard->plan->nodes[recent->node].name, json);
        buffer_append_text(json, ",\"time\":");
        buffer_append_i64(json, recent->time_ms);
        buffer_append_text(json, ",\"text\":");
        json_write_string((struct slice){(const uint8_t *)recent->text, recent->len}, json);
        buffer_append_byte(json, '}');
    }
}

void shard_to_json(struct shard *shard, struct buffer *json)
{
    (void)pthread_mutex_lock(&shard->view_lock);
    buffer_append_text(json, "{\"name\":");
    json_write_string(slice_of(shard->config->name), json);
    buffer_append_text(json, ",\"scenario\":");
    json_write_string(shard->plan->scenario_id, json);
    buffer_append_text(json, ",\"state\":\"");
    buffer_append_text(json, state_names[shard->status.state]);
    buffer_append_text(json, "\",\"lsn\":");
    buffer_append_u64(json, shard->status.lsn);
    buffer_append_text(json, ",\"nodes\":[");
    for (uint32_t i = 0; i < shard->plan->node_count; i++) {
        if (i > 0) buffer_append_byte(json, ',');
        append_node(&shard->plan->nodes[i], &shard->counters[i], json);
    }
    buffer_append_text(json, "],\"records\":[");
    append_recents(shard, &shard->recent_records, json);
    buffer_append_text(json, "],\"errors\":[");
    append_recents(shard, &shard->recent_errors, json);
    buffer_append_text(json, "]}");
    (void)pthread_mutex_unlock(&shard->view_lock);
}
