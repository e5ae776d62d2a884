/* run.c - lines in, steps, lines out. */
#include "host/run.h"

#include <inttypes.h>
#include <stdlib.h>

#include "codec/json.h"
#include "engine/engine.h"
#include "engine/watermark.h"

enum { MESSAGE_BYTES_MAX = 1 << 20, CALL_BYTES_MAX = 64 << 20, CALLS_MAX = 4096 };

/* A reply that waits to be stepped. */
struct pending {
    uint32_t node;
    struct identity identity;
    enum status status;
    struct slice payload;
};

struct run {
    const struct run_options *options;
    struct installation installation;
    struct scenario_environment real; /* the installation's; its place takes one that knows mocks */
    const struct plan *plan;
    struct engine *engine;
    struct watermark watermark;
    uint64_t offsets[WATERMARK_SOURCES_MAX];
    int64_t time_ms; /* of the line before */
    uint64_t line;
    struct arena arena; /* one line */
    struct arena calls; /* replies of one round, and of the next */
    struct pending *pending;
    uint32_t pending_count;
    struct buffer text; /* one line out */
    struct buffer message;
};

static enum exit_code complain(struct run *run, enum exit_code code)
{
    (void)fprintf(run->options->messages, "%.*s\n", (int)run->message.len,
                  (const char *)run->message.data);
    return code;
}

/* --- models ------------------------------------------------------------------------------------ */

/* The one signature this product knows: what a model that is not configured is taken to have, so
 * that a scenario can be tried without it. */
static bool model_signature_or_default(void *context, const struct scenario_model *wanted,
                                       struct arena *arena, const struct type **inputs,
                                       const struct type **outputs)
{
    struct run *run = context;
    const struct scenario_environment *real = &run->real;
    const struct type *text = type_of_class(CLASS_String);
    const struct type *texts = type_list(text, arena);
    const struct type *scores = type_list(type_of_class(CLASS_Double), arena);
    const struct type_field in[] = {
        {SLICE("userId"), text}, {SLICE("items"), texts}, {SLICE("timestamps"), texts}};
    const struct type_field out[] = {{SLICE("itemIds"), texts}, {SLICE("preds"), scores}};

    if (real->model(real->context, wanted, arena, inputs, outputs)) return true;
    if (run->options->outside != NULL || texts == NULL || scores == NULL) return false;
    *inputs = type_record(in, COUNT_OF(in), arena);
    *outputs = type_record(out, COUNT_OF(out), arena);
    return *inputs != NULL && *outputs != NULL;
}

static bool topic_of_installation(void *context, struct slice name, struct slice *schema_text)
{
    struct run *run = context;

    return run->real.topic(run->real.context, name, schema_text);
}

static struct slice setting_of_installation(void *context, struct slice node_id,
                                            const char *setting)
{
    struct run *run = context;

    return run->real.node_setting(run->real.context, node_id, setting);
}

static enum status empty_answer(const struct plan_node *node, struct arena *arena,
                                struct call_answer *answer)
{
    struct value_entry *entries = arena_alloc(arena, 2, sizeof(*entries));

    if (node->call.mock != NULL) return STATUS_NOT_FOUND; /* the engine evaluates it */
    if (entries == NULL) return STATUS_LIMIT;
    entries[0] = (struct value_entry){value_string(SLICE("itemIds")), value_list(NULL, 0)};
    entries[1] = (struct value_entry){value_string(SLICE("preds")), value_list(NULL, 0)};
    answer->value = value_map(entries, 2);
    return STATUS_OK;
}

static enum status call_model(void *context, const struct plan_node *node, struct value arguments,
                              int64_t now_ms, struct arena *arena, struct call_answer *answer)
{
    struct run *run = context;
    struct model *model =
        installation_model_find(&run->installation, node->call.model, node->call.version);
    struct model_answer made = {.value = value_null()};

    if (model == NULL) return empty_answer(node, arena, answer);
    enum status status = model_call(model, arguments, now_ms, arena, &made);

    *answer = (struct call_answer){.value = made.value,
                                   .candidates = made.candidates,
                                   .viewed = made.viewed,
                                   .message = made.message};
    return status;
}

/* --- lines out ---------------------------------------------------------------------------------- */

static void member(struct buffer *out, const char *name)
{
    buffer_append_byte(out, out->len == 0 ? '{' : ',');
    json_write_string(slice_of(name), out);
    buffer_append_byte(out, ':');
}

static void text_member(struct buffer *out, const char *name, struct slice text)
{
    member(out, name);
    if (text.data == NULL) {
        buffer_append_text(out, "null");
    } else {
        json_write_string(text, out);
    }
}

static void json_member(struct buffer *out, const char *name, struct slice json)
{
    member(out, name);
    buffer_append(out, json.len == 0 ? SLICE("null") : json);
}

static void time_member(struct buffer *out, int64_t time_ms)
{
    member(out, "timestamp");
    buffer_append_i64(out, time_ms);
}

static void write_output(struct run *run, const struct effect *effect)
{
    const struct plan_node *node = &run->plan->nodes[effect->node];
    struct buffer *out = &run->text;

    buffer_clear(out);
    text_member(out, "node", node->name);
    if (effect->kind == EFFECT_ERROR) {
        text_member(out, "error", effect->message);
        time_member(out, effect->time_ms);
        json_member(out, "event", effect->value);
    } else {
        text_member(out, "topic", effect->topic);
        text_member(out, "key", effect->key);
        time_member(out, effect->time_ms);
        if (node->kind == PLAN_SINK && node->topic.content == PLAN_CONTENT_PLAIN) {
            text_member(out, "value", effect->value);
        } else {
            json_member(out, "value", effect->value);
        }
    }
    buffer_append_text(out, "}\n");
    ASSERT(!out->failed);
    (void)fwrite(out->data, 1, out->len, run->options->out);
}

static enum status make_call(struct run *run, const struct effect *effect)
{
    struct pending *pending;

    if (run->pending_count == CALLS_MAX) return STATUS_LIMIT;
    pending = &run->pending[run->pending_count++];
    *pending = (struct pending){.node = effect->node, .identity = effect->identity};
    pending->status =
        run->options->outside(run->options->outside_context, &run->installation.config,
                              effect->value, &run->calls, &pending->payload);
    return STATUS_OK;
}

static enum status take_effects(struct run *run, const struct effect_list *effects)
{
    for (uint32_t i = 0; i < effects->count; i++) {
        const struct effect *effect = &effects->items[i];
        enum status status = STATUS_OK;

        switch (effect->kind) {
        case EFFECT_EMIT:
        case EFFECT_DEBUG:
        case EFFECT_ERROR: write_output(run, effect); break;
        case EFFECT_CALL: status = make_call(run, effect); break;
        case EFFECT_RESULT: break; /* there is no page to show it on */
        case EFFECT_HANDOVER: UNREACHABLE("one instance cuts nothing");
        }
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* Steps one input and every reply it leads to. */
static enum status step(struct run *run, struct engine_input input)
{
    struct effect_list effects;
    enum status status = engine_step(run->engine, &input, 1, &effects);

    run->pending_count = 0;
    arena_reset(&run->calls);
    if (status == STATUS_OK) status = take_effects(run, &effects);
    for (uint32_t i = 0; i < run->pending_count && status == STATUS_OK; i++) {
        const struct pending *pending = &run->pending[i];

        input.kind = INPUT_REPLY;
        input.node = pending->node;
        input.identity = pending->identity;
        input.reply_status = pending->status;
        input.bytes = pending->payload;
        status = engine_step(run->engine, &input, 1, &effects);
        if (status == STATUS_OK) status = take_effects(run, &effects);
    }
    return status;
}

/* --- lines in ----------------------------------------------------------------------------------- */

static enum exit_code refuse_line(struct run *run, const char *what, struct slice detail)
{
    buffer_clear(&run->message);
    buffer_append_text(&run->message, run->options->input);
    buffer_append_byte(&run->message, ':');
    buffer_append_u64(&run->message, run->line);
    buffer_append_text(&run->message, ": ");
    buffer_append_text(&run->message, what);
    buffer_append(&run->message, detail);
    return complain(run, EXIT_INPUT);
}

static bool is_text(const struct document *document, uint32_t at)
{
    enum document_kind kind = document->nodes[at].kind;

    return kind == DOCUMENT_STRING || kind == DOCUMENT_ESCAPED_STRING;
}

/* The text of a member: a string decoded, anything else as it stands; data NULL: null or missing. */
static enum status member_text(struct run *run, const struct document *document, uint32_t at,
                               bool decode, struct slice *text)
{
    *text = (struct slice){0};
    if (at == 0 || document->nodes[at].kind == DOCUMENT_NULL) return STATUS_OK;
    bool string = is_text(document, at);

    *text = document_text(document, at);
    if (string && decode) return document_string(document, at, &run->arena, text);
    if (string) *text = (struct slice){text->data - 1, text->len + 2}; /* with its quotes */
    return STATUS_OK;
}

static enum exit_code find_source(struct run *run, const struct document *document,
                                  uint32_t *source)
{
    uint32_t at = document == NULL ? 0 : document_member(document, 0, SLICE("topic"));
    struct slice topic = {0};

    *source = 0;
    if (at == 0 || document->nodes[at].kind == DOCUMENT_NULL) {
        if (run->plan->source_count == 1) return EXIT_OK;
        return refuse_line(run, "a scenario with several sources needs a \"topic\" in every line",
                           (struct slice){0});
    }
    if (member_text(run, document, at, true, &topic) != STATUS_OK)
        return refuse_line(run, "the line is too large", (struct slice){0});
    if (!is_text(document, at)) return refuse_line(run, "\"topic\" is no text but ", topic);
    for (uint32_t i = 0; i < run->plan->source_count; i++) {
        const struct plan_node *node = &run->plan->nodes[run->plan->sources[i]];

        *source = i;
        if (slice_equal(node->topic.name, topic)) return EXIT_OK;
    }
    return refuse_line(run, "no source of the scenario reads the topic ", topic);
}

static enum exit_code read_timestamp(struct run *run, const struct document *document)
{
    uint32_t at = document_member(document, 0, SLICE("timestamp"));

    if (at == 0) return EXIT_OK;
    if (document->nodes[at].kind != DOCUMENT_NUMBER ||
        slice_to_i64(document_text(document, at), &run->time_ms) != STATUS_OK) {
        return refuse_line(run, "\"timestamp\" is no whole number of milliseconds",
                           (struct slice){0});
    }
    return EXIT_OK;
}

static enum exit_code step_record(struct run *run, uint32_t source, const struct record *record)
{
    uint32_t node = run->plan->sources[source];
    struct engine_input input = {
        .kind = INPUT_RECORD,
        .node = node,
        .topic_id = source,
        .record = record,
        .topic_name = run->plan->nodes[node].topic.name,
        .watermark_ms = run->watermark.current_ms,
        .now_ms = record->time_ms,
    };
    enum status status = step(run, input);

    (void)watermark_advance(&run->watermark, source, record->time_ms, record->time_ms);
    if (status == STATUS_OK) return EXIT_OK;
    (void)refuse_line(run, "the run had to stop: ", slice_of(status_meaning(status)));
    return EXIT_RUNTIME;
}

static enum exit_code take_line(struct run *run, struct slice line)
{
    struct document document;
    struct json_error error = {0};
    struct record record = {0};
    uint32_t source = 0;
    enum exit_code code = EXIT_OK;

    arena_reset(&run->arena);
    if (run->options->bare) {
        code = find_source(run, NULL, &source);
        record.value = line;
    } else {
        if (json_parse(line, &json_limits_default, &run->arena, &document, &error) != STATUS_OK ||
            document.nodes[0].kind != DOCUMENT_OBJECT) {
            return refuse_line(run, "the line is no JSON object: ",
                               slice_of(error.message == NULL ? "" : error.message));
        }
        code = find_source(run, &document, &source);
        if (code == EXIT_OK) code = read_timestamp(run, &document);
        if (code != EXIT_OK) return code;
        bool plain =
            run->plan->nodes[run->plan->sources[source]].topic.content == PLAN_CONTENT_PLAIN;
        uint32_t key_at = document_member(&document, 0, SLICE("key"));
        uint32_t value_at = document_member(&document, 0, SLICE("value"));

        if (member_text(run, &document, key_at, true, &record.key) != STATUS_OK ||
            member_text(run, &document, value_at, plain, &record.value) != STATUS_OK)
            return refuse_line(run, "the line is too large", (struct slice){0});
    }
    if (code != EXIT_OK) return code;
    record.offset = run->offsets[source]++;
    record.time_ms = run->time_ms;
    return step_record(run, source, &record);
}

static enum exit_code take_lines(struct run *run, FILE *input)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t len;
    enum exit_code code = EXIT_OK;

    while (code == EXIT_OK && (len = getline(&text, &capacity, input)) > 0) {
        size_t bytes = (size_t)len;

        run->line++;
        while (bytes > 0 && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r'))
            bytes--;
        if (bytes == 0) continue;
        if (bytes > RUN_LINE_BYTES_MAX) {
            code = refuse_line(run, "the line is longer than 16 MiB", (struct slice){0});
        } else {
            code = take_line(run, (struct slice){(const uint8_t *)text, bytes});
        }
    }
    free(text);
    return code;
}

/* Nothing more comes: every timer fires. */
static enum exit_code finish(struct run *run)
{
    struct engine_input input = {.kind = INPUT_WATERMARK,
                                 .watermark_ms = INT64_MAX,
                                 .now_ms = run->time_ms,
                                 .identity = {.offset = run->line}};

    if (step(run, input) == STATUS_OK) return EXIT_OK;
    (void)refuse_line(run, "the run had to stop at its end", (struct slice){0});
    return EXIT_RUNTIME;
}

/* --- the run ------------------------------------------------------------------------------------ */

static enum exit_code compile(struct run *run)
{
    struct scenario_environment *environment = &run->installation.environment;

    run->real = *environment;
    environment->context = run;
    environment->topic = topic_of_installation;
    environment->model = model_signature_or_default;
    environment->node_setting = setting_of_installation;
    buffer_clear(&run->message);
    enum status status = installation_compile(&run->installation, run->options->scenario,
                                              &run->plan, NULL, &run->message);

    if (status == STATUS_OK && run->plan->source_count > WATERMARK_SOURCES_MAX) {
        buffer_append_text(&run->message, "the scenario has more than 16 sources");
        status = STATUS_LIMIT;
    }
    if (status == STATUS_OK) return EXIT_OK;
    return complain(run,
                    status == STATUS_NOT_FOUND || status == STATUS_IO ? EXIT_INPUT : EXIT_PROBLEMS);
}

static enum exit_code run_lines(struct run *run)
{
    bool standard = strcmp(run->options->input, "-") == 0;
    FILE *input = standard ? stdin : fopen(run->options->input, "rbe");

    if (input == NULL) {
        buffer_clear(&run->message);
        buffer_append_text(&run->message, run->options->input);
        buffer_append_text(&run->message, ": the input cannot be opened");
        return complain(run, EXIT_INPUT);
    }
    enum exit_code code = take_lines(run, input);

    if (!standard) (void)fclose(input);
    if (code == EXIT_OK && run->options->state_hash) {
        (void)fprintf(run->options->messages, "state %016" PRIx64 "\n", engine_digest(run->engine));
    }
    return code == EXIT_OK ? finish(run) : code;
}

static enum exit_code start(struct run *run)
{
    struct engine_host host = {.context = run, .call = call_model};
    struct engine_limits limits;
    enum exit_code code = compile(run);

    if (code != EXIT_OK) return code;
    installation_engine_limits(&run->installation, &limits);
    limits.mock_calls = run->options->outside == NULL;
    watermark_init(&run->watermark, run->plan->source_count);
    if (engine_create(run->plan, &host, &limits, &run->engine) != STATUS_OK) {
        buffer_append_text(&run->message, "the scenario does not fit into memory");
        return complain(run, EXIT_RUNTIME);
    }
    code = run_lines(run);
    if (fflush(run->options->out) != 0) code = EXIT_RUNTIME;
    engine_destroy(run->engine);
    return code;
}

enum exit_code run_scenario(const struct run_options *options)
{
    struct run run = {.options = options};
    enum exit_code code = EXIT_INPUT;

    buffer_init(&run.message, MESSAGE_BYTES_MAX);
    buffer_init(&run.text, CALL_BYTES_MAX);
    arena_init(&run.arena, CALL_BYTES_MAX);
    arena_init(&run.calls, CALL_BYTES_MAX);
    run.pending = calloc(CALLS_MAX, sizeof(*run.pending));
    if (run.pending != NULL &&
        installation_open(options->config, &run.installation, &run.message) == STATUS_OK) {
        code = start(&run);
        installation_close(&run.installation);
    } else {
        code = complain(&run, EXIT_INPUT);
    }
    free(run.pending);
    arena_deinit(&run.calls);
    arena_deinit(&run.arena);
    buffer_deinit(&run.text);
    buffer_deinit(&run.message);
    return code;
}
