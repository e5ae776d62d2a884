/* engine.c - the instance: making it, stepping it, saving it.
 *
 * Besides cells there is one record of the instance itself, stored under a node that no plan has:
 *   | version u8 | watermark i64 | sum of stored hashes u64 | calls waiting u64 |      little-endian
 */
#include "engine/engine.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "codec/json.h"
#include "engine/instance.h"

enum { STATE_NODE = UINT32_MAX, STATE_BYTES = 25, PLAN_MEMORY_MAX = 64 * 1024 * 1024 };

const struct engine_limits engine_limits_default = {
    .keys_max = 1000000,
    .elements_max = 10000,
    .batch_bytes_max = 4 * 1024 * 1024,
    .calls_waiting_max = 10000,
    .expr = {.fuel = 1000000, .result_bytes_max = 4 * 1024 * 1024},
};

/* --- making ------------------------------------------------------------------------------------ */

static bool reads_slot(const struct expr *expr, uint32_t slot)
{
    const uint32_t *slots;

    if (expr == NULL) return false;
    uint32_t count = expr_slots_read(expr, &slots);

    for (uint32_t i = 0; i < count; i++) {
        if (slots[i] == slot) return true;
    }
    return false;
}

static bool node_reads_slot(const struct plan_node *node, uint32_t slot)
{
    for (uint32_t i = 0; i < node->field_count; i++) {
        if (reads_slot(node->fields[i].expr, slot)) return true;
    }
    if (node->kind == PLAN_SLIDING) {
        return reads_slot(node->sliding.group_by, slot) ||
               reads_slot(node->sliding.aggregate_by, slot);
    }
    if (node->kind == PLAN_CALL) {
        return reads_slot(node->call.mock, slot) || reads_slot(node->call.visitor, slot) ||
               reads_slot(node->call.event_id, slot);
    }
    return node->kind == PLAN_DEBUG; /* shows every variable */
}

static bool any_reads_slot(const struct plan *plan, uint32_t slot)
{
    for (uint32_t i = 0; i < plan->node_count; i++) {
        if (node_reads_slot(&plan->nodes[i], slot)) return true;
    }
    return false;
}

static enum status prepare_sliding(struct engine *engine, const struct plan_node *node)
{
    const struct plan_sliding *sliding = &node->sliding;
    struct sliding_plan *prepared = &engine->sliding[node->index];
    struct expr_problems problems = {0};
    const struct type *output = aggregator_type(
        &sliding->aggregator, expr_type(sliding->aggregate_by), &engine->plan_memory, &problems);

    if (output == NULL) return STATUS_INVALID;
    prepared->length_ms = sliding->length_ms;
    prepared->emit_when_left = sliding->emit_when_left;
    return aggregate_make(&sliding->aggregator, output, &prepared->aggregate);
}

static enum status prepare(struct engine *engine)
{
    const struct plan *plan = engine->plan;
    struct arena *arena = &engine->plan_memory;

    engine->sliding = arena_zalloc(arena, plan->node_count, sizeof(*engine->sliding));
    engine->counters = arena_zalloc(arena, plan->node_count, sizeof(*engine->counters));
    engine->slots = arena_zalloc(arena, plan->slot_count, sizeof(*engine->slots));
    engine->hops = arena_zalloc(arena, plan->node_count, sizeof(*engine->hops));
    if (engine->sliding == NULL || engine->counters == NULL || engine->slots == NULL ||
        engine->hops == NULL)
        return STATUS_LIMIT;
    for (uint32_t i = 0; i < plan->node_count; i++) {
        const struct plan_node *node = &plan->nodes[i];

        ASSERT(node->index == i);
        if (node->kind != PLAN_SLIDING) continue;
        enum status status = prepare_sliding(engine, node);

        if (status != STATUS_OK) return status;
    }
    engine->uses_input_meta = any_reads_slot(plan, plan->input_meta_slot);
    return cells_init(&engine->cells, &engine->host, engine->sliding, &engine->pool,
                      &engine->scratch);
}

/* What an earlier life of the instance left besides its cells. */
static enum status restore(struct engine *engine)
{
    struct cell_key key = {.node = STATE_NODE};
    struct slice bytes = {0};

    if (engine->host.cell_load == NULL) return STATUS_OK;
    enum status status =
        engine->host.cell_load(engine->host.context, &key, &engine->scratch, &bytes);

    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && bytes.len == 0)) return STATUS_OK;
    if (status != STATUS_OK) return status;
    struct byte_reader reader = byte_reader(bytes);

    if (bytes.len != STATE_BYTES || read_u8(&reader) != STATE_VERSION) return STATUS_CORRUPT;
    engine->watermark_ms = (int64_t)read_le64(&reader);
    engine->cells.stored_sum = read_le64(&reader);
    engine->calls_waiting = read_le64(&reader);
    return STATUS_OK;
}

enum status engine_create(const struct plan *plan, const struct engine_host *host,
                          const struct engine_limits *limits, struct engine **engine)
{
    struct engine *made = calloc(1, sizeof(*made));

    ASSERT(plan->node_count > 0 && plan->node_count <= PLAN_NODES_MAX);
    ASSERT(limits->batch_bytes_max > 0 && limits->keys_max > 0);
    *engine = NULL;
    if (made == NULL) return STATUS_LIMIT;
    made->plan = plan;
    made->host = *host;
    made->limits = *limits;
    made->watermark_ms = INT64_MIN;
    arena_init(&made->plan_memory, PLAN_MEMORY_MAX);
    arena_init(&made->scratch, limits->batch_bytes_max);
    arena_init(&made->out, SIZE_MAX / 2); /* bounded by inputs * what one may use */
    pool_init(&made->pool);
    buffer_init(&made->json, limits->batch_bytes_max);
    buffer_init(&made->live, limits->batch_bytes_max);
    buffer_init(&made->one, limits->batch_bytes_max);
    enum status status = prepare(made);

    /* the first chunks, so that copies of nothing have an address */
    if (arena_alloc(&made->scratch, 1, 1) == NULL || arena_alloc(&made->out, 1, 1) == NULL)
        status = STATUS_LIMIT;
    if (status == STATUS_OK) status = restore(made);
    if (status != STATUS_OK) {
        engine_destroy(made);
        return status;
    }
    *engine = made;
    return STATUS_OK;
}

void engine_destroy(struct engine *engine)
{
    if (engine == NULL) return;
    cells_deinit(&engine->cells);
    timers_deinit(&engine->timers);
    pool_deinit(&engine->pool);
    buffer_deinit(&engine->json);
    buffer_deinit(&engine->live);
    buffer_deinit(&engine->one);
    arena_deinit(&engine->scratch);
    arena_deinit(&engine->out);
    arena_deinit(&engine->plan_memory);
    free(engine->effects);
    free(engine);
}

/* --- inputs ------------------------------------------------------------------------------------ */

static struct slice event_id_of(const struct record *record)
{
    for (uint32_t i = 0; i < record->header_count; i++) {
        if (slice_equal(record->headers[i].name, SLICE(RECORD_HEADER_EVENT_ID)))
            return record->headers[i].value;
    }
    return (struct slice){0};
}

/* For errors the event must be JSON: what is none is shown as a text. */
static void source_as_text(struct engine *engine, const struct plan_node *node, struct event *event)
{
    struct document document;
    struct json_error error;
    struct slice json;

    if (node->topic.content != PLAN_CONTENT_PLAIN &&
        json_parse(event->source, &json_limits_default, &engine->scratch, &document, &error) ==
            STATUS_OK)
        return;

    buffer_clear(&engine->json);
    json_write_string(event->source, &engine->json);
    if (engine->json.failed ||
        arena_copy(&engine->scratch, buffer_slice(&engine->json), &json) != STATUS_OK)
        json = SLICE("null");
    event->source = json;
}

/* Topics are numbered by whoever hosts the engine; by its name a record is the same everywhere. */
static uint64_t origin_of(const struct engine_input *input)
{
    uint8_t place[16];

    put_be64(place, input->record->offset);
    put_be64(place + 8, input->partition);
    return hash_bytes((struct slice){place, sizeof(place)}, hash_bytes(input->topic_name, 0));
}

static enum status take_record(struct engine *engine, const struct engine_input *input,
                               const struct identity *identity)
{
    const struct plan *plan = engine->plan;
    const struct plan_node *node = &plan->nodes[input->node];
    const struct record *record = input->record;
    struct event event = {.identity = *identity,
                          .time_ms = record->time_ms,
                          .now_ms = input->now_ms,
                          .origin = origin_of(input),
                          .key = record->key,
                          .event_id = event_id_of(record),
                          .source = record->value};

    ASSERT(node->kind == PLAN_SOURCE);
    event_reseed(&event);
    enum status status = source_decode(engine, node, input, &engine->slots[plan->input_slot]);

    if (status != STATUS_OK || node->topic.content == PLAN_CONTENT_PLAIN)
        source_as_text(engine, node, &event);
    if (status == STATUS_OK && engine->uses_input_meta)
        status = source_meta(engine, input, &engine->slots[plan->input_meta_slot]);
    if (status == STATUS_OK) return event_walk(engine, &event, input->node);
    engine->counters[node->index].events++;
    return engine_report(engine, &event, node);
}

static enum status take_handover(struct engine *engine, const struct engine_input *input)
{
    const struct plan_node *node = &engine->plan->nodes[input->node];
    struct event event = {0};
    struct value element;
    enum status status = live_decode(engine, input->bytes, &event, &element);

    ASSERT(node->kind == PLAN_SLIDING);
    if (status == STATUS_CORRUPT) return status;
    event.identity = input->identity;
    event_reseed(&event);
    engine->counters[node->index].events++;
    if (status != STATUS_OK) {
        status = engine_fail(engine, status, SLICE("the event is too large"), SLICE(""));
    } else {
        status = keyed_apply(engine, &event, node, element);
    }
    if (status == STATUS_CORRUPT || status == STATUS_IO) return status;
    if (status != STATUS_OK) return engine_report(engine, &event, node);
    return event_walk(engine, &event, node->next_count > 0 ? node->next[0] : PLAN_END);
}

static struct identity input_identity(const struct engine_input *input)
{
    if (input->kind != INPUT_RECORD) return input->identity;
    return (struct identity){.topic_id = input->topic_id,
                             .partition = input->partition,
                             .offset = input->record->offset};
}

static void begin_event(struct engine *engine)
{
    arena_reset(&engine->scratch);
    memset(engine->slots, 0, engine->plan->slot_count * sizeof(*engine->slots));
    engine->slots[engine->plan->meta_slot] = engine->plan->meta;
}

static enum status take(struct engine *engine, const struct engine_input *input)
{
    struct identity identity = input_identity(input);
    enum status status = STATUS_OK;

    if (input->watermark_ms > engine->watermark_ms) {
        engine->watermark_ms = input->watermark_ms;
        status = keyed_fire(engine, &identity, input->watermark_ms, input->now_ms);
        if (status != STATUS_OK) return status;
    }
    begin_event(engine);
    switch (input->kind) {
    case INPUT_RECORD: return take_record(engine, input, &identity);
    case INPUT_REPLY: return call_reply(engine, input);
    case INPUT_HANDOVER: return take_handover(engine, input);
    case INPUT_WATERMARK:
    case INPUT_TICK: return STATUS_OK;
    }
    UNREACHABLE("input kind outside the enum");
}

enum status engine_step(struct engine *engine, const struct engine_input *inputs,
                        uint32_t input_count, struct effect_list *effects)
{
    arena_reset(&engine->out);
    engine->effect_count = 0;
    *effects = (struct effect_list){0};
    if (engine->poison != STATUS_OK) return engine->poison;
    cells_shrink(&engine->cells, engine->limits.keys_max);
    for (uint32_t i = 0; i < input_count; i++) {
        enum status status = take(engine, &inputs[i]);

        if (status == STATUS_OK) continue;
        engine->poison = status == STATUS_CORRUPT ? STATUS_CORRUPT : STATUS_IO;
        return engine->poison;
    }
    *effects = (struct effect_list){engine->effects, engine->effect_count};
    return STATUS_OK;
}

/* --- saving ------------------------------------------------------------------------------------ */

enum status engine_checkpoint(struct engine *engine, const struct cell_writer *writer)
{
    struct cell_key key = {.node = STATE_NODE};
    uint8_t bytes[STATE_BYTES];

    if (engine->poison != STATUS_OK) return engine->poison;
    enum status status = cells_checkpoint(&engine->cells, writer);

    if (status != STATUS_OK) return status;
    bytes[0] = STATE_VERSION;
    put_le64(bytes + 1, (uint64_t)engine->watermark_ms);
    put_le64(bytes + 9, engine->cells.stored_sum);
    put_le64(bytes + 17, engine->calls_waiting);
    return writer->write(writer->context, &key, (struct slice){bytes, sizeof(bytes)});
}

enum status engine_restore_timer(struct engine *engine, const struct cell_key *key, int64_t time_ms)
{
    if (key->node >= engine->plan->node_count ||
        engine->plan->nodes[key->node].kind != PLAN_SLIDING || key->key.len > CELL_KEY_BYTES_MAX)
        return STATUS_CORRUPT;
    return timers_add(&engine->timers, &engine->pool, key, time_ms);
}

uint64_t engine_digest(struct engine *engine)
{
    return cells_digest(&engine->cells) + (uint64_t)engine->watermark_ms * 0x9e3779b97f4a7c15ULL +
           engine->calls_waiting;
}

const struct node_counters *engine_counters(const struct engine *engine)
{
    return engine->counters;
}
