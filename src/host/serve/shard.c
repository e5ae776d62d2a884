/* shard.c - the life and the loop of a running scenario. */
#include "host/serve/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "host/serve/shard_parts.h"
#include "sys/clock.h"
#include "sys/thread.h"

enum { WAIT_MS = 1000, RETRY_MS = 1000, TAG_BYTES_MAX = 1024, BEHIND_MS = 2000 };

/* --- making ------------------------------------------------------------------------------------------- */

static enum status declare_topic(struct shard *shard, struct slice name, uint32_t *topic_id)
{
    const struct config_topic *config = config_topic_find(&shard->world.installation->config, name);
    struct topic_options options = {.retention_ms = INT64_C(7) * 86400000,
                                    .retention_bytes = INT64_C(8) << 30};

    if (config != NULL) {
        options = (struct topic_options){config->retention_ms, config->retention_bytes};
    }
    return log_topic_declare(shard->world.log, name, &options, topic_id);
}

static enum status declare_named(struct shard *shard, const char *prefix, const char *suffix,
                                 uint32_t *topic_id)
{
    buffer_clear(&shard->text);
    buffer_append_text(&shard->text, prefix);
    buffer_append_text(&shard->text, shard->config->name);
    buffer_append_text(&shard->text, suffix);
    return declare_topic(shard, buffer_slice(&shard->text), topic_id);
}

static enum status declare_topics(struct shard *shard)
{
    const struct plan *plan = shard->plan;
    const char *error_topic = shard->config->error_topic;
    enum status status = declare_named(shard, "_replies.", "", &shard->replies_topic_id);

    if (plan->source_count > WATERMARK_SOURCES_MAX) return STATUS_LIMIT;
    if (status == STATUS_OK) status = declare_named(shard, "", ".debug", &shard->debug_topic_id);
    if (status == STATUS_OK) {
        status = error_topic[0] != '\0'
                     ? declare_topic(shard, slice_of(error_topic), &shard->error_topic_id)
                     : declare_named(shard, "", ".errors", &shard->error_topic_id);
    }
    for (uint32_t i = 0; i < plan->source_count && status == STATUS_OK; i++) {
        status = declare_topic(shard, plan->nodes[plan->sources[i]].topic.name,
                               &shard->source_topic_ids[i]);
    }
    for (uint32_t i = 0; i < plan->node_count && status == STATUS_OK; i++) {
        if (plan->nodes[i].kind != PLAN_SINK) continue;
        status = declare_topic(shard, plan->nodes[i].topic.name, &shard->sink_topic_ids[i]);
    }
    return status;
}

static bool shard_allocate(struct shard *shard)
{
    uint32_t nodes = shard->plan->node_count;

    shard->sink_topic_ids = calloc(nodes, sizeof(*shard->sink_topic_ids));
    shard->counters = calloc(nodes, sizeof(*shard->counters));
    shard->inputs = calloc(SHARD_INPUTS_MAX, sizeof(*shard->inputs));
    shard->records = calloc(SHARD_INPUTS_MAX, sizeof(*shard->records));
    shard->headers = calloc(RECORD_HEADERS_MAX, sizeof(*shard->headers));
    return shard->sink_topic_ids != NULL && shard->counters != NULL && shard->inputs != NULL &&
           shard->records != NULL && shard->headers != NULL;
}

enum status shard_create(const struct shard_world *world, const struct config_scenario *config,
                         struct shard **shard, struct buffer *message)
{
    struct shard *made = calloc(1, sizeof(*made));

    if (made == NULL) return STATUS_LIMIT;
    made->world = *world;
    made->config = config;
    (void)pthread_mutex_init(&made->view_lock, NULL);
    arena_init(&made->arena, SHARD_SCRATCH_BYTES);
    buffer_init(&made->key, SHARD_SCRATCH_BYTES);
    buffer_init(&made->text, SHARD_SCRATCH_BYTES);
    enum status status = wake_open(&made->wake);
    if (status == STATUS_OK) {
        status =
            installation_compile(world->installation, config->file, &made->plan, NULL, message);
    }
    if (status == STATUS_OK && !shard_allocate(made)) status = STATUS_LIMIT;
    if (status == STATUS_OK) {
        status = declare_topics(made);
        if (status != STATUS_OK) {
            buffer_append_text(message, "a topic of the scenario cannot be declared: ");
            buffer_append_text(message, status_meaning(status));
        }
    }
    if (status != STATUS_OK) {
        shard_destroy(made);
        return status;
    }
    *shard = made;
    return STATUS_OK;
}

static void wake_shard(void *context)
{
    struct shard *shard = context;

    wake_signal(&shard->wake);
}

void shard_destroy(struct shard *shard)
{
    if (shard == NULL) return;
    atomic_store(&shard->stopping, true);
    if (shard->calls != NULL) call_queue_stop(shard->calls);
    if (shard->started) {
        wake_signal(&shard->wake);
        (void)pthread_join(shard->thread, NULL);
        log_waker_remove(shard->world.log, wake_shard, shard);
    }
    checkpoint_destroy(shard->checkpoint);
    call_queue_destroy(shard->calls);
    buffer_deinit(&shard->checkpoint_tag);
    buffer_deinit(&shard->calls_tag);
    wake_close(&shard->wake);
    outputs_deinit(&shard->outputs);
    (void)pthread_mutex_destroy(&shard->view_lock);
    arena_deinit(&shard->arena);
    buffer_deinit(&shard->key);
    buffer_deinit(&shard->text);
    for (uint32_t i = 0; i < SHARD_MODELS_MAX; i++)
        live_destroy(shard->lives[i]);
    free(shard->sink_topic_ids);
    free(shard->counters);
    free(shard->inputs);
    free(shard->records);
    free(shard->headers);
    free(shard);
}

const char *shard_name(const struct shard *shard)
{
    return shard->config->name;
}

const struct plan *shard_plan(const struct shard *shard)
{
    return shard->plan;
}

uint32_t shard_node_find(const struct shard *shard, struct slice id)
{
    for (uint32_t i = 0; i < shard->plan->node_count; i++) {
        if (slice_equal(shard->plan->nodes[i].id, id)) return i;
    }
    return PLAN_END;
}

/* --- the loop --------------------------------------------------------------------------------------------------- */

static enum status acknowledge_replies(struct shard *shard, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct engine_input *input = &shard->inputs[i];

        if (input->kind != INPUT_REPLY) continue;
        enum status status = deliver_acknowledge(shard->world.deliver, &input->identity,
                                                 slice_of(shard->config->name));
        if (status != STATUS_OK && status != STATUS_NOT_FOUND) return status;
    }
    return STATUS_OK;
}

/* Steps a group while its append is under way, lets the effects out when it is durable (D2). */
static enum status group_finish(struct shard *shard, const struct shard_group *group)
{
    struct effect_list effects = {0};
    enum status status = STATUS_OK;

    if (group->lsn == 0) return STATUS_OK;
    if (group->input_count > 0)
        status = engine_step(shard->run.engine, shard->inputs, group->input_count, &effects);
    if (status == STATUS_OK) status = log_wait_durable(shard->world.log, group->lsn);
    if (status == STATUS_OK) status = acknowledge_replies(shard, group->input_count);
    if (status == STATUS_OK) status = shard_carry_out(shard, &effects, group->lsn);
    if (status == STATUS_OK) {
        shard->run.lsn = group->lsn;
        shard->run.dirty = true;
    }
    return status;
}

/* A group ends where outputs or calls that are out already end, so that it is out as a whole or not
 * at all; both positions were ends of groups when they were made. */
static bool group_is_full(const struct shard *shard, const struct shard_group *group)
{
    return group->bytes >= SHARD_GROUP_BYTES || group->input_count >= SHARD_GROUP_INPUTS ||
           group->lsn == shard->run.outputs_done || group->lsn == shard->run.calls_done;
}

/* Takes what there is to read, up to a bound: the dearer a commit, the more it is shared.
 * fails    AGAIN: there is nothing */
static enum status take_group(struct shard *shard)
{
    struct shard_group group = {0};
    struct log_view view;
    enum status status;

    arena_reset(&shard->arena);
    while ((status = log_reader_next(shard->run.reader, &view)) == STATUS_OK) {
        struct slice bytes;

        if (view.topic_id == shard->world.control_topic_id) {
            status = group_finish(shard, &group); /* a switch takes effect between inputs */
            if (status == STATUS_OK) status = log_wait_durable(shard->world.log, view.lsn);
            if (status == STATUS_OK) status = shard_switches_step(shard, &view);
            group = (struct shard_group){.lsn = view.lsn};
            break;
        }
        status = arena_copy(&shard->arena, view.bytes, &bytes);
        if (status == STATUS_OK) status = shard_read_inputs(shard, &group, view.topic_id, bytes);
        if (status != STATUS_OK) return status;
        group.lsn = view.lsn;
        group.bytes += bytes.len;
        if (group_is_full(shard, &group)) break;
    }
    if (status != STATUS_OK && (status != STATUS_AGAIN || group.lsn == 0)) return status;
    return group_finish(shard, &group);
}

static enum status wait_for_outputs(struct shard *shard)
{
    enum status status = STATUS_OK;

    while (atomic_load(&shard->outputs_in_flight) > 0 ||
           (status == STATUS_OK && shard->outputs.count > 0)) {
        if (status == STATUS_OK) status = shard_flush_outputs(shard);
        if (atomic_load(&shard->outputs_in_flight) > 0) wake_wait(&shard->wake, WAIT_MS);
    }
    if (status == STATUS_OK) status = (enum status)atomic_load(&shard->outputs_status);
    return status == STATUS_OK ? call_queue_drain(shard->calls) : status;
}

/* At the end of a run: what is under way, then what changed since. */
static enum status last_checkpoint(struct shard *shard)
{
    enum status status = wait_for_outputs(shard);

    if (status == STATUS_OK) status = checkpoint_finish(shard->checkpoint);
    if (status == STATUS_OK) status = shard_checkpoint(shard);
    if (status == STATUS_OK) status = checkpoint_finish(shard->checkpoint);
    if (status == STATUS_OK) {
        (void)fprintf(stderr, "headrace: scenario %s: state %016" PRIx64 "\n", shard->config->name,
                      engine_digest(shard->run.engine));
    }
    return status;
}

static enum status run_loop(struct shard *shard)
{
    int64_t checkpoint_at_ms = clock_monotonic_ms() + shard->world.checkpoint_ms;
    int64_t idle_at_ms = clock_monotonic_ms();
    enum status status = STATUS_OK;

    while (status == STATUS_OK && !atomic_load(&shard->stopping)) {
        status = take_group(shard);
        if (status == STATUS_AGAIN) {
            status = STATUS_OK;
            idle_at_ms = clock_monotonic_ms();
            shard_publish(shard, SHARD_RUNNING);
            int64_t left_ms = checkpoint_at_ms - clock_monotonic_ms();
            wake_wait(&shard->wake, left_ms < 1 ? 0 : left_ms < WAIT_MS ? (int)left_ms : WAIT_MS);
        }
        if (status == STATUS_OK) status = shard_flush_outputs(shard);
        if (status == STATUS_OK && clock_monotonic_ms() >= checkpoint_at_ms) {
            status = shard_checkpoint(shard);
            checkpoint_at_ms = clock_monotonic_ms() + shard->world.checkpoint_ms;
            bool behind = clock_monotonic_ms() - idle_at_ms > BEHIND_MS;
            shard_publish(shard, behind ? SHARD_CATCHING_UP : shard->status.state);
        }
    }
    return status;
}

static void fail(struct shard *shard, enum status status)
{
    shard_publish(shard, SHARD_FAILED);
    (void)fprintf(stderr, "headrace: scenario %s stopped: %s\n", shard->config->name,
                  status_meaning(status));
    (void)pthread_mutex_lock(&shard->view_lock);
    shard->status.failure = status_meaning(status);
    (void)pthread_mutex_unlock(&shard->view_lock);
    if (status == STATUS_IO)
        shard->world.fatal(shard->world.fatal_context, "storage failed under a scenario");
}

/* A full disk ends a run, not the shard: it starts over from its checkpoint until there is room. */
static void *shard_thread(void *context)
{
    struct shard *shard = context;

    thread_name("scenario");
    while (!atomic_load(&shard->stopping)) {
        atomic_store(&shard->outputs_status, (int)STATUS_OK);
        outputs_clear(&shard->outputs);
        shard_publish(shard, SHARD_CATCHING_UP);
        enum status status = shard_restore(shard);
        if (status == STATUS_OK) status = run_loop(shard);
        if (status == STATUS_OK) status = last_checkpoint(shard);
        (void)wait_for_outputs(shard);
        enum status drained = call_queue_drain(shard->calls); /* the next run starts with none */
        enum status written = checkpoint_finish(shard->checkpoint);
        if (status == STATUS_OK || drained == STATUS_IO) status = drained;
        if (status == STATUS_OK || written == STATUS_IO) status = written;
        shard_forget(shard);
        if (status == STATUS_FULL) {
            wake_wait(&shard->wake, RETRY_MS);
        } else if (status != STATUS_OK && status != STATUS_AGAIN) {
            fail(shard, status);
            return NULL;
        }
    }
    shard_publish(shard, SHARD_STOPPED);
    return NULL;
}

enum status shard_start(struct shard *shard)
{
    enum status status;

    buffer_init(&shard->calls_tag, TAG_BYTES_MAX);
    buffer_append_text(&shard->calls_tag, "calls.");
    buffer_append_text(&shard->calls_tag, shard->config->name);
    status =
        call_queue_create(shard->world.deliver, buffer_slice(&shard->calls_tag), &shard->calls);
    buffer_init(&shard->checkpoint_tag, TAG_BYTES_MAX);
    buffer_append_text(&shard->checkpoint_tag, "scenario.");
    buffer_append_text(&shard->checkpoint_tag, shard->config->name);
    if (status == STATUS_OK) {
        status = checkpoint_create(shard->world.state, shard->world.results,
                                   buffer_slice(&shard->checkpoint_tag), shard_checkpoint_safe,
                                   shard, &shard->checkpoint);
    }
    if (status == STATUS_OK) status = shard_open_switches(shard);
    if (status == STATUS_OK) status = log_waker_add(shard->world.log, wake_shard, shard);
    if (status != STATUS_OK) return status;
    if (pthread_create(&shard->thread, NULL, shard_thread, shard) != 0) return STATUS_LIMIT;
    shard->started = true;
    return STATUS_OK;
}

/* --- from other threads --------------------------------------------------------------------------------------------- */

enum status shard_reply(struct shard *shard, const struct deliver_call *call, enum status status,
                        struct slice payload)
{
    uint8_t text[IDENTITY_TEXT_MAX];
    struct buffer identity = {.data = text, .capacity = sizeof(text), .bytes_max = sizeof(text)};
    char code[16];
    struct outputs outputs = {0};

    ASSERT(call->node < shard->plan->node_count);
    identity_to_text(&call->identity, &identity);
    (void)snprintf(code, sizeof(code), "%d", (int)status);
    struct record_header headers[] = {
        {SLICE("status"), slice_of(code)},
        {SLICE("node"), shard->plan->nodes[call->node].id},
    };
    struct record record = {
        .time_ms = clock_wall_ms(),
        .key = buffer_slice(&identity),
        .value = payload,
        .headers = headers,
        .header_count = COUNT_OF(headers),
    };
    enum status result = outputs_add(&outputs, shard->replies_topic_id, &record);
    if (result == STATUS_OK) {
        result = outputs_submit(&outputs, shard->world.log, (struct slice){0}, 0, NULL, NULL);
    }
    outputs_deinit(&outputs);
    return result;
}
