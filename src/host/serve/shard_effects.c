/* shard_effects.c - effects leave the shard: results to the store, calls to the outbox, records to
 * topics. In that order: a page may read its list before the disk has the business log of it. */
#include "engine/error_record.h"
#include "host/serve/shard_parts.h"
#include "sys/killpoint.h"

enum { OUTPUTS_WAIT_MS = 1000 };

static enum status put_result(struct shard *shard, const struct effect *effect)
{
    const struct plan_call *call = &shard->plan->nodes[effect->node].call;
    char token[VISITOR_TOKEN_BYTES];

    visitor_token(slice_of(shard->world.installation->config.name_space), effect->key, token);
    buffer_clear(&shard->text);
    buffer_append(&shard->text, call->model);
    buffer_append_byte(&shard->text, '/');
    buffer_append(&shard->text, call->version);
    struct result result = {
        .event_id = effect->event_id,
        .offset = effect->identity.offset,
        .time_ms = effect->time_ms,
        .model = buffer_slice(&shard->text),
        .candidates = effect->value,
    };
    return results_put(shard->world.results, token, &result, effect->viewed);
}

static enum status put_results(struct shard *shard, const struct effect_list *effects)
{
    enum status status = STATUS_OK;

    for (uint32_t i = 0; i < effects->count && status == STATUS_OK; i++) {
        if (effects->items[i].kind == EFFECT_RESULT) status = put_result(shard, &effects->items[i]);
    }
    return status;
}

static enum status put_calls(struct shard *shard, const struct effect_list *effects, uint64_t lsn)
{
    enum status status = STATUS_OK;

    if (lsn <= shard->run.calls_done) return STATUS_OK;
    for (uint32_t i = 0; i < effects->count && status == STATUS_OK; i++) {
        const struct effect *effect = &effects->items[i];

        if (effect->kind != EFFECT_CALL) continue;
        struct deliver_call call = {
            .identity = effect->identity,
            .node = effect->node,
            .scenario = slice_of(shard->config->name),
            .coalescing_key = effect->key,
            .request = effect->value,
        };
        status = call_queue_push(shard->calls, &call, lsn);
    }
    if (status == STATUS_OK) call_queue_close_group(shard->calls, lsn);
    return status;
}

static enum status add_record(struct shard *shard, uint32_t topic_id, const struct effect *effect,
                              struct slice key, struct slice value)
{
    uint8_t text[IDENTITY_TEXT_MAX];
    struct buffer identity = {.data = text, .capacity = sizeof(text), .bytes_max = sizeof(text)};

    identity_to_text(&effect->identity, &identity);
    struct record_header header = {SLICE(RECORD_HEADER_IDENTITY), buffer_slice(&identity)};
    struct record record = {.time_ms = effect->time_ms,
                            .key = key,
                            .value = value,
                            .headers = &header,
                            .header_count = 1};
    return outputs_add(&shard->outputs, topic_id, &record);
}

static enum status add_error(struct shard *shard, const struct effect *effect)
{
    struct buffer key;
    struct buffer value;
    enum status status;

    buffer_init(&key, RECORD_BYTES_MAX);
    buffer_init(&value, RECORD_BYTES_MAX);
    status = error_record_write(shard->plan, effect, (struct slice){0}, &key, &value);
    if (status == STATUS_OK) {
        status = add_record(shard, shard->error_topic_id, effect, buffer_slice(&key),
                            buffer_slice(&value));
    }
    buffer_deinit(&key);
    buffer_deinit(&value);
    return status;
}

static enum status add_output(struct shard *shard, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_EMIT:
        return add_record(shard, shard->sink_topic_ids[effect->node], effect, effect->key,
                          effect->value);
    case EFFECT_DEBUG:
        return add_record(shard, shard->debug_topic_id, effect, (struct slice){0}, effect->value);
    case EFFECT_ERROR: return add_error(shard, effect);
    case EFFECT_CALL:
    case EFFECT_RESULT: return STATUS_OK;
    case EFFECT_HANDOVER: break; /* one instance hands nothing over */
    }
    UNREACHABLE("effect kind a shard does not carry out");
}

/* A record too large for a topic is an event that failed: it goes to the error topic instead. */
static enum status add_too_large(struct shard *shard, const struct effect *effect)
{
    struct effect error = *effect;

    error.kind = EFFECT_ERROR;
    error.message = SLICE("the record is larger than a topic takes (4 MiB)");
    error.input = (struct slice){0};
    error.value = (struct slice){0};
    return add_error(shard, &error);
}

static void outputs_committed(void *context, enum status status, uint64_t first_offset,
                              uint64_t lsn)
{
    struct shard *shard = context;
    int expected = STATUS_OK;

    (void)first_offset;
    (void)lsn;
    if (status != STATUS_OK) {
        (void)atomic_compare_exchange_strong(&shard->outputs_status, &expected, (int)status);
    }
    atomic_fetch_add(&shard->outputs_committed, 1);
    atomic_fetch_sub(&shard->outputs_in_flight, 1);
    wake_signal(&shard->wake);
}

/* One commit of outputs at a time: progress must not pass outputs that a full disk refused, so the
 * next may only be submitted when the last is known to be stored. Meanwhile outputs gather. */
enum status shard_flush_outputs(struct shard *shard)
{
    struct slice consumer = slice_of(shard->config->name);
    enum status status = (enum status)atomic_load(&shard->outputs_status);

    if (status != STATUS_OK || shard->outputs.count == 0 ||
        atomic_load(&shard->outputs_in_flight) > 0)
        return status;
    KILLPOINT(outputs_before_submit);
    if (shard->world.prove_output_before_commit) consumer = (struct slice){0};
    atomic_fetch_add(&shard->outputs_in_flight, 1);
    status = outputs_submit(&shard->outputs, shard->world.log, consumer, shard->outputs_lsn,
                            outputs_committed, shard);
    if (status == STATUS_OK) {
        shard->outputs_submitted++;
    } else {
        atomic_store(&shard->outputs_status, (int)status);
        atomic_fetch_sub(&shard->outputs_in_flight, 1); /* nobody will call back */
    }
    outputs_clear(&shard->outputs);
    return status;
}

static enum status put_outputs(struct shard *shard, const struct effect_list *effects, uint64_t lsn)
{
    enum status status = STATUS_OK;

    if (lsn <= shard->run.outputs_done) return STATUS_OK;
    for (uint32_t i = 0; i < effects->count && status == STATUS_OK; i++) {
        status = add_output(shard, &effects->items[i]);
        if (status == STATUS_LIMIT) status = add_too_large(shard, &effects->items[i]);
    }
    shard->outputs_lsn = lsn;
    while (status == STATUS_OK && shard->outputs.count > OUTPUTS_PARTS_MAX / 2) {
        status = shard_flush_outputs(shard);
        if (atomic_load(&shard->outputs_in_flight) > 0) wake_wait(&shard->wake, OUTPUTS_WAIT_MS);
    }
    return status == STATUS_OK ? shard_flush_outputs(shard) : status;
}

static void remember(struct shard *shard, const struct effect_list *effects)
{
    const struct effect *record = NULL;
    const struct effect *error = NULL;

    for (uint32_t i = 0; i < effects->count; i++) {
        const struct effect *effect = &effects->items[i];

        if (effect->kind == EFFECT_EMIT || effect->kind == EFFECT_DEBUG) record = effect;
        if (effect->kind == EFFECT_ERROR) error = effect;
    }
    if (record != NULL) shard_remember(shard, &shard->recent_records, record, record->value);
    if (error != NULL) shard_remember(shard, &shard->recent_errors, error, error->message);
}

enum status shard_carry_out(struct shard *shard, const struct effect_list *effects, uint64_t lsn)
{
    enum status status = put_results(shard, effects);

    if (status == STATUS_OK) status = put_calls(shard, effects, lsn);
    if (status == STATUS_OK) status = put_outputs(shard, effects, lsn);
    remember(shard, effects);
    return status;
}
