/* shard_state.c - cells, timers, watermark and switches between the engine and the state tables.
 *
 *   cell key    scenario sized | node uuid sized | key sized | namespace sized
 *   timer key   the same | time u64 BE; its value repeats node, key, namespace and time, because
 *               long keys are stored hashed
 *   shard key   scenario sized | 0 | "position": watermark and stopped models
 */
#include <time.h>

#include "base/bytes.h"
#include "host/serve/shard_parts.h"

enum { POSITION_VERSION = 1 };

static struct slice scenario_name(const struct shard *shard)
{
    return slice_of(shard->config->name);
}

/* Stored state goes by uuid, the same in every generation of a file. The engine's own cell belongs
 * to no node of the plan: its uuid is empty. */
static struct slice node_uuid(const struct shard *shard, uint32_t node)
{
    return node < shard->plan->node_count ? shard->plan->nodes[node].uuid : SLICE("");
}

static struct slice cell_key_text(struct shard *shard, const struct cell_key *key)
{
    buffer_clear(&shard->key);
    buffer_append_sized(&shard->key, scenario_name(shard));
    buffer_append_sized(&shard->key, node_uuid(shard, key->node));
    buffer_append_sized(&shard->key, key->key);
    buffer_append_sized(&shard->key, key->name_space);
    ASSERT(!shard->key.failed);
    return buffer_slice(&shard->key);
}

static struct slice position_key(struct shard *shard)
{
    buffer_clear(&shard->key);
    buffer_append_sized(&shard->key, scenario_name(shard));
    buffer_append_byte(&shard->key, 0);
    buffer_append_text(&shard->key, "position");
    return buffer_slice(&shard->key);
}

static struct slice tag_name(struct shard *shard, const char *kind)
{
    buffer_clear(&shard->text);
    buffer_append_text(&shard->text, kind);
    buffer_append(&shard->text, scenario_name(shard));
    return buffer_slice(&shard->text);
}

enum status shard_cell_load(void *context, const struct cell_key *key, struct arena *arena,
                            struct slice *bytes)
{
    struct shard *shard = context;
    enum status status =
        state_get(shard->world.state, STATE_CELLS, cell_key_text(shard, key), arena, bytes);

    if (status == STATUS_NOT_FOUND) {
        *bytes = (struct slice){0};
        return STATUS_OK;
    }
    return status;
}

/* --- checkpoint ------------------------------------------------------------------------------------------ */

static enum status write_cell(void *context, const struct cell_key *key, struct slice bytes)
{
    struct shard *shard = context;

    return checkpoint_write(shard->checkpoint, STATE_CELLS, cell_key_text(shard, key), bytes);
}

static enum status write_timer(void *context, const struct cell_key *key, int64_t time_ms,
                               bool removed)
{
    struct shard *shard = context;
    uint8_t time_bytes[8];

    (void)cell_key_text(shard, key);
    put_be64(time_bytes, (uint64_t)time_ms ^ (UINT64_C(1) << 63U));
    buffer_append(&shard->key, (struct slice){time_bytes, sizeof(time_bytes)});
    buffer_clear(&shard->text);
    if (removed) {
        return checkpoint_write(shard->checkpoint, STATE_TIMERS, buffer_slice(&shard->key),
                                buffer_slice(&shard->text));
    }
    buffer_append_sized(&shard->text, shard->plan->nodes[key->node].uuid);
    buffer_append_sized(&shard->text, key->key);
    buffer_append_sized(&shard->text, key->name_space);
    buffer_append_le64(&shard->text, (uint64_t)time_ms);
    return checkpoint_write(shard->checkpoint, STATE_TIMERS, buffer_slice(&shard->key),
                            buffer_slice(&shard->text));
}

static enum status write_position(struct shard *shard)
{
    const struct watermark *watermark = &shard->run.watermark;
    struct buffer bytes;

    buffer_init(&bytes, 4096);
    buffer_append_byte(&bytes, POSITION_VERSION);
    buffer_append_varint(&bytes, watermark->source_count);
    for (uint32_t i = 0; i < watermark->source_count; i++) {
        buffer_append_le64(&bytes, (uint64_t)watermark->newest_ms[i]);
        buffer_append_le64(&bytes, (uint64_t)watermark->seen_at_ms[i]);
    }
    buffer_append_le64(&bytes, (uint64_t)watermark->current_ms);
    shard_switches_write(shard, &bytes);
    enum status status = bytes.failed ? STATUS_LIMIT
                                      : checkpoint_write(shard->checkpoint, STATE_CELLS,
                                                         position_key(shard), buffer_slice(&bytes));
    buffer_deinit(&bytes);
    return status;
}

/* A checkpoint still under way is left to finish: the next one takes what changed since. */
enum status shard_checkpoint(struct shard *shard)
{
    struct cell_writer writer = {shard, write_cell, write_timer};
    enum status status;

    if (!checkpoint_is_idle(shard->checkpoint, &status) || status != STATUS_OK) return status;
    if (!shard->run.dirty) return STATUS_OK;
    checkpoint_begin(shard->checkpoint);
    status = engine_checkpoint(shard->run.engine, &writer);
    if (status == STATUS_OK) status = write_position(shard);
    if (status != STATUS_OK) return status;
    uint64_t outputs = shard->outputs_submitted + (shard->outputs.count > 0 ? 1 : 0);
    checkpoint_submit(shard->checkpoint, shard->run.lsn, outputs,
                      call_queue_position(shard->calls));
    shard->run.dirty = false;
    return STATUS_OK;
}

enum status shard_checkpoint_safe(void *context, uint64_t outputs, uint64_t calls)
{
    static const struct timespec pause = {.tv_nsec = 1000000};
    struct shard *shard = context;

    while (atomic_load(&shard->outputs_committed) < outputs &&
           atomic_load(&shard->outputs_status) == (int)STATUS_OK)
        (void)nanosleep(&pause, NULL);
    enum status status = (enum status)atomic_load(&shard->outputs_status);
    return status == STATUS_OK ? call_queue_wait(shard->calls, calls) : status;
}

/* --- restart ------------------------------------------------------------------------------------------------ */

static uint32_t node_find_by_uuid(const struct shard *shard, struct slice uuid)
{
    for (uint32_t i = 0; i < shard->plan->node_count; i++) {
        if (slice_equal(shard->plan->nodes[i].uuid, uuid)) return i;
    }
    return PLAN_END;
}

static enum status restore_timer(void *context, struct slice name, struct slice bytes)
{
    struct shard *shard = context;
    struct byte_reader reader = byte_reader(bytes);
    struct slice node_uuid = read_sized(&reader);
    struct cell_key key = {.node = node_find_by_uuid(shard, node_uuid)};

    (void)name;
    key.key = read_sized(&reader);
    key.name_space = read_sized(&reader);
    int64_t time_ms = (int64_t)read_le64(&reader);
    if (reader.bad) return STATUS_CORRUPT;
    if (key.node == PLAN_END) return STATUS_OK; /* the node is gone: its state waits, unused */
    return engine_restore_timer(shard->run.engine, &key, time_ms);
}

static enum status restore_position(struct shard *shard)
{
    struct watermark *watermark = &shard->run.watermark;
    struct slice bytes;

    arena_reset(&shard->arena);
    shard_switches_clear(shard);
    enum status status =
        state_get(shard->world.state, STATE_CELLS, position_key(shard), &shard->arena, &bytes);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK) return status;
    struct byte_reader reader = byte_reader(bytes);
    if (read_u8(&reader) != POSITION_VERSION) return STATUS_CORRUPT;
    uint64_t sources = read_varint(&reader);
    if (sources > WATERMARK_SOURCES_MAX) return STATUS_CORRUPT;
    for (uint64_t i = 0; i < sources; i++) {
        int64_t newest_ms = (int64_t)read_le64(&reader);
        int64_t seen_at_ms = (int64_t)read_le64(&reader);

        if (i >= watermark->source_count) continue;
        watermark->newest_ms[i] = newest_ms;
        watermark->seen_at_ms[i] = seen_at_ms;
    }
    watermark->current_ms = (int64_t)read_le64(&reader);
    shard_switches_read(shard, &reader);
    return reader.bad ? STATUS_CORRUPT : STATUS_OK;
}

static enum status position_or_zero(enum status status, uint64_t *lsn)
{
    if (status == STATUS_NOT_FOUND) {
        *lsn = 0;
        return STATUS_OK;
    }
    return status;
}

static enum status restore_positions(struct shard *shard)
{
    struct shard_run *run = &shard->run;
    struct state *state = shard->world.state;
    enum status status =
        position_or_zero(state_tag(state, tag_name(shard, "scenario."), &run->lsn), &run->lsn);

    if (status == STATUS_OK) {
        status = position_or_zero(state_tag(state, tag_name(shard, "calls."), &run->calls_done),
                                  &run->calls_done);
    }
    if (status == STATUS_OK) {
        status = position_or_zero(
            log_progress(shard->world.log, scenario_name(shard), &run->outputs_done),
            &run->outputs_done);
    }
    if (status == STATUS_OK) call_queue_begin(shard->calls, run->calls_done);
    return status;
}

static enum status open_reader(struct shard *shard)
{
    uint32_t topic_ids[SHARD_TOPICS_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < shard->plan->source_count; i++) {
        bool seen = false;

        for (uint32_t k = 0; k < count; k++)
            seen = seen || topic_ids[k] == shard->source_topic_ids[i];
        if (!seen) topic_ids[count++] = shard->source_topic_ids[i];
    }
    topic_ids[count++] = shard->replies_topic_id;
    topic_ids[count++] = shard->world.control_topic_id;
    return log_reader_open(shard->world.log, topic_ids, count, shard->run.lsn, &shard->run.reader);
}

static enum status restore_place(struct shard *shard)
{
    shard->run = (struct shard_run){0};
    watermark_init(&shard->run.watermark, shard->plan->source_count);
    enum status status = restore_positions(shard);
    return status == STATUS_OK ? restore_position(shard) : status;
}

/* What is corrupt stops the scenario, which says so, and not the server. */
enum status shard_open_switches(struct shard *shard)
{
    enum status status = restore_place(shard);

    if (status == STATUS_OK) status = shard_switches_open(shard, shard->run.lsn);
    return status == STATUS_CORRUPT ? STATUS_OK : status;
}

static enum status engine_open(struct shard *shard);

enum status shard_restore(struct shard *shard)
{
    struct buffer prefix;
    enum status status;

    status = restore_place(shard);
    if (status == STATUS_OK) status = engine_open(shard);
    buffer_init(&prefix, 4096);
    buffer_append_sized(&prefix, scenario_name(shard));
    if (status == STATUS_OK) {
        status = state_scan(shard->world.state, STATE_TIMERS, buffer_slice(&prefix), shard,
                            restore_timer);
    }
    buffer_deinit(&prefix);
    if (status == STATUS_OK) status = open_reader(shard);
    return status;
}

void shard_forget(struct shard *shard)
{
    if (shard->run.reader != NULL) log_reader_close(shard->run.reader);
    if (shard->run.engine != NULL) engine_destroy(shard->run.engine);
    shard->run = (struct shard_run){0};
}

/* --- pure calls ------------------------------------------------------------------------------------------------ */

/* What is kept of live visitors; a pure cache, so it outlives starting over. */
static struct live *live_of(struct shard *shard, uint32_t model)
{
    const struct installation *installation = shard->world.installation;

    if (!shard->live_tried[model]) {
        shard->live_tried[model] = true;
        shard->lives[model] = model_live_create(installation->models[model].model,
                                                (size_t)installation->config.engine.live_bytes_max);
    }
    return shard->lives[model];
}

static enum status answer_call(void *context, const struct plan_node *node, struct value arguments,
                               int64_t now_ms, struct arena *arena, struct call_answer *answer)
{
    struct shard *shard = context;
    struct installation *installation = shard->world.installation;
    struct model_answer reply = {0};

    for (uint32_t i = 0; i < installation->model_count && i < SHARD_MODELS_MAX; i++) {
        if (installation->models[i].config !=
            config_model_find(&installation->config, node->call.model, node->call.version)) {
            continue;
        }
        if (atomic_load(&shard->model_stopped[i])) {
            answer->message = SLICE("the model is stopped");
            return STATUS_INVALID;
        }
        if (installation->models[i].model == NULL) {
            answer->message = installation->models[i].trouble;
            return STATUS_INVALID;
        }
        enum status status = model_call_live(installation->models[i].model, live_of(shard, i),
                                             arguments, now_ms, arena, &reply);
        *answer = (struct call_answer){reply.value, reply.candidates, reply.viewed, reply.message};
        return status;
    }
    answer->message = SLICE("the configuration has no such model (models.<name>/<version>)");
    return STATUS_INVALID; /* NOT_FOUND would ask the engine for the node's mock */
}

static enum status engine_open(struct shard *shard)
{
    struct engine_host host = {.context = shard, .call = answer_call, .cell_load = shard_cell_load};
    struct engine_limits limits;

    installation_engine_limits(shard->world.installation, &limits);
    return engine_create(shard->plan, &host, &limits, &shard->run.engine);
}
