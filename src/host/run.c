/* run.c - a scenario compiled for a run, its models, its lines from the first to the last. */
#include <inttypes.h>
#include <stdlib.h>

#include "host/run_parts.h"

enum { MESSAGE_BYTES_MAX = 1 << 20 };

enum exit_code run_complain(struct run *run, enum exit_code code)
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
    return run_complain(run, status == STATUS_NOT_FOUND || status == STATUS_IO ? EXIT_INPUT
                                                                               : EXIT_PROBLEMS);
}

static enum exit_code run_lines(struct run *run)
{
    bool standard = strcmp(run->options->input, "-") == 0;
    FILE *input = standard ? stdin : fopen(run->options->input, "rbe");

    if (input == NULL) {
        buffer_clear(&run->message);
        buffer_append_text(&run->message, run->options->input);
        buffer_append_text(&run->message, ": the input cannot be opened");
        return run_complain(run, EXIT_INPUT);
    }
    enum exit_code code = run_take_lines(run, input);

    if (!standard) (void)fclose(input);
    if (code == EXIT_OK && run->options->state_hash) {
        (void)fprintf(run->options->messages, "state %016" PRIx64 "\n", engine_digest(run->engine));
    }
    return code == EXIT_OK ? run_finish(run) : code;
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
        return run_complain(run, EXIT_RUNTIME);
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
    buffer_init(&run.text, RUN_CALL_BYTES_MAX);
    arena_init(&run.arena, RUN_CALL_BYTES_MAX);
    arena_init(&run.calls, RUN_CALL_BYTES_MAX);
    run.pending = calloc(RUN_CALLS_MAX, sizeof(*run.pending));
    if (run.pending != NULL &&
        installation_open(options->config, &run.installation, &run.message) == STATUS_OK) {
        code = start(&run);
        installation_close(&run.installation);
    } else {
        code = run_complain(&run, EXIT_INPUT);
    }
    free(run.pending);
    arena_deinit(&run.calls);
    arena_deinit(&run.arena);
    buffer_deinit(&run.text);
    buffer_deinit(&run.message);
    return code;
}
