/* calls.c - enrichers and processors. Pure calls are answered in place; outside calls leave as an
 * effect while the event's live variables wait in a cell named by the call's identity. */
#include "engine/calls.h"

#include "codec/json.h"
#include "engine/instance.h"

static const struct plan_field *field_of(const struct plan_node *node, struct slice name)
{
    for (uint32_t i = 0; i < node->field_count; i++) {
        if (slice_equal(node->fields[i].name, name)) return &node->fields[i];
    }
    return NULL;
}

/* All parameters, as a record in their order. */
static enum status evaluate_parameters(struct engine *engine, const struct event *event,
                                       const struct plan_node *node, struct value *record)
{
    struct value_entry *entries =
        arena_alloc(&engine->scratch, node->field_count, sizeof(*entries));

    if (entries == NULL)
        return engine_fail(engine, STATUS_LIMIT, SLICE("the parameters are too large"), SLICE(""));
    for (uint32_t i = 0; i < node->field_count; i++) {
        const struct plan_field *field = &node->fields[i];
        enum status status = STATUS_OK;

        entries[i] = (struct value_entry){value_string(field->name), value_null()};
        if (field->expr != NULL) {
            status = engine_evaluate(engine, event, node, field, &entries[i].value);
        }
        if (status != STATUS_OK) return status;
    }
    *record = value_map(entries, node->field_count);
    return STATUS_OK;
}

static void set_output(struct engine *engine, const struct plan_node *node, struct value value)
{
    if (node->output_slot != PLAN_END) engine->slots[node->output_slot] = value;
}

/* A call that failed: what the configuration says of it. */
static enum status settle_failure(struct engine *engine, const struct plan_node *node,
                                  enum status status)
{
    if (node->call.on_failure == CALL_FAILURE_ERROR) return status;
    set_output(engine, node, value_null());
    return STATUS_OK;
}

/* The mock, or an empty answer. */
static enum status answer_with_mock(struct engine *engine, const struct event *event,
                                    const struct plan_node *node)
{
    struct plan_field mock = {SLICE("mockExpression"), node->call.mock};
    struct value value = value_null();
    enum status status = STATUS_OK;

    if (node->call.mock != NULL) {
        status = engine_evaluate(engine, event, node, &mock, &value);
    }
    if (status == STATUS_OK) set_output(engine, node, value);
    return status;
}

/* --- pure ----------------------------------------------------------------------------------------- */

static enum status text_setting(struct engine *engine, const struct event *event,
                                const struct plan_node *node, const struct expr *expr,
                                struct slice name, struct slice *text)
{
    struct plan_field setting = {name, expr};
    struct value value;
    enum status status = engine_evaluate(engine, event, node, &setting, &value);

    return status == STATUS_OK ? engine_text(engine, value, text) : status;
}

/* Whom a result is for. */
static enum status visitor_of(struct engine *engine, const struct event *event,
                              const struct plan_node *node, struct value parameters,
                              struct slice *visitor)
{
    struct value value;

    if (node->call.visitor != NULL)
        return text_setting(engine, event, node, node->call.visitor, SLICE("visitor"), visitor);
    if (field_of(node, SLICE("userId")) == NULL ||
        map_get(parameters, SLICE("userId"), &engine->scratch, &value) != STATUS_OK) {
        *visitor = (struct slice){0};
        return STATUS_OK;
    }
    return engine_text(engine, value, visitor);
}

static enum status emit_result(struct engine *engine, const struct event *event,
                               const struct plan_node *node, struct value parameters,
                               const struct call_answer *answer)
{
    struct slice visitor;
    struct slice event_id = event->event_id;
    struct effect *effect;
    enum status status = visitor_of(engine, event, node, parameters, &visitor);

    if (status == STATUS_OK && node->call.event_id != NULL) {
        status =
            text_setting(engine, event, node, node->call.event_id, SLICE("event_id"), &event_id);
    }
    if (status != STATUS_OK || visitor.len == 0) return status;
    status = engine_effect(engine, event, node, EFFECT_RESULT, &effect);
    if (status == STATUS_OK) status = arena_copy(&engine->out, visitor, &effect->key);
    if (status == STATUS_OK) status = arena_copy(&engine->out, event_id, &effect->event_id);
    if (status == STATUS_OK) status = arena_copy(&engine->out, answer->viewed, &effect->viewed);
    if (status == STATUS_OK) status = arena_copy(&engine->out, answer->candidates, &effect->value);
    return status;
}

static enum status call_pure(struct engine *engine, const struct event *event,
                             const struct plan_node *node)
{
    struct call_answer answer = {.value = value_null()};
    struct value parameters = value_null();

    if (engine->host.call == NULL) return answer_with_mock(engine, event, node);
    enum status status = evaluate_parameters(engine, event, node, &parameters);

    if (status != STATUS_OK) return status;
    status = engine->host.call(engine->host.context, node, parameters, event->now_ms,
                               &engine->scratch, &answer);
    if (status == STATUS_NOT_FOUND) return answer_with_mock(engine, event, node);
    if (status != STATUS_OK) {
        if (answer.message.data == NULL) answer.message = SLICE("the model gave no answer");
        return settle_failure(engine, node,
                              engine_fail(engine, STATUS_INVALID, answer.message, SLICE("Model")));
    }
    set_output(engine, node, answer.value);
    if (answer.candidates.len == 0) return STATUS_OK;
    return emit_result(engine, event, node, parameters, &answer);
}

/* --- outside -------------------------------------------------------------------------------------- */

static enum status name_of_call(struct engine *engine, const struct identity *identity,
                                struct slice *name)
{
    buffer_clear(&engine->json);
    identity_to_text(identity, &engine->json);
    return arena_copy(&engine->scratch, buffer_slice(&engine->json), name);
}

/* Keeps the event until the reply. */
static enum status park(struct engine *engine, const struct event *event,
                        const struct plan_node *node, const struct identity *identity,
                        struct value shown)
{
    struct cell_key key = {.node = node->index};
    struct slice bytes;
    struct cell *cell;
    enum status status = live_encode(engine, event, node, shown, &bytes);

    if (status == STATUS_OK) status = name_of_call(engine, identity, &key.key);
    if (status == STATUS_OK) status = cells_get(&engine->cells, &key, true, &cell);
    if (status != STATUS_OK) return status;
    if (cell->waiting.bytes != NULL) { /* the same call again: keep the first */
        return STATUS_OK;
    }
    cell->waiting.bytes = pool_alloc(&engine->pool, bytes.len);
    if (cell->waiting.bytes == NULL) {
        cells_remove(&engine->cells, cell);
        return engine_fail(engine, STATUS_LIMIT, SLICE("no memory for a waiting call"), SLICE(""));
    }
    memcpy(cell->waiting.bytes, bytes.data, bytes.len);
    cell->waiting.len = (uint32_t)bytes.len;
    cell->dirty = true;
    engine->calls_waiting++;
    return STATUS_OK;
}

static enum status call_outside(struct engine *engine, const struct event *event,
                                const struct plan_node *node)
{
    struct value parameters = value_null();
    struct value shown = value_null();
    struct slice request;
    struct slice key = event->key;
    struct effect *effect;

    if (engine->limits.mock_calls) return answer_with_mock(engine, event, node);
    if (engine->calls_waiting >= engine->limits.calls_waiting_max) {
        return settle_failure(
            engine, node,
            engine_fail(engine, STATUS_LIMIT, SLICE("too many calls wait for a reply"), SLICE("")));
    }
    enum status status = evaluate_parameters(engine, event, node, &parameters);

    if (status == STATUS_OK) status = call_request(engine, parameters, &request, &shown);
    if (status == STATUS_OK && key.data != NULL) status = arena_copy(&engine->out, key, &key);
    if (status == STATUS_OK) status = engine_effect(engine, event, node, EFFECT_CALL, &effect);
    if (status != STATUS_OK) return status;
    effect->key = key;
    effect->value = request;
    status = park(engine, event, node, &effect->identity, shown);
    if (status != STATUS_OK) {
        engine->effect_count--; /* nobody waits: it must not be sent */
        return status;
    }
    return STATUS_AGAIN;
}

enum status call_enter(struct engine *engine, struct event *event, const struct plan_node *node)
{
    switch (node->call.call_class) {
    case CALL_PURE: return call_pure(engine, event, node);
    case CALL_OUTSIDE: return call_outside(engine, event, node);
    }
    UNREACHABLE("call class outside the enum");
}

/* --- replies -------------------------------------------------------------------------------------- */

static enum status go_on(struct engine *engine, struct event *event, const struct plan_node *node,
                         enum status status, const struct engine_input *input, struct value shown)
{
    struct value output = value_null();

    if (status == STATUS_OK)
        status = call_output(engine, node, input->reply_status, input->bytes, shown, &output);
    if (status != STATUS_OK) {
        status = settle_failure(engine, node, status);
    } else {
        set_output(engine, node, output);
    }
    if (status != STATUS_OK) return engine_report(engine, event, node);
    return event_walk(engine, event, node->next_count > 0 ? node->next[0] : PLAN_END);
}

enum status call_reply(struct engine *engine, const struct engine_input *input)
{
    const struct plan_node *node = &engine->plan->nodes[input->node];
    struct cell_key key = {.node = input->node};
    struct event event = {0};
    struct value shown = value_null();
    struct cell *cell;
    enum status status = name_of_call(engine, &input->identity, &key.key);

    if (status == STATUS_OK) status = cells_get(&engine->cells, &key, false, &cell);
    if (status == STATUS_NOT_FOUND) return STATUS_OK; /* a reply that was already used */
    if (status != STATUS_OK) return status;
    struct slice bytes;

    status = arena_copy(&engine->scratch, (struct slice){cell->waiting.bytes, cell->waiting.len},
                        &bytes);
    if (status == STATUS_OK) status = live_decode(engine, bytes, &event, &shown);
    if (status == STATUS_CORRUPT) return status;
    cells_remove(&engine->cells, cell);
    if (engine->calls_waiting > 0) engine->calls_waiting--;
    event.identity = input->identity;
    event.now_ms = input->now_ms;
    event_reseed(&event);
    if (status != STATUS_OK)
        status = engine_fail(engine, status, SLICE("the event is too large"), SLICE(""));
    return go_on(engine, &event, node, status, input, shown);
}
