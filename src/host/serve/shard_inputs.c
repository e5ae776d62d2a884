/* shard_inputs.c - records of a batch become inputs of the engine: events of sources, replies of outside calls. */
#include "host/serve/shard_parts.h"

static const struct record_header *header_find(const struct record *record, const char *name)
{
    for (uint32_t i = 0; i < record->header_count; i++) {
        if (slice_equal(record->headers[i].name, slice_of(name))) return &record->headers[i];
    }
    return NULL;
}

/* Headers of a batch's records must live as long as its inputs: they move to the batch arena. */
static enum status keep_headers(struct shard *shard, struct record *record)
{
    size_t bytes = record->header_count * sizeof(*record->headers);
    struct record_header *kept;

    if (record->header_count == 0) return STATUS_OK;
    kept = arena_alloc(&shard->arena, 1, bytes);
    if (kept == NULL) return STATUS_LIMIT;
    memcpy(kept, record->headers, bytes);
    record->headers = kept;
    return STATUS_OK;
}

static uint32_t source_inputs(struct shard *shard, uint32_t topic_id, const struct record *record,
                              uint32_t count)
{
    for (uint32_t i = 0; i < shard->plan->source_count; i++) {
        const struct plan_node *node = &shard->plan->nodes[shard->plan->sources[i]];

        if (shard->source_topic_ids[i] != topic_id) continue;
        shard->inputs[count++] = (struct engine_input){
            .kind = INPUT_RECORD,
            .node = node->index,
            .topic_id = topic_id,
            .record = record,
            .topic_name = node->topic.name,
            .watermark_ms = shard->run.watermark.current_ms,
            .now_ms = record->time_ms,
        };
        (void)watermark_advance(&shard->run.watermark, i, record->time_ms, record->time_ms);
    }
    return count;
}

static uint32_t reply_input(struct shard *shard, const struct record *record, uint32_t count)
{
    const struct record_header *status = header_find(record, "status");
    const struct record_header *node = header_find(record, "node");
    struct engine_input input = {.kind = INPUT_REPLY, .record = record, .bytes = record->value};
    int64_t code;

    if (status == NULL || node == NULL ||
        identity_from_text(record->key, &input.identity) != STATUS_OK ||
        slice_to_i64(status->value, &code) != STATUS_OK || code < 0 || code >= STATUS_COUNT) {
        return count;
    }
    input.node = shard_node_find(shard, node->value);
    if (input.node == PLAN_END) return count; /* the node is gone: nobody waits */
    input.reply_status = (enum status)code;
    input.topic_id = input.identity.topic_id;
    input.partition = input.identity.partition;
    input.watermark_ms = shard->run.watermark.current_ms;
    input.now_ms = record->time_ms;
    shard->inputs[count] = input;
    return count + 1;
}

enum status shard_read_inputs(struct shard *shard, struct shard_group *group, uint32_t topic_id,
                              struct slice bytes)
{
    struct record_batch batch;
    enum status status = record_batch_open(bytes, topic_id, &batch);

    while (status == STATUS_OK) {
        struct record *record = &shard->records[group->record_count];

        if (group->record_count == SHARD_INPUTS_MAX ||
            group->input_count + shard->plan->source_count > SHARD_INPUTS_MAX)
            return STATUS_LIMIT;
        status = record_batch_next(&batch, shard->headers, record);
        if (status == STATUS_NOT_FOUND) return STATUS_OK;
        if (status == STATUS_OK) status = keep_headers(shard, record);
        if (status != STATUS_OK) return status;
        group->record_count++;
        if (topic_id == shard->replies_topic_id) {
            group->input_count = reply_input(shard, record, group->input_count);
        } else {
            group->input_count = source_inputs(shard, topic_id, record, group->input_count);
        }
    }
    return status;
}
